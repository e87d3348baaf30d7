"""Site maps, what feeds and site maps lead to, and how their sites are treated."""

from __future__ import annotations

import gzip
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web import Site, answer, redirect, serving

from narrator.errors import FetchError, SourceUnreadable
from narrator.reading.entry import Entry
from narrator.reading.fetch import Page
from narrator.reading.listings import (
    Failure,
    Listing,
    discover,
    discover_site_maps,
    kind_of,
    listed,
)
from narrator.reading.robots import Guest
from narrator.reading.sitemap import Nested, read_sitemap

URL = "https://example.org/sitemap.xml"
NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" '
    'xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)


def site_map(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {NAMESPACES}>{inside}</urlset>'


def index(*urls: str) -> str:
    inside = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f"<sitemapindex {NAMESPACES}>{inside}</sitemapindex>"


def locations(*urls: str) -> str:
    return site_map("".join(f"<url><loc>{url}</loc></url>" for url in urls))


def read(text: str | bytes) -> list[Entry | Nested]:
    return list(read_sitemap(text.encode() if isinstance(text, str) else text, URL))


# Site maps


def test_a_site_map() -> None:
    found = read(
        site_map(
            "<url><loc> https://example.org/a?x=1&amp;y=2 </loc><lastmod>2025-03-04</lastmod>"
            "<image:image><image:loc>https://example.org/a.jpg</image:loc></image:image></url>"
            "<url><loc>/b?x=1&y=2</loc><lastmod>2025-03-04T10:00:00+01:00</lastmod></url>"
        )
    )
    assert found == [
        Entry("https://example.org/a?x=1&y=2", "https://example.org/a?x=1&y=2",
              modified="2025-03-04"),
        Entry("https://example.org/b?x=1&y=2", "https://example.org/b?x=1&y=2",
              modified="2025-03-04T10:00:00+01:00"),
    ]  # fmt: skip


def test_news_and_languages() -> None:
    (news, german) = read(
        site_map(
            "<url><loc>https://example.org/n</loc><news:news><news:publication>"
            "<news:name>The Shore</news:name><news:language>en</news:language></news:publication>"
            "<news:publication_date>2025-03-04T10:00:00Z</news:publication_date>"
            "<news:title>Ebb &amp; flow</news:title></news:news></url>"
            "<url><loc>https://example.org/de</loc>"
            '<xhtml:link rel="alternate" hreflang="en" href="https://example.org/en"/>'
            '<xhtml:link rel="alternate" hreflang="de-AT" href="https://example.org/de"/></url>'
        )
    )
    assert isinstance(news, Entry)
    assert (news.title, news.date, news.language) == (
        "Ebb & flow", "2025-03-04T10:00:00+00:00", "en",
    )  # fmt: skip
    assert isinstance(german, Entry)
    assert german.language == "de-AT"


def test_an_index_text_and_gzip() -> None:
    one, two = read(index("https://example.org/1.xml", "/2.xml.gz"))
    assert (one, two) == (
        Nested("https://example.org/1.xml"), Nested("https://example.org/2.xml.gz"),
    )  # fmt: skip
    lines = "\ufeffhttps://example.org/a\r\n\r\nhttps://example.org/b"
    assert [each.url for each in read(lines)] == ["https://example.org/a", "https://example.org/b"]
    packed = gzip.compress(locations("https://example.org/a").encode())
    assert [each.url for each in read(packed)] == ["https://example.org/a"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<html><body>A page</body></html>", "no site map"),
        ("", "no site map"),
        ("Just words.", "no site map"),
        ("<!DOCTYPE a [<!ENTITY a 'x'>]>" + locations("https://example.org/&a;"), "entities"),
        (locations("https://example.org/a")[:-20], "not well-formed"),
        (
            gzip.compress(locations("https://example.org/a").encode(), mtime=0)[:-9],
            "cannot be unpacked",
        ),
        (
            gzip.compress(
                b"<urlset>" + (b"<url>" + bytes([32]) * 9_000_000 + b"</url>") * 6, mtime=0
            ),
            "larger than 50 MB",
        ),
        ("<urlset>" + "<a/>" * 200_000, "full of other elements"),
        ("<urlset>" + "<a>" * 5_000, "not well-formed"),
        ("<urlset><url><loc>" + "x" * 20_000_000, "not well-formed"),
    ],
    ids=range(10),
)
def test_what_is_no_site_map(text: str | bytes, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        read(text)


def test_what_stands_before_a_break_is_read() -> None:
    found = read_sitemap((locations(f"{URL}/a", f"{URL}/b")[:-9] + "<<").encode())
    assert [next(found).url, next(found).url] == [f"{URL}/a", f"{URL}/b"]
    with pytest.raises(SourceUnreadable, match="What stands below is not read"):
        next(found)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "javascript:x", "", "http://[", "https://example.org/" + "x" * 3000],
)
def test_addresses_that_are_none_are_passed_over(url: str) -> None:
    found = read(locations(url, "https://example.org/a"))
    assert [each.url for each in found] == ["https://example.org/a"]


@given(st.binary(max_size=300) | st.text("<>/&;!url loc'\"", max_size=300).map(str.encode))
def test_nothing_but_a_source_error_comes_of_any_bytes(data: bytes) -> None:
    for whole in (data, b"<urlset><url><loc>" + data, b"\x1f\x8b\x08" + data):
        with suppress(SourceUnreadable):
            list(read_sitemap(whole, URL))


def test_memory_does_not_grow_with_a_site_map() -> None:
    """50,000 addresses, 12 MB of XML, are read within 4 MB of Python's and lxml's memory more."""
    code = """
        import gzip, resource
        from narrator.reading.sitemap import read_sitemap
        def xml(count):
            url = "<url><loc>https://example.org/{}/" + "x" * 200 + "</loc></url>"
            return gzip.compress(("<urlset>" + "".join(map(url.format, range(count)))
                                  + "</urlset>").encode())
        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        packed = xml(50_000)
        before = peak()
        assert sum(1 for _ in read_sitemap(packed)) == 50_000
        print(peak() - before)
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], check=True, capture_output=True, text=True
    )
    assert int(told.stdout) < 4_000


# What they lead to


ROBOTS = "User-agent: *\nDisallow: /secret\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/robots.txt": answer(body=ROBOTS.encode(), content_type="text/plain")}) as one:
        yield one


@pytest.fixture
def guest() -> Guest:
    return Guest(allow_private=True, pace=0.0, time_limit=5.0)


def urls(site: Site, guest: Guest, path: str) -> list[str]:
    """What the listing names: paths, of failures in brackets."""
    found = []
    for each in listed(site.url + path, guest, today="2026-01-01"):
        shown = each.url.removeprefix(site.url)
        found.append(f"[{shown}]" if isinstance(each, Failure) else shown)
    return found


def test_an_index_of_site_maps_is_followed_and_a_circle_is_not(site: Site, guest: Guest) -> None:
    site.xml("/i.xml", index("{url}/1.xml", "{url}/i.xml", "{url}/none.xml", "{url}/secret.xml"))
    site.xml("/1.xml", locations("{url}/a", "{url}/b", "{url}/a", "http://example.org/c"))
    assert urls(site, guest, "/i.xml") == [
        "/a", "/b", "[http://example.org/c]", "[/none.xml]", "[/secret.xml]",
    ]  # fmt: skip
    assert site.asked.count("/i.xml") == 1


def test_site_maps_are_asked_for_only_when_they_are_needed(site: Site, guest: Guest) -> None:
    site.xml("/i.xml", index("{url}/1.xml", "{url}/2.xml"))
    site.xml("/1.xml", locations("{url}/a", "{url}/b"))
    site.xml("/2.xml", locations("{url}/c"))
    found = listed(f"{site.url}/i.xml", guest)
    next(found)
    assert "/2.xml" not in site.asked


def test_indexes_that_go_on_for_ever(site: Site, guest: Guest) -> None:
    for n in range(9):
        site.xml(f"/{n}.xml", index(f"{{url}}/{n + 1}.xml"))
    assert urls(site, guest, "/0.xml") == ["[/4.xml]"]


def test_a_broken_site_map_does_not_stop_the_others(site: Site, guest: Guest) -> None:
    site.xml("/i.xml", index("{url}/1.xml", "{url}/2.xml", "{url}/3.xml"))
    site.xml("/1.xml", "<urlset><url><loc>{url}/a</loc></url><url>")
    site.xml("/2.xml", "<html><p>A page.</p></html>")
    site.xml("/3.xml", locations("{url}/c"))
    assert urls(site, guest, "/i.xml") == ["/a", "[/1.xml]", "[/2.xml]", "/c"]


def test_a_feed_with_pages(site: Site, guest: Guest) -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{link}'
        '<entry><id>{id}</id><title>x</title><link href="/{id}"/></entry></feed>'
    )
    site.xml("/f", feed.replace("{id}", "a").replace("{link}", '<link rel="next" href="/g"/>'))
    site.xml("/g", feed.replace("{id}", "b").replace("{link}", '<link rel="next" href="/f"/>'))
    assert urls(site, guest, "/f") == ["/a", "/b"]


def test_a_page_is_its_own_entry(site: Site, guest: Guest) -> None:
    site.answers["/p"] = answer(body=b"<p>A page.")
    assert urls(site, guest, "/p") == ["/p"]


def test_a_listing_that_cannot_be_had(site: Site, guest: Guest) -> None:
    site.answers["/image"] = answer(body=b"GIF89a", content_type="image/gif")
    with pytest.raises(FetchError, match="answered 404"):
        list(listed(f"{site.url}/none", guest))
    with pytest.raises(SourceUnreadable, match="not a feed, a site map or a page"):
        list(listed(f"{site.url}/image", guest))


@pytest.mark.parametrize(
    ("data", "content_type", "kind"),
    [
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- x --><urlset>", "text/html", "site map"),
        (b"<x:sitemapindex>", "", "site map"),
        (b"https://example.org/a\n", "text/plain", "site map"),
        (gzip.compress(b"<urlset/>", mtime=0), "application/gzip", "site map"),
        ("<rss>".encode("utf-16"), "text/html", "feed"),
        (b"<feed xmlns='x'>", "text/plain", "feed"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "application/json", "feed"),
        (b"<html><p>about rss", "application/rss+xml", "page"),
    ],
)
def test_kinds_are_told_by_content(data: bytes, content_type: str, kind: str) -> None:
    assert kind_of(Page(URL, data, content_type, "")) == kind


# Where they are


def test_a_page_names_its_feeds_and_site_maps() -> None:
    page = Page(
        "https://example.org/blog/",
        b'<html><head><link rel="alternate" type="application/rss+xml" title="Comments" '
        b'href="/comments/feed"><link rel="alternate" type="application/atom+xml;charset=utf-8" '
        b'title=" Tides " href="feed.xml"><link rel=stylesheet href=x.css>'
        b'<link rel="alternate" hreflang="de" href="/de"><link rel="sitemap" href="/map.xml">'
        b'<link rel="alternate" type="application/feed+json" href="javascript:x">'
        b'<link rel="alternate" type="application/atom+xml" href="feed.xml"></head><p>x',
        "text/html",
        "",
    )
    assert [each for each in discover(page) if each.url] == [
        Listing("https://example.org/blog/feed.xml", "feed", "Tides"),
        Listing("https://example.org/map.xml", "site map"),
        Listing("https://example.org/comments/feed", "feed", "Comments"),
    ]


def test_robots_txt_names_site_maps(site: Site, guest: Guest) -> None:
    default = (Listing(f"{site.url}/sitemap.xml", "site map"),)
    assert discover_site_maps(f"{site.url}/blog/", guest) == default
    text = f"User-agent: x\nDisallow: /\nSitemap: {site.url}/a.xml\nsitemap:{site.url}/b.xml\n"
    site.answers["/robots.txt"] = answer(body=text.encode(), content_type="text/plain")
    other = Guest(allow_private=True, pace=0.0)
    assert [each.url for each in discover_site_maps(site.url, other)] == [
        f"{site.url}/a.xml", f"{site.url}/b.xml",
    ]  # fmt: skip


# How sites are treated


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        (ROBOTS, "/page", True),
        (ROBOTS, "/secret/a", False),
        ("User-agent: *\nDisallow: /\nAllow: /open", "/open/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: article-narrator\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: another\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("<html><p>Not found</p></html>", "/a", True),
        ("", "/a", True),
        ("User-agent: *\nDisallow: /" + "*a" * 200 + "b", "/" + "a" * 1500, True),
        ("\0\xff" * 999, "/a", True),
    ],
    ids=range(11),
)
def test_robots_txt_is_respected(
    site: Site, guest: Guest, robots: str, path: str, allowed: bool
) -> None:
    site.answers |= {"/robots.txt": answer(body=robots.encode()), path: answer(body=b"x")}
    if allowed:
        assert isinstance(guest.fetch(site.url + path), Page)
    else:
        with pytest.raises(FetchError, match=r"robots\.txt of .* does not let article-narrator"):
            guest.fetch(site.url + path)
        assert path not in site.asked
        assert isinstance(guest.fetch(site.url + path, invited=True), Page)


@pytest.mark.parametrize(
    ("status", "allowed"),
    [(404, True), (403, True), (410, True), (429, False), (500, False), (503, False)],
)
def test_a_robots_txt_that_is_not_there_allows_all_one_that_fails_nothing(
    site: Site, guest: Guest, status: int, allowed: bool
) -> None:
    site.answers |= {"/robots.txt": answer(status), "/a": answer(body=b"x")}
    for _ in range(2):
        if allowed:
            guest.fetch(f"{site.url}/a")
        else:
            with pytest.raises(FetchError, match=r"robots\.txt .* cannot be had"):
                guest.fetch(f"{site.url}/a")
    assert site.asked.count("/robots.txt") == 1
    assert ("/a" in site.asked) is allowed


def test_a_robots_txt_may_have_moved(site: Site, guest: Guest) -> None:
    site.answers |= {"/robots.txt": redirect("/r"), "/r": answer(body=b"User-agent:*\nDisallow:/")}
    with pytest.raises(FetchError, match="does not let"):
        guest.fetch(f"{site.url}/a")


@pytest.mark.parametrize(
    ("robots", "seconds"),
    [
        ("", 0.2),
        ("User-agent: *\nCrawl-delay: 0.4", 0.4),
        ("User-agent: *\nRequest-rate: 2/1", 0.5),
    ],
)
def test_a_host_is_asked_at_its_own_pace(
    site: Site, robots: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    sleep = time.sleep

    def noted(seconds: float) -> None:
        slept.append(seconds)
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", noted)
    site.answers |= {"/robots.txt": answer(body=robots.encode()), "/a": answer(body=b"x")}
    guest = Guest(allow_private=True, pace=0.2)
    guest.fetch(f"{site.url}/a")
    start = time.monotonic()
    threads = [threading.Thread(target=guest.fetch, args=(f"{site.url}/a",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 3 * seconds - 0.15 < time.monotonic() - start
    assert max(slept) <= seconds, "it waits no longer than it has to"


def test_an_absurd_delay_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from narrator.reading import robots

    site.answers |= {
        "/robots.txt": answer(body=b"User-agent: *\nCrawl-delay: 86400"), "/a": answer(body=b"x"),
    }  # fmt: skip
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    guest = Guest(allow_private=True)
    guest.fetch(f"{site.url}/a")
    guest.fetch(f"{site.url}/a")
    assert 25 < waited[-1] <= robots.LONGEST_DELAY


def test_it_says_who_it_is_and_whom_to_write_to(site: Site) -> None:
    site.answers["/a"] = answer(body=b"x")
    Guest(allow_private=True, pace=0.0, contact="https://example.org/bot").fetch(f"{site.url}/a")
    assert {headers["User-Agent"] for headers in site.headers} == {
        "article-narrator/0.1 (reads articles aloud; https://example.org/bot)"
    }
