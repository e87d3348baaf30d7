"""Marks, metadata and selectors of pages; pages that hold no article; hostile pages."""

from __future__ import annotations

import time
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from narrator.errors import NothingToSay, SourceError, SourceUnreadable
from narrator.model import Block
from narrator.reading import read
from narrator.reading.dom import parse_page, shown_text
from narrator.reading.head import read_head
from narrator.reading.html import read_html

PROSE = "<p>The tide comes in twice a day, and twice a day it goes out again without a word.</p>"


def marks(markup: str) -> list[tuple[str, str, str]]:
    """(kind, text, value) of every mark of the first block."""
    block = read(markup, format="html").blocks[0]
    return [(mark.kind, block.text[mark.start : mark.end], mark.value) for mark in block.marks]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<a href='/x'>a <b>bold</b></a>.", [("link", "a bold", "/x"), ("strong", "bold", "")]),
        ("<em>a</em><i> b </i>", [("emphasis", "a", ""), ("emphasis", "b", "")]),
        ("H<sub>2</sub>O, 10 m<sup>2</sup>", [("sub", "2", ""), ("sup", "2", "")]),
        ("the <abbr title='United Nations'>UN</abbr>", [("abbr", "UN", "United Nations")]),
        ("on <time datetime='2025-05-04'>May 4</time>", [("time", "May 4", "2025-05-04")]),
        ("a <span data-say='jif'>GIF</span>", [("say", "GIF", "jif")]),
        ("he said <i lang='fr'>oui</i>", [("lang", "oui", "fr"), ("emphasis", "oui", "")]),
        ("<del>old</del> new", [("strike", "old", "")]),
        ("run <code>make</code>", [("code", "make", "")]),
        ("so<sup id='r1'><a href='#n1'>1</a></sup>", [("footnote", "1", "")]),
        ("so<a href='#n1'>[2]</a>", [("footnote", "[2]", "")]),
        ("so<a role='doc-noteref' href='n.html#1'>*</a> b", [("footnote", "*", "")]),
        ("<math alttext='x^2'><mi>x</mi><mn>2</mn></math> is", [("formula", "x2", "x^2")]),
        ("<u>not</u> <span class='x'>marked</span>", []),
    ],
)  # fmt: skip
def test_marks(markup: str, expected: list[tuple[str, str, str]]) -> None:
    assert marks(f"<html lang=en><p>{markup}</p>") == expected


def test_cells_bear_the_header_of_their_column() -> None:
    markup = (
        "<table><tr><th>Part<th colspan=2>Price</tr>"
        "<tr><th>switch<td>3<td>4</tr>"
        "<tr><td rowspan=2>seal<td>1<td>2</tr><tr><td>5<td>6</tr></table>"
    )
    rows = [
        [(mark.value, block.text[mark.start : mark.end]) for mark in block.marks]
        for block in read(markup + PROSE, format="html").blocks
        if block.kind == "table_row"
    ]
    assert rows == [
        [("Part", "Part"), ("Price", "Price")],
        [("Part", "switch"), ("Price", "3"), ("Price", "4")],
        [("Part", "seal"), ("Price", "1"), ("Price", "2")],
        [("Price", "5"), ("Price", "6")],
    ]


def selected(root: etree._Element, block: Block) -> str:
    """The text of the element that the block's selector names."""
    steps = block.selector.replace(">", " > ").split()
    path, axis = ["//"], ""
    for step in steps:
        if step == ">":
            axis = "/"
            continue
        tag, _, place = step.partition(":nth-of-type(")
        name = f"*[@id='{tag[1:]}']" if tag.startswith("#") else tag
        path.append(f"{axis if len(path) > 1 else ''}{name}" + (f"[{place[:-1]}]" if place else ""))
        axis = "//"
    (element,) = cast(list[etree._Element], root.xpath("".join(path)))
    return shown_text(element)


def test_selectors_name_the_element_of_each_block() -> None:
    markup = (
        f"<main><div id='story'><h2>One</h2>{PROSE}<ul><li>an item</li><li>an <b>item</b></li></ul>"
        f"<section>{PROSE}<p>Last one.</p></section></div></main>"
    )
    article = read(markup, format="html")
    assert len(article.blocks) == 6
    assert article.blocks[0].selector == "#story > h2:nth-of-type(1)"
    for block in article.blocks:
        assert selected(parse_page(markup), block) == block.text


@pytest.mark.parametrize(
    ("head", "title", "author", "date"),
    [
        (
            """<title>x</title><script type="application/ld+json">
            [{"@type": "BlogPosting", "headline": "Tides &amp; us", "author": ["A", "B"],
            "datePublished": "2025-01-02"}]</script>""",
            "Tides & us", "A, B", "2025-01-02",
        ),
        (
            """<meta property="og:site_name" content="The Shore">
            <meta property="og:title" content="Tides | The Shore">
            <meta name="author" content="A. B."><meta name="date" content="January 2, 2025">""",
            "Tides", "A. B.", "2025-01-02",
        ),
        ("<title>Tides - The Shore</title>", "Tides", "", ""),
        ("<title>The Shore: Tides</title><meta name='date' content='02/03/25'>",
         "The Shore: Tides", "", ""),
        ('<script type="application/ld+json">{"broken": </script><title>Tides</title>',
         "Tides", "", ""),
    ],
)  # fmt: skip
def test_metadata(head: str, title: str, author: str, date: str) -> None:
    article = read(f"<html><head>{head}</head><body>{PROSE}</body></html>", format="html")
    assert (article.title, article.author, article.date) == (title, author, date)


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="/tide">', "https://shore.example/tide"),
        ('<meta property="og:url" content="https://a.example/b">', "https://a.example/b"),
        ('<link rel="canonical" href="javascript:0">', "https://shore.example/x?y=1"),
        ("", "https://shore.example/x?y=1"),
    ],
)
def test_the_canonical_address(head: str, url: str) -> None:
    assert read_head(parse_page(head), "https://shore.example/x?y=1").metadata.url == url


def test_the_headline_that_is_shown_counts_and_is_no_block() -> None:
    page = (
        "<title>Tides</title><meta property='og:title' content='Tides, told short'>"
        f"<article><h1>Tides, told short and well</h1>{PROSE}"
        f"<h2>Tides, told short and well</h2>{PROSE}"
    )
    article = read(page, format="html")
    assert article.title == "Tides, told short and well"
    assert [block.kind for block in article.blocks] == ["paragraph", "paragraph"]
    told = [(each.text, each.reason) for each in article.omissions]
    assert told == [("Tides, told short and well", "repeats the title")]


def test_the_page_decides_with_data_narrator() -> None:
    page = (
        f"<article>{PROSE}<p data-narrator=skip>Skip this, if you please, dear narrator.</p>"
        f"<aside data-narrator=read><p>Read this aside.</p></aside>{PROSE}</article>"
    )
    article = read(page, format="html")
    assert "Read this aside." in [block.text for block in article.blocks]
    assert [each.reason for each in article.omissions] == ["left out by the page"]


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("<form>Name <input><input type=password></form><p>Welcome back.</p>", "login"),
        ("<div id=root></div><noscript>Turn on JavaScript.</noscript>", "JavaScript"),
        ("<nav><ul><li><a href=/a>One</a><li><a href=/b>Two</a></ul></nav>", "no paragraphs"),
        ("<ul>" + "<li><a href=/a>One headline</a>" * 20 + "</ul>", "no paragraphs"),
        ("<img alt='A picture of a pier'>", "No article"),
    ],
)  # fmt: skip
def test_a_page_without_an_article(page: str, says: str) -> None:
    with pytest.raises(NothingToSay, match=says):
        read(page, format="html")


def test_a_short_page_is_read() -> None:
    assert [b.text for b in read("<p>It cost $5.</p>", format="html").blocks] == ["It cost $5."]
    assert read("Just <b>words</b> &amp; more", format="html").blocks[0].text == "Just words & more"


LIMIT = 10.0
"""CPU seconds that a hostile page may take on a slow machine."""


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 1500 + PROSE * 3 + "</div>" * 1500,
        "<p><font>unclosed words " * 300,
        "<ul><li>an item" * 300,
        "<table><tr><td>x y z" * 150,
        "<table><tr><th>a<th>b" + "<tr><td colspan=999999999 rowspan=99999>x<td>y" * 300,
        f"<div {' '.join(f'a{i}=x' for i in range(50000))}>{PROSE}</div>",
        f"{PROSE}<!-- {'x' * 1_000_000}",
        f"{PROSE}{'<span></span>' * 30_000}",
        "<p>Hello\x00 there\u200b, \u202eworld\u202c.",
        "</p></div><p>Hello there, world.<p><<<>>&&&#x0;&#xD800;",
        f"<article>{PROSE * 30}" + "<blockquote>A quote of some length, again.</blockquote>" * 2000,
    ],
    ids=lambda page: page[:24],
)  # fmt: skip
def test_hostile_pages_are_read_in_time(page: str) -> None:
    start = time.process_time()
    assert read(page, format="html").blocks
    assert time.process_time() - start < LIMIT


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "table><tr><td"])
def test_100_000_nested_elements_are_refused(tag: str) -> None:
    with pytest.raises(SourceUnreadable, match="nests elements"):
        read(f"<{tag}>" * 100_000 + PROSE, format="html")


TAGS = st.sampled_from(
    "a b p div ul ol li table tr td th h1 h2 pre blockquote br span sup math figure figcaption dl "
    "dt dd script style img aside nav button section q details".split()
)
PIECES = st.one_of(
    st.builds("<{}>".format, TAGS),
    st.builds("</{}>".format, TAGS),
    st.sampled_from(["A few words. ", " x", "<!-- -->", "&amp;", "<p hidden>", "<a href='#1'>"]),
    st.text(max_size=5),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_no_markup_breaks_the_reader(pieces: list[str]) -> None:
    try:
        article = read_html("".join(pieces))
    except SourceError:
        return
    for block in article.blocks:
        assert all(0 <= mark.start < mark.end <= len(block.text) for mark in block.marks)
        edges = "\n" if block.kind == "code" else "\n "
        assert block.text == block.text.strip(edges)
        assert block.kind in ("code", "table_row") or "\t" not in block.text
        assert block.selector
