"""Whatever strangers send, the publisher's articles, feed, queue and files stay as they were."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import web
from publisher import KEYS, Publisher, html, publishing, tree

from narrator.service.choices import CHOICES
from narrator.service.counts import COUNTS
from narrator.service.manifests import FILES
from narrator.service.shelf import OUTCOMES, REQUESTS, VERSIONS

PAGES = 3
WAITING = 6
"""Articles that a key asked for and that may wait."""

LIMIT = 3_000_000
"""Bytes of what may pass."""

RECORDS = {"narrations", COUNTS[:-1], CHOICES[:-1], FILES[:-1], OUTCOMES[:-1], VERSIONS[:-1]}
"""Folders of what lasts when nothing is waiting."""


class Echo(dict[str, web.Answer]):
    """Pages that say whatever their query is, as many sites do."""

    def get(self, path: str, default: Any = None) -> Any:
        bare, _, query = path.partition("?")
        if query and bare in self:
            return web.answer(body=html(f"You asked {query[:40]}", f"Here is {query[:200]}."))
        return super().get(path, default)


VOICES = ["tone", "en_US-joe-medium", "alloy", "", "tone ", "TONE", "../tone", "x" * 200, 7, None]
LANGUAGES = ["en", "en-GB", "EN_us", "en-AU", "de", "tlh", "", "en-", "e" * 40, "x-y", 3, None]
HEADERS = [
    {}, {}, {},
    {"Authorization": "Bearer wrong"}, {"Authorization": "Basic !!!"}, {"Host": "evil.example"},
    {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-Host": "evil.example"},
    {"X-HTTP-Method-Override": "DELETE"}, {"Range": "bytes=0-9,20-29"}, {"Range": "bytes=-1"},
    {"Origin": "https://evil.example"}, {"Content-Type": "text/plain"}, {"Accept": "image/png"},
    {"If-None-Match": "*"}, {"Last-Event-ID": "99999999999"}, {"X-Request-Id": "a" * 300},
    {"Expect": "100-continue"}, {"Cookie": "key=admin"}, {"Content-Encoding": "gzip"},
    {"Prefer": "respond-async"}, {"Traceparent": "00-xyz"},
]  # fmt: skip
ROUTES = [
    "/v1/narrations", "/v1/narrations/{id}", "/v1/narrations/{id}/{part}", "/v1/articles/{id}",
    "/v1/articles/{id}/{part}", "/v1/articles/{id}/restore", "/v1/voices", "/v1/voices/{voice}",
    "/v1/voices/{voice}/sample.mp3", "/v1/heard", "/v1/audio/speech", "/feed.xml", "/metrics",
    "/healthz", "/readyz", "/openapi.json", "/docs", "/problems/{id}", "/demo",
    "/player/narrator-player.js", "/v1/{id}", "/{id}",
]  # fmt: skip
PARTS = ["audio.mp3", "cues.json", "captions.vtt", "script.json", "chapters.json",
         "transcript.txt", "segments.json", "..%2f", "restore"]  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Stranger:
    """Sends one random request after another."""

    def __init__(self, seed: int, publisher: Publisher, ids: list[str], pages: list[str]) -> None:
        self.random = random.Random(seed)
        self.site = publisher.site.url
        self.ids = ids
        self.pages = pages
        self.seen: Counter[int] = Counter()
        self.client = httpx.Client(base_url=publisher.service.url, timeout=120, trust_env=False)

    def send(self, count: int) -> None:
        with self.client:
            for _ in range(count):
                self._listen() if self.random.random() < 0.5 else self._other()

    def _note(self, answer: httpx.Response) -> None:
        self.seen[answer.status_code] += 1
        told = (answer.request.method, str(answer.request.url), answer.status_code)
        assert answer.status_code < 500 or answer.status_code in (502, 503), told
        assert answer.status_code != 204 or answer.request.method in ("POST", "OPTIONS"), told

    def _listen(self) -> None:
        pick = self.random.choice
        body: dict[str, Any] = {"url": self._address()}
        if self.random.random() < 0.3:
            body["voice"] = pick(VOICES)
        if self.random.random() < 0.3:
            body["language"] = pick(LANGUAGES)
        if self.random.random() < 0.1:
            body[pick(["id", "title", "speed", "listed", "batch"])] = pick(["tea", 2.0, True])
        answer = self.client.post("/v1/listen", json=body, headers=pick(HEADERS))
        self._note(answer)
        if answer.status_code in (200, 202):
            told = answer.json()
            if len(self.ids) < 200:
                self.ids.append(told["id"])
            if self.random.random() < 0.5:
                self._note(self.client.get(told["links"]["audio"], follow_redirects=True))

    def _address(self) -> str:
        pick = self.random.choice
        page = urlsplit(pick(self.pages))
        scheme = pick(["http", "HTTP", "Http", "https"] if self.random.random() < 0.2 else ["http"])
        dots = pick(["", "", "", "/.", "/x/..", "/", "/%2e"])
        host = pick([page.netloc] * 8 + [page.netloc.upper(), f"a:b@{page.netloc}", "evil.example"])
        path = pick([page.path] * 4 + [f"{page.path}/", "/nothing", f"/%{ord(page.path[1]):x}0"])
        number, long = self.random.randrange(10_000), "b" * 500
        query = pick(["", "", f"?q={number}", "?utm_source=a", f"?{number}", "?", long])
        return f"{scheme}://{host}{dots}{path}{query}{pick(['', '', '#part', '#'])}"

    def _other(self) -> None:
        pick = self.random.choice
        made_up = f"N4-{self.random.getrandbits(128):032x}"
        some_id = pick([*self.ids[-50:], *self.ids[:20], made_up, "tea", "sample-tone", "%2e%2e"])
        voice = pick(["tone", "en_US-joe-medium", "alloy", "%00"])
        path = pick(ROUTES).format(id=some_id, part=pick(PARTS), voice=voice)
        told: dict[str, Any] = {}
        if path == "/v1/heard":
            told = {"article": pick([some_id, "tea", f"made-up-{self.random.random()}"]),
                    "percent": pick([0, 10, 55, 100, -10, "x"])}  # fmt: skip
        body = pick([None, b"", b"{}", b"[]", b'{"text": "Hello."}', b'{"markdown": "# Hi"',
                     json.dumps({"url": self._address(), "voice": "tone"}).encode(),
                     json.dumps({"input": "Hello.", "voice": "tone"}).encode(),
                     bytes(self.random.randrange(256) for _ in range(40))])  # fmt: skip
        headers = {"Content-Type": "application/json", **pick(HEADERS)}
        if path.endswith("/events"):
            return
        request = self.client.build_request(
            pick(METHODS), path, params=told, content=body, headers=headers
        )
        try:
            self._note(self.client.send(request))
        except httpx.RemoteProtocolError:
            self.seen[0] += 1  # Cut off, since what was sent was not HTTP.


def versions(library: Path) -> dict[str, list[str]]:
    """The narrations of each article, the oldest first, by the folder of the article."""
    found: dict[str, list[str]] = {}
    for path in sorted((library / "versions").rglob("*.json"), key=lambda p: p.name):
        folder = next(p for p in path.relative_to(library).parts if re.fullmatch("[0-9a-f]{32}", p))
        found.setdefault(folder, []).append(path.stem.partition("-")[2])
    return found


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    with publishing(
        tmp_path,
        NARRATOR_SERVICE__PASSING_LIMIT=str(LIMIT),
        NARRATOR_SERVICE__COUNT_LISTENING="true",
        NARRATOR_SERVICE__FETCHES_PER_MINUTE="200",
        NARRATOR_SERVICE__RECHECK="0.02",
        NARRATOR_SERVICE__SWEEP_SECONDS="1",
    ) as running:
        running.site.answers = Echo()
        yield running


@pytest.mark.timeout(1800)  # Against hanging only: a busy machine speaks slowly.
@pytest.mark.parametrize(
    ("count", "seed"), [(300, 15), pytest.param(4000, 1515, marks=pytest.mark.soak)]
)
def test_strangers_change_nothing(
    publisher: Publisher, capsys: pytest.CaptureFixture[str], count: int, seed: int
) -> None:
    service = publisher.service
    pages = [publisher.page(f"/p{n}", f"Page {n}", f"This is page {n}.") for n in range(PAGES)]
    finished = [
        *(publisher.narrated(url=url, speed=1.5) for url in pages[:2]),
        publisher.narrated(url=pages[2], voice="tone", language="en-GB", listed=False, id="third"),
        publisher.narrated(markdown="# Tea\n\nTea is warm, and so is the cup.", id="tea"),
    ]
    before, said = tree(service.library), versions(service.library)
    fed = publisher.episodes()
    assert len(fed) == 3

    more = [
        publisher.page(f"/b{n}", f"Batch {n}", *(f"Line {m} of {n}." for m in range(8)))
        for n in range(WAITING)
    ]
    waiting = [publisher.ask(url=url, batch=True, id=f"b{n}") for n, url in enumerate(more)]
    articles = [narration["article"] for narration in finished]
    ids = [*(each["id"] for each in (*finished, *waiting)), *articles, "b0", "b5"]
    strangers = [Stranger(seed + n, publisher, ids, [*pages, *more]) for n in range(4)]
    began = time.monotonic()
    with ThreadPoolExecutor(len(strangers)) as pool:
        for sent in [pool.submit(stranger.send, count // 4) for stranger in strangers]:
            sent.result()
    took = time.monotonic() - began
    seen = sum((stranger.seen for stranger in strangers), Counter())

    made = [service.finished(each["id"]) for each in waiting]
    deadline = time.monotonic() + 120
    while list((service.library / REQUESTS).rglob("*.json")):
        assert time.monotonic() < deadline

    after = tree(service.library)
    changed = {name for name, data in before.items() if after.get(name) != data}
    assert not changed, "no file of the publisher's is gone or another"
    now = versions(service.library)
    assert {folder: now[folder] for folder in said} == said
    new = sorted(narration for folder in now.keys() - said.keys() for narration in now[folder])
    assert new == sorted(each["id"] for each in made), "no article is new but the publisher's"
    kept = {path.stem for path in (service.library / "narrations").rglob("*.json")}
    assert kept == {each["id"] for each in (*finished, *made)}
    added = {name.partition("/")[0] for name in after.keys() - before.keys()}
    assert added <= RECORDS, "and no file of another kind"
    assert not [name for name in after if name.startswith(REQUESTS)]
    assert len([name for name in after if name.startswith(COUNTS)]) <= 1
    while len(publisher.episodes()) < len(fed) + WAITING:
        assert time.monotonic() < deadline
        time.sleep(1)
    assert fed.items() <= publisher.episodes().items()
    assert len(publisher.episodes()) == len(fed) + WAITING
    for narration in finished:
        told = service.client.get(f"/v1/articles/{narration['article']}").json()
        assert (told["current"]["id"], told["earlier"]) == (narration["id"], [])
        audio = service.client.get(narration["links"]["audio"])
        assert len(audio.content) == narration["size"]
    admin = {"Authorization": f"Bearer {KEYS['admin'][0]}"}
    heard = service.client.get("/v1/heard", headers=admin).json()["articles"]
    assert {line["article"] for line in heard} <= {*articles, *(f"b{n}" for n in range(WAITING))}

    def passing() -> int:
        files = (service.library / "passing").rglob("*")
        return sum(path.stat().st_size for path in files if path.is_file())

    while passing() > LIMIT:
        assert time.monotonic() < deadline + 60, passing()
        time.sleep(0.2)
    assert seen[200] + seen[202] > count // 10, seen
    assert min(seen[status] for status in (401, 403, 404, 422)) > 0, seen
    with capsys.disabled():
        print(f"\n{seen.total()} requests of strangers in {took:.0f} s, answered {dict(seen)}")
