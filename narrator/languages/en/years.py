"""Years and spans of years: 1939-45, the '60s, 44 BC, FY22, Q2 2024; 1999 the year, 1999 people."""

from __future__ import annotations

import re

from narrator.languages.en.context import (
    COUNTED,
    after,
    full_stop,
    is_plural_noun,
    last_words,
    next_words,
    range_word,
    word_after,
)
from narrator.languages.en.dates import MONTHS, YEAR_WRITTEN
from narrator.languages.en.rule import DIGITS, Reading, Rule, listed
from narrator.languages.en.words import cardinal, model, number, plural, two_digits, year

YEAR_RANGE = re.compile(
    rf"(?<![\w.,:/$€£#-])(?P<one>{YEAR_WRITTEN})(?P<dash>\s?[-–—/]\s?)(?P<two>{YEAR_WRITTEN}|\d\d)(?![\w/]"
    r"|[.,:]\d|-\d|\s?%)"
)
DECADE = re.compile(
    r"(?<![\w.,$€£])(?P<head>'?)(?P<number>(?:1\d|20)\d0|\d0)'?s\b(?!\w)(?P<range>\s?[-–]\s?'?"
    r"(?P<second>(?:1\d|20)\d0|\d0)'?s\b)?"
)
SHORT_YEAR = re.compile(
    r"(?<![\w'])'(?P<number>\d\d)(?:[-–/]'?(?P<upto>\d\d))?(?!['\w]|\.\d|\"|-\d)"
)
FISCAL = re.compile(
    r"(?<!\w)(?P<kind>FY|CY)\s?'?(?P<year>20\d\d|\d\d)(?:[/-](?P<two>\d\d))?(?P<e>[EF]?)(?!\w)"
)
QUARTER = re.compile(
    r"(?<!\w)(?:(?P<kind>[QH])(?P<number>[1-4])|(?P<number2>[1-4])(?P<kind2>[QH]))(?:"
    r"(?P<gap>[\s'-]{1,2})(?P<year>20\d\d|(?<=')\d\d))?"
    r"(?:[-–](?P<upto>[QH][1-4]))?(?!\w)"
)
ERA = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3}(?:,\d{3})+|\d{1,5})(?:(?P<dash>\s?[-–]\s?)"
    r"(?P<two>\d{1,5}))?(?=\s?(?:BCE?|B\.C\.(?:E\.)?|CE|C\.E\.|AD|A\.D\.)(?!\w))"
)
AD_YEAR = re.compile(r"(?<!\w)(?:AD|A\.D\.)\s(?P<said>\d{1,4})(?![\w,]|\.\d)")
YEAR = re.compile(
    rf"(?<![\w.,:/$€£#+-])(?<!\w[-–])(?P<said>{YEAR_WRITTEN}|2100)(?![\w/]|[.,:]\d|-\d|\s?%)"
)

YEAR_CUES = listed(
    """
    in since by from until till during before after between circa year years early mid late
    spring summer autumn fall winter fiscal of january february march april may june july august
    september october november december jan feb mar apr jun jul aug sept sep oct nov dec the for
    to through class election a his her its their our this that copyright season
    christmas easter circa ca c built born died founded established completed
    """
)
COUNT_CUES = listed(
    """
    about over than some nearly almost least around approximately only another all roughly every
    first last top with has have had up most killed employs employed costs cost contains
    including
    """
)
QUANTITY_AFTER = listed(
    """
    or percent dollars euros pounds yen more times
    """
)


def year_range(match: re.Match[str]) -> Reading:
    """ "nineteen thirty-nine to forty-five"; with a slash, as of seasons, without "to"."""
    one, written = int(match["one"]), match["two"]
    if len(written) == 2 and (int(written) <= one % 100 and int(written) != (one + 1) % 100):
        month = match["dash"] == "-" and 0 < int(written) <= 12 and one > 1899
        return f"{MONTHS[int(written) - 1]} {year(one)}" if month else None
    second = year(int(written)) if len(written) == 4 else two_digits(int(written))
    follows = len(written) == 2 and int(written) == (one + 1) % 100
    if len(written) == 2 and ("/" in match["dash"] or (follows and _SEASON.match(after(match)))):
        return f"{year(one)} {second}"
    return f"{year(one)} {range_word(match, match['dash'])} {second}"


_SEASON = re.compile(
    r"\s(?:[A-Z][\w’']+\s){0,3}(?:school|season|academic|campaign|budget|fiscal|financial|flu"
    r"|winter"
    r"|league|term|session|year)\b"
)
"""What is named after a pair of years, "the 2023-24 season": they are said without "to"."""


def decade(match: re.Match[str]) -> Reading:
    """ "nineteen seventies", "sixties"."""
    written = match["number"]
    words = _decade(written)
    if match["range"]:
        words += f" to {_decade(match['second'])}"
    return words


def _decade(written: str) -> str:
    number_ = int(written)
    if len(written) == 2:
        return plural(cardinal(number_)) if number_ else "two thousands"
    return plural(year(number_))


def short_year(match: re.Match[str]) -> Reading:
    """ "ninety-nine" for '99, "oh eight" for '08."""
    words = two_digits(int(match["number"]))
    return f"{words} to {two_digits(int(match['upto']))}" if match["upto"] else words


def fiscal(match: re.Match[str]) -> Reading:
    """ "fiscal year twenty twenty-two"."""
    written = match["year"]
    kind = "fiscal year" if match["kind"] == "FY" else "calendar year"
    words = year(int(written) + (2000 if len(written) == 2 else 0))
    if match["two"]:
        words += f" {two_digits(int(match['two']))}"
    return f"{kind} {words}"


def quarter(match: re.Match[str]) -> Reading:
    """ "Q two twenty twenty-four"."""
    kind, digit = match["kind"] or match["kind2"], int(match["number"] or match["number2"])
    if kind == "H" and digit > 2:
        return None
    words = f"{kind} {cardinal(digit)}"
    if match["kind2"]:
        words = f"{cardinal(digit)} {kind}"
    if match["year"]:
        written = match["year"]
        words += f" {year(int(written) + (2000 if len(written) == 2 else 0))}"
    if match["upto"]:
        words += f" to {match['upto'][0]} {cardinal(int(match['upto'][1]))}"
    return words


def era(match: re.Match[str]) -> Reading:
    """The year before "BC": "forty-four", "ten sixty-six"."""
    return _era(match["number"]) + (f" to {_era(match['two'])}" if match["two"] else "")


def ad_year(match: re.Match[str]) -> Reading:
    """The year after "AD"."""
    return _era(match["said"])


def _era(written: str) -> str:
    bare = int(written.replace(",", ""))
    if "," in written:
        return number(written)
    if 100 < bare < 1000:
        return model(written)
    return year(bare) if 1000 < bare < 3000 else number(written)


def lone_year(match: re.Match[str]) -> Reading:
    """ "nineteen ninety-nine", unless what follows is counted: "1999 people"."""
    value = int(match["said"])
    before, after = last_words(match)[-1:], next_words(match)[:1]
    previous, following = "".join(before), "".join(after)
    tail = match.string[match.end() : match.end() + 1]
    touches = tail in " \u2009-" and word_after(match).lower() == following
    # "Rust 2018 simplifies": a verb may look like a plural.
    loosely = not 1900 <= value < 2100 or previous in COUNT_CUES
    counted = touches and (
        (is_plural_noun(following) if loosely else following in COUNTED)
        or following in QUANTITY_AFTER
    )
    if counted and following == "or":
        counted = next_words(match)[1:2] == ("more",)
    if previous in COUNT_CUES and counted:
        return None
    if counted and (previous not in YEAR_CUES or (value < 1800 and value % 100 == 0)):
        return None
    if (
        counted
        and previous in ("a", "an", "the", "of", "and", "or", "to", "for", "from", "their")
        and value % 100 == 0
    ):
        return None
    if (value > 2099 or value < 1100) and previous not in YEAR_CUES:
        return None
    if previous in COUNT_CUES and not 1800 <= value < 2100 and previous not in YEAR_CUES:
        return None
    if previous in COUNT_CUES and value % 100 == 0:
        return None
    return year(value)


CENTURY = re.compile(r"(?<=\d(?:st|nd|rd|th)\s)(?P<said>(?:c|cent)\.)(?=\s|,|$)")


def century(match: re.Match[str]) -> Reading:
    """ "century" of "5th c."."""
    return "century" + full_stop(match)


FISCAL_RULE = Rule(FISCAL, fiscal, DIGITS, words=frozenset(("FY", "CY")))
QUARTER_RULE = Rule(QUARTER, quarter, DIGITS, words=frozenset("QH"))
YEAR_RANGE_RULE = Rule(YEAR_RANGE, year_range, frozenset("-–—/"), DIGITS)
DECADE_RULE = Rule(DECADE, decade, DIGITS, words=frozenset("s"))
SHORT_YEAR_RULE = Rule(SHORT_YEAR, short_year, frozenset("'"), DIGITS)
CENTURY_RULE = Rule(CENTURY, century, words=frozenset(("c", "cent")))
ERA_RULE = Rule(ERA, era, DIGITS)
AD_RULE = Rule(AD_YEAR, ad_year, DIGITS)
YEAR_RULE = Rule(YEAR, lone_year, DIGITS)
