"""Narrations -> a podcast: RSS 2.0 with the tags of Apple (itunes:) and of Podcasting 2.0.

What it obeys: the RSS 2.0 specification, Apple's guide to podcast RSS, the podcast namespace 1.0
(https://podcastindex.org/namespace/1.0), and Atom for the feed's own address.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal
from xml.etree import ElementTree as Xml

from narrator.publishing.manifest import PublishedFile
from narrator.weblinks import web_address

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
ATOM = "http://www.w3.org/2005/Atom"

PODCAST_NAMESPACE = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""Namespace of podcast:guid, by the specification."""

LONGEST_TEXT = 255
"""Characters of a short value, by Apple's guide."""

LONGEST_DESCRIPTION = 4000
"""Bytes of a description, by Apple's guide."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Medium = Literal["podcast", "newsletter", "blog", "course", "audiobook"]


@dataclass(frozen=True, slots=True)
class Channel:
    """What a podcast says of itself."""

    title: str
    description: str
    link: str
    """Address of the website."""
    url: str
    """Address of the feed itself."""
    language: str
    """BCP 47."""
    author: str = ""
    email: str = ""
    cover: str = ""
    """Address of a square JPEG or PNG of 1400 to 3000 pixels; directories ask for one."""
    categories: tuple[tuple[str, str], ...] = ()
    """(category, subcategory or empty), see `categories.CATEGORIES`."""
    explicit: bool = False
    copyright: str = ""
    medium: Medium = "podcast"
    locked: bool = False
    """Whether other hosts are asked not to import the feed."""
    guid: str = ""
    """podcast:guid; made from `url` if empty. Keep it when the feed moves."""


@dataclass(frozen=True, slots=True)
class Episode:
    """A narration in a podcast."""

    guid: str
    """The same for ever, whatever changes."""
    title: str
    description: str
    link: str
    """Address of the article; empty where unknown."""
    published: str
    """ISO 8601 day or time; of a day, its first minute in UTC counts."""
    duration: float
    """Seconds."""
    audio: PublishedFile
    """Its address absolute, like those of the others."""
    language: str = ""
    author: str = ""
    alternatives: tuple[PublishedFile, ...] = ()
    """The same sound in other formats."""
    captions: PublishedFile | None = None
    chapters: PublishedFile | None = None
    explicit: bool = False


def feed_xml(channel: Channel, episodes: Iterable[Episode]) -> bytes:
    """The podcast as XML, in the order of the episodes."""
    for prefix, uri in (("itunes", ITUNES), ("podcast", PODCAST), ("atom", ATOM)):
        Xml.register_namespace(prefix, uri)
    rss = Xml.Element("rss", {"version": "2.0"})
    root = Xml.SubElement(rss, "channel")
    _describe(root, channel)
    latest = ""
    for episode in episodes:
        latest = max(latest, when(episode.published).isoformat())
        _add(root, channel, episode)
    if latest:
        built = Xml.Element("lastBuildDate")
        built.text = format_datetime(datetime.fromisoformat(latest), usegmt=True)
        root.insert(4, built)
    Xml.indent(rss, " ")
    data: bytes = Xml.tostring(rss, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def podcast_guid(url: str) -> str:
    """The podcast:guid of a feed: a UUIDv5 of its address without scheme and trailing slashes."""
    return str(uuid.uuid5(PODCAST_NAMESPACE, re.sub(r"^[a-z]+://", "", url).rstrip("/")))


def when(published: str) -> datetime:
    """The moment that an ISO 8601 day or time stands for, in UTC; what is no date is the start of
    1970."""
    try:
        moment = datetime.fromisoformat(published)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _describe(root: Xml.Element, channel: Channel) -> None:
    _text(root, "title", _short(channel.title))
    _text(root, "link", web_address(channel.link))
    _text(root, "description", _long(channel.description))
    _text(root, "language", channel.language.lower())
    _text(root, "copyright", _short(channel.copyright))
    _text(root, "generator", "narrator")
    _text(root, "docs", "https://www.rssboard.org/rss-specification")
    relation = {"href": channel.url, "rel": "self", "type": "application/rss+xml"}
    Xml.SubElement(root, f"{{{ATOM}}}link", relation)
    if channel.email:
        _text(root, "managingEditor", f"{channel.email} ({channel.author or channel.title})")
    if cover := web_address(channel.cover):
        image = Xml.SubElement(root, "image")
        _text(image, "url", cover)
        _text(image, "title", _short(channel.title))
        _text(image, "link", web_address(channel.link))
        Xml.SubElement(root, f"{{{ITUNES}}}image", {"href": cover})
    _text(root, f"{{{ITUNES}}}author", _short(channel.author or channel.title))
    _text(root, f"{{{ITUNES}}}type", "episodic")
    _text(root, f"{{{ITUNES}}}explicit", _yes(channel.explicit))
    if channel.email:
        owner = Xml.SubElement(root, f"{{{ITUNES}}}owner")
        _text(owner, f"{{{ITUNES}}}name", _short(channel.author or channel.title))
        _text(owner, f"{{{ITUNES}}}email", channel.email)
    for main, sub in channel.categories:
        category = Xml.SubElement(root, f"{{{ITUNES}}}category", {"text": main})
        if sub:
            Xml.SubElement(category, f"{{{ITUNES}}}category", {"text": sub})
    _text(root, f"{{{PODCAST}}}guid", channel.guid or podcast_guid(channel.url))
    locked = _text(root, f"{{{PODCAST}}}locked", "yes" if channel.locked else "no")
    if locked is not None and channel.email:
        locked.set("owner", channel.email)
    _text(root, f"{{{PODCAST}}}medium", channel.medium)


def _add(root: Xml.Element, channel: Channel, episode: Episode) -> None:
    item = Xml.SubElement(root, "item")
    title = _short(episode.title or channel.title)
    _text(item, "title", title)
    _text(item, f"{{{ITUNES}}}title", title)
    _text(item, "link", web_address(episode.link))
    _text(item, "description", _long(episode.description or title))
    guid = _text(item, "guid", episode.guid)
    if guid is not None:
        guid.set("isPermaLink", "false")
    _text(item, "pubDate", format_datetime(when(episode.published), usegmt=True))
    enclosure = {
        "url": episode.audio.url,
        "length": str(episode.audio.size),
        "type": _apple_type(episode.audio),
    }
    Xml.SubElement(item, "enclosure", enclosure)
    _text(item, f"{{{ITUNES}}}duration", str(max(1, round(episode.duration))))
    _text(item, f"{{{ITUNES}}}explicit", _yes(episode.explicit))
    _text(item, f"{{{ITUNES}}}episodeType", "full")
    _text(item, f"{{{ITUNES}}}author", _short(episode.author))
    if episode.captions:
        transcript = {"url": episode.captions.url, "type": episode.captions.type}
        if episode.language:
            transcript["language"] = episode.language
        Xml.SubElement(item, f"{{{PODCAST}}}transcript", {**transcript, "rel": "captions"})
    if episode.chapters:
        chapters = {"url": episode.chapters.url, "type": episode.chapters.type}
        Xml.SubElement(item, f"{{{PODCAST}}}chapters", chapters)
    for file in (episode.audio, *episode.alternatives):
        _alternative(item, file, episode, default=file is episode.audio)


def _alternative(
    item: Xml.Element, file: PublishedFile, episode: Episode, *, default: bool
) -> None:
    """A podcast:alternateEnclosure, by which a player can see that the bytes are whole."""
    bits = file.size * 8 / max(episode.duration, 0.001)
    described = {"type": file.type, "length": str(file.size), "bitrate": f"{bits:.0f}"}
    if episode.language:
        described["lang"] = episode.language
    element = Xml.SubElement(
        item,
        f"{{{PODCAST}}}alternateEnclosure",
        {**described, "default": "true" if default else "false"},
    )
    Xml.SubElement(element, f"{{{PODCAST}}}source", {"uri": file.url})
    digest = base64.b64encode(bytes.fromhex(file.sha256)).decode("ascii")
    Xml.SubElement(element, f"{{{PODCAST}}}integrity", {"type": "sri", "value": f"sha256-{digest}"})


def _text(parent: Xml.Element, tag: str, text: str) -> Xml.Element | None:
    """A child that holds the text; none where there is none."""
    clean = _NOT_XML.sub("", text).strip()
    if not clean:
        return None
    child = Xml.SubElement(parent, tag)
    child.text = clean
    return child


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_TEXT else f"{flat[: LONGEST_TEXT - 1]}…"


def _long(text: str) -> str:
    """At most what Apple takes, cut between characters."""
    data = text.encode()
    if len(data) <= LONGEST_DESCRIPTION:
        return text
    return data[: LONGEST_DESCRIPTION - 3].decode(errors="ignore") + "…"


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _apple_type(audio: PublishedFile) -> str:
    """The media type as Apple's guide has it."""
    return "audio/x-m4a" if audio.type == "audio/mp4" else audio.type
