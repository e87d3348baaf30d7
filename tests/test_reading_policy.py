"""How elements are treated: what is usual, what a site asks, what a page asks."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from narrator.errors import SettingsError
from narrator.languages import LANGUAGES
from narrator.model import Article, Treatment
from narrator.reading import read
from narrator.reading.policy import SMALL_COLUMNS, SMALL_ROWS
from narrator.script import write_script
from narrator.script.announcing import _PHRASES
from narrator.settings import load_settings

PROSE = "<p>The tide comes in twice a day, and twice a day it goes out again without a word.</p>"


def page(markup: str, **policy: Treatment) -> Article:
    return read(
        f"<html lang=en><article>{PROSE}{markup}{PROSE}</article>", format="html", policy=policy
    )


def said(article: Article) -> list[str]:
    """What is heard between the first and the last paragraph."""
    return [sentence.spoken for sentence in write_script(article).sentences][1:-1]


def reasons(article: Article) -> set[str]:
    return {omission.reason for omission in write_script(article).omissions}


def table(rows: int, columns: int = 2) -> str:
    head = "".join(f"<th>H{c}" for c in "abcdefgh"[:columns])
    row = "".join(f"<td>cell {c}" for c in "abcdefgh"[:columns])
    return f"<table><tr>{head}</tr>{f'<tr>{row}</tr>' * (rows - 1)}</table>"


class TestWhatIsUsual:
    def test_code_is_announced(self) -> None:
        article = page("<pre>a = 1\n\nb = 2</pre>")
        assert said(article) == ["Code example, two lines."]
        assert reasons(article) == {"code block, announced"}

    def test_one_line_of_code(self) -> None:
        assert said(page("<pre>make</pre>")) == ["Code example, one line."]

    def test_a_small_table_is_read_by_header_and_value(self) -> None:
        assert said(page(table(2))) == ["Ha; Hb.", "Ha: cell a; Hb: cell b."]

    @pytest.mark.parametrize(("rows", "columns"), [(SMALL_ROWS + 1, 2), (2, SMALL_COLUMNS + 1)])
    def test_a_large_table_is_announced(self, rows: int, columns: int) -> None:
        (sentence,) = said(page(table(rows, columns)))
        assert sentence.startswith("Table, ")
        assert reasons(page(table(rows, columns))) == {"table, announced"}

    def test_two_tables_are_announced_apart(self) -> None:
        assert len(said(page(table(20) + table(30)))) == 2

    def test_a_formula_of_its_own_is_announced(self) -> None:
        formula = '<math display="block" alttext="x^2"><mi>x</mi><mn>2</mn></math>'
        assert said(page(formula)) == ["Formula."]

    def test_in_markdown_too(self) -> None:
        rows = "| a | b |\n| --- | --- |\n" + "| 1 | 2 |\n" * 20
        article = read(f"---\nlanguage: en\n---\nOne.\n\n{rows}\n\n```\nx\n```\n\nTwo.",
                       format="markdown")  # fmt: skip
        assert said(article) == ["Table, twenty-one rows, two columns.", "Code example, one line."]


class TestWhatASiteAsks:
    @pytest.mark.parametrize(
        ("treatment", "expected"),
        [
            ("skip", []),
            ("announce", ["Code example, one line."]),
            ("read", ["make speech"]),
            ("linearise", ["make speech"]),
        ],
    )
    def test_code(self, treatment: Treatment, expected: list[str]) -> None:
        assert [text.rstrip(".") for text in said(page("<pre>make speech</pre>", pre=treatment))] \
            == [text.rstrip(".") for text in expected]  # fmt: skip

    @pytest.mark.parametrize(
        ("treatment", "expected"),
        [
            ("skip", []),
            ("announce", ["Table, two rows, two columns."]),
            ("read", ["Ha; Hb.", "cell a; cell b."]),
            ("linearise", ["Ha; Hb.", "Ha: cell a; Hb: cell b."]),
        ],
    )
    def test_tables(self, treatment: Treatment, expected: list[str]) -> None:
        assert said(page(table(2), table=treatment)) == expected

    def test_a_large_table_may_be_read(self) -> None:
        assert len(said(page(table(30), table="linearise"))) == 30

    @pytest.mark.parametrize(
        ("markup", "selector", "heard"),
        [
            ("<iframe title='Tides' src='https://youtube.example/1'></iframe>", "iframe",
             "Video: Tides."),
            ("<video></video>", "video", "Video."),
            ("<audio></audio>", "audio", "Sound recording."),
            ("<p><img alt='A pier'></p>", "img", "Picture: A pier."),
            ("<blockquote class=twitter-tweet><p>Hello, sea.</p><p>And more.</p></blockquote>",
             ".twitter-tweet", "Embedded post."),
        ],
    )  # fmt: skip
    def test_embeds_are_skipped_and_may_be_announced(
        self, markup: str, selector: str, heard: str
    ) -> None:
        assert said(page(markup)) == []
        asked: dict[str, Treatment] = {selector: "announce"}
        assert said(page(markup, **asked)) == [heard]

    def test_the_text_of_a_picture_may_be_read(self) -> None:
        assert said(page("<img alt='A pier at dusk.'>", img="read")) == ["A pier at dusk."]

    def test_what_is_furniture_may_be_read(self) -> None:
        markup = "<div class='newsletter'><p>Get our letters every day.</p></div>"
        assert said(page(markup)) == []
        asked: dict[str, Treatment] = {".newsletter": "read"}
        assert said(page(markup, **asked)) == ["Get our letters every day."]

    def test_the_rule_is_named(self) -> None:
        asked: dict[str, Treatment] = {"p.fine": "skip"}
        article = page("<p class=fine>Small print of no interest at all.</p>", **asked)
        assert said(article) == []
        assert reasons(article) == {"policy 'p.fine': skip"}

    def test_it_counts_by_kind_where_there_are_no_elements(self) -> None:
        text = "---\nlanguage: en\n---\nOne.\n\n```\nmake\n```\n\nTwo."
        article = read(text, format="markdown", policy={"pre": "skip"})
        assert said(article) == []
        assert reasons(article) == {"policy 'pre': skip"}

    def test_no_selector(self) -> None:
        with pytest.raises(SettingsError, match=r"'p\[' is no CSS selector"):
            read(PROSE, format="html", policy={"p[": "skip"})


class TestWhatAPageAsks:
    @pytest.mark.parametrize(
        ("treatment", "expected"),
        [("skip", []), ("read", ["make it"]), ("announce", ["Code example, one line."])],
    )
    def test_it_rules_all(self, treatment: str, expected: list[str]) -> None:
        markup = f"<div data-narrator={treatment}><pre>make it</pre></div>"
        for asked in get_args(Treatment):
            heard = [text.rstrip(".") for text in said(page(markup, pre=asked))]
            assert heard == [text.rstrip(".") for text in expected]

    def test_hidden_text_for_listeners(self) -> None:
        markup = "<p hidden data-narrator=read>The chart shows a rise.</p>"
        assert said(page(markup)) == ["The chart shows a rise."]

    def test_the_innermost_counts(self) -> None:
        markup = "<div data-narrator=skip><p>No.</p><p data-narrator=read>Yes, this.</p></div>"
        assert said(page(markup)) == ["Yes, this."]

    def test_a_part_is_announced_once(self) -> None:
        markup = f"<section data-narrator=announce>{'<p>A long aside.</p>' * 5}</section>"
        assert said(page(markup)) == ["A part of the page is left out here."]

    def test_an_unknown_wish_is_told(self) -> None:
        article = page("<p data-narrator=whisper>Some more words here.</p>")
        assert said(article) == ["Some more words here."]
        assert "whisper" in article.warnings[0]


def test_no_announced_word_is_a_word_of_the_page() -> None:
    script = write_script(page("<pre>a = 1</pre>" + table(30)))
    for sentence in script.sentences[1:-1]:
        assert (sentence.source, sentence.start, sentence.end) == ("", 0, 0)
        assert all(word.source_start == word.source_end == 0 for word in sentence.words)


def test_every_language_can_announce() -> None:
    assert set(LANGUAGES) <= set(_PHRASES)
    assert len({frozenset(phrases) for phrases in _PHRASES.values()}) == 1


class TestSettings:
    def test_the_table_in_narrator_toml(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("narrator.toml").write_text('[policy]\n"table.wide" = "announce"\npre = "read"\n')
        assert load_settings().policy == {"table.wide": "announce", "pre": "read"}

    def test_an_unknown_treatment_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("narrator.toml").write_text('[policy]\npre = "whisper"\n')
        with pytest.raises(SettingsError, match=r"policy\.pre.*whisper"):
            load_settings()
