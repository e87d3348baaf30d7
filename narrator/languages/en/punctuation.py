"""Marks heard as a pause, as a word or not at all: footnotes, dashes, brackets, slashes."""

from __future__ import annotations

import re

from narrator.languages import Change
from narrator.languages.en.context import after, before
from narrator.languages.en.rule import CLAIMED, Reading, Rule, listed

FOOTNOTE = re.compile(
    r"(?:(?<=[\w.,)\"”])\s(?=\[\d{1,3}\](?!\s?[,;=]))|(?<![\[=(&\s]))(?P<said>(?:\[(?:[1-9]\d{0,2}"
    r"(?:\s?[,–-]\s?\d{1,3}){0,8}|[a-z]|note \d{1,3}"
    r"|citation needed|edit|sic)\](?!\])){1,8})"
)
REFERENCE = re.compile(
    r"(?<=[A-Za-z.,;:!?)\"'”\uffff])"
    r"(?P<marks>[¹²³⁴⁵⁶⁷⁸⁹⁰]{1,3}|[†‡]{1,3}|(?<=[a-z.,)])\*{1,3}(?![\w*]))"
)
ELLIPSIS = re.compile(r"(?<!\s)\s*(?:…|\.{3,}|\.\s\.\s\.)(?:\s?[….])*")
DASH = re.compile(r"(?:(?<!\s)\s*(?:—|--|–|⸺)|(?<=\S)\s-(?=\s))(?:\s*(?:—|--|–|-(?=\s)))*\s*")
BRACKET = re.compile(r"(?P<opening>(?:(?<!\s)\s*|^)[(\[{⟨【（]+)|[)\]}⟩】）]+")
SLASH = re.compile(r"\s?[/⁄∕]\s?")
SEPARATOR = re.compile(r"(?:(?<!\s)\s*|^)[•·▪◦‣●■◆|¦]+")

JUXTAPOSED = listed(
    """
    and/or either/or pass/fail on/off start/stop read/write true/false win/win input/output
    """
)
ALTERNATIVES = listed(
    """
    he she him her his hers they them himself herself s yes no men women mother father parent
    guardian wife husband husbands wives son daughter brother sister boy girl or
    """
)
"""Words that a slash makes "or" between."""

RATES = {
    "h": "hour", "s": "second", "min": "minute", "day": "day", "year": "year", "month": "month",
    "week": "week", "hour": "hour", "second": "second", "minute": "minute",
}  # fmt: skip
LONGEST_INSERTION = 42
"""Characters within which the bracket before a lone word in brackets is looked for."""

LONGEST_ASIDE = 400
"""Characters within which the opening bracket of a closing one is looked for."""

_HEARD = re.compile(r"[^\W_]|\uffff")


def footnote(match: re.Match[str]) -> Reading:
    """Nothing: the number of a footnote is not read."""
    if match["said"] == "[sic]":
        return (Change(match.start("said"), match.end("said"), ", sic,", ""),)
    return (Change(match.start(), match.end(), "", ""),)


def reference(match: re.Match[str]) -> Reading:
    """Nothing: the mark of a footnote is not read."""
    return ""


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether no word stands before or none after: no pause is needed there."""
    return not (_HEARD.search(before(match)) and _HEARD.search(after(match)))


def ellipsis(match: re.Match[str]) -> Reading:
    """A full stop at the end, else a comma: espeak runs the words around dots together."""
    left, rest = before(match), after(match)
    if not _HEARD.search(left):
        return ""
    if not _HEARD.search(rest):
        return "" if re.match(r"\s*[.?!]", rest) or left[-1] in ".?!" else "."
    blank = "" if rest[0].isspace() or rest[0] in ",;:?!" else " "
    return blank if rest[0] in ",;:?!" or left[-1] in ",;:?!.-" else "," + blank


def dash(match: re.Match[str]) -> Reading:
    """A comma, or "to" where an unspaced dash stands between numbers already read."""
    written = match[0]
    left, right = before(match)[-1:], after(match)[:1]
    if _stands_alone(match):
        return " " if left and right and written != written.strip() else ""
    if written == "–":
        # "London–Paris", "a U.S.–led force"; two numbers that other rules have read are a range.
        return " to " if left == CLAIMED == right else "-"
    if right in ",;:?!.)":
        return ""
    return " " if left in ',;:?!.-("“' else ", "


def bracket(match: re.Match[str]) -> Reading:
    """A comma before what stands in brackets and, if the sentence goes on with a word, after it."""
    left, rest = before(match), after(match)
    if _is_insertion(match):
        return ""
    if match["opening"]:
        blank = " " if match[0][0].isspace() and left else ""
        return blank if _stands_alone(match) or not blank or left[-1] in ",;:?!.-(" else ", "
    if _stands_alone(match) or not rest[0].isspace() or left[-1] in ",;:?!.-(":
        return ""
    if re.match(r"\s+[(\[{—–-]", rest):
        return ""
    inside = match.string[max(0, match.start() - LONGEST_ASIDE) : match.start()]
    opened = max(inside.rfind(mark) for mark in "([{")
    return "," if opened > 0 and inside[opened - 1].isspace() else ""


_INSERTED = re.compile(r"\[[^\s\[\]]{1,40}\]")


def _is_insertion(match: re.Match[str]) -> bool:
    """Whether the bracket is one of "[He] was", "the [company] said": a word that an editor put
    into a quotation makes no pause."""
    mark = match[0].strip()
    if mark == "[":
        return bool(_INSERTED.match(match.string, match.end() - 1))
    if mark == "]":
        opened = match.string.rfind("[", max(0, match.start() - LONGEST_INSERTION), match.start())
        return opened >= 0 and bool(_INSERTED.match(match.string, opened))
    return False


def slash(match: re.Match[str]) -> Reading:
    """ "or" between "he" and "she", "per" between units, nothing in "and/or", else "slash"."""
    left = re.search(r"[\w\uffff]+$", before(match))
    right = re.match(r"[\w\uffff]+", after(match))
    if not left or not right:
        return " " if left or right else ""
    one, two = left[0], right[0]
    if two == "capita" or (two in RATES.values() and one.endswith("s") and one.islower()):
        return " per "
    if one.lower() in ALTERNATIVES and two.lower() in ALTERNATIVES:
        return " or "
    if one.lower() == "s" and two.lower() == "he":
        return " or "
    initials = all(word.isupper() or CLAIMED in word for word in (one, two))
    if initials and not (CLAIMED in one and CLAIMED in two):
        return " "
    return " " if f"{one}/{two}".lower() in JUXTAPOSED else " slash "


def separator(match: re.Match[str]) -> Reading:
    """A pause where it parts two things, nothing at the start of a line."""
    left, rest = before(match)[-1:], after(match)
    if _stands_alone(match) or left in ",;:?!.-":
        return ""
    return "," if rest[0].isspace() else ", "


EMOTICON = re.compile(
    r"(?<!\S)(?:[:;=]['’]?-?[)(DPpOo|\]\[3*\\/]|<3|[xX]D|\^_\^|¯\\_\(ツ\)_/¯|[Tt]_[Tt]|:\$|>:\("
    r"|o_O)(?!\w)(?=\s|[.,!?)]|$)"
)
AND = re.compile(
    r"(?<=[a-z]\s)(?:['‘’]n['’]|n['’]|['‘’]n)(?=\s[a-zA-Z])|(?<=[A-Z])['’]n['’](?=[A-Z])"
    r"|(?<=[a-z]\s)N['’](?=\s[A-Z])"
)
EITHER_ARTICLE = re.compile(r"(?<!\w)(?P<article>[aA])\(n\)(?!\w)")


def emoticon(match: re.Match[str]) -> Reading:
    """Nothing: a face made of marks."""
    return ""


def short_and(match: re.Match[str]) -> Reading:
    """ "and" of "rock 'n' roll", which espeak would name "en"."""
    return " and " if before(match)[-1:].isupper() else "and"


def either_article(match: re.Match[str]) -> Reading:
    """ "a" of "a(n)"."""
    return match["article"]


EARLY_RULES: tuple[tuple[str, Rule], ...] = (
    (
        "emoticon",
        Rule(EMOTICON, emoticon, frozenset(":;=<^¯>_D"), frozenset(")(DPpOo|][3*\\/x^_$")),
    ),
    ("abbreviation", Rule(AND, short_and, frozenset("'‘’"), words=frozenset("nN"))),
    ("article", Rule(EITHER_ARTICLE, either_article, frozenset("("), words=frozenset("n"))),
)
FOOTNOTE_RULE = Rule(FOOTNOTE, footnote, frozenset("["))
REFERENCE_RULE = Rule(REFERENCE, reference, frozenset("†‡*¹²³⁴⁵⁶⁷⁸⁹⁰"))
ELLIPSIS_RULE = Rule(ELLIPSIS, ellipsis, frozenset("…."))
SLASH_RULE = Rule(SLASH, slash, frozenset("/⁄∕"))
PAUSE_RULES: tuple[tuple[str, Rule], ...] = (
    ("dash", Rule(DASH, dash, frozenset("—–-⸺"))),
    ("bracket", Rule(BRACKET, bracket, frozenset("([{⟨【（)]}⟩】）"))),
    ("separator", Rule(SEPARATOR, separator, frozenset("•·▪◦‣●■◆|¦"))),
)
