"""What programs and podcast apps ask the service: articles, voices, speech, the feed."""

from __future__ import annotations

import io
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import feed_rules
import httpx
import numpy as np
import pytest
import soundfile
from serving import Serving, serving
from waiting import PATIENCE

from narrator.library import open_library
from narrator.service.retiring import retire
from narrator.service.shelf import Shelf


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("routes") / "library") as running:
        yield running


def get(service: Serving, path: str, **options: Any) -> httpx.Response:
    return service.client.get(path, **options)


def test_an_article_keeps_its_id_over_edits(service: Serving) -> None:
    first = service.narrated("# Tea\n\nIt is warm.", id="tea")
    second = service.narrated("# Tea\n\nIt is cold by now.", id="tea")
    told = get(service, "/v1/articles/tea").json()
    assert told["current"]["id"] == second["id"]
    assert [earlier["id"] for earlier in told["earlier"]] == [first["id"]]
    assert get(service, first["links"]["audio"]).status_code == 200
    for name, link in told["links"].items():
        led = get(service, link)
        assert led.status_code == 307
        assert led.headers["Location"] == second["links"][name]
        assert "max-age=60" in led.headers["Cache-Control"]
        assert service.client.head(link).status_code == 307
    again = service.narrated("# Tea\n\nIt is warm.", id="tea")
    assert again["id"] == first["id"]
    assert get(service, "/v1/articles/tea").json()["current"]["id"] == first["id"]


def test_an_article_whose_narrations_were_taken_down_is_gone(service: Serving) -> None:
    status = service.narrated("Nobody will hear this again.", id="short-lived")
    service.client.delete(status["links"]["self"])
    assert get(service, "/v1/articles/short-lived").status_code == 410
    assert get(service, "/v1/articles/short-lived/audio.mp3").status_code == 410


@pytest.mark.parametrize(
    "path", ["nothing", "nothing/audio.mp3", "..%2f..%2fetc%2fpasswd", "%00", "a" * 3000]
)
def test_an_unknown_article_is_not_found(service: Serving, path: str) -> None:
    answer = get(service, f"/v1/articles/{path}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


def test_replaced_narrations_are_retired_and_no_others(tmp_path: Path) -> None:
    with serving(tmp_path / "library") as running:
        old = running.narrated("It is warm.\n\nIt stays.", id="one")
        shared = running.narrated("Many say this.\n\nIt stays.", id="one")
        new = running.narrated("It is cold.\n\nIt stays.", id="one")
        running.narrated("Many say this.\n\nIt stays.", id="two")
        shelf = Shelf(open_library(str(running.library)))
        assert retire(shelf, 1) == 0
        time.sleep(0.01)
        assert retire(shelf, 0.01 / 86_400) == 1
        assert running.client.get(old["links"]["self"]).status_code == 404
        for kept in (shared, new):
            audio = running.client.get(kept["links"]["audio"])
            assert len(audio.content) == kept["size"]
        told = running.client.get("/v1/articles/one").json()
        assert [told["current"]["id"], told["earlier"]] == [new["id"], []]
        assert len(list((running.library / "segments").rglob("*.flac"))) == 3
        assert running.narrated("It is warm.\n\nIt stays.", id="one")["id"] == old["id"]


def test_voices_are_told_and_can_be_heard(service: Serving) -> None:
    voices = {voice["id"]: voice for voice in get(service, "/v1/voices").json()["voices"]}
    joe = voices["en_US-joe-medium"]
    assert (joe["language"], joe["licence"], joe["sample_rate"]) == ("en-US", "CC0-1.0", 22050)
    assert joe["credit"] == "Joe, CC0-1.0"
    assert joe["default"]
    assert get(service, "/v1/voices/en_US-joe-medium").json() == joe
    sample = get(service, joe["sample"], follow_redirects=True)
    assert sample.headers["Content-Type"] == "audio/mpeg"
    sound, rate = soundfile.read(io.BytesIO(sample.content))
    assert len(sound) / rate > 5
    assert np.abs(sound).max() > 0.2
    (id_,) = {get(service, joe["sample"]).headers["Location"] for _ in range(3)}
    assert service.finished(id_.split("/")[3])["voice"] == "en_US-joe-medium"
    missing = get(service, "/v1/voices/nobody")
    assert missing.status_code == 404
    assert "en_US-joe-medium" in missing.json()["detail"]


def test_an_unknown_voice_or_language_is_told_with_those_there_are(service: Serving) -> None:
    for path, body in (
        ("/v1/narrations", {"text": "Hello there.", "voice": "alloy"}),
        ("/v1/audio/speech", {"input": "Hello there.", "voice": "alloy"}),
    ):
        refused = service.client.post(path, json=body)
        assert refused.status_code == 422
        assert refused.json()["type"] == "/problems/unknown-voice"
        assert "en_US-joe-medium, tone" in refused.json()["detail"]
    refused = service.client.post("/v1/audio/speech", json={"input": "Hi.", "language": "tlh"})
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/unknown-language"


def decoded(data: bytes) -> bytes:
    """PCM at 24,000 samples a second of a stream, whose head may tell no length."""
    command = ["ffmpeg", "-v", "error", "-i", "-", "-ar", "24000", "-f", "s16le", "-"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


@pytest.mark.parametrize("name", ["mp3", "opus", "flac", "wav", "pcm"])
def test_speech_in_each_format(service: Serving, name: str) -> None:
    answer = service.client.post(
        "/v1/audio/speech",
        json={"model": "tts-1", "input": "It cost $5. Tea was warm.", "response_format": name},
    )
    assert answer.status_code == 200
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.headers["Content-Type"].startswith("audio/")
    if name == "wav":
        assert answer.content[4:8] == answer.content[40:44] == b"\xff" * 4
    data = answer.content if name == "pcm" else decoded(answer.content)
    sound, rate = np.frombuffer(data, "<i2") / 32768, 24_000
    assert 2 < len(sound) / rate < 6
    assert 0.1 < np.abs(sound).max() < 1


def test_speech_is_sent_while_it_is_made_and_ends_when_nobody_listens(service: Serving) -> None:
    text = " ".join(f"Number {i} is said and nobody waits for the end." for i in range(1500))
    with service.client.stream("POST", "/v1/audio/speech", json={"input": text}) as answer:
        assert next(answer.iter_bytes())
    segments = service.library / "segments"
    deadline = time.monotonic() + PATIENCE
    count = -1
    while count != (now := len(list(segments.rglob("*.flac")))):
        assert time.monotonic() < deadline, "it is still being spoken"
        count = now
        time.sleep(1)
    assert count < 1500
    assert not list((service.library / "requests").rglob("*.json"))


def test_more_speech_than_may_be_is_refused(tmp_path: Path) -> None:
    text = " ".join(f"Number {i} is said and nobody waits for the end." for i in range(3000))
    answered = threading.Barrier(4)
    with serving(tmp_path / "library", NARRATOR_SERVICE__MAKINGS="2") as running:

        def begin(_: int) -> int:
            with running.client.stream("POST", "/v1/audio/speech", json={"input": text}) as answer:
                answered.wait(PATIENCE)
                return answer.status_code

        with ThreadPoolExecutor(4) as pool:
            codes = sorted(pool.map(begin, range(4)))
        assert codes == [200, 200, 503, 503]


def test_the_feed_has_the_newest_of_each_article(tmp_path: Path) -> None:
    public = "https://audio.example.org"
    (tmp_path / "narrator.toml").write_text(
        '[feed]\ntitle = "Tidings"\ndescription = "Of the sea."\ncategories = ["News"]\n'
        'author = "A crew"\nemail = "crew@example.org"\n'
        f'cover = "{public}/cover.png"\n'
    )
    with serving(tmp_path / "library", NARRATOR_SERVICE__PUBLIC_URL=public) as running:
        running.narrated("# One\n\nIt is warm.", id="one")
        newest = running.narrated("# One\n\nIt is cold by now.", id="one")
        running.narrated('# Two\n\nNothing \\<new> & "nice".', id="two")
        running.narrated("# Secret\n\nNot for everybody.", listed=False)
        answer = running.client.get("/feed.xml")
        assert answer.headers["Content-Type"].startswith("application/rss+xml")

        def size_of(url: str) -> int | None:
            if url.endswith("cover.png"):
                return 1000
            found = running.client.head(url.removeprefix(public))
            return int(found.headers["Content-Length"]) if found.status_code == 200 else None

        assert feed_rules.violations(answer.content, size_of) == []
        text = answer.text
        assert "<title>Tidings</title>" in text
        assert text.count("<item>") == 2
        assert newest["links"]["audio"] in text
        assert "Secret" not in text
        same = running.client.get("/feed.xml", headers={"If-None-Match": answer.headers["ETag"]})
        assert same.status_code == 304


def test_a_feed_needs_no_settings(service: Serving) -> None:
    service.narrated("# Two\n\nNothing is set.")
    text = get(service, "/feed.xml").text
    assert f"<title>Narrations of {service.url.removeprefix('http://')}</title>" in text
    assert f'url="{service.url}/v1/narrations/' in text
