"""What was changed and left out, as values for people and for programs.

The JSON forms are stable: their keys are part of the interface of `narrator script --json`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from narrator.errors import SourceUnreadable
from narrator.model import Omission, Script, Sentence, Word

FORMAT = "narrator-script-1"
"""What a JSON value that holds a script says of itself; another number for another form."""


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
    return tuple(change for sentence in script.sentences for change in _changes_in(sentence))


def _changes_in(sentence: Sentence) -> Iterator[ScriptChange]:
    for (_, _, rule), words in groupby(sentence.words, key=_origin):
        if rule:
            yield _change(sentence, tuple(words))


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


@dataclass(frozen=True, slots=True)
class Difference:
    """Sentences of one place of the page that two scripts say differently."""

    block: str
    """Id of the block, or TITLE."""
    start: int
    """First character of `source`, counted in the text of the block."""
    end: int
    source: str
    now: tuple[Sentence, ...]
    """As the first script says them; empty where it says nothing there."""
    then: tuple[Sentence, ...]
    """As the second does."""

    @property
    def changes(self) -> tuple[tuple[ScriptChange | None, ScriptChange | None], ...]:
        """(now, then) of each run of source words that is said differently, None where a script
        says it as written."""
        now, then = (
            {(c.source_start, c.source_end): c for sentence in side for c in _changes_in(sentence)}
            for side in (self.now, self.then)
        )
        places = sorted({*now, *then})
        pairs = ((now.get(place), then.get(place)) for place in places)
        return tuple((one, two) for one, two in pairs if _said(one) != _said(two))


def differences(now: Script, then: Script) -> tuple[Difference, ...]:
    """Where two scripts of one article differ in what is said, in the order of the page."""
    blocks: dict[str, tuple[list[Sentence], list[Sentence]]] = {}
    for side, script in enumerate((now, then)):
        for sentence in script.sentences:
            blocks.setdefault(sentence.block, ([], []))[side].append(sentence)
    return tuple(
        difference
        for block, sides in blocks.items()
        for difference in _aligned(block, *sides)
        if [*map(_heard, difference.now)] != [*map(_heard, difference.then)]
    )


def _aligned(block: str, now: list[Sentence], then: list[Sentence]) -> Iterator[Difference]:
    """The sentences of a block, those that overlap together."""
    sides = ([*now], [*then])
    while any(sides):
        first = min((side[0] for side in sides if side), key=lambda sentence: sentence.start)
        taken: tuple[list[Sentence], list[Sentence]] = ([], [])
        end = first.start + 1
        while any(side and side[0].start < end for side in sides):
            for side, own in zip(sides, taken, strict=True):
                while side and side[0].start < end:
                    end = max(end, side[0].end)
                    own.append(side.pop(0))
        whole = taken[0] if len(taken[0]) == 1 else taken[1] or taken[0]
        source = " ".join(sentence.source for sentence in whole)
        yield Difference(block, first.start, end, source, (*taken[0],), (*taken[1],))


def _heard(sentence: Sentence) -> tuple[object, ...]:
    """What decides how a sentence sounds."""
    return sentence.spoken, *(
        (word.start, word.phonemes) for word in sentence.words if word.phonemes
    )


def _said(change: ScriptChange | None) -> tuple[str, str] | None:
    return None if change is None else (change.spoken, change.phonemes)


def changes_json(script: Script, *, title: str = "") -> dict[str, Any]:
    """What is said otherwise than written, and what is left out, as JSON values in reading order.

    title; language; changes: block, source_start, source_end (characters of the block's text),
    source, spoken, rule, phonemes; omissions: text, reason; sentences, words: their numbers.
    """
    return {
        "title": title,
        "language": script.language,
        "changes": [asdict(change) for change in changes_of(script)],
        "omissions": [asdict(omission) for omission in script.omissions],
        "sentences": len(script.sentences),
        "words": sum(len(sentence.words) for sentence in script.sentences),
    }


def differences_json(now: Script, then: Script, *, title: str = "") -> dict[str, Any]:
    """What two scripts of one article say differently, as JSON values in reading order.

    title; language; differences: block, start, end (characters of the block's text), source,
    now, then (lists of spoken sentences), changes: pairs of now and then, each as in
    `changes_json` or null where it is said as written; sentences: their number now and then.
    """
    return {
        "title": title,
        "language": now.language,
        "differences": [
            {
                "block": difference.block,
                "start": difference.start,
                "end": difference.end,
                "source": difference.source,
                "now": [sentence.spoken for sentence in difference.now],
                "then": [sentence.spoken for sentence in difference.then],
                "changes": [
                    {"now": one and asdict(one), "then": two and asdict(two)}
                    for one, two in difference.changes
                ],
            }
            for difference in differences(now, then)
        ],
        "sentences": {"now": len(now.sentences), "then": len(then.sentences)},
    }


def script_json(script: Script, *, title: str = "", url: str = "") -> dict[str, Any]:
    """The script as JSON values, every list in reading order: what `narrator script --json`
    prints, and the script.json of a site folder. `script_of_json` reads it.

    format: FORMAT; title, url of the article, empty where unknown; language; sentences: block
    (its id, or "title"), kind, start, end (characters of the block's text), source, spoken, pause
    (seconds), words: text, start, end (characters of `spoken`), source_start, source_end
    (characters of the block's text), rule, phonemes; omissions: text, reason.
    """
    return {
        "format": FORMAT,
        "title": title,
        "url": url,
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
                    {"text": sentence.spoken[word.start : word.end], **asdict(word)}
                    for word in sentence.words
                ],
            }
            for sentence in script.sentences
        ],
        "omissions": [asdict(omission) for omission in script.omissions],
    }


def script_of_json(values: object, *, name: str) -> Script:
    """The script that `script_json` wrote; SourceUnreadable with `name` where it is none."""
    try:
        if not isinstance(values, dict) or values["format"] != FORMAT:
            raise ValueError(f'its "format" is not {FORMAT!r}')
        return Script(
            str(values["language"]),
            tuple(_sentence_of(each) for each in values["sentences"]),
            tuple(Omission(each["text"], each["reason"]) for each in values["omissions"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SourceUnreadable(
            f"{name} is no script of narrator: {_why(error)}. Write it again with `narrator "
            "script ARTICLE --json`."
        ) from error


def _sentence_of(values: dict[str, Any]) -> Sentence:
    words = tuple(
        Word(**{key: value for key, value in word.items() if key != "text"})
        for word in values["words"]
    )
    return Sentence(**{**values, "words": words})


def _why(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
