"""A Rule, and how an ordered list of them becomes the Changes of a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from narrator.languages import Change

Reading = str | tuple[Change, ...] | None
"""What a rule makes of a match: the spoken words of its whole span, the Changes of parts of it
(their `rule` is filled in later), or None: not mine."""

DIGITS = frozenset("0123456789")

CLAIMED = "\uffff"
"""Stands in the text for each character that an earlier rule has claimed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to read a run of text. Its pattern may name a group `said`: then this group alone
    is what changes, and the rest of the match is context."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], Reading]
    cue: frozenset[str] = frozenset()
    """Characters of which a text must hold one for the rule to be tried; empty: always tried."""
    also: frozenset[str] = frozenset()
    """Characters of which it must hold one as well."""
    words: frozenset[str] = frozenset()
    """Runs of plain letters of which it must hold one: what the pattern cannot do without."""

    def may_match(self, characters: frozenset[str]) -> bool:
        """Whether a text with these characters is worth a search."""
        return not (
            (self.cue and self.cue.isdisjoint(characters))
            or (self.also and self.also.isdisjoint(characters))
        )


def listed(words: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(words.split())


class Rules(tuple[tuple[str, Rule], ...]):
    """Rules with their names, in the order in which they are tried; equal only to itself, so that
    caches need not compare a hundred patterns."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


def letters_of(names: Iterable[str]) -> frozenset[str]:
    """The first run of plain letters of each name: a cue for a pattern made of the names."""
    return frozenset(found[0] for name in names if (found := _LETTERS.search(name)))


_LETTERS = re.compile("[A-Za-z]+")
_ENDS_PLAINLY = re.compile(r"[a-z]{5,}\.[\"”’']?\Z")
"""A full stop after a word longer than any abbreviation: no cue."""


def any_of(names: Iterable[str]) -> str:
    """A pattern for any of the names, the longest first."""
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


def part(match: re.Match[str], group: int | str, spoken: str, phonemes: str = "") -> Change:
    """The Change of one group of a match."""
    return Change(match.start(group), match.end(group), spoken, "", phonemes)


def proposed(text: str, rules: Rules) -> list[Change]:
    """What the rules make of the text, in order, not overlapping: the first to claim a run of
    characters has it. Time is linear in the length of the text if it is for each pattern."""
    plain = text if text.isascii() else text.translate(_PLAIN)
    # The full stop that ends a sentence plainly is in nearly every one, and no cue.
    shown = plain[:-2] if _ENDS_PLAINLY.search(plain) else plain
    words = frozenset(_LETTERS.findall(plain))
    cues = _cues(rules)
    found: list[Change] = []
    left: frozenset[str] | None = None
    for name, rule, rests in _worth_trying(rules, cues.intersection(shown)):
        if rule.words and rule.words.isdisjoint(words):
            continue
        if rests and left is not None and not rule.may_match(left):
            continue  # Its cues are claimed: of most sentences all digits are, half-way.
        claimed = [
            Change(change.start, change.end, change.spoken, name, change.phonemes)
            for match in rule.pattern.finditer(plain)
            for change in _changes_of(match, rule)
            if CLAIMED not in plain[change.start : change.end]
        ]
        if claimed:
            plain = _without(plain, claimed)
            found += claimed
            left = cues.intersection(plain)
    return list(_spaced(text, sorted(found, key=lambda change: change.start)))


@lru_cache(maxsize=8)
def _cues(rules: Rules) -> frozenset[str]:
    """All characters that are a cue for some rule."""
    return frozenset().union(*(rule.cue | rule.also for _, rule in rules))


@lru_cache(maxsize=8)
def _all(rules: Rules) -> tuple[tuple[str, Rule, bool], ...]:
    """The rules, and whether each may rest once its cues are claimed, for it does not look at what
    others have claimed."""
    return tuple(
        (name, rule, CLAIMED not in rule.pattern.pattern and r"\uffff" not in rule.pattern.pattern)
        for name, rule in rules
    )


@lru_cache(maxsize=4096)
def _worth_trying(rules: Rules, characters: frozenset[str]) -> tuple[tuple[str, Rule, bool], ...]:
    """Those of `_all` that these cues allow: most sentences have the same few."""
    return tuple(each for each in _all(rules) if each[1].may_match(characters))


def _changes_of(match: re.Match[str], rule: Rule) -> Iterable[Change]:
    reading = rule.read(match)
    if reading is None:
        return ()
    if isinstance(reading, tuple):
        return reading
    # A group that took no part in the match stands at -1.
    said = "said" if match.re.groupindex.get("said") and match.start("said") >= 0 else 0
    return (part(match, said, reading),)


def _without(text: str, claimed: Iterable[Change]) -> str:
    """The text, as long as before, with what is claimed made unreadable to later rules."""
    pieces = []
    at = 0
    for change in claimed:
        pieces += [text[at : change.start], CLAIMED * (change.end - change.start)]
        at = change.end
    return "".join([*pieces, text[at:]])


def _spaced(text: str, found: Sequence[Change]) -> Iterable[Change]:
    """The changes with a blank at an edge where two words would grow together: "4K" is read by
    two rules; and without those that change nothing."""
    before = ""
    at = 0
    for index, change in enumerate(found):
        if change.start > at:
            before = text[change.start - 1]
        at = change.end
        follows = index + 1 < len(found) and found[index + 1].start == at
        after = "" if follows else text[at : at + 1]
        spoken = change.spoken
        if not spoken:
            hidden = all(unicodedata.category(c) == "Cf" for c in text[change.start : at])
            spoken = " " if before.isalnum() and after.isalnum() and not hidden else ""
        else:
            if before.isalnum() and spoken[0].isalnum():
                spoken = " " + spoken
            if after.isalnum() and spoken[-1].isalnum():
                spoken += " "
        before = spoken[-1:] or before
        source = text[change.start : at]
        if spoken == source.replace("’", "'"):
            spoken = source
        if spoken != source or change.phonemes:
            yield Change(change.start, at, spoken, change.rule, change.phonemes)


NUMERALS = "¹²³⁰⁴-⁹₀-₉¼-¾\u2150-\u218b\u2460-\u249b\u24ea-\u24ff\u2776-\u2793"
"""Character class of the numerals that are no digits and yet have a reading: ², ¾, Ⅷ, ⑫."""


class _Plain(dict[int, int]):
    """str.translate table to the characters that the patterns speak of, one for one."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        category = unicodedata.category(character)
        plain = character
        if category == "Nd":
            plain = str(unicodedata.digit(character))
        elif category in ("No", "Nl") and not _NUMERAL.match(character):
            plain = "\ufffd"
        elif category == "Zs" and character != " ":
            plain = "\u2009"
        elif character in "‘’ʼ′":
            plain = "'"
        elif character in "‐‑":
            plain = "-"
        elif character in "‒―":
            plain = "–" if character == "‒" else "—"
        elif character == CLAIMED:
            plain = "\ufffe"
        self[code] = ord(plain)
        return self[code]


_NUMERAL = re.compile(f"[{NUMERALS}]")
NUMERIC = DIGITS | frozenset(filter(_NUMERAL.match, map(chr, range(0x00B2, 0x2794))))
"""Digits and all other numerals."""
_PLAIN = _Plain()
