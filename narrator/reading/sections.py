"""What the drafts around a draft tell of it: headings that announce furniture, labels of links,
sections of which nothing is left, lines that stand there again and again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from narrator.reading.blocks import Draft
from narrator.reading.lines import reason_of_line
from narrator.reading.page import Found
from narrator.reading.prose import SENTENCE_ENDS, count_words, home_of, linked

_LINKED = 0.6
"""Share of linked characters from which a block is no prose."""

PROSE_WORDS = 15
"""A block of so many words that ends a sentence is text, whatever its element is called."""

FEW_WORDS = 8
"""Likewise, in the midst of the article."""

_ANNOUNCED = {
    "author box", "comments", "newsletter box", "promotion", "related links", "share bar", "tags",
}  # fmt: skip
"""Reasons that a heading tells for all that is below it, up to the next heading of its level."""

_MAY_HEAD = {"promotion", "share bar", "tags"}
"""Those of them that the heading of a section of the article may seem to tell."""

_MOST = 0.6
"""Share of the article's prose after which a heading may announce furniture."""

_OFTEN = 3
"""Times that a line stands in an article from which it is a label of its layout."""

_LABEL_WORDS = 6
_LABELLED = re.compile(r"(?P<label>[^\W\d][^:]{1,24}:)\s.{1,40}")
_DIGITS = re.compile(r"\d+")


def is_prose(draft: Draft, words: int = PROSE_WORDS) -> bool:
    """Whether the draft tells something in sentences."""
    return (
        draft.kind not in ("heading", "code")
        and count_words(draft.text) >= words
        and draft.text.endswith(SENTENCE_ENDS)
        and linked(draft) < _LINKED * len(draft.text)
    )


def without_announced(
    found: Sequence[Found], told: Sequence[str], kept: Sequence[bool], language: str
) -> list[str]:
    """The reasons, all included that is below a heading such as "Comments" or "Related stories"
    after most of the article. "Share what you know" may head a section: of what is no list of
    others' words, prose that is `kept` stays."""
    reasons = list(told)
    sizes = [
        len(each.draft.text) if not reason and is_prose(each.draft) else 0
        for each, reason in zip(found, told, strict=True)
    ]
    before, whole = 0, sum(sizes)
    announced, level = "", 7
    for i, each in enumerate(found):
        draft = each.draft
        if draft.kind == "heading":
            reason = reason_of_line(draft.text, language)
            if (
                before >= _MOST * whole > 0
                and reason in _ANNOUNCED
                and not (reason in _MAY_HEAD and _heads_text(found, kept, i))
            ):
                announced, level = reason, draft.level
            elif draft.level <= level:
                announced, level = "", 7
        reasons[i] = reasons[i] or announced
        before += sizes[i]
    return reasons


def _heads_text(found: Sequence[Found], kept: Sequence[bool], i: int) -> bool:
    """Whether prose that is kept stands between heading i and the next."""
    for j in range(i + 1, len(found)):
        if found[j].draft.kind == "heading":
            return False
        if kept[j] and is_prose(found[j].draft):
            return True
    return False


def without_repeated(found: Sequence[Found], told: Sequence[str]) -> list[str]:
    """The reasons, short lines included that stand in the article again and again, but for their
    numbers: "Posts: 12", "Via the archive", "3"."""
    keys = ["" if reason else _label_key(each) for each, reason in zip(found, told, strict=True)]
    times = Counter(keys)
    labels = [key != "" and times[key] >= _OFTEN for key in keys]
    sizes = [
        0 if reason else len(each.draft.text) for each, reason in zip(found, told, strict=True)
    ]
    if sum(sizes) < 2 * sum(size * label for size, label in zip(sizes, labels, strict=True)):
        return list(told)  # Nothing but such lines: they are the text.
    return [
        "repeated label" if is_label else reason
        for is_label, reason in zip(labels, told, strict=True)
    ]


def _label_key(each: Found) -> str:
    draft = each.draft
    is_number = draft.text.strip("#. ").isdecimal()
    if draft.kind != "paragraph" and not (draft.kind in ("list_item", "caption") and is_number):
        return ""
    if count_words(draft.text) > _LABEL_WORDS:
        return ""
    if draft.text.endswith((".", "!", "?", "…")):
        return ""
    labelled = _LABELLED.fullmatch(draft.text)
    named = f"{each.element.tag} {_DIGITS.sub('#', each.element.get('class') or '')} "
    return named + (labelled["label"] if labelled else _DIGITS.sub("#", draft.text))


def without_labels(found: Sequence[Found], told: Sequence[str]) -> list[str]:
    """The reasons, what announces links that are left out included: "Read more:", or a heading
    over them in a box of their own."""
    reasons = list(told)
    full = {
        home_of(each.element)
        for each, reason in zip(found, told, strict=True)
        if not reason and each.draft.kind != "heading"
    }
    first = next(
        (i for i, each in enumerate(found) if not told[i] and is_prose(each.draft)), len(found)
    )
    for i in reversed(range(first, len(found) - 1)):
        draft, following = found[i].draft, reasons[i + 1]
        if reasons[i] or following not in ("related link", "related links", "links"):
            continue
        is_label = draft.text.endswith(":") and count_words(draft.text) <= FEW_WORDS
        if is_label or (draft.kind == "heading" and home_of(found[i].element) not in full):
            reasons[i] = following
    return reasons


def without_empty_sections(drafts: Sequence[Draft], told: Sequence[str]) -> list[str]:
    """The reasons, headings included of which nothing but headings remains below them.

    A heading under which the page itself has nothing stays, unless the article ends with it.
    """
    reasons = list(told)
    remains = [False] * 7
    """By level: whether text remains between here and the next heading of that level or above."""
    lost = ["end of the article"] * 7
    for i in reversed(range(len(drafts))):
        draft = drafts[i]
        if draft.kind != "heading":
            if reasons[i]:
                lost = [reasons[i]] * 7
            else:
                remains = [True] * 7
                lost = [""] * 7
            continue
        if not reasons[i] and not remains[draft.level] and lost[draft.level]:
            reasons[i] = f"heading of what is left out ({lost[draft.level]})"
        for level in range(draft.level, 7):
            remains[level] = False
            lost[level] = ""
    return reasons
