"""The text of a lexicon -> its entries, checked one by one; see `narrator.script.lexicon` for what
they mean."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

How = Literal["say", "ipa", "spell", "word"]
_HOWS: tuple[How, ...] = ("say", "ipa", "spell", "word")

PHONEMES = frozenset("abcdefhijklmnopqrstuvwxyzæçðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻ"
                     "ɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢʲˈˌːˑ˞βθχᵻⱱ̧̪̯̩̃ʰˤε")  # fmt: skip
"""The IPA that every espeak voice of Piper knows, one code point each."""

SOUNDS = {"en": frozenset("abdefhijklmnopstuvwzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒʔʲˈˌːᵻθ̩")}
"""Language -> the phonemes that espeak-ng makes of its ordinary words: those on which its voices
were trained."""

_MEANT = {"g": "ɡ (U+0261)", "'": "ˈ", "’": "ˈ", ",": "ˌ", ":": "ː", "ʤ": "dʒ", "ʧ": "tʃ",
          "ɝ": "ɜː", "ᵊ": "ə", "ɫ": "l", ".": "nothing: syllables are not marked"}  # fmt: skip
"""What is often written for a phoneme -> what espeak writes."""

_TABLE = re.compile(r"\s*\[(?P<array>\[)?\s*(?P<name>[^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*(?P<key>"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+)\s*=""")
_TOML_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)")


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
    group: str = ""
    """The table that it stands in: "technology"."""
    line: int = 0
    """Where it stands in its file, from 1; 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a lexicon, and where."""

    line: int
    """From 1; 0 where that is not known."""
    text: str

    def at(self, name: str) -> str:
        """With the file in front, as editors jump to it: "site.toml:3: ..."."""
        return f"{name}:{self.line}: {self.text}" if self.line else f"{name}: {self.text}"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the text of a lexicon says, and all that is wrong with it."""

    entries: tuple[Entry, ...]
    letters: Mapping[str, str]
    """Capital letter -> its IPA."""
    problems: tuple[Problem, ...]


class _Wrong(Exception):
    """Why an entry cannot be taken."""


def parsed(text: str) -> Parsed:
    """The entries that a TOML text describes, without those that are wrong."""
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # Of too many digits, or brackets.
        return Parsed((), {}, (_toml_problem(text, error),))
    lines = _lines(text)
    problems: list[Problem] = []
    letters: dict[str, str] = {}
    entries: dict[str, Entry] = {}
    for group, table in tables.items():
        for number, (key, fields) in enumerate(_rows(group, table)):
            line = lines.get((group, str(number) if group == "pattern" else key or group), 0)
            try:
                if group == "letters":
                    letters[key.upper()] = _letter(key, fields)
                    continue
                entry = _entry(group, key, fields, line)
                if entry.written in entries:
                    before = entries[entry.written].line
                    there = f" (first in line {before})" if before else ""
                    raise _Wrong(f"{key!r} is there twice{there}. Keep one.")
                entries[entry.written] = entry
            except _Wrong as wrong:
                problems.append(Problem(line, str(wrong)))
    return Parsed(tuple(entries.values()), letters, tuple(problems))


def _toml_problem(text: str, error: Exception) -> Problem:
    place = _TOML_PLACE.search(str(error))
    line = int(place["line"]) if place and place["line"] else text.count("\n") + 1
    why = _TOML_PLACE.sub("", str(error))
    if why.startswith("Cannot overwrite"):
        return Problem(line, "This form is there twice in one table. Keep one.")
    return Problem(
        line, f"This is not TOML: {why}. Forms with an accent, a space or a sign need quotes."
    )


def _lines(text: str) -> dict[tuple[str, str], int]:
    """(table, key) -> its line; of a [[pattern]], its number stands for the key."""
    found: dict[tuple[str, str], int] = {}
    group, patterns = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        table = _TABLE.match(line)
        key = None if table else _KEY.match(line)
        if table and table["array"]:
            found[table["name"], str(patterns)] = number
            patterns += 1
        if table:
            group = table["name"].strip("\"'")
        elif key:
            written = key["key"]
            if written[0] in "\"'":
                (written,) = tomllib.loads(f"{written} = 0")
            found.setdefault((group or written, written), number)
    return found


def _rows(group: str, table: object) -> Iterator[tuple[str, object]]:
    """(written form, fields) of each entry of a table; without a form what stands outside."""
    entry = isinstance(table, dict) and any(isinstance(table.get(how), str | bool) for how in _HOWS)
    if isinstance(table, dict) and group != "pattern" and not entry:
        yield from table.items()
    elif isinstance(table, list):
        yield from ((group, fields) for fields in table)
    else:
        yield "", table


def _letter(letter: str, ipa: object) -> str:
    if not isinstance(ipa, str) or len(letter) != 1:
        raise _Wrong(f'[letters] {letter}: give the IPA of one letter, as A = "ˈeɪ".')
    _check_ipa(ipa, f"[letters] {letter}")
    return ipa


def _entry(group: str, key: str, fields: object, line: int) -> Entry:
    """The entry that its fields describe, checked."""
    pattern = group == "pattern"
    if pattern and not (isinstance(fields, dict) and isinstance(fields.get("pattern"), str)):
        raise _Wrong("Each [[pattern]] needs a line pattern = '...'.")
    if not key:
        raise _Wrong(f"{group!r} stands outside of a table. Put it under [names].")
    if not isinstance(fields, dict):
        raise _Wrong(f'{key!r} must be a table such as {{ say = "..." }}, not {fields!r}.')
    written = fields["pattern"] if pattern else key
    given = {name: value for name, value in fields.items() if not (pattern and name == "pattern")}
    return _checked(written, given, group, line)


def _checked(written: str, fields: Mapping[str, Any], group: str, line: int) -> Entry:
    where, pattern = repr(written), group == "pattern"
    unknown = sorted(fields.keys() - {*_HOWS, "case"})
    if unknown:
        raise _Wrong(
            f"{where} has the unknown field {unknown[0]!r}. Known: {', '.join(_HOWS)}, case."
        )
    given = [how for how in _HOWS if how in fields]
    if len(given) != 1:
        have = " and ".join(given) or "none"
        raise _Wrong(f"{where} needs exactly one of {', '.join(_HOWS)}; it has {have}.")
    how = given[0]
    value = fields[how]
    case = fields.get("case", any(letter.isupper() for letter in written))
    if not isinstance(case, bool):
        raise _Wrong(f"{where}: case must be true or false, not {case!r}.")
    if how in ("spell", "word"):
        if value is not True:
            raise _Wrong(f"{where}: {how} must be true, not {value!r}.")
        value = ""
    elif not isinstance(value, str) or not value.strip():
        raise _Wrong(f"{where}: {how} must be a text in quotes, not {value!r}.")
    form = written if pattern else " ".join(plain(written).split())
    if not pattern and not any(character.isalnum() for character in form):
        raise _Wrong(f"{where} holds no letter or digit to match.")
    if how == "ipa":
        _check_ipa(value, where)
        if pattern or len(value.split()) != len(form.split()):
            raise _Wrong(
                f"{where}: ipa needs one run of phonemes for each written word, separated by "
                "spaces, and no pattern. Use say for the rest."
            )
    entry = Entry(form, how, value, case, pattern, group, line)
    if pattern:
        try:
            re.compile(f"{written}|").sub(value, "")
            compiled(entry)
        except (re.error, IndexError) as error:
            raise _Wrong(f"{where} is no valid pattern: {error}.") from error
    return entry


def unusual(entry: Entry, language: str) -> tuple[str, ...]:
    """The phonemes of an entry that are no sounds of the language (a primary code)."""
    known = SOUNDS.get(language)
    given = entry.value if entry.how == "ipa" else ""
    return tuple(p for p in dict.fromkeys(given) if known and p not in known and p != " ")


def compiled(entry: Entry) -> re.Pattern[str]:
    """The regular expression of a pattern."""
    return re.compile(entry.written, 0 if entry.case else re.IGNORECASE)


def plain(text: str) -> str:
    """Of the same length: plain apostrophes and spaces."""
    return re.sub(r"\s", " ", text.replace("’", "'"))


def _check_ipa(ipa: str, where: str) -> None:
    for character in ipa:
        if character != " " and character not in PHONEMES:
            meant = _MEANT.get(character)
            advice = (
                f"Write {meant}."
                if meant
                else "Write the IPA of espeak-ng: ɹ for r, ɡ for g, ˈ before a stressed vowel."
            )
            raise _Wrong(
                f"{where}: {character!r} (U+{ord(character):04X}) is no phoneme of the voices. "
                f"{advice}"
            )
