"""What needs no rules: sentences of plain words, and heaps of signs beyond any sense."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from narrator.languages import Change
from narrator.languages.en.rule import NUMERALS, any_of, listed
from narrator.languages.en.symbols import ALWAYS_NAMED, NAMED_BETWEEN_WORDS
from narrator.languages.en.words import cardinal, digits

SPECIAL = any_of(
    listed(
        """
        vs etc approx aka incl eg ie Vs Dr Mr Mrs Ms Prof St Sgt Capt Lt Gov Sen Messrs Mt Ft Col
        Cpl Mk Nos Vol Fig Figs Nr Apt Hwy Rte Bldg Ave Av Blvd Rd Ln Ct Pl Sq Pkwy Ter Cir Expy Fwy
        Tpke Jr Sr Esq Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Weds Thu
        Thur Thurs Fri Sat Sun Louis Covid
        """
    )
)
"""Words that look plain and yet are read by some rule, at least among certain neighbours."""

_LOW = "a-zß-öø-ÿ"
_UP = "A-ZÀ-ÖØ-Þ"
_PART = f"[{_UP}]?[{_LOW}]++"
_WORD = (
    rf"(?:I(?![\w'’-])|I['’](?:m|d|ll|ve)(?!\w)|a(?![\w-])"
    rf"|(?!(?:{SPECIAL})(?!\w)|[{_UP}][{_LOW}]+\sI(?!\w)|[a-zA-Z](?![\w]))"
    rf"{_PART}(?:(?:['’]{_PART}|-[{_LOW}]++))*+['’]?)"
)
QUIET = re.compile(
    rf"[\"“‘']?(?:A(?=\s[a-z]))?(?:{_WORD})?(?:[,;:]?[”\"’']?\s[\"“‘']?(?:{_WORD}))*+[,;:]?[.?!]?[”\"’']?[.?!]?"
)
"""A sentence of plain words: no rule would change it. (A test holds this on much prose.)"""

LONG = 2_000
"""Characters of a sentence beyond which it is read in blocks: it can hardly be one."""

BLOCK = 4_000

DENSE = 0.25
"""Share of a block's characters that are digits and signs beyond which it is a heap."""

_WORDLY = re.compile(r"[^\W\d_]|[\s.,;:?!'\"’“”-]")
_MARKS = "\u0300-\u036f"
_RUN = re.compile(rf"(?:[^\w\s.,;:?!'\"“”‘’«»„‹›{_MARKS}-]|[\d_{NUMERALS}])+")
_PIECE = re.compile(r"\d+|\D")


def is_quiet(text: str) -> bool:
    """Whether the sentence is of plain words alone."""
    return QUIET.fullmatch(text) is not None


def is_heap(text: str) -> bool:
    """Whether a stretch is digits and signs rather than words."""
    return len(_WORDLY.sub("", text)) > DENSE * len(text)


def heap(text: str) -> list[Change]:
    """Each number and sign of a heap by its name, whatever stands around it."""
    found = []
    for match in _RUN.finditer(text):
        start, end = match.span()
        spoken = " ".join(filter(None, map(_name, _PIECE.findall(match[0]))))
        before, after = text[start - 1 : start], text[end : end + 1]
        lead = " " if before.isalnum() else ""
        tail = " " if after.isalnum() and (spoken or not lead) else ""
        found.append(Change(start, end, f"{lead}{spoken}{tail}", "heap"))
    return found


@cache
def _sign(character: str) -> str:
    name = ALWAYS_NAMED.get(character) or NAMED_BETWEEN_WORDS.get(character)
    if name is None:
        value = unicodedata.numeric(character, 0.5)
        name = cardinal(int(value)) if value == int(value) else ""
    return name


def _name(piece: str) -> str:
    if not piece[0].isdecimal():
        return _sign(piece)
    if len(piece) > 6 or (len(piece) > 1 and piece[0] == "0"):
        return digits(piece)
    return cardinal(int(piece))


def blocks(text: str) -> list[tuple[int, int]]:
    """Spans of a long text, cut at white space where there is some."""
    spans = []
    start = 0
    while start < len(text):
        end = min(start + BLOCK, len(text))
        if end < len(text):
            at = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
            end = at + 1 if at > start else end
        spans.append((start, end))
        start = end
    return spans
