"""The files of finished narrations by the shortest way, for most requests are for these.

The routes answer the same, after a walk past all of them and two threads, which takes four times as
long (`benchmarks/service.py ready`). Here the event loop answers by itself where nothing has to be
waited for: the manifest is remembered and the library is on this machine. All else goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from narrator.errors import NarratorError
from narrator.service.context import Service
from narrator.service.products import FILES, shown_name
from narrator.service.ranges import send as as_wanted
from narrator.service.requests import ID

_FILE = re.compile(rf"/v1/narrations/({ID.pattern})/({'|'.join(map(re.escape, FILES))})")


@dataclass(frozen=True, slots=True)
class _Route:
    """How logs and metrics name a route that was not walked to."""

    path: str


_ROUTES = {name: _Route(f"/v1/narrations/{{narration_id}}/{name}") for name in FILES}


class Finished:
    """ASGI middleware, the last before the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            match = _FILE.fullmatch(scope["path"])
            answer = await _answer(scope, match[1], match[2]) if match else None
            if match and answer is not None:
                scope["route"] = _ROUTES[match[2]]
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def _answer(scope: Scope, narration_id: str, name: str) -> Response | None:
    """The file as the request wants it; None where the routes have to see to it."""
    service: Service = scope["app"].state.service
    try:
        found = service.shelf.at_hand(narration_id)
        file = found.files.get(name) if found else None
        if file is None:
            return None
        return await as_wanted(
            HttpRequest(scope), service.studio.library, file,
            filename=shown_name(narration_id, name),
        )  # fmt: skip
    except NarratorError:
        return None  # Whatever is wrong now, they say it as it should be said.
