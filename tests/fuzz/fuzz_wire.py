"""Requests as no client writes them, sent to a real service.

An input is what is sent, cut where SPLIT stands: what is before it is sent first."""

from __future__ import annotations

import hashlib
import random
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import h11
from fuzz_oracle import Finding, shrunk

sys.path.append(str(Path(__file__).parents[1]))
from serving import Serving, serving

SPLIT = b"\x00|\x00"
ANSWER_SECONDS = 20.0
"""For an answer, or the end of the connection; the service waits two for a head or a body."""
MEMORY = 200_000_000
"""Bytes by which the service may grow at most."""

METHODS = (b"GET", b"POST", b"HEAD", b"DELETE", b"OPTIONS", b"PUT", b"PRI", b"get", b"", b"G\0T")
PATHS = (
    b"/healthz", b"/v1/narrations", b"/v1/listen", b"/feed.xml", b"/v1/articles/a/audio.mp3",
    b"/%00", b"/v1/../../etc/passwd", b"//", b"*", b"http://x/", b"/?" + b"q" * 9000, b"/\xff",
    b"/v1/voices?x=%", b"",
)  # fmt: skip
NAMES = (
    b"Host", b"Content-Length", b"Transfer-Encoding", b"Content-Type", b"Connection", b"Expect",
    b"Trailer", b"Range", b"If-Range", b"If-None-Match", b"If-Modified-Since", b"Authorization",
    b"X-Forwarded-For", b"X-Request-Id", b"Traceparent", b"Accept", b"Accept-Encoding", b"Origin",
    b"Upgrade", b"HTTP2-Settings", b"Cookie", b"Content-Encoding", b" Host", b"Ho st", b"",
    b"X-\xe9", b"Access-Control-Request-Method", b"Access-Control-Request-Headers",
)  # fmt: skip
VALUES = (
    b"localhost", b"127.0.0.1", b"0", b"5", b"-1", b"+5", b"5, 5", b"0x5", b"99999999999999999999",
    b"chunked", b"gzip, chunked", b"chunked, identity", b"xchunked", b"keep-alive", b"close",
    b"upgrade", b"100-continue", b"bytes=0-", b"bytes=-5", b"bytes=5-1,0-0,-99999999999999999999",
    b'"x"', b"W/\"x\", *", b"Thu, 19 Feb 2026 10:00:00 GMT", b"Thu, 99 Feb 99999", b"Basic Og==",
    b"Bearer x", b"Basic %%%", b"1.1.1.1, ::1, x", b"a\rb", b"a\nb", b"a\0b", b"\xff\xfe", b"",
    b"x" * 9000, b"application/json", b"application/json; charset=\xff", b"text/html", b"*/*;q=x",
    b"websocket", b"https://example.org", b"null", b"[::1", b"localhost:x", b"a" * 300 + b".org",
)  # fmt: skip
BODIES = (
    b"", b"{}", b'{"text": "Tea."}', b'{"text": "Tea.", "x": [[[[]]]]}', b"\xff\x00", b"null",
    b'{"url": "http://127.0.0.1:1/"}', b'{"markdown": "---\\na: &a [b]\\nc: *a\\n---\\nTea."}',
)  # fmt: skip
ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n ", b"\r\n\r\n", b"")


def input_of(dice: random.Random) -> bytes:
    """A request, most of it well formed."""
    version = dice.choice((b"HTTP/1.1",) * 8 + (b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"http/1.1"))
    method, path = dice.choice(METHODS[: dice.choice((3, 10))]), dice.choice(PATHS)
    head = [method + b" " + path + b" " + version]
    fields = [(b"Host", b"localhost")] if dice.random() < 0.9 else []
    body, chunked = dice.choice(BODIES), dice.random() < 0.5
    if chunked:
        fields.append((b"Transfer-Encoding", b"chunked"))
    elif dice.random() < 0.8:
        fields.append((b"Content-Length", b"%d" % len(body)))
    fields += [(dice.choice(NAMES), dice.choice(VALUES)) for _ in range(dice.choice((0, 1, 2, 5)))]
    if dice.random() < 0.03:
        fields += [(b"X-%d" % n, b"v") for n in range(dice.choice((90, 300, 20_000)))]
    dice.shuffle(fields)
    head += [name + dice.choice((b": ", b":", b" : ")) + value for name, value in fields]
    whole = b"".join(line + dice.choice(ENDS[: dice.choice((4, 4, 9))]) for line in head) + b"\r\n"
    whole += _chunks(dice, body) if chunked else body
    if dice.random() < 0.2:
        whole += input_of(dice)  # A second one behind it.
    for _ in range(dice.choice((0, 0, 0, 1, 5))):
        at = dice.randrange(len(whole) + 1)
        whole = whole[:at] + bytes([dice.randrange(256)]) + whole[at + dice.randrange(3) :]
    for _ in range(dice.choice((0, 0, 1, 3))):
        at = dice.randrange(len(whole) + 1)
        whole = whole[:at] + SPLIT + whole[at:]
    return whole


def _chunks(dice: random.Random, body: bytes) -> bytes:
    size = dice.choice((b"%x" % len(body), b"%X;ext=1" % len(body), b"-1", b"fffffffffffffffff",
                        b"0x2", b"%x " % len(body), b"", b"2" + b";x" * 9000))  # fmt: skip
    trailers = [(dice.choice(NAMES), dice.choice(VALUES)) for _ in range(dice.choice((0, 0, 1, 3)))]
    if dice.random() < 0.05:
        trailers += [(b"T-%d" % n, b"v" * 50) for n in range(20_000)]
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in trailers)
    first = size + b"\r\n" + body + b"\r\n" if body or dice.random() < 0.3 else b""
    return first + b"0\r\n" + lines + dice.choice((b"\r\n", b"\r\n", b"\r\n", b""))


class Wire:
    """A service, and what it did with what it was sent."""

    def __init__(self, service: Serving) -> None:
        self.service = service
        self.told = 0
        self._settle()
        self.memory = self._memory()

    def _settle(self) -> None:
        for _ in range(3):
            self.service.client.get("/healthz")

    def judge(self, data: bytes) -> Finding | None:
        """What was wrong with the answers, if anything."""
        address = urlsplit(self.service.url)
        self.told = len(self.service.log)
        answers = b""
        with socket.create_connection((address.hostname, address.port), 5) as sending:
            sending.settimeout(ANSWER_SECONDS)
            try:
                for part in data.split(SPLIT):
                    sending.sendall(part)
                    time.sleep(0.001)  # So that they come one by one.
                sending.shutdown(socket.SHUT_WR)
                while piece := sending.recv(1 << 16):
                    answers += piece
            except TimeoutError:
                return Finding("no answer", f"within {ANSWER_SECONDS:g} s")
            except OSError:
                pass  # It closed the connection while we were sending.
        return self._wrong(answers) or self._service()

    def _wrong(self, answers: bytes) -> Finding | None:
        """What is wrong with the bytes that came."""
        statuses = [start[:3] for start in answers.split(b"HTTP/1.1 ")[1:]]
        if answers and not answers.startswith(b"HTTP/1.1 "):
            return Finding("no HTTP", repr(answers[:300]))
        bad = next((status for status in statuses if status[:1] == b"5"), None)
        if bad not in (None, b"503", b"507", b"501", b"505"):
            return Finding(f"status {bad.decode('latin-1')}", repr(answers[:500]))
        if answers:
            reader = h11.Connection(h11.CLIENT)
            reader.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
            reader.receive_data(answers)
            try:
                reader.next_event()
            except h11.RemoteProtocolError as error:
                return Finding("an answer that is not HTTP", f"{error}: {answers[:300]!r}")
        return None

    def _service(self) -> Finding | None:
        """What the service suffered."""
        if self.service.process.poll() is not None:
            return Finding("the service ended", str(self.service.log[-3:]))
        if self.service.client.get("/healthz").status_code != 200:
            return Finding("not healthy", "")
        for line in self.service.log[self.told :]:
            if line["level"] in ("error", "raw"):
                return Finding(f"log: {line['message']:.80}", str(line))
        grown = self._memory() - self.memory
        if grown > MEMORY:
            self.memory += grown
            return Finding("memory", f"{grown / 1e6:.0f} MB more than at the start")
        return None

    def _memory(self) -> int:
        statm = Path(f"/proc/{self.service.process.pid}/statm").read_text().split()
        return int(statm[1]) * resource.getpagesize()


@contextmanager
def wire() -> Iterator[Wire]:
    """A service of its own, which waits two seconds for heads and bodies, for the block."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(
            Path(folder) / "library",
            NARRATOR_SERVICE__HEAD_SECONDS="2", NARRATOR_SERVICE__BODY_SECONDS="2",
        ) as service,
    ):  # fmt: skip
        yield Wire(service)


def judge(data: bytes) -> Finding | None:
    """What a new service does with the input."""
    with wire() as one:
        return one.judge(data)


def _does(one: Wire, kind: str, data: bytes) -> bool:
    """Whether the input does what is of that kind."""
    finding = one.judge(data)
    return finding is not None and finding.kind == kind


def fuzz(
    seconds: float, found: Path, seed: int | None = None
) -> Iterator[tuple[int, float, Finding | None, Path]]:
    """Each second, and with each finding: inputs so far, seconds left, what was found, its file."""
    dice = random.Random(seed)
    deadline = time.monotonic() + seconds
    known: set[str] = set()
    count, told = 0, 0.0
    with wire() as one:
        while (left := deadline - time.monotonic()) > 0:
            data = input_of(dice)
            finding = one.judge(data)
            count += 1
            if finding is not None and finding.kind not in known:
                known.add(finding.kind)
                if finding.kind not in ("no answer", "memory"):
                    data = shrunk(data, partial(_does, one, finding.kind))
                path = found / f"http-{hashlib.sha256(data).hexdigest()[:12]}"
                path.write_bytes(data)
                yield count, left, finding, path
            elif time.monotonic() - told > 1:
                told = time.monotonic()
                yield count, left, None, found
