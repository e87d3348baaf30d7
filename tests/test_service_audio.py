"""The audio over HTTP: ranges and validators of what is finished, the stream of what is not."""

from __future__ import annotations

import hashlib
import http.client
import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
import soundfile
from serving import Serving, paragraphs, serving
from waiting import until


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("audio") / "library") as running:
        yield running


@pytest.fixture(scope="module")
def url(service: Serving) -> str:
    """Of finished audio, of more than a megabyte, which is read in several pieces."""
    link: str = service.narrated(paragraphs(60))["links"]["audio"]
    return link


@pytest.fixture(scope="module")
def whole(service: Serving, url: str) -> httpx.Response:
    return service.client.get(url)


def test_the_whole(whole: httpx.Response) -> None:
    assert whole.status_code == 200
    assert len(whole.content) > 1_000_000
    headers = whole.headers
    assert headers["Content-Length"] == str(len(whole.content))
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Type"] == "audio/mpeg"
    assert headers["ETag"] == f'"{hashlib.sha256(whole.content).hexdigest()}"'
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"


RANGES = [
    ("bytes=0-1", 0, 2),
    ("bytes=0-0", 0, 1),
    ("bytes=100-99999", 100, 100_000),
    ("bytes=1000-", 1000, None),
    ("bytes=0-", 0, None),
    ("bytes=-500", -500, None),
    ("bytes=-99999999999", 0, None),
    ("bytes=500-99999999999", 500, None),
    ("BYTES = 3 - 7", 3, 8),
    ("bytes=262143-262144", 262_143, 262_145),
    ("bytes=10-600000", 10, 600_001),
]


@pytest.mark.parametrize(("header", "start", "end"), RANGES)
def test_a_part(
    service: Serving, url: str, whole: httpx.Response, header: str, start: int, end: int | None
) -> None:
    part = service.client.get(url, headers={"Range": header})
    size = len(whole.content)
    first = start % size if start < 0 else start
    last = size if end is None else end
    assert part.status_code == 206
    assert part.content == whole.content[first:last]
    assert part.headers["Content-Range"] == f"bytes {first}-{last - 1}/{size}"
    assert part.headers["Content-Length"] == str(last - first)
    assert part.headers["ETag"] == whole.headers["ETag"]


WHOLE = [
    "bytes=0-1,5-9", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes", "seconds=1-2",
    "bytes=0x10-", "bytes=1-2-3", "bytes=--5", "bytes=1 2-3", "0-5", "bytes=+1-5",
    f"bytes={'9' * 400}-", "bytes=٣-٤", "bytes=0-1,",
]  # fmt: skip


@pytest.mark.parametrize("header", WHOLE)
def test_what_is_no_single_range_is_answered_whole(
    service: Serving, url: str, whole: httpx.Response, header: str
) -> None:
    answer = service.client.get(url, headers={b"Range": header.encode()})
    assert answer.status_code == 200
    assert answer.content == whole.content


@pytest.mark.parametrize(
    "header", ["bytes=99999999999-", "bytes=-0", "bytes=99999999999-999999999999"]
)
def test_a_range_beyond_the_end(
    service: Serving, url: str, whole: httpx.Response, header: str
) -> None:
    answer = service.client.get(url, headers={"Range": header})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(whole.content)}"
    assert answer.json()["type"] == "/problems/range-not-satisfiable"


def test_head_tells_what_get_would(service: Serving, url: str, whole: httpx.Response) -> None:
    head = service.client.head(url, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Length", "ETag", "Accept-Ranges", "Content-Type", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]


def test_what_is_known_is_not_sent_again(service: Serving, url: str, whole: httpx.Response) -> None:
    etag = whole.headers["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        same = service.client.get(url, headers={"If-None-Match": known, "Range": "bytes=0-9"})
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["ETag"] == etag
    assert service.client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    assert service.client.head(url, headers={"If-None-Match": etag}).status_code == 304


def test_a_range_of_what_was_another_is_answered_whole(
    service: Serving, url: str, whole: httpx.Response
) -> None:
    etag = whole.headers["ETag"]
    for condition, status in (
        (etag, 206), ('"other"', 200), (f"W/{etag}", 200), ("Wed, 21 Oct 2015 07:28:00 GMT", 200),
    ):  # fmt: skip
        answer = service.client.get(url, headers={"Range": "bytes=0-9", "If-Range": condition})
        assert answer.status_code == status, condition


def test_as_safari_asks(service: Serving, url: str, whole: httpx.Response) -> None:
    """Safari asks for two bytes to see whether ranges are answered, then for all in pieces, each
    with Accept-Encoding: identity and If-Range, over one connection."""
    size = len(whole.content)
    agent = {
        "User-Agent": "AppleCoreMedia/1.0.0 (iPhone; U; CPU OS 17_0 like Mac OS X; en_us)",
        "Accept": "*/*", "Accept-Encoding": "identity", "X-Playback-Session-Id": "0",
    }  # fmt: skip
    probe = service.client.get(url, headers={**agent, "Range": "bytes=0-1"})
    assert probe.status_code == 206
    assert probe.headers["Content-Range"] == f"bytes 0-1/{size}"
    assert probe.headers["Content-Length"] == "2"
    assert probe.headers["Content-Type"] == "audio/mpeg"
    rest = service.client.get(url, headers={**agent, "Range": f"bytes=0-{size - 1}"})
    assert rest.status_code == 206
    assert rest.content == whole.content
    heard = b""
    for start in range(0, size, 393_216):
        end = min(size, start + 393_216) - 1
        piece = service.client.get(
            url,
            headers={**agent, "Range": f"bytes={start}-{end}", "If-Range": probe.headers["ETag"]},
        )
        assert piece.headers["Content-Range"] == f"bytes {start}-{end}/{size}"
        heard += piece.content
    assert heard == whole.content


def test_documents_have_ranges_and_validators_too(service: Serving, url: str) -> None:
    for name in ("cues.json", "captions.vtt", "script.json", "chapters.json", "transcript.txt"):
        link = url.replace("audio.mp3", name)
        document = service.client.get(link)
        assert document.headers["ETag"] == f'"{hashlib.sha256(document.content).hexdigest()}"'
        assert "immutable" in document.headers["Cache-Control"]
        part = service.client.get(link, headers={"Range": "bytes=2-5"})
        assert (part.status_code, part.content) == (206, document.content[2:6])
        assert service.client.head(link).headers["Content-Length"] == str(len(document.content))


TWICE: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "audio", {}),
    ("GET", "audio", {"Range": "bytes=5-99"}),
    ("GET", "audio", {"Range": "bytes=99999999-"}),
    ("GET", "audio", {"Range": "bytes=5-99", "If-Range": '"another"'}),
    ("HEAD", "audio", {"X-Request-Id": "mine"}),
    ("GET", "cues", {"If-None-Match": "*"}),
    ("GET", "captions", {"Host": "stranger.example"}),
    ("HEAD", "script", {}),
    ("GET", "chapters", {}),
    ("GET", "transcript", {"Origin": "https://reader.example"}),
]
"""Method, file and headers of what is asked twice."""


def test_what_is_remembered_is_answered_as_what_is_not(tmp_path: Path) -> None:
    """After a start the routes answer first, for nothing is remembered; then the short way does."""
    with serving(tmp_path / "library") as before:
        links = [before.narrated(f"Told by way {number}.")["links"] for number in range(len(TWICE))]
    origins = {"NARRATOR_SERVICE__ORIGINS": "https://reader.example"}
    with serving(tmp_path / "library", **origins) as service:
        for (method, name, headers), link in zip(TWICE, links, strict=True):
            answers = [service.client.request(method, link[name], headers=headers) for _ in "12"]
            first, second = (
                (answer.status_code, answer.content, {**answer.headers, "date": ""})
                for answer in answers
            )
            if "X-Request-Id" not in headers:
                assert first[2].pop("x-request-id") != second[2].pop("x-request-id")
            assert first == second, (method, name, headers)
        service.stop()
        told = [
            {**line, "time": "", "seconds": 0, "request": ""}
            for line in service.log
            if line["message"] == "answered"
        ]
        assert len(told) == 2 * len(TWICE)
        assert told[::2] == told[1::2]
        assert told[0]["route"] == "/v1/narrations/{narration_id}/audio.mp3"


def test_while_it_is_made_nothing_can_be_kept_of_it(service: Serving) -> None:
    asked = service.ask(paragraphs(3000, "It is far from finished, so it has no ranges yet"))
    link = asked["links"]["audio"]
    head = service.client.head(link)
    assert head.status_code == 200
    live = {"etag", "accept-ranges", "content-range", "content-length", "last-modified"}
    for condition in ({"Range": "bytes=0-1"}, {"Range": "bytes=500-"}, {"If-None-Match": "*"},
                      {"If-Range": '"a"', "Range": "bytes=-5"}, {}):  # fmt: skip
        with service.client.stream("GET", link, headers=condition) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "no-store"
            assert not live & set(answer.headers)
            next(answer.iter_bytes())
    service.client.delete(asked["links"]["self"])


def test_the_chapters_so_far_are_told(service: Serving) -> None:
    asked = service.ask("# Tea\n\n" + paragraphs(3000, "It is far from finished"))
    answer = service.client.get(asked["links"]["chapters"])
    assert answer.json()["title"] == "Tea"

    def chapters() -> list[dict[str, Any]]:
        nonlocal answer
        answer = service.client.get(asked["links"]["chapters"])
        return list(answer.json()["chapters"])

    told = until(chapters)
    assert service.client.get(asked["links"]["self"]).json()["state"] == "working"
    assert answer.headers["Content-Type"] == "application/json+chapters"
    assert answer.headers["Cache-Control"] == "no-store"
    assert [part["title"] for part in told] == ["Tea"]
    assert told[0]["endTime"] > told[0]["startTime"] == 0
    service.client.delete(asked["links"]["self"])


def threads_and_memory(service: Serving) -> tuple[int, int]:
    """Threads and resident kilobytes of the service, as the system counts them."""
    lines = Path(f"/proc/{service.process.pid}/status").read_text().splitlines()
    told = dict(line.split(":", 1) for line in lines)
    return int(told["Threads"]), int(told["VmRSS"].split()[0])


def test_a_listener_who_leaves_costs_nothing(service: Serving) -> None:
    asked = service.ask(paragraphs(3000, "Many begin to listen and go away again at once"))
    parts = urlsplit(service.url)

    def come_and_go(_: int) -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        connection.request("GET", asked["links"]["audio"])
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read(500)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come_and_go, range(30)))
        threads, memory = threads_and_memory(service)
        list(pool.map(come_and_go, range(300)))
    assert service.client.get(asked["links"]["self"]).json()["state"] == "working"
    until(
        lambda: threads_and_memory(service)[0] <= threads + 2, lambda: threads_and_memory(service)
    )
    assert threads_and_memory(service)[1] - memory < 30_000
    service.client.delete(asked["links"]["self"])
    until(lambda: not spools(service), "the spool of the making is still open")


def spools(service: Serving) -> int:
    """Files without a name that the service has open."""
    count = 0
    for file in os.scandir(f"/proc/{service.process.pid}/fd"):
        with suppress(FileNotFoundError):  # It was closed meanwhile.
            count += int(file.name) > 2 and "(deleted)" in str(Path(file.path).readlink())
    return count


def test_the_first_bytes_are_speech(tmp_path: Path) -> None:
    """With the real voice loaded: what comes first decodes to sound, long before the end."""
    with serving(tmp_path / "library", NARRATOR_VOICE="") as running:
        running.narrated("The voice is loaded by this.")
        asked = running.ask(
            "The ferry left the harbour at seven in the morning. " * 2
            + " ".join(f"It came back on day {day} of the month." for day in range(60))
        )
        data = b""
        with running.client.stream("GET", asked["links"]["audio"]) as live:
            for piece in live.iter_raw():
                data += piece
                if len(data) > 6000:
                    break
        sound, rate = soundfile.read(io.BytesIO(data))
        assert rate == 22_050
        assert np.abs(sound).max() > 0.05
        assert running.client.get(asked["links"]["self"]).json()["state"] == "working"
        running.client.delete(asked["links"]["self"])
