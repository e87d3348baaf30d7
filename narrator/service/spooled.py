"""Answers that are made while they are asked for and may be long: kept in a file, not in memory,
while whoever asked reads them, or does not."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TypeVar

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from narrator.errors import Busy
from narrator.service.live import LIVE_HEADERS
from narrator.service.makings import PIECE, Making, Spool
from narrator.service.products import content_type
from narrator.service.reading_pool import STOPPING

BUILDERS = 2
"""Documents that are built at the same time, apart from all else that the service does."""

KEPT = 32
"""Documents of narrations in the making that are kept for whoever asks next."""

REST = 9
"""A document that grows is built anew only after so many times the seconds that it took: one that
is asked for all the time takes a tenth of a processor at most."""

Result = TypeVar("Result")

Make = Callable[[], Iterable[str]]
"""Gives the parts of a document; may block."""


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


@dataclass(slots=True)
class _Draft:
    """A document of a narration in the making, as it was when it had so many sentences."""

    sentences: int
    body: bytes | Spool
    seconds: float
    """Of the processor, that it took."""
    built: float = field(default_factory=time.monotonic)

    def serves(self, sentences: int) -> bool:
        """Whether it is good enough for who wants it with so many sentences."""
        rested = time.monotonic() - self.built > REST * self.seconds
        return self.sentences >= sentences or not rested


class Documents:
    """Builds documents in threads of their own. Those of a narration in the making are built one
    after another, and once for all who ask meanwhile. For the loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(BUILDERS, thread_name_prefix="documents")
        self._building: dict[Making, asyncio.Task[None]] = {}
        self._drafts: OrderedDict[tuple[Making, str], _Draft] = OrderedDict()
        """By narration and name; the least recently asked for comes first."""
        self._lock = Lock()
        """Guards it."""
        self._closed = False

    def close(self) -> None:
        """Build nothing more, and let go of what is kept."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for making, _ in list(self._drafts):
            self.drop(making)

    async def once(self, make: Make, media_type: str, headers: dict[str, str]) -> Response:
        """The answer that `make` makes, for one request. Busy."""
        return _answer(await self._built(partial(_held, make)), media_type, headers)

    async def so_far(
        self,
        making: Making,
        name: str,
        make: Make,
        *,
        grows: bool = True,
    ) -> Response | None:
        """The document of that name of a narration in the making; None where it is over. One that
        took long to build may be some seconds old; one that does not grow is built once. Whatever
        `make` raises; Busy."""
        sentences = len(making.cues) if grows else 0
        key = making, name
        while (body := self._held(key, sentences)) is None:
            if making.over:
                return None
            building = self._building.get(making)
            if building is None:
                building = asyncio.create_task(self._draft(key, make))
                self._building[making] = building
                building.add_done_callback(partial(self._done, making))
                await asyncio.wait([building])  # It goes on for others when this is cancelled.
                building.result()
            else:
                await asyncio.wait([building])
        return _answer(body, content_type(name), LIVE_HEADERS)

    def drop(self, making: Making) -> None:
        """Let go of the documents of a narration that is over; from any thread."""
        with self._lock:
            for key in [key for key in self._drafts if key[0] is making]:
                _release(self._drafts.pop(key).body)

    def _done(self, making: Making, building: asyncio.Task[None]) -> None:
        del self._building[making]
        if not building.cancelled():
            building.exception()  # Who asked is told, if that is still there.

    def _held(self, key: tuple[Making, str], sentences: int) -> bytes | Spool | None:
        """What is kept of a document, held for one more; None where it has to be built."""
        with self._lock:
            draft = self._drafts.get(key)
            if draft is None or not draft.serves(sentences):
                return None
            self._drafts.move_to_end(key)
            if isinstance(draft.body, Spool):
                draft.body.hold()
            return draft.body

    async def _draft(self, key: tuple[Making, str], make: Make) -> None:
        """Build a document and keep it until its narration is over."""
        making = key[0]
        making.ending.add(self.drop)
        sentences = len(making.cues)
        body, seconds = await self._built(partial(_timed, make))
        with self._lock:
            before = self._drafts.pop(key, None)
            self._drafts[key] = _Draft(sentences, body, seconds)
            gone = [before] if before else []
            while len(self._drafts) > KEPT:
                gone.append(self._drafts.popitem(last=False)[1])
            for draft in gone:
                _release(draft.body)
        if making.over:  # It ended before the document was kept.
            self.drop(making)

    async def _built(self, work: Callable[[], Result]) -> Result:
        if self._closed:
            raise Busy(STOPPING, retry_after=1.0)
        known = partial(copy_context().run, work)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, known)
        except asyncio.CancelledError:
            if not self._closed:
                raise
            raise Busy(STOPPING, retry_after=1.0) from None


def _answer(held: bytes | Spool, media_type: str, headers: dict[str, str]) -> Response:
    if isinstance(held, Spool):
        return Spooled(held, media_type, headers)
    return Response(held, media_type=media_type, headers=headers)


def _release(body: bytes | Spool) -> None:
    if isinstance(body, Spool):
        body.release()


def _timed(make: Make) -> tuple[bytes | Spool, float]:
    """What was made, and seconds of the processor that it took."""
    began = time.thread_time()
    held = _held(make)
    return held, time.thread_time() - began


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
