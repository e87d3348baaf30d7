"""The tables of narrator.toml that are about a site, and what they decide for an article."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from narrator.errors import SettingsError
from narrator.model import AudioFormat
from narrator.settings import FILE, file_tables

TABLES = ("site",)
"""Of narrator.toml, that are read here."""

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
    removed: Removed = "keep"


class SiteConfig(_Table):
    """What narrator.toml says of the site; without the file, what is usual."""

    site: SiteTable = SiteTable()


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
