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

A form that holds a capital is matched as written, any other in every case; `case` says otherwise.
Plurals and possessives of the forms follow by themselves.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from narrator.errors import LexiconError
from narrator.languages import Change
from narrator.packed import packed

How = Literal["say", "ipa", "spell", "word"]
_HOWS: tuple[How, ...] = ("say", "ipa", "spell", "word")

ENTRY = "lexicon"
"""The rule of every change that a lexicon makes."""

PHONEMES = frozenset("abcdefhijklmnopqrstuvwxyzæçðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻ"
                     "ɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢʲˈˌːˑ˞βθχᵻⱱ̧̪̯̩̃ʰˤε")  # fmt: skip
"""The IPA that every espeak voice of Piper knows, one code point each."""

_HEAD = re.compile(r"[^\W_]+|[^\s\w]|_")
_WORD = re.compile(r"\S+")
_GLIDE = re.compile("(?<=iː)(?=[ˈˌ][aeɑɛɪoi])")
"""Where espeak glides from one letter to the next: "D I" is "diːʲaɪ"."""

_SIBILANTS = "szʃʒ"
_VOICELESS = "ptkfθ"


@dataclass(frozen=True, slots=True)
class Entry:
    """How one written form, or all that a pattern matches, is said."""

    written: str
    """The form, or the regular expression."""
    how: How
    value: str = ""
    """The respelling or the IPA."""
    case: bool = True
    """Whether it is matched in the case in which it is written only."""
    pattern: bool = False


@dataclass(frozen=True, slots=True)
class _Match:
    """Where an entry stands in a text."""

    start: int
    end: int
    entry: Entry
    value: str
    """That of the entry; of a pattern with its groups filled in."""
    ending: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Entries by written form: `exact` as written, `folded` in lower case."""

    exact: Mapping[str, Entry] = field(default_factory=dict)
    folded: Mapping[str, Entry] = field(default_factory=dict)
    patterns: tuple[tuple[re.Pattern[str], Entry], ...] = ()
    letters: Mapping[str, str] = field(default_factory=dict)
    """Capital letter -> its IPA."""
    lengths: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """First word of a form, in lower case -> the lengths of such forms, the longest first: so
    looking up costs one step a word, whatever the number of entries."""

    def changes(self, text: str, language: str) -> tuple[Change, ...]:
        """What it says otherwise in a text: whole words only, the longest form first, in order
        and not overlapping. Linear in the length of the text, but for what patterns cost."""
        if not (self.lengths or self.patterns):
            return ()
        plain = _plain(text)
        matches = [*self._forms(plain, language), *self._patterns(plain)]
        found: list[Change] = []
        place = 0
        for match in sorted(matches, key=lambda match: (match.start, -match.end)):
            if match.start >= place:
                found += self._said(plain, match)
                place = match.end
        return tuple(found)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries; those that look at the case come after those that do not."""
        patterns = (entry for _, entry in self.patterns)
        return (*self.folded.values(), *self.exact.values(), *patterns)

    def _forms(self, text: str, language: str) -> Iterator[_Match]:
        """Where a form stands, alone or with an ending, the longest at each place."""
        lower = _lower(text)
        place = 0
        for head in _HEAD.finditer(lower):
            start = head.start()
            if start < place or not _begins_word(text, start):
                continue
            # "gpus" may be a form of its own, or the plural of one.
            for length in self.lengths.get(head[0], ()) + self.lengths.get(head[0][:-1], ()):
                end = start + length
                entry = self.exact.get(text[start:end]) or self.folded.get(lower[start:end])
                ending = None if entry is None else _ending(text, end, language)
                if entry is not None and ending is not None:
                    place = end + len(ending)
                    yield _Match(start, place, entry, entry.value, ending)
                    break

    def _patterns(self, text: str) -> Iterator[_Match]:
        for pattern, entry in self.patterns:
            for match in pattern.finditer(text):
                if match[0].strip():
                    yield _Match(match.start(), match.end(), entry, match.expand(entry.value))

    def _said(self, text: str, match: _Match) -> Iterator[Change]:
        start, end, ending = match.start, match.end, match.ending
        written = text[start:end]
        stem = written.removesuffix(ending)
        if match.entry.how == "say":
            # An apostrophe keeps the respelling whole: "engine x's", for two of them as well.
            yield Change(start, end, match.value + ("'s" if ending else ""), ENTRY)
        elif match.entry.how == "word":
            shouted = any(letter.isupper() for letter in stem[1:])
            yield Change(start, end, (stem.capitalize() if shouted else stem) + ending, ENTRY)
        elif match.entry.how == "spell":
            phonemes = with_ending(self._spelled(stem), ending)
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


def _english_ending(text: str, end: int) -> str | None:
    for ending in ("", "'s", "s"):
        if text.startswith(ending, end) and _ends_word(text, end + len(ending)):
            return ending
    return None


def _no_ending(text: str, end: int) -> str | None:
    return "" if _ends_word(text, end) else None


_ENDINGS: Mapping[str, Callable[[str, int], str | None]] = {"en": _english_ending}
"""Language -> what may follow a form without being another word."""


def _ending(text: str, end: int, language: str) -> str | None:
    """The ending after a form that ends at `end`; None where another word goes on there."""
    return _ENDINGS.get(language, _no_ending)(text, end)


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


def _plain(text: str) -> str:
    """Of the same length: plain apostrophes and spaces."""
    return re.sub(r"\s", " ", text.replace("’", "'"))


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


def parse_lexicon(text: str, *, name: str) -> Lexicon:
    """The lexicon that a TOML text describes; `name` is for the errors."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(
            f"{name} is not TOML: {error}. Forms with an accent, a space or a sign need quotes."
        ) from error
    letters: dict[str, str] = {}
    entries: dict[str, Entry] = {}
    for group, table in tables.items():
        if group == "letters":
            letters = _letters(table, name)
            continue
        for written, fields in _fields(group, table, name):
            entry = _entry(written, fields, pattern=group == "pattern", name=name)
            if entry.written in entries:
                raise LexiconError(f"{name}: {written!r} is there twice. Keep one.")
            entries[entry.written] = entry
    return _lexicon(entries.values(), letters)


def _letters(table: object, name: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise LexiconError(f'{name}: [letters] must hold lines like A = "ˈeɪ".')
    for letter, ipa in table.items():
        if not isinstance(ipa, str) or len(letter) != 1:
            raise LexiconError(f"{name}: [letters] {letter}: give the IPA of one letter.")
        _check_ipa(ipa, f"{name}: [letters] {letter}")
    return {letter.upper(): ipa for letter, ipa in table.items()}


def _fields(group: str, table: object, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(written form or pattern, fields) of each entry of one table."""
    if group == "pattern":
        for fields in table if isinstance(table, list) else [table]:
            if not isinstance(fields, dict) or not isinstance(fields.get("pattern"), str):
                raise LexiconError(f"{name}: each [[pattern]] needs a line pattern = '...'.")
            yield fields["pattern"], {k: v for k, v in fields.items() if k != "pattern"}
        return
    if not isinstance(table, dict):
        raise LexiconError(f"{name}: {group!r} stands outside of a table. Put it under [names].")
    for written, fields in table.items():
        if not isinstance(fields, dict):
            raise LexiconError(
                f'{name}: [{group}] {written!r} must be a table such as {{ say = "..." }}, '
                f"not {fields!r}."
            )
        yield written, fields


def _entry(written: str, fields: Mapping[str, Any], *, pattern: bool, name: str) -> Entry:
    """The entry that its fields describe, checked."""
    where = f"{name}: {written!r}"
    unknown = sorted(fields.keys() - {*_HOWS, "case"})
    if unknown:
        raise LexiconError(f"{where} has the unknown field {unknown[0]!r}. Known: "
                           f"{', '.join(_HOWS)}, case.")  # fmt: skip
    given = [how for how in _HOWS if how in fields]
    if len(given) != 1:
        have = " and ".join(given) or "none"
        raise LexiconError(f"{where} needs exactly one of {', '.join(_HOWS)}; it has {have}.")
    how = given[0]
    value = fields[how]
    case = fields.get("case", any(letter.isupper() for letter in written))
    if not isinstance(case, bool):
        raise LexiconError(f"{where}: case must be true or false, not {case!r}.")
    if how in ("spell", "word"):
        if value is not True:
            raise LexiconError(f"{where}: {how} must be true, not {value!r}.")
        value = ""
    elif not isinstance(value, str) or not value.strip():
        raise LexiconError(f"{where}: {how} must be a text in quotes, not {value!r}.")
    form = written if pattern else " ".join(_plain(written).split())
    if not pattern and not any(character.isalnum() for character in form):
        raise LexiconError(f"{where} holds no letter or digit to match.")
    if how == "ipa":
        _check_ipa(value, where)
        if pattern or len(value.split()) != len(form.split()):
            raise LexiconError(
                f"{where}: ipa needs one run of phonemes for each written word, separated by "
                "spaces, and no pattern. Use say for the rest."
            )
    if pattern:
        _compiled(form, value, case, where)
    return Entry(form, how, value, case, pattern)


def _check_ipa(ipa: str, where: str) -> None:
    for character in ipa:
        if character != " " and character not in PHONEMES:
            raise LexiconError(
                f"{where}: {character!r} is no phoneme of the voices. Write the IPA of espeak-ng: "
                "ɹ for r, ɡ for g, ˈ before a stressed vowel."
            )


def _compiled(pattern: str, say: str, case: bool, where: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern, 0 if case else re.IGNORECASE)
        re.compile(f"{pattern}|").sub(say, "")
    except (re.error, IndexError) as error:
        raise LexiconError(f"{where} is no valid pattern: {error}.") from error
    return compiled


def _lexicon(entries: Iterable[Entry], letters: Mapping[str, str]) -> Lexicon:
    exact: dict[str, Entry] = {}
    folded: dict[str, Entry] = {}
    patterns: list[tuple[re.Pattern[str], Entry]] = []
    lengths: dict[str, set[int]] = {}
    for entry in entries:
        if entry.pattern:
            compiled = _compiled(entry.written, entry.value, entry.case, entry.written)
            patterns.append((compiled, entry))
            continue
        if entry.case:
            exact[entry.written] = entry
        else:
            folded[_lower(entry.written)] = entry
        head = _HEAD.match(_lower(entry.written))
        if head:
            lengths.setdefault(head[0], set()).add(len(entry.written))
    longest_first = {head: tuple(sorted(all_, reverse=True)) for head, all_ in lengths.items()}
    return Lexicon(exact, folded, tuple(patterns), letters, longest_first)
