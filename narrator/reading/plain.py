"""Plain text -> Article: paragraphs, headings and lists told by the shape of their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from narrator.model import Article, BlockKind
from narrator.reading.blocks import Draft, has_words, normalized, number, omission
from narrator.reading.lines import guess_language, is_date, reason_of_line
from narrator.reading.mail import without_mail
from narrator.reading.pasted import Line, LineKind, judge
from narrator.reading.room import Room

_BULLET = re.compile(r"(?P<indent>\s*)(?:[•◦▪‣●○■⁃]|[*+-](?=\s))\s*(?P<text>\S.*)")
_NUMBERED = re.compile(r"(?P<indent>\s*)(?P<label>\d{1,3}[.)]|[a-z]\))\s+(?P<text>\S.*)")
_QUOTED = re.compile(r" {0,3}(?P<signs>>(?: ?>)*) ?(?P<text>.*)")
_UNDERLINE = re.compile(r" {0,3}(?:={3,}|-{3,})\s*")
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])[-\u2010]$")

_WIDEST = 120
"""Characters: text broken at a width has no wider lines; a longer line is a whole paragraph."""

_NARROWEST = 30

_WIDER = 1.2
_UNBROKEN = 0.3
"""Share of the text in lines that are so much wider than those that seem broken, from which it is
not broken: each paragraph is a line."""

_HEADING_WORDS = 16
_HEADING_LENGTH = 120

_SENTENCE_ENDS = tuple(".!…:;,。！")
_CLOSERS = "\"'”’»)]"

_SENTENCE_WORDS = 5
"""A line of at least so many words that ends with a full stop is a sentence, not a label."""

_FULL_LINES = 0.75
"""Share of the lines of a paragraph that must be full for it to be broken at a width."""

_HEADINGS_IN_A_ROW = 2
"""More short lines than that one after another are no headings."""


_LINE_KINDS: Mapping[BlockKind, LineKind] = {"list_item": "item", "quote": "quote"}


@dataclass(frozen=True, slots=True)
class _Unit:
    """Lines of the text that belong together, as one."""

    text: str
    kind: BlockKind = "paragraph"
    level: int = 0
    label: str = ""
    alone: bool = False
    """Whether blank lines, or long ones, are around it."""


def read_plain(text: str, room: Room | None = None) -> Article:
    """The article that the text holds, without what was copied along with it from its page;
    TooLarge where it is too much."""
    (room or Room()).source(text)
    body, of_mail = without_mail(text)
    language = guess_language(body)
    units = [unit for unit in _units(body, language) if has_words(unit.text)]
    lines = [
        Line(unit.text, _LINE_KINDS.get(unit.kind, "line"), _is_heading_like(unit))
        for unit in units
    ]
    title, reasons = judge(lines, language)
    kept = [unit for i, unit in enumerate(units) if not reasons[i] and i != title]
    return Article(
        title="" if title is None else units[title].text,
        language="",
        blocks=number(
            Draft(unit.kind, unit.text, unit.level, unit.label) for unit in _with_headings(kept)
        ),
        omissions=(
            *of_mail,
            *(
                omission(unit.text, reason)
                for unit, reason in zip(units, reasons, strict=True)
                if reason
            ),
        ),
    )


def _is_heading_like(unit: _Unit) -> bool:
    """Whether it is short, begins like a title and does not end like a sentence."""
    text = unit.text
    first = next(filter(str.isalnum, text), "")
    return unit.kind == "heading" or (
        unit.kind == "paragraph"
        and len(text.split()) <= _HEADING_WORDS
        and len(text) <= _HEADING_LENGTH
        and not text.rstrip(_CLOSERS).endswith(_SENTENCE_ENDS)
        and not first.islower()
    )


def _with_headings(units: Sequence[_Unit]) -> list[_Unit]:
    """The units, those that stand alone above others and look like headings being headings."""
    may_be = [unit.alone and _is_heading_like(unit) for unit in units]
    found = list(units)
    place = 0
    for looks, run in groupby(may_be):
        length = len(list(run))
        is_above_text = place + length < len(units)
        for i in range(place, place + length):
            if looks and length <= _HEADINGS_IN_A_ROW and is_above_text:
                found[i] = replace(units[i], kind="heading", level=units[i].level or 2)
            elif units[i].kind == "heading":
                found[i] = replace(units[i], kind="paragraph", level=0)
        place += length
    return [_as_heading(unit, found, i) for i, unit in enumerate(found)]


def _as_heading(unit: _Unit, units: Sequence[_Unit], i: int) -> _Unit:
    """A numbered line that stands alone between paragraphs is a heading, not an item."""
    neighbours = [*units[max(0, i - 1) : i], *units[i + 1 : i + 2]]
    is_item = unit.kind == "list_item" and unit.label[:1].isdigit() and unit.alone
    looks = is_item and _is_heading_like(replace(unit, kind="paragraph"))
    if looks and i + 1 < len(units) and all(each.kind == "paragraph" for each in neighbours):
        return _Unit(f"{unit.label} {unit.text}", "heading", 2, alone=True)
    return unit


# Lines become units


@dataclass(slots=True)
class _Part:
    """Lines that are joined so far."""

    kind: BlockKind
    lines: list[str]
    level: int = 0
    label: str = ""
    indent: int = 0


def _units(text: str, language: str) -> Iterator[_Unit]:
    lines = text.expandtabs(4).split("\n")
    width = _width(lines)
    indents: list[int] = []
    for blank, group in groupby(lines, key=_is_blank):
        if blank:
            continue
        parts = _parts(list(group), width, language)
        for i, part in enumerate(parts):
            around = [*parts[max(0, i - 1) : i], *parts[i + 1 : i + 2]]
            alone = all(len(" ".join(each.lines)) > _WIDEST for each in around)
            level = part.level
            if part.kind == "list_item":
                indents = [each for each in indents if each < part.indent] + [part.indent]
                level = len(indents)
            else:
                indents = []
            yield _Unit(_joined(part.lines), part.kind, level, part.label, alone)


def _is_blank(line: str) -> bool:
    return not line.strip()


def _parts(group: Sequence[str], width: int, language: str) -> list[_Part]:
    """The lines between two blank ones, joined where a paragraph or an item goes on."""
    broken_at = width if _is_broken(group, width) else 0
    parts: list[_Part] = []
    for line in group:
        last = parts[-1] if parts else None
        quoted = _QUOTED.fullmatch(line)
        item = _BULLET.fullmatch(line) or (not is_date(line.strip()) and _NUMBERED.fullmatch(line))
        if quoted:
            level = quoted["signs"].count(">")
            if last and last.kind == "quote" and last.level == level and quoted["text"].strip():
                last.lines.append(quoted["text"])
            else:
                parts.append(_Part("quote", [quoted["text"]], level))
        elif last and last.kind == "paragraph" and _UNDERLINE.fullmatch(line):
            last.kind, last.level = "heading", 1 if "=" in line else 2
        elif item:
            label = item.groupdict().get("label", "").replace(")", ".")
            parts.append(_Part("list_item", [item["text"]], 0, label, len(item["indent"])))
        elif last and last.kind != "heading" and _goes_on(last, line, broken_at, language):
            last.lines.append(line)
        else:
            parts.append(_Part("paragraph", [line]))
    return parts


def _goes_on(part: _Part, line: str, width: int, language: str) -> bool:
    """Whether the line continues what the part says."""
    before, first = part.lines[-1].rstrip(), line.split()[0]
    if before.strip() == line.strip():
        return False
    # What stands below a button is another button, however the lines are broken.
    if len(part.lines) == 1 and reason_of_line(before.strip(), language):
        return False
    if part.kind == "list_item" and len(line) - len(line.lstrip()) > part.indent:
        return True
    if part.kind == "quote":
        return False
    if width and len(before) + 1 + len(first) > width:
        return True
    ends = before.rstrip(_CLOSERS).endswith((".", "!", "?", "…"))
    if first[0].islower():
        return not ends
    # Some write one sentence a line.
    is_sentence = line.rstrip().rstrip(_CLOSERS).endswith((".", "!", "?", "…"))
    long_enough = min(len(before.split()), len(line.split())) >= _SENTENCE_WORDS
    return ends and is_sentence and long_enough and len(before) <= _WIDEST


def _width(lines: Sequence[str]) -> int:
    """The width at which the text is broken into lines, 0 where it is not."""
    longest = max(
        (
            len(line.rstrip())
            for pair in pairwise(lines)
            if all(map(str.strip, pair))
            for line in pair
        ),
        default=0,
    )
    if not _NARROWEST <= longest <= _WIDEST:
        return 0
    wider = sum(len(line) for line in lines if len(line.rstrip()) > longest * _WIDER)
    return 0 if wider > _UNBROKEN * sum(map(len, lines)) else longest


def _is_broken(group: Sequence[str], width: int) -> bool:
    """Whether nearly every line is as full as the width allows; lines of verse are not."""
    full = [len(one.rstrip()) + 1 + len(two.split()[0]) > width for one, two in pairwise(group)]
    return bool(width and full) and sum(full) >= _FULL_LINES * len(full)


def _joined(lines: Sequence[str]) -> str:
    """The lines as one, words that were broken at their ends made whole."""
    pieces = [""]
    for line in map(str.strip, lines):
        if line[:1].islower() and _BROKEN_WORD.search(pieces[-1]):
            pieces[-1] = _BROKEN_WORD.sub("", pieces[-1])
        else:
            pieces.append(" ")
        pieces.append(line)
    return normalized("".join(pieces))
