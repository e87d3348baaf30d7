"""The element of a page that holds the article, by what is kept of its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from narrator.reading.page import Found
from narrator.reading.prose import around

_SHARE = 0.8
"""Of the kept text: the smallest element with so much of it is the article's container."""

_NO_CONTAINERS = {
    "blockquote", "dd", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre",
    "table", "tbody", "tr", "ul",
}  # fmt: skip


def container_in(root: etree._Element, weights: Mapping[etree._Element, int]) -> etree._Element:
    """The smallest element within `root` that holds most of the kept text."""
    container = root
    while True:
        enough = weights.get(container, 0) * _SHARE
        inner = (each for each in container if weights.get(each, 0) >= enough > 0)
        largest = next(inner, None)
        if largest is None or largest.tag in _NO_CONTAINERS:
            return container
        container = largest


def scope_around(container: etree._Element, headline: etree._Element | None) -> etree._Element:
    """Where a standfirst may stand: what holds the headline, if it is known, and the body."""
    path = list(around(container))
    if headline is not None:
        holding = set(around(headline))
        return next((each for each in path if each in holding), container)
    return next((each for each in path if each.tag in ("article", "main", "body")), container)


def weights_of(
    root: etree._Element, found: Sequence[Found], kept: Sequence[bool]
) -> dict[etree._Element, int]:
    """Element -> characters of kept text within it."""
    weights: dict[etree._Element, int] = {}
    for each, is_kept in zip(found, kept, strict=True):
        if is_kept:
            weights[each.element] = weights.get(each.element, 0) + len(each.draft.text)
    # Descendants follow their ancestors in a document, so that backwards all sums are complete.
    for element in reversed(list(root.iter())):
        parent = element.getparent()
        if parent is not None and element in weights:
            weights[parent] = weights.get(parent, 0) + weights[element]
    return weights
