"""The last rules: whatever digit or symbol no other rule has read is named or left out."""

from __future__ import annotations

import re
import unicodedata

from narrator.languages import Change
from narrator.languages.en.context import after, before
from narrator.languages.en.rule import CLAIMED, DIGITS, NUMERALS, Reading, Rule
from narrator.languages.en.words import cardinal, number

ALWAYS_NAMED = {
    "&": "and",
    "%": "percent",
    "‰": "per mille",
    "°": "degrees",
    "§": "section",
    "№": "number",
    "¶": "paragraph",
    "©": "copyright",
    "$": "dollars",
    "€": "euros",
    "£": "pounds",
    "¥": "yen",
    "₽": "rubles",
    "₹": "rupees",
    "₿": "bitcoin",
    "₴": "hryvnias",
    "≈": "approximately",
    "≅": "approximately",
    "≃": "approximately",
    "±": "plus or minus",
    "∓": "minus or plus",
    "÷": "divided by",
    "≤": "less than or equal to",
    "≥": "greater than or equal to",
    "≠": "is not equal to",
    "≪": "much less than",
    "≫": "much greater than",
    "∞": "infinity",
    "√": "square root of",
    "∑": "the sum of",
    "∏": "the product of",
    "∫": "the integral of",
    "∂": "partial",
    "∈": "in",
    "∉": "not in",
    "∀": "for all",
    "∃": "there exists",
    "∝": "is proportional to",
    "≡": "is identical to",
    "∪": "union",
    "∩": "intersection",
    "⊂": "subset of",
    "∅": "the empty set",
    "∆": "delta",
    "⇒": "implies",
    "⇔": "if and only if",
    "℃": "degrees Celsius",
    "℉": "degrees Fahrenheit",
}

NAMED_BETWEEN_WORDS = {
    "+": "plus",
    "=": "equals",
    "×": "times",
    "−": "minus",
    "→": "to",
    "⟶": "to",
    "➔": "to",
    "➜": "to",
    "↔": "to and from",
    "@": "at",
    "¢": "cents",
    "∧": "and",
    "∨": "or",
    "¬": "not",
    "♯": "sharp",
    "♭": "flat",
}
"""Elsewhere these are ornaments, or marks of Markdown."""

SYMBOL = re.compile(rf"[^\w\s.,;:?!'\"“”‘’«»„‹›{CLAIMED}-]|[_{NUMERALS}]")
LEFTOVER = re.compile(r"\d++(?:\.\d+)?")
HEARD = re.compile(r"[^\W_∞]|[\uffff∞]")


def symbol(match: re.Match[str]) -> Reading:
    """The name of a symbol that has one, else nothing: marks, ornaments, emoji are not read."""
    character, left, right = match[0], before(match), after(match)
    is_accent = unicodedata.category(character) in ("Mn", "Mc") and character not in VARIATIONS
    if is_accent and left and unicodedata.category(left[-1])[0] in "LM":
        return None
    if character in "$&" and right[:1].isalpha() and not left[-1:].isalnum():
        return ""  # A name in code: $HOME, &mut
    name = ALWAYS_NAMED.get(character) or _numeral(character)
    if unicodedata.category(character) == "Sc" and not _NUMERIC_SIDE.search(left[-1:] + right[:1]):
        name = SIGN_ALONE.get(character, name)
    if not name:
        words = left[-2:].strip() + right[:2].strip()
        between = len(words) > 1 and HEARD.match(words[0]) and HEARD.match(words[-1])
        if not between or character not in NAMED_BETWEEN_WORDS:
            return ""
        name = NAMED_BETWEEN_WORDS[character]
    return (
        ("" if not left or left[-1].isspace() else " ")
        + name
        + ("" if not right or right[0].isspace() or right[0] in ".,;:?!" else " ")
    )


SIGN_ALONE = {"$": "dollar sign", "€": "euro sign", "£": "pound sign", "¥": "yen sign"}
_NUMERIC_SIDE = re.compile(r"[\w\uffff]")

VARIATIONS = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""They choose between the looks of an emoji."""


def _numeral(character: str) -> str:
    """What a numeral such as Ⅷ or ⑫ counts, if that is a whole number."""
    value = unicodedata.numeric(character, 0.5)
    return cardinal(int(value)) if value == int(value) else ""


def leftover(match: re.Match[str]) -> Reading:
    """A number that nobody has claimed."""
    return number(match[0])


ARROW = re.compile(r"(?:(?P<up>[▲△↑⬆])|[▼▽↓⬇])\ufe0f?\s?(?=[$€£+-]?[\d\uffff])")


def arrow(match: re.Match[str]) -> Reading:
    """ "up" or "down" before a number."""
    return "up " if match["up"] else "down "


POINTER = re.compile(
    r"(?<=[\w.,!?])\s?[→⟶➔➜]\s?(?=(?i:see|read|click|tap|go to|open|visit|get|listen|watch|more"
    r"|back|continue|learn|find|check|subscribe|download|buy|book|sign|join|here|why|how|what)\b)"
)


def pointer(match: re.Match[str]) -> Reading:
    """A pause: the arrow points to what the reader is to do."""
    return " " if before(match)[-1:] in ".,!?" else ", "


POINTERS = frozenset("→⟶➔➜")
TRAIL = re.compile(r"(?<=\w)\s?[→⟶➔➜]\s?(?=[A-Z])")


def trail(match: re.Match[str]) -> Reading:
    """A pause between the steps of "Settings → Privacy → Location Services"; one arrow alone may
    be a change."""
    before_it = re.split(r"[.;!?\n]", match.string[max(0, match.start() - 50) : match.start()])[-1]
    after_it = re.split(r"[.;!?\n]", match.string[match.end() : match.end() + 50])[0]
    if POINTERS.isdisjoint(before_it + after_it):
        return None
    return ", "


STARS = re.compile(r"(?<![★☆])(?P<full>★{1,10})(?P<half>\s?½)?(?P<empty>☆{0,10})(?![★☆½])")


def stars(match: re.Match[str]) -> Reading:
    """ "three and a half stars"; one alone is an ornament."""
    count = len(match["full"])
    if count == 1 and not (match["half"] or match["empty"]):
        return None
    half = " and a half" if match["half"] else ""
    return f"{cardinal(count)}{half} {'star' if count == 1 and not half else 'stars'}"


DOLLARED = re.compile(r"(?<![\w$])[A-Za-z]{1,20}\$[A-Za-z]{2,20}(?![\w$])")


def dollared(match: re.Match[str]) -> Reading:
    """ "Kesha" of Ke$ha: the sign is an s."""
    return match[0].replace("$", "S" if match[0][-1].isupper() else "s")


KEY = re.compile(
    r"(?<!\w)(?:(?P<name>Ctrl|CTRL|Cmd|CMD|Alt|ALT|Shift|SHIFT|Opt|Option|Command|Control|Win|Fn|Esc)"
    r"(?P<said>\s?[+-]\s?)|(?P<sign>[⌘⌥⇧⌃])\s?)"
    r"(?=(?:(?:Ctrl|Cmd|Alt|Shift|Opt|Option)\s?[+-]\s?)?(?:[A-Z0-9]|F\d{1,2}|Tab|Enter|Esc|Del(?:ete)?"
    r"|Space|Shift|Alt|PgUp|PgDn|Home|End|click)(?!\w))"
)
KEYS = {
    "Ctrl": "control", "CTRL": "control", "Cmd": "command", "CMD": "command", "Opt": "option",
    "Fn": "function", "Win": "Windows", "Esc": "escape", "⌘": "command", "⌥": "option",
    "⇧": "shift", "⌃": "control", "ALT": "alt", "SHIFT": "shift",
}  # fmt: skip


def key(match: re.Match[str]) -> Reading:
    """ "control" of Ctrl+C."""
    written = match["sign"] or match["name"]
    return (Change(match.start(), match.end(), f"{KEYS.get(written, written)} ", ""),)


STARS_RULE = Rule(STARS, stars, frozenset("★"))
DOLLARED_RULE = Rule(DOLLARED, dollared, frozenset("$"))
KEY_RULE = Rule(KEY, key, frozenset("+-⌘⌥⇧⌃"))
RULES: tuple[tuple[str, Rule], ...] = (
    ("number", Rule(LEFTOVER, leftover, DIGITS)),
    ("symbol", Rule(ARROW, arrow, frozenset("▲△↑⬆▼▽↓⬇"))),
    ("symbol", Rule(POINTER, pointer, POINTERS)),
    ("symbol", Rule(TRAIL, trail, POINTERS)),
    ("symbol", Rule(SYMBOL, symbol)),
)
