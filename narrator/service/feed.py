"""The narrations of a service as a podcast: the newest of each article."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pydantic import ValidationError

from narrator.errors import DamagedRecord, LibraryError, SettingsError
from narrator.library import NARRATIONS
from narrator.publishing.channel import FeedTable
from narrator.publishing.disclosure import synthetic_voice
from narrator.publishing.feed import Episode, feed_xml, podcast_guid
from narrator.publishing.manifest import PublishedFile
from narrator.publishing.names import CAPTIONS, CHAPTERS, FEED
from narrator.recordings import PERSON
from narrator.service.answers import credit_of, links
from narrator.service.products import AUDIO
from narrator.service.shelf import Manifest, Shelf
from narrator.service.withdrawals import shown
from narrator.settings import FILE, file_tables
from narrator.weblinks import web_address

FEED_AGE = 30.0
"""Seconds for which a feed is not looked up anew."""

OVERSAMPLED = 3
"""Manifests that are looked at for each episode: an article may have had several narrations."""

_HOST = f"{secrets.token_hex(16)}.invalid"
_BASE = f"http://{_HOST}"
_GUID = secrets.token_hex(16)
"""What stands for host, address and podcast:guid of a service in a feed that is laid out: nobody
can guess these, so no article has them."""

_PLAIN = re.compile(r"https?://[A-Za-z0-9._~:/\[\]-]{1,200}")
"""An address that is written alike everywhere."""


def read_table() -> FeedTable:
    """The table [feed] of narrator.toml; SettingsError where it cannot be understood."""
    try:
        return FeedTable(**file_tables("feed").get("feed", {}))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise SettingsError(f"feed.{name} in {FILE}: {first['msg']}.") from error


class Feeds:
    """The feed of a service, for each address that the service is asked at. The narrations are
    looked up and laid out once for all addresses. For the loop."""

    def __init__(self) -> None:
        self._laid: _Laid | None = None
        self._laying = asyncio.Lock()

    def forget(self) -> None:
        """Look up anew what there is: it has just changed."""
        self._laid = None

    async def feed(self, shelf: Shelf, table: FeedTable, base: str) -> bytes:
        """The feed of the service at the address `base`, without what is down or damaged; up to
        FEED_AGE old."""
        laid = self._laid
        if laid is None or laid.is_stale(shelf):
            async with self._laying:
                fresh = self._laid
                if fresh is None or fresh is laid:
                    fresh = self._laid = await asyncio.to_thread(_laid_out, shelf, table)
                laid = fresh
        if _PLAIN.fullmatch(base) and web_address(base) == base:
            return laid.at(base)
        return await asyncio.to_thread(podcast, shelf, table, laid.newest, base)


@dataclass(frozen=True, slots=True)
class _Laid:
    """A feed, laid out for an address that is nobody's."""

    newest: list[Manifest]
    data: bytes
    made: float
    """On the monotonic clock."""

    def is_stale(self, shelf: Shelf) -> bool:
        """Whether it is too old, or has what is down."""
        old = time.monotonic() - self.made > FEED_AGE
        return old or any(_is_gone(shelf, manifest.id) for manifest in self.newest)

    def at(self, base: str) -> bytes:
        """The same for an address without a character that XML or addresses escape."""
        real = {
            _BASE: base,
            _HOST: urlsplit(base).netloc,
            _GUID: podcast_guid(f"{base}/{FEED}"),
        }
        data = self.data
        for stands, for_what in real.items():
            data = data.replace(stands.encode(), for_what.encode())
        return data


def _laid_out(shelf: Shelf, table: FeedTable) -> _Laid:
    made = time.monotonic()
    newest = newest_of(shelf, table.episodes)
    named = table.model_copy(update={"guid": table.guid or _GUID})
    return _Laid(newest, podcast(shelf, named, newest, _BASE), made)


def _is_gone(shelf: Shelf, narration_id: str) -> bool:
    """Whether a narration is down, or nobody can tell."""
    try:
        return shelf.is_down(narration_id)
    except LibraryError:
        return True


def newest_of(shelf: Shelf, count: int) -> list[Manifest]:
    """The newest narrations of so many articles, without what is down or damaged. Blocks."""
    newest: dict[str, Manifest] = {}
    for manifest in shelf.latest(count * OVERSAMPLED):
        try:
            said = shown(shelf, manifest)
        except LibraryError as error:  # Nobody can tell whether it is down.
            shelf.records.tell(f"{NARRATIONS}{manifest.id}.json", error)
            continue
        if said is not None and said.listed:
            newest.setdefault(said.article, said)
    return list(newest.values())[:count]


def podcast(shelf: Shelf, table: FeedTable, newest: list[Manifest], base: str) -> bytes:
    """The feed of these narrations for a service at the address `base`; those of which no episode
    can be made are told as damaged and left out."""
    title = table.title or f"Narrations of {urlsplit(base).netloc}"
    channel = table.model_copy(update={"title": title}).channel(
        url=f"{base}/{FEED}",
        link=base,
        language=newest[0].language if newest else "",
        cover=table.cover if "://" in table.cover else "",
    )
    episodes = []
    for manifest in newest:
        try:
            episodes.append(_episode(manifest, table, base))
        except (KeyError, ValueError, OverflowError) as error:  # Of earlier versions, and damaged.
            damage = DamagedRecord(f"The manifest of {manifest.id} makes no episode: {error!r}.")
            shelf.records.tell(f"{NARRATIONS}{manifest.id}.json", damage)
    return feed_xml(channel, episodes)


def _episode(manifest: Manifest, table: FeedTable, base: str) -> Episode:
    at = links(manifest.id, base)
    credit = credit_of(manifest.voice)
    is_person = manifest.voice == PERSON.id
    notice = f"{credit}." if is_person else f"{synthetic_voice(manifest.language)}: {credit}."
    return Episode(
        guid=manifest.article,
        title=manifest.title,
        description="\n\n".join(filter(None, (manifest.summary, notice))),
        link=manifest.url,
        published=manifest.date or datetime.fromtimestamp(manifest.created, UTC).isoformat(),
        duration=manifest.duration,
        audio=_published(manifest, AUDIO, at.audio),
        language=manifest.language,
        author=manifest.author,
        captions=_published(manifest, CAPTIONS, at.captions),
        chapters=_published(manifest, CHAPTERS, at.chapters),
        explicit=table.explicit,
    )


def _published(manifest: Manifest, name: str, url: str) -> PublishedFile:
    file = manifest.files[name]
    return PublishedFile(name, file.type.partition(";")[0], file.size, file.sha256, url)
