"""Where commands write that is no regular file: devices, pipes, links, folders, a closed stdout."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest
from test_cli import NARRATOR
from waiting import PATIENCE

from narrator import narrate
from narrator.errors import NarratorError, StorageFull, UsageError
from narrator.outputs import FORMATS, output_file, whole_file

ARTICLE = "# Tea\n\nThe kettle sings.\n"
OLD = b"what was there before"

pytestmark = pytest.mark.usefixtures("library")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a device")


def device(path: Path, minor: int) -> Path:
    """A node of our own: 3 is the null device, 7 the full one."""
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, minor))
    try:
        path.open("wb").close()
    except OSError:
        pytest.skip("devices do not work on the file system of temporary files")
    return path


@contextmanager
def read_by_another(pipe: Path, size: int = -1) -> Iterator[list[bytes]]:
    """What a reader of the pipe got, when the block has ended; it goes away after `size` bytes."""
    os.mkfifo(pipe)
    got: list[bytes] = []

    def read() -> None:
        with pipe.open("rb", buffering=0) as file:
            if size < 0:
                while piece := file.read(65536):
                    got.append(piece)
            else:
                got.append(file.read(size))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    yield got
    reader.join(PATIENCE)
    assert not reader.is_alive()


Command = Callable[[str], list[str]]

COMMANDS: dict[str, Command] = {
    "narrate": lambda to: ["narrate", "article.md", "--voice", "tone", "--format", "mp3", "-q",
                           "-o", to],
    "lexicon test": lambda to: ["lexicon", "test", "Xi",
                                "-o", to],
    "prerender --report": lambda to: ["prerender", "article.md", "--voice", "tone", "-o", "site",
                                      "-q", "--report", to],
}  # fmt: skip
"""What writes one file where it is told to."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("article.md").write_text(ARTICLE)
    return folder


def finished(*arguments: str, **how: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [NARRATOR, *arguments], **{"capture_output": True, "timeout": 120, "check": False, **how}
    )


def complained(done: subprocess.CompletedProcess[bytes], code: int, *says: str) -> None:
    told = done.stderr.decode()
    assert done.returncode == code, told
    assert "Traceback" not in told
    assert told.count("narrator: ") == 1, told
    assert all(word in told for word in says), told


@needs_root
@pytest.mark.parametrize("command", COMMANDS)
def test_a_device_is_written_into(here: Path, command: str) -> None:
    null = device(here / "null", 3)
    before = null.lstat()
    done = finished(*COMMANDS[command]("null"))
    assert done.returncode == 0, done.stderr
    after = null.lstat()
    assert stat.S_ISCHR(after.st_mode)
    assert (after.st_rdev, after.st_ino) == (before.st_rdev, before.st_ino)


@needs_root
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_device_is_told(here: Path, command: str) -> None:
    full = device(here / "full", 7)
    complained(finished(*COMMANDS[command]("full")), 8, "No space", "full")
    assert stat.S_ISCHR(full.lstat().st_mode)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_gets_the_whole_file(here: Path, command: str) -> None:
    with read_by_another(here / "pipe") as got:
        done = finished(*COMMANDS[command]("pipe"))
    assert done.returncode == 0, done.stderr
    assert stat.S_ISFIFO((here / "pipe").lstat().st_mode)
    assert finished(*COMMANDS[command]("file")).returncode == 0
    data, file = b"".join(got), (here / "file").read_bytes()
    if command == "prerender --report":  # It says what was made, and when.
        assert data.startswith(b"<!doctype html>")
        assert data.rstrip().endswith(b"</html>")
    else:
        assert data == file


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_goes_away_is_told(here: Path, command: str) -> None:
    """More than a pipe holds does not get through."""
    Path("article.md").write_text(" ".join(f"Sentence {i} is long enough." for i in range(60)))
    arguments = COMMANDS[command]("pipe")
    if command == "lexicon test":
        arguments = ["lexicon", "test", "word " * 300,
                     "-o", "pipe"]  # fmt: skip
    with read_by_another(here / "pipe", 0):
        done = finished(*arguments)
    complained(done, 2, "reader went away")
    assert stat.S_ISFIFO((here / "pipe").lstat().st_mode)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_that_nobody_reads_does_not_hang(here: Path, command: str) -> None:
    os.mkfifo("pipe")
    complained(finished(*COMMANDS[command]("pipe")), 2, "nobody reads")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("links", [["link"], ["link", "between", "folder/last"]])
def test_a_link_stays_and_its_file_is_replaced(here: Path, command: str, links: list[str]) -> None:
    Path("folder").mkdir()
    Path("elsewhere").mkdir()
    target = here / "elsewhere" / "file.mp3"
    target.write_bytes(OLD)
    opened = target.open("rb")
    for link, to in zip(links, [*links[1:], str(target)], strict=True):
        Path(link).symlink_to(here / to)
    done = finished(*COMMANDS[command]("link"))
    assert done.returncode == 0, done.stderr
    assert all(Path(link).is_symlink() for link in links)
    assert target.read_bytes() != OLD
    assert opened.read() == OLD, "the old file is not written over: its reader has it whole"
    opened.close()
    assert [path.name for path in target.parent.iterdir()] == ["file.mp3"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dangling_link_gets_its_file_but_no_folder(here: Path, command: str) -> None:
    Path("link").symlink_to("file")
    assert finished(*COMMANDS[command]("link")).returncode == 0
    assert Path("link").is_symlink()
    assert Path("file").stat().st_size
    Path("lost").symlink_to("nowhere/file")
    complained(finished(*COMMANDS[command]("lost")), 2, "lost", "No such file")
    assert not Path("nowhere").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_loop_a_socket_and_what_is_below_a_file_are_told(here: Path, command: str) -> None:
    Path("one").symlink_to("two")
    Path("two").symlink_to("one")
    complained(finished(*COMMANDS[command]("one")), 2, "one")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        listening.listen()
        complained(finished(*COMMANDS[command]("socket")), 2, "socket")
        assert Path("socket").is_socket()
    complained(finished(*COMMANDS[command]("article.md/a.mp3")), 2, "article.md")
    if command == "prerender --report":
        Path("folder").mkdir()
        complained(finished(*COMMANDS[command]("folder")), 2, "folder")


def test_a_folder_gets_a_name_in_it_also_behind_a_link(here: Path) -> None:
    Path("folder").mkdir()
    Path("link").symlink_to("folder")
    for command in ("narrate", "lexicon test"):
        assert finished(*COMMANDS[command]("link")).returncode == 0
    assert {path.suffix for path in Path("folder").iterdir()} == {".mp3", ".wav"}


@pytest.mark.parametrize("audio_format", FORMATS)
@pytest.mark.parametrize("place", ["pipe", "link", "device"])
def test_every_format_gets_there(here: Path, audio_format: str, place: str) -> None:
    """Also those whose writers go back in the file."""
    if audio_format == "m4a" and shutil.which("ffmpeg") is None:
        pytest.skip("M4A needs ffmpeg")
    if place == "device" and os.geteuid() != 0:
        pytest.skip("only root makes a device")
    made = narrate("article.md", voice="tone", output=f"file.{audio_format}")
    reading: AbstractContextManager[list[bytes]] = nullcontext([])
    if place == "pipe":
        reading = read_by_another(here / "pipe")
    elif place == "device":
        device(here / "device", 3)
    elif place == "link":
        Path("link").symlink_to("target")
    with reading as got:
        again = narrate("article.md", voice="tone", output=place, format=audio_format)
    assert again.audio.sha256 == made.audio.sha256
    if place == "pipe":
        assert b"".join(got) == Path(f"file.{audio_format}").read_bytes()
    if place == "link":
        assert Path("target").read_bytes() == Path(f"file.{audio_format}").read_bytes()
        assert Path("link").is_symlink()


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
@pytest.mark.parametrize("how", ["pipe", "file", "link"])
def test_stdout_by_its_names(here: Path, name: str, how: str) -> None:
    """Into a file it goes where the shell stands in it: nothing before is lost."""
    expected = b"".join(narrate("article.md", stream=True, voice="tone"))
    arguments = ["narrate", "article.md", "--voice", "tone", "-q", "-o", name]
    if how == "link":
        Path("link").symlink_to(name)
        arguments[-1] = "link"
    if how == "file":
        with Path("out").open("wb") as out:
            out.write(b"before ")
            out.flush()
            done = finished(*arguments, stdout=out, stderr=subprocess.PIPE, capture_output=False)
        assert Path("out").read_bytes() == b"before " + expected
    else:
        done = finished(*arguments)
        assert done.stdout == expected
    assert (done.returncode, done.stderr) == (0, b"")


def test_another_descriptor_gets_the_file(here: Path) -> None:
    expected = narrate("article.md", voice="tone", output="file.mp3")
    with Path("out").open("wb") as out:
        done = finished(
            "narrate", "article.md", "--voice", "tone", "-q", "-o", f"/dev/fd/{out.fileno()}",
            pass_fds=(out.fileno(),),
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert Path("out").stat().st_size == expected.audio.size
    complained(finished("narrate", "article.md", "--voice", "tone", "-o", "/dev/fd/77"), 2, "77")


def test_captions_need_a_file(here: Path) -> None:
    os.mkfifo("pipe")
    complained(finished(*COMMANDS["narrate"]("pipe"), "--captions"), 2, "--captions")


def test_init_writes_through_a_link_and_into_no_pipe(here: Path) -> None:
    Path("narrator.toml").symlink_to("settings.toml")
    assert finished("init").returncode == 0
    assert Path("narrator.toml").is_symlink()
    assert "[site]" in Path("settings.toml").read_text()
    complained(finished("init"), 2, "--force")
    Path("settings.toml").write_bytes(b"")
    assert finished("init", "--force").returncode == 0
    assert Path("narrator.toml").is_symlink()
    Path("narrator.toml").unlink()
    os.mkfifo("narrator.toml")
    complained(finished("init", "--force"), 2, "nobody reads")


@pytest.mark.parametrize("place", ["article.md", "article.md/below", "lost"])
def test_bench_says_at_once_that_it_has_no_folder(here: Path, place: str) -> None:
    Path("lost").symlink_to("/proc/nothing/at/all")
    complained(finished("bench", "--rounds", "1", "-o", place), 2, place)


PRINTING = (
    ["voices", "list"], ["voices", "list", "--json"], ["voices", "show", "tone"],
    ["script", "article.md"], ["script", "article.md", "--json"],
    ["script", "article.md", "--explain"], ["library", "du"], ["library", "gc"],
    ["library", "verify", "--json"], ["lexicon", "list"], ["lexicon", "list", "--json"],
    ["lexicon", "test", "Xi"], ["serve", "--make-key"],
    ["serve", "--show-settings"], ["init", "--force"], ["check", "site"], ["--help"],
    ["--version"], ["narrate", "article.md", "--voice", "tone"],
    ["narrate", "article.md", "--voice", "tone", "--json"],
    ["narrate", "article.md", "--voice", "tone", "-o", "-"],
    ["narrate", "article.md", "--voice", "tone", "-o", "-", "--format", "wav"],
    ["prerender", "article.md", "--voice", "tone", "-o", "site"],
    ["prerender", "article.md", "--voice", "tone", "-o", "site", "--json"],
)  # fmt: skip


SOME = PRINTING[::3]
"""Of every kind one: by print, by rich, as JSON, bytes."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.geteuid() != 0:
        pytest.skip("only root makes a device")
    return device(tmp_path_factory.mktemp("devices") / "full", 7)


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_full_stdout_is_told(here: Path, full: Path, arguments: list[str]) -> None:
    Path("site").mkdir()
    with full.open("wb", buffering=0) as out:
        done = finished(*arguments, stdout=out, stderr=subprocess.PIPE, capture_output=False)
    told = done.stderr.decode()
    assert done.returncode == 8, told
    assert "Traceback" not in told
    assert "Exception ignored" not in told
    assert "No space left" in told


@pytest.mark.parametrize("arguments", SOME, ids=" ".join)
def test_a_stdout_that_nobody_reads_ends_silently(here: Path, arguments: list[str]) -> None:
    Path("site").mkdir()
    theirs, ours = os.pipe()
    os.close(theirs)
    done = finished(*arguments, stdout=ours, stderr=subprocess.PIPE, capture_output=False)
    os.close(ours)
    told = done.stderr.decode()
    assert done.returncode == 1, told
    assert not re.search("Traceback|Exception ignored|Broken|narrator: ", told), told


@pytest.mark.parametrize("arguments", SOME, ids=" ".join)
def test_a_closed_stdout_is_told(here: Path, arguments: list[str]) -> None:
    Path("site").mkdir()
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", NARRATOR, *arguments],
        stderr=subprocess.PIPE, timeout=120, check=False,
    )  # fmt: skip
    told = done.stderr.decode()
    assert done.returncode == 2, told
    assert "Traceback" not in told
    assert "Exception ignored" not in told
    assert "stdout" in told


def test_a_whole_file_replaces_a_link_and_no_pipe(tmp_path: Path) -> None:
    """Where a program chooses the place, nothing is written through a link."""
    target = tmp_path / "target"
    target.write_bytes(OLD)
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(target)
    with whole_file(link) as file:
        file.write(b"new")
    assert (link.is_symlink(), link.read_bytes(), target.read_bytes()) == (False, b"new", OLD)
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="pipe"), whole_file(pipe) as file:
        file.write(b"new")
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def test_a_reader_that_comes_late_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader begins after the writer has looked for one in vain."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    looked = time.sleep

    def look(seconds: float) -> None:
        if not reader.ident:
            reader.start()
        looked(seconds)

    monkeypatch.setattr("narrator.devices.time.sleep", look)
    with output_file(pipe) as file:
        file.write(b"late")
    reader.join(PATIENCE)
    assert got == [b"late"]


def test_nothing_is_written_into_a_device_unless_all_is_well(tmp_path: Path) -> None:
    def fails() -> None:
        with output_file(tmp_path / "pipe") as file:
            file.write(b"half")
            raise StorageFull("no more")

    with read_by_another(tmp_path / "pipe") as got, pytest.raises(StorageFull):
        fails()
    assert got == []
    with pytest.raises(NarratorError), output_file(tmp_path) as file:
        file.write(b"a folder")
