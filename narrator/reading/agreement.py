"""What of a page is kept where trafilatura and an opinion of our own are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from narrator.reading.links import Links
from narrator.reading.page import Found
from narrator.reading.prose import Opinion, around

_AGREED = 0.5
"""Share of our own prose that trafilatura must keep to be believed."""

_INSIDE = 0.6
"""Share of the prose that trafilatura keeps which must lie in our own container for what lies
beside it to be left out."""

_ALL = 0.9
"""Share of a page's letters that is as good as all of it."""

_POINTERS = 8
"""So many blocks that only link elsewhere do not belong to one article."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two opinions come to."""

    kept: list[bool]
    """For each draft whether it is kept."""
    trusted: bool
    """Whether trafilatura's opinion was worth something."""
    contained: bool
    """Whether our own container bounds the article."""


def agree(
    found: Sequence[Found], kept: Sequence[bool], view: Opinion, own: Sequence[bool], links: Links
) -> Agreement:
    """What is kept of the drafts of which trafilatura keeps some and which are prose of our own."""
    if view.zone is not None:
        kept = [
            is_kept and view.zone in around(each.element)
            for each, is_kept in zip(found, kept, strict=True)
        ]
    ours = both = theirs = 0.0
    for each, size, is_kept, is_own in zip(found, view.weights, kept, own, strict=True):
        ours += size * is_own
        both += size * (is_own and is_kept)
        theirs += is_kept * (size or len(each.draft.text))
    if not any(kept) and not ours:
        # Too little for either: a fragment, a note. All of it is the article but for what is
        # plainly not.
        return Agreement([not links.points_away(i) for i in range(len(found))], False, False)
    inside = [
        is_kept and view.holds(each.element) for each, is_kept in zip(found, kept, strict=True)
    ]
    if _keeps_all(found, kept, links):
        return Agreement(inside, trusted=True, contained=True)
    if both < _AGREED * ours:
        mine = [is_own or is_in for is_own, is_in in zip(own, inside, strict=True)]
        return Agreement(mine, trusted=False, contained=True)
    if both < _INSIDE * theirs:
        return Agreement(list(kept), trusted=True, contained=False)
    return Agreement(inside, trusted=True, contained=True)


def _keeps_all(found: Sequence[Found], kept: Sequence[bool], links: Links) -> bool:
    """Whether next to all of the page is kept, lists of links as well: that is no opinion."""
    sizes = [len(each.draft.text) for each in found]
    inside = sum(size for size, is_kept in zip(sizes, kept, strict=True) if is_kept)
    if inside < _ALL * sum(sizes):
        return False
    return sum(links.points_away(i) for i, is_kept in enumerate(kept) if is_kept) >= _POINTERS
