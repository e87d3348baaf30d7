"""Days of the calendar, weekdays and months: 2024-03-05, Jan. 3-5, 5 March 2024, Mon.-Fri."""

from __future__ import annotations

import re

from narrator.languages.en.context import (
    after,
    before,
    full_stop,
    is_plural_noun,
    last_words,
    range_word,
    word_after,
    word_before,
)
from narrator.languages.en.rule import DIGITS, Reading, Rule, listed
from narrator.languages.en.words import cardinal, ordinal, two_digits, year

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
SHORT_MONTHS = {
    **{month[:3]: month for month in MONTHS},
    "Sept": "September",
}
WEEKDAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Weds": "Wednesday",
    "Thu": "Thursday", "Thur": "Thursday", "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday",
    "Sun": "Sunday",
}  # fmt: skip

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
    r"|JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?|SEPT?(?:EMBER)?"
    r"|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?|january|february|april|june|july|august"
    r"|september|october|november|december)(?![A-Za-z])\.?"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
YEAR_WRITTEN = r"(?:1\d|20)\d\d"
_DASH = r"\s?[-–—]\s?"
_WEEKDAY = r"(?P<weekday>(?:Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun)\b\.?(?P<pause>,?)\s)?"

MONTH_DAY = re.compile(
    rf"(?<![\w.]){_WEEKDAY}(?P<month>{_MONTH})\s?(?P<day>{_DAY})(?:st|nd|rd|th)?"
    rf"(?:(?P<dash>{_DASH}|\sto\s|\sand\s)(?P<month2>{_MONTH}\s)?(?P<day2>{_DAY})(?:st|nd|rd"
    r"|th)?(?![\w:.]*\d|\s?[ap]\.?m\b))?"
    rf"(?:(?P<comma>,?)\s(?P<year>{YEAR_WRITTEN}))?(?![\w:/]|[.,]\d|-\d|['’]\d|\s?(?:%|percent))"
)
DAY_MONTH = re.compile(
    rf"(?<![\w.:/$€£,-]){_WEEKDAY}(?P<the>the\s)?(?P<day>{_DAY})(?:st|nd|rd|th)?"
    rf"(?:{_DASH}(?P<day2>{_DAY})(?:st|nd|rd|th)?)?[\s-](?:of\s)?(?P<month>{_MONTH})"
    rf"(?:(?P<comma>,?)[\s-](?P<year>{YEAR_WRITTEN}))?(?![\w:/]|[.,]\d|-\d)"
)
ISO = re.compile(
    r"(?<![\w.:/-])(?P<year>[12]\d{3})(?P<mark>[-/])(?P<month>0?[1-9]|1[0-2])(?P=mark)"
    r"(?P<day>3[01]|[12]\d|0?[1-9])"
    r"(?:T(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d(?:\.\d{1,9})?)?(?P<zone>Z)?)?"
    r"(?![\w/-])"
)
NUMERIC = re.compile(
    r"(?<![\w.:/-])(?P<one>\d{1,2})(?P<mark>[/.-])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}"
    r"|\d{2})(?![\w/]|[.-]\d)"
)
ON_NUMERIC = re.compile(
    r"(?i:\b(?:on|dated|by|until|since|(?:as|week|weekend|day|night|morning|evening) of)\s)"
    r"(?P<said>(?P<one>\d{1,2})/(?P<two>\d{1,2}))"
    r"(?![\w/])|(?<![\w./])(?P<late>(?P<one2>1[0-2]|[1-9])/(?P<two2>1[3-57-9]|2[1-9]|3[01]))"
    r"(?![\w/]|[.,]\d|\s?(?:in|inch|inches|of|\"|mm|cm)\b)"
)
MONTH_ALONE = re.compile(
    r"(?<![\w.])(?P<said>(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)(?=\s?['’]?\d"
    rf"|[-–/]{_MONTH}|\sand\s{_MONTH}|\sto\s{_MONTH})"
    rf"|(?P<second>(?<=[-–/])(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
    r"|(?<![\w.])(?P<dotted>(?:Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.)"
)
WEEKDAY_ALONE = re.compile(
    r"(?<![\w.])(?P<day>Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun)(?:\.(?=[\s,–/-]|$)|(?=,\s(?:\d"
    r"|[A-Z][a-z]{2}))"
    r"|(?=[-–](?:Mon|Tue|Wed|Thu|Fri|Sat|Sun))|(?<=[-–]...)(?![\w]))"
)


def _month(written: str) -> str:
    bare = written.strip(" .\u2009").capitalize()
    return SHORT_MONTHS.get(bare, bare)


def _weekday(match: re.Match[str]) -> str:
    written = match["weekday"]
    return f"{WEEKDAYS[written.rstrip()[:3].rstrip('.')]}{match['pause']} " if written else ""


def month_day(match: re.Match[str]) -> Reading:
    """ "March fifth, twenty twenty-four", "January third to fifth"."""
    words = f"{_weekday(match)}{_month(match['month'])} {ordinal(int(match['day']))}"
    if match["day2"]:
        between = range_word(match, match["dash"])
        month = f"{_month(match['month2'])} " if match["month2"] else ""
        words += f" {between} {month}{ordinal(int(match['day2']))}"
    return words + (f"{match['comma']} {year(int(match['year']))}" if match["year"] else "")


def day_month(match: re.Match[str]) -> Reading:
    """ "the fifth of March, twenty twenty-four"."""
    month = match["month"]
    days = ordinal(int(match["day"]))
    if match["day2"]:
        days += f" to {ordinal(int(match['day2']))}"
    if (
        month == "May"
        and not match["year"]
        and word_after(match).islower()
        and match["the"] is None
        and is_plural_noun(word_after(match))
    ):
        return None
    the = match["the"] or ("" if word_before(match).lower() == "the" else "the ")
    words = f"{_weekday(match)}{the}{days} of {_month(month)}"
    if match["year"]:
        return f"{words}{match['comma']} {year(int(match['year']))}"
    # The dot of "5 Sept." may end the sentence as well.
    return words + (full_stop(match) if month.endswith(".") else "")


def iso(match: re.Match[str]) -> Reading:
    """ "March fifth, twenty twenty-four", with the time if there is one."""
    month, day = MONTHS[int(match["month"]) - 1], ordinal(int(match["day"]))
    words = f"{month} {day} {year(int(match['year']))}"
    if match["hour"]:
        minute = int(match["minute"])
        words += f" at {cardinal(int(match['hour']))} {two_digits(minute) if minute else 'hundred'}"
        words += " UTC" if match["zone"] else ""
    return words


def numeric(match: re.Match[str]) -> Reading:
    """12/05/2024 as Americans write it, unless only the other order makes sense; 05.12.2024 as
    Europeans do."""
    return _numeric(match, day_first=match["mark"] == "." or _is_day_first(match))


def numeric_day_first(match: re.Match[str]) -> Reading:
    """05/12/2024 as most of the world writes it: the fifth of December."""
    return _numeric(match, day_first=True)


_DAY_FIRST = re.compile(
    r"(?<![\d/.-])(?:1[3-9]|2\d|3[01])[/-](?:0?[1-9]|1[0-2])[/-]\d{2,4}(?![\d/-])"
)


def _is_day_first(match: re.Match[str]) -> bool:
    """Whether another date close by is one that can only begin with its day."""
    return bool(_DAY_FIRST.search(before(match)) or _DAY_FIRST.search(after(match)))


LATEST = 40
"""Two digits from which on a year is of the last century."""


def _numeric(match: re.Match[str], *, day_first: bool) -> Reading:
    one, two, written = int(match["one"]), int(match["two"]), match["year"]
    month, day = (two, one) if day_first else (one, two)
    if month > 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    if len(written) == 2 and match["mark"] != "/":
        return None  # "14.10.24" may be a version
    number_ = int(written)
    if len(written) == 2:
        number_ += 2000 if number_ < LATEST else 1900
    return f"{MONTHS[month - 1]} {ordinal(day)} {year(number_)}"


def on_numeric(match: re.Match[str]) -> Reading:
    """ "on December fifth" for "on 12/5"."""
    if match["late"]:
        return _late(match)
    return _on_numeric(match, day_first=False)


def on_numeric_day_first(match: re.Match[str]) -> Reading:
    """ "on the fifth of December" is "on December fifth" as well: the numbers change places."""
    return _on_numeric(match, day_first=True)


def _late(match: re.Match[str]) -> Reading:
    return f"{MONTHS[int(match['one2']) - 1]} {ordinal(int(match['two2']))}"


def _on_numeric(match: re.Match[str], *, day_first: bool) -> Reading:
    if match["late"]:
        return None
    month, day = int(match["one"]), int(match["two"])
    if day_first:
        month, day = day, month
    if (month, day) in ((9, 11), (7, 7), (24, 7)):
        return None
    if month > 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    if match[0][:2].lower() in ("of", "by") and month < day and (day < 13 or day in PARTS):
        return None  # "by 1/3"
    return f"{MONTHS[month - 1]} {ordinal(day)}"


def month_alone(match: re.Match[str]) -> Reading:
    """ "January" for "Jan." or for "Jan" before a day or a year."""
    written = match["said"] or match["second"] or match["dotted"]
    if match["second"] and not _MONTH_BEFORE.search(before(match)):
        return None
    return _month(written) + (full_stop(match) if written.endswith(".") else "")


_MONTH_BEFORE = re.compile(rf"(?:{_MONTH}|\uffff)[-–/]$")


PARTS = (16, 20, 25, 30)
"""Into which things are parted: 3/16 is rather no day."""
BEFORE_WEEKDAYS = listed(
    "on every each until by and to through next last this since closed open or thru"
    " mon tue tues wed thu thurs fri sat sun"
)


def weekday_alone(match: re.Match[str]) -> Reading:
    """ "Monday" for "Mon."."""
    if match["day"] in ("Sat", "Sun", "Wed") and match[0].endswith(".") and full_stop(match):
        if last_words(match)[-1:] and last_words(match)[-1] in BEFORE_WEEKDAYS:
            return WEEKDAYS[match["day"]] + "."
        return None  # "They sat. The Sun."
    return WEEKDAYS[match["day"]] + (full_stop(match) if match[0].endswith(".") else "")


_MONTH_WORDS = frozenset(
    form(name) for name in (*MONTHS, *SHORT_MONTHS) for form in (str, str.upper, str.lower)
)
_WORDED = (
    ("date", Rule(MONTH_DAY, month_day, DIGITS, words=_MONTH_WORDS)),
    ("date", Rule(DAY_MONTH, day_month, DIGITS, words=_MONTH_WORDS)),
)
RULES = (
    ("date", Rule(ISO, iso, frozenset("-/"), DIGITS)),
    ("date", Rule(NUMERIC, numeric, frozenset("/.-"), DIGITS)),
    ("date", Rule(ON_NUMERIC, on_numeric, frozenset("/"), DIGITS)),
    *_WORDED,
)
DAY_FIRST_RULES = (
    ("date", Rule(ISO, iso, frozenset("-/"), DIGITS)),
    ("date", Rule(NUMERIC, numeric_day_first, frozenset("/.-"), DIGITS)),
    ("date", Rule(ON_NUMERIC, on_numeric_day_first, frozenset("/"), DIGITS)),
    *_WORDED,
)
DAYS = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
WEEKDAY_RANGE = re.compile(
    rf"(?:\b{DAYS}|\b(?:{'|'.join(MONTHS)})|\uffff)(?P<said>\s?[-–—]\s?)(?={DAYS}\b|"
    rf"(?:{'|'.join(MONTHS)})\b|\uffff)"
)


def weekday_range(match: re.Match[str]) -> Reading:
    """ "to" between two days or months."""
    return " to "


_SPAN_WORDS = frozenset(
    (
        *MONTHS,
        *WEEKDAYS.values(),
        *SHORT_MONTHS,
        *WEEKDAYS,
        *(f"{day}s" for day in WEEKDAYS.values()),
    )
)
WEEKDAY_RANGE_RULE = Rule(WEEKDAY_RANGE, weekday_range, frozenset("-–—"), words=_SPAN_WORDS)
MONTH_RULE = Rule(MONTH_ALONE, month_alone, words=frozenset(SHORT_MONTHS))
WEEKDAY_RULE = Rule(WEEKDAY_ALONE, weekday_alone, words=frozenset(WEEKDAYS))
