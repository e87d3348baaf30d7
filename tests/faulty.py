"""A library in a folder whose operations fail when a test says so, and a service on it in this
process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import httpx
import uvicorn
from waiting import PATIENCE

from narrator.errors import LibraryError, NarratorError, StorageFull
from narrator.library import LIBRARIES, Entry
from narrator.library.files import FolderLibrary
from narrator.service.app import create_app
from narrator.service.context import Service
from narrator.service.logs import request_id
from narrator.settings import load_settings

FAULTED = "faulted"
"""The X-Request-Id of requests whose operations may fail; what runs beside them never does."""

WRITES = ("write", "replace")
"""Operations that need room."""

Fault = Callable[[str, str], NarratorError | None]
"""Operation and name -> the error, if it fails."""


class FaultyLibrary(FolderLibrary):
    """See Library."""

    fault: Fault | None = None
    """Of all that are open."""

    def _may(self, operation: str, name: str) -> None:
        fault = type(self).fault
        if fault is not None and request_id.get() == FAULTED:
            error = fault(operation, name)
            if error is not None:
                raise error

    def read(self, name: str, *, use: bool = True) -> bytes | None:
        self._may("read", name)
        return super().read(name, use=use)

    def read_range(self, name: str, start: int, end: int) -> bytes | None:
        self._may("read_range", name)
        return super().read_range(name, start, end)

    def size(self, name: str) -> int | None:
        self._may("size", name)
        return super().size(name)

    def write(self, name: str, data: bytes | BinaryIO, *, lasting: bool = True) -> None:
        self._may("write", name)
        super().write(name, data, lasting=lasting)

    def replace(self, name: str, data: bytes) -> None:
        self._may("replace", name)
        super().replace(name, data)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        self._may("entries", prefix)
        yield from super().entries(prefix)

    def remove(self, name: str) -> None:
        self._may("remove", name)
        super().remove(name)


def open_at(where: str) -> FaultyLibrary:
    """The library in the folder of a faulty:// URL."""
    return FaultyLibrary(Path(where.removeprefix("faulty://")))


LIBRARIES["faulty"] = "faulty"


class Nth:
    """Fails the operation of that number, from 0, of those that count; or all from it on."""

    def __init__(self, number: int, error: type[NarratorError], *, for_good: bool) -> None:
        self.number = number
        self.error = error
        self.for_good = for_good
        self.seen = 0
        self.failed = ""
        """Operation and name that failed first."""

    def __call__(self, operation: str, name: str) -> NarratorError | None:
        if self.error is StorageFull and operation not in WRITES:
            return None
        self.seen += 1
        at = self.seen - 1
        if at == self.number or (self.for_good and at > self.number):
            self.failed = self.failed or f"{operation} {name}"
            return self.error(f"Injected at {operation} {name}.")
        return None


@contextmanager
def injected(fault: Fault) -> Iterator[None]:
    """Faults for the block."""
    FaultyLibrary.fault = staticmethod(fault)
    try:
        yield
    finally:
        FaultyLibrary.fault = None


@contextmanager
def in_process(library: Path, **service: Any) -> Iterator[tuple[httpx.Client, Service]]:
    """A client of a service that runs in this process, on a FaultyLibrary in that folder."""
    settings = load_settings(
        library=f"faulty://{library}", voice="tone", allow_private=True,
        service={"test_voices": True, "hosts": ("127.0.0.1:*",), "requests_per_minute": 0,
                 "makings_per_minute": 0, "queue_limit": 100_000, **service},
    )  # fmt: skip
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(
            base_url=url, timeout=PATIENCE, trust_env=False, follow_redirects=True
        ) as client:
            yield client, app.state.service
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


EIO = LibraryError
ENOSPC = StorageFull
