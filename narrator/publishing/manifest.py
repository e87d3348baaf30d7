"""The manifest: what a published narration is, what made it, and the files that belong to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from narrator.errors import SiteError
from narrator.model import Article, AudioFormat, Script, fingerprint
from narrator.weblinks import address_or_path

VERSION: Final = 1
"""Goes up when a field changes its meaning or goes away."""

SUMMARY = 300
"""Characters of a summary at most."""

_STRICT = ConfigDict(extra="forbid", strict=True)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file beside the manifest."""

    name: str
    type: str
    """Media type."""
    size: int
    """Bytes."""
    sha256: str
    url: str
    """Its address, which changes with its content; relative to the manifest where the public
    address of the folder is not known."""


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Credit:
    """A voice that is heard."""

    id: str
    name: str
    licence: str
    """SPDX identifier."""


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Origin:
    """What the article was read from, so that a later run can tell what has changed."""

    given: str
    """The source as it was named to the command: a folder, an address."""
    name: str
    """The article in it: a path, an address."""
    sha256: str
    """Of the bytes that were read."""
    settings: str
    """Hash of all else that decides the result: settings, sounds, lexicons, rules, versions."""
    address: str = ""
    """Where the page was found, after redirects; empty for what was not fetched."""
    etag: str = ""
    modified: str = ""
    """Last-Modified, both as the server of the address sent them."""

    def same_as(self, other: Origin) -> bool:
        """Whether both lead to the same narration, by whatever way the article was named."""
        return (self.sha256, self.settings) == (other.sha256, other.settings)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Taken:
    """The recording by a person that was published, as it was then."""

    sha256: str
    address: str = ""
    """Where it was found, after redirects; empty for a file."""
    etag: str = ""
    modified: str = ""
    """Last-Modified, both as the server of the address sent them."""


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a site, a feed or a later run wants to know of a published narration."""

    id: str
    """Of the article: stays what it is when the text changes."""
    guid: str
    """Of the episode in a podcast: stays what it is for ever."""
    slug: str
    """Name of the folder."""
    title: str
    summary: str
    """How the body begins."""
    author: str
    date: str
    """ISO 8601, empty where the article does not say."""
    published: str
    """ISO 8601: `date`, else when the article was first narrated."""
    language: str
    url: str
    """Public address of the page, empty where unknown."""
    text: str
    """Hash of the article's text; see `text_hash`."""
    words: int
    """Spoken."""
    sentences: int
    narration: str
    """Id of the narration: of all that decides its sound but the encoding."""
    duration: float
    """Seconds."""
    voices: tuple[Credit, ...]
    """The first speaks the body."""
    speed: float
    synthetic: bool
    """Whether a machine speaks."""
    sample_rate: int
    """Samples a second of the first audio file."""
    versions: dict[str, str]
    """Of the programs that made it."""
    origin: Origin
    files: tuple[PublishedFile, ...]
    """The audio first."""
    segments: tuple[str, ...]
    """Names of the spoken sentences, in order."""
    omissions: int
    """How many things the article has that are not spoken; script.json lists them."""
    warnings: tuple[str, ...] = ()
    recording: Taken | None = None
    """What is heard where no machine speaks."""
    retired: bool = False
    """Whether the article is gone from its source: no longer in index and feed."""
    version: Literal[1] = VERSION

    @property
    def audio(self) -> PublishedFile:
        """The first audio file."""
        return self.files[0]

    def file(self, name: str) -> PublishedFile | None:
        """The file of that name."""
        return next((file for file in self.files if file.name == name), None)


_ADAPTER = TypeAdapter(Manifest)


def manifest_json(manifest: Manifest) -> bytes:
    """The manifest as JSON, indented: people read it too."""
    return _ADAPTER.dump_json(manifest, indent=1) + b"\n"


def read_manifest(data: bytes, *, name: str) -> Manifest:
    """The manifest that the bytes are; SiteError, which says `name`, if they are none."""
    try:
        manifest = _ADAPTER.validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise SiteError(f"{name} is no manifest: {where}: {first['msg']}.") from error
    if not manifest.files:
        raise SiteError(f"{name} is no manifest: it names no files.")
    # Earlier versions wrote whatever a front matter said.
    return replace(manifest, url=address_or_path(manifest.url))


def text_hash(article: Article) -> str:
    """A name for what a reader reads: title, and kind and text of every block."""
    return fingerprint("t1", article.title, [[block.kind, block.text] for block in article.blocks])


def summary_of(article: Article) -> str:
    """The start of the first paragraph, of whole sentences if they are short enough."""
    text = next((block.text for block in article.blocks if block.kind == "paragraph"), "")
    flat = " ".join(text.split())
    if len(flat) <= SUMMARY:
        return flat
    start = flat[:SUMMARY]
    stop = max(start.rfind(mark) for mark in (". ", "! ", "? ", "… ", "。"))
    return start[: stop + 1] if stop > SUMMARY // 3 else f"{start.rpartition(' ')[0] or start}…"


def spoken_words(script: Script) -> int:
    """How many words are said."""
    return sum(len(sentence.words) for sentence in script.sentences)


def format_of(file: PublishedFile) -> AudioFormat | None:
    """The audio format of a published file, None for what is no audio."""
    stem, _, suffix = file.name.rpartition(".")
    match suffix:
        case "mp3" | "opus" | "m4a" | "flac" | "wav" if stem == "audio":
            return suffix
    return None
