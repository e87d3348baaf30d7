"""The narrations of a service as a podcast: the newest of each article."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from pydantic import ValidationError

from narrator.errors import DamagedRecord, LibraryError, SettingsError
from narrator.library import NARRATIONS
from narrator.publishing.channel import FeedTable
from narrator.publishing.disclosure import synthetic_voice
from narrator.publishing.feed import Episode, feed_xml
from narrator.publishing.manifest import PublishedFile
from narrator.publishing.names import CAPTIONS, CHAPTERS, FEED
from narrator.recordings import PERSON
from narrator.service.answers import credit_of, links
from narrator.service.products import AUDIO
from narrator.service.shelf import Manifest, Shelf
from narrator.service.withdrawals import shown
from narrator.settings import FILE, file_tables

OVERSAMPLED = 3
"""Manifests that are looked at for each episode: an article may have had several narrations."""


def read_table() -> FeedTable:
    """The table [feed] of narrator.toml; SettingsError where it cannot be understood."""
    try:
        return FeedTable(**file_tables("feed").get("feed", {}))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise SettingsError(f"feed.{name} in {FILE}: {first['msg']}.") from error


def podcast(shelf: Shelf, table: FeedTable, base: str) -> tuple[bytes, frozenset[str]]:
    """The feed of the service at the address `base`, without what is down or damaged, and the ids
    of its narrations. Blocks."""
    title = table.title or f"Narrations of {urlsplit(base).netloc}"
    named = table.model_copy(update={"title": title})
    newest: dict[str, Manifest] = {}
    for manifest in shelf.latest(table.episodes * OVERSAMPLED):
        try:
            said = shown(shelf, manifest)
        except LibraryError as error:  # Nobody can tell whether it is down.
            shelf.records.tell(f"{NARRATIONS}{manifest.id}.json", error)
            continue
        if said is not None and said.listed:
            newest.setdefault(said.article, said)
    newest_first = list(newest.values())[: table.episodes]
    channel = named.channel(
        url=f"{base}/{FEED}",
        link=base,
        language=newest_first[0].language if newest_first else "",
        cover=table.cover if "://" in table.cover else "",
    )
    episodes = []
    for manifest in newest_first:
        try:
            episodes.append(_episode(manifest, table, base))
        except (KeyError, ValueError, OverflowError) as error:  # Of earlier versions, and damaged.
            damage = DamagedRecord(f"The manifest of {manifest.id} makes no episode: {error!r}.")
            shelf.records.tell(f"{NARRATIONS}{manifest.id}.json", damage)
    return feed_xml(channel, episodes), frozenset(manifest.id for manifest in newest_first)


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
