"""How long an article will play and how long it takes here, before it is made."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from narrator.library.segments import segment_name
from narrator.making import make
from narrator.model import Narration, Plan, Reader
from narrator.studio import Studio

SAMPLE = 12
"""Sentences that are spoken, and kept, to learn what a voice takes on this machine."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of a narration."""

    duration: float
    """Seconds of audio."""
    takes: float
    """Seconds of work."""
    spoken: int
    """Sentences that have to be spoken."""


@dataclass(frozen=True, slots=True)
class _Rates:
    """What a voice does on this machine."""

    character: float
    """Seconds of speech a character of the spoken text, pauses aside."""
    speaking: float
    """Seconds of work a second of speech."""
    assembling: float
    """Seconds of work a second of audio, for all but the speaking."""


MASTERING = 0.01
"""Seconds of work a second of a recording, in one format."""


class Estimate:
    """Forecasts, from a sample of each voice that is really spoken the first time it is asked."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._rates: dict[Reader, _Rates] = {}

    def of(self, planned: Plan, *, formats: int = 1) -> Forecast:
        """What is expected of the narration in so many formats; any error of speaking."""
        if planned.recording:
            seconds = planned.recording.duration
            return Forecast(seconds, seconds * MASTERING * formats, 0)
        missing = [
            number
            for number, key in enumerate(planned.segments)
            if self._studio.library.size(segment_name(key)) is None
        ]
        body = Reader(planned.voice, planned.speed)
        rates = self._rates.get(body)
        if rates is None or (missing and not rates.speaking):
            rates = self._rates[body] = self._measured(planned, missing)
        sentences = planned.script.sentences
        lengths = [len(sentence.spoken) * rates.character for sentence in sentences]
        sounds = sum(
            len(sound) / planned.voice.sample_rate
            for sound in (planned.intro, planned.outro)
            if sound is not None
        )
        duration = sum(lengths) + sounds + sum(s.pause / planned.speed for s in sentences)
        to_speak = sum(lengths[number] for number in missing)
        takes = to_speak * rates.speaking + duration * rates.assembling * formats
        return Forecast(duration, takes, len(missing))

    def _measured(self, planned: Plan, missing: Sequence[int]) -> _Rates:
        """The rates of the voice of the body, of sentences that have to be spoken if there are."""
        chosen = (list(missing) or list(range(len(planned.segments))))[: SAMPLE + 1]
        first, rest = chosen[:1], chosen[1:] or chosen
        self._made(planned, first)  # The voice is loaded now.
        speech, seconds, narration = self._made(planned, rest)
        again, _, _ = self._made(planned, rest)
        sentences = [planned.script.sentences[number] for number in rest]
        pauses = sum(sentence.pause / planned.speed for sentence in sentences)
        spoken = max(seconds - pauses, 0.1)
        return _Rates(
            character=spoken / sum(len(sentence.spoken) for sentence in sentences),
            speaking=max(speech - again, 0.0) / spoken if narration.spoken else 0.0,
            assembling=again / seconds,
        )

    def _made(self, planned: Plan, chosen: Sequence[int]) -> tuple[float, float, Narration]:
        """Seconds of work, seconds of audio, and the narration of some of the sentences."""
        part = replace(
            planned,
            script=replace(
                planned.script, sentences=tuple(planned.script.sentences[n] for n in chosen)
            ),
            readers=tuple(planned.readers[n] for n in chosen),
            segments=tuple(planned.segments[n] for n in chosen),
            intro=None,
            outro=None,
        )
        began = time.monotonic()
        with tempfile.TemporaryFile() as file:
            *_, narration = make(self._studio, part, file, "mp3")
        assert isinstance(narration, Narration)
        return time.monotonic() - began, narration.duration, narration
