"""Snippets put into the pages of a built site and taken out again; twice is the same as once.

Works on bytes and adds only ASCII, so the page's encoding does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from narrator.outputs import refusal, whole_file
from narrator.publishing import names
from narrator.publishing.manifest import Manifest

OPEN, CLOSE = b"<!-- narrator -->", b"<!-- /narrator -->"
"""Around what was put in. A template that has OPEN alone says where it is to go."""

_BLOCK = re.compile(
    re.escape(OPEN) + rb"(?:(?!" + re.escape(OPEN) + rb").)*?" + re.escape(CLOSE), re.S
)
_HIDDEN = re.compile(rb"<!--.*?-->|<(script|style|template|noscript|svg)\b.*?</\1\s*>", re.S | re.I)
_PLACES = tuple(
    re.compile(pattern, re.S | re.I)
    for pattern in (
        rb"<(?:article|main)\b.*?</h1\s*>", rb"</h1\s*>", rb"<article\b[^>]*>", rb"<main\b[^>]*>",
        rb"<body\b[^>]*>",
    )
)  # fmt: skip
"""What the snippet comes after, the best first."""


@dataclass(frozen=True, slots=True)
class Injected:
    """What became of the pages."""

    changed: int
    """Pages that were written."""
    pages: int
    """Pages that have a snippet now."""
    homeless: tuple[str, ...]
    """Slugs of articles without a page in the built site, some of them."""


def without_snippet(page: bytes) -> bytes:
    """The page as it was before a snippet was put in; a place kept for one does not count."""
    return _BLOCK.sub(b"", page).replace(OPEN, b"") if OPEN in page else page


def with_snippet(page: bytes, snippet: bytes) -> bytes | None:
    """The page with the snippet: where the page keeps a place for it, else below the headline;
    None where there is no place at all."""
    block = OPEN + snippet.strip() + CLOSE
    if OPEN in page:
        bare = _BLOCK.sub(OPEN, page)
        return bare.replace(OPEN, block, 1)
    visible = _HIDDEN.sub(lambda found: b" " * len(found[0]), page)
    for place in _PLACES:
        found = place.search(visible)
        if found:
            return page[: found.end()] + block + page[found.end() :]
    return None


def inject(
    built: Path, output: Path, site_url: str, articles: Iterator[tuple[Path, Manifest]]
) -> Injected:
    """Put the snippet of each article of the site folder into its page below `built`, and take it
    out of the pages of those that are retired."""
    changed = pages = 0
    homeless: list[str] = []
    for folder, manifest in articles:
        page = page_of(built, manifest, site_url)
        if page is None:
            if not manifest.retired and len(homeless) < 10:
                homeless.append(manifest.slug)
            continue
        try:
            before = page.read_bytes()
            bare = without_snippet(before)
            snippet = (folder / names.SNIPPET).read_bytes()
            after = bare if manifest.retired else with_snippet(before, snippet)
            if after is None:
                homeless.append(manifest.slug)
                continue
            pages += not manifest.retired
            if after != before:
                _rewrite(page, after)
                changed += 1
        except OSError as error:
            raise refusal(page, error) from error
    return Injected(changed, pages, tuple(homeless))


def page_of(built: Path, manifest: Manifest, site_url: str) -> Path | None:
    """The HTML file of an article in the built site: the one that it was read from, else the one
    that its address leads to; None if there is none."""
    own = Path(manifest.origin.name)
    if own.suffix.lower() in (".htm", ".html", ".xhtml") and _below(own, built) and own.is_file():
        return own
    if not manifest.url:
        return None
    path = unquote(urlsplit(manifest.url).path)
    root = unquote(urlsplit(site_url).path).rstrip("/")
    if site_url and urlsplit(site_url).netloc != urlsplit(manifest.url).netloc:
        return None
    inner = path.removeprefix(root).lstrip("/")
    for candidate in (inner, f"{inner.rstrip('/')}/index.html", f"{inner.rstrip('/')}.html"):
        file = built / candidate.lstrip("/")
        if file.suffix.lower() in (".htm", ".html") and _below(file, built) and file.is_file():
            return file
    return None


def _below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _rewrite(page: Path, content: bytes) -> None:
    """Give the page this content, and leave it its permissions."""
    mode = page.stat().st_mode
    with whole_file(page) as file:
        file.write(content)
    page.chmod(mode & 0o7777)
