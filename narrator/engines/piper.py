"""Piper: a Sentence -> phonemes -> runs of the model -> a Segment with its word times.

The modules named piper* are the only ones that import piper; this one loads the model, and the
runtime with it, when the first sentence has to be spoken.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from narrator.engines import Hear, segment_key
from narrator.engines.alignment import PUNCTUATION, STRESS, word_spans
from narrator.errors import SpeechError
from narrator.model import Samples, Segment, Sentence, Voice, WordTime, fingerprint

if TYPE_CHECKING:
    from narrator.engines.piper_model import PiperModel

SCHEME = 6
"""Part of every segment's name: raise it with any change here or in the other piper
modules that may change the sound or the word times."""

LONGEST_RUN = 560
"""Phoneme ids of one run of the model, about 13 seconds: a longer one costs memory and time out
of proportion. Longer sentences are split at clauses, then at words."""

CLAUSE_PAUSE = 0.12
"""Seconds of silence between the runs of a sentence that was split at a clause."""

FADE = 0.003
"""Seconds over which the edges of a run inside a sentence are faded, against clicks."""

STAND_INS = {True: "ozzyv", False: "zivvoz"}
"""No words of any language: they hold the place of a word whose phonemes the lexicon gives, by
whether it starts with a vowel, so that "the" and "a" before it are said as they should be."""

VOWELS = frozenset("aeiouæøœɐɑɒɔəɘɚɛɜɞɤɨɪɯɵɶʉʊʌʏᵻɝy")


class PiperEngine:
    """An Engine over one Piper voice."""

    def __init__(self, voice: Voice) -> None:
        self.sample_rate = voice.sample_rate
        self.identity = fingerprint(
            "piper",
            SCHEME,
            [sha256 for _, sha256 in voice.files],
            [version(package) for package in ("piper-tts", "onnxruntime", "numpy")],
        )
        self._catalogued = voice
        self._loading = Lock()
        self._model: PiperModel | None = None

    @property
    def model(self) -> PiperModel:
        """The loaded voice; VoiceError if its files are missing, altered or unsuitable."""
        with self._loading:
            if self._model is None:
                from narrator.engines.piper_model import PiperModel

                self._model = PiperModel(self._catalogued)
            return self._model

    @property
    def loaded(self) -> bool:
        """Whether it can speak at once."""
        return self._model is not None

    def prepare(self) -> None:
        """Load the voice, unless that is done; VoiceError as `model` has it."""
        self.model  # noqa: B018

    def speak(self, sentence: Sentence, speed: float, hear: Hear | None = None) -> Segment:
        """The sentence spoken; see Engine.speak."""
        key = segment_key(sentence, self.identity, speed)
        phonemes = self.phonemes(sentence)
        if not any(p not in PUNCTUATION and p != " " for p in phonemes):
            raise SpeechError(
                f"The voice has no sound for {sentence.spoken!r}. Say it otherwise in a lexicon "
                "(--lexicon), or take it out of the article."
            )
        alone = [
            word.phonemes or self.model.phonemes_alone(sentence.spoken[word.start : word.end])
            for word in sentence.words
        ]
        pieces: list[Samples] = []

        def say(samples: Samples) -> None:
            pieces.append(samples)
            if hear is not None:
                hear(samples)

        edges = self._utter(phonemes, speed, key, say)
        seconds = [edge / self.sample_rate for edge in edges]
        times = tuple(
            WordTime(seconds[start], seconds[end]) for start, end in word_spans(alone, phonemes)
        )
        return Segment(key, np.concatenate(pieces), self.sample_rate, times)

    def phonemes(self, sentence: Sentence) -> str:
        """Phonemes of the whole sentence, one character each, the lexicon's put in place."""
        text = sentence.spoken
        given = [word for word in sentence.words if word.phonemes]
        for word in reversed(given):
            stand_in = STAND_INS[word.phonemes.lstrip("ˈˌ")[:1] in VOWELS]
            text = text[: word.start] + stand_in + text[word.end :]
        phonemes = self.model.phonemes(text)
        if not given:
            return phonemes
        pattern = "|".join(_loosely(self.model.phonemes_alone(word)) for word in STAND_INS.values())
        pieces = re.split(pattern, phonemes)
        if len(pieces) != len(given) + 1:
            raise SpeechError(
                f"The phonemizer lost a word whose phonemes are given in {sentence.spoken!r} "
                f"(/{phonemes}/). Give it a respelling in the lexicon instead of IPA."
            )
        known = ["".join(filter(self.model.knows, word.phonemes)) for word in given]
        return "".join(chain.from_iterable(zip(pieces, [*known, ""], strict=True)))

    def _utter(self, phonemes: str, speed: float, key: str, say: Hear) -> list[int]:
        """Say the phonemes, in as many runs as it takes; the sample at which each phoneme begins,
        with their number as one more."""
        runs = self._runs(phonemes)
        fade = round(FADE * self.sample_rate) if len(runs) > 1 else 0
        silence = np.zeros(round(CLAUSE_PAUSE / speed * self.sample_rate), np.int16)
        edges: list[int] = []
        position = 0
        for number, part in enumerate(runs):
            starts, stretches = self.model.run(part, speed, seed=f"{key}/{number}")
            edges += [position + start for start in starts[:-1]]
            done = 0
            for samples in stretches:
                say(_faded(samples, done, starts[-1], fade))
                done += len(samples)
            position += done
            if number + 1 < len(runs) and part.rstrip()[-1:] in PUNCTUATION:
                say(silence)
                position += len(silence)
        return [*edges, position]

    def _runs(self, phonemes: str) -> list[str]:
        """The phonemes in runs that are short enough: halved at the clause, else the blank,
        nearest the middle."""
        if self.model.ids(phonemes) <= LONGEST_RUN:
            return [phonemes]
        length = len(phonemes)
        blanks = [i + 1 for i in range(1, length - 1) if phonemes[i] == " "]
        clauses = [i for i in blanks if phonemes[i - 2] in PUNCTUATION]
        central = [i for i in clauses if length // 5 < i < length - length // 5]
        middle = length // 2
        at = min(central or blanks or [middle], key=lambda i: abs(i - middle))
        return [*self._runs(phonemes[:at]), *self._runs(phonemes[at:])]


def load(voice: Voice) -> PiperEngine:
    """The voice; its files are read when it first speaks."""
    return PiperEngine(voice)


def _faded(samples: Samples, start: int, total: int, count: int) -> Samples:
    """The samples, which are those from `start` of a run of `total`, with a raised-cosine fade
    over the `count` at both ends of the run."""
    at = np.arange(start, start + len(samples))
    to_edge = np.minimum(at, total - 1 - at)
    if not np.any(to_edge < count):
        return samples
    ramp = (1 - np.cos(np.pi * (np.minimum(to_edge, count) + 0.5) / count)) / 2
    return np.round(samples * np.where(to_edge < count, ramp, 1.0)).astype(np.int16)


def _loosely(phonemes: str) -> str:
    """A pattern for the phonemes however they are stressed."""
    bare = [p for p in phonemes if p not in STRESS]
    return "[ˈˌ]*" + "[ˈˌː]*".join(map(re.escape, bare))
