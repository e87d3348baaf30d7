"""Does a narration sound as its cues and script say? The deep look: every audio file is decoded and
each sentence judged by its level and length. No recognizer is needed, for the times of all words
are known.

The limits stand far from what whole narrations show (joe, 478 s; Opus and MP3): the softest word
is at -35 dB, a pause at -82 dB, the last 30 ms of a sentence at -61 dB, the longest silence in a
sentence lasts 0.55 s, its length is 0.79 to 1.38 times the expected, its level within 2 dB.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from narrator.audio.levels import STEP, Levels, levels
from narrator.errors import AudioError
from narrator.publishing import names
from narrator.publishing.manifest import Manifest, format_of
from narrator.site.findings import Finding, Kind

ENDS = 0.1
"""Seconds by which a decoded file may be shorter or longer than its manifest says."""

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

START = 0.15
"""Seconds of a sentence that do not depend on its length."""

SHORTEST, LONGEST = 0.55, 1.8
"""Times the expected length that a sentence may last."""

SLACK = 0.4
"""Seconds by which a sentence must miss the expected length to be out of proportion."""

CHARACTER = (0.02, 0.15)
"""Seconds a character, at the voice's own pace, within which all speech is."""

LOUDNESS = 9.0
"""dB by which a sentence may differ from the others of its article."""

ENOUGH = 5
"""Sentences from which a part has an ordinary pace of its own."""

PARTS = {"title": "headline", "heading": "headline", "quote": "quote", "notice": "notice"}
"""Kind of sentence -> part of the article, which may have a voice of its own; else body."""


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence as its cue tells of it."""

    start: float
    """Seconds, like all times."""
    end: float
    spoken: str
    words: tuple[tuple[float, float, str], ...]
    kind: str

    @property
    def duration(self) -> float:
        return self.end - self.start

    @property
    def part(self) -> str:
        """Of the article."""
        return PARTS.get(self.kind, "body")


def misheard(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    """What is wrong with the sound of an article whose files are there."""
    try:
        cues = json.loads((folder / names.CUES).read_bytes())["cues"]
        script = json.loads((folder / names.SCRIPT).read_bytes())["sentences"]
        captions = (folder / names.CAPTIONS).read_text("utf-8")
        kinds = [str(sentence["kind"]) for sentence in script]
        said = tuple(_said(cue, kind) for cue, kind in zip(cues, kinds, strict=False))
    except (OSError, ValueError, KeyError, TypeError):
        return  # The quick look has told of it.

    def wrong(kind: Kind, file: str, detail: str) -> Finding:
        return Finding(kind, manifest.slug, file, detail)

    for file, detail in _unlike(cues, script, captions, manifest.duration):
        yield wrong("words", file, detail)
    for detail in _out_of_proportion(said, manifest.speed):
        yield wrong("proportion", names.CUES, detail)
    for file in (each.name for each in manifest.files if format_of(each)):
        if not (folder / file).is_file():
            continue
        try:
            heard = levels(folder / file)
        except AudioError as error:
            yield wrong("undecodable", file, str(error))
            continue
        for kind, detail in _by_ear(
            heard, said, manifest, exact=not file.endswith((".m4a", ".opus"))
        ):
            yield wrong(kind, file, detail)


def _said(cue: dict[str, Any], kind: str) -> _Said:
    words = tuple((float(w["start"]), float(w["end"]), str(w["text"])) for w in cue["words"])
    return _Said(float(cue["start"]), float(cue["end"]), str(cue["spoken"]), words, kind)


def _unlike(
    cues: Sequence[dict[str, Any]], script: Sequence[dict[str, Any]], captions: str, duration: float
) -> Iterator[tuple[str, str]]:
    """(file, what) where script, cues and captions do not say the same words, each once, in
    order."""
    if len(cues) != len(script):
        yield names.CUES, f"{len(cues)} cues for {len(script)} sentences of the script"
    latest = 0.0
    for number, (cue, sentence) in enumerate(zip(cues, script, strict=False), 1):
        where = f"sentence {number} ({_short(sentence['spoken'])})"
        if cue["spoken"] != sentence["spoken"]:
            yield names.CUES, f"{where} is another in the cues: {_short(cue['spoken'])}"
            return  # All after it would be another, too.
        if len(cue["words"]) != len(sentence["words"]):
            yield (
                names.CUES,
                (f"{where} has {len(sentence['words'])} words, {len(cue['words'])} have a time"),
            )
        times = [cue["start"], *(word["start"] for word in cue["words"]), cue["end"]]
        if cue["start"] < latest or times != sorted(times) or cue["end"] > duration + ENDS:
            yield names.CUES, f"{where} has times that are out of order"
        latest = cue["end"]
    shown = _words_of(" ".join(re.findall(r"(?m)^.*-->.*\n((?:.+\n?)+)", captions)))
    told = _words_of(" ".join(cue["source"] for cue in cues))
    if shown != told:
        at = next((i for i, pair in enumerate(zip(shown, told, strict=False)) if len({*pair}) > 1),
                  min(len(shown), len(told)))  # fmt: skip
        near = " ".join(told[max(0, at - 1) : at + 3]) or "their end"
        yield names.CAPTIONS, f"they do not show the words of the page near {near!r}"


def _words_of(text: str) -> list[str]:
    return unescape(text).split()


def _out_of_proportion(said: Sequence[_Said], speed: float) -> Iterator[str]:
    """Sentences that are too short or too long for what they say."""
    start = START / speed
    paces = {
        part: [(one.duration - start) / len(one.spoken) for one in said
               if part in ("", one.part) and one.spoken]
        for part in ("", *{one.part for one in said})
    }  # fmt: skip
    whole = median(paces[""]) if paces[""] else 0.0
    slowest, fastest = CHARACTER[1] / speed, CHARACTER[0] / speed
    if said and not fastest <= whole <= slowest:
        yield f"all of it: {whole * 1000:.0f} ms a character is no pace of speech"
    for number, one in enumerate(said, 1):
        own = paces[one.part]
        ordinary = median(own) if len(own) >= ENOUGH else whole
        expected = start + ordinary * len(one.spoken)
        # A part of a few sentences has no ordinary pace of its own; its voice may be another.
        wide = 1.0 if len(own) >= ENOUGH or len(paces) <= 2 else 1.6
        apart = abs(one.duration - expected) > SLACK
        if apart and not SHORTEST / wide <= one.duration / max(expected, STEP) <= LONGEST * wide:
            yield (
                f"sentence {number} ({_short(one.spoken)}) lasts {one.duration:.2f} s, "
                f"{expected:.2f} s would be usual"
            )


def _by_ear(
    heard: Levels, said: Sequence[_Said], manifest: Manifest, *, exact: bool
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
        where = f"sentence {number} ({_short(one.spoken)})"
        following = present[number].start if number < len(present) else one.end
        for kind, what in _judged(heard, one, following, level - usual):
            yield kind, f"{where} at {one.start:.1f} s: {what}"
    if heard.clips(0, heard.duration) and not any(heard.clips(o.start, o.end) for o in present):
        yield "clipping", "between the sentences the sound is at full scale"


def _judged(
    heard: Levels, one: _Said, following: float, louder: float
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


def _level(heard: Levels, one: _Said) -> float:
    """Of the speech in a sentence, dB."""
    frames = heard.between(one.start, one.end)
    speech = frames[frames > HEARD]
    return float(10 * np.log10(np.mean(10 ** (speech / 10)))) if len(speech) else HEARD


def _longest_lull(frames: np.ndarray[Any, np.dtype[np.float32]]) -> float:
    """Seconds of the longest stretch without sound."""
    heard = np.flatnonzero(np.concatenate([[True], frames >= HEARD, [True]]))
    return float(np.diff(heard).max() - 1) * STEP


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
