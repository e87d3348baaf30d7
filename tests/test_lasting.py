"""What a crash of the machine must not undo is on the disk before anybody is told of it: real
commands, whose system calls are followed. Data comes before the name, the name before the word."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tracing import Traced, traced
from waiting import PATIENCE, until

NARRATOR = [sys.executable, "-m", "narrator"]
CALLS = (
    "open,openat,close,dup,fsync,fdatasync,link,linkat,rename,renameat,renameat2,mkdir,mkdirat,"
    "write,pwrite64,writev,copy_file_range,sendfile,sendto,sendmsg,ftruncate"
)
CHANGING = {"write", "pwrite64", "writev", "ftruncate"}
SPEAKING = {"write", "writev", "sendto", "sendmsg"}

DISPOSABLE = "encoded"
"""Folder in the library of what may be lost in a crash, for it is encoded anew."""

_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)")
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Call:
    """A system call, once it is over; what makes names and speaks stands where it began."""

    name: str
    told: str
    """Arguments and result, as strace writes them."""

    @property
    def file(self) -> str:
        """Descriptor and path of the file that it is called for: `7</tmp/x>`."""
        found = re.match(r"\d+<[^>]*>(?:\(deleted\))?", self.told)
        return found[0] if found else ""

    def paths(self, folder: Path) -> list[Path]:
        """All that it names; `folder` is where the process works."""
        return [Path(folder, at, path) for at, path in _PATH.findall(self.told)]


def calls(seen: Traced) -> Iterator[Call]:
    """In the order in which they count: a call that makes sure of something when it has ended, all
    others when they began."""
    begun: dict[str, str] = {}
    for line in seen.calls():
        found = _LINE.match(line)
        if found is None:
            continue
        process, resumed, name, told = found.groups()
        ended = not told.endswith("<unfinished ...>")
        if resumed:
            whole = begun.pop(process, "") + told
            if resumed in ("fsync", "fdatasync", "open", "openat", "mkdir", "mkdirat"):
                yield Call(resumed, whole)
        elif ended:
            yield Call(name, told)
        else:
            begun[process] = told.removesuffix("<unfinished ...>")
            if name not in ("fsync", "fdatasync", "open", "openat", "mkdir", "mkdirat"):
                yield Call(name, told)


class Disk:
    """What of the files below a folder is on the disk after the calls so far, at the least."""

    def __init__(self, below: Path) -> None:
        self.below = below
        self.unwritten: set[str] = set()
        """Descriptors of files that were written to since they were flushed."""
        self.unnamed: set[Path] = set()
        """Names that were made since their folder was flushed."""
        self.named: list[Path] = []
        """All names that were made."""

    def follow(self, call: Call) -> None:
        """Take one more call into account; AssertionError where a name comes before its data."""
        if call.name in ("fsync", "fdatasync") and call.told.rstrip().endswith("= 0"):
            self.unwritten.discard(call.file)
            folder = Path(re.sub(r"^\d+<|>$", "", call.file))
            self.unnamed = {name for name in self.unnamed if name.parent != folder}
        elif call.name in CHANGING and str(self.below) in call.file:
            self.unwritten.add(call.file)
        elif call.name in ("link", "linkat", "rename", "renameat", "renameat2"):
            self._name(call)
        elif call.name in ("mkdir", "mkdirat") and call.told.rstrip().endswith("= 0"):
            self._add(call.paths(self.below)[-1])
        elif call.name == "close":
            self.unwritten.discard(call.file)  # Another file may get the number; see _name.

    def _name(self, call: Call) -> None:
        *_, source, name = call.paths(self.below)
        if not name.is_relative_to(self.below) or DISPOSABLE in name.parts:
            return
        number = re.fullmatch(r"/proc/self/fd/(\d+)", str(source))
        if number:
            dirty = [file for file in self.unwritten if file.startswith(f"{number[1]}<")]
            assert dirty == [], f"{name} is named before its data is on the disk"
        self.unnamed.discard(source)
        self._add(name)

    def _add(self, name: Path) -> None:
        if name.is_relative_to(self.below):
            self.unnamed.add(name)
            self.named.append(name)

    def check(self, names: Iterable[Path]) -> None:
        """AssertionError where one of the names, or of the folders above, may be lost."""
        for name in names:
            lost = {one for one in (name, *name.parents) if one in self.unnamed}
            assert lost == set(), f"{lost} may be lost though {name} was told of"


@pytest.fixture
def article(tmp_path: Path) -> Path:
    (tmp_path / "article.md").write_text("# Tea\n\nIt was warm. It cost $5.\n")
    return tmp_path / "article.md"


def settings(folder: Path) -> dict[str, str]:
    return {
        "NARRATOR_LIBRARY": str(folder / "library"), "NARRATOR_VOICE": "tone",
        "NARRATOR_SERVICE__TEST_VOICES": "true",
    }  # fmt: skip


def test_narrate(article: Path) -> None:
    """The files are on the disk when their paths are printed."""
    folder = article.parent
    command = [*NARRATOR, "narrate", "article.md", "-o", "new/out/talk.mp3", "--captions"]
    with traced(command, folder, calls=CALLS, **settings(folder)) as seen:
        seen.wait()
    disk, told = Disk(folder), set()
    for call in calls(seen):
        disk.follow(call)
        if call.name == "write" and call.told.startswith("1<"):
            for name in re.findall(r"new/out/talk[\w.]+", call.told):
                told.add(name)
                assert folder / name in disk.named
                disk.check([folder / name])
    assert told == {"new/out/talk.mp3", "new/out/talk.vtt", "new/out/talk.cues.json"}
    segments = [name for name in disk.named if name.suffix == ".flac"]
    assert len(segments) == 3
    disk.check(segments)


def test_prerender(article: Path) -> None:
    """A manifest comes after the files that it tells of, and is there when the command ends."""
    folder = article.parent
    command = [*NARRATOR, "prerender", "article.md", "-o", "site", "--url", "https://example.org/"]
    with traced(command, folder, calls=CALLS, **settings(folder)) as seen:
        seen.wait()
    disk, manifests = Disk(folder), []
    for call in calls(seen):
        if call.name.startswith("rename") and call.paths(folder)[-1].name == "manifest.json":
            place = call.paths(folder)[-1].parent
            if place == folder / "site/article":
                manifests.append(place)
                disk.check([name for name in disk.named if name.parent == place])
                assert place / "audio.mp3" in disk.named
        disk.follow(call)
    assert manifests == [folder / "site/article"]
    site = folder / "site"
    disk.check(
        name for name in disk.named
        if name.is_relative_to(site) and name.exists() and ".writing" not in name.parts
    )  # fmt: skip


def test_serve(article: Path) -> None:
    """What was acknowledged is on the disk when 202 is sent, and so is all of a narration when it
    is said to be ready."""
    folder = article.parent
    command = [*NARRATOR, "serve", "--port", "0"]
    with traced(command, folder, calls=CALLS, **settings(folder)) as seen:
        address: list[str] = []

        def listens() -> bool:
            address.extend(
                re.findall(r'\\"url\\": ?\\"(http://127\.0\.0\.1:\d+)', "\n".join(seen.calls()))
            )
            return bool(address)

        until(listens, "It does not listen")
        with httpx.Client(base_url=address[0], timeout=PATIENCE, trust_env=False) as client:
            answer = client.post("/v1/narrations", json={"markdown": article.read_text()})
            assert answer.status_code == 202
            where = answer.headers["Location"]
            until(lambda: client.get(where).json()["state"] == "ready", "It is not ready")
    disk, acknowledged, ready = Disk(folder), 0, 0
    library = folder / "library"
    for call in calls(seen):
        if call.name in SPEAKING and "HTTP/1.1 202" in call.told:
            requests = [n for n in disk.named if n.is_relative_to(library / "requests")]
            assert any(name.suffix == ".json" for name in requests)
            disk.check(requests)
            acknowledged += 1
        if call.name in SPEAKING and r"\"state\":\"ready\"" in call.told.replace(": ", ":"):
            kept = [
                n for n in disk.named
                if n.is_relative_to(library / "narrations") or n.is_relative_to(library / "files")
            ]  # fmt: skip
            assert any(name.suffix == ".mp3" for name in kept)
            disk.check(kept)
            ready += 1
        disk.follow(call)
    assert acknowledged == 1
    assert ready > 0


def test_the_check_would_notice(tmp_path: Path) -> None:
    """A name before its data, and a word before the name."""
    where = str(tmp_path)
    early = f'5<{where}/#12>(deleted), "x", 1) = 1'
    link = f'AT_FDCWD<{where}>, "/proc/self/fd/5", 6<{where}>, "name", AT_SYMLINK_FOLLOW) = 0'
    disk = Disk(tmp_path)
    disk.follow(Call("write", early))
    with pytest.raises(AssertionError, match="before its data"):
        disk.follow(Call("linkat", link))
    disk.follow(Call("fsync", f"5<{where}/#12>(deleted)) = 0"))
    disk.follow(Call("linkat", link))
    with pytest.raises(AssertionError, match="may be lost"):
        disk.check([tmp_path / "name"])
    disk.follow(Call("fsync", f"7<{where}>) = 0"))
    disk.check([tmp_path / "name"])
