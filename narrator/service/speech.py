"""Text -> sound for one who waits for it: spoken as it is sent, and nothing kept but sentences."""

from __future__ import annotations

import asyncio
import logging
import os
import struct
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Literal, cast

from narrator.errors import Abandoned, Busy, NarratorError
from narrator.making import make
from narrator.model import AudioFormat, Encoded, Plan
from narrator.service.makings import Bell, Making
from narrator.service.requests import Request
from narrator.service.workshop import give_way
from narrator.studio import Studio

log = logging.getLogger("narrator.service")

SpeechFormat = Literal["mp3", "opus", "flac", "wav", "pcm"]

MEDIA_TYPES: dict[SpeechFormat, str] = {
    "mp3": "audio/mpeg", "opus": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav",
    "pcm": "audio/pcm;rate=24000;channels=1",
}  # fmt: skip

PCM_RATE = 24_000
"""Samples a second of headless PCM, as other programs with this interface have it."""

ENDLESS = 0xFFFFFFFF
"""Says in the head of a WAV file that its length is not known."""

_DATA = b"data"


@dataclass(slots=True)
class _Head:
    """The head of a WAV stream, which waits until it is whole."""

    keep: bool
    """Whether a head is sent at all."""
    held: bytes | None = b""

    def passed(self, data: bytes) -> bytes:
        """The next bytes to send."""
        if self.held is None:
            return data
        self.held += data
        start = self.held.find(_DATA)
        if start < 0 or len(self.held) < start + 8:
            return b""
        whole, self.held = self.held, None
        sound = whole[start + 8 :]
        if not self.keep:
            return sound
        endless = struct.pack("<I", ENDLESS)
        return whole[:4] + endless + whole[8 : start + 4] + endless + sound


class Speech:
    """Speaks texts, a thread each. Used from the loop."""

    def __init__(self, studio: Studio, most: int) -> None:
        self.studio = studio
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="speech")
        self._active: set[Making] = set()
        self._lock = Lock()

    def begin(self, planned: Plan, encoding: SpeechFormat) -> Making:
        """What was planned, being spoken, for the one who asked and has joined it; Busy where as
        many are as may be."""
        with self._lock:
            if len(self._active) >= self._most:
                raise Busy("As much is being spoken as may be. Try again soon.", retry_after=1.0)
            making = Making(Request(id="", received=0.0), planned, Bell(self._loop))
            self._active.add(making)
        making.join()
        self._pool.submit(self._work, making, encoding)
        return making

    def close(self) -> None:
        """Stop at the end of the sentences that are being spoken."""
        with self._lock:
            for making in self._active:
                making.wanted = False
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, making: Making, encoding: SpeechFormat) -> None:
        try:
            give_way()
            making.state = "working"
            with tempfile.TemporaryFile() as file:
                self._speak(making, encoding, cast(BinaryIO, file))
            making.end("ready")
        except Exception as error:
            if not isinstance(error, NarratorError):
                log.error("speaking failed", exc_info=error)
            known = error if isinstance(error, NarratorError) else NarratorError(str(error))
            making.error = known
            making.end("failed")
        finally:
            with self._lock:
                self._active.discard(making)

    def _speak(self, making: Making, encoding: SpeechFormat, file: BinaryIO) -> None:
        raw = encoding in ("wav", "pcm")
        head = _Head(keep=encoding == "wav")
        written: AudioFormat = "wav" if encoding == "pcm" else encoding
        rate = PCM_RATE if encoding == "pcm" else None
        events = make(
            self.studio, making.planned, file, written, path=Path(os.devnull), live=True,
            due=making.due, file_rate=rate, request=making.request.trace,
        )  # fmt: skip
        try:
            for event in events:
                if not making.listeners:
                    making.wanted = False
                if not making.wanted:
                    raise Abandoned("Whoever asked for this has gone.")
                if isinstance(event, Encoded):
                    making.sound(head.passed(event.data) if raw else event.data)
        finally:
            events.close()
