"""An Entry is a Source that something lists: a feed, a site map, a book."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from urllib.parse import urljoin

from narrator.errors import NothingToSay
from narrator.model import Article
from narrator.reading import ElementPolicy, TextFormat, read_bytes, read_text
from narrator.reading.fetch import Page
from narrator.weblinks import web_address


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as its listing tells of it; what the listing does not say is empty."""

    id: str
    """What stays the same when the article is edited: the feed's own id, else the address."""
    url: str = ""
    """Where its page is, absolute."""
    title: str = ""
    date: str = ""
    """Of publication, ISO 8601."""
    modified: str = ""
    """Of the last change, ISO 8601."""
    author: str = ""
    language: str = ""
    content: str = ""
    """The whole article; empty where only its page has that."""
    format: TextFormat = "html"
    """Of the content."""


def absolute(written: str, base: str) -> str:
    """The http(s) address that is meant by one written in what was found at `base`; empty where
    there is none."""
    try:
        return web_address(urljoin(base, written.strip())) if written else ""
    except ValueError:
        return ""


def read_entry(
    entry: Entry, page: Page | None = None, *, policy: ElementPolicy | None = None
) -> Article:
    """The article of its page, where that was fetched, else of the content that came with the
    entry; what it does not say of itself is taken from the entry. NothingToSay without either."""
    if page is not None:
        article = read_bytes(
            page.data,
            name=page.url,
            content_type=page.content_type,
            charset=page.charset,
            url=page.url,
            policy=policy,
        )
    elif not entry.content:
        raise NothingToSay(f"The entry {entry.id!r} holds no article; fetch its page.")
    elif entry.format == "html":
        article = read_text(
            _as_page(entry), "html", name=repr(entry.id), url=entry.url, policy=policy
        )
    else:
        article = read_text(
            entry.content, entry.format, name=repr(entry.id), url=entry.url, policy=policy
        )
        article = replace(article, title=entry.title or article.title)
    return replace(
        article,
        title=article.title or entry.title,
        author=article.author or entry.author,
        date=article.date or entry.date,
        language=article.language or entry.language,
    )


def _as_page(entry: Entry) -> str:
    """The content as the article of a page that shows nothing else."""
    title = escape(entry.title)
    return (
        f'<!doctype html><html lang="{escape(entry.language)}"><head><title>{title}</title>'
        f'<meta property="og:title" content="{title}"></head>'
        f"<body><main><article><h1>{title}</h1>{entry.content}</article></main></body></html>"
    )
