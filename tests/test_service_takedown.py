"""What is taken down is gone, whatever happens at the same time, and is not made again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import web
from serving import Serving, paragraphs, serving


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
