"""Narrations that were replaced go after a while: nobody can be listening to them any more."""

from __future__ import annotations

import time
from collections import defaultdict
from itertools import pairwise

from narrator.errors import TakenDown
from narrator.library import NARRATIONS
from narrator.service.shelf import VERSIONS, Shelf, Version, version_of

DAY = 86_400.0


def retire(shelf: Shelf, days: float) -> int:
    """Remove the narrations that were replaced more than `days` ago in each article that had them;
    how many. The current one of an article always stays. Blocks."""
    due = time.time() - days * DAY
    replaced: dict[str, list[Version]] = defaultdict(list)
    used: set[str] = set()
    for versions in _articles(shelf):
        used.add(versions[0].narration)
        for newer, version in pairwise(versions):
            if newer.since > due:
                used.add(version.narration)
            else:
                replaced[version.narration].append(version)
    retired = 0
    for narration, notes in replaced.items():
        if narration not in used:
            retired += _discarded(shelf, narration)
        for note in notes:
            shelf.library.remove(note.name)
    return retired


def _articles(shelf: Shelf) -> list[list[Version]]:
    """The versions of each article that were made, the newest first, as often as they were noted.
    One that failed replaces nothing."""
    made = {entry.name.removeprefix(NARRATIONS) for entry in shelf.library.entries(NARRATIONS)}
    noted: dict[str, list[Version]] = defaultdict(list)
    for entry in shelf.library.entries(VERSIONS):
        version = version_of(entry.name)
        if version is not None and f"{version.narration}.json" in made:
            noted[entry.name.rpartition("/")[0]].append(version)
    return [sorted(found, key=lambda v: v.since, reverse=True) for found in noted.values()]


def _discarded(shelf: Shelf, narration: str) -> bool:
    try:
        manifest = shelf.sound(narration)
    except TakenDown:
        return False
    if manifest is None:
        return False
    shelf.discard(manifest)
    return True
