"""The tables of narrator.toml that are about a site, and what they decide for an article."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from narrator.errors import SettingsError, UsageError
from narrator.model import AudioFormat
from narrator.publishing.channel import FeedTable
from narrator.settings import FILE, file_tables
from narrator.style import USUAL, Part, Pauses, Style

TABLES = ("site", "feed", "style", "languages", "sections")
"""Of narrator.toml, that are read here."""

_DAY = r"^(\d{4}(-\d\d(-\d\d)?)?)?$"
"""A day, month or year of ISO 8601, or nothing."""

Removed = Literal["keep", "delete", "list"]
"""What becomes of the audio of an article that is gone: it stays but leaves index and feed; it is
deleted; nothing is changed and it is only listed."""


class _Table(BaseModel):
    """A table whose unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SiteTable(_Table):
    """[site]: where things are, and what is written."""

    sources: tuple[str, ...] = ()
    """What is prerendered where the command names nothing."""
    output: str = ""
    """The site folder, where the command names none."""
    url: str = ""
    """Public address of the site's root: a path in a source folder becomes an address under it."""
    audio_url: str = ""
    """Public address of the site folder; needed for the feed and for addresses in the manifests
    that hold anywhere."""
    map: dict[str, str] = Field(default_factory=dict)
    """Path prefix of a source -> public address, where `url` does not tell."""
    permalink: str = "{path}/"
    """Address of a Markdown file under its base; {path} is its path without suffix, {stem} its
    name, {section} its first folder. HTML files are where they are."""
    formats: tuple[AudioFormat, ...] = Field(default=("mp3",), min_length=1)
    """The first is what captions and cues belong to."""
    include: tuple[str, ...] = ()
    """Only what matches one of these patterns; all if there is none."""
    exclude: tuple[str, ...] = ()
    """Not what matches one of these patterns."""
    since: str = Field(default="", pattern=_DAY)
    """Only articles of this day or later; what has no date is passed over."""
    until: str = Field(default="", pattern=_DAY)
    """Only articles of this day or earlier."""
    only_languages: tuple[str, ...] = ()
    """Only articles in these languages."""
    only_sections: tuple[str, ...] = ()
    """Only articles below these first folders."""
    pace: float = Field(default=1.0, ge=0, le=60)
    """Seconds between two requests to one host, at least."""
    removed: Removed = "keep"
    follow_links: bool = False
    """Whether links may lead out of the folders of the site; see `fence.py`."""
    built: str = ""
    """Folder of the built site, into whose pages the snippets are put."""


class PartTable(_Table):
    """Who speaks a part of an article."""

    voice: str = ""
    speed: float | None = Field(default=None, ge=0.5, le=3.0)


class PausesTable(_Table):
    """Seconds of silence; see `narrator.style.Pauses`."""

    sentence: float = Field(default=USUAL.sentence, ge=0, le=10)
    paragraph: float = Field(default=USUAL.paragraph, ge=0, le=10)
    list_item: float = Field(default=USUAL.list_item, ge=0, le=10)
    before_heading: float = Field(default=USUAL.before_heading, ge=0, le=10)
    after_heading: float = Field(default=USUAL.after_heading, ge=0, le=10)
    after_title: float = Field(default=USUAL.after_title, ge=0, le=10)
    last: float = Field(default=USUAL.last, ge=0, le=10)


class StyleTable(_Table):
    """[style], and what differs from it in a language or a section."""

    voice: str = ""
    speed: float | None = Field(default=None, ge=0.5, le=3.0)
    headline: PartTable = PartTable()
    quote: PartTable = PartTable()
    intro: Path | None = None
    outro: Path | None = None
    disclosure: str = ""
    disclosure_at: Literal["start", "end"] = "end"
    lexicon: Path | None = None
    pauses: PausesTable = PausesTable()

    def over(self, other: StyleTable) -> StyleTable:
        """The other one, with all that is said here in its place."""
        said = {name: getattr(self, name) for name in self.model_fields_set if name != "match"}
        merged = {name: getattr(other, name) for name in other.model_fields_set} | said
        return StyleTable(**merged)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files whose content decides the sound."""
        return tuple(filter(None, (self.intro, self.outro, self.lexicon)))

    @property
    def style(self) -> Style:
        """As the plan takes it."""
        return Style(
            headline=Part(self.headline.voice, self.headline.speed),
            quote=Part(self.quote.voice, self.quote.speed),
            intro=self.intro,
            outro=self.outro,
            disclosure=self.disclosure,
            disclosure_first=self.disclosure_at == "start",
            pauses=Pauses(**self.pauses.model_dump()),
            lexicon=self.lexicon,
        )


class SectionTable(StyleTable):
    """[[sections]]: what differs in a part of the site."""

    match: str
    """A pattern such as "blog/*"."""


class SiteConfig(_Table):
    """What narrator.toml says of the site; without the file, what is usual."""

    site: SiteTable = SiteTable()
    feed: FeedTable = FeedTable()
    style: StyleTable = StyleTable()
    languages: dict[str, StyleTable] = Field(default_factory=dict)
    """Primary language code -> what differs in it."""
    sections: tuple[SectionTable, ...] = ()
    """A later one rules over an earlier one, and all over languages."""

    @property
    def styles(self) -> tuple[StyleTable, ...]:
        """All tables that say how articles sound."""
        return (self.style, *self.languages.values(), *self.sections)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files whose content decides the sound."""
        return tuple(path for table in self.styles for path in table.files)

    @property
    def voices(self) -> tuple[str, ...]:
        """Ids of all voices that are named."""
        named = (
            voice
            for table in self.styles
            for voice in (table.voice, table.headline.voice, table.quote.voice)
        )
        return tuple(filter(None, named))


def load_site(**flags: Any) -> SiteConfig:
    """The site of narrator.toml in the working folder; `flags` that are not None rule over the
    [site] table. SettingsError for an unknown name or an impossible value."""
    tables = file_tables(*TABLES)
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        site = tables.get("site", {})
        return SiteConfig(
            **{**tables, "site": {**site, **given} if isinstance(site, dict) else site}
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"{FILE}: {name}: {first['msg']}, got {first.get('input')!r}. "
            "`narrator init` writes a file with every name in it."
        ) from error


def output_of(named: Path | None, config: SiteConfig) -> Path:
    """The site folder: the one that is named, else that of narrator.toml; UsageError without
    either."""
    if named is None and not config.site.output:
        raise UsageError(
            f"No site folder is named: give one, or `output` in the [site] table of {FILE}."
        )
    return named or Path(config.site.output)


def base_of(site: SiteTable, root: Path) -> str:
    """The public address that paths below the source folder `root` stand under, or empty."""
    address, longest = site.url, -1
    whole = root.resolve()
    for prefix, url in site.map.items():
        mapped = Path(prefix).resolve()
        if whole.is_relative_to(mapped) and len(mapped.parts) > longest:
            longest = len(mapped.parts)
            inner = whole.relative_to(mapped).as_posix()
            address = url if inner == "." else f"{url.rstrip('/')}/{inner}/"
    return address


def root_of(site: SiteTable, path: Path) -> Path | None:
    """The source folder that a file lies in, as narrator.toml names it; None if it names none."""
    for source in site.sources:
        if Path(source).is_dir() and path.resolve().is_relative_to(Path(source).resolve()):
            return Path(source)
    return None
