"""What was changed and left out, as values for people and for programs.

`script_json` is a stable form: its keys are part of the interface of `narrator script --json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from narrator.model import Script, Sentence, Word


@dataclass(frozen=True, slots=True)
class ScriptChange:
    """A run of source words that is said otherwise than it is written."""

    block: str
    """Id of the block, or TITLE."""
    source_start: int
    """First character, counted in the text of the block."""
    source_end: int
    """Equal to `source_start` where the page prints it outside of the text: a list number."""
    source: str
    spoken: str
    rule: str
    phonemes: str = ""
    """IPA of its words, separated by spaces; empty where the engine decides."""


def changes_of(script: Script) -> tuple[ScriptChange, ...]:
    """Every change in the order in which it is heard; what was left out is in
    `script.omissions`."""
    return tuple(
        _change(sentence, tuple(words))
        for sentence in script.sentences
        for (_, _, rule), words in groupby(sentence.words, key=_origin)
        if rule
    )


def _origin(word: Word) -> tuple[int, int, str]:
    return word.source_start, word.source_end, word.rule


def _change(sentence: Sentence, words: tuple[Word, ...]) -> ScriptChange:
    start, end, rule = _origin(words[0])
    return ScriptChange(
        block=sentence.block,
        source_start=start,
        source_end=end,
        source=sentence.source[start - sentence.start : end - sentence.start],
        spoken=sentence.spoken[words[0].start : words[-1].end],
        rule=rule,
        phonemes=" ".join(word.phonemes for word in words if word.phonemes),
    )


def script_json(script: Script) -> dict[str, Any]:
    """The script as JSON values, every list in reading order.

    language; sentences: block, kind, start, end (characters of the block's text), source, spoken,
    pause (seconds), words: text, start, end (characters of `spoken`), source_start, source_end
    (characters of the block's text), rule, phonemes; omissions: text, reason.
    """
    return {
        "language": script.language,
        "sentences": [
            {
                "block": sentence.block,
                "kind": sentence.kind,
                "start": sentence.start,
                "end": sentence.end,
                "source": sentence.source,
                "spoken": sentence.spoken,
                "pause": sentence.pause,
                "words": [
                    {
                        "text": sentence.spoken[word.start : word.end],
                        "start": word.start,
                        "end": word.end,
                        "source_start": word.source_start,
                        "source_end": word.source_end,
                        "rule": word.rule,
                        "phonemes": word.phonemes,
                    }
                    for word in sentence.words
                ],
            }
            for sentence in script.sentences
        ],
        "omissions": [
            {"text": omission.text, "reason": omission.reason} for omission in script.omissions
        ],
    }
