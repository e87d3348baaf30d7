"""What a check of a site folder tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "missing", "length", "damaged", "manifest", "unfinished", "mismatch", "duplicate", "index",
    "feed", "stale", "unspoken", "orphan", "source",
    "undecodable", "truncated", "silence", "clipping", "cut", "shifted", "proportion", "loudness",
    "words", "times",
]  # fmt: skip
"""What can be wrong.

By names, sizes and hashes: `length`: a file has not the size that its manifest says; `damaged`: it
has not the content; `mismatch`: the cues belong to other audio; `index`, `feed`: they do
not list what there is; `unspoken`: a source without audio; `orphan`: audio whose source is gone;
`source`: a source that cannot be read.

By the texts: `words`: script, cues and captions do not say the same; `times`: the cues are out of
order or leave other pauses than the script; `proportion`: a sentence is too short or too long for
its words.

By the sound: `truncated`: it ends too early, or too late; `silence`: words that are not heard;
`cut`: a sentence ends in the middle of a sound; `shifted`: speech where a pause should
be; `loudness`: a sentence is much louder or softer than the others."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong."""

    kind: Kind
    article: str
    """Slug, or the source of what has no folder."""
    file: str
    """Empty where it is about the whole article."""
    detail: str


@dataclass(frozen=True, slots=True)
class Looked:
    """An article was looked at."""

    article: str
    files: int
    size: int
    """Bytes."""
    duration: float
    """Seconds of audio."""
