"""The pages that the service fetches: only of the hosts that the settings name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from narrator.errors import HostNotAllowed
from narrator.model import Article
from narrator.reading import read_bytes
from narrator.reading.fetch import NotModified, Validators, fetch
from narrator.service.hosts import allowed
from narrator.settings import Settings


@dataclass(frozen=True, slots=True)
class ReadPage:
    """The article of a page as it is now."""

    article: Article
    validators: Validators
    """What its server lets us ask with whether it has changed."""


def check_host(url: str, settings: Settings) -> None:
    """HostNotAllowed unless the settings name the host of an address."""
    if not allowed(url, settings.service.hosts):
        host = _host(url)
        raise HostNotAllowed(
            f"Pages of {host!r} are not read here. Whoever runs this service allows them by "
            f'hosts = ["{host}"] in the table [service] of narrator.toml.'
        )


def read_page(
    url: str, settings: Settings, known: Validators | None = None
) -> ReadPage | NotModified:
    """The article of a page, or NotModified where the validators that are `known` still hold;
    HostNotAllowed, SourceError. A page speaks for itself only: the address that it names as its own
    counts where that is on the same host."""
    page = fetch(
        url,
        known,
        contact=settings.contact,
        allow_private=settings.allow_private,
        permit=lambda asked: check_host(asked, settings),
    )
    if isinstance(page, NotModified):
        return page
    article = read_bytes(
        page.data, name=page.url, content_type=page.content_type, charset=page.charset,
        url=page.url, policy=settings.policy,
    )  # fmt: skip
    own = article if _host(article.url) == _host(url) else replace(article, url=url)
    return ReadPage(own, page.validators)


def _host(url: str) -> str:
    """Host and port, without a name or password."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
