"""A damaged record harms only itself: every kind of record, every kind of damage, every route."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from faulty import FAULTED, FaultyLibrary, in_process, injected

from narrator.errors import DamagedRecord, LibraryError, NarratorError
from narrator.service.inspection import Inspection
from narrator.service.records import Records, parsed, sealed
from narrator.service.requests import FORM, Request
from narrator.service.shelf import Outcome, Shelf


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def brace(path: Path) -> None:
    path.write_bytes(b"{")


def flipped(path: Path) -> None:
    """One bit, so that it is valid JSON of the right form still."""
    data = bytearray(path.read_bytes())
    at = data.index(b'":"') + 3
    data[at] ^= 1
    path.write_bytes(bytes(data))


def wrong_shape(path: Path) -> None:
    path.write_bytes(b'{"id": [1], "article": {"x": null}, "at": "soon", "narration": 7}')


def a_list(path: Path) -> None:
    path.write_bytes(b"[]")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "n1-inner.json").write_text("{}")


def huge(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(1 << 32)


def deep(path: Path) -> None:
    path.write_bytes(b'{"article":' * 100_000)


def binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 4)


DAMAGES = (emptied, truncated, brace, flipped, wrong_shape, a_list, folder, huge, deep, binary)

WORDS = "Damaged words of number {}."


def finished(client: httpx.Client, some_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        status: dict[str, Any] = client.get(f"/v1/narrations/{some_id}").json()
        if status["state"] == "ready":
            return status
        assert status["state"] in ("queued", "working"), status
        assert time.monotonic() < deadline
        time.sleep(0.01)


def made(client: httpx.Client, name: str, text: str) -> dict[str, Any]:
    asked = client.post("/v1/narrations", json={"markdown": f"# T\n\n{text}", "id": name})
    assert asked.status_code in (201, 202), asked.text
    return finished(client, asked.json()["id"])


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damage") / "library"


@pytest.fixture(scope="module")
def client(library: Path) -> Iterator[httpx.Client]:
    with in_process(library) as (client, service):
        made(client, "whole", "This one is whole.")
        service.shelf.records.told.append(told.append)
        yield client


told: list[str] = []
"""Kinds of damaged records that metrics heard of."""


def record(library: Path, kind: str, some_id: str) -> Path:
    (path,) = library.glob(f"{kind}/**/*{some_id}.json")
    return path


def others_are_well(client: httpx.Client) -> None:
    assert client.get("/v1/articles/whole/audio.mp3").status_code == 200
    feed = client.get("/feed.xml")
    assert feed.status_code == 200
    assert ">whole<" in feed.text
    for path in ("/healthz", "/metrics", "/v1/voices", "/v1/articles/whole"):
        assert client.get(path).status_code == 200, path
    assert client.post("/v1/narrations", json={"markdown": "# T\n\nThis one is whole."}).is_success


def no_fault(answers: list[httpx.Response]) -> None:
    for answer in answers:
        assert answer.status_code != 500, (answer.request.url, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["detail"]


PARTS = ("", "/audio.mp3", "/cues.json", "/captions.vtt", "/script.json", "/chapters.json",
         "/transcript.txt", "/events")  # fmt: skip


def test_damaged_manifests(client: httpx.Client, library: Path) -> None:
    """One of each kind of damage, all at once."""
    texts = {f"m-{d.__name__}": WORDS.format(d.__name__) for d in DAMAGES}
    known = {name: made(client, name, text) for name, text in texts.items()}
    with in_process(library) as (again, service):  # Nothing is remembered there.
        for damage in DAMAGES:
            damage(record(library, "narrations", known[f"m-{damage.__name__}"]["id"]))
        feed = feed_of(again, service)
        for name, status in known.items():
            answers = [again.get(f"/v1/narrations/{status['id']}{part}") for part in PARTS]
            answers.append(again.get(f"/v1/articles/{name}"))
            no_fault(answers)
            assert {answer.status_code for answer in answers} == {404}, name
            assert "anew" in answers[0].json()["detail"]
            assert str(library) not in answers[0].text
            assert f">{name}<" not in feed
        others_are_well(again)
        metrics = again.get("/metrics").text
        assert f'narrator_damaged_records_total{{kind="narrations"}} {len(DAMAGES)}.0' in metrics
        # Asking makes each anew, under the same id, with the same sound.
        for name, text in texts.items():
            healed = made(again, name, text)
            assert (healed["id"], healed["sha256"]) == (known[name]["id"], known[name]["sha256"])
            assert again.get(f"/v1/articles/{name}/audio.mp3").status_code == 200
        feed = feed_of(again, service)
        assert all(f">{name}<" in feed for name in texts)
        for damage in DAMAGES:
            damage(record(library, "narrations", known[f"m-{damage.__name__}"]["id"]))
    with in_process(library) as (again, _):
        for name, status in known.items():
            assert again.delete(f"/v1/narrations/{status['id']}").status_code == 204
            assert again.get(f"/v1/articles/{name}").status_code == 410
        others_are_well(again)


def feed_of(client: httpx.Client, service: Any) -> str:
    service.feeds.forget()
    return client.get("/feed.xml").text


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda d: d.__name__)
def test_a_damaged_version_takedown_and_tombstone(
    client: httpx.Client, library: Path, damage: Callable[[Path], None]
) -> None:
    name, text = f"v-{damage.__name__}", WORDS.format(f"version {damage.__name__}")
    status = made(client, name, text)
    damage(record(library, "versions", status["id"]))
    answers = [client.get(f"/v1/articles/{name}{part}") for part in ("", "/audio.mp3")]
    no_fault(answers)
    assert {answer.status_code for answer in answers} == {200}
    assert made(client, name, text)["id"] == status["id"]
    others_are_well(client)
    of_others = set(library.glob("takedowns/*/*/*.json"))
    assert client.delete(f"/v1/articles/{name}").status_code == 204
    for stone in [
        *(set(library.glob("takedowns/*/*/*.json")) - of_others),
        record(library, "tombstones", status["id"]),
    ]:
        if stone.is_file():
            damage(stone)
    answers = [client.get(f"/v1/narrations/{status['id']}{part}") for part in PARTS]
    answers += [client.get(f"/v1/articles/{name}"), client.delete(f"/v1/articles/{name}")]
    answers.append(client.post("/v1/narrations", json={"markdown": "Other.", "id": name}))
    assert {answer.status_code for answer in answers} == {410}
    others_are_well(client)
    assert client.post(f"/v1/articles/{name}/restore").status_code == 204
    assert made(client, name, text)["state"] == "ready"


def test_damaged_requests_and_outcomes(client: httpx.Client, library: Path) -> None:
    """One of each kind of damage is there when the service starts, which goes on with what is
    stored."""
    shelf = Shelf(FaultyLibrary(library))
    problem = {"status": 422, "type": "/problems/unreadable", "title": "No", "detail": "No."}
    ids = []
    for number, damage in enumerate(DAMAGES):
        asked, failed = f"q1-{number:032x}", f"q1-{number + 100:032x}"
        shelf.keep(Request(id=asked, received=1.0, url="http://127.0.0.1:9/none", title="a title"))
        shelf.settle(failed, Outcome(problem=problem))
        damage(record(library, "requests", asked))
        damage(record(library, "outcomes", failed))
        ids += [asked, failed]
    with in_process(library) as (again, service):
        others_are_well(again)
        for some_id in ids:
            answers = [again.get(f"/v1/narrations/{some_id}{part}") for part in PARTS]
            no_fault(answers)
            assert {answer.status_code for answer in answers} == {404}, some_id
        assert service.shelf.forget_outcomes(time.time() + 60) >= len(DAMAGES)
        for some_id in ids:
            assert again.delete(f"/v1/narrations/{some_id}").status_code in (204, 404)
            assert again.get(f"/v1/narrations/{some_id}").status_code in (404, 410)
        others_are_well(again)


@pytest.mark.parametrize("kind", ["narrations", "versions", "tombstones", "requests", "outcomes"])
def test_a_record_that_cannot_be_read(client: httpx.Client, library: Path, kind: str) -> None:
    """EIO or no permission, for this one record only."""
    name, text = f"e-{kind}", WORDS.format(f"unreadable {kind}")
    status = made(client, name, text)

    def fault(operation: str, at: str) -> NarratorError | None:
        hit = at.startswith(kind) and status["id"] in at and operation in ("read", "read_range")
        return LibraryError(f"Injected at {operation} {at}.") if hit else None

    headers = {"X-Request-Id": FAULTED}
    with (
        httpx.Client(
            base_url=client.base_url, headers=headers, trust_env=False, follow_redirects=True
        ) as again,
        injected(fault),
    ):
        answers = [again.get(f"/v1/narrations/{status['id']}{part}") for part in PARTS]
        answers.append(again.get(f"/v1/articles/{name}"))
        no_fault(answers)
        assert {answer.status_code for answer in answers} <= {200, 404, 503}
        others_are_well(again)
        healed = again.post("/v1/narrations", json={"markdown": f"# T\n\n{text}", "id": name})
        assert healed.status_code in (201, 202), healed.text


def test_every_bit_of_a_record_counts() -> None:
    """A record with any one bit flipped is damaged, or says what it said."""
    request = Request(id="q1-" + "0" * 32, received=1.5, url="http://example.org/", title="Tea")
    data = sealed(FORM.dump_json(request))
    assert parsed("x", data, FORM) == (request, True)
    for at in range(len(data) * 8):
        damaged = bytearray(data)
        damaged[at // 8] ^= 1 << at % 8
        try:
            read, verified = parsed("x", bytes(damaged), FORM)
        except DamagedRecord:
            continue
        assert read == request, at
        assert not verified
    for end in range(len(data) - 1):
        with pytest.raises(DamagedRecord):
            parsed("x", data[:end], FORM)


def test_a_record_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    records = Records(FaultyLibrary(tmp_path))
    request = Request(id="q1-" + "0" * 32, received=1.5, url="http://example.org/")
    records.library.write("requests/q1-old.json", FORM.dump_json(request))
    assert records.read("requests/q1-old.json", FORM) == request
    earlier = FORM.validate_json(sealed(FORM.dump_json(request)))  # And the other way round.
    assert earlier == request


# verify and repair


def run(*arguments: str, library: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "narrator", "library", *arguments, "--library", str(library)],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


Filled = tuple[Path, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A library of four articles, of which one is down, and a request."""
    library = tmp_path_factory.mktemp("full") / "library"
    with in_process(library) as (client, _):
        known = {name: made(client, name, f"Of {name}.") for name in ("a", "b", "c", "down")}
        assert client.delete("/v1/articles/down").status_code == 204
    shelf = Shelf(FaultyLibrary(library))
    shelf.keep(Request(id="q1-" + "0" * 32, received=1.0, url="http://127.0.0.1:9/x", title="a t"))
    shelf.settle("q1-" + "1" * 32, Outcome(known["a"]["id"]))
    return library, known


@pytest.fixture
def filled(full: Filled, tmp_path: Path) -> Filled:
    """A copy of it."""
    shutil.copytree(full[0], tmp_path / "library")
    return tmp_path / "library", full[1]


def victims_in(library: Path, known: dict[str, dict[str, Any]]) -> list[Path]:
    """A record of each kind."""
    found = [
        record(library, "narrations", known["a"]["id"]),
        record(library, "versions", known["b"]["id"]),
        record(library, "requests", "0" * 32),
        record(library, "outcomes", "1" * 32),
        record(library, "tombstones", known["down"]["id"]),
        *library.glob("takedowns/articles/*/*.json"),
    ]
    assert len(found) == 6
    return found


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda d: d.__name__)
def test_every_damage_of_every_kind_is_found_and_mended(
    filled: Filled, damage: Callable[[Path], None]
) -> None:
    library, known = filled
    victims = victims_in(library, known)
    assert list(Inspection(Shelf(FaultyLibrary(library))).findings()) == []
    for victim in victims:
        damage(victim)
    inspection = Inspection(Shelf(FaultyLibrary(library)))
    findings = list(inspection.findings())
    assert {Path(f.name).name for f in findings} == {victim.name for victim in victims}
    assert all(inspection.mend(finding) for finding in findings)
    assert list(Inspection(Shelf(FaultyLibrary(library))).findings()) == []
    shelf = Shelf(FaultyLibrary(library))
    assert shelf.takedowns.is_down("down")
    assert shelf.is_down(known["down"]["id"])
    assert [v.narration for v in shelf.versions("b")] == [known["b"]["id"]]
    assert shelf.manifest(known["c"]["id"]) is not None
    assert shelf.manifest(known["a"]["id"]) is None


def test_repair_by_the_command(filled: Filled) -> None:
    library, known = filled
    whole = run("verify", "--json", library=library)
    assert (whole.returncode, json.loads(whole.stdout)["damaged"]) == (0, [])
    assert json.loads(whole.stdout)["unverified"] == 0
    victims = victims_in(library, known)
    for victim, damage in zip(
        victims, (flipped, brace, deep, truncated, folder, emptied), strict=True
    ):
        damage(victim)
    before = sorted(library.rglob("*"))
    found = run("verify", "--json", library=library)
    assert found.returncode == 1, found.stderr
    names = {Path(row["name"]).name for row in json.loads(found.stdout)["damaged"]}
    assert names == {victim.name for victim in victims}
    dry = run("repair", "--dry-run", library=library)
    assert dry.returncode == 1
    assert "send the article again" in dry.stdout
    assert sorted(library.rglob("*")) == before
    mended = run("repair", "--json", library=library)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert all(row["mended"] for row in json.loads(mended.stdout)["damaged"])
    assert run("verify", library=library).returncode == 0
    with in_process(library) as (client, _):
        assert client.get("/v1/articles/down").status_code == 410
        assert client.get(known["down"]["links"]["audio"]).status_code == 410
        assert client.get("/v1/articles/b/audio.mp3").status_code == 200
        assert client.get("/v1/articles/c/audio.mp3").status_code == 200
        assert made(client, "a", "Of a.")["sha256"] == known["a"]["sha256"]
        assert client.post("/v1/articles/down/restore").status_code == 204
        assert made(client, "down", "Of down.")["id"] == known["down"]["id"]


def test_files_that_are_wrong_are_found_and_made_anew(
    filled: Filled,
) -> None:
    library, known = filled
    (audio,) = library.glob(f"files/*/f1-{known['a']['sha256']}.mp3")
    data = bytearray(audio.read_bytes())
    data[len(data) // 2] ^= 1
    audio.write_bytes(bytes(data))
    (gone,) = library.glob(f"files/*/f1-{known['b']['sha256']}.mp3")
    gone.unlink()
    assert run("verify", library=library).returncode == 1
    with in_process(library) as (client, _):  # What is missing is noticed without being repaired.
        assert made(client, "b", "Of b.")["sha256"] == known["b"]["sha256"]
        assert client.get("/v1/articles/b/audio.mp3").status_code == 200
    assert run("repair", library=library).returncode == 0
    assert run("verify", library=library).returncode == 0
    with in_process(library) as (client, _):
        assert client.get("/v1/articles/a").status_code == 404
        assert made(client, "a", "Of a.")["sha256"] == known["a"]["sha256"]
