"""What emoji are called, for a site that wants them named; otherwise they are not spoken.

The names are those of Unicode, of the most common ones those that people use.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from narrator.languages import Change

RULE = "emoji"
"""The rule of every change that names one."""

_PICTURE = (
    "[\U0001f300-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u231b\u23e9-\u23f3]"
)
_TOUCH = "[\ufe0f\U0001f3fb-\U0001f3ff]*"
"""How it is drawn: in color, with a tone of skin."""
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_JOINED = rf"\u200d{_PICTURE}{_TOUCH}|\u200d[\u2640\u2642]\ufe0f?"
_ONE = rf"(?:{_PICTURE}{_TOUCH}(?:{_JOINED}){{0,4}}|{_FLAG})"
EMOJI = re.compile(rf"(?P<one>{_ONE})(?:\s?(?P=one)){{0,50}}")
"""One, or a row of the same."""

NAMES = {
    "❤": "red heart", "♥": "heart", "☀": "sun", "✅": "check mark", "✔": "check mark",
    "❌": "cross mark",
    "⚠": "warning sign", "⭐": "star", "☕": "hot drink", "👍": "thumbs up", "👎": "thumbs down",
    "🙏": "folded hands", "💯": "one hundred", "☺": "smiling face", "😀": "grinning face",
    "👏": "clapping hands", "👌": "OK hand", "💪": "flexed arm", "🔥": "fire",
    "❗": "exclamation mark",
    "❓": "question mark", "☎": "telephone", "✈": "airplane", "✉": "envelope", "☁": "cloud",
    "👉": "hand pointing right", "👈": "hand pointing left", "👇": "hand pointing down",
    "👆": "hand pointing up", "🚨": "police light", "🙌": "raised hands", "👋": "waving hand",
}  # fmt: skip


def named(text: str) -> Iterator[Change]:
    """The changes that name the emoji of a text, each row of the same one once; in order."""
    for match in EMOJI.finditer(text):
        names = [_name(part) for part in re.findall(rf"{_FLAG}|{_PICTURE}", match["one"])]
        if all(names):
            yield Change(match.start(), match.end(), f", {' '.join(names)},", RULE)


def _name(character: str) -> str:
    """Its name in small letters; empty where Unicode of this Python knows none."""
    if len(character) > 1:
        return "flag"
    return NAMES.get(character) or unicodedata.name(character, "").lower().replace("-", " ")
