"""Sentences of English text: those of sentencex, corrected where an abbreviation, a quotation, a
list or an ellipsis misleads it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from narrator.languages.en import abbreviations
from narrator.languages.en.context import LETTER_AT_END
from narrator.languages.en.dates import SHORT_MONTHS, WEEKDAYS
from narrator.languages.en.rule import listed

REACH = 40
"""Characters around a break that are looked at: it keeps the time linear."""

WINDOW = 4_000
"""Characters that sentencex is given at once."""

LEADING = listed(
    """
    Approx Esp Incl Est est Ca Cf Viz Rt Spc Ens Cdr Sgts Cols Lts Atty Dr Drs Mr Mrs Ms Messrs Prof
    Profs Gen Gens Lt Col Maj Capt Cpt Sgt Cpl Pvt Adm Cmdr Brig Gov Govs Sen Sens Rep Reps Pres Rev
    Fr Hon Supt Det Insp Amb Msgr St Ste Mt Ft JJ vs e.g i.e cf viz approx esp incl E.g I.e ca v al
    """
)
"""Abbreviations that something always follows."""

NUMBERED = frozenset(
    (
        *abbreviations.NUMBERED,
        *(month for month in SHORT_MONTHS if month != "May"),
        *WEEKDAYS,
        *("vols", "Vols", "Ext", "ext", "Tel", "tel", "N°", "Nº", "Ph", "ph"),
    )
)
"""Abbreviations that end no sentence before a number."""

DIVISIONS = listed("vol Vol vols Vols ch Ch chap Chap bk Bk pt Pt art Art sec Sec fig Fig")
"""Those that are followed by an I that is a number rather than a pronoun."""

FIRMS = listed("Inc Corp Co Ltd")
"""Abbreviations that end no sentence before what somebody is there."""

STREETS = listed("St Ave Rd Blvd Dr Ln Ct Pl Sq Pkwy Hwy")
"""Abbreviations that end a sentence after the name of a street."""

STARTERS = (
    r"A|An|The|He|She|It|They|We|I|You|This|That|These|Those|In|On|At|For|But|And|So|If|When|While"
    r"|As|His|Her|Its|Their|Our|My|Your|There|What|Why|How|Who|Which|Where|After|Before|Since|Now"
    r"|Then|Meanwhile|However|Yet|Today|Still|Not|No|Nobody|Nothing|Some|Many|Most|One|By|To|From"
    r"|Did|Do|Does|Is|Was|Were|Are|Has|Have|Had|Will|Would|Can|Could|Few|Each|Every|Everyone"
    r"|All|Both"
    r"|Other|Others|Another|Such|Nearly|Almost|Even|Also|More|Under|Over|With|Without|Between"
    r"|During"
    r"|According|Despite|Although|Though|Because|Until|Once|Perhaps|Maybe|Here|Several|Only|Just"
    r"|Instead|Please|Let|Two|Three|Four|Five"
)
"""Words that begin a sentence rather than continue a name."""

LONGEST_ABBREVIATION = 24
"""Characters of an abbreviation with what stands around it."""

STOPPING = frozenset(".\"”’')]")
CLOSERS = "\"”’')]"
_BLANKS_BEFORE = re.compile(r"[\s\-–—/(\[“\"‘']")
_NUMBER_FOLLOWS = re.compile(r"\s+(?:[#\d(]|[IVX]+\b(?!'|\s[a-z]))")
_ROMAN_FOLLOWS = re.compile(r"\s+[IVX]+\b(?!['’])")
_NAME_FOLLOWS = re.compile(rf"\s+(?!(?:{STARTERS})\b)[A-Z]")
_MORE_FOLLOWS = re.compile(rf"\s+(?!(?:{STARTERS})\b)[A-Z\d(]")
_OFFICE_FOLLOWS = re.compile(
    r"\s+(?:&|(?:Chief|Chair\w*|CEO|CFO|President|Vice|Executive|Director|Founder|Spokes\w+)\b)"
)
_DOTTED = re.compile(r"[A-Za-z](?:\.[A-Za-z]){1,4}")

SAYING = (
    r"said|says|asked|asks|replied|cried|began|whispered|shouted|added|told|wrote|called|continued"
)
STREET_END = re.compile(r"[A-Z][a-z]+\s(?:St|Ave|Rd|Blvd|Dr|Ln|Ct|Pl|Sq|Pkwy|Hwy)\.$")
STARTER = re.compile(rf"\s+(?:{STARTERS})\s")
URL_END = re.compile(
    r"(?<![^\s(“\"])(?:https?://|www\.)[^\s]{1,500}[\w/][.?!][\"”’')]?\s+(?=[\"“(]?[A-Z])"
)
"""An address that ends a sentence."""

MISSED = re.compile(
    rf"(?:(?<=[A-Za-z]\.[A-Za-z]\.)|(?<=\sInc\.)|(?<=\sLtd\.)|(?<=\sCorp\.)|(?<=\sCo\.)|(?<=\sJr\.)"
    rf"|(?<=\sSr\.)|(?<=\setc\.))\s+(?=(?:{STARTERS})\s)"
    r"|(?<=\s(?:etc|Inc|Ltd)\.)\s+(?=[A-Z][a-z])"
    rf"|(?<=[\s-][A-Z]\.)\s+(?=(?:{STARTERS})\s)"
    rf"|(?<=\s(?:Ave|Hwy)\.)\s+(?=(?:{STARTERS})\s)|(?<=\s(?:St|Rd|Dr|Ln|Ct|Pl"
    rf"|Sq)\.)\s+(?=(?:{STARTERS})\s)"
    r"|(?<=[?!]{2})\s+(?=[A-Z\"“])"
    rf"|(?<=[—–-][”\"])\s+(?=(?:{STARTERS})\s(?!{SAYING}))"
    r"|(?<=[a-z)][.?!][\"”’')])\s+(?=[A-Z\"“])"
    r"|(?<=[a-z]{2}[.?!])\s+(?=(?:i[A-Z]|eB)[A-Za-z])"
    r"|(?<=[.?!]\sNo\.)\s+(?=[A-Z])|(?<=^No\.)\s+(?=[A-Z])"
    r"|\n\s*\n\s*"
)
"""The blank after a sentence whose end sentencex may have missed."""

HALF_DAY = re.compile(r"(?<=[\s\d][AaPp]\.[Mm]\.)\s+(?=[A-Z][a-z]*\b)")
AFTER_HALF_DAY = re.compile(
    r"(?:E[SD]?T|C[SD]?T|M[SD]?T|P[SD]?T|GMT|UTC|BST|CET|Eastern|Central|Mountain|Pacific|Greenwich"
    r"|Moscow|London|Tokyo|Beijing|local|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:January"
    r"|February"
    r"|March|April|May|June|July|August|September|October|November|December))\b"
)
ONLY_A_TIME = re.compile(
    r"(?:At|By|Around|Before|After|On|From|Until|Since|About)\s[\w\s:,.]{0,24}[ap]\.m\.", re.I
)
QUOTED = re.compile(r"[“\"][^“”\"]{20,2000}[”\"]")
MARKER = re.compile(r"(?<!\S)[•⁃▪◦*-]?\s?(?:(?P<number>\d{1,3})|(?P<letter>[a-z]))[.)]{1,2}(?=\s)")
ITEM_NUMBER = re.compile(r"\W{0,2}(?:\d{1,3}|[A-Za-z])[.)]{1,2}")
TRAIL = re.compile(r"(?:[⁰¹²³⁴-⁹†‡*]+|(?:\[\d{1,3}\])+)(?=\s|$)")
EMOJI = re.compile(r"(?:[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+\s*)+")


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of the sentences, in order, without the white space around them."""
    cuts = {_past_marks(text, end) for end in _ends(text)} | set(_list_items(text)) | {len(text)}
    spans: list[tuple[int, int]] = []
    start = 0
    for cut in sorted(cuts):
        bare = text[start:cut].strip()
        if not bare:
            start = cut
            continue
        if cut < len(text) and ITEM_NUMBER.fullmatch(bare):
            continue  # It belongs to its item.
        at = start + text[start:cut].index(bare[0])
        if spans and not any(c.isalnum() for c in bare):
            spans[-1] = (spans[-1][0], at + len(bare))
        else:
            spans.append((at, at + len(bare)))
        start = cut
    return tuple(spans)


def _ends(text: str) -> Iterator[int]:
    """Where sentences end, the blank after them included."""
    for end in _boundaries(text):
        if not _goes_on(text, end):
            yield end
    for match in URL_END.finditer(text):
        yield match.end()
    for match in MISSED.finditer(text):
        if not _is_inside(text, match.start()):
            yield match.end()
    for match in HALF_DAY.finditer(text):
        # "At 6 a.m. Ms. Rosen left": nothing has been said yet that could end.
        head = re.split(r"[.?!]\s(?=[A-Z])", text[max(0, match.start() - REACH) : match.start()])[
            -1
        ]
        if not AFTER_HALF_DAY.match(text, match.end()) and not ONLY_A_TIME.fullmatch(head):
            yield match.end()
    for quoted in QUOTED.finditer(text):
        first, last = quoted.start() + 1, quoted.end() - 1
        for end in _boundaries(text[first:last]):
            if first + end < last and not _goes_on(text, first + end):
                yield first + end
    lines = text.split("\n")
    if len(lines) > 2 and all(len(line.split()) < 6 for line in lines):
        at = 0
        for line in lines:
            at += len(line) + 1
            yield min(at, len(text))


def _boundaries(text: str) -> Iterator[int]:
    """Where sentencex sees the ends, asked in windows: its time grows as the square of the length
    if there are many quotation marks."""
    start = 0
    while start < len(text):
        window = text[start : start + WINDOW]
        ends = [boundary["end_index"] for boundary in get_sentence_boundaries("en", window)]
        if start + WINDOW < len(text) and len(ends) > 1:
            ends.pop()  # The last one is where the window ends.
        yield from (start + end for end in ends)
        start += ends[-1] if ends else len(window)


def _is_inside(text: str, stop: int) -> bool:
    """Whether the full stop before `stop` ends no sentence."""
    if stop == 0 or text[stop - 1] not in STOPPING:
        return False
    token = text[max(0, stop - LONGEST_ABBREVIATION) : stop].rstrip(CLOSERS)
    if not token.endswith("."):
        return False
    word = _BLANKS_BEFORE.split(token[:-1])[-1]
    lone = len(word) == 1 and word.isupper()
    if lone and LETTER_AT_END.search(text[max(0, stop - REACH) : stop].rstrip(CLOSERS)):
        return False
    if word in STREETS and STARTER.match(text, stop):
        return not STREET_END.search(text[max(0, stop - REACH) : stop])
    return (
        word in LEADING
        or (word in NUMBERED and _follows(_NUMBER_FOLLOWS, text, stop))
        or (word in DIVISIONS and _follows(_ROMAN_FOLLOWS, text, stop))
        or (lone and _follows(_NAME_FOLLOWS, text, stop))
        or (word in FIRMS and _follows(_OFFICE_FOLLOWS, text, stop))
        or (
            "." in word
            and _DOTTED.fullmatch(word) is not None
            and _follows(_MORE_FOLLOWS, text, stop)
        )
    )


def _follows(pattern: re.Pattern[str], text: str, stop: int) -> bool:
    return pattern.match(text, stop, stop + REACH) is not None


def _goes_on(text: str, end: int) -> bool:
    """Whether the sentence goes on after a break that ends at `end`, with its blank."""
    before = text[max(0, end - REACH) : end]
    bare = before.rstrip()
    blank = before[len(bare) :]
    following = text[end : end + 2]
    if ("\n" in blank and blank.count("\n") > 1) or not following:
        return False
    if following[0].islower() and not following[1:].isupper():
        return True
    if following[0] in "-–—,;:" and "\n" not in blank:
        return True  # "Mon.–Fri.", "or was it two? — and he got it"
    touches = not blank and not following[0].isspace()
    if touches and not _SENTENCES_WITHOUT_BLANK.search(bare + following[0]):
        return True  # "C# and .NET"
    return bool(blank) and _is_inside(text, end - len(blank))


_SENTENCES_WITHOUT_BLANK = re.compile(
    r"(?:[a-zß-ÿ]{2}|[)\]”\"'’%]|(?<=[?!]))[.?!…]+[”\"'’)\]]*[^a-z\d.]$|[\U0001f000-\U0001faff]"
)


def _past_marks(text: str, end: int) -> int:
    """The end moved behind the footnote marks and emoji that belong to the sentence."""
    if end < len(text) and text[end].isascii() and text[end] not in "[*":
        return end
    for pattern in (TRAIL, EMOJI):
        match = pattern.match(text, end)
        if match:
            return match.end()
    return end


def _list_items(text: str) -> Iterator[int]:
    """Where the items of a list begin that is written in one line: 1. one 2. two."""
    expected: str | int | None = None
    for match in MARKER.finditer(text):
        number, letter = match["number"], match["letter"]
        value: str | int = int(number) if number else letter
        if match.start() == 0 or value == expected:
            if match.start():
                yield match.start()
            expected = value + 1 if isinstance(value, int) else chr(ord(value) + 1)
        elif expected is None:
            return
