"""Roman numerals, only where a name or a noun before them calls for one: Louis XIV, Chapter IV."""

from __future__ import annotations

import re

from narrator.languages.en.rule import Reading, Rule, listed
from narrator.languages.en.words import cardinal, ordinal

RULERS = listed(
    """
    Abdullah Albert Alexander Alfonso Anne Antiochus Baldwin Benedict Boniface Catherine Charles
    Christian Christina Clement Constantine Cyrus Darius David Edward Edmund Elizabeth Emmanuel
    Ferdinand Francis Franz Frederick Friedrich George Gregory Gustav Haakon Harald Henry
    Hussein Innocent Isabella Ivan James Joan Joao John Joseph Juan Julius Karl Leo Leopold
    Louis Ludwig Manuel Margaret Margrethe Mary Mehmed Michael Mohammed Muhammad Murad Napoleon
    Nicholas Norodom Olav Otto Paul Pedro Peter Philip Philippe Pius Ptolemy Rama Ramesses
    Ramses Richard Robert Rudolf Selim Sigismund Sixtus Stephen Suleiman Thutmose Umberto Urban
    Victoria Vittorio Wenceslaus Wilhelm William Xerxes
    """
)
"""Names whose numeral is "the fourteenth"."""

COUNTED = listed(
    """
    act apollo appendix article book canto case category century chapter chapters class column
    division episode exhibit figure final grade group gen generation henry iv level lesson mark
    module movement no number olympiad page part parts phase plate proposition psalm round rocky
    scene schedule section sections season series stage step sonnet symphony table tier title
    tome type unit vatican verse vol volume war wars bowl wrestlemania battlefield concerto opus
    gate protocol zone region corps army fantasy quest souls xbox
    """
)
"""Nouns whose numeral is "fourteen"."""

_ROMAN = r"(?=[IVXLC])(?:C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
NUMERAL = re.compile(
    rf"(?<![\w'.-])(?P<name>[A-Z][a-zé]+|[a-z]{{3,12}}|[A-Z]{{3,12}})(?P<dot>\.?)\s"
    rf"(?P<said>{_ROMAN}|[ivx]{{1,5}}(?<![^ivx][ivx]))(?P<dash>[-–](?:{_ROMAN}))?(?![\w]"
    r"|-[A-Za-z]|\.[A-Z])(?P<s>'s)?"
)
LETTERED = listed(
    """
    appendix exhibit column zone gate module group grade schedule type
    """
)
"""Nouns whose single letter is a letter."""
DIVISIONS = listed(
    """
    act scene chapter part book page section volume appendix article
    """
)
"""Nouns whose numeral may be in small letters: "Scene ii"."""
NTH = re.compile(
    r"(?<![\w.-])(?P<said>[IVXLC]{1,8})(?=\s(?:Olympiad|Olympic|[Cc]entury|[Cc]enturies"
    r"|Congress|Army Corps)\b)"
)
NOT_NUMERALS = listed(
    """
    CC CV CI LI XL CD MD XX CL XI DC LIV C L LL
    """
)
AFTER_NAME_I = listed(
    """
    of and was is in to who ruled reigned died had by at became were as on the with s
    """
)
TITLES = listed(
    """
    king queen pope emperor empress tsar czar kaiser prince sultan shah
    """
)
GIVEN = listed(
    """
    Alexander Arthur Charles Daniel David Edward Francis Frank Fred Frederick George Harold
    Harry Henry Howard Hugh Jack James John Joseph Lawrence Louis Martin Michael Patrick Paul
    Peter Philip Richard Robert Samuel Stephen Theodore Thomas Thurston Walter William
    """
)
"""First names of people whose family numbers its sons: "John Smith III"."""

VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def value(numeral: str) -> int:
    """What a Roman numeral counts."""
    numbers = [VALUES[c] for c in numeral]
    following = [*numbers[1:], 0]
    return sum(-n if n < after else n for n, after in zip(numbers, following, strict=True))


def numeral(match: re.Match[str]) -> Reading:
    """ "the fourteenth" after a ruler's name, "four" after "Chapter"; None elsewhere."""
    name, written = match["name"], match["said"].upper()
    if match["said"].islower() and name.lower() not in DIVISIONS:
        return None
    text = match.string
    counted = name.lower() in COUNTED
    words_before = re.findall(r"[A-Za-z']+", text[max(0, match.start() - 40) : match.start()])[-2:]
    if match["dash"] and counted:
        return None
    if name in RULERS and not match["dot"]:
        titled = any(word.lower() in TITLES for word in words_before)
        if written == "I" and not titled:
            rest = text[match.end("said") :]
            following = re.match(r"\s*([A-Za-z]+|\W|$)", rest)
            tail = following[1] if following else ""
            if tail.lower() not in AFTER_NAME_I and tail not in set(",.;)'"):
                return None
        if written in ("C", "L") or (
            written in ("V", "X")
            and words_before[-1:]
            and words_before[-1][0].isupper()
            and not titled
        ):
            return None  # "Charles C. Smith", "John Paul X"
        return f"the {ordinal(value(written))}"
    if counted:
        if (
            written == "I"
            and name in ("War", "WAR")
            and words_before[-1:] in (["World"], ["WORLD"])
        ):
            return "one"
        if name.islower() and written in ("I", "C", "L"):
            return None  # "the part I like"
        if (
            written == "I"
            and re.match(r"\s+[a-z]", text[match.end() :])
            and not re.match(
                r"\s+(?:of|and|or|in|to|is|was|the|clinical|trial|trials|study|studies|diabetes"
                r"|error|for|on|drug|began|ended|broke|soldiers|veteran|veterans|era)\b",
                text[match.end() :],
            )
        ):
            return None
        if written in ("C", "L") or (
            written in ("V", "X") and (not name.istitle() or name.lower() in LETTERED)
        ):
            return None
        return cardinal(value(written))
    if (
        name[0].isupper()
        and name[1:].islower()
        and len(written) > 1
        and written not in NOT_NUMERALS
        and not match["dot"]
    ):
        if words_before[-1:] and words_before[-1] in GIVEN:
            return f"the {ordinal(value(written))}"
        return cardinal(value(written))
    return None


def nth(match: re.Match[str]) -> Reading:
    """ "thirty-third" of "the XXXIII Olympiad"."""
    return ordinal(value(match["said"]))


WORLD_WAR = re.compile(r"(?<!\w)WW(?P<number>I{1,2}|1|2)(?!\w)")


def world_war(match: re.Match[str]) -> Reading:
    """ "World War two"."""
    return f"World War {'two' if match['number'] in ('II', '2') else 'one'}"


WORLD_WAR_RULE = Rule(WORLD_WAR, world_war, frozenset("W"))
NTH_RULE = Rule(NTH, nth, frozenset("IVXLC"))
NUMERAL_RULE = Rule(NUMERAL, numeral, frozenset("IVXLC"))
