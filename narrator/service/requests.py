"""What the service was asked to narrate, as it is stored before that is acknowledged."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from narrator.model import Article, fingerprint
from narrator.reading.spellings import one_spelling
from narrator.service.logs import request_id

ID = re.compile(r"[A-Za-z]{1,4}[0-9]{0,4}-[0-9a-f]{32}")
"""What ids of narrations and of requests look like."""

CHOSEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
"""What an id may look like that a caller chooses for an article."""


@dataclass(frozen=True, slots=True)
class Request:
    """An article to be narrated, all that decides it resolved."""

    id: str
    """The narration's, or one of its own where the page has yet to be read."""
    received: float
    """Seconds since the epoch."""
    article: Article | None = None
    """None: the page at `url`, when it has been read."""
    url: str = ""
    chosen: str = ""
    """Id that the caller chose for the article, else empty."""
    title: str = ""
    """Instead of the page's own, like `language`."""
    language: str = ""
    voice: str = ""
    """Empty only where the page has yet to say."""
    speed: float | None = None
    batch: bool = False
    """Whether it may wait for all that somebody waits for."""
    listed: bool = True
    """Whether it belongs into the feed."""
    listener: bool = False
    """Whether a listener asked for it, who chooses nothing that lasts."""
    passing: bool = False
    """Whether it is of no article: see `passing.py`."""
    sent: bool = False
    """Whether the text was sent, and is no page that was fetched."""
    trace: str = field(default_factory=request_id.get, compare=False)
    """Id of the HTTP request that it came with, by which logs are followed; that of the one being
    answered, if any."""


FORM = TypeAdapter(Request)
"""How a request is stored."""


def new_id(kind: str = "q1") -> str:
    """An id for a request whose narration is not known yet; "l1": a listener's."""
    return f"{kind}-{secrets.token_hex(16)}"


def article_id(chosen: str, url: str, narration: str) -> str:
    """The id that an article keeps over its edits: what the caller chose, else one made of its
    address however that is spelled, else of this narration, for then nothing connects it with
    another."""
    return chosen or fingerprint("a1", one_spelling(url) or narration)
