"""Which voices and languages the service may be asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import web
from serving import Serving, serving
from waiting import PATIENCE

from narrator.engines.catalogue import find_voice
from narrator.errors import SettingsError, UnknownLanguage, UnknownVoice
from narrator.service.offer import check_language, check_usual_voice, offered, offered_voice
from narrator.settings import ServiceSettings, load_settings

PAGE = b"<!doctype html><html lang=en><h1>Tide</h1><p>The tide comes in twice a day.</p></html>"

PEOPLE = ServiceSettings()
TESTS = ServiceSettings(test_voices=True)


@pytest.fixture(scope="module")
def site() -> Iterator[web.Site]:
    with web.serving({"/tide": web.answer(body=PAGE)}) as running:
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, site: web.Site) -> Iterator[Serving]:
    """As a publisher runs it: without voices for tests."""
    with serving(
        tmp_path_factory.mktemp("voices") / "library",
        NARRATOR_VOICE="",
        NARRATOR_SERVICE__TEST_VOICES="false",
        NARRATOR_ALLOW_PRIVATE="true",
        NARRATOR_SERVICE__HOSTS=site.url.removeprefix("http://"),
    ) as running:
        yield running


def test_a_voice_for_tests_is_not_told_of(service: Serving) -> None:
    told = service.client.get("/v1/voices").json()["voices"]
    assert [voice["id"] for voice in told] == ["en_US-joe-medium"]
    for path in ("/v1/voices/tone", "/v1/voices/tone/sample.mp3"):
        answer = service.client.get(path)
        assert answer.status_code == 404, path
        assert "tone" not in answer.json()["detail"].partition("Known")[2]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/narrations", {"text": "Hello there.", "voice": "tone"}),
        ("/v1/narrations", {"markdown": "---\nvoice: tone\n---\n\nHello there.\n"}),
        ("/v1/audio/speech", {"input": "Hello there.", "voice": "tone"}),
        ("/v1/listen", {"url": "PAGE", "voice": "tone"}),
    ],
)
def test_a_voice_for_tests_is_an_unknown_voice(
    service: Serving, site: web.Site, path: str, body: dict[str, Any]
) -> None:
    asked = {name: f"{site.url}/tide" if value == "PAGE" else value for name, value in body.items()}
    refused = service.client.post(path, json=asked)
    assert refused.status_code == 422, refused.text
    assert refused.json()["type"] == "/problems/unknown-voice"
    assert "Known: en_US-joe-medium." in refused.json()["detail"]
    assert "/tide" not in site.asked, "nothing is fetched for a voice that there is not"


@pytest.mark.parametrize("language", ["de", "tlh", "zz-ZZ", "de-EN", "enm"])
def test_a_language_that_nobody_speaks_is_refused_before_the_page_is_fetched(
    service: Serving, site: web.Site, language: str
) -> None:
    refused = service.client.post(
        "/v1/listen", json={"url": f"{site.url}/tide", "language": language}
    )
    assert refused.status_code == 422, refused.text
    assert refused.json()["type"] == "/problems/unknown-language"
    assert repr(language) in refused.json()["detail"]
    assert "Spoken: en." in refused.json()["detail"]
    assert "/tide" not in site.asked


@pytest.mark.parametrize("language", ["en", "EN", "en-GB", "en_AU", "en-Latn-US"])
def test_a_language_that_a_voice_speaks_is_taken(language: str) -> None:
    for settings in (PEOPLE, TESTS):
        check_language(language, settings)
        check_language(language, settings, "en_US-joe-medium")
    check_language(language, TESTS, "tone")


def test_a_voice_is_asked_for_its_own_language() -> None:
    with pytest.raises(UnknownLanguage, match="en_US-joe-medium"):
        check_language("de", TESTS, "en_US-joe-medium")
    with pytest.raises(UnknownVoice):
        check_language("en", PEOPLE, "tone")


def test_what_is_offered() -> None:
    assert [voice.id for voice in offered(PEOPLE)] == ["en_US-joe-medium"]
    assert [voice.id for voice in offered(TESTS)] == ["en_US-joe-medium", "tone"]
    assert offered_voice("tone", TESTS) == find_voice("tone")


def test_a_service_does_not_start_with_a_signal_as_its_voice(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="test_voices = true"):
        check_usual_voice(load_settings(voice="tone"))
    check_usual_voice(load_settings(voice="tone", service={"test_voices": True}))
    check_usual_voice(load_settings(voice="en_US-joe-medium"))
    done = subprocess.run(
        [sys.executable, "-m", "narrator", "serve", "--port", "0", "--voice", "tone"],
        capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert "test_voices = true" in done.stderr
    assert "Traceback" not in done.stderr
