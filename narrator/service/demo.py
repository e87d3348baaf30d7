"""The demo page: our own example article, with the player, its colours and the lines to copy."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

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
def policy(base: str) -> str:
    """What a browser may do on the page (Content-Security-Policy); `base` is the service's public
    address, if it has one."""
    parts = urlsplit(base)
    own = f"'self' {parts.scheme}://{parts.netloc}" if base else "'self'"
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src {own} 'sha256-{digest}'; style-src 'unsafe-inline'; "
        f"connect-src {own}; media-src {own} blob:; img-src {own} data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


@cache
def _script() -> str:
    return (_HERE / "demo.js").read_text("utf-8")
