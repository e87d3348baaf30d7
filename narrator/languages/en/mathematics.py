"""Signs between numbers: x², 10^6, 2 + 2 = 4, p < 0.05, ±2, ~5, π, a grade of B-."""

from __future__ import annotations

import re

from narrator.languages import Change
from narrator.languages.en.context import after, before
from narrator.languages.en.rule import CLAIMED, DIGITS, NUMERIC, Reading, Rule, part
from narrator.languages.en.units import MEASURE, measured_in
from narrator.languages.en.words import NUMBER, cardinal, number, ordinal

SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n", strict=True))

OPERATORS = {
    "->": "to",
    "=>": "implies",
    "<=": "less than or equal to",
    ">=": "greater than or equal to",
    "==": "equals",
    "!=": "is not equal to",
    "=": "equals",
    "<": "less than",
    ">": "greater than",
    "≤": "less than or equal to",
    "≥": "greater than or equal to",
    "≠": "is not equal to",
    "≈": "is approximately",
    "≅": "is approximately",
    "±": "plus or minus",
    "+/-": "plus or minus",
    "+-": "plus or minus",
    "×": "times",
    "÷": "divided by",
    "−": "minus",
    "*": "times",
    "**": "to the power of",
    "/": "over",
    "^": "to the power of",
    "+": "plus",
}

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi",
    "ο": "omicron", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi",
    "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip

POWER = re.compile(
    r"(?P<base>[A-Za-z)\d\uffff])(?P<said>\^\(?(?P<caret>[-−+]?\d{1,4}|[a-z])\)?"
    r"|(?P<super>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}|ⁿ))(?!\w)"
)
OPERATOR = re.compile(
    r"(?<=[\w)²³\uffff])(?P<gap>\s?)(?P<sign>->|=>|<=|>=|==|!=|\*\*|\+/-|\+-|[=<>≈≅≤≥≠±×÷−*/^+])"
    r"(?P<gap2>\s?)(?=[-−+]?[\w($√\uffff])"
)
COMPARISON = re.compile(
    r"(?<![^\s(\[“\"])(?P<sign><=|>=|[<>≤≥])\s?(?=[-−]?[$€£]?[\d\uffff.])|(?P<about>[~≈∼])"
    r"(?=\s?[$€£]?[\d\uffff])|(?<![^\s(\[“\",])(?P<within>\+/[-−–])\s?(?=[$€£]?[\d\uffff])"
)
SIGN = re.compile(
    r"(?<![\w\uffff)\]-])(?P<minus>[-−–])(?=[\d\uffff.∞])|(?<![\w\uffff])(?P<plus>\+)(?=[\d\uffff])"
    r"|(?<=\w)(?P<suffix>\+)(?=[\s,.;:!?)]|$)"
)
RATING = re.compile(r"(?<![\w-])(?P<letters>[A-D]{1,3})(?P<said>[-−+])(?=[\s.,;:)]|$)")
GREEK_LETTER = re.compile(r"(?<![^\W\d_])[α-ωΑ-Ω](?![^\W\d_])")


def power(match: re.Match[str]) -> Reading:
    """ "squared", "to the sixth", "to the minus two"; the number of a footnote is no power."""
    raised = match["caret"] or "".join(SUPERSCRIPTS[c] for c in match["super"])
    raised = raised.replace("−", "-").replace("+", "")
    word = re.search(r"[A-Za-z]{3,}$", before(match, "said"))
    if match["super"] and (word or (match["base"] in ")\uffff" and raised not in "23")):
        return None
    return _raised(raised)


def _raised(raised: str) -> str:
    if raised in ("2", "3"):
        return " squared" if raised == "2" else " cubed"
    if raised.isdigit():
        return f" to the {ordinal(int(raised))}"
    return f" to the minus {cardinal(int(raised[1:]))}" if raised[0] == "-" else f" to the {raised}"


def operator(match: re.Match[str]) -> Reading:
    """ "equals", "less than", "times" between numbers and letters."""
    sign, spaced = match["sign"], bool(match["gap"]) and bool(match["gap2"])
    left, right = before(match)[-1], after(match)[0]
    numeric = (left.isdigit() or left in CLAIMED + ")") and (
        right.isdigit() or right in CLAIMED + "(√-−"
    )
    variable = sign in "<>" and right in DIGITS | {CLAIMED} and VARIABLE.search(before(match))
    if sign in "<>^" and not (spaced or numeric or variable):
        return None
    if sign == "/" and not (spaced and numeric):
        return None
    if sign == "**" and not numeric:
        return None
    named = SIGN_NAMES.get(sign, "")
    if named and not numeric and (sign == "^" or TALKED_ABOUT.search(before(match))):
        return f" {named} "
    if sign == "*" and not (numeric or (spaced and re.search(r"(?<!\w)\w$", before(match)))):
        return None
    if not (spaced or variable) and sign in "+*<>" and (match["gap"] or match["gap2"]):
        return None
    if sign in "≈≅" and re.search(r"[a-z]{2}\s?$", before(match)):
        return f" {OPERATORS[sign].removeprefix('is ')} "  # "holds ≈ 5 liters"
    if sign == ">" and re.search(r"[a-z]{2}\s?$", before(match)) and right.isupper():
        return ", "  # "File > Save"
    return f" {OPERATORS[sign]} "


SIGN_NAMES = {"<": "less-than sign", ">": "greater-than sign", "^": "caret"}
TALKED_ABOUT = re.compile(
    r"(?<!\w)(?i:an?|the|with|of|leading|trailing|their|its|uses?|using|used|this|that|sign|symbol"
    r"|character|prefix|or|though|type|press|called)\s?$"
)
"""What stands before a sign that is meant itself: "the use of leading > became standard"."""
VARIABLE = re.compile(r"(?:^|[\s(\[,;])[A-Za-z]\s?$")
"""A letter alone: the p of p<0.001."""


def comparison(match: re.Match[str]) -> Reading:
    """ "less than" or "about" before a number."""
    if match["within"]:
        return "plus or minus "
    return {">": "more than ", "": "about "}.get(
        match["sign"] or ""
    ) or f"{OPERATORS[match['sign']]} "


def sign(match: re.Match[str]) -> Reading:
    """ "minus" or "plus" at a number that another rule has read."""
    if match["suffix"]:
        return " plus"
    return "minus " if match["minus"] else "plus "


def rating(match: re.Match[str]) -> Reading:
    """ "BBB minus": the sign of a grade."""
    minus = match["said"] != "+"
    if minus and re.match(r"\s(?:and|or|to)\s\w+-", after(match)):
        return None  # "A- and B-shares"
    letters = match["letters"]
    return (
        part(match, "letters", letters, "ˈeɪ" if letters == "A" else ""),
        part(match, "said", " minus" if minus else " plus"),
    )


def greek_letter(match: re.Match[str]) -> Reading:
    """ "pi"."""
    return GREEK.get(match[0].lower())


PRODUCT = re.compile(r"(?:(?<=[=+*(−])|(?<=[=+−]\s))(?P<said>[a-z]{2,3})(?=\^\d|[²³⁴])")
"""Letters that are multiplied: the mc of E = mc²."""


def product(match: re.Match[str]) -> Reading:
    """ "M C": each letter by its name."""
    return " ".join(match["said"].upper())


NUMBER_POWER = re.compile(
    rf"(?<![\w.])(?P<base>{NUMBER})(?P<said>\^\(?(?P<caret>[-−+]?\d{{1,4}}|[a-z])\)?"
    rf"|(?P<super>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,4}}|ⁿ))(?![\w⁰-⁹])(?P<unit>\s{MEASURE}(?!\w))?"
)
"""10^6, 10⁻³: a number and the power of it."""
SCIENTIFIC = re.compile(
    r"(?<![\w.])(?P<number>\d(?:\.\d{1,6})?)[eE](?P<power>[-−+]?\d{1,3})(?![\w.])"
)


def number_power(match: re.Match[str]) -> Reading:
    """ "ten to the sixth"."""
    raised = power(match)
    word = (
        match["super"] and re.match(r"\s[a-z]", after(match)) and match["base"] not in ("10", "2")
    )
    if not isinstance(raised, str) or (word and len(match["super"]) > 1):
        return None
    unit = f" {measured_in(match['unit'].strip())}" if match["unit"] else ""
    return (Change(match.start(), match.end(), f"{number(match['base'])}{raised}{unit}", ""),)


def scientific(match: re.Match[str]) -> Reading:
    """ "three point two times ten to the minus five" of 3.2e-5."""
    raised = match["power"]
    if raised[0].isdigit() and "." not in match["number"]:
        return None
    words = "ten" if match["number"] == "1" else f"{number(match['number'])} times ten"
    sign = "minus " if raised[0] in "-−" else ""
    digits = raised.lstrip("-−+")
    return f"{words} to the {sign}{cardinal(int(digits)) if sign else ordinal(int(digits))}"


NUMBER_POWER_RULE = Rule(
    NUMBER_POWER, number_power, frozenset("^") | frozenset(SUPERSCRIPTS), DIGITS
)
TENFOLD = re.compile(
    rf"(?<![\w.,])(?P<said>(?P<number>{NUMBER})\s?[x×·*]\s?)(?=10(?:\^|[⁰¹²³⁴-⁹⁻⁺]))"
)


def tenfold(match: re.Match[str]) -> Reading:
    """ "two point zero times" of 2.0 x 10^17."""
    return f"{number(match['number'])} times "


TENFOLD_RULE = Rule(TENFOLD, tenfold, frozenset("x×·*"), DIGITS)
SCIENTIFIC_RULE = Rule(SCIENTIFIC, scientific, frozenset("eE"), DIGITS)
CARET = re.compile(
    r"(?<![\w.])(?<!\d\s)(?P<base>[A-Za-z])"
    r"(?P<said>\^\(?(?P<caret>[-−+]?\d{1,4}|[a-z])\)?)(?!\w)"
)
"""A variable and its power, before its number is read as a number of its own."""


def caret(match: re.Match[str]) -> Reading:
    """ "squared" of x^2."""
    raised = match["caret"].replace("−", "-").lstrip("+")
    return (part(match, "said", _raised(raised)),)


CARET_RULE = Rule(CARET, caret, frozenset("^"))
POWER_RULE = Rule(POWER, power, frozenset("^") | frozenset(SUPERSCRIPTS))
PRODUCT_RULE = Rule(PRODUCT, product, frozenset("^") | frozenset(SUPERSCRIPTS))
RULES: tuple[tuple[str, Rule], ...] = (
    ("power", POWER_RULE),
    ("grade", Rule(RATING, rating, frozenset("-−+"))),
    ("greek letter", Rule(GREEK_LETTER, greek_letter, frozenset((*GREEK, *map(str.upper, GREEK))))),
)
SIGN_RULES: tuple[tuple[str, Rule], ...] = (
    ("mathematics", Rule(OPERATOR, operator, frozenset("=<>≈≅≤≥≠±×÷−*/^+"))),
    ("mathematics", Rule(COMPARISON, comparison, frozenset("<>≤≥~≈∼+"))),
    ("mathematics", Rule(SIGN, sign, frozenset("-−–+"), NUMERIC | frozenset("∞"))),
)
