"""Temperatures and places on the map: 350F, 180C/350F, 900 K, 51°30′N, 25.4N 80.1W."""

from __future__ import annotations

import re

from narrator.languages.en.context import before, last_words, next_words
from narrator.languages.en.rule import DIGITS, Reading, Rule
from narrator.languages.en.unit_cues import ABSOLUTE, WARMTH
from narrator.languages.en.units import SIGNS
from narrator.languages.en.words import is_one, number

WARM = re.compile(
    r"(?<![\w.,$-])(?:(?P<low>[-−+]?\d{1,4}(?:\.\d{1,2})?)\s?[-–]\s?)?(?P<sign>[-−+]?)(?P<amount>\d{1,4}(?:,\d{3}|\.\d{1,2})?)\s?(?P<scale>[CF]|(?<=\d\s)K)(?P<pair>/\s?(?P<other>\d{1,4})\s?(?P<scale2>[CF]))?(?!\w|\.\w|-\w)"
)
"""350F, 180C/350F, 1.5C: degrees where it is warm around."""
POSITION = re.compile(
    r"(?<![\w.,$-])(?P<latitude>\d{1,2}(?:\.\d{1,6})?)\s?(?P<side>[NS])(?P<between>,?\s|\sand\s|/)"
    r"(?P<longitude>\d{1,3}(?:\.\d{1,6})?)\s?(?P<side2>[EW])(?!\w|\.\w)"
)
"""A place on the map: 25.4N, 80.1W."""
BEARING = re.compile(
    r"(?<![\w.])(?P<degrees>\d{1,3}(?:\.\d{1,6})?)\s?°\s?(?:(?P<minutes>[0-5]?\d(?:\.\d{1,4})?)\s?['′]\s?)?"
    r"(?:(?P<seconds>[0-5]?\d(?:\.\d{1,4})?)\s?(?:\"|″|'')\s?)?(?P<side>[NSEW])(?!\w)"
)
"""Latitudes and longitudes: 40.7128° N, 51°30′N."""


def warm(match: re.Match[str]) -> Reading:
    """ "three hundred fifty degrees Fahrenheit"."""
    words = (*last_words(match)[-8:], *next_words(match)[:3])
    near = ABSOLUTE if match["scale"] == "K" else WARMTH  # "300 K" may be a sum.
    if (
        not ("." in match["amount"] and match["scale"] == "C")
        and not match["pair"]
        and near.isdisjoint(words)
        and not _BRACKETED.search(before(match))
    ):
        return None
    said = f"{SIGNS[match['sign']]}{number(match['amount'])} {SCALES[match['scale']]}"
    if match["low"]:
        minus = "minus " if match["low"][0] in "-−" else ""
        said = f"{minus}{number(match['low'].lstrip('-−+'))} to {said}"
    if match["pair"]:
        said += f", {number(match['other'])} {SCALES[match['scale2']]}"
    return said


SCALES = {"C": "degrees Celsius", "F": "degrees Fahrenheit", "K": "kelvins"}
SIDES = {"N": "north", "S": "south", "E": "east", "W": "west"}


def bearing(match: re.Match[str]) -> Reading:
    """ "fifty-one degrees thirty minutes north"."""
    said = f"{number(match['degrees'])} {'degree' if is_one(match['degrees']) else 'degrees'}"
    for name in ("minutes", "seconds"):
        if match[name]:
            said += (
                f" {number(match[name])} {name.removesuffix('s') if is_one(match[name]) else name}"
            )
    return f"{said} {SIDES[match['side']]}"


_BRACKETED = re.compile(r"\d\s?[CF]\s?\($")
"""Before the same temperature on the other scale."""


def position(match: re.Match[str]) -> Reading:
    """ "twenty-five point four north, eighty point one west"."""
    between = ", " if match["between"].strip() in ("", ",", "/") else " and "
    return (
        f"{number(match['latitude'])} {SIDES[match['side']]}{between}"
        f"{number(match['longitude'])} {SIDES[match['side2']]}"
    )


WARM_RULE = Rule(WARM, warm, frozenset("CFK"), DIGITS, words=frozenset("CFK"))
POSITION_RULE = Rule(POSITION, position, frozenset("NS"), DIGITS, words=frozenset("NS"))
BEARING_RULE = Rule(BEARING, bearing, frozenset("°"), DIGITS)
