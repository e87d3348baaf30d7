"""A site folder served as a static host would."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from site_folder import make_content, ran
from test_cli import NARRATOR, run
from waiting import PATIENCE

LONG = "# Long\n\n" + " ".join(f"Sentence {n} of this article." for n in range(30))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Of the real command, on a port of its own, over a folder whose names are odd."""
    root = tmp_path_factory.mktemp("static")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("NARRATOR_LIBRARY", str(root / "library"))
        folder = make_content(root)
        (folder / "long.md").write_text(LONG)
        (folder / "Ünïcode & more.md").write_text("An odd name.\n")
        ran()
        Path("secret.txt").write_text("outside")
        process = subprocess.Popen(
            [NARRATOR, "serve", "--site", "out", "--port", "0"],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                break
        else:
            raise AssertionError(lines)
        with httpx.Client(base_url=found[0]) as asking:
            yield asking
        process.terminate()
        process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, 143, -15)


def test_files_as_a_host_would_send_them(client: httpx.Client) -> None:
    index = client.get("/index.json")
    assert index.headers["content-type"] == "application/json"
    assert index.headers["access-control-allow-origin"] == "*"
    assert "immutable" not in index.headers["cache-control"]
    for article in index.json()["articles"]:
        manifest = client.get(f"/{article['manifest']}").json()
        for file in manifest["files"]:
            named = client.get(f"/{article['slug']}/{file['url']}")
            assert named.status_code == 200
            assert len(named.content) == file["size"]
            assert named.headers["content-type"].startswith(file["type"])
            assert "immutable" in named.headers["cache-control"]
            bare = client.head(f"/{article['slug']}/{file['name']}")
            assert "immutable" not in bare.headers["cache-control"]
            assert bare.headers["content-length"] == str(file["size"])
            assert bare.content == b""


def test_ranges_and_conditions(client: httpx.Client) -> None:
    whole = client.get("/long/audio.mp3")
    part = client.get("/long/audio.mp3", headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole.content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    end = client.get("/long/audio.mp3", headers={"Range": "bytes=-10"})
    assert end.content == whole.content[-10:]
    beyond = client.get("/long/audio.mp3", headers={"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416
    same = client.get("/long/audio.mp3", headers={"If-None-Match": whole.headers["etag"]})
    assert same.status_code == 304
    assert same.headers["access-control-allow-origin"] == "*"


def test_nothing_else_is_served(client: httpx.Client) -> None:
    for path in (
        "/.narrator.lock", "/../secret.txt", "/%2e%2e/secret.txt", "/none", "/long/",
        "/long/%2e%2e/%2e%2e/secret.txt", "/long/.making/audio.mp3", "//etc/passwd",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    assert client.post("/index.json").status_code == 405


def test_the_front_page_plays_all(client: httpx.Client) -> None:
    page = client.get("/").text
    sources = re.findall(r'src="([^"]+)"', page)
    assert len(sources) == 5
    for source in sources:
        assert client.get(f"/{source}").status_code == 200


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    done = run("serve", "--site", str(tmp_path))
    assert done.returncode == 7
    assert "is no site folder" in done.stderr


def test_the_player_is_whole(client: httpx.Client) -> None:
    """What a module of the player imports is there."""
    module = re.search(r'src="\./(player/[^"]+)"', client.get("/first/snippet.html").text)
    assert module is not None
    seen, waiting = set(), [module[1]]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = client.get(f"/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("text/javascript")
        for name in re.findall(r'(?:from|import)\s*\(?\s*"\./([\w.-]+\.js)"', answer.text):
            found = f"{path.rpartition('/')[0]}/{name}"
            if found not in seen:
                waiting.append(found)
    assert len(seen) >= 5
