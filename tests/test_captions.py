"""Cues, chapters, WebVTT and cues JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from conftest import make_sentence

from narrator.audio.captions import (
    LINE,
    LINES,
    chapters,
    clock,
    cue,
    cues_json,
    milliseconds,
    webvtt,
)
from narrator.audio.join import Said, join
from narrator.engines import Engine
from narrator.model import TITLE, AudioFile, Cue, CueWord, Segment, Sentence, Word, WordTime

RATE = 22050


def heard(text: str, start: float = 0.0, seconds: float = 6.0) -> Cue:
    """A cue whose words are as written and follow each other evenly."""
    found = list(re.finditer(r"\S+", text))
    step = seconds / max(1, len(found))
    words = tuple(
        CueWord(start + i * step, start + (i + 0.9) * step, m.group(), m.start(), m.end())
        for i, m in enumerate(found)
    )
    return Cue(start, start + seconds, "b1", 0, len(text), text, text, words)


def heard_in(pairs: list[tuple[Sentence, Segment]]) -> list[Said]:
    """The sentences of a narration of these."""
    pieces = join(((sentence, [segment]) for sentence, segment in pairs), RATE)
    return [piece.said for piece in pieces if piece.said]


def parsed(vtt: Iterable[str]) -> list[tuple[str, str, str]]:
    """(start, end, text) of each caption, by a reading of the standard's block structure."""
    head, *blocks = "".join(vtt).rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    found = []
    for number, block in enumerate(blocks, 1):
        identifier, timing, *lines = block.split("\n")
        assert identifier == str(number)
        match = re.fullmatch(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})", timing)
        assert match, timing
        found.append((match[1], match[2], "\n".join(lines)))
    return found


def test_a_cue_is_where_its_sentence_is(tone: Engine) -> None:
    sentences = [make_sentence("One two."), make_sentence("Three, four, five.")]
    pairs = [(s, tone.speak(s, 1.0)) for s in sentences]
    first, second = (cue(said) for said in heard_in(pairs))
    assert (first.start, first.end) == (0.0, pairs[0][1].duration)
    frame = 576 / RATE
    assert 0 <= second.start - (first.end + sentences[0].pause) < frame, "a pause ends a frame"
    assert [word.text for word in second.words] == ["Three", "four", "five"]
    for word, time in zip(second.words, pairs[1][1].words, strict=True):
        assert word.start == pytest.approx(second.start + time.start)
        assert second.start <= word.start <= word.end <= second.end


def test_words_say_where_they_stand_in_the_page() -> None:
    words = (Word(0, 4, 10, 12), Word(5, 12, 10, 12))
    sentence = Sentence("b1", "paragraph", 10, 13, "$5.", "five dollars.", words, 0.3)
    times = (WordTime(0.0, 0.3), WordTime(0.3, 0.9))
    segment = Segment("n1-x", np.zeros(RATE, np.int16), RATE, times, estimated=True)
    (said,) = heard_in([(sentence, segment)])
    found = cue(said)
    assert found.estimated
    assert (found.source, found.source_start, found.source_end) == ("$5.", 10, 13)
    assert [(w.text, w.source_start, w.source_end) for w in found.words] == [
        ("five", 10, 12),
        ("dollars", 10, 12),
    ]


def test_an_intro_has_no_cue() -> None:
    pieces = list(join([], RATE, intro=np.ones(RATE, np.float32)))
    assert [piece.said for piece in pieces] == [None]


def of_kind(kind: Literal["title", "heading", "paragraph"], block: str, text: str) -> Sentence:
    return replace(make_sentence(text), kind=kind, block=block)


def test_chapters_follow_title_and_headings() -> None:
    sentences = [
        of_kind("title", TITLE, "The title."),
        of_kind("title", TITLE, "It goes on."),
        of_kind("paragraph", "b1", "Text."),
        of_kind("heading", "b2", "A  heading"),
        of_kind("paragraph", "b3", "Text."),
        of_kind("heading", "b4", "Another"),
    ]
    cues = [heard(s.source, 3.0 + 10 * i) for i, s in enumerate(sentences)]
    found = chapters(sentences, cues, 70.0)
    assert [(c.start, c.end, c.title) for c in found] == [
        (0.0, 33.0, "The title. It goes on."),
        (33.0, 53.0, "A heading"),
        (53.0, 70.0, "Another"),
    ]


def test_no_headings_no_chapters() -> None:
    assert chapters([of_kind("paragraph", "b1", "Text.")], [heard("Text.")], 6.0) == ()


def test_captions_of_short_sentences() -> None:
    assert parsed(webvtt([heard("One."), heard("Two.", 3723.0004, 1.0)])) == [
        ("00:00:00.000", "00:00:06.000", "One."),
        ("01:02:03.000", "01:02:04.000", "Two."),
    ]
    assert "".join(webvtt([])) == "WEBVTT\n"


def test_marks_of_webvtt_are_text() -> None:
    ((_, _, text),) = parsed(webvtt([heard("a <b> & c --> d\n\nNOTE e")]))
    assert text == "a &lt;b&gt; &amp; c --&gt; d NOTE e"


LONG = (
    "When the harbour froze in the winter of that year, the ferry stayed where it was for eleven "
    "weeks, and the bakers, who had never liked the sea, walked to the island across the ice with "
    "their loaves on sledges."
)


def test_a_long_sentence_is_several_captions() -> None:
    cue_ = heard(LONG, 5.0, 14.0)
    found = parsed(webvtt([cue_]))
    assert len(found) in (3, 4)
    assert " ".join(text.replace("\n", " ") for *_, text in found) == LONG
    assert [start for start, *_ in found][1:] == [end for _, end, _ in found][:-1]
    assert (found[0][0], found[-1][1]) == ("00:00:05.000", "00:00:19.000")
    for _, _, text in found:
        assert len(text.split("\n")) <= LINES
        assert all(len(line) <= LINE + 8 for line in text.split("\n"))
    starts = {clock(word.start): word.text for word in cue_.words}
    for start, _, text in found:
        assert text.split()[0] == starts[start], "a caption changes with its first word"
    assert sum(text.endswith(",") for *_, text in found) >= 1


def test_what_is_said_together_is_shown_together() -> None:
    """Where five words say two tokens, as in "$3.5 billion", no caption begins with the second."""
    text = "x" * 41 + " $3.5 billion " + "y" * 41
    words = tuple(CueWord(i, i + 1, "w", 42, 54) for i in range(1, 6))
    words = (CueWord(0, 1, "x", 0, 41), *words, CueWord(6, 7, "y", 55, 96))
    found = parsed(webvtt([Cue(0, 7, "b", 0, len(text), text, "", words)]))
    assert len(found) == 2
    assert any("$3.5\nbillion" in t or "$3.5 billion" in t for *_, t in found)


def test_a_word_longer_than_a_caption_stays_whole() -> None:
    text = "See " + "x" * 200 + " now."
    assert " ".join(t.replace("\n", " ") for *_, t in parsed(webvtt([heard(text)]))) == text


def test_a_long_sentence_without_words_is_one_caption() -> None:
    silent = replace(heard(LONG), words=())
    assert len(parsed(webvtt([silent]))) == 1


def test_cues_json() -> None:
    sentences = [of_kind("title", TITLE, "Élan & vie.")]
    cues = [heard("Élan & vie.", 0.0004, 1.23456)]
    audio = AudioFile("/somewhere/else/story.mp3", "mp3", 1000, "ab" * 32)
    text = "".join(cues_json(cues, chapters(sentences, cues, 2.0), audio, 2.0))
    found = json.loads(text)
    assert list(found) == ["version", "audio", "cues", "chapters"]
    assert found["audio"] == {"file": "story.mp3", "sha256": "ab" * 32, "duration": 2.0}
    assert found["chapters"] == [{"start": 0.0, "end": 2.0, "title": "Élan & vie."}]
    (only,) = found["cues"]
    assert (only["start"], only["end"]) == (0.0, 1.235)
    assert only["block"] == "b1"
    assert only["source"] == only["spoken"] == "Élan & vie."
    assert only["estimated"] is False
    assert only["words"][0] == {
        "start": 0.0, "end": 0.371, "text": "Élan", "source_start": 0, "source_end": 4,
    }  # fmt: skip
    assert "Élan" in text
    assert text == json.dumps(found, ensure_ascii=False, separators=(",", ":")), "as one JSON value"


def test_rounding_keeps_the_order() -> None:
    times = np.sort(np.random.default_rng(0).uniform(0, 5, 20000))
    rounded = [milliseconds(t) for t in times]
    assert rounded == sorted(rounded)
    assert clock(59.9996) == "00:01:00.000"
    assert clock(3599.9995001) == "01:00:00.000"
