"""A changed pronunciation: what it touches is known beforehand, and nothing else is spoken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_cli import run

ARTICLES = {
    "one": "# One\n\nNimbus opened a shop. It sells rain. Nimbus is happy, so is nimbus's dog.\n",
    "two": "# Two\n\nNobody here has a name.\n\n> Ask Nimbus, they say.\n",
    "three": "# Three\n\nThe Nimbuses are a family. A nimbus is a cloud.\n",
    "four": "# Four\n\nWords of other kinds. None of them changes.\n",
}
TOML = '[site]\nsources = ["content"]\noutput = "out"\n[style]\nlexicon = "names.toml"\n'


@pytest.fixture(autouse=True)
def _site(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("content").mkdir()
    for name, text in ARTICLES.items():
        Path("content", f"{name}.md").write_text(text)
    Path("narrator.toml").write_text(TOML)
    Path("names.toml").write_text('[names]\nNimbus = { say = "nim bus" }\n')


def prerender(*options: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The summary, and what became of each article by its slug."""
    done = run("prerender", "--json", *options)
    assert done.returncode == 0, done.stderr
    *told, summary = map(json.loads, done.stdout.splitlines())
    return summary, {one["slug"]: one for one in told}


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "voice", ["tone", pytest.param("en_US-joe-medium", marks=pytest.mark.soak)]
)
def test_only_the_touched_sentences_are_spoken_again(voice: str) -> None:
    """Told beforehand by `lexicon impact`, sentence by sentence."""
    prerender("--voice", voice)
    audio = {name: Path("out", name, "audio.mp3").read_bytes() for name in ARTICLES}
    impact = json.loads(run("lexicon", "impact", "Nimbus", "--in", "out", "--json").stdout)
    touched = {Path(one["script"]).parent.name: one["sentences"] for one in impact["narrations"]}
    assert set(touched) == {"one", "two", "three"}
    Path("names.toml").write_text('[names]\nNimbus = { ipa = "nˈɪmbʌs" }\n')
    summary, told = prerender("--voice", voice)
    assert {name: one["state"] for name, one in told.items()} == {
        "one": "made", "two": "made", "three": "made", "four": "refreshed",
    }  # fmt: skip
    assert {name: told[name]["spoken"] for name in touched} == {
        name: len(sentences) for name, sentences in touched.items()
    }
    assert summary["spoken"] == sum(map(len, touched.values()))
    assert Path("out/four/audio.mp3").read_bytes() == audio["four"]
    assert Path("out/one/audio.mp3").read_bytes() != audio["one"]
    again, _ = prerender("--voice", voice)
    assert again["states"] == {"unchanged": 4}
    assert run("check", "--deep").returncode == 0


def test_a_lexicon_of_one_section_touches_that_section(tmp_path: Path) -> None:
    Path("content/blog").mkdir()
    Path("content/blog/five.md").write_text("# Five\n\nNimbus writes a blog.\n")
    Path("narrator.toml").write_text(
        TOML.replace('[style]\nlexicon = "names.toml"\n', "")
        + '[[sections]]\nmatch = "blog/*"\nlexicon = "names.toml"\n'
    )
    prerender("--voice", "tone")
    Path("names.toml").write_text('[names]\nNimbus = { say = "nimboose" }\n')
    summary, told = prerender("--voice", "tone")
    assert summary["spoken"] == 1
    assert {name for name, one in told.items() if one["state"] == "made"} == {"blog-five"}
