"""Results and places in a text: 6-4, 7-6 (7-5), a 9-2 record, 4:3, John 3:16, Figure 9-6, .300."""

from __future__ import annotations

import re

from narrator.languages.en.context import before, last_words, next_words
from narrator.languages.en.rule import DIGITS, Reading, Rule, listed, part
from narrator.languages.en.words import BEFORE, NUMBER, cardinal, model, number, ordinal, two_digits

SETS = re.compile(
    r"(?<![\w.,/$–-])(?:[0-7][-–][0-7](?:\s?\(\d{1,2}(?:[-–]\d{1,2})?\))?)(?:,?\s(?:and\s)?[0-7][-–][0-7](?:\s?\(\d{1,2}"
    r"(?:[-–]\d{1,2})?\))?){1,4}(?![\w/–-]|\.\d)"
)
"""The sets of a tennis match: 6-4, 7-6 (7-5)."""
ONE_SET = re.compile(
    r"(?:\bset\s|\btie-?break(?:er)?\s)(?P<said>(?P<one>\d{1,2})[-–](?P<two>\d{1,2}))(?![\w–-]"
    r"|[.,]\d)"
)
RECORD = re.compile(
    r"(?:\b(?:record of|went|going|start(?:ed)?|finish(?:ed)?|improved to|improve to|fell to"
    r"|dropped to"
    r"|fall to|drop to|rose to|now|is|are|was|were|and|sits? at|at)\s)(?:just\s|only\s|a\s)?"
    r"(?P<said>(?P<one>\d{1,3})[-–](?P<two>\d{1,3})(?:[-–](?P<three>\d{1,2}))?)"
    r"(?=\s(?:at home|on the road|this season|last season|overall|all-time|against|away|in (?:the"
    r"|his|her|their|its)\s"
    r"(?:last|past|first(?!\sset)|conference|division|league|postseason|playoffs)|since|when"
    r"|straight up|in conference|record|start)\b)"
    r"|(?:\b(?:improved|improve|fell|fall|dropped|drop|moved|record)\s(?:to|of|is"
    r"|was)\s(?:just\s)?)(?P<said2>(?P<one2>\d{1,3})[-–]"
    r"(?P<two2>\d{1,3})(?:[-–](?P<three2>\d{1,2}))?)(?![\w–-]|[.,]\d)"
    r"|(?<=[A-Za-z]\s\()(?P<said3>(?P<one3>\d{1,3})[-–](?P<two3>\d{1,3})(?:[-–](?P<three3>\d{1,2}))?)(?=\)|,)"
    r"|(?<![\w.,–-])(?P<said4>(?P<one4>\d{1,3})[-–](?P<two4>\d{1,3})(?:[-–](?P<three4>\d{1,2}))?)(?=\s(?:record)\b)"
)
"""Games won and lost: "the team is 9-2 at home", "the Yankees (87-55)"."""
VERSE = re.compile(
    r"\b(?P<order>[1-3]\s)?(?:Genesis|Gen\.?|Exodus|Ex\.?|Leviticus|Numbers|Deuteronomy|Joshua"
    r"|Judges|Ruth|Samuel|Kings|Chronicles"
    r"|Ezra|Nehemiah|Esther|Job|Psalms?|Ps\.?|Proverbs|Ecclesiastes|Isaiah|Jeremiah|Lamentations"
    r"|Ezekiel|Daniel|Hosea"
    r"|Joel|Amos|Obadiah|Jonah|Micah|Habakkuk|Zechariah|Malachi|Matthew|Matt\.?|Mark|Luke|John|Acts"
    r"|Romans"
    r"|Corinthians|Cor\.?|Galatians|Ephesians|Philippians|Colossians|Thessalonians|Timothy|Titus"
    r"|Hebrews|James|Peter"
    r"|Jude|Revelation|Quran|Qur'an"
    r"|Sura)\s(?P<said>(?P<chapter>\d{1,3}):(?P<verse>\d{1,3})(?:[-–](?P<upto>\d{1,3}))?)(?![\w:])"
)
"""Chapter and verse: John 3:16, 1 Corinthians 13:4-7."""
RATIO = re.compile(rf"{BEFORE}(?<!:)(?P<one>{NUMBER}):(?P<two>{NUMBER})(?![\w:])")
LABEL = re.compile(
    r"\b(?:Listing|Figure|Fig\.?|Table|Exhibit|Example|Equation|Form|Box|Image|Plate|Chart"
    r"|Photo|Flight"
    r"|Apollo)\s(?P<said>(?P<one>\d{1,3})[-–](?P<two>\d{1,3}))(?![\w-]|\.\d)"
)
AVERAGE = re.compile(r"(?<![\w.])\.(?P<number>\d{3})(?!\d)")
BATTING = listed(
    """
    bat batted batting bats hit hits hitting hitter average slugging slugged
    """
)


def sets(match: re.Match[str]) -> Reading:
    """ "six four, seven six, seven five"; none is "love"."""
    scores = re.findall(r"([0-7])[-–]([0-7])(?![\d–-])", re.sub(r"\([^)]*\)", "", match[0]))
    *ended, last = (_is_a_set(int(one), int(two)) for one, two in scores)
    if not all(ended) or not (last or len(ended) > 1):
        return None  # Of a match that goes on the last set is at any score.
    return re.sub(
        r"\s?\((\d{1,2})(?:[-–](\d{1,2}))?\)|(\d)[-–](\d)",
        lambda found: _set(found.groups()),
        match[0],
    )


def _is_a_set(one: int, two: int) -> bool:
    high, low = max(one, two), min(one, two)
    return (high == 6 and low < 5) or (high == 7 and low in (5, 6))


def _set(groups: tuple[str | None, ...]) -> str:
    low, high, one, two = groups
    if one and two:
        return f"{_games(one)} {_games(two)}"
    tie = f", {_games(low or '0')}"
    return f"{tie} {_games(high)}" if high else tie


def one_set(match: re.Match[str]) -> Reading:
    """ "six four" of "the first set 6-4"."""
    return f"{_games(match['one'])} {_games(match['two'])}"


def _games(written: str) -> str:
    return cardinal(int(written)) if written.strip("0") else "love"


def record(match: re.Match[str]) -> Reading:
    """ "nine and two", "ten, four and one"."""
    if "odds" in last_words(match):
        return None
    for mark in ("", "2", "3", "4"):
        if match[f"said{mark}"]:
            one, two, three = (match[f"{name}{mark}"] for name in ("one", "two", "three"))
            if (
                mark == "3"
                and not three
                and int(one) + int(two) < 8
                and before(match).rstrip(" (")[-1:] != "s"
            ):
                return None
            words = f"{number(one)} and {number(two)}"
            if three:
                words = f"{number(one)}, {number(two)} and {number(three)}"
            return (part(match, f"said{mark}", words),)
    return None


def verse(match: re.Match[str]) -> Reading:
    """ "three sixteen", "first" Corinthians "thirteen four to seven"."""
    words = f"{number(match['chapter'])} {number(match['verse'])}"
    words += f" to {number(match['upto'])}" if match["upto"] else ""
    made = (part(match, "said", words),)
    if match["order"]:
        return (part(match, "order", f"{ordinal(int(match['order']))} "), *made)
    return made


def ratio(match: re.Match[str]) -> Reading:
    """ "four to three"."""
    one, two = match["one"], match["two"]
    minutes = len(two) == 2 and int(two) < 60 and one.isdigit() and 24 < int(one) < 200
    return f"{number(one)} {two_digits(int(two))}" if minutes else f"{number(one)} to {number(two)}"


def label(match: re.Match[str]) -> Reading:
    """ "nine dash six" of "Listing 9-6", which is no range."""
    return f"{number(match['one'])} dash {number(match['two'])}"


def average(match: re.Match[str]) -> Reading:
    """ "three hundred" for the .300 of a batter."""
    if BATTING.isdisjoint((*last_words(match), *next_words(match)[:3])):
        return None
    return model(match["number"])


INNINGS = re.compile(
    r"(?<![\w.,/$:–-])(?P<runs>\d{2,3})(?:[-–/]|\sfor\s)(?P<wickets>10|\d)(?P<declared>\sdec\b\.?)?"
    r"(?![\w/:–-]|[.,]\d)"
)
CRICKET = listed("innings wicket wickets stumps overs crease bowled batting dec chase")


def innings(match: re.Match[str]) -> Reading:
    """ "three hundred twenty-five for eight" of cricket."""
    near = (*last_words(match)[-6:], *next_words(match)[:6])
    if not match["declared"] and CRICKET.isdisjoint(near):
        return None
    words = f"{number(match['runs'])} for {number(match['wickets'])}"
    return words + (" declared" if match["declared"] else "")


NIL = re.compile(r"(?<![\w.,/$–-])0[-–]0(?![\w/–-]|[.,]\d)")
DRAWN = listed("drew draw draws drawn drawing stalemate goalless halftime half-time")


def nil(match: re.Match[str]) -> Reading:
    """ "nil nil" of a match that is drawn without a goal."""
    near = (*last_words(match)[-3:], *next_words(match)[:3])
    return None if DRAWN.isdisjoint(near) else "nil nil"


EARLY_RULES: tuple[tuple[str, Rule], ...] = (
    ("verse", Rule(VERSE, verse, frozenset(":"), DIGITS)),
    ("score", Rule(SETS, sets, frozenset("-–"), DIGITS)),
    ("score", Rule(INNINGS, innings, frozenset("-–/f"), DIGITS)),
    ("score", Rule(NIL, nil, frozenset("-–"), DIGITS)),
    ("score", Rule(ONE_SET, one_set, frozenset("-–"), DIGITS)),
    ("record", Rule(RECORD, record, frozenset("-–"), DIGITS)),
)
"""Before dates and times, for which they could be taken."""

AVERAGE_RULE = Rule(AVERAGE, average, frozenset("."), DIGITS)
RATIO_RULE = Rule(RATIO, ratio, frozenset(":"), DIGITS)
LABEL_RULE = Rule(LABEL, label, frozenset("-–"), DIGITS)
