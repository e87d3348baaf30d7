"""What a page and its site ask for single elements of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

from lxml import etree

from narrator.css import xpath
from narrator.model import Treatment
from narrator.reading.policy import skipped_by

_TREATMENTS = get_args(Treatment)

_PAGE = "data-narrator"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for an element, and who asks."""

    treatment: Treatment
    by: str
    """The selector, or "data-narrator"."""

    @property
    def of_page(self) -> bool:
        """Whether the page asks, whose word counts before the site's."""
        return self.by == _PAGE

    @property
    def reason(self) -> str:
        """Of the omission, where it is skipped."""
        return "left out by the page" if self.of_page else skipped_by(self.by)


class Wishes:
    """What a page and its site ask for the page's elements."""

    def __init__(self, root: etree._Element, policy: Mapping[str, Treatment]) -> None:
        self.warnings: list[str] = []
        self._of: dict[etree._Element, Wish] = {}
        for selector, treatment in policy.items():
            for element in cast(list[etree._Element], root.xpath(xpath(selector))):
                self._of[element] = Wish(treatment, selector)
        for element in root.iter("*"):
            asked = element.get(_PAGE)
            if asked is None:
                continue
            if asked.strip().lower() in _TREATMENTS:
                self._of[element] = Wish(cast(Treatment, asked.strip().lower()), _PAGE)
            else:
                self.warnings.append(
                    f"The page asks data-narrator={asked[:40]!r}, which is none of "
                    f"{', '.join(_TREATMENTS)}."
                )

    def of(self, element: etree._Element) -> Wish | None:
        """What is asked for the element itself."""
        return self._of.get(element)

    def around(self, element: etree._Element) -> tuple[etree._Element, Wish] | None:
        """What is asked for the element or the nearest around it; of the two askers the page
        counts before the site."""
        if not self._of:
            return None
        nearest: tuple[etree._Element, Wish] | None = None
        for each in (element, *element.iterancestors()):
            wish = self._of.get(each)
            if wish and wish.of_page:
                return each, wish
            nearest = nearest or (wish and (each, wish)) or None
        return nearest
