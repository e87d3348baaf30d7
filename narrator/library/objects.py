"""A library in an object store (S3 and what speaks like it, Google Cloud, Azure), by obstore.

An object is there as a whole or not at all, and a conditional PUT keeps the first one written, so
that a name needs no more care than in a folder. What differs: reading leaves no mark, so the least
recently *written* segments count as the least recently used, and nobody knows how much room is
left. Endpoint, region and credentials are those of the store's usual environment (AWS_...,
GOOGLE_..., AZURE_...).
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from mimetypes import guess_type
from typing import Any, BinaryIO

from narrator.errors import LibraryError, UsageError
from narrator.library import Entry, checked

try:
    import obstore
    from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
    from obstore.store import from_url
except ImportError as error:
    raise UsageError(
        "A library in an object store needs obstore: pip install 'article-narrator[objects]'."
    ) from error

LEASES = "leases/"
"""Prefix of the names of leases; not among the entries that are asked for by a prefix."""

PATIENCE = 60.0
"""Seconds to wait for others; then the thing is made a second time."""

LIFE = 10.0
"""Seconds after which a lease that did not change was left by somebody who is gone. A sentence is
spoken in less."""

POLL = 0.1
"""Seconds between two looks at somebody's lease at first; they become five times as many."""

WHOLE = 32 << 20
"""Bytes of a file that are sent in one request; longer ones go in parts."""

RETRIES: Any = {"max_retries": 6, "retry_timeout": timedelta(seconds=60)}
"""How often a store is asked again that answers with a server's error or not at all."""

OPTIONS: Any = {
    "timeout": timedelta(seconds=30),  # Of one request.
    "connect_timeout": timedelta(seconds=5),
    "allow_http": True,  # Where the environment names an endpoint without TLS, as one's own.
}


class ObjectLibrary:
    """A Library whose names are keys under one prefix of a bucket."""

    def __init__(self, where: str) -> None:
        self.where = where
        try:
            self._store: Any = from_url(where, retry_config=RETRIES, client_options=OPTIONS)
        except (BaseError, ValueError, TypeError) as error:
            raise UsageError(f"No library at {where!r}: {_first_line(error)}") from error

    def read(self, name: str, *, use: bool = True) -> bytes | None:
        """See Library.read; a use leaves no mark."""
        with self._asking("read", name), suppress(FileNotFoundError):
            return bytes(obstore.get(self._store, checked(name)).bytes())
        return None

    def read_range(self, name: str, start: int, end: int) -> bytes | None:
        """See Library.read_range."""
        try:
            part = obstore.get_range(self._store, checked(name), start=start, end=end)
        except FileNotFoundError:
            return None
        except BaseError as error:
            if (self.size(name) or 0) > start:
                raise self._failed("read", name, error) from error
            return b""
        return bytes(part)

    def at_once(self, name: str, start: int, end: int) -> None:
        """See Library.at_once: everything has to be waited for."""

    def holds(self, name: str) -> None:
        """See Library.holds."""

    def size(self, name: str) -> int | None:
        """See Library.size."""
        found = self._head(checked(name))
        return None if found is None else int(found["size"])

    def write(self, name: str, data: bytes | BinaryIO, *, lasting: bool = True) -> None:
        """See Library.write. Of a file over WHOLE bytes, two who write it at the same moment both
        succeed; its bytes are the same, for that is what its name says."""
        checked(name)
        with self._asking("write", name), suppress(AlreadyExistsError):
            if isinstance(data, bytes) or _left(data) <= WHOLE:
                whole = data if isinstance(data, bytes) else data.read()
                obstore.put(
                    self._store, name, whole, mode="create", use_multipart=False,
                    attributes=_attributes(name),
                )  # fmt: skip
            elif self.size(name) is None:
                obstore.put(self._store, name, data, attributes=_attributes(name))

    def replace(self, name: str, data: bytes) -> None:
        """See Library.replace."""
        with self._asking("write", name):
            obstore.put(
                self._store, checked(name), data, mode="overwrite", use_multipart=False,
                attributes=_attributes(name),
            )  # fmt: skip

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """See Library.entries; `used` is when it was written."""
        pages = iter(obstore.list(self._store, prefix.rpartition("/")[0] or None))
        while True:
            with self._asking("list", prefix):
                page = next(pages, None)
            if page is None:
                return
            for found in page:
                name = found["path"]
                if name.startswith(prefix) and not name.startswith(LEASES):
                    yield Entry(name, found["size"], found["last_modified"].timestamp())

    def remove(self, name: str) -> None:
        """See Library.remove."""
        with self._asking("remove", name), suppress(FileNotFoundError):
            obstore.delete(self._store, checked(name))

    @contextmanager
    def lease(self, name: str) -> Iterator[bool]:
        """See Library.lease: an object of its own, that whoever waits may take over when it has
        stood unchanged for LIFE seconds. No two clocks are compared."""
        path = f"{LEASES}{checked(name).rpartition('/')[2]}.lock"
        mark = self._acquired(path)
        try:
            yield mark is not None
        finally:
            if mark is not None and self._mark(path) == mark:
                self.remove(path)

    def free(self) -> None:
        """See Library.free: nobody knows."""

    def address(self, name: str, seconds: float) -> str:
        """See Library.address: a signed URL."""
        stands = timedelta(seconds=seconds)
        with self._asking("sign", name):
            return str(obstore.sign(self._store, "GET", checked(name), expires_in=stands))

    def _acquired(self, path: str) -> str | None:
        """The mark (ETag) of the lease that is ours now, or None where PATIENCE was not enough."""
        deadline = time.monotonic() + PATIENCE
        token = secrets.token_hex(16).encode()
        wait = POLL
        seen, since = "", 0.0
        while time.monotonic() < deadline:
            mark = self._mark(path)
            if mark != seen:
                seen, since = mark, time.monotonic()
            # Suppressed: another was quicker.
            with self._asking("write", path), suppress(AlreadyExistsError, PreconditionError):
                if not mark:
                    return str(obstore.put(self._store, path, token, mode="create")["e_tag"])
                if time.monotonic() - since > LIFE:
                    taken = obstore.put(self._store, path, token, mode={"e_tag": mark})
                    return str(taken["e_tag"])
            time.sleep(wait)
            wait = min(wait * 1.5, 5 * POLL)
        return None

    def _mark(self, path: str) -> str:
        """The ETag of what is stored there; empty if nothing is."""
        found = self._head(path)
        return "" if found is None else str(found["e_tag"])

    def _head(self, path: str) -> Any:
        """What the store tells of what is stored there, or None."""
        with self._asking("read", path), suppress(FileNotFoundError):
            return obstore.head(self._store, path)
        return None

    @contextmanager
    def _asking(self, verb: str, name: str) -> Iterator[None]:
        """Errors of the store in the block become ours; so does a missing file that the block
        lets through: then it is the bucket that is missing."""
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            raise self._failed(verb, name, error) from error

    def _failed(self, verb: str, name: str, error: Exception) -> LibraryError:
        """The error of ours for one of the store's; of its answer the first line, which names no
        secret."""
        return LibraryError(
            f"Cannot {verb} {name} in {self.where}: {_first_line(error)} See that the store "
            "answers and that the credentials in the environment may use it."
        )


def open_at(where: str) -> ObjectLibrary:
    """The library at a URL such as s3://bucket/prefix."""
    return ObjectLibrary(where)


def _attributes(name: str) -> Any:
    """What whoever fetches it from the store itself is told: it never changes."""
    kind, _ = guess_type(name)
    return {
        "Content-Type": kind or "application/octet-stream",
        "Cache-Control": "public, max-age=31536000, immutable",
    }


def _left(file: BinaryIO) -> int:
    """Bytes that follow the position."""
    position = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(position)
    return end - position


def _first_line(error: Exception) -> str:
    line = str(error).strip().partition("\n")[0][:300]
    return line if line.endswith(".") else f"{line}."
