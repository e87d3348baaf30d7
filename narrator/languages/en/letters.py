"""Letters and signs of odd make, as plain ones: ﬁnance, ＡＢＣ, 𝐛𝐨𝐥𝐝, a soft hyphen in a word.

The rules and the voice know plain letters; what a typesetter or a social network made of them is
undone first. Digits, fractions and raised numbers have rules of their own and stay.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from narrator.languages import Change

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff"
)
_ODD = (
    "\ua770\ufb00-\ufb06\u0132\u0133\u01c4-\u01cc\u01f1-\u01f3\u2100-\u2102\u2105-\u2107\u210a-\u2113"
    "\u2115\u2119-\u211d\u2124\u2128\u212a-\u2139\u2145-\u2149\u2160-\u217f\u3371-\u33ff\uff01-\uff5e"
    "\U0001d400-\U0001d7ff\U0001f130-\U0001f149"
)
"""Ligatures, letterlike signs, Roman numerals of one piece, squared units, full-width forms,
mathematical letters, letters in squares."""

_ODD_WORD = re.compile(
    rf"[^\W{_ODD}]{{0,40}}(?:[{_ODD}]|(?<=\w)[{_INVISIBLE}]+(?=\w))(?:[\w{_ODD}]"
    rf"|[{_INVISIBLE}]+(?=\w)){{0,200}}"
)


def plain_letters(text: str) -> list[Change]:
    """The changes that put plain letters in place of odd ones, whole words each."""
    if text.isascii() or not _ANY.search(text):
        return []
    return [
        Change(match.start(), match.end(), spoken, "letters")
        for match in _ODD_WORD.finditer(text)
        if (spoken := "".join(map(_plain, match[0]))) != match[0]
    ]


_ANY = re.compile(f"[{_ODD}{_INVISIBLE}]")


@cache
def _plain(character: str) -> str:
    if _HIDDEN.match(character):
        return ""
    if "\U0001f130" <= character <= "\U0001f149":
        return chr(ord(character) - 0x1F130 + ord("A"))
    return unicodedata.normalize("NFKC", character) if _STRANGE.match(character) else character


_HIDDEN = re.compile(f"[{_INVISIBLE}]")
_STRANGE = re.compile(f"[{_ODD}]")
