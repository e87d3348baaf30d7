"""When what is heard: cues and chapters of a narration, as WebVTT and as JSON.

All times come from the samples that were joined. Both files round them to milliseconds in the same
way, so what is in order stays in order and is the same in both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import PurePath
from typing import Any

from narrator.audio.join import Said
from narrator.model import TITLE, AudioFile, Chapter, Cue, CueWord, Sentence

VERSION = 1
"""Of the cues JSON; goes up when a field changes its meaning or goes away."""

LINE = 42
"""Characters of a caption's line that can be read at a glance."""

LINES = 2
"""Lines of a caption."""

STOPS = frozenset(",;:.!?…—–")
"""Marks after which a caption ends well."""


def cue(said: Said) -> Cue:
    """When a sentence of the narration is heard."""
    sentence = said.sentence
    words = tuple(
        CueWord(
            time.start, time.end, sentence.spoken[word.start : word.end],
            word.source_start, word.source_end,
        )
        for word, time in zip(sentence.words, said.words, strict=True)
    )  # fmt: skip
    return Cue(
        start=said.start,
        end=said.end,
        block=sentence.block,
        source_start=sentence.start,
        source_end=sentence.end,
        source=sentence.source,
        spoken=sentence.spoken,
        words=words,
        estimated=said.estimated,
    )


def chapters(
    sentences: Iterable[Sentence], cues: Iterable[Cue], duration: float
) -> tuple[Chapter, ...]:
    """A chapter for the title and each heading, up to the next one or the end of the audio.

    `sentences` and `cues` go together one by one. The first chapter begins with the audio, and what
    is heard before the first heading of an article without a title belongs to it.
    """
    starts: list[float] = []
    titles: list[str] = []
    blocks: list[str] = []
    for sentence, heard in zip(sentences, cues, strict=True):
        if sentence.kind != "heading" and sentence.block != TITLE:
            continue
        if blocks and blocks[-1] == sentence.block:
            titles[-1] += f" {sentence.source}"
            continue
        starts.append(heard.start if starts else 0.0)
        titles.append(sentence.source)
        blocks.append(sentence.block)
    return tuple(
        Chapter(start, end, " ".join(title.split()))
        for (start, end), title in zip(pairwise([*starts, duration]), titles, strict=True)
    )


def webvtt(cues: Iterable[Cue]) -> Iterator[str]:
    """The captions as WebVTT, cue by cue: the text of the page, a long sentence in several captions
    that change with its words."""
    yield "WEBVTT\n"
    captions = (caption for heard in cues for caption in _captions(heard))
    for number, caption in enumerate(captions, 1):
        times = f"{clock(caption.start)} --> {clock(caption.end)}"
        yield f"\n{number}\n{times}\n{_lines(caption.text)}\n"


def cues_json(
    cues: Iterable[Cue], chapters: Iterable[Chapter], audio: AudioFile, duration: float
) -> Iterator[str]:
    """Cues and chapters as JSON, cue by cue, and the file that they belong to; times in seconds,
    offsets in characters (code points) of the block's text."""
    about = {
        "file": PurePath(audio.path).name,
        "sha256": audio.sha256,
        "duration": _seconds(duration),
    }
    parts = [
        {"start": _seconds(c.start), "end": _seconds(c.end), "title": c.title} for c in chapters
    ]
    yield f'{{"version":{VERSION},"audio":{_json(about)},"cues":['
    for number, heard in enumerate(cues):
        yield f"{',' if number else ''}{_json(cue_fields(heard))}"
    yield f'],"chapters":{_json(parts)}}}'


def milliseconds(seconds: float) -> int:
    """The nearest millisecond."""
    return round(seconds * 1000)


def clock(seconds: float) -> str:
    """HH:MM:SS.mmm."""
    minutes, thousandths = divmod(milliseconds(seconds), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{thousandths // 1000:02}.{thousandths % 1000:03}"


def cue_fields(heard: Cue) -> dict[str, Any]:
    return {
        "start": _seconds(heard.start),
        "end": _seconds(heard.end),
        "block": heard.block,
        "source_start": heard.source_start,
        "source_end": heard.source_end,
        "source": heard.source,
        "spoken": heard.spoken,
        "estimated": heard.estimated,
        "words": [
            {
                "start": _seconds(word.start),
                "end": _seconds(word.end),
                "text": word.text,
                "source_start": word.source_start,
                "source_end": word.source_end,
            }
            for word in heard.words
        ],
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _seconds(seconds: float) -> float:
    return milliseconds(seconds) / 1000


@dataclass(frozen=True, slots=True)
class _Caption:
    """What is on the screen at one time."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class _Token:
    """A run of the page's text between two blanks."""

    text: str
    start: float | None
    """When its first word is heard; None where a caption cannot begin with it."""


def _captions(heard: Cue) -> list[_Caption]:
    """The captions of one sentence, each no longer than can be shown at once."""
    groups = _halved(_tokens(heard))
    starts = [heard.start, *(group[0].start or heard.start for group in groups[1:]), heard.end]
    return [
        _Caption(start, end, " ".join(token.text for token in group))
        for (start, end), group in zip(pairwise(starts), groups, strict=True)
    ]


def _tokens(heard: Cue) -> list[_Token]:
    """The tokens of the sentence as the page has it. A caption can begin with one that is heard
    after all before it and shares no word with them, as "$3" and "million" do."""
    tokens = []
    latest = heard.start
    for match in re.finditer(r"\S+", heard.source):
        start, end = (heard.source_start + at for at in match.span())
        own = [word.start for word in heard.words if start <= word.source_start < end]
        shared = any(word.source_start < start < word.source_end for word in heard.words)
        first = min(own, default=latest)
        tokens.append(_Token(match.group(), first if first > latest and not shared else None))
        latest = max([latest, *own])
    return tokens


def _halved(tokens: list[_Token]) -> list[list[_Token]]:
    """The tokens in groups that fit a caption: split near the middle, rather after a punctuation
    mark, and each half likewise."""
    ends = list(accumulate(len(token.text) + 1 for token in tokens))
    breaks = [i for i in range(1, len(tokens)) if tokens[i].start is not None]
    if not tokens or ends[-1] - 1 <= LINE * LINES or not breaks:
        return [tokens]

    def unfitness(i: int) -> float:
        stops = tokens[i - 1].text.rstrip("\"'”’»)]")[-1:] in STOPS
        return abs(ends[i - 1] - ends[-1] / 2) - (LINE / 2 if stops else 0)

    middle = min(breaks, key=unfitness)
    return [*_halved(tokens[:middle]), *_halved(tokens[middle:])]


def _lines(text: str) -> str:
    """The text in at most two lines, about equally long, with what WebVTT reads as marks
    escaped."""
    blanks = [match.start() for match in re.finditer(" ", text)]
    if len(text) > LINE and blanks:
        middle = min(blanks, key=lambda at: abs(at - len(text) / 2))
        text = f"{text[:middle]}\n{text[middle + 1 :]}"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
