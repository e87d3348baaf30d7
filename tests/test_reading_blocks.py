"""Block ids stay when other blocks change; marks keep their places while space collapses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrator.model import BlockKind, Mark
from narrator.reading import read
from narrator.reading.blocks import ID_DIGITS, Draft, number
from narrator.reading.inline import Writing

KINDS: tuple[BlockKind, ...] = ("paragraph", "heading", "list_item", "quote")
drafts = st.lists(
    st.builds(Draft, st.sampled_from(KINDS), st.text("ab \u00ad\u00e9", min_size=1, max_size=4)),
    max_size=12,
)


def ids(of: list[Draft]) -> list[str]:
    return [block.id for block in number(of)]


def key(draft: Draft) -> tuple[str, str]:
    return draft.kind, " ".join(draft.text.replace("\u00ad", "").split())


@given(drafts, st.data())
def test_an_edit_leaves_the_ids_of_other_blocks(before: list[Draft], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(before)))
    new = data.draw(st.builds(Draft, st.sampled_from(KINDS), st.text("xyz", min_size=1)))
    what = data.draw(st.sampled_from(["add", "replace", "remove"]))
    gone = before[place : place + (what != "add")]
    after = [*before[:place], *([new] if what != "remove" else []), *before[place + len(gone) :]]
    touched = {key(draft) for draft in (*gone, new)}

    old, now = dict.fromkeys(ids(before)), dict.fromkeys(ids(after))
    untouched = [i for i, draft in enumerate(before) if key(draft) not in touched]
    kept = [block for block, draft in zip(now, after, strict=True) if key(draft) not in touched]
    assert kept == [list(old)[i] for i in untouched]


@given(drafts)
def test_ids_are_unique_and_short(of: list[Draft]) -> None:
    numbered = ids(of)
    assert len(set(numbered)) == len(numbered)
    assert all(each.startswith("b1-") and len(each) == 3 + ID_DIGITS for each in numbered)


def test_ids_do_not_see_what_a_reader_does_not() -> None:
    same = ["caf\u00e9 au lait", "cafe\u0301  au\nlait", "ca\u00adf\u00e9 au\u00a0lait\u200b"]
    assert len({number([Draft("paragraph", text)])[0].id for text in same}) == 1
    assert ids([Draft("paragraph", "a")]) != ids([Draft("heading", "a")])


def test_the_same_ids_from_html_markdown_and_text() -> None:
    markdown = "# One day\n\nIt *rained* all day.\n\n## Later\n\n- Then\n- it stopped.\n\nThe end."
    html = (
        "<h1>One day</h1><p>It <em>rained</em> all&nbsp;day.</p><h2>Later</h2>"
        "<ul><li>Then</li><li>it stopped.</li></ul><p>The end.</p>"
    )
    text = "One day\n\nIt rained all day.\n\nLater\n\n- Then\n- it stopped.\n\nThe end."
    articles = [
        read(markdown, format="markdown"), read(html, format="html"), read(text, format="text")
    ]  # fmt: skip
    assert len({article.title for article in articles}) == 1
    assert len({tuple(block.id for block in article.blocks) for article in articles}) == 1


def test_marks_keep_their_places_while_white_space_collapses() -> None:
    writing = Writing()
    writing.write("  One\n ")
    writing.open("b", [("strong", "")])
    writing.write(" two")
    writing.open("a", [("link", "/x")])
    writing.write("\u00ad-three ")
    writing.close("a")
    writing.close("b")
    writing.write("four ")
    text, marks = writing.cut()
    assert text == "One two-three four"
    assert [(mark.kind, text[mark.start : mark.end]) for mark in marks] == [
        ("strong", "two-three"),
        ("link", "-three"),
    ]


def test_a_mark_that_is_open_at_a_cut_goes_on_in_the_next_block() -> None:
    writing = Writing()
    writing.open("i", [("emphasis", "")])
    writing.write("one")
    first = writing.cut()
    writing.write("two")
    writing.close("i")
    assert first == ("one", (Mark("emphasis", 0, 3),))
    assert writing.cut() == ("two", (Mark("emphasis", 0, 3),))


@pytest.mark.parametrize("name", ["b", "never opened"])
def test_closing_what_is_not_open_changes_nothing(name: str) -> None:
    writing = Writing()
    writing.close(name)
    writing.write("text")
    assert writing.cut() == ("text", ())
