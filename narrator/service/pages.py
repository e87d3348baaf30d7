"""Pages that the service fetches, of hosts that the settings name."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from narrator.errors import HostNotAllowed
from narrator.model import Article
from narrator.reading.fetch import Page, fetch
from narrator.service.hosts import allowed
from narrator.settings import Settings


def check_host(url: str, settings: Settings) -> None:
    """HostNotAllowed unless the settings name the host of an address."""
    if not allowed(url, settings.service.hosts):
        host = _host(url)
        raise HostNotAllowed(
            f"Nothing of {host!r} is fetched here. Whoever runs this service allows it by "
            f'hosts = ["{host}"] in the table [service] of narrator.toml.'
        )


def fetch_page(url: str, settings: Settings) -> Page:
    """A page as it is now; HostNotAllowed, FetchError."""
    return fetch(
        url,
        contact=settings.contact,
        allow_private=settings.allow_private,
        permit=lambda asked: check_host(asked, settings),
    )


def own_article(article: Article, url: str) -> Article:
    """The article of a page that was asked for by this address. A page speaks for itself only: the
    address that it names as its own counts where that is on the same host."""
    return article if _host(article.url) == _host(url) else replace(article, url=url)


def _host(url: str) -> str:
    """Host and port, without a name or password."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
