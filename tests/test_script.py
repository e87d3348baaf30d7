"""What is said of an article: its words, their links to the page, its pauses and omissions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from piper.phonemize_espeak import EspeakPhonemizer

from narrator.errors import UnknownLanguage
from narrator.languages import Change
from narrator.model import (
    TITLE,
    Article,
    Block,
    BlockKind,
    Mark,
    Omission,
    Script,
    Sentence,
)
from narrator.script import speakable, write_script
from narrator.script.elements import (
    POLICIES,
    block_sentences,
)
from narrator.script.explain import changes_of, script_json
from narrator.script.lexicon import Lexicon, parse_lexicon
from narrator.script.phrasing import phrase
from narrator.script.sentences import Diction, passages
from narrator.style import USUAL

FIXTURES = Path(__file__).parent / "script"


@dataclass
class Few:
    """A language of a few words: a sentence ends at . ! or ? before a capital."""

    code: str = "en"
    words: dict[str, str] = field(
        default_factory=lambda: {
            "$5": "five dollars", "5": "five", "3": "three", "4": "four", "1.2": "one point two",
            "%": " percent", "Dr.": "Doctor", "😀": "", "[1]": "", "⁶": " to the sixth",
        }
    )  # fmt: skip

    def sentences(self, text: str) -> tuple[tuple[int, int], ...]:
        ends = re.finditer(r"(?<![A-Z])(?<!p\.m)(?<![.!?…])[.!?…]++[\"”’)]*+(?=\s+[A-Z“])|\Z", text)
        spans, start = [], 0
        for end in ends:
            inner = text[start : end.end()]
            if inner.strip():
                first = start + len(inner) - len(inner.lstrip())
                spans.append((first, first + len(inner.strip())))
            start = end.end()
        return tuple(spans)

    def changes(self, text: str) -> tuple[Change, ...]:
        forms = "|".join(map(re.escape, sorted(self.words, key=len, reverse=True)))
        return tuple(
            Change(found.start(), found.end(), self.words[found[0]], "few")
            for found in re.finditer(forms, text)
        )


PLAIN = Diction(Few(), Lexicon())


def said(text: str, *marks: Mark, diction: Diction = PLAIN) -> list[str]:
    return [phrase(passage.tokens)[0] for passage in passages(text, marks, diction)[0]]


def sentences(block: Block, diction: Diction = PLAIN) -> list[Sentence]:
    return block_sentences(block, diction)[0]


def article(*blocks: Block, title: str = "", language: str = "en") -> Article:
    return Article(title, language, blocks)


def links(sentence: Sentence, text: str) -> list[tuple[str, str]]:
    """(spoken word, source words) of each word."""
    return [
        (sentence.spoken[w.start : w.end], text[w.source_start : w.source_end])
        for w in sentence.words
    ]


def phrasing_cases() -> list[tuple[str, str]]:
    lines = (FIXTURES / "phrasing.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" => ") for line in lines if line and not line.startswith("#"))
    return [(written, spoken) for written, spoken in pairs]


@pytest.mark.parametrize(("written", "spoken"), phrasing_cases())
def test_punctuation_becomes_what_the_voice_renders(written: str, spoken: str) -> None:
    assert " ".join(said(written)) == spoken


class TestLinks:
    def test_a_change_links_all_its_words_to_its_source(self) -> None:
        text = "It cost  $5, or 4%."
        (sentence,) = sentences(Block("b", "paragraph", text))
        assert sentence.spoken == "It cost five dollars, or four percent."
        assert links(sentence, text) == [
            ("It", "It"), ("cost", "cost"), ("five", "$5"), ("dollars", "$5"), ("or", "or"),
            ("four", "4"), ("percent", "%"),
        ]  # fmt: skip
        assert [word.rule for word in sentence.words] == ["", "", "few", "few", "", "few", "few"]

    def test_offsets_count_from_the_block(self) -> None:
        text = "One. It cost $5 today."
        second = sentences(Block("b", "paragraph", text))[1]
        assert text[second.start : second.end] == second.source == "It cost $5 today."
        assert links(second, text)[2:4] == [("five", "$5"), ("dollars", "$5")]

    def test_a_clitic_stays_with_the_word_that_was_changed(self) -> None:
        text = "Dr.'s orders"
        (sentence,) = sentences(Block("b", "paragraph", text))
        assert sentence.spoken == "Doctor's orders."
        assert links(sentence, text)[0] == ("Doctor's", "Dr.'s")


class TestMarks:
    def test_a_footnote_mark_is_not_spoken_and_does_not_hide_the_end(self) -> None:
        text = "It ended.1 Then, it2 began."
        marks = (Mark("footnote", 9, 10), Mark("sup", 19, 20), Mark("link", 19, 20, "#n2"))
        found, omissions = passages(text, marks, PLAIN)
        assert [phrase(p.tokens)[0] for p in found] == ["It ended.", "Then, it began."]
        assert omissions == (Omission("1", "footnote mark"), Omission("2", "footnote mark"))

    def test_a_raised_number_is_a_raised_number(self) -> None:
        assert said("About 106 of them", Mark("sup", 8, 9)) == ["About 10 to the sixth of them."]

    def test_what_the_author_says_in_place_wins(self) -> None:
        text = "The GIF cost $5 then."
        assert said(text, Mark("say", 4, 7, "jiff")) == ["The jiff cost five dollars then."]
        assert said(text, Mark("say", 14, 15, "4 or so")) == ["The GIF cost four or so then."]

    def test_a_reading_in_place_may_span_sentences(self) -> None:
        assert said("Yes. No. Maybe.", Mark("say", 0, 8, "perhaps")) == ["Perhaps.", "Maybe."]

    def test_emphasis_links_and_code_change_nothing(self) -> None:
        text = "It cost $5 in code."
        marks = (
            Mark("strong", 3, 7), Mark("emphasis", 8, 10), Mark("code", 14, 18),
            Mark("link", 0, 19, "https://example.org"),
        )  # fmt: skip
        assert said(text, *marks) == said(text) == ["It cost five dollars in code."]

    def test_tex_is_left_out_and_a_plain_formula_is_read(self) -> None:
        text = r"As a = b or \frac{a}{b} shows."
        marks = (Mark("formula", 3, 8), Mark("formula", 12, 23))
        found, omissions = passages(text, marks, PLAIN)
        assert phrase(found[0].tokens)[0] == "As a b or shows."
        assert omissions == (Omission(r"\frac{a}{b}", "formula"),)


class TestElements:
    def test_every_kind_of_block_has_a_policy(self) -> None:
        assert set(POLICIES) == set(get_args(BlockKind))

    def test_code_is_announced_and_listed(self) -> None:
        code = Block("c", "code", "x = 1\n" * 50)
        (sentence,), (omission,) = block_sentences(code, PLAIN)
        assert (sentence.source, sentence.start, sentence.end) == ("", 0, 0)
        assert {word.rule for word in sentence.words} == {"announcement"}
        assert omission.reason == "code block, announced"
        assert omission.text.startswith("x = 1")
        assert omission.text.endswith("…")

    @pytest.mark.parametrize(
        ("label", "spoken"),
        [
            ("3.", "Three: Bread."), ("(4)", "Four: Bread."), ("iii.", "Three: Bread."),
            ("b)", "B: Bread."), ("1.2", "One point two: Bread."), ("", "Bread."),
            ("•", "Bread."),
        ],
    )  # fmt: skip
    def test_the_number_of_a_list_item_is_said(self, label: str, spoken: str) -> None:
        (sentence,) = sentences(Block("i", "list_item", "Bread", 1, label))
        assert sentence.spoken == spoken
        if spoken != "Bread.":
            number = sentence.words[0]
            assert (number.source_start, number.source_end) == (0, 0)
            assert number.rule == "list number"
        assert links(sentence, "Bread")[-1] == ("Bread", "Bread")

    def test_a_table_row_is_read_cell_by_cell(self) -> None:
        text = "Tea\t$5\t\tNo. It is."
        marks = (
            Mark("cell", 0, 3), Mark("cell", 4, 6, "Price"), Mark("cell", 8, 18, "Sold out?"),
        )  # fmt: skip
        row = Block("t", "table_row", text, marks=marks)
        (sentence,) = sentences(row)
        assert sentence.spoken == "Tea; Price: five dollars; Sold out? No. It is."
        assert (sentence.start, sentence.end) == (0, len(text))
        assert links(sentence, text)[:4] == [
            ("Tea", "Tea"), ("Price", ""), ("five", "$5"), ("dollars", "$5"),
        ]  # fmt: skip

    def test_an_empty_table_row_says_nothing(self) -> None:
        assert block_sentences(Block("t", "table_row", "\t\t"), PLAIN) == ([], [])

    def test_a_sentence_without_words_is_an_omission(self) -> None:
        spoken, omissions = block_sentences(Block("p", "paragraph", "😀 !!!"), PLAIN)
        assert spoken == []
        assert omissions == [Omission("😀 !!!", "holds no words")]

    def test_what_a_rule_leaves_out_is_listed(self) -> None:
        spoken, omissions = block_sentences(Block("p", "paragraph", "So 😀, yes [1] ."), PLAIN)
        assert [s.spoken for s in spoken] == ["So, yes."]
        assert [o.text for o in omissions] == ["😀", "[1]"]


class TestLexiconAndRules:
    DICTION = Diction(
        Few(words={"nginx 5": "nginx five", "5": "five", "3": "three", "MaaS": "M S"}),
        parse_lexicon(
            """
            [site]
            nginx = { say = "engine x" }
            MaaS = { ipa = "mˈæs" }
            five = { ipa = "fˈaɪv" }
            three = { say = "tree" }
            Feef = { say = "5 or so" }
            "Yes. No" = { say = "perhaps" }
            """,
            name="site.toml",
        ),
    )

    def test_the_lexicon_comes_before_the_rules(self) -> None:
        (passage,), _ = passages("Our MaaS", (), self.DICTION)
        spoken, words = phrase(passage.tokens)
        assert spoken == "Our MaaS."
        assert (words[1].rule, words[1].phonemes) == ("lexicon", "mˈæs")

    def test_a_rule_that_reaches_beyond_an_entry_wins(self) -> None:
        written = "On nginx 5 or nginx"
        (passage,), _ = passages(written, (), self.DICTION)
        spoken, words = phrase(passage.tokens)
        assert spoken == "On engine x five or engine x."
        assert [w.rule for w in words] == ["", "few", "few", "few", "", "lexicon", "lexicon"]

    def test_the_lexicon_says_the_words_that_a_rule_makes(self) -> None:
        (passage,), _ = passages("All 5", (), self.DICTION)
        word = phrase(passage.tokens)[1][1]
        assert (word.rule, word.phonemes) == ("few", "fˈaɪv")
        assert said("All 3", diction=self.DICTION) == ["All tree."]

    def test_a_respelling_may_hold_what_the_rules_read(self) -> None:
        assert said("The Feef", diction=self.DICTION) == ["The five or so."]

    def test_an_entry_holds_sentences_together(self) -> None:
        assert said("Yes. No. Maybe.", diction=self.DICTION) == ["Perhaps.", "Maybe."]


def test_the_pauses_follow_what_follows() -> None:
    script = write_script(
        article(
            Block("p1", "paragraph", "One thing. Another thing."),
            Block("p2", "paragraph", "Here is a list:"),
            Block("i1", "list_item", "Bread"),
            Block("i2", "list_item", "Butter"),
            Block("h", "heading", "A heading", 2),
            Block("p3", "paragraph", "The end."),
            title="The title",
        )
    )
    assert [(s.spoken, s.pause) for s in script.sentences] == [
        ("The title.", USUAL.after_title),
        ("One thing.", USUAL.sentence),
        ("Another thing.", USUAL.paragraph),
        ("Here is a list.", USUAL.list_item),
        ("Bread.", USUAL.list_item),
        ("Butter.", USUAL.before_heading),
        ("A heading.", USUAL.after_heading),
        ("The end.", USUAL.last),
    ]
    assert script.sentences[0].block == TITLE
    assert script.sentences[0].kind == "title"


class TestWriteScript:
    def test_the_argument_rules_over_the_article(self) -> None:
        script = write_script(article(title="Hello", language="xx"), language="en-GB")
        assert script.language == "en-GB"
        assert [s.spoken for s in script.sentences] == ["Hello."]

    @pytest.mark.parametrize("language", ["", "xx"])
    def test_a_language_without_rules_is_refused(self, language: str) -> None:
        with pytest.raises(UnknownLanguage, match="--language"):
            write_script(article(title="Hello", language=language))

    def test_what_reading_left_out_comes_first(self) -> None:
        read = Article("T", "en", (Block("c", "code", "x"),), omissions=(Omission("ad", "advert"),))
        assert write_script(read).omissions == (
            Omission("ad", "advert"), Omission("x", "code block, announced"),
        )  # fmt: skip

    def test_an_empty_article_is_an_empty_script(self) -> None:
        assert write_script(article()) == Script("en", ())

    def test_a_lexicon_given_takes_the_place_of_the_shipped_one(self) -> None:
        page = article(title="Huawei")
        shipped = write_script(page).sentences[0].words[0]
        none = write_script(page, lexicon=Lexicon()).sentences[0].words[0]
        assert (shipped.phonemes, none.phonemes) == ("wˈɑːweɪ", "")


class TestExplain:
    SCRIPT = Script(
        "en",
        tuple(
            sentences(Block("i", "list_item", "It cost $5 😀 today.", 1, "4."))
            + sentences(Block("p", "paragraph", "Nothing to change."))
        ),
        (Omission("😀", "emoji"),),
    )

    def test_each_change_is_one_row(self) -> None:
        rows = [
            (c.block, c.source_start, c.source_end, c.source, c.spoken, c.rule)
            for c in changes_of(self.SCRIPT)
        ]
        assert rows == [
            ("i", 0, 0, "", "Four", "list number"),
            ("i", 8, 10, "$5", "five dollars", "few"),
        ]

    def test_json_has_the_documented_keys(self) -> None:
        told = script_json(self.SCRIPT)
        assert list(told) == ["format", "title", "url", "language", "sentences", "omissions"]
        first = told["sentences"][0]
        assert list(first) == [
            "block", "kind", "start", "end", "source", "spoken", "pause", "words",
        ]  # fmt: skip
        assert first["words"][3] == {
            "text": "five", "start": 14, "end": 18, "source_start": 8, "source_end": 10,
            "rule": "few", "phonemes": "",
        }  # fmt: skip
        assert told["omissions"] == [{"text": "😀", "reason": "emoji"}]


class TestSpeakable:
    def test_plain_text_in_spoken_text_out(self) -> None:
        assert speakable("It cost $5.", language="en") == "It cost five dollars."

    def test_nothing_is_closed_that_was_not(self) -> None:
        assert speakable("hello") == "hello"
        assert speakable("") == ""

    def test_a_sentence_that_begins_with_a_number_stays_one(self) -> None:
        once = "It ended. Twenty people came."
        assert speakable("It ended. 20 people came.") == speakable(once) == once

    def test_paragraphs_stay_apart(self) -> None:
        assert speakable("One.\n\nTwo words.\nThree.") == "One.\n\nTwo words. Three."


# What holds for any text. `hostile` mixes letters of several scripts with what trips up rules.
hostile = st.text(
    st.sampled_from("aAbI5.,;:!?'’\"“”()[]{}-–—…/\\&%$€@#*_~|•^=+<> \t\n\u00ad\u200béжष्か😀²1٣ẞİﬁ")
    | st.characters(codec="utf-8"),
    max_size=120,
)
PUNCTUATION = re.compile(r"-|[ .,;:?!]*")  # The hyphen of "twenty-minute" ties two words.


@pytest.mark.parametrize("code", ["few", "en"])
@settings(max_examples=250, deadline=None)
@given(text=hostile)
def test_no_letter_is_lost_and_nothing_else_is_said(code: str, text: str) -> None:
    block = Block("b", "paragraph", text)
    if code == "few":
        spoken, omissions = block_sentences(block, PLAIN)
    else:
        script = write_script(article(block))
        spoken, omissions = list(script.sentences), list(script.omissions)

    covered = bytearray(len(text))
    place = 0
    for sentence in spoken:
        assert place <= sentence.start < sentence.end <= len(text)
        assert sentence.source == text[sentence.start : sentence.end]
        place = sentence.end
        assert not re.search(r"\[|\]|  ", sentence.spoken)
        assert re.search(r"[^ ][.?!]\Z", sentence.spoken)
        between = 0
        for word in sentence.words:
            assert PUNCTUATION.fullmatch(sentence.spoken[between : word.start])
            assert word.start < word.end
            between = word.end
            assert sentence.start <= word.source_start < word.source_end <= sentence.end
            covered[word.source_start : word.source_end] = b"\1" * (
                word.source_end - word.source_start
            )
        assert PUNCTUATION.fullmatch(sentence.spoken[between:])
        starts = [word.source_start for word in sentence.words]
        assert starts == sorted(starts)

    left_out = " ".join(omission.text.rstrip("…") for omission in omissions)
    for place, character in enumerate(text):
        assert covered[place] or not character.isalpha() or character in left_out


def written_cases() -> list[str]:
    """The written side of every case that the linguist wrote for English."""
    tests = Path(__file__).parent
    files = sorted([*(tests / "languages" / "en").glob("*.txt"), tests / "heard" / "en.txt"])
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return [line.split("=>")[0].strip() for line in lines if "=>" in line and line[0] != "#"]


def test_speaking_what_is_spoken_changes_nothing() -> None:
    once = [speakable(written) for written in written_cases()]
    assert len(once) > 700
    assert [speakable(spoken) for spoken in once] == once


def test_no_case_rests_inside_a_sentence_where_nothing_asks_for_it() -> None:
    phonemizer = EspeakPhonemizer()
    for written in written_cases():
        for sentence in write_script(article(Block("b", "paragraph", written))).sentences:
            heard = phonemizer.phonemize("en-us", sentence.spoken)
            asked = len(re.findall(r"[.?!] ", sentence.spoken))
            assert len(heard) <= 1 + asked, sentence.spoken


@pytest.mark.parametrize(
    "piece", ["word ", "a.", "$5 ", "((", "- ", "’s", "…", "a&", "Huawei's ", "A. ", "nginx", "\t"]
)
def test_time_is_linear_in_the_length(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    passages(text, (), Diction(Few(), write_lexicon()))


def write_lexicon() -> Lexicon:
    return parse_lexicon('[x]\nnginx = { say = "engine x" }\nHuawei = { word = true }', name="x")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Well done 👍🏽 to all of you.", "Well done, thumbs up, to all of you."),
        ("We won! 🎉🎉", "We won! party popper"),
        ("I ❤️ it, the 🇫🇷 team said.", "I, red heart, it, the, flag, team said."),
        ("Our family 👨‍👩‍👧 grows.", "Our family, man woman girl, grows."),
        ("It cost $5 😀", "It cost five dollars, grinning face"),
        ("No picture here: 5 → 6.", "No picture here: five to six."),
    ],
)
def test_emoji_are_named_on_request(written: str, spoken: str) -> None:
    assert speakable(written, emoji=True).rstrip(",") == spoken
    assert "face" not in speakable(written)
    assert "thumbs" not in speakable(written)
