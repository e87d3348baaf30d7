"""Do script, cues and captions of a narration say the same, at times that can be? No sound is
decoded for it.

The limits stand far from what whole narrations show (joe, 478 s): a sentence lasts 0.79 to 1.38
times the expected. A pause is what the script says, to the millisecond, filled up to a whole frame.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from narrator.publishing import names
from narrator.publishing.manifest import Manifest
from narrator.site.findings import Finding

ENDS = 0.1
"""Seconds by which a decoded file may be shorter or longer than its manifest says."""

CLOSE = 0.005
"""Seconds by which times may differ that were rounded to milliseconds."""

FRAME = 0.072
"""Seconds of the longest frame of an MP3, to whose end a pause is filled up."""

START = 0.15
"""Seconds of a sentence that do not depend on its length."""

SHORTEST, LONGEST = 0.55, 1.8
"""Times the expected length that a sentence may last."""

SLACK = 0.4
"""Seconds by which a sentence must miss the expected length to be out of proportion."""

BRIEFEST = 0.01
"""Seconds that a sentence is expected to last at least."""

CHARACTER = (0.02, 0.15)
"""Seconds a character, at the voice's own pace, within which all speech is."""

WEIGHTY = 100
"""Characters of an article from which its pace as a whole is judged."""

ENOUGH = 5
"""Sentences from which a part has an ordinary pace of its own."""

PARTS = {"title": "headline", "heading": "headline", "quote": "quote", "notice": "notice"}
"""Kind of sentence -> part of the article, which may have a voice of its own; else body."""

_CAPTION = re.compile(r"(?m)^.*-->.*\n((?:.+\n?)+)")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as its cue tells of it."""

    start: float
    """Seconds, like all times."""
    end: float
    source: str
    spoken: str
    words: tuple[tuple[float, float, str], ...]

    @property
    def duration(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Scripted:
    """A sentence as the script has it."""

    spoken: str
    words: int
    pause: float
    """Seconds after it, at the voice's own pace."""
    kind: str

    @property
    def part(self) -> str:
        """Of the article."""
        return PARTS.get(self.kind, "body")


@dataclass(frozen=True, slots=True)
class Wording:
    """What the texts of an article tell of its sound."""

    audio: str
    """sha256 of the file that the cues belong to."""
    duration: float
    said: tuple[Said, ...]
    script: tuple[Scripted, ...]
    captions: str


def wording(folder: Path, manifest: Manifest) -> Wording | Finding:
    """The texts of an article, or what is wrong with the first that cannot be read."""
    name = names.CUES
    try:
        told = json.loads((folder / name).read_bytes())
        audio, duration = str(told["audio"]["sha256"]), float(told["audio"]["duration"])
        said = tuple(map(_said, told["cues"]))
        name = names.SCRIPT
        script = tuple(map(_scripted, json.loads((folder / name).read_bytes())["sentences"]))
        name = names.CAPTIONS
        captions = (folder / name).read_text("utf-8")
    except FileNotFoundError:
        return Finding("missing", manifest.slug, name, "it is not there")
    except OSError as error:
        return Finding("damaged", manifest.slug, name, f"cannot be read: {error.strerror}")
    except (ValueError, KeyError, TypeError):
        return Finding("damaged", manifest.slug, name, "it is not what its name says")
    return Wording(audio, duration, said, script, captions)


def _said(cue: dict[str, Any]) -> Said:
    words = tuple((float(w["start"]), float(w["end"]), str(w["text"])) for w in cue["words"])
    start, end = float(cue["start"]), float(cue["end"])
    return Said(start, end, str(cue["source"]), str(cue["spoken"]), words)


def _scripted(sentence: dict[str, Any]) -> Scripted:
    spoken, words, pause = sentence["spoken"], sentence["words"], sentence["pause"]
    return Scripted(str(spoken), len(words), float(pause), str(sentence["kind"]))


def misworded(told: Wording, manifest: Manifest) -> Iterator[Finding]:
    """Where the texts of an article contradict each other, their manifest, or how fast people
    speak."""
    slug = manifest.slug
    if told.audio != manifest.audio.sha256:
        yield Finding("mismatch", slug, names.CUES, "the cues belong to other audio")
    elif abs(told.duration - manifest.duration) > CLOSE:
        detail = f"audio of {told.duration} s, the manifest says {manifest.duration} s"
        yield Finding("mismatch", slug, names.CUES, detail)
    for file, detail in _unlike(told, manifest):
        yield Finding("words", slug, file, detail)
    for detail in _out_of_time(told, manifest):
        yield Finding("times", slug, names.CUES, detail)
    for detail in _out_of_proportion(told, manifest.speed):
        yield Finding("proportion", slug, names.CUES, detail)


def _unlike(told: Wording, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """(file, what) where script, cues and captions do not say the same words, each once, in
    order."""
    said, script = told.said, told.script
    counted = len(script), sum(sentence.words for sentence in script)
    if counted != (manifest.sentences, manifest.words):
        yield (
            names.SCRIPT,
            f"(sentences, words) {counted}, manifest {manifest.sentences, manifest.words}",
        )
    if len(said) != len(script):
        yield names.CUES, f"{len(said)} cues for {len(script)} sentences of the script"
    for number, (one, sentence) in enumerate(zip(said, script, strict=False), 1):
        where = f"sentence {number} ({short(sentence.spoken)})"
        if one.spoken != sentence.spoken:
            yield names.CUES, f"{where} is another in the cues: {short(one.spoken)}"
            return  # All after it would be another, too.
        if len(one.words) != sentence.words:
            yield (
                names.CUES,
                f"{where} has {sentence.words} words, {len(one.words)} have a time",
            )
    shown = unescape(" ".join(_CAPTION.findall(told.captions))).split()
    page = unescape(" ".join(one.source for one in said)).split()
    if shown != page:
        pairs = enumerate(zip(shown, page, strict=False))
        at = next((i for i, (a, b) in pairs if a != b), min(len(shown), len(page)))
        near = " ".join(page[max(0, at - 1) : at + 3]) or "their end"
        yield names.CAPTIONS, f"they do not show the words of the page near {near!r}"


def _out_of_time(told: Wording, manifest: Manifest) -> Iterator[str]:
    """Sentences whose times are out of order, beyond the audio, or apart by another pause than
    the script says."""
    latest = 0.0
    for number, one in enumerate(told.said, 1):
        times = [one.start, *(start for start, _, _ in one.words), one.end]
        if one.start < latest or times != sorted(times) or one.end > manifest.duration + ENDS:
            yield f"sentence {number} ({short(one.spoken)}) has times that are out of order"
        latest = one.end
    if len(told.said) != len(told.script):
        return
    together = zip(pairwise(told.said), told.script, strict=False)
    for number, ((one, following), sentence) in enumerate(together, 1):
        pause, wanted = following.start - one.end, sentence.pause / manifest.speed
        if not -CLOSE <= pause - wanted <= FRAME + CLOSE:
            yield (
                f"after sentence {number} ({short(one.spoken)}) is a pause of {pause:.2f} s, the "
                f"script says {wanted:.2f} s"
            )


def _out_of_proportion(told: Wording, speed: float) -> Iterator[str]:
    """Sentences that are too short or too long for what they say."""
    said = list(zip(told.said, told.script, strict=False))
    start = START / speed
    paces: dict[str, list[float]] = {}
    for one, sentence in said:
        if one.spoken:
            pace = (one.duration - start) / len(one.spoken)
            paces.setdefault(sentence.part, []).append(pace)
    whole = median([pace for own in paces.values() for pace in own]) if paces else 0.0
    slowest, fastest = CHARACTER[1] / speed, CHARACTER[0] / speed
    long = sum(len(one.spoken) for one, _ in said) >= WEIGHTY
    if long and not fastest <= whole <= slowest:
        yield f"all of it: {whole * 1000:.0f} ms a character is no pace of speech"
    usual = {part: median(own) if len(own) >= ENOUGH else whole for part, own in paces.items()}
    for number, (one, sentence) in enumerate(said, 1):
        expected = start + usual.get(sentence.part, whole) * len(one.spoken)
        # A part of a few sentences has no ordinary pace of its own; its voice may be another.
        few = len(paces.get(sentence.part, ())) < ENOUGH and len(paces) > 1
        wide = 1.6 if few else 1.0
        ratio = one.duration / max(expected, BRIEFEST)
        apart = abs(one.duration - expected) > SLACK
        if apart and not SHORTEST / wide <= ratio <= LONGEST * wide:
            yield (
                f"sentence {number} ({short(one.spoken)}) lasts {one.duration:.2f} s, "
                f"{expected:.2f} s would be usual"
            )


def short(text: str) -> str:
    """The text in quotes, its start if it is long."""
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
