"""Amounts of money: $5, $3.5 billion, €9m, A$12m, £30k, 5 million USD, $5-10, 25¢."""

from __future__ import annotations

import re

from narrator.languages.en.context import is_attributive
from narrator.languages.en.rule import Reading, Rule, any_of, listed
from narrator.languages.en.words import NUMBER, cardinal, integer, is_one, number

MAGNITUDES = {
    "k": "thousand",
    "thousand": "thousand",
    "m": "million",
    "mn": "million",
    "mm": "million",
    "mio": "million",
    "mln": "million",
    "mil": "million",
    "million": "million",
    "millions": "million",
    "b": "billion",
    "bn": "billion",
    "bln": "billion",
    "bil": "billion",
    "billion": "billion",
    "billions": "billion",
    "t": "trillion",
    "tn": "trillion",
    "trn": "trillion",
    "trillion": "trillion",
    "quadrillion": "quadrillion",
    "crore": "crore",
    "lakh": "lakh",
}

# symbol or code -> (singular, plural, hundredth, hundredths)
_DOLLAR = ("dollar", "dollars", "cent", "cents")


def _dollars(country: str) -> tuple[str, str, str, str]:
    return (f"{country} dollar", f"{country} dollars", "cent", "cents")


CURRENCIES = {
    "$": _DOLLAR,
    "US$": _dollars("US"),
    "A$": _dollars("Australian"),
    "AU$": _dollars("Australian"),
    "C$": _dollars("Canadian"),
    "CA$": _dollars("Canadian"),
    "S$": _dollars("Singapore"),
    "HK$": _dollars("Hong Kong"),
    "NZ$": _dollars("New Zealand"),
    "NT$": _dollars("New Taiwan"),
    "R$": ("Brazilian real", "Brazilian reais", "centavo", "centavos"),
    "MX$": ("Mexican peso", "Mexican pesos", "centavo", "centavos"),
    "Mex$": ("Mexican peso", "Mexican pesos", "centavo", "centavos"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
    "￥": ("yen", "yen", "sen", "sen"),
    "元": ("yuan", "yuan", "fen", "fen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
    "₴": ("hryvnia", "hryvnias", "kopiyka", "kopiykas"),
    "₩": ("won", "won", "jeon", "jeon"),
    "₺": ("lira", "lira", "kurus", "kurus"),
    "₪": ("shekel", "shekels", "agora", "agorot"),
    "₫": ("dong", "dong", "xu", "xu"),
    "₦": ("naira", "naira", "kobo", "kobo"),
    "₱": ("peso", "pesos", "centavo", "centavos"),
    "฿": ("baht", "baht", "satang", "satang"),
    "₿": ("bitcoin", "bitcoin", "satoshi", "satoshis"),
    "₸": ("tenge", "tenge", "tiyn", "tiyn"),
    "₼": ("manat", "manat", "qapik", "qapik"),
    "₾": ("lari", "lari", "tetri", "tetri"),
    "₡": ("colon", "colones", "centimo", "centimos"),
    "zł": ("zloty", "zloty", "grosz", "groszy"),
    "Kč": ("koruna", "koruna", "haler", "halers"),
    "kr": ("krone", "kroner", "ore", "ore"),
    "Rs": ("rupee", "rupees", "paisa", "paise"),
    "USD": _dollars("US"),
    "AUD": _dollars("Australian"),
    "CAD": _dollars("Canadian"),
    "SGD": _dollars("Singapore"),
    "HKD": _dollars("Hong Kong"),
    "NZD": _dollars("New Zealand"),
    "TWD": _dollars("New Taiwan"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "JPY": ("yen", "yen", "sen", "sen"),
    "CNY": ("yuan", "yuan", "fen", "fen"),
    "RMB": ("yuan", "yuan", "fen", "fen"),
    "INR": ("rupee", "rupees", "paisa", "paise"),
    "RUB": ("ruble", "rubles", "kopeck", "kopecks"),
    "UAH": ("hryvnia", "hryvnias", "kopiyka", "kopiykas"),
    "KRW": ("won", "won", "jeon", "jeon"),
    "TRY": ("lira", "lira", "kurus", "kurus"),
    "ILS": ("shekel", "shekels", "agora", "agorot"),
    "NGN": ("naira", "naira", "kobo", "kobo"),
    "THB": ("baht", "baht", "satang", "satang"),
    "CHF": ("Swiss franc", "Swiss francs", "centime", "centimes"),
    "SEK": ("Swedish krona", "Swedish kronor", "ore", "ore"),
    "NOK": ("Norwegian krone", "Norwegian kroner", "ore", "ore"),
    "DKK": ("Danish krone", "Danish kroner", "ore", "ore"),
    "PLN": ("zloty", "zloty", "grosz", "groszy"),
    "CZK": ("koruna", "koruna", "haler", "halers"),
    "HUF": ("forint", "forints", "filler", "filler"),
    "BRL": ("Brazilian real", "Brazilian reais", "centavo", "centavos"),
    "MXN": ("Mexican peso", "Mexican pesos", "centavo", "centavos"),
    "ZAR": ("rand", "rand", "cent", "cents"),
    "AED": ("dirham", "dirhams", "fils", "fils"),
    "SAR": ("riyal", "riyals", "halala", "halalas"),
    "IDR": ("rupiah", "rupiah", "sen", "sen"),
    "MYR": ("ringgit", "ringgit", "sen", "sen"),
    "PHP": ("peso", "pesos", "centavo", "centavos"),
    "VND": ("dong", "dong", "xu", "xu"),
    "BTC": ("bitcoin", "bitcoin", "satoshi", "satoshis"),
    "ETH": ("ether", "ether", "gwei", "gwei"),
}

DESCRIBED = listed(
    """
    acquisition award bailout bid bill bond bonus bounty budget business buyout campaign cap
    check company contract cost cut deal debt deficit donation endowment estate exit facility
    fee fine fund funding gap gift grant home house increase industry investment judgment
    lawsuit loan mansion market merger note offer order package payment payout penalty plan
    prize profit program programme project purchase raise ransom reward round salary settlement
    shortfall stake stimulus surplus takeover target tax tender ticket upgrade valuation verdict
    """
)
"""Nouns that an amount describes even without an article: "signs $10 billion deal"."""

PERIODS = {
    "month": "month",
    "mo": "month",
    "mth": "month",
    "year": "year",
    "yr": "year",
    "week": "week",
    "wk": "week",
    "day": "day",
    "hour": "hour",
    "hr": "hour",
    "h": "hour",
    "minute": "minute",
    "min": "minute",
    "user": "user",
    "seat": "seat",
    "person": "person",
    "head": "head",
    "share": "share",
    "barrel": "barrel",
    "bbl": "barrel",
    "ton": "ton",
    "tonne": "ton",
    "t": "ton",
    "kg": "kilogram",
    "kWh": "kilowatt hour",
    "MWh": "megawatt hour",
    "lb": "pound",
    "oz": "ounce",
    "gallon": "gallon",
    "gal": "gallon",
    "liter": "liter",
    "litre": "liter",
    "mile": "mile",
    "night": "night",
    "unit": "unit",
    "word": "word",
    "token": "token",
    "GB": "gigabyte",
}


_SIGNS = any_of(sign for sign in CURRENCIES if not sign.isalpha() or sign in ("zł", "Kč", "R$"))
_CODES = any_of(sign for sign in CURRENCIES if sign.isalpha() and sign.isascii() and sign != "kr")
_NAMES = any_of(name for name in MAGNITUDES if len(name) > 2)
_MAGNITUDE = rf"(?:[\s-]?(?:(?i:{_NAMES})|bn|BN|tn|mn|mm)|[kKmMbBtT])(?![\w])"
_PER = rf"(?:/(?P<period>{any_of(PERIODS)})(?!\w)(?:\.(?=[,;]|\s[a-z]))?)"

BEFORE = re.compile(
    rf"(?<![\w$])(?P<sign>[-−–+~]?)(?:(?P<currency>{_SIGNS})\s?|"
    rf"(?P<code>{_CODES})\s?)(?P<minus>[-−]?)(?P<amount>{NUMBER})(?P<magnitude>{_MAGNITUDE})?"
    rf"(?:(?P<dash>\s?[-–—]\s?|\sto\s(?=\d))(?:{_SIGNS}|{_CODES})?(?P<upto>{NUMBER})"
    rf"(?P<magnitude2>{_MAGNITUDE})?)?(?P<plus>\+)?(?![\d])(?:{_PER})?"
)
"""The sign stands first: $5, -$5, US$ 5, EUR 5."""

AFTER = re.compile(
    rf"(?<![\w.,])(?P<sign>[-−+~]?)(?P<amount>{NUMBER})(?P<magnitude>{_MAGNITUDE})?"
    rf"(?:(?P<dash>\s?[-–—]\s?|\sto\s)(?P<upto>{NUMBER})(?P<magnitude2>{_MAGNITUDE})?)?"
    rf"\s?(?:(?P<currency>[€£¥₹₽₴₩₺₪₫₦₱฿₿]|zł|Kč|kr)|(?P<code>{_CODES}))(?!\w)(?:{_PER})?"
)
"""The sign stands last: 5 €, 20 million RUB."""

CENTS = re.compile(rf"(?<![\w.,])(?P<amount>{NUMBER})\s?(?P<sign>¢|p(?=\s(?:a|per)\s))")

SIGNS = {"-": "minus ", "−": "minus ", "–": "minus ", "+": "plus ", "~": "about ", "": ""}


def amount(match: re.Match[str]) -> Reading:
    """ "three point five billion dollars"; "forty billion dollar" where it describes a noun."""
    groups = match.groupdict()
    names = CURRENCIES[groups["currency"] or groups["code"]]
    first, last = groups["amount"], groups["upto"]
    magnitude, magnitude2 = _full(groups["magnitude"]), _full(groups["magnitude2"])
    sign = SIGNS[groups["sign"] or groups.get("minus") or ""]
    per = f" per {PERIODS[groups['period']]}" if groups["period"] else ""
    plus = " plus" if groups.get("plus") else ""
    describes = not per and is_attributive(match, DESCRIBED)
    if last:
        low = _joined(number(first), magnitude)
        words = f"{low} to {_joined(number(last), magnitude2)}"
        words = f"{words} {names[0] if describes else names[1]}{plus}"
        if re.fullmatch(r"\d+\.\d\d", first) and not (magnitude or magnitude2):
            words = f"{_coins(first, names)} to {_coins(last, names)}"
    elif magnitude:
        words = f"{number(first)} {magnitude} {names[0] if describes else names[1]}{plus}"
    elif re.fullmatch(r"[\d,]+\.\d\d", first) and not plus:
        words = _coins(first, names)
    else:
        singular = describes or is_one(first)
        words = f"{number(first)} {names[0] if singular else names[1]}{plus}"
    return f"{sign}{words}{per}"


def cents(match: re.Match[str]) -> Reading:
    """ "twenty-five cents"."""
    name = "cent" if match["sign"] == "¢" else "penny"
    if not is_one(match["amount"]):
        name = "cents" if name == "cent" else "pence"
    return f"{number(match['amount'])} {name}"


def _full(magnitude: str | None) -> str:
    return MAGNITUDES[magnitude.strip(" -\u2009").lower()] if magnitude else ""


def _joined(*words: str) -> str:
    return " ".join(filter(None, words))


def _coins(written: str, names: tuple[str, str, str, str]) -> str:
    """ "five dollars and twenty cents", "ninety-nine cents"."""
    whole, _, rest = written.partition(".")
    units, parts = int(whole.replace(",", "")), int((rest + "0")[:2])
    large = f"{integer(whole)} {names[0] if units == 1 else names[1]}"
    small = f"{cardinal(parts)} {names[2] if parts == 1 else names[3]}"
    if not parts:
        return large
    return f"{large} and {small}" if units else small


CUES = frozenset("0123456789")

BEFORE_RULE = Rule(BEFORE, amount, CUES)
AFTER_RULE = Rule(AFTER, amount, CUES)
CENTS_RULE = Rule(CENTS, cents, frozenset("¢p"))
