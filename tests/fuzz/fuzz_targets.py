"""What is fuzzed: for each kind of document a function of bytes, and files to begin with."""

from __future__ import annotations

import html
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from narrator.errors import NarratorError
from narrator.model import Article
from narrator.reading import TextFormat, read_bytes
from narrator.reading.decode import decode
from narrator.reading.epub import is_epub
from narrator.reading.feed import read_feed
from narrator.reading.sitemap import read_sitemap
from narrator.script import write_script

ROOT = Path(__file__).parents[2]

LARGEST_SEED = 6_000
"""Bytes of a file to begin with."""

LONGEST = 20_000
"""Bytes of an input."""

PART = b"\n=====\n"
"""Parts the pages of a book in the input of `epub`."""

_FENCES = (
    (b"---\n", b"\n---\n"),
    (b"+++\n", b"\n+++\n"),
    (b"---json\n", b"\n---\n"),
    (b"", b"\n\n"),
)

_TAGS = (r"(?!)", r"<[^>]*>", r"<[^<>]*>", r"<[^<>]*>|\{[^{}]*\}")
"""What is left out of an input before words are looked for in it: nothing, tags, and attributes of
Pandoc as well, for `[F]{.x}u` is the word Fu."""

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of document."""

    read: Callable[[bytes], object]
    """What comes of an input; a NarratorError says what is wrong with it."""
    seeds: Callable[[], Iterator[bytes]]
    invented: Callable[[bytes, object], str] = lambda data, result: ""
    """A word of the result that the input does not hold; empty where there is none."""
    words: tuple[str, ...] = ()
    """What such documents are made of."""


def _article(data: bytes, text_format: TextFormat | None) -> Article:
    article = read_bytes(data, text_format, name="input", url="https://example.org/a")
    for sentence in write_script(article, language="en").sentences:
        assert sentence.spoken or not sentence.words
    return article


def _front_matter(data: bytes) -> Article:
    return _article(_fenced(data), "markdown")


def _fenced(data: bytes) -> bytes:
    before, after = _FENCES[data[0] % len(_FENCES) if data else 0]
    return before + data[1:] + after + b"# Tea\n\nIt was warm.\n"


def _epub(data: bytes) -> Article:
    return _article(_book(data), None)


def _book(data: bytes) -> bytes:
    """An archive as it is, or one of a package document and pages."""
    if data.startswith(b"PK"):
        return data
    package, *pages = data.split(PART)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", _CONTAINER)
        archive.writestr("package.opf", package)
        for number, page in enumerate(pages):
            archive.writestr(f"p{number}.xhtml", page)
    return out.getvalue()


def _invented_in_book(data: bytes, result: object) -> str:
    if not is_epub(_book(data)):
        return _invented(data, result)
    with zipfile.ZipFile(io.BytesIO(_book(data))) as archive:
        files = []
        for name in archive.namelist():
            try:
                files.append(decode(archive.read(name), name=name))
            except Exception:  # One that the book does not need; what it needs was read.
                continue
    return _unknown_word("\n".join(files), result)


def _invented(data: bytes, result: object) -> str:
    return _unknown_word(decode(data, name="input"), result)


def _unknown_word(text: str, result: object) -> str:
    """A word of the article that the text does not hold."""
    assert isinstance(result, Article)
    if "<math" in text.lower():
        return ""  # Of a formula the letters are read, not the text between them.
    variants = (text, html.unescape(text), unquote(html.unescape(text)))
    known = "\n".join(_letters(re.sub(tag, "", one)) for one in variants for tag in _TAGS)
    for block in result.blocks:
        for word in re.findall(r"[^\W_]{2,}", _plain(block.text)):
            if word not in known:
                return str(word)
    return ""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()


def _letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", _plain(text)))


def _files(*patterns: str, start: bytes = b"") -> Iterator[bytes]:
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            yield start + path.read_bytes()[:LARGEST_SEED]


def _cases(*patterns: str) -> Iterator[bytes]:
    """The cases of fixture files, each for itself."""
    for whole in _files(*patterns):
        yield from (case for case in whole.split(b"\n\n") if case.strip())


def _front_matters() -> Iterator[bytes]:
    for text in (
        b"title: Tea\nauthor: {name: A, more: [b, c]}\ndate: 2026-02-19\ntags: [a, b]\n",
        b"title: &a Tea\nauthor: *a\nlist: [*a, *a]\n<<: {x: 1}\n",
        b'title: "Tea: \\u0041"\ntext: |\n  one\n  two\nempty:\n? key\n: value\n',
    ):
        yield b"\0" + text
    yield b'\1title = "Tea"\ndate = 2026-02-19T10:00:00Z\n[a.b]\nc = [1, 2.5, {d = true}]\n'
    yield b'\2{"title": "Tea", "author": ["a", {"name": "b"}], "date": "2026-02-19"}'
    yield b"\3title: Tea\nauthor: A\n  B\ndate: 19 February 2026\n"
    yield b"\3% Tea\n% A; B\n% 2026\n"
    yield b'\3{"title": "Tea", "url": "https://example.org/"}\n'


def _books() -> Iterator[bytes]:
    page = b'<html xmlns="http://www.w3.org/1999/xhtml"><h1>One</h1><p>It was warm.</p></html>'
    yield PART.join([_PACKAGE, page, page.replace(b"One", b"Two")])
    yield _book(PART.join([_PACKAGE, page, page.replace(b"warm", b"late")]))


_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="package.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
_PACKAGE = b"""<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">x</dc:identifier>
<dc:title>Tea</dc:title><dc:language>en</dc:language><dc:creator>A</dc:creator>
<dc:date>2026-02-19</dc:date></metadata><manifest>
<item id="a" href="p0.xhtml" media-type="application/xhtml+xml"/>
<item id="b" href="p1.xhtml" media-type="application/xhtml+xml" properties="nav"/>
</manifest><spine><itemref idref="a"/><itemref idref="b" linear="no"/></spine></package>"""

_RSS = b"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"
xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>T</title><link>https://example.org/</link><language>en</language>
<atom:link rel="next" href="https://example.org/feed?page=2"/>
<item><guid isPermaLink="false">1</guid><title>One &amp; two</title><link>/one</link>
<pubDate>Thu, 19 Feb 2026 10:00:00 +0100</pubDate><author>a@example.org (A)</author>
<description>Short ...</description>
<content:encoded><![CDATA[<p>It was warm.</p>]]></content:encoded>
</item></channel></rss>"""
_ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://example.org/">
<title type="html">T &lt;b&gt;</title><link rel="next" href="?p=2"/><entry><id>tag:x,2026:1</id>
<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">One</div></title><link href="one"/>
<updated>2026-02-19T10:00:00Z</updated><author><name>A</name></author>
<content type="html">&lt;p&gt;It was warm.&lt;/p&gt;</content></entry></feed>"""
_JSON_FEED = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "T", "language": "en",
"next_url": "https://example.org/2", "items": [{"id": 1, "url": "/one", "title": "One",
"content_html": "<p>It was warm.</p>", "date_published": "2026-02-19T10:00:00Z",
"authors": [{"name": "A"}]}]}"""
_RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/"><channel><title>T</title></channel><item rdf:about="/one">
<title>One</title><link>/one</link><description>It was warm.</description></item></rdf:RDF>"""

_SITE_MAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://example.org/a?b&c</loc>
<lastmod>2026-02-19</lastmod><news:news><news:publication><news:language>en</news:language>
</news:publication><news:title>One</news:title></news:news></url></urlset>"""
_INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>
<loc>/news.xml</loc><lastmod>2026-02-19T10:00:00Z</lastmod></sitemap></sitemapindex>"""

_HTML_WORDS = (
    "<article>", "<p>", "</p>", "<h1>", "<li>", "<ul>", "<table>", "<tr>", "<td>", "<figure>",
    "<figcaption>", "<blockquote>", "<pre>", "<code>", "<span>", "<a href=", "<img alt=", "<math>",
    "<template>", "<svg>", "<![CDATA[", "<!--", "-->", "&#x", "&amp;", "<script>", "<style>",
    "<iframe src=", "hidden", "aria-hidden=", "data-narrator=", "display:none", "<details>",
    "<dl><dt>", "<sup>", "<br>", "colspan=", "lang=", "<meta property=", "<base href=",
)  # fmt: skip


def _read_site_map(data: bytes) -> object:
    return list(read_sitemap(data, "https://example.org/sitemap.xml"))


TARGETS = {
    "front-matter": Target(
        _front_matter, _front_matters, lambda data, result: _invented(_fenced(data), result),
        ("title:", "date:", "&a ", "*a", "<<:", "!!python/object", "- ", "{", "[", "|", ">", "? "),
    ),
    "html": Target(
        lambda data: _article(data, "html"),
        lambda: _files("tests/pages/*.html", "benchmarks/pages/*.html", "tests/pages/**/*.html"),
        _invented, _HTML_WORDS,
    ),
    "markdown": Target(
        lambda data: _article(data, "markdown"),
        lambda: _cases("examples/*.md", "tests/markdown/*.txt"), _invented,
        ("# ", "- ", "1. ", "> ", "```", "|", "---", "[^1]", "](", "![", "$$", ":::", "<div>", "**",
         "&#", "{{<", "{%", "export ", "import ", "~~", "\\", "[[", ": ", "\t"),
    ),
    "text": Target(
        lambda data: _article(data, "text"),
        lambda: _cases("tests/pasted/*.txt", "tests/sentences/**/*.txt"), _invented,
        ("\n> ", "On ", " wrote:", "-- \n", "* ", "1. ", "http://", "$1.5m", "12/5/2024", "\f"),
    ),
    "epub": Target(
        _epub, _books, _invented_in_book,
        ("<itemref idref=", "<item id=", "href=", "properties=", "<dc:title>", "====="),
    ),
    "feed": Target(
        lambda data: read_feed(data, "https://example.org/feed", today="2026-11-29"),
        lambda: iter((_RSS, _ATOM, _JSON_FEED, _RDF)), words=(
            "<item>", "<entry>", "<link", "<![CDATA[", "]]>", "xml:base=", "type=", "<!ENTITY", "&",
            "<guid>", "<pubDate>", '"items":', '"url":', "{", "[", "null",
        ),
    ),
    "site-map": Target(
        _read_site_map, lambda: iter((_SITE_MAP, _INDEX, b"https://example.org/a\n/b\n")),
        words=("<url>", "<loc>", "<lastmod>", "<sitemap>", "<news:title>", "&", "<!DOCTYPE", "\0"),
    ),
}  # fmt: skip
"""By name; `http` stands in fuzz_wire.py."""

EXPECTED = NarratorError
"""What an input may be answered with."""
