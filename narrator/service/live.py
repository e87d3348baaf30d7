"""Narrations while they are being made: the audio as it comes, and events as they happen."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from narrator.audio.captions import cue_fields
from narrator.roll import STRETCH
from narrator.service.makings import Making
from narrator.service.problems import problem_of
from narrator.service.products import AUDIO, content_type

KEEP_ALIVE = 15.0
"""Seconds of silence after which a comment is sent, so that nothing between takes the stream for
dead."""

LIVE_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Of whatever may still change."""


class LiveAudio(StreamingResponse):
    """The audio of a making that the caller has joined; leaves it at the end. A making that fails
    cuts the connection, so that nobody takes half an article for the whole."""

    def __init__(self, making: Making, media_type: str = "") -> None:
        super().__init__(
            making.heard(), media_type=media_type or content_type(AUDIO), headers=LIVE_HEADERS
        )
        self.making = making

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See StreamingResponse."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.making.leave()

    async def stream_response(self, send: Send) -> None:
        """See StreamingResponse; no last part is sent where there is none."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for data in self.making.heard():
            await send({"type": "http.response.body", "body": data, "more_body": True})
        if self.making.state == "ready":
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def started(making: Making) -> None:
    """Until there is something to hear, for who has joined; its error where it failed before."""
    try:
        while not making.spool.size and not making.over:
            await making.bell.wait()
        if making.state == "failed" and making.error is not None:
            raise making.error
    except BaseException:
        making.leave()
        raise


async def events(
    making: Making,
    status: Callable[[], dict[str, Any]],
    after: int,
    closing: Callable[[], bool],
) -> AsyncIterator[bytes]:
    """Server-sent events: `cue` for each sentence (those before too, but for the first `after`),
    `progress`, and last `ready` or `failed`. The id of a cue is its number, from 1."""
    yield _event("status", status()).encode()
    told = after
    while True:
        over = making.over
        while cues := making.cues[told : told + STRETCH]:  # Not all: the reader may be slow.
            for cue in cues:
                told += 1
                yield _event("cue", cue_fields(cue), told).encode()
        yield _event("progress", making.progress()).encode()
        if over or closing():
            break
        while told >= len(making.cues) and not (making.over or closing()):
            if not await making.bell.wait(KEEP_ALIVE):
                yield b": still at it\n\n"
    if making.state == "ready":
        yield _event("ready", status()).encode()
    elif making.error is not None:
        yield _event("failed", problem_of(making.error).fields()).encode()


def _event(name: str, data: dict[str, Any], number: int | None = None) -> str:
    head = f"event: {name}\n" if number is None else f"id: {number}\nevent: {name}\n"
    return f"{head}data: {json.dumps(data, ensure_ascii=False)}\n\n"


def finished_events(
    status: dict[str, Any], cues: list[dict[str, Any]], after: int
) -> Iterator[str]:
    """The events of a narration that was ready before."""
    yield _event("status", status)
    for number, cue in enumerate(cues[after:], after + 1):
        yield _event("cue", cue, number)
    yield _event("ready", status)
