"""The English rules, against fixtures that a linguist edits and against text of any kind."""

from __future__ import annotations

import itertools
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hearing import Ear, acronyms, cases, same_heard, words_of
from hypothesis import given, settings
from hypothesis import strategies as st

from narrator.engines import Engine
from narrator.engines.piper import PiperEngine
from narrator.languages import Change, language

ENGLISH = language("en")
HERE = Path(__file__).parent


def spoken(text: str) -> str:
    """The text with its changes made."""
    pieces = []
    at = 0
    for change in ENGLISH.changes(text):
        pieces += [text[at : change.start], change.spoken]
        at = change.end
    return "".join([*pieces, text[at:]])


def written_cases() -> Iterator[object]:
    for path in sorted((HERE / "languages" / "en").glob("*.txt")):
        for number, written, answers in cases(path):
            yield pytest.param(written, answers, id=f"{path.stem}-{number}")


def heard_cases() -> Iterator[object]:
    for path in [*sorted((HERE / "heard").glob("en*.txt")), HERE / "heard" / "shouted.txt"]:
        for number, written, answers in cases(path):
            yield pytest.param(written, answers, id=f"{path.stem}-{number}")


def plain_cases() -> list[str]:
    """Sentences that a voice says right as they are."""
    lines = (HERE / "heard" / "plain.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def sentence_cases() -> Iterator[object]:
    """A title after "# ", the text, then its sentences, each on an indented line."""
    for path in sorted((HERE / "sentences").glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            lines = block.strip("\n").splitlines()
            if len(lines) > 2 and not lines[1].startswith("#"):
                title, text, *expected = (line.replace("\\n", "\n") for line in lines)
                yield pytest.param(text, [line.strip(" ") for line in expected], id=title[2:])


@pytest.mark.parametrize(("written", "answers"), list(written_cases()))
def test_written_is_spoken(written: str, answers: list[str]) -> None:
    assert words_of(spoken(written)) in [words_of(answer) for answer in answers], spoken(written)


@pytest.mark.parametrize("text", plain_cases())
def test_plain_words_stay(text: str) -> None:
    assert words_of(spoken(text)) == words_of(text)


@pytest.fixture(scope="module")
def ear(joe: Engine) -> Ear:
    assert isinstance(joe, PiperEngine)
    return Ear(joe)


@pytest.mark.parametrize(("written", "answers"), list(heard_cases()))
def test_written_is_heard(ear: Ear, written: str, answers: list[str]) -> None:
    said = ear.ours(written)
    readings = [reading for answer in answers for reading in ear.readings(answer)]
    assert same_heard(said, readings), f"{spoken(written)}\n{said}\n{readings}"


def test_capitals_are_said_as_people_say_them(ear: Ear) -> None:
    known = list(acronyms(HERE / "acronyms.txt"))
    assert len(known) > 200
    assert [word for _, word, letters in known if ear.names_letters(word) != letters] == []


@pytest.mark.parametrize(("text", "expected"), list(sentence_cases()))
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in ENGLISH.sentences(text)] == expected


ALLOWED = set(".,;:?!'\"“”‘’«»„‹›-")

TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="0123456789.,:/-–$€%'\" kmMbBIVXsth()[]#@+=<>*_~^²½°&\n", max_size=80),
    st.lists(
        st.sampled_from(
            "in the $5 1999 5% 3.5 million Dr. St. Jan. 5 U.S. e.g. a 10-12 km I V IMF's $3-4 5:30 "
            "p.m. No. # & - — ( ) [1] ... … 1/2 x² A320 https://a.example/b?c=1 b@c.org 😀 °C -7 "
            "№ ¼ 1st 2024-01-02 C++ /usr/bin snake_case 12M v1.2 ³ \u00ad \u200d".split(" ")
        ),
        max_size=12,
    ).map(" ".join),
)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_text_becomes_speakable(text: str) -> None:
    changes = ENGLISH.changes(text)
    at = 0
    for change in changes:
        assert at <= change.start < change.end <= len(text), change
        assert change.rule
        assert not change.phonemes or len(change.spoken.split()) == 1, change
        at = change.end
    said = spoken(text)
    for character in said:
        kind = unicodedata.category(character)[0]
        assert kind in "LM" or character in ALLOWED or character.isspace(), (said, character)
    assert "[[" not in said


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_what_is_speakable_stays_as_it_is(text: str) -> None:
    once = spoken(text)
    assert spoken(once) == once


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_sentences_hold_every_character(text: str) -> None:
    spans = ENGLISH.sentences(text)
    assert all(a < b for a, b in spans)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(spans))
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


HOSTILE = [
    "1",
    "/",
    ".",
    " ",
    "1-",
    "$",
    "a.",
    "1/",
    "1,",
    "1 ",
    "I",
    "(",
    "_",
    "@a.",
    "#",
    "A",
    "'",
]


ENDURED = ["1", "1-", ".", "$", "No. ", "“", "CVE-", "I"]
"""A megabyte of each of these, too."""


@pytest.mark.parametrize(
    "piece",
    [
        *HOSTILE,
        "1:",
        "a-",
        "http://",
        "é",
        "No. ",
        "[1]",
        "-",
        "*",
        "x 1",
        "“",
        "CVE-",
        "^2",
        "1st ",
    ],
)
def test_time_is_linear(piece: str) -> None:
    """A text ten times as long may take little more than ten times the time."""

    def seconds(count: int) -> float:
        text = piece * (count // len(piece))
        start = time.process_time()
        ENGLISH.changes(text)
        ENGLISH.sentences(text)
        return time.process_time() - start

    seconds(1_000)
    assert seconds(50_000) < 30 * max(seconds(5_000), 0.02)
    if piece in ENDURED:
        assert seconds(1_000_000) < 30 * max(seconds(100_000), 0.1)


def test_changes_name_their_rule_and_source() -> None:
    assert ENGLISH.changes("It cost $3.5 billion.") == (
        Change(8, 20, "three point five billion dollars", "money"),
    )


def test_initialisms_stay_joined_and_carry_the_sound() -> None:
    (change,) = ENGLISH.changes("The IMF agreed.")
    assert (change.spoken, change.phonemes) == ("IMF", "ˌaɪˌɛmˈɛf")
