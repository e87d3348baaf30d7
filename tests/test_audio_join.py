"""Joining: nothing lost, nothing clicks, every time is where it is heard; whole or in stretches."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import pytest
from conftest import MakeSentence, make_sentence

from narrator.audio.join import FADE, SOUND_PAUSE, Piece, Said, Take, join
from narrator.audio.mastering import master
from narrator.engines import Engine
from narrator.errors import AudioError
from narrator.model import Samples, Segment, Sentence, Sound, WordTime

RATE = 22050


def noise(
    seconds: float, seed: int = 0, offset: float = 0.0
) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Noise of speech's level about a constant, shape (n,)."""
    draw = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return np.round((offset + 0.05 * draw) * 32767).astype(np.int16)


def pair(seconds: float = 1.0, pause: float = 0.3, seed: int = 0) -> tuple[Sentence, Segment]:
    times = (WordTime(0.1 * seconds, 0.4 * seconds), WordTime(0.5 * seconds, 0.9 * seconds))
    return (
        make_sentence("Two words.", pause=pause),
        Segment("n1-test", noise(seconds, seed), RATE, times),
    )


def whole(pairs: Iterable[tuple[Sentence, Segment]]) -> Iterator[tuple[Sentence, Take]]:
    """Takes that come in one stretch, as from the library."""
    return ((sentence, [segment]) for sentence, segment in pairs)


def cut(pairs: Iterable[tuple[Sentence, Segment]], *edges: int) -> Iterator[tuple[Sentence, Take]]:
    """Takes whose samples come before them in stretches."""
    for sentence, segment in pairs:
        yield sentence, [*np.split(segment.samples, edges), segment]


def said(piece: Piece) -> Said:
    assert piece.said is not None
    return piece.said


def end_of_voice(piece: Piece) -> int:
    """Samples of the piece, which is a whole sentence, before the silence."""
    return round(said(piece).end * RATE) - piece.start


def framed(count: int) -> int:
    """So many samples and the silence up to the next whole frame of an MP3."""
    return -(-count // 576) * 576


def heard(pieces: list[Piece]) -> Sound:
    return np.concatenate([piece.sound for piece in pieces])


def test_segments_and_pauses_follow_each_other() -> None:
    pieces = list(join(whole([pair(1.0, 0.3), pair(0.5, 0.0), pair(2.0, 0.75)]), RATE))
    first, second, third = framed(28665), 11025, round(2.75 * RATE)
    whole_length = framed(first + second + third)
    assert [p.start for p in pieces] == [0, first, first + second]
    assert [len(p.sound) for p in pieces] == [first, second, whole_length - first - second]
    assert pieces[-1].end == len(heard(pieces))
    assert [end_of_voice(p) for p in pieces] == [22050, 11025, 44100]
    for piece in pieces:
        assert not piece.sound[end_of_voice(piece) :].any(), "a pause is digital silence"
        assert piece.last


def test_words_keep_their_place() -> None:
    first, second = map(said, join(whole([pair(1.0, 0.3), pair(2.0, 0.3)]), RATE))
    assert [(w.start, w.end) for w in first.words] == [(0.1, 0.4), (0.5, 0.9)]
    assert second.words[0].start == pytest.approx(framed(28665) / RATE + 0.2)


def test_pauses_shrink_with_speed() -> None:
    (piece,) = join(whole([pair(1.0, 0.6)]), RATE, speed=1.5)
    assert len(piece.sound) - end_of_voice(piece) == framed(round(1.4 * RATE)) - RATE


@pytest.mark.parametrize("offset", [0.0, 0.1, -0.2])
def test_edges_do_not_click(offset: float) -> None:
    """No step at a join is above the 99.9th percentile of the steps inside the sound."""
    segments = [Segment("n1-test", noise(1.0, seed, offset), RATE, ()) for seed in range(5)]
    sentences = [make_sentence("", pause=pause) for pause in (0.3, 0.0, 0.0, 0.2, 0.1)]
    pieces = list(join(whole(zip(sentences, segments, strict=True)), RATE))
    steps = np.abs(np.diff(heard(pieces)))
    inside = np.abs(np.diff(segments[0].samples / 32768))
    for edge in [p.start for p in pieces[1:]] + [p.start + end_of_voice(p) for p in pieces]:
        assert steps[max(0, edge - 3) : edge + 3].max() <= np.percentile(inside, 99.9)


def test_nothing_of_a_segment_is_trimmed(tone: Engine, sentence: MakeSentence) -> None:
    spoken = sentence("Nothing is lost.")
    segment = tone.speak(spoken, 1.0)
    (piece,) = join(whole([(spoken, segment)]), RATE)
    original = segment.samples / 32768
    inner = slice(round(0.003 * RATE), -round(0.003 * RATE))
    assert np.array_equal(
        piece.sound[: end_of_voice(piece)][inner], original[inner].astype(np.float32)
    )


FADED = round(FADE * RATE)
EDGES = [
    (0,),
    (1,),
    (FADED,),
    (2 * FADED,),
    (1, 2, 3),
    (70, 140, 9000, 9001),
    tuple(range(0, 11025, 50)),
]


@pytest.mark.parametrize("edges", EDGES)
@pytest.mark.parametrize("count", [0, 1, FADED, 2 * FADED - 1, 2 * FADED, 2 * FADED + 1, 11025])
def test_in_stretches_or_whole_it_is_the_same(edges: tuple[int, ...], count: int) -> None:
    segment = Segment("n1-t", noise(0.5, 1, 0.1)[:count], RATE, ())
    pairs = [(make_sentence("", pause=0.2), segment), pair(0.3)]
    pieces = list(join(cut(pairs, *edges), RATE))
    expected = list(join(whole(pairs), RATE))
    assert np.array_equal(heard(pieces), heard(expected))
    assert [p.said for p in pieces if p.last] == [p.said for p in expected]
    for before, after in pairwise(pieces):
        assert after.start == before.end


def test_a_stretch_goes_on_before_the_next_one_is_asked_for() -> None:
    sentence, segment = pair(1.0)

    def take() -> Iterator[Samples | Segment]:
        yield segment.samples[:5000]
        pytest.fail("asked for more than was needed")

    first = next(join([(sentence, take())], RATE))
    assert len(first.sound) == 5000 - FADED
    assert not first.last
    assert first.said is None


def test_segments_of_no_and_of_one_sample() -> None:
    pairs = [
        (make_sentence("", pause=0.1), Segment("n1-t", np.zeros(n, np.int16), RATE, ()))
        for n in (0, 1)
    ]
    pieces = list(master(join(whole(pairs), RATE), gain_db=0))
    assert [end_of_voice(p) for p in pieces] == [0, 1]
    assert [len(p.sound) for p in pieces] == [framed(2205), framed(2206)]


def test_nothing_at_all() -> None:
    pairs = [(make_sentence("", pause=0.0), Segment("n1-t", np.zeros(0, np.int16), RATE, ()))]
    (piece,) = master(join(whole(pairs), RATE), gain_db=0)
    assert piece.said is not None
    assert not len(piece.sound)


def test_intro_and_outro_stand_apart() -> None:
    intro, outro = np.full(RATE, 0.1, np.float32), np.full(2 * RATE, 0.1, np.float32)
    pieces = list(join(whole([pair(1.0, 0.3)]), RATE, intro=intro, outro=outro))
    pause = round(SOUND_PAUSE * RATE)
    assert [p.said is None for p in pieces] == [True, False, True]
    assert [p.speech for p in pieces] == [False, True, False]
    assert pieces[1].start == framed(RATE + pause)
    assert not pieces[0].sound[RATE:].any()
    assert not pieces[2].sound[:pause].any()
    assert len(pieces[2].sound) == pause + 2 * RATE
    assert pieces[-1].end == len(heard(pieces))
    assert intro[0] == np.float32(0.1), "what came in is not changed"


def test_one_sample_rate() -> None:
    sentence, segment = pair()
    other = Segment(segment.key, segment.samples, 16000, segment.words)
    with pytest.raises(AudioError, match="16000"):
        list(join(whole([(sentence, other)]), RATE))


def test_memory_does_not_grow_with_the_article() -> None:
    def pairs(count: int) -> Iterator[tuple[Sentence, Segment]]:
        return (pair(2.0, 0.3, seed) for seed in range(count))

    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in master(join(cut(pairs(count), 9000, 30000), RATE), gain_db=6.0):
            pass
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(3)  # What is cached once counts for neither.
    assert peak(150) < peak(15) + 200_000
