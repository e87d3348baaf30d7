"""What a document becomes, and costs, is bounded by its size."""

from __future__ import annotations

import json

import pytest

from narrator.errors import SourceUnreadable
from narrator.reading import read, sniff
from narrator.reading.bounded import MOST_VALUES
from narrator.reading.feed import read_feed
from narrator.reading.metadata import iso_date, language_code

LEVELS = "\n".join(
    f"{chr(97 + i)}: &{chr(97 + i)} [{','.join([f'*{chr(96 + i)}' if i else 'lol'] * 9)}]"
    for i in range(9)
)
"""Nine lists of nine times the list before: 460 bytes that mean 387 million values."""


@pytest.mark.parametrize(
    ("front", "says"),
    [
        (f"---\n{LEVELS}\n---\n", "line 2.*anchors and aliases"),
        ("---\ntitle: &t Tides\n---\n", "line 2.*anchors and aliases"),
        ("---\ntitle: a\nbase: {x: 1}\nmore:\n  <<: *base\n---\n", "line 5.*anchors and aliases"),
        ("---\ntitle: [a, &b [c]]\n---\n", "line 2.*anchors and aliases"),
        ("---\n? &k key\n: 1\n---\n", "line 2.*anchors and aliases"),
        ("---\na: " + "[" * 30 + "]" * 30 + "\n---\n", "line 2.*20 deep"),
        ("---\n" + "".join(f"{' ' * i}a:\n" for i in range(30)) + "---\n", "20 deep"),
        ("---\n" + "- a\n" * MOST_VALUES + "---\n", "more than 10,000 values"),
        ("---\na: " + "x " * 60_000 + "\n---\n", "longer than 100,000 characters"),
        ("---\ntitle: a\n" + "[" * 200_000 + "\n---\n", "longer than 100,000 characters"),
        ("+++\na = " + "[" * 30 + "]" * 30 + "\n+++\n", "20 deep"),
        ("+++\na = [" + "1," * MOST_VALUES + "]\n+++\n", "more than 10,000 values"),
        ("+++\n" + "a." * 40_000 + "a = 1\n+++\n", "a key has more than 50 parts"),
        ("+++\n[" + "a . " * 20_000 + "a]\n+++\n", "a key has more than 50 parts"),
        ("+++\n" + "'a'.\"b\"." * 9_000 + "a = 1\n+++\n", "a key has more than 50 parts"),
        ("+++\na = " + "9" * 5000 + "\n+++\n", "not TOML"),
        ("+++\na = '" + "9" * 100_000 + "'\n+++\n", "longer than 100,000 characters"),
        ('---json\n{"a": ' + "[" * 30 + "]" * 30 + "}\n---\n", "20 deep"),
        ('---json\n{"a": [' + "1," * MOST_VALUES + "1]}\n---\n", "more than 10,000 values"),
        ('---json\n{"a": "' + "x" * 100_000 + '"}\n---\n', "longer than 100,000 characters"),
        ('---json\n{"a": ' + "9" * 5000 + "}\n---\n", "not JSON"),
    ],
)
def test_front_matter_that_is_more_than_it_seems_is_refused(front: str, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        read(front + "text", format="markdown")


def test_front_matter_that_only_looks_so_is_read() -> None:
    article = read(
        "---\ntitle: 'A & B *c*'\nauthor: AT&T *inc*\ntags: [" + "a, " * 2000 + "b]\n---\ntext",
        format="markdown",
    )
    assert (article.title, article.author) == ("A & B *c*", "AT&T *inc*")
    assert article.blocks[0].text == "text"
    deep = "[" * 15 + "x" + "]" * 15
    for front in (
        f"---\ntitle: T\nx: {deep}\n---\n",
        f"+++\ntitle = 'T'\na.b.c.d = 1\nx = {deep.replace('x', '1')}\n+++\n",
        '---json\n{"title": "T", "x": ' + deep.replace("x", "1") + "}\n---\n",
        '{"title": "T", "x": ' + deep.replace("x", "1") + "}\n",
    ):
        assert read(front + "text", format="markdown").title == "T"


def test_a_long_brace_at_the_start_is_text() -> None:
    text = '{"a": "' + "word " * 30_000 + '"}'
    assert "word word" in read(text, format="markdown").blocks[0].text


def test_fields_without_fences_are_bounded() -> None:
    """Each line was added to all lines before it: a megabyte took minutes."""
    text = "title: T\ndate: 2026-02-19\nauthor: A\n" + " more\n" * 30_000 + "\nThe text."
    assert read(text, format="markdown").title == ""
    short = "title: T\ndate: 2026-02-19\nauthor: A\n B\n\nThe text."
    assert read(short, format="markdown").author == "A B"


@pytest.mark.parametrize("rest", ["x", "<p>x</p>", "<html><p>x", "<rss"])
def test_many_comments_at_the_start_do_not_keep_the_reader_busy(rest: str) -> None:
    """The pattern tried every way to part them: 2 to the power of their number."""
    assert sniff("<!---->" * 2000 + rest) == ("html" if "html" in rest else "text")
    assert sniff("<!-- a -->\n<!-- b -->\n<!doctype html><p>x") == "html"
    feed = read_feed(b"<rss version='2.0'></rss>" + b"<!---->" * 500 + rest.encode() + b"<")
    assert feed.warnings


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("Fri, 01 Jan 2024 00:00:00 +99999999999999", ""),
        ("Fri, 01 Jan 99999 00:00:00 +0000", ""),
        ("1" * 100_000, ""),
        ("(" * 100_000, ""),
        ("Fri, 05 Jan 2024 00:00:00 +0000", "2024-01-05T00:00:00+00:00"),
    ],
)
def test_a_date_that_is_none_is_none(written: str, means: str) -> None:
    assert iso_date(written) == means


def test_a_language_of_a_megabyte_is_none() -> None:
    assert language_code("en" + "-aa" * 300_000) == ""


@pytest.mark.parametrize("said", ["9" * 5000, "[" * 100_000, json.dumps({"date": "9" * 5000})])
def test_json_that_cannot_be_read_is_no_crash(said: str) -> None:
    with pytest.raises(SourceUnreadable):
        read_feed(b'{"version": ' + said.encode(), "https://a.example/")
    page = (
        f'<html><head><script type="application/ld+json">{{"@type": "Article", "x": {said}}}'
        "</script></head><body><p>The tide comes in twice a day, and goes out again.</p>"
    )
    assert read(page, format="html").blocks
