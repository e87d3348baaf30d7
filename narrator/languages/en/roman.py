"""Roman numerals, only where a name or a noun before them calls for one: Louis XIV, Chapter IV."""

from __future__ import annotations

import re

from narrator.languages import Change
from narrator.languages.en.context import after, before
from narrator.languages.en.rule import Reading, Rule, listed, part
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
    mk scene schedule section sections season series stage step sonnet symphony table tier title
    tome type unit vatican verse vol volume war wars bowl wrestlemania battlefield concerto opus
    gate protocol zone region corps army fantasy quest souls xbox
    """
)
"""Nouns whose numeral is "fourteen"."""

_ROMAN = r"(?=[IVXLC])(?:C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
NUMERAL = re.compile(
    rf"(?<![\w'.-])(?P<name>[A-Z][a-zé]+[A-Z]?[a-zé]*|[a-z]{{3,12}}|[A-Z]{{3,12}}|Mk)(?P<dot>\.?)\s"
    rf"(?P<said>{_ROMAN}|[ivx]{{1,5}}(?<![^ivx][ivx]))(?P<dash>[-–](?:{_ROMAN}))?(?![\w]"
    r"|-\d|\.[A-Z])(?P<s>'s)?(?P<tied>-[a-z])?(?P<more>\sand\s(?P<second>[IVX]{1,5})(?!\w))?"
)
LETTERED = listed(
    """
    appendix exhibit column zone gate module group grade schedule type series generation model gen
    class
    """
)
"""Nouns whose single letter is a letter."""
DIVISIONS = listed(
    """
    act scene chapter part book page section volume appendix article
    """
)
"""Nouns whose numeral may be in small letters: "Scene ii"."""
ROMAN = re.compile(_ROMAN)
GENERIC = re.compile(r"(?=.{2})X{0,3}(?:IX|IV|V?I{1,3})|XX|X[VX]")
"""Numerals that are hardly anything else after any name: "Civilization VI"."""
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
    if name in RULERS and not match["dot"]:
        return _ruler(match, written)
    if name.lower() in COUNTED:
        words = _counted(match, written)
    elif (
        GENERIC.fullmatch(written)
        and name[0].isupper()
        and len(name) > 2
        and written not in NOT_NUMERALS
        and not (match["dot"] or match["dash"])
    ):
        given = not GIVEN.isdisjoint(_words_before(match)[-2:])
        words = f"the {ordinal(value(written))}" if given else cardinal(value(written))
    else:
        return None
    if words is None:
        return None
    made = [part(match, "said", words)]
    if name == "Mk":
        made.insert(0, Change(match.start("name"), match.end("dot"), "Mark", ""))
    if match["second"] and ROMAN.fullmatch(match["second"]) and match["second"] != "I":
        made.append(part(match, "second", cardinal(value(match["second"]))))
    return tuple(made)


def _words_before(match: re.Match[str]) -> list[str]:
    return re.findall(r"[A-Za-z']+", before(match))


def _ruler(match: re.Match[str], written: str) -> Reading:
    """ "the fourteenth"; None for the initial of a name and for the pronoun."""
    last = _words_before(match)[-2:]
    titled = any(word.lower() in TITLES for word in last)
    if written == "I" and not titled and not match["second"]:
        following = re.match(r"\s*([A-Za-z]+|\W|$)", after(match, "said"))
        tail = following[1] if following else ""
        if tail.lower() not in AFTER_NAME_I and tail not in set(",.;)'-"):
            return None
    if written in ("C", "L") or (
        written in ("V", "X") and last[-1:] and last[-1][0].isupper() and not titled
    ):
        return None  # "Charles C. Smith", "John Paul X"
    made = [part(match, "said", f"the {ordinal(value(written))}")]
    if match["second"] and ROMAN.fullmatch(match["second"]):
        made.append(part(match, "second", ordinal(value(match["second"]))))
    return tuple(made)


def _counted(match: re.Match[str], written: str) -> str | None:
    """ "four"; None for a letter and for the pronoun."""
    name = match["name"]
    if match["dash"]:
        return None
    if (
        written == "I"
        and name in ("War", "WAR")
        and _words_before(match)[-1:] in (["World"], ["WORLD"])
    ):
        return "one"
    if name.islower() and written in ("I", "C", "L") and not match["dot"]:
        return None  # "the part I like"
    if written == "I" and not _NO_PRONOUN.match(after(match, "said")):
        return None
    if written in ("C", "L") or (
        written in ("V", "X") and (not name.istitle() or name.lower() in LETTERED)
    ):
        return None
    return cardinal(value(written))


_NO_PRONOUN = re.compile(
    r"\s+(?![a-z])|[^\s\w'’]|['’]s\b|$|-[a-z]|\s+(?:of|and|or|in|to|is|was|were|are|will|the"
    r"|clinical|trials?"
    r"|study|studies|diabetes|errors?|for|on|drugs?|began|ended|broke|soldiers?|veterans?|era"
    r"|trauma|felony|offense"
    r"|offenses|athletics|football|basketball|men|women|schools?|programs?|hearing|collagen"
    r"|interferon|censors?|with|by"
    r"|at|from|civil|superfund|properties|examination|exam|data|results|participants|test|tests"
    r"|testing|patients?"
    r"|disorder|bipolar|controlled|substances?|aircraft|airman|memorial|battlefields?|battle|poets?"
    r"|poetry|as|that"
    r"|centenary|armistice|casualt\w+|trenches|combat|when|deals|deal|covers|describes|requires"
    r"|grants|gives)\b"
)
"""What follows the number one rather than the pronoun: "Part I of", but not "Part I wrote"."""


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
