"""Feeds and site maps as they were last read: one that has not changed costs a 304.

They are kept in the site folder, each in a file that its address names, with what its server lets
us ask with. What is damaged, or cannot be read, counts as never seen.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import time
import zlib
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from narrator.outputs import refusing, whole_file
from narrator.reading.fetch import ARTICLE, LISTING, NotModified, Page, Validators, Wanted
from narrator.reading.listings import kind_of
from narrator.reading.robots import Guest

FOLDER = ".narrator.listings"
"""In a site folder."""

KEPT = 90 * 86_400
"""Seconds after which a listing that nobody asked for goes."""

_DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error)


class Remembering(Guest):
    """A guest that knows the listings of earlier visits."""

    def __init__(
        self, folder: Path, *, keep: bool, contact: str, allow_private: bool, pace: float
    ) -> None:
        """The listings lie in `folder`; with `keep` those of this visit are added."""
        super().__init__(contact=contact, allow_private=allow_private, pace=pace)
        self._folder = folder
        self._keep = keep

    def fetch(
        self,
        url: str,
        known: Validators | None = None,
        *,
        wanted: Wanted = ARTICLE,
        invited: bool = False,
    ) -> Page | NotModified:
        """As of any Guest; but of a listing the page, though it was not sent again."""
        if wanted is not LISTING or known:
            return super().fetch(url, known, wanted=wanted, invited=invited)
        path = self._folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.gz"
        before = _read(path)
        asked = before.validators if before else None
        found = super().fetch(url, asked, wanted=wanted, invited=invited)
        if isinstance(found, NotModified):
            assert before is not None
            if self._keep:
                with suppress(OSError):
                    path.touch()
            return before
        if self._keep and kind_of(found) != "page":
            self._write(path, found)
        return found

    def _write(self, path: Path, page: Page) -> None:
        """Put the listing away, or what was known of it if its server lets us ask for nothing."""
        with refusing(path):
            if not (page.validators.etag or page.validators.modified):
                path.unlink(missing_ok=True)
                return
            self._folder.mkdir(exist_ok=True)
        about = {**asdict(page), "sha256": hashlib.sha256(page.data).hexdigest()}
        del about["data"]
        with whole_file(path) as file:
            file.write(gzip.compress(json.dumps(about).encode() + b"\n" + page.data, 6, mtime=0))
        _forget(self._folder)


def _read(path: Path) -> Page | None:
    """The listing that is kept there."""
    try:
        head, _, data = gzip.decompress(path.read_bytes()).partition(b"\n")
        about = json.loads(head)
        if hashlib.sha256(data).hexdigest() != about.pop("sha256"):
            return None
        return Page(**{**about, "data": data, "validators": Validators(**about["validators"])})
    except _DAMAGED:
        return None


def _forget(folder: Path) -> None:
    """Delete what was not asked for in a long time."""
    with suppress(OSError):
        for path in folder.glob("*.gz"):
            if path.stat().st_mtime < time.time() - KEPT:
                path.unlink(missing_ok=True)
