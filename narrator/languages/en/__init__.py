"""English as American newspapers write it."""

from __future__ import annotations

from narrator.languages import Change
from narrator.languages.en.rules import RULES
from narrator.languages.en.sentences import sentences
from narrator.languages.en.settle import changes


class English:
    """The Language of narrator.languages."""

    code = "en"

    def sentences(self, text: str) -> tuple[tuple[int, int], ...]:
        """See Language.sentences."""
        return sentences(text)

    def changes(self, text: str) -> tuple[Change, ...]:
        """See Language.changes."""
        return changes(text, RULES)


LANGUAGE = English()
