"""Is a podcast feed what strict validators accept? Imports nothing of narrator.

The rules are those of the RSS 2.0 specification (rssboard.org), of Apple's guide to podcast RSS, of
the podcast namespace 1.0 (podcastindex.org) and of Atom's self link, each as its text has it.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Iterator
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"

MAIN_CATEGORIES = {
    "Arts", "Business", "Comedy", "Education", "Fiction", "Government", "History",
    "Health & Fitness", "Kids & Family", "Leisure", "Music", "News", "Religion & Spirituality",
    "Science", "Society & Culture", "Sports", "Technology", "True Crime", "TV & Film",
}  # fmt: skip
CHANNEL = {
    "title": 1, "link": 1, "description": 1, "language": 1, "copyright": 1, "generator": 1,
    "docs": 1, "lastBuildDate": 1, "pubDate": 1, "managingEditor": 1, "webMaster": 1, "image": 1,
    "ttl": 1, "item": 0, f"{ATOM}link": 0, f"{ITUNES}image": 1, f"{ITUNES}author": 1,
    f"{ITUNES}type": 1, f"{ITUNES}explicit": 1, f"{ITUNES}owner": 1, f"{ITUNES}category": 0,
    f"{PODCAST}guid": 1, f"{PODCAST}locked": 1, f"{PODCAST}medium": 1,
}  # fmt: skip
"""Element -> how often it may stand at most; 0 is any number."""
ITEM = {
    "title": 1, "link": 1, "description": 1, "guid": 1, "pubDate": 1, "enclosure": 1,
    f"{ITUNES}title": 1, f"{ITUNES}duration": 1, f"{ITUNES}explicit": 1, f"{ITUNES}author": 1,
    f"{ITUNES}episodeType": 1, f"{ITUNES}image": 1, f"{PODCAST}transcript": 0,
    f"{PODCAST}chapters": 1, f"{PODCAST}alternateEnclosure": 0,
}  # fmt: skip
ENCLOSURES = {".mp3": "audio/mpeg", ".m4a": "audio/x-m4a"}
"""What Apple plays."""
TRANSCRIPTS = {"text/plain", "text/html", "text/vtt", "application/json", "application/x-subrip"}


def violations(data: bytes, size_of: Callable[[str], int | None]) -> list[str]:
    """What is wrong with the feed; `size_of` tells the bytes behind an address, None if nothing is
    there."""
    if not data.startswith(b"<?xml version='1.0' encoding='utf-8'?>"):
        return ["no XML declaration of UTF-8"]
    try:
        rss = Xml.fromstring(data)
    except Xml.ParseError as error:
        return [f"not well-formed: {error}"]
    if rss.tag != "rss" or rss.get("version") != "2.0" or [c.tag for c in rss] != ["channel"]:
        return ["not an RSS 2.0 document with one channel"]
    return [*_channel(rss[0]), *_items(rss[0], size_of), *_values(rss)]


def _channel(channel: Xml.Element) -> Iterator[str]:
    yield from _counts(channel, CHANNEL)
    for tag in ("title", "link", "description", "language", f"{ITUNES}explicit", f"{PODCAST}guid"):
        if not channel.findtext(tag):
            yield f"channel without {tag}"
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", channel.findtext("language", "")):
        yield "language is no code"
    yield from _yes_or_no(channel, f"{ITUNES}explicit", {"true", "false"})
    yield from _yes_or_no(channel, f"{ITUNES}type", {"episodic", "serial"})
    yield from _yes_or_no(channel, f"{PODCAST}locked", {"yes", "no"})
    yield from _yes_or_no(
        channel, f"{PODCAST}medium", {"podcast", "newsletter", "blog", "course", "audiobook"}
    )
    cover = channel.find(f"{ITUNES}image")
    if cover is None or not re.search(r"\.(png|jpg)$", urlsplit(cover.get("href", "")).path):
        yield "no itunes:image that is a .png or .jpg"
    categories = channel.findall(f"{ITUNES}category")
    if not categories or any(c.get("text") not in MAIN_CATEGORIES for c in categories):
        yield "no itunes:category of Apple's list"
    selves = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(selves) != 1 or selves[0].get("type") != "application/rss+xml":
        yield "no atom:link to itself"
    try:
        if uuid.UUID(channel.findtext(f"{PODCAST}guid", "")).version != 5:
            yield "podcast:guid is no UUIDv5"
    except ValueError:
        yield "podcast:guid is no UUID"
    image = channel.find("image")
    if image is not None:
        for tag in ("title", "link"):
            if image.findtext(tag) != channel.findtext(tag):
                yield f"image/{tag} is not the channel's"
    editor = channel.findtext("managingEditor")
    if editor and not re.fullmatch(r"\S+@\S+\.\S+ \(.+\)", editor):
        yield "managingEditor is not 'address (name)'"
    owner = channel.find(f"{ITUNES}owner")
    if owner is not None and not (
        owner.findtext(f"{ITUNES}email") and owner.findtext(f"{ITUNES}name")
    ):
        yield "itunes:owner without name and e-mail"


def _items(channel: Xml.Element, size_of: Callable[[str], int | None]) -> Iterator[str]:
    items = channel.findall("item")
    guids = [item.findtext("guid") for item in items]
    if len(set(guids)) != len(guids) or not all(guids):
        yield "guids are missing or not unique"
    urls = [e.get("url") for e in channel.iter("enclosure")]
    if len(set(urls)) != len(urls):
        yield "two enclosures of one address"
    dates = [item.findtext("pubDate", "") for item in items]
    moments = [parsedate_to_datetime(date) for date in dates if date]
    if len(moments) != len(items) or moments != sorted(moments, reverse=True):
        yield "pubDates are missing or not the newest first"
    for item in items:
        yield from _counts(item, ITEM)
        yield from _item(item, size_of)


def _item(item: Xml.Element, size_of: Callable[[str], int | None]) -> Iterator[str]:
    if not item.findtext("title"):
        yield "item without title"
    guid = item.find("guid")
    if guid is None or guid.get("isPermaLink") not in ("true", "false"):
        yield "guid does not say whether it is a permalink"
    elif guid.get("isPermaLink") == "true" and not urlsplit(guid.text or "").scheme:
        yield "permalink guid is no address"
    enclosure = item.find("enclosure")
    if enclosure is None:
        yield "item without enclosure"
    else:
        url = enclosure.get("url", "")
        ending = re.search(r"\.\w+$", urlsplit(url).path)
        if ENCLOSURES.get(ending[0] if ending else "") != enclosure.get("type"):
            yield f"enclosure {url} is not of a type that Apple plays"
        if size_of(url) is None or str(size_of(url)) != enclosure.get("length"):
            yield f"enclosure {url} has not the length it says"
    if not re.fullmatch(r"[1-9]\d*", item.findtext(f"{ITUNES}duration", "")):
        yield "itunes:duration is not in seconds"
    yield from _yes_or_no(item, f"{ITUNES}explicit", {"true", "false"})
    yield from _yes_or_no(item, f"{ITUNES}episodeType", {"full", "trailer", "bonus"})
    for transcript in item.findall(f"{PODCAST}transcript"):
        if transcript.get("type") not in TRANSCRIPTS or size_of(transcript.get("url", "")) is None:
            yield "podcast:transcript leads nowhere or is of no known type"
    for chapters in item.findall(f"{PODCAST}chapters"):
        known = chapters.get("type") == "application/json+chapters"
        if not known or size_of(chapters.get("url", "")) is None:
            yield "podcast:chapters leads nowhere or is of no known type"
    defaults = 0
    for other in item.findall(f"{PODCAST}alternateEnclosure"):
        defaults += other.get("default") == "true"
        sources = [source.get("uri", "") for source in other.findall(f"{PODCAST}source")]
        if not other.get("type") or not sources:
            yield "podcast:alternateEnclosure without type or source"
        if any(str(size_of(uri)) != other.get("length") for uri in sources):
            yield "podcast:alternateEnclosure has not the length it says"
        integrity = other.find(f"{PODCAST}integrity")
        if integrity is not None:
            kind, _, digest = integrity.get("value", "").partition("-")
            if integrity.get("type") != "sri" or kind not in ("sha256", "sha384", "sha512"):
                yield "podcast:integrity of no known kind"
            elif len(base64.b64decode(digest)) * 8 != int(kind[3:]):
                yield "podcast:integrity of the wrong length"
    if defaults > 1:
        yield "two default enclosures"


def _values(rss: Xml.Element) -> Iterator[str]:
    """What holds for every value wherever it stands."""
    for element in rss.iter():
        text = element.text or ""
        if len(element) == 0 and text != text.strip():
            yield f"{element.tag} with spaces around its value"
        if element.tag == "description":
            if len(text.encode()) > 4000:
                yield "description of more than 4000 bytes"
        elif len(element) == 0 and len(text) > 255:
            yield f"{element.tag} of more than 255 characters"
        if element.tag in ("pubDate", "lastBuildDate"):
            try:
                moment = parsedate_to_datetime(text)
                if format_datetime(moment, usegmt=moment.utcoffset() is not None) != text:
                    yield f"{element.tag} is not as RFC 2822 has it: {text}"
            except (ValueError, TypeError):
                yield f"{element.tag} is no date: {text}"
        addresses = [element.get(name) for name in ("url", "href", "uri")]
        if element.tag in ("link", "url", "docs"):
            addresses.append(text)
        for address in filter(None, addresses):
            if not re.fullmatch(r"https://[^\s/?#]+[!-~]*", address):
                yield f"{element.tag}: {address} is no absolute https address"


def _counts(parent: Xml.Element, known: dict[str, int]) -> Iterator[str]:
    tags = [child.tag for child in parent]
    for tag in set(tags):
        if tag not in known:
            yield f"{parent.tag} holds an unknown {tag}"
        elif known[tag] and tags.count(tag) > known[tag]:
            yield f"{parent.tag} holds {tag} {tags.count(tag)} times"


def _yes_or_no(parent: Xml.Element, tag: str, values: set[str]) -> Iterator[str]:
    value = parent.findtext(tag)
    if value is not None and value not in values:
        yield f"{tag} is {value!r}"
