"""A library that is full or cannot be written: what is finished is heard, takedowns hold, and all
else is a clear 503 or 507."""

from __future__ import annotations

import os
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import web
from faulty import FAULTED, in_process, injected
from object_store import ObjectStore
from serving import Serving, paragraphs, serving

from narrator.errors import LibraryError, NarratorError, StorageFull
from narrator.service.keys import Scope, new_key


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here (root may): {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> None:
    """Until not one byte is left."""
    with (disk / "filler").open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            while True:
                try:
                    if not file.write(b"x" * size):
                        break
                except OSError:
                    break
    with pytest.raises(OSError, match="No space"):
        (disk / "one-more").write_bytes(b"x")
    (disk / "one-more").unlink(missing_ok=True)


def problem(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    assert answer.status_code in statuses, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert len(told["detail"]) > 40
    return told


def test_a_takedown_on_a_disk_without_one_free_byte(small: Path) -> None:
    library = small / "library"
    with serving(library, NARRATOR_DISK_RESERVE="0") as running:
        kept = running.narrated("This one stays.", id="kept")
        down = running.narrated(paragraphs(3, "Down on a full disk"), id="down")
        deadline = time.monotonic() + 60
        while not list(library.rglob("spare/*/s1-*.bin")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        fill(small)
        full = problem(running.client.post("/v1/narrations", json={"markdown": "More."}), 507)
        assert full["type"] == "/problems/storage-full"
        assert str(library) not in full["detail"]
        assert running.client.delete("/v1/articles/down").status_code == 204
        fill(small)  # What was freed is taken by somebody else.
        assert running.client.get(down["links"]["audio"]).status_code == 410
        assert running.client.get(kept["links"]["audio"]).status_code == 200
        assert running.client.get("/v1/articles/kept").status_code == 200
        assert running.client.get("/feed.xml").status_code == 200
        assert running.client.get("/healthz").status_code == 200
        problem(running.client.get("/readyz"), 503)
        assert not [line for line in running.log if "trace" in line]
    with serving(library, NARRATOR_DISK_RESERVE="0") as again:  # It holds, and it starts.
        assert again.client.get(down["links"]["audio"]).status_code == 410
        assert again.client.get("/v1/articles/down").status_code == 410
        gone = again.client.post("/v1/narrations", json={"markdown": "New.", "id": "down"})
        assert gone.status_code == 410
        assert again.client.get(kept["links"]["audio"]).status_code == 200
        (small / "filler").unlink()
        assert again.client.post("/v1/articles/down/restore").status_code == 204
        made = again.narrated(paragraphs(3, "Down on a full disk"), id="down")
        assert made["sha256"] == down["sha256"]


REFUSALS: dict[str, Callable[[], NarratorError]] = {
    "ENOSPC": lambda: StorageFull("No space left for the library at /secret/place."),
    "EROFS": lambda: LibraryError("Cannot write /secret/place: Read-only file system."),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_no_route_fails_where_nothing_can_be_written(tmp_path: Path, refusal: str) -> None:
    body = b"<!doctype html><html lang=en><h1>Tide</h1><p>It comes in twice a day.</p></html>"
    with (
        web.serving({"/tide": web.answer(body=body)}) as site,
        in_process(tmp_path / "library", count_listening=True) as (client, service),
    ):
        client.headers["X-Request-Id"] = FAULTED
        asked = client.post("/v1/narrations", json={"markdown": "Finished.", "id": "tea"}).json()
        deadline = time.monotonic() + 60
        while client.get(asked["links"]["self"]).json()["state"] != "ready":
            assert time.monotonic() < deadline
            time.sleep(0.02)

        def fault(operation: str, name: str) -> NarratorError | None:
            return REFUSALS[refusal]() if operation in ("write", "replace", "remove") else None

        status = 507 if refusal == "ENOSPC" else 503
        with injected(fault):
            for part in ("", "/audio.mp3", "/cues.json", "/captions.vtt", "/script.json",
                         "/chapters.json", "/transcript.txt", "/events"):  # fmt: skip
                assert client.get(f"{asked['links']['self']}{part}").status_code == 200, part
            for path in ("/v1/articles/tea", "/v1/articles/tea/audio.mp3", "/feed.xml", "/healthz",
                         "/metrics", "/v1/voices", "/docs", "/v1/heard"):  # fmt: skip
                assert client.get(path).status_code == 200, path
            same = client.post("/v1/narrations", json={"markdown": "Finished.", "id": "tea"})
            assert same.status_code == 201
            service.health._at = -100.0
            problem(client.get("/readyz"), 503)
            service.counts._kept_at = -100.0  # type: ignore[union-attr]
            assert client.post("/v1/heard?article=tea&percent=0").status_code in (204, status)
            for answer in (
                client.post("/v1/narrations", json={"markdown": "New."}),
                client.post("/v1/narrations", json={"markdown": "New.", "id": "tea"}),
                client.post("/v1/narrations", json={"url": "http://127.0.0.1:9/x"}),
                client.post("/v1/listen", json={"url": f"{site.url}/tide"}),
                client.delete("/v1/articles/tea"),
            ):
                told = problem(answer, status)
                assert "/secret" not in answer.text
                assert int(answer.headers["Retry-After"]) > 0
                assert told["status"] == status
            # The takedown could not be stored; this process plays it no more all the same.
            assert client.get("/v1/articles/tea").status_code == 410
            assert client.get(asked["links"]["audio"]).status_code == 410
            again = problem(client.delete("/v1/articles/tea"), status)
            assert "send the same request again" in again["detail"]
            by_narration = client.delete(asked["links"]["self"])
            problem(by_narration, status)
            # Nothing is stored that would have to be removed.
            assert client.post("/v1/articles/tea/restore").status_code == 204
            assert client.get("/v1/articles/tea").status_code == 200
        assert client.delete("/v1/articles/tea").status_code == 204
        assert client.get("/v1/articles/tea").status_code == 410


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_a_library_of_somebody_else(tmp_path: Path) -> None:
    """EACCES: a service whose user may only read the library starts, and plays what is there."""
    disk = tmp_path / "disk"
    disk.mkdir()
    bound = subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if bound.returncode:
        pytest.skip(f"no disk can be mounted here (root may): {bound.stderr.strip()}")
    library = disk / "library"
    try:
        with serving(library) as running:
            ready = running.narrated("Finished before.", id="tea")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with read_only(library, tmp_path) as again:
            assert again.client.get(ready["links"]["audio"]).status_code == 200
            assert again.client.get("/feed.xml").status_code == 200
            assert again.client.get("/healthz").status_code == 200
            same = again.client.post(
                "/v1/narrations", json={"markdown": "Finished before.", "id": "tea"}
            )
            assert same.status_code == 201
            problem(again.client.post("/v1/narrations", json={"markdown": "New."}), 503)
            problem(again.client.delete("/v1/articles/tea"), 503)
            assert again.client.get(ready["links"]["audio"]).status_code == 410
            unready = problem(again.client.get("/readyz"), 503)
            assert unready["checks"]["library"] != "ok"
            assert not [line for line in again.log if "trace" in line]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


class read_only(Serving):  # noqa: N801
    """A service on a library that cannot be written; its folder is elsewhere."""

    def __init__(self, library: Path, folder: Path) -> None:
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        super().__init__(elsewhere / "library", (), {"NARRATOR_LIBRARY": str(library)})

    def __enter__(self) -> read_only:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


# Everywhere


def keyed(name: str, scope: Scope) -> tuple[str, dict[str, str]]:
    """A key and the environment that makes it known."""
    key, line = new_key(name, scope)
    return key, {f"NARRATOR_SERVICE__KEYS__{name.upper()}": line.split('"')[1]}


def test_a_takedown_holds_in_all_workers_at_once(tmp_path: Path) -> None:
    key, env = keyed("editor", "admin")
    with serving(tmp_path / "library", "--workers", "2", **env) as running:
        headers = {"Authorization": f"Bearer {key}"}

        def fresh(method: str, path: str, **options: Any) -> httpx.Response:
            """Over a connection of its own, so that any worker may answer."""
            with httpx.Client(base_url=running.url, timeout=60, trust_env=False) as client:
                return client.request(method, path, headers=headers, **options)

        url = "http://example.org/working"
        head = f"<html lang=en><link rel=canonical href='{url}'><h1>T</h1>"
        page = head + "".join(f"<p>Sentence {n} takes its time.</p>" for n in range(800))
        working = fresh("POST", "/v1/narrations", json={"html": page, "id": "long"}).json()
        for _ in range(6):
            assert fresh("GET", working["links"]["self"]).status_code == 200
        with (
            httpx.Client(base_url=running.url, timeout=60, trust_env=False) as listener,
            listener.stream("GET", working["links"]["audio"]) as stream,
        ):
            sound = stream.iter_bytes()
            next(sound)
            assert fresh("DELETE", "/v1/articles/long").status_code == 204
            with pytest.raises(httpx.RemoteProtocolError):  # It is cut, not ended.
                deque(sound, maxlen=0)
        for _ in range(6):
            for path in (working["links"]["self"], "/v1/articles/long", working["links"]["audio"]):
                assert fresh("GET", path).status_code == 410
            again = fresh("POST", "/v1/narrations", json={"html": page, "speed": 1.2})
            assert again.status_code == 410
        assert not list((running.library / "requests").rglob("*.json"))
        assert fresh("POST", "/v1/articles/long/restore").status_code == 204
        done = [line for line in running.log if line["message"] in ("took down", "restored")]
        assert [(d["message"], d["key"], d["article"]) for d in done] == [
            ("took down", "editor", "long"), ("restored", "editor", "long")
        ]  # fmt: skip
        assert url in done[0]["addresses"]


def test_only_an_admin_takes_down_and_restores(tmp_path: Path) -> None:
    key, env = keyed("writer", "narrate")
    with serving(tmp_path / "library", **env) as running:
        for headers, status in (({}, 401), ({"Authorization": f"Bearer {key}"}, 403)):
            for method, path in (
                ("DELETE", "/v1/articles/tea"), ("POST", "/v1/articles/tea/restore")
            ):  # fmt: skip
                answer = running.client.request(method, path, headers=headers)
                assert answer.status_code == status, path


def test_it_holds_in_an_object_store_for_every_machine(tmp_path: Path) -> None:
    with ObjectStore() as store:
        env = {**store.environment, "NARRATOR_LIBRARY": f"{store.url}/takedown"}
        (tmp_path / "one").mkdir()
        (tmp_path / "two").mkdir()
        with (
            serving(tmp_path / "one" / "library", **env) as one,
            serving(tmp_path / "two" / "library", **env) as two,
        ):
            url = "http://example.org/tea"
            html = f"<html lang=en><link rel=canonical href='{url}'><h1>Tea</h1><p>Water it.</p>"
            asked = one.client.post("/v1/narrations", json={"html": html, "id": "tea"}).json()
            ready = one.finished(asked["id"])
            assert two.client.get(ready["links"]["audio"]).status_code == 200
            assert one.client.delete("/v1/articles/tea").status_code == 204
            for service in (one, two):
                assert service.client.get(ready["links"]["audio"]).status_code == 410
                assert service.client.get("/v1/articles/tea").status_code == 410
                spelled = html.replace(url, "HTTPS://EXAMPLE.org//tea/?x=1")
                gone = service.client.post("/v1/narrations", json={"html": spelled})
                assert gone.status_code == 410
            assert two.client.post("/v1/articles/tea/restore").status_code == 204
            again = one.client.post("/v1/narrations", json={"html": html, "id": "tea"}).json()
            assert one.finished(again["id"])["sha256"] == ready["sha256"]
