"""Postal addresses: 123 Main St., 5th Ave., P.O. Box 7, Springfield, IL 62704, Calif."""

from __future__ import annotations

import re

from narrator.languages import Change
from narrator.languages.en.context import after, before, full_stop
from narrator.languages.en.rule import DIGITS, Reading, Rule, any_of, letters_of, listed, part
from narrator.languages.en.words import cardinal, digits, model, ordinal

STREETS = {
    "St": "Street", "Ave": "Avenue", "Av": "Avenue", "Blvd": "Boulevard", "Rd": "Road",
    "Dr": "Drive", "Ln": "Lane", "Ct": "Court", "Pl": "Place", "Sq": "Square", "Pkwy": "Parkway",
    "Hwy": "Highway", "Ter": "Terrace", "Cir": "Circle", "Expy": "Expressway", "Fwy": "Freeway",
    "Tpke": "Turnpike",
}  # fmt: skip

COMPASS = {
    "N": "North", "S": "South", "E": "East", "W": "West", "NE": "Northeast", "NW": "Northwest",
    "SE": "Southeast", "SW": "Southwest",
}  # fmt: skip

NAMED_AFTER = {"St": "Saint", "Mt": "Mount", "Ft": "Fort", "Dr": "Doctor"}
"""What begins the name of a street: 1 Dr. Carlton B. Goodlett Pl."""

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
    "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
    "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
    "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
"""Postal codes; Washington, DC keeps its letters."""

MARYLAND = listed("Baltimore Annapolis Bethesda Rockville Frederick Spring Columbia Towson Bowie")
"""Last words of the cities after which MD is no doctor."""


OLD_STATES = {
    "Ala": "Alabama", "Ariz": "Arizona", "Ark": "Arkansas", "Calif": "California",
    "Colo": "Colorado", "Conn": "Connecticut", "Del": "Delaware", "Fla": "Florida",
    "Ga": "Georgia", "Ill": "Illinois", "Ind": "Indiana", "Kan": "Kansas", "Kans": "Kansas",
    "Ky": "Kentucky", "La": "Louisiana", "Md": "Maryland", "Mass": "Massachusetts",
    "Mich": "Michigan", "Minn": "Minnesota", "Miss": "Mississippi", "Mo": "Missouri",
    "Mont": "Montana", "Neb": "Nebraska", "Nebr": "Nebraska", "Nev": "Nevada", "Okla": "Oklahoma",
    "Ore": "Oregon", "Pa": "Pennsylvania", "Penn": "Pennsylvania", "Tenn": "Tennessee",
    "Tex": "Texas", "Va": "Virginia", "Vt": "Vermont", "Wash": "Washington", "Wis": "Wisconsin",
    "Wyo": "Wyoming", "N.Y": "New York", "N.J": "New Jersey", "N.H": "New Hampshire",
    "N.M": "New Mexico", "N.C": "North Carolina", "S.C": "South Carolina", "N.D": "North Dakota",
    "S.D": "South Dakota", "R.I": "Rhode Island", "W.Va": "West Virginia",
    "W. Va": "West Virginia", "Ont": "Ontario", "Que": "Quebec", "B.C": "British Columbia",
}  # fmt: skip
"""As newspapers shorten them."""

_NTH = r"\d{1,3}(?:st|nd|rd|th)"
_KIND = (
    rf"(?:{any_of(STREETS)})\b\.?|Street|Avenue|Road|Drive|Lane|Boulevard|Court|Place|Way|Broadway"
    r"|Square|Highway|Parkway|Terrace|Circle"
)

STREET = re.compile(
    r"(?<!\w)(?P<house>\d{1,5})(?P<letter>[A-Z]?)(?:\s(?P<way>(?:[NSEW]|[NS][EW])\b\.?))?"
    rf"(?P<name>(?:\s(?:[A-Z][a-z'A-Z]{{1,19}}\.?|[A-Z]\.|{_NTH})){{1,5}})\s"
    rf"(?P<kind>{_KIND})(?!\w)(?:\s(?P<tail>[NS]\.?[EW]\b\.?))?"
)
STREET_NAME = re.compile(
    rf"(?<![\w.])(?:(?P<way>[NSEW]\.?)\s)?(?P<name>(?:[A-Z][a-z']{{1,19}}|{_NTH})"
    rf"(?:\s(?:[A-Z][a-z']{{1,19}}|[A-Z]\."
    rf"|[JS]r\.)){{0,3}})\s(?P<kind>(?:{any_of(STREETS)})\b\.?)(?!\w)"
)
BOX = re.compile(r"(?<!\w)(?P<said>P\.?\s?O\.?)\s(?=[Bb]ox\b)")
STATE = re.compile(
    r"(?:(?<=[A-Za-z.]),\s|(?<=[a-z])\s(?=[A-Z]{2}\s\d{5})|(?<=[(\s][DRI])-)"
    rf"(?P<said>{any_of(STATES)})\b(?!\s*&)(?:\s(?P<zip>\d{{5}}(?:-\d{{4}})?))?(?=[\s,.;:)\"'”]|$)"
)
ZIP = re.compile(
    r"(?:(?<=[A-Z][A-Z]\s)|\b[Zz][Ii][Pp](?:\s[Cc]odes?)?(?:\sis|\sof|:)?\s)"
    r"(?P<said>\d{5}(?:-\d{4})?)(?![\w-]|[.,]\d)"
)
OLD_STATE = re.compile(
    rf"(?:(?<=[A-Za-z]),\s|(?<=[(\s][DRI])-)(?P<said>(?:{any_of(OLD_STATES)})\.)(?!\w)"
    rf"|(?<![\w.])(?P<code>(?:{any_of((*OLD_STATES, 'Cal'))})\.)"
    r"(?=\s(?:(?:Penal|Civ(?:il)?|Const|Gen|Code|Crim|Lab|Veh|Fam|Bus|Gov|Prob|Evid|Rev)\b))"
)
CITY = re.compile(r"(?<!\w)(?P<saint>St\.?|ST\.|Saint|SAINT)\s(?P<said>Louis|LOUIS)\b(?!\s[IVX])")


def street(match: re.Match[str]) -> Reading:
    """ "sixteen hundred Pennsylvania Avenue"."""
    if match["name"].strip(" .") in ("St", "Dr"):
        return None
    letter = f" {match['letter']}" if match["letter"] else ""
    house = Change(
        match.start("house"), match.end("letter"), house_number(match["house"]) + letter, ""
    )
    tail = match["tail"]
    return (
        house,
        *_name(match),
        *((part(match, "tail", COMPASS[tail.replace(".", "")]),) if tail else ()),
    )


def _name(match: re.Match[str]) -> tuple[Change, ...]:
    """The changes of "W. 57th St."."""
    made = []
    if match["way"]:
        made.append(part(match, "way", COMPASS[match["way"].rstrip(".")]))
    at = match.start("name")
    for found in re.finditer(r"(\d+)(?:st|nd|rd|th)|\b(St|Mt|Ft|Dr)\.?(?=\s|$)", match["name"]):
        words = ordinal(int(found[1])) if found[1] else NAMED_AFTER[found[2]]
        made.append(Change(at + found.start(), at + found.end(), words, ""))
    kind = match["kind"]
    if kind.rstrip(".") in STREETS:
        dot = full_stop(match, "kind") if kind.endswith(".") else ""
        made.append(part(match, "kind", STREETS[kind.rstrip(".")] + dot))
    return tuple(made)


def house_number(written: str) -> str:
    """ "one twenty-three", "sixteen hundred", "five"."""
    return cardinal(int(written)) if written[1:2] == "0" and len(written) == 4 else model(written)


def street_name(match: re.Match[str]) -> Reading:
    """ "Street" where a capitalized name stands before it: "on Main St."."""
    kind = match["kind"]
    if not kind.endswith(".") and kind in ("Ct", "Pl", "Ter", "Cir", "Av", "Dr", "Sq"):
        return None
    if kind == "Cir." and match["name"][0].isdigit():
        return None  # A court: "2nd Cir."
    if kind.rstrip(".") in ("St", "Dr", "Ct") and (
        re.match(r"\s[A-Z]", after(match)) or match["name"] in ("The", "A", "With", "In")
    ):
        return None  # "Saint", "Doctor" before a name
    return _name(match)


def post_box(match: re.Match[str]) -> Reading:
    """ "PO" of "P.O. Box"."""
    return (part(match, "said", "PO", "pˌiːˈoʊ"),)


def state(match: re.Match[str]) -> Reading:
    """ "Illinois" for ", IL", with the digits of a zip code."""
    code = match["said"]
    name = part(match, "said", STATES[code])
    if match["zip"]:
        return (name, part(match, "zip", digits(match["zip"])))
    if code == "MD" and MARYLAND.isdisjoint(before(match, "said").strip(" ,").split()[-1:]):
        return None
    if not re.search(r"[A-Z][a-z]+[.']?, $|[DRI]-$|[a-z] $", before(match, "said")):
        return None
    return (name,)


PARTY = re.compile(
    rf"(?<=[(\s])(?P<party>[DRI])-(?=(?:(?:{any_of(OLD_STATES)})\.|{any_of(STATES)}\b"
    rf"|{any_of(frozenset(STATES.values()))})(?=[,)\s]))"
)
PARTIES = {"D": "Democrat of ", "R": "Republican of ", "I": "Independent of "}


def party(match: re.Match[str]) -> Reading:
    """ "Republican of" Texas, of a member of Congress."""
    return PARTIES[match["party"]]


def zip_code(match: re.Match[str]) -> Reading:
    """A zip code by its digits."""
    return digits(match["said"])


def old_state(match: re.Match[str]) -> Reading:
    """ "California" for "Calif."."""
    if match["code"]:  # "Cal. Penal Code"
        return (part(match, "code", {**OLD_STATES, "Cal": "California"}[match["code"][:-1]]),)
    return OLD_STATES[match["said"][:-1]] + full_stop(match, "said")


def city(match: re.Match[str]) -> Reading:
    """The Louis of the city, whose s is heard."""
    saint = "SAINT" if match["said"].isupper() else "Saint"
    return (part(match, "saint", saint), part(match, "said", match["said"], "lˈuːɪs"))


RULES: tuple[tuple[str, Rule], ...] = (
    ("address", Rule(STREET, street, DIGITS)),
    ("address", Rule(STREET_NAME, street_name, words=letters_of(STREETS))),
    ("address", Rule(BOX, post_box, words=listed("box Box"))),
    ("state", Rule(STATE, state, frozenset(",-") | DIGITS, words=letters_of(STATES))),
    ("state", Rule(OLD_STATE, old_state, frozenset("."), words=letters_of((*OLD_STATES, "Cal")))),
    ("party", Rule(PARTY, party, frozenset("-"))),
    ("zip code", Rule(ZIP, zip_code, DIGITS)),
    ("pronunciation", Rule(CITY, city, words=listed("Louis LOUIS"))),
)
