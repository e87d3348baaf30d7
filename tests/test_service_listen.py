"""The service reads pages: those that it may, and again when they may have changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import web
from serving import Serving, serving

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


@pytest.mark.parametrize("route", ["/v1/narrations"])
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
