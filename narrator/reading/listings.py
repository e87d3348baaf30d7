"""What a feed or a site map leads to, and where a page says that they are.

A listing is a feed, a site map, an index of site maps. `listed` reads one after another, as they
are asked for, with what they name; nothing that fails stops it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin, urlsplit

from narrator.errors import SourceError
from narrator.reading.entry import Entry, absolute
from narrator.reading.feed import Feed, read_feed
from narrator.reading.fetch import LISTING, Page
from narrator.reading.robots import Guest
from narrator.reading.sitemap import Nested, read_sitemap

ListingKind = Literal["feed", "site map", "page"]

_DEEPEST = 3
"""Levels of indexes; sitemaps.org has one."""

_MOST = 50_000
"""Site maps in all, as many as an index may name; and pages of one feed."""

_FEED_TYPES = {
    "application/atom+xml", "application/feed+json", "application/json", "application/rss+xml",
}  # fmt: skip

_SNIFFED = 4096
"""Bytes that tell a kind."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing that a page, or a robots.txt, names."""

    url: str
    kind: ListingKind
    title: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that a listing names, or a listing itself, that is not read."""

    url: str
    reason: str
    """A sentence or two, for people."""


def kind_of(page: Page) -> ListingKind:
    """What was found at an address, told by how it begins: a content type often lies."""
    start = page.data[:_SNIFFED].replace(b"\0", b"").lower()
    if any(sign in start for sign in (b"<urlset", b"<sitemapindex", b":urlset", b":sitemapindex")):
        return "site map"
    if page.data.startswith(b"\x1f\x8b"):
        return "site map"
    if any(sign in start for sign in (b"<rss", b"<feed", b"<rdf:rdf", b"jsonfeed.org/version")):
        return "feed"
    is_text = page.content_type == "text/plain" and start.lstrip().startswith(b"http")
    return "site map" if is_text else "page"


def listed(url: str, guest: Guest, *, today: str = "") -> Iterator[Entry | Failure]:
    """What the listing at the address names; see `listed_on`. SourceError where the listing itself
    cannot be had."""
    page = guest.fetch(url, wanted=LISTING, invited=True)
    assert isinstance(page, Page)
    yield from listed_on(page, guest, today=today)


def listed_on(page: Page, guest: Guest, *, today: str = "") -> Iterator[Entry | Failure]:
    """What the listing that was fetched names, each address once; a page is its own only entry.

    A site map may name pages of its own host only. SourceError where it is not what it looks like;
    of those that it names, and of what is broken, a Failure tells. `today` is an ISO day: a feed's
    later dates are not believed.
    """
    kind = kind_of(page)
    seen: set[int] = set()
    found: Iterator[Entry | Failure]
    if kind == "page":
        found = iter((Entry(id=page.url, url=page.url),))
    elif kind == "feed":
        found = _of_feed(page, guest, today)
    else:
        found = _of_site_map(page, guest, _site(page.url), {page.url})
    for each in found:
        # Hashes, not addresses, so that many of them are held in little room.
        key = hash(each.url if isinstance(each, Failure) else each.url or each.id)
        if key not in seen:
            seen.add(key)
            yield each


def _of_feed(page: Page, guest: Guest, today: str) -> Iterator[Entry | Failure]:
    """The entries of the feed's pages; the first must be one."""
    feed = read_feed(page.data, page.url, charset=page.charset, today=today)
    url = page.url
    visited = {url}
    while True:
        yield from feed.entries
        for warning in feed.warnings:
            yield Failure(url, warning)
        url = absolute(feed.next, url)
        if not url or url in visited or len(visited) >= _MOST:
            return
        visited.add(url)
        following = _next_page(url, guest, today)
        if isinstance(following, Failure):
            yield following
            return
        feed = following


def _next_page(url: str, guest: Guest, today: str) -> Feed | Failure:
    try:
        page = guest.fetch(url, wanted=LISTING)
        assert isinstance(page, Page)
        return read_feed(page.data, page.url, charset=page.charset, today=today)
    except SourceError as error:
        return Failure(url, str(error))


def _of_site_map(
    page: Page, guest: Guest, site: str, visited: set[str], depth: int = 0
) -> Iterator[Entry | Failure]:
    try:
        for each in read_sitemap(page.data, page.url):
            if isinstance(each, Nested):
                yield from _of_nested(each.url, guest, site, visited, depth + 1)
            elif _site(each.url) == site:
                yield each
            else:
                yield Failure(each.url, f"It is on another host than its site map, {page.url}.")
    except SourceError as error:
        yield Failure(page.url, str(error))


def _of_nested(
    url: str, guest: Guest, site: str, visited: set[str], depth: int
) -> Iterator[Entry | Failure]:
    if url in visited:
        return
    visited.add(url)
    if depth > _DEEPEST or len(visited) > _MOST:
        yield Failure(url, "Site maps within site maps go too deep, or are too many.")
        return
    try:
        page = guest.fetch(url, wanted=LISTING)
    except SourceError as error:
        yield Failure(url, str(error))
        return
    assert isinstance(page, Page)
    yield from _of_site_map(page, guest, site, visited, depth)


def _site(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def discover(page: Page) -> tuple[Listing, ...]:
    """The feeds and site maps that the head of a page names, in its order; comments' feeds,
    which some pages name as well, come last."""
    from narrator.reading.decode import decode
    from narrator.reading.dom import parse_page

    root = parse_page(decode(page.data, name=repr(page.url), charset=page.charset))
    found: dict[str, Listing] = {}
    for link in root.iter("link"):
        rel = (link.get("rel") or "").lower().split()
        type_ = (link.get("type") or "").partition(";")[0].strip().lower()
        kind: ListingKind = "site map" if "sitemap" in rel else "feed"
        is_one = kind == "site map" or ("alternate" in rel and type_ in _FEED_TYPES)
        href = (link.get("href") or "").strip()
        if is_one and href:
            url = absolute(href, page.url)
            found.setdefault(url, Listing(url, kind, (link.get("title") or "").strip()))
    return tuple(sorted(found.values(), key=lambda each: "comment" in each.url.lower()))


def discover_site_maps(url: str, guest: Guest) -> tuple[Listing, ...]:
    """The site maps that the robots.txt of the host names, else where one is by custom."""
    named = guest.site_maps(url) or (urljoin(url, "/sitemap.xml"),)
    return tuple(Listing(each, "site map") for each in named)
