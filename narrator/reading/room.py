"""How long an article may be: a longer one is refused while it is read, not when it is done."""

from __future__ import annotations

from collections.abc import Iterable

from narrator.errors import TooLarge

_AROUND = 4
"""Characters that are looked through for each one that the article may have: a page has comments
and menus, Markdown has addresses."""

_LEAST_ELEMENTS = 20_000
"""Elements that a page may have however short its article must be."""

_LONGEST_WORD = 200
"""Characters: a longer run without a blank is data, such as a picture, not text."""


class Room:
    """What is left of the characters that one article may have; without a limit, all there is."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._looked = 0

    def source(self, text: str) -> None:
        """Refuse a text to be read that holds far more words than the article may. TooLarge."""
        if self._limit is not None and len(text) > _AROUND * self._limit:
            self.look(sum(len(word) for word in text.split() if len(word) <= _LONGEST_WORD))

    def elements(self, count: int) -> None:
        """Refuse a page that has so many elements. TooLarge."""
        if self._limit is not None and count > max(_LEAST_ELEMENTS, self._limit):
            raise TooLarge(
                f"The page has {count:,} elements, {max(_LEAST_ELEMENTS, self._limit):,} are "
                f"allowed where an article may have {self._limit:,} characters (article_limit). "
                "Send the article only, or split it."
            )

    def look(self, characters: int) -> None:
        """Count characters that are looked through, be they the article's or not. TooLarge."""
        self._looked += characters
        if self._limit is not None and self._looked > _AROUND * self._limit:
            raise TooLarge(
                f"The source has more than {_AROUND * self._limit:,} characters of text, "
                f"{self._limit:,} are allowed in an article (article_limit). Send the article "
                "only, or split it."
            )

    def check(self, texts: Iterable[str]) -> None:
        """Refuse an article of which these are texts. TooLarge."""
        size = sum(map(len, texts)) if self._limit is not None else 0
        if self._limit is not None and size > self._limit:
            raise TooLarge(
                f"The article has {size:,} characters, {self._limit:,} are allowed. Split it, or "
                "raise article_limit."
            )
