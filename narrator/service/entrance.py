"""What every request passes first and every answer last: an id, the log, headers for browsers."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from narrator.errors import Busy, NarratorError
from narrator.service.access import under
from narrator.service.logs import request_id
from narrator.service.metrics import Metrics
from narrator.service.problems import answer, problem_of
from narrator.service.shortage import shortage, tell
from narrator.settings import ServiceSettings

log = logging.getLogger("narrator.service")

REQUEST_ID = re.compile(r"[A-Za-z0-9._:=+/-]{1,100}")
"""What an id may look like that came with a request; another gets a new one."""

TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?![^-])"
)
"""What the header traceparent looks like, of this or a later version."""

QUIET = ("/healthz", "/readyz", "/metrics")
"""What is asked so often that the log would hold nothing else."""

EMBEDDED = ("/v1", "/player", "/feed.xml")
"""What pages of other sites use."""


class Entrance:
    """ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics
        self.headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        self.policy = content_policy(settings.public_url)
        self.embedded = () if settings.private else EMBEDDED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.monotonic()
        own = known_as(Headers(scope=scope)) or secrets.token_hex(8)
        request_id.set(own)
        status, sent, live, whole = 0, 0, False, False

        async def tell(message: Message) -> None:
            nonlocal status, sent, live, whole
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=message["headers"])
                self._complete(scope, headers, own)
                live = is_live(headers) and status == 200
                self.metrics.answered(
                    scope["method"], route_of(scope), status, time.monotonic() - began
                )
            else:
                if live and not sent and message.get("body"):
                    self.metrics.first_sound.observe(time.monotonic() - began)
                sent += len(message.get("body", b""))
                whole = not message.get("more_body")
            await send(message)

        try:
            await self.app(scope, receive, tell)
        except asyncio.CancelledError:
            if not status:  # The service is stopped, and its grace is over.
                stopping = Busy("The service is being stopped. Ask again soon.", retry_after=5)
                await answer(problem_of(stopping))(scope, receive, tell)
        finally:
            self._log(scope, status, whole, sent, time.monotonic() - began)

    def _complete(self, scope: Scope, headers: MutableHeaders, own: str) -> None:
        """Add what every answer says; what a route says itself stays."""
        headers["X-Request-Id"] = own
        for name, value in self.headers.items():
            headers.setdefault(name, value)
        origin = "cross-origin" if under(scope["path"], self.embedded) else "same-origin"
        headers.setdefault("Cross-Origin-Resource-Policy", origin)
        if headers.get("content-type", "").startswith("text/html"):
            headers.setdefault("Content-Security-Policy", self.policy)

    def _log(self, scope: Scope, status: int, whole: bool, sent: int, seconds: float) -> None:
        if under(scope["path"], QUIET) and status < 400:
            return
        caller = scope.get("state", {}).get("caller")
        about: dict[str, object] = {
            "method": scope["method"], "path": scope["path"][:300], "route": route_of(scope),
            "status": status,
            "seconds": round(seconds, 4), "bytes": sent,
            "client": (scope.get("client") or ("",))[0],
        }  # fmt: skip
        if caller is not None and caller.key is not None:
            about["key"] = caller.key.name
        log.info("answered" if whole else "cut off", extra=about)


def known_as(headers: Headers) -> str:
    """The id that a request came with, its own or that of its trace (W3C Trace Context); empty
    where there is none that can be one."""
    given = headers.get("x-request-id", "")
    if REQUEST_ID.fullmatch(given):
        return given
    traced = TRACEPARENT.match(headers.get("traceparent", ""))
    return traced["trace"] if traced else ""


def route_of(scope: Scope) -> str:
    """The route that answered, with its parameters by name; "none" where none did, for the paths
    that people invent are without number."""
    return getattr(scope.get("route"), "path", "none")


def is_live(headers: Headers) -> bool:
    """Whether an answer is audio that is being made."""
    return (
        headers.get("content-type", "").startswith("audio/")
        and headers.get("cache-control") == "no-store"
    )


class Safety:
    """ASGI middleware, the innermost: what nobody foresaw becomes a problem like others, which the
    log tells more about. Where the answer has begun, the connection is cut by the server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            short = shortage(error)
            if short is not None:
                tell(short)
                if begun:
                    return  # The server cuts what is not whole.
            elif scope["type"] != "http" or begun:
                raise
            else:
                log.error("not foreseen", exc_info=error)
            await answer(problem_of(short or NarratorError()))(scope, receive, send)


def content_policy(public_url: str) -> str:
    """What our pages may load: of their own, and of the address that the world knows us by."""
    parts = urlsplit(public_url)
    own = f"'self' {parts.scheme}://{parts.netloc}" if parts.netloc else "'self'"
    return (
        f"default-src {own}; img-src {own} https: data:; style-src {own} 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; object-src 'none'"
    )
