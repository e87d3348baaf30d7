"""Sound -> MP3, by LAME through lameenc, with a head that gives the exact length.

libsndfile brings LAME too, in a build that takes three times as long for the same sound; lameenc
writes no head. Without one a decoder cannot know how many samples the encoder put before and behind
the sound. The head is a frame of its own without sound (the "Info" tag of Xing and LAME, see
http://gabriel.mp3-tech.org/mp3infotag.html); one that does not know the length yet opens the file,
so that a listener to the stream hears the very samples of the finished file.
"""

from __future__ import annotations

import lameenc
import numpy as np

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

CRC = 0xA001
"""Polynomial of the head's checksum (CRC-16 ARC, reflected)."""


class Mp3:
    """One stream being encoded: sound goes in, final bytes come out."""

    def __init__(self, sample_rate: int) -> None:
        """ValueError if MP3 does not know the rate."""
        if sample_rate not in RATES:
            raise ValueError(f"MP3 knows {', '.join(map(str, RATES))} samples a second")
        self._lame = lameenc.Encoder()
        self._lame.set_bit_rate(BIT_RATE)
        self._lame.set_in_sample_rate(sample_rate)
        self._lame.set_out_sample_rate(sample_rate)
        self._lame.set_channels(1)
        self._lame.set_quality(QUALITY)
        self._lame.silence()
        self._rate = sample_rate
        self._header = b""
        self._samples = 0
        self._bytes = 0
        """Of the frames with sound."""

    def encode(self, sound: Sound) -> bytes:
        """What comes out when this goes in, full scale at 1.0."""
        self._samples += len(sound)
        level = np.clip(np.round(sound * np.float32(32767 / SCALE)), -32768, 32767)
        return self._out(self._lame.encode(level.astype("<i2").tobytes()))

    def rest(self) -> bytes:
        """What was held back; nothing can be encoded afterwards."""
        return self._out(self._lame.flush()) if self._samples else b""

    def head(self) -> bytes:
        """The first frame as it should be now that all has been encoded: it takes the place of
        that which came out first. Empty if nothing came."""
        if not self._header:
            return b""
        per_frame = 1152 if self._rate >= 32000 else 576
        frames = round(self._bytes * 8 * self._rate / (BIT_RATE * 1000 * per_frame))
        return self._info(frames, frames * per_frame - DELAY - self._samples)

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
        per_frame = 1152 if self._rate >= 32000 else 576
        size = per_frame // 8 * BIT_RATE * 1000 // self._rate
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


def _checksum(data: bytes) -> int:
    """CRC-16 ARC."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (CRC if crc & 1 else 0)
    return crc
