"""What a document becomes, and costs, is bounded by its size."""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile

import pytest

from narrator.errors import SourceUnreadable, TooLarge
from narrator.reading import read, read_bytes, read_text, sniff
from narrator.reading.bounded import MOST_VALUES
from narrator.reading.dom import DEEPEST, parse_page
from narrator.reading.feed import read_feed
from narrator.reading.html import read_html
from narrator.reading.inline import composed
from narrator.reading.kept import Kept
from narrator.reading.metadata import iso_date, language_code
from narrator.reading.room import Room

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


PROSE = "The tide comes in twice a day, and twice a day it goes out again without a word. "


def epub(*pages: str) -> bytes:
    """A book of these pages."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="a.opf"/></rootfiles></container>',
        )
        items = "".join(
            f'<item id="p{i}" href="{i}.html" media-type="text/html"/>' for i in range(len(pages))
        )
        places = "".join(f'<itemref idref="p{i}"/>' for i in range(len(pages)))
        archive.writestr(
            "a.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
            f"{items}</manifest><spine>{places}</spine></package>",
        )
        for i, page in enumerate(pages):
            archive.writestr(f"{i}.html", f"<html><body>{page}</body></html>")
    return file.getvalue()


def page(words: str) -> str:
    return f"<html><body><article><h1>Tides</h1>{words}</article></body></html>"


@pytest.mark.parametrize("kind", ["html", "markdown", "text", "epub"])
def test_an_article_within_the_limit_is_read_and_one_beyond_is_refused(kind: str) -> None:
    def made(sentences: int) -> bytes:
        if kind == "html":
            return page(f"<p>{PROSE}</p>" * sentences).encode()
        if kind == "epub":
            return epub(*[f"<p>{PROSE}</p>"] * sentences)
        return f"{PROSE}\n\n".encode() * sentences

    known = None if kind == "epub" else kind
    limit = 50 * len(PROSE)
    read_bytes(made(40), known, name="a", limit=limit)  # type: ignore[arg-type]
    for sentences in (60, 400):
        with pytest.raises(TooLarge, match="article_limit"):
            read_bytes(made(sentences), known, name="a", limit=limit)  # type: ignore[arg-type]
        read_bytes(made(sentences), known, name="a")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["html", "markdown"])
def test_what_surrounds_an_article_counts_only_when_there_is_much_of_it(kind: str) -> None:
    """Comments and pictures do not make an article too long."""
    picture = "data:image/png;base64," + "iVBORw0KGgo" * 50_000
    text = {
        "html": page(f"<p>{PROSE}</p>" * 5 + f"<img src='{picture}'>")
        + f"<ul class=comments>{f'<li>{PROSE}' * 15}</ul>",
        "markdown": f"{PROSE}\n\n" * 5 + f"![]({picture})\n\n<!-- {PROSE * 3} -->",
    }[kind]
    article = read_text(text, kind, limit=10 * len(PROSE))  # type: ignore[arg-type]
    assert len(article.blocks) == 5


def test_a_title_counts() -> None:
    with pytest.raises(TooLarge):
        read_text(f"# {'word ' * 100}\n\ntext", "markdown", limit=300)


def test_a_page_of_too_many_elements_is_refused_before_it_is_walked() -> None:
    with pytest.raises(TooLarge, match=r"200,0\d\d elements"):
        read_text(page("<br>" * 200_000), "html", limit=1000)
    read_text(page(f"<p>{PROSE}" + "<br>" * 10_000), "html", limit=1000)


def test_what_is_refused_costs_what_the_limit_allows() -> None:
    """A megabyte over the limit is looked at no further than a few limits."""
    looked: list[int] = []

    class Counted(Room):
        def look(self, characters: int) -> None:
            looked.append(characters)
            super().look(characters)

    with pytest.raises(TooLarge):
        read_html(page(f"<p>{PROSE}</p>" * 10_000), room=Counted(10_000))
    assert sum(looked) < 50_000


def test_marks_piled_on_a_letter_are_parted() -> None:
    """To put 5 MB of them in order took more than an hour."""
    pile = "a" + "\u0301\u0327" * 100_000
    assert len(read(f"{pile} and more.", format="text").blocks[0].text) > 200_000
    html = "<p>a" + "&#x301;&#x327;" * 50_000 + " and more words of the page.</p>"
    assert read(html, format="html").blocks
    for text in ("e\u0301", "a\u0327\u0301", "…" * 40, "\u0e01\u0e33" * 40, "\u0928\u093c" * 50):
        assert composed(text) == unicodedata.normalize("NFC", text)


def test_what_lies_too_deep_is_read_in_order() -> None:
    deep = "".join(f"<div>a{i} b <i>c{i}</i> d " for i in range(150))
    tails = "".join(f"</div>z{i} " for i in reversed(range(150)))
    root = parse_page(f"<body>{deep}{tails}</body>")
    words = " ".join(str(text) for text in root.itertext()).split()
    assert words == [
        *(word for i in range(150) for word in (f"a{i}", "b", f"c{i}", "d")),
        *(f"z{i}" for i in reversed(range(150))),
    ]
    assert max(sum(1 for _ in each.iterancestors()) for each in root.iter()) < DEEPEST


def test_selectors_of_what_lies_deep_are_short_or_none() -> None:
    article = read(page("".join(f"<div><p>{PROSE}</p>" for _ in range(300))), format="html")
    assert len(article.blocks) > 250
    assert all(len(block.selector) < 3000 for block in article.blocks)
    assert article.blocks[0].selector
    assert not article.blocks[-1].selector


def test_style_rules_hide_as_before() -> None:
    style = (
        "/* .a{display:none} */ .b{display:none} @media print { .c{display:none} } .d , p.e { "
        "display : none } /* open .f{display:none} x } .g{display:none"
    )
    body = "".join(f'<p class="{name}">Text of {name}, said at length.</p>' for name in "abcdefg")
    article = read(f"<html><head><style>{style}</style></head><body>{body}", format="html")
    shown = {block.text.split()[2][0] for block in article.blocks}
    assert shown == {"a", "c", "f", "g"}


@pytest.mark.parametrize(
    "style",
    ["a" * 200_000, "/*" * 100_000, "@;" * 100_000, "@" * 200_000, "{" * 200_000, "a{" * 100_000],
)
def test_style_sheets_without_an_end_do_not_keep_the_reader_busy(style: str) -> None:
    """A pattern looked for the end of a rule from each letter: minutes."""
    assert read(f"<html><style>{style}</style><p>{PROSE}</p>", format="html").blocks


def test_long_words_are_found_in_what_is_kept() -> None:
    """Languages without blanks have words as long as sentences."""
    text = "".join(chr(0x4E00 + i * 7919 % 20_000) for i in range(10_000))
    kept = Kept([text[:6000], text[6000:]])
    assert all(kept.holds(text[at : at + 31 + at % 50]) for at in range(0, 9_900, 37))
    assert not kept.holds(text[100:150] + text[300:350])
    assert not kept.holds("x" * 40)


def test_cells_of_a_thousand_columns_keep_their_headers() -> None:
    heads = "".join(f"<th>h{i}" for i in range(1500))
    cells = "".join(f"<td>c{i}" for i in range(1500))
    text = page(f"<p>{PROSE * 3}</p><table><tr>{heads}<tr>{cells}</table>")
    rows = [b for b in read(text, format="html").blocks if b.kind == "table_row"]
    told = {b.text[m.start : m.end]: m.value for m in rows[1].marks for b in rows[1:]}
    assert told["c0"] == "h0"
    assert told["c999"] == "h999"
    assert "c1400" in rows[1].text
