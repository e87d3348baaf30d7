"""What needs a place to write says so, or takes another: read-only roots, homes that are not
there, folders for temporary files that cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from read_only import read_only, why_not
from serving import Serving, started

from narrator.library.files import FolderLibrary

ARTICLE = "# Tea\n\nIt was warm. It cost $5.\n"
NARRATOR = [sys.executable, "-m", "narrator"]

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with an article; the library is to be made in `library`."""
    (tmp_path / "article.md").write_text(ARTICLE)
    (tmp_path / "library").mkdir()
    (tmp_path / "written").mkdir()
    return tmp_path


@pytest.fixture
def run(place: Path) -> Run:
    """Runs `narrator` where only the library and `written` can be written."""
    if why_not():
        pytest.skip(why_not())

    def running(
        *arguments: str, stdin: bytes = b"", **env: str
    ) -> subprocess.CompletedProcess[bytes]:
        command = read_only([*NARRATOR, *arguments], place / "library", place / "written")
        return subprocess.run(
            command, capture_output=True, input=stdin, cwd=place, env=environment(place, **env),
        )  # fmt: skip

    return running


def environment(place: Path, **more: str) -> dict[str, str]:
    """Without a TMPDIR, with the library of the test; what is empty in `more` is unset."""
    whole = {
        **os.environ, "NARRATOR_LIBRARY": str(place / "library"), "NARRATOR_VOICE": "tone",
        "PYTHONDONTWRITEBYTECODE": "1", **more,
    }  # fmt: skip
    for name in ("TMPDIR", "TEMP", "TMP"):
        if name not in more:
            whole.pop(name, None)
    return {name: value for name, value in whole.items() if value or name not in more}


def test_mounts_are_possible_in_ci() -> None:
    """The tests below are never left out where all is checked."""
    if os.environ.get("CI"):
        assert why_not() == ""


@pytest.mark.parametrize("form", ["mp3", "m4a", "flac"])
def test_narrate_to_stdout(run: Run, form: str) -> None:
    done = run("narrate", "article.md", "-o", "-", "--format", form)
    assert done.returncode == 0, done.stderr.decode()
    assert len(done.stdout) > 1000


@pytest.mark.parametrize("temporary", ["", "/nowhere", "/proc"])
def test_narrate_to_a_file(run: Run, place: Path, temporary: str) -> None:
    done = run("narrate", "article.md", "-o", "written/a.m4a", "--captions", TMPDIR=temporary)
    assert done.returncode == 0, done.stderr.decode()
    assert (place / "written/a.m4a").stat().st_size > 1000


def test_what_cannot_be_written_is_told(run: Run) -> None:
    done = run("narrate", "article.md", "-o", "here.mp3")
    assert done.returncode == 2
    assert b"Read-only file system" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("script", "article.md"),
        ("script", "-"),
        ("prerender", "article.md", "-o", "written/site", "--report", "written/report.html"),
        ("prerender", "article.md", "-o", "written/site", "--dry-run"),
        ("prerender", "-", "-o", "written/site"),
        ("lexicon", "test", "nginx", "-o", "written/try.wav"),
        ("library", "du"),
        ("library", "verify"),
        ("narrate", "article.md", "-o", "/dev/null"),
    ],
    ids=" ".join,
)
def test_every_command_does_without_a_folder_for_temporary_files(
    run: Run, arguments: tuple[str, ...]
) -> None:
    stdin = b"article.md\n" if arguments[0] == "prerender" else b"# Tea\n\nHot."
    voice = "" if arguments[0] == "lexicon" else "tone"  # Which speaks no language with a lexicon.
    done = run(*arguments, stdin=stdin, NARRATOR_VOICE=voice)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_the_site_is_checked(run: Run) -> None:
    assert run("prerender", "article.md", "-o", "written/site").returncode == 0
    done = run("check", "written/site", "article.md", "--deep")
    assert done.returncode in (0, 1), done.stderr.decode()  # The tone is no voice for --deep.
    assert b"Traceback" not in done.stderr
    assert b"1 article" in done.stdout + done.stderr


def test_a_library_that_is_no_folder_helps_nobody(run: Run) -> None:
    done = run("narrate", "article.md", "-o", "-", NARRATOR_LIBRARY="s3://bucket/library")
    assert done.returncode == 2
    assert b"There is no folder for temporary files" in done.stderr
    assert b"--tmpfs /tmp" in done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_narrates(place: Path, workers: str) -> None:
    """With the root read-only and no /tmp a service narrates; it is ready, and says so."""
    if why_not():
        pytest.skip(why_not())
    settings = {"PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": "/nowhere"}
    service = Serving(
        place / "library", ("--workers", workers), settings,
        wrapped=lambda command: read_only(command, place / "library"),
    )  # fmt: skip
    with started(service):
        found = service.narrated("# Tea\n\nIt was warm.")
        sound = service.client.get(found["links"]["audio"]).content
        assert len(sound) > 1000
        live = service.client.post(
            "/v1/audio/speech", json={"input": "It cost $5.", "voice": "tone"}
        )
        assert live.status_code == 200, live.text
        assert len(live.content) > 1000
        checks = service.client.get("/readyz").json()["checks"]
        assert checks["temporary"] == checks["library"] == "ok"
    assert [line for line in service.log if line["level"] == "error"] == []


def test_temporary_files_are_none_of_the_library(place: Path) -> None:
    folder = place / "library/temporary"
    folder.mkdir()
    (folder / "narrator-recording-x.flac").write_bytes(b"not whole")
    (folder / "more").mkdir()
    (folder / "more/counts.db").write_bytes(b"x")
    library = FolderLibrary(place / "library")
    library.write("segments/n1-0a1b.flac", b"kept")
    assert [entry.name for entry in library.entries()] == ["segments/n1-0a1b.flac"]


HOMES = {
    "a home that is not there": {"HOME": "/proc/nowhere"},
    "a home in a file": {"HOME": "/dev/null"},
    "an empty home": {"HOME": "", "XDG_CACHE_HOME": "/proc/none", "XDG_DATA_HOME": "/proc/none"},
    "a cache that is no folder": {"XDG_CACHE_HOME": "/dev/null/cache"},
}


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES)
def test_the_real_voice_speaks_without_a_home(place: Path, home: dict[str, str]) -> None:
    """The voice cannot be kept for the next start: it is loaded the long way, and that is told."""
    done = subprocess.run(
        [*NARRATOR, "narrate", "article.md", "-o", "a.mp3"], capture_output=True, cwd=place,
        env=environment(place, **{"NARRATOR_VOICE": "", "XDG_CACHE_HOME": "", **home}),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert (place / "a.mp3").stat().st_size > 5000
    assert b"cannot be kept for the next start" in done.stderr
    assert b"XDG_CACHE_HOME" in done.stderr
    assert done.stderr.count(b"\n") < 6
    assert sorted(path.name for path in place.iterdir()) == sorted(
        ["a.mp3", "article.md", "library", "written"]
    )


def test_a_library_without_a_home_is_told(place: Path) -> None:
    done = subprocess.run(
        [*NARRATOR, "narrate", "article.md", "-o", "a.mp3"], capture_output=True, cwd=place,
        env=environment(place, NARRATOR_LIBRARY="", HOME="/dev/null", XDG_DATA_HOME=""),
    )  # fmt: skip
    assert done.returncode == 7
    assert b"NARRATOR_LIBRARY" in done.stderr
    assert b"Traceback" not in done.stderr


def test_somebody_whom_the_system_does_not_know(place: Path) -> None:
    """As `docker run --user 54321` has it: no name, no home."""
    unknown = ["unshare", "--user", "--map-user=54321", "--map-group=54321"]
    reason = subprocess.run([*unknown, "true"], capture_output=True, text=True).stderr
    if reason and not os.environ.get("CI"):
        pytest.skip(reason)
    where = environment(place, HOME="", XDG_CACHE_HOME="", NARRATOR_VOICE="")
    command = [*unknown, *NARRATOR, "narrate", "article.md", "-o", "a.mp3"]
    done = subprocess.run(command, capture_output=True, cwd=place, env=where)
    assert done.returncode == 0, done.stderr.decode()
    assert b"There is no home folder" in done.stderr
    without = subprocess.run(
        command, capture_output=True, cwd=place, env={**where, "NARRATOR_LIBRARY": "~/library"}
    )
    assert without.returncode == 7
    assert b"There is no home folder" in without.stderr
    assert b"Traceback" not in done.stderr + without.stderr
    assert not (place / "~").exists()


def test_a_service_works_whose_folder_for_temporary_files_has_a_long_path(place: Path) -> None:
    """Longer than the system lets a socket's path be."""
    deep = place / ("deep" * 30)
    deep.mkdir()
    service = Serving(place / "library", (), {"TMPDIR": str(deep)})
    with started(service):
        assert service.narrated("# Tea\n\nIt was warm.")["state"] == "ready"
