"""What testers sent that commands once answered with a traceback, or with the wrong thing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from narrator import read, speakable
from narrator.settings import Settings

ARTICLE = "# Tea\n\nIt cost $5.\n"


def run(
    folder: Path, *arguments: str | bytes, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command in a folder with an article, in the test voice."""
    (folder / "a.md").write_text(ARTICLE)
    whole = {
        **os.environ, "NARRATOR_LIBRARY": str(folder / "library"), "NARRATOR_VOICE": "tone",
        **environment,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "narrator", *arguments],
        cwd=folder, env=whole, capture_output=True, text=True, errors="surrogateescape",
    )  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        '---\ntitle: "x\\uD83D"\nauthor: "y\\uDC00"\n---\n',
        '{"title": "x\\ud83d", "author": "y\\udc00"}\n',
        '---json\n{"title": "x\\ud83d", "author": "y\\udc00"}\n---\n',
    ],
)
def test_lone_surrogates_by_escape_are_no_characters(head: str) -> None:
    article = read(f"{head}\nGood text.\n", format="markdown")
    assert (article.title, article.author) == ("x\ufffd", "y\ufffd")
    assert speakable(article.title) == "x"


def test_captions_stand_beside_a_name_that_is_no_utf_8(tmp_path: Path) -> None:
    done = run(tmp_path, "narrate", "a.md", "--captions", "--quiet", "-o", b"bad\xfe.mp3")
    assert done.returncode == 0, done.stderr
    folder = Path(os.fsdecode(tmp_path))
    assert {b"bad\xfe.mp3", b"bad\xfe.vtt", b"bad\xfe.cues.json"} <= {
        os.fsencode(path.name) for path in folder.iterdir()
    }
    with (folder / os.fsdecode(b"bad\xfe.cues.json")).open("rb") as file:
        assert os.fsencode(json.load(file)["audio"]["file"]) == b"bad\xfe.mp3"


@pytest.mark.parametrize("text", [f"a = {'[' * 5000}", f"x = {'9' * 5000}"])
@pytest.mark.parametrize("name", ["narrator.toml", "words.toml"])
def test_toml_that_is_too_much_is_an_error_of_one_line(
    name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    command = ("script", "a.md") if name == "narrator.toml" else ("lexicon", "check", name)
    done = run(tmp_path, *command)
    assert done.returncode in (1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert name in done.stderr + done.stdout


LONG = "x" * 256


@pytest.mark.parametrize(
    "arguments",
    [
        ("narrate", "a.md", "-o", f"{LONG}.mp3"),
        ("narrate", "a.md", "--intro", f"{LONG}.wav"),
        ("prerender", "a.md", "-o", LONG),
        ("prerender", LONG, "-o", "out"),
        ("prerender", "a.md", "-o", "loop"),
        ("check", LONG),
        ("script", LONG),
    ],
)
def test_a_path_that_cannot_be_looked_up_is_an_error_of_one_line(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    done = run(tmp_path, *arguments)
    assert done.returncode in (2, 3, 6, 7), done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("narrator: ")


def test_an_empty_library_setting_is_none(tmp_path: Path) -> None:
    done = run(tmp_path, "narrate", "a.md", "--quiet", "-o", "a.mp3",
               NARRATOR_LIBRARY="", XDG_DATA_HOME=str(tmp_path / "data"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"a.md", "a.mp3", "data"}
    assert Settings(library="").library == Settings.model_fields["library"].get_default(
        call_default_factory=True, validated_data={}
    )


@pytest.mark.parametrize("name", ["index.json.md", "feed.xml.md", "_headers.md", "player.md"])
def test_an_article_may_have_the_name_of_what_lies_in_a_site_folder(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    for each in (name, "tea.md"):
        (tmp_path / "site" / each).write_text(ARTICLE)
    done = run(tmp_path, "prerender", "site", "-o", "out", "--quiet")
    assert done.returncode == 0, done.stderr
    listed = json.loads((tmp_path / "out/index.json").read_text("utf-8"))["articles"]
    assert len(listed) == 2
    for article in listed:
        assert (tmp_path / "out" / article["slug"] / "audio.mp3").is_file()
