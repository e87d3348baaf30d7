"""The text of a block -> passages: a sentence each, as words linked to the page.

What decides how a stretch of text is said, the strongest first: the author, in place (a `say`
mark); the lexicon; the rules of the language; the spelling. Two changes never overlap. A change of
the language that reaches beyond an entry of the lexicon wins, since without it digits or symbols
would be left; the lexicon then says the words that came out of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from unicodedata import category

from narrator.languages import Change, Language
from narrator.model import Mark, Omission
from narrator.script.emoji import named
from narrator.script.lexicon import ENTRY, Lexicon, with_ending
from narrator.script.phrasing import TIE, Spoken, Stop, Token, said_for, tokens

IN_PLACE = "say"
"""The rule of what the author says in place."""

_REFERENCE = re.compile(r"\s*[\[(]?\s*(?:\d{1,3}|[a-z]|[*†‡§¶#]+|[ivx]{1,4})\s*[\])]?\s*")
_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_CLITIC = re.compile(r"['’](s|d|ll|re|ve|m)\b", re.IGNORECASE)
_NUMBER = re.compile(r"[-+−]?[0-9n]+")
UNKNOWN = Change(0, 0, "", "")
"""Stands for a word that has not been looked up."""

MOST_KNOWN = 8_192
"""Words whose entries a Diction remembers."""

_TIES = frozenset("-‐‑–")
"""A hyphen, or a dash in its place, that ties two words when it alone stands between them."""


@dataclass(frozen=True, slots=True)
class Diction:
    """How words are said."""

    rules: Language
    lexicon: Lexicon
    emoji: bool = False
    """Whether emoji are named."""
    _known: dict[str, Change | None] = field(default_factory=dict, compare=False, repr=False)
    """Words that have been looked up."""

    def words(self, text: str, place: int, rule: str) -> tuple[Token, ...]:
        """`text` as spoken words that all stand for the empty span at `place` of the block: what
        the page prints outside of the text."""
        return tuple(self.said(Change(0, 0, _plain(text, self.rules), rule), place, place))

    def entries(self, text: str) -> Iterator[Change]:
        """What the lexicon changes in a text, its respellings as plain words, and the names of
        emoji where they are wanted."""
        own = [
            change if change.phonemes else self.plain(change)
            for change in self.lexicon.changes(text, self.rules.code)
        ]
        yield from own
        if self.emoji and not text.isascii():
            yield from _Changes.of(own).free(named(text)).changes

    def plain(self, change: Change) -> Change:
        """The same change, spoken without digits and symbols."""
        return replace(change, spoken=_plain(change.spoken, self.rules))

    def said(self, change: Change, start: int, end: int) -> Iterator[Token]:
        """The words of a change, linked to its source; the lexicon says those that it knows."""
        read = said_for(change.spoken, start, end, change.rule, change.phonemes)
        if change.phonemes or change.rule in (IN_PLACE, ENTRY):
            yield from read
            return
        for token in read:
            entry = self._entry_of(token.text) if isinstance(token, Spoken) else None
            yield from (
                (token,)
                if entry is None
                else said_for(entry.spoken, start, end, change.rule, entry.phonemes)
            )

    def _entry_of(self, word: str) -> Change | None:
        """What the lexicon makes of a whole word; the words that numbers are made of are few."""
        known = self._known.get(word, UNKNOWN)
        if known is not UNKNOWN:
            return known
        entries = self.entries(word)
        found = next((each for each in entries if (each.start, each.end) == (0, len(word))), None)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[word] = found
        return found


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence on its way to be spoken."""

    start: int
    """First character, counted in the text of the block."""
    end: int
    tokens: tuple[Token, ...]

    @property
    def silent(self) -> bool:
        """Whether there is no word in it."""
        return all(isinstance(token, Stop) for token in self.tokens)


def passages(
    text: str, marks: Sequence[Mark], diction: Diction, *, start: int = 0, end: int | None = None
) -> tuple[tuple[Passage, ...], tuple[Omission, ...]]:
    """The sentences of text[start:end] in order, and what of it is not spoken, with the reason."""
    stop = len(text) if end is None else end
    here = tuple(mark for mark in marks if start <= mark.start < mark.end <= stop)
    omitted = tuple(_unspoken(text, here))
    shown = _shown(text, here, omitted)[start:stop]
    rules = diction.rules

    in_place = _Changes.of(diction.plain(change) for change in _said_in_place(here, start))
    entries = in_place.free(diction.entries(shown))
    fixed = _Changes.of((*in_place.changes, *entries.changes))

    found: list[Passage] = []
    omissions = [Omission(text[mark.start : mark.end], reason) for mark, reason in omitted]
    for first, last in _unbroken(rules.sentences(shown), fixed):
        sentence = shown[first:last]
        changes = _changes(sentence, in_place.within(first, last), entries.within(first, last),
                           rules)  # fmt: skip
        read = tuple(_tied(_read(sentence, changes, first + start, diction), text))
        passage = Passage(first + start, last + start, read)
        if passage.silent:
            omissions.append(Omission(text[passage.start : passage.end], "holds no words"))
            continue
        found.append(passage)
        omissions += [
            Omission(sentence[change.start : change.end], change.rule)
            for change in changes
            if not change.spoken.strip()
        ]
    return tuple(found), tuple(omissions)


@dataclass(frozen=True, slots=True)
class _Changes:
    """Changes in order that do not overlap, to be asked by place."""

    changes: tuple[Change, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, changes: Iterable[Change]) -> _Changes:
        ordered = tuple(sorted(changes, key=lambda change: change.start))
        starts = tuple(change.start for change in ordered)
        return cls(ordered, starts, tuple(change.end for change in ordered))

    def touching(self, start: int, end: int) -> tuple[Change, ...]:
        """Those that overlap a span."""
        return self.changes[bisect_right(self.ends, start) : bisect_left(self.starts, end)]

    def beyond(self, change: Change) -> bool:
        """Whether the change overlaps one of these and is not inside it."""
        return any(
            change.start < own.start or own.end < change.end
            for own in self.touching(change.start, change.end)
        )

    def free(self, changes: Iterable[Change]) -> _Changes:
        """Those of `changes` that overlap none of these."""
        return _Changes.of(
            change for change in changes if not self.touching(change.start, change.end)
        )

    def within(self, start: int, end: int) -> _Changes:
        """Those that overlap a span, counted from its start."""
        if not self.touching(start, end):
            return NO_CHANGES
        return _Changes.of(
            replace(change, start=change.start - start, end=change.end - start)
            for change in self.touching(start, end)
        )


NO_CHANGES = _Changes((), (), ())


def _unspoken(text: str, marks: Sequence[Mark]) -> Iterator[tuple[Mark, str]]:
    """The marks whose text is not spoken, and why."""
    linked = bytearray(len(text))
    for mark in marks:
        if mark.kind == "link":
            linked[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
    taken = 0
    for mark in sorted(marks, key=lambda mark: mark.start):
        if mark.start < taken:
            continue
        reason = ""
        written = text[mark.start : mark.end]
        if mark.kind == "footnote" or (
            mark.kind == "sup"
            and _REFERENCE.fullmatch(written)
            and any(linked[mark.start : mark.end])
        ):
            reason = "footnote mark"
        elif mark.kind == "formula" and "\\" in written:
            reason = "formula"
        if reason:
            taken = mark.end
            yield mark, reason


def _shown(text: str, marks: Sequence[Mark], omitted: Iterable[tuple[Mark, str]]) -> str:
    """The text as a reader sees it, of the same length: raised numbers are raised characters, and
    what is not spoken is blank, so that "end.[1] Then" is two sentences."""
    characters = list(text)
    for mark in marks:
        if mark.kind == "sup" and _NUMBER.fullmatch(text, mark.start, mark.end):
            characters[mark.start : mark.end] = text[mark.start : mark.end].translate(_RAISED)
    for mark, _ in omitted:
        characters[mark.start : mark.end] = " " * (mark.end - mark.start)
    return "".join(characters)


def _said_in_place(marks: Iterable[Mark], offset: int) -> Iterator[Change]:
    last = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if mark.kind == "say" and mark.value.strip() and mark.start >= last:
            last = mark.end
            yield Change(mark.start - offset, mark.end - offset, mark.value, IN_PLACE)


def _plain(text: str, rules: Language) -> str:
    """`text` without digits and symbols."""
    pieces: list[str] = []
    place = 0
    for change in rules.changes(text):
        pieces += (text[place : change.start], " ", change.spoken, " ")
        place = change.end
    return "".join((*pieces, text[place:]))


def _unbroken(spans: Iterable[tuple[int, int]], fixed: _Changes) -> list[tuple[int, int]]:
    """The spans, joined where a change reaches from one into the next."""
    joined: list[tuple[int, int]] = []
    for first, last in spans:
        if joined and any(own.start < joined[-1][1] for own in fixed.touching(first, last)):
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def _changes(
    sentence: str, in_place: _Changes, entries: _Changes, rules: Language
) -> tuple[Change, ...]:
    """All changes of one sentence, in order, the strongest where two overlap."""
    of_language = tuple(_saying(sentence, rules))
    if not (in_place.changes or entries.changes):
        return of_language
    if any(in_place.beyond(change) for change in of_language):
        # The rule would take the neighbours of what the author says in place along: they are
        # read by themselves.
        of_language = tuple(_around(sentence, in_place.changes, rules))
    wider = _Changes.of(change for change in of_language if entries.beyond(change))
    fixed = _Changes.of((*in_place.changes, *wider.free(entries.changes).changes))
    return _Changes.of((*fixed.changes, *fixed.free(of_language).changes)).changes


def _saying(text: str, rules: Language) -> Iterator[Change]:
    """What the language changes, but for punctuation that it only takes away: phrasing knows more
    of that, such as that "(s)" is an ending."""
    for change in rules.changes(text):
        if change.spoken.strip() or _matters(text[change.start : change.end]):
            yield change


def _around(sentence: str, taken: Sequence[Change], rules: Language) -> Iterator[Change]:
    """What the language changes in each stretch between the taken ones."""
    edges = [0, *(edge for own in taken for edge in (own.start, own.end)), len(sentence)]
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        for change in _saying(sentence[first:last], rules):
            yield replace(change, start=change.start + first, end=change.end + first)


def _read(
    sentence: str, changes: Iterable[Change], offset: int, diction: Diction
) -> Iterator[Token]:
    """The tokens of a sentence once its changes are made; it begins at `offset` of the block."""
    place = 0
    for change in changes:
        yield from tokens(sentence, place, change.start, offset)
        place = change.end
        if change.spoken == TIE:
            continue
        said = tuple(diction.said(change, change.start + offset, place + offset))
        clitic = _CLITIC.match(sentence, place)
        if clitic and said and isinstance(said[-1], Spoken):
            place = clitic.end()
            said = (*said[:-1], _joined(said[-1], clitic[1], place + offset))
        yield from said
    yield from tokens(sentence, place, len(sentence), offset)


def _tied(read: Iterable[Token], text: str) -> Iterator[Token]:
    """The tokens, those marked between which the page has a hyphen and nothing else."""
    before: Token | None = None
    for token in read:
        if (
            isinstance(token, Spoken)
            and isinstance(before, Spoken)
            and token.start - before.end == 1
            and text[before.end] in _TIES
        ):
            before = replace(token, hyphened=True)
        else:
            before = token
        yield before


def _joined(word: Spoken, clitic: str, end: int) -> Spoken:
    """The word with a clitic that the change before it did not cover: "NATO's"."""
    phonemes = with_ending(word.phonemes, clitic) if word.phonemes and clitic in "sS" else ""
    text = f"{word.text}{'.' * word.dotted}'{clitic}"
    return replace(word, text=text, end=end, phonemes=phonemes, dotted=False)


def _matters(text: str) -> bool:
    """Whether a text is more than white space and punctuation."""
    return any(category(character)[0] in "LNS" for character in text)
