"""Mastering, on the real voice: what a listener, a loudness meter and a peak meter find."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyloudnorm
import pytest
import soundfile
from conftest import make_sentence
from mutagen.mp3 import MP3
from scipy.signal import resample_poly

from narrator.audio.encode import Encoder
from narrator.audio.join import Piece, join
from narrator.audio.mastering import TARGET, TOLERANCE, master
from narrator.engines import Engine
from narrator.engines.catalogue import default_voice
from narrator.model import Segment, Sentence, Sound

RATE = 22050
GAIN = default_voice("en").gain

Pairs = list[tuple[Sentence, Segment]]


@pytest.fixture(scope="module")
def speech(joe: Engine) -> Pairs:
    """A title and an article of more than a minute, read by the real voice."""
    lines = (Path(__file__).parent / "spoken.txt").read_text("utf-8").splitlines()
    sentences = [make_sentence(line, pause=0.9 if i == 0 else 0.4) for i, line in enumerate(lines)]
    return [(sentence, joe.speak(sentence, 1.0)) for sentence in sentences]


def mastered(pairs: Pairs, gain: float = GAIN) -> list[Piece]:
    return list(master(join(pairs, RATE), gain_db=gain))


def heard(pieces: list[Piece]) -> Sound:
    return np.concatenate([piece.sound for piece in pieces])


def mp3(sound: Sound) -> bytes:
    file = io.BytesIO()
    with Encoder(file, "mp3", RATE) as encoder:
        encoder.write(sound)
    return file.getvalue()


def decoded(data: bytes) -> Sound:
    sound: Sound = soundfile.read(io.BytesIO(data), dtype="float32")[0]
    return sound


def lufs(sound: Sound) -> float:
    return float(pyloudnorm.Meter(RATE).integrated_loudness(sound.astype(np.float64)))


def true_peak(sound: Sound) -> float:
    return float(20 * np.log10(np.abs(resample_poly(sound, 4, 1)).max()))


def test_an_article_of_more_than_a_minute(speech: Pairs) -> None:
    data = mp3(heard(mastered(speech)))
    sound = decoded(data)
    assert len(sound) > 60 * RATE
    assert lufs(sound) == pytest.approx(TARGET, abs=0.5)
    assert true_peak(sound) <= -1.0


def test_three_lengths_agree(speech: Pairs) -> None:
    data = mp3(heard(mastered(speech)))
    spoken = sum(segment.duration + sentence.pause for sentence, segment in speech)
    info: Any = MP3(io.BytesIO(data)).info  # type: ignore[no-untyped-call]
    assert info.length == pytest.approx(spoken, abs=0.05)
    assert len(decoded(data)) / RATE == pytest.approx(spoken, abs=0.05)


@pytest.mark.parametrize(
    "chosen", [slice(0, 1), slice(1, 3), slice(5, 6), slice(17, 18), slice(3, 9)]
)
def test_a_short_article(speech: Pairs, chosen: slice) -> None:
    sound = decoded(mp3(heard(mastered(speech[chosen]))))
    assert len(sound) < 60 * RATE
    assert lufs(sound) == pytest.approx(TARGET, abs=2)
    assert true_peak(sound) <= -1.0


@pytest.mark.parametrize("error", [-6.0, 6.0])
def test_a_wrong_gain_is_found_out_within_the_article(speech: Pairs, error: float) -> None:
    assert lufs(heard(mastered(speech, GAIN + error))) == pytest.approx(TARGET, abs=0.5)


def test_sentences_stand_beside_each_other(speech: Pairs) -> None:
    """No sentence long enough to be measured stands out, the first one included."""
    levels = [lufs(p.sound[: p.voiced]) for p in mastered(speech) if p.voiced > RATE]
    assert max(abs(level - TARGET) for level in levels) < TOLERANCE + 0.7


def test_the_limiter_does_not_flatten(speech: Pairs) -> None:
    """Speech keeps a crest factor of more than 12 dB."""
    sound = heard(mastered(speech))
    voiced = sound[np.abs(sound) > 1e-3]
    assert 20 * np.log10(np.abs(voiced).max() / np.sqrt((voiced**2).mean())) > 12


def test_no_sample_is_lost_or_moved(speech: Pairs) -> None:
    joined = list(join(speech, RATE))
    for before, after in zip(joined, mastered(speech), strict=True):
        assert len(after.sound) == len(before.sound)
        assert (after.start, after.words) == (before.start, before.words)


def test_the_last_word_is_whole(speech: Pairs) -> None:
    """The last 50 ms of every segment are in the MP3, even if it stops in its loudest vowel."""
    cut = []
    for sentence, whole in speech:
        loudest = int(np.abs(whole.samples[RATE // 2 :].astype(np.int32)).argmax()) + RATE // 2
        samples = whole.samples[: loudest + RATE // 100]
        cut.append((sentence, Segment(whole.key, samples, RATE, whole.words)))
    pieces = mastered(cut)
    sound = decoded(mp3(heard(pieces)))
    count = round(0.05 * RATE)
    for piece, (_, segment) in zip(pieces, cut, strict=True):
        end = piece.start + piece.voiced
        tail = segment.samples[-count:] / 32768
        place = sound[end - count : end]
        assert place @ tail / np.sqrt((place @ place) * (tail @ tail)) > 0.9


def test_joins_do_not_click(speech: Pairs) -> None:
    pieces = mastered(speech)
    sound = decoded(mp3(heard(pieces)))
    steps = np.abs(np.diff(sound))
    inside = np.percentile(
        np.concatenate([steps[p.start : p.start + p.voiced] for p in pieces]), 99.9
    )
    for piece in pieces:
        for edge in (piece.start, piece.start + piece.voiced):
            assert steps[max(0, edge - 20) : edge + 20].max() <= inside


def test_pauses_stay_silent(speech: Pairs) -> None:
    for piece in mastered(speech):
        assert not piece.sound[piece.voiced :].any()


def test_within_a_sentence_only_peaks_are_touched(speech: Pairs) -> None:
    """Most of what is voiced has the one gain of its sentence."""
    reductions = []
    for before, after in zip(join(speech, RATE), mastered(speech), strict=True):
        voiced = np.abs(before.sound) > 1e-3
        gains = 20 * np.log10(after.sound[voiced] / before.sound[voiced])
        reductions.append(gains.max() - gains)
    reduction = np.concatenate(reductions)
    assert (reduction < 0.1).mean() > 0.6
    assert reduction.mean() < 1.8


def test_same_pieces_same_samples(speech: Pairs) -> None:
    assert np.array_equal(heard(mastered(speech[:4])), heard(mastered(speech[:4])))


def test_a_narration_begins_like_a_longer_one(speech: Pairs) -> None:
    """What comes later changes nothing: a stream is what its finished file will be."""
    short, long = heard(mastered(speech[:4])), heard(mastered(speech[:8]))
    assert np.array_equal(short, long[: len(short)])
