"""What trafilatura takes for the article, to be recognized in other divisions of the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from narrator.reading.blocks import letters
from narrator.reading.dom import BLOCKS

_WORD = re.compile(r"\w+")

_RUN = 4
"""Words that are compared at a time: so many in a row are seldom equal by chance."""

_SHARE = 0.7
"""Share of a text's runs that must be known."""

_ENOUGH_WORDS = 40
"""Fewer words than that, and less strict settings are tried as well."""

_LONG_WORD = 30
"""Letters."""

_PIECE = 15
"""Letters by which a long word is looked up; at most half of the shortest of these."""

_MOST_PLACES = 20

_LARGE = 1_000_000
_BOOK = 5_000_000
"""Characters of markup from which trafilatura is asked once, for its quick answer, and not at
all: it takes a second and 100 MB for each million."""

_MANY_BLOCKS = 2000
_MANY_ELEMENTS = 50_000
"""Likewise by elements: of so many blocks of text its slower answer compares each with all."""

_WIDE = 1000
"""Elements within one paragraph, or cells of one row, from which it is not asked: it puts them in
order by walking from one to the other."""

_MAY_BE_WIDE = {
    "article", "body", "center", "div", "dl", "main", "ol", "section", "table", "tbody", "ul",
}  # fmt: skip


class Kept:
    """The text of a page that trafilatura keeps, or that the page tells machines."""

    def __init__(self, texts: Sequence[str]) -> None:
        words = _words(" ".join(texts))
        self.words = len(words)
        self._runs = set(_runs(words))
        self._short = {letters(text) for text in texts}
        self._letters = letters("".join(texts))
        self._places: dict[str, list[int]] = {}
        """Each piece of the letters at a multiple of its length -> where it stands, at first."""

    def holds(self, text: str) -> bool:
        """Whether the text is kept, most of it at least."""
        words = _words(text)
        if len(words) >= _RUN:
            known = [run in self._runs for run in _runs(words)]
            return sum(known) >= _SHARE * len(known)
        key = letters(text)
        # Languages without spaces have long "words".
        return key in self._short or (len(key) > _LONG_WORD and self._contains(key))

    def _contains(self, key: str) -> bool:
        """Whether the letters hold the key; to look through them for each would take too long."""
        if not self._places:
            for at in range(0, len(self._letters) - _PIECE + 1, _PIECE):
                places = self._places.setdefault(self._letters[at : at + _PIECE], [])
                if len(places) < _MOST_PLACES:
                    places.append(at)
        return any(
            self._letters.startswith(key, place - first)
            for first in range(_PIECE)
            for place in self._places.get(key[first : first + _PIECE], ())
            if place >= first
        )


def kept_by_trafilatura(root: etree._Element) -> Kept:
    """The text kept with a taste for precision, or where that is next to nothing, for balance.

    The page loses what no reader sees. Nothing is kept of a page that is too large to be asked
    about: such are books, and have little around them.
    """
    markup = _cleaned(root)
    blocks, elements, widest = _measured(root)
    if len(markup) > _BOOK or elements > _MANY_ELEMENTS or widest > _WIDE:
        return Kept([])
    is_large = len(markup) > _LARGE or blocks > _MANY_BLOCKS
    strict = Kept(_texts(markup, precise=True, fast=is_large))
    if strict.words >= _ENOUGH_WORDS or is_large:
        return strict
    return max(strict, Kept(_texts(markup, precise=False)), key=lambda kept: kept.words)


def _measured(root: etree._Element) -> tuple[int, int, int]:
    """How many blocks and elements there are, and the most within one that holds a single text."""
    blocks = elements = widest = 0
    for element in root.iter("*"):
        elements += 1
        blocks += element.tag in BLOCKS
        if element.tag not in _MAY_BE_WIDE:
            widest = max(widest, len(element))
    return blocks, elements, widest


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(words: list[str]) -> Iterator[int]:
    """The hash of each run of words: a book has a million, and their words would fill memory."""
    return (hash(tuple(words[i : i + _RUN])) for i in range(len(words) - _RUN + 1))


def _cleaned(root: etree._Element) -> str:
    # Cells that claim a billion columns cost trafilatura minutes.
    etree.strip_attributes(root, "colspan", "rowspan")
    etree.strip_elements(root, "style", "svg", "template", with_tail=False)
    return etree.tostring(root, encoding="unicode", method="html")


def _texts(markup: str, *, precise: bool, fast: bool = False) -> list[str]:
    """The pieces of text in trafilatura's result, in order."""
    from trafilatura import bare_extraction

    result = bare_extraction(
        markup,
        favor_precision=precise,
        include_comments=False,
        include_tables=True,
        fast=fast,
    )
    if result is None or isinstance(result, dict) or result.body is None:
        return []
    pieces = []
    for element in result.body.iter():
        own = [element.text, *(child.tail for child in element)]
        pieces += [text for text in own if text and text.strip()]
    return pieces
