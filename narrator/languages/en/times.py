"""Times of day and lengths of time: 9:30 a.m., 14:05, 9-5pm, 1:02:33, UTC+3."""

from __future__ import annotations

import re

from narrator.languages.en.context import full_stop, last_words, next_words
from narrator.languages.en.rule import DIGITS, Reading, Rule, listed, part
from narrator.languages.en.words import cardinal, digits, two_digits

_HALF = r"[\s-]?(?P<{0}>[aApP])(?:\.\s?[mM](?:\.|(?!\w))|[mM](?!\w))"
_HOUR = r"1[0-2]|0?[1-9]"

TWELVE = re.compile(
    rf"(?<![\w.:$])(?:(?P<hour>{_HOUR})(?:[:.](?P<minute>[0-5]\d))?(?:{_HALF.format('half')})?"
    rf"(?P<dash>\s?[-–—]\s?|\sto\s))?"
    rf"(?P<hour2>{_HOUR})(?:[:.](?P<minute2>[0-5]\d))?(?::[0-5]\d)?{_HALF.format('half2')}"
)
CLOCK = re.compile(
    r"(?<![\w.:,$])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)"
    r"(?:\s?[-–]\s?(?P<hour2>[01]?\d|2[0-4]):(?P<minute2>[0-5]\d))?(?!(?!ish\b)\w|:|[.,]\d)(?P<h>\s?(?:h"
    r"|hrs|hours)\b)?"
)
_ZONE = (
    r"(?:GMT|UTC|BST|CET|CEST|EST|EDT|ET|CT|PT|MT|IST|JST|MSK|AEST|local time|hours|hrs|Zulu|ZULU"
    r"|Z)"
)
MILITARY = re.compile(
    rf"(?<![\w.:,$€£-])(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<h>h)?(?:[-–](?P<hour2>[01]\d"
    rf"|2[0-3])"
    rf"(?P<minute2>[0-5]\d))?(?=\s{_ZONE}\b|(?<=\d\dh)(?!\w))"
)
"""0600 GMT, 1430 hours."""
POINTED = re.compile(
    r"(?:\b(?:[Aa]t|[Ff]rom|[Uu]ntil|[Tt]ill|[Bb]y|[Bb]efore|[Aa]fter|[Aa]round|[Ss]ince|the)\s)"
    r"(?P<said>(?P<hour>[01]?\d|2[0-3])\.(?P<minute>[0-5]\d)(?:(?P<dash>\s?[-–]\s?|\sto\s"
    r"|\sand\s)(?P<hour2>[01]?\d|2[0-3])"
    r"\.(?P<minute2>[0-5]\d))?)(?![\w%]|[.,:]\d|\s?(?:%|percent|per|points?|million|billion"
    r"|trillion|cents?|dollars?"
    r"|euros?|yen|pounds?|km|m|kg|miles|a\s(?:share|barrel)|times|to the|against)\b)"
)
"""17.30 as the British write it."""
CENTRAL = re.compile(
    r"(?<![\w./])(?P<hour>1[0-2]|[1-9])(?P<minute>:[0-5]\d)?/(?P<hour2>1[0-2]"
    r"|[1-9])(?::[0-5]\d)?\s?c(?!\w)"
)
"""8/7c: eight o'clock, seven in the Central zone."""
DURATION = re.compile(
    r"(?<![\w.:])(?P<hours>\d{1,3}):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d(?:\.\d{1,4})?)"
    r"(?![\w:]|\s?[aApP]\.?[mM]\b)"
)
LAP = re.compile(r"(?<![\w.:])(?P<minutes>\d{1,2}):(?P<seconds>[0-5]\d\.\d{1,3})(?![\w:])")
COMPACT = re.compile(
    r"(?<![\w.:])(?:(?P<hours>\d{1,3})\s?h(?:rs?)?\s?)(?P<minutes>[0-5]?\d)\s?m(?:ins?)?(?:\s?"
    r"(?P<seconds>[0-5]?\d)\s?s(?:ecs?)?)?\b"
    r"|(?<![\w.:])(?P<minutes2>\d{1,3})\s?m(?:in)?\s?(?P<seconds2>[0-5]?\d)\s?s(?:ec)?\b"
)
OFFSET = re.compile(
    r"(?<=UTC|GMT)\s?(?P<sign>[+−-])(?P<hour>1[0-4]|0?\d)(?::?(?P<minute>[0-5]\d))?(?!\w)"
)


def _time(hour: str, minute: str | None, half: str | None) -> str:
    words = cardinal(int(hour))
    if minute and int(minute):
        words += f" {two_digits(int(minute))}"
    elif minute and not half:
        words += " o'clock"
    return words + (f" {half.upper()}M" if half else "")


def twelve_hours(match: re.Match[str]) -> Reading:
    """ "nine thirty AM"; espeak makes a pause of the dots in "9 a.m. Eastern"."""
    if match["hour"]:
        first = _time(match["hour"], match["minute"], match["half"])
        if match["minute"] == "00" and not match["half"]:
            first = cardinal(int(match["hour"]))
        words = f"{first} to {_time(match['hour2'], match['minute2'], match['half2'])}"
    else:
        words = _time(match["hour2"], match["minute2"], match["half2"])
    return words + (full_stop(match) if match[0].endswith(".") else "")


def clock(match: re.Match[str]) -> Reading:
    """ "fourteen oh five", "nine o'clock", "fourteen hundred"."""
    if not RATIOS.isdisjoint(last_words(match)) or not RATIOS.isdisjoint(next_words(match)[:2]):
        return None
    words = _clock(match["hour"], match["minute"])
    if match["hour2"]:
        words = words.removesuffix(" o'clock")  # "ten to seventeen hundred"
        words += f" to {_clock(match['hour2'], match['minute2'])}"
    return words + (" hours" if match["h"] else "")


def _clock(hour: str, minute: str) -> str:
    if minute == "00":
        if int(hour) in (0, 24):
            return "midnight"
        if int(hour) > 12 or hour[0] == "0":
            return f"{two_digits(int(hour)) if hour[0] == '0' else cardinal(int(hour))} hundred"
    return _time(hour, minute, None)


RATIOS = listed(
    """
    ratio ratios scale mix mixed mixing dilute diluted proportion proportions odds aspect picture
    format screen leverage
    """
)
"""Words by which 1:10 is no time of day."""


def military(match: re.Match[str]) -> Reading:
    """ "oh six hundred", "fourteen thirty"."""
    words = _four(match["hour"], match["minute"])
    if match["hour2"]:
        words += f" to {_four(match['hour2'], match['minute2'])}"
    return words


def _four(hour: str, minute: str) -> str:
    head = two_digits(int(hour)) if hour[0] == "0" and hour != "00" else cardinal(int(hour))
    if minute == "00":
        return f"{'zero' if hour == '00' else head} hundred"
    return f"{head} {two_digits(int(minute))}"


def pointed(match: re.Match[str]) -> Reading:
    """ "seventeen thirty"."""
    late = int(match["hour"]) > 12 or match["hour"][0] == "0"
    words, following = last_words(match, "said"), next_words(match)
    named = not TIMED.isdisjoint(following[:3])
    sure = late or bool(match["dash"])
    if not named and (not sure or not PRICED.isdisjoint(words[-6:]) or match[0].startswith("the")):
        return None
    said = _clock(match["hour"], match["minute"])
    if match["hour2"]:
        between = "and" if "and" in match["dash"] else "to"
        said += f" {between} {_clock(match['hour2'], match['minute2'])}"
    return (part(match, "said", said),)


TIMED = listed(
    """
    gmt bst cet train flight bus on tonight today tomorrow yesterday this monday tuesday wednesday
    thursday friday saturday sunday service showing kick-off
    """
)
PRICED = listed(
    """
    closed close closes closing traded trading trades rate rates priced price prices stood stands
    index yield yields average averaged valued points shares euro dollar pound sterling yen currency
    magnitude ratio score scored scoring unemployment rose fell down up
    """
)


def central(match: re.Match[str]) -> Reading:
    """ "eight, seven central"."""
    past = (match["minute"] or ":00")[1:]
    minute = f" {two_digits(int(past))}" if past != "00" else ""
    here, there = cardinal(int(match["hour"])), cardinal(int(match["hour2"]))
    return f"{here}{minute}, {there}{minute} central"


def duration(match: re.Match[str]) -> Reading:
    """ "one hour two minutes thirty-three seconds"; after "at", a time of day."""
    hours, minutes, seconds = match["hours"], match["minutes"], match["seconds"]
    if last_words(match)[-1:] in (("at",), ("utc",)) and int(hours) < 24:
        return f"{cardinal(int(hours))} {two_digits(int(minutes))} and {_amount(seconds, 'second')}"
    return _length(hours, minutes, seconds)


def lap(match: re.Match[str]) -> Reading:
    """ "one minute two point three seconds"."""
    return _length("", match["minutes"], match["seconds"])


def compact(match: re.Match[str]) -> Reading:
    """ "two hours thirty minutes" for 2h30m."""
    if match["hours"]:
        return _length(match["hours"], match["minutes"], match["seconds"] or "")
    return _length("", match["minutes2"], match["seconds2"])


def _length(hours: str, minutes: str, seconds: str) -> str:
    parts = ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
    said = [_amount(written, name) for written, name in parts if written and float(written)]
    return " ".join(said) or "zero seconds"


def _amount(written: str, name: str) -> str:
    whole, point, rest = written.partition(".")
    words = cardinal(int(whole)) + (f" point {digits(rest)}" if point else "")
    return f"{words} {name}{'' if words == 'one' else 's'}"


def offset(match: re.Match[str]) -> Reading:
    """ "plus three" after UTC."""
    words = f" {'plus' if match['sign'] == '+' else 'minus'} {cardinal(int(match['hour']))}"
    minute = int(match["minute"] or 0)
    return words + (f" {cardinal(minute)}" if minute else "")


NOON = re.compile(
    r"(?:\b(?:[Nn]oon|[Mm]idnight))(?P<said>\s?[-–—]\s?)(?=[\d\uffff])|(?<=\uffff)(?P<until>\s?[-–—]\s?)(?=(?:noon"
    r"|midnight)\b)"
)


def noon(match: re.Match[str]) -> Reading:
    """ "to" between noon and another time."""
    return (part(match, "said" if match["said"] else "until", " to "),)


_HALVES = listed("am AM Am aM pm PM Pm pM a A p P")
RULES = (
    ("duration", Rule(DURATION, duration, frozenset(":"), DIGITS)),
    ("duration", Rule(LAP, lap, frozenset(":"), DIGITS)),
    ("duration", Rule(COMPACT, compact, DIGITS)),
    ("time", Rule(CENTRAL, central, frozenset("/"), DIGITS)),
    ("time", Rule(TWELVE, twelve_hours, DIGITS, words=_HALVES)),
    ("time", Rule(CLOCK, clock, frozenset(":"), DIGITS)),
    ("time", Rule(MILITARY, military, DIGITS)),
    ("time", Rule(POINTED, pointed, frozenset("."), DIGITS)),
    ("time", Rule(NOON, noon, frozenset("-–—"), words=listed("noon Noon midnight Midnight"))),
    ("time zone", Rule(OFFSET, offset, DIGITS, words=listed("UTC GMT"))),
)
