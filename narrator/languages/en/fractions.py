"""Parts of a whole: 3/8, 2 1/2, ½, 8/10, and the 7/2 of bookmakers."""

from __future__ import annotations

import re

from narrator.languages.en.context import after
from narrator.languages.en.rule import DIGITS, Reading, Rule, part
from narrator.languages.en.words import BEFORE, cardinal, fraction, integer, number

VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7), "⅛": (1, 8), "⅜": (3, 8),
    "⅝": (5, 8), "⅞": (7, 8), "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip

MIXED = re.compile(
    rf"{BEFORE}(?:(?P<whole>\d{{1,4}})(?:\s|-|⁄)?)?(?P<vulgar>[{''.join(VULGAR)}])"
    rf"|{BEFORE}(?P<whole2>\d{{1,3}})(?:\s|-)(?P<one2>\d{{1,2}})/(?P<two2>\d{{1,3}})(?![\w/]"
    r"|[.,]\d)"
)
FRACTION = re.compile(
    rf"{BEFORE}(?<!/)(?P<one>\d{{1,4}})[/⁄](?P<two>\d{{1,4}})(?:(?P<ths>ths?|nds?|rds?)\b|"
    r"(?!\w))(?!/|[.,]\d)"
)
OUT_OF = re.compile(
    rf"{BEFORE}(?<!/)(?P<one>\d{{1,3}}(?:\.\d)?)/(?P<two>10|100|5|4|20|50)(?![\w/]|[.,]\d)"
)
"""Marks and samples: 8/10, 4.5/5, 85/100."""
ODDS = re.compile(
    r"(?:\b(?:[Oo]dds|at|priced|favou?rites?|outsiders?|backed|bet|bets)\s(?:of\s|at\s|are\s|were\s"
    r"|on\s|is\s)?)"
    r"(?P<said>(?P<one>\d{1,4})/(?P<two>[1-9]\d?))(?![\w/]|[.,]\d)"
    r"|(?<![\w./])(?P<before>(?P<three>\d{1,4})/(?P<four>[1-9]\d?))(?=\s(?:odds|shot|outsiders?"
    r"|favou?rites?|chance)\b)"
)


def mixed(match: re.Match[str]) -> Reading:
    """ "two and a half", "three quarters"."""
    if match["vulgar"]:
        whole, (one, two) = match["whole"], VULGAR[match["vulgar"]]
    else:
        whole, one, two = match["whole2"], int(match["one2"]), int(match["two2"])
        if not one < two or match["two2"][0] == "0":
            return None
    share = fraction(one, two)
    if not whole:
        return share
    return f"{cardinal(int(whole))} and {share.replace('one-', 'a ', 1) if one == 1 else share}"


def simple_fraction(match: re.Match[str]) -> Reading:
    """ "three eighths", "five out of"... only where the denominator is one that people say."""
    one, two = int(match["one"]), int(match["two"])
    if match["two"][0] == "0" or match["one"][0] == "0":
        return f"{integer(match['one'])} slash {integer(match['two'])}"
    if match["ths"]:
        return fraction(one, two)
    if one < two and (two <= 10 or two in (12, 16, 20, 32, 64, 100, 1000)):
        return fraction(one, two)
    if one < 20 and two in (2, 3, 4, 8, 16):
        return fraction(one, two)
    return f"{cardinal(one)} over {cardinal(two)}"


def out_of(match: re.Match[str]) -> Reading:
    """ "eight out of ten"; 1/5 and 3/4 are fractions, unless a mark is given."""
    one, two = match["one"], match["two"]
    if "." not in one and (int(one) > int(two) or (two in ("4", "5", "20", "50"))):
        return None
    if "." not in one and (
        re.match(r"\s(?:of|an?|inch|inches|mile|cup|mm|cm|in)\b|-", after(match)) or one == "1"
    ):
        return None
    if float(one) > float(two) or (two == "100" and one == "50"):
        return None
    return f"{number(one)} out of {number(two)}"


def odds(match: re.Match[str]) -> Reading:
    """ "ten to one" of 10/1."""
    if match["said"]:
        if (
            match[0].startswith("at ")
            and int(match["one"]) < int(match["two"])
            and match["two"] in ("3", "4", "8")
        ):
            return None
        return f"{number(match['one'])} to {number(match['two'])}"
    return (part(match, "before", f"{number(match['three'])} to {number(match['four'])}"),)


RULES: tuple[tuple[str, Rule], ...] = (
    ("fraction", Rule(MIXED, mixed, DIGITS | frozenset(VULGAR))),
    ("odds", Rule(ODDS, odds, frozenset("/"), DIGITS)),
    ("fraction", Rule(OUT_OF, out_of, frozenset("/"), DIGITS)),
    ("fraction", Rule(FRACTION, simple_fraction, frozenset("/⁄"), DIGITS)),
)
