"""The service reads pages: those that it may, and again when they may have changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import web
from serving import Serving, serving
from waiting import PATIENCE

PAGE = """<!doctype html><html lang="en"><head><title>The tide</title></head><body><article>
<h1>The tide</h1>
<p>The tide comes in twice a day, and nobody on the shore is surprised by it.</p>
<p>{middle}</p>
<p>At the end of the week the moon is full, and the water climbs up to the road.</p>
</article></body></html>"""

OLD = PAGE.format(middle="On Monday the boats lie in the mud until the early afternoon.")
NEW = PAGE.format(middle="On Tuesday the boats lie in the mud until the late evening.")


def page(text: str, **headers: str) -> web.Answer:
    return web.answer(200, text.encode(), "text/html; charset=utf-8", **headers)


@pytest.fixture(scope="module")
def site() -> Iterator[web.Site]:
    with web.serving({"/tide": page(OLD)}) as running:
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, site: web.Site) -> Iterator[Serving]:
    with serving(
        tmp_path_factory.mktemp("listen") / "library",
        NARRATOR_ALLOW_PRIVATE="true",
        NARRATOR_SERVICE__HOSTS=site.url.removeprefix("http://"),
        NARRATOR_SERVICE__RECHECK="0",
    ) as running:
        yield running


def test_a_page_is_narrated_under_the_id_of_its_request(service: Serving, site: web.Site) -> None:
    asked = service.client.post("/v1/narrations", json={"url": f"{site.url}/tide"})
    assert asked.status_code == 202
    assert asked.json()["state"] == "reading"
    status = service.finished(asked.json()["id"])
    assert status["title"] == "The tide"
    assert status["id"] != asked.json()["id"]
    audio = service.client.get(asked.json()["links"]["audio"], follow_redirects=True)
    assert len(audio.content) == status["size"]


@pytest.mark.parametrize("route", ["/v1/narrations", "/v1/listen"])
def test_pages_of_other_hosts_are_not_read(
    service: Serving, site: web.Site, tmp_path: Path, route: str
) -> None:
    for url in (
        "http://example.org/", "http://127.0.0.1/tide", "http://169.254.169.254/latest/",
        f"http://{site.url.removeprefix('http://')}@example.org/",
    ):  # fmt: skip
        refused = service.client.post(route, json={"url": url})
        assert refused.status_code == 403, url
        assert refused.json()["type"] == "/problems/host-not-allowed"


def listened(service: Serving, url: str, **fields: Any) -> dict[str, Any]:
    """The status of what a player is told to play, when it is ready."""
    answer = service.client.post("/v1/listen", json={"url": url, **fields})
    assert answer.status_code in (200, 202), answer.text
    return {**service.finished(answer.json()["id"]), "article": answer.json().get("article")}


def segments(service: Serving) -> int:
    return len(list((service.library / "segments").rglob("*.flac")))


def test_a_player_is_told_all_that_it_needs(service: Serving, site: web.Site) -> None:
    status = listened(service, f"{site.url}/tide")
    again = service.client.post("/v1/listen", json={"url": f"{site.url}/tide#part"})
    assert again.status_code == 200
    told = again.json()
    assert told["id"] == status["id"]
    assert told["title"] == "The tide"
    assert told["credit"] == "Tone (a test signal, no speech), GPL-3.0-or-later"
    assert told["duration"] > 3
    for name in ("audio", "cues", "captions", "chapters"):
        assert service.client.get(told["links"][name]).status_code == 200
    cues = service.client.get(told["links"]["cues"]).json()["cues"]
    assert cues[1]["source"].startswith("The tide comes in")


def test_of_a_page_that_changed_only_what_changed_is_spoken(
    service: Serving, site: web.Site
) -> None:
    site.answers["/edited"] = page(OLD, ETag='"1"')
    old = listened(service, f"{site.url}/edited")
    before = segments(service)

    def not_changed(handler: Any) -> None:
        assert handler.headers["If-None-Match"] == '"1"'
        web.answer(304)(handler)

    site.answers["/edited"] = not_changed
    assert listened(service, f"{site.url}/edited")["id"] == old["id"]
    site.answers["/edited"] = page(NEW, ETag='"2"')
    new = listened(service, f"{site.url}/edited")
    assert new["id"] != old["id"]
    assert new["article"] == old["article"]
    assert segments(service) == before + 1
    assert service.client.get(old["links"]["audio"]).status_code == 200, "who listens can go on"


def test_a_page_is_looked_at_only_once_in_a_while(tmp_path: Path, site: web.Site) -> None:
    site.answers["/once"] = page(OLD)
    known = {
        "NARRATOR_ALLOW_PRIVATE": "true",
        "NARRATOR_SERVICE__HOSTS": site.url.removeprefix("http://"),
    }
    with serving(tmp_path / "library", **known) as running:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: listened(running, f"{site.url}/once"), range(20)))
        assert len({status["id"] for status in found}) == 1
        assert site.asked.count("/once") == 1
        assert not list((running.library / "requests").rglob("*.json"))
    site.answers["/once"] = web.answer(503)
    with serving(tmp_path / "library", **known) as again:
        status = listened(again, f"{site.url}/once")
        assert status["id"] == found[0]["id"], "a site that is down does not silence its articles"
        assert site.asked.count("/once") == 2


def test_a_page_that_is_gone_is_not_played(service: Serving, site: web.Site) -> None:
    site.answers["/gone"] = page(OLD)
    listened(service, f"{site.url}/gone")
    site.answers["/gone"] = web.answer(404)
    refused = service.client.post("/v1/listen", json={"url": f"{site.url}/gone"})
    assert refused.status_code == 502
    assert refused.json()["type"] == "/problems/page-not-fetched"


def test_a_slow_page_keeps_nobody_waiting(service: Serving, site: web.Site) -> None:
    """Neither the player, which is told to ask again, nor those who send articles."""
    slow = [f"/slow{number}" for number in range(8)]
    go_on = threading.Event()
    sent: list[object] = []

    def hesitant(handler: Any) -> None:
        go_on.wait(PATIENCE)
        sent.append(handler)
        page(OLD)(handler)

    site.answers |= dict.fromkeys(slow, hesitant)
    with ThreadPoolExecutor(9) as pool:
        asked = [
            pool.submit(service.client.post, "/v1/listen", json={"url": f"{site.url}{path}"})
            for path in slow
        ]
        service.ask("Nobody waits for a slow page.")
        answers = [future.result() for future in asked]
        assert not sent
        go_on.set()
    assert {answer.json()["state"] for answer in answers} == {"reading"}
    assert service.finished(answers[0].json()["id"])["title"] == "The tide"


def test_a_language_or_voice_that_nobody_speaks_is_an_error(
    service: Serving, site: web.Site
) -> None:
    refused = service.client.post(
        "/v1/listen", json={"url": f"{site.url}/tide", "voice": "de_DE-nobody"}
    )
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/unknown-voice"
    assert "en_US-joe-medium" in refused.json()["detail"]


def test_the_player_has_a_short_address_and_one_for_ever(service: Serving) -> None:
    short = service.client.get("/player/narrator-player.js")
    assert short.status_code == 307
    there = httpx.get(service.client.base_url.join(short.headers["Location"]), trust_env=False)
    assert there.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in there.headers["Cache-Control"]
    assert there.headers["Access-Control-Allow-Origin"] == "*"
    plain = httpx.get(there.url, headers={"Accept-Encoding": "identity"}, trust_env=False)
    assert plain.content == there.content
    assert "Content-Encoding" not in plain.headers
    same = httpx.get(there.url, headers={"If-None-Match": there.headers["ETag"]}, trust_env=False)
    assert (same.status_code, same.content) == (304, b"")
    folder = str(there.url).rpartition("/")[0]
    for line in there.text.splitlines():
        if line.startswith("import ") and " from " in line:
            name = line.rpartition('"./')[2].partition('"')[0]
            assert httpx.get(f"{folder}/{name}", trust_env=False).status_code == 200, name
    old = service.client.get("/player/0123456789ab/narrator-player.js")
    assert (old.status_code, old.headers["Location"]) == (307, short.headers["Location"])
    for missing in ("nothing.js", "0123456789ab/nothing.js", "%2e%2e/narrator-player.js",
                    "x/narrator-player.js", "..%2fdemo", "narrator-player.js%00"):  # fmt: skip
        assert service.client.get(f"/player/{missing}").status_code == 404, missing
