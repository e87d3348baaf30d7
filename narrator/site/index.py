"""What a whole site folder holds: index.json."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from narrator.errors import SiteError
from narrator.outputs import whole_file
from narrator.publishing import names
from narrator.publishing.manifest import Manifest
from narrator.site.present import manifest_in

VERSION = 1
"""Of index.json; goes up when a field changes its meaning or goes away."""


def folders(output: Path) -> list[str]:
    """Names of the folders in a site folder, in order; none where there is no such folder."""
    if not output.is_dir():
        return []
    with os.scandir(output) as entries:
        return sorted(
            entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")
        )


def manifests(
    output: Path, *, only: Iterable[str] | None = None
) -> Iterator[tuple[Path, Manifest]]:
    """Each article's folder with its manifest, or those of some slugs; what is damaged is passed
    over."""
    for name in folders(output) if only is None else only:
        with suppress(SiteError):
            manifest = manifest_in(output / name)
            if manifest is not None:
                yield output / name, manifest


def listed_slugs(output: Path) -> dict[str, str]:
    """Id of an article -> its folder, as index.json lists them; empty if there is none."""
    try:
        articles = json.loads((output / names.INDEX).read_bytes())["articles"]
        return {article["id"]: article["slug"] for article in articles}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def write_index(output: Path, base: str) -> None:
    """Write index.json: the articles that are not retired, in the order of their slugs."""
    with whole_file(output / names.INDEX) as file:
        file.write(f'{{"version":{VERSION},"articles":['.encode())
        separator = b"\n"
        for _, manifest in manifests(output):
            if not manifest.retired:
                file.write(separator + _line(manifest, base).encode())
                separator = b",\n"
        file.write(b"\n]}\n")


def _line(manifest: Manifest, base: str) -> str:
    folder = f"{base.rstrip('/')}/" if base else ""
    return json.dumps(
        {
            "id": manifest.id,
            "slug": manifest.slug,
            "title": manifest.title,
            "url": manifest.url,
            "published": manifest.published,
            "language": manifest.language,
            "duration": manifest.duration,
            "words": manifest.words,
            "narration": manifest.narration,
            "manifest": f"{folder}{manifest.slug}/{names.MANIFEST}",
            "audio": manifest.audio.url if base else f"{manifest.slug}/{manifest.audio.url}",
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
