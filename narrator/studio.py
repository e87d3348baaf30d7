"""What a process keeps from one narration to the next: settings, library, loaded voices."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock, Thread

from narrator.engines import Engine, Hear, load, segment_key
from narrator.errors import LibraryError, NarratorError, StorageFull
from narrator.library import ENCODED, SEGMENTS, Library, open_library
from narrator.library.encodings import KeptEncodings
from narrator.library.segments import decode_segment, encode_segment, segment_name
from narrator.library.upkeep import to_collect
from narrator.model import Segment, Sentence, Voice
from narrator.queue import Queue, open_queue
from narrator.queue.turns import Turns, Urgency, always
from narrator.scratch import ensure_scratch
from narrator.settings import Settings

SLACK = 0.02
"""Share of the library's limit that is written before its size is looked at again."""

ROOM = 0.9
"""Share of the library's limit that is left when something has to go."""


class Studio:
    """Where narrations are made. Several threads may use one at once."""

    def __init__(self, settings: Settings) -> None:
        ensure_scratch(settings.library)
        self.settings = settings
        self.library: Library = open_library(settings.library)
        self.queue: Queue | None = open_queue(settings.queue) if settings.queue else None
        """Where others are asked to speak; None: this process speaks itself."""
        near = self.library.free() is not None
        self.encodings = KeptEncodings(self.library, self.check_room, self._wrote) if near else None
        """None where asking for one takes longer than encoding anew: in an object store."""
        self.turns = Turns(settings.threads)
        self._voices = loaded_voices(settings.voices_loaded, settings.voice_idle)
        self._lock = Lock()
        self._written: float | None = None
        """Bytes of segments since the library's size was last known; None before that."""

    def engine(self, voice: Voice) -> Engine:
        """The voice ready to speak, loaded once; VoiceError if its files are not whole."""
        return self._voices.engine(voice)

    def expect(self, voice: Voice) -> None:
        """Load the voice beside what else is done, for it will soon be asked to speak; what is
        wrong with it is said then. Not where others speak."""
        if self.queue is not None:
            return
        Thread(target=_prepare, args=[self.engine(voice)], name="narrator-voice").start()

    def lacks(self, keys: Iterable[str]) -> bool:
        """Whether a segment of these has to be spoken, as far as that is known at once."""
        return any(self.library.holds(segment_name(key)) is False for key in keys)

    def close(self) -> None:
        """Let go of the queue's connections."""
        if self.queue is not None:
            self.queue.close()

    def drop_idle_voices(self) -> None:
        """Free the memory of voices that were not asked for lately."""
        self._voices.drop_idle()

    def keep(self, segment: Segment) -> None:
        """Put a spoken segment into the library; StorageFull, LibraryError."""
        data = encode_segment(segment)
        self.library.write(segment_name(segment.key), data)
        self._wrote(len(data))

    def _wrote(self, count: int) -> None:
        """So many bytes were added to the library."""
        with self._lock:
            if self._written is not None:
                self._written += count

    def check_room(self) -> None:
        """StorageFull if the disk of the library is as full as it may be."""
        free = self.library.free()
        if free is not None and free < self.settings.disk_reserve:
            raise StorageFull(
                f"Only {free / 1e6:.0f} MB of space are left where the library "
                f"{self.settings.library} is, and {self.settings.disk_reserve / 1e6:.0f} MB are "
                "held back (disk_reserve). Free some (`narrator library gc`), or name another "
                "place in NARRATOR_LIBRARY. What was spoken before is kept."
            )

    def tidy(self) -> int:
        """Remove the least recently used segments if the library may have outgrown its limit; how
        many bytes that freed."""
        limit = self.settings.library_limit
        if limit is None:
            return 0
        with self._lock:
            if self._written is not None and self._written < limit * SLACK:
                return 0
            self._written = 0.0
        held = sum(
            entry.size for kind in (SEGMENTS, ENCODED) for entry in self.library.entries(kind)
        )
        if held <= limit:
            return 0
        freed = 0
        now = time.time()
        for name, size in to_collect(self.library, now=now, max_bytes=int(limit * ROOM)):
            self.library.remove(name)
            freed += size
        return freed


class LoadedVoices:
    """Engines by voice: at most `most`, and none that was idle for `idle` seconds. Who still
    speaks with one that was dropped keeps it until the end."""

    def __init__(
        self,
        most: int,
        idle: float,
        *,
        load: Callable[[Voice], Engine] = load,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._idle = idle
        self._load = load
        self._clock = clock
        self._loaded: dict[Voice, tuple[Engine, float]] = {}
        """With the time of its last use; the least recently used comes first."""
        self._lock = Lock()

    def engine(self, voice: Voice) -> Engine:
        """The voice ready to speak; VoiceError if its files are not whole."""
        self.drop_idle()
        with self._lock:
            kept = self._loaded.pop(voice, None)
            engine = self._load(voice) if kept is None else kept[0]
            self._loaded[voice] = engine, self._clock()
            while len(self._loaded) > self._most:
                del self._loaded[next(iter(self._loaded))]
            return engine

    def drop_idle(self) -> None:
        """Forget the voices that were not asked for lately."""
        with self._lock:
            oldest = self._clock() - self._idle
            for voice in [v for v, (_, used) in self._loaded.items() if used < oldest]:
                del self._loaded[voice]


@lru_cache(maxsize=1)
def loaded_voices(most: int, idle: float) -> LoadedVoices:
    """The voices of this process: whoever calls `narrate` again finds them loaded."""
    return LoadedVoices(most, idle)


def _prepare(engine: Engine) -> None:
    # RuntimeError: the command ended meanwhile, and Python starts no more threads. Whatever else is
    # wrong shows again when the voice is used.
    with suppress(NarratorError, RuntimeError):
        engine.prepare()


@dataclass(slots=True)
class Speaker:
    """Speaks the sentences of one narration, and only those that the library does not hold."""

    studio: Studio
    engine: Engine
    speed: float
    shares: bool = True
    """Whether a lease keeps others from speaking a sentence at the same time; not where a queue
    does, and a holder may be frozen."""
    spoken: int = 0
    """How many were spoken anew."""
    warnings: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def segment(
        self, sentence: Sentence, hear: Hear | None = None, urgency: Urgency = always
    ) -> Segment:
        """The sentence spoken, from the library if it is there and whole; several threads may
        ask at once. What another thread or process is about to speak is waited for. `hear` gets
        the samples of what has to be spoken, while it is."""
        key = self.key(sentence)
        return self.stored(key) or self._made(key, sentence, hear, urgency)

    def key(self, sentence: Sentence) -> str:
        """What the sentence's segment is called."""
        return segment_key(sentence, self.engine.identity, self.speed)

    def _made(self, key: str, sentence: Sentence, hear: Hear | None, urgency: Urgency) -> Segment:
        """The sentence spoken by the engine, unless another does it meanwhile."""
        lease = self.studio.library.lease(segment_name(key)) if self.shares else nullcontext()
        # First the turn, for who holds a lease must not wait.
        with self.studio.turns.taken(urgency), lease:
            found = self.stored(key)
            if found is not None:
                return found
            self.studio.check_room()
            segment = self.engine.speak(sentence, self.speed, hear)
            self.studio.keep(segment)
        with self._lock:
            self.spoken += 1
        return segment

    def stored(self, key: str) -> Segment | None:
        """The segment that the library holds; one that is damaged is removed and reported."""
        name = segment_name(key)
        stored = self.studio.library.read(name)
        if stored is None:
            return None
        try:
            return decode_segment(key, stored)
        except LibraryError as error:
            self.studio.library.remove(name)
            with self._lock:
                self.warnings.append(f"{error} It was spoken again.")
            return None
