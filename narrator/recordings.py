"""A recording by a person takes the place of speech: found and measured.

A file is read where it lies; an address is fetched like a page, safely, into a temporary file: it
is never held in memory, and what does not begin like a sound is not read on. A recording lasts no
longer than its bytes are good for, so that none costs more than it was to send. It becomes mono and
as loud as speech would be, and is limited like it; nobody knows when it says what, so that it has
no cues.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

import numpy as np
import soundfile

from narrator.audio.envelope import Tracer
from narrator.audio.levels import Forward
from narrator.audio.loudness import SILENCE, Meter
from narrator.audio.resample import Resampler
from narrator.errors import FetchError, HostNotAllowed, RecordingUnreadable, SourceUnreadable
from narrator.model import Article, Plan, Recording, Script, Sound, Voice, fingerprint

if TYPE_CHECKING:
    from narrator.reading.fetch import NotModified, Page, Permit, Validators

SCHEME = "R1"
"""Of the id of a plan with a recording: raise it with any change that may be heard."""

PERSON = Voice(
    id="recording", language="", engine="recording", licence="", sample_rate=0, gain=0.0,
    name="Recording by a person",
)  # fmt: skip
"""Stands for the voice where nobody is made to speak; each recording gives it its own rate."""

LONGEST = 12 * 3600
"""Seconds of a recording at most."""

RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Samples a second that stay as they are; all else becomes the last but one."""

QUIET = -60.0
"""LUFS below which a recording is taken for silence."""

STRETCH = 5
"""Seconds that are decoded at a time."""

ACCEPTED = "audio/*, application/ogg;q=0.9, video/mp4;q=0.5, */*;q=0.1"

TYPES = ("audio/", "application/ogg", "application/octet-stream", "video/mp4")
"""How the media type of a recording begins."""

LARGEST = 300_000_000
"""Bytes of a recording that is fetched."""

LEAST_BYTES = 200
"""Bytes of a file for each second that it plays, at least: speech at the lowest rates of Opus
has 750."""

FREE_SECONDS = 120
"""Seconds of a recording for which bytes are not counted."""

SLOWEST, FASTEST = 4_000, 768_000
"""Samples a second of a recording."""

MOST_CHANNELS = 16

TIME_LIMIT = 300.0
"""Seconds for a recording to come."""

FFMPEG_LIMIT = 1800
"""Seconds that ffmpeg may take to unpack an M4A."""


def found(
    article: Article, *, allow_private: bool = False, permit: Permit | None = None
) -> Recording:
    """The recording that the article names, measured; `permit` is asked before each address is,
    redirects included, and may raise. FetchError where its address gives none, RecordingUnreadable
    where it is no sound, is silent or too long."""
    named = article.recording
    # Closed here where it fails: the error holds its frames, and they what they opened.
    with ExitStack() as files:
        page, path = None, Path(named)
        if _is_address(named):
            fetched = files.enter_context(_temporary())
            page, path = _fetched(named, allow_private, permit, fetched), Path(fetched.name)
        if not path.is_file():
            raise RecordingUnreadable(
                f"The article names the recording {named!r}, and there is no such file. Correct "
                "its `audio:`, or take it out to have the article spoken."
            )
        longest = _longest(path)
        if _is_mp4(path):
            unpacked = files.enter_context(_temporary(".flac"))
            _unpack(path, named, longest, unpacked.name)
            path = Path(unpacked.name)
        measured = replace(_measured(path, named, longest), keep=files.pop_all())
    if page is None:
        return measured
    told = page.validators
    return replace(measured, address=told.url, etag=told.etag, modified=told.modified)


def _temporary(suffix: str = "") -> IO[bytes]:
    return cast(IO[bytes], tempfile.NamedTemporaryFile(prefix="narrator-recording-", suffix=suffix))


def still(
    named: str, sha256: str, *, address: str, etag: str, modified: str, allow_private: bool = False
) -> bool:
    """Whether a recording that an article names is known to be the one with that hash. An address
    is only asked, with what its server told when it was fetched; where that was nothing, nobody
    knows. FetchError where it cannot be had."""
    if not _is_address(named):
        return bool(sha256) and Path(named).is_file() and _hash(Path(named)) == sha256
    if not (etag or modified):
        return False
    from narrator.reading.fetch import NotModified, Validators

    known = Validators(address, etag, modified)
    return isinstance(_asked(named, known, allow_private), NotModified)


def plan_of(
    article: Article, recording: Recording, script: Script, *, target: float,
    intro: Sound | None = None, outro: Sound | None = None,
) -> Plan:  # fmt: skip
    """The plan of a narration that plays the recording; `script` tells what was left out."""
    sounds = [
        None if s is None else hashlib.sha256(s.tobytes()).hexdigest() for s in (intro, outro)
    ]
    return Plan(
        id=fingerprint(SCHEME, article.title, recording.sha256, target, sounds),
        article=article,
        script=script,
        voice=voice_of(recording, script.language),
        speed=1.0,
        readers=(),
        segments=(),
        intro=intro,
        outro=outro,
        recording=recording,
    )


def voice_of(recording: Recording, language: str) -> Voice:
    """What stands for the voice of a narration that plays the recording."""
    return Voice(
        id=PERSON.id, language=language, engine=PERSON.engine, licence=PERSON.licence,
        sample_rate=recording.sample_rate, gain=PERSON.gain, name=PERSON.name,
    )  # fmt: skip


def sounds(recording: Recording, target: float) -> Iterator[Sound]:
    """The recording at `target` LUFS, stretch by stretch; its peaks are for the limiter."""
    gain = np.float32(10 ** ((target - recording.loudness) / 20))
    for sound in _sounds(Path(recording.path), recording.name, recording.sample_rate):
        yield sound * gain


def _is_address(named: str) -> bool:
    return named.lower().startswith(("http://", "https://"))


def _asked(
    url: str, known: Validators | None, allow_private: bool,
    permit: Permit | None = None, into: BinaryIO | None = None,
) -> Page | NotModified:  # fmt: skip
    """What is at the address, written `into` a file, unless it is `known`."""
    from narrator.reading.fetch import Wanted, anywhere, fetch  # Most recordings are files.

    wanted = Wanted("a recording", ACCEPTED, TYPES, limit=LARGEST, begins=_begins_like_sound)
    try:
        return fetch(
            url, known, wanted=wanted, allow_private=allow_private, time_limit=TIME_LIMIT,
            permit=permit or anywhere, into=into,
        )  # fmt: skip
    except HostNotAllowed:
        raise
    except FetchError as error:
        raise FetchError(
            f"The recording that the article names cannot be had: {error}", status=error.status
        ) from error
    except SourceUnreadable as error:
        raise RecordingUnreadable(f"The recording {url} cannot be used: {error}") from error


def _fetched(url: str, allow_private: bool, permit: Permit | None, into: IO[bytes]) -> Page:
    """What is known of the address; what is there is written into the file."""
    from narrator.reading.fetch import Page

    page = _asked(url, None, allow_private, permit, cast(BinaryIO, into))
    into.flush()
    assert isinstance(page, Page)
    return page


def _begins_like_sound(start: bytes) -> bool:
    """Whether bytes may begin an MP3, FLAC, Ogg, WAV, AIFF or M4A file."""
    kind, form = start[:4], start[8:12]
    if kind in (b"RIFF", b"RIFX", b"RF64"):
        return form == b"WAVE"
    if kind == b"FORM":
        return form in (b"AIFF", b"AIFC")
    if kind in (b"fLaC", b"OggS") or start[:3] == b"ID3" or start[4:8] == b"ftyp":
        return True
    # A frame of MPEG audio: eleven bits set, then a version and a layer that there are.
    return (
        len(start) > 2
        and start[0] == 0xFF
        and start[1] & 0xE0 == 0xE0
        and start[1] & 0x18 != 0x08
        and start[1] & 0x06 != 0
        and start[2] & 0xF0 != 0xF0
    )


def _longest(path: Path) -> float:
    """Seconds that the file may play."""
    return min(LONGEST, FREE_SECONDS + path.stat().st_size / LEAST_BYTES)


def _too_long(name: str, seconds: float) -> RecordingUnreadable:
    why = (
        f"{LONGEST // 3600} hours"
        if seconds >= LONGEST
        else f"{seconds:.0f} seconds, which is all that speech of so few bytes can last"
    )
    return RecordingUnreadable(f"The recording {name} lasts longer than {why}. Give a shorter one.")


def _is_mp4(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[4:8] == b"ftyp"


def _unpack(path: Path, name: str, longest: float, to: str) -> None:
    """Write the sound of an MP4 as FLAC, which libsndfile reads."""
    if shutil.which("ffmpeg") is None:
        raise RecordingUnreadable(
            f"The recording {name} cannot be read without ffmpeg. Install ffmpeg, or convert it to "
            "MP3, FLAC, Ogg or WAV."
        )
    # More than two channels would only take room. The demuxer is named, for others read whatever
    # files and addresses a list names.
    command = [
        "ffmpeg", "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file", "-f", "mov",
        "-i", str(path), "-vn", "-t", f"{longest + 1:.0f}", "-ac", "2", "-f", "flac", to,
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=FFMPEG_LIMIT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RecordingUnreadable(f"ffmpeg took too long to read the recording {name}.") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RecordingUnreadable(
            f"The recording {name} is no sound that ffmpeg can read ({last})."
        )


def _measured(path: Path, name: str, longest: float) -> Recording:
    rate = _rate(path, name, longest)
    tracer, meter = Tracer(rate), Meter()
    samples = 0
    for sound in _sounds(path, name, rate):
        samples += len(sound)
        if samples > (longest + 1) * rate:  # It is longer than it says.
            raise _too_long(name, longest)
        for hop in tracer.feed(sound):
            meter.add(hop.energies)
    for hop in tracer.rest():
        meter.add(hop.energies)
    level = meter.integrated()
    if not samples or level == SILENCE or level < QUIET:
        raise RecordingUnreadable(
            f"The recording {name} is silent. Give one that can be heard, or none."
        )
    return Recording(str(path), name, _hash(path), rate, samples / rate, level)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rate(path: Path, name: str, longest: float) -> int:
    """Samples a second that the recording has as a narration."""
    with path.open("rb") as opened:
        start = opened.read(64)
    try:
        if not _begins_like_sound(start):
            raise soundfile.SoundFileRuntimeError("its first bytes are of something else")
        with soundfile.SoundFile(path) as file:
            seconds = file.frames / file.samplerate
            rate, channels = int(file.samplerate), int(file.channels)
    except soundfile.SoundFileError as error:
        raise RecordingUnreadable(
            f"The recording {name} is no sound that can be read ({error}). Give an MP3, FLAC, Ogg, "
            "WAV or M4A file."
        ) from error
    if not SLOWEST <= rate <= FASTEST or channels > MOST_CHANNELS:
        raise RecordingUnreadable(
            f"The recording {name} has {rate} samples a second in {channels} channels. Convert it "
            "to 44100 in one."
        )
    if seconds > longest:
        raise _too_long(name, longest)
    return rate if rate in RATES else RATES[-2]


def _sounds(path: Path, name: str, rate: int) -> Iterator[Sound]:
    """The recording in mono at that many samples a second, stretch by stretch."""
    try:
        with Forward(path) as file:
            resampler = None if file.samplerate == rate else Resampler(file.samplerate, rate)
            stretch = STRETCH * file.samplerate
            while len(block := file.read(stretch, dtype="float32", always_2d=True)):
                sound = np.ascontiguousarray(block.mean(axis=1), np.float32)
                if resampler is None:
                    yield sound
                else:
                    yield from resampler.feed(sound)
            if resampler is not None:
                yield from resampler.rest()
    except soundfile.SoundFileError as error:
        raise RecordingUnreadable(f"The recording {name} is damaged: {error}.") from error
