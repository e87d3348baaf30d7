"""English as American newspapers write it; the order of a numeric date is that of the region."""

from __future__ import annotations

from functools import cache

from narrator.languages import Change
from narrator.languages.en.rule import Rules
from narrator.languages.en.rules import DAY_FIRST_RULES, RULES
from narrator.languages.en.sentences import sentences
from narrator.languages.en.settle import changes

MONTH_FIRST = ("", "US", "CA", "PH", "PR")
"""Regions where 05/12/2024 is a day in May; everywhere else it is the fifth of December."""


class English:
    """The Language of narrator.languages."""

    code = "en"

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def sentences(self, text: str) -> tuple[tuple[int, int], ...]:
        """See Language.sentences."""
        return sentences(text)

    def changes(self, text: str) -> tuple[Change, ...]:
        """See Language.changes."""
        return changes(text, self._rules)


@cache
def language(region: str) -> English:
    """The English of a region, an upper-case code such as "GB"; without one that of the US."""
    return English(RULES if region in MONTH_FIRST else DAY_FIRST_RULES)
