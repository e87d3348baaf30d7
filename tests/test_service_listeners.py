"""A listener changes nothing that lasts: no version, no feed, no queue, no file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import httpx
import pytest
import web
from publisher import KEYS, Publisher, html, publishing
from serving import paragraphs, serving
from waiting import PATIENCE

from narrator.model import Article, Block
from narrator.service.listening import NEW_PAGES
from narrator.service.looks import own_look

TIDE = "The tide comes in twice a day, and nobody on the shore is surprised by it."
BOATS = "On 3/4/2024 the boats lie in the mud until the early afternoon."
MOON = "At the end of the week the moon is full, and the water climbs up to the road."


def until(done: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publisher]:
    """Whose usual voice is a real one, so that a choice of the tone can be told from it."""
    with publishing(tmp_path_factory.mktemp("listeners"), NARRATOR_VOICE="") as running:
        yield running


@pytest.mark.parametrize(
    ("name", "query", "chosen"),
    [
        ("voice", "", {"voice": "en_US-joe-medium"}),
        ("language", "", {"language": "en-GB"}),
        ("query", "?q=1", {}),
        ("all", "?q=1&x", {"voice": "en_US-joe-medium", "language": "en-GB"}),
    ],
)
def test_what_a_listener_chooses_changes_nothing(
    publisher: Publisher, name: str, query: str, chosen: dict[str, str]
) -> None:
    url = publisher.page(f"/{name}", name, TIDE, BOATS)
    publisher.site.answers[f"/{name}{query}"] = web.answer(body=html(f"Other {name}", TIDE, BOATS))
    own = publisher.narrated(url=url, voice="tone", speed=1.5)
    before, fed = publisher.lasting(), publisher.episodes()
    heard = publisher.heard(f"{url}{query}", **chosen)
    assert heard["id"] != own["id"]
    assert heard["voice"] == chosen.get("voice", "tone"), "what is not chosen is the publisher's"
    assert publisher.article(own["article"]) == (own["id"], [])
    assert publisher.lasting() == before
    assert fed.items() <= publisher.episodes().items()
    assert heard["id"] not in publisher.stranger.get("/feed.xml").text
    assert heard["id"] in publisher.passing()
    plain = publisher.heard(url)
    assert plain["id"] == own["id"], "who chooses nothing hears the publisher's"
    assert publisher.lasting() == before


def test_queries_leave_no_article_and_no_file(publisher: Publisher) -> None:
    url = publisher.page("/many", "Many", TIDE)
    own = publisher.narrated(url=url, voice="tone")
    for number in range(8):
        publisher.site.answers[f"/many?q={number}"] = web.answer(
            body=html(f"Many {number}", f"Number {number} of them.")
        )
    before = publisher.lasting()
    heard = [publisher.heard(f"{url}?q={number}") for number in range(8)]
    assert len({told["id"] for told in heard}) == 8
    assert publisher.lasting() == before
    for told in heard:
        assert told["voice"] == "en_US-joe-medium" or told["article"] == own["article"]
        answer = publisher.stranger.get(f"/v1/articles/{told['article']}")
        assert answer.status_code == 404 or answer.json()["current"]["id"] == own["id"]


def test_a_query_that_the_page_calls_its_own_is_an_article(publisher: Publisher) -> None:
    url = f"{publisher.site.url}/index.php?id=7"
    publisher.site.answers["/index.php?id=7"] = web.answer(
        body=html("Seven", TIDE, head=f'<link rel="canonical" href="{url}">')
    )
    publisher.narrated(url=url, voice="tone")
    heard = publisher.heard(url)
    assert publisher.article(heard["article"]) == (heard["id"], [])
    assert heard["voice"] == "tone"
    assert heard["id"] not in publisher.passing()


def test_an_edit_of_the_page_is_spoken_as_the_publisher_chose(publisher: Publisher) -> None:
    url = publisher.page("/edited", "Edited", TIDE, BOATS)
    own = publisher.narrated(
        url=url, voice="tone", speed=1.5, language="en-GB", title="A better title", listed=False
    )
    publisher.page("/edited", "Edited", TIDE, MOON)
    heard = publisher.heard(url)
    assert heard["id"] != own["id"]
    told = [heard[name] for name in ("voice", "speed", "language", "title", "article")]
    assert told == ["tone", 1.5, "en-GB", "A better title", own["article"]]
    assert publisher.article(own["article"]) == (heard["id"], [own["id"]])
    manifest = next((publisher.service.library / "narrations").rglob(f"{heard['id']}.json"))
    assert json.loads(manifest.read_text())["listed"] is False
    again = publisher.heard(url)
    assert again["id"] == heard["id"]


def test_the_choice_for_an_id_holds_for_the_page(publisher: Publisher) -> None:
    """An article that a publisher calls by an id of its own is the one that its page is."""
    url = publisher.page("/called", "Called", TIDE)
    publisher.narrated(url=url, id="called", voice="tone")
    publisher.page("/called", "Called", TIDE, MOON)
    heard = publisher.heard(url)
    assert (heard["article"], heard["voice"]) == ("called", "tone")
    assert publisher.article("called")[0] == heard["id"]


def test_a_text_that_was_sent_stands_whatever_the_page_says(publisher: Publisher) -> None:
    url = publisher.page("/sent", "Sent", TIDE)
    own = publisher.narrated(markdown=f"---\nurl: {url}\n---\n\n# Sent\n\n{MOON}\n", voice="tone")
    before = publisher.lasting()
    assert publisher.heard(url)["id"] == own["id"]
    assert publisher.heard(url, voice="tone")["id"] == own["id"], "what is usual is nothing chosen"
    assert publisher.lasting() == before


def test_a_text_that_was_sent_needs_no_page(publisher: Publisher) -> None:
    url = f"{publisher.site.url}/nowhere"
    own = publisher.narrated(markdown=f"---\nurl: {url}\n---\n\n# None\n\n{MOON}\n", id="none")
    told = publisher.heard(url)
    assert (told["id"], told["article"]) == (own["id"], "none")
    assert "/nowhere" not in publisher.site.asked


def test_a_page_speaks_for_no_other_page(publisher: Publisher) -> None:
    """Whoever may write on a host cannot turn the article of another page there."""
    alice = publisher.page("/alice", "By Alice", TIDE)
    own = publisher.narrated(url=alice, voice="tone")
    mallory = publisher.page(
        "/mallory", "By Mallory", MOON, head=f'<link rel="canonical" href="{alice}">'
    )
    before = publisher.lasting()
    heard = publisher.heard(mallory)
    assert heard["title"] == "By Mallory"
    assert publisher.article(own["article"]) == (own["id"], [])
    assert publisher.lasting() == before


def test_a_listener_abandons_nothing_that_waits(publisher: Publisher) -> None:
    """Not even where the page was edited meanwhile."""
    url = publisher.page("/waits", "Waits", *(f"{TIDE[:-1]}, {n} times." for n in range(100)))
    first = publisher.ask(url=url, voice="tone", batch=True)
    until(lambda: publisher.stranger.get(f"/v1/narrations/{first['id']}").json()["id"][:1] == "N")
    waiting = publisher.stranger.get(f"/v1/narrations/{first['id']}").json()
    publisher.heard(url, language="en-GB")
    publisher.page("/waits", "Waits", TIDE)
    edited = publisher.heard(url)
    assert publisher.service.finished(first["id"])["id"] == waiting["id"]
    assert publisher.article(edited["article"]) == (edited["id"], [waiting["id"]])


def test_what_passed_lasts_once_the_publisher_asks_for_it(publisher: Publisher) -> None:
    url = publisher.page("/wanted", "Wanted", TIDE, BOATS)
    passed = publisher.heard(url, voice="tone", language="en-GB")
    assert publisher.stranger.get(f"/v1/articles/{passed['article']}").status_code == 404
    own = publisher.narrated(url=url, voice="tone", language="en-GB", id="wanted")
    assert own["id"] == passed["id"]
    until(lambda: list((publisher.service.library / "narrations").rglob(f"{own['id']}.json")))
    assert publisher.article("wanted") == (own["id"], [])
    until(lambda: own["id"] in publisher.stranger.get("/feed.xml").text, 120)
    until(lambda: own["id"] not in publisher.passing())
    audio = publisher.stranger.get(own["links"]["audio"])
    assert (audio.status_code, len(audio.content)) == (200, own["size"])


def test_what_passes_while_the_publisher_asks_for_it_lasts(publisher: Publisher) -> None:
    long = [f"{TIDE[:-1]}, {n} times in all." for n in range(150)]
    url = publisher.page("/both", "Both", *long)
    with publisher.stranger.stream(
        "GET", publisher.listen(url, voice="tone").json()["links"]["audio"], follow_redirects=True
    ) as stream:
        own = publisher.ask(url=url, voice="tone", id="both")
        assert len(b"".join(stream.iter_bytes())) > 100_000, "whoever hears it hears it to its end"
    told = publisher.service.finished(own["id"])
    assert publisher.article("both") == (told["id"], [])


def test_a_sample_is_no_version(publisher: Publisher) -> None:
    before = publisher.lasting()
    answer = publisher.stranger.get("/v1/voices/tone/sample.mp3")
    assert answer.status_code == 307
    publisher.service.finished(answer.headers["Location"].split("/")[3])
    assert publisher.stranger.get("/v1/articles/sample-tone").status_code == 404
    assert publisher.lasting() == before


def test_a_page_that_never_was_one_is_not_asked_for_again(tmp_path: Path) -> None:
    """However it is spelled, and whatever voice and language is chosen."""
    with publishing(tmp_path, NARRATOR_SERVICE__RECHECK="5") as publisher:
        host = publisher.site.url.removeprefix("http://")
        url = publisher.page("/tide", "Tide", TIDE)
        spellings = [
            url, f"HTTP://{host}/tide", f"http://{host}/./tide", f"http://{host}//tide",
            f"http://{host}/x/../tide", f"http://{host}/%74ide", f"{url}#part", f"{url}?",
            f"{url}?utm_source=a", f"{url}?fbclid=1",
        ]  # fmt: skip
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(publisher.heard, spellings))
        assert len({each["id"] for each in told}) == 1
        for language in ("en", "en-GB", "en-US", "en-AU", "en-xyz", "en_ZA"):
            publisher.heard(url, language=language)
        assert [path for path in publisher.site.asked if "tide" in path] == ["/tide"]
        missing = f"{publisher.site.url}/missing"
        for spelling in (missing, f"{missing}#x", f"{publisher.site.url}//missing"):
            refused = publisher.listen(spelling)
            assert refused.status_code == 502
            assert "404" in refused.json()["detail"]
        assert publisher.site.asked.count("/missing") == 1


def test_a_site_is_not_hammered(tmp_path: Path) -> None:
    """Of a host only so many pages a minute are fetched for all listeners together, few of them of
    addresses with a query; what the publisher made is heard all the same."""
    with publishing(tmp_path, NARRATOR_SERVICE__FETCHES_PER_MINUTE="20") as publisher:
        url = publisher.page("/tide", "Tide", TIDE)
        own = publisher.narrated(url=url, voice="tone")
        publisher.site.asked.clear()
        answers = [publisher.listen(f"{url}?q={number}") for number in range(40)]
        refused = [answer for answer in answers if answer.status_code == 503]
        assert refused
        assert refused[0].json()["type"] == "/problems/busy"
        assert int(refused[0].headers["Retry-After"]) >= 1
        assert len(publisher.site.asked) <= 10, "five, and those that a slow machine lets refill"
        others = [publisher.listen(f"{publisher.site.url}/{number}") for number in range(60)]
        assert {answer.status_code for answer in others} == {502, 503}
        assert len(publisher.site.asked) <= 50
        assert publisher.heard(url)["id"] == own["id"]
        assert publisher.ask(url=f"{publisher.site.url}/tide")["id"], "a key is not limited so"


def test_redirects_count_as_what_they_are(tmp_path: Path) -> None:
    with publishing(tmp_path, NARRATOR_SERVICE__FETCHES_PER_MINUTE="8") as publisher:
        for number in range(9):
            publisher.site.answers[f"/{number}"] = web.redirect(f"/{number + 1}")
        answer = publisher.listen(f"{publisher.site.url}/0")
        assert answer.status_code == 503
        assert len(publisher.site.asked) == 8


def test_listeners_have_places_of_their_own(tmp_path: Path) -> None:
    """Of which each of them gets half."""
    with publishing(
        tmp_path, NARRATOR_SERVICE__LISTEN_LIMIT="6", NARRATOR_SERVICE__QUEUE_LIMIT="2"
    ) as publisher:
        slow = [publisher.page(f"/{n}", f"Slow {n}", TIDE) for n in range(4)]
        release = time.monotonic() + 8

        def hesitant(handler: object) -> None:
            time.sleep(max(release - time.monotonic(), 0))

        for number in range(4):
            publisher.site.answers[f"/{number}"] = hesitant
        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(publisher.listen, slow))
            assert sorted(answer.status_code for answer in told) == [202, 202, 202, 503]
            asked = [publisher.ask(markdown=f"Tea number {n}.") for n in range(2)]
            assert all(answer["id"] for answer in asked), "they take no place of a key"


@contextmanager
def held(publisher: Publisher, paths: list[str]) -> Iterator[list[str]]:
    """The site answers these paths at the end of the block; those that it was asked for."""
    gate, asked = Event(), list[str]()

    def hesitant(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        gate.wait(PATIENCE)
        web.answer(body=html(handler.path, TIDE))(handler)

    publisher.site.answers.update(dict.fromkeys(paths, hesitant))
    try:
        yield asked
    finally:
        gate.set()


def neighbour(publisher: Publisher) -> httpx.Client:
    """Another caller than `publisher.stranger`."""
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    return httpx.Client(base_url=publisher.service.url, timeout=PATIENCE, transport=transport)


def test_one_with_slow_pages_keeps_nobody_from_new_ones(tmp_path: Path) -> None:
    """Nor from pages that have a narration already and are only looked at again."""
    slow = [f"/slow/{number}" for number in range(25)]
    with publishing(tmp_path) as publisher:
        known = publisher.page("/known", "Known", TIDE)
        was = publisher.heard(known)
        with held(publisher, slow) as asked, ThreadPoolExecutor(len(slow)) as pool:
            urls = [f"{publisher.site.url}{path}" for path in slow]
            told = [answer.json() for answer in pool.map(publisher.listen, urls)]
            assert {answer["state"] for answer in told} == {"reading"}
            until(lambda: len(asked) >= NEW_PAGES // 2)
            publisher.page("/known", "Known", TIDE, BOATS)
            new = publisher.page("/new", "New", MOON)
            with neighbour(publisher) as other:

                def heard(url: str) -> str:
                    found = other.post("/v1/listen", json={"url": url}).json()
                    return str(publisher.service.finished(found["id"])["id"])

                assert heard(new)
                until(lambda: heard(known) != was["id"])
            assert len(asked) == NEW_PAGES // 2, "no slow page was done meanwhile"
        for answer in told:
            assert publisher.service.finished(answer["id"])["state"] == "ready"


def test_pages_that_no_key_asked_for_may_pass(tmp_path: Path) -> None:
    with publishing(tmp_path, NARRATOR_SERVICE__LISTEN_ADDS="false") as publisher:
        found = publisher.heard(publisher.page("/found", "Found", TIDE))
        assert publisher.stranger.get(f"/v1/articles/{found['article']}").status_code == 404
        url = publisher.page("/known", "Known", TIDE, MOON)
        own = publisher.narrated(url=url)
        publisher.page("/known", "Known", TIDE, BOATS)
        edited = publisher.heard(url)
        assert publisher.article(own["article"]) == (edited["id"], [own["id"]])


def test_what_passes_survives_a_restart_and_is_swept(tmp_path: Path) -> None:
    bounds = {
        "NARRATOR_SERVICE__PASSING_LIMIT": "2MB",
        "NARRATOR_SERVICE__SWEEP_SECONDS": "0.5",
    }
    with publishing(tmp_path, **bounds) as publisher:
        url = publisher.page("/tide", "Tide", TIDE, BOATS)
        own = publisher.narrated(url=url)
        passed = publisher.heard(url, language="en-GB")
        before = publisher.lasting()
        assert publisher.passing() == [passed["id"]]
        publisher.service.stop()
        host = publisher.site.url.removeprefix("http://")
        known = {"NARRATOR_ALLOW_PRIVATE": "true", "NARRATOR_SERVICE__HOSTS": host,
                 "NARRATOR_SERVICE__RECHECK": "0", **bounds}  # fmt: skip
        with serving(tmp_path / "library", **known) as service:
            again = Publisher(publisher.site, service)
            again.client.close()
            assert again.stranger.get(passed["links"]["audio"]).status_code == 200
            assert again.heard(url, language="en-GB")["id"] == passed["id"]
            assert again.lasting() == before
            for number in range(12):
                text = paragraphs(4, f"Of page number {number} the kettle sings")
                again.site.answers[f"/tide?q={number}"] = web.answer(
                    body=html(f"Page {number}", *text.split("\n\n"))
                )
                last = again.heard(f"{url}?q={number}")
                again.heard(url, language="en-GB")
            until(lambda: len(again.passing()) < 10)
            assert passed["id"] in again.passing(), "what is heard stays"
            assert last["id"] in again.passing()
            assert again.lasting() == before
            segments = list((tmp_path / "library" / "segments").rglob("*.flac"))
            needed = sum(len(json.loads(path.read_bytes())) for path in lists(tmp_path))
            assert len(segments) <= needed, "the sentences of what went have gone, too"
            gone = again.stranger.get("/v1/narrations/N4-" + "0" * 32)
            assert gone.status_code == 404
            assert again.heard(url)["id"] == own["id"]


def lists(folder: Path) -> Iterator[Path]:
    """The lists of segments of all narrations in a library."""
    for manifest in folder.rglob("N4-*.json"):
        told = json.loads(manifest.read_text()).get("files", {})
        if "segments.json" in told:
            name = told["segments.json"]["name"].rpartition("/")[2]
            yield next(folder.rglob(name))


def test_what_nobody_hears_goes_after_a_while(tmp_path: Path) -> None:
    with publishing(
        tmp_path, NARRATOR_SERVICE__PASSING_HOURS="0.0005", NARRATOR_SERVICE__SWEEP_SECONDS="0.5"
    ) as publisher:
        url = publisher.page("/tide", "Tide", TIDE, BOATS)
        own = publisher.narrated(url=url)
        before = publisher.lasting()
        passed = publisher.heard(url, language="en-GB")
        until(lambda: not publisher.passing())
        assert publisher.stranger.get(passed["links"]["self"]).status_code == 404
        assert publisher.lasting() == before
        assert publisher.heard(url, language="en-GB")["id"] == passed["id"], "it is made again"
        assert publisher.heard(url)["id"] == own["id"]


def test_a_takedown_holds_for_what_listeners_chose(tmp_path: Path) -> None:
    with publishing(tmp_path, NARRATOR_SERVICE__SWEEP_SECONDS="0.5") as publisher:
        url = publisher.page("/tide", "Tide", TIDE, BOATS)
        publisher.site.answers["/tide?q=1"] = web.answer(body=html("Tide", MOON))
        own = publisher.narrated(url=url)
        passed = [publisher.heard(url, language="en-GB"), publisher.heard(f"{url}?q=1")]
        admin = {"Authorization": f"Bearer {KEYS['admin'][0]}"}
        down = publisher.stranger.delete(f"/v1/articles/{own['article']}", headers=admin)
        assert down.status_code in (200, 204), down.text
        for told in passed:
            assert publisher.stranger.get(told["links"]["audio"]).status_code in (404, 410)
        chosen: list[tuple[str, dict[str, str]]] = [
            (url, {}), (url, {"language": "en-GB"}), (f"{url}?q=1", {}), (f"{url}?q=2", {}),
        ]  # fmt: skip
        for address, choice in chosen:
            assert publisher.listen(address, **choice).status_code == 410, address
        until(lambda: not publisher.passing())


def test_only_narrations_that_are_there_are_counted(tmp_path: Path) -> None:
    with publishing(tmp_path, NARRATOR_SERVICE__COUNT_LISTENING="true") as publisher:
        url = publisher.page("/tide", "Tide", TIDE, BOATS)
        own = publisher.narrated(url=url)
        publisher.site.answers["/none?q=1"] = web.answer(body=html("None", MOON))
        passed = publisher.heard(f"{publisher.site.url}/none?q=1")

        def count(article: str) -> int:
            told = {"article": article, "percent": "0"}
            return publisher.stranger.post("/v1/heard", params=told).status_code

        assert count(own["article"]) == 204
        invented = [f"invented-{n}" for n in range(50)]
        assert {count(name) for name in (*invented, passed["article"], own["id"])} == {404}
        admin = {"Authorization": f"Bearer {KEYS['admin'][0]}"}
        told = publisher.stranger.get("/v1/heard", headers=admin).json()["articles"]
        assert [line["article"] for line in told] == [own["article"]]
        assert publisher.client.delete(own["links"]["self"], headers=admin).status_code == 204
        assert count(own["article"]) == 404


def article(url: str) -> Article:
    return Article("Tide", "en", (Block("b1-a", "paragraph", TIDE),), url=url)


@pytest.mark.parametrize(
    ("asked", "found", "named", "own"),
    [
        ("http://a.example/x", "http://a.example/x", "http://a.example/x", True),
        ("http://a.example/x", "http://a.example/x", "https://a.example/x", True),
        ("http://a.example/x", "http://a.example/x", "http://a.example/x/", True),
        ("http://a.example/x", "https://a.example/x", "https://a.example/x", True),
        ("http://a.example/old", "http://a.example/new", "http://a.example/new", True),
        ("http://a.example/x", "http://a.example/x", "http://a.example/other", False),
        ("http://a.example/x", "http://a.example/x", "http://b.example/y", True),
        ("http://a.example/x", "http://b.example/y", "http://b.example/y", True),
        ("http://a.example/x?q=1", "http://a.example/x?q=1", "http://a.example/x", False),
        ("http://a.example/x?q=1", "http://a.example/x?q=1", "http://a.example/x?q=1", True),
        ("http://a.example/x?q=1", "http://a.example/x?q=1", "http://a.example/x?q=2", False),
        ("http://a.example/x?q=1", "http://a.example/x?q=1", "http://b.example/y", False),
        ("http://a.example/x?q=1", "http://a.example/x", "http://a.example/x", True),
        ("http://a.example/x", "http://a.example/x?session=1", "http://a.example/x", True),
        ("http://a.example/x", "http://a.example/x", "javascript:alert(1)", True),
        ("http://a.example/x?q=1", "http://a.example/x?q=1", "", False),
    ],
)
def test_what_address_a_page_speaks_for(asked: str, found: str, named: str, own: bool) -> None:
    look = own_look(asked, found, article(named), None)
    assert look.own is own
    host = look.article().url.split("/")[2]
    assert host == "a.example", "a page of another host is no article here"
