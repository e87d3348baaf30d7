"""What is read can be stopped: a document that hangs or bursts costs its own request only."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import httpx
import pytest
import readers
import web
from serving import Serving, paragraphs, serving

ROOMY = {
    "NARRATOR_SERVICE__BODY_LIMIT": "50MB",
    "NARRATOR_SERVICE__ARTICLE_LIMIT": "100000000",
    "NARRATOR_SERVICE__TRUSTED_PROXIES": "127.0.0.0/8",
    "NARRATOR_SERVICE__READERS": "2",
    "NARRATOR_SERVICE__REQUESTS_PER_MINUTE": "0",
    "NARRATOR_SERVICE__MAKINGS_PER_MINUTE": "0",
    "NARRATOR_ALLOW_PRIVATE": "true",
    "NARRATOR_SERVICE__HOSTS": "127.0.0.1:*",
}
"""Limits that keep nothing large out: it is the readers that are tried here."""


def post(service: Serving, caller: str = "192.0.2.1", **body: Any) -> httpx.Response:
    """What a caller, told by its address, is answered."""
    return httpx.post(
        f"{service.url}/v1/narrations", json=body, headers={"X-Forwarded-For": caller},
        timeout=120, trust_env=False,
    )  # fmt: skip


def stopped(answer: httpx.Response, setting: str) -> dict[str, Any]:
    """The problem of a document that cost too much."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == "/problems/too-costly"
    assert setting in problem["detail"]
    assert "split it" in problem["detail"]
    return problem


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Gives a document two seconds."""
    with serving(
        tmp_path_factory.mktemp("hasty") / "library", **ROOMY, NARRATOR_SERVICE__READ_SECONDS="2"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Gives a document 40 MB."""
    with serving(
        tmp_path_factory.mktemp("narrow") / "library", **ROOMY, NARRATOR_SERVICE__READ_MEMORY="40MB"
    ) as running:
        yield running


def test_a_document_that_takes_too_long_is_stopped_and_nobody_waits_for_it(hasty: Serving) -> None:
    with ThreadPoolExecutor(3) as pool:
        bad = [pool.submit(post, hasty, "192.0.2.9", text=readers.long()) for _ in range(3)]
        readers.working(hasty.process.pid)
        for number in range(10):
            answer = post(hasty, "192.0.2.1", markdown=f"Tea is warm, said guest {number}.")
            assert answer.status_code == 202, answer.text
        assert not all(each.done() for each in bad)  # Their turns are not over.
        for each in bad:
            stopped(each.result(), "read_seconds")
    assert post(hasty, "192.0.2.9", markdown="The one who was stopped is read.").is_success


def test_a_document_that_needs_too_much_memory_is_stopped(narrow: Serving) -> None:
    with ThreadPoolExecutor(4) as pool:
        bad = [pool.submit(post, narrow, "192.0.2.9", html=readers.large()) for _ in range(2)]
        good = [pool.submit(post, narrow, "192.0.2.1", markdown=paragraphs(9)) for _ in range(2)]
        for each in good:
            assert each.result().is_success
        for each in bad:
            stopped(each.result(), "read_memory")
    narrated = narrow.narrated("After that, tea is read as ever.")
    assert narrated["state"] == "ready"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_a_reader_that_dies_costs_its_own_document_only(
    narrow: Serving, how: signal.Signals
) -> None:
    with ThreadPoolExecutor(1) as pool:
        bad = pool.submit(post, narrow, "192.0.2.9", text=readers.long(15_000))
        pid = readers.working(narrow.process.pid)
        others = set(readers.readers(narrow.process.pid)) - {pid}
        os.kill(pid, how)
        problem = stopped(bad.result(), how.name)
        assert "memory" in problem["detail"]
    assert post(narrow, markdown=f"Nothing else was lost by {how.name}.").is_success
    for _ in readers.until():
        now = set(readers.readers(narrow.process.pid))
        if len(now) == 2 and pid not in now:
            break
    assert others < now, "the pool is not as large as before"


def test_a_reader_that_dies_with_nothing_to_do_is_replaced(narrow: Serving) -> None:
    for number in range(3):
        for pid in readers.readers(narrow.process.pid):
            with suppress(ProcessLookupError):  # It ended when another did.
                os.kill(pid, signal.SIGKILL)
        answer = post(narrow, markdown=f"All readers were killed {number} times.")
        assert answer.is_success, answer.text


def test_even_what_forks_the_readers_is_replaced(narrow: Serving) -> None:
    (server,) = readers.servers(narrow.process.pid)
    before = readers.readers(narrow.process.pid)
    os.kill(server, signal.SIGKILL)
    for _ in readers.until():
        if not any(map(readers.alive, before)):
            break
    for _ in readers.until():
        answer = post(narrow, markdown="It was started again.")
        if answer.is_success:
            break
        assert answer.status_code == 503, answer.text
        assert "Retry-After" in answer.headers
    assert answer.is_success


def test_every_route_that_reads_has_the_same_bounds(hasty: Serving) -> None:
    spoken = hasty.client.post("/v1/audio/speech", json={"input": readers.long()})
    stopped(spoken, "read_seconds")
    for format_ in ("markdown", "html"):
        stopped(post(hasty, **{format_: readers.long()}), "read_seconds")


@pytest.mark.parametrize("route", ["/v1/narrations", "/v1/listen"])
def test_a_page_that_stops_its_reader_fails_once_and_for_all(hasty: Serving, route: str) -> None:
    body = f"<!doctype html><html lang=en><h1>Tide</h1><p>{readers.long()}</p></html>".encode()
    with web.serving({"/long": web.answer(body=body)}) as site:
        answer = hasty.client.post(route, json={"url": f"{site.url}/long"})
        assert answer.status_code == 202, answer.text
        link = answer.json()["links"]["self"]
        for _ in readers.until():
            status = hasty.client.get(link).json()
            if status["state"] != "reading":
                break
        assert status["state"] == "failed"
        assert status["problem"]["type"] == "/problems/too-costly"
        assert site.asked.count("/long") == 1
    assert not list((hasty.library / "requests").rglob("*.json"))


def test_what_stops_its_reader_is_not_tried_again_after_a_restart(tmp_path: Path) -> None:
    body = f"<!doctype html><html lang=en><h1>Tide</h1><p>{readers.long()}</p></html>".encode()
    with web.serving({"/long": web.answer(body=body)}) as site:
        first = Serving(tmp_path / "library", (), ROOMY)
        asked = first.client.post("/v1/narrations", json={"url": f"{site.url}/long"}).json()
        readers.working(first.process.pid)
        first.kill()
        hasty = {**ROOMY, "NARRATOR_SERVICE__READ_SECONDS": "1"}
        for _ in range(2):
            with serving(tmp_path / "library", **hasty) as again:
                for _ in readers.until():
                    status = again.client.get(asked["links"]["self"]).json()
                    if status["state"] == "failed":
                        break
                assert status["problem"]["type"] == "/problems/too-costly"
        assert site.asked.count("/long") == 2  # Once in each life that had to.


def test_a_killed_service_leaves_no_reader(tmp_path: Path) -> None:
    service = Serving(tmp_path / "library", (), {**ROOMY, "NARRATOR_SERVICE__READ_SECONDS": "600"})
    with ThreadPoolExecutor(1) as pool:
        bad = pool.submit(post, service, text=readers.long(200_000))
        readers.working(service.process.pid)
        left = [*readers.readers(service.process.pid), *readers.servers(service.process.pid)]
        assert len(left) == 3
        service.kill()
        with pytest.raises(httpx.TransportError):
            bad.result()
    for _ in readers.until():
        if not any(map(readers.alive, left)):
            break
    assert not any(map(readers.alive, left))


def test_readers_hold_no_secret_and_no_door(tmp_path: Path) -> None:
    secrets = {"NARRATOR_SERVICE__KEYS": '{"a": "read:sha256:%s"}' % ("0" * 64),
               "AWS_SECRET_ACCESS_KEY": "hush-hush", "SOME_PASSWORD": "hush-hush"}  # fmt: skip
    with serving(tmp_path / "library", **secrets) as service:
        for _ in readers.until():
            if len(readers.readers(service.process.pid)) >= 2:
                break
        every = [*readers.servers(service.process.pid), *readers.readers(service.process.pid)]
        assert len(every) >= 3
        port = int(service.url.rpartition(":")[2])
        doors = listening(port)
        assert doors & sockets(service.process.pid)
        for pid in every:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"hush-hush" not in environment
            assert b"0" * 64 not in environment
            assert b"PATH=" in environment
            assert not doors & sockets(pid)
            assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1  # Safe to fork.


def listening(port: int) -> set[str]:
    """Inodes of the sockets that listen at a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}


def sockets(pid: int) -> set[str]:
    """Inodes of the sockets that a process holds."""
    links = [str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()]
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def stopping(service: Serving) -> float:
    """Seconds that a service takes to stop."""
    began = time.monotonic()
    assert service.stop() == 0
    return time.monotonic() - began


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_service_stops_in_time_whatever_is_being_read(tmp_path: Path, workers: str) -> None:
    end = Event()

    def never(handler: Any) -> None:
        end.wait(60)

    grace = 1.0
    env = {**ROOMY, "NARRATOR_SERVICE__READ_SECONDS": "600", "NARRATOR_SERVICE__GRACE": f"{grace}"}
    body = f"<!doctype html><html lang=en><h1>Tide</h1><p>{readers.long()}</p></html>".encode()
    with web.serving({"/never": never, "/long": web.answer(body=body)}) as site:
        service = Serving(tmp_path / "library", ("--workers", workers), env)
        service.client.post("/v1/narrations", json={"url": f"{site.url}/long"})
        with ThreadPoolExecutor(4) as pool:
            asked = [
                pool.submit(post, service, f"192.0.2.{number}", text=readers.long(20_000))
                for number in range(4)
            ]
            readers.working(service.process.pid)
            every = readers.readers(service.process.pid) + readers.servers(service.process.pid)
            idle = stopping(Serving(tmp_path / "other", ("--workers", workers), env))
            service.client.post("/v1/narrations", json={"url": f"{site.url}/never"})
            for _ in readers.until():
                if "/never" in site.asked:
                    break
            took = stopping(service)
            for each in asked:
                assert each.exception() or each.result().status_code == 503
        end.set()
    assert took < idle + grace + 5
    for _ in readers.until():
        if not any(map(readers.alive, every)):
            break
    assert not any(map(readers.alive, every))
    told = json.dumps(service.log)
    assert "cannot schedule" not in told
    assert "Traceback" not in told
    assert "leaked" not in told
    assert len(list((tmp_path / "library" / "requests").rglob("*.json"))) == 2


def test_the_service_stops_in_time_whatever_is_being_spoken(tmp_path: Path) -> None:
    grace = 0.5
    with serving(
        tmp_path / "library", "--voice", "en_US-joe-medium", NARRATOR_SERVICE__GRACE=f"{grace}"
    ) as service:
        for number in range(8):
            service.ask(paragraphs(40, f"On day {number} " + "the kettle sings and " * 30))
        for _ in readers.until():
            if service.client.get("/metrics").text.count('narrator_queue{state="working"} 8.0'):
                break
        idle = stopping(Serving(tmp_path / "other", (), {}))
        assert stopping(service) < idle + grace + 5
        told = json.dumps(service.log)
        assert "cannot schedule" not in told
        assert "Traceback" not in told


def test_never_more_wait_than_may_however_many_come_at_once(tmp_path: Path) -> None:
    limit = 5
    full = {**ROOMY, "NARRATOR_SERVICE__QUEUE_LIMIT": str(limit), "NARRATOR_DISK_RESERVE": "1000TB"}
    with serving(tmp_path / "library", **full) as service:  # Nothing is spoken: all that is
        gate = Barrier(100)  # accepted waits for room on the disk.

        def ask(number: int) -> httpx.Response:
            gate.wait()
            caller = f"192.0.2.{number % 7}"
            return post(service, caller, markdown=f"Guest {number} asked for tea.")

        with ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(ask, range(100)))
        accepted = [answer for answer in answers if answer.status_code == 202]
        assert len(accepted) == limit
        for answer in answers:
            if answer not in accepted:
                assert answer.status_code == 503
                assert answer.json()["type"] == "/problems/busy"
                assert int(answer.headers["Retry-After"]) > 0
        for number, answer in enumerate(answers[:20]):
            again = post(service, markdown=f"Guest {number} asked for tea.")
            assert again.status_code == (202 if answer in accepted else 503)
    with serving(tmp_path / "library", **ROOMY) as service:
        for answer in accepted:
            assert service.finished(answer.json()["id"])["state"] == "ready"
