"""Inline markup becomes the text of a block and its marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from narrator.model import Mark, MarkKind

INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Controls, soft hyphens, zero-width spaces and direction marks: a reader sees none of them.
The joiners U+200C and U+200D stay: scripts and emoji are spelled with them."""


_PILE = re.compile(r"[^\w\s\x00-\u02ff]{31,}")
_PILED = 30
"""Combining marks in a row, beyond which Unicode (UAX 15, stream-safe text) parts them: to put them
in order takes the square of their number."""

_JOINER = "\u034f"


def composed(text: str) -> str:
    """The text in Unicode's composed form (NFC); more than 30 marks on one letter are parted."""
    return unicodedata.normalize("NFC", _PILE.sub(_parted, text))


def _parted(pile: re.Match[str]) -> str:
    pieces: list[str] = []
    marks = 0
    for sign in pile[0]:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks > _PILED:
            pieces.append(_JOINER)
            marks = 1
        pieces.append(sign)
    return "".join(pieces)


TAG_MARKS: Mapping[str, MarkKind] = {
    "a": "link", "abbr": "abbr", "acronym": "abbr", "b": "strong", "cite": "emphasis",
    "code": "code", "del": "strike", "dfn": "emphasis", "em": "emphasis", "i": "emphasis",
    "kbd": "code", "s": "strike", "samp": "code", "strike": "strike", "strong": "strong",
    "sub": "sub", "sup": "sup", "time": "time", "tt": "code", "var": "emphasis",
}  # fmt: skip
"""HTML element -> the mark that its text bears."""

_VALUE_ATTRIBUTE = {"a": "href", "abbr": "title", "acronym": "title", "time": "datetime"}


def tag_marks(tag: str, attributes: Mapping[str, str]) -> list[tuple[MarkKind, str]]:
    """The marks (kind, value) that an HTML element sets: by its name, `data-say` and `lang`."""
    found: list[tuple[MarkKind, str]] = []
    if "data-say" in attributes:
        found.append(("say", attributes["data-say"].strip()))
    language = attributes.get("lang") or attributes.get("xml:lang")
    if language:
        found.append(("lang", language.strip()))
    kind = TAG_MARKS.get(tag)
    if kind and not (kind == "link" and "href" not in attributes):
        value = attributes.get(_VALUE_ATTRIBUTE[tag], "") if tag in _VALUE_ATTRIBUTE else ""
        found.append((kind, value.strip()))
    return found


@dataclass(slots=True)
class _Opened:
    """An element that is open, the marks it sets, and where its text begins, once it does."""

    name: str
    marks: Sequence[tuple[MarkKind, str]]
    start: int | None = None


class Writing:
    """The text of one block after another, put together run by run as the markup is walked.

    White space is collapsed and invisible characters are dropped while the marks keep their
    places. Marks that are open at a cut go on in the next block.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._gap = False
        self._open: dict[int, _Opened] = {}
        """What is open, in order, by when it was opened."""
        self._named: dict[str, list[int]] = {}
        """Name -> keys of what is open of that name."""
        self._unstarted: dict[int, _Opened] = {}
        self._opened = 0
        self._marks: list[Mark] = []

    @property
    def empty(self) -> bool:
        """Nothing visible has been written since the last cut."""
        return self._length == 0

    @property
    def length(self) -> int:
        """Characters written since the last cut, without a space that may follow."""
        return self._length

    def write(self, text: str) -> None:
        """Add text of the page; a run of white space becomes one space, none at the edges."""
        visible = INVISIBLE.sub("", text)
        words = visible.split()
        if not words:
            self._gap = self._gap or bool(visible)
            return
        if visible[0].isspace():
            self._gap = True
        self._append(" ".join(words))
        self._gap = visible[-1].isspace()

    def space(self) -> None:
        """A break of any kind inside the block."""
        self._gap = True

    def tab(self) -> None:
        """The end of a table cell."""
        self._pieces.append("\t")
        self._length += 1
        self._gap = False

    def open(self, name: str, marks: Sequence[tuple[MarkKind, str]]) -> None:
        """What follows, up to the closing of that name, bears these marks (kind, value)."""
        self._opened += 1
        opened = _Opened(name, marks)
        self._open[self._opened] = self._unstarted[self._opened] = opened
        self._named.setdefault(name, []).append(self._opened)

    def close(self, name: str) -> None:
        """The innermost open element of that name ends; none open: nothing happens."""
        if keys := self._named.get(name):
            key = keys.pop()
            self._unstarted.pop(key, None)
            self._end(self._open.pop(key))

    def written(self, start: int, end: int) -> str:
        """A part of the text since the last cut; to take its end costs no more than that."""
        pieces: list[str] = []
        first = self._length
        for piece in reversed(self._pieces):
            if first <= start:
                break
            pieces.append(piece)
            first -= len(piece)
        return "".join(reversed(pieces))[start - first : end - first]

    def mark(self, kind: MarkKind, start: int, end: int, value: str = "") -> None:
        """Set a mark over text already written."""
        self._marks.append(Mark(kind, start, end, value))

    def cut(self) -> tuple[str, tuple[Mark, ...]]:
        """The text so far and its marks, ordered by start, outer ones first; then start anew."""
        for opened in reversed(self._open.values()):
            self._end(opened)
            opened.start = None
        self._unstarted = dict(self._open)
        text = "".join(self._pieces)
        # Of marks over the same text the last to end is the outermost.
        last_first = reversed(self._marks)
        marks = tuple(sorted(last_first, key=lambda mark: (mark.start, -mark.end)))
        self._pieces, self._length, self._gap, self._marks = [], 0, False, []
        return text, marks

    def _append(self, words: str) -> None:
        at_edge = self._length == 0 or self._pieces[-1] == "\t"
        if self._gap and not at_edge:
            self._pieces.append(" ")
            self._length += 1
        for opened in self._unstarted.values():
            opened.start = self._length
        self._unstarted.clear()
        self._pieces.append(words)
        self._length += len(words)

    def _end(self, opened: _Opened) -> None:
        if opened.start is not None:
            for kind, value in reversed(opened.marks):
                self._marks.append(Mark(kind, opened.start, self._length, value))
