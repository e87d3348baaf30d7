"""The service, end to end: asked for, heard while it is made, fetched, followed, taken down."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import soundfile
from serving import Serving, paragraphs, serving


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("service") / "library") as running:
        yield running


def test_an_article_becomes_audio_with_all_that_belongs_to_it(service: Serving) -> None:
    asked = service.ask("# Tea\n\nWater it at 80 degrees.\n\n## Milk\n\nNever.")
    status = service.finished(asked["id"])
    links = status["links"]
    audio = service.client.get(links["audio"])
    assert audio.status_code == 200
    assert audio.headers["Content-Type"] == "audio/mpeg"
    assert audio.headers["ETag"] == f'"{hashlib.sha256(audio.content).hexdigest()}"'
    assert "immutable" in audio.headers["Cache-Control"]
    with soundfile.SoundFile(io.BytesIO(audio.content)) as file:
        assert file.frames / file.samplerate == pytest.approx(status["duration"], abs=0.002)
    cues = service.client.get(links["cues"]).json()
    assert cues["audio"]["sha256"] == status["sha256"]
    assert [cue["source"] for cue in cues["cues"]] == [
        "Tea", "Water it at 80 degrees.", "Milk", "Never.",
    ]  # fmt: skip
    assert service.client.get(links["captions"]).text.startswith("WEBVTT")
    script = service.client.get(links["script"]).json()
    assert script["sentences"][1]["spoken"] == "Water it at eighty degrees."
    chapters = service.client.get(links["chapters"])
    assert chapters.headers["Content-Type"] == "application/json+chapters"
    assert [c["title"] for c in chapters.json()["chapters"]] == ["Tea", "Milk"]
    assert service.client.get(links["transcript"]).text == (
        "Tea\n\nWater it at 80 degrees.\n\nMilk\n\nNever.\n"
    )


def test_the_same_content_is_the_same_narration_whoever_asks(service: Serving) -> None:
    text = paragraphs(30, "Many ask for the same words")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: service.ask(text), range(16)))
    assert len({answer["id"] for answer in answers}) == 1
    service.finished(answers[0]["id"])
    again = service.client.post("/v1/narrations", json={"markdown": text})
    assert again.status_code == 201
    assert again.json()["id"] == answers[0]["id"]
    assert service.ask(text, speed=1.2)["id"] != answers[0]["id"]


def test_it_streams_while_it_is_made_and_many_share_one_making(service: Serving) -> None:
    asked = service.ask(paragraphs(120, "Somebody listens from the start"))
    assert asked["state"] in ("queued", "working")

    def listen(_: int) -> tuple[dict[str, str], bytes]:
        with service.client.stream(
            "GET", asked["links"]["audio"], headers={"Range": "bytes=0-"}
        ) as live:
            assert live.status_code == 200
            return dict(live.headers), live.read()

    with ThreadPoolExecutor(5) as pool:
        heard = list(pool.map(listen, range(5)))
    for headers, _ in heard:
        assert headers["cache-control"] == "no-store"
        assert headers["transfer-encoding"] == "chunked"
        assert not {"etag", "accept-ranges", "content-range", "content-length"} & set(headers)
    assert len({hashlib.sha256(data).digest() for _, data in heard}) == 1
    status = service.finished(asked["id"])
    with soundfile.SoundFile(io.BytesIO(heard[0][1])) as file:
        live = file.read()
    with soundfile.SoundFile(
        io.BytesIO(service.client.get(asked["links"]["audio"]).content)
    ) as file:
        whole = file.read()
    delay = 1105
    assert len(live) - delay >= len(whole)
    assert abs(live[delay : delay + len(whole)] - whole).max() < 1e-4
    assert status["progress"]["done"] == 120


def test_events_tell_each_sentence_and_the_end(service: Serving) -> None:
    asked = service.ask(paragraphs(60, "One event for each of them"))
    with service.client.stream("GET", asked["links"]["events"]) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        events = read_events(stream.read().decode())
    assert events[0][0] == "status"
    cues = [data for name, data in events if name == "cue"]
    assert len(cues) == 60
    assert cues[0]["source"].endswith("cup 0.")
    name, last = events[-1]
    assert (name, last["state"]) == ("ready", "ready")
    stored = service.client.get(asked["links"]["cues"]).json()["cues"]
    assert cues == stored
    late = service.client.get(asked["links"]["events"], headers={"Last-Event-ID": "58"})
    assert [name for name, _ in read_events(late.text)] == ["status", "cue", "cue", "ready"]


def read_events(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Name and data of each event."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def test_what_is_taken_down_is_gone_and_what_others_use_stays(service: Serving) -> None:
    one = service.narrated("Shared sentence.\n\nOnly of the first.")
    two = service.narrated("Shared sentence.\n\nOnly of the second.")
    segments = service.library / "segments"
    before = len(list(segments.rglob("*.flac")))
    assert service.client.delete(one["links"]["self"]).status_code == 204
    assert len(list(segments.rglob("*.flac"))) == before - 1
    for link in one["links"].values():
        gone = service.client.get(link)
        assert gone.status_code == 410
        assert gone.headers["Content-Type"] == "application/problem+json"
        assert gone.json()["type"] == "/problems/taken-down"
    assert service.client.post(
        "/v1/narrations", json={"markdown": "Shared sentence.\n\nOnly of the first."}
    ).status_code == 410  # fmt: skip
    assert service.client.get(two["links"]["audio"]).status_code == 200


def test_taking_down_what_is_being_made_stops_it(service: Serving) -> None:
    asked = service.ask(paragraphs(900, "A long one that nobody will hear"))
    with service.client.stream("GET", asked["links"]["audio"]) as live:
        next(live.iter_bytes())
        assert service.client.delete(asked["links"]["self"]).status_code == 204
    assert service.client.get(asked["links"]["self"]).status_code == 410
    assert not list((service.library / "requests").rglob(f"{asked['id']}.json"))


def test_a_restart_goes_on_with_what_was_acknowledged(tmp_path: Path) -> None:
    text = paragraphs(150, "It is asked for and then the service is told to stop")
    with serving(tmp_path / "library", NARRATOR_SERVICE__GRACE="0") as first:
        asked = first.ask(text)
        assert first.stop() == 0
        assert not [line for line in first.log if line["level"] == "raw"]
    with serving(tmp_path / "library") as second:
        status = second.finished(asked["id"])
        assert second.ask(text)["id"] == asked["id"]
        assert status["progress"]["done"] == 150
        assert not list((second.library / "requests").rglob("*.json"))
