"""The demo page: our own example article, with the player, its colours and the lines to copy."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt

from narrator.packed import packed
from narrator.reading.front_matter import split_front_matter

PATH = "/demo"

PLAYER = "/player/narrator-player.js"
"""Where the service has the player, below its own address."""

_HERE = Path(__file__).parent


@cache
def page(player: str) -> str:
    """The page as HTML; `player` is the address of the player's file."""
    about, text = split_front_matter(packed("examples/article.md").read_text("utf-8"))
    day = date.fromisoformat(about.date)
    return Template((_HERE / "demo.html").read_text("utf-8")).substitute(
        title=escape(about.title),
        author=escape(about.author),
        date=about.date,
        day=f"{day:%B} {day.day}, {day.year}",
        body=MarkdownIt("commonmark").render(text),
        player=escape(player),
        script=_script(),
    )


@cache
def policy() -> str:
    """What a browser may do on the page (Content-Security-Policy)."""
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "connect-src 'self'; media-src 'self' blob:; img-src 'self' data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


@cache
def _script() -> str:
    return (_HERE / "demo.js").read_text("utf-8")
