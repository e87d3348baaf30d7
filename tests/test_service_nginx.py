"""The service behind nginx, set up as ARCHITECTURE.md says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from serving import Serving, paragraphs, serving
from waiting import PATIENCE

from narrator.bench.server import free_port

EXAMPLE = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
ADDRESS = "http://127.0.0.1:8080"
NAME = "listen.example"


def example() -> str:
    """The configuration that we advise."""
    told = Path(__file__).parents[1] / "ARCHITECTURE.md"
    found = EXAMPLE.search(told.read_text(encoding="utf-8"))
    assert found is not None
    assert ADDRESS in found[1]
    return found[1]


@contextmanager
def nginx(folder: Path, service: str) -> Iterator[str]:
    """The address of an nginx before a service."""
    port = free_port()
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    owner = (
        "user root;\n" if os.getuid() == 0 else ""
    )  # Else its worker is nobody, and has no folder.
    config = folder / "nginx.conf"
    config.write_text(
        f"{owner}daemon off; pid {folder}/nginx.pid; error_log stderr;\n"
        f"events {{ worker_connections 64; }}\nhttp {{\naccess_log off;\n{places}"
        f"server {{ listen 127.0.0.1:{port};\n{example().replace(ADDRESS, service)}}}\n}}\n"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"  # Not in the path of all users.
    process = subprocess.Popen([program, "-c", str(config), "-p", str(folder)])
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None
            assert time.monotonic() < deadline
            try:
                httpx.get(address, trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.02)
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(
        tmp_path_factory.mktemp("nginx") / "library",
        NARRATOR_SERVICE__TRUSTED_PROXIES="127.0.0.1",
        NARRATOR_SERVICE__PUBLIC_HOSTS=NAME,
    ) as running:
        running.client.headers["Host"] = NAME
        yield running


@pytest.fixture(scope="module")
def outside(service: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client that knows nginx only."""
    with (
        nginx(tmp_path_factory.mktemp("front"), service.url) as address,
        httpx.Client(
            base_url=address, headers={"Host": NAME}, timeout=PATIENCE, trust_env=False
        ) as client,
    ):
        yield client


def test_what_is_being_made_is_heard_while_it_is(service: Serving, outside: httpx.Client) -> None:
    """A listener who had to wait for the end would find it ready with the first bytes."""
    asked = outside.post("/v1/narrations", json={"markdown": paragraphs(3000)}).json()
    with outside.stream("GET", asked["links"]["audio"]) as live:
        assert live.status_code == 200
        assert "Content-Length" not in live.headers
        assert live.headers["Cache-Control"] == "no-store"
        assert next(live.iter_raw(100))
        status = outside.get(asked["links"]["self"]).json()
    assert status["state"] == "working"
    with outside.stream("GET", asked["links"]["events"]) as happening:
        assert next(happening.iter_lines()) == "event: status"
        assert outside.get(asked["links"]["self"]).json()["state"] == "working"
    assert outside.delete(asked["links"]["self"]).status_code == 204
    assert outside.get(asked["links"]["audio"]).status_code == 410


def test_what_is_ready_comes_whole_and_in_parts(service: Serving, outside: httpx.Client) -> None:
    link = service.narrated(paragraphs(60))["links"]["audio"]
    own, through = service.client.get(link), outside.get(link)
    assert through.content == own.content
    for name in ("ETag", "Accept-Ranges", "Cache-Control", "Content-Length", "Content-Type"):
        assert through.headers[name] == own.headers[name]
    part = outside.get(link, headers={"Range": "bytes=1000-1999", "If-Range": own.headers["ETag"]})
    assert part.status_code == 206
    assert part.content == own.content[1000:2000]
    assert outside.get(link, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert outside.head(link).headers["Content-Length"] == own.headers["Content-Length"]
    known = outside.get(link, headers={"If-None-Match": own.headers["ETag"]})
    assert known.status_code == 304


def test_the_log_knows_the_client_and_the_id_of_the_request(
    service: Serving, outside: httpx.Client
) -> None:
    answer = outside.get("/v1/voices", headers={"X-Forwarded-For": "192.0.2.7"})
    given = answer.headers["X-Request-Id"]
    deadline = time.monotonic() + PATIENCE
    while not (lines := [line for line in service.log if line.get("request") == given]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert re.fullmatch(r"[0-9a-f]{32}", given), "nginx made it"
    assert lines[0]["client"] == "192.0.2.7", "the address before the proxies that are trusted"


def test_too_large_a_body_is_refused(outside: httpx.Client) -> None:
    body = {"markdown": "x" * 6_000_000}
    assert outside.post("/v1/narrations", json=body).status_code == 413
