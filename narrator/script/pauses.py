"""The silence after each sentence: what a listener hears of the page's layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from narrator.model import Sentence


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds of silence at the voice's own pace, by what stands where the page breaks. A segment
    of joe begins with 40 to 80 ms and ends with 110 to 220 ms of near-silence, which comes on
    top."""

    sentence: float = 0.25
    """Between two sentences of one block."""
    paragraph: float = 0.55
    """Between two blocks otherwise."""
    list_item: float = 0.35
    """Before a list item or a table row: they belong together."""
    before_heading: float = 0.9
    """A heading ends a section."""
    after_heading: float = 0.6
    """And leads on."""
    after_title: float = 0.9
    """A title stands alone; so does a notice that is no part of the article."""
    last: float = 0.3
    """After the last sentence: room for its end to ring out."""


USUAL = Pauses()
"""As a newsreader pauses."""


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
