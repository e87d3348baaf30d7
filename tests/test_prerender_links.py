"""A site reads and writes nothing outside of its folders through a link."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from site_folder import ran
from test_cli import NARRATOR
from test_recordings import written

from narrator.errors import NarratorError, SiteError
from narrator.publishing.channel import FeedTable
from narrator.site.events import Outcome, Summary

SECRET = "The password is rosebud."
VICTIM = b"alias ls=ls\n"

pytestmark = pytest.mark.usefixtures("library")


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site with one article, and beside it a folder that is none of its."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "secret.md").write_text(f"# Secret\n\n{SECRET}\n")
    (tmp_path / "private" / ".bashrc").write_bytes(VICTIM)
    folder = tmp_path / "site"
    (folder / "content").mkdir(parents=True)
    (folder / "content" / "tea.md").write_text("# Tea\n\nThe kettle sings.\n")
    monkeypatch.chdir(folder)
    return folder


def link(path: str, to: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).symlink_to(to)


def chain() -> tuple[str, ...]:
    link("content/a.md", "b.md")
    link("content/b.md", "inner/c.md")
    link("content/inner/c.md", "../../../private/secret.md")
    return ("content",)


def one(path: str, to: str, *sources: str) -> Callable[[], tuple[str, ...]]:
    def lay() -> tuple[str, ...]:
        link(path, to)
        return sources or ("content",)

    return lay


LEADING_OUT: dict[str, Callable[[], tuple[str, ...]]] = {
    "a file": one("content/a.md", "../../private/secret.md"),
    "a file, absolute": lambda: one("content/a.md", f"{Path.cwd().parent}/private/secret.md")(),
    "a file of another name": one("content/a.html", "../../private/secret.md"),
    "a chain": chain,
    "a folder": one("content/more", "../../private"),
    "a folder in a folder": one("content/a/b/more", "../../../../private"),
    "the folder above": one("content/up", "../.."),
    "a file that is named": one("a.md", "../private/secret.md", "a.md", "content"),
    "in the middle of a name": one("more", "../private", "more/secret.md", "content"),
    "and back by dots": one("more", "../private", "more/../private/secret.md", "content"),
    "a source": one("more", "../private", "more", "content"),
    "a source in a source": one("content/more", "../../private", "content/more", "content"),
    "a file that a pattern fits": one("content/a.md", "../../private/secret.md", "content/*.md"),
    "a folder that a pattern fits": one("content/more", "../../private", "content/*/*.md",
                                        "content"),
    "a folder before a pattern": one("more", "../private", "more/*.md", "content"),
    "a folder elsewhere": lambda: one(
        "../other/secret.md", "../private/secret.md", f"{Path.cwd().parent}/other", "content"
    )(),
    "a file elsewhere": lambda: one(
        "../other/a.md", "../private/secret.md", f"{Path.cwd().parent}/other/a.md", "content"
    )(),
}  # fmt: skip


def published() -> str:
    return "".join(
        path.read_bytes().decode("utf-8", "replace") for path in Path("out").rglob("*")
        if path.is_file() and path.suffix in (".json", ".vtt", ".html", ".xml")
    )  # fmt: skip


@pytest.mark.parametrize("way", LEADING_OUT)
def test_what_a_link_leads_to_outside_is_left_out_and_named(way: str) -> None:
    sources = LEADING_OUT[way]()
    events = ran(*sources)
    assert "rosebud" not in published()
    assert "kettle" in published(), "the others are published"
    told = [e.reason for e in events if isinstance(e, Outcome) and e.state in ("skipped", "failed")]
    assert any("link" in reason and "--follow-links" in reason for reason in told), events


@pytest.mark.parametrize("way", LEADING_OUT)
def test_it_is_read_where_links_are_to_be_followed(way: str) -> None:
    events = ran(*LEADING_OUT[way](), follow_links=True)
    if way == "the folder above":  # It would be walked without end.
        told = [e.reason for e in events if isinstance(e, Outcome) and e.state == "skipped"]
        assert any("which it lies in itself" in reason for reason in told)
    else:
        assert "rosebud" in published()


def test_what_was_published_by_a_link_is_retired() -> None:
    one("content/a.md", "../../private/secret.md")()
    ran(follow_links=True)
    assert "Secret" in Path("out/index.json").read_text()
    events = ran()
    assert "Secret" not in Path("out/index.json").read_text()
    summary = events[-1]
    assert isinstance(summary, Summary)
    assert any("content/a.md" in note and "private" in note for note in summary.notes)


def test_links_that_stay_inside_are_followed_and_loops_end() -> None:
    Path("content/real").mkdir()
    Path("content/real/coffee.md").write_text("# Coffee\n\nThe mill turns.\n")
    link("content/coffee.md", "real/coffee.md")
    link("content/again", "real")
    link("content/real/loop", "..")
    link("content/one.md", "two.md")
    link("content/two.md", "one.md")
    link("content/lost.md", "nowhere.md")
    for follow in (False, True):
        events = ran(follow_links=follow)
        told = {e.source: e.state for e in events if isinstance(e, Outcome)}
        assert sorted(told.values()) == (
            ["failed", "failed", "failed", "made", "made"] if not follow
            else ["failed", "failed", "failed", "unchanged", "unchanged"]
        )  # fmt: skip
        assert {told[f"content/{name}.md"] for name in ("one", "two", "lost")} == {"failed"}


def test_a_hard_link_is_a_file() -> None:
    """It cannot be told from one, and only who may read a file can lay it."""
    os.link("../private/secret.md", "content/a.md")
    ran()
    assert "rosebud" in published()


RECORDINGS = {
    "dots": "../../private/read.wav",
    "more dots": "../../../../../../../../../..{private}/read.wav",
    "absolute": "{private}/read.wav",
    "a link": "linked.wav",
    "a folder that is a link": "folder/read.wav",
    "and back": "folder/../read.wav",
}


@pytest.mark.parametrize("way", RECORDINGS)
def test_a_recording_lies_inside(way: str) -> None:
    private = Path("../private").resolve()
    written(private / "read.wav")
    written(private.parent / "read.wav")
    link("content/linked.wav", "../../private/read.wav")
    link("content/folder", "../../private")
    audio = RECORDINGS[way].format(private=private)
    Path("content/tea.md").write_text(f"---\ntitle: Tea\naudio: {audio}\n---\nThe kettle sings.\n")
    events = ran("content/tea.md")
    told = [e for e in events if isinstance(e, Outcome)]
    assert [e.state for e in told] == ["failed"]
    assert "outside" in told[0].reason
    assert "--follow-links" in told[0].reason
    assert not list(Path("out").glob("*/audio.*"))
    followed = ran("content/tea.md", follow_links=True)
    assert [e.state for e in followed if isinstance(e, Outcome)] == ["made"]


@pytest.mark.parametrize("audio", ["read.wav", "../audio/read.wav", "../../static/read.wav"])
def test_a_recording_may_lie_anywhere_in_the_site(audio: str) -> None:
    Path("narrator.toml").write_text("[site]\n")
    for folder in ("content/blog", "content/audio", "static"):
        Path(folder).mkdir(parents=True)
        written(Path(folder) / "read.wav")
    front = f"---\ntitle: Tea\naudio: {audio}\n---\n"
    Path("content/blog/tea.md").write_text(f"{front}The kettle sings.\n")
    states = {e.source: e.state for e in ran() if isinstance(e, Outcome)}
    assert states["content/blog/tea.md"] == "made"


NAMED = {
    "intro": "[style]\nintro = 'named'\n",
    "outro of a section": "[[sections]]\nmatch = 'blog/*'\noutro = 'named'\n",
    "lexicon of a language": "[languages.en]\nlexicon = 'named'\n",
    "lexicon": "lexicon = 'named'\n",
    "cover": "[site]\naudio_url = 'https://example.org/'\n[feed]\ntitle = 'T'\ncover = 'named'\n",
}


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [NARRATOR, "prerender", "content", "-o", "out", "--voice", "tone", *arguments],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("what", NAMED)
def test_a_file_that_settings_name_is_no_link_to_elsewhere(what: str) -> None:
    Path("narrator.toml").write_text(NAMED[what])
    link("named", "../private/secret.md")
    done = command()
    assert done.returncode == 2, done.stderr
    assert "named leads by a link to" in done.stderr
    assert "rosebud" not in done.stderr
    assert not Path("out").exists()


def test_the_option_is_the_setting() -> None:
    link("content/a.md", "../../private/secret.md")
    left = command()
    assert left.returncode == 0
    assert "left out: content/a.md" in left.stderr.replace("\n", " ")
    assert "rosebud" not in published()
    assert command("--follow-links").returncode == 0
    assert "rosebud" in published()
    Path("narrator.toml").symlink_to("../private/secret.md")
    assert command().returncode == 2


WRITTEN = (
    "out", "out/tea", "out/player", "out/.narrator.listings", "out/.narrator.lock",
    "out/tea/.making", "built",
    "built/_headers",
)  # fmt: skip


@pytest.mark.parametrize("place", WRITTEN)
@pytest.mark.parametrize("exists", [True, False])
def test_nothing_is_written_through_a_link(place: str, exists: bool) -> None:
    Path("built").mkdir()
    if place != "out":
        Path("out", "tea" if place.endswith(".making") else "").mkdir(parents=True)
    is_file = place.endswith(("lock", "_headers"))
    target = Path("../private") / (".bashrc" if is_file and exists else "new")
    if exists and not is_file:
        target.mkdir()
    if place == "built":
        Path("built").rmdir()
    Path(place).symlink_to(f"{'../' * place.count('/')}{target}")
    before = {path: path.is_file() and path.read_bytes() for path in Path("../private").rglob("*")}
    try:
        ran(built="built", url="https://example.org/")
    except NarratorError:
        pass
    else:
        assert not exists, "what leads to nothing fails when it is written, or is removed"
    after = {path: path.is_file() and path.read_bytes() for path in Path("../private").rglob("*")}
    assert after == before


@pytest.mark.parametrize(
    "place",
    ["tea/audio.mp3", "tea/manifest.json", "tea/snippet.html", "tea/captions.vtt", "index.json",
     "feed.xml", "_headers"],
)  # fmt: skip
def test_a_file_that_is_a_link_is_replaced(place: str) -> None:
    Path("out/tea").mkdir(parents=True)
    Path("out", place).symlink_to(Path("../private/.bashrc").resolve())
    before = {path: path.is_file() and path.read_bytes() for path in Path("../private").rglob("*")}
    feed = FeedTable(title="Tea")
    for again in (False, True):
        formats = ("mp3", "wav") if again else ("mp3",)
        events = ran(feed=feed, audio_url="https://example.org/", formats=formats)
        assert all(e.state == "made" for e in events if isinstance(e, Outcome)), events
    after = {path: path.is_file() and path.read_bytes() for path in Path("../private").rglob("*")}
    assert after == before
    assert not Path("out", place).is_symlink()
    assert Path("out", place).read_bytes() != VICTIM


def test_the_cover_is_not_copied_through_a_link() -> None:
    """Of a name that is known before: it is made of the content."""
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 1400, 1400)
    Path("cover.png").write_bytes(head)
    name = f"cover-{hashlib.sha256(head).hexdigest()[:8]}.png"
    Path("out").mkdir()
    Path("out", name).symlink_to("../../private/new.png")
    ran(feed=FeedTable(title="Tea", cover="cover.png"), audio_url="https://example.org/")
    assert not Path("../private/new.png").exists()
    assert Path("out", name).read_bytes() == head
    assert not Path("out", name).is_symlink()


def test_a_run_through_links_is_possible_if_told() -> None:
    Path("../private/www").mkdir()
    Path("out").symlink_to("../private/www")
    with pytest.raises(SiteError, match="--follow-links"):
        ran()
    ran(follow_links=True)
    assert Path("../private/www/tea/audio.mp3").is_file()
