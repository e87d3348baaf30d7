"""Sentence -> Segment: the voices and the engines that speak them.

To add an engine: write `narrator/engines/<name>.py` with a `load(voice) -> Engine`, and add one
line to ENGINES. To add a voice: one table in voices/voices.toml.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, runtime_checkable

from narrator.model import Samples, Segment, Sentence, Voice, fingerprint

Hear = Callable[[Samples], None]
"""Takes the next samples of a sentence that is being spoken."""


class Engine(Protocol):
    """A voice that is loaded and can be asked from several threads at once."""

    identity: str
    """Hash of all that decides the sound besides the sentence and the speed: model files,
    versions of engine, runtime and phonemizer, parameters."""

    sample_rate: int
    """Samples a second."""

    def prepare(self) -> None:
        """Load what it needs to speak, unless that is done; VoiceError if it cannot be."""
        ...

    def speak(self, sentence: Sentence, speed: float, hear: Hear | None = None) -> Segment:
        """The sentence spoken, named by `segment_key`; the same bytes whoever asks and whenever.
        `hear` gets its samples stretch by stretch as soon as each is known; together they are
        exactly those of the Segment. SpeechError if it cannot be spoken."""
        ...


@runtime_checkable
class Phonemizer(Protocol):
    """What an Engine is too that makes its sound of phonemes."""

    def phonemes(self, sentence: Sentence) -> str:
        """The phonemes that it would say, those that the lexicon gives included."""
        ...


ENGINES = {"piper": "narrator.engines.piper", "tone": "narrator.engines.tone"}
"""Engine -> module that holds load(voice), imported at use."""


def load(voice: Voice) -> Engine:
    """The voice ready to speak, its files verified; VoiceError if they are not what they should
    be."""
    engine: Engine = import_module(ENGINES[voice.engine]).load(voice)
    return engine


def segment_key(sentence: Sentence, identity: str, speed: float) -> str:
    """The name of the Segment that an engine of that identity makes of the sentence."""
    phonemes = [[word.start, word.end, word.phonemes] for word in sentence.words if word.phonemes]
    words = [[word.start, word.end] for word in sentence.words]
    return fingerprint("n1", identity, sentence.spoken, words, phonemes, round(speed, 4))
