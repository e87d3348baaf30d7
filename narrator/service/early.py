"""Answers that are given before a body was read: the rest of it is not waited for.

A server that closes a connection while the other side still writes may destroy the answer on its
way. So the answer is sent, a little more is read and thrown away, and then the connection ends.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

LINGER = 2.0
"""Seconds for which the rest of a body is read."""

LINGERED = 1 << 20
"""Bytes of it."""


async def answer_early(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response to a request whose body may not be read yet."""
    if not has_body(Headers(scope=scope)):
        await response(scope, receive, send)
        return
    response.headers["Connection"] = "close"
    await response(scope, receive, _lingering(receive, send))


def has_body(headers: Headers) -> bool:
    """Whether a request brings one."""
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _lingering(receive: Receive, send: Send) -> Send:
    async def linger(message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            await send({**message, "more_body": True})
            await _drain(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await send(message)

    return linger


async def _drain(receive: Receive) -> None:
    """Read on for a little while."""
    read = 0
    try:
        async with asyncio.timeout(LINGER):
            while read < LINGERED:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return
                read += len(message.get("body", b""))
    except TimeoutError:
        return
