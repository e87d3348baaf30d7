"""An MP3 that is encoded section by section, on the real voice: one sound, and no work twice."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import make_sentence

from narrator.audio.encode import Encoder
from narrator.audio.join import Piece, join
from narrator.audio.mastering import master
from narrator.engines import Engine
from narrator.engines.catalogue import default_voice
from narrator.model import Sound

RATE = 22050


class Kept:
    """Encodings in memory, which are counted."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, bytes]] = {}
        self.made = 0

    def encoded(self, name: str, made_of: str) -> bytes | None:
        known, data = self.kept.get(name, ("", b""))
        return data if known == made_of else None

    def keep_encoded(self, name: str, made_of: str, data: bytes) -> None:
        self.kept[name] = made_of, data
        self.made += 1


@pytest.fixture(scope="module")
def pieces(joe: Engine) -> list[Piece]:
    """Ten sentences, mastered."""
    lines = (Path(__file__).parent / "spoken.txt").read_text("utf-8").splitlines()[:10]
    sentences = [make_sentence(line, pause=0.4) for line in lines]
    takes = [(sentence, [joe.speak(sentence, 1.0)]) for sentence in sentences]
    return list(master(join(takes, RATE), gain_db=default_voice("en").gain))


def encoded(pieces: Sequence[Piece], encodings: Kept | None = None, *, cut: int = 10**9) -> bytes:
    """As a narration is, each sentence named by its words, in stretches of so many samples."""
    file = io.BytesIO()
    with Encoder(file, "mp3", RATE, encodings=encodings) as encoder:
        for piece in pieces:
            assert piece.said is not None
            early = range(0, len(piece.sound) - piece.quiet - 1, cut)[:-1]
            for start in early:
                encoder.write(piece.sound[start : start + cut])
            rest = piece.sound[len(early) * cut :]
            encoder.write(rest, quiet=piece.quiet, name=piece.said.sentence.spoken)
    return file.getvalue()


def straight(sound: Sound) -> bytes:
    """In one section."""
    file = io.BytesIO()
    with Encoder(file, "mp3", RATE) as encoder:
        encoder.write(sound)
    return file.getvalue()


def decoded(data: bytes) -> Sound:
    sound: Sound = soundfile.read(io.BytesIO(data), dtype="float32")[0]
    return sound


def heard(pieces: Sequence[Piece]) -> Sound:
    return np.concatenate([piece.sound for piece in pieces])


def noise(sound: Sound, coded: Sound) -> float:
    """Decibels of the coding noise below the sound."""
    return float(10 * np.log10((sound**2).sum() / ((sound - coded) ** 2).sum()))


def test_in_sections_it_sounds_as_in_one(pieces: list[Piece]) -> None:
    sound = heard(pieces)
    sections, one = decoded(encoded(pieces)), decoded(straight(sound))
    assert len(sections) == len(one) == len(sound)
    assert noise(sound, sections) == pytest.approx(noise(sound, one), abs=0.3)


def test_where_sections_meet_it_is_silent(pieces: list[Piece]) -> None:
    sound = decoded(encoded(pieces))
    for piece in pieces[:-1]:
        before_the_next = sound[piece.end - 1152 - 600 : piece.end - 300]
        assert np.abs(before_the_next).max() < 0.001, "60 dB below full scale"


def test_every_frame_stands_where_the_head_says(pieces: list[Piece]) -> None:
    """All frames follow each other, as many as the head counts."""
    data = encoded(pieces)
    starts = [0]
    while starts[-1] < len(data):
        assert data[starts[-1]] == 0xFF
        starts.append(starts[-1] + 72 * 64000 // RATE + (data[starts[-1] + 2] >> 1 & 1))
    assert starts[-1] == len(data)
    info = data.index(b"Info")
    assert int.from_bytes(data[info + 8 : info + 12]) == len(starts) - 2


def test_same_bytes_however_it_is_cut(pieces: list[Piece]) -> None:
    assert encoded(pieces, cut=3000) == encoded(pieces)


def test_what_was_encoded_is_not_encoded_again(pieces: list[Piece]) -> None:
    kept = Kept()
    first = encoded(pieces, kept)
    assert first == encoded(pieces), "keeping changes nothing"
    assert kept.made == len(pieces)
    assert encoded(pieces, kept) == first
    assert kept.made == len(pieces)


def test_an_edit_costs_one_section(pieces: list[Piece]) -> None:
    """Another sentence in the middle: the bytes are those of a first time."""
    kept = Kept()
    encoded([*pieces[:4], *pieces[5:]], kept)
    before = kept.made
    assert encoded(pieces, kept) == encoded(pieces)
    assert kept.made == before + 1


def test_another_gain_is_another_section(pieces: list[Piece]) -> None:
    kept = Kept()
    softer = [replace(piece, sound=piece.sound * np.float32(0.5)) for piece in pieces]
    encoded(pieces, kept)
    assert encoded(softer, kept) == encoded(softer)


def test_stretches_are_kept_as_well(pieces: list[Piece]) -> None:
    """What was encoded while it was being spoken is not encoded again."""
    kept = Kept()
    encoded(pieces, kept, cut=3000)
    made = kept.made
    assert encoded(pieces, kept) == encoded(pieces)
    assert made == kept.made == len(pieces)


def test_a_short_pause_ends_no_section(pieces: list[Piece]) -> None:
    """What is not silent for long enough is encoded on, and not a sample is lost."""
    close = [replace(p, sound=p.sound[: len(p.sound) - p.quiet + 1000], quiet=1000) for p in pieces]
    kept = Kept()
    assert encoded(close, kept) == straight(heard(close))
    assert not kept.made
