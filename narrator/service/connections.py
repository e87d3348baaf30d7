"""One connection: how long a request may take to come, how much of it is not its body, how many
requests may wait for their turn, and what becomes of answers that nobody reads.

uvicorn bounds none of these. A head that never ends, or is never begun, would hold its connection
for ever; so would an answer that is not read.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from starlette.types import Message, Receive, Scope, Send
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from narrator.errors import BadRequest, Busy, TooMany
from narrator.service.crowd import Crowd
from narrator.service.gate import PROBES
from narrator.service.problems import KINDS, MEDIA_TYPE, OTHER, PREFIX, Kind
from narrator.settings import ServiceSettings

HEAD_LIMIT = 1 << 16
"""Bytes of a request line and headers."""

LINES_LIMIT = 100
"""Lines of headers."""

TARGET_LIMIT = 1 << 15
"""Bytes of the path with its query."""

TRAILERS_LIMIT = 1 << 14
"""Bytes that are no body between two parts of a body, or after the last: extensions of a chunk,
trailers."""

FRAMING_LIMIT = 1 << 16
"""Bytes that say how long chunks are, beyond as many as the chunks have."""

PIPELINED = 8
"""Requests of one connection that may wait for the answer to an earlier one."""

FED_AT_ONCE = 1 << 14
"""Bytes that are parsed between two looks at the limits."""

SENT_AT_ONCE = 1 << 16
"""Bytes of an answer that wait for one connection."""

FAREWELL = 5
"""Steps of the loop in which an answer to somebody who has gone is stopped."""

RETRY_SECONDS = 5
"""When to try again where all connections are taken."""

PROBED = tuple(path.encode() for path in PROBES)


class Connection(HttpToolsProtocol):
    """One connection, guarded; its limits are those of its class."""

    crowd: Crowd
    """All connections of this process."""
    patience = 0.0
    """Seconds that a head may take."""
    _timer: asyncio.TimerHandle | None = None
    _head = 0
    """Bytes of the head that is being received, as they came."""
    _fields = 0
    """Bytes of the last head, as they were understood."""
    _lines = 0
    """Headers of the last head."""
    _kept = 0
    """Bytes of heads that wait for the answer to an earlier request."""
    _in_body = False
    """Whether a body is being received."""
    _current: RequestResponseCycle | None = None
    """The request that is being received, once its head is here."""
    _body = 0
    """Bytes of it so far."""
    _gap = 0
    """Bytes that are no body since the last that were."""
    _framing = 0
    """All bytes so far that are no body, since the head."""
    _running: RequestResponseCycle | None = None
    """The request that is being answered; others may be here that come after it."""
    _deaf = False
    """Whether nothing that still comes is heeded: the connection ends after the last answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._plain, self.app = self.app, self._answer
        transport.set_write_buffer_limits(high=0)  # So `pause_writing` tells that something waits.
        file = transport.get_extra_info("socket").fileno()
        if self.crowd.enter(self, self.client[0] if self.client else "", file):
            self._expect()
        else:
            most = self.crowd.most_of_one
            self._refuse(
                KINDS[TooMany],
                f"Your address has {most} connections open, which is as many as it may "
                "(connections_per_address). Close some.",
                RETRY_SECONDS,
            )

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._stop_waiting()
        self.crowd.leave(self)
        super().connection_lost(exc)
        if self._running is not None:  # uvicorn tells the last request only.
            self._running.disconnected = True
            self._running.message_event.set()

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        super().pause_writing()
        self.crowd.await_reader(self)

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        super().resume_writing()
        self.crowd.was_read(self)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._deaf or self.transport.is_closing():
            return
        if self._timer is None and not self._answering():
            self._expect()
        if self._timer is not None or self._in_body:
            self.crowd.await_more(self)
        view = memoryview(data)
        for start in range(0, len(data), FED_AT_ONCE):
            self._feed(view[start : start + FED_AT_ONCE])
            if self._deaf or self.transport.is_closing():
                return

    def on_message_begin(self) -> None:
        """See httptools."""
        super().on_message_begin()
        self._current = None
        self._fields = self._lines = 0

    def on_url(self, url: bytes) -> None:
        """See httptools."""
        self._fields += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """See httptools, which tells of trailers by the same name: nothing here heeds these."""
        if self._in_body:
            return
        self._lines += 1
        self._fields += len(name) + len(value)
        if self._lines <= LINES_LIMIT:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """See httptools."""
        self._stop_waiting()
        if self._deaf or self.transport.is_closing():
            return
        self._in_body = True
        self._body = self._gap = self._framing = 0
        waits = self._answering()
        self._kept = self._kept + self._fields if waits else 0
        if self._lines > LINES_LIMIT or self._fields > HEAD_LIMIT:
            self._refuse(
                OTHER[431],
                f"The request line and the headers have {self._fields} bytes in {self._lines} "
                f"lines; {HEAD_LIMIT} and {LINES_LIMIT} are allowed.",
            )
        elif len(self.url) > TARGET_LIMIT:
            self._refuse(
                OTHER[414],
                f"The path with its query has {len(self.url)} bytes, {TARGET_LIMIT} are allowed.",
            )
        elif self.crowd.is_spare(self) and self.url.partition(b"?")[0] not in PROBED:
            self._refuse_place()
        elif waits and (len(self.pipeline) >= PIPELINED or self._kept > HEAD_LIMIT):
            self._turn_deaf()
        else:
            super().on_headers_complete()
            self._current = self.cycle
            if self.crowd.is_spare(self):
                self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """See httptools."""
        self._body += len(body)
        if not self._deaf and not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """See httptools."""
        self._in_body = False
        if self._deaf or self.transport.is_closing():
            return
        if self._answering():
            self.crowd.await_nothing(self)
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """See HttpToolsProtocol."""
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """See HttpToolsProtocol."""
        super().on_response_complete()
        if self.pipeline or self.transport.is_closing():
            return
        if self._deaf:
            self.transport.close()
        else:
            self.crowd.await_more(self)

    def send_400_response(self, msg: str) -> None:
        """See HttpToolsProtocol."""
        self._refuse(KINDS[BadRequest], "This is not HTTP/1.1 as it should be.")

    def leave(self) -> None:
        """See Guest."""
        if self._head or self._in_body or self.crowd.is_spare(self):
            self._refuse_place()
        else:
            self.transport.close()

    def cut(self) -> None:
        """See Guest. What the system still holds for it is thrown away, too."""
        with suppress(OSError):
            own = self.transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _feed(self, piece: memoryview) -> None:
        """Parse some bytes, and look at the limits."""
        if not self._in_body:
            self._head += len(piece)
        before = self._body
        super().data_received(piece)  # type: ignore[arg-type]
        if self._deaf or self.transport.is_closing():
            return
        if self._head > HEAD_LIMIT:
            self._refuse(OTHER[431], f"More than {HEAD_LIMIT} bytes came before the body.")
        elif self._in_body:
            more = self._body - before
            self._gap = 0 if more > 0 else self._gap + len(piece)
            self._framing += max(0, len(piece) - max(more, 0))
            if self._gap > TRAILERS_LIMIT:
                self._refuse(
                    OTHER[431],
                    f"More than {TRAILERS_LIMIT} bytes came as trailers or extensions of a chunk.",
                )
            elif self._framing > FRAMING_LIMIT + self._body:
                self._refuse(
                    KINDS[BadRequest],
                    "The body comes in chunks that are smaller than what says how long they are. "
                    "Send larger ones, or a Content-Length.",
                )

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the application answer, and take no more of an answer than the peer reads."""

        async def piecewise(message: Message) -> None:
            body = message.get("body", b"")
            for start in range(0, len(body) - SENT_AT_ONCE, SENT_AT_ONCE):
                part = memoryview(body)[start : start + SENT_AT_ONCE]
                await send({"type": message["type"], "body": part, "more_body": True})
                await self._taken()
            if len(body) > SENT_AT_ONCE:
                rest = (len(body) - 1) // SENT_AT_ONCE * SENT_AT_ONCE
                message = {**message, "body": memoryview(body)[rest:]}
            await send(message)
            if message.get("more_body"):
                await self._taken()

        if scope["path"] not in PROBES:
            await self.crowd.turn()
        await self._plain(scope, receive, piecewise)

    async def _taken(self) -> None:
        """Until all that was written is on its way. Where nobody is there any more, whoever answers
        is given the time to hear of it, or it would go on to the end without a pause."""
        await self.flow.drain()
        if self.transport.is_closing():
            for _ in range(FAREWELL):
                await asyncio.sleep(0)

    def _expect(self) -> None:
        """A request has to come."""
        self._stop_waiting()
        self._timer = self.loop.call_later(self.patience, self._too_slow)
        self.crowd.await_more(self)

    def _stop_waiting(self) -> None:
        self._head = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        if self.crowd.is_spare(self):
            self._refuse_place()
        elif self._head:
            self._refuse(OTHER[408], f"The request did not come within {self.patience:g} s.")
        else:
            self.transport.close()

    def _answering(self) -> bool:
        """Whether a request is here whose answer is not whole."""
        return self.cycle is not None and not self.cycle.response_complete

    def _turn_deaf(self) -> None:
        """Answer the requests that are here, and hang up."""
        self._deaf = True
        self._stop_waiting()
        self.flow.pause_reading()
        self.cycle.keep_alive = False

    def _refuse_place(self) -> None:
        self._refuse(
            KINDS[Busy], f"{self.crowd.most} connections are open. Try again later.", RETRY_SECONDS
        )

    def _refuse(self, kind: Kind, detail: str, retry_after: int = 0) -> None:
        """Tell why, and hang up; where an earlier request is being answered, hang up after that."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self._answering():
            if self.pipeline or self.cycle is not self._current:
                self._turn_deaf()
                return
            if self.cycle.response_started:
                self.transport.close()
                return
        told = {"type": f"{PREFIX}{kind.slug}", "title": kind.title, "status": kind.status}
        body = json.dumps({**told, "detail": detail}).encode()
        lines = [
            f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}",
            f"Content-Type: {MEDIA_TYPE}",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Connection: close",
            *([f"Retry-After: {retry_after}"] if retry_after else []),
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + body)
        self.transport.close()


def guarded(settings: ServiceSettings, most: int) -> type[Connection]:
    """Connections with the limits of the settings, and at most so many."""
    limits: dict[str, Any] = {
        "crowd": Crowd(
            most, settings.connections_per_address, settings.send_seconds, settings.trusted_proxies
        ),
        "patience": settings.head_seconds,
    }
    return type("Guarded", (Connection,), limits)
