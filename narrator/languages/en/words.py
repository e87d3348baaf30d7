"""Numbers as American English words: no "and", years in pairs, every digit of a decimal said."""

from __future__ import annotations

import re
from functools import lru_cache

DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

LONGEST_CARDINAL = 36
"""Digits: whatever is longer is read digit by digit, for nobody knows the names."""

NUMBER = (
    r"(?:\d{1,2}(?:,\d{2}(?!\d)){1,5},\d{3}(?!\d)|\d{1,3}(?:,\d{3}(?!\d)){1,11}+"
    r"|\d{1,3}(?:\u2009\d{3}(?!\d)){1,11}+"
    r"|\d{1,3}(?: \d{3}(?!\d)){2,11}+|\d{1,3}(?: 000(?!\d)){1,3}+|\d++)(?:\.\d++)?"
)
"""Pattern of a number as it is written: 5, 1,200, 3 000 000, 2.50."""

BEFORE = r"(?<![\w.])(?<!\d,)"
"""What may not stand before a number of its own."""


@lru_cache(maxsize=4096)
def cardinal(number: int) -> str:
    """ "one thousand two hundred five"."""
    from num2words import num2words  # It costs a tenth of a second, so only who needs it pays.

    words: str = num2words(number)
    return words.replace(" and ", " ").replace(",", "")


@lru_cache(maxsize=4096)
def ordinal(number: int) -> str:
    """ "one hundred twenty-first"."""
    from num2words import num2words

    words: str = num2words(number, to="ordinal")
    return words.replace(" and ", " ").replace(",", "")


def digits(written: str) -> str:
    """Each digit by its name, whatever stands between them left out."""
    return " ".join(DIGIT_NAMES[int(c)] for c in written if c.isdecimal())


def integer(written: str) -> str:
    """A whole number as written, with or without separators; digits where it starts with a zero
    ("007") or is too long."""
    bare = re.sub(r"\D", "", written)
    if len(bare) > LONGEST_CARDINAL or (len(bare) > 1 and bare[0] == "0"):
        return digits(bare)
    return cardinal(int(bare))


def number(written: str) -> str:
    """A number as written: "1,200.50" is "one thousand two hundred point five zero"."""
    whole, point, fraction = written.partition(".")
    if not point:
        return integer(whole)
    return f"{integer(whole)} point {digits(fraction)}" if whole else f"point {digits(fraction)}"


def is_one(written: str) -> bool:
    """Whether a number as written takes the singular."""
    return written.strip("-−+") == "1"


def year(number: int) -> str:
    """ "nineteen oh five", "two thousand nine", "twenty twenty-four"."""
    century, rest = divmod(number, 100)
    if not 1000 <= number <= 9999 or 0 <= number % 1000 < 10:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {two_digits(rest)}"


def two_digits(number: int) -> str:
    """ "oh five", "nineteen": the second half of a year or a time."""
    return f"oh {cardinal(number)}" if number < 10 else cardinal(number)


def plural(words: str) -> str:
    """The words with the last one in the plural: "nineteen nineties", "twenty-sixes"."""
    if words.endswith("half"):
        return words.removesuffix("half") + "halves"
    if words.endswith("y"):
        return words[:-1] + "ies"
    return words + ("es" if words.endswith(("x", "s", "ch", "sh")) else "s")


def fraction(numerator: int, denominator: int) -> str:
    """ "three-eighths", "one-half", "five over zero"."""
    if not 2 <= denominator <= 1000:
        return f"{cardinal(numerator)} over {cardinal(denominator)}"
    name = {2: "half", 4: "quarter"}.get(denominator) or ordinal(denominator).removeprefix("one ")
    tie = " " if "-" in name or " " in name or numerator > 20 else "-"
    return f"{cardinal(numerator)}{tie}{name if numerator == 1 else plural(name)}"


def model(written: str) -> str:
    """The number of a product or a road as people say it: 747 "seven forty-seven", 3080 "thirty
    eighty", 500 "five hundred", 1138 "eleven thirty-eight", 80486 as eighty, four eighty-six."""
    size = len(written)
    if written[0] == "0" or size > 5:
        return digits(written)
    if size == 5:
        return f"{cardinal(int(written[:2]))} {model(written[2:])}"
    head, tail = int(written[:-2] or 0), int(written[-2:])
    if size < 3 or written.endswith("000"):
        return cardinal(int(written))
    return f"{cardinal(head)} {'hundred' if tail == 0 else two_digits(tail)}"
