"""Feeds as sites write them, and as attackers and broken programs do."""

from __future__ import annotations

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrator.errors import NarratorError, NothingToSay, SourceUnreadable
from narrator.reading.entry import Entry, read_entry
from narrator.reading.feed import read_feed
from narrator.reading.fetch import Page

URL = "https://example.org/blog/feed.xml"
LONG = "<p>" + "The tide comes in twice a day, and goes out again. " * 25 + "</p>"

NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
)


def rss(items: str, head: str = "", doctype: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<rss version="2.0" {NAMESPACES}><channel>'
        f"<title>Tides</title><link>https://example.org/</link>{head}{items}</channel></rss>"
    ).encode()


def item(inside: str) -> Entry:
    """The only entry of an RSS feed."""
    (entry,) = read_feed(rss(f"<item><link>one</link>{inside}</item>"), URL).entries
    return entry


def test_rss() -> None:
    feed = read_feed(
        rss(
            "<item><title>Ebb &amp; flow</title><link>/ebb</link><guid>tag:ebb</guid>"
            "<pubDate>Tue, 04 Mar 2025 10:00:00 +0100</pubDate><dc:creator>N. N.</dc:creator>"
            '<enclosure url="a.mp3" type="audio/mpeg" length="1"/><description>Short.</description>'
            "<content:encoded><![CDATA[<p>Whole <b>text</b>.</p>]]></content:encoded></item>",
            head="<language>en-gb</language>",
        ),
        URL,
    )
    assert (feed.title, feed.language, feed.url) == ("Tides", "en-gb", "https://example.org/")
    assert feed.entries == (
        Entry(
            id="tag:ebb",
            url="https://example.org/ebb",
            title="Ebb & flow",
            date="2025-03-04T10:00:00+01:00",
            author="N. N.",
            language="en-gb",
            content="<p>Whole <b>text</b>.</p>",
        ),
    )
    assert feed.warnings == ()


def test_atom() -> None:
    feed = read_feed(
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="/blog/">'
        b'<title>Tiden</title><link href="."/><link rel="next" href="?page=2"/>'
        b'<entry><id>tag:1</id><title type="html">Ebbe &lt;i&gt;und&lt;/i&gt; Flut</title>'
        b'<link rel="enclosure" href="x.mp3"/><link href="ebbe"/>'
        b"<published>2025-03-04T10:00:00Z</published><updated>2025-03-05T10:00:00Z</updated>"
        b"<author><name>N. N.</name></author><author><name>M. M.</name></author>"
        b'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Alles.</p></div>'
        b"</content></entry>"
        b'<entry xml:lang="fr"><id>tag:2</id><title>Deux</title><link href="deux"/>'
        b"<updated>2025-03-05T10:00:00Z</updated>"
        b'<content type="text">Tout, 2 &lt; 3.</content></entry></feed>',
        "https://example.org/feed",
    )
    first, second = feed.entries
    assert (feed.language, feed.next) == ("de", "https://example.org/blog/?page=2")
    assert (first.url, first.title) == ("https://example.org/blog/ebbe", "Ebbe und Flut")
    assert (first.date, first.modified) == (
        "2025-03-04T10:00:00+00:00",
        "2025-03-05T10:00:00+00:00",
    )
    assert (first.author, first.language) == ("N. N., M. M.", "de")
    assert first.content == "<p>Alles.</p>"
    assert (second.language, second.date) == ("fr", "2025-03-05T10:00:00+00:00")
    assert (second.content, second.format) == ("Tout, 2 < 3.", "text")


def test_rss_1() -> None:
    text = (
        '<?xml version="1.0" encoding="windows-1251"?><rdf:RDF xmlns="http://purl.org/rss/1.0/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Приливы</title>'
        "<dc:language>ru</dc:language></channel><item rdf:about='https://example.org/i'>"
        "<title>Отлив</title><link>https://example.org/i</link><dc:date>2003-01-01</dc:date>"
        "</item></rdf:RDF>"
    )
    feed = read_feed(text.encode("cp1251"), URL)
    assert (feed.title, feed.language) == ("Приливы", "ru")
    assert (feed.entries[0].title, feed.entries[0].date) == ("Отлив", "2003-01-01")


def test_json_feed() -> None:
    told = {
        "version": "https://jsonfeed.org/version/1.1", "title": "Tides", "language": "en",
        "home_page_url": "https://example.org/", "next_url": "https://example.org/feed?2",
        "authors": [{"name": "N. N."}],
        "items": [
            {"id": 7, "url": "ebb", "title": "Ebb", "content_html": "<p>Whole.</p>",
             "date_published": "2025-03-04T10:00:00+01:00"},
            {"id": "8", "external_url": "https://example.com/x", "content_text": "As text. 2 < 3",
             "authors": [{"name": "M. M."}], "language": "de"},
            {"id": "9", "url": "/cut", "content_html": "<p>It begins…</p>"},
            "no item",
        ],
    }  # fmt: skip
    feed = read_feed(json.dumps(told).encode(), URL)
    assert (feed.title, feed.next) == ("Tides", "https://example.org/feed?2")
    one, two, three = feed.entries
    assert (one.id, one.url, one.author, one.language, one.date) == (
        "7", "https://example.org/blog/ebb", "N. N.", "en", "2025-03-04T10:00:00+01:00",
    )  # fmt: skip
    assert (two.content, two.format, two.author, two.language) == (
        "As text. 2 < 3", "text", "M. M.", "de",
    )  # fmt: skip
    assert three.content == ""


@pytest.mark.parametrize(
    ("inside", "whole"),
    [
        ("<content:encoded><![CDATA[<p>A note.</p>]]></content:encoded>", True),
        (f"<content:encoded><![CDATA[{LONG}]]></content:encoded>", True),
        (f"<description><![CDATA[{LONG}]]></description>", True),
        ("<description>Only a few words.</description>", False),
        (f"<description><![CDATA[{LONG}<p>And then […]</p>]]></description>", False),
        ("<content:encoded>It begins &amp;hellip;</content:encoded>", False),
        ("<content:encoded>It begins. &lt;a>Continue reading →&lt;/a></content:encoded>", False),
        ("<content:encoded>Es beginnt. &lt;a>Weiterlesen&lt;/a></content:encoded>", False),
        ("<content:encoded>Ça commence. &lt;a>Lire la suite&lt;/a></content:encoded>", False),
        ("<content:encoded>Empieza. &lt;a>Leer más&lt;/a></content:encoded>", False),
        ("<content:encoded>Начало. &lt;a>Читать далее&lt;/a></content:encoded>", False),
        ("<content:encoded>So… The post Ebb appeared first on Tides.</content:encoded>", False),
        ("<content:encoded>All of it. The post Ebb appeared first on Tides.</content:encoded>",
         True),
        ("<content:encoded>He could read more than anyone. He did.</content:encoded>", True),
        ("<media:content url='a.jpg' type='image/jpeg'/>", False),
        ("", False),
    ],
)  # fmt: skip
def test_whether_a_feed_holds_the_whole_article(inside: str, whole: bool) -> None:
    assert bool(item(inside).content) is whole


def test_an_entry_without_a_page_is_all_that_there_is() -> None:
    entry = read_feed(rss("<item><description>A short note…</description></item>"), URL).entries[0]
    assert (entry.url, entry.content) == ("", "A short note…")
    assert entry.id == read_feed(
        rss("<item><description>A short note…</description></item>"), URL
    ).entries[0].id  # fmt: skip


@pytest.mark.parametrize(
    ("told", "date"),
    [
        ("Tue, 04 Mar 2025 10:00:00 GMT", "2025-03-04T10:00:00+00:00"),
        ("Tue, 4 Mar 25 10:00:00 EST", "2025-03-04T10:00:00-05:00"),
        ("2025-03-04", "2025-03-04"),
        ("2025-03-04T10:00:00", "2025-03-04T10:00:00"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", ""),
        ("Fri, 31 Dec 9999 23:59:59 GMT", ""),
        ("Mon, 01 Jan 0001 00:00:00 +0000", ""),
        ("yesterday", ""),
        ("Tue, 99 Foo 2025 99:99:99 XXX", ""),
        ("9" * 5000, ""),
        ("", ""),
    ],
)
def test_dates_that_cannot_be_are_not_believed(told: str, date: str) -> None:
    text = rss(f"<item><link>one</link><pubDate>{told}</pubDate></item>")
    assert read_feed(text, URL, today="2026-06-01").entries[0].date == date


@pytest.mark.parametrize("language", ["english", "en_US.UTF-8", "../..", "x" * 999, "1"])
def test_languages_that_are_none(language: str) -> None:
    feed = read_feed(rss("", head=f"<language>{language}</language>"), URL)
    assert feed.language == ""


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "http://[", "a b"])
def test_links_lead_to_pages_or_nowhere(link: str) -> None:
    feed = read_feed(
        rss(f"<item><guid isPermaLink='false'>1</guid><link>{link}</link></item>"), URL
    )
    assert feed.entries[0].url in (
        "",
        "https://example.org/blog/a%20b",
        "https://example.org/blog/a b",
    )


LAUGHS = "<!DOCTYPE a [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (rss("<item><title>&j;</title></item>", doctype=LAUGHS), "entities, as only attacks do"),
        (rss("<item><title>&x;</title></item>",
             doctype="<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"), "entities"),
        (rss("<item><title>&x;</title></item>", doctype="<!DOCTYPE a [<!ENTITY x 'y'>]>")
         .decode().replace("UTF-8", "UTF-16").encode("utf-16"), "entities"),
        (b"<!doctype html><html><body><p>A page.</p>", "no feed"),
        (b"Just text.", "no feed"),
        (b"", "no feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "no feed"),
        (b"%PDF-1.7", "no feed"),
        (b'{"a": 1}', "no JSON feed"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "no JSON feed"),
        (b'{"a":' * 100_000, "no JSON feed"),
        (b'{"version', "no JSON feed"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_feed(data: bytes, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        read_feed(data, URL)


def test_a_feed_that_is_cut_loses_the_entry_that_is_and_says_so() -> None:
    whole = rss("".join(f"<item><guid>tag:{n}</guid><title>{n}</title></item>" for n in range(3)))
    feed = read_feed(whole[:-35], URL)
    assert [entry.id for entry in feed.entries] == ["tag:0", "tag:1"]
    assert "ends too early" in feed.warnings[0]
    assert "tag:2" in feed.warnings[0]


def test_a_feed_that_is_not_well_formed_is_read_and_it_is_said() -> None:
    feed = read_feed(rss("<item><title>Fish & chips</title><guid>tag:1</guid></item>"), URL)
    assert feed.entries[0].title == "Fish & chips"
    assert "not well formed" in feed.warnings[0]


def test_entities_of_html_are_no_fault() -> None:
    feed = read_feed(rss("<item><title>A&nbsp;day&mdash;or two</title></item>"), URL)
    assert feed.entries[0].title == "A day—or two"
    assert feed.warnings == ()


@pytest.mark.parametrize(
    "inside",
    ["<" * 500_000, "&" * 500_000, "<a>" * 100_000, "<item>" * 50_000, "<![CDATA[" * 50_000,
     "<!--" * 100_000, "<content:encoded>" * 50_000, "<a b='" * 50_000],
    ids=lambda text: text[:6],
)  # fmt: skip
def test_hostile_feeds_are_read_or_refused_in_time(inside: str) -> None:
    start = time.process_time()
    with suppress(NarratorError):
        read_feed(rss(f"<item><title>x</title>{inside}")[: -len("</channel></rss>")], URL)
    assert time.process_time() - start < 20


@given(st.binary(max_size=200) | st.text("<>/&;![]itemrssx='\" ", max_size=200).map(str.encode))
def test_nothing_but_a_source_error_comes_of_any_bytes(data: bytes) -> None:
    for whole in (data, rss(data.decode("utf-8", "replace")), b"{" + data):
        with suppress(SourceUnreadable):
            read_feed(whole, URL)


# Entries become articles


def test_an_entry_is_read_from_its_content() -> None:
    article = read_entry(
        Entry(
            "1", "https://example.org/ebb", "Ebb & flow", "2025-03-04", author="N. N.",
            language="en", content=f"<h2>First</h2>{LONG}<ul><li>one</li></ul><pre>x = 1</pre>",
        )
    )  # fmt: skip
    assert (article.title, article.author, article.date) == ("Ebb & flow", "N. N.", "2025-03-04")
    assert (article.language, article.url) == ("en", "https://example.org/ebb")
    assert [block.kind for block in article.blocks] == ["heading", "paragraph", "list_item", "code"]


def test_a_short_note_is_an_article_too() -> None:
    article = read_entry(Entry("1", content="<p>The boat is in.</p>"))
    assert [block.text for block in article.blocks] == ["The boat is in."]


def test_an_entry_in_plain_text() -> None:
    entry = Entry("1", title="Ebb", content="One. 2 < 3.\n\nTwo.", format="text")
    article = read_entry(entry)
    assert article.title == "Ebb"
    assert [block.text for block in article.blocks] == ["One. 2 < 3.", "Two."]


def test_what_the_page_does_not_say_the_entry_does() -> None:
    html = f"<html lang=de><article><h1>Of the page</h1>{LONG}</article>".encode()
    page = Page("https://example.org/a", html, "text/html", "")
    article = read_entry(
        Entry("1", title="x", date="2025-03-04", author="N. N.", language="en"), page
    )
    assert (article.title, article.language) == ("Of the page", "de")
    assert (article.date, article.author) == ("2025-03-04", "N. N.")
    with pytest.raises(NothingToSay):
        read_entry(Entry("1", "https://example.org/a"))
