"""The silence after each sentence: what a listener hears of the page's layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

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


def paced(sentences: Sequence[Sentence], pauses: Pauses = USUAL) -> tuple[Sentence, ...]:
    """The same sentences, each with the pause that what follows it asks for."""
    if not sentences:
        return ()
    last = replace(sentences[-1], pause=pauses.last)
    between = (replace(one, pause=_pause(one, two, pauses)) for one, two in pairwise(sentences))
    return (*between, last)


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
