"""The silence after each sentence: what a listener hears of the page's layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, pairwise

from narrator.model import Sentence
from narrator.style import USUAL, Pauses


def paced(sentences: Iterable[Sentence], pauses: Pauses = USUAL) -> Iterator[Sentence]:
    """The same sentences, each with the pause that what follows it asks for."""
    for one, two in pairwise(chain(sentences, [None])):
        assert one is not None
        yield replace(one, pause=pauses.last if two is None else _pause(one, two, pauses))


def _pause(sentence: Sentence, following: Sentence, pauses: Pauses) -> float:
    if sentence.block == following.block:
        return pauses.sentence
    match sentence.kind, following.kind:
        case ("title" | "notice", _) | (_, "notice"):
            return pauses.after_title
        case "heading", _:
            return pauses.after_heading
        case _, "heading":
            return pauses.before_heading
        case _, "list_item" | "table_row":
            return pauses.list_item
    return pauses.paragraph
