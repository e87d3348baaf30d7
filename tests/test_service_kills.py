"""kill -9 at random moments, with twenty requests in flight: what was acknowledged is finished, and
nothing that is served is half a file. `make soak` has the long ones."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import web
from serving import Serving, serving
from test_cli import run
from waiting import PATIENCE

CLIENTS = 20

WORDS = "tide boat mud road moon shore week water net rope mast sail gull sand salt wave".split()


class Storm:
    """Clients that ask a service which is killed again and again."""

    def __init__(self, library: Path, seed: int, sentences: int, **env: str) -> None:
        self.library = library
        self.random = random.Random(seed)
        self.sentences = sentences
        self.env = env
        self.acknowledged: dict[str, str] = {}
        """Narration id -> its text."""
        self.halves: list[str] = []
        """What was served and was not what its ETag says."""
        self.lock = threading.Lock()

    def text(self) -> str:
        """An article that nobody asked for yet, most of whose sentences somebody did."""
        with self.lock:
            picks = [self.random.sample(WORDS, 3) for _ in range(self.sentences)]
            number = len(self.acknowledged), self.random.random()
        said = [f"The {a} and the {b} are as old as the {c}." for a, b, c in picks]
        return "\n\n".join([f"Article {number[0]} has the number {number[1]}.", *said])

    def client(self, url: str) -> None:
        """Ask, listen and ask again, until the service is gone."""
        with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as http:
            try:
                while True:
                    text = self.text()
                    answer = http.post("/v1/narrations", json={"markdown": text})
                    if answer.status_code == 503:
                        time.sleep(0.1)
                        continue
                    assert answer.status_code in (201, 202), answer.text
                    with self.lock:
                        self.acknowledged[answer.json()["id"]] = text
                    self.listen(http, answer.json()["links"]["audio"])
            except httpx.TransportError:
                return

    def listen(self, http: httpx.Client, link: str) -> None:
        answer = http.get(link)
        etag = answer.headers.get("ETag", "").strip('"')
        if etag and etag != hashlib.sha256(answer.content).hexdigest():
            self.halves.append(link)

    def blow(self, kills: int, longest: float) -> None:
        """Kill the service so many times, each within so many seconds: of its start every third
        time, else of the first answers to half of the clients."""
        for number in range(kills):
            before = len(self.acknowledged)
            service = Serving(self.library, (), self.env)
            with ThreadPoolExecutor(CLIENTS) as clients:
                storm = [clients.submit(self.client, service.url) for _ in range(CLIENTS)]
                while number % 3 != 2 and len(self.acknowledged) < before + CLIENTS // 2:
                    time.sleep(0.05)
                time.sleep(self.random.uniform(0.0, longest))
                service.kill()
                for each in storm:
                    each.result()

    def settled(self) -> dict[str, Any]:
        """The figures, when a last service has finished what was acknowledged."""
        damaged = 0
        with serving(self.library, **self.env) as service:
            for narration_id in self.acknowledged:
                status = service.finished(narration_id)
                audio = service.client.get(status["links"]["audio"])
                cues = service.client.get(status["links"]["cues"]).json()
                digest = hashlib.sha256(audio.content).hexdigest()
                assert "sha256" in status, status
                assert "sha256" in cues["audio"], (status, cues["audio"], len(cues["cues"]))
                whole = digest == status["sha256"] == cues["audio"]["sha256"]
                damaged += not whole or len(cues["cues"]) != status["progress"]["total"]
            left = len(list((self.library / "requests").rglob("*.json")))
        verify = run(
            "library", "verify", "--json", "--library", str(self.library), timeout=PATIENCE
        )
        checked = json.loads(verify.stdout)
        return {
            "acknowledged": len(self.acknowledged), "unfinished": left, "damaged": damaged,
            "halves": len(self.halves), "segments damaged": len(checked["damaged"]),
        }  # fmt: skip


NOTHING_WRONG = {"unfinished": 0, "damaged": 0, "halves": 0, "segments damaged": 0}


def test_three_kills(tmp_path: Path) -> None:
    storm = Storm(tmp_path / "library", seed=6, sentences=12)
    storm.blow(kills=3, longest=1.5)
    figures = storm.settled()
    assert figures.pop("acknowledged") >= CLIENTS
    assert figures == NOTHING_WRONG


def test_a_page_that_was_to_be_read_is_read_after_a_kill(tmp_path: Path) -> None:
    body = b"<!doctype html><html lang=en><h1>Tide</h1><p>The tide comes in twice a day.</p></html>"

    def late(handler: Any) -> None:
        time.sleep(2)
        web.answer(body=body)(handler)

    env = {"NARRATOR_ALLOW_PRIVATE": "true", "NARRATOR_SERVICE__HOSTS": "127.0.0.1:*"}
    with web.serving({"/tide": late}) as site:
        first = Serving(tmp_path / "library", (), env)
        asked = first.client.post("/v1/narrations", json={"url": f"{site.url}/tide"}).json()
        assert asked["state"] == "reading"
        first.kill()
        with serving(tmp_path / "library", **env) as again:
            assert again.finished(asked["id"])["title"] == "Tide"


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(
    ("kills", "sentences", "longest", "voice"),
    [(30, 12, 4.0, "tone"), (5, 2, 12.0, "en_US-joe-medium")],
)
def test_thirty_kills(
    tmp_path: Path, kills: int, sentences: int, longest: float, voice: str
) -> None:
    storm = Storm(tmp_path / "library", int(time.time()), sentences, NARRATOR_VOICE=voice)
    storm.blow(kills, longest)
    figures = storm.settled()
    print(f"\n{kills} kills, {CLIENTS} clients, {voice}: {figures}")
    assert figures.pop("acknowledged") >= CLIENTS
    assert figures == NOTHING_WRONG
