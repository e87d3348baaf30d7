"""Which drafts of a page point elsewhere rather than tell something."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

from narrator.reading.blocks import Draft
from narrator.reading.page import Found
from narrator.reading.prose import (
    SENTENCE_ENDS,
    WRAPPERS,
    around,
    count_words,
    home_of,
    leads_away,
    linked,
)

_LINKED = 0.6
"""Share of linked characters from which a block points elsewhere rather than tells something."""

_LINKED_SENTENCE = 0.9
"""Likewise, of a block that ends like a sentence, such as "See the page on tides"."""

_WHOLLY = 0.9
"""Share of linked letters from which nothing but the link is said."""

_POINTER_WORDS = 30
"""Words: a longer text is said for its own sake, link or not."""

_LABEL_WORDS = 5
_LABEL_END = re.compile(r"\s*[:：|–—>»-]\s*$")

_MANY = 0.4
"""Share of a body's blocks that are links, from which it is a page about links."""


class Links:
    """The links of a page's drafts."""

    def __init__(self, found: Sequence[Found]) -> None:
        self._found = found
        sums: dict[etree._Element, tuple[int, int]] = {}
        self._outer = [_outermost_list(each.element) for each in found]
        for each, outer in zip(found, self._outer, strict=True):
            if outer is not None:
                inside, total = sums.get(outer, (0, 0))
                sums[outer] = inside + linked(each.draft), total + len(each.draft.text)
        self._shares = {outer: inside / total for outer, (inside, total) in sums.items()}

    def points_away(self, i: int) -> bool:
        """Whether most of draft i, or of the list that it is in, is linked."""
        outer, draft = self._outer[i], self._found[i].draft
        if outer is not None:
            return self._shares[outer] >= _LINKED
        share = _LINKED_SENTENCE if draft.text.endswith(SENTENCE_ENDS) else _LINKED
        return linked(draft) >= share * len(draft.text)

    def pointers(self, kept: Sequence[bool]) -> list[bool]:
        """For each draft whether it is nothing but a link to another text: "Read also: ...".

        None is where a good part of what is kept are such: they are what that page is about.
        """
        told = [self._is_pointer(i) for i in range(len(self._found))]
        both = sum(is_kept and is_told for is_kept, is_told in zip(kept, told, strict=True))
        return [False] * len(told) if both > _MANY * sum(kept) else told

    def _is_pointer(self, i: int) -> bool:
        outer, draft = self._outer[i], self._found[i].draft
        if draft.kind in ("code", "table_row", "caption", "formula"):
            return False
        if outer is not None:
            return self._shares[outer] >= _WHOLLY
        if count_words(draft.text) > _POINTER_WORDS:
            return False
        if draft.kind == "heading":
            # A heading that links is one of a list of links, unless it has a text of its own.
            home = home_of(self._found[i].element)
            alone = not any(
                home in around(self._found[j].element)
                for j in (i - 1, i + 1)
                if 0 <= j < len(self._found)
            )
            return alone and is_wholly_linked(draft)
        return is_wholly_linked(draft) or _is_labelled_link(draft)


def is_wholly_linked(draft: Draft) -> bool:
    """Whether all but brackets and marks is linked to other pages."""
    count = sum(map(str.isalnum, draft.text))
    inside = sum(
        sum(map(str.isalnum, draft.text[mark.start : mark.end]))
        for mark in draft.marks
        if mark.kind == "link" and leads_away(mark.value)
    )
    return count > 0 and inside >= _WHOLLY * count


def _is_labelled_link(draft: Draft) -> bool:
    """Whether it is a short label, a colon and a link: "Related: What the tide brings"."""
    first = next(
        (mark for mark in draft.marks if mark.kind == "link" and leads_away(mark.value)), None
    )
    if first is None or first.start == 0:
        return False
    label = draft.text[: first.start]
    if count_words(label) > _LABEL_WORDS or not _LABEL_END.search(label):
        return False
    rest = sum(map(str.isalnum, draft.text[first.start :]))
    inside = sum(
        sum(map(str.isalnum, draft.text[mark.start : mark.end]))
        for mark in draft.marks
        if mark.kind == "link" and leads_away(mark.value)
    )
    return inside >= _WHOLLY * rest


def _outermost_list(element: etree._Element) -> etree._Element | None:
    """The list that the element stands in, with all lists around it."""
    outer = None
    for each in around(element):
        if each.tag in ("ul", "ol", "dl"):
            outer = each
        elif each.tag not in WRAPPERS:
            break
    return outer
