"""Quantities: 5 km, 100 km/h, 2.5 GHz, 21 °C, 10 cm³, 3 ft 6 in, 5'10", 7-9%, 25 bps."""

from __future__ import annotations

import re

from narrator.languages.en.context import (
    FUNCTION_WORDS,
    before,
    is_attributive,
    is_plural_noun,
    last_words,
    next_words,
    word_after,
    word_before,
)
from narrator.languages.en.fractions import VULGAR
from narrator.languages.en.money import MAGNITUDES
from narrator.languages.en.rule import DIGITS, NUMERIC, Reading, Rule, any_of, listed
from narrator.languages.en.unit_cues import (
    ATTRIBUTES,
    CHANGES,
    COUNTED_IN_MILLIONS,
    LENGTHS,
    LOOSE,
    MEASURED,
    NAUTICAL,
    STARRY,
    STORMY,
    WINDY,
)
from narrator.languages.en.unit_names import DENOMINATORS, UNITS
from narrator.languages.en.words import NUMBER, fraction, is_one, number

_UNIT = "|".join(re.escape(symbol) for symbol in sorted(UNITS, key=len, reverse=True))
_LOWER = "|".join(re.escape(symbol) for symbol in sorted(DENOMINATORS, key=len, reverse=True))

MEASURE = rf"(?:{_UNIT})(?:/(?:{_LOWER}))?[²³]?"
"""A unit after a number that is no plain one: the m/s of 10^8 m/s."""

QUANTITY = re.compile(
    rf"(?<![\w.,$€£^])(?<!\d/)(?P<sign>[-−–+~≈±]?)(?P<amount>{NUMBER})"
    rf"(?:(?:(?P<unit1>{_UNIT})|\s(?P<unit0>{_UNIT})\.?(?=\s?[x×]\s?\d))?(?P<dash>\s?[-–—]\s?|(?<=\d)\sto\s|\s?[x×]\s?|\s?\+?/[-−]\s?|\s?±\s?)"
    rf"(?P<minus>[-−]?)(?P<upto>{NUMBER}))?"
    rf"(?P<more>\+(?=\s))?(?P<magnitude>\s(?:thousand|million|billion|trillion)(?=\s)|(?:bn|tn|mln)(?=\s))?"
    rf"(?P<gap>[\s-]?)(?P<unit>{_UNIT}|B(?=/s))(?!(?![²³]|(?<=[mt])[23](?![\w.]))\w|°)"
    rf"(?P<raised>[²³]|(?<=[mt])[23](?![\w.]))?(?:\.?(?P<over>/"
    rf"|\sper\s)(?P<hundred>100\s)?(?P<lower>{_LOWER})(?!\w(?<![²³])))?"
    r"(?P<power>[²³]|⁻[¹²³]|\^[23](?!\d))?"
    r"(?P<plus>\+(?!\w))?(?:\.(?=[,;:)]|\s[a-z(&]))?"
)

FEET = re.compile(
    r"(?<![\w.,])(?P<feet>\d{1,3})(?:'\s?|\s?ft\.?\s|-foot-)"
    r"(?P<inches>\d{1,2}(?:\.\d{1,2})?)(?:\s?in(?:ch(?:es)?)?\b\.?|\"|”|″|'')?(?![\w%])"
)
INCHES = re.compile(
    rf"(?<![\w.,])(?:(?P<low>{NUMBER})(?P<dash>\s?[-–]\s?|\sto\s|\s?[x×]\s?))?(?P<amount>{NUMBER}|[½¼¾⅛⅜⅝⅞]"
    rf"|{NUMBER}[½¼¾⅛⅜⅝⅞]"
    r"|(?:\d{1,3}[\s-])?\d{1,2}/(?:2|4|8|16|32|64))"
    r"(?:(?P<mark>\"|”|″|'')|[\s-]?in\.(?=\s[a-z(]|[,;:)]|\s?$)|\s?in(?=\s(?:by|x|×|tall|wide|long"
    r"|deep|high|thick)\b)|in)(?!\w)"
)
RATE = re.compile(
    rf"(?<![\w.,])(?P<amount>{NUMBER})(?P<times>x?)/(?P<per>day|week|month|year|hour|night|person"
    rf"|minute|second)(?!\w)"
)
WEIGHT = re.compile(r"(?<![\w.,])(?P<pounds>\d{1,3})\s?lbs?\.?\s(?P<ounces>\d{1,2})\s?oz\b\.?")
SPELLED = re.compile(
    rf"(?<![\w.,])(?P<amount>{NUMBER})\s?(?P<unit>in|mi|ft|yd|oz|lb|lbs|hr|hrs|min|sec|gal|mos"
    r"|yrs?)\.(?=\s+[a-z(])"
)

SIGNS = {
    "": "", "-": "minus ", "−": "minus ", "–": "minus ", "+": "plus ", "~": "about ",
    "≈": "about ", "±": "plus or minus ",
}  # fmt: skip


def quantity(match: re.Match[str]) -> Reading:
    """ "five kilometers", "five-to-ten percent", "one hundred kilometers per hour"."""
    unit, gap, low, high = match["unit"], match["gap"], match["amount"], match["upto"]
    if _is_no_unit(match):
        return None
    one, many = UNITS.get(unit, ("byte", "bytes"))
    one, many = _by_neighbours(match) or (one, many)
    if unit == "pp" and gap == "-":
        one, many = "page", "pages"
    nouns = ATTRIBUTES - CHANGES if many.endswith("per hour") else ATTRIBUTES
    describes = gap == "-" or is_attributive(match, nouns)
    singular = describes or (is_one(low) and not high and not match["magnitude"])
    name = _powered(match, one if singular else many)
    amount = SIGNS[match["sign"]] + (
        number(low) if (low.replace(",", ""), unit) != ("1500", "m") else MILE
    )
    if match["unit0"]:
        amount += f" {UNITS[match['unit0']][1]}"
    if high:
        dash = match["dash"].strip()
        between = {"×": "by", "x": "by", "±": "plus or minus"}.get(
            dash, "to" if "/" not in dash else "plus or minus"
        )
        if last_words(match)[-1:] == ("between",) and between == "to":
            between = "and"
        amount += f" {between} {'minus ' if match['minus'] else ''}{number(high)}"
    amount += " plus" if match["more"] else ""
    tie = "-" if gap == "-" else " "
    name = name.replace(" ", "-") if tie == "-" else name
    magnitude = match["magnitude"] or ""
    amount += f" {MAGNITUDES.get(magnitude, magnitude.strip())}" if magnitude else ""
    return f"{amount}{tie}{name}{' plus' if match['plus'] else ''}"


AMBIGUOUS = {
    "pc": (STARRY, "parsec", "parsecs"),
    "mb": (STORMY, "millibar", "millibars"),
    "kt": (WINDY, "knot", "knots"),
    "nm": (NAUTICAL, "nautical mile", "nautical miles"),
}
"""Symbols that are another unit near some words."""


def _by_neighbours(match: re.Match[str]) -> tuple[str, str] | None:
    """What the unit is called if the words around say that it is the rarer of two."""
    words, one, many = AMBIGUOUS.get(match["unit"], (frozenset(), "", ""))
    if not words or words.isdisjoint((*last_words(match), *next_words(match))):
        return None
    return one, many


def _is_no_unit(match: re.Match[str]) -> bool:
    """Whether the letters after a number mean something else: 12m users, the 20s, a size 5V."""
    unit, gap, low = match["unit"], match["gap"], match["amount"]
    following = word_after(match)
    if gap == "-" and unit in LOOSE:
        return True
    if unit == "m" and not gap and not (match["power"] or match["raised"] or match["over"]):
        if following.lower() in ATTRIBUTES or (
            following in LENGTHS and following not in ("in", "from", "of")
        ):
            return False
        if not COUNTED_IN_MILLIONS.isdisjoint(last_words(match)):
            return True  # "(75m)" after "77.3m votes"
        if "." in low and not MEASURED.isdisjoint(last_words(match)[-6:]):
            return False  # "cleared 2.10m"
        return is_plural_noun(following.lower()) or "." in low  # "12m users": a million.
    if unit == "pt" and gap != "-":
        return True
    if unit == "s" and not gap and "." not in low:
        return True  # "the 20s"
    if unit == "V" and not gap and low not in VOLTS:
        return True
    if unit in ("N", "J") and not gap and "." not in low:
        return True
    if unit in ("BR", "BA", "bd", "ba") and (len(low) > 3 or (gap and unit.isupper())):
        return True
    if unit == "pc" and not STARRY.isdisjoint((*last_words(match), *next_words(match))):
        return False
    if unit == "pc" and (gap or (following.islower() and is_plural_noun(following))):
        return True
    if unit == "TOPS" or (unit == "in" and not gap):
        return False
    return unit == "B" and not match["over"]


MILE = "fifteen hundred"
"""The metric mile of runners and swimmers."""

VOLTS = listed("1.5 3.3 5 9 12 24 48 100 110 120 220 230 240 400 800")
_POWERS = {
    "²": "square ",
    "³": "cubic ",
    "2": "square ",
    "3": "cubic ",
    "^2": "square ",
    "^3": "cubic ",
}


def _powered(match: re.Match[str], name: str) -> str:
    """The name with "square" or "cubic" before it and what stands under it: "kilograms per cubic
    meter", "meters per second squared"."""
    power, raised = match["power"] or "", match["raised"] or ""
    if not match["over"]:
        return _POWERS.get(power or raised, "") + name
    lower = DENOMINATORS[match["lower"]]
    if match["hundred"]:
        lower = f"one hundred {UNITS[match['lower']][1]}"
    if match["lower"] == "s" and power in ("²", "^2"):
        return f"{name} per {lower} squared"
    return f"{_POWERS.get(raised, '')}{name} per {_POWERS.get(power, '')}{lower}"


def measured_in(written: str) -> str:
    """What many of a unit are called: "meters per second"."""
    unit, slash, lower = written.rstrip("²³").partition("/")
    power = _POWERS.get(written[-1], "")
    per = f" per {'' if not slash else power}{DENOMINATORS[lower]}" if slash else ""
    return f"{'' if slash else power}{UNITS[unit][1]}{per}"


_RATED = any_of(
    listed(
        """
        kWh MWh GWh Wh mg mcg µg μg ng kg g km m cm mm L l ml mL dL GB MB TB Gb Mb kb Gbit Mbit
        kbit kcal mmol mol lb lbs oz ft mi kJ MJ kW MW miles
        """
    )
)
PER = re.compile(
    rf"(?<![\w/.])(?P<of>{_RATED}|[€$£¥])/(?P<per>{_LOWER}|h|hr|lb|gal)(?P<power>[²³])?(?![\w/])"
)
PER_NOUN = re.compile(
    r"(?<=[a-z]s)/(?P<per>mL|ml|[µμ]L|L|kg|m²|m³|km²|cm²|cm³|ha|gal)(?!\w)"
    r"|(?<=[\d\uffff])/(?P<coin>[€$£¥])(?![\d\uffff])"
)
COINS = {"€": "euro", "$": "dollar", "£": "pound", "¥": "yen"}
PRICED = {"€": "euros", "$": "dollars", "£": "pounds", "¥": "yen"}


def per(match: re.Match[str]) -> Reading:
    """ "kilometers per hour", "euros per kilogram" for a unit without a number."""
    of = match["of"]
    name = PRICED.get(of) or UNITS.get(of, (of, of))[1]
    return f"{name} per {_POWERS.get(match['power'] or '', '')}{DENOMINATORS[match['per']]}"


def per_noun(match: re.Match[str]) -> Reading:
    """ "per milliliter" of cells/mL, "per pound" of $1.31/£."""
    if match["coin"]:
        return f" per {COINS[match['coin']]}"
    lower = match["per"]
    return f" per {_POWERS.get(lower[-1], '')}{DENOMINATORS[lower.rstrip('²³')]}"


def feet_and_inches(match: re.Match[str]) -> Reading:
    """ "five foot ten" for 5'10", "three feet six inches" for 3 ft 6 in."""
    feet, inches = match["feet"], match["inches"]
    if match[0].endswith("'") or ("." in match[0] and "'" not in match[0] and "in" not in match[0]):
        return None
    if "'" in match[0] and float(inches) >= 12:  # The gap of a race: 1'24".
        minutes = "minute" if is_one(feet) else "minutes"
        return f"{number(feet)} {minutes} {number(inches)} seconds"
    if "'" in match[0]:
        return f"{number(feet)} foot {number(inches)}"
    if "foot" in match[0]:
        return f"{number(feet)} foot {number(inches)}"
    if "in" not in match[0]:
        return None
    return (
        f"{number(feet)} {'foot' if is_one(feet) else 'feet'} "
        f"{number(inches)} {'inch' if is_one(inches) else 'inches'}"
    )


def inches(match: re.Match[str]) -> Reading:
    """ "twenty-seven inch" before a noun, else "inches"; nothing where the mark closes a quote."""
    mark, low, amount = match["mark"], match["low"], match["amount"]
    if mark and (before(match)[-1:] in ('"', "“", "'") or _closes_a_quote(match)):
        return None
    describes = is_attributive(match) or is_one(amount) or word_before(match) in ("a", "an")
    if mark and word_after(match).islower() and word_after(match) not in FUNCTION_WORDS:
        describes = True
    part = "/" in amount or not amount[-1].isdigit()
    if part and len(amount) == 1:
        describes = True
    words = _of_a_part(amount) if part else number(amount)
    if low:
        words = f"{number(low)} {'by' if match['dash'].strip() in 'x×' else 'to'} {words}"
    tie = "-" if "-in" in match[0] else " "
    return f"{words}{tie}{'inch' if describes or tie == '-' else 'inches'}"


def _of_a_part(written: str) -> str:
    """ "five-eighths", "one and a half"."""
    found = FRACTIONAL.fullmatch(written)
    if found is None:
        return number(written)
    one, two = (
        VULGAR[found["vulgar"]] if found["vulgar"] else (int(found["one"]), int(found["two"]))
    )
    share = fraction(one, two)
    if not found["whole"]:
        return share
    return f"{number(found['whole'])} and {share.replace('one-', 'a ', 1) if one == 1 else share}"


FRACTIONAL = re.compile(
    rf"(?:(?P<whole>\d{{1,3}})[\s-]?)??(?:(?P<vulgar>[{''.join(VULGAR)}])"
    rf"|(?P<one>\d{{1,2}})/(?P<two>\d{{1,2}}))"
)
_OPENING = re.compile(r"(?:^|[\s(\[—–-])[\"“](?=\S)")


def _closes_a_quote(match: re.Match[str]) -> bool:
    """Whether the mark after the number ends a quotation that began not long before."""
    head = match.string[max(0, match.start() - 200) : match.start("amount")]
    if match["mark"] == "”":
        return head.count("“") > len(re.findall(r"[^\s\d]”", head))
    if match["mark"] != '"':
        return False
    return len(_OPENING.findall(head)) > len(re.findall(r"[^\s\d(]\"", head))


def rate(match: re.Match[str]) -> Reading:
    """ "five per day", "two times per day"."""
    return f"{number(match['amount'])}{' times' if match['times'] else ''} per {match['per']}"


def weight(match: re.Match[str]) -> Reading:
    """ "six pounds four ounces"."""
    pounds, ounces = match["pounds"], match["ounces"]
    return (
        f"{number(pounds)} {'pound' if is_one(pounds) else 'pounds'} "
        f"{number(ounces)} {'ounce' if is_one(ounces) else 'ounces'}"
    )


def dotted(match: re.Match[str]) -> Reading:
    """ "six feet" for "6 ft." in the middle of a sentence."""
    one, many = {**UNITS, "in": ("inch", "inches")}[match["unit"]]
    singular = is_one(match["amount"]) or is_attributive(match)
    return f"{number(match['amount'])} {one if singular else many}"


AFTER_FRACTION = re.compile(
    r"(?<=\uffff)(?P<gap>\s)(?P<unit>tsp|tbsp|lbs?|oz|mi|gal|mm\s?Hg)\b\.?(?!\w)"
)


def after_fraction(match: re.Match[str]) -> Reading:
    """ "teaspoon" after a fraction that another rule has read."""
    if match["unit"].endswith("Hg"):
        return " millimeters of mercury"
    return f" {UNITS[match['unit']][0]}"


PER_NOUN_RULE = Rule(PER_NOUN, per_noun, frozenset("/"))
PER_RULE = Rule(PER, per, frozenset("/"))
AFTER_FRACTION_RULE = Rule(
    AFTER_FRACTION, after_fraction, NUMERIC, words=listed("tsp tbsp lb lbs oz mi gal mm mmHg")
)
QUANTITY_RULE = Rule(QUANTITY, quantity, DIGITS)
RATE_RULE = Rule(RATE, rate, frozenset("/"), DIGITS)
FEET_RULE = Rule(FEET, feet_and_inches, frozenset("'f"), DIGITS)
INCHES_RULE = Rule(INCHES, inches, NUMERIC, frozenset("\"”″n'"))
WEIGHT_RULE = Rule(WEIGHT, weight, DIGITS, words=listed("lb lbs"))
DOTTED_RULE = Rule(SPELLED, dotted, frozenset("."), DIGITS)
