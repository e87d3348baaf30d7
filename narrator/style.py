"""How a site wants its articles to sound, besides voice and speed: what a plan takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LANGUAGE = "en"
"""Of an article that does not say its own, unless the settings name another."""


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


@dataclass(frozen=True, slots=True)
class Part:
    """Who speaks a part of an article; what is empty is as for the body."""

    voice: str = ""
    """Voice id."""
    speed: float | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How a site wants its articles to sound, besides voice and speed."""

    headline: Part = Part()
    """For the title and the headings."""
    quote: Part = Part()
    """For block quotes."""
    intro: Path | None = None
    outro: Path | None = None
    disclosure: str = ""
    """Said along with each article, such as that the voice is synthetic."""
    disclosure_first: bool = False
    """Whether it comes before the article, not after it."""
    pauses: Pauses = USUAL
    lexicon: Path | None = None
    """Its entries come before those of the settings' lexicon."""


PLAIN = Style()
"""One voice, no sounds, no notice."""
