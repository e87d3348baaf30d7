"""For whoever runs the service: is it well, what has it done, what do its problems mean."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import Serving, serving
from waiting import PATIENCE, until

from narrator.service.problems import KINDS, OTHER
from narrator.service.remedies import REMEDIES


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("operation") / "library") as running:
        yield running


def readiness(service: Serving, part: str, *, good: bool) -> dict[str, str]:
    """What /readyz says, once a part of it is as expected."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = service.client.get("/readyz")
        checks: dict[str, str] = answer.json()["checks"]
        if (checks[part] == "ok") == good:
            assert answer.status_code == (200 if set(checks.values()) == {"ok"} else 503)
            if answer.status_code == 503:
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert answer.json()["type"] == "/problems/not-ready"
                assert "Retry-After" in answer.headers
            return checks
        assert time.monotonic() < deadline, checks
        time.sleep(0.1)


def test_it_is_alive_and_soon_ready(service: Serving) -> None:
    alive = service.client.get("/healthz", headers={"Host": "10.1.2.3"})
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    readiness(service, "readers", good=True)
    checks = readiness(service, "voice", good=True)
    assert checks == dict.fromkeys(
        ("voice", "readers", "library", "disk", "temporary", "queue", "service"), "ok"
    )


def test_it_says_that_the_real_voice_is_loaded(tmp_path: Path) -> None:
    with serving(tmp_path / "library", "--voice", "en_US-joe-medium") as running:
        readiness(running, "voice", good=True)


def test_it_says_what_does_not_work(tmp_path: Path) -> None:
    with serving(
        tmp_path / "library", "--voice", "no-such-voice", NARRATOR_DISK_RESERVE="1000TB"
    ) as running:
        assert "disk_reserve" in readiness(running, "disk", good=False)["disk"]
        until(lambda: "no-such-voice" in readiness(running, "voice", good=False)["voice"])


def test_it_says_that_the_library_cannot_be_written(tmp_path: Path) -> None:
    with serving(tmp_path / "library") as running:
        readiness(running, "library", good=True)
        probes = running.library / "probes"
        for file in sorted(probes.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        probes.rmdir()
        probes.write_text("a file where a folder has to be")
        assert "Cannot write" in readiness(running, "library", good=False)["library"]
        assert running.client.get("/healthz").status_code == 200


def counted(service: Serving) -> dict[str, float]:
    """Sample -> value of /metrics, parsed as Prometheus does."""
    answer = service.client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        sample.name + json.dumps(sample.labels, sort_keys=True): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_what_it_does_is_counted(service: Serving) -> None:
    before = counted(service)
    text = "\n\n".join(f"Counted sentence number {n} of many." for n in range(40))
    asked = service.ask(text)
    assert service.client.get(asked["links"]["audio"]).status_code == 200
    service.finished(asked["id"])
    service.narrated(text.replace("number 7 of", "that differs from"))
    service.client.get("/v1/narrations/none")
    service.client.request("PROPFIND", "/coffee")
    after = counted(service)

    def more(sample: str, **labels: str) -> float:
        name = sample + json.dumps(labels, sort_keys=True)
        return after[name] - before.get(name, 0.0)

    route = "/v1/narrations"
    assert more("narrator_requests_total", method="POST", route=route, status="202") == 2
    one = f"{route}/{{narration_id}}"
    assert more("narrator_requests_total", method="GET", route=one, status="404") == 1
    assert more("narrator_requests_total", method="other", route="none", status="404") == 1
    assert more("narrator_narrations_total", outcome="ready") == 2
    assert more("narrator_sentences_total", source="spoken") == 41
    assert more("narrator_sentences_total", source="library") == 39
    assert more("narrator_audio_seconds_total") > 60
    assert more("narrator_real_time_factor_count") >= 1
    assert after["narrator_memory_bytes{}"] > 30_000_000
    assert after["narrator_disk_free_bytes{}"] > 0
    assert after['narrator_queue{"state": "working"}'] == 0


def test_the_first_sound_is_measured(service: Serving) -> None:
    asked = service.ask("\n\n".join(f"Long is this, and live is number {n}." for n in range(900)))
    before = counted(service)["narrator_first_sound_seconds_count{}"]
    with service.client.stream("GET", asked["links"]["audio"]) as live:
        next(live.iter_bytes())
    assert counted(service)["narrator_first_sound_seconds_count{}"] == before + 1
    service.client.delete(asked["links"]["self"])


class Page(HTMLParser):
    """What a page loads and where it leads; whether all that is opened is closed."""

    VOID = frozenset({"meta", "link", "img", "br", "hr", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "src" or (name == "href" and tag == "link"):
                self.loaded.append(value or "")
            elif name == "href":
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_docs_are_a_page_that_loads_nothing(service: Serving) -> None:
    answer = service.client.get("/docs")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    page = Page(answer.text)
    assert not page.loaded
    assert "<script" not in answer.text
    document = service.client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method in operations:
            assert re.search(f">{method.upper()}</span>{re.escape(path)}</code></h2>", answer.text)
    for member in ("markdown", "narrate", "progress"):
        assert f"<code>{member}</code>" in answer.text
    for link in page.links:
        if not link.startswith("#"):
            assert service.client.get(f"/{link}").status_code == 200


def test_every_type_of_problem_is_an_address_that_explains_it(service: Serving) -> None:
    kinds = [*KINDS.values(), *OTHER.values()]
    assert {kind.slug for kind in kinds} == set(REMEDIES)
    listed = Page(service.client.get("/problems").text).links
    assert sorted(listed) == sorted({f"problems/{kind.slug}" for kind in kinds})
    for kind in kinds:
        answer = service.client.get(f"/problems/{kind.slug}")
        assert answer.status_code == 200
        assert f"HTTP status {kind.status}" in answer.text
        Page(answer.text)
    told = service.client.get("/nothing").json()["type"]
    assert service.client.get(told).status_code == 200
    assert service.client.get("/problems/none").status_code == 404


def test_earlier_versions_are_retired_after_a_while(tmp_path: Path) -> None:
    library = tmp_path / "library"
    with serving(library) as running:
        old = running.narrated("It stays.\n\nThis is what it said first.", id="diary")
        other = running.narrated("It stays.\n\nNobody edits me.", id="other")
        new = running.narrated("It stays.\n\nThis is what it says now.", id="diary")
        assert running.client.get(old["links"]["audio"]).status_code == 200
    soon = {"KEEP_EARLIER": str(1 / 86400), "SWEEP_SECONDS": "0.5"}
    with serving(library, **{f"NARRATOR_SERVICE__{k}": v for k, v in soon.items()}) as running:
        until(lambda: running.client.get(old["links"]["audio"]).status_code != 200)
        assert running.client.get(old["links"]["self"]).status_code == 404
        for kept in (new, other):
            assert running.client.get(kept["links"]["audio"]).status_code == 200
        assert len(list((running.library / "segments").rglob("*.flac"))) == 3
        again = running.narrated("It stays.\n\nThis is what it said first.", id="diary")
        assert again["id"] == old["id"]
        assert running.client.get(again["links"]["audio"]).status_code == 200
