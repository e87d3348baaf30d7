"""Marks, titles and front matter of Markdown; odd Markdown breaks nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrator.errors import SourceUnreadable
from narrator.reading import read
from narrator.reading.markdown import read_markdown


def marks(markdown: str) -> list[tuple[str, str, str]]:
    """(kind, text, value) of every mark of the first block."""
    block = read(markdown, format="markdown").blocks[0]
    return [(mark.kind, block.text[mark.start : mark.end], mark.value) for mark in block.marks]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("*a* **b** ~~c~~ `d`", [("emphasis", "a", ""), ("strong", "b", ""), ("strike", "c", ""),
                                 ("code", "d", "")]),
        ("[a *b*](/x) <https://a.b>", [("link", "a b", "/x"), ("emphasis", "b", ""),
                                       ("link", "https://a.b", "https://a.b")]),
        ("a [GIF]{say=jif} [oui]{lang=fr}", [("say", "GIF", "jif"), ("lang", "oui", "fr")]),
        ('a `x`{say="ex"}', [("say", "x", "ex"), ("code", "x", "")]),
        ("a [GIF]{say='jif'}", [("say", "GIF", "jif")]),
        ("a `x`{say='ex'}", [("say", "x", "ex"), ("code", "x", "")]),
        ("a [GIF]{say='a \"j\"' lang='fr'}", [("say", "GIF", "a ”j”"), ("lang", "GIF", "fr")]),
        ("a `[GIF]{say='jif'}`", [("code", "[GIF]{say='jif'}", "")]),
        ("so[^1]\n\n[^1]: Because.", [("footnote", "[1]", "")]),
        ("in $a+b$", [("formula", "a+b", "a+b")]),
        ("costs $5 or $6, $7/$8", []),
        ("a <b>c <sup>2</sup></b> <abbr title='Dee'>d</abbr>",
         [("strong", "c 2", ""), ("sup", "2", ""), ("abbr", "d", "Dee")]),
        ("a <b>c\n\nd", [("strong", "c", "")]),
        ("see [[Page|it]]", [("link", "it", "Page")]),
    ],
)  # fmt: skip
def test_marks(markdown: str, expected: list[tuple[str, str, str]]) -> None:
    assert marks(markdown) == expected


def test_a_mark_that_is_never_closed_ends_with_its_block() -> None:
    first, second = read("a <b>c\n\nd", format="markdown").blocks
    assert [mark.kind for mark in first.marks] == ["strong"]
    assert not second.marks


def test_cells_bear_the_header_of_their_column() -> None:
    table = "| Part | Price |\n|--|--|\n| seal | $2 |\n| cord | |"
    rows = read(table, format="markdown").blocks
    assert [row.text for row in rows] == ["Part\tPrice", "seal\t$2", "cord\t"]
    cells = [(mark.value, row.text[mark.start : mark.end]) for row in rows for mark in row.marks]
    assert cells == [
        ("Part", "Part"), ("Price", "Price"), ("Part", "seal"), ("Price", "$2"), ("Part", "cord"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("markdown", "title", "kinds"),
    [
        ("# One\n\ntext\n\n# Two\n\ntext", "One", ["paragraph", "heading", "paragraph"]),
        ("---\ntitle: Two\n---\n# One\n\ntext", "Two", ["heading", "paragraph"]),
        ("---\ntitle: One\n---\n# *One*\n\ntext", "One", ["paragraph"]),
        ("## Small\n\ntext", "", ["heading", "paragraph"]),
        ("---\nJust a rule above.\n\n---\n\ntext", "", ["paragraph", "paragraph"]),
    ],
)
def test_the_title(markdown: str, title: str, kinds: list[str]) -> None:
    article = read(markdown, format="markdown")
    assert article.title == title
    assert [block.kind for block in article.blocks] == kinds


def test_front_matter() -> None:
    article = read(
        "---\ntitle: 1984\nAuthor: [A, {name: B}]\ndate: 2026-02-19 10:00:00 +0100\n"
        "lang: en_GB\ncanonical: https://a.b/c\nvoice: joe\n---\ntext",
        format="markdown",
    )
    assert (article.title, article.author) == ("1984", "A, B")
    assert (article.date, article.language) == ("2026-02-19T10:00:00+01:00", "en-GB")
    assert (article.url, article.voice) == ("https://a.b/c", "joe")
    toml = read("+++\ntitle = 'T'\ndate = 2026-02-19\n+++\ntext", format="markdown")
    assert (toml.title, toml.date) == ("T", "2026-02-19")
    assert read("---\n---\ntext", format="markdown").blocks[0].text == "text"


@pytest.mark.parametrize(
    ("front", "says"),
    [
        ("---\ntitle: fine\nauthor: a: b\n---\n", "not YAML on line 3"),
        ("---\ntitle: 'open\n---\n", "not YAML on line"),
        ("+++\ntitle = \n+++\n", "not TOML.*line 1"),
        ("---\nx: " + "[" * 5000 + "\n---\n", "not YAML"),
        ("---\ntitle: a\x01b\n---\n", "not YAML.*not allowed"),
        ("---\ntitle: a\ufffe\n---\n", "not YAML.*not allowed"),
    ],
)
def test_broken_front_matter_is_told_with_its_line(front: str, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        read(front + "text", format="markdown")


FIXTURES = Path(__file__).parent / "markdown"


def cases() -> list[Any]:
    """Of each file: title, a line with a stop, Markdown, a stop, what is read of it, a stop."""
    found = []
    for path in sorted(FIXTURES.glob("*.txt")):
        parts = re.split(r"^\.\n", path.read_text("utf-8"), flags=re.MULTILINE)
        for title, source, expected in zip(parts[::3], parts[1::3], parts[2::3], strict=False):
            name = f"{path.stem}: {title.strip()}"
            found.append(pytest.param(source, expected.splitlines(), id=name))
    return found


@pytest.mark.parametrize(("source", "expected"), cases())
def test_case(source: str, expected: list[str]) -> None:
    """The expected lines are all that is read: fields, blocks, their marks, omissions."""
    article = read_markdown(source)
    fields = ("title", "author", "date", "modified", "language", "url", "voice", "recording")
    told = [f"{name}: {getattr(article, name)}" for name in fields if getattr(article, name)]
    for block in article.blocks:
        words = [block.kind, str(block.level) if block.level else "", block.label]
        text = block.text.replace("\t", " | ").replace("\n", " ⏎ ")
        told.append(f"{' '.join(filter(None, words))}: {text}".rstrip())
        told += [
            f"  {mark.kind} '{block.text[mark.start : mark.end]}' {mark.value}".rstrip()
            for mark in block.marks
            if mark.kind != "cell"
        ]
    told += [f"left out: {each.text} ({each.reason})" for each in article.omissions]
    assert told == expected


def test_neither_trafilatura_nor_lxml_is_loaded_for_markdown() -> None:
    code = (
        "import sys; from narrator.reading import read; read('# A\\n\\n*b*', format='markdown');"
        "print(sorted({'trafilatura', 'lxml', 'httpx', 'ftfy'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "markdown",
    ["> " * 5000 + "x", "- " * 2000 + "x", "[" * 20000 + "x", "*a **b " * 5000, "`" * 9999 + "x",
     "|a" * 3000 + "\n" + "|-" * 3000, "<b>" * 5000 + "x", "![" * 5000 + "x", "$a " * 5000,
     "{{" * 5000 + "x", "[[" * 5000 + "x", "<A " * 5000 + "x", ":a" * 10000, "<A {" * 5000 + "x",
     "import a from 'b'\n\n" + "{a " * 5000, "import a from 'b'\n\n" + "<A b={" * 5000 + "x",
     "{%" * 9000 + "x", "{#" * 9000 + "x", "%%" * 9000 + "x", "$1 a " * 5000, "*[a" * 5000 + "x",
     "::: a\n" * 5000 + "x", "!!! a\n" * 3000 + "    x", "a==b " * 5000, "\\[" * 5000 + "x"],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_hostile_markdown_is_read_in_time(markdown: str) -> None:
    start = time.process_time()
    assert read("Hello.\n\n" + markdown, format="markdown").blocks
    assert time.process_time() - start < 10


@pytest.mark.parametrize("sign", ["> ", "- ", "1. ", "* > "])
def test_what_is_nested_beyond_reason_is_listed(sign: str) -> None:
    article = read(f"Hello.\n\n{sign * 120}Deep down.\n\nAfter.", format="markdown")
    told = [(each.text, each.reason) for each in article.omissions]
    assert told == [("Deep down.", "nested more than 100 levels deep")]
    assert [block.text for block in article.blocks] == ["Hello.", "After."]
    shallow = read(f"{sign * 20}Deep down.", format="markdown")
    assert [block.text for block in shallow.blocks] == ["Deep down."]


SIGNS = st.sampled_from(
    ["# ", "- ", "1. ", "> ", "    ", "\n", "\n\n", "*", "**", "`", "```\n", "|", "|--|--|\n", "[",
     "]", "](", ")", "[^1]", "[^1]: ", "$", "$$\n", "---\n", "+++\n", "<b>", "</b>", "<!--", "-->",
     "<div>\n", "!!! note\n", ":::", "{{<", ">}}", "[[", "]]", "{say=x}", "![", "~~", "\\", "word ",
     "import a from 'b'\n", "<A>", "{", "}", "{%", "%}", "```{note}\n", "/// tip\n", "%%", "\\(",
     "==",     "*[word]: b\n", "<div markdown>\n", "=== \"a\"\n", "{#", "#}", "[@a]", "$1 ", "](",
     "Two words. "]
)  # fmt: skip


def test_a_footnote_in_a_footnote_breaks_nothing() -> None:
    article = read_markdown("A fact.[^1]\n\n[^1]: - [^1]: Its source.\n\nThe end.")
    assert [block.text for block in article.blocks] == ["A fact.[1]", "The end."]
    assert [o.reason for o in article.omissions] == ["footnote"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(SIGNS, st.text(max_size=3)), max_size=30).map("".join))
def test_no_markdown_breaks_the_reader(markdown: str) -> None:
    # A line above keeps rules from being taken for front matter, which may be broken.
    article = read_markdown(f"\n{markdown}")
    for block in article.blocks:
        assert all(0 <= mark.start < mark.end <= len(block.text) for mark in block.marks)
        assert block.kind in ("code", "table_row") or block.text == " ".join(block.text.split())
