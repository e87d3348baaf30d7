"""Connections: how many, how long a request may take to be sent, and how long its head may be.

uvicorn bounds none of the three. A head that never ends, or is never begun, would hold its
connection for ever.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from narrator.errors import BadRequest, Busy
from narrator.service.problems import KINDS, MEDIA_TYPE, OTHER, PREFIX, Kind
from narrator.settings import ServiceSettings

HEAD_LIMIT = 1 << 16
"""Bytes of a request line and headers."""


class Connection(HttpToolsProtocol):
    """One connection, guarded; its limits are those of its class."""

    most = 0
    """Connections at a time."""
    patience = 0.0
    """Seconds that a head may take."""
    _timer: asyncio.TimerHandle | None = None
    _head = 0
    """Bytes of the head that is being received."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._refuse(KINDS[Busy], f"{self.most} connections are open. Try again later.", "5")
        else:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self.transport.is_closing():
            return
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._expect()
        self._head += len(data)
        super().data_received(data)
        if self._timer is not None and self._head > HEAD_LIMIT:
            self._refuse(OTHER[431], f"More than {HEAD_LIMIT} bytes came before the body.")

    def on_headers_complete(self) -> None:
        """See httptools."""
        self._stop_waiting()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """See HttpToolsProtocol."""
        self._refuse(KINDS[BadRequest], "This is not HTTP/1.1 as it should be.")

    def _expect(self) -> None:
        """A request has to come."""
        self._stop_waiting()
        self._timer = self.loop.call_later(self.patience, self._too_slow)

    def _stop_waiting(self) -> None:
        self._head = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        if self._head:
            self._refuse(OTHER[408], f"The request did not come within {self.patience:g} s.")
        else:
            self.transport.close()

    def _refuse(self, kind: Kind, detail: str, retry_after: str = "") -> None:
        """Tell why, and hang up."""
        self._stop_waiting()
        if self.transport.is_closing():
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


def guarded(settings: ServiceSettings) -> type[Connection]:
    """Connections with the limits of the settings."""
    limits = {"most": settings.connections, "patience": settings.head_seconds}
    return type("Guarded", (Connection,), limits)
