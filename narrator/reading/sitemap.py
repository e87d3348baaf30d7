"""A site map -> its addresses, one by one (sitemaps.org: XML, gzip of it, or lines of text)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from narrator.errors import SourceUnreadable
from narrator.reading.entry import Entry, absolute
from narrator.reading.fetch import LISTING
from narrator.reading.inflate import inflate
from narrator.reading.metadata import iso_date, language_code

_GZIP = b"\x1f\x8b"
_STEP = 1 << 16
"""Bytes given to the parser at a time."""

_BARE_AMPERSAND = re.compile(rb"&(?!#?\w{1,12};)")
_LONGEST_REFERENCE = 15

_PROLOGUE = 65_536
"""Bytes in which the definition of an entity would stand."""

_HELD = 100_000
"""Elements within one address, or between two: an address may have 1,000 pictures."""

_LONGEST_URL = 2_048
"""Characters, as sitemaps.org has it."""


@dataclass(frozen=True, slots=True)
class Nested:
    """A site map that an index names."""

    url: str
    modified: str = ""
    """ISO 8601; empty where the index does not say."""


def read_sitemap(data: bytes, url: str = "") -> Iterator[Entry | Nested]:
    """What the site map found at `url` names, as it is read: memory does not grow with it.

    SourceUnreadable where it is none, is broken (after what stands before the break), or is
    larger than sitemaps.org lets it be.
    """
    name = url or "the site map"
    pieces = _steps(data) if not data.startswith(_GZIP) else _unpacked(data, name)
    first = next(pieces, b"")
    shown = first.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if b"<!ENTITY" in shown[:_PROLOGUE].upper():
        raise SourceUnreadable(f"{name} defines entities, as only attacks do; it is not read.")
    if shown.startswith(b"<"):
        yield from _from_xml(_chained(first, pieces), url, name)
    else:
        yield from _from_lines(_chained(first, pieces), name)


def _steps(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _STEP):
        yield data[start : start + _STEP]


def _unpacked(data: bytes, name: str) -> Iterator[bytes]:
    size = 0
    try:
        for piece in inflate(_steps(data), "gzip"):
            size += len(piece)
            if size > LISTING.limit:
                raise SourceUnreadable(
                    f"{name} is larger than {LISTING.limit // 1_048_576} MB when unpacked, "
                    "which no site map may be. Split it, and name its parts in an index."
                )
            yield piece
    except ValueError as error:
        raise SourceUnreadable(f"{name} cannot be unpacked: {error}.") from error


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _from_xml(pieces: Iterator[bytes], url: str, name: str) -> Iterator[Entry | Nested]:
    parser = etree.XMLPullParser(
        events=("end",), resolve_entities=False, no_network=True, huge_tree=False
    )
    is_one = False
    held = 0
    try:
        for piece in _escaped(pieces):
            parser.feed(piece)
            for _, element in parser.read_events():
                assert isinstance(element, etree._Element)
                tag = _local(element)
                held += 1
                if held > _HELD:
                    raise SourceUnreadable(f"{name} is no site map: it is full of other elements.")
                if tag in ("url", "sitemap"):
                    is_one, held = True, 0
                    entry = _entry(element, url) if tag == "url" else _nested(element, url)
                    if entry:
                        yield entry
                    _forget(element)
                is_one = is_one or tag in ("urlset", "sitemapindex")
        parser.close()
    except etree.XMLSyntaxError as error:
        raise SourceUnreadable(
            f"{name} is not well-formed XML: {error}. What stands below is not read."
        ) from error
    if not is_one:
        raise SourceUnreadable(f"{name} is no site map. Give the address of one, or of a feed.")


def _escaped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same with each `&` escaped that begins no reference: many write addresses as they are."""
    rest = b""
    for piece in pieces:
        whole = rest + piece
        cut = whole.rfind(b"&", max(0, len(whole) - _LONGEST_REFERENCE))
        cut = len(whole) if cut < 0 else cut
        rest = whole[cut:]
        yield whole[:cut] if b"\0" in whole else _BARE_AMPERSAND.sub(b"&amp;", whole[:cut])
    yield _BARE_AMPERSAND.sub(b"&amp;", rest)


def _forget(element: etree._Element) -> None:
    """Free the element, and those before it: nothing but the way down to it is kept."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _told(element: etree._Element) -> dict[str, str]:
    """Local name -> text of the elements within, the first of each name."""
    found: dict[str, str] = {}
    for each in element.iterdescendants():
        found.setdefault(_local(each), " ".join((each.text or "").split()))
    return found


def _entry(element: etree._Element, base: str) -> Entry | None:
    told = _told(element)
    url = _address(told.get("loc", ""), base)
    if not url:
        return None
    # Of the versions in several languages that are named, one is this one.
    languages = [
        str(each.get("hreflang"))
        for each in element.iterchildren("{*}link")
        if each.get("hreflang") and each.get("href", "").strip() == told["loc"]
    ]
    return Entry(
        id=url,
        url=url,
        title=told.get("title", "") if "news" in told else "",
        date=iso_date(told.get("publication_date", "")) if "news" in told else "",
        modified=iso_date(told.get("lastmod", "")),
        language=language_code(next(iter(languages), "") or told.get("language", "")),
    )


def _nested(element: etree._Element, base: str) -> Nested | None:
    told = _told(element)
    url = _address(told.get("loc", ""), base)
    return Nested(url, iso_date(told.get("lastmod", ""))) if url else None


def _address(written: str, base: str) -> str:
    url = absolute(written, base)
    return url if len(url) <= _LONGEST_URL else ""


def _from_lines(pieces: Iterator[bytes], name: str) -> Iterator[Entry]:
    found = False
    for line in _lines(pieces):
        url = _address(line.decode("utf-8", "replace").strip("\ufeff \t\r"), "")
        if url:
            found = True
            yield Entry(id=url, url=url)
    if not found:
        raise SourceUnreadable(f"{name} is no site map. Give the address of one, or of a feed.")


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest[-_LONGEST_URL:] + piece).split(b"\n")
        yield from whole
    yield rest
