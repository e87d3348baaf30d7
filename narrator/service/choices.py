"""What a publisher chose for the article at an address, by which it is spoken again when its page
is edited.

    choices/MARK/c1-TIME.json   the newest counts; MARK stands for the address, in any spelling
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from pydantic import TypeAdapter

from narrator.reading.spellings import address_of
from narrator.service.records import Records, sealed

CHOICES = "choices/"


@dataclass(frozen=True, slots=True)
class Choice:
    """How the publisher has an article spoken: what its last request with a key said."""

    article: str
    """Id."""
    voice: str
    """Id; of the voice that speaks it, chosen or not."""
    speed: float
    language: str = ""
    """Instead of the page's own, like `title`; empty: the page's."""
    title: str = ""
    listed: bool = True
    """Whether it belongs into the feed."""
    sent: bool = False
    """Whether the text was sent: then the page does not count."""


_FORM = TypeAdapter(Choice)


class Choices:
    """The choices that are stored in a library. Everything blocks; from any thread."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.library = records.library

    def of(self, url: str) -> Choice | None:
        """What was chosen for the article at an address; None where no key asked for it, or that
        cannot be read."""
        found = (self.records.sound(name, _FORM) for name in self._names(url))
        return next((choice for choice in found if choice is not None), None)

    def keep(self, url: str, choice: Choice) -> None:
        """Store what was chosen for the article at an address, unless it is that already, or the
        article has no address that a listener could name."""
        if address_of(url) is None or self.of(url) == choice:
            return
        before = self._names(url)
        name = f"{_folder(url)}c1-{time.time_ns() // 1000:017d}.json"
        self.library.write(name, sealed(_FORM.dump_json(choice)))
        for older in before:
            self.library.remove(older)

    def _names(self, url: str) -> list[str]:
        """Of all that is stored for an address, the newest first."""
        entries = self.library.entries(_folder(url))
        return sorted((entry.name for entry in entries), reverse=True)


def _folder(url: str) -> str:
    """One for http and https, with and without a slash at the end, in whatever order a query is."""
    address = address_of(url)
    told = [address.place, *sorted(map(str, address.query))] if address else [url]
    mark = hashlib.sha256("\n".join(told).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return f"{CHOICES}{mark}/"
