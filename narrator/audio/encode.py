"""Sound -> bytes of an audio file, piece by piece: one encoder a narration.

One encoder, because files that were encoded apart cannot be joined without gaps; frames of an MP3
can, in silence, which `mp3.py` makes use of. What is written is final but for the head of the file,
which is completed at the end; so the bytes of an MP3 can be sent while the rest is being spoken.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from os import SEEK_END
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import soundfile

from narrator.audio.mp3 import Encodings, Mp3
from narrator.audio.resample import Resampler
from narrator.audio.sounds import export_m4a, require_ffmpeg
from narrator.errors import AudioError
from narrator.model import AudioFormat, Sound

OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
"""Samples a second that Opus knows."""

BEHIND = 2
"""Stretches of sound that wait to be encoded, at most."""

OPUS_SERIAL = 1
"""Number of the logical stream in every Ogg file: libogg's is random, and same input should give
the same bytes."""


@dataclass(frozen=True, slots=True)
class _Encoding:
    """How libsndfile is asked for a format."""

    container: str
    subtype: str
    compression: float | None = None
    """0.0 to 1.0, which libsndfile maps to bit rates."""


class Encoder:
    """A narration being encoded into a seekable binary file: a context manager. The file has `rate`
    samples a second, or as many as the sound. Sections of an MP3 that the `encodings` hold are not
    encoded again.

    It encodes in a thread of its own, beside what the caller does meanwhile; and Ctrl-C reaches the
    main thread only: were libsndfile called there, its callbacks would be the first Python to run
    afterwards, and C would forget the interruption.

    Left without an error, it completes the file (MP3: a head with the exact length; M4A: ffmpeg
    runs now); what it left half done after an error is for the caller to throw away. What the file
    refuses (a full disk) is raised as the OSError that it was.
    """

    def __init__(
        self,
        file: BinaryIO,
        audio_format: AudioFormat,
        sample_rate: int,
        *,
        rate: int | None = None,
        live: bool = False,
        encodings: Encodings | None = None,
    ) -> None:
        self._file = file
        self._format = audio_format
        self._samples = 0
        self._rate = _file_rate(audio_format, sample_rate, rate)
        self._resampler = None if self._rate == sample_rate else Resampler(sample_rate, self._rate)
        self._spool: BinaryIO | None = None
        if audio_format == "m4a":
            require_ffmpeg()
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115  (closed by __exit__)
        self._sink = _Sink(self._spool or file, live=live)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encoder")
        self._waiting: deque[Future[None]] = deque()
        try:
            self._encoder: _Mp3File | _SoundFile = self._thread.submit(
                lambda: (
                    _Mp3File(self._sink, self._rate, encodings)
                    if audio_format == "mp3"
                    else _SoundFile(self._sink, self._rate, _ENCODINGS[audio_format])
                )
            ).result()
        except (soundfile.SoundFileError, ValueError) as error:
            self._thread.shutdown()
            self._sink.check()
            raise AudioError(
                f"Cannot encode {audio_format} at {sample_rate} samples a second ({error}). "
                "Choose another --format."
            ) from error

    def write(self, sound: Sound, *, quiet: int = 0, name: str = "") -> None:
        """Encode the next stretch, full scale at 1.0, soon. What goes wrong is raised by one of the
        next calls. Where a sentence of that name ends with it, so many samples at its end are
        silent."""
        self._samples += len(sound)
        self._begin(self._write, sound, quiet, name)

    def taken(self) -> bytes:
        """What a `live` encoder wrote at the end of the file since it was last asked, also after
        it has completed the file: all of it in order is the stream."""
        self._settle()
        return self._sink.taken()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._complete()
            else:
                self._sink.give_up()
                self._thread.submit(self._encoder.close).result()
        finally:
            self._thread.shutdown()
            if self._spool is not None:
                self._spool.close()

    def _complete(self) -> None:
        """Encode what is held back and write what only the end can tell."""
        self._begin(self._close)
        self._settle()
        if not self._samples:
            raise AudioError("There is no sound to encode. Give the narration a sentence.")
        if self._format == "opus":
            _renumber(self._file)
        elif self._spool is not None:
            export_m4a(self._spool, self._rate, self._file)

    def _begin(self, work: Callable[..., None], *arguments: Any) -> None:
        """Have it done in the thread, after what was asked for before."""
        self._waiting.append(self._thread.submit(work, *arguments))
        self._settle(BEHIND)

    def _settle(self, most: int = 0) -> None:
        """Wait until so many stretches are left."""
        while len(self._waiting) > most:
            self._waiting.popleft().result()

    def _write(self, sound: Sound, quiet: int, name: str) -> None:
        if self._resampler is not None:
            self._encode(self._resampler.feed(sound))
        else:
            self._encode([sound], quiet, name)

    def _close(self) -> None:
        if self._resampler is not None:
            self._encode(self._resampler.rest())
        self._encoder.close()
        self._sink.check()

    def _encode(self, sounds: Iterable[Sound], quiet: int = 0, name: str = "") -> None:
        for sound in sounds:
            try:
                self._encoder.write(sound, quiet, name)
            except soundfile.SoundFileError as error:
                self._sink.check()
                raise AudioError(f"The sound could not be encoded: {error}.") from error
            self._sink.check()


_ENCODINGS = {
    "opus": _Encoding("OGG", "OPUS", (256 - 64) / 250),
    "flac": _Encoding("FLAC", "PCM_16"),
    "wav": _Encoding("WAV", "PCM_16"),
    "m4a": _Encoding("RAW", "PCM_16"),
}
"""The settings for speech."""


class _Mp3File:
    """An MP3 in a file: its head is written again when all is known."""

    def __init__(self, sink: _Sink, sample_rate: int, encodings: Encodings | None) -> None:
        self._sink = sink
        self._mp3 = Mp3(sample_rate, encodings)

    def write(self, sound: Sound, quiet: int, name: str) -> None:
        self._sink.write(self._mp3.end(sound, quiet, name) if quiet else self._mp3.encode(sound))

    def close(self) -> None:
        if self._sink.over:
            return
        self._sink.write(self._mp3.rest())
        head = self._mp3.head()
        if head and not self._sink.over:
            self._sink.seek(0)
            self._sink.write(head)
            self._sink.seek(0, SEEK_END)


class _SoundFile:
    """A file that libsndfile writes."""

    def __init__(self, sink: _Sink, sample_rate: int, encoding: _Encoding) -> None:
        self._file = soundfile.SoundFile(
            sink, "w", sample_rate, channels=1, format=encoding.container,
            subtype=encoding.subtype, compression_level=encoding.compression,
        )  # fmt: skip

    def write(self, sound: Sound, quiet: int, name: str) -> None:
        self._file.write(np.ascontiguousarray(sound, dtype=np.float32))

    def close(self) -> None:
        self._file.close()


def _file_rate(audio_format: AudioFormat, sample_rate: int, asked: int | None) -> int:
    """Samples a second of the file: those that were asked for, else those of the sound; of Opus,
    the next of those that it knows."""
    rate = asked or sample_rate
    if audio_format != "opus" or rate in OPUS_RATES:
        return rate
    return next((known for known in OPUS_RATES if known > rate), OPUS_RATES[-1])


class _Sink:
    """The file as libsndfile sees it.

    libsndfile calls back from C, where an exception (and Ctrl-C is one) would be printed and
    forgotten: it is kept here and raised when C has returned.
    """

    def __init__(self, file: BinaryIO, *, live: bool) -> None:
        self.file = file
        self._error: BaseException | None = None
        self.over = False
        """Nothing more is written: the file refused, or the narration was given up."""
        self._live = live
        self._end = 0
        """Bytes of the file."""
        self._fresh = bytearray()
        """What was appended and not taken yet."""

    def give_up(self) -> None:
        """Write no more."""
        self.over = True

    def taken(self) -> bytes:
        """What was appended since this was last asked."""
        data = bytes(self._fresh)
        self._fresh.clear()
        return data

    def check(self) -> None:
        """Raise what went wrong, once."""
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def write(self, data: bytes) -> int:
        if self.over:
            return len(data)
        try:
            start = self.file.tell()
            written = self.file.write(data)
        except BaseException as error:
            self._error, self.over = error, True
            return len(data)
        if self._live and start == self._end:  # Elsewhere the head is completed.
            self._fresh += data
        self._end = max(self._end, start + written)
        return written

    def seek(self, offset: int, whence: int = 0) -> int:
        if self.over:
            return 0
        try:
            return self.file.seek(offset, whence)
        except BaseException as error:
            self._error, self.over = self._error or error, True
            return 0

    def tell(self) -> int:
        return 0 if self.over else self.file.tell()

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)


def _renumber(file: BinaryIO) -> None:
    """Give the Ogg stream the serial number that all of ours have."""
    from mutagen.ogg import OggPage

    file.seek(0)
    while True:
        start = file.tell()
        try:
            page = OggPage(file)  # type: ignore[no-untyped-call]
        except EOFError:
            return
        page.serial = OPUS_SERIAL
        file.seek(start)
        file.write(page.write())  # type: ignore[no-untyped-call]
