"""The Python API: what it shows of itself, what it takes, and every example of docs/python.md."""

from __future__ import annotations

import inspect
import json
import os
import pydoc
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting import PATIENCE

import narrator
from narrator import (
    Article,
    Block,
    Encoded,
    Narration,
    Progress,
    as_dict,
    narrate,
    narrating,
    read,
    speakable,
    write_script,
)
from narrator.pipeline import DEFAULTS
from narrator.roll import Roll

PAGE = Path(__file__).parent.parent / "docs/python.md"
EXAMPLES = re.findall(
    r"^## (.+)$\n(?:(?!^## )[\s\S])*?```python\n([\s\S]*?)```", PAGE.read_text("utf-8"), re.M
)
BY_HEADING = dict(EXAMPLES)
"""Heading -> its first example."""

ARTICLE = "# Tea\n\nIt cost $5 on May 12, 2024.\n\n## Water\n\nBoil it.\n"


@pytest.fixture
def desk(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with articles; the voice is the tone unless a test says otherwise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NARRATOR_VOICE", "tone")
    for name in ("article.md", "second.md", "articles/tea.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(ARTICLE.replace("Tea", name))
    return tmp_path


# What it shows of itself


def test_dir_shows_the_public_names_alone() -> None:
    assert dir(narrator) == sorted([*narrator.__all__, "__version__"])
    assert narrator.__version__ == version("article-narrator")


@pytest.mark.parametrize("function", [narrate, narrating])
def test_help_shows_every_option_with_its_default(function: Callable[..., Any]) -> None:
    shown = inspect.signature(function).parameters
    assert {name: shown[name].default for name in DEFAULTS} == DEFAULTS
    text = pydoc.plain(pydoc.render_doc(function))
    assert all(f"{name}: " in text for name in DEFAULTS)


def test_help_says_what_each_option_means() -> None:
    told = inspect.getdoc(narrate) or ""
    described = set(re.findall(r"^([a-z_]+)(?:, ([a-z_]+))? {2,}\S", told, re.M))
    names = {name for pair in described for name in pair if name}
    assert names == set(DEFAULTS)
    for words in re.split(r"\n(?=[a-z_]+(?:, [a-z_]+)? {2,})", told)[1:]:
        assert "Default" in words or words.startswith("into"), words


# What it takes


@pytest.mark.parametrize("function", [narrate, narrating])
def test_an_unknown_option_is_a_type_error(function: Callable[..., Any], desk: Path) -> None:
    with pytest.raises(TypeError, match=r"no option 'sped'.*speed"):
        function("article.md", sped=2.0)


def test_narrate_with_stream_refuses_an_unknown_option_at_once(desk: Path) -> None:
    with pytest.raises(TypeError, match="sped"):
        narrate("article.md", stream=True, sped=2.0)  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", [str, Path])
def test_paths_are_strings_or_paths_everywhere(kind: Callable[[Any], Any], desk: Path) -> None:
    jingle = narrate("second.md", output="jingle.wav")
    (desk / "words.toml").write_text('[names]\nTea = { say = "tee" }\n')
    (desk / "cover.png").write_bytes(PNG)
    made = narrate(
        kind("article.md"), output=kind("out.mp3"), intro=kind("jingle.wav"),
        outro=kind("jingle.wav"), cover=kind("cover.png"), lexicon=kind("words.toml"),
        library=kind(desk / "elsewhere"),
    )  # fmt: skip
    assert made.duration > 2 * jingle.duration
    assert any((desk / "elsewhere").rglob("*.flac"))


@given(st.text(st.characters(codec=None), max_size=80))
def test_speakable_takes_any_string(text: str) -> None:
    speakable(text).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("a \ud83d b", "a b"),
        ("\udfff", ""),
        ("It cost $5\udc80.", "It cost five dollars."),
        ("Two\ud800\udc00halves", "Two halves"),
        ("\x00Nought", "Nought"),
        ("", ""),
    ],
)
def test_lone_surrogates_are_no_words(text: str, spoken: str) -> None:
    assert speakable(text) == spoken


# Results as JSON


def test_every_value_turns_into_json(desk: Path) -> None:
    article = read("article.md")
    values: list[Any] = [article, article.blocks[0], write_script(article, language="en")]
    values += [event for event in narrating("article.md") if not isinstance(event, Encoded)]
    assert {type(value) for value in values} >= {Article, Block, Progress, Narration}
    for value in values:
        told = json.loads(json.dumps(as_dict(value)))
        assert set(told) == set(value.__dataclass_fields__)
    narration = values[-1]
    assert isinstance(narration.cues, Roll)
    told = as_dict(narration)
    assert [cue["source"] for cue in told["cues"]] == [cue.source for cue in narration.cues]  # type: ignore[union-attr,index,call-overload]


@pytest.mark.parametrize("value", [Encoded(b"ID3"), 5, None, "text", Narration, [1]])
def test_what_has_no_form_in_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        as_dict(value)


# The examples of docs/python.md


def run(code: str, folder: Path, **environment: str) -> str:
    """What a process that runs the code prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True,
        timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("heading", "printed"),
    [
        ("One article", r"[\d.]+ s of audio in article\.mp3\n"),
        ("Results as JSON", ""),
        ("Errors", r"There is no file 'missing\.md'.*\n"),
        ("Threads", r"[\d.]+ s of audio\n"),
        ("asyncio", r"\d{4,} bytes in the file, \d{4,} bytes in the stream\n"),
    ],
)
def test_the_examples_run(heading: str, printed: str, desk: Path) -> None:
    assert re.fullmatch(printed, run(BY_HEADING[heading], desk))


def test_every_example_is_run() -> None:
    assert len(EXAMPLES) == PAGE.read_text("utf-8").count("```python")
    assert set(BY_HEADING) == {
        "One article", "Results as JSON", "Errors", "Threads", "asyncio", "Django", "Celery",
    }  # fmt: skip


def test_the_json_example_writes_the_narration(desk: Path) -> None:
    run(BY_HEADING["Results as JSON"], desk)
    assert json.loads((desk / "article.json").read_text())["article"]["title"] == "article.md"


def test_django_streams_an_article(desk: Path) -> None:
    (desk / "views.py").write_text(BY_HEADING["Django"])
    asking = """
import django
from django.conf import settings
settings.configure(ROOT_URLCONF="views", ALLOWED_HOSTS=["testserver"], SECRET_KEY="of a test")
django.setup()
from django.test import Client
answer = Client().get("/articles/tea/audio.mp3")
print(answer.status_code, answer["Content-Type"], len(b"".join(answer.streaming_content)) > 1000)
print(Client().get("/articles/none/audio.mp3").status_code)
"""
    assert run(asking, desk).splitlines() == ["200 audio/mpeg True", "404"]


@pytest.fixture
def celery_worker(desk: Path) -> Iterator[None]:
    """A real worker that forks; its broker and results are folders."""
    (desk / "tasks.py").write_text(BY_HEADING["Celery"])
    for folder in ("queue", "control", "results"):
        (desk / folder).mkdir()
    (desk / "celeryconfig.py").write_text(
        f"broker_url = 'filesystem://'\nresult_backend = 'file://{desk}/results'\n"
        f"broker_transport_options = {{'data_folder_in': '{desk}/queue', "
        f"'data_folder_out': '{desk}/queue', 'control_folder': '{desk}/control'}}\n"
        "broker_connection_retry_on_startup = True\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--concurrency", "1",
         "--without-gossip", "--without-mingle", "--loglevel", "WARNING"],
        cwd=desk,
    )  # fmt: skip
    yield
    worker.terminate()
    worker.wait(PATIENCE)


def test_celery_makes_the_file_in_a_forked_worker(desk: Path, celery_worker: None) -> None:
    asking = """
import json
from tasks import make_audio
print(json.dumps(make_audio.delay("article.md", "article.mp3").get(timeout=300)))
"""
    told = json.loads(run(asking, desk, PYTHONWARNINGS="ignore"))
    assert told["path"] == "article.mp3"
    assert told["size"] == (desk / "article.mp3").stat().st_size
    assert told["duration"] > 1


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0"
    "000003010100c9fe92ef0000000049454e44ae426082"
)
"""One red pixel."""
