"""A loaded Piper voice: text -> phonemes, phonemes -> samples.

One session with one thread is shared by all callers; ONNX Runtime releases the interpreter lock,
so as many Python threads as cores speak that many sentences at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail
from piper import PiperVoice
from piper.config import PiperConfig

from narrator.engines.catalogue import verified_files
from narrator.engines.piper_graph import NOISE_INPUTS, split
from narrator.errors import SpeechError, VoiceError
from narrator.model import Samples, Voice

FRAMES_PER_ID = 3.2
"""Noise is drawn for so many frames an id at speed 1 (about 2.1 are used); if a sentence needs
more, it is run again with more, and sounds the same."""

FIRST_WINDOW = 48
"""Frames that are decoded first (0.56 s): the listener waits for these only."""

WINDOW = 200
"""Frames that are decoded at a time."""

MOST_FRAMES_PER_ID = 200.0
"""A model that wants more than this is broken."""

Frames = npt.NDArray[np.float32]
"""What the decoder is given, shape (1, channels, n) with 86 frames a second."""

ENDLESS_WORD = re.compile(r"\S{40}(?=\S{20})")
"""espeak-ng keeps 160 bytes of a word and drops the rest: longer ones are said in pieces."""


class PiperModel:
    """The model of one voice, ready to run; safe to share between threads."""

    def __init__(self, voice: Voice) -> None:
        """VoiceError if the voice's files are missing, altered or unsuitable."""
        model, config = verified_files(voice)
        try:
            halves = split(model)
        except ValueError as error:
            raise VoiceError(
                f"The model of voice {voice.id} is not one that can be made repeatable ({error}). "
                "Take a voice of the Piper catalogue."
            ) from error
        self._config = PiperConfig.from_dict(json.loads(config))
        self._channels, self._reach = halves.noise_channels, halves.reach
        self._decoder = session(halves.decoder)
        self._voice = PiperVoice(session(halves.encoder), self._config)
        self.phonemes_alone = lru_cache(maxsize=20_000)(self.phonemes)

    def phonemes(self, text: str) -> str:
        """Phonemes of a text, one character each; what piper takes for several sentences is one.
        Phonemes that the voice has no sound for are left out."""
        # "[[" would make piper take what follows for phonemes.
        harmless = ENDLESS_WORD.sub(r"\g<0> ", text.replace("[[", "[ ["))
        parts = self._voice.phonemize(harmless) if harmless else []
        return " ".join("".join(filter(self.knows, part)) for part in parts)

    def knows(self, phoneme: str) -> bool:
        """Whether the voice has a sound for it."""
        return phoneme in self._config.phoneme_id_map

    def ids(self, phonemes: str) -> int:
        """How many ids the model would be given for the phonemes."""
        return 2 * len(phonemes) + 3

    def run(self, phonemes: str, speed: float, seed: str) -> tuple[list[int], Iterator[Samples]]:
        """The sample at which each phoneme begins, with their number as one more, and the samples,
        stretch by stretch. The same seed gives the same samples. SpeechError if it fails."""
        ids = self._voice.phonemes_to_ids(list(phonemes))
        stretch = self._config.length_scale / speed
        scales = [self._config.noise_scale, stretch, self._config.noise_w_scale]
        feeds = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": np.array(scales, dtype=np.float32),
        }
        if self._config.num_speakers > 1:
            feeds["sid"] = np.array([self._config.default_speaker_id], dtype=np.int64)
        room = FRAMES_PER_ID * max(1.0, stretch)
        while True:
            lengths = (len(ids), int(len(ids) * room) + 16)
            try:
                frames, counts, *others = self._voice.session.run(
                    None, feeds | self._noise(lengths, seed)
                )
                break
            except Fail as error:  # Noise shorter than the sound: the shapes do not match.
                if room > MOST_FRAMES_PER_ID * max(1.0, stretch):
                    raise SpeechError(f"The voice failed on /{phonemes}/: {error}") from error
                room *= 4
        ends = np.cumsum(counts.reshape(-1).astype(np.int64)) * self._config.hop_length
        starts = self._edges(phonemes, ends.tolist(), frames.shape[2] * self._config.hop_length)
        return starts, self._decoded(frames, others)

    def _decoded(self, frames: Frames, others: list[Frames]) -> Iterator[Samples]:
        """The samples of the frames, shape (1, C, n), window by window. Each is decoded with as
        many frames on both sides as have a part in it, so the windows are the whole."""
        names = [one.name for one in self._decoder.get_inputs()]
        hop = self._config.hop_length
        length = frames.shape[2]
        for start, end in windows(length):
            first, last = max(0, start - self._reach), min(length, end + self._reach)
            cut = np.ascontiguousarray(frames[:, :, first:last])
            (sound,) = self._decoder.run(None, dict(zip(names, [cut, *others], strict=True)))
            if sound.size != cut.shape[2] * hop:
                raise SpeechError(
                    f"The voice's model makes {sound.size} samples of {cut.shape[2]} frames, its "
                    f"configuration says {hop} a frame. Install the voice again."
                )
            level = sound.reshape(-1)[(start - first) * hop : (end - first) * hop] * 32767.0
            yield np.clip(np.round(level), -32768, 32767).astype(np.int16)

    def _noise(self, lengths: tuple[int, int], seed: str) -> dict[str, np.ndarray]:
        """Normal noise for NOISE_INPUTS, shapes (1, channels, length)."""
        number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16])
        random = np.random.Generator(np.random.Philox(number))
        drawn = {}
        for name, channels, length in zip(NOISE_INPUTS, self._channels, lengths, strict=True):
            # Drawn frame by frame: a longer draw begins with the shorter one.
            noise = random.standard_normal((length, channels), dtype=np.float32)
            drawn[name] = np.ascontiguousarray(noise.T)[None]
        return drawn

    def _edges(self, phonemes: str, ends: list[int], count: int) -> list[int]:
        """Where each phoneme begins, and `count` at last; `ends` are those of the ids."""
        id_map = self._config.phoneme_id_map
        pad = len(id_map["_"])
        at = len(id_map["^"]) + pad
        edges = []
        for phoneme in phonemes:
            edges.append(min(count, ends[at - 1]))
            at += len(id_map[phoneme]) + pad
        return [*edges, count]


def windows(length: int) -> Iterator[tuple[int, int]]:
    """The frames 0 to `length` in stretches (start, end): a short one first, so that something is
    heard early, then ones of about WINDOW, all alike."""
    first = min(length, FIRST_WINDOW)
    yield 0, first
    count = round((length - first) / WINDOW) or int(length > first)
    edges = [first + (length - first) * i // count for i in range(count + 1)] if count else []
    yield from pairwise(edges)


def session(model: bytes) -> onnxruntime.InferenceSession:
    """A session that computes in the thread of its caller."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # What fails is raised; the log would only say it twice.
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
