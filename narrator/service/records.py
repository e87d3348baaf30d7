"""Records: small JSON documents in the library, each with a checksum, each harmless to all others.

The checksum is the last member of the document and covers all before it, so that older versions of
the program, which know no such member, read the record as well. A record without one is of such a
version: it is read, and counts as unverified.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from narrator.errors import DamagedRecord, LibraryError
from narrator.library import Library

log = logging.getLogger("narrator.service")

LIMIT = 64 << 20
"""Bytes of the longest record, a request of a whole article; more are damage."""

TOLD = 1000
"""Damaged records that are remembered as told."""

_SEAL = re.compile(rb',"checksum":"sha256:([0-9a-f]{64})"\}\s*\Z')
_SEAL_LENGTH = 100
"""Bytes at the end of a record that may hold the checksum."""

Kind = TypeVar("Kind")


def sealed(document: bytes) -> bytes:
    """A JSON object that is not empty, with its checksum as its last member."""
    assert document[:1] == b"{"
    assert document[-1:] == b"}"
    digest = hashlib.sha256(document).hexdigest()
    return b'%s,"checksum":"sha256:%s"}' % (document[:-1], digest.encode())


def unsealed(data: bytes) -> tuple[bytes, bool]:
    """The document, and whether a checksum says that it is what was written; DamagedRecord where
    the checksum says that it is not."""
    seal = _SEAL.search(data, max(0, len(data) - _SEAL_LENGTH))
    if seal is None:
        return data, False
    document = data[: seal.start()] + b"}"
    if hashlib.sha256(document).hexdigest().encode() != seal[1]:
        raise DamagedRecord("it is not what was written")
    return document, True


class Records:
    """The records of a library; from any thread."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.told: list[Callable[[str], None]] = []
        """Called with the kind of each record that is found damaged, the first time."""
        self._known: dict[str, None] = {}
        """Names of damaged records that were told."""
        self._lock = Lock()

    def read(self, name: str, form: TypeAdapter[Kind]) -> Kind | None:
        """The record of that name, or None; DamagedRecord, LibraryError where it cannot be read."""
        try:
            data = self.library.read_range(name, 0, LIMIT + 1)
        except DamagedRecord as error:
            raise _damaged(name, "a folder stands in its place") from error
        return None if data is None else parsed(name, data, form)[0]

    def sound(self, name: str, form: TypeAdapter[Kind]) -> Kind | None:
        """The record of that name; None where there is none or it cannot be used, which is told."""
        try:
            return self.read(name, form)
        except LibraryError as error:
            self.tell(name, error)
            return None

    def write(self, name: str, document: bytes, form: TypeAdapter[Kind]) -> None:
        """Store a record unless there is one of that name already; a damaged one is replaced."""
        try:
            if self.read(name, form) is None:
                self.library.write(name, sealed(document))
        except LibraryError as error:
            if not isinstance(error, DamagedRecord) and self.library.size(name) is None:
                raise
            self.tell(name, error)
            self.library.replace(name, sealed(document))
            with self._lock:
                self._known.pop(name, None)

    def tell(self, name: str, error: LibraryError) -> None:
        """Say once in the log and the metrics that a record cannot be used."""
        with self._lock:
            if name in self._known:
                return
            self._known[name] = None
            while len(self._known) > TOLD:
                del self._known[next(iter(self._known))]
        log.error("left out: %s", error)
        for tell in self.told:
            tell(name.partition("/")[0])


def parsed(name: str, data: bytes, form: TypeAdapter[Kind]) -> tuple[Kind, bool]:
    """A record, and whether a checksum says that it is what was written; DamagedRecord."""
    try:
        if len(data) > LIMIT:
            raise DamagedRecord(f"it is longer than {LIMIT >> 20} MB")
        if not data:
            raise DamagedRecord("it is empty")
        document, verified = unsealed(data)
        return form.validate_json(document), verified
    except ValidationError as error:
        reason = error.errors(include_url=False, include_input=False)[0]["msg"]
    except DamagedRecord as error:
        reason = str(error)
    raise _damaged(name, reason)


def _damaged(name: str, reason: str) -> DamagedRecord:
    return DamagedRecord(
        f"The record {name} is damaged: {reason}. `narrator library repair` mends it; what it was "
        "of is made anew when it is asked for again."
    )
