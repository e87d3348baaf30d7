"""Quantities: 5 km, 100 km/h, 2.5 GHz, 21 °C, 10 cm³, 3 ft 6 in, 5'10", 7-9%, 25 bps."""

from __future__ import annotations

import re

from narrator.languages.en.context import is_attributive, is_plural_noun, word_after
from narrator.languages.en.rule import DIGITS, Reading, Rule, listed
from narrator.languages.en.words import NUMBER, is_one, number

_PREFIXES = {"k": "kilo", "M": "mega", "G": "giga", "T": "tera", "P": "peta", "m": "milli"}
_SMALL = {"n": "nano", "µ": "micro", "μ": "micro", "m": "milli"}


def _prefixed(symbol: str, name: str, names: str, prefixes: str) -> dict[str, tuple[str, str]]:
    long = {**_SMALL, **_PREFIXES}
    return {p + symbol: (long[p] + name, long[p] + names) for p in prefixes}


UNITS: dict[str, tuple[str, str]] = {
    **_prefixed("m", "meter", "meters", "knµμm"),
    "m": ("meter", "meters"),
    "cm": ("centimeter", "centimeters"),
    "dm": ("decimeter", "decimeters"),
    "mi": ("mile", "miles"),
    "yd": ("yard", "yards"),
    "yds": ("yard", "yards"),
    "ft": ("foot", "feet"),
    "nmi": ("nautical mile", "nautical miles"),
    "ly": ("light year", "light years"),
    "ha": ("hectare", "hectares"),
    "sq ft": ("square foot", "square feet"),
    "sq. ft.": ("square foot", "square feet"),
    "sq-ft": ("square foot", "square feet"),
    "sq.-ft.": ("square foot", "square feet"),
    "sqft": ("square foot", "square feet"),
    "sq m": ("square meter", "square meters"),
    "sqm": ("square meter", "square meters"),
    "sq km": ("square kilometer", "square kilometers"),
    "sq mi": ("square mile", "square miles"),
    "sq. mi.": ("square mile", "square miles"),
    "cu ft": ("cubic foot", "cubic feet"),
    "cc": ("cc", "cc"),
    **_prefixed("g", "gram", "grams", "kmµμn"),
    "g": ("gram", "grams"),
    "mcg": ("microgram", "micrograms"),
    "t": ("ton", "tons"),
    "kt": ("kiloton", "kilotons"),
    "Mt": ("megaton", "megatons"),
    "Gt": ("gigaton", "gigatons"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "fl oz": ("fluid ounce", "fluid ounces"),
    "L": ("liter", "liters"),
    "l": ("liter", "liters"),
    "mL": ("milliliter", "milliliters"),
    "ml": ("milliliter", "milliliters"),
    "cl": ("centiliter", "centiliters"),
    "dL": ("deciliter", "deciliters"),
    "gal": ("gallon", "gallons"),
    "qt": ("quart", "quarts"),
    "bbl": ("barrel", "barrels"),
    "tsp": ("teaspoon", "teaspoons"),
    "tbsp": ("tablespoon", "tablespoons"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    **_prefixed("s", "second", "seconds", "nµμm"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "wk": ("week", "weeks"),
    "wks": ("week", "weeks"),
    "mos": ("month", "months"),
    "yr": ("year", "years"),
    "yrs": ("year", "years"),
    "mph": ("mile per hour", "miles per hour"),
    "kph": ("kilometer per hour", "kilometers per hour"),
    "kmh": ("kilometer per hour", "kilometers per hour"),
    "mpg": ("mile per gallon", "miles per gallon"),
    "rpm": ("revolution per minute", "revolutions per minute"),
    "bpm": ("beat per minute", "beats per minute"),
    "fps": ("frame per second", "frames per second"),
    "pts": ("point", "points"),
    "dpi": ("dot per inch", "dots per inch"),
    "ppi": ("pixel per inch", "pixels per inch"),
    "ppm": ("part per million", "parts per million"),
    "ppb": ("part per billion", "parts per billion"),
    "kn": ("knot", "knots"),
    "Hz": ("hertz", "hertz"),
    **_prefixed("Hz", "hertz", "hertz", "kMGT"),
    "W": ("watt", "watts"),
    **_prefixed("W", "watt", "watts", "mkMGT"),
    "Wh": ("watt hour", "watt hours"),
    **_prefixed("Wh", "watt hour", "watt hours", "kMGT"),
    "V": ("volt", "volts"),
    **_prefixed("V", "volt", "volts", "mk"),
    **_prefixed("eV", "electron volt", "electron volts", "kMGT"),
    "eV": ("electron volt", "electron volts"),
    "mA": ("milliamp", "milliamps"),
    "Ah": ("amp hour", "amp hours"),
    "mAh": ("milliamp hour", "milliamp hours"),
    "Ω": ("ohm", "ohms"),
    "kΩ": ("kilohm", "kilohms"),
    "J": ("joule", "joules"),
    **_prefixed("J", "joule", "joules", "kMG"),
    "cal": ("calorie", "calories"),
    "kcal": ("kilocalorie", "kilocalories"),
    "Pa": ("pascal", "pascals"),
    "hPa": ("hectopascal", "hectopascals"),
    **_prefixed("Pa", "pascal", "pascals", "kMG"),
    "bar": ("bar", "bars"),
    "mbar": ("millibar", "millibars"),
    "psi": ("pound per square inch", "pounds per square inch"),
    "hp": ("horsepower", "horsepower"),
    "bhp": ("brake horsepower", "brake horsepower"),
    "N": ("newton", "newtons"),
    "kN": ("kilonewton", "kilonewtons"),
    "Nm": ("newton meter", "newton meters"),
    "mol": ("mole", "moles"),
    "mSv": ("millisievert", "millisieverts"),
    "dB": ("decibel", "decibels"),
    "dBA": ("decibel", "decibels"),
    "lm": ("lumen", "lumens"),
    "lx": ("lux", "lux"),
    "px": ("pixel", "pixels"),
    "MP": ("megapixel", "megapixels"),
    "bit": ("bit", "bits"),
    **{
        short + "B": (long + "byte", long + "bytes")
        for short, long in {**_PREFIXES, "K": "kilo", "E": "exa"}.items()
        if short != "m"
    },
    **{
        short + "iB": (long + "byte", long + "bytes")
        for short, long in {"K": "kibi", "M": "mebi", "G": "gibi", "T": "tebi"}.items()
    },
    **{
        short + "b": (long + "bit", long + "bits")
        for short, long in {"K": "kilo", "k": "kilo", "M": "mega", "G": "giga"}.items()
    },
    **{
        short + "bps": (long + "bit per second", long + "bits per second")
        for short, long in {
            "": "",
            "k": "kilo",
            "K": "kilo",
            "M": "mega",
            "G": "giga",
            "T": "tera",
        }.items()
        if short
    },
    "gb": ("gigabyte", "gigabytes"),
    "mb": ("megabyte", "megabytes"),
    "tb": ("terabyte", "terabytes"),
    "kb": ("kilobyte", "kilobytes"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "℃": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "℉": ("degree Fahrenheit", "degrees Fahrenheit"),
    "° C": ("degree Celsius", "degrees Celsius"),
    "° F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
    "º": ("degree", "degrees"),
    "bps": ("basis point", "basis points"),
    "bp": ("basis point", "basis points"),
    "pp": ("percentage point", "percentage points"),
    "ppt": ("percentage point", "percentage points"),
    "ppts": ("percentage point", "percentage points"),
    "%": ("percent", "percent"),
    "‰": ("per mille", "per mille"),
    "％": ("percent", "percent"),
    "% pt": ("percentage point", "percentage points"),
    "pct": ("percent", "percent"),
}
"""Symbol -> what one and what many are called."""

DENOMINATORS = {
    **{symbol: names[0] for symbol, names in UNITS.items() if not names[0].startswith("per")},
    "B": "byte",
    "d": "day",
    "day": "day",
    "hour": "hour",
    "second": "second",
    "minute": "minute",
    "week": "week",
    "month": "month",
    "mo": "month",
    "year": "year",
    "person": "person",
    "capita": "capita",
    "in": "inch",
}
"""What may stand after the slash of "km/h"."""

LOOSE = listed(
    """
    m t g s h l L W V J N min MP kt bar K
    """
)
"""Symbols that mean something else too often to be read where a word touches them."""

ATTRIBUTES = listed(
    """
    race sprint dash freestyle hurdles relay swim run final wall display winds wind gusts speeds
    speed screen radius drive battery gun cannon shell
    """
)
"""Nouns that a quantity describes even without an article: "the 100 m final"."""

_UNIT = "|".join(re.escape(symbol) for symbol in sorted(UNITS, key=len, reverse=True))
_LOWER = "|".join(re.escape(symbol) for symbol in sorted(DENOMINATORS, key=len, reverse=True))

QUANTITY = re.compile(
    rf"(?<![\w.,$€£])(?P<sign>[-−–+~≈±]?)(?P<amount>{NUMBER})"
    rf"(?:(?P<unit1>{_UNIT})?(?P<dash>\s?[-–—]\s?|(?<=\d)\sto\s|\s?[x×]\s?|\s?\+?/[-−]\s?|\s?±\s?)"
    rf"(?P<minus>[-−]?)(?P<upto>{NUMBER}))?"
    rf"(?P<magnitude>\s(?:thousand|million|billion|trillion)(?=\s))?"
    rf"(?P<gap>[\s-]?)(?P<unit>{_UNIT}|B(?=/s))(?!(?![²³])\w|°)"
    rf"(?:(?P<over>/|\sper\s)(?P<lower>{_LOWER})(?!\w))?(?P<power>[²³]|\^[23](?!\d))?"
    r"(?P<plus>\+(?!\w))?(?:\.(?=[,;:)]|\s[a-z(&]))?"
)

FEET = re.compile(
    r"(?<![\w.,])(?P<feet>\d{1,3})(?:'\s?|\s?ft\.?\s|-foot-)"
    r"(?P<inches>\d{1,2}(?:\.\d{1,2})?)(?:\s?in(?:ch(?:es)?)?\b\.?|\"|”|″|'')?(?![\w%])"
)
INCHES = re.compile(rf"(?<![\w.,])(?P<amount>{NUMBER})(?:\"|”|″|\s?in\.(?=\s[a-z]))(?!\w)")
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
    """ "five kilometers", "five to ten percent", "one hundred kilometers per hour"."""
    unit, gap, low, high = match["unit"], match["gap"], match["amount"], match["upto"]
    if gap == "-" and unit in LOOSE:
        return None
    if unit == "m" and not gap and not match["power"] and not match["over"]:
        following = word_after(match).lower()
        if following not in ATTRIBUTES and (is_plural_noun(following) or "." in low):
            return None  # "12m users": a million.
    if unit == "s" and not gap and "." not in low:
        return None  # "the 20s"
    if (
        unit in ("pp", "MP", "t", "h", "V", "W", "N", "J")
        and not gap
        and "." not in low
        and unit in "VNJ"
    ):
        return None
    if unit == "B" and not match["over"]:
        return None
    one, many = UNITS.get(unit, ("byte", "bytes"))
    power = {"²": "square ", "³": "cubic ", "^2": "square ", "^3": "cubic "}.get(
        match["power"] or "", ""
    )
    describes = gap == "-" or is_attributive(match, ATTRIBUTES)
    singular = describes or (is_one(low) and not high and not match["magnitude"])
    name = one if singular else many
    if match["over"]:
        lower = DENOMINATORS[match["lower"]]
        squared = " squared" if match["power"] in ("²", "^2") and match["lower"] == "s" else ""
        name = f"{name} per {'' if squared else power}{lower}{squared}"
    else:
        name = power + name
    amount = SIGNS[match["sign"]] + number(low)
    if high:
        dash = match["dash"].strip()
        between = {"×": "by", "x": "by", "±": "plus or minus"}.get(
            dash, "to" if "/" not in dash else "plus or minus"
        )
        amount += f" {between} {'minus ' if match['minus'] else ''}{number(high)}"
    return f"{amount}{match['magnitude'] or ''} {name}{' plus' if match['plus'] else ''}"


def feet_and_inches(match: re.Match[str]) -> Reading:
    """ "five foot ten" for 5'10", "three feet six inches" for 3 ft 6 in."""
    feet, inches = match["feet"], match["inches"]
    if match[0].endswith("'") or ("." in match[0] and "'" not in match[0] and "in" not in match[0]):
        return None
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
    if match[0][-1] in '"”' and match.string.count(match[0][-1], 0, match.start()) % 2:
        return None
    if match[0].endswith("”") and "“" in match.string[: match.start()]:
        return None
    describes = is_attributive(match) or is_one(match["amount"]) or word_after(match).islower()
    return f"{number(match['amount'])} {'inch' if describes else 'inches'}"


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


AFTER_FRACTION = re.compile(r"(?<=\uffff)(?P<gap>\s)(?P<unit>tsp|tbsp|lbs?|oz|mi|gal)\b\.?(?!\w)")


def after_fraction(match: re.Match[str]) -> Reading:
    """ "teaspoon" after a fraction that another rule has read."""
    return f" {UNITS[match['unit']][0]}"


AFTER_FRACTION_RULE = Rule(AFTER_FRACTION, after_fraction)
QUANTITY_RULE = Rule(QUANTITY, quantity, DIGITS)
FEET_RULE = Rule(FEET, feet_and_inches, DIGITS)
INCHES_RULE = Rule(INCHES, inches, frozenset('"”″.'))
WEIGHT_RULE = Rule(WEIGHT, weight, DIGITS)
DOTTED_RULE = Rule(SPELLED, dotted, DIGITS)
