"""An address -> the bytes of the page there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import NoReturn

import httpcore
import httpx

from narrator.errors import FetchError, SourceUnreadable
from narrator.reading.addresses import Network
from narrator.reading.decode import check_size
from narrator.reading.inflate import ENCODINGS, inflate

USER_AGENT = "article-narrator/0.1 (reads articles aloud)"

ACCEPT = "text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9, */*;q=0.1"

TIME_LIMIT = 30.0
"""Seconds for a whole page, redirects included."""

_WAIT = 10.0
"""Seconds without a byte after which a server is given up."""

_REDIRECTS = 10

_ADVICE = {
    401: "It asks for a login: save the page from your browser and read the file.",
    403: "It refuses programs: save the page from your browser and read the file.",
    404: "Check the address.",
    410: "The page was taken down.",
    429: "It has had too many requests: try again later.",
    451: "It is withheld for legal reasons.",
}

_TEXT_TYPES = ("text/", "application/xhtml+xml", "application/octet-stream")


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


def fetch(url: str, *, allow_private: bool = False, time_limit: float = TIME_LIMIT) -> Page:
    """The page at an http(s) address, fetched within `time_limit` seconds.

    FetchError says why it cannot be had; SourceUnreadable, that it is no text or too large.
    """
    network = Network(time.monotonic() + time_limit, allow_private=allow_private)
    headers = {
        "User-Agent": USER_AGENT,
        "Accept": ACCEPT,
        "Accept-Encoding": ", ".join(ENCODINGS),
    }
    try:
        with (
            httpx.Client(
                transport=_Transport(network),
                trust_env=False,
                follow_redirects=True,
                max_redirects=_REDIRECTS,
                timeout=_WAIT,
                headers=headers,
            ) as client,
            client.stream("GET", url) as response,
        ):
            return _page(response)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
        _explain(url, error)
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        _explain(url, error)


class _Transport(httpx.BaseTransport):
    """httpx on connections that `Network` opens."""

    def __init__(self, network: Network) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(), network_backend=network
        )

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


class _Body(httpx.SyncByteStream):
    """The bytes of an answer as they come."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def _page(response: httpx.Response) -> Page:
    url = str(response.url)
    if response.status_code != httpx.codes.OK:
        advice = _ADVICE.get(response.status_code, "Try again later.")
        raise FetchError(
            f"{url} answered {response.status_code} {response.reason_phrase}. {advice}"
        )
    header = Message()
    header["Content-Type"] = response.headers.get("Content-Type", "")
    content_type = header.get_content_type() if header["Content-Type"] else ""
    if content_type and not content_type.startswith(_TEXT_TYPES):
        raise SourceUnreadable(
            f"{url} is {content_type}, not an article. Give the address of a page."
        )
    check_size(int(response.headers.get("Content-Length") or 0), url)
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    data = bytearray()
    for piece in inflate(response.iter_raw(), encoding):
        data += piece
        check_size(len(data), url)
    return Page(url, bytes(data), content_type, header.get_content_charset() or "")


def _explain(url: str, error: Exception) -> NoReturn:
    """Raise the FetchError that says in words what went wrong."""
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        why = f"{url!r} is not an address that can be fetched: {error}. Give an http(s) address."
    elif isinstance(error, httpx.TooManyRedirects):
        why = f"{url} redirects more than {_REDIRECTS} times. Give the address of the page itself."
    elif isinstance(error, httpx.TimeoutException | httpcore.TimeoutException):
        why = f"{url} did not come in time ({error or 'no answer'}). Try again later."
    elif "CERTIFICATE" in str(error).upper():
        why = f"The certificate of {url} is not trusted: {error}. Check the address."
    else:
        why = f"{url} cannot be fetched: {error}. Check the address and the connection."
    raise FetchError(why) from error
