"""What one client can do to the others: nothing. Large, slow, many and malformed requests."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import Serving, serving
from waiting import PATIENCE, until

from narrator.service.entrance import Entrance, Safety
from narrator.service.metrics import Metrics
from narrator.service.rates import neighbourhood
from narrator.settings import ServiceSettings


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """It sends nobody away for being slow, for all are on a busy machine."""
    with serving(
        tmp_path_factory.mktemp("limits") / "library",
        NARRATOR_SERVICE__BODY_LIMIT="100kB",
        NARRATOR_SERVICE__BODY_SECONDS=str(PATIENCE),
        NARRATOR_SERVICE__HEAD_SECONDS=str(PATIENCE),
        NARRATOR_SERVICE__CONNECTIONS="600",
        NARRATOR_SERVICE__TRUSTED_PROXIES="127.0.0.0/8",
        NARRATOR_SERVICE__REQUESTS_PER_MINUTE="20",
        NARRATOR_SERVICE__MAKINGS_PER_MINUTE="3",
    ) as running:
        yield running


def raw(service: Serving, *parts: bytes, wait: float = 0.0) -> bytes:
    """What comes back for these bytes, until the other side hangs up."""
    url = httpx.URL(service.url)
    with socket.create_connection((url.host, url.port or 80), timeout=PATIENCE) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                break
            time.sleep(wait)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    found = b""
    try:
        while data := connection.recv(65536):
            found += data
    except ConnectionResetError:
        pass
    return found


def told(answer: bytes) -> tuple[int, dict[str, Any]]:
    """Status and problem of a raw answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, answer
    if b"chunked" in head:
        body = body.split(b"\r\n")[1]
    return int(head.split()[1]), json.loads(body)


POST = b"POST /v1/narrations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_a_body_that_is_too_large_is_not_read(service: Serving) -> None:
    status, problem = told(raw(service, POST + b"Content-Length: 100000000\r\n\r\n"))
    assert (status, problem["type"]) == (413, "/problems/too-large")
    assert "100000 bytes" in problem["detail"]
    waiting = POST + b"Content-Length: 100000000\r\nExpect: 100-continue\r\n\r\n"
    assert told(raw(service, waiting))[0] == 413  # And it was not told to go on.


def test_a_body_without_a_length_that_is_too_large_is_not_read_to_its_end(
    service: Serving,
) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 10_000
            yield b"x" * 10_000

    answer = httpx.post(
        f"{service.url}/v1/narrations", content=endless(), trust_env=False, timeout=PATIENCE,
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 413
    assert answer.headers["Connection"] == "close"
    assert sent < 50_000_000


def test_a_body_that_nobody_reads_ends_its_connection(service: Serving) -> None:
    request = b"GET /v1/narrations/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nno"
    answer = raw(service, request)
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"connection: close" in answer.lower()


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Serving]:
    with serving(
        tmp_path / "library",
        NARRATOR_SERVICE__BODY_SECONDS="1",
        NARRATOR_SERVICE__HEAD_SECONDS="1",
    ) as running:
        yield running


def test_slow_clients_are_sent_away(hasty: Serving) -> None:
    service = hasty
    assert raw(service) == b""
    assert told(raw(service, b"GET / HTTP/1.1\r\n", b"Host: localhost\r\n", wait=0.7))[0] == 408
    assert told(raw(service, b"\r\n", b"\r\n", b"\r\n", wait=0.4))[0] == 408
    slow = raw(service, POST + b"Content-Length: 50\r\n\r\n", *[b"{"] * 4, wait=0.4)
    status, problem = told(slow)
    assert (status, problem["type"]) == (408, "/problems/too-slow")
    after = b"GET /v1/narrations/x HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert b" 408 " in raw(service, after, b"GET / HT", wait=0.2)


def test_a_head_without_end_is_refused(service: Serving) -> None:
    line = b"X-More: " + b"x" * 8000 + b"\r\n"
    status, problem = told(raw(service, b"GET / HTTP/1.1\r\n", *[line] * 100))
    assert (status, problem["type"]) == (431, "/problems/head-too-large")


@pytest.mark.parametrize(
    "request_",
    [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
     b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
     (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
     b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a\x00b\r\n\r\n"],
)  # fmt: skip
def test_what_is_not_http_is_refused(service: Serving, request_: bytes) -> None:
    status, problem = told(raw(service, request_))
    assert (status, problem["type"]) == (400, "/problems/bad-request")


def test_500_open_connections_do_no_harm(service: Serving) -> None:
    url = httpx.URL(service.url)
    with ExitStack() as stack:
        held = [
            stack.enter_context(
                socket.create_connection((url.host, url.port or 80), timeout=PATIENCE)
            )
            for _ in range(500)
        ]
        for connection in held:
            connection.sendall(b"GET /v1/narrations/x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for connection in held:
            assert connection.recv(65536).startswith(b"HTTP/1.1 404 ")
        text = {"markdown": "It is made though many hold on."}
        made = httpx.post(
            f"{service.url}/v1/narrations", json=text, trust_env=False, timeout=PATIENCE
        )
        service.finished(made.json()["id"])


def test_too_many_connections_are_refused(tmp_path: Path) -> None:
    with (
        serving(
            tmp_path / "library", NARRATOR_SERVICE__CONNECTIONS="20", NARRATOR_SERVICE__GRACE="0"
        ) as running,
        ExitStack() as stack,
    ):
        url = httpx.URL(running.url)

        def connected(sends: bytes) -> socket.socket:
            one = socket.create_connection((url.host, url.port or 80), timeout=PATIENCE)
            stack.enter_context(one).sendall(sends)
            return one

        live = "\n\n".join(f"This is long to say, and number {n}." for n in range(3000))
        link = running.ask(live)["links"]["events"]
        running.client.close()
        events = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % link.encode()
        for held in [connected(events) for _ in range(20)]:  # Each is at work, and none is silent.
            assert held.recv(100).startswith(b"HTTP/1.1 200")
        answers = [
            read_all(connected(b"GET /v1/voices HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            for _ in range(20)
        ]
        for answer in answers:
            status, problem = told(answer)
            assert (status, problem["type"]) == (503, "/problems/busy")
            assert b"Retry-After: 5" in answer
        assert (
            httpx.get(f"{running.url}/healthz", trust_env=False, timeout=PATIENCE).status_code
            == 200
        )
    assert len([line for line in running.log if "are taken" in line["message"]]) == 1


def from_address(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


def test_requests_of_an_address_are_limited(service: Serving) -> None:
    get = service.client.get

    def until_refused(address: str) -> list[httpx.Response]:
        """Answers until one says so; every three seconds one more may come."""
        answers = [get("/v1/narrations/x", headers=from_address(address))]
        while answers[-1].status_code != 429:
            assert len(answers) < 200
            answers.append(get("/v1/narrations/x", headers=from_address(address)))
        return answers

    began = time.monotonic()
    answers = until_refused("192.0.2.1")
    assert 20 < len(answers) <= 21 + (time.monotonic() - began) / 3
    assert {answer.status_code for answer in answers[:-1]} == {404}
    assert answers[0].headers["RateLimit-Policy"] == '"requests";q=20;w=60'
    assert answers[0].headers["RateLimit"] == '"requests";r=19;t=3'
    assert answers[-1].status_code == 429
    assert answers[-1].json()["type"] == "/problems/too-many-requests"
    assert answers[-1].headers["RateLimit"].startswith('"requests";r=0;')
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 3
    assert get("/v1/narrations/x", headers=from_address("192.0.2.2")).status_code == 404
    assert get("/healthz", headers=from_address("192.0.2.1")).status_code != 429
    mine = get("/v1/narrations/x")
    assert "RateLimit" not in mine.headers  # This machine is not limited.
    # Who says that others forwarded it is not believed beyond the proxy that we trust.
    assert len(until_refused("198.51.100.1, 192.0.2.1")) < 20


def test_makings_of_an_address_are_limited_and_its_network_counts(service: Serving) -> None:
    began = time.monotonic()
    statuses: list[int] = []
    while 429 not in statuses:
        answer = service.client.post(
            "/v1/narrations", json={"markdown": f"Made for the {len(statuses)}th of them."},
            headers=from_address(f"2001:db8::{len(statuses)}"),
        )  # fmt: skip
        statuses.append(answer.status_code)
    assert 3 < len(statuses) <= 4 + (time.monotonic() - began) / 20
    assert set(statuses[:-1]) == {202}
    assert '"makings"' in answer.headers["RateLimit-Policy"]
    assert "2001:db8::/64" in answer.json()["detail"]
    assert 0 < int(answer.headers["Retry-After"]) <= 20


def test_a_network_of_ipv6_is_one_caller() -> None:
    assert neighbourhood("192.0.2.7") == "192.0.2.7"
    assert neighbourhood("2001:db8:1:2:3::4") == "2001:db8:1:2::/64"
    assert neighbourhood("::ffff:192.0.2.7") == "192.0.2.7"
    assert neighbourhood("unknown") == "unknown"


def test_queued_narrations_are_limited(tmp_path: Path) -> None:
    with serving(
        tmp_path / "library", NARRATOR_SERVICE__QUEUE_LIMIT="1", NARRATOR_SERVICE__GRACE="0"
    ) as running:
        long = "\n\n".join(f"This is long to say, and number {n}." for n in range(3000))
        running.ask(long)
        busy = running.client.post("/v1/narrations", json={"markdown": "One more."})
        assert busy.status_code == 503
        assert busy.json()["type"] == "/problems/busy"
        assert int(busy.headers["Retry-After"]) >= 1


def test_every_answer_has_an_id_and_guards_browsers(service: Serving) -> None:
    for path in ("/v1/narrations/x", "/nothing", "/openapi.json"):
        answer = service.client.get(path)
        assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        shared = "cross-origin" if path.startswith("/v1") else "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == shared
    kept = service.client.get("/nothing", headers={"X-Request-Id": "caller-7/a=b"})
    assert kept.headers["X-Request-Id"] == "caller-7/a=b"
    for strange in ("<script>", "x" * 101, "a b", ""):
        answer = service.client.get("/nothing", headers={"X-Request-Id": strange})
        assert answer.headers["X-Request-Id"] != strange


def test_each_request_is_a_line_in_the_log(service: Serving) -> None:
    asked = service.client.post(
        "/v1/narrations", json={"html": "<p>"}, headers={"X-Request-Id": "in-the-log"}
    )
    service.client.get("/a%0ab?secret=1", headers={"X-Request-Id": "line-two"})

    def told_lines() -> dict[Any, dict[str, Any]]:
        found = {line.get("request"): line for line in list(service.log)}
        return found if {"line-two", "in-the-log"} <= set(found) else {}

    lines = until(told_lines)
    line = lines["in-the-log"]
    assert (line["method"], line["path"], line["status"]) == (
        "POST", "/v1/narrations", asked.status_code,
    )  # fmt: skip
    assert line["seconds"] >= 0
    assert line["bytes"] == len(asked.content)
    assert lines["line-two"]["path"] == "/a\nb"


def test_the_log_for_people_has_one_line_for_each_too(tmp_path: Path) -> None:
    with serving(tmp_path / "library", NARRATOR_SERVICE__LOG="json") as running:
        assert all("level" in line for line in running.log)
    from logging import LogRecord

    from narrator.service.logs import Lines

    record = LogRecord("x", 20, "", 0, "answered", (), None)
    record.path = "/a\nb c"
    assert 'path="/a\\nb c"' in Lines().format(record)
    assert "\n" not in Lines().format(record)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(
        tmp_path_factory.mktemp("shared") / "library",
        NARRATOR_SERVICE__ORIGINS="https://example.org,https://*.example.com",
    ) as running:
        yield running


def test_scripts_of_allowed_origins_may_hear_and_ask(shared: Serving) -> None:
    made = shared.narrated("A script of another origin plays this.")
    for origin in ("https://example.org", "https://a.b.example.com"):
        audio = shared.client.get(
            made["links"]["audio"], headers={"Origin": origin, "Range": "bytes=0-1"}
        )
        assert audio.status_code == 206
        assert audio.headers["Access-Control-Allow-Origin"] == origin
        exposed = audio.headers["Access-Control-Expose-Headers"]
        assert {"Content-Range", "ETag", "Accept-Ranges"} <= set(exposed.split(", "))
        assert "Origin" in audio.headers["Vary"]
        ahead = shared.client.options(
            made["links"]["audio"],
            headers={"Origin": origin, "Access-Control-Request-Method": "GET",
                     "Access-Control-Request-Headers": "range,authorization"},
        )  # fmt: skip
        assert ahead.status_code == 200
        assert ahead.headers["Access-Control-Allow-Origin"] == origin
        assert "Range" in ahead.headers["Access-Control-Allow-Headers"]
    problem = shared.client.get("/v1/narrations/x", headers={"Origin": "https://example.org"})
    assert problem.headers["Access-Control-Allow-Origin"] == "https://example.org"


def test_scripts_of_other_origins_may_not(shared: Serving, service: Serving) -> None:
    for origin in (
        "https://evil.example", "http://example.org", "https://example.com",
        "https://example.com.evil.example", "null",
    ):  # fmt: skip
        answer = shared.client.get("/v1/narrations/x", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Vary"] == "Origin"
    answer = service.client.get("/v1/narrations/x", headers={"Origin": "https://example.org"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_who_waits_comes_before_work_that_may_wait(tmp_path: Path) -> None:
    with serving(
        tmp_path / "library", NARRATOR_THREADS="1", NARRATOR_SERVICE__GRACE="0"
    ) as running:
        later = [
            running.ask("\n\n".join(f"Batch {b} has sentence {n}." for n in range(800)), batch=True)
            for b in range(3)
        ]
        running.narrated("\n\n".join(f"Somebody waits for sentence {n}." for n in range(20)))
        states = [running.client.get(asked["links"]["self"]).json()["state"] for asked in later]
        assert "ready" not in states


def test_what_nobody_foresaw_is_told_in_the_log_and_not_to_the_world(
    caplog: pytest.LogCaptureFixture,
) -> None:

    async def broken(scope: object, receive: object, send: object) -> None:
        raise RuntimeError("the secret of the fault")

    app = Entrance(Safety(broken), ServiceSettings(), Metrics())

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/v1/narrations/x")

    answer = asyncio.run(ask())
    assert answer.status_code == 500
    assert answer.json()["type"] == "/problems/internal"
    assert "secret" not in answer.text
    assert answer.headers["X-Request-Id"]
    assert "the secret of the fault" in caplog.text
