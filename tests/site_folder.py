"""What tests of site folders share: three articles, a run over them, a look at what came out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from narrator.publishing.channel import FeedTable
from narrator.publishing.manifest import Manifest, read_manifest
from narrator.settings import load_settings
from narrator.site.config import SiteConfig, SiteTable
from narrator.site.events import Outcome
from narrator.site.job import Job
from narrator.site.prerender import prerender
from narrator.studio import Studio

FIRST = "# First\n\nThis is the first article. It has two sentences.\n\n## Part\n\nAnd a part.\n"
SECOND = "---\ntitle: Second\ndate: 2024-05-01\nauthor: Desk\n---\n\nA second article is here.\n"
PAGE = (
    "<html lang=en><head><title>Third</title></head><body><nav><a href=/>Home</a></nav><article>"
    "<h1>Third</h1><p>This page is an article with words enough that a reader finds them.</p>"
    "<p>It cost $5 and went on for a while, as pages of articles do.</p></article></body></html>"
)


def make_content(root: Path) -> Path:
    """The three articles in a folder below `root`."""
    folder = root / "content"
    (folder / "blog").mkdir(parents=True)
    (folder / "first.md").write_text(FIRST)
    (folder / "blog" / "second.md").write_text(SECOND)
    (folder / "page.html").write_text(PAGE)
    return folder


def ran(
    *sources: str,
    out: str = "out",
    job: Job | None = None,
    feed: FeedTable | None = None,
    voice: str = "tone",
    **site: Any,
) -> list[Any]:
    """All events of a run over `sources`, "content" unless said, with the tone voice unless
    said."""
    config = SiteConfig(site=SiteTable(**site), feed=feed or FeedTable())
    asked = job or Job((), Path())
    asked = replace(
        asked, sources=sources or ("content",), output=Path(out), config=config, voice=voice
    )
    return list(prerender(Studio(load_settings()), asked))


def states(events: list[Any]) -> dict[str, str]:
    """Source -> what became of it."""
    return {event.source: event.state for event in events if isinstance(event, Outcome)}


def manifest_of(slug: str, out: str = "out") -> Manifest:
    return read_manifest(Path(out, slug, "manifest.json").read_bytes(), name=slug)


def index() -> dict[str, Any]:
    articles = json.loads(Path("out/index.json").read_text())["articles"]
    return {article["slug"]: article for article in articles}


def kept_bytes(out: str = "out") -> dict[str, bytes]:
    """Path -> content of all files of a site folder."""
    return {str(p): p.read_bytes() for p in sorted(Path(out).rglob("*")) if p.is_file()}
