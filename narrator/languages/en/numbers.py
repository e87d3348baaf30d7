"""Bare numbers: cardinals, ordinals, fractions, ranges, scores, ratios, telephone numbers."""

from __future__ import annotations

import re

from narrator.languages.en.context import (
    after,
    before,
    is_plural_noun,
    last_words,
    next_words,
    word_after,
)
from narrator.languages.en.money import MAGNITUDES
from narrator.languages.en.rule import DIGITS, Reading, Rule, any_of, listed
from narrator.languages.en.words import (
    NUMBER,
    cardinal,
    digits,
    fraction,
    integer,
    model,
    number,
    ordinal,
    plural,
    two_digits,
)  # fmt: skip

VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7), "⅛": (1, 8), "⅜": (3, 8),
    "⅝": (5, 8), "⅞": (7, 8), "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip

SET_PHRASES = {
    "24/7": "twenty-four seven", "50/50": "fifty-fifty", "50-50": "fifty-fifty",
    "9/11": "nine eleven", "20/20": "twenty twenty", "20-20": "twenty twenty",
    "24-7": "twenty-four seven", "7/7": "seven seven", "80/20": "eighty twenty",
    "60/40": "sixty forty", "70/30": "seventy thirty", "401(k)": "four oh one k",
    "401k": "four oh one k", "501(c)(3)": "five oh one c three", "501(c)(4)": "five oh one c four",
    "501(c)": "five oh one c", "4x4": "four by four", "4×4": "four by four",
    "24x7": "twenty-four seven",
    "24/7/365": "twenty-four seven three sixty-five", "80-20": "eighty twenty",
    "60-40": "sixty forty", "70-30": "seventy thirty", "90/10": "ninety ten",
}  # fmt: skip

CALLED = listed(
    """
    call called dial dialed calling phone text hotline lifeline line emergency
    """
)

_BEFORE = r"(?<![\w.])(?<!\d,)"

PHRASE = re.compile(rf"{_BEFORE}(?:{any_of(SET_PHRASES)})(?![\w/]|[.,]\d|-\d)")
PHONE = re.compile(
    r"(?<![\w.])(?:(?P<plus>\+\d{1,3}|\b1)[\s.-]?)?(?P<body>\(\d{2,5}\)\s?\d{3,4}"
    r"(?:[\s.-]\d{3,4}){1,2}"
    r"|\d{3}-\d{3}-\d{4}|\d{3}\.\d{3}\.\d{4})(?:\s?(?:x|ext\.?)\s?(?P<extension>\d{1,5}))?(?![\w])"
    r"|(?<![\w.])(?P<abroad>\+\d{1,3}(?:[\s.-]\(?\d{1,5}\)?){2,6})(?!\w)"
    r"|(?<![\w.-])(?P<local>555-\d{4}|1-8(?:00|33|44|55|66|77|88)-\d{3}-\d{4})(?![\w-])"
)
EMERGENCY = re.compile(r"(?<![\w.,$:-])(?P<said>911|999|112|311|988|411)(?![\w:]|[.,]\d|-\d|\s?%)")
MIXED = re.compile(
    rf"{_BEFORE}(?:(?P<whole>\d{{1,4}})(?:\s|-|⁄)?)?(?P<vulgar>[{''.join(VULGAR)}])"
    rf"|{_BEFORE}(?P<whole2>\d{{1,3}})(?:\s|-)(?P<one2>\d{{1,2}})/(?P<two2>\d{{1,3}})(?![\w/]"
    r"|[.,]\d)"
)
FRACTION = re.compile(
    rf"{_BEFORE}(?<!/)(?P<one>\d{{1,4}})[/⁄](?P<two>\d{{1,4}})(?:(?P<ths>ths?|nds?|rds?)|"
    r"(?!\w))(?!/|[.,]\d)"
)
ORDINAL = re.compile(
    rf"{_BEFORE}(?P<number>\d{{1,3}}(?:,\d{{3}})++|\d{{1,15}})(?:[-–](?P<upto>\d{{1,4}}))?(?:st"
    r"|nd|rd|th|ST|ND|RD|TH)\b"
)
RATIO = re.compile(rf"{_BEFORE}(?<!:)(?P<one>{NUMBER}):(?P<two>{NUMBER})(?![\w:])")
TIMES = re.compile(
    rf"{_BEFORE}(?P<one>{NUMBER})(?:\s?[-–]\s?(?P<upto>{NUMBER}))?(?:x|×)(?![\w]|\s?\d)"
)
BY = re.compile(
    rf"{_BEFORE}(?P<one>{NUMBER})\s?[x×]\s?(?P<two>{NUMBER})(?:\s?[x×]\s?(?P<three>{NUMBER}))?"
    r"(?!\w)"
)
MAGNITUDE = re.compile(
    rf"{_BEFORE}(?<!\w-)(?P<one>{NUMBER})(?P<middle>\s?(?:bn|mn|tn|mln)?)?(?:"
    rf"(?P<dash>\s?[-–—]\s?)(?P<two>{NUMBER}))?"
    rf"(?:(?P<space>\s?)(?P<suffix>bn|mn|tn|mln)|(?P<letter>[kKMmBbTt]))(?P<plus>\+)?(?!\w)"
)
LABEL = re.compile(
    r"\b(?:Listing|Figure|Fig\.?|Table|Exhibit|Example|Equation|Form|Box|Image|Plate|Chart"
    r"|Photo|Flight"
    r"|Apollo)\s(?P<said>(?P<one>\d{1,3})[-–](?P<two>\d{1,3}))(?![\w-]|\.\d)"
)
RANGE = re.compile(
    rf"{_BEFORE}(?<!\w-)(?P<one>{NUMBER})(?P<dash>\s?[-–—‑]\s?)(?P<two>{NUMBER})(?:"
    rf"(?P<dash3>[-–])(?P<three>\d{{1,3}}))?(?![\w]|[-–]\d)"
)
PLURAL = re.compile(rf"{_BEFORE}(?<!\w-)(?P<number>\d{{1,7}})(?:s|(?P<ers>ers?))\b")
AVERAGE = re.compile(r"(?<![\w.])\.(?P<number>\d{3})(?!\d)")
BATTING = listed(
    """
    bat batted batting bats hit hits hitting hitter average slugging slugged
    """
)
SIGNED = re.compile(rf"(?<![\w.,)\]])(?P<sign>[-−+])(?P<number>{NUMBER})(?![\w-])")
COUNT = re.compile(rf"(?<![\w.])(?P<number>{NUMBER}|\.\d++)(?P<plus>\+(?![\w+]))?")


def phrase(match: re.Match[str]) -> Reading:
    """ "twenty-four seven"."""
    return SET_PHRASES[match[0]]


def phone(match: re.Match[str]) -> Reading:
    """Digit by digit, with a pause between the groups."""
    written = match["abroad"] or match["local"] or f"{match['plus'] or ''} {match['body']}"
    groups = ["".join(g) for g in re.findall(r"\+?\d+", written)]
    said = ["plus " * g.startswith("+") + _group(g.lstrip("+")) for g in groups]
    if match["extension"]:
        said.append(f"extension {digits(match['extension'])}")
    return ", ".join(said)


def _group(written: str) -> str:
    return "eight hundred" if written == "800" else digits(written)


def emergency(match: re.Match[str]) -> Reading:
    """ "nine one one" where somebody calls it."""
    near = last_words(match)[-6:]
    if not CALLED.intersection(near) and word_after(match).lower() not in (
        "call",
        "calls",
        "caller",
        "callers",
        "dispatcher",
        "dispatchers",
        "operator",
        "operators",
    ):
        return None
    return digits(match["said"])


def mixed(match: re.Match[str]) -> Reading:
    """ "two and a half", "three quarters"."""
    if match["vulgar"]:
        whole, (one, two) = match["whole"], VULGAR[match["vulgar"]]
    else:
        whole, one, two = match["whole2"], int(match["one2"]), int(match["two2"])
        if not one < two or match["two2"][0] == "0":
            return None
    part = fraction(one, two)
    if not whole:
        return part
    return f"{cardinal(int(whole))} and {part.replace('one ', 'a ', 1) if one == 1 else part}"


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


def position(match: re.Match[str]) -> Reading:
    """ "twenty-first"."""
    words = ordinal(int(match["number"].replace(",", "")))
    return words if not match["upto"] else f"{words} to {ordinal(int(match['upto']))}"


def ratio(match: re.Match[str]) -> Reading:
    """ "four to three"."""
    one, two = match["one"], match["two"]
    minutes = len(two) == 2 and int(two) < 60 and one.isdigit() and 24 < int(one) < 200
    return f"{number(one)} {two_digits(int(two))}" if minutes else f"{number(one)} to {number(two)}"


def times(match: re.Match[str]) -> Reading:
    """ "ten times" for 10x."""
    words = number(match["one"])
    if match["upto"]:
        words += f" to {number(match['upto'])}"
    return f"{words} times"


def by(match: re.Match[str]) -> Reading:
    """ "ten by twenty"; "seven times eight" in a formula."""
    written = [match[group] for group in ("one", "two", "three") if match[group]]
    screen = all(side.isdigit() and 2 < len(side) < 5 for side in written)
    sides = [model(side) if screen else number(side) for side in written]
    if after(match).startswith("^"):
        return None
    equation = re.match(r"\s?[=≈]", after(match)) or re.search(r"[=≈]\s?$", before(match))
    return (" times " if "×" in match[0] and equation else " by ").join(sides)


def magnitude(match: re.Match[str]) -> Reading:
    """ "two hundred fifty thousand" for 250K, "twelve million" for 12M."""
    if (
        match["letter"] in ("b", "t")
        and "." not in match["one"]
        and not is_plural_noun(word_after(match))
    ):
        return None  # "subsection 6b"
    name = MAGNITUDES[(match["suffix"] or match["letter"]).lower()]
    words = number(match["one"])
    if match["two"]:
        words += f" to {number(match['two'])}"
    return f"{words} {name}{' plus' if match['plus'] else ''}"


def label(match: re.Match[str]) -> Reading:
    """ "nine dash six" of "Listing 9-6", which is no range."""
    return f"{number(match['one'])} dash {number(match['two'])}"


def span(match: re.Match[str]) -> Reading:
    """ "three to four", "one point five to one point eight"; a score too."""
    one, two, three = match["one"], match["two"], match["three"]
    if three:
        if len(one) > 2 or len(two) > 3:
            return " ".join(digits(part) for part in (one, two, three))
        return " ".join(number(part) for part in (one, two, three))
    if (len(one) > 3 and one[0] == "0") or (two[0] == "0" and len(two) > 1 and "." not in two):
        return f"{digits(one)} {digits(two)}"
    if "record" in last_words(match)[-5:] and "." not in one + two:
        return f"{number(one)} and {number(two)}"
    if " " in match["dash"] and re.match(r"\s?=", after(match)):
        return f"{number(one)} minus {number(two)}"
    return f"{number(one)} to {number(two)}"


def average(match: re.Match[str]) -> Reading:
    """ "three hundred" for the .300 of a batter."""
    if BATTING.isdisjoint((*last_words(match), *next_words(match)[:3])):
        return None
    return model(match["number"])


def several(match: re.Match[str]) -> Reading:
    """ "sevens", "seven forty-sevens"."""
    from narrator.languages.en.words import model

    words = model(match["number"])
    if match["ers"]:
        return words + match["ers"].removeprefix("e" if words.endswith("e") else "")
    return plural(words)


def signed(match: re.Match[str]) -> Reading:
    """ "minus five"."""
    return f"{'plus' if match['sign'] == '+' else 'minus'} {number(match['number'])}"


def count(match: re.Match[str]) -> Reading:
    """A plain number: "one thousand two hundred"; "four hundred plus"."""
    return number(match["number"]) + (" plus" if match["plus"] else "")


PHRASE_RULE = Rule(PHRASE, phrase, DIGITS)
PHONE_RULE = Rule(PHONE, phone, DIGITS)
EMERGENCY_RULE = Rule(EMERGENCY, emergency, DIGITS)
MIXED_RULE = Rule(MIXED, mixed)
FRACTION_RULE = Rule(FRACTION, simple_fraction, DIGITS)
ORDINAL_RULE = Rule(ORDINAL, position, DIGITS)
RATIO_RULE = Rule(RATIO, ratio, DIGITS)
TIMES_RULE = Rule(TIMES, times, DIGITS)
BY_RULE = Rule(BY, by, DIGITS)
MAGNITUDE_RULE = Rule(MAGNITUDE, magnitude, DIGITS)
LABEL_RULE = Rule(LABEL, label, DIGITS)
RANGE_RULE = Rule(RANGE, span, DIGITS)
PLURAL_RULE = Rule(PLURAL, several, DIGITS)
AVERAGE_RULE = Rule(AVERAGE, average, DIGITS)
SIGNED_RULE = Rule(SIGNED, signed, DIGITS)
COUNT_RULE = Rule(COUNT, count, DIGITS)
