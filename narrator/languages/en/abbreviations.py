"""Shortened words: titles, companies, Latin, "No. 5", "w/o", §."""

from __future__ import annotations

import re

from narrator.languages.en.context import (
    after,
    before,
    full_stop,
    is_plural_noun,
    last_words,
    word_before,
)
from narrator.languages.en.rule import CLAIMED, Reading, Rule, any_of, letters_of, listed, part

TITLES = {
    "Dr": "Doctor", "Drs": "Doctors", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz",
    "Messrs": "Messieurs", "Prof": "Professor", "Gen": "General", "Lt": "Lieutenant",
    "Col": "Colonel", "Maj": "Major", "Capt": "Captain", "Cpt": "Captain", "Sgt": "Sergeant",
    "Cpl": "Corporal", "Pvt": "Private", "Adm": "Admiral", "Cmdr": "Commander",
    "Brig": "Brigadier", "Gov": "Governor", "Sen": "Senator", "Sens": "Senators",
    "Rep": "Representative", "Reps": "Representatives", "Pres": "President", "Rev": "Reverend",
    "Fr": "Father", "Hon": "Honorable", "Supt": "Superintendent", "Det": "Detective",
    "Insp": "Inspector", "Atty": "Attorney", "Amb": "Ambassador", "Msgr": "Monsignor",
    "St": "Saint", "Ste": "Sainte", "Mt": "Mount", "Mts": "Mountains", "Ft": "Fort", "Pt": "Point",
    "Pfc": "Private First Class", "Asst": "Assistant", "Assoc": "Associate", "Dep": "Deputy",
    "Sec": "Secretary", "Bros": "Brothers", "ST": "SAINT", "DR": "DOCTOR", "MR": "MISTER",
    "MRS": "MISSUS", "GEN": "GENERAL", "GOV": "GOVERNOR", "SEN": "SENATOR",
    "REP": "REPRESENTATIVE", "MT": "MOUNT", "FT": "FORT", "Gens": "Generals", "Govs": "Governors",
    "Revs": "Reverends", "Profs": "Professors", "Cdr": "Commander", "Cmdt": "Commandant",
    "Rt. Hon": "Right Honorable", "Spc": "Specialist", "Ens": "Ensign",
    "Sgts": "Sergeants", "Cols": "Colonels", "Capts": "Captains", "Lts": "Lieutenants",
    "Maj.-Gen": "Major General", "Lt.-Gen": "Lieutenant General", "Ald": "Alderman",
    "Atty. Gen": "Attorney General", "JJ": "Justices",
}  # fmt: skip
"""Before a capital."""

SAFE_WITHOUT_DOT = "Dr|Mr|Mrs|Ms|Prof|St|Sgt|Capt|Lt|Gov|Sen|Messrs|Mt|Ft|Col|Cpl"

SUFFIXES = {"Jr": "Junior", "Sr": "Senior", "Esq": "Esquire"}

FIRMS = {
    "Inc": "Incorporated", "Corp": "Corporation", "Co": "Company", "Ltd": "Limited",
    "Bros": "Brothers", "Cos": "Companies", "Intl": "International", "Univ": "University",
    "Dept": "Department", "Depts": "Departments", "Assn": "Association", "Inst": "Institute",
    "Natl": "National", "Mfg": "Manufacturing", "Govt": "Government", "Hosp": "Hospital",
    "Acad": "Academy", "Org": "Organization", "Mgmt": "Management", "Svcs": "Services",
    "Cmte": "Committee", "Bldg": "Building", "Govts": "Governments",
}  # fmt: skip

PLAIN = {
    "approx": "approximately", "vs": "versus", "etc": "et cetera", "e.g": "for example",
    "eg": "for example", "i.e": "that is", "ie": "that is", "cf": "compare", "viz": "namely",
    "esp": "especially", "incl": "including", "est": "estimated", "dept": "department",
    "govt": "government", "misc": "miscellaneous", "min": "minimum", "max": "maximum",
    "avg": "average", "temp": "temperature", "tel": "telephone", "ext": "extension",
    "ave": "avenue", "hr": "hour", "hrs": "hours", "mins": "minutes", "secs": "seconds",
    "yrs": "years", "yr": "year", "wk": "week", "wks": "weeks", "bldg": "building",
    "mos": "months", "lbs": "pounds", "oz": "ounces",
    "orig": "originally", "ca": "circa", "cont'd": "continued", "eds": "editors",
    "vols": "volumes", "abbr": "abbreviated", "dist": "district", "jr": "junior", "sr": "senior",
    "asst": "assistant", "intl": "international", "mgmt": "management", "agg": "aggregate",
    "assn": "association", "inc": "incorporated", "corp": "corporation",
    "p.a": "per annum", "yoy": "year over year", "qoq": "quarter over quarter",
    "aet": "after extra time", "ltd": "limited",
}  # fmt: skip

WITH_DOTS = {
    "et al": "and others",
    "P.S": "PS",
    "p.s": "PS",
    "op. cit": "op cit",
    "ibid": "ibid",
    "a.k.a": "also known as",
    "aka": "also known as",
}

INSIDE_ONLY = listed(
    """
    min max temp ext inc ltd corp hr oz dist orig tel jr sr ave ca yr mos est eg ie cf
    """
)
"""Abbreviations that are words, or names, at the end of a sentence."""

NUMBERED = {
    "No": "number", "no": "number", "Nos": "numbers", "nos": "numbers", "Nr": "number",
    "pp": "pages", "pg": "page", "p": "page", "Pp": "Pages", "P": "Page", "Vol": "Volume",
    "vol": "volume", "Ch": "Chapter", "ch": "chapter", "Chap": "Chapter", "chap": "chapter",
    "Sec": "Section", "sec": "section", "Fig": "Figure", "fig": "figure", "Figs": "Figures",
    "figs": "figures", "Art": "Article", "art": "article", "Eq": "Equation", "eq": "equation",
    "Tab": "Table", "Ex": "Example", "Op": "Opus", "op": "opus", "Ref": "Reference",
    "Par": "Paragraph", "para": "paragraph", "Para": "Paragraph", "Pt": "Part", "pt": "part",
    "Bk": "Book", "Ed": "Edition", "ed": "edition", "Rm": "Room", "Rms": "Rooms",
    "Apt": "Apartment",
    "apt": "apartment", "Ste": "Suite", "Bldg": "Building", "Fl": "Floor", "Rte": "Route",
    "Hwy": "Highway", "Ln": "Line", "l": "line", "ll": "lines", "n": "note", "c": "circa",
    "ca": "circa", "Ep": "Episode", "ep": "episode", "Rev": "Revision", "App": "Appendix",
    "b": "born", "d": "died", "Rt": "Route", "Prop": "Proposition", "Props": "Propositions",
    "paras": "paragraphs", "Paras": "Paragraphs", "Chs": "Chapters", "chs": "chapters",
    "Secs": "Sections", "secs": "sections", "Arts": "Articles", "Eqs": "Equations",
    "eqs": "equations", "tab": "table", "Mk": "Mark", "Reg": "Regulation", "Amend": "Amendment",
    "Res": "Resolution", "Sect": "Section", "Cl": "Clause", "cl": "clause", "Ver": "Version",
    "ver": "version", "fn": "footnote", "fns": "footnotes", "Fn": "Footnote", "nn": "notes",
    "Subsec": "Subsection", "subsec": "subsection", "Sched": "Schedule", "sched": "schedule",
    "Cat": "Category", "Exh": "Exhibit", "Sess": "Session", "Bldgs": "Buildings",
}  # fmt: skip
"""Before a number or a Roman numeral."""

WITHOUT_DOT = listed("Nos pp Vol Fig Figs Nr Apt Hwy Rte Bldg Mk")
"""They need no dot before a number."""

DIGITS_ONLY = listed("Cat p P l ll n b d c ch pt Pt art Ed Fl Ex Tab op ep cl para")
"""They mean something else before a letter or a Roman numeral."""

SLASHED = {
    "w/": "with",
    "w/o": "without",
    "b/c": "because",
    "n/a": "not applicable",
    "c/o": "care of",
    "p/e": "P E",
    "v/s": "versus",
    "y/y": "year on year",
    "q/q": "quarter on quarter",
    "m/m": "month on month",
    "a/k/a": "also known as",
    "f/k/a": "formerly known as",
}

TITLE = re.compile(
    rf"(?<![\w.'])(?<![A-Z]-)(?P<said>(?P<word>{any_of(TITLES)})\.)(?=\s?[\"“'(]?[A-ZÀ-Þ]|-(?:elect"
    rf"|designate)\b"
    r"|\s(?:1st|2nd|3rd|First|Second)\sClass)"
    rf"|(?<![\w.'-])(?P<bare>{SAFE_WITHOUT_DOT})(?=\s[A-Z][a-zà-ÿ])"
    r"|(?<![\w.'-])(?P<mid>(?:Mr|Mrs|Ms|Dr|Prof|Messrs|Mts)\.)"
)
SUFFIX = re.compile(rf"(?<=\w),?\s(?P<said>(?P<word>{any_of(SUFFIXES)})\b\.?)")
FIRM = re.compile(rf"(?<![\w.'-])(?P<said>(?P<word>{any_of(FIRMS)})\.)(?!\w)")
NUMBERED_WORD = re.compile(
    rf"(?<![\w.'-])(?P<said>(?P<word>{any_of(NUMBERED)})\.?)(?P<gap>\s?)"
    r"(?=#?[\d\uffff]|[IVX]{2,4}\b|[VX]\b|[A-Z]-?\d|(?<=l\.\s)(?P<first>I)\b)"
)
LATIN = re.compile(
    rf"(?<![\w.'-])(?P<said>(?P<word>{any_of(PLAIN)}|E\.g|I\.e|Vs|Approx|Est|Etc|Cf"
    rf"|{any_of(WITH_DOTS)})\.)(?!\w)"
    r"|(?<![\w.'-])(?P<bare>vs|etc|approx(?=\s[$€£]?[\d\uffff])|aka|incl|Vs|VS|YoY|yoy|QoQ|qoq"
    r"|(?<=\()aet(?=\)))(?![\w'-])(?:(?<=[oO][yYqQ])|(?!\.))"
)
SLASHED_WORD = re.compile(
    r"(?<![\w/])(?P<said>w/o(?!\w)|w/(?=\s|[a-z]{2,})|b/c(?!\w)|[nN]/[aA](?!\w)|c/o(?!\w)|y/y(?!\w)"
    r"|q/q(?!\w)"
    r"|m/m(?!\w)|a/k/a(?!\w)|f/k/a(?!\w)|p/e(?!\w))(?!\w*/)"
)
NUMBER_SIGN = re.compile(r"(?<![\w&])(?:#|(?<=\S\s)#\s|№\s?|Nº\s?)(?=[\d\uffff])")
SECTION = re.compile(r"(?P<sign>§{1,2})\s?(?=[\dA-Z\uffff])")
TELEPHONE = re.compile(r"(?<!\w)(?:[Tt]el\.|TEL\.|[Pp]h\.)(?=:?\s?[(+\d\uffff])")
COMPASS = {
    "NNE": "north northeast", "ENE": "east northeast", "ESE": "east southeast",
    "SSE": "south southeast", "SSW": "south southwest", "WSW": "west southwest",
    "WNW": "west northwest", "NNW": "north northwest", "NE": "northeast", "SE": "southeast",
    "SW": "southwest", "NW": "northwest",
}  # fmt: skip
POINT = re.compile(
    r"(?:\b(?i:winds?|moving|moves?|moved|heading|headed|drifting|tracking|blowing|blows?|blew|tracks?|tracked|veering"
    r"|turning|shifting|from\sthe|to\sthe)\s)"
    rf"(?P<said>{any_of(COMPASS)})(?!\w|\s[A-Z])"
    rf"|(?:\b(?:miles?|mi|km|kilomet(?:er|re)s?)\s|\uffff\s)(?P<away>{any_of(COMPASS)})(?=\sof\s[A-Z]|\sof\sthe\b)"
)
"""Where a wind blows from, a storm goes to, a town lies."""
CASE = re.compile(r"(?<=[A-Za-z.)])\s(?P<said>v\.?)(?=\s[A-Z])")


def title(match: re.Match[str]) -> Reading:
    """ "Doctor", "Saint"."""
    group = match.lastgroup if match.lastgroup in ("bare", "mid") else "said"
    word = match[group].rstrip(".")
    if word in ("St", "Dr") and re.search(r"\d[\w ]* [A-Z][a-z]+ $|[a-z]th $", before(match)):
        return None  # A street: "12 Elm St."
    generation = word == "Gen" and re.match(r"\s?(?:Z|X|Alpha)\b", after(match))
    return (part(match, group, "Generation" if generation else TITLES[word]),)


def suffix(match: re.Match[str]) -> Reading:
    """ "Junior"."""
    dot = full_stop(match) if match["said"].endswith(".") else ""
    return SUFFIXES[match["word"]] + dot


def firm(match: re.Match[str]) -> Reading:
    """ "Incorporated"."""
    return FIRMS[match["word"]] + full_stop(match)


def numbered(match: re.Match[str]) -> Reading:
    """ "number" for "No." before a number."""
    word, following = match["word"], after(match)[:1]
    dotted = match["said"].endswith(".") or word in WITHOUT_DOT
    if not dotted and (word != "No" or not match["gap"] or _counts_something(match)):
        return None
    if word in DIGITS_ONLY and not (following.isdigit() or following == CLAIMED):
        return None
    if match["first"]:  # "vol. I"
        return (part(match, "said", NUMBERED[word]), part(match, "first", "one"))
    return NUMBERED[word] + ("" if match["gap"] else " ")


def _counts_something(match: re.Match[str]) -> bool:
    """Whether "No 10" begins something like "No 10 people agree"."""
    counted = re.match(r"\d[\d,]*\s([a-z]+)", after(match))
    return not after(match)[:1].isdigit() or bool(counted and is_plural_noun(counted[1]))


def latin(match: re.Match[str]) -> Reading:
    """ "for example", "versus", "et cetera"."""
    word = match["bare"] or match["word"]
    lower = word.lower()
    ends = "" if match["bare"] else full_stop(match)
    if word in WITH_DOTS:
        return WITH_DOTS[word] + ends
    if not match["bare"] and lower in INSIDE_ONLY and (ends or re.match(r"\s+[A-Z]", after(match))):
        return None
    spoken = PLAIN[lower]
    if last_words(match)[-1:] == ("per",):
        spoken = spoken.removesuffix("s")
    if lower == "est" and re.match(r"\s(?:\d{4}\b|\uffff{4}(?!\uffff))", after(match)):
        spoken = "established"
    capital = word[0].isupper() and word not in ("VS", "YoY", "QoQ")
    return (spoken.capitalize() if capital else spoken) + ends


def slashed(match: re.Match[str]) -> Reading:
    """ "with" for "w/"."""
    return SLASHED[match["said"].lower()] + (" " if after(match)[:1].isalnum() else "")


def number_sign(match: re.Match[str]) -> Reading:
    """ "number"."""
    return "number "


def section(match: re.Match[str]) -> Reading:
    """ "section" for the sign."""
    return "sections " if match["sign"] == "§§" else "section "


def telephone(match: re.Match[str]) -> Reading:
    """ "telephone"."""
    return "telephone" if match[0].islower() else "Telephone"


def compass(match: re.Match[str]) -> Reading:
    """ "north northwest" of "moving NNW"."""
    group = match.lastgroup or "said"
    return (part(match, group, COMPASS[match[group]]),)


def case(match: re.Match[str]) -> Reading:
    """ "versus" between the parties."""
    return "versus" if word_before(match, "said")[:1].isupper() else None


TELEPHONE_RULE = Rule(TELEPHONE, telephone, frozenset("."), words=listed("Tel tel TEL Ph ph"))
BEFORE_NUMBERS: tuple[tuple[str, Rule], ...] = (
    ("abbreviation", Rule(NUMBERED_WORD, numbered, words=letters_of(NUMBERED))),
    ("abbreviation", Rule(NUMBER_SIGN, number_sign, frozenset("#№º"))),
    ("abbreviation", Rule(SECTION, section, frozenset("§"))),
)
RULES: tuple[tuple[str, Rule], ...] = (
    ("abbreviation", Rule(SLASHED_WORD, slashed, frozenset("/"))),
    ("abbreviation", Rule(TITLE, title, words=letters_of((*TITLES, *SAFE_WITHOUT_DOT.split("|"))))),
    ("abbreviation", Rule(SUFFIX, suffix, words=letters_of(SUFFIXES))),
    ("abbreviation", Rule(FIRM, firm, frozenset("."), words=letters_of(FIRMS))),
    (
        "abbreviation",
        Rule(
            LATIN,
            latin,
            words=letters_of(
                (*PLAIN, *WITH_DOTS, "E", "I", "VS", "YoY", "QoQ", *map(str.capitalize, PLAIN))
            ),
        ),
    ),
    ("compass point", Rule(POINT, compass, words=frozenset(COMPASS))),
    ("abbreviation", Rule(CASE, case, words=frozenset("v"))),
)
