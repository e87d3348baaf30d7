"""Who took what down or restored it: one line in the log for each."""

from __future__ import annotations

import logging

from starlette.requests import Request as HttpRequest

from narrator.service.takedowns import Belongings

log = logging.getLogger("narrator.service")

NOBODY = "no key"
"""In place of the name of a key, where the service has none."""


def audit(done: str, http: HttpRequest, article: str, what: Belongings) -> None:
    """Log that an article, if it is known which, and all that belongs to it was taken down or
    restored, and the name of the key with which it was."""
    caller = http.scope.get("state", {}).get("caller")
    key = caller.key.name if caller is not None and caller.key is not None else NOBODY
    about = {
        "article": article,
        "addresses": sorted(map(str, what.addresses)),
        "narrations": sorted(what.narrations),
        "key": key,
        "client": (http.scope.get("client") or ("",))[0],
    }
    log.warning("%s", done, extra=about)
