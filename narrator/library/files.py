"""A library in a folder: no server, safe under threads, processes and kills.

A file is written without a name (`nameless`), flushed to the disk and then linked to its own, so
that a name stands for a whole file or for none.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from narrator import scratch
from narrator.errors import DamagedRecord, LibraryError, StorageFull
from narrator.library import Entry, checked
from narrator.library.leases import leased
from narrator.nameless import give_name, is_nameless, keep_names, make_folder, open_nameless

TEMPORARY = ".writing-"
"""How the names of unfinished files begin."""

LEASES = "leases"
"""Folder of the locks; not among the entries."""

SET_ASIDE = "set-aside"
"""Folder for what stood where a file belongs; not among the entries."""

_COPIED = 1 << 20
"""Bytes of a file that are copied at once."""

STALE = 3600.0
"""Seconds after which an unfinished file must have been left by a process that is gone."""


class FolderLibrary:
    """A Library whose names are paths under one folder, spread over subfolders."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, name: str, *, use: bool = True) -> bytes | None:
        """See Library.read; the use is kept as the file's modification time."""
        path = self._path(name)
        try:
            data = path.read_bytes()
            if use:
                os.utime(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(path, error) from error
        return data

    def read_range(self, name: str, start: int, end: int) -> bytes | None:
        """See Library.read_range."""
        path = self._path(name)
        try:
            with path.open("rb", buffering=0) as file:
                return os.pread(file.fileno(), end - start, start)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(path, error) from error

    def at_once(self, name: str, start: int, end: int) -> bytearray | None:
        """See Library.at_once; the system tells what it has in memory (Linux)."""
        data = bytearray(end - start)
        try:
            file = os.open(self._place(name), os.O_RDONLY | os.O_CLOEXEC)
            try:
                got = os.preadv(file, [data], start, os.RWF_NOWAIT)
            finally:
                os.close(file)
        except (OSError, AttributeError):  # It would have to wait; this system tells nothing.
            return None
        return data if got == len(data) else None

    def holds(self, name: str) -> bool:
        """See Library.holds."""
        try:
            os.stat(self._place(name))  # noqa: PTH116  (with every request: a Path costs more)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unreadable(self._path(name), error) from error
        return True

    def size(self, name: str) -> int | None:
        """See Library.size."""
        path = self._path(name)
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(path, error) from error

    def write(self, name: str, data: bytes | BinaryIO, *, lasting: bool = True) -> None:
        """See Library.write."""
        path = self._path(name)
        temporary = path.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
        try:
            make_folder(path.parent)
            try:
                with open_nameless(temporary) as file:
                    if isinstance(data, bytes):
                        file.write(data)
                    else:
                        shutil.copyfileobj(data, file, _COPIED)
                    if is_nameless(file):
                        with suppress(FileExistsError):
                            give_name(file, path, lasting=lasting)
                    else:
                        give_name(file, temporary, lasting=lasting)
                        _link(temporary, path)
                if lasting:
                    keep_names(path.parent)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise _refusal(path, error) from error

    def replace(self, name: str, data: bytes) -> None:
        """See Library.replace; a folder that stands in the place is set aside."""
        path = self._path(name)
        temporary = path.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
        try:
            make_folder(path.parent)
            try:
                with temporary.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                if path.is_dir():
                    self._set_aside(path)
                temporary.replace(path)
                keep_names(path.parent)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise _refusal(path, error) from error

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """See Library.entries; unfinished files are not among them. A folder that stands where a
        file belongs is one, as is a file that the system tells nothing of, both of size 0."""
        for path in self._files(prefix):
            if not path.name.startswith(TEMPORARY):
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue  # Another process removed it meanwhile.
                except OSError:
                    yield Entry(self._name(path), 0, 0.0)
                    continue
                size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
                yield Entry(self._name(path), size, status.st_mtime)

    def remove(self, name: str) -> None:
        """See Library.remove; a folder that stands in the place is set aside."""
        path = self._path(name)
        try:
            if path.is_dir():
                self._set_aside(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise LibraryError(
                f"Cannot remove {path}: {error.strerror}. See to its permissions, and that its "
                "disk can be written."
            ) from error

    @contextmanager
    def lease(self, name: str) -> Iterator[bool]:
        """See Library.lease."""
        path = self.root / LEASES / f"{self._path(name).name}.lock"
        with ExitStack() as stack:
            try:
                had = stack.enter_context(leased(path))
            except OSError as error:
                raise _refusal(path, error) from error
            yield had

    def free(self) -> int | None:
        """See Library.free."""
        existing = next(p for p in (self.root, *self.root.absolute().parents) if _seen(p))
        try:
            return shutil.disk_usage(existing).free
        except OSError as error:
            raise _unreadable(existing, error) from error

    def address(self, name: str, seconds: float) -> None:
        """See Library.address: a folder serves nobody."""

    def sweep(self) -> int:
        """Remove what killed processes left unfinished; how many bytes that freed."""
        freed = 0
        for path in self._files(""):
            if path.name.startswith(TEMPORARY):
                status = path.stat()
                if time.time() - status.st_mtime > STALE:
                    path.unlink(missing_ok=True)
                    freed += status.st_size
        return freed

    def _set_aside(self, path: Path) -> None:
        """Move a folder away that stands where a file belongs; nobody knows what is in it."""
        aside = self.root / SET_ASIDE
        aside.mkdir(exist_ok=True)
        path.replace(aside / f"{path.name}-{secrets.token_hex(4)}")

    def _files(self, prefix: str) -> Iterator[Path]:
        top = self.root / prefix.rpartition("/")[0]
        own = {LEASES, SET_ASIDE, scratch.FOLDER}
        for folder, folders, files in os.walk(top, onerror=_closed):
            at = Path(folder)
            misplaced = [name for name in folders if "-" in name and "." in name]
            left_out = {*misplaced, *(own if at == self.root else ())}
            folders[:] = [name for name in folders if name not in left_out]
            for name in (*files, *misplaced):
                path = at / name
                if at != self.root and self._name(path).startswith(prefix):
                    yield path

    def _path(self, name: str) -> Path:
        return Path(self._place(name))

    def _place(self, name: str) -> str:
        """segments/n1-0a1b.flac lies at segments/0a/n1-0a1b.flac: no folder grows without end."""
        folder, _, base = checked(name).rpartition("/")
        return f"{self.root}/{folder}/{base.partition('-')[2][:2]}/{base}"

    def _name(self, path: Path) -> str:
        folder = path.parent.parent.relative_to(self.root).as_posix()
        return f"{folder}/{path.name}"


def open_at(where: str) -> FolderLibrary:
    """The library in a folder, given as a path or a file:// URL; made at the first write."""
    try:
        return FolderLibrary(Path(where.removeprefix("file://")).expanduser())
    except RuntimeError as error:
        raise LibraryError(
            f"There is no home folder for the library {where}. Name a folder that can be "
            "written in NARRATOR_LIBRARY, or set HOME."
        ) from error


def _link(temporary: Path, path: Path) -> None:
    """Give the file its name unless that is taken."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        temporary.replace(path)  # A file system without links; the bytes are the same anyway.


def _closed(error: OSError) -> None:
    """LibraryError for a folder that cannot be listed; none for one that is not there."""
    if not isinstance(error, FileNotFoundError):
        raise _unreadable(Path(error.filename or "the library"), error) from error


def _unreadable(path: Path, error: OSError) -> LibraryError:
    """The error of ours for one of the system's."""
    if isinstance(error, IsADirectoryError):
        return DamagedRecord(
            f"{path} is a folder, where a file belongs. `narrator library repair` moves it away."
        )
    return LibraryError(
        f"Cannot read {path}: {error.strerror}. See to its permissions, or name another "
        "library in NARRATOR_LIBRARY."
    )


def _seen(path: Path) -> bool:
    """Whether it is there for us; what lies in a folder that is closed to us is not."""
    try:
        return path.exists()
    except OSError:
        return False


def _refusal(path: Path, error: OSError) -> LibraryError | StorageFull:
    """The error of ours for one of the system's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            f"No space left for the library at {path.parent}. Free some (`narrator library gc`), "
            "or name another place in NARRATOR_LIBRARY. What was spoken before is kept."
        )
    return LibraryError(
        f"Cannot write {path}: {error.strerror}. See to its permissions, or name another library "
        "in NARRATOR_LIBRARY."
    )
