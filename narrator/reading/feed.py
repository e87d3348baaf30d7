"""A feed -> its entries: RSS, Atom (both by feedparser) and JSON Feed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from narrator.errors import SourceUnreadable
from narrator.model import fingerprint
from narrator.reading import TextFormat
from narrator.reading.blocks import normalized
from narrator.reading.entry import Entry, absolute
from narrator.reading.metadata import iso_date, language_code

_TAG = re.compile(r"<[^<>]*>")
_HTML = ("text/html", "application/xhtml+xml")

_WHOLE = 200
"""Words from which a `description` may be a whole article; RSS does not say which it is."""

_CREDITED = re.compile(
    r"(?:the post|der beitrag|l['’]article|la entrada|сообщение)\s.{1,300}\s"
    r"(?:appeared first on|erschien zuerst auf|est apparu en premier sur|se publicó primero en"
    r"|появил\w* сначала на)\s.{1,100}$",
    re.IGNORECASE,
)
_CUT_SHORT = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|&hellip;"
    r"|\b(?:read more|continue reading|read the (?:full|rest)|more|full (?:story|article)"
    r"|weiterlesen|mehr(?: lesen)?|lire (?:la suite|plus)|(?:leer|seguir leyendo|sigue leyendo)"
    r"(?: más)?|читать (?:далее|дальше|полностью))\b[^.!?]{0,80})[\W_]*$",
    re.IGNORECASE,
)
_END_LOOKED_AT = 500
"""Characters at the end of a content that may say that it is cut short."""

_EARLIEST = "1990"
"""An older date is a clock that was never set; the first feeds are of 1999."""

_NO_YEAR = re.compile(r"(?<![+-])\b0\d{3}\b")
"""The year 0001 is a date that was never set; mail's rules would make it 2001."""

_CLOSED = re.compile(
    rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--(?>.*?-->)\s*+)*+\Z", re.I | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says."""

    title: str
    language: str
    url: str
    """Of the page that the feed is of; empty where it does not say."""
    entries: tuple[Entry, ...]
    """In the order of the feed, which is newest first by custom only."""
    next: str = ""
    """Address of the feed's next page, where it has pages."""
    warnings: tuple[str, ...] = ()
    """What is wrong with it, and what became of that."""


def read_feed(data: bytes, url: str = "", *, charset: str = "", today: str = "") -> Feed:
    """The feed that was found at `url`; SourceUnreadable where it is none.

    `charset` is what the sender declared, `today` an ISO day: later dates are not believed.
    """
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    feed = _json_feed(data, url) if start.startswith(b"{") else _xml_feed(data, url, charset)
    entries = tuple(_credible(entry, today) for entry in feed.entries)
    return replace(feed, entries=entries)


def _credible(entry: Entry, today: str) -> Entry:
    """The entry without dates that cannot be."""

    def date(told: str) -> str:
        return "" if told < _EARLIEST or (today and told[:10] > today) else told

    return replace(entry, date=date(entry.date), modified=date(entry.modified))


# RSS and Atom


def _xml_feed(data: bytes, url: str, charset: str) -> Feed:
    if b"<!ENTITY" in data.replace(b"\0", b"").upper():
        raise SourceUnreadable(
            f"The feed {url or ''} defines entities, as only attacks do; it is not read."
        )
    import feedparser

    parameter = f"; charset={charset}" if charset else ""
    headers = {"content-type": f"application/xml{parameter}", "content-location": url}
    found = feedparser.parse(
        io.BytesIO(data),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    error = found.get("bozo_exception")
    where = f" (line {error.getLineNumber()})" if hasattr(error, "getLineNumber") else ""
    if not found.get("version") and not found.entries:
        why = f": {error.getMessage()}{where}" if where else ""
        raise SourceUnreadable(
            f"{url or 'The text'} is no feed that can be read{why}. Give the address of an RSS, "
            "Atom or JSON feed."
        )
    about = found.feed
    language = _language(about.get("language"))
    entries = [_xml_entry(each, url, language) for each in found.entries]
    warnings = []
    if where and not _CLOSED.search(data[-4096:]):
        last = entries.pop() if entries else None
        left_out = f" The entry {last.id!r} is left out, for it may be cut." if last else ""
        warnings.append(f"The feed ends too early{where}.{left_out}")
    elif where and "entity" not in error.getMessage():
        warnings.append(f"The feed is not well formed: {error.getMessage()}{where}.")
    return Feed(
        title=_plain(about.get("title_detail")),
        language=language,
        url=str(about.get("link", "")),
        entries=tuple(entries),
        next=_link(about.get("links", ()), "next"),
        warnings=tuple(warnings),
    )


def _xml_entry(told: Mapping[str, Any], feed_url: str, feed_language: str) -> Entry:
    url = absolute(str(told.get("link", "")), feed_url)
    contents = list(told.get("content", ()))
    summary = told.get("summary_detail")
    content, form = _whole(contents, summary, has_page=bool(url))
    languages = [told.get("language"), *(each.get("language") for each in contents)]
    title = _plain(told.get("title_detail"))
    date = _date(told, "published")
    modified = _date(told, "updated")
    return Entry(
        id=str(told.get("id") or url) or _made_up_id(feed_url, title, date, content),
        url=url,
        title=title,
        date=date or modified,
        modified=modified,
        author=_authors(told),
        language=next(filter(None, map(_language, languages)), feed_language),
        content=content,
        format=form,
    )


def _whole(
    contents: Sequence[Mapping[str, Any]], summary: Mapping[str, Any] | None, *, has_page: bool
) -> tuple[str, TextFormat]:
    """The article that the entry holds and its format; empty where the page has (more of) it."""
    texts = [each for each in contents if each.get("type") in (*_HTML, "text/plain", "", None)]
    longest = max(texts, key=lambda each: len(each.get("value", "")), default=None)
    for each, least in ((longest, 1), (summary, _WHOLE)):
        value = str(each.get("value", "")) if each else ""
        if each and is_whole(value, at_least=least if has_page else 1, cut=not has_page):
            return value, "text" if each.get("type") == "text/plain" else "html"
    return "", "html"


def is_whole(markup: str, *, at_least: int, cut: bool = False) -> bool:
    """Whether the text has so many words, and does not say at its end that it goes on elsewhere
    (or may be `cut`)."""
    text = " ".join(unescape(_TAG.sub(" ", markup)).split())
    if len(text.split()) < at_least:
        return False
    end = _CREDITED.sub("", text[-_END_LOOKED_AT:]).rstrip()
    return cut or not _CUT_SHORT.search(end)


def _plain(detail: Mapping[str, Any] | None) -> str:
    """A title on one line, without the markup that it may have."""
    if detail is None:
        return ""
    value = str(detail.get("value", ""))
    return normalized(unescape(_TAG.sub("", value)) if detail.get("type") in _HTML else value)


def _date(told: Mapping[str, Any], name: str) -> str:
    """As written where it says its zone, else as feedparser, which knows many forms, reads it."""
    if name not in told:  # To ask for "updated" all the same gives "published" and a warning.
        return ""
    raw = str(told[name])
    if _NO_YEAR.search(raw):
        return ""
    written = iso_date(raw)
    parsed = told.get(f"{name}_parsed")
    if written or parsed is None:
        return written
    year, month, day, hour, minute, second = parsed[:6]
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00"


def _authors(told: Mapping[str, Any]) -> str:
    names = [str(each.get("name", "")) for each in told.get("authors", ())]
    return ", ".join(filter(None, names)) or str(told.get("author", ""))


def _link(links: Sequence[Mapping[str, str]], rel: str) -> str:
    return next((each.get("href", "") for each in links if each.get("rel") == rel), "")


def _language(code: object) -> str:
    return language_code(str(code)) if code else ""


def _made_up_id(*parts: str) -> str:
    return fingerprint("e1", *parts)


# JSON Feed (jsonfeed.org/version/1.1)


def _json_feed(data: bytes, url: str) -> Feed:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SourceUnreadable(f"{url or 'The text'} is no JSON feed: {error}.") from error
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(told.get("version")):
        raise SourceUnreadable(
            f"{url or 'The text'} is JSON, but no JSON feed: it has no version or no items."
        )
    language = _language(told.get("language"))
    return Feed(
        title=normalized(_string(told, "title")),
        language=language,
        url=_string(told, "home_page_url"),
        entries=tuple(_json_entries(items, url, told, language)),
        next=_string(told, "next_url"),
    )


def _json_entries(
    items: Sequence[object], url: str, feed: Mapping[str, Any], language: str
) -> Iterator[Entry]:
    for item in items:
        if not isinstance(item, dict):
            continue
        link = _string(item, "url") or _string(item, "external_url")
        page = absolute(link, url)
        html, text = _string(item, "content_html"), _string(item, "content_text")
        content = html or text
        whole = is_whole(content, at_least=1, cut=not page)
        title = normalized(_string(item, "title"))
        date = iso_date(_string(item, "date_published"))
        yield Entry(
            id=_string(item, "id") or page or _made_up_id(url, title, date, content),
            url=page,
            title=title,
            date=date,
            modified=iso_date(_string(item, "date_modified")),
            author=_json_authors(item) or _json_authors(feed),
            language=_language(item.get("language")) or language,
            content=content if whole else "",
            format="html" if html else "text",
        )


def _json_authors(told: Mapping[str, Any]) -> str:
    authors = told.get("authors")
    listed = authors if isinstance(authors, list) else [told.get("author")]
    return ", ".join(_string(each, "name") for each in listed if isinstance(each, dict))


def _string(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return str(value) if isinstance(value, str | int | float) else ""
