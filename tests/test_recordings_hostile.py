"""Recordings that a page names: from where they are fetched, and what is no sound."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import soundfile
from serving import Serving
from serving import serving as service_of
from site_folder import ran, states
from test_recordings import HEARD, article, mp3, sound
from waiting import PATIENCE
from web import Site, answer, redirect, serving

from narrator import narrate, recordings
from narrator.errors import FetchError, NarratorError, RecordingUnreadable

Result = TypeVar("Result")

pytestmark = pytest.mark.usefixtures("library")

BODY = "<article><h1>Tides</h1><p>The tide comes in twice a day, as it always did.</p></article>"
TITLE = "<html lang=en><title>Tides</title>"

PAGES = {
    "meta": f"{TITLE}<meta name='narrator:audio' content='{{audio}}'>{BODY}",
    "attribute": f"{TITLE}<div data-narrator-audio='{{audio}}'>{BODY}</div>",
    "JSON-LD": TITLE + "<script type='application/ld+json'>"
    '{{"@type": "Article", "audio": {{"contentUrl": "{audio}"}}}}</script>' + BODY,
}  # fmt: skip
"""Ways in which a page names its recording."""

TEXTS = {
    "front matter": ("markdown", "---\ntitle: Tides\naudio: {audio}\n---\nThe tide comes in.\n"),
    **{name: ("html", page) for name, page in PAGES.items()},
}
"""And in which a text does that is sent."""

WAYS = {"itself": "{stranger}/read.mp3", "by a redirect": "{site}/away",
        "by two": "{site}/first"}  # fmt: skip
"""How an address leads to the host that is not named."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Of the host that the settings name."""
    with serving({}) as found:
        yield found


@pytest.fixture(scope="module")
def stranger() -> Iterator[Site]:
    """Of one that they do not name: another port is another host."""
    with serving({"/read.mp3": HEARD}) as found:
        yield found


@pytest.fixture(scope="module")
def service(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    root = tmp_path_factory.mktemp("service")
    (root / "temporary").mkdir()
    with service_of(
        root / "library", NARRATOR_ALLOW_PRIVATE="1", TMPDIR=str(root / "temporary"),
        NARRATOR_SERVICE__HOSTS=site.url.removeprefix("http://"),
    ) as found:  # fmt: skip
        yield found


def soon(look: Callable[[], Result]) -> Result:
    """What a look finds, repeated until that is something, for as long as a test waits."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def no_files(service: Serving) -> bool:
    folder = service.library.parent / "temporary"
    return not list(folder.glob("narrator-recording-*"))


def refused(found: Any, status: int, kind: str) -> str:
    assert found.status_code == status, found.text
    problem = found.json()
    assert found.headers["Content-Type"] == "application/problem+json"
    assert problem["type"] == f"/problems/{kind}"
    return str(problem["detail"])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("named", TEXTS)
def test_a_text_that_is_sent_has_nothing_fetched_from_another_host(
    service: Serving, site: Site, stranger: Site, named: str, way: str
) -> None:
    site.answers = {"/away": redirect(f"{stranger.url}/read.mp3"), "/first": redirect("/away")}
    stranger.asked.clear()
    member, text = TEXTS[named]
    audio = WAYS[way].format(site=site.url, stranger=stranger.url)
    found = service.client.post("/v1/narrations", json={member: text.format(audio=audio)})
    assert "hosts" in refused(found, 403, "host-not-allowed")
    assert stranger.asked == []
    assert no_files(service)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("named", PAGES)
def test_a_page_of_a_named_host_leads_to_no_other(
    service: Serving, site: Site, stranger: Site, named: str, way: str
) -> None:
    audio = WAYS[way].format(site=site.url, stranger=stranger.url)
    page = PAGES[named].format(audio=audio).encode()
    path = f"/{named}-{way}".replace(" ", "-")
    site.answers = {"/away": redirect(f"{stranger.url}/read.mp3"), "/first": redirect("/away"),
                    path: answer(body=page)}  # fmt: skip
    stranger.asked.clear()
    found = service.client.post("/v1/listen", json={"url": f"{site.url}{path}"})
    if found.status_code == 202:  # A busy machine: the page is still being read.
        found = soon(lambda: service.client.get(found.json()["links"]["audio"]))
    refused(found, 403, "host-not-allowed")
    assert stranger.asked == []


def test_a_recording_of_a_named_host_is_played(service: Serving, site: Site) -> None:
    site.answers = {"/read.mp3": HEARD, "/there": redirect("/read.mp3")}
    text = TEXTS["front matter"][1].format(audio=f"{site.url}/there")
    assert service.narrated(text)["voice"] == "recording"
    assert soon(lambda: no_files(service)), "what is made needs its recording no more"


def flac(seconds: float, rate: int = 8000) -> bytes:
    """Silence, which a FLAC holds in a few bytes a second."""
    file = io.BytesIO()
    soundfile.write(file, np.zeros(round(seconds * rate), np.int16), rate, format="FLAC")
    return file.getvalue()


def claiming(data: bytes, samples: int, rate: int = 8000) -> bytes:
    """A FLAC whose head says that it has so many samples; 0 for "unknown"."""
    told = (rate << 44 | 0 << 41 | 15 << 36 | samples).to_bytes(8, "big")
    return data[:18] + told + data[26:]


def wav(rate: int, channels: int = 1, size: int = 4000) -> bytes:
    """As its head says."""
    form = b"\x01\0" + channels.to_bytes(2, "little") + rate.to_bytes(4, "little")
    form += (
        (rate * channels % 2**32).to_bytes(4, "little") + channels.to_bytes(2, "little") + b"\x08\0"
    )
    data = bytes(range(256)) * (size // 256)
    chunks = b"fmt \x10\0\0\0" + form + b"data" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + b"WAVE" + chunks


LOUD = io.BytesIO()
soundfile.write(LOUD, sound(8000, 1), 8000, format="FLAC")

NO_SOUND = {
    "a page": b"<!doctype html><p>This is a page.</p>" * 100,
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a playlist": b"#EXTM3U\n#EXTINF:1,a\nhttp://127.0.0.1/secret\n",
    "another playlist": b"[playlist]\nFile1=file:///etc/passwd\n",
    "nothing": b"",
    "a byte": b"\xff",
    "two bytes": b"\xff\xfb",
    "a text": b"This is a text, and no sound. " * 40,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "an archive": b"PK\x03\x04" + bytes(1000),
    "a film": b"\x1aE\xdf\xa3" + bytes(1000),
    "an AVI": b"RIFF\x00\x10\0\0AVI LIST" + bytes(1000),
    "an empty MP4": b"\0\0\0\x18ftypM4A \0\0\0\0isomM4A " + bytes(1000),
    "a playlist as MP4": b"\0\0\0\x18ftypM4A #EXTM3U\nfile:///etc/passwd\n" + bytes(1000),
    "ID3 and no more": b"ID3\x04\0\0\0\0\x0f\x7f" + bytes(2000),
    "frames of nothing": b"\xff\xfb\x90\x64" + bytes(4000),
    "the head of a FLAC": flac(5)[:60],
    "a FLAC cut off": LOUD.getvalue()[:900],
    "an Ogg of nothing": b"OggS\0\x02" + bytes(2000),
    "silence": flac(30),
    "an hour in 80 kB": flac(3600),
    "100 hours, by its head": claiming(flac(5), 100 * 3600 * 8000),
    "an hour that says 5 s": claiming(flac(3600), 5 * 8000),
    "an hour that does not say": claiming(flac(3600), 0),
    "1 sample a second": wav(1),
    "2 billion samples a second": wav(2**31 - 1),
    "no samples a second": wav(0),
    "1000 channels": wav(44100, 1000, 100_000),
    "no channels": wav(44100, 0),
}  # fmt: skip


@pytest.mark.parametrize("what", NO_SOUND)
def test_what_is_no_sound_is_a_problem_and_leaves_no_file(
    service: Serving, site: Site, what: str
) -> None:
    site.answers = {"/read.mp3": answer(body=NO_SOUND[what], content_type="audio/mpeg")}
    text = TEXTS["front matter"][1].format(audio=f"{site.url}/read.mp3")
    found = service.client.post("/v1/narrations", json={"markdown": text})
    refused(found, 422, "recording-unreadable")
    assert no_files(service)


@pytest.mark.parametrize("what", NO_SOUND)
def test_a_file_that_is_no_sound_is_told(tmp_path: Path, what: str) -> None:
    (tmp_path / "read.mp3").write_bytes(NO_SOUND[what])
    with pytest.raises(RecordingUnreadable):
        narrate(article(tmp_path, "read.mp3"), output=tmp_path / "out.mp3", voice="tone")
    assert not (tmp_path / "out.mp3").exists()


def without_end(start: bytes, sent: list[int]) -> Any:
    """An answer that has no end; how much of it went out is told in `sent`."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "audio/mpeg")
        handler.end_headers()
        for piece in itertools.chain([start], itertools.repeat(bytes(65536))):
            try:
                handler.wfile.write(piece)
            except OSError:
                handler.close_connection = True
                return
            sent.append(len(piece))

    return send


def test_a_stream_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit if it begins like a sound, else at its first bytes."""
    monkeypatch.setattr(recordings, "LARGEST", 4_000_000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for start, most in ((mp3(), 16_000_000), (b"<html>" + bytes(100), 8_000_000)):
        sent: list[int] = []
        with (
            serving({"/read.mp3": without_end(start, sent)}) as endless,
            pytest.raises(RecordingUnreadable),
        ):
            narrate(
                article(tmp_path, f"{endless.url}/read.mp3"), output=tmp_path / "out.mp3",
                allow_private=True,
            )  # fmt: skip
        assert sum(sent) < most, "what the buffers of the system took is counted too"
    assert [path.name for path in tmp_path.iterdir()] == ["tides.md"]


def test_a_recording_is_not_held_in_memory(tmp_path: Path) -> None:
    """One of 48 MB takes no more than one of 1 MB, within what varies from run to run."""
    code = (
        "import re, sys\nfrom pathlib import Path\nfrom narrator import narrate\n"
        "narrate(sys.argv[1], output=sys.argv[2], allow_private=True, format='opus')\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) // 1024)\n"
    )
    peaks = []
    with serving({}) as wide:
        for seconds in (5, 250):
            file = io.BytesIO()
            noise = np.random.default_rng(1).integers(-3000, 3000, (48000 * seconds, 2), np.int16)
            soundfile.write(file, noise, 48000, format="WAV")
            wide.answers["/read.wav"] = answer(body=file.getvalue(), content_type="audio/wav")
            asked = [str(article(tmp_path, f"{wide.url}/read.wav")), str(tmp_path / "out.opus")]
            done = subprocess.run(
                [sys.executable, "-c", code, *asked], capture_output=True, text=True, check=True
            )
            peaks.append(int(done.stdout))
    assert peaks[1] - peaks[0] < 35, peaks


SPELLINGS = ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]",
             "0.0.0.0")  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
def test_a_command_fetches_no_recording_from_a_private_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "content").mkdir()
    with serving({"/read.mp3": HEARD}) as private:
        address = private.url.replace("127.0.0.1", host)
        path = article(tmp_path / "content", f"{address}/read.mp3")
        with pytest.raises(FetchError):
            narrate(path, output="out.mp3")
        assert states(ran()) == {"content/tides.md": "failed"}
        assert private.asked == []
    assert not Path("out.mp3").exists()


@pytest.mark.parametrize(
    "address",
    ["ftp://127.0.0.1/a.mp3", "file:///etc/passwd", "unix:/run/a.sock", "data:audio/mpeg,a"],
)
def test_other_schemes_lead_to_no_recording(tmp_path: Path, address: str) -> None:
    """Where a redirect leads to one, and where it stands in a text that is sent."""
    with serving({"/read.mp3": redirect(address)}) as leading, pytest.raises(NarratorError):
        narrate(
            article(tmp_path, f"{leading.url}/read.mp3"), output=tmp_path / "out.mp3",
            allow_private=True,
        )  # fmt: skip
    assert not (tmp_path / "out.mp3").exists()
