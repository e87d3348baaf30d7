"""What a process keeps from one narration to the next: settings, library, loaded voices."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from narrator.engines import Engine, load, segment_key
from narrator.errors import LibraryError
from narrator.library import Library, open_library
from narrator.library.segments import decode_segment, encode_segment, segment_name
from narrator.model import Segment, Sentence, Voice
from narrator.settings import Settings


class Studio:
    """Where narrations are made. Several threads may use one at once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.library: Library = open_library(settings.library)
        self._engines: dict[str, Engine] = {}
        self._lock = Lock()

    def engine(self, voice: Voice) -> Engine:
        """The voice ready to speak, loaded once; VoiceError if its files are not whole."""
        with self._lock:
            engine = self._engines.get(voice.id)
            if engine is None:
                engine = self._engines[voice.id] = load(voice)
            return engine


@dataclass(slots=True)
class Speaker:
    """Speaks the sentences of one narration, and only those that the library does not hold."""

    engine: Engine
    library: Library
    speed: float
    spoken: int = 0
    """How many were spoken anew."""
    warnings: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def segment(self, sentence: Sentence) -> Segment:
        """The sentence spoken, from the library if it is there and whole; several threads may
        ask at once."""
        key = segment_key(sentence, self.engine.identity, self.speed)
        name = segment_name(key)
        stored = self.library.read(name)
        if stored is not None:
            try:
                return decode_segment(key, stored)
            except LibraryError as error:
                self.library.remove(name)
                with self._lock:
                    self.warnings.append(f"{error} It was spoken again.")
        segment = self.engine.speak(sentence, self.speed)
        self.library.write(name, encode_segment(segment))
        with self._lock:
            self.spoken += 1
        return segment
