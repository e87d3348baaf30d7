"""Changes made until nothing changes: what is spoken must read as it stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from narrator.languages import Change
from narrator.languages.en.letters import plain_letters
from narrator.languages.en.plainness import LONG, blocks, heap, is_heap, is_quiet
from narrator.languages.en.rule import Rules, proposed

MOST_PASSES = 5
"""Ordinary text settles at once; only heaps of marks take more than two."""


def changes(text: str, rules: Rules) -> tuple[Change, ...]:
    """What the rules make of the text, such that they make nothing more of the result."""
    if is_quiet(text):
        return ()
    if len(text) <= LONG:
        return tuple(_settled(text, rules))
    return tuple(
        replace(change, start=change.start + start, end=change.end + start)
        for start, end in blocks(text)
        for change in _of_block(text[start:end], rules)
    )


@lru_cache(maxsize=16)
def _of_block(text: str, rules: Rules) -> tuple[Change, ...]:
    """The changes of a block of a text that is too long for a sentence."""
    return tuple(heap(text) if is_heap(text) else _settled(text, rules))


def _settled(text: str, rules: Rules) -> list[Change]:
    odd = plain_letters(text)
    plain = applied(text, odd) if odd else text
    found = proposed(plain, rules)
    if odd:
        found = _merged(text, plain, odd, found)
    for _ in range(MOST_PASSES):
        said = applied(text, found)
        if said == text:
            break
        # A word that only bears phonemes has been found already, where it stands in the text.
        later = [c for c in proposed(said, rules) if c.spoken != said[c.start : c.end]]
        if not later:
            break
        found = _merged(text, said, found, later)
    return found


def applied(text: str, found: Sequence[Change]) -> str:
    """The text with the changes made."""
    pieces = []
    at = 0
    for change in found:
        pieces += [text[at : change.start], change.spoken]
        at = change.end
    return "".join([*pieces, text[at:]])


def _merged(text: str, said: str, found: Sequence[Change], later: Sequence[Change]) -> list[Change]:
    """The changes of the text that do what `found` does and then, to what is said, `later`."""
    starts, ends, shift = [], [], 0
    for change in found:
        starts.append(change.start + shift)
        ends.append(starts[-1] + len(change.spoken))
        shift = ends[-1] - change.end
    shifts = [start - change.start for start, change in zip(starts, found, strict=True)]
    shifts.append(shift)
    merged: list[Change] = []
    kept = 0
    number = 0
    while number < len(later):
        rule = later[number].rule
        low, high = later[number].start, later[number].end
        first = last = bisect_right(ends, low)
        inside: list[Change] = []
        # An earlier change is taken in whole by the later one that touches it, and so are other
        # later ones that touch it too.
        while number < len(later) and (not inside or later[number].start < high):
            inside.append(later[number])
            last = max(last, bisect_left(starts, max(high, later[number].end)))
            low = min(low, starts[first]) if first < last else low
            high = max(high, later[number].end, ends[last - 1] if first < last else 0)
            number += 1
        if first == last and len(inside) == 1:
            merged += found[kept:first]
            merged.append(replace(inside[0], start=low - shifts[first], end=high - shifts[last]))
            kept = last
            continue
        spoken = applied(
            said[low:high],
            [Change(c.start - low, c.end - low, c.spoken, c.rule) for c in inside],
        )
        merged += found[kept:first]
        merged.append(Change(low - shifts[first], high - shifts[last], spoken, rule))
        kept = last
    merged += found[kept:]
    return [c for c in merged if c.spoken != text[c.start : c.end] or c.phonemes]
