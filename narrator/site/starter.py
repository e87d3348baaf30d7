"""The narrator.toml that a site begins with, by what the site is made with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from narrator.packed import packed


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a kind of site has its things."""

    name: str
    marks: tuple[str, ...]
    """Files that tell this kind."""
    sources: tuple[str, ...]
    built: str
    """Folder of the built site."""
    output: str
    """Where the site folder goes so that the next build of the site publishes it and leaves it."""


LAYOUTS = (
    Layout("Hugo", ("hugo.toml", "hugo.yaml", "hugo.json"), ("content",), "public", "static/audio"),
    Layout("MkDocs", ("mkdocs.yml", "mkdocs.yaml"), ("docs",), "site", "docs/audio"),
    Layout(
        "Eleventy",
        ("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", ".eleventy.js"),
        ("_site",), "_site", "_site/audio",
    ),
    Layout("Jekyll", ("_config.yml",), ("_site",), "_site", "audio"),
)  # fmt: skip
PLAIN = Layout("a plain site", (), ("content",), "public", "public/audio")


def recognized(folder: Path) -> Layout:
    """The kind of site in the folder."""
    for layout in LAYOUTS:
        if any((folder / mark).is_file() for mark in layout.marks):
            return layout
    return PLAIN


def starter(layout: Layout, url: str) -> str:
    """The file, with the folders of the layout."""
    root = url if url.endswith("/") else f"{url}/"
    published = layout.output.rpartition("/")[2]
    values = {
        "OUTPUT": layout.output,
        "SOURCES": ", ".join(f'"{source}"' for source in layout.sources),
        "URL": root,
        "AUDIO": urljoin(root, f"{published}/"),
        "BUILT": layout.built,
    }
    text = packed("site/starter.toml").read_text("utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
