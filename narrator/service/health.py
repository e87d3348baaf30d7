"""Whether the service can do its work: what /readyz tells."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable
from threading import Lock

from narrator.engines.catalogue import default_voice, find_voice
from narrator.errors import NarratorError
from narrator.model import Sentence, Word
from narrator.service.reading_pool import ReadingPool
from narrator.service.workshop import Workshop
from narrator.studio import Studio

MEMORY = 3.0
"""Seconds for which a result holds, so that whoever asks often costs nothing."""

STUCK = 180.0
"""Seconds without a sentence after which the queue does not move."""

PROBES = "probes/"
"""Where what is written to see whether it can be is written."""

OK = "ok"

_WORD = "Ready"


class Health:
    """Looks after the parts that the service needs."""

    def __init__(self, studio: Studio, workshop: Workshop, readers: ReadingPool) -> None:
        self.studio = studio
        self.workshop = workshop
        self.readers = readers
        self.closing = False
        self.voice = "It is being loaded."
        """What there is to say of the voice that is kept loaded."""
        self._told: dict[str, str] = {}
        self._at = -MEMORY
        self._lock = Lock()

    def check(self) -> dict[str, str]:
        """Part -> "ok", or what is wrong with it. Blocks."""
        with self._lock:
            if time.monotonic() - self._at > MEMORY:
                parts: dict[str, Callable[[], str]] = {
                    "library": self._library,
                    "disk": self._disk,
                    "temporary": self._temporary,
                    "queue": self._queue,
                }
                self._told = {name: _outcome(look) for name, look in parts.items()}
                self._at = time.monotonic()
            told = dict(self._told)
        return {
            "voice": self.voice,
            "readers": self.readers.fault() or OK,
            **told,
            "service": "It is being stopped." if self.closing else OK,
        }

    def warm(self) -> None:
        """Load the voice that most articles will be spoken with, unless it is loaded, and have it
        say a word, so that the first listener does not wait for it. Blocks."""
        settings = self.studio.settings
        if settings.queue or not settings.service.keep_voice:
            self.voice = OK  # Others speak, or whoever comes first may wait.
            return
        try:
            voice = (
                find_voice(settings.voice)
                if settings.voice
                else default_voice(settings.language or "en")
            )
            engine = self.studio.engine(voice)
            if self.voice != OK:
                engine.speak(_word(), settings.speed)
            self.voice = OK
        except NarratorError as error:
            self.voice = str(error)

    def _library(self) -> str:
        name = f"{PROBES}p1-{secrets.token_hex(8)}.probe"
        self.studio.library.write(name, b"It can be written.")
        self.studio.library.remove(name)
        return OK

    def _disk(self) -> str:
        self.studio.check_room()
        return OK

    def _temporary(self) -> str:
        """A narration that is being made lies in a temporary file until it is whole."""
        try:
            with tempfile.TemporaryFile() as file:
                file.write(b"It can be written.")
        except OSError as error:
            return (
                f"Temporary files cannot be written ({error.strerror}). Free some space there, or "
                "set TMPDIR to another folder."
            )
        return OK

    def _queue(self) -> str:
        if self.studio.queue is not None:
            self.studio.queue.counts()  # It answers.
        moved = [making.moved for making in self.workshop.makings() if making.state == "working"]
        still = time.monotonic() - max(moved, default=time.monotonic())
        return OK if still < STUCK else f"No sentence was finished for {still:.0f} s."


def _outcome(look: Callable[[], str]) -> str:
    try:
        return look()
    except NarratorError as error:
        return str(error)


def _word() -> Sentence:
    word = Word(0, len(_WORD), 0, len(_WORD), "", "")
    return Sentence("b1-ready", "paragraph", 0, len(_WORD), _WORD, f"{_WORD}.", (word,), 0.0)
