"""What `narrator check` finds in the real voice: every damage that is planted, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from damage import PLANTED, manifest_in, signed, sound_in
from site_folder import make_content, ran
from test_cli import run

from narrator.audio.levels import levels
from narrator.errors import AudioError
from narrator.publishing.channel import FeedTable
from narrator.settings import load_settings
from narrator.site.check import check
from narrator.site.config import SiteTable
from narrator.site.findings import Finding

FEED = FeedTable(title="Spoken", description="All of it.", language="en")
URL = "https://example.org/"
LONG = """# The last ferry of the day

The ferry leaves at six. It crosses the bay in forty minutes, and on a clear evening the mountains
stand red behind the town. Nobody talks much on the way.

## What it carries

- Bread from the bakery at the harbour.
- Two bicycles, a crate of lemons and a dog that has made this journey many times before.

Most of the people know each other, or have stopped pretending that they do not. The captain waits
for those who are late, but she does not wait for long. Yes.

> There is always another boat, she says, and there never is.
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder with content and the site folder made of it, by the real voice."""
    root = tmp_path_factory.mktemp("whole")
    folder = make_content(root)
    (folder / "long.md").write_text(LONG)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("NARRATOR_LIBRARY", str(root / "library"))
        ran(audio_url=f"{URL}audio", url=URL, feed=FEED, voice="en_US-joe-medium")
        yield root


@pytest.fixture
def site(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to damage; the working folder is the one around it."""
    for name in ("content", "out"):
        shutil.copytree(whole / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "out"


def kinds(out: Path, *, deep: bool) -> set[tuple[str, str]]:
    """(kind, article) of all findings."""
    looked = check(out, ["content"], SiteTable(url=URL), load_settings(), deep=deep)
    return {(each.kind, each.article) for each in looked if isinstance(each, Finding)}


def test_nothing_is_found_where_nothing_is_wrong(site: Path) -> None:
    assert kinds(site, deep=True) == set()


@pytest.mark.parametrize("name", PLANTED)
def test_planted_damage_is_found(site: Path, name: str) -> None:
    """By the quick look if it leaves a trace, by the deep one in any case; no other article is
    said to be wrong."""
    plant, quickly, expected = PLANTED[name]
    plant(site)
    quick, deep = kinds(site, deep=False), kinds(site, deep=True)
    if name == "a run was stopped":  # Its audio is not in the index any more, either.
        quick, deep = ({each for each in found if each[1] == "long"} for found in (quick, deep))
    assert bool(quick) == quickly
    assert {kind for kind, _ in deep} >= expected
    assert {article for _, article in deep} <= {"long"}


def test_every_planted_damage_at_once(whole: Path, tmp_path: Path) -> None:
    """The figures that the README tells: found of planted."""
    found = {"quick": 0, "deep": 0}
    for number, (plant, _, expected) in enumerate(PLANTED.values()):
        folder = tmp_path / str(number)
        for name in ("content", "out"):
            shutil.copytree(whole / name, folder / name)
        plant(folder / "out")
        for look, deep in (("quick", False), ("deep", True)):
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(folder)
                found[look] += bool({kind for kind, _ in kinds(Path("out"), deep=deep)} & expected)
    assert found == {"quick": 9, "deep": 12}


def test_a_very_short_article_is_whole(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word or two have no pace."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "d.md").write_text("# D\n\nTurns.\n")
    ran()
    assert run("check", "out", "content", "--deep").returncode == 0


def test_a_quick_look_loads_nothing_heavy(tmp_path: Path) -> None:
    """Else its start would cost more than its look."""
    heavy = "numpy httpx narrator.planning narrator.making narrator.site.listen".split()
    program = (
        "import sys; from narrator.cli import app\n"
        "app(['check', '.', '--json'], standalone_mode=False)\n"
        f"print(*sys.modules.keys() & set({heavy}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == "", done.stderr


def test_the_command(site: Path) -> None:
    sound, rate = sound_in(site)
    sound[rate * 3 : rate * 6] = 0
    signed(site, sound)
    assert run("check", "out").returncode == 0, "it has been signed"
    done = run("check", "out", "--deep", "--json")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["kind"] for line in lines[:-1]} == {"silence"}
    assert lines[-1]["kinds"] == {"silence": len(lines) - 1}
    assert "not heard" in run("check", "out", "--deep").stdout


@pytest.mark.parametrize("form", ["opus", "m4a", "flac", "wav"])
def test_all_formats_are_decoded(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make_content(tmp_path)
    ran(formats=(form, "mp3"))
    done = run("check", "out", "--deep")
    assert done.returncode == 0, done.stdout
    path = Path("out/first") / f"audio.{form}"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = run("check", "out", "--deep", "--json").stdout
    assert {json.loads(line).get("kind") for line in found.splitlines()} >= {"length"}
    path.write_bytes(b"no sound at all")
    with pytest.raises(AudioError, match="decoded"):
        levels(path)


def test_levels(tmp_path: Path) -> None:
    """Of a file that is decoded in blocks, at a rate whose hundredths are no whole samples."""
    import numpy as np

    rate, seconds = 22050, 30
    sound = np.zeros(rate * seconds, np.float32)
    sound[rate * 10 : rate * 20] = 0.5
    sound[rate * 25 : rate * 25 + 4] = 1.0
    soundfile.write(tmp_path / "a.wav", sound, rate, subtype="FLOAT")
    heard = levels(tmp_path / "a.wav")
    assert heard.duration == seconds
    assert len(heard.frames) == seconds * 100
    assert heard.between(10, 20).min() == pytest.approx(-6.02, abs=0.01)
    assert heard.between(0, 10).max() == heard.between(20, 25).max() == -120
    assert heard.clips(24.9, 25.1)
    assert not heard.clips(0, 24.9)


def test_an_article_of_several_voices_and_paces_is_whole(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "long.md").write_text(LONG)
    Path("narrator.toml").write_text(
        '[site]\nsources = ["content"]\noutput = "out"\n[style]\nvoice = "tone"\nspeed = 1.4\n'
        "[style.quote]\nspeed = 0.7\n[style.headline]\nspeed = 2.1\n"
        "[style.pauses]\nsentence = 0.0\nparagraph = 0.05\n"
    )  # At 2.5 the tone voice ends 20 ms before its sentence does: too little for whole hundredths.
    assert run("prerender").returncode == 0
    done = run("check", "--deep")
    assert done.returncode == 0, done.stdout
    assert manifest_in(Path("out")).speed == 1.4
