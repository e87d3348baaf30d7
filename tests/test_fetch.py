"""Pages are fetched from a server that the tests start, and nowhere that they should not be."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from narrator.errors import FetchError, NarratorError, SourceUnreadable
from narrator.reading import read
from narrator.reading.addresses import is_public
from narrator.reading.decode import MAX_BYTES
from narrator.reading.fetch import USER_AGENT, fetch
from narrator.reading.inflate import inflate

PAGE = b"<!doctype html><html lang=en><h1>Tide</h1><p>The tide comes in twice a day.</p>"

Answer = Callable[[BaseHTTPRequestHandler], None]


def answer(
    status: int = 200, body: bytes = PAGE, content_type: str = "text/html", **headers: str
) -> Answer:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        told = {"Content_Type": content_type, "Content_Length": str(len(body)), **headers}
        for name, value in told.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def redirect(to: str) -> Answer:
    return answer(302, b"", Location=to)


def echo(handler: BaseHTTPRequestHandler) -> None:
    told = f"{handler.headers['User-Agent']}\n{handler.headers['Host']}\n"
    answer(body=told.encode(), content_type="text/plain")(handler)


def drip_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"<p>")
        time.sleep(0.05)


def drip_head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-A: b\r\n")
        time.sleep(0.05)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"word " * 100_000)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


ANSWERS: dict[str, Answer] = {
    "/page": answer(),
    "/echo": echo,
    "/moved": redirect("/page"),
    "/loop": redirect("/loop"),
    "/to-file": redirect("file:///etc/passwd"),
    "/to-private": redirect("http://10.0.0.1/"),
    "/to-metadata": redirect("http://169.254.169.254/latest/meta-data/"),
    "/gzip": answer(body=gzip.compress(PAGE), Content_Encoding="gzip"),
    "/deflate": answer(body=zlib.compress(PAGE), Content_Encoding="deflate"),
    "/raw-deflate": answer(body=raw_deflate(PAGE), Content_Encoding="deflate"),
    "/br": answer(body=brotli.compress(PAGE), Content_Encoding="br"),
    "/broken-gzip": answer(body=b"\x1f\x8b\x08no", Content_Encoding="gzip"),
    "/zstd": answer(body=b"x", Content_Encoding="zstd"),
    "/cyrillic": answer(
        body="<p>Прилив приходит дважды в день.</p>".encode("cp1251"),
        content_type="text/html; charset=windows-1251",
    ),
    "/markdown": answer(body=b"# Tide\n\nIt *turns*.", content_type="text/markdown"),
    "/pdf": answer(body=b"%PDF-1.7", content_type="application/pdf"),
    "/hidden-pdf": answer(body=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"),
    "/missing": answer(404, b"no"),
    "/login": answer(401, b"no"),
    "/busy": answer(503, b"no"),
    "/large": answer(body=b"", Content_Length=str(MAX_BYTES + 1)),
    "/endless": endless,
    "/drip-body": drip_body,
    "/drip-head": drip_head,
    "/hang-up": hang_up,
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        try:
            ANSWERS[self.path](self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # The reader has had enough.

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server on this machine that gives ANSWERS."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.mark.parametrize("path", ["/page", "/moved", "/gzip", "/deflate", "/raw-deflate", "/br"])
def test_a_page(server: str, path: str) -> None:
    page = fetch(server + path, allow_private=True)
    assert page.data == PAGE
    assert page.content_type == "text/html"
    assert page.url == server + ("/page" if path == "/moved" else path)


def test_an_article_from_an_address(server: str) -> None:
    article = read(f"{server}/page", allow_private=True)
    assert (article.title, article.language, article.url) == ("Tide", "en", f"{server}/page")
    assert article.blocks[0].text == "The tide comes in twice a day."
    assert read(f"{server}/markdown", allow_private=True).blocks[0].text == "It turns."


def test_the_declared_charset_counts(server: str) -> None:
    article = read(f"{server}/cyrillic", allow_private=True)
    assert article.blocks[0].text == "Прилив приходит дважды в день."


def test_it_tells_its_name_and_whom_it_asks(server: str) -> None:
    told = fetch(f"{server}/echo", allow_private=True).data.decode().splitlines()
    assert told == [USER_AGENT, server.removeprefix("http://")]


@pytest.mark.parametrize(
    ("path", "error", "says"),
    [
        ("/missing", FetchError, "answered 404 .* Check the address"),
        ("/login", FetchError, "answered 401 .* login"),
        ("/busy", FetchError, "answered 503 .* later"),
        ("/loop", FetchError, "redirects more than"),
        ("/to-file", FetchError, "Give an http"),
        ("/broken-gzip", FetchError, "cannot be fetched"),
        ("/zstd", FetchError, "unknown Content-Encoding 'zstd'"),
        ("/hang-up", FetchError, "cannot be fetched"),
        ("/pdf", SourceUnreadable, "application/pdf, not an article"),
        ("/hidden-pdf", SourceUnreadable, "a PDF file"),
        ("/large", SourceUnreadable, "larger than 20 MB"),
        ("/endless", SourceUnreadable, "larger than 20 MB"),
    ],
)
def test_what_cannot_be_had(server: str, path: str, error: type[NarratorError], says: str) -> None:
    with pytest.raises(error, match=says):
        read(server + path, allow_private=True)


@pytest.mark.parametrize("path", ["/drip-body", "/drip-head"])
def test_a_server_that_drips_is_left_in_time(server: str, path: str) -> None:
    start = time.monotonic()
    with pytest.raises(FetchError, match="in time"):
        fetch(server + path, allow_private=True, time_limit=0.5)
    assert time.monotonic() - start < 1.5


@pytest.mark.parametrize(
    "url",
    ["http://", "https:///a", "http://[::1", "http://no.invalid/", "http://127.0.0.1:1/",
     "http://example.org:99999/", "http://exa mple.org/"],
)  # fmt: skip
def test_addresses_that_lead_nowhere(url: str) -> None:
    with pytest.raises(FetchError):
        read(url, allow_private=True)


@cache
def squeezed(encoding: str) -> bytes:
    """200 MB of zeros, packed."""
    if encoding == "br":
        packer = brotli.Compressor(quality=5)
        return b"".join([*(packer.process(bytes(MAX_BYTES)) for _ in range(10)), packer.finish()])
    inner = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    return b"".join([*(inner.compress(bytes(MAX_BYTES)) for _ in range(10)), inner.flush()])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_bomb_comes_out_in_small_steps(encoding: str) -> None:
    bomb = squeezed(encoding)
    assert len(bomb) < 2_000_000
    pieces = inflate([bomb], encoding)
    assert all(len(next(pieces)) <= 1 << 20 for _ in range(10))


def test_a_bomb_is_stopped(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ANSWERS, "/bomb", answer(body=squeezed("gzip"), Content_Encoding="gzip"))
    with pytest.raises(SourceUnreadable, match="larger than 20 MB"):
        fetch(f"{server}/bomb", allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/",
        "http://0/", "http://localhost/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
        "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/",
        "http://169.254.169.254/", "http://[fe80::1]/", "http://[fd00:ec2::254]/",
        "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://224.0.0.1/",
        "http://user:secret@127.0.0.1/", "http://[::]/", "http://255.255.255.255/",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises(FetchError, match="not a public address"):
        fetch(url)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


Resolved = list[tuple[Any, ...]]


def resolving(*answers: list[str]) -> Callable[..., Resolved]:
    """A resolver that gives the answers one after another, and then the last again."""
    turns = list(answers)

    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> Resolved:
        addresses = turns.pop(0) if len(turns) > 1 else turns[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    return getaddrinfo


def test_a_public_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(["93.184.216.34", "127.0.0.1"]))
    with pytest.raises(FetchError, match=r"127\.0\.0\.1, which is not a public address"):
        fetch("http://example.org/")


def test_a_name_that_changes_after_the_check_gains_nothing(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: only the checked address is connected to, and the name is asked once."""
    connected = []

    def create_connection(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(address[0])
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", resolving(["93.184.216.34"], ["127.0.0.1"]))
    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(FetchError):
        fetch(server.replace("127.0.0.1", "example.org"))
    assert connected == ["93.184.216.34"]


@pytest.mark.parametrize("path", ["/to-private", "/to-metadata"])
def test_a_redirect_inside_is_refused(
    server: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from narrator.reading import addresses

    public = addresses.is_public
    monkeypatch.setattr(addresses, "is_public", lambda a: str(a) == "127.0.0.1" or public(a))
    with pytest.raises(FetchError, match="not a public address"):
        fetch(server + path)
