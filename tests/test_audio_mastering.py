"""Mastering, on the real voice: what a listener, a loudness meter and a peak meter find."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import pairwise
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
from narrator.audio.envelope import Floats
from narrator.audio.join import FADE, Piece, Take, join
from narrator.audio.mastering import CEILING, GLIDE, TARGET, TOLERANCE, master
from narrator.engines import Engine
from narrator.engines.catalogue import default_voice
from narrator.model import Samples, Segment, Sentence, Sound

RATE = 22050
GAIN = default_voice("en").gain

Pairs = list[tuple[Sentence, Segment]]


@pytest.fixture(scope="module")
def speech(joe: Engine) -> Pairs:
    """A title and an article of more than a minute, read by the real voice."""
    lines = (Path(__file__).parent / "spoken.txt").read_text("utf-8").splitlines()
    sentences = [make_sentence(line, pause=0.9 if i == 0 else 0.4) for i, line in enumerate(lines)]
    return [(sentence, joe.speak(sentence, 1.0)) for sentence in sentences]


def whole(pairs: Pairs) -> Iterator[tuple[Sentence, Take]]:
    """Takes that come in one stretch, as from the library."""
    return ((sentence, [segment]) for sentence, segment in pairs)


def joined(pairs: Pairs) -> list[Piece]:
    return list(join(whole(pairs), RATE))


def mastered(pairs: Pairs, gain: float = GAIN) -> list[Piece]:
    return list(master(join(whole(pairs), RATE), gain_db=gain))


def heard(pieces: Iterable[Piece]) -> Sound:
    return np.concatenate([piece.sound for piece in pieces])


def places(pieces: list[Piece]) -> list[slice]:
    """Where in the narration each sentence is heard, without its pause."""
    said = [piece.said for piece in pieces if piece.said is not None]
    return [slice(round(one.start * RATE), round(one.end * RATE)) for one in said]


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
    pieces = mastered(speech)
    data = mp3(heard(pieces))
    asked = sum(segment.duration + sentence.pause for sentence, segment in speech)
    spoken = pieces[-1].end / RATE
    assert 0 <= spoken - asked < len(speech) * 576 / RATE, "a pause ends with a frame"
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
    pieces = mastered(speech)
    sound = heard(pieces)
    levels = [lufs(sound[at]) for at in places(pieces) if at.stop - at.start > RATE]
    assert max(abs(level - TARGET) for level in levels) < TOLERANCE + 0.7


def test_the_limiter_does_not_flatten(speech: Pairs) -> None:
    """Speech keeps a crest factor of more than 12 dB."""
    sound = heard(mastered(speech))
    voiced = sound[np.abs(sound) > 1e-3]
    assert 20 * np.log10(np.abs(voiced).max() / np.sqrt((voiced**2).mean())) > 12


def test_no_sample_is_lost_or_moved(speech: Pairs) -> None:
    before, after = joined(speech), mastered(speech)
    assert len(heard(after)) == len(heard(before))
    assert [p.said for p in after if p.last] == [p.said for p in before]
    for one, other in pairwise(after):
        assert other.start == one.end


def test_the_last_word_is_whole(speech: Pairs) -> None:
    """The last 50 ms of every segment are in the MP3, even if it stops in its loudest vowel: each
    5 ms of them, for the limiter may turn a peak down within; the last are faded."""
    cut = []
    for sentence, whole in speech:
        loudest = int(np.abs(whole.samples[RATE // 2 :].astype(np.int32)).argmax()) + RATE // 2
        samples = whole.samples[: loudest + RATE // 100]
        cut.append((sentence, Segment(whole.key, samples, RATE, whole.words)))
    pieces = mastered(cut)
    sound = decoded(mp3(heard(pieces)))
    count = round(0.05 * RATE)
    for at, (_, segment) in zip(places(pieces), cut, strict=True):
        tail = segment.samples[-count:] / 32768
        place = sound[at.stop - count : at.stop]
        fade = np.ones(count)
        fade[-round(FADE * RATE) :] = np.linspace(1, 0, round(FADE * RATE))
        for one, other in zip(
            np.array_split(place, 10), np.array_split(tail * fade, 10), strict=True
        ):
            assert one @ other / np.sqrt((one @ one) * (other @ other)) > 0.9


def test_joins_do_not_click(speech: Pairs) -> None:
    pieces = mastered(speech)
    sound = decoded(mp3(heard(pieces)))
    steps = np.abs(np.diff(sound))
    inside = np.percentile(np.concatenate([steps[at] for at in places(pieces)]), 99.9)
    for at in places(pieces):
        for edge in (at.start, at.stop):
            assert steps[max(0, edge - 20) : edge + 20].max() <= inside


def test_pauses_stay_silent(speech: Pairs) -> None:
    pieces = mastered(speech)
    sound = heard(pieces)
    ends = [at.start for at in places(pieces)[1:]] + [len(sound)]
    for at, end in zip(places(pieces), ends, strict=True):
        assert not sound[at.stop : end].any()


def gains(pairs: Pairs, ceiling: float = CEILING) -> list[tuple[Floats, Floats]]:
    """For each sentence, the seconds at which it is not silent, and the decibels it got there."""
    pieces = list(master(join(whole(pairs), RATE), gain_db=GAIN, ceiling=ceiling))
    before, after = heard(joined(pairs)), heard(pieces)
    found = []
    for at in places(pieces):
        voiced = np.flatnonzero(np.abs(before[at]) > 1e-3)
        gain = 20 * np.log10(after[at][voiced] / before[at][voiced]).astype(np.float64)
        found.append((voiced / RATE, gain))
    return found


def test_within_a_sentence_only_peaks_are_touched(speech: Pairs) -> None:
    """Most of what is voiced has the one gain of its sentence."""
    reduction = np.concatenate([gain.max() - gain for _, gain in gains(speech)])
    assert (reduction < 0.1).mean() > 0.6
    assert reduction.mean() < 1.8


def test_same_pieces_same_samples(speech: Pairs) -> None:
    assert np.array_equal(heard(mastered(speech[:4])), heard(mastered(speech[:4])))


def test_a_narration_begins_like_a_longer_one(speech: Pairs) -> None:
    """What comes later changes nothing: a stream is what its finished file will be."""
    short, long = heard(mastered(speech[:4])), heard(mastered(speech[:8]))
    assert np.array_equal(short, long[: len(short)])


@pytest.mark.parametrize("begin", [0, 1, 6, 12])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_in_stretches_or_whole_it_is_the_same(speech: Pairs, begin: int, seed: int) -> None:
    """However the samples of the sentences come, the mastered ones are the same to the bit."""
    pairs = speech[begin : begin + 3]
    random = np.random.default_rng(seed)

    def takes() -> Iterator[tuple[Sentence, Take]]:
        for sentence, segment in pairs:
            edges = np.sort(random.integers(0, len(segment.samples), random.integers(0, 40)))
            yield sentence, [*np.split(segment.samples, edges), segment]

    pieces = list(master(join(takes(), RATE), gain_db=GAIN))
    assert np.array_equal(heard(pieces), heard(mastered(pairs)))
    assert [p.said for p in pieces if p.said] == [p.said for p in joined(pairs)]


def test_the_first_words_are_let_go_while_the_rest_is_being_spoken(speech: Pairs) -> None:
    sentence, segment = speech[6]
    assert segment.duration > 4
    asked = 0

    def take() -> Iterator[Samples | Segment]:
        nonlocal asked
        for start in range(0, len(segment.samples), RATE // 10):
            asked = start + RATE // 10
            yield segment.samples[start:asked]
        yield segment

    pieces = master(join([(sentence, take())], RATE), gain_db=GAIN)
    let_go = 0
    while let_go < 0.25 * RATE:
        let_go += len(next(pieces).sound)
    assert asked <= 0.6 * RATE, "half a second of speech is enough for the first sound"


def test_a_first_sentence_is_as_loud_as_later_ones(speech: Pairs) -> None:
    """Also where its gain was decided before it was heard to its end."""
    for pair in speech:
        pieces = mastered([pair])
        (at,) = places(pieces)
        if at.stop - at.start > RATE:
            assert lufs(heard(pieces)[at]) == pytest.approx(TARGET, abs=TOLERANCE + 0.7)


def test_the_first_gain_glides_and_later_ones_stay(speech: Pairs) -> None:
    """Seen without the limiter, in an article much softer than the voice's gain foresees."""
    soft = [(s, Segment(g.key, g.samples // 4, RATE, g.words)) for s, g in speech[6:16]]
    (seconds, first), *later = gains(soft, ceiling=100.0)
    grid = np.arange(0.1, seconds[-1], 0.05)
    slope = np.diff(np.interp(grid, seconds, first)) / 0.05
    assert np.ptp(first) > 1.0
    assert np.abs(slope).max() < GLIDE * 1.05
    for _, gain in later[1:]:
        assert np.ptp(gain) < 0.01
