"""The elements around a text, and what they say of it: furniture, or a box of facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from narrator.reading.furniture import entry_boxes, is_fact_box, reason_of_element
from narrator.reading.page import Found
from narrator.reading.prose import around

STRONG = {
    "advertisement", "author box", "comments", "cookie banner", "newsletter box", "paywall",
    "embedded post", "related links", "share bar",
}  # fmt: skip
"""Reasons for which prose is left out although trafilatura keeps it."""

_MAY_INFORM = {"aside", "summary box"}
"""Reasons of boxes that may be written for the article that they stand in."""


class Enclosures:
    """The elements of a page that are furniture by their nature; `holds_most` tells of one
    whether it holds most of the article, so that its name says nothing."""

    def __init__(self, root: etree._Element, holds_most: Callable[[etree._Element], bool]) -> None:
        self._holds_most = holds_most
        self._rules: dict[etree._Element, str] = dict(entry_boxes(root))
        self._facts: dict[etree._Element, bool] = {}

    def reasons(self, found: Found, *, amid: bool) -> Iterator[str]:
        """Of the elements around, those that are furniture, the nearest first; `amid` where text
        precedes and follows."""
        path = around(found.element)
        if found.draft.kind == "caption":
            # Within a figure the names are those of the figure's own parts.
            path = _beyond_figure(found.element)
        for each in path:
            reason = self._rule(each)
            if reason and not (amid and reason in _MAY_INFORM and self._informs(each)):
                yield reason

    def _rule(self, element: etree._Element) -> str:
        if element not in self._rules:
            self._rules[element] = "" if self._holds_most(element) else reason_of_element(element)
        return self._rules[element]

    def _informs(self, element: etree._Element) -> bool:
        if element not in self._facts:
            self._facts[element] = is_fact_box(element)
        return self._facts[element]


def _beyond_figure(element: etree._Element) -> Iterator[etree._Element]:
    path = list(around(element))
    figures = [n for n, each in enumerate(path) if each.tag == "figure"]
    return iter(path[figures[-1] + 1 :] if figures else path)
