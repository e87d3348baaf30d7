"""Pages are fetched from a server that the tests start, and nowhere that they should not be."""

from __future__ import annotations

import gzip
import random
import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from itertools import pairwise
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from waiting import PATIENCE
from web import Answer, Site, answer, redirect, serving

from narrator.errors import FetchError, NarratorError, NotAllowed, SourceUnreadable
from narrator.reading import read
from narrator.reading.addresses import is_public
from narrator.reading.decode import MAX_BYTES
from narrator.reading.fetch import USER_AGENT, NotModified, Page, Validators, fetch
from narrator.reading.inflate import inflate

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PAGE = b"<!doctype html><html lang=en><h1>Tide</h1><p>The tide comes in twice a day.</p>"


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
    "/page": answer(body=PAGE),
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
    "/zstd": answer(body=zstd.compress(PAGE), Content_Encoding="zstd"),
    "/unknown": answer(body=b"x", Content_Encoding="lzma"),
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


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A site on this machine that gives ANSWERS."""
    with serving(ANSWERS) as running:
        yield running


@pytest.fixture
def server(site: Site) -> str:
    """Its address."""
    return site.url


@pytest.mark.parametrize(
    "path", ["/page", "/moved", "/gzip", "/deflate", "/raw-deflate", "/br", "/zstd"]
)
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
        ("/unknown", FetchError, "unknown Content-Encoding 'lzma'"),
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
    """It would never end."""
    with pytest.raises(FetchError, match="in time"):
        fetch(server + path, allow_private=True, time_limit=0.5)


@pytest.mark.parametrize(
    "url",
    ["http://", "https:///a", "http://[::1", "http://no.invalid/", "http://127.0.0.1:1/",
     "http://example.org:99999/", "http://exa mple.org/"],
)  # fmt: skip
def test_addresses_that_lead_nowhere(url: str) -> None:
    with pytest.raises(FetchError):
        read(url, allow_private=True)


def pack(data: bytes, encoding: str) -> bytes:
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress,
            "zstd": zstd.compress}[encoding]  # fmt: skip
    return bytes(pack(data))


@cache
def squeezed(encoding: str) -> bytes:
    """200 MB of zeros, packed."""
    if encoding == "br":
        packer = brotli.Compressor(quality=5)
        return b"".join([*(packer.process(bytes(MAX_BYTES)) for _ in range(10)), packer.finish()])
    if encoding == "zstd":
        return zstd.compress(bytes(10 * MAX_BYTES))
    inner = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    return b"".join([*(inner.compress(bytes(MAX_BYTES)) for _ in range(10)), inner.flush()])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_comes_out_in_small_steps(encoding: str) -> None:
    bomb = squeezed(encoding)
    assert len(bomb) < 2_000_000
    pieces = inflate([bomb], encoding)
    assert all(len(next(pieces)) <= 1 << 20 for _ in range(10))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_stopped(site: Site, encoding: str) -> None:
    site.answers["/bomb"] = answer(body=squeezed(encoding), Content_Encoding=encoding)
    with pytest.raises(SourceUnreadable, match="larger than 20 MB"):
        fetch(f"{site.url}/bomb", allow_private=True)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@settings(max_examples=25)
@given(cuts=st.lists(st.integers(1, 400_000), max_size=5), size=st.integers(0, 600_000))
def test_what_was_packed_comes_out_whole_or_not_at_all(
    encoding: str, cuts: list[int], size: int
) -> None:
    data = random.Random(size).randbytes(size // 2) + bytes(size - size // 2)
    packed = pack(data, encoding)
    places = [0, *sorted(cut % (len(packed) + 1) for cut in cuts), len(packed)]
    chunks = [packed[start:end] for start, end in pairwise(places)]
    assert b"".join(inflate(chunks, encoding)) == data
    with pytest.raises(ValueError, match="too early"):
        list(inflate([packed[:-1]] if len(packed) > 1 else [b"\x0b"], encoding))


def test_gzip_may_have_members() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + bytes(9)
    assert b"".join(inflate([packed[:9], packed[9:40], packed[40:]], "gzip")) == b"one two"


def test_zstd_that_wants_much_memory_is_refused() -> None:
    wide = {int(zstd.CompressionParameter.window_log): 27}
    packer = zstd.ZstdCompressor(options=wide)
    packed = packer.compress(bytes(1 << 20)) + packer.flush()
    with pytest.raises(ValueError, match=r"memory|[Ww]indow"):
        list(inflate([packed], "zstd"))


REFUSED = {
    "loopback": "127.0.0.1",
    "loopback, another": "127.8.9.1",
    "loopback, two parts": "127.1",
    "loopback, decimal": "2130706433",
    "loopback, hexadecimal": "0x7f.0.0.1",
    "loopback, one hexadecimal": "0x7f000001",
    "loopback, octal": "0177.1",
    "loopback, other full stops": "127。0。0。1",
    "loopback, by name": "localhost",
    "loopback, by absolute name": "localhost.",
    "loopback, IPv6": "[::1]",
    "this host": "0",
    "this host, IPv6": "[::]",
    "this network": "0.1.2.3",
    "private, 10": "10.1.2.3",
    "private, 172": "172.16.0.1",
    "private, 192": "192.168.1.1",
    "private, IPv6": "[fd12::1]",
    "shared by carriers": "100.64.0.1",
    "link-local": "169.254.1.1",
    "link-local, IPv6": "[fe80::1]",
    "site-local, IPv6": "[fec0::1]",
    "metadata": "169.254.169.254",
    "metadata, containers": "169.254.170.2",
    "metadata, IPv6": "[fd00:ec2::254]",
    "metadata, in the carriers' range": "100.100.100.200",
    "metadata, in the protocols' range": "192.0.0.192",
    "metadata, an address that looks public": "168.63.129.16",
    "mapped into IPv6": "[::ffff:127.0.0.1]",
    "mapped into IPv6, hexadecimal": "[::ffff:a9fe:a9fe]",
    "compatible IPv6": "[::7f00:1]",
    "translated IPv6": "[::ffff:0:7f00:1]",
    "NAT64": "[64:ff9b::7f00:1]",
    "NAT64, local": "[64:ff9b:1::a00:1]",
    "6to4": "[2002:7f00:1::]",
    "6to4 relay": "192.88.99.1",
    "Teredo": "[2001:0:7f00:1::]",
    "ISATAP": "[2606:4700::5efe:a00:1]",
    "ISATAP, universal bit": "[2606:4700::200:5efe:a00:1]",
    "documentation": "192.0.2.1",
    "documentation, IPv6": "[2001:db8::1]",
    "documentation, newer": "[3fff::1]",
    "benchmarks": "198.18.0.1",
    "multicast": "224.0.0.1",
    "multicast, IPv6": "[ff02::1]",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "discard": "[100::1]",
}


@pytest.mark.parametrize("host", REFUSED.values(), ids=REFUSED.keys())
def test_addresses_that_are_not_public_are_refused(host: str) -> None:
    with pytest.raises(FetchError, match=r"not a public address|not found"):
        fetch(f"http://{host}/")


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808",
     "2606:4700::5efe:808:808", "172.32.0.1", "100.128.0.1", "169.253.0.1"],
)  # fmt: skip
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


def endless_redirect(handler: BaseHTTPRequestHandler) -> None:
    """A redirect whose body never ends, and would be a bomb if it were unpacked."""
    handler.send_response(302)
    handler.send_header("Location", "/page")
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    while True:
        handler.wfile.write(squeezed("gzip"))


def many_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-A: b\r\n" * 1000)


def one_long_header(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: ")
    while True:
        handler.wfile.write(b"b" * 10_000)


def always_soon(handler: BaseHTTPRequestHandler) -> None:
    while True:
        handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def cut_chunk(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nThe tide")


TRICKS: dict[str, tuple[Answer, str]] = {
    "redirect to itself": (redirect("/trick"), "redirects more than"),
    "redirect to a name with a password": (
        redirect("http://me:secret@127.0.0.1/"), "name or a password"),
    "redirect to a file": (redirect("file:///etc/passwd"), "http"),
    "redirect to data": (redirect("data:text/html,hello"), "http"),
    "redirect to another protocol": (redirect("gopher://127.0.0.1:70/_"), "http"),
    "redirect to a mail server": (redirect("http://127.0.0.1:25/"), "Port 25"),
    "redirect to nowhere": (redirect("http://[::1"), "cannot be fetched|not an address"),
    "redirect without an address": (answer(302), "answered 302"),
    "headers without end": (many_headers, "cannot be fetched"),
    "a header without end": (one_long_header, "cannot be fetched"),
    "hints without end": (always_soon, "in time"),
    "one byte now and then": (drip_body, "in time"),
    "a header now and then": (drip_head, "in time"),
    "a body that is cut": (
        answer(body=PAGE[:20], Content_Length="200"), "cannot be fetched"),
    "a chunk that is cut": (cut_chunk, "cannot be fetched"),
    "gzip that is cut": (
        answer(body=gzip.compress(PAGE)[:-9], Content_Encoding="gzip"), "too early"),
    "two encodings": (answer(body=PAGE, Content_Encoding="gzip, gzip"), "unknown Content-Enc"),
    "a length that is none": (
        answer(body=PAGE, Content_Length="many"), "cannot be fetched"),
    "not modified, unasked": (answer(304), "answered 304"),
    "no content": (answer(204), "answered 204"),
    "part of it": (answer(206, PAGE), "answered 206"),
    "an image": (answer(body=b"GIF89a", content_type="image/gif"), "image/gif, not an article"),
    "a feed": (answer(body=b"<rss/>", content_type="application/rss+xml"), "is a feed"),
}  # fmt: skip


@pytest.mark.parametrize(("trick", "says"), TRICKS.values(), ids=TRICKS.keys())
def test_tricks_of_servers(site: Site, trick: Answer, says: str) -> None:
    site.answers["/trick"] = trick
    time_limit = 1.0 if says == "in time" else PATIENCE
    with pytest.raises(NarratorError, match=says) as told:
        fetch(f"{site.url}/trick", allow_private=True, time_limit=time_limit)
    assert "secret" not in str(told.value)


def test_the_body_of_a_redirect_is_not_read(site: Site) -> None:
    site.answers["/trick"] = endless_redirect
    assert fetch(f"{site.url}/trick", allow_private=True, time_limit=PATIENCE).data == PAGE


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://me:secret@example.org/", "name or a password"),
        ("http://me@example.org/", "name or a password"),
        ("http://example.org\\@127.0.0.1/", "name or a password|not an address"),
        ("http://127.0.0.1:22/", "Port 22 of"),
        ("http://127.0.0.1:6667/", "Port 6667 of"),
        ("file:///etc/passwd", "http"),
        ("ftp://example.org/", "http"),
        ("http://", "not an address"),
    ],
)
def test_addresses_that_are_refused_unasked(url: str, says: str) -> None:
    with pytest.raises(NarratorError, match=says) as told:
        fetch(url, allow_private=True)
    assert "secret" not in str(told.value)


def test_nothing_that_a_site_said_is_told_to_another(site: Site) -> None:
    """Cookies stay where they were set; validators go to the page that they are of."""
    with serving({"/page": answer(body=PAGE)}) as other:
        site.answers["/there"] = answer(
            302, Location=f"{other.url.replace('127.0.0.1', 'localhost')}/page",
            Set_Cookie="key=secret", ETag='"1"',
        )  # fmt: skip
        known = Validators(f"{site.url}/there", '"1"')
        fetch(f"{site.url}/there", known, allow_private=True)
        (headers,) = other.headers
        assert not {"Cookie", "Authorization", "If-None-Match", "Referer"} & set(headers)


def test_each_address_on_the_way_must_be_permitted(site: Site) -> None:
    asked: list[str] = []

    def permit(url: str) -> None:
        asked.append(url.removeprefix(site.url))
        if url.endswith("/page"):
            raise NotAllowed("not there")

    before = len(site.asked)
    with pytest.raises(NotAllowed, match="not there"):
        fetch(f"{site.url}/moved", allow_private=True, permit=permit)
    assert asked == ["/moved", "/page"]
    assert site.asked[before:] == ["/moved"]


def test_a_page_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        same = handler.headers["If-None-Match"] == '"2"'
        answer(304 if same else 200, b"" if same else PAGE, ETag='"2"', Last_Modified="x")(handler)

    site.answers |= {"/tagged": page, "/to-tagged": redirect("/tagged")}
    first = fetch(f"{site.url}/to-tagged", allow_private=True)
    assert first.validators == Validators(f"{site.url}/tagged", '"2"', "x")
    again = fetch(f"{site.url}/to-tagged", first.validators, allow_private=True)
    assert again == NotModified(first.validators)
    assert site.headers[-1]["If-Modified-Since"] == "x"
    other = fetch(f"{site.url}/tagged", Validators(first.url, '"1"'), allow_private=True)
    assert isinstance(other, Page)
    assert other.data == PAGE


def test_a_resolver_that_hangs_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    gave_up = False

    def hang(*_: object, **__: object) -> None:
        nonlocal gave_up
        gave_up = not over.wait(PATIENCE)
        raise OSError("no resolver in tests")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(FetchError, match="not found"):
        fetch("http://example.org/", time_limit=0.3)
    assert not gave_up, "it was waited for"
    over.set()


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
