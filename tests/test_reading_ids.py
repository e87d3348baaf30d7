"""Block ids of whole articles: random edits leave the others, and HTML and Markdown agree."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from narrator.model import Article
from narrator.reading import read

WORDS = (
    "river stone lantern harbour winter orchard copper window silver meadow candle thunder "
    "garden bridge feather island kettle marble needle pepper ribbon saddle timber valley"
).split()

Part = tuple[str, str]
"""Kind and text of a block to be written."""

SENTENCE = st.lists(st.sampled_from(WORDS), min_size=9, max_size=14).map(
    lambda words: f"{' '.join(words).capitalize()}."
)
PART = st.tuples(st.sampled_from(["p", "p", "p", "h2", "li", "blockquote", "pre"]), SENTENCE)
PARTS = st.lists(PART, min_size=4, max_size=14)
EDIT = st.tuples(st.sampled_from(["add", "replace", "remove", "swap"]), st.integers(0, 99), PART)


def as_html(parts: list[Part]) -> str:
    body = "".join(
        f"<ul><li>{text}</li></ul>" if kind == "li" else f"<{kind}>{text}</{kind}>"
        for kind, text in parts
    )
    return (
        f"<html lang=en><body><article><h1>A title</h1>{body}<p>{END}</p></article></body></html>"
    )


def as_markdown(parts: list[Part]) -> str:
    marks = {"p": "", "h2": "## ", "li": "- ", "blockquote": "> "}
    body = [
        f"```\n{text}\n```" if kind == "pre" else f"{marks[kind]}{text}" for kind, text in parts
    ]
    return "\n\n".join(["# A title", *body, END])


END = "This is where it ends, after all that was said about stones and rivers and winters."


def ids(article: Article) -> dict[tuple[str, str], list[str]]:
    """Kind and text -> the ids of such blocks, in order."""
    found: dict[tuple[str, str], list[str]] = {}
    for block in article.blocks:
        found.setdefault((block.kind, block.text), []).append(block.id)
    return found


def edited(parts: list[Part], edit: tuple[str, int, Part]) -> list[Part]:
    what, number, part = edit
    place = number % len(parts)
    if what == "add":
        return [*parts[:place], part, *parts[place:]]
    if what == "replace":
        return [*parts[:place], part, *parts[place + 1 :]]
    if what == "remove":
        return [*parts[:place], *parts[place + 1 :]] if len(parts) > 1 else parts
    other = (place + 1) % len(parts)
    swapped = list(parts)
    swapped[place], swapped[other] = parts[other], parts[place]
    return swapped


@settings(max_examples=60, deadline=None)
@given(PARTS, st.lists(EDIT, min_size=1, max_size=8))
def test_random_edits_leave_the_ids_of_what_they_do_not_touch(
    parts: list[Part], edits: list[tuple[str, int, Part]]
) -> None:
    now = parts
    before = ids(read(as_html(now), format="html"))
    for edit in edits:
        now = edited(now, edit)
        after = ids(read(as_html(now), format="html"))
        for key, known in before.items():
            # Equal blocks are numbered in order: as many as are left keep the first ids.
            count = min(len(known), len(after.get(key, ())))
            assert after.get(key, [])[:count] == known[:count]
        before = after


@settings(max_examples=40, deadline=None)
@given(st.lists(PART, min_size=4, max_size=14, unique_by=lambda part: part[1]))
def test_html_and_markdown_give_the_same_ids(parts: list[Part]) -> None:
    page, text = read(as_html(parts), format="html"), read(as_markdown(parts), format="markdown")
    ours, theirs = ids(page), ids(text)
    for key in ours.keys() & theirs.keys():
        count = min(len(ours[key]), len(theirs[key]))
        assert ours[key][:count] == theirs[key][:count]
    # A heading with nothing below is dropped from a page; else both have all.
    assert {key for key in theirs.keys() - ours.keys() if key[0] != "heading"} == set()
