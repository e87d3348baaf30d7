"""The values that flow through the pipeline, in the order in which they come to be.

Source -> Article (Blocks) -> Script (Sentences) -> Segments -> Narration (Cues, Chapters).
All are frozen. Seconds are floats, samples and character offsets are ints; offsets count
Python characters (code points) and end exclusively, like slices.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

TITLE = "title"
"""Stands where a block id would for the article's title, which is spoken but never a Block."""

NOTICE = "notice"
"""Stands where a block id would for what a publisher has said along with an article, such as that
the voice is synthetic; it is no part of the page."""

BlockKind = Literal[
    "heading", "paragraph", "list_item", "quote", "code", "table_row", "caption", "formula", "embed"
]

SentenceKind = BlockKind | Literal["title", "notice"]

Treatment = Literal["skip", "announce", "read", "linearise"]
"""How an element is treated: left out, named ("Table, 40 rows"), said as it stands, or said cell
by cell, each after its header."""

MarkKind = Literal[
    "emphasis", "strong", "strike", "code", "link", "abbr", "time", "sup", "sub", "footnote",
    "formula", "say", "lang", "cell",
]  # fmt: skip

AudioFormat = Literal["mp3", "opus", "m4a", "flac", "wav"]

Samples: TypeAlias = "npt.NDArray[np.int16]"
"""Mono PCM as a segment stores it, shape (n,)."""

Sound: TypeAlias = "npt.NDArray[np.float32]"
"""Mono sound between the segment store and the encoder, full scale at 1.0, shape (n,)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A run of a Block's text that the page sets apart."""

    kind: MarkKind
    start: int
    """First character, counted in `Block.text`."""
    end: int
    """One past the last character."""
    value: str = ""
    """What the page says of it: a link's target, an abbreviation's title, a `say` reading, a
    time's machine-readable form, a language code, the header of a table cell."""


@dataclass(frozen=True, slots=True)
class Block:
    """One element of the article's body: text as a reader sees it, without markup."""

    id: str
    """Hash of kind, normalized text and occurrence: edits elsewhere leave it alone."""
    kind: BlockKind
    text: str
    """Visible text, white space collapsed; `code` keeps its lines; the cells of a `table_row`
    are separated by one tab; of an `embed` the title that the page gives it, often empty."""
    level: int = 0
    """1 to 6 for a heading, 1 and up for the depth of a list item or quote, else 0."""
    label: str = ""
    """What the page prints before the text: "3." in a numbered list, else empty. Of an `embed`
    what it is: "video", "sound", "page", "post", "image"."""
    marks: tuple[Mark, ...] = ()
    selector: str = ""
    """CSS selector of the element in the page that the block came from; empty if it has none."""
    treatment: Treatment | Literal[""] = ""
    """What the page or its site asks for; empty: what is usual for its kind. A block is skipped,
    not omitted, where the announcement of another stands for it as well."""
    rows: int = 0
    """Rows of the table that begins with this row, 0 for any other block."""


@dataclass(frozen=True, slots=True)
class Omission:
    """Something of the Source that is not spoken, and why."""

    text: str
    """The text left out, or its start followed by an ellipsis."""
    reason: str
    """One lower-case phrase: "share bar", "repeats the title"."""


@dataclass(frozen=True, slots=True)
class Article:
    """What a Source says, freed of its page."""

    title: str
    """Spoken first; empty where the Source has none."""
    language: str
    """BCP 47 code such as "en"; empty where the Source does not say."""
    blocks: tuple[Block, ...]
    """The body in reading order."""
    author: str = ""
    date: str = ""
    """ISO 8601 day or time of publication, empty where unknown."""
    url: str = ""
    """Canonical address, empty where unknown."""
    voice: str = ""
    """Voice id that the Source asks for, usually empty."""
    omissions: tuple[Omission, ...] = ()
    modified: str = ""
    """ISO 8601 day or time of the last change, empty where unknown."""
    site: str = ""
    """Name of the site or publication."""
    image: str = ""
    """Address of the picture that stands for the article."""
    recording: str = ""
    """Path or address of a recording by a person, which takes the place of speech: front matter
    `audio`, `meta name="narrator:audio"`, `data-narrator-audio`, or JSON-LD `audio`."""
    warnings: tuple[str, ...] = ()
    """What whoever has it read should know: that the page shows a part of the article only."""
    draft: bool = False
    """Whether it is not to be published yet."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of `Sentence.spoken` and the source words that it says."""

    start: int
    """First character, counted in `Sentence.spoken`."""
    end: int
    source_start: int
    """First character, counted in the text of the block (or the title)."""
    source_end: int
    rule: str = ""
    """The rule that changed it, such as "money"; empty where it is spoken as written."""
    phonemes: str = ""
    """IPA from the lexicon, said instead of the spelling; empty where the engine decides."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the Script: what the page says and what the voice says."""

    block: str
    """Id of the Block, TITLE or NOTICE."""
    kind: SentenceKind
    start: int
    """First character of `source`, counted in the text of the block."""
    end: int
    source: str
    spoken: str
    """Plain words with the punctuation that shapes the intonation; no digits, no symbols."""
    words: tuple[Word, ...]
    """Every word of `spoken`, in order."""
    pause: float
    """Silence that follows, seconds."""


@dataclass(frozen=True, slots=True)
class Script:
    """What will be said."""

    language: str
    sentences: Sequence[Sentence]
    """In order; those of `write_script` are rolled up (`Roll`)."""
    omissions: tuple[Omission, ...] = ()
    """All that is left out: what reading left out, then what the script stage did."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of the catalogue, with what is needed to load it and to be allowed to."""

    id: str
    language: str
    engine: str
    """Key of the engine in `narrator.engines.ENGINES`."""
    licence: str
    """SPDX identifier."""
    sample_rate: int
    """Samples a second."""
    gain: float
    """Measured gain in dB that brings its ordinary prose to the target loudness."""
    name: str = ""
    """For people: shown in tags and lists."""
    source: str = ""
    """Where the model comes from: `package:NAME/PATH` of an installed package or a file path."""
    files: tuple[tuple[str, str], ...] = ()
    """(path relative to `source`, sha256) of the model and its configuration."""


@dataclass(frozen=True, slots=True)
class WordTime:
    """When a Word sounds, seconds from the start of its Segment."""

    start: float
    end: float


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One Sentence spoken."""

    key: str
    """Hash of all that decided its sound, with a scheme tag (`n1-...`)."""
    samples: Samples
    sample_rate: int
    """Samples a second."""
    words: tuple[WordTime, ...]
    """As many as the sentence has words, in order, inside the segment."""
    estimated: bool = False
    """True where the engine gave no word times and they were spread by length."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True, slots=True)
class CueWord:
    """When a word is heard and where it stands."""

    start: float
    """Seconds from the start of the audio, like every time of a Cue."""
    end: float
    text: str
    """The word as spoken."""
    source_start: int
    """Offsets in the text of the cue's block."""
    source_end: int


@dataclass(frozen=True, slots=True)
class Cue:
    """When a Sentence is heard and where it stands in the page."""

    start: float
    end: float
    block: str
    source_start: int
    source_end: int
    source: str
    spoken: str
    words: tuple[CueWord, ...]
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of audio under one heading; the first bears the title."""

    start: float
    """Seconds."""
    end: float
    title: str


@dataclass(frozen=True, slots=True)
class AudioFile:
    """A finished file of a Narration."""

    path: str
    format: AudioFormat
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who speaks a sentence, and how fast."""

    voice: Voice
    speed: float
    """1.0 is the voice's own pace."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A recording by a person, which takes the place of speech."""

    path: str
    """Of the file; a temporary one for what was fetched."""
    name: str
    """As the article names it."""
    sha256: str
    """Of the file."""
    sample_rate: int
    """Samples a second that it has as a narration."""
    duration: float
    """Seconds."""
    loudness: float
    """LUFS, integrated, as it is in the file."""
    address: str = ""
    """Where it was found, after redirects; empty for a file."""
    etag: str = ""
    modified: str = ""
    """Last-Modified, both as the server of the address sent them."""
    keep: object = None
    """What the file goes away with, where it is a temporary one."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All that decides a narration, before a sound is made."""

    id: str
    """Hash of script, voice, speed, mastering, intro and outro: the id of its Narration."""
    article: Article
    script: Script
    voice: Voice
    """That of the body, like `speed`."""
    speed: float
    readers: tuple[Reader, ...]
    """Who speaks each sentence, in order; all at the sample rate of `voice`."""
    segments: tuple[str, ...]
    """Keys of the segments, one a sentence, in order."""
    intro: Sound | None = None
    """At the voice's sample rate, like the outro."""
    outro: Sound | None = None
    recording: Recording | None = None
    """What is heard instead of speech; the script then has no sentences."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Event: one more sentence is in the audio."""

    done: int
    """Sentences in the audio."""
    total: int
    seconds: float
    """Seconds of audio so far."""
    cue: Cue
    """When this sentence is heard."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Event: the next bytes of the audio as a live stream. Their sound is that of the finished
    file; the bytes differ, whose head and tags are completed at the end."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Narration:
    """The finished thing; as an event, the last."""

    id: str
    """That of its Plan."""
    article: Article
    script: Script
    voice: Voice
    speed: float
    duration: float
    """Seconds of audio."""
    cues: Sequence[Cue]
    """One a sentence, in order, rolled up."""
    chapters: tuple[Chapter, ...]
    audio: AudioFile
    captions: str = ""
    """Path of the WebVTT file, empty where none was asked for."""
    cue_file: str = ""
    """Path of the cues JSON, empty where none was asked for."""
    segments: tuple[str, ...] = ()
    """Keys of the segments, in order."""
    spoken: int = 0
    """How many segments were spoken anew; the rest came from the library."""
    warnings: tuple[str, ...] = field(default=())


Event = Progress | Encoded | Narration
"""What happens while a narration is being made."""


def primary_language(code: str) -> str:
    """The primary subtag of a BCP 47 code, in lower case: "en" of "en-GB" and of "en_US"."""
    return code.replace("_", "-").split("-")[0].lower()


def fingerprint(scheme: str, *parts: object) -> str:
    """`scheme-` and 32 hexadecimal digits: a name for whatever the parts decide.

    The parts must be JSON values (tuples count as lists); their order and types matter.
    """
    canonical = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"{scheme}-{hashlib.sha256(canonical.encode()).hexdigest()[:32]}"
