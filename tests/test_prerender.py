"""A site folder: what is written, what is spoken again, what becomes of what is gone or broken."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from site_folder import FIRST, PAGE, index, kept_bytes, make_content, manifest_of, ran, states
from test_cli import NARRATOR, run
from waiting import PATIENCE

from narrator.library import open_library
from narrator.site.events import Summary
from narrator.site.job import Job
from narrator.site.present import STAGING

ALL = {"audio.mp3", "captions.vtt", "cues.json", "script.json", "chapters.json", "snippet.html",
       "manifest.json"}  # fmt: skip
"""The files of an article."""


@pytest.fixture
def content(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three articles in a folder below the working folder."""
    monkeypatch.chdir(tmp_path)
    return make_content(tmp_path)


def test_what_is_written(content: Path) -> None:
    events = ran(url="https://example.org/", audio_url="https://cdn.example.org/audio")
    summary = events[-1]
    assert isinstance(summary, Summary)
    assert summary.states == {"made": 3}
    for slug in ("first", "blog-second", "page"):
        assert {path.name for path in Path("out", slug).iterdir()} == ALL
    second = manifest_of("blog-second")
    assert (second.title, second.author, second.date) == ("Second", "Desk", "2024-05-01")
    assert second.url == "https://example.org/blog/second/"
    assert second.audio.url.startswith("https://cdn.example.org/audio/blog-second/audio.mp3?v=")
    assert second.audio.url.endswith(second.audio.sha256[:12])
    assert second.published == "2024-05-01"
    assert second.synthetic
    assert second.voices[0].id == "tone"
    assert manifest_of("page").url == "https://example.org/page.html"
    for slug in ("first", "blog-second", "page"):
        made = manifest_of(slug)
        with soundfile.SoundFile(f"out/{slug}/audio.mp3") as audio:
            assert abs(audio.frames / audio.samplerate - made.duration) < 0.05
        cues = json.loads(Path(f"out/{slug}/cues.json").read_text())
        assert cues["audio"]["sha256"] == made.audio.sha256
        assert len(cues["cues"]) == made.sentences
        script = json.loads(Path(f"out/{slug}/script.json").read_text())
        assert [s["spoken"] for s in script["sentences"]] == [c["spoken"] for c in cues["cues"]]
    assert set(index()) == {"first", "blog-second", "page"}
    chapters = json.loads(Path("out/first/chapters.json").read_text())
    assert [chapter["title"] for chapter in chapters["chapters"]] == ["First", "Part"]


def test_a_second_run_changes_nothing(content: Path) -> None:
    ran()
    before = kept_bytes()
    assert set(states(ran()).values()) == {"unchanged"}
    assert kept_bytes() == before


def test_the_same_sources_give_the_same_bytes_elsewhere(
    content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an article with a date: when an undated one was first narrated is a fact of its folder."""
    ran(out="one/out")
    monkeypatch.setenv("NARRATOR_LIBRARY", str(tmp_path / "another"))
    ran(out="two/out")
    one, two = kept_bytes("one/out/blog-second"), kept_bytes("two/out/blog-second")
    assert list(one.values()) == list(two.values())


def test_an_edit_speaks_the_edited_sentence_only(content: Path) -> None:
    ran()
    (content / "first.md").write_text(FIRST.replace("two sentences", "two short sentences"))
    events = ran()
    assert states(events) == {
        "content/first.md": "made",
        "content/blog/second.md": "unchanged",
        "content/page.html": "unchanged",
    }
    assert events[-1].spoken == 1


def test_what_does_not_touch_the_text_needs_neither_speech_nor_library(
    content: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site generator writes every page anew when a menu changes."""
    ran()
    audio = Path("out/page/audio.mp3").stat()
    monkeypatch.setenv("NARRATOR_LIBRARY", str(library.parent / "another"))
    (content / "page.html").write_text(PAGE.replace("Home</a>", "Home</a><a href=/n>New</a>"))
    events = ran()
    assert states(events)["content/page.html"] == "refreshed"
    assert not list(open_library(str(library.parent / "another")).entries())
    assert Path("out/page/audio.mp3").stat().st_mtime_ns == audio.st_mtime_ns
    assert set(states(ran()).values()) == {"unchanged"}


def test_a_file_alone_is_the_same_article_as_in_its_folder(content: Path) -> None:
    ran()
    assert states(ran("content/blog/second.md")) == {"content/blog/second.md": "unchanged"}
    assert set(index()) == {"first", "blog-second", "page"}, "the others are not gone"


@pytest.mark.parametrize("removed", ["keep", "delete", "list"])
def test_removed_articles_are_retired(content: Path, removed: str) -> None:
    ran()
    (content / "first.md").unlink()
    (content / "blog" / "second.md").write_text("---\ntitle: ''\n---\n")
    events = ran(removed=removed)
    gone = "gone" if removed == "list" else "retired"
    retired = {event.slug for event in events if getattr(event, "state", "") == gone}
    assert retired == {"first", "blog-second"}
    assert Path("out/first/audio.mp3").exists() == (removed != "delete")
    assert ("first" in index()) == (removed == "list")
    assert "page" in index()
    (content / "first.md").write_text(FIRST)
    again = states(ran(removed=removed))["content/first.md"]
    assert again == {"keep": "refreshed", "delete": "made", "list": "unchanged"}[removed]
    assert "first" in index()
    assert not manifest_of("first").retired


def test_a_source_that_holds_nothing_retires_nothing(content: Path) -> None:
    """An unmounted disk or a failed build is no reason to delete a site's audio."""
    ran()
    for path in content.rglob("*.*"):
        path.unlink()
    assert states(ran(removed="delete")) == {}
    assert states(ran("elsewhere", removed="delete")) == {"elsewhere": "failed"}
    assert set(index()) == {"first", "blog-second", "page"}


def test_one_failing_article_stops_no_other(content: Path) -> None:
    (content / "a.md").write_bytes(b"\x00\x01\x02" * 500)
    (content / "b.md").write_text("---\ntitle: [\n---\nText.\n")
    (content / "c.md").write_text("")
    (content / "d.md").symlink_to("nowhere.md")
    (content / "e.md").write_text("---\nvoice: nobody\n---\nText.\n")
    events = ran(job=Job((), Path()))
    found = states(events)
    assert found["content/first.md"] == "made"
    assert found["content/c.md"] == "skipped"
    failed = [name for name, state in found.items() if state == "failed"]
    assert failed == ["content/a.md", "content/b.md", "content/d.md"]
    done = run("prerender", "content", "-o", "out", "--voice", "tone")
    assert done.returncode == 1
    assert "failed: content/b.md: The front matter is not YAML" in done.stderr


def test_two_articles_of_one_slug_keep_what_they_have(content: Path) -> None:
    (content / "blog-second.md").write_text("Another article of the same slug.\n")
    ran()
    slugs = {manifest_of(name).id: name for name in index()}
    taken, other = slugs["content/blog-second.md"], slugs["content/blog/second.md"]
    assert sorted([taken, other])[0] == "blog-second"
    assert {manifest_of(taken).title, manifest_of(other).title} == {"", "Second"}
    (content / "blog-second.md").unlink()
    ran(removed="delete")
    assert "content/blog/second.md" in {manifest_of(name).id for name in index()}
    assert set(states(ran()).values()) == {"unchanged"}
    assert slugs["content/blog/second.md"] in index(), "it stays where it was"


def test_names_with_blanks_emoji_and_dots(content: Path) -> None:
    names = ["a b.md", "🙂.md", "..md", "...x...md", "Ünïcode ñame.md", "%2e%2e.md", "-o.md"]
    for number, name in enumerate(names):
        (content / name).write_text(f"Article number {number} of strange names.\n")
    odd = content / "a..b" / "\\.."
    odd.mkdir(parents=True)
    (odd / "x.md").write_text("The last of the strange ones.\n")
    found = ran(url="https://example.org")
    made = [event for event in found if getattr(event, "state", "") == "made"]
    assert len(made) == len(names) + 4 - 2, "hidden files are passed over"
    top = {path.name for path in Path("out").iterdir()}
    assert len({event.slug for event in made}) == len(made)
    assert {event.slug for event in made} | {
        "index.json",
        "_headers",
        "player",
    } == top, "nothing is written elsewhere"
    assert set(states(ran(url="https://example.org")).values()) == {"unchanged"}


def test_a_run_that_was_stopped_in_the_middle_of_a_folder(content: Path) -> None:
    ran()
    expected = kept_bytes()
    (Path("out/first") / STAGING).mkdir()
    (Path("out/first") / STAGING / "audio.mp3").write_bytes(b"half")
    Path("out/blog-second/manifest.json").unlink()
    Path("out/page/manifest.json").write_text('{"slug": "page"')
    Path("out/.index.json.0a1b2c3d").write_text("half")
    Path("out/page/.manifest.json.0a1b2c3d").write_text("half")
    found = states(ran())
    assert set(found.values()) == {"made"}
    healed = kept_bytes()
    assert healed.keys() == expected.keys()
    dated = {name for name in expected if "blog-second" in name or "audio.mp3" in name}
    assert {name: healed[name] for name in dated} == {name: expected[name] for name in dated}


def test_formats_and_limit(content: Path) -> None:
    events = ran(job=Job((), Path(), limit=1), formats=("opus", "mp3"))
    assert events[-1].states == {"made": 1}
    assert ran(formats=("opus", "mp3"))[-1].states == {"unchanged": 1, "made": 2}
    first = manifest_of("first")
    assert [file.name for file in first.files][:2] == ["audio.opus", "audio.mp3"]
    cues = json.loads(Path("out/first/cues.json").read_text())
    assert cues["audio"]["file"] == "audio.opus"
    ran(formats=("mp3",))
    assert not Path("out/first/audio.opus").exists(), "what is not wanted any more goes"


def test_patterns_say_what_belongs_to_the_site(content: Path) -> None:
    assert set(states(ran(include=("blog/*", "*.html"), exclude=("page.*",)))) == {
        "content/blog/second.md"
    }
    assert set(states(ran(exclude=("blog/*",)))) >= {"content/first.md", "content/page.html"}
    assert set(index()) == {"first", "page"}, "what does not belong to it any more is retired"


def test_a_read_only_folder(content: Path) -> None:
    Path("out").write_text("a file where a folder should be")
    done = run("prerender", "content", "-o", "out", "--voice", "tone")
    assert done.returncode == 2
    assert "Cannot write out" in done.stderr
    if os.geteuid() == 0:
        return  # Root may write anywhere.
    Path("out").unlink()
    Path("out").mkdir(mode=0o500)
    assert run("prerender", "content", "-o", "out", "--voice", "tone").returncode == 2


def test_a_glob_a_list_on_stdin_and_an_empty_folder(content: Path) -> None:
    assert set(states(ran("content/**/*.md"))) == {"content/first.md", "content/blog/second.md"}
    listed = run("prerender", "-", "-o", "out", "--voice", "tone", "--json",
                 stdin=b"content/page.html\n\ncontent/none.md\n")  # fmt: skip
    lines = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [line.get("state") for line in lines] == ["failed", "made", None]
    assert lines[-1]["event"] == "summary"
    assert listed.returncode == 1
    Path("empty").mkdir()
    nothing = run("prerender", "empty", "-o", "out")
    assert nothing.returncode == 0
    assert "empty: no articles were found in it" in nothing.stderr
    assert run("check", "out", "empty").returncode == 1
    assert run("prerender", "-o", "out").returncode == 2


@pytest.mark.timeout(60)
def test_what_is_no_file_is_not_waited_for(content: Path) -> None:
    """A pipe would never end, and a name that is not UTF-8 has no address."""
    os.mkfifo(content / "pipe.md")
    Path(os.fsdecode(os.fsencode(content) + b"/b\xff.md")).write_text("# B\n\nIts text is here.\n")
    for source in ("content", "content/*"):
        told = states(ran(source, url="https://example.org/"))
        assert told["content/pipe.md"] == told["content/b\N{REPLACEMENT CHARACTER}.md"] == "failed"
        assert told["content/first.md"] in ("made", "unchanged")
    done = run("prerender", "content", "-o", "out", "--voice", "tone", "--report", "report.html")
    assert done.returncode == 1
    assert "no file. Remove it" in done.stderr
    assert "not UTF-8" in done.stderr
    assert run("check", "out", "content").returncode == 1


def test_two_runs_at_once_share_a_folder(content: Path, library: Path) -> None:
    for number in range(6):
        (content / f"n{number}.md").write_text(f"Number {number} is an article. It is short.\n")
    command = [NARRATOR, "prerender", "content", "-o", "out", "--voice", "tone", "--json"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=PATIENCE)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    summaries = [json.loads(text.splitlines()[-1])["states"] for text in told]
    assert sorted(summaries, key=lambda s: "made" in s) == [{"unchanged": 9}, {"made": 9}]
    assert run("check", "out", "content").returncode == 0


Damage = Callable[[Path], object]


def test_check_finds_nothing_wrong_in_what_was_made(content: Path) -> None:
    ran()
    done = run("check", "out", "content")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 articles, 18 files" in done.stdout
    assert run("check", "nowhere").returncode == 7
