"""What stands around a match: the neighbours that decide how a number or a letter is read."""

from __future__ import annotations

import re

from narrator.languages.en.rule import listed

REACH = 48
"""Characters within which a neighbour is looked for: it keeps the time linear."""

_END = re.compile(r"[\s\"”')\]]{0,8}\Z")
_TOUCHING_BEFORE = re.compile(r"([A-Za-z][A-Za-z']*)[-\s(\"“]*$")
LABELS = (
    "Appendix|Exhibit|Schedule|Annex|Plan|Vitamin|Grade|Class|Group|Type|Section|Part|Team|Hepatitis"
    "|Model|Figure|Table|Category|Gate|Terminal|Option|Point|Unit|Zone|Chapter"
)
BEFORE_NAMES = (
    "and|by|with|of|to|from|for|the|as|than|like|or|but|when|that|said|says|named|judge|author|president"
    "|senator|actor|while|after|before|where|because|if|against|between|over|under|at|in|on"
)
LETTER_AT_END = re.compile(
    rf"(?:\b(?:{LABELS})|(?<![\w'])(?!(?:{BEFORE_NAMES})\b)[a-z][a-z']+)\s[A-Z]\.?$"
)
"""A letter that is no initial of a name: "Appendix C.", "the parent of module A."."""

_TOUCHING_AFTER = re.compile(r"[-\s]*([A-Za-z][A-Za-z']*)")

DETERMINERS = listed(
    """
    a an the this that his her its their our my your another every each no any one new per first
    second third
    """
)

FUNCTION_WORDS = listed(
    """
    a about above according across after against ago all along already also although always am
    an and any apiece are around as at away back be because been before behind being
    below between both but by came can come could did do does down due during each early either
    else even every except fell for from given gone got had has have he her here high him his
    how if in including inside instead into is it its just last late later less lost made many
    may might more most much must my nearly next nor not now of off on once one only onto or our
    out over own paid per plus raised rather rose said same she should since so some soon spent
    still such than that the their them then there these they this those though through
    throughout till to together too total toward towards under unless until up upon us versus
    via was we went were what when where whether which while who whom whose why will with within
    without worth would yearly yet you your annually daily monthly weekly today tomorrow
    yesterday
    """
)


def before(match: re.Match[str], group: int | str = 0) -> str:
    """The REACH characters before the match."""
    start = match.start(group)
    return match.string[max(0, start - REACH) : start]


def after(match: re.Match[str], group: int | str = 0) -> str:
    """The REACH characters after the match."""
    end = match.end(group)
    return match.string[end : end + REACH]


def full_stop(match: re.Match[str], group: int | str = 0) -> str:
    """The full stop that the dot of an abbreviation also is at the end of the text, else empty."""
    return "." if _END.match(match.string, match.end(group)) else ""


def word_before(match: re.Match[str], group: int | str = 0) -> str:
    """The word that touches the match from the left, blanks, a hyphen or a quote between; or
    empty."""
    found = _TOUCHING_BEFORE.search(before(match, group))
    return found[1] if found else ""


def word_after(match: re.Match[str], group: int | str = 0) -> str:
    """The word that touches the match from the right, blanks or a hyphen between; or empty."""
    found = _TOUCHING_AFTER.match(after(match, group))
    return found[1] if found else ""


def last_words(match: re.Match[str], group: int | str = 0) -> tuple[str, ...]:
    """The lower-case words of the sentence in the last REACH characters before the match."""
    return tuple(re.findall(r"[a-z']+", before(match, group).lower()))


def next_words(match: re.Match[str], group: int | str = 0) -> tuple[str, ...]:
    """The lower-case words in the next REACH characters."""
    return tuple(re.findall(r"[a-z']+", after(match, group).lower()))


def range_word(match: re.Match[str], dash: str = "") -> str:
    """The word for the dash of a range: "and" after "between", or where it is written, else
    "to"."""
    return "and" if "and" in dash or last_words(match)[-1:] == ("between",) else "to"


def is_attributive(match: re.Match[str], nouns: frozenset[str] = frozenset()) -> bool:
    """Whether an amount stands before the noun that it describes: "a $40 billion deal",
    "a 5 km run". A noun of `nouns` needs no article before the amount."""
    found = re.match(r"([-\s])[-\s]*([A-Z]?[a-z]+|[A-Z]{2,5})(?!\w)", after(match))
    if not found:
        return False
    noun = found[2]
    if found[1] == "-" or noun in nouns:
        return True
    if noun == "can" and word_before(match) in ("a", "an"):
        return True
    if noun in FUNCTION_WORDS or noun.endswith(("ed", "ly")):
        return False
    if noun[0].isupper():
        return word_before(match) in ("a", "an")
    near = re.findall(r"[^\W\d_][\w'-]*|[^\w\s]", before(match))[-3:]
    for distance, word in enumerate(reversed(near)):
        lower = word.lower()
        if not word[0].isalpha() and word not in "“\"'":
            return False
        if lower in DETERMINERS or lower.endswith("'s"):
            # "The company $5 million richer": beyond one adjective an article says little.
            return distance < 2 or lower in ("a", "an")
        if lower in FUNCTION_WORDS:
            return False
    return False


def is_plural_noun(word: str) -> bool:
    """Whether a lower-case word looks like a plural that is counted: "people", "voters"."""
    if word in UNCOUNTED or not word.islower():
        return False
    return word in COUNTED or (len(word) > 3 and word.endswith("s") and not word.endswith(IS_END))


IS_END = ("ss", "us", "is", "'s")

COUNTED = listed(
    """
    people men women children feet percent dollars euros pounds yen rubles employees workers
    users customers words soldiers troops students patients votes jobs seats homes houses cars
    units copies items times days hours years months weeks minutes seconds points miles tons
    tonnes acres meters metres kilometers kilometres species aircraft degrees calories volts
    watts members others more fewer new different other additional such or
    """
)

UNCOUNTED = listed(
    """
    was has is as its his this does goes says shows sees means makes takes gets comes gives plus
    less across perhaps always besides thus sometimes towards afterwards during elections
    olympics games championships finals awards playoffs results earnings sales riots protests
    attacks census series news politics economics models
    """
)
