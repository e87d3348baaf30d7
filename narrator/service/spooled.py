"""Answers that are made for one request and may be long: kept in a file, not in memory, while
whoever asked reads them, or does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from narrator.service.makings import PIECE, Spool


class Spooled(StreamingResponse):
    """What a spool holds; releases it at the end."""

    def __init__(self, spool: Spool, media_type: str, headers: dict[str, str]) -> None:
        super().__init__(
            _pieces(spool),
            media_type=media_type,
            headers={**headers, "Content-Length": str(spool.size)},
        )
        self.spool = spool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See StreamingResponse."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.spool.release()


async def spooled(
    make: Callable[[], Iterable[str]], media_type: str, headers: dict[str, str]
) -> Response:
    """The answer that `make` makes, in a thread: it may block."""
    held = await asyncio.to_thread(_held, make)
    if isinstance(held, Spool):
        return Spooled(held, media_type, headers)
    return Response(held, media_type=media_type, headers=headers)


def _held(make: Callable[[], Iterable[str]]) -> bytes | Spool:
    """What was made: in memory where it is short."""
    parts: list[bytes] = []
    spool: Spool | None = None
    size = 0
    try:
        for part in make():
            data = part.encode()
            size += len(data)
            parts.append(data)
            if size > PIECE:
                spool = spool or Spool()
                spool.append(b"".join(parts))
                parts, size = [], 0
        if spool is None:
            return b"".join(parts)
        spool.append(b"".join(parts))
    except BaseException:
        if spool is not None:
            spool.release()
        raise
    return spool


async def _pieces(spool: Spool) -> AsyncIterator[bytes]:
    for start in range(0, spool.size, PIECE):
        yield spool.read(start)
