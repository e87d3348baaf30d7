"""A takedown holds for what listeners chose: whatever is begun while it is stored, in every
process, on disk and after a restore; and not for another article with the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import web
from faulty import FAULTED, Fault, in_process, injected
from publisher import html
from waiting import until

from narrator.errors import NarratorError
from narrator.service.context import Service

JOE = {"voice": "en_US-joe-medium"}

Running = tuple[httpx.Client, Service, web.Site, Path]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A service in this process, a site that it may read, and its library."""
    folder = tmp_path / "library"
    with web.serving({}) as site, in_process(folder) as (client, service):
        yield client, service, site, folder


def page(site: web.Site, path: str, *sentences: str) -> str:
    site.answers[path] = web.answer(body=html("Tide", *sentences))
    return f"{site.url}{path}"


def long(words: str) -> list[str]:
    return [f"{words}, for the {n}th time." for n in range(200)]


def listen(client: httpx.Client, url: str, **fields: Any) -> dict[str, Any]:
    """What a listener is told once the page is read."""
    told: dict[str, Any] = {}

    def is_read() -> bool:
        nonlocal told
        answer = client.post("/v1/listen", json={"url": url, **fields})
        assert answer.status_code in (200, 202), answer.text
        told = answer.json()
        return bool(told["state"] != "reading")

    until(is_read, lambda: told)
    return told


def heard(client: httpx.Client, url: str, **fields: Any) -> dict[str, Any]:
    """The same once it is finished."""
    told: dict[str, Any] = {}

    def is_ready() -> bool:
        nonlocal told
        told = listen(client, url, **fields)
        return bool(told["state"] == "ready")

    until(is_ready, lambda: told)
    return told


def take_down(client: httpx.Client, article: str) -> None:
    assert client.delete(f"/v1/articles/{article}").status_code == 204


def is_gone(client: httpx.Client, narration: str) -> bool:
    return client.get(f"/v1/narrations/{narration}").status_code in (404, 410)


def left(folder: Path) -> list[str]:
    """What there is of passing narrations and requests."""
    places = ("narrations", "requests", "files")
    return [p.name for place in places for p in (folder / "passing" / place).rglob("*.*")]


def when(operation: str, prefix: str, act: Callable[[], None]) -> Fault:
    """Acts once, before the first such operation on a name."""
    acted: list[str] = []

    def fault(done: str, name: str) -> NarratorError | None:
        if done == operation and name.startswith(prefix) and not acted:
            acted.append(name)
            act()
        return None

    return fault


@pytest.mark.parametrize("at", ["passing/requests/", "passing/files/", "passing/narrations/"])
def test_what_a_listener_begins_while_the_takedown_is_stored(running: Running, at: str) -> None:
    """The takedown is carried out as a whole just before the listener's request, the audio or the
    manifest is written."""
    client, service, site, folder = running
    url = page(site, "/tide", "The tide comes in twice a day.")
    own = heard(client, url)
    down: list[str] = []

    def act() -> None:
        take_down(client, own["article"])
        down.append(at)

    with injected(when("write", at, act)):
        answer = client.post(
            "/v1/listen", json={"url": url, **JOE}, headers={"X-Request-Id": FAULTED}
        )
        until(lambda: down, "nothing was written there")
        until(lambda: not service.workshop.makings(), "it is still being made")
    if answer.status_code in (200, 202):
        told = answer.json()
        assert is_gone(client, told["id"])
        assert client.get(told["links"]["audio"]).status_code in (404, 410)
    else:
        assert answer.status_code == 410
    for place in ("narrations", "requests"):
        assert not list((folder / "passing" / place).rglob("*.json")), "no round is needed for that"
    assert client.post(f"/v1/articles/{own['article']}/restore").status_code == 204
    assert not service.workshop.makings()
    assert heard(client, url, **JOE)["state"] == "ready"


def test_what_another_process_took_down_is_made_no_more(running: Running) -> None:
    client, service, site, folder = running
    url = page(site, "/tide", *long("The tide comes in"))
    own = listen(client, url)
    told = listen(client, url, **JOE)
    (making,) = [each for each in service.workshop.makings() if each.id == told["id"]]
    with in_process(folder) as (other, _):
        take_down(other, own["article"])
    until(lambda: making.over, "it is made to its end")
    assert making.state == "failed"
    assert len(making.cues) < making.total
    assert is_gone(client, told["id"])
    until(lambda: not service.workshop.makings(), "something is made")
    assert not left(folder)


def test_a_takedown_removes_what_listeners_chose(running: Running) -> None:
    client, service, site, folder = running
    url = page(site, "/tide", "The tide comes in twice a day.")
    site.answers["/tide?q=1"] = web.answer(body=html("Tide", "And out twice."))
    own = heard(client, url)
    finished = [heard(client, url, **JOE), heard(client, f"{url}?q=1")]
    page(site, "/other", "Boats lie in the mud.")
    other = heard(client, f"{site.url}/other", **JOE)
    site.answers["/tide?q=2"] = web.answer(body=html("Tide", *long("The moon is full")))
    working = listen(client, f"{url}?q=2", **JOE)
    with in_process(folder) as (elsewhere, _):
        take_down(elsewhere, own["article"])
    ids = [path.stem for path in (folder / "passing" / "narrations").rglob("*.json")]
    assert ids == [other["id"]]
    assert not list((folder / "passing" / "requests").rglob("*.json"))
    until(lambda: not service.workshop.makings(), "it is still being made")
    for told in (*finished, working):
        assert is_gone(client, told["id"])
    assert client.post(f"/v1/articles/{own['article']}/restore").status_code == 204
    for told in (*finished, working):
        assert client.get(told["links"]["audio"]).status_code == 404
    assert not service.workshop.makings()
    assert client.get(other["links"]["audio"]).status_code == 200
    again = heard(client, url, **JOE)
    assert again["id"] == finished[0]["id"]
    assert client.get(again["links"]["audio"]).status_code == 200


def test_what_only_passes_can_be_taken_down(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with web.serving({}) as site, in_process(folder, listen_adds=False) as (client, _):
        url = page(site, "/tide", "The tide comes in twice a day.")
        told = heard(client, url)
        take_down(client, told["article"])
        assert is_gone(client, told["id"])
        assert client.post("/v1/listen", json={"url": url}).status_code == 410
        assert not left(folder)


def test_another_article_with_the_same_words_is_made_anew(running: Running) -> None:
    client, _, site, _ = running
    one, two = (page(site, path, "Agencies write for many.") for path in ("/one", "/two"))
    first = [heard(client, one), heard(client, two)]
    chosen = [heard(client, one, **JOE), heard(client, two, **JOE)]
    assert chosen[0]["id"] == chosen[1]["id"]
    for number, (gone, stays) in enumerate(((one, two), (two, one))):
        article = first[number]["article"]
        take_down(client, article)
        assert client.post("/v1/listen", json={"url": gone, **JOE}).status_code == 410
        again = heard(client, stays, **JOE)
        assert again["id"] == chosen[0]["id"]
        assert client.get(again["links"]["audio"]).status_code == 200
        assert again["article"] != article
        assert client.post(f"/v1/articles/{article}/restore").status_code == 204
        assert heard(client, gone, **JOE)["id"] == chosen[0]["id"]


def test_a_making_goes_on_for_another_article_with_the_same_words(running: Running) -> None:
    client, service, site, _ = running
    text = long("The agency says so")
    one, two = (page(site, path, *text) for path in ("/one", "/two"))
    first, _ = listen(client, one), listen(client, two)
    told = listen(client, one, **JOE)
    assert listen(client, two, **JOE)["id"] == told["id"]
    (making,) = [each for each in service.workshop.makings() if each.id == told["id"]]
    take_down(client, first["article"])
    until(lambda: making.over, "it is not made", 0.2)
    assert making.state == "ready", making.error
    assert client.get(told["links"]["audio"]).status_code == 200
    assert heard(client, two, **JOE)["id"] == told["id"]
