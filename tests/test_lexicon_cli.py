"""`narrator lexicon` as people and programs meet it, with the real voice and its phonemes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
from typer.testing import CliRunner, Result

from narrator import read, write_script
from narrator.cli import app
from narrator.errors import LexiconError, NarratorError, UsageError
from narrator.script.explain import script_json
from narrator.script.lexicon import parse_lexicon


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NARRATOR_LIBRARY", str(tmp_path / "library"))


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["lexicon", *arguments])
    if isinstance(result.exception, NarratorError):
        raise result.exception
    return result


def told(*arguments: str) -> dict[str, object]:
    values = json.loads(run(*arguments, "--json").stdout)
    assert isinstance(values, dict)
    return values


def test_words_are_said_without_and_with_the_lexicon() -> None:
    xi, sentence = json.loads(run("test", "Xi", "Huawei grew 5%.", "--json").stdout)["words"]
    assert (xi["without"], xi["phonemes"]) == ("zˈaɪ.", "ʃˈiː.")
    assert xi["entries"] == ["Xi (shipped, politics)"]
    assert sentence["spoken"] == "Huawei grew five percent."
    assert "wˈɑːweɪ" in sentence["phonemes"]
    sound, rate = soundfile.read("Xi-Huawei-grew-5.wav")
    assert 1 < len(sound) / rate < 5
    assert abs(sound).max() > 0.1
    assert not Path("library").exists()


def test_a_pronunciation_is_tried_before_it_is_written_down() -> None:
    values = told("test", "Foobel", "--ipa", "tˈuːkəl", "--compare", "-o", "t.mp3")
    line = str(values["line"])
    assert parse_lexicon(f"[names]\n{line}", name="x").changes("Foobel", "en")[0].phonemes
    told("test", "Foobel", "-o", "alone.wav")
    assert soundfile.info("t.mp3").duration > 1.5 * soundfile.info("alone.wav").duration
    assert "kel" in str(told("test", "Foobel", "--say", "too kel", "--silent")["words"])
    with pytest.raises(LexiconError, match=r"'g' .* is no phoneme"):
        run("test", "Foobel", "--ipa", "tˈuːgəl")
    with pytest.raises(UsageError, match="one WORD"):
        run("test", "a", "b", "--ipa", "ˈeɪ")
    with pytest.raises(UsageError, match="no words"):
        run("test", "!!")


def test_the_lexicon_of_the_site_comes_first() -> None:
    Path("names.toml").write_text('[x]\nXi = { say = "she" }\n')
    Path("narrator.toml").write_text('lexicon = "names.toml"\n')
    assert "Xi (names.toml:2)" in run("test", "Xi", "--silent").stdout
    listed = json.loads(run("list", "xi", "--json").stdout)
    assert [(e["written"], e["how"], e["from"]) for e in listed if e["written"] == "Xi"] == [
        ("Xi", "say", "names.toml"), ("Xi", "ipa", "shipped"),
    ]  # fmt: skip


def test_entries_are_listed_by_part_or_pattern() -> None:
    assert "Kyiv" in run("list", "kyi").stdout
    assert {e["written"] for e in json.loads(run("list", "Ky?v", "--json").stdout)} == {"Kyiv"}
    assert json.loads(run("list", "no such name", "--json").stdout) == []
    found = json.loads(run("list", "xi", "--phonemes", "--json").stdout)
    (xi,) = (entry for entry in found if entry["written"] == "Xi")
    assert (xi["value"], xi["without"]) == ("ʃˈiː", "zˈaɪ.")


def test_a_lexicon_is_checked_line_by_line() -> None:
    Path("names.toml").write_text(
        '[x]\nXi = { ipa = "ʃˈiː" }\nFoo = { ipa = "fGu" }\n\nBar = { ipa = "bˈɑːr" }\n'
        'table = { ipa = "tˈeɪbəl" }\n"what?" = 3\n',
        encoding="utf-8",
    )
    done = run("check", "names.toml")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "names.toml:3:", "names.toml:7:", "names.toml:2:", "names.toml:5:", "names.toml:6:",
    ]  # fmt: skip
    assert "'r' is no sound of the language" in lines[3]
    assert "is said like that without the entry" in lines[4]
    Path("names.toml").write_text('[x]\nFoobel = { ipa = "tˈuːkəl" }\n')
    assert told("check", "names.toml") == {
        "file": "names.toml", "entries": 1, "problems": [], "notes": [],
    }  # fmt: skip
    with pytest.raises(LexiconError, match=r"missing\.toml"):
        run("check", "missing.toml")


def site(slug: str, text: str) -> None:
    article = read(text, format="markdown")
    script = write_script(article, language="en")
    folder = Path("public") / slug
    folder.mkdir(parents=True)
    (folder / "script.json").write_text(
        json.dumps(script_json(script, title=article.title)), encoding="utf-8"
    )


def test_the_narrations_that_say_a_word_are_listed() -> None:
    site("one", "# First\n\nXi met Xi's aide. Nothing here. XI is a numeral.")
    site("two/deep", "# Second\n\nLouis XIV was no Xi.")
    site("three", "# Third\n\nNobody.")
    values = told("impact", "Xi", "--in", "public")
    assert values["scripts"] == 3
    assert values["narrations"] == [
        {"title": "First", "script": "public/one/script.json", "times": 2,
         "sentences": ["Xi met Xi's aide."]},
        {"title": "Second", "script": "public/two/deep/script.json", "times": 1,
         "sentences": ["Louis XIV was no Xi."]},
    ]  # fmt: skip
    assert "Louis XIV" in run("impact", "fourteenth", "--in", "public").stdout
    done = run("impact", "nobody", "no one", "--in", "public", "-q")
    assert done.stdout == "1  Third\n"
    assert run("impact", "Xi").stdout == ""
    with pytest.raises(UsageError, match="nowhere"):
        run("impact", "Xi", "--in", "nowhere")
    (Path("public") / "one" / "script.json").write_text("{}")
    with pytest.raises(NarratorError, match=r"one/script\.json is no script"):
        run("impact", "Xi", "--in", "public")


@pytest.mark.parametrize("command", ["test", "impact", "list", "check"])
def test_help_teaches_with_examples(command: str) -> None:
    assert f"narrator lexicon {command} " in run(command, "--help").stdout
