"""Written words -> spoken words, one module or package per language.

To add a language: write `narrator/languages/<code>.py` with a function `language(region)` whose
answer keeps the Protocol below, and add one line to LANGUAGES.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from narrator.errors import UnknownLanguage
from narrator.model import primary_language


@dataclass(frozen=True, slots=True)
class Change:
    """A run of text that is spoken otherwise than it is written."""

    start: int
    """First character, counted in the text that was asked about."""
    end: int
    spoken: str
    """Plain words, at most with the punctuation that shapes the intonation; empty: not spoken."""
    rule: str
    """Name of the rule, lower case: "money", "year", "abbreviation"."""
    phonemes: str = ""
    """IPA of the spoken word where spelling would mislead the engine; only with a `spoken` of
    one word."""


class Language(Protocol):
    """What the script stage needs to know of a language. Pure: same text, same answer."""

    code: str
    """BCP 47 primary code: "en"."""

    def sentences(self, text: str) -> tuple[tuple[int, int], ...]:
        """Spans (start, end) of the sentences of one block, in order, without the white space
        around them; together they hold every other character of the text."""
        ...

    def changes(self, text: str) -> tuple[Change, ...]:
        """What of one sentence is spoken otherwise than written: in order, not overlapping.
        Once applied, the text holds no digit and no symbol that an engine would misread."""
        ...


LANGUAGES = {"en": "narrator.languages.en"}
"""Primary language code -> module that has `language(region)`, imported at use."""


def language(code: str) -> Language:
    """The rules for a BCP 47 code; UnknownLanguage where there are none. A region counts where
    readings differ: 05/12/2024 is in May for "en" and "en-US", in December for "en-GB"."""
    primary = primary_language(code)
    if primary not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise UnknownLanguage(
            f"No rules for the language {code!r}. Known: {known}. Name one with --language."
        )
    regions = [part for part in code.replace("_", "-").split("-")[1:] if len(part) == 2]
    rules: Language = import_module(LANGUAGES[primary]).language("".join(regions[:1]).upper())
    return rules
