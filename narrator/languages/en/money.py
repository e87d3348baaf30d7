"""Amounts of money: $5, $3.5 billion, €9m, A$12m, £30k, 5 million USD, $5-10, 25¢."""

from __future__ import annotations

import re

from narrator.languages.en.context import is_attributive, range_word, word_before
from narrator.languages.en.rule import Reading, Rule, any_of, listed
from narrator.languages.en.words import NUMBER, cardinal, integer, is_one, number, plural

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
    "Rs.": ("rupee", "rupees", "paisa", "paise"),
    "Fr.": ("franc", "francs", "centime", "centimes"),
    "SFr": ("Swiss franc", "Swiss francs", "centime", "centimes"),
    "Tk": ("taka", "taka", "poisha", "poisha"),
    "Rp": ("rupiah", "rupiah", "sen", "sen"),
    "RM": ("ringgit", "ringgit", "sen", "sen"),
    "Ksh": ("Kenyan shilling", "Kenyan shillings", "cent", "cents"),
    "KSh": ("Kenyan shilling", "Kenyan shillings", "cent", "cents"),
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
    acquisition apartment award bailout bet bid bill bills bond bonds bonus bonuses bounty budget
    burger business buyback buyout campaign cap car cheque cheques check checks coin coins company
    contract contracts cost coupon coupons cut deal deals debt deficit deposit discount dividend
    donation donations drop endowment estate exit facility fee fees fine fines fund funding gap gift
    grant grants handset home homes house houses hit increase industry investment investments
    judgment laptop laptops lawsuit levy loan loans loss losses mansion market merger mortgage
    mortgages note notes offer order overhaul package packages payment payments payout payouts
    penalty penalties phone phones plan prize prizes profit program programme project projects
    purchase raise ransom rebate rebates reserve reward round salary salaries seed settlement
    settlements shortfall stake stimulus subsidy surcharge surplus takeover target tariff tax tender
    ticket tickets tip upgrade valuation verdict voucher vouchers windfall
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


_SIGNS = any_of(sign for sign in CURRENCIES if not sign.isalpha() or sign in ("zł", "Kč"))
_CODES = any_of(sign for sign in CURRENCIES if sign.isalpha() and sign.isascii() and sign != "kr")
_NAMES = any_of(name for name in MAGNITUDES if len(name) > 2)
_MAGNITUDE = rf"(?:[\s-]?(?:(?i:{_NAMES})|bn|BN|tn|mn|mm)|[kKmMbBtT])(?![\w])"
_AMOUNT = rf"(?:{NUMBER}|\.\d\d(?!\d))"
_NAMED = r"(?P<named>[\s-](?:US\s)?(?:dollars?|euros?|pounds?|yen|yuan|rupees?|rubles?)\b)"
_PER = rf"(?:/(?P<period>{any_of(PERIODS)})(?!\w)(?:\.(?=[,;]|\s[a-z]))?)"


def _before(lead: str, dash: str) -> re.Pattern[str]:
    """The pattern of amounts whose sign stands first, with the dash of a range."""
    return re.compile(
        rf"{lead}(?<![\w$])(?P<sign>[-−–+~]?)(?:(?P<currency>{_SIGNS})\s?|(?P<code>{_CODES})\s?)"
        rf"(?P<minus>[-−]?)(?P<amount>{_AMOUNT})(?P<magnitude>{_MAGNITUDE})?"
        rf"(?:(?P<dash>{dash})(?:(?P=currency)|(?P=code))?(?P<upto>{_AMOUNT})"
        rf"(?P<magnitude2>{_MAGNITUDE})?)?(?P<plus>\+|-plus\b)?(?![\d]){_NAMED}?(?:{_PER})?"
    )


_LARGE = rf"(?=(?:{_SIGNS}){NUMBER}(?:\s(?:{_NAMES})|bn|tn|[mMbBtTkK]\b))"
BEFORE = _before("", rf"\s?[-–—]\s?|-?\sto\s(?=\d)|-\s(?:to|or)\s(?=\D)|\sto\s{_LARGE}")
BETWEEN = _before(r"(?<=[Bb]etween\s)", rf"\sand\s(?:{_LARGE}|(?=\d))")
"""The sign stands first: $5, -$5, US$ 5, EUR 5."""

IN_BRACKETS = re.compile(
    rf"(?<![\w$])(?P<currency>{_SIGNS})\((?P<amount>{NUMBER})\)(?P<magnitude>{_MAGNITUDE})?"
)
"""A loss as accountants write it: $(1.2) million."""

SEVERAL = re.compile(
    r"(?<![\w$])(?P<currency>[$€£¥₹])(?P<amount>\d{1,3}(?:,\d{3})*)(?P<magnitude>[kKmM])?s(?!\w)"
)
"""$100s, $1,000s: hundreds, thousands of dollars."""

AFTER = re.compile(
    rf"(?<![\w.,])(?P<sign>[-−+~]?)(?P<amount>{NUMBER})(?P<magnitude>{_MAGNITUDE})?"
    rf"(?:(?P<dash>\s?[-–—]\s?|\sto\s)(?P<upto>{NUMBER})(?P<magnitude2>{_MAGNITUDE})?)?"
    rf"\s?(?:(?P<currency>[€£¥₹₽₴₩₺₪₫₦₱฿₿]|zł|Kč|kr)|(?P<code>{_CODES}))(?!\w)(?:{_PER})?"
)
"""The sign stands last: 5 €, 20 million RUB."""

CENTS = re.compile(
    rf"(?<![\w.,])(?P<amount>{NUMBER})(?:\s?(?P<sign>¢)|(?P<pence>p)(?!\w|\.\w))"
    r"(?P<half>/(?:kWh|litre|liter|mile|minute|share|unit|lb|kg)\b)?"
)
VIDEO = listed("144 240 360 480 540 576 720 1080 1440 2160 4320")
"""Lines of a picture: 1080p is no price."""

ARTICLES = ("a", "an", "A", "An")
SIGNS = {"-": "minus ", "−": "minus ", "–": "minus ", "+": "plus ", "~": "about ", "": ""}


def amount(match: re.Match[str]) -> Reading:
    """ "three point five billion dollars"; "forty billion dollar" where it describes a noun."""
    groups = match.groupdict()
    names = CURRENCIES[groups["currency"] or groups["code"]]
    first, last = groups["amount"], groups["upto"]
    magnitude = _full(groups["magnitude"])
    sign = SIGNS[groups["sign"] or groups.get("minus") or ""]
    per = f" per {PERIODS[groups['period']]}" if groups["period"] else ""
    plus = " plus" if groups.get("plus") else ""
    named = groups.get("named") or ""
    if named and not _means(named, names):
        return None
    if named:
        describes = not named.endswith("s") and "yen" not in named
    else:
        describes = not per and (word_before(match) in ARTICLES or is_attributive(match, DESCRIBED))
    if last:
        words = _span(match, names, describes) + plus
    elif magnitude:
        words = f"{number(first)} {magnitude} {names[0] if describes else names[1]}{plus}"
    elif re.fullmatch(r"[\d,]*\.\d\d", first) and not plus:
        words = _coins(first, names)
    else:
        singular = describes or is_one(first)
        words = f"{number(first)} {names[0] if singular else names[1]}{plus}"
    return f"{sign}{words}{per}"


def between(match: re.Match[str]) -> Reading:
    """ "five and ten billion dollars" after "between"."""
    return amount(match) if match["upto"] else None


def _means(named: str, names: tuple[str, str, str, str]) -> bool:
    """Whether the word after "$40 billion" only repeats the sign before it."""
    bare = named.strip(" -\u2009").removeprefix("US ").rstrip("s")
    return names[0].split()[-1].rstrip("s") == bare


def _span(match: re.Match[str], names: tuple[str, str, str, str], describes: bool) -> str:
    """ "twenty-five to forty dollars", "five to ten billion dollars"."""
    groups = match.groupdict()
    first, last = groups["amount"], groups["upto"]
    magnitude, magnitude2 = _full(groups["magnitude"]), _full(groups["magnitude2"])
    dash = groups["dash"]
    between = range_word(match, dash)
    if "or" in dash:
        between = "or"
    name = names[0] if describes else names[1]
    coins = re.compile(r"[\d,]*\.\d\d")
    if (coins.fullmatch(first) or coins.fullmatch(last)) and not (magnitude or magnitude2):
        return f"{_coins(first, names)} {between} {_coins(last, names)}"
    small = _value(first) < min(_value(last), 1000)
    if dash.strip() in ("to", "and") and magnitude2 and not magnitude and not small:
        low = f"{number(first)} {names[0] if is_one(first) else names[1]}"
    else:
        low = _joined(
            number(first), magnitude if magnitude != magnitude2 or match["magnitude"] else ""
        )
    return f"{low} {between} {_joined(number(last), magnitude2)} {name}"


def _value(written: str) -> float:
    return float(re.sub(r"[^\d.]", "", written))


def in_brackets(match: re.Match[str]) -> Reading:
    """ "minus one point two million dollars"."""
    names = CURRENCIES[match["currency"]]
    return _joined("minus", number(match["amount"]), _full(match["magnitude"]), names[1])


def several(match: re.Match[str]) -> Reading:
    """ "hundreds of dollars"."""
    names = CURRENCIES[match["currency"]]
    magnitude = _full(match["magnitude"])
    return f"{crowd(match['amount'], magnitude)} of {names[1]}"


def crowd(written: str, magnitude: str = "") -> str:
    """ "hundreds", "tens of thousands" for 100s and 10,000s; "fifties" where it is not round."""
    bare = written.replace(",", "")
    zeros = len(bare) - 1 + {"thousand": 3, "million": 6}.get(magnitude, 0)
    if int(bare) != 10 ** (len(bare) - 1) or not 0 < zeros < 10:
        return plural(_joined(number(written), magnitude))
    large = ("", "thousands", "millions", "billions")[zeros // 3]
    small = ("", "tens", "hundreds")[zeros % 3]
    return f"{small} of {large}" if small and large else small or large


def cents(match: re.Match[str]) -> Reading:
    """ "twenty-five cents", "twenty pence"; "a five cent deposit"."""
    if match["pence"] and (match["amount"] in VIDEO or len(match["amount"]) > 5):
        return None
    one, many = ("cent", "cents") if match["sign"] else ("penny", "pence")
    describes = match["sign"] and (
        word_before(match) in ARTICLES or is_attributive(match, DESCRIBED)
    )
    words = f"{number(match['amount'])} {one if is_one(match['amount']) or describes else many}"
    per = match["half"]
    return words + (
        f" per {PERIODS[per[1:]]}" if per and per[1:] in PERIODS else " per litre" * bool(per)
    )


def _full(magnitude: str | None) -> str:
    return MAGNITUDES[magnitude.strip(" -\u2009").lower()] if magnitude else ""


def _joined(*words: str) -> str:
    return " ".join(filter(None, words))


def _coins(written: str, names: tuple[str, str, str, str]) -> str:
    """ "five dollars and twenty cents", "ninety-nine cents"."""
    whole, _, rest = written.partition(".")
    units, parts = int(whole.replace(",", "") or 0), int((rest + "00")[:2])
    large = f"{integer(whole or '0')} {names[0] if units == 1 else names[1]}"
    small = f"{cardinal(parts)} {names[2] if parts == 1 else names[3]}"
    if not parts:
        return large
    return f"{large} and {small}" if units else small


COMMA = re.compile(
    r"(?<![\w$.,])(?:€\s?(?P<whole>\d{1,3}(?:\.\d{3}){0,4}|\d{1,6}),(?P<cents>\d\d)"
    r"|(?P<whole2>\d{1,3}(?:\.\d{3}){0,4}|\d{1,6}),(?P<cents2>\d\d)\s?€)(?![\d]|[.,]\d)"
)
"""Euros as most of their countries write them: €5,50 and 1.000,50 €."""


def comma(match: re.Match[str]) -> Reading:
    """ "five euros and fifty cents"."""
    whole, cents = match["whole"] or match["whole2"], match["cents"] or match["cents2"]
    return _coins(f"{whole.replace('.', '')}.{cents}", CURRENCIES["€"])


CUES = frozenset("0123456789")

BEFORE_RULE = Rule(BEFORE, amount, CUES)
COMMA_RULE = Rule(COMMA, comma, frozenset("€"))
BETWEEN_RULE = Rule(BETWEEN, between, CUES)
IN_BRACKETS_RULE = Rule(IN_BRACKETS, in_brackets, frozenset("("), CUES)
SEVERAL_RULE = Rule(SEVERAL, several, frozenset("$€£¥₹"), CUES)
AFTER_RULE = Rule(AFTER, amount, CUES)
CENTS_RULE = Rule(CENTS, cents, frozenset("¢p"))
