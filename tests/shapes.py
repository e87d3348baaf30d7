"""Documents that are made to hurt, as many times as large as one asks, and what is done to them.

A shape is a document of n of something. What it costs in seconds, in memory and in its answer is
to grow in proportion to n: `tests/test_cost.py` holds that, `benchmarks/cost.py` measures it.
"""

from __future__ import annotations

import gzip
import io
import pickle
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from narrator.errors import NarratorError
from narrator.model import Article, Sentence
from narrator.reading import read_bytes
from narrator.reading.blocks import Draft, number
from narrator.reading.feed import read_feed
from narrator.reading.sitemap import read_sitemap

PROSE = "The tide comes in twice a day, and twice a day it goes out again without a word."

Work = Callable[[bytes], int]
"""What is done to a document; the size of what comes of it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A document of n of something."""

    work: Work
    n: int
    """How many make a tenth of a second or so."""
    make: Callable[[int], bytes]


def page(data: bytes) -> int:
    """Read HTML; bytes of the pickled article, or of the refusal."""
    return _size(lambda: read_bytes(data, "html", name="page", url="https://a.example/"))


def markdown(data: bytes) -> int:
    """Likewise, Markdown."""
    return _size(lambda: read_bytes(data, "markdown", name="text"))


def plain(data: bytes) -> int:
    """Likewise, plain text."""
    return _size(lambda: read_bytes(data, "text", name="text"))


def unknown(data: bytes) -> int:
    """Likewise, what does not tell its format; or a book."""
    return _size(lambda: read_bytes(data, name="document"))


def limited(data: bytes) -> int:
    """Read HTML whose article may have 20,000 characters."""
    return _size(lambda: read_bytes(data, "html", name="page", limit=20_000))


def feed(data: bytes) -> int:
    """Read a feed; bytes of what it says."""
    return _size(lambda: read_feed(data, "https://a.example/feed"))


def site_map(data: bytes) -> int:
    """Read a site map; bytes of what it names."""
    return _size(lambda: list(read_sitemap(data, "https://a.example/map.xml")))


def script(data: bytes) -> int:
    """Write the script of one paragraph; bytes of its sentences."""
    from narrator.script import write_script

    blocks = number([Draft("paragraph", data.decode())])
    return _size(lambda: list(write_script(Article("", "en", blocks)).sentences))


def tone(data: bytes) -> int:
    """Speak one word with the tone engine; bytes of its samples."""
    return _spoken("tone", data)


def piper(data: bytes) -> int:
    """Speak one word with a voice; bytes of its samples."""
    return _spoken("en_US-joe-medium", data)


def _spoken(voice: str, data: bytes) -> int:
    from narrator.engines import load
    from narrator.engines.catalogue import find_voice
    from narrator.script import write_script

    article = Article("", "en", number([Draft("paragraph", data.decode())]))
    engine = load(find_voice(voice))

    def samples(sentence: Sentence) -> int:
        try:
            return int(engine.speak(sentence, 1.0).samples.nbytes)
        except NarratorError as error:
            return len(str(error))

    return sum(map(samples, write_script(article).sentences))


def _size(work: Callable[[], object]) -> int:
    try:
        return len(pickle.dumps(work()))
    except NarratorError as error:
        return len(str(error))


def _page(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>".encode()


def _article(body: str, head: str = "") -> bytes:
    prose = f"<p>{PROSE}</p>" * 3
    return _page(f"<article><h1>Tides</h1>{prose}{body}{prose}</article>", head)


def _ld(told: str) -> bytes:
    return _article("", f'<script type="application/ld+json">{told}</script>')


def _text(words: str) -> bytes:
    return f"{PROSE}\n\n{words}\n\n{PROSE}\n".encode()


def _front(words: str) -> bytes:
    return f"---\n{words}\n---\n{PROSE}\n".encode()


def book(
    pages: Mapping[str, str], spine: list[str], *, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """An EPUB of these pages in this order."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="a.opf"/></rootfiles></container>',
        )
        items = "".join(f'<item id="{n}" href="{n}" media-type="text/html"/>' for n in pages)
        places = "".join(f'<itemref idref="{name}"/>' for name in spine)
        archive.writestr(
            "a.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
            f"{items}</manifest><spine>{places}</spine></package>",
        )
        for name, text in pages.items():
            archive.writestr(name, f"<html><body>{text}</body></html>")
    return file.getvalue()


def _pages(n: int) -> bytes:
    names = [f"p{i}" for i in range(n)]
    return book(dict.fromkeys(names, f"<p>{PROSE}</p>"), names)


def _rss(items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>a</title>{items}</channel></rss>".encode()


def _item(i: int) -> str:
    return f"<item><link>https://a.example/{i}</link><title>a</title></item>"


def _urls(n: int) -> bytes:
    urls = "".join(f"<url><loc>https://a.example/{i}</loc></url>" for i in range(n))
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>".encode()


def _posts(n: int) -> str:
    return "".join(
        f"<div class=post id=p{i}><b class=author>me</b><div class=text><p>{PROSE} {i}</div></div>"
        for i in range(n)
    )


def _panels(n: int) -> str:
    return "".join(
        f"<h3><button aria-controls=p{i}>Why?</button></h3><div id=p{i} hidden>So.</div>"
        for i in range(n)
    )


PAGES: Mapping[str, Shape] = {
    # Of the attack
    "spans in a paragraph": Shape(page, 3000, lambda n: _article(f"<p>{'<span>a</span> ' * n}</p>")),
    "links in a paragraph": Shape(page, 3000, lambda n: _article(f"<p>{'<a href=/a>a</a> ' * n}</p>")),
    "headings": Shape(page, 3000, lambda n: _article("<h2>Again</h2> " * n)),
    "paragraphs": Shape(page, 3000, lambda n: _article("<p>a</p>" * n)),
    # One thing again and again
    "prose": Shape(page, 1500, lambda n: _article(f"<p>{PROSE}</p>" * n)),
    "prose beyond the limit": Shape(limited, 1500, lambda n: _article(f"<p>{PROSE}</p>" * n)),
    "line breaks": Shape(page, 5000, lambda n: _article("<br>" * n)),
    "lines in a span": Shape(page, 2500, lambda n: _article(f"<span>{'a<br><br>' * n}</span>")),
    "bold letters": Shape(page, 3000, lambda n: _article(f"<p>{'<b>a</b> b ' * n}</p>")),
    "pictures with srcset": Shape(page, 2000, lambda n: _article(f"<img srcset='{'a 1x,' * 9}' alt=a>" * n)),
    "one srcset": Shape(page, 200_000, lambda n: _article(f"<img srcset='{'a.png 1x, ' * n}' alt=a>")),
    "a base64 picture": Shape(page, 900_000, lambda n: _article(f"<img src='data:image/png;base64,{'iVBO' * n}'>")),
    "list items": Shape(page, 2500, lambda n: _article(f"<ul>{'<li>a b c.' * n}</ul>")),
    "definitions": Shape(page, 1500, lambda n: _article(f"<dl>{'<dt>a<dd>b c.' * n}</dl>")),
    "quotes": Shape(page, 2000, lambda n: _article("<blockquote>Said again.</blockquote>" * n)),
    "code blocks": Shape(page, 2000, lambda n: _article("<pre>make it\nso</pre>" * n)),
    "rows of a table": Shape(page, 1500, lambda n: _article(f"<table>{'<tr><td>a<td>b' * n}</table>")),
    "cells in a row": Shape(page, 2500, lambda n: _article(f"<table><tr>{'<td>a b' * n}</table>")),
    "heads in a row": Shape(page, 2500, lambda n: _article(f"<table><tr>{'<th>a b' * n}<tr>{'<td>c' * n}</table>")),
    "cells of a billion columns": Shape(page, 1000, lambda n: _article(f"<table>{'<tr><td colspan=999999999 rowspan=99999>x<td>y' * n}</table>")),
    "tables": Shape(page, 600, lambda n: _article("<table><tr><td>a<td>b</table>" * n)),
    "figures": Shape(page, 1200, lambda n: _article("<figure><img src=a><figcaption>The tide, seen again.</figcaption></figure>" * n)),
    "notes": Shape(page, 2000, lambda n: _article(f"<p>{'a<sup><a href=#n>1</a></sup> ' * n}</p>")),
    "inputs": Shape(page, 2500, lambda n: _article("<div><input type=email>a</div>" * n)),
    "boxes of teasers": Shape(page, 1200, lambda n: _article("<div class=rec><div class=t>A short line</div></div>" * n)),
    "posts of a thread": Shape(page, 500, lambda n: _page(f"<h1>Tides</h1>{_posts(n)}")),
    "one post": Shape(page, 700, lambda n: _page(f"<h1>Tides</h1>{_posts(2)}<div class=post><b class=author>me</b>{f'<div class=text><p>{PROSE}</div>' * n}</div>")),
    "panels": Shape(page, 1000, lambda n: _article(_panels(n))),
    "hidden boxes": Shape(page, 2500, lambda n: _article("<div hidden>a b</div>" * n)),
    "hidden paragraphs": Shape(page, 700, lambda n: _article(f"<div hidden><p>{PROSE}</p></div>" * n)),
    "captions with credits": Shape(page, 1200, lambda n: _article(f"<figure><figcaption>{'<span class=credit>Photo: A</span> b ' * n}</figcaption></figure>")),
    "buttons in a heading": Shape(page, 1500, lambda n: _article(f"<h2>{'<button>a</button> ' * n}</h2>")),
    "formulas": Shape(page, 1500, lambda n: _article("<p>a <math><mi>x</mi></math></p>" * n)),
    "drawn TeX": Shape(page, 5000, lambda n: _article(f"<script src=mathjax.js></script><p>{'$$x$$ a ' * n}</p>")),
    "TeX that never ends": Shape(page, 20_000, lambda n: _article(f"<script src=mathjax.js></script><p>{chr(92)}( {'a$$' + chr(92) + '( ' * n}</p>")),
    "backslashes of TeX": Shape(page, 20_000, lambda n: _article(f"<script src=mathjax.js></script><p>{(chr(92) + '( ') * n}</p>")),
    "wishes of the page": Shape(page, 2000, lambda n: _article("<p data-narrator=read>a b</p>" * n)),
    "wrong wishes": Shape(page, 2500, lambda n: _article("<p data-narrator=dance>a b</p>" * n)),
    "languages": Shape(page, 2000, lambda n: _article(f"<p>{'<i lang=fr>le chat</i> ' * n}</p>")),
    # One inside the other
    "divs within divs": Shape(page, 400, lambda n: _article("<div>" * n + PROSE + "</div>" * n)),
    "lists within lists": Shape(page, 200, lambda n: _article("<ul><li>a " * n)),
    "quotes within quotes": Shape(page, 400, lambda n: _article("<blockquote>a " * n)),
    "tables within tables": Shape(page, 130, lambda n: _article("<table><tr><td>a b" * n)),
    "bold within bold": Shape(page, 400, lambda n: _article(f"<p>{'<b><i>a ' * n}")),
    "spans within spans": Shape(page, 400, lambda n: _article(f"<p>{'<span>a ' * n}")),
    "hidden within hidden": Shape(page, 400, lambda n: _article("<div aria-hidden=true>a " * n)),
    "posts within posts": Shape(page, 450, lambda n: _article(f"<div class=post><b class=author>me</b><p>{PROSE}</p>" * n)),
    "figures within figures": Shape(page, 400, lambda n: _article("<figure class=credit>a " * n)),
    "captions within captions": Shape(page, 400, lambda n: _article("<figure><figcaption>" + "<span class=credit>a " * n)),
    "columns within columns": Shape(page, 480, lambda n: _article("<span>a<br><br>b " * n)),
    "many deep paths": Shape(page, 40, lambda n: _article(("<div>" * 100 + "a b c. " + "</div>" * 100) * n)),
    "elements never closed": Shape(page, 1000, lambda n: _article("<p><font>some words here. " * n)),
    # Huge
    "one word": Shape(page, 300_000, lambda n: _article(f"<p>{'x' * n}</p>")),
    "words in a paragraph": Shape(page, 30_000, lambda n: _article(f"<p>{'word ' * n}</p>")),
    "entities": Shape(page, 60_000, lambda n: _article(f"<p>{'&amp;&#x41;&lt;' * n}</p>")),
    "combining marks": Shape(page, 100_000, lambda n: _article(f"<p>a{chr(0x301) * n} and more.</p>")),
    "classes of an element": Shape(page, 80_000, lambda n: _article(f"<div class='{'ad ' * n}'><p>{PROSE}</p></div>")),
    "classes without a blank": Shape(page, 80_000, lambda n: _article(f"<div class='{'ad-' * n}'><p>{PROSE}</p></div>")),
    "an id": Shape(page, 100_000, lambda n: _article(f"<div id='{'aB_' * n}'><p>{PROSE}</p></div>")),
    "attributes": Shape(page, 20_000, lambda n: _article(f"<div {' '.join(f'a{i}=x' for i in range(n))}>x</div>")),
    "attributes in short tags": Shape(page, 500, lambda n: _article(f"<div {' '.join(f'a{i}=x' for i in range(900))}>x</div>" * (n // 100))),
    "comments": Shape(page, 50_000, lambda n: _article("<!-- a -->" * n)),
    "a comment never closed": Shape(page, 900_000, lambda n: _page(f"<p>{PROSE}</p><!-- {'x' * n}")),
    "tags that are none": Shape(page, 200_000, lambda n: _article("<" * n)),
    "style rules": Shape(page, 20_000, lambda n: _page(f"<p>{PROSE}</p>", f"<style>{'.a{display:none}' * n}</style>")),
    "style rules for many classes": Shape(page, 3000, lambda n: _page("".join(f"<p class=c{i}>a" for i in range(n)), f"<style>{''.join(f'.c{i}{{display:none}}' for i in range(n))}</style>")),
    "style rules of one class": Shape(page, 700, lambda n: _page("<p class='a b'>a" * n, f"<style>{''.join(f'.a.x{i}{{display:none}}' for i in range(n))}</style>")),
    "style blocks never closed": Shape(page, 20_000, lambda n: _page(f"<p>{PROSE}</p>", f"<style>{'@media x {' * n}</style>")),
    "style comments never closed": Shape(page, 100_000, lambda n: _page(f"<p>{PROSE}</p>", f"<style>{'/*' * n}</style>")),
    # Heads
    "JSON-LD of many articles": Shape(page, 10_000, lambda n: _ld("[" + '{"@type":"Thing"},' * n + "{}]")),
    "JSON-LD within JSON-LD": Shape(page, 20_000, lambda n: _ld("[" * n + "]" * n)),
    "JSON-LD of a recipe": Shape(page, 5000, lambda n: _ld('{"@type":"Recipe","recipeInstructions":[' + '{"text":"Stir it."},' * n + '"x"]}')),
    "JSON-LD body": Shape(page, 20_000, lambda n: _ld('{"@type":"NewsArticle","articleBody":"' + "word " * n + '"}')),
    "JSON-LD scripts": Shape(page, 4000, lambda n: _article("", '<script type="application/ld+json">{}</script>' * n)),
    "JSON-LD authors": Shape(page, 20_000, lambda n: _ld('{"@type":"NewsArticle","author":[' + '{"name":"A B"},' * n + '"x"]}')),
    "meta tags": Shape(page, 8000, lambda n: _article("", "<meta name=a content=b>" * n)),
    "a title of many parts": Shape(page, 5000, lambda n: _article("", f"<title>{'a b | ' * n}</title>")),
    "a title of dashes": Shape(page, 20_000, lambda n: _article("", f"<meta property=og:site_name content=x><title>a{' -' * n} y</title>")),
    "a title of blanks": Shape(page, 20_000, lambda n: _article("", f"<title>a{'&nbsp;' * n} y</title>")),
    "a huge title": Shape(page, 100_000, lambda n: _article("", f"<title>{'word ' * n}</title>")),
    "names of a credit": Shape(page, 20_000, lambda n: _article(f"<figure><figcaption>Photo {'a.a. ' * n}</figcaption></figure>")),
    "signs of a menu": Shape(page, 20_000, lambda n: _article(f"<p>{'a | ' * n}</p>")),
    "one follow line": Shape(page, 20_000, lambda n: _article(f"<p>{'follow us ' * n}</p>")),
}  # fmt: skip

MARKDOWN: Mapping[str, Shape] = {
    "Markdown prose": Shape(markdown, 700, lambda n: _text(f"{PROSE}\n\n" * n)),
    "Markdown lines": Shape(markdown, 5000, lambda n: _text("more\n" * n)),
    "Markdown in one line": Shape(markdown, 20_000, lambda n: _text("word " * n)),
    "Markdown of one word": Shape(markdown, 300_000, lambda n: _text("x" * n)),
    "emphasis `*a **a `": Shape(markdown, 1500, lambda n: _text("*a **a " * n)),
    "emphasis `a**b`": Shape(markdown, 2000, lambda n: _text("a**b" * n)),
    "emphasis `*a_ `": Shape(markdown, 2000, lambda n: _text("*a_ " * n)),
    "emphasis `_a `": Shape(markdown, 3000, lambda n: _text("_a " * n)),
    "emphasis `~~a `": Shape(markdown, 3000, lambda n: _text("~~a " * n)),
    "stars": Shape(markdown, 20_000, lambda n: _text("a" + "*" * n + "b")),
    "backticks": Shape(markdown, 60_000, lambda n: _text("".join(f"a{'`' * i}" for i in range(int((2 * n) ** 0.5))))),
    "equal backticks": Shape(markdown, 20_000, lambda n: _text("`" * n)),
    "brackets": Shape(markdown, 2000, lambda n: _text("[" * n)),
    "brackets that close": Shape(markdown, 1000, lambda n: _text("[" * n + "]" * n)),
    "brackets of pictures": Shape(markdown, 1500, lambda n: _text("![" * n)),
    "brackets and emphasis": Shape(markdown, 700, lambda n: _text("*[a" * n)),
    "links without an end": Shape(markdown, 1000, lambda n: _text("[a](" * n)),
    "links with a title": Shape(markdown, 1000, lambda n: _text('[a](b "' * n)),
    "addresses in angles": Shape(markdown, 2000, lambda n: _text("[a](<b" * n)),
    "wiki links": Shape(markdown, 2000, lambda n: _text("[[a|b]] " * n)),
    "wiki brackets": Shape(markdown, 1500, lambda n: _text("[[a|" * n)),
    "definitions of links": Shape(markdown, 1500, lambda n: _text("\n".join(f"[a{i}]: /b" for i in range(n)))),
    "uses of a link": Shape(markdown, 1500, lambda n: _text("[a]: /b\n\n" + "[a] " * n)),
    "footnotes": Shape(markdown, 700, lambda n: _text("".join(f"a[^{i}]\n\n[^{i}]: b\n\n" for i in range(n)))),
    "uses of a footnote": Shape(markdown, 1500, lambda n: _text("[^a]: b\n\n" + "a[^a] " * n)),
    "footnotes within a line": Shape(markdown, 700, lambda n: _text("a^[b] " * n)),
    "abbreviations": Shape(markdown, 700, lambda n: _text("\n".join(f"*[A{i}]: b" for i in range(n)) + "\n\n" + "A1 A2 " * n)),
    "Markdown lists": Shape(markdown, 1500, lambda n: _text("- a\n" * n)),
    "Markdown lists, loose": Shape(markdown, 1000, lambda n: _text("- a\n\n" * n)),
    "Markdown lists within": Shape(markdown, 60, lambda n: _text("\n".join(f"{'  ' * i}- a" for i in range(n)))),
    "lists in one line": Shape(markdown, 500, lambda n: _text("- " * n + "a")),
    "Markdown quotes within": Shape(markdown, 500, lambda n: _text("> " * n + "a")),
    "quotes of many lines": Shape(markdown, 1500, lambda n: _text("> a\n" * n)),
    "quotes and lists": Shape(markdown, 300, lambda n: _text("> - " * n + "a")),
    "Markdown table": Shape(markdown, 700, lambda n: _text("|a|b|\n|--|--|\n" + "|c|d|\n" * n)),
    "wide Markdown table": Shape(markdown, 1000, lambda n: _text("|a" * n + "|\n" + "|--" * n + "|\n|c|")),
    "table of empty cells": Shape(markdown, 4800, lambda n: _text("|a" * n + "|\n" + "|--" * n + "|\n" + "|c|\n" * n)),
    "HTML in Markdown": Shape(markdown, 200, lambda n: _text("<div>a</div>\n\n" * n)),
    "tags in Markdown": Shape(markdown, 2000, lambda n: _text("a <b>b</b> " * n)),
    "tags never closed": Shape(markdown, 2000, lambda n: _text("a <b " * n)),
    "inline tags open": Shape(markdown, 1500, lambda n: _text("a <b> " * n)),
    "comments never closed": Shape(markdown, 2000, lambda n: _text("a <!-- " * n)),
    "instructions never closed": Shape(markdown, 2000, lambda n: _text("a <? " * n)),
    "CDATA never closed": Shape(markdown, 2000, lambda n: _text("a <![CDATA[ " * n)),
    "components": Shape(markdown, 300, lambda n: _text("import A from 'a'\n\n" + "<A b={c}>\n\na\n\n</A>\n\n" * n)),
    "expressions never closed": Shape(markdown, 2000, lambda n: _text("import A from 'a'\n\n" + "{a " * n)),
    "braces": Shape(markdown, 2000, lambda n: _text("{" * n)),
    "template tags": Shape(markdown, 1000, lambda n: _text("{% a %} b " * n)),
    "template tags never closed": Shape(markdown, 1000, lambda n: _text("{% a " * n)),
    "comment regions": Shape(markdown, 1000, lambda n: _text("%% a\n\n" * n)),
    "boxes": Shape(markdown, 400, lambda n: _text("!!! note\n    a\n\n" * n)),
    "boxes within boxes": Shape(markdown, 60, lambda n: _text("\n".join(f"{'    ' * i}!!! note" for i in range(n)) + "\n")),
    "colon fences": Shape(markdown, 1000, lambda n: _text("::: note\n" * n)),
    "directives never closed": Shape(markdown, 1000, lambda n: _text(":::{note}\n" * n)),
    "fences never closed": Shape(markdown, 60_000, lambda n: _text("".join(f"{'`' * i}\n" for i in range(int((2 * n) ** 0.5), 3, -1)))),
    "highlights never closed": Shape(markdown, 1000, lambda n: _text("{% highlight a %}\n" * n)),
    "code spans of MDX": Shape(markdown, 3000, lambda n: _text("```\n~~~\n" * n)),
    "prices": Shape(markdown, 2000, lambda n: _text("$5 " * n)),
    "formulas in dollars": Shape(markdown, 1500, lambda n: _text("$a$ " * n)),
    "dollars": Shape(markdown, 2000, lambda n: _text("a $b " * n)),
    "TeX brackets": Shape(markdown, 1500, lambda n: _text("\\\\( a " * n)),
    "marks `==a`": Shape(markdown, 2000, lambda n: _text("==a " * n)),
    "attributes in braces": Shape(markdown, 700, lambda n: _text("[a]{say=b} " * n)),
    "quotes in braces": Shape(markdown, 1000, lambda n: _text("`a`{say='" * n)),
    "roles": Shape(markdown, 1500, lambda n: _text("{ref}`a` " * n)),
    "base64 in Markdown": Shape(markdown, 100_000, lambda n: _text(f"![a b c](data:image/png;base64,{'iVBO' * n})")),
    "headings in Markdown": Shape(markdown, 1000, lambda n: _text("# a\n\n" * n)),
    "underlined headings": Shape(markdown, 1500, lambda n: _text("a\n===\n" * n)),
    "definition lists": Shape(markdown, 500, lambda n: _text("a\n: b\n\n" * n)),
    "definition lists within": Shape(markdown, 150, lambda n: _text("a\n" + ": " * n + "b")),
    "entities in Markdown": Shape(markdown, 3000, lambda n: _text("&amp;" * n)),
    "backslashes": Shape(markdown, 5000, lambda n: _text("\\a" * n)),
    "blanks at the end": Shape(markdown, 100_000, lambda n: _text("a" + " " * n + "b")),
    "empty lines": Shape(markdown, 30_000, lambda n: _text("\n" * n)),
    "tabs": Shape(markdown, 30_000, lambda n: _text("\t" * n + "a")),
}  # fmt: skip

FRONT: Mapping[str, Shape] = {
    "front matter of pairs": Shape(markdown, 700, lambda n: _front("\n".join(f"a{i}: b" for i in range(n)))),
    "front matter of one text": Shape(markdown, 5000, lambda n: _front("title: " + "word " * n)),
    "front matter within": Shape(markdown, 5000, lambda n: _front("a: " + "[" * n)),
    "aliases": Shape(markdown, 6, lambda n: _front("\n".join(f"{chr(97 + i)}: &{chr(97 + i)} [{','.join([f'*{chr(96 + i)}' if i else 'lol'] * 9)}]" for i in range(n)))),
    "keys of TOML": Shape(markdown, 1500, lambda n: f"+++\n{'a.' * n}a = 1\n+++\n{PROSE}".encode()),
    "tables of TOML": Shape(markdown, 1000, lambda n: ("+++\n" + "".join(f"[a{i}.b]\n" for i in range(n)) + f"+++\n{PROSE}").encode()),
    "JSON within JSON": Shape(markdown, 5000, lambda n: ("---json\n" + "[" * n + f"\n---\n{PROSE}").encode()),
    "fields without fences": Shape(markdown, 5000, lambda n: ("title: a\ndate: b\n" + " c\n" * n + f"\n{PROSE}").encode()),
    "lines with percent signs": Shape(markdown, 5000, lambda n: ("% a\n" + " b\n" * n + f"% c\n\n{PROSE}").encode()),
}  # fmt: skip

TEXTS: Mapping[str, Shape] = {
    "text of prose": Shape(plain, 2000, lambda n: _text(f"{PROSE}\n\n" * n)),
    "text of lines": Shape(plain, 5000, lambda n: _text("one more of the lines\n" * n)),
    "text of short lines": Shape(plain, 5000, lambda n: _text("Line\n" * n)),
    "text of headings": Shape(plain, 3000, lambda n: _text("Line\n\n" * n)),
    "text of items": Shape(plain, 4000, lambda n: _text("- a\n" * n)),
    "text of items within": Shape(plain, 1000, lambda n: _text("".join(f"{' ' * i}- a\n" for i in range(0, n, 3)))),
    "text of broken words": Shape(plain, 5000, lambda n: _text("this is a line of the text that is bro-\nken " * n)),
    "text of one word": Shape(plain, 500_000, lambda n: _text("x" * n)),
    "text of one line": Shape(plain, 100_000, lambda n: _text("word " * n)),
    "text of quotes": Shape(plain, 5000, lambda n: _text(("> " * 9 + "a\n") * n)),
    "text of quote signs": Shape(plain, 100_000, lambda n: _text("> " * n + "a")),
    "text of tabs": Shape(plain, 20_000, lambda n: _text("\t" * n + "a")),
    "text of blanks": Shape(plain, 200_000, lambda n: _text("a" + " " * n + "b")),
    "text of a mail": Shape(plain, 3000, lambda n: f"From: a@b.example\nSubject: c\n{'X-A: b' + chr(10)}".encode() + b"X-B: c\n" * n + f"\n{PROSE}".encode()),
    "text of dates": Shape(plain, 2000, lambda n: _text("3 May 2024\n" * n)),
    "text of slashes": Shape(plain, 20_000, lambda n: _text("a / " * n)),
    "text of combining marks": Shape(plain, 100_000, lambda n: _text("a" + "\u0301\u0327" * n)),
    "text decoded wrongly": Shape(plain, 3000, lambda n: _text("Ã¼ber cafÃ© " * n)),
    "text in windows-1251": Shape(plain, 3000, lambda n: ("Прилив приходит дважды в день. " * n).encode("cp1251")),
    "text of broken bytes": Shape(plain, 50_000, lambda n: b"The tide comes in. " * 9 + b"\xff\xfe a" * n),
    "comments before a page": Shape(unknown, 2000, lambda n: b"<!---->" * n + _article("")),
    "blanks before a page": Shape(unknown, 100_000, lambda n: b" \n" * n + _article("")),
    "starts of links": Shape(unknown, 2000, lambda n: b"](a" * n),
    "bold starts": Shape(unknown, 2000, lambda n: b"**a" * n),
    "a declaration": Shape(unknown, 2000, lambda n: b"<?xml " * n),
}  # fmt: skip

LISTS: Mapping[str, Shape] = {
    "pages of a book": Shape(unknown, 60, _pages),
    "one page again and again": Shape(unknown, 60, lambda n: book({"p": f"<p>{PROSE}</p>" * 3}, ["p"] * n)),
    "a page that unpacks": Shape(unknown, 200_000, lambda n: book({"p": f"<p>{'a ' * n}</p>"}, ["p"])),
    "files that no page is": Shape(unknown, 3000, lambda n: book({f"p{i}": "" for i in range(n)} | {"a": f"<p>{PROSE}</p>"}, ["a"])),
    "notes of a book": Shape(unknown, 1000, lambda n: book({"p": f"<p>{PROSE}</p>" + "<aside role=doc-footnote>a b</aside>" * n}, ["p"])),
    "divs within a book": Shape(unknown, 300, lambda n: book({"p": "<div>a " * n}, ["p"])),
    "entries of a feed": Shape(feed, 150, lambda n: _rss("".join(map(_item, range(n))))),
    "one entry of a feed": Shape(feed, 50_000, lambda n: _rss(f"<item><link>https://a.example/</link><description>{'word ' * n}</description></item>")),
    "elements of a feed": Shape(feed, 3000, lambda n: _rss("<a/>" * n)),
    "feed within a feed": Shape(feed, 1000, lambda n: _rss("<a>" * n + "</a>" * n)),
    "categories of an entry": Shape(feed, 1500, lambda n: _rss(f"<item><link>https://a.example/</link>{'<category>a</category>' * n}</item>")),
    "links of an entry": Shape(feed, 1500, lambda n: _rss(f"<item>{'<enclosure url=&quot;a&quot;/>'.replace('&quot;', chr(39)) * n}</item>")),
    "entities of a feed": Shape(feed, 30_000, lambda n: _rss(f"<item><title>{'&amp;lt;' * n}</title></item>")),
    "tags in a description": Shape(feed, 30_000, lambda n: _rss(f"<item><description>{'&lt;b ' * n}</description></item>")),
    "credits in a description": Shape(feed, 10_000, lambda n: _rss(f"<item><description>{'the post ' * n}</description></item>")),
    "a feed in JSON": Shape(feed, 3000, lambda n: ('{"version":"https://jsonfeed.org/version/1.1","items":[' + ",".join('{"id":"' + str(i) + '","content_text":"a b"}' for i in range(n)) + "]}").encode()),
    "comments after a feed": Shape(feed, 100, lambda n: _rss("") + b"<!---->" * n + b"<"),
    "addresses of a site map": Shape(site_map, 3000, _urls),
    "a site map that unpacks": Shape(site_map, 3000, lambda n: gzip.compress(_urls(n))),
    "pictures of an address": Shape(site_map, 6000, lambda n: b"<urlset><url><loc>https://a.example/</loc>" + b"<i>a</i>" * n + b"</url></urlset>"),
    "a site map within": Shape(site_map, 50, lambda n: b"<urlset>" + b"<url>" * n + b"</url>" * n + b"</urlset>"),
    "ampersands of a site map": Shape(site_map, 100_000, lambda n: b"<urlset><url><loc>https://a.example/?" + b"&a" * n + b"</loc></url></urlset>"),
    "addresses in lines": Shape(site_map, 10_000, lambda n: b"".join(b"https://a.example/%d\n" % i for i in range(n))),
    "one address in a line": Shape(site_map, 500_000, lambda n: b"https://a.example/" + b"a" * n),
}  # fmt: skip

SCRIPTS: Mapping[str, Shape] = {
    name: Shape(script, n, lambda count, word=word: (word * count).encode())  # type: ignore[misc]
    for name, n, word in (
        ("script of prose", 200, f"{PROSE} "),
        ("one word to be said", 60_000, "x"),
        ("digits", 60_000, "1"),
        ("open brackets", 60_000, "("),
        ("brackets in a script", 30_000, "()"),
        ("square brackets in a script", 30_000, "[1]"),
        ("marks on a letter", 60_000, "a\u0301"[1:]),
        ("letters with marks", 20_000, "e\u0301\u0327"),
        ("a sentence without a stop", 5000, "word "),
        ("words with commas", 4000, "word, "),
        ("quotes that open", 30_000, "\u201c"),
        ("quotation marks", 30_000, '"'),
        ("full stops", 60_000, "."),
        ("initials", 8000, "A. "),
        ("capitals", 60_000, "A"),
        ("words in capitals", 4000, "ABCD "),
        ("numbers with commas", 10_000, "1,"),
        ("numbers with dots", 10_000, "1.1."),
        ("numbers in words", 3000, "12 "),
        ("addresses", 2000, "http://a.example/ "),
        ("one address", 30_000, "http://a"),
        ("addresses of mail", 10_000, "@a."),
        ("dashes", 60_000, "-"),
        ("words with dashes", 10_000, "a-"),
        ("slashes", 60_000, "/"),
        ("dollars to be said", 20_000, "$"),
        ("Roman numerals", 60_000, "I"),
        ("emoji", 10_000, "\U0001f600"),
        ("joined emoji", 10_000, "\U0001f600\u200d"),
        ("letters of another script", 30_000, "ж"),
        ("letters without blanks", 20_000, "潮"),
        ("apostrophes", 30_000, "'a"),
        ("no-break spaces", 30_000, "a\u00a0"),
        ("question marks", 20_000, "a? "),
    )
}

SPOKEN: Mapping[str, Shape] = {
    "one word of tones": Shape(tone, 5000, lambda n: b"x" * n),
    "digits of tones": Shape(tone, 200, lambda n: b"9" * n),
}

SHAPES: Mapping[str, Shape] = {**PAGES, **MARKDOWN, **FRONT, **TEXTS, **LISTS, **SCRIPTS, **SPOKEN}

VOICES: Mapping[str, Shape] = {
    "one word by a voice": Shape(piper, 300, lambda n: b"x" * n),
    "letters by a voice": Shape(piper, 300, lambda n: b"banana" * n),
}
"""Those that need a voice, and so a while."""
