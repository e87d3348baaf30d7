"""Times of day and lengths of time: 9:30 a.m., 14:05, 9-5pm, 1:02:33, UTC+3."""

from __future__ import annotations

import re

from narrator.languages.en.context import full_stop, last_words
from narrator.languages.en.rule import DIGITS, Reading, Rule
from narrator.languages.en.words import cardinal, digits, two_digits

_HALF = r"\s?(?P<{0}>[aApP])(?:\.\s?[mM](?:\.|(?!\w))|[mM](?!\w))"
_HOUR = r"1[0-2]|0?[1-9]"

TWELVE = re.compile(
    rf"(?<![\w.:$])(?:(?P<hour>{_HOUR})(?:[:.](?P<minute>[0-5]\d))?(?:{_HALF.format('half')})?"
    rf"(?P<dash>\s?[-–—]\s?|\sto\s))?"
    rf"(?P<hour2>{_HOUR})(?:[:.](?P<minute2>[0-5]\d))?(?::[0-5]\d)?{_HALF.format('half2')}"
)
CLOCK = re.compile(
    r"(?<![\w.:,$])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)"
    r"(?:\s?[-–]\s?(?P<hour2>[01]?\d|2[0-4]):(?P<minute2>[0-5]\d))?(?![\w:]|\.\d)(?P<h>\s?(?:h"
    r"|hrs|hours)\b)?"
)
DURATION = re.compile(
    r"(?<![\w.:])(?P<hours>\d{1,3}):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d(?:\.\d{1,4})?)"
    r"(?![\w:])"
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
    words = _clock(match["hour"], match["minute"])
    if match["hour2"]:
        words += f" to {_clock(match['hour2'], match['minute2'])}"
    return words + (" hours" if match["h"] else "")


def _clock(hour: str, minute: str) -> str:
    if minute == "00":
        if int(hour) in (0, 24):
            return "midnight"
        if int(hour) > 12 or hour[0] == "0":
            return f"{two_digits(int(hour)) if hour[0] == '0' else cardinal(int(hour))} hundred"
    return _time(hour, minute, None)


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


RULES = (
    ("duration", Rule(DURATION, duration, DIGITS)),
    ("duration", Rule(LAP, lap, DIGITS)),
    ("duration", Rule(COMPACT, compact, DIGITS)),
    ("time", Rule(TWELVE, twelve_hours, DIGITS)),
    ("time", Rule(CLOCK, clock, DIGITS)),
    ("time zone", Rule(OFFSET, offset, DIGITS)),
)
