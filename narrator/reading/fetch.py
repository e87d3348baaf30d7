"""An address -> the bytes there.

Every redirect is followed here, not by httpx: each is a request of its own, whose body is never
read, which carries no name and password, and whose connection `Network` checks again.
"""

from __future__ import annotations

import io
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from functools import cache
from typing import BinaryIO, NoReturn, overload

import httpcore
import httpx

from narrator.errors import FetchError, SourceUnreadable
from narrator.reading.addresses import Network
from narrator.reading.decode import MAX_BYTES, check_size
from narrator.reading.inflate import ENCODINGS, inflate

AGENT = "article-narrator"
"""The name under which robots.txt may speak to us."""

USER_AGENT = f"{AGENT}/0.1 (reads articles aloud)"

TIME_LIMIT = 30.0
"""Seconds for a whole page, redirects included."""

_WAIT = 10.0
"""Seconds without a byte after which a server is given up."""

_REDIRECTS = 10

SNIFFED = 64
"""Bytes that tell whether something is what is wanted."""

_ADVICE = {
    401: "It asks for a login: save the page from your browser and read the file.",
    403: "It refuses programs: save the page from your browser and read the file.",
    404: "Check the address.",
    410: "The page was taken down.",
    429: "It has had too many requests: try again later.",
    451: "It is withheld for legal reasons.",
}

Permit = Callable[[str], None]
"""Raises a NarratorError for an address that must not be asked."""

_USERINFO = re.compile(r"//[^/?#@]*@")

_FEED_TYPES = (
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
)  # fmt: skip


def anywhere(url: str) -> None:
    """Permits every address."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of thing is looked for at an address, and what is refused."""

    name: str
    """For messages: "an article"."""
    accept: str
    """The header of that name."""
    types: tuple[str, ...]
    """How the content types begin that it may come as."""
    limit: int = MAX_BYTES
    """Bytes, unpacked."""
    begins: Callable[[bytes], bool] | None = None
    """Whether the first SNIFFED bytes may be of such a thing: where not, no more is read."""


ARTICLE = Wanted(
    "an article",
    "text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9, */*;q=0.1",
    ("text/", "application/xhtml+xml", "application/octet-stream", "application/xml",
     "application/epub+zip"),
)  # fmt: skip

LISTING = Wanted(
    "a feed, a site map or a page",
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, text/html;q=0.8, */*;q=0.1",
    ("text/", *_FEED_TYPES, "application/xhtml+xml", "application/xml", "application/json",
     "application/octet-stream", "application/gzip", "application/x-gzip"),
    limit=52_428_800,  # What sitemaps.org lets a site map be.
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server lets us ask with whether a page has changed."""

    url: str
    """The page that they are of: where the last redirect led."""
    etag: str = ""
    modified: str = ""
    """Last-Modified, both as they were sent; empty where they were not."""


@dataclass(frozen=True, slots=True)
class Page:
    """What was found at an address."""

    url: str
    """Where the last redirect led."""
    data: bytes
    content_type: str
    """As sent, lower case, without parameters; empty where none was sent."""
    charset: str
    """The encoding that the sender names, empty where it names none."""
    validators: Validators = Validators("")
    """To be handed to the next `fetch` of the same address."""


@dataclass(frozen=True, slots=True)
class NotModified:
    """The page at an address is still the one that these validators are of."""

    validators: Validators


@overload
def fetch(
    url: str,
    known: None = None,
    *,
    wanted: Wanted = ARTICLE,
    contact: str = "",
    allow_private: bool = False,
    time_limit: float = TIME_LIMIT,
    permit: Permit = anywhere,
    into: BinaryIO | None = None,
) -> Page: ...
@overload
def fetch(
    url: str,
    known: Validators | None,
    *,
    wanted: Wanted = ARTICLE,
    contact: str = "",
    allow_private: bool = False,
    time_limit: float = TIME_LIMIT,
    permit: Permit = anywhere,
    into: BinaryIO | None = None,
) -> Page | NotModified: ...
def fetch(
    url: str,
    known: Validators | None = None,
    *,
    wanted: Wanted = ARTICLE,
    contact: str = "",
    allow_private: bool = False,
    time_limit: float = TIME_LIMIT,
    permit: Permit = anywhere,
    into: BinaryIO | None = None,
) -> Page | NotModified:
    """The page at an http(s) address, fetched within `time_limit` seconds, redirects included;
    with validators that are `known`, NotModified where it is still the same.

    `contact` is an address or e-mail that the server is told, for its owner to complain to;
    `permit` is asked before each address is, redirects included, and may raise. With a file in
    `into`, what is there is written to it as it comes, and the page's data is empty.
    FetchError says why the page cannot be had, with the status that the server answered;
    SourceUnreadable, that it is not what is wanted, or too large.
    """
    network = Network(time.monotonic() + time_limit, allow_private=allow_private)
    headers = {
        "User-Agent": f"{USER_AGENT[:-1]}; {contact})" if contact else USER_AGENT,
        "Accept": wanted.accept,
        "Accept-Encoding": ", ".join(ENCODINGS),
    }
    try:
        with httpx.Client(
            transport=_Transport(network),
            trust_env=False,
            follow_redirects=False,
            timeout=_WAIT,
            headers=headers,
        ) as client:
            response = _last(client, url, known, permit)
            try:
                if response.status_code == httpx.codes.NOT_MODIFIED and known:
                    return NotModified(known)
                return _page(response, wanted, into)
            finally:
                response.close()
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
        _explain(url, error)
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        _explain(url, error)


def _last(
    client: httpx.Client, url: str, known: Validators | None, permit: Permit
) -> httpx.Response:
    """The answer that is no redirect, its body not yet read."""
    request = client.build_request("GET", url)
    for _ in range(_REDIRECTS + 1):
        if request.url.userinfo:
            raise FetchError(
                f"{_USERINFO.sub('//', str(request.url))} is given with a name or a password: "
                "they are not sent. Leave them out, or save the page from a browser."
            )
        permit(str(request.url))
        request.headers.update(_conditions(request.url, known))
        response = client.send(request, stream=True)
        if response.next_request is None:
            return response
        response.close()
        request = response.next_request
        for name in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(name, None)
    raise httpx.TooManyRedirects("too many redirects", request=request)


def _conditions(url: httpx.URL, known: Validators | None) -> dict[str, str]:
    if known is None or str(url) != known.url:
        return {}
    told = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    return {name: value for name, value in told.items() if value}


class _Transport(httpx.BaseTransport):
    """httpx on connections that `Network` opens."""

    def __init__(self, network: Network) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=network)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(f"{request.url.scheme}:// is not read")
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = self._pool.handle_request(sent)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are trusted; to load them takes as long as to fetch a page."""
    return httpx.create_ssl_context()


class _Body(httpx.SyncByteStream):
    """The bytes of an answer as they come."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def _page(response: httpx.Response, wanted: Wanted, into: BinaryIO | None) -> Page:
    url = str(response.url)
    if response.status_code != httpx.codes.OK:
        advice = _ADVICE.get(response.status_code, "Try again later.")
        raise FetchError(
            f"{url} answered {response.status_code} {response.reason_phrase}. {advice}",
            status=response.status_code,
        )
    header = Message()
    header["Content-Type"] = response.headers.get("Content-Type", "")
    content_type = header.get_content_type() if header["Content-Type"] else ""
    _check_type(url, content_type, wanted)
    check_size(_declared_length(response), url, limit=wanted.limit)
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    file = io.BytesIO() if into is None else into
    size, start, sniffed = 0, b"", wanted.begins is None
    for piece in inflate(response.iter_raw(), encoding):
        size += len(piece)
        check_size(size, url, limit=wanted.limit)
        file.write(piece)
        start = start if sniffed else start + piece
        if not sniffed and len(start) >= SNIFFED:
            _check_start(url, start, wanted)
            sniffed = True
    if not sniffed:
        _check_start(url, start, wanted)
    data = file.getvalue() if isinstance(file, io.BytesIO) and into is None else b""
    validators = Validators(
        url, response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
    )
    return Page(url, data, content_type, header.get_content_charset() or "", validators)


def _check_start(url: str, start: bytes, wanted: Wanted) -> None:
    if wanted.begins is not None and not wanted.begins(start[:SNIFFED]):
        raise SourceUnreadable(f"{url} is not {wanted.name}, by its first bytes. Give another.")


def _check_type(url: str, content_type: str, wanted: Wanted) -> None:
    if not content_type or content_type.startswith(wanted.types):
        return
    if content_type in _FEED_TYPES:
        raise SourceUnreadable(
            f"{url} is a feed, not {wanted.name}: `narrator prerender` reads the articles of feeds."
        )
    raise SourceUnreadable(
        f"{url} is {content_type}, not {wanted.name}. Give the address of a page."
    )


def _declared_length(response: httpx.Response) -> int:
    told = response.headers.get("Content-Length", "")
    return int(told) if told.isascii() and told.isdigit() else 0


def _explain(url: str, error: Exception) -> NoReturn:
    """Raise the FetchError that says in words what went wrong."""
    shown = _USERINFO.sub("//", url)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        why = f"{shown!r} is not an address that can be fetched: {error}. Give an http(s) address."
    elif isinstance(error, httpx.TooManyRedirects):
        why = f"{shown} redirects more than {_REDIRECTS} times. Give the address of the page."
    elif isinstance(error, httpx.TimeoutException | httpcore.TimeoutException):
        why = f"{shown} did not come in time ({error or 'no answer'}). Try again later."
    elif "CERTIFICATE" in str(error).upper():
        why = f"The certificate of {shown} is not trusted: {error}. Check the address."
    else:
        why = f"{shown} cannot be fetched: {error}. Check the address and the connection."
    raise FetchError(why) from error
