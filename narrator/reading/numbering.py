"""The numbers that a browser prints before the items of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"),
          (4, "iv"), (1, "i"))  # fmt: skip


def labels(element: etree._Element) -> Iterator[str]:
    """What the page prints before each item of a list."""
    if element.tag != "ol":
        return
    items = list(element.iterchildren("li"))
    step = -1 if element.get("reversed") is not None else 1
    number = integer(element.get("start"), len(items) if step < 0 else 1)
    for item in items:
        number = integer(item.get("value"), number)
        yield f"{_numeral(number, element.get('type') or '1')}."
        number += step


def integer(written: str | None, default: int) -> int:
    """The whole number that is written, else the default."""
    found = re.fullmatch(r"\s*(-?\d{1,9})\s*", written or "", re.ASCII)
    return int(found[1]) if found else default


def _numeral(number: int, style: str) -> str:
    """The number as decimal, letters or roman numerals, as browsers write them."""
    if style in ("a", "A") and 1 <= number <= 26:
        return chr(ord(style) + number - 1)
    if style in ("i", "I") and 1 <= number < 400:
        roman, rest = "", number
        for value, sign in _ROMAN:
            roman += sign * (rest // value)
            rest %= value
        return roman if style == "i" else roman.upper()
    return str(number)
