"""The editor's hand: voices, sounds, notices, pauses and words by narrator.toml."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from pydantic import BaseModel
from site_folder import index, make_content, manifest_of, states
from test_cli import run

from narrator.settings import TABLES, Settings, load_settings
from narrator.site import config as config_module
from narrator.site.config import SiteConfig, load_site
from narrator.site.job import Job
from narrator.site.prerender import prerender
from narrator.site.starter import LAYOUTS, PLAIN, recognized, starter
from narrator.studio import Studio
from narrator.style import USUAL, Pauses

QUOTE = "A quote of some length stands here, for others to hear."
QUOTED = f"# A title\n\nBody one. Body two.\n\n> {QUOTE}\n\n## A heading\n\nThe end.\n"

FRAME = 576 / 22050
"""Seconds by which a pause may last longer: up to the next frame of an MP3."""


@pytest.fixture
def content(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = make_content(tmp_path)
    (folder / "quoted.md").write_text(QUOTED)
    return folder


def styled(toml: str, *sources: str) -> list[Any]:
    """All events of a run with this narrator.toml."""
    Path("narrator.toml").write_text(toml)
    job = Job(sources or ("content/quoted.md",), Path("out"), load_site())
    return list(prerender(Studio(load_settings()), job))


def cues(slug: str = "quoted") -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(Path(f"out/{slug}/cues.json").read_text())["cues"]
    return loaded


def lengths(slug: str = "quoted") -> dict[str, float]:
    """Spoken sentence -> seconds."""
    return {cue["spoken"]: cue["end"] - cue["start"] for cue in cues(slug)}


def test_headline_and_quote_have_their_own_voices(content: Path) -> None:
    """The real voice for the body, itself slower for quotes, the tone for headlines: one file."""
    plain = styled('[style]\nvoice = "en_US-joe-medium"\n')
    assert plain[-1].states == {"made": 1}
    before, alone = lengths(), manifest_of("quoted")
    events = styled(
        '[style]\nvoice = "en_US-joe-medium"\n[style.headline]\nvoice = "tone"\n'
        "[style.quote]\nspeed = 0.7\n"
    )
    assert events[-1].spoken == 3, "title, heading and quote; the body is kept"
    after, mixed = lengths(), manifest_of("quoted")
    assert [voice.id for voice in alone.voices] == ["en_US-joe-medium"]
    assert [voice.id for voice in mixed.voices] == ["en_US-joe-medium", "tone"]
    for same in ("Body one.", "Body two.", "The end."):
        assert after[same] == pytest.approx(before[same], abs=0.002)
    assert after[QUOTE] > before[QUOTE] * 1.2
    sound, rate = soundfile.read("out/quoted/audio.mp3")
    said = {
        cue["spoken"]: sound[int(cue["start"] * rate) : int(cue["end"] * rate)] for cue in cues()
    }
    loud = {text: 20 * np.log10(np.sqrt(np.mean(part**2))) for text, part in said.items()}
    assert max(loud.values()) - min(loud.values()) < 8, "no voice is much louder than another"
    assert set(states(styled(Path("narrator.toml").read_text())).values()) == {"unchanged"}


@pytest.mark.parametrize("at", ["start", "end"])
def test_a_spoken_disclosure(content: Path, at: str) -> None:
    styled(
        f'[style]\nvoice = "tone"\ndisclosure = "Read by a machine, v2."\ndisclosure_at = "{at}"\n'
    )
    said = [cue["spoken"] for cue in cues()]
    notice = "Read by a machine, version two."
    assert said[0 if at == "start" else -1] == notice
    assert said.count(notice) == 1
    assert [text for text in said if text != notice][:2] == ["A title.", "Body one."]
    blocks = {cue["block"] for cue in cues() if cue["spoken"] == notice}
    assert blocks == {"notice"}
    chapters = json.loads(Path("out/quoted/chapters.json").read_text())["chapters"]
    assert chapters[0] == {
        "startTime": 0.0,
        "endTime": chapters[1]["startTime"],
        "title": "A title",
    }


def test_an_article_that_has_nothing_to_say_has_no_disclosure_either(content: Path) -> None:
    (content / "none.md").write_text("---\ntitle: ''\n---\n\n![](picture.png)\n")
    events = styled('[style]\nvoice = "tone"\ndisclosure = "By a machine."\n', "content/none.md")
    assert states(events) == {"content/none.md": "skipped"}


def test_pauses(content: Path) -> None:
    styled('[style]\nvoice = "tone"\n')
    plain = manifest_of("quoted").duration
    styled('[style]\nvoice = "tone"\n[style.pauses]\nafter_title = 2.9\nsentence = 1.25\n')
    assert manifest_of("quoted").duration == pytest.approx(plain + 2.0 + 1.0, abs=4 * FRAME)
    assert Pauses(**config_module.PausesTable().model_dump()) == USUAL


def test_intro_and_outro(content: Path) -> None:
    tone = np.sin(np.arange(22050) * 0.1) * 0.3
    soundfile.write("jingle.wav", tone, 22050)
    styled('[style]\nvoice = "tone"\n')
    plain = manifest_of("quoted").duration
    sounds = '[style]\nvoice = "tone"\nintro = "jingle.wav"\noutro = "jingle.wav"\n'
    assert states(styled(sounds)) == {"content/quoted.md": "made"}
    assert manifest_of("quoted").duration == pytest.approx(plain + 2 * 1.0 + 2 * 0.7, abs=4 * FRAME)
    soundfile.write("jingle.wav", tone * 0.5 + tone[::-1] * 0.4, 22050)
    assert states(styled(sounds)) == {"content/quoted.md": "made"}, "another sound, the same name"
    assert set(states(styled(sounds)).values()) == {"unchanged"}
    with pytest.raises(Exception, match=r"nowhere\.wav cannot be read"):
        styled('[style]\nintro = "nowhere.wav"\n')


def test_languages_and_sections(content: Path) -> None:
    toml = (
        '[style]\nvoice = "tone"\nspeed = 1.0\n[languages.en]\nspeed = 1.2\n'
        '[[sections]]\nmatch = "blog/*"\nspeed = 1.5\n[[sections]]\nmatch = "*.html"\n'
        'disclosure = "By a machine."\n'
    )
    (content / "own.md").write_text("---\nvoice: tone\n---\n\nIt says its voice.\n")
    styled(toml, "content")
    assert manifest_of("first").speed == 1.2
    assert manifest_of("blog-second").speed == 1.5
    assert manifest_of("page").speed == 1.2
    assert cues("page")[-1]["spoken"] == "By a machine."
    assert {manifest_of(slug).voices[0].id for slug in index()} == {"tone"}


def test_a_changed_pronunciation_touches_the_sentences_that_say_it(content: Path) -> None:
    (content / "names.md").write_text("Xyzzy is a name. It is short. We like Xyzzy here.\n")
    toml = '[style]\nvoice = "tone"\nlexicon = "names.toml"\n'
    Path("names.toml").write_text('[names]\nPlugh = { say = "plug" }\n')
    styled(toml, "content")
    impact = run("lexicon", "impact", "Xyzzy", "--in", "out", "--json")
    found = json.loads(impact.stdout)
    assert (found["scripts"], [one["times"] for one in found["narrations"]]) == (5, [2])
    Path("names.toml").write_text('[names]\nXyzzy = { say = "zizzy" }\n')
    events = styled(toml, "content")
    assert events[-1].spoken == 2
    changed = {source for source, state in states(events).items() if state == "made"}
    assert changed == {"content/names.md"}


def test_impossible_styles(content: Path) -> None:
    for toml, says in (
        ('[style]\nvoice = "nobody"\n', "No voice 'nobody'"),
        ('[style.headline]\nvoice = "nobody"\n', "No voice 'nobody'"),
        ("[style]\nspeed = 9\n", "style.speed"),
        ("[[sections]]\nspeed = 1.0\n", "sections.0.match"),
        ("[style.pauses]\nsentense = 1\n", "style.pauses.sentense"),
        ("style = 3\n", "style"),
        ("[sytle]\n", "sytle"),
        ("[style\n", "narrator.toml cannot be read"),
    ):
        Path("narrator.toml").write_text(toml)
        done = run("prerender", "content", "-o", "out")
        assert done.returncode == 2, toml
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def uncommented(text: str) -> str:
    """The file with every setting that it shows."""
    return re.sub(r"^# (?=[\w\"]+(?:/\w+\")? = |\[)", "", text, flags=re.M)


def fields_of(model: type[BaseModel]) -> set[str]:
    """Names of the fields, and of those of the tables in them."""
    names = set(model.model_fields)
    for field in model.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names |= fields_of(field.annotation)
    return names


@pytest.mark.parametrize("layout", [*LAYOUTS, PLAIN], ids=lambda layout: layout.name)
def test_the_file_that_init_writes(
    layout: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is right as it is, right with all that it shows, and shows all that there is."""
    monkeypatch.chdir(tmp_path)
    for mark in layout.marks[:1]:
        Path(mark).touch()
    assert recognized(Path()) == layout
    text = starter(layout, "https://example.org/docs")
    Path("narrator.toml").write_text(text)
    site = load_site().site
    assert site.audio_url.startswith("https://example.org/docs/")
    assert site.output == layout.output

    shown = uncommented(text)
    Path("narrator.toml").write_text(shown)
    whole = load_site()
    assert whole.feed.categories == ("News > Tech News", "Technology")
    assert load_settings().library == "/var/lib/narrator"
    tables = tomllib.loads(shown)
    assert set(SiteConfig.model_fields) <= set(tables)
    assert set(tables) - TABLES <= set(Settings.model_fields)
    names = set(re.findall(r"^\w+(?= = )|(?<=[\[.])\w+(?=[\].])", shown, re.M))
    assert not fields_of(SiteConfig) - names


def test_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mkdocs.yml").touch()
    done = run("init", "--url", "https://example.org/docs")
    assert done.stdout == "narrator.toml\n"
    assert "MkDocs: articles in docs, audio in docs/audio" in done.stderr
    assert Path("narrator.toml").read_text() == starter(LAYOUTS[1], "https://example.org/docs")
    assert run("init").returncode == 2
    assert run("init", "--force").returncode == 0
