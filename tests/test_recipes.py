"""The recipes and the tiny sites under examples/: each is built by its generator and read aloud."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from lxml import html
from test_cli import NARRATOR
from waiting import PATIENCE

EXAMPLES = Path(__file__).parents[1] / "examples"
BIN = Path(NARRATOR).parent


@pytest.fixture(autouse=True)
def _tone(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of recipes find this narrator, and speak with the tone."""
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NARRATOR_VOICE", "tone")


def site(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a tiny site, in which what follows is run."""
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / "sites" / name, folder)
    monkeypatch.chdir(folder)
    return folder


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def heard_on(page: Path, built: Path) -> list[Path]:
    """The audio files that the players of a page lead to; each is there, in the built site."""
    found = []
    for player in html.fromstring(page.read_bytes()).iter("narrator-player"):
        for audio in player.iter("audio"):
            for address in (str(audio.get("src")), str(player.get("manifest"))):
                assert address.startswith("https://example.org/audio/")
                assert (built / unquote(urlsplit(address).path).lstrip("/")).is_file()
            found.append(built / unquote(urlsplit(str(audio.get("src"))).path).lstrip("/"))
    return found


def pages_of(built: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(built.rglob("*.html"))}


def test_hugo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shutil.which("hugo"), "Hugo is not installed: run tests/install"
    folder = site("hugo", tmp_path, monkeypatch)
    public = folder / "public"

    def built() -> dict[str, bytes]:
        for command in ("narrator prerender", "hugo --quiet", "narrator prerender"):
            run(*shlex.split(command))
        return pages_of(public)

    pages = built()
    for post in ("ferry", "lamps"):
        assert len(heard_on(public / "posts" / post / "index.html", public)) == 1
    assert not (public / "audio" / "posts-storm").exists(), "a draft"
    assert heard_on(public / "index.html", public) == []
    assert (public / "audio" / "feed.xml").read_text().count("<item>") == 2
    run("narrator", "check")
    run("narrator", "check", "public/audio", "content", "--deep")
    assert built() == pages, "once more changes nothing"


def test_mkdocs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = site("mkdocs", tmp_path, monkeypatch)
    run("narrator", "prerender")
    run(sys.executable, "-m", "mkdocs", "build", "--strict")
    for name, audio in (("index.html", "index"), ("gate/index.html", "gate")):
        page = folder / "site" / name
        assert heard_on(page, folder / "site") == [folder / "site" / "audio" / audio / "audio.mp3"]
        text = page.read_text()
        assert text.index("</h1>") < text.index("<narrator-player")
    run("narrator", "check", "site/audio", "--deep")


@pytest.mark.soak
def test_eleventy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From npm, which takes its time."""
    assert shutil.which("npm"), "npm is not installed: apt-get install npm"
    folder = site("eleventy", tmp_path, monkeypatch)
    run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent")
    run("npm", "run", "build", "--silent")
    before = pages_of(folder / "_site")
    for post in ("letter", "answer"):
        page = folder / "_site" / "posts" / post / "index.html"
        assert len(heard_on(page, folder / "_site")) == 1
        assert "</h1><!-- narrator --><narrator-player" in page.read_text()
    run("narrator", "check", "--deep")
    run("npm", "run", "build", "--silent")
    assert pages_of(folder / "_site") == before, "once more changes nothing"


def test_the_makefile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES / "recipes" / "Makefile", tmp_path)
    article = tmp_path / "content" / "a.md"
    article.parent.mkdir()
    article.write_text("# A\n\nOne sentence.\n")
    assert "narrator prerender" in run("make", "audio")
    assert "narrator prerender" not in run("make", "audio"), "nothing has changed"
    assert (tmp_path / "public" / "audio" / "report.html").is_file()
    run("make", "check")
    article.write_text("# A\n\nAnother sentence.\n")
    later = (tmp_path / "public" / "audio" / "index.json").stat().st_mtime + 1
    os.utime(article, (later, later))
    assert "narrator prerender" in run("make", "check")


def test_the_workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one by the schema, and what it runs of narrator runs."""
    path = EXAMPLES / "recipes" / "audio.yml"
    checker = str(BIN / "check-jsonschema")
    run(checker, "--builtin-schema", "vendor.github-workflows", str(path))
    broken = tmp_path / "broken.yml"
    broken.write_text(path.read_text().replace("runs-on:", "runs_on:"))
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.github-workflows", str(broken)],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0, "so that the check above can fail"
    site("hugo", tmp_path, monkeypatch)
    steps = yaml.safe_load(path.read_text())["jobs"]["audio"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands[0] == "pip install article-narrator"
    for command in commands[1:]:
        run(*shlex.split(command))
    assert Path("report.html").is_file()
