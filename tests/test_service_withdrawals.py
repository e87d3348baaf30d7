"""A takedown holds for an article: its id, every spelling of its addresses, every voice and speed,
in every process, on a full disk, until it is restored. Other articles stay."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from faulty import EIO, ENOSPC, FAULTED, Nth, in_process, injected
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from narrator.library import open_library
from narrator.service.context import Service
from narrator.service.shelf import Shelf

PAGE = "<!doctype html><html lang=en><link rel=canonical href='{url}'><title>{title}</title><h1>{title}</h1><p>{text}</p></html>"  # noqa: E501

Local = tuple[httpx.Client, Service]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    with in_process(tmp_path_factory.mktemp("withdrawals") / "library") as running:
        yield running


def page(url: str, text: str = "Water it at eighty degrees.", title: str = "Tea") -> str:
    return PAGE.format(url=url, text=text, title=title)


def post(client: httpx.Client, **fields: Any) -> httpx.Response:
    return client.post("/v1/narrations", json=fields)


def ready(client: httpx.Client, some_id: str, seconds: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while True:
        status: dict[str, Any] = client.get(f"/v1/narrations/{some_id}").json()
        if status["state"] == "ready":
            return status
        assert status["state"] in ("queued", "working", "reading"), status
        assert time.monotonic() < deadline
        time.sleep(0.01)


def made(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    asked = post(client, **fields)
    assert asked.status_code in (201, 202), asked.text
    return ready(client, asked.json()["id"])


SPELLED = [
    "http://example.org/{n}/tea",
    "HTTP://EXAMPLE.org:80//{n}/./tea/#part",
    "https://example.org/{n}/x/../tea?x=1",
    "http://example.org./{n}/%74ea?utm_source=mail",
]
"""One address."""

numbers = count()


@pytest.mark.parametrize("spelled", SPELLED)
@pytest.mark.parametrize("speed", [1.0, 1.5])
def test_no_spelling_speed_or_language_brings_it_back(
    local: Local, spelled: str, speed: float
) -> None:
    client, _ = local
    n = next(numbers)
    url = f"http://example.org/{n}/tea"
    text = f"Water it at {n} degrees."
    status = made(client, html=page(url, text), id=f"tea-{n}")
    assert client.get(status["links"]["audio"]).status_code == 200
    assert client.delete(f"/v1/articles/tea-{n}").status_code == 204
    assert client.delete(f"/v1/articles/tea-{n}").status_code == 410
    again = spelled.format(n=n)
    other = {"speed": speed, "language": "en-GB" if speed > 1 else "en"}
    for fields in (
        {"html": page(again, text), **other},
        {"markdown": "Other words.", "id": f"tea-{n}", "language": "xx"},
        {"html": page(again, text), "id": f"new-{n}", **other},
        {"html": page("http://example.org/elsewhere"), "id": f"tea-{n}", **other},
        {"markdown": "Other words.", "id": f"tea-{n}", **other},
    ):
        gone = post(client, **fields)
        assert (gone.status_code, gone.json()["type"]) == (410, "/problems/taken-down"), fields
    for name in ("self", "audio", "cues", "captions", "script", "chapters", "transcript", "events"):
        assert client.get(status["links"][name]).status_code == 410, name
    assert client.get(f"/v1/articles/tea-{n}").status_code == 410
    assert client.get(f"/v1/articles/tea-{n}/audio.mp3").status_code == 410
    assert f"tea-{n}<" not in client.get("/feed.xml").text
    assert client.post(f"/v1/articles/tea-{n}/restore").status_code == 204
    assert client.post(f"/v1/articles/tea-{n}/restore").status_code == 404
    assert client.get(f"/v1/articles/tea-{n}").status_code == 404
    assert made(client, html=page(again, text), id=f"tea-{n}", **other)["state"] == "ready"
    assert client.get(f"/v1/articles/tea-{n}/audio.mp3").status_code == 200


def test_an_article_with_the_same_words_stays(local: Local) -> None:
    client, service = local
    text = "Two sites print the same agency's words."
    one = made(client, html=page("http://one.example/a", text), id="one")
    two = made(client, html=page("http://two.example/b", text), id="two")
    assert one["id"] == two["id"]
    several = client.delete(one["links"]["self"])
    assert (several.status_code, several.json()["type"]) == (409, "/problems/several-articles")
    assert "one" in several.json()["detail"]
    assert "two" in several.json()["detail"]
    assert client.delete("/v1/articles/one").status_code == 204
    assert client.get("/v1/articles/one").status_code == 410
    assert client.get("/v1/articles/two/audio.mp3").status_code == 200
    status = client.get(two["links"]["self"]).json()
    assert (status["state"], status["article"]) == ("ready", "two")
    feed = client.get("/feed.xml").text
    assert ">two<" in feed
    assert "http://two.example/b" in feed
    assert ">one<" not in feed
    assert "one.example" not in feed
    assert post(client, html=page("http://one.example/a", text)).status_code == 410
    assert post(client, html=page("http://three.example/c", text)).status_code == 201
    assert client.delete(two["links"]["self"]).status_code == 409  # Two and that at three.example.
    assert client.delete("/v1/articles/two").status_code == 204
    third = post(client, html=page("http://three.example/c", text)).json()["article"]
    assert client.delete(one["links"]["self"]).status_code == 204
    assert client.get(one["links"]["audio"]).status_code == 410
    assert not list(service.shelf.library.entries(f"narrations/{one['id']}"))
    assert client.get(f"/v1/articles/{third}").status_code == 410
    # Whoever is up gets it back, made anew.
    assert client.post("/v1/articles/two/restore").status_code == 204
    assert made(client, html=page("http://two.example/b", text), id="two")["id"] == one["id"]
    assert client.get("/v1/articles/one").status_code == 410


def test_a_text_without_id_and_address_is_known_by_its_words(local: Local) -> None:
    client, _ = local
    text = "Nobody names this text."
    bare = made(client, markdown=text)
    assert client.delete(bare["links"]["self"]).status_code == 204
    assert post(client, markdown=text).status_code == 410
    assert post(client, markdown=text, speed=2.0).status_code == 410
    assert post(client, markdown=text, language="en-GB").status_code == 410
    assert post(client, markdown=text, id="named").status_code == 202
    ready(client, bare["id"])
    assert client.delete("/v1/articles/named").status_code == 204
    assert client.post(f"/v1/articles/{bare['article']}/restore").status_code == 204
    assert post(client, markdown=text).status_code == 410  # By the takedown of "named".
    assert client.post("/v1/articles/named/restore").status_code == 204
    assert made(client, markdown=text)["article"] == bare["article"]
    # One that is up stays, when another with its words goes.
    made(client, markdown=text, id="named")
    assert client.delete("/v1/articles/named").status_code == 204
    assert post(client, markdown=text).status_code == 201


def test_a_query_that_names_the_article_counts(local: Local) -> None:
    client, _ = local
    for number in (123, 124):
        made(client, html=page(f"http://blog.example/?p={number}", f"Post {number}."))
    first = post(client, html=page("http://blog.example/?p=123", "Post 123.")).json()["article"]
    assert client.delete(f"/v1/articles/{first}").status_code == 204
    for query, code in (
        ("p=123", 410), ("x=1&p=123", 410), ("P=%3123&utm_source=y", 410), ("p=124", 201),
        ("p=125", 202), ("", 202),
    ):  # fmt: skip
        text = "Post 124." if query == "p=124" else "Words of another."
        asked = post(client, html=page(f"http://blog.example/?{query}", text))
        assert asked.status_code == code, query


def test_what_is_unknown_is_neither_taken_down_nor_restored(local: Local) -> None:
    client, service = local
    before = sorted(entry.name for entry in service.shelf.library.entries("takedowns/"))
    for unknown in ("nothing", "a1-" + "0" * 32, "x" * 129, "%20"):
        assert client.delete(f"/v1/articles/{unknown}").status_code == 404
        assert client.post(f"/v1/articles/{unknown}/restore").status_code == 404
    assert sorted(e.name for e in service.shelf.library.entries("takedowns/")) == before


def test_the_address_of_another_article_that_is_down(local: Local) -> None:
    """An article at an address that is down by another's takedown is down, too, and restored with
    that."""
    client, _ = local
    url = "http://example.org/shared-address"
    made(client, html=page(url, "First."), id="first-here")
    second = made(client, html=page(f"{url}?x=1", "Second."))
    assert client.delete("/v1/articles/first-here").status_code == 204
    assert client.get(f"/v1/articles/{second['article']}").status_code == 410
    assert client.get(second["links"]["audio"]).status_code == 410
    several = client.post(f"/v1/articles/{second['article']}/restore")
    assert several.status_code == 409
    assert "first-here" in several.json()["detail"]
    assert client.post("/v1/articles/first-here/restore").status_code == 204
    assert made(client, html=page(f"{url}?x=1", "Second."))["id"] == second["id"]


def test_a_damaged_record_of_a_takedown_still_means_down(tmp_path: Path) -> None:
    url = "http://example.org/damaged?p=1"
    with in_process(tmp_path / "library") as (client, _):
        status = made(client, html=page(url), id="tea")
        assert client.delete("/v1/articles/tea").status_code == 204
    stones = [p for p in (tmp_path / "library").rglob("t1-*.json") if p.is_file()]
    stones += list((tmp_path / "library" / "tombstones").rglob("*.json"))
    assert len(stones) == 4  # The article, its address, its words, its narration.
    for number, damage in enumerate((b"{", b"[" * 100_000)):
        for stone in stones:
            stone.write_bytes(damage)
        check_down(tmp_path / "library", f"{url}&x={number}", status)
    for stone in stones:
        stone.unlink()
        stone.mkdir()
        (stone / "a-b.json").write_text("{}")
    check_down(tmp_path / "library", url, status)
    with in_process(tmp_path / "library") as (client, _):
        assert client.post("/v1/articles/tea/restore").status_code == 204
        assert made(client, html=page(url), id="tea")["state"] == "ready"


def check_down(library: Path, url: str, status: dict[str, Any]) -> None:
    with in_process(library) as (client, _):
        assert post(client, html=page(url), id="tea").status_code == 410
        assert post(client, html=page(url)).status_code == 410
        assert post(client, markdown="# Tea\n\nWater it at eighty degrees.").status_code == 410
        assert client.get("/v1/articles/tea").status_code == 410
        assert client.get(status["links"]["audio"]).status_code == 410
        assert client.get("/feed.xml").status_code == 200


def last_event(client: httpx.Client, status: dict[str, Any], then: Callable[[], None]) -> list[str]:
    """Name and data of the last event of a making, when `then` was done after the first cue."""
    block: list[str] = []
    with client.stream("GET", status["links"]["events"]) as stream:
        done = False
        for line in stream.iter_lines():
            if line == "event: cue" and not done:
                done = True
                then()
            if line.startswith("event: "):
                block = []
            block += [line.partition(": ")[2]] if line else []
    assert done
    return block


def test_the_events_of_what_is_taken_down_end_with_that(local: Local) -> None:
    client, _ = local
    text = "\n\n".join(f"The lamp is lit for the {n}th time." for n in range(300))
    asked = post(client, markdown=text, id="lamp", voice="en_US-joe-medium").json()

    def take_down() -> None:
        assert client.delete("/v1/articles/lamp").status_code == 204

    name, data = last_event(client, asked, take_down)
    problem = json.loads(data)
    assert (name, problem["type"], problem["status"]) == ("failed", "/problems/taken-down", 410)


def test_what_is_made_no_more_is_no_fault_of_the_service(local: Local) -> None:
    client, service = local
    text = "\n\n".join(f"The lamp is lit once more, {n}." for n in range(300))
    asked = post(client, markdown=text, id="light", voice="en_US-joe-medium").json()
    name, data = last_event(client, asked, lambda: service.workshop.abandon(asked["id"]))
    problem = json.loads(data)
    assert (name, problem["type"], problem["status"]) == ("failed", "/problems/abandoned", 503)
    assert "again" in problem["detail"]


# Any order of anything


@dataclass(frozen=True)
class Kind:
    """An article of the property test, and ways to send it."""

    name: str
    id: str
    path: str
    text: str


KINDS = (
    Kind("both", "both", "/both", "The same words."),
    Kind("twin", "twin", "/twin", "The same words."),
    Kind("only an id", "id", "", "Words of one with an id."),
    Kind("only an address", "", "/page?p=7", "Words of a page."),
)

HOSTS = st.sampled_from(["{h}", "HTTP:{h}", "{h}.", "{h}:80", "S:{h}"])
PATHS = st.sampled_from(["/{n}", "//{n}", "/./{n}", "/x/../{n}", "/x/%2e%2E//{n}"])
ENDS = st.sampled_from(["", "#f", "&x=1", "&utm_campaign=a#b", "&fbclid=2&x=/"])
SPEEDS = st.sampled_from([1.0, 0.8, 1.25, 2.0])
LANGUAGES = st.sampled_from(["en", "en-GB", "en-US"])
WAYS = st.sampled_from(["id and address", "id", "address", "id and other words"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["post", "post", "delete", "delete", "restore"]),
        st.sampled_from(KINDS), WAYS, HOSTS, PATHS, ENDS, SPEEDS, LANGUAGES,
        st.sampled_from([None, None, None, "ENOSPC", "EIO"]), st.integers(0, 25), st.booleans(),
    ),
    min_size=4, max_size=12,
)  # fmt: skip

QUICK = (Phase.explicit, Phase.generate)
"""Without making a failing case small, which takes minutes where each case talks to a service."""

cases = {"examples": 0, "steps": 0, "requests": 0, "faults": 0}


def address_in(number: int, kind: Kind, host: str, path: str, end: str) -> str:
    """A spelling of the article's address."""
    site = f"site{number}.example"
    scheme = {"HTTP": "HTTP", "S": "https"}.get(host.partition(":{h}")[0], "http")
    named = host.removeprefix("HTTP:").removeprefix("S:").replace("{h}", site.upper())
    if scheme == "https":
        named = named.replace(":80", "")
    way, _, query = kind.path.lstrip("/").partition("?")
    joined = "&".join(filter(None, [query, end.partition("#")[0].lstrip("&")]))
    fragment = end[end.index("#") :] if "#" in end else ""
    tail = f"?{joined}" if joined else ""
    return f"{scheme}://{named}{path.replace('{n}', way)}{tail}{fragment}"


def sent(number: int, kind: Kind, way: str, host: str, path: str, end: str) -> dict[str, Any]:
    """The article as one of the ways sends it."""
    fields: dict[str, Any] = {}
    text = "Quite other words." if way == "id and other words" else kind.text
    if (kind.id and way != "address") or not kind.path:
        fields["id"] = f"{kind.id}-{number}"
    if kind.path and (way in ("id and address", "address") or not kind.id):
        url = address_in(number, kind, host, path, end)
        return {**fields, "html": page(url, f"{text} {number}.")}
    return {**fields, "markdown": f"# Tea\n\n{text} {number}."}


def plays(client: httpx.Client, number: int, kind: Kind, ids: dict[str, str]) -> list[int]:
    """What the addresses of an article and of its narrations answer."""
    codes = []
    for article in filter(None, (ids.get(kind.name), f"{kind.id}-{number}" if kind.id else "")):
        for part in ("", "/audio.mp3"):
            answer = client.get(f"/v1/articles/{article}{part}")
            cases["requests"] += 1
            codes.append(answer.status_code)
    return codes


def tried(client: httpx.Client, local_library: Path, steps: list[Any]) -> None:
    number = next(numbers)
    cases["examples"] += 1
    down: set[str] = set()
    torn: set[str] = set()
    """Articles whose takedown or restoring failed: until it is repeated, they may be either."""
    known: set[str] = set()
    ids: dict[str, str] = {}
    for do, kind, way, host, path, end, speed, language, error, at, for_good in steps:
        cases["steps"] += 1
        if do == "post" and kind.name not in known:
            way = "id and address"  # So that its address is known, too.
        if do == "post" and kind.name == "only an address" and kind.name not in down:
            end = ""  # With another query it would be another article.
        fields = sent(number, kind, way, host, path, end)
        fault = Nth(at, ENOSPC if error == "ENOSPC" else EIO, for_good=for_good)
        if do == "post":
            asked = post(client, **fields, speed=speed, language=language)
            cases["requests"] += 1
            expected = (410,) if kind.name in down else (201, 202)
            if kind.name not in torn:
                assert asked.status_code in expected, (kind, fields, asked.text)
            if asked.status_code in (201, 202):
                known.add(kind.name)
                if kind.name == "only an address":
                    ids[kind.name] = asked.json()["article"]
            continue
        article = f"{kind.id}-{number}" if kind.id else ids.get(kind.name, "a1-none")
        verb, at_path = ("DELETE", "") if do == "delete" else ("POST", "/restore")
        target = f"/v1/articles/{article}{at_path}"
        if error:
            with injected(fault):
                answer = client.request(verb, target, headers={"X-Request-Id": FAULTED})
            cases["faults"] += bool(fault.failed)
        else:
            answer = client.request(verb, target)
        cases["requests"] += 1
        code = answer.status_code
        assert code in (204, 404, 410, 409, 503, 507), answer.text
        if code in (503, 507):
            assert fault.failed, answer.text
            assert len(answer.json()["detail"]) > 80
            torn.add(kind.name)
            if do == "delete":
                assert not {200, 201, 202, 307} & set(plays(client, number, kind, ids))
                mine = post(client, **fields, speed=speed)
                # Where nothing could be read, nobody knows the address of the id.
                blind = for_good and "id" not in fields
                if kind.name in known and not blind:
                    assert mine.status_code in (410, 503, 507), (fault.failed, mine.text)
            # Once it works again, asking again is enough.
            answer = client.request(verb, target)
            code = answer.status_code
            assert code in (204, 404, 410), answer.text
        torn.discard(kind.name)
        if do == "delete":
            assert code == (410 if kind.name in down else 204 if kind.name in known else 404) or (
                fault.failed and code in (204, 410)
            ), (kind, code, answer.text)
            if code != 404:
                down.add(kind.name)
        elif kind.name in down:
            assert code == 204 or fault.failed, answer.text
            down.discard(kind.name)
        for each in KINDS:
            codes = plays(client, number, each, ids)
            if each.name in down:
                assert set(codes) <= {410}, (each, codes)
            else:
                assert 410 not in codes, (each, codes)
    fresh = Shelf(open_library(str(local_library)))
    for kind in KINDS:
        article = f"{kind.id}-{number}" if kind.id else ids.get(kind.name, "a1-none")
        urls = [address_in(number, kind, "{h}", "/{n}", "")] if kind.path else []
        assert fresh.takedowns.is_down(article, urls) == (kind.name in down), kind


@given(STEPS)
@settings(max_examples=20, suppress_health_check=list(HealthCheck), phases=QUICK)
def test_in_any_order_what_is_down_is_down_and_nothing_else(local: Local, steps: list[Any]) -> None:
    client, service = local
    tried(client, folder_of(service), steps)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@given(STEPS)
@settings(max_examples=2000, suppress_health_check=list(HealthCheck))
def test_in_any_order_for_long(local: Local, steps: list[Any]) -> None:
    client, service = local
    tried(client, folder_of(service), steps)


def folder_of(service: Service) -> Path:
    return Path(service.settings.library.removeprefix("faulty://"))


def test_how_many_cases_that_were(local: Local) -> None:
    """Last: says what the two above did (pytest -s)."""
    print(cases)
