"""Tokens -> what the voice gets: words, single spaces and the stops that shape the intonation.

Nothing else can come out: whatever is neither a word nor a stop only separates. So no symbol,
bracket or double space ever reaches an engine, however odd the text.

What piper's phonemizer (espeak-ng, en-us) does with punctuation decided the forms, as heard and
measured on en_US-joe-medium: a comma, a colon and a semicolon each rest 0.2 to 0.3 s; brackets and
an unspaced dash are passed over without a rest; an ellipsis glues its neighbours into one word;
"U.S." before a capital ends the sentence and before a comma swallows it, where "U.S" does neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from narrator.model import Word

_MARKS = (  # combining marks, which `\w` leaves out although words are written with them
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06ed\u0900-\u0963\u0966-\u109f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20dc"
    "\u3099\u309a\ufe20-\ufe2f"
)
_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe0e\ufe0f\ufeff"
_LETTER = rf"(?:[^\W_]|[{_MARKS}])"
_RUN = rf"{_LETTER}(?:{_LETTER}|[{_UNSEEN}])*+"
_TAIL = rf"(?:[-‐‑'’&]{_RUN})*+"

_TOKEN = re.compile(
    rf"""
    (?P<dotted>{_LETTER}(?:\.{_LETTER})++(?!{_LETTER})\.?) (?P<dotted_tail>{_TAIL})
  | (?P<word>{_RUN} (?:\((?:s|es)\)(?!{_LETTER}))? {_TAIL})
  | (?P<ellipsis>…|\.\.+|\.(?:\s\.){{2,}})
  | (?P<stop>[.!?;:,。！？；：，、،؛؟।])
  | (?P<rest>[—―|•·]|--+|(?<!\S)[-–‒−](?!\S)|(?<!\w)[(\[{{]|[)\]}}](?!\w))
    """,
    re.VERBOSE,
)
_STOPS = str.maketrans("。！？；：，、،؛؟।", ".!?;:,,,;?.")
_SPELLING = {**dict.fromkeys(map(ord, "‐‑"), "-"), ord("’"): "'", ord("("): None, ord(")"): None}
_UNSEEN_CHARACTERS = re.compile(f"[{_UNSEEN}]")

ELLIPSIS, REST = "…", "—"
"""The stops that no text but a page writes: both are heard as a comma between words, at the end
the first closes the sentence and the second says nothing."""

TIE = "-"
"""What a rule makes of a dash that only ties two words, as in "London–Paris"."""

_STRENGTH = "?!;:,."
"""Which of several stops in a row is heard. The full stop is last: before another stop it belongs
to an abbreviation."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A rest in the speech."""

    mark: str
    """One of `. ? ! ; : ,`, ELLIPSIS or REST."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word to say, before its place in the spoken text is known."""

    text: str
    start: int
    """First character of the source that it says, counted in the text of the block."""
    end: int
    rule: str = ""
    phonemes: str = ""
    dotted: bool = False
    """Written with a final dot that belongs to it and is not in `text`: "U.S.", "p.m."."""
    hyphened: bool = False
    """Tied to the word before by a hyphen: "twenty-minute" of 20-minute."""


Token = Spoken | Stop


def tokens(text: str, start: int, end: int, offset: int = 0) -> Iterator[Token]:
    """The words and stops of text[start:end]; the words' places are counted from -`offset`."""
    for match in _TOKEN.finditer(text, start, end):
        kind = match.lastgroup
        if kind == "ellipsis":
            yield Stop(ELLIPSIS)
        elif kind == "rest":
            yield Stop(REST)
        elif kind == "stop":
            if match[0] != "." or not _of_name(text, match.start()):
                yield Stop(match[0].translate(_STOPS))
        else:
            written = match[0]
            dotted = kind == "dotted_tail" and written.endswith(".")
            said = _UNSEEN_CHARACTERS.sub("", written.removesuffix(".")).translate(_SPELLING)
            yield Spoken(said, match.start() + offset, match.end() + offset, dotted=dotted)


def said_for(spoken: str, start: int, end: int, rule: str, phonemes: str = "") -> Iterator[Token]:
    """The words and stops of `spoken`, all of them linked to the source span start:end."""
    read = tuple(tokens(spoken, 0, len(spoken)))
    words = sum(isinstance(token, Spoken) for token in read)
    for token in read:
        if isinstance(token, Stop):
            yield token
        else:
            said = phonemes if words == 1 else ""
            yield Spoken(token.text, start, end, rule, said, token.dotted)


def phrase(read: Iterable[Token], *, closed: bool = True) -> tuple[str, tuple[Word, ...]]:
    """The spoken text and its words; ("", ()) where there is no word.

    Where `closed`, the text ends in a full stop, question or exclamation mark, so that the voice
    falls or rises; otherwise it ends as it was written. A sentence that begins with a change begins
    with a capital: "20 came." is still a sentence of its own when it is spoken.
    """
    pieces: list[str] = []
    words: list[Word] = []
    place = 0
    before: Spoken | None = None
    stops: list[str] = []

    def put(text: str) -> None:
        nonlocal place
        pieces.append(text)
        place += len(text)

    for token in read:
        if isinstance(token, Stop):
            stops.append(token.mark)
            continue
        if before is not None:
            tied = token.hyphened and not stops
            put("-" if tied else _between(before, stops, token) + " ")
        text = token.text if words or not token.rule else capitalized(token.text)
        words.append(
            Word(place, place + len(text), token.start, token.end, token.rule, token.phonemes)
        )
        put(text)
        before, stops = token, []
    if before is not None:
        put(_final(before, stops, closed))
    return "".join(pieces), tuple(words)


def capitalized(word: str) -> str:
    """The word with a capital, where that is a single letter."""
    first = word[0].upper()
    return first + word[1:] if len(first) == 1 else word


def _of_name(text: str, place: int) -> bool:
    """Whether the dot there belongs to a name: "node.js", ".env", but not "ended.Then"."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if not after.isalnum():
        return False
    return not before.strip() or (before.isalnum() and not (before.islower() and after.isupper()))


def _between(before: Spoken, stops: Sequence[str], after: Spoken) -> str:
    """The stop that is heard between two words, or a dot that belongs to the first."""
    goes_on = after.text[0].islower()
    if not stops:
        return "." if before.dotted and goes_on else ""
    heard = _heard(stops)
    if heard == "." and (goes_on or len(before.text) == 1):
        # Not the end of a sentence, for then a new Sentence would begin here: an abbreviation.
        return "," if REST in stops else ""
    return heard or ","


def _final(last: Spoken, stops: Sequence[str], closed: bool) -> str:
    heard = _heard(stops)
    if not heard and (closed or last.dotted or ELLIPSIS in stops):
        heard = "."
    return "." if closed and heard in ",;:" else heard


def _heard(stops: Sequence[str]) -> str:
    """The strongest of the written stops, empty where there are only ellipses and rests."""
    return next((mark for mark in _STRENGTH if mark in stops), "")
