"""Cites of laws and cases: § 230, 5 U.S.C. § 552(b)(3), Rule 12(b)(6), 347 U.S. 483."""

from __future__ import annotations

import re

from narrator.languages import Change
from narrator.languages.en.context import full_stop
from narrator.languages.en.initialisms import phonemes_of
from narrator.languages.en.rule import DIGITS, Reading, Rule, any_of, part
from narrator.languages.en.words import cardinal, digits, model

PROCEDURES = {
    "Fed. R. Civ. P.": "Federal Rule of Civil Procedure",
    "Fed. R. Crim. P.": "Federal Rule of Criminal Procedure",
    "Fed. R. App. P.": "Federal Rule of Appellate Procedure",
    "Fed. R. Evid.": "Federal Rule of Evidence",
}

_PARTS = r"(?P<parts>(?:\([a-zA-Z0-9]{1,4}\)){1,6})"
_LAW = (
    r"Section|section|Sections|sections|Sec\.|sec\.|Secs\.|§{1,2}|Title|Rule|Rules|Article|Art\."
    r"|Regulation|Reg\.|Part|Chapter|Ch\.|Proposition|Prop\.|Resolution|Schedule|Clause|clause"
    r"|paragraph|Paragraph|para\.|subsection|Subsection|subparagraph|Amendment|U\.S\.C\.|C\.F\.R\."
    r"|USC|CFR|Code|Evid\.|P\."
)

CITED = re.compile(
    rf"(?<![\w.])(?P<law>{_LAW})\s?(?P<number>\d{{1,5}}(?:\.\d{{1,4}})?)(?P<letter>[A-Za-z]?)"
    rf"(?:(?<=[A-Za-z])-(?P<dash>\d{{1,3}}))?{_PARTS}?(?![\w/]|[.,:]\d|[-–]\w)"
)
BARE_PARTS = re.compile(rf"(?<![\w.])(?P<number>\d{{1,4}}){_PARTS}(?!\w)")
REPORT = re.compile(
    r"(?<![\w.,$])(?P<volume>\d{1,3})(?=\s(?:U\.S\.|F\.\s?(?:2d|3d|4th|Supp)|S\.\s?Ct\.)\s"
    r"(?P<page>\d{1,4})(?!\w))"
)
DOCKET = re.compile(
    r"(?:\bNos?\.|\b[Cc]ase|\b[Dd]ocket|\bSP|\bL\.|\bPL|\b[Pp]art number)\s"
    r"(?P<said>(?P<one>\d{2,3})[-–](?P<two>\d{2,5}))(?![\w-]|\.\d)"
)
PROCEDURE = re.compile(rf"(?<!\w)(?:{any_of(PROCEDURES)})(?!\w)")


def cited(match: re.Match[str]) -> Reading:
    """ "five fifty-two b three" of § 552(b)(3), "two thirty" of Section 230; the word before it
    is read by others."""
    number, letter, parts = match["number"], match["letter"], match["parts"] or ""
    three = len(number) > 2 and number.isdigit()
    if not (parts or letter or match["dash"] or "." in number or three):
        return None
    if (
        letter.islower()
        and letter in "bkmt"
        and not (parts or match["dash"])
        and match["law"] == "P."
    ):
        return None
    if not parts and match["law"] in ("P.", "Code") and not letter:
        return None
    said = [_number(number), letter, cardinal(int(match["dash"])) if match["dash"] else ""]
    at = match.start("number")
    if re.search(r"\([aA]\)", parts):
        head = Change(at, match.start("parts"), " ".join(filter(None, said)), "")
        return (head, *_pieces(parts, match.start("parts")))
    said += [_part(inner) for inner in re.findall(r"\w+", parts)]
    end = (
        match.end("parts")
        if parts
        else max(match.end("number"), match.end("letter"), match.end("dash"))
    )
    return (Change(at, end, " ".join(filter(None, said)), ""),)


def _pieces(parts: str, at: int) -> list[Change]:
    """The parts in brackets one by one: an A that would be taken for an article has its sound."""
    return [
        Change(at + inner.start(), at + inner.end(), " A", "", phonemes_of("A"))
        if inner[1] in "aA"
        else Change(at + inner.start(), at + inner.end(), f" {_part(inner[1])}", "")
        for inner in re.finditer(r"\((\w+)\)", parts)
    ]


def _number(written: str) -> str:
    whole, point, rest = written.partition(".")
    words = cardinal(int(whole)) if len(whole) == 4 and whole.endswith("00") else model(whole)
    return (
        f"{words} point {cardinal(int(rest)) if rest[0] != '0' else digits(rest)}"
        if point
        else words
    )


def _part(inner: str) -> str:
    return cardinal(int(inner)) if inner.isdigit() else inner


def bare_parts(match: re.Match[str]) -> Reading:
    """ "ten thirty a two" of 1030(a)(2)."""
    if re.fullmatch(r"\(s\)|\(es\)|\(\d+\)", match["parts"]):
        return None
    if re.search(r"\([aA]\)", match["parts"]):
        return (part(match, "number", model(match["number"])),
                *_pieces(match["parts"], match.start("parts")))  # fmt: skip
    said = [model(match["number"]), *(_part(inner) for inner in re.findall(r"\w+", match["parts"]))]
    return " ".join(said)


def report(match: re.Match[str]) -> Reading:
    """ "four ten" and "one thirteen" of "410 U.S. 113"."""
    return (
        part(match, "volume", model(match["volume"])),
        part(match, "page", model(match["page"])),
    )


def docket(match: re.Match[str]) -> Reading:
    """ "twenty-three twelve thirty-four" of "No. 23-1234", which is no range."""
    one, two = match["one"], match["two"]
    if match[0].startswith("Nos") or (
        len(one) == len(two) and int(one) < int(two) and len(one) < 3
    ):
        return None
    return f"{model(one)} {model(two)}"


def procedure(match: re.Match[str]) -> Reading:
    """ "Federal Rule of Civil Procedure"."""
    return PROCEDURES[match[0]]


CIRCUIT = re.compile(r"(?:\d(?:st|nd|rd|th|d)\s|\bD\.C\.\s)(?P<said>Cir\.)|\bFed\.\sCir\.")
PUBLIC = re.compile(r"\bPub\.\s?L\.\s(?:No\.\s)?(?P<congress>\d{2,3})[-–](?P<number>\d{1,3})(?!\w)")


def circuit(match: re.Match[str]) -> Reading:
    """ "Circuit" of "2nd Cir."."""
    return ("Circuit" if match["said"] else "Federal Circuit") + full_stop(match)


def public(match: re.Match[str]) -> Reading:
    """ "Public Law one seventeen one sixty-nine" of "Pub. L. 117-169"."""
    return f"Public Law {model(match['congress'])} {model(match['number'])}"


UNION = re.compile(
    r"(?:(?P<kind>Reg|Dir|Dec)\.\s)?\((?P<body>EU|EC|EEC|EEA)\)\s(?:No\.?\s)?"
    r"(?P<one>\d{1,4})/(?P<two>\d{1,4})(?![\w/])"
    r"|(?<![\w/-])(?P<court>[CTF])-(?P<case>\d{1,4})/(?P<of>\d\d)(?![\w/])"
    r"|(?<![\w/])(?P<year>(?:19|20)?\d\d)/(?P<number>\d{1,4})/(?P<end>EU|EC|EEC)(?!\w)"
)
"""Acts of the European Union: Regulation (EU) 2016/679, Directive 95/46/EC; cases of its
courts: C-311/18."""
KINDS = {"Reg": "Regulation ", "Dir": "Directive ", "Dec": "Decision "}


def union(match: re.Match[str]) -> Reading:
    """ "EU twenty sixteen six seventy-nine"."""
    if match["body"]:
        numbers = f"{model(match['one'])} {model(match['two'])}"
        kind = KINDS[match["kind"]] if match["kind"] else ""
        return f"{kind}{match['body']} {numbers}"
    if match["court"]:
        return f"{match['court']} {model(match['case'])} {model(match['of'])}"
    return f"{model(match['year'])} {model(match['number'])} {match['end']}"


RULES: tuple[tuple[str, Rule], ...] = (
    ("law", Rule(CITED, cited, DIGITS)),
    ("law", Rule(BARE_PARTS, bare_parts, frozenset("("), DIGITS)),
    ("law", Rule(CIRCUIT, circuit, words=frozenset(("Cir",)))),
    ("law", Rule(PUBLIC, public, words=frozenset(("Pub",)))),
    ("law", Rule(UNION, union, frozenset("/"), DIGITS)),
    ("law report", Rule(REPORT, report, DIGITS, words=frozenset("UFS"))),
    ("docket", Rule(DOCKET, docket, frozenset("-–"), DIGITS)),
    ("law", Rule(PROCEDURE, procedure, words=frozenset(("Fed",)))),
)
