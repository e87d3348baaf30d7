"""How names are said: the lexicon shipped for a language and those of a site.

A lexicon is a TOML file. Its tables group the entries for people; the keys are written forms:

    [technology]
    nginx = { say = "engine x" }            # a respelling
    Kubernetes = { ipa = "kˌuːbɚnˈɛɾiːz" }  # espeak's IPA, a run for each written word
    XFS = { spell = true }                  # letter by letter
    SCUBA = { word = true }                 # as a word, not as letters
    "the who" = { say = "the hoo", case = true }

    [[pattern]]                             # a regular expression; `say` may quote its groups
    pattern = 'RTX (\\w+)'
    say = 'R T X \\1'

    [letters]                               # the IPA of each letter, for `spell`
    A = "ˈeɪ"

A form that holds a capital is matched as written (a longer name in capitals as well), any other in
every case; `case` says otherwise.
Plurals and possessives of the forms follow by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from narrator.errors import LexiconError
from narrator.languages import Change
from narrator.packed import packed
from narrator.script.entries import Entry, compiled, parsed, plain

ENTRY = "lexicon"
"""The rule of every change that a lexicon makes."""

_HEAD = re.compile(r"[^\W_]+|[^\s\w]|_")
_WORD = re.compile(r"\S+")
_GLIDE = re.compile("(?<=iː)(?=[ˈˌ][aeɑɛɪoi])")
"""Where espeak glides from one letter to the next: "D I" is "diːʲaɪ"."""

_HISSING = ("s", "x", "z", "ch", "sh")
"""Written ends of words whose plural is in -es."""

_SHOUTED = 5
"""Letters from which on a name is also known in capitals: "PORSCHE", but never "XI" or "WHO"."""

_SIBILANTS = "szʃʒ"
_VOICELESS = "ptkfθ"


@dataclass(frozen=True, slots=True)
class Match:
    """Where an entry stands in a text."""

    start: int
    """First character."""
    end: int
    """With the ending."""
    entry: Entry
    value: str
    """That of the entry; of a pattern with its groups filled in."""
    form: str
    """The written form, without an ending."""
    ending: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Entries by written form: `exact` as written, `folded` in lower case."""

    exact: Mapping[str, Entry] = field(default_factory=dict)
    folded: Mapping[str, Entry] = field(default_factory=dict)
    shouted: Mapping[str, Entry] = field(default_factory=dict)
    """Those of `exact` that are no initialisms, by their form in capitals."""
    patterns: tuple[tuple[re.Pattern[str], Entry], ...] = ()
    letters: Mapping[str, str] = field(default_factory=dict)
    """Capital letter -> its IPA."""
    lengths: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """First word of a form, in lower case -> the lengths of such forms, the longest first: so
    looking up costs one step a word, whatever the number of entries."""

    def changes(self, text: str, language: str) -> tuple[Change, ...]:
        """What it says otherwise in a text: whole words only, the longest form first, in order
        and not overlapping. Linear in the length of the text, but for what patterns cost."""
        smooth = plain(text)
        return tuple(
            change for match in self.matches(text, language) for change in self._said(smooth, match)
        )

    def matches(self, text: str, language: str) -> tuple[Match, ...]:
        """Where its entries stand in a text, in order and not overlapping."""
        if not (self.lengths or self.patterns):
            return ()
        smooth = plain(text)
        found: list[Match] = []
        place = 0
        for match in sorted(
            (*self._forms(smooth, language), *self._patterns(smooth)),
            key=lambda match: (match.start, -match.end),
        ):
            if match.start >= place:
                found.append(match)
                place = match.end
        return tuple(found)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries; those that look at the case come after those that do not."""
        patterns = (entry for _, entry in self.patterns)
        return (*self.folded.values(), *self.exact.values(), *patterns)

    def _forms(self, text: str, language: str) -> Iterator[Match]:
        """Where a form stands, alone or with an ending, the longest at each place."""
        lower = _lower(text)
        inflection = _INFLECTIONS.get(language, _Uninflected)
        place = 0
        for head in _HEAD.finditer(lower):
            start = head.start()
            if start < place or not _begins_word(text, start):
                continue
            # "gpus" may be a form of its own, or the plural of one.
            for stem in inflection.stems(head[0]):
                match = self._form(text, start, self.lengths.get(stem, ()), inflection)
                if match:
                    place = match.end
                    yield match
                    break

    def _form(
        self, text: str, start: int, lengths: Sequence[int], inflection: _Inflection
    ) -> Match | None:
        """The longest form of one of the lengths that begins there."""
        for length in lengths:
            for end, form, ending in inflection.forms(text, start, start + length):
                entry = self.exact.get(form) or self.folded.get(_lower(form))
                if entry is None and length >= _SHOUTED:
                    entry = self.shouted.get(form)
                if entry is not None:
                    return Match(start, end, entry, entry.value, form, ending)
        return None

    def _patterns(self, text: str) -> Iterator[Match]:
        for pattern, entry in self.patterns:
            for match in pattern.finditer(text):
                if match[0].strip():
                    value = match.expand(entry.value)
                    yield Match(match.start(), match.end(), entry, value, match[0])

    def _said(self, text: str, match: Match) -> Iterator[Change]:
        start, end, ending = match.start, match.end, match.ending
        written = text[start:end]
        if match.entry.how == "say":
            # An apostrophe keeps the respelling whole: "engine x's", for two of them as well.
            yield Change(start, end, match.value + ("'s" if ending else ""), ENTRY)
        elif match.entry.how == "word":
            shouted = any(letter.isupper() for letter in match.form[1:])
            form = match.form.capitalize() if shouted else match.form
            yield Change(start, end, form + ending, ENTRY)
        elif match.entry.how == "spell":
            phonemes = with_ending(self._spelled(match.form), ending)
            yield Change(start, end, written, ENTRY, phonemes)
        else:
            *runs, final = match.value.split()
            words = _WORD.finditer(written)
            for run, word in zip((*runs, with_ending(final, ending)), words, strict=True):
                first, last = start + word.start(), start + word.end()
                yield Change(first, last, word[0].rstrip("."), ENTRY, run)

    def _spelled(self, word: str) -> str:
        """The IPA of its letters, said as one word with the stress on the last."""
        names: list[str] = []
        for letter in filter(str.isalnum, word.upper()):
            if letter not in self.letters:
                raise LexiconError(
                    f"The lexicon entry {word!r} is to be spelled, but no lexicon of this language "
                    f"says how {letter!r} sounds. Add it under [letters], or use `say`."
                )
            names.append(self.letters[letter])
        said = "".join([*(name.replace("ˈ", "ˌ") for name in names[:-1]), *names[-1:]])
        return _GLIDE.sub("ʲ", said)


def with_ending(phonemes: str, ending: str) -> str:
    """The phonemes of an English word with its -s: after a hiss a syllable of its own."""
    if not ending.endswith(("s", "S")):
        return phonemes
    last = phonemes.rstrip("ːʲˈˌ")[-1:]
    return phonemes + ("ᵻz" if last in _SIBILANTS else "s" if last in _VOICELESS else "z")


class _Inflection(Protocol):
    """How a written form is found in the words of a language that inflects it."""

    @staticmethod
    def stems(word: str) -> Iterator[str]:
        """What the first word of a form may be, where `word` (in lower case) begins a text."""
        ...

    @staticmethod
    def forms(text: str, start: int, end: int) -> Iterator[tuple[int, str, str]]:
        """(end with the ending, form, ending) of what may stand at a place where a form as long
        as start:end is looked for; nothing where another word goes on there."""
        ...


class _Uninflected:
    """Forms as they are written."""

    @staticmethod
    def stems(word: str) -> Iterator[str]:
        yield word

    @staticmethod
    def forms(text: str, start: int, end: int) -> Iterator[tuple[int, str, str]]:
        if _ends_word(text, end):
            yield end, text[start:end], ""


class _English:
    """Plurals and possessives: "secretary", "secretary's", "secretaries"."""

    @staticmethod
    def stems(word: str) -> Iterator[str]:
        yield word
        if word.endswith("s"):
            yield word[:-1]
            if word.endswith("es"):
                yield word[:-2]
            if word.endswith("ies"):
                yield f"{word[:-3]}y"

    @staticmethod
    def forms(text: str, start: int, end: int) -> Iterator[tuple[int, str, str]]:
        form = text[start:end]
        for ending in ("", "'s", "s", "S", "es"):
            if (
                text.startswith(ending, end)
                and _ends_word(text, end + len(ending))
                and (ending != "es" or form.endswith(_HISSING))
            ):
                yield end + len(ending), form, ending
        if form.endswith("i") and text.startswith("es", end) and _ends_word(text, end + 2):
            yield end + 2, f"{form[:-1]}y", "s"


_INFLECTIONS: Mapping[str, type[_Inflection]] = {"en": _English}
"""Language -> what may become of a form without its being another word."""


def _begins_word(text: str, start: int) -> bool:
    """Whether a word may begin there: "re" does not in "we're"."""
    if start == 0:
        return True
    before = text[start - 1]
    if before == "'":
        return start == 1 or not _of_word(text[start - 2])
    return not _of_word(before)


def _ends_word(text: str, end: int) -> bool:
    after = text[end : end + 2]
    return not after or not (_of_word(after[0]) or (after[0] == "'" and after[1:].isalpha()))


def _of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or "\u0300" <= character <= "\u036f"


def _lower(text: str) -> str:
    """Of the same length: the few capitals that grow in lower case stay."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def load_lexicon(path_or_name: str | Path) -> Lexicon:
    """The lexicon in a file, or the shipped one of a language by its code; LexiconError with the
    file, the entry and what to do where it cannot be understood."""
    path = Path(path_or_name)
    if path.suffix != ".toml" and re.fullmatch(r"[A-Za-z]{2,3}", str(path_or_name)):
        return shipped_lexicon(str(path_or_name))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(f"The lexicon {path} cannot be read: {error}.") from error
    return parse_lexicon(text, name=str(path))


@lru_cache(maxsize=8)
def shipped_lexicon(language: str) -> Lexicon:
    """The lexicon that comes with `narrator`; empty for a language that has none yet."""
    name = f"{language.lower()}.toml"
    path = packed(f"voices/lexicons/{name}")
    if path.is_file():
        return parse_lexicon(path.read_text(encoding="utf-8"), name=name)
    return Lexicon()


def combined(lexicons: Sequence[Lexicon]) -> Lexicon:
    """One lexicon of several; where two know a form the later one counts."""
    entries: dict[str, Entry] = {}
    forms: dict[str, set[str]] = {}
    letters: dict[str, str] = {}
    for lexicon in lexicons:
        for entry in lexicon.entries:
            alike = forms.setdefault(_lower(entry.written), set())
            for written in () if entry.case else alike:
                entries.pop(written, None)
            alike.add(entry.written)
            entries[entry.written] = entry
        letters |= lexicon.letters
    return _lexicon(entries.values(), letters)


def lexicon_of(entries: Iterable[Entry]) -> Lexicon:
    """A lexicon of entries that are at hand; none of them may be spelled."""
    return _lexicon(entries, {})


def parse_lexicon(text: str, *, name: str) -> Lexicon:
    """The lexicon that a TOML text describes; LexiconError with `name`, the line and what to do
    where it cannot be understood."""
    found = parsed(text)
    if found.problems:
        more = len(found.problems) - 1
        others = f" ({more} more: narrator lexicon check {name})" if more else ""
        raise LexiconError(found.problems[0].at(name) + others)
    return _lexicon(found.entries, found.letters)


def _lexicon(entries: Iterable[Entry], letters: Mapping[str, str]) -> Lexicon:
    exact: dict[str, Entry] = {}
    folded: dict[str, Entry] = {}
    patterns: list[tuple[re.Pattern[str], Entry]] = []
    lengths: dict[str, set[int]] = {}
    for entry in entries:
        if entry.pattern:
            patterns.append((compiled(entry), entry))
            continue
        if entry.case:
            exact[entry.written] = entry
        else:
            folded[_lower(entry.written)] = entry
        head = _HEAD.match(_lower(entry.written))
        if head:
            lengths.setdefault(head[0], set()).add(len(entry.written))
    shouted = {
        form.upper(): entry
        for form, entry in exact.items()
        if all(sum(map(str.isupper, word)) < 2 for word in form.split())
    }
    longest_first = {head: tuple(sorted(all_, reverse=True)) for head, all_ in lengths.items()}
    return Lexicon(exact, folded, shouted, tuple(patterns), letters, longest_first)
