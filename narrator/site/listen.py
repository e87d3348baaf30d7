"""Does a narration sound as its cues and script say? The deep look: every audio file is decoded and
each sentence judged by its level and length. No recognizer is needed, for the times of all words
are known.

The limits stand far from what whole narrations show (joe, 478 s; Opus and MP3): the softest word
is at -35 dB, a pause at -82 dB, the last 30 ms of a sentence at -61 dB, the longest silence in a
sentence lasts 0.55 s, its level is within 2 dB.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from narrator.audio.levels import STEP, Levels, levels
from narrator.errors import AudioError
from narrator.publishing.manifest import Manifest, format_of
from narrator.site.findings import Finding, Kind
from narrator.site.wording import ENDS, Said, short

HEARD = -48.0
"""dB that the loudest frame of a word must reach."""

QUIET = -45.0
"""dB that nothing in a pause may reach."""

ABRUPT = -35.0
"""dB below which a sentence ends; with "s" it may begin as loud as it goes on."""

EDGE = 0.03
"""Seconds at its end that are looked at for that."""

PAUSE = 0.12
"""Seconds of a pause that is looked at, and STEPS of it at each side that are not."""
STEPS = 4

LULL = 1.5
"""Seconds of silence within a sentence at most."""

LOUDNESS = 9.0
"""dB by which a sentence may differ from the others of its article."""


def misheard(folder: Path, manifest: Manifest, said: Sequence[Said]) -> Iterator[Finding]:
    """What is wrong with the sound of an article whose sentences are known."""
    for file in (each.name for each in manifest.files if format_of(each)):
        if not (folder / file).is_file():
            continue
        try:
            heard = levels(folder / file)
        except AudioError as error:
            yield Finding("undecodable", manifest.slug, file, str(error))
            continue
        exact = not file.endswith((".m4a", ".opus"))
        for kind, detail in _by_ear(heard, said, manifest, exact=exact):
            yield Finding(kind, manifest.slug, file, detail)


def _by_ear(
    heard: Levels, said: Sequence[Said], manifest: Manifest, *, exact: bool
) -> Iterator[tuple[Kind, str]]:
    """What the decoded sound has that it should not have; `exact` where its format keeps the rate
    of the samples."""
    if exact and heard.sample_rate not in (0, manifest.sample_rate):
        told = f"{heard.sample_rate} samples a second, the manifest says {manifest.sample_rate}"
        yield "mismatch", told
    missing = manifest.duration - heard.duration
    if abs(missing) > ENDS:
        told = f"{heard.duration:.2f} s, the manifest says {manifest.duration:.2f} s"
        yield "truncated", told
    if not len(heard.frames):
        return
    present = [one for one in said if one.end <= heard.duration + ENDS]
    loud = [_level(heard, one) for one in present]
    usual = median(loud) if loud else 0.0
    for number, (one, level) in enumerate(zip(present, loud, strict=True), 1):
        where = f"sentence {number} ({short(one.spoken)})"
        following = present[number].start if number < len(present) else one.end
        for kind, what in _judged(heard, one, following, level - usual):
            yield kind, f"{where} at {one.start:.1f} s: {what}"
    if heard.clips(0, heard.duration) and not any(heard.clips(o.start, o.end) for o in present):
        yield "clipping", "between the sentences the sound is at full scale"


def _judged(
    heard: Levels, one: Said, following: float, louder: float
) -> Iterator[tuple[Kind, str]]:
    """What is wrong with one sentence."""
    silent = [
        text for start, end, text in one.words
        if end - start >= STEP and heard.between(start - STEP, end + STEP).max() < HEARD
    ]  # fmt: skip
    if silent:
        more = f" and {len(silent) - 3} more" if len(silent) > 3 else ""
        yield "silence", f"not heard: {', '.join(silent[:3])}{more}"
    elif _longest_lull(heard.between(one.start, one.end)) > LULL:
        yield "silence", f"silent for more than {LULL} s"
    if heard.clips(one.start, one.end):
        yield "clipping", "the sound is at full scale"
    ending = heard.between(one.end - EDGE, one.end).min()
    if ending > ABRUPT:
        yield "cut", f"it ends in the middle of a sound ({ending:.0f} dB)"
    if following - one.end >= PAUSE:
        pause = heard.between(one.end + STEPS * STEP, following - STEPS * STEP)
        if pause.max() > QUIET:
            yield "shifted", f"there is sound in the pause after it ({pause.max():.0f} dB)"
    if not silent and abs(louder) > LOUDNESS:
        yield "loudness", f"{abs(louder):.0f} dB {'louder' if louder > 0 else 'softer'} than usual"


def _level(heard: Levels, one: Said) -> float:
    """Of the speech in a sentence, dB."""
    frames = heard.between(one.start, one.end)
    speech = frames[frames > HEARD]
    return float(10 * np.log10(np.mean(10 ** (speech / 10)))) if len(speech) else HEARD


def _longest_lull(frames: np.ndarray[Any, np.dtype[np.float32]]) -> float:
    """Seconds of the longest stretch without sound."""
    heard = np.flatnonzero(np.concatenate([[True], frames >= HEARD, [True]]))
    return float(np.diff(heard).max() - 1) * STEP
