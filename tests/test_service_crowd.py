"""Connections that take and never give: heads, trailers and chunks without end, requests whose
answers nobody reads, places that are held. Real sockets on the loopback."""

from __future__ import annotations

import asyncio
import json
import select
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from serving import Serving, serving
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from waiting import PATIENCE

from narrator.service.connections import PIPELINED, guarded
from narrator.service.crowd import PROBE_PLACES, Crowd
from narrator.service.metrics import resident
from narrator.service.ranges import matches, wanted
from narrator.service.server import listening_at
from narrator.settings import ServiceSettings

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = (
    b"POST /v1/listen HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
HELD = (
    b"POST /v1/narrations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 5000\r\n\r\n{"
)
"""A request that waits for its body."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(
        tmp_path_factory.mktemp("crowd") / "library",
        NARRATOR_SERVICE__CONNECTIONS="60",
        NARRATOR_SERVICE__SEND_SECONDS="2",
    ) as running:
        yield running
        faults = [line for line in running.log if line["level"] == "error"]
        assert [line.get("trace", line["message"])[-900:] for line in faults[:2]] == []


@pytest.fixture(scope="module")
def audio(service: Serving) -> str:
    """The path of a file of several megabytes."""
    text = "\n\n".join(
        f"The ferry left the harbour at seven, and passenger {n} was on deck." for n in range(100)
    )
    path = f"/v1/narrations/{service.narrated(text)['id']}/audio.mp3"
    assert int(service.client.head(path).headers["Content-Length"]) > 3_000_000
    return path


def opened(service: Serving, *, source: str = "127.0.0.1", small: bool = False) -> socket.socket:
    url = httpx.URL(service.url)
    return connected(url.port or 80, source=source, small=small)


def connected(port: int, *, source: str = "127.0.0.1", small: bool = False) -> socket.socket:
    one = socket.socket()
    if small:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.settimeout(PATIENCE)
    one.bind((source, 0))
    one.connect(("127.0.0.1", port))
    return one


def sent_until_refused(one: socket.socket, pieces: Iterator[bytes], most: int) -> int:
    """Bytes that could be sent before the other side hung up."""
    sent = 0
    for piece in pieces:
        try:
            one.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            break
        sent += len(piece)
        if sent > most or select.select([one], [], [], 0)[0]:
            break
    return sent


def told(one: socket.socket) -> tuple[int, dict[str, Any]]:
    """Status and problem of the answer, after which the other side hangs up."""
    found = b""
    with suppress(ConnectionResetError):
        while data := one.recv(65536):
            found += data
    head, _, body = found.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, found[:500]
    return int(head.split()[1]), json.loads(body)


WITHOUT_END: dict[str, tuple[bytes, Callable[[int], bytes], int]] = {
    "trailers": (
        CHUNKED + b"2\r\n{}\r\n0\r\n", lambda n: b"X-%d: %s\r\n" % (n, b"a" * 100), 431,
    ),
    "one trailer": (CHUNKED + b"2\r\n{}\r\n0\r\nX: ", lambda n: b"a" * 1000, 431),
    "an extension of a chunk": (CHUNKED + b"2;a=", lambda n: b"a" * 1000, 431),
    "extensions of chunks": (
        CHUNKED, lambda n: b"2;a=%s\r\n  \r\n" % (b"a" * 2000), 400,
    ),
    "chunks of a byte": (CHUNKED, lambda n: b"1\r\n \r\n" * 100, 400),
    "a header": (GET + b"X: ", lambda n: b"a" * 1000, 431),
    "headers": (GET, lambda n: b"X-%d: a\r\n" % n, 431),
    "a path": (b"GET /", lambda n: b"a" * 1000, 431),
}  # fmt: skip


@pytest.mark.parametrize(("begin", "more", "status"), WITHOUT_END.values(), ids=WITHOUT_END)
def test_what_has_no_end_is_refused_and_not_kept(
    service: Serving, begin: bytes, more: Callable[[int], bytes], status: int
) -> None:
    with opened(service) as one:
        one.sendall(begin)
        sent = sent_until_refused(one, map(more, count()), 50_000_000)
        found, problem = told(one)
    assert found == status, problem
    assert sent < 20_000_000  # Of these most are in buffers of the system.


def test_trailers_take_no_memory(service: Serving) -> None:
    before = resident_of(service)
    for _ in range(5):
        with opened(service) as one:
            one.sendall(CHUNKED + b"2\r\n{}\r\n0\r\n")
            lines = (b"X-%d-%d: aaaaaaaaaaaaaaaa\r\n" % (n, n) * 1000 for n in count())
            sent_until_refused(one, lines, 100_000_000)
    assert resident_of(service) - before < 30_000_000


def resident_of(service: Serving) -> int:
    pages = int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1])
    return pages * 4096


HEADS = {
    "100 headers": (GET + b"".join(b"X-%d: a\r\n" % n for n in range(99)) + b"\r\n", 200),
    "101 headers": (GET + b"".join(b"X-%d: a\r\n" % n for n in range(100)) + b"\r\n", 431),
    "thousands of headers": (GET + b"a:b\r\n" * 12_000 + b"\r\n", 431),
    "60 kB": (GET + b"X: " + b"a" * 60_000 + b"\r\n\r\n", 200),
    "70 kB in one go": (GET + b"X: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    "230 kB in one go": (GET + b"X: " + b"a" * 230_000 + b"\r\n\r\n", 431),
    "a cookie": (GET + b"Cookie: " + b"a=b; " * 12_000 + b"\r\n\r\n", 200),
    "Accept": (GET + b"Accept: " + b"a/b;q=0.1," * 6_000 + b"\r\n\r\n", 200),
    "a long path": (b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"a" * 32_767), 404),
    "too long a path": (b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"a" * 32_768), 414),
    "too long a query": (
        b"GET /healthz?%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"a&" * 16_400), 414,
    ),
    "a long Host": (b"GET /v1/voices HTTP/1.1\r\nHost: %s\r\n\r\n" % (b"a" * 60_000), 421),
}  # fmt: skip


@pytest.mark.parametrize(("head", "status"), HEADS.values(), ids=HEADS)
def test_a_head_is_bounded_however_it_comes(service: Serving, head: bytes, status: int) -> None:
    with opened(service) as one:
        one.sendall(head)
        assert int(one.recv(65536).split()[1]) == status


@pytest.mark.parametrize(
    "header",
    [("Range", "bytes=" + "0-0," * 15_000), ("Range", "bytes=" + " " * 60_000 + "x"),
     ("Range", "bytes=" + "9" * 60_000), ("If-None-Match", '"a",' * 15_000),
     ("If-Range", '"' + "a" * 60_000 + '"'), ("Last-Event-ID", "1" * 60_000),
     ("Last-Event-ID", "\u0661"), ("Accept-Encoding", "gzip," * 10_000)],
    ids=lambda header: f"{header[0]} {header[1][:12]}",
)  # fmt: skip
@pytest.mark.parametrize("part", ["audio.mp3", "events"])
def test_a_long_header_is_answered_like_none(
    service: Serving, audio: str, part: str, header: tuple[str, str]
) -> None:
    path = audio.replace("audio.mp3", part)
    name, value = header
    with service.client.stream("GET", path, headers=[(name.encode(), value.encode())]) as answer:
        assert answer.status_code == 200


def test_looking_through_a_header_takes_no_quadratic_time() -> None:
    def spent(work: Callable[[], object]) -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    for size in (1000, 60_000):
        ranges = f"bytes={' ' * size}x"
        assert spent(lambda told=ranges: wanted(told, 100)) < 1.0  # type: ignore[misc]
        assert wanted(ranges, 100) is None
        assert spent(lambda n=size: matches('"b",' * n, '"a"')) < 1.0  # type: ignore[misc]


def test_a_body_in_small_chunks_is_read(service: Serving) -> None:
    body = json.dumps({"markdown": "It comes in small pieces. " * 50}).encode()

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    answer = service.client.post(
        "/v1/narrations", content=pieces(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (201, 202)


def test_trailers_that_end_are_read_over(service: Serving) -> None:
    with opened(service) as one:
        one.sendall(CHUNKED + b"2\r\n{}\r\n0\r\nX-Sum: 1\r\nHost: evil.example\r\n\r\n" + GET)
        one.sendall(b"Connection: close\r\n\r\n")
        found = b""
        while data := one.recv(65536):
            found += data
    assert found.startswith(b"HTTP/1.1 422")  # What was asked, without an address.
    assert found.count(b"HTTP/1.1 200") == 1


def test_requests_whose_answers_nobody_reads_are_not_kept(service: Serving) -> None:
    before = resident_of(service)
    request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        for number in range(20):
            one = stack.enter_context(opened(service, source=f"127.0.0.{number + 2}", small=True))
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.send(request * 5000)
        assert service.client.get("/healthz").status_code == 200
        time.sleep(1)
        assert resident_of(service) - before < 60_000_000


def test_requests_that_come_ahead_are_answered_in_order(service: Serving) -> None:
    paths = ["healthz", "v1/voices", *(f"nothing/{n}" for n in range(PIPELINED - 1))]
    with opened(service) as one:
        one.sendall(
            b"".join(b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % p.encode() for p in paths)
        )
        found = b""
        while found.count(b"HTTP/1.1 404") < PIPELINED - 1:
            found += one.recv(65536)
    assert found.index(b"HTTP/1.1 200") < found.index(b"HTTP/1.1 404")
    assert found.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(
    "behind",
    [b"NONSENSE\r\n\r\n", GET + b"X: " + b"a" * 70_000 + b"\r\n\r\n", GET + b"a:b\r\n" * 200,
     b"GET /%s HTTP/1.1\r\n\r\n" % (b"a" * 40_000)],
)  # fmt: skip
def test_what_comes_behind_a_request_does_not_touch_its_answer(
    service: Serving, audio: str, behind: bytes
) -> None:
    whole = service.client.get(audio).content
    with opened(service) as one:
        one.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % audio.encode() + behind)
        found = b""
        with suppress(ConnectionResetError):
            while data := one.recv(65536):
                found += data
                if len(found) > len(whole) + 2000:
                    break
    assert found.partition(b"\r\n\r\n")[2][: len(whole)] == whole


def healthy(service: Serving, path: str = "/healthz") -> int:
    """Status of a probe that comes by a connection of its own."""
    return httpx.get(f"{service.url}{path}", trust_env=False, timeout=PATIENCE).status_code


def open_sockets(service: Serving) -> int:
    """Sockets that the process of a service has open."""
    found = 0
    for link in Path(f"/proc/{service.process.pid}/fd").iterdir():
        with suppress(OSError):
            found += str(link.readlink()).startswith("socket:")
    return found


def test_readers_that_never_read_lock_nobody_out(service: Serving, audio: str) -> None:
    before, sockets = resident_of(service), open_sockets(service)
    request = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % audio.encode()
    with ExitStack() as stack:
        for number in range(100):
            source = f"127.0.0.{2 + number % 200}"
            stack.enter_context(opened(service, source=source, small=True)).sendall(request)
            if number % 10 == 0:
                assert healthy(service) == 200
        assert resident_of(service) - before < 60 * 150_000 + 20_000_000
        deadline = time.monotonic() + PATIENCE
        while healthy(service, "/v1/voices") != 200:  # Whoever comes gets in again.
            assert healthy(service) == healthy(service, "/readyz") == 200
            assert time.monotonic() < deadline
            time.sleep(0.1)
        deadline = time.monotonic() + PATIENCE
        while open_sockets(service) > sockets + 5:  # All were cut: nothing of them is held.
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_thousand_readers_that_never_read_lock_nobody_out(tmp_path: Path) -> None:
    """As `benchmarks/attack.py slow`, for two and a half times `send_seconds`."""
    with serving(tmp_path / "library") as running, ExitStack() as stack:
        text = "\n\n".join(
            f"The ferry left the harbour at seven, and passenger {n} was on deck."
            for n in range(100)
        )
        path = f"/v1/narrations/{running.narrated(text)['id']}/audio.mp3"
        request = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode()
        before, most, taken = resident_of(running), 0, []
        for number in range(1000):
            source = f"127.0.0.{2 + number % 200}"
            stack.enter_context(opened(running, source=source, small=True)).sendall(request)
        until = time.monotonic() + 150
        while time.monotonic() < until:
            began = time.monotonic()
            assert healthy(running) == 200
            taken.append(time.monotonic() - began)
            most = max(most, resident_of(running))
            time.sleep(0.1)
        assert most - before < 150_000_000
        assert sorted(taken)[len(taken) // 2] < 1.0
        assert max(taken) < 10.0  # On the busiest machine; a quiet one takes half a second.
        assert healthy(running, "/v1/voices") == 200


def test_places_are_kept_for_probes(service: Serving) -> None:
    with ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(opened(service)).sendall(HELD)
        for _ in range(PROBE_PLACES + 10):
            stack.enter_context(opened(service))
        # All are taken, and what has just begun is not sent away at once.
        one = stack.enter_context(opened(service))
        one.sendall(b"GET /v1/voices HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert healthy(service) == healthy(service, "/readyz") == 200
        found = one.recv(65536)
        if not found.startswith(b"HTTP/1.1 200"):  # On a slow machine the first were silent long.
            assert found.startswith(b"HTTP/1.1 503")
            assert b"Retry-After: 5" in found
            assert json.loads(found.partition(b"\r\n\r\n")[2])["type"] == "/problems/busy"


def test_who_is_silent_makes_room(service: Serving) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(opened(service)) for _ in range(30)]
        for _ in range(30):
            one = stack.enter_context(opened(service))
            one.sendall(GET + b"\r\n")
            assert one.recv(65536).startswith(b"HTTP/1.1 200")
            silent.append(one)
        deadline = time.monotonic() + PATIENCE
        while healthy(service, "/v1/voices") != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_who_reads_slowly_gets_all(service: Serving, audio: str) -> None:
    whole = service.client.get(audio).content
    with opened(service, small=True) as one:
        one.sendall(
            b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % audio.encode()
        )
        found = b""
        began = time.monotonic()
        while data := one.recv(40_000):
            found += data
            if time.monotonic() - began < 5:  # More than twice what a pause may last.
                time.sleep(0.1)
    assert found.partition(b"\r\n\r\n")[2] == whole


class Application:
    """What a stream of the service does, without the service."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.pieces = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = Request(scope).url.path
        answer: Response = PlainTextResponse("here")
        if path != "/":
            streams = {"/pause": self.pause, "/events": self.events, "/endless": self.endless}
            answer = StreamingResponse(streams[path]())
        try:
            await answer(scope, receive, send)
        finally:
            if path != "/":
                self.ended.set()

    async def pause(self) -> AsyncIterator[bytes]:
        """A stream that waits for speech longer than anybody may wait for a reader."""
        yield b"begun "
        await asyncio.sleep(3)
        yield b"gone on"

    async def events(self) -> AsyncIterator[bytes]:
        while True:
            self.pieces += 1
            yield b"data: %s\n\n" % (b"x" * 1000)
            await asyncio.sleep(0.001)

    async def endless(self) -> AsyncIterator[bytes]:
        while True:
            self.pieces += 1
            yield b"x" * 60_000


@contextmanager
def running(
    app: Application, host: str = "127.0.0.1", send_seconds: float = 1.0, **fields: Any
) -> Iterator[int]:
    """The port at which an application is served with our connections."""
    settings = ServiceSettings(send_seconds=send_seconds, **fields)
    sockets = listening_at(host, 0, settings.send_seconds)
    config = uvicorn.Config(
        app, http=guarded(settings, settings.connections), ws="none", lifespan="off",
        log_config=None, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        for bound in sockets:
            bound.close()


def test_a_stream_that_waits_for_speech_is_not_cut() -> None:
    with running(Application()) as port, connected(port) as one:
        one.sendall(b"GET /pause HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        found = b""
        while data := one.recv(65536):
            found += data
    assert found.endswith(b"gone on\r\n0\r\n\r\n")


@pytest.mark.parametrize("path", ["/events", "/endless"])
@pytest.mark.parametrize(
    "ahead", [b"", GET + b"\r\n"], ids=["alone", "with another request behind"]
)
@pytest.mark.parametrize("reads", [True, False], ids=["goes", "stays and reads nothing"])
def test_a_stream_that_nobody_reads_ends(path: str, ahead: bytes, reads: bool) -> None:
    app = Application()
    with running(app) as port, connected(port, small=True) as one:
        one.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode())
        one.sendall(ahead)
        if reads:
            one.recv(1000)
            one.close()
        assert app.ended.wait(PATIENCE)
        assert app.pieces < 100_000
        with connected(port) as other:
            other.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert other.recv(1000).startswith(b"HTTP/1.1 200")


def own_address() -> str:
    """An address of this machine that is not of the loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # Nothing is sent.
        except OSError:
            pytest.skip("this machine has no address but the loopback's")
        return str(asked.getsockname()[0])


def test_one_address_gets_so_many_connections_and_no_more() -> None:
    own = own_address()
    with (
        running(Application(), "0.0.0.0", connections_per_address=3) as port,
        ExitStack() as stack,
    ):
        many = [
            stack.enter_context(socket.create_connection((own, port), PATIENCE)) for _ in range(3)
        ]
        for one in many:
            one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert one.recv(1000).startswith(b"HTTP/1.1 200")
        status, problem = told(stack.enter_context(socket.create_connection((own, port), PATIENCE)))
        assert (status, problem["type"]) == (429, "/problems/too-many-requests")
        assert "3 connections" in problem["detail"]
        local = stack.enter_context(connected(port, source="127.0.0.2"))
        local.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert local.recv(1000).startswith(b"HTTP/1.1 200")
        many[0].close()
        deadline = time.monotonic() + PATIENCE
        while True:
            one = stack.enter_context(socket.create_connection((own, port), PATIENCE))
            with suppress(OSError):
                one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                if one.recv(1000).startswith(b"HTTP/1.1 200"):
                    break
            assert time.monotonic() < deadline


class Nobody:
    """A connection that counts how often it was ended."""

    def __init__(self) -> None:
        self.ends = 0

    def leave(self) -> None:
        self.ends += 1

    cut = leave


@pytest.mark.parametrize(
    ("addresses", "let_in"),
    [(["192.0.2.1"] * 4, 2), (["192.0.2.1", "192.0.2.2"] * 2, 4), (["127.0.0.2"] * 9, 9),
     (["::1"] * 9, 9), (["::ffff:127.0.0.1"] * 9, 9), (["2001:db8::1", "2001:db8::2"] * 2, 2),
     (["2001:db8:0:1::1", "2001:db8:0:2::1"] * 2, 4), (["198.51.100.7"] * 9, 9),
     (["::ffff:198.51.100.7"] * 9, 9), (["::ffff:192.0.2.1", "192.0.2.1"] * 3, 2), ([""] * 4, 4)],
)  # fmt: skip
def test_connections_are_counted_by_address(addresses: list[str], let_in: int) -> None:
    crowd = Crowd(100, 2, 60.0, ("198.51.100.0/24",))
    guests = [Nobody() for _ in addresses]
    entered = [crowd.enter(g, a) for g, a in zip(guests, addresses, strict=True)]
    assert sum(entered) == let_in
    for guest in guests:
        crowd.leave(guest)
    assert sum(crowd.enter(Nobody(), address) for address in addresses) == let_in


def test_resident_memory_is_told() -> None:
    assert resident() > 1_000_000


def test_long_documents_that_nobody_reads_are_not_in_memory(service: Serving) -> None:
    """What is made for one request, of a narration that is finished or still being made."""
    article = "\n\n".join(
        f"Passenger {n} of the ferry asked for tea, and then for more of it." for n in range(150)
    )
    links = service.narrated(article)["links"]
    size = len(service.client.get(links["events"]).content)
    assert size > 200_000
    before = resident_of(service)
    request = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % links["events"].encode()
    with ExitStack() as stack:
        for _ in range(40):
            one = stack.enter_context(opened(service, small=True))
            one.sendall(request)
            assert one.recv(100).startswith(b"HTTP/1.1 200")
        assert resident_of(service) - before < 40 * 150_000 + 20_000_000
