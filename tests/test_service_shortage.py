"""A machine that has too little: files, memory, threads. Never 500, never a traceback, and all is
well again when there is enough."""

from __future__ import annotations

import asyncio
import errno
import json
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from serving import serving

from narrator.errors import LibraryError, SpeechError, UsageError
from narrator.service.crowd import KEPT_FILES, Crowd
from narrator.service.entrance import Entrance, Safety
from narrator.service.metrics import Metrics
from narrator.service.shortage import shortage
from narrator.settings import ServiceSettings

BOUND = 60.0
VOICES = b"GET /v1/voices HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_a_service_without_files_says_so_and_recovers(tmp_path: Path) -> None:
    with serving(tmp_path / "library") as running, ExitStack() as stack:
        done = running.narrated("It is made before files are scarce.")
        process = running.process.pid
        few = len(list(Path(f"/proc/{process}/fd").iterdir())) + 60
        resource.prlimit(process, resource.RLIMIT_NOFILE, (few, 20_000))
        url = httpx.URL(running.url)
        answers = []
        for _ in range(150):
            one = stack.enter_context(socket.create_connection((url.host, url.port or 80), BOUND))
            one.sendall(VOICES)
            answers.append(one.recv(65_536))
        kinds = {answer[:12] for answer in answers}
        # On a slow machine the first have been silent so long that they make room for the last.
        assert kinds <= {b"HTTP/1.1 200", b"HTTP/1.1 503"}
        refused = [answer for answer in answers if answer.startswith(b"HTTP/1.1 503")]
        assert all(b"Retry-After: 5" in answer for answer in refused)
        for path in ("/healthz", "/readyz"):
            probe = httpx.get(f"{running.url}{path}", trust_env=False, timeout=BOUND)
            assert probe.status_code == 200
        # None is left at all: what is read, asked and made by a connection that is open.
        resource.prlimit(process, resource.RLIMIT_NOFILE, (3, 20_000))
        for article in ({"markdown": "It cannot be made."}, {"text": "Nor can this."}):
            asked = running.client.post("/v1/narrations", json=article)
            assert asked.status_code in (202, 503), asked.text  # It may be stored already.
            if asked.status_code == 503:
                assert int(asked.headers["Retry-After"]) > 0
        heard = running.client.get(done["links"]["audio"])
        assert heard.status_code in (200, 503)
        resource.prlimit(process, resource.RLIMIT_NOFILE, (4000, 20_000))
        stack.close()
        deadline = time.monotonic() + BOUND
        while True:
            asked = running.client.post("/v1/narrations", json={"markdown": "It can be made."})
            if asked.status_code in (201, 202):
                break
            assert asked.status_code == 503, asked.text
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert running.finished(asked.json()["id"])
        told = [line for line in running.log if line["level"] in ("warning", "error", "raw")]
    assert len(told) < 30, told
    assert not [line for line in told if "trace" in line or line["level"] == "raw"], told


def test_a_service_without_memory_says_so_and_recovers(tmp_path: Path) -> None:
    with serving(tmp_path / "library") as running:
        running.narrated("It is made before memory is scarce.")
        process = running.process.pid
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[0])
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        body = json.dumps({"text": "Long. " * 700_000}).encode()
        statuses = set()
        try:
            resource.prlimit(
                process, resource.RLIMIT_AS, (pages * 4096 + 4_000_000, resource.RLIM_INFINITY)
            )
            for _ in range(6):
                try:
                    answer = httpx.post(
                        f"{running.url}/v1/narrations", content=body, timeout=BOUND,
                        headers={"Content-Type": "application/json"}, trust_env=False,
                    )  # fmt: skip
                except httpx.TransportError:
                    continue  # The connection itself found none.
                statuses.add(answer.status_code)
                if answer.status_code == 503:
                    assert answer.headers["Content-Type"] == "application/problem+json"
                    assert int(answer.headers["Retry-After"]) > 0
        finally:
            resource.prlimit(process, resource.RLIMIT_AS, unlimited)
        assert statuses <= {413, 503}, statuses  # Where there was enough, it is too long.
        assert running.narrated("It is made when there is enough.")["state"] == "ready"
        told = [line for line in running.log if line["level"] in ("warning", "error", "raw")]
    assert not [line for line in told if "trace" in line or "Traceback" in line["message"]], told


class Nobody:
    """A connection that is never ended."""

    def leave(self) -> None:
        """See Guest."""

    def cut(self) -> None:
        """See Guest."""


def test_the_last_files_are_not_for_connections() -> None:
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    crowd = Crowd(10, 0, 60.0)
    for file, spare in ((5, False), (most - KEPT_FILES - 1, False), (most - KEPT_FILES, True)):
        guest = Nobody()
        assert crowd.enter(guest, "127.0.0.1", file)
        assert crowd.is_spare(guest) == spare


def ran(code: str) -> subprocess.CompletedProcess[str]:
    """A process that ran this Python."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=BOUND
    )


def answered(work: Callable[[], Awaitable[None]]) -> httpx.Response:
    async def broken(scope: object, receive: object, send: object) -> None:
        await work()

    async def ask() -> httpx.Response:
        app = Entrance(Safety(broken), ServiceSettings(), Metrics())
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/v1/voices")

    return asyncio.run(ask())


async def take_all_memory() -> None:
    bytearray(1 << 62)


async def take_all_memory_in_a_thread() -> None:
    await asyncio.to_thread(bytearray, 1 << 62)


async def open_too_many() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        Path(__file__).read_bytes()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def fill_the_disk() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"x")


@pytest.mark.parametrize(
    ("work", "status"),
    [(take_all_memory, 503), (take_all_memory_in_a_thread, 503), (open_too_many, 503),
     (fill_the_disk, 507)],
)  # fmt: skip
def test_what_is_short_is_told_as_such(
    work: Callable[[], Awaitable[None]], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    answer = answered(work)
    assert answer.status_code == status, answer.text
    assert answer.json()["type"] == (
        "/problems/busy" if status == 503 else "/problems/storage-full"
    )
    assert int(answer.headers["Retry-After"]) > 0
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("error", "short"),
    [(OSError(errno.EMFILE, "x"), True), (OSError(errno.ENFILE, "x"), True), (MemoryError(), True),
     (OSError(errno.ENOSPC, "x"), True), (RuntimeError("can't start new thread"), True),
     (OSError(errno.ENOENT, "x"), False), (RuntimeError("x"), False), (UsageError("x"), False)],
    ids=repr,
)  # fmt: skip
def test_what_is_short_is_found_wherever_it_began(error: Exception, short: bool) -> None:
    assert (shortage(error) is not None) == short
    for outer in (LibraryError("y"), SpeechError("y")):
        outer.__cause__ = error
        assert (shortage(outer) is not None) == short


def test_a_thread_that_cannot_be_started_is_a_shortage() -> None:
    code = (
        "import resource, threading, time\n"
        "from narrator.service.shortage import shortage\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "threading.stack_size(1 << 29)\n"
        "try:\n"
        "    for _ in range(9):\n"
        "        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"
        "except RuntimeError as error:\n"
        "    print(type(shortage(error)).__name__)\n"
    )
    done = ran(code)
    assert done.stdout == "Busy\n", done.stderr
    assert threading.active_count() >= 1


@pytest.mark.parametrize(("files", "connections"), [(300, 86), (1024, 448), (5000, 1000)])
def test_connections_are_as_many_as_files_can_be_opened(files: int, connections: int) -> None:
    code = (
        "import resource\n"
        "from narrator.service.server import _within_open_files\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (min({files}, 200), {files}))\n"
        "print(_within_open_files(1000))\n"
    )
    done = ran(code)
    assert done.stdout == f"{connections}\n", done.stderr
