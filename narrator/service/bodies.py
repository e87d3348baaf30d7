"""Bodies of requests: how large, how slow, and what becomes of one that nobody reads.

A server that closes a connection while the other side still writes may destroy its answer on the
way. So where the answer comes before the end of the body, a little more of that is read and thrown
away, and then the connection ends: nothing waits for, or holds, what nobody wants.
"""

from __future__ import annotations

import asyncio
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from narrator.errors import BadRequest
from narrator.service.access import HEARD, LISTEN
from narrator.service.structure import Structure
from narrator.settings import ServiceSettings

SMALL = {LISTEN: 1 << 15, HEARD: 1 << 12}
"""Bytes of the bodies that anybody may send, by path: there is no article in them."""

LINGER = 2.0
"""Seconds for which the rest of a body is read when the answer is out."""

LINGERED = 1 << 20
"""Bytes of it."""


class Bodies:
    """ASGI middleware that bounds the bodies of requests: HTTPException 413 and 408 are raised
    where one is read."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        announced = headers.get("content-length", "0")
        if "transfer-encoding" not in headers and announced == "0":
            await self.app(scope, receive, send)
            return
        size = int(announced) if announced.isdecimal() and len(announced) < 20 else 0
        limit, seconds = int(self.settings.body_limit), self.settings.body_seconds
        small = SMALL.get(scope["path"])
        if small is not None:  # It is no longer than a head.
            limit, seconds = min(limit, small), min(seconds, self.settings.head_seconds)
        body = _Body(receive, send, size, limit, seconds)
        await self.app(scope, body.receive, body.send)


class _Body:
    """The body of one request, and the answer to it."""

    def __init__(
        self, receive: Receive, send: Send, announced: int, limit: int, seconds: float
    ) -> None:
        self._receive = receive
        self._send = send
        self._announced = announced
        """Bytes; 0 where that was not told."""
        self._limit = limit
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._read = 0
        self._structure = Structure()
        self._whole = False
        """Whether nothing more of it will come."""
        self._answered = False

    async def receive(self) -> Message:
        """See ASGI. Once the answer has begun, whoever looks for the end of the connection finds
        it where the body is too large."""
        if self._whole:
            return await self._receive()
        if self._announced > self._limit:
            return self._too_large()
        try:
            async with asyncio.timeout(max(0.0, self._deadline - time.monotonic())):
                message = await self._receive()
        except TimeoutError:
            if self._answered:
                return {"type": "http.disconnect"}
            raise HTTPException(
                408, f"The body did not come within {self._seconds:g} s. Try again."
            ) from None
        self._whole = not message.get("more_body", False)
        self._read += len(message.get("body", b""))
        if self._read > self._limit:
            return self._too_large()
        if not self._answered:
            try:
                self._structure.feed(message.get("body", b""))
            except BadRequest as error:
                raise HTTPException(400, str(error)) from None
        return message

    def _too_large(self) -> Message:
        if self._answered:
            return {"type": "http.disconnect"}
        raise HTTPException(
            413,
            f"The body is larger than the {self._limit} bytes that are allowed here. "
            "Send the text of the article only, or split it.",
        )

    async def send(self, message: Message) -> None:
        """See ASGI."""
        if message["type"] == "http.response.start":
            self._answered = True
            if not self._whole:
                MutableHeaders(raw=message["headers"])["Connection"] = "close"
        elif not message.get("more_body") and not self._whole:
            await self._send({**message, "more_body": True})
            await self._drain()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await self._send(message)

    async def _drain(self) -> None:
        """Read on for a little while."""
        read = 0
        try:
            async with asyncio.timeout(LINGER):
                while read < LINGERED:
                    message = await self._receive()
                    if not message.get("more_body"):
                        return
                    read += len(message.get("body", b""))
        except TimeoutError:
            return
