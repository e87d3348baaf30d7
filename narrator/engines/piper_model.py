"""A loaded Piper voice: text -> phonemes, phonemes -> samples.

One session with one thread is shared by all callers; ONNX Runtime releases the interpreter lock,
so as many Python threads as cores speak that many sentences at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import lru_cache
from threading import Thread

import numpy as np
from piper import PiperVoice
from piper.config import PiperConfig

from narrator.engines import piper_kept
from narrator.engines.catalogue import check_files, verified_file, voice_files
from narrator.engines.piper_part import NOISE_INPUTS, SplitModel
from narrator.engines.piper_windows import Decoder
from narrator.engines.runtime import Fail
from narrator.errors import SpeechError, VoiceError
from narrator.model import Samples, Voice

FRAMES_PER_ID = 3.2
"""Noise is drawn for so many frames an id at speed 1 (about 2.1 are used); if a sentence needs
more, it is run again with more, and sounds the same."""

MOST_FRAMES_PER_ID = 200.0
"""A model that wants more than this is broken."""

ENDLESS_WORD = re.compile(r"\S{40}(?=\S{20})")
"""espeak-ng keeps 160 bytes of a word and drops the rest: longer ones are said in pieces."""


MODEL, CONFIG = 0, 1
"""Which of a voice's files is which."""


class PiperModel:
    """The model of one voice, ready to run; safe to share between threads."""

    def __init__(self, voice: Voice) -> None:
        """VoiceError if the voice's files are missing, altered or unsuitable."""
        self._config = PiperConfig.from_dict(json.loads(verified_file(voice, CONFIG)))
        with ThreadPoolExecutor(1, thread_name_prefix="load") as beside:
            parts = self._found(voice, beside) or self._rewritten(voice, beside)
        self._channels = parts.noise_channels
        self.phonemes_alone = lru_cache(maxsize=20_000)(self.phonemes)

    def _found(self, voice: Voice, beside: Executor) -> SplitModel | None:
        """Load the voice as it was kept, if it was and is whole."""
        found = piper_kept.find(voice)
        if found is None:
            return None
        whole = beside.submit(found.is_whole)
        try:
            self._load(found.parts, None)
        except Exception:
            if whole.result():
                raise
        if whole.result():
            return found.parts
        piper_kept.forget(voice)
        return None

    def _rewritten(self, voice: Voice, beside: Executor) -> SplitModel:
        """Load the voice from its files, and keep it for the next time."""
        from narrator.engines.piper_blocks import block_size
        from narrator.engines.piper_graph import split

        files = voice_files(voice)
        checked = beside.submit(check_files, voice, files)
        try:
            parts = split(files[MODEL], block_size())
        except Exception as error:
            checked.result()  # A damaged file is the reason, where there is one.
            if not isinstance(error, ValueError):
                raise
            raise VoiceError(
                f"The model of voice {voice.id} is not one that can be made repeatable "
                f"({error}). Take a voice of the Piper catalogue."
            ) from error
        self._load(parts, beside)
        checked.result()
        Thread(target=piper_kept.keep, args=[voice, parts], name="narrator-keep").start()
        return parts

    def _load(self, parts: SplitModel, beside: Executor | None) -> None:
        """Make the parts ready to run."""
        loading = beside.submit(parts.encoder.load) if beside else None
        self._decoder = Decoder(parts.flow, parts.decoder)
        session = loading.result() if loading else parts.encoder.load()
        self._voice = PiperVoice(session, self._config)

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
        sound = self._decoder.sound(frames, others)
        return starts, (
            np.clip(np.round(part * 32767.0), -32768, 32767).astype(np.int16) for part in sound
        )

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
