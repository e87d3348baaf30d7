"""What a request needs, told by its method and path alone: the policy in one place.

Whatever is not named here and changes something needs a key, so that a new route is shut until
somebody opens it.
"""

from __future__ import annotations

import re

from narrator.service.keys import Scope

OPEN = ("/healthz", "/readyz", "/problems", "/player", "/docs", "/openapi.json")
"""Paths, and all under them, that hold nothing of anybody's."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

LISTEN = "/v1/listen"
"""What players ask for on behalf of readers, who have no keys: it fetches from allowed hosts only
and is limited by address."""

HEARD = "/v1/heard"
"""Where players tell, for readers, how far an article was heard; who may manage sees the sums."""

METRICS = "/metrics"

RESTORE = re.compile(r"/v1/articles/[^/]+/restore")
"""What ends a takedown, and so needs what a takedown needs."""


def needed(method: str, path: str, *, private: bool, open_metrics: bool) -> Scope | None:
    """The scope without which a request is refused; None: it needs no key. `private`: also to
    read needs one."""
    if method == "OPTIONS" or under(path, OPEN):
        return None
    if path == METRICS:
        return None if open_metrics else "read"
    if path == HEARD and method in SAFE:
        return "admin"
    if method in SAFE or path in (LISTEN, HEARD):
        return "read" if private else None
    return "admin" if method == "DELETE" or RESTORE.fullmatch(path) else "narrate"


def under(path: str, tops: tuple[str, ...]) -> bool:
    """Whether a path is one of these, or below one."""
    return any(path == top or path.startswith(f"{top}/") for top in tops)
