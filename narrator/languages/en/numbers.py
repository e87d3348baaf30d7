"""Bare numbers: cardinals, ordinals, fractions, ranges, scores, ratios, telephone numbers."""

from __future__ import annotations

import re

from narrator.languages import Change
from narrator.languages.en.context import (
    FUNCTION_WORDS,
    after,
    before,
    is_plural_noun,
    last_words,
    next_words,
    range_word,
    word_after,
    word_before,
)
from narrator.languages.en.money import MAGNITUDES, crowd
from narrator.languages.en.rule import CLAIMED, DIGITS, Reading, Rule, any_of, listed
from narrator.languages.en.words import (
    BEFORE,
    NUMBER,
    digits,
    model,
    number,
    ordinal,
    plural,
)  # fmt: skip

SET_PHRASES = {
    "24/7": "twenty-four seven", "50/50": "fifty-fifty", "50-50": "fifty-fifty",
    "9/11": "nine eleven", "20/20": "twenty twenty", "20-20": "twenty twenty",
    "24-7": "twenty-four seven", "7/7": "seven seven", "80/20": "eighty twenty",
    "60/40": "sixty forty", "70/30": "seventy thirty", "401(k)": "four oh one k",
    "401k": "four oh one k", "501(c)(3)": "five oh one c three", "501(c)(4)": "five oh one c four",
    "501(c)": "five oh one c", "4x4": "four by four", "4×4": "four by four",
    "24x7": "twenty-four seven", "2s10s": "twos tens", "5s30s": "fives thirties",
    "3m10y": "three month ten year",
    "24/7/365": "twenty-four seven three sixty-five", "80-20": "eighty twenty",
    "60-40": "sixty forty", "70-30": "seventy thirty", "90/10": "ninety ten",
    "401(k)s": "four oh one k's", "401ks": "four oh one k's", "403(b)": "four oh three b",
    "403(b)s": "four oh three b's", "457(b)": "four fifty-seven b",
    "529 plan": "five twenty-nine plan",
    "529 plans": "five twenty-nine plans", "20/20s": "twenty twenties",
}  # fmt: skip

CALLED = listed(
    """
    call called dial dialed calling phone text hotline lifeline line emergency
    """
)

PHRASE = re.compile(rf"{BEFORE}(?:{any_of(SET_PHRASES)})(?![\w/]|[.,]\d|-\d|\([a-z0-9]\))")
DAY_NAMED = re.compile(
    r"(?<![\w./])(?P<month>1[0-2]|[1-9])/(?P<day>3[01]|[12]?\d)(?=\s(?:attacks?|committee|riots?"
    r"|insurrection|massacre|terror|commission|bombings?)\b)"
)
"""Days that gave a name to what happened on them: the 1/6 committee."""
PHONE = re.compile(
    r"(?<![\w.])(?:(?P<plus>\+\d{1,3}|\b1)[\s.-]?)?(?P<body>\(\d{2,5}\)\s?\d{3,4}"
    r"(?:[\s.-]\d{3,4}){1,2}"
    r"|\d{3}-\d{3}-\d{4}|\d{3}\.\d{3}\.\d{4})(?:\s?(?:x|ext\.?)\s?(?P<extension>\d{1,5}))?(?![\w])"
    r"|(?<![\w.])(?P<abroad>\+\d{1,3}(?:[\s.-]\(?\d{1,5}\)?){2,6})(?!\w)"
    r"|(?<![\w.-])(?P<local>555-\d{4}|1-8(?:00|33|44|55|66|77|88)-\d{3}-\d{4})(?![\w-])"
    r"|(?<![\w.-])(?P<worded>(?:1-)?8(?:00|33|44|55|66|77|88)-[A-Z][A-Z-]{3,12})(?![\w-])"
)
EMERGENCY = re.compile(r"(?<![\w.,$:-])(?P<said>911|999|112|311|988|411)(?![\w:]|[.,]\d|-\d|\s?%)")
CROWD = re.compile(
    r"(?<![\w.,$€£¥])(?P<number>10{1,6}|\d{1,3}(?:,000){1,2})s(?=\s(?:of|more|upon)\b)"
)

ORDINAL = re.compile(
    rf"{BEFORE}(?<!\d/)(?P<number>\d{{1,3}}(?:,\d{{3}})++"
    rf"|\d{{1,15}})(?:[-–](?P<upto>\d{{1,4}}))?(?:st"
    r"|nd|rd|th|ST|ND|RD|TH)\b"
)
TIMES = re.compile(
    rf"{BEFORE}(?P<one>{NUMBER})(?:x|×)?(?:\s?[-–]\s?(?P<upto>{NUMBER}))?(?<![x×])(?:x|×)(?![\w]"
    rf"|\s?\d)"
)
BY = re.compile(
    rf"{BEFORE}(?P<one>{NUMBER})\s?[x×]\s?(?P<two>{NUMBER})(?:\s?[x×]\s?(?P<three>{NUMBER}))?"
    r"(?!\w|\s?[\"″](?!\w)|\s(?:mm|cm|m|km|ft|in|yd|mi|px)(?![A-Za-z]))"
)
MAGNITUDE = re.compile(
    rf"{BEFORE}(?<!\w-)(?P<one>{NUMBER})(?:\s?(?:bn|mn|tn|mln)|[kKMmB])?(?:"
    rf"(?P<dash>\s?[-–—]\s?)(?P<two>{NUMBER}))?(?<![A-Za-z])"
    rf"(?:(?P<space>\s?)(?P<suffix>bn|mn|tn|mln)"
    rf"|(?P<gap>\s?)(?P<letter>[kKMmBbTt]))(?P<plus>\+)?(?!\w|\.\w|\(|')"
)
PAGES = re.compile(
    r"(?:\bpp?\.?|\b[Pp]ages?|\b[Ll]ines?"
    r"|\bll\.)\s?(?P<said>(?P<one>\d{2,4})[-–](?P<two>\d{1,3}))(?![\w/–-]|[.,]\d)"
)
"""Pages whose second number is cut short: pp. 147-8."""
CALIBER = re.compile(
    r"(?<![\w.])\.(?P<number>22|223|25|30|300|308|32|338|357|38|380|40|44|45|50)(?:-|\s)"
    r"(?=caliber|calibre|revolver|pistol|handgun|rifle|Magnum|magnum|rounds?\b|bullets?\b|Colt|Winchester)"
)
FOLLOWING = re.compile(r"(?<=\d)(?P<many>ff?)(?=[\]).,;:\s]|$)")
PAGED = re.compile(r"\bpp?\.?\s?[\d\uffff–-]{0,12}$")
CHIP = re.compile(
    r"(?<![\w.,$-])(?P<said>6502|6809|8080|8085|8086|8088|80?[1-4]86|[34]86)"
    r"(?![\w]|[.,]\d|-\d)"
)
CHIPS = listed(
    """
    intel motorola pentium processor processors cpu cpus chip chips machine machines pc pcs
    assembler assembly microprocessor world dx sx mos computer computers code instruction amd
    """
)
ISBN = re.compile(r"\b(?:ISBN|ISSN)(?:-1[03])?:?\s(?P<said>\d[\d-]{6,16}[\dX])(?!\w)")
RANGE = re.compile(
    rf"{BEFORE}(?<!\w-)(?P<one>{NUMBER})(?P<dash>\s?[-–—‑]\s?)(?P<two>{NUMBER})(?:"
    rf"(?P<dash3>[-–])(?P<three>\d{{1,3}}))?(?![\w]|[-–]\d)"
)
PLURAL = re.compile(
    rf"{BEFORE}(?:(?<!\w-)|(?<=nder-)|(?<=[Oo]ver-))(?:(?P<low>\d{{1,4}})[-–])?(?P<number>\d{{1,7}})(?:s|(?P<ers>ers?))\b"
)
SIGNED = re.compile(rf"(?<![\w.,)\]])(?P<sign>[-−+])(?P<number>{NUMBER})(?![\w-])")
COUNT = re.compile(rf"(?<![\w.])(?P<number>{NUMBER}|\.\d++)(?P<plus>\+(?![\w+]))?")


def phrase(match: re.Match[str]) -> Reading:
    """ "twenty-four seven"."""
    return SET_PHRASES[match[0]]


def day_named(match: re.Match[str]) -> Reading:
    """ "January sixth" of "the 1/6 committee"."""
    from narrator.languages.en.dates import MONTHS

    if (match["month"], match["day"]) == ("9", "11"):
        return "nine eleven"
    return f"{MONTHS[int(match['month']) - 1]} {ordinal(int(match['day']))}"


def phone(match: re.Match[str]) -> Reading:
    """Digit by digit, with a pause between the groups."""
    if match["worded"]:
        *groups, word = re.split(r"-(?=[A-Z])|(?<=1)-", match["worded"], maxsplit=2)
        return ", ".join([*(_group(g) for g in groups), word])
    written = match["abroad"] or match["local"] or f"{match['plus'] or ''} {match['body']}"
    groups = ["".join(g) for g in re.findall(r"\+?\d+", written)]
    said = ["plus " * g.startswith("+") + _group(g.lstrip("+")) for g in groups]
    if match["extension"]:
        said.append(f"extension {digits(match['extension'])}")
    return ", ".join(said)


def _group(written: str) -> str:
    return "eight hundred" if written == "800" else digits(written)


def emergency(match: re.Match[str]) -> Reading:
    """ "nine one one" where somebody calls it."""
    near = last_words(match)[-6:]
    if not CALLED.intersection(near) and word_after(match).lower() not in (
        "call",
        "calls",
        "caller",
        "callers",
        "dispatcher",
        "dispatchers",
        "operator",
        "operators",
    ):
        return None
    return digits(match["said"])


def crowd_of(match: re.Match[str]) -> Reading:
    """ "hundreds" of 100s."""
    return crowd(match["number"])


def position(match: re.Match[str]) -> Reading:
    """ "twenty-first"."""
    if (
        not match["upto"]
        and match["number"].endswith("0")
        and match[0].endswith(("st", "nd", "rd"))
    ):
        return None  # "10st": a weight
    words = ordinal(int(match["number"].replace(",", "")))
    return words if not match["upto"] else f"{words} to {ordinal(int(match['upto']))}"


def times(match: re.Match[str]) -> Reading:
    """ "ten times" for 10x."""
    words = number(match["one"])
    if match["upto"]:
        words += f" to {number(match['upto'])}"
    return f"{words} times"


def by(match: re.Match[str]) -> Reading:
    """ "ten by twenty"; "seven times eight" in a formula."""
    written = [match[group] for group in ("one", "two", "three") if match[group]]
    if "0" in (match["one"], match["two"]):
        return None  # "the 680x0"
    screen = all(side.isdigit() and 2 < len(side) < 5 for side in written)
    sides = [model(side) if screen else number(side) for side in written]
    if after(match).startswith("^"):
        return None
    equation = re.match(r"\s?[=≈]", after(match)) or re.search(r"[=≈]\s?$", before(match))
    return (" times " if "×" in match[0] and equation else " by ").join(sides)


def magnitude(match: re.Match[str]) -> Reading:
    """ "two hundred fifty thousand" for 250K, "twelve million" for 12M."""
    if (
        match["letter"] in ("b", "t")
        and "." not in match["one"]
        and not is_plural_noun(word_after(match))
    ):
        return None  # "subsection 6b"
    letter, following = match["letter"], word_after(match)
    if match["gap"] and not is_plural_noun(following):
        return None  # "300 K"
    if letter in ("K", "k") and not match["two"] and _is_a_run(match, following):
        return f"{number(match['one'])} K"
    if match[0] == "3M" and not is_plural_noun(following):
        return "three M"
    labelled = before(match).endswith(CLAIMED) or LABELLED.search(before(match))
    if letter == "B" and labelled:  # "#4B", "Exit 4B"
        return f"{number(match['one'])} B"
    name = MAGNITUDES[(match["suffix"] or match["letter"]).lower()]
    words = number(match["one"])
    if match["two"]:
        words += f" {range_word(match)} {number(match['two'])}"
    return f"{words} {name}{' plus' if match['plus'] else ''}"


def _is_a_run(match: re.Match[str], following: str) -> bool:
    """Whether 5K or 10K is a race."""
    if match["one"] not in ("3", "5", "8", "10", "15", "20", "50", "100"):
        return False
    if following in RACING or RACING.intersection(last_words(match)[-3:]):
        return True
    near = word_before(match).lower()
    return (
        match["one"] in ("5", "10", "15")
        and near in ("a", "the", "annual", "first", "this", "charity", "local", "her", "his", "my")
        and not (following.islower() and following not in FUNCTION_WORDS)
    )


RACING = listed(
    "run runs race races ran running runner runners walk jog trail finish course turkey"
)
LABELLED = re.compile(
    r"\b(?:[Ee]xit|Flight|Gate|Row|Seat|Room|Unit|Apt\.?|Apartment|Lot|Track|Bay|Zone|Hall|Stand"
    r"|Suite"
    r"|Platform|Terminal|Pier|Route|Block|Building|Section|Class|Form|Schedule|Line|Dock|Court"
    r"|Ward)\s$"
)


def pages(match: re.Match[str]) -> Reading:
    """ "one hundred forty-seven to one hundred forty-eight" of 147-8."""
    one, two = match["one"], match["two"]
    whole = one[: len(one) - len(two)] + two
    if len(two) >= len(one) or int(whole) <= int(one):
        return None
    return f"{number(one)} to {number(whole)}"


def caliber(match: re.Match[str]) -> Reading:
    """ "thirty-eight" of a .38 revolver."""
    return (Change(match.start(), match.end("number"), model(match["number"]), ""),)


def following(match: re.Match[str]) -> Reading:
    """ "and following" of p. 67f."""
    return " and following" if PAGED.search(before(match)) else None


def chip(match: re.Match[str]) -> Reading:
    """ "sixty-five oh two", "three eighty-six" where computers are spoken of."""
    near = (*last_words(match)[-4:], *next_words(match)[:4])
    return None if CHIPS.isdisjoint(near) else model(match["said"])


def isbn(match: re.Match[str]) -> Reading:
    """Digit by digit, with a pause between the groups."""
    groups = match["said"].split("-")
    return ", ".join(" ".join(digits(c) if c.isdigit() else c for c in group) for group in groups)


def span(match: re.Match[str]) -> Reading:
    """ "three to four", "one point five to one point eight"; a score too."""
    one, two, three = match["one"], match["two"], match["three"]
    if three:
        if len(one) > 2 or len(two) > 3:
            return " ".join(digits(part) for part in (one, two, three))
        return " ".join(number(part) for part in (one, two, three))
    coded = (len(one) > 3 and one[0] == "0") or (two[0] == "0" and len(two) > 1)
    if coded and "." not in one + two:
        return f"{digits(one)} {digits(two)}"
    if "record" in last_words(match)[-5:] and "." not in one + two:
        return f"{number(one)} and {number(two)}"
    if re.match(r"\s?=", after(match)):
        return f"{number(one)} minus {number(two)}"
    return f"{number(one)} {range_word(match)} {number(two)}"


def several(match: re.Match[str]) -> Reading:
    """ "sevens", "seven forty-sevens"."""
    words = model(match["number"])
    if match["ers"]:
        return words + match["ers"].removeprefix("e" if words.endswith("e") else "")
    return f"{model(match['low'])} to {plural(words)}" if match["low"] else plural(words)


def signed(match: re.Match[str]) -> Reading:
    """ "minus five"."""
    return f"{'plus' if match['sign'] == '+' else 'minus'} {number(match['number'])}"


BINARY = re.compile(r"1[01]*1[01]*(?<!000)")
"""Digits of a byte rather than a count, if there are six and more: 1011110."""


def count(match: re.Match[str]) -> Reading:
    """A plain number: "one thousand two hundred"; "four hundred plus"."""
    if len(match["number"]) > 5 and BINARY.fullmatch(match["number"]):
        return digits(match["number"])
    return number(match["number"]) + (" plus" if match["plus"] else "")


PHRASE_RULE = Rule(PHRASE, phrase, DIGITS)
PHONE_RULE = Rule(PHONE, phone, frozenset("-.+("), DIGITS)
EMERGENCY_RULE = Rule(EMERGENCY, emergency, DIGITS)
ORDINAL_RULE = Rule(ORDINAL, position, DIGITS, words=listed("st nd rd th ST ND RD TH"))
TIMES_RULE = Rule(TIMES, times, frozenset("x×"), DIGITS)
BY_RULE = Rule(BY, by, frozenset("x×"), DIGITS)
MAGNITUDE_RULE = Rule(MAGNITUDE, magnitude, DIGITS, words=listed("bn mn tn mln k K m M b B t T"))
PAGES_RULE = Rule(PAGES, pages, DIGITS, frozenset("-–"))
CALIBER_RULE = Rule(CALIBER, caliber, frozenset("."), DIGITS)
FOLLOWING_RULE = Rule(FOLLOWING, following, DIGITS, words=listed("f ff"))
CHIP_RULE = Rule(
    CHIP,
    chip,
    frozenset("68"),
    words=CHIPS | frozenset(map(str.capitalize, CHIPS)) | listed("PC PCs CPU CPUs AMD"),
)
ISBN_RULE = Rule(ISBN, isbn, DIGITS, words=frozenset(("ISBN", "ISSN")))
RANGE_RULE = Rule(RANGE, span, frozenset("-–—‑"), DIGITS)
PLURAL_RULE = Rule(PLURAL, several, DIGITS, words=listed("s er ers"))
SIGNED_RULE = Rule(SIGNED, signed, frozenset("-−+"), DIGITS)
GROUPED = re.compile(r"(?<![\w.,'])\d{1,3}(?:(?:\.\d{3}){2,6}|(?:'\d{3}){1,6})(?![\w'])(?![.,]\d)")
"""Thousands as they are parted elsewhere: 1.000.000, 1'000'000."""
SIDES = re.compile(r"(?<=[\uffff\"″])\s?[x×]\s?(?=[\uffff])")


def grouped(match: re.Match[str]) -> Reading:
    """ "one million"."""
    return number(re.sub(r"\D", "", match[0]))


def sides(match: re.Match[str]) -> Reading:
    """ "by" between two measures that other rules have read."""
    return " by "


GROUPED_RULE = Rule(GROUPED, grouped, frozenset(".'"), DIGITS)
SIDES_RULE = Rule(SIDES, sides, frozenset("x×"))
COUNT_RULE = Rule(COUNT, count, DIGITS)
DAY_NAMED_RULE = Rule(DAY_NAMED, day_named, frozenset("/"), DIGITS)
CROWD_RULE = Rule(CROWD, crowd_of, DIGITS, words=frozenset("s"))
