"""What is taken down is gone, whatever happens at the same time, and is not made again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import web
from serving import Serving, paragraphs, serving

from narrator.library import open_library
from narrator.library.segments import segment_name
from narrator.service.shelf import SEGMENT_LIST, Manifest, Outcome, Shelf


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("takedown") / "library") as running:
        yield running


def test_a_takedown_is_remembered(tmp_path: Path) -> None:
    text = "This must not be heard.\n\nNor this."
    with serving(tmp_path / "library") as running:
        status = running.narrated(text, id="bad")
        assert running.client.delete(status["links"]["self"]).status_code == 204
        assert running.client.delete(status["links"]["self"]).status_code == 410
        assert not list((running.library / "files").rglob("f1-*"))
        assert not list((running.library / "segments").rglob("*.flac"))
        assert not list((running.library / "encoded").rglob("*.mp3"))
    with serving(tmp_path / "library") as again:
        assert again.client.get(status["links"]["audio"]).status_code == 410
        refused = again.client.post("/v1/narrations", json={"markdown": text})
        assert refused.status_code == 410
        assert refused.json()["type"] == "/problems/taken-down"
        assert again.narrated(f"{text}\n\nBut with this it is another.")["state"] == "ready"


def on_shelf(shelf: Shelf, name: str, *segments: str) -> Manifest:
    """A narration of segments, some of which others may have."""
    for key in segments:
        shelf.library.write(segment_name(key), key.encode())
    bare = Manifest(f"N2-{name * 32}", "a1", "Tea", "en", "tone", 1.0, 1.0, len(segments), 1.0)
    return shelf.commit(
        bare, {SEGMENT_LIST: (json.dumps(segments).encode(), "application/json"),
               "audio.mp3": (name.encode(), "audio/mpeg")}
    )  # fmt: skip


def test_what_others_need_stays(tmp_path: Path) -> None:
    shelf = Shelf(open_library(str(tmp_path)))
    one = on_shelf(shelf, "1", "n1-a", "n1-b")
    two = on_shelf(shelf, "2", "n1-b", "n1-c")
    three = on_shelf(shelf, "3", "n1-c")

    def left() -> set[str]:
        return {path.name for path in (tmp_path / "segments").rglob("*.flac")}

    shelf.take_down(one.id, "test")
    assert left() == {"n1-b.flac", "n1-c.flac"}
    four = on_shelf(shelf, "4", "n1-b")  # Nobody knew of it at the first time.
    shelf.discard(two)
    assert left() == {"n1-b.flac", "n1-c.flac"}
    shelf.discard(three)
    assert left() == {"n1-b.flac"}
    shelf.discard(four)
    assert left() == set()
    assert not list((tmp_path / "files").rglob("f1-*"))


def test_why_a_request_failed_is_forgotten_after_a_while(tmp_path: Path) -> None:
    shelf = Shelf(open_library(str(tmp_path)))
    stays, goes = on_shelf(shelf, "1"), on_shelf(shelf, "2")
    became = {"q1-stays": stays.id, "q1-goes": goes.id, "q1-failed": "", "q1-down": "N2-down"}
    for request, narration in became.items():
        shelf.settle(request, Outcome(narration))
    shelf.library.write("tombstones/N2-down.json", b"{}")
    assert shelf.forget_outcomes(time.time() - 60) == 0
    shelf.discard(goes)
    assert shelf.forget_outcomes(time.time() + 60) == 2
    assert shelf.outcome("q1-stays") == Outcome(stays.id)
    assert shelf.outcome("q1-down") is not None
    assert shelf.outcome("q1-goes") is None
    assert shelf.outcome("q1-failed") is None


def test_what_is_unknown_cannot_be_taken_down(service: Serving) -> None:
    for unknown in ("N2-" + "0" * 32, "nothing", "q1-" + "f" * 32):
        assert service.client.delete(f"/v1/narrations/{unknown}").status_code == 404


def test_a_takedown_while_many_ask_for_the_same(service: Serving) -> None:
    text = paragraphs(400, "Asked for and taken down at the same time")
    asked = service.ask(text)

    def ask(number: int) -> int:
        if number == 10:
            return service.client.delete(asked["links"]["self"]).status_code
        return service.client.post("/v1/narrations", json={"markdown": text}).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(ask, range(40)))
    assert codes[10] == 204
    assert set(codes) <= {202, 201, 204, 410}
    assert codes[-1] == 410
    assert service.client.get(asked["links"]["audio"]).status_code == 410
    assert not list((service.library / "requests").rglob(f"{asked['id']}.json"))
    assert not list((service.library / "narrations").rglob(f"{asked['id']}.json"))


@pytest.fixture
def tide(tmp_path: Path) -> Iterator[tuple[Serving, str]]:
    """A service that may fetch a page, and the address of the page."""
    body = b"<!doctype html><html lang=en><h1>Tide</h1><p>The tide comes in twice a day.</p></html>"
    with (
        web.serving({"/tide": web.answer(body=body)}) as site,
        serving(
            tmp_path / "library",
            NARRATOR_ALLOW_PRIVATE="true",
            NARRATOR_SERVICE__HOSTS="127.0.0.1:*",
        ) as running,
    ):
        yield running, f"{site.url}/tide"


def test_a_page_that_was_taken_down_is_not_played(tide: tuple[Serving, str]) -> None:
    running, url = tide
    asked = running.client.post("/v1/listen", json={"url": url}).json()
    status = running.finished(asked["id"])
    assert running.client.delete(status["links"]["self"]).status_code == 204
    gone = running.client.post("/v1/listen", json={"url": url})
    assert gone.status_code == 410


def test_the_request_of_a_page_can_be_taken_down(tide: tuple[Serving, str]) -> None:
    running, url = tide
    asked = running.client.post("/v1/narrations", json={"url": url}).json()
    assert running.client.delete(asked["links"]["self"]).status_code == 204
    assert running.client.get(asked["links"]["self"]).status_code == 410
    assert running.client.get(asked["links"]["audio"]).status_code == 410
