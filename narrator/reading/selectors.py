"""The address of an element in its page, as a CSS selector."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree

from narrator.reading.dom import DEEPEST

_PLAIN_ID = re.compile(r"[A-Za-z][\w-]*")

_NO_CHILD_COMBINATOR = {"table"}
"""Browsers put a `tbody` of their own between these and their rows, so `>` would miss."""


class Selectors:
    """Selectors for the elements of one page; each names one element.

    The nearest `id` is the anchor, so that a change elsewhere in the page leaves most as they were.
    """

    def __init__(self, root: etree._Element) -> None:
        self._places: dict[etree._Element, int] = {}
        self._numbered: set[etree._Element] = set()
        ids = Counter(each.get("id", "") for each in root.iter("*"))
        self._unique = {each for each, n in ids.items() if n == 1 and _PLAIN_ID.fullmatch(each)}

    def of(self, element: etree._Element) -> str:
        """`#id > tag:nth-of-type(n)`, or the path from the body where there is no id; empty for
        an element so deep that it may have been moved."""
        if element.get("id", "") not in self._unique and (
            sum(1 for _ in element.iterancestors()) >= DEEPEST - 1
        ):
            return ""
        steps: list[str] = []
        current: etree._Element | None = element
        while current is not None:
            parent = current.getparent()
            if current.get("id", "") in self._unique:
                steps.append(f"#{current.get('id')}")
                break
            if parent is None or current.tag == "body":
                steps.append(str(current.tag))
                break
            steps.append(f"{current.tag}:nth-of-type({self._place(current, parent)})")
            steps.append(" " if parent.tag in _NO_CHILD_COMBINATOR else " > ")
            current = parent
        return "".join(reversed(steps))

    def _place(self, element: etree._Element, parent: etree._Element) -> int:
        if parent not in self._numbered:
            self._numbered.add(parent)
            seen: Counter[object] = Counter()
            for child in parent:
                seen[child.tag] += 1
                self._places[child] = seen[child.tag]
        return self._places[element]
