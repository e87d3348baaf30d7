"""What of a text is left from the page that it was copied from: told line by line, conservatively.

Before the body most lines that look like furniture are; within it only the plainest; after it a
box (author, promotion, comments) reaches from its first line to the end, if the rest is short.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from narrator.reading.blocks import letters
from narrator.reading.lines import is_credit, is_date, reason_of_line

_ANYWHERE = {"advertisement", "listen button", "newsletter box", "related link", "share bar"}
"""Reasons that hold in the middle of the body too."""

_BOXES = {
    "author box", "comments", "newsletter box", "offer", "page footer", "related links",
}  # fmt: skip
"""Reasons of a line with which a box begins, so that the lines below it belong to it."""

_REASON_NAMES = {"offer": "promotion"}

_TAIL_WORDS = 200
_TAIL_SHARE = 1 / 3
_TAIL_LINE_WORDS = 60
"""Words of all boxes after the body, their share of the text, and words of one line in them: what
has more is rather a part of the article."""

_TITLE_WORDS = 3
"""A heading of fewer words may be the section ("Politics") above the headline."""

_CUT_SHORT = ("…", "...", "[…]", "[...]")
_INITIALS = re.compile(r"[A-ZА-ЯЁ]{1,3}")
_NAME_WORDS = 6
_CREDITED = re.compile(
    r"\b(?:edited|written|translated|reported|reviewed|compiled|adapted|ai-processed|redaktion"
    r"|übersetzt|traduit|rédigé|traducido|редактура|перевод|подготовил[аи]?)\b",
    re.IGNORECASE,
)
_CREDITED_WORDS = 15
_DATED = re.compile(r"(?=.*\b(?:19|20)\d\d\b)(?=.*\b\d{1,2}\b)[^.!?]{6,50}")
_TRAIL = re.compile(r"[^/>›»|]{1,30}(?: ?[/>›»] ?[^/>›»|]{1,30}){1,5}")

LineKind = Literal["line", "item", "quote"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the page, put together again where it was broken."""

    text: str
    kind: LineKind
    heading: bool
    """Whether it has the shape of a heading."""

    @property
    def words(self) -> int:
        """How many there are."""
        return len(self.text.split())


def judge(lines: Sequence[Line], language: str) -> tuple[int | None, list[str]]:
    """The place of the title, None where there is none; and for each line why it is left out,
    empty where it is the article's (the title's place is empty as well)."""
    reasons = [_own_reason(line, language) for line in lines]
    body = _start_of_body(lines, reasons)
    title = _title(lines[:body], reasons)
    told = [
        "" if line.kind != "line" else reason for line, reason in zip(lines, reasons, strict=True)
    ]
    for i in range(body):
        told[i] = told[i] or _before_body(lines[i])
    for i in range(body, len(lines)):
        told[i] = told[i] if told[i] in _ANYWHERE or told[i] == "image credit" else ""
    if title is not None:
        key = letters(lines[title].text)
        for i in range(body):
            told[i] = "repeats the title" if letters(lines[i].text) == key else told[i]
        told[title] = ""
    for i, reason in _boxes(lines, reasons, body):
        told[i] = reason
    return title, told


def _own_reason(line: Line, language: str) -> str:
    if is_credit(line.text):
        return "image credit"
    return reason_of_line(line.text, language)


def _start_of_body(lines: Sequence[Line], reasons: Sequence[str]) -> int:
    """The first line that is no heading, no furniture and no teaser; 0 where there is none."""
    for i, line in enumerate(lines):
        if line.kind != "line" and not reasons[i]:
            return i
        if not (line.heading or reasons[i] or line.text.endswith(_CUT_SHORT)):
            return i
    return 0


def _title(lines: Sequence[Line], reasons: Sequence[str]) -> int | None:
    """The heading that is there twice, else the first of some words, else the first."""
    candidates = [
        i for i, line in enumerate(lines) if line.heading and not (reasons[i] or _before_body(line))
    ]
    times = Counter(letters(lines[i].text) for i in candidates)
    repeated = [i for i in candidates if times[letters(lines[i].text)] > 1]
    long = [i for i in candidates if lines[i].words >= _TITLE_WORDS]
    return next(iter([*repeated, *long, *candidates]), None)


def _before_body(line: Line) -> str:
    """Why a line above the body is left out though its words alone do not tell."""
    if line.text.endswith(_CUT_SHORT):
        return "truncated teaser"
    if line.words <= _CREDITED_WORDS and _CREDITED.search(line.text):
        return "byline"
    if is_date(line.text) or (_DATED.fullmatch(line.text) and line.words <= _NAME_WORDS):
        return "date line"
    if _TRAIL.fullmatch(line.text) and not line.text.endswith((".", "?")):
        return "navigation"
    return ""


def _boxes(lines: Sequence[Line], reasons: Sequence[str], body: int) -> list[tuple[int, str]]:
    """The lines of the boxes after the body, each with its reason."""
    tail = range(max(body + 1, _start_of_tail(lines)), len(lines))
    starts = {i: _box_that_begins(lines, reasons, i) for i in tail}
    told = set(starts.values()) - {""}
    # An offer alone may be the article's own last question.
    first = next((i for i in tail if starts[i] and told != {"offer"}), None)
    return [] if first is None else _carried(starts, reasons, first, len(lines))


def _start_of_tail(lines: Sequence[Line]) -> int:
    """The first line of the short lines that may be boxes."""
    left = min(_TAIL_WORDS, _TAIL_SHARE * sum(line.words for line in lines))
    for i in reversed(range(len(lines))):
        left -= lines[i].words
        if left < 0 or lines[i].words > _TAIL_LINE_WORDS:
            return i + 1
    return 0


def _box_that_begins(lines: Sequence[Line], reasons: Sequence[str], i: int) -> str:
    """The kind of box of which line i is the first, empty if none."""
    if reasons[i] in _BOXES:
        return reasons[i]
    # The initials stand for a portrait, the name comes below it.
    if (
        _INITIALS.fullmatch(lines[i].text)
        and i + 1 < len(lines)
        and lines[i + 1].words <= _NAME_WORDS
    ):
        return "author box"
    return ""


def _carried(
    starts: dict[int, str], reasons: Sequence[str], first: int, end: int
) -> list[tuple[int, str]]:
    """From the first line of the first box to the end: each line has the reason of its box,
    unless it has one of its own."""
    told: list[tuple[int, str]] = []
    box = ""
    for i in range(first, end):
        box = starts[i] or box
        reason = starts[i] or reasons[i] or box
        told.append((i, _REASON_NAMES.get(reason, reason)))
    return told
