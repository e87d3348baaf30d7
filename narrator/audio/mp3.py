"""Sound -> MP3, by LAME through lameenc, with a head that gives the exact length.

libsndfile brings LAME too, in a build that takes three times as long for the same sound; lameenc
writes no head. Without one a decoder cannot know how many samples the encoder put before and behind
the sound. The head is a frame of its own without sound (the "Info" tag of Xing and LAME, see
http://gabriel.mp3-tech.org/mp3infotag.html); one that does not know the length yet opens the file,
so that a listener to the stream hears the very samples of the finished file.

The frames are made section by section, each by an encoder of its own, which is possible where the
sound is silent for so long that nothing of a section is heard in the next: both begin in silence,
and no frame borrows bits from the section before. So the bytes of a section depend on its samples
alone, and what was encoded before need not be again.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from typing import Protocol

import lameenc
import numpy as np
import numpy.typing as npt

from narrator.model import Sound

BIT_RATE = 64
"""Kilobits a second, constant: players jump to the right place without a table, and above it the
gain is small (signal to coding noise 28 dB; at 80 kbit/s 33 dB)."""

QUALITY = 3
"""LAME's own default: 0 searches longest, 9 not at all."""

SCALE = 0.95
"""LAME multiplies by this at our constant bit rate; sound is divided by it, so that a level is a
level in every format."""

RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Samples a second that MP3 knows."""

DELAY = 576
"""Samples that LAME puts before the sound."""

LEAD = 1152
"""Samples of silence with which a section begins, whole frames at every rate: LAME prepares for
what comes."""

QUIET = 1728
"""Samples of silence before these, with which a section ends: as long as a decoder hears what is
past, and half a frame more."""

MOST_KEPT = 1 << 19
"""Bytes of a section that is worth keeping: a minute."""

CRC = 0xA001
"""Polynomial of the head's checksum (CRC-16 ARC, reflected)."""


Levels = npt.NDArray[np.int16]
"""Samples as LAME takes them."""


_NONE: Levels = np.zeros(0, np.int16)

_SCHEME = f"E1 {version('lameenc')} {BIT_RATE} {QUALITY}"
"""What a section is made of besides its samples."""


class Encodings(Protocol):
    """Where sections are kept, the last one under each name."""

    def encoded(self, name: str, made_of: str) -> bytes | None:
        """The section of that name, if it was made of the same."""
        ...

    def keep_encoded(self, name: str, made_of: str, data: bytes) -> None:
        """Keep a section under the name."""
        ...


def samples_per_frame(sample_rate: int) -> int:
    """Samples in a frame."""
    return 1152 if sample_rate >= 32000 else 576


class Mp3:
    """One stream being encoded: sound goes in, final bytes come out."""

    def __init__(self, sample_rate: int, encodings: Encodings | None = None) -> None:
        """ValueError if MP3 does not know the rate."""
        if sample_rate not in RATES:
            raise ValueError(f"MP3 knows {', '.join(map(str, RATES))} samples a second")
        self._rate = sample_rate
        self._encodings = encodings
        self._section = _Section(sample_rate, 0)
        self._header = b""
        self._samples = 0
        self._frames = 0
        """Of the sections that are complete."""
        self._bytes = 0
        """Of the frames with sound."""

    def encode(self, sound: Sound) -> bytes:
        """What comes out when this goes in, full scale at 1.0."""
        self._samples += len(sound)
        return self._out(self._section.feed(_levels(sound)))

    def end(self, sound: Sound, quiet: int, name: str = "") -> bytes:
        """The same for sound with which a sentence ends, and the section if it can: so many samples
        at its end are silent. What was encoded before is taken from the encodings; `name` is that
        of the sentence."""
        levels, section = _levels(sound), self._section
        if quiet < QUIET + LEAD or not section.can_end(len(levels) - LEAD):
            return self.encode(sound)
        self._samples += len(sound)
        self._section = _Section(self._rate, LEAD)
        known = self._encodings if name else None
        data = known.encoded(name, section.of(levels[:-LEAD])) if known and section.new else None
        if data is not None:
            section.skip(levels[:-LEAD])
        else:
            data = section.feed(levels[:-LEAD]) + section.end()
            if known and section.data is not None:
                known.keep_encoded(name, section.of(), bytes(section.data))
        self._frames += section.frames
        return self._out(data)

    def rest(self) -> bytes:
        """What was held back; nothing can be encoded afterwards."""
        if not self._samples:
            return b""
        data = self._section.rest()
        self._frames += self._section.frames
        return self._out(data)

    def head(self) -> bytes:
        """The first frame as it should be now that all has been encoded: it takes the place of
        that which came out first. Empty if nothing came."""
        if not self._header:
            return b""
        length = self._frames * samples_per_frame(self._rate)
        return self._info(self._frames, length - DELAY - self._samples)

    def _out(self, data: bytes) -> bytes:
        self._bytes += len(data)
        if self._header or not data:
            return data
        self._header = data[:4]
        return self._info(0, 0) + data

    def _info(self, frames: int, padding: int) -> bytes:
        """The frame that says how long the others are, of which there are so many (0: unknown),
        and how many samples behind the sound do not belong to it."""
        header = self._header[:2] + bytes([self._header[2] & ~2]) + self._header[3:]  # No padding.
        size = _frame_size(header, self._rate)
        side = bytes(17 if self._rate >= 32000 else 9)
        total = size + self._bytes
        known = (
            [
                (0b1111).to_bytes(4),
                frames.to_bytes(4),
                total.to_bytes(4),
                bytes(256 * i // 100 for i in range(100)),  # Where each hundredth begins.
                bytes(4),  # Quality: not told.
            ]
            if frames
            else [bytes(4)]
        )
        lame = [
            b"LAME3.100",
            b"\x01",  # Revision 0 of the tag, constant bit rate.
            bytes(9),  # Low pass, peak and gains: not told.
            b"\0" + bytes([BIT_RATE]),
            (DELAY << 12 | padding).to_bytes(3),
            bytes(4),  # Noise shaping, gain, preset: not told.
            total.to_bytes(4) if frames else bytes(4),
            bytes(2),  # Checksum of the music: not told.
        ]
        told = b"".join([header, side, b"Info", *known, *lame])
        return (told + _checksum(told).to_bytes(2)).ljust(size, b"\0")


class _Section:
    """Frames that an encoder of their own makes, of sound after `lead` samples of silence."""

    def __init__(self, sample_rate: int, lead: int) -> None:
        self._rate = sample_rate
        self._lead = lead
        self._lame: lameenc.Encoder | None = None
        self._fed = lead
        """Samples."""
        self._made_of = hashlib.sha256(f"{_SCHEME} {sample_rate} {lead}".encode())
        self._tail = b""
        """The frame that is not complete."""
        self.frames = 0
        self.data: bytearray | None = bytearray()
        """All that came out, unless it became too long to be kept."""

    @property
    def new(self) -> bool:
        """Whether nothing went in."""
        return self._fed == self._lead

    def can_end(self, more: int) -> bool:
        """Whether so many samples more make whole frames."""
        return (self._fed + more) % samples_per_frame(self._rate) == 0

    def of(self, more: Levels = _NONE) -> str:
        """A hash of all that went in, and of what is to follow."""
        digest = self._made_of.copy()
        digest.update(more.tobytes())
        return digest.hexdigest()

    def skip(self, levels: Levels) -> None:
        """Count the frames of these, which are known."""
        self.frames = (self._fed + len(levels)) // samples_per_frame(self._rate)

    def feed(self, levels: Levels) -> bytes:
        """What comes out when these go in."""
        self._fed += len(levels)
        self._made_of.update(levels.tobytes())
        return self._counted(self._encoded(levels))

    def end(self) -> bytes:
        """What is missing of the frames of all that went in: whatever else was held back is of the
        silence that follows."""
        assert self._lame is not None
        data = self._tail + bytes(self._lame.flush())
        end = 0
        for _ in range(self._fed // samples_per_frame(self._rate) - self.frames):
            end += _frame_size(data[end : end + 4], self._rate)
        return self._counted(data[len(self._tail) : end])

    def rest(self) -> bytes:
        """All that was held back."""
        data = self._encoded(_NONE)
        assert self._lame is not None
        return self._counted(data + bytes(self._lame.flush()))

    def _encoded(self, levels: Levels) -> bytes:
        if self._lame is not None:
            return bytes(self._lame.encode(levels.astype("<i2").tobytes()))
        self._lame = lameenc.Encoder()
        self._lame.set_bit_rate(BIT_RATE)
        self._lame.set_in_sample_rate(self._rate)
        self._lame.set_out_sample_rate(self._rate)
        self._lame.set_channels(1)
        self._lame.set_quality(QUALITY)
        self._lame.silence()
        return self._encoded(np.concatenate([np.zeros(self._lead, np.int16), levels]))

    def _counted(self, data: bytes) -> bytes:
        """The data, whose frames were counted."""
        if self.data is not None:
            self.data += data
            if len(self.data) > MOST_KEPT:
                self.data = None
        tail = self._tail + data
        start = 0
        while start + 4 <= len(tail):
            size = _frame_size(tail[start : start + 4], self._rate)
            if start + size > len(tail):
                break
            start += size
            self.frames += 1
        self._tail = tail[start:]
        return data


def _levels(sound: Sound) -> Levels:
    """The sound as LAME takes it."""
    scaled = np.round(sound * np.float32(32767 / SCALE))
    return np.clip(scaled, -32768, 32767).astype(np.int16)


def _frame_size(header: bytes, sample_rate: int) -> int:
    """Bytes of the frame that begins so: at a constant bit rate, one more where it is padded."""
    padded = header[2] >> 1 & 1
    return samples_per_frame(sample_rate) // 8 * BIT_RATE * 1000 // sample_rate + padded


def _checksum(data: bytes) -> int:
    """CRC-16 ARC."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (CRC if crc & 1 else 0)
    return crc
