"""One article brought up to date: read, planned, compared with what is there, and made if it has
to be."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, urljoin

from narrator.errors import FetchError, NothingToSay, StorageFull
from narrator.model import Article, Plan, Progress, primary_language
from narrator.planning import plan
from narrator.publishing.manifest import (
    Manifest,
    Origin,
    Taken,
    format_of,
    spoken_words,
    text_hash,
)
from narrator.recordings import still
from narrator.site.config import StyleTable
from narrator.site.estimate import Estimate
from narrator.site.events import Began, Found, Heard, Outcome, State
from narrator.site.filters import unwanted, unwanted_by_listing
from narrator.site.folder import Published, refreshed, written
from narrator.site.gather import Item, matches, reason_of
from narrator.site.job import Job
from narrator.site.made_of import versions
from narrator.site.places import Places
from narrator.site.present import intact
from narrator.site.tour import Same, Tour, Visit, digest_of, validators_of
from narrator.studio import Studio
from narrator.style import LANGUAGE
from narrator.weblinks import address_or_path

GONE = 410
"""The status of a page that was taken down on purpose."""


class Renewer:
    """Brings the articles of a tour up to date."""

    def __init__(
        self, studio: Studio, job: Job, tour: Tour, *, base: str, player: str, settings: str
    ) -> None:
        """`base` and `player` are public addresses, empty where unknown; `settings` is the hash of
        all that decides a narration besides its article."""
        self._studio = studio
        self._job = job
        self._site = job.config.site
        self._tour = tour
        self._base = base
        self._player = player
        self._settings = settings
        self._places = Places(job.output)
        self._estimate = Estimate(studio)
        self.gone: set[str] = set()
        """Ids of articles that are not to be heard any more: nothing to say, drafts, taken down."""

    def events(self, item: Item) -> Iterator[Found | Began | Heard | Outcome]:
        """What happens to the article; an Outcome comes last, unless it was a listing. StorageFull
        and interruptions are raised, all else becomes an Outcome."""
        began = time.monotonic()

        def ended(state: State, reason: str) -> Outcome:
            took = time.monotonic() - began
            return Outcome(
                item.id, state, source=item.name, reason=reason, size=item.size, took=took
            )

        try:
            for event in self._renewed(item):
                if isinstance(event, Outcome):
                    took = time.monotonic() - began
                    event = replace(event, source=item.name, size=item.size, took=took)
                yield event
        except StorageFull:
            raise
        except NothingToSay as error:
            self.gone.add(item.id)
            yield ended("skipped", str(error))
        except FetchError as error:
            if error.status == GONE:
                self.gone.add(item.id)
            yield ended("skipped" if error.status == GONE else "failed", str(error))
        except Exception as error:  # One article, whatever is wrong with it, stops no other.
            yield ended("failed", reason_of(error))

    def _renewed(self, item: Item) -> Iterator[Found | Began | Heard | Outcome]:
        early = unwanted_by_listing(self._site, item)
        if early:
            yield Outcome(item.id, "filtered", reason=early)
            return
        slug, before = self._places.of(item)
        folder = self._job.output / slug
        whole = before is not None and intact(folder, before)
        fresh = before if whole and not self._job.again else None
        kept = fresh if fresh and fresh.origin.settings == self._settings else None
        found = self._tour.visit(item, validators_of(kept) if kept else None)
        if isinstance(found, list):
            self._places.give_back(slug)
            yield Found(len(self._tour.listed), self._tour.size)
            for reason in found:
                yield Outcome(item.id, "failed", reason=reason)
            return
        if isinstance(found, Same) and kept:
            yield self._unchanged(item, kept)
            return
        assert isinstance(found, Visit)
        origin = self._origin(item, found)
        same = kept if kept and kept.origin.same_as(origin) and not kept.retired else None
        if same and same.synthetic:
            yield self._unchanged(item, same)
            return
        article = self._read(item, found, before)
        if same and self._still(article, same.recording):
            yield self._unchanged(item, same)
            return
        not_now = self._not_now(item, article)
        if not_now:
            if before is None:
                self._places.give_back(slug)
            yield not_now
            return
        planned = self._plan(item, article)
        about = Published(
            id=item.id,
            slug=slug,
            guid=before.guid if before else self._guid(item, article.url),
            published=before.published if before else _now(),
            base=f"{self._base}/{quote(slug)}" if self._base else "",
            origin=origin,
            versions=versions(),
            player=self._player,
            file_rate=self._job.config.feed.sample_rate,
        )
        if same and same.narration == planned.id and same.recording:
            yield self._unchanged(item, same)
        elif fresh and self._same_sound(fresh, article, planned):
            manifest = fresh if self._job.dry else refreshed(folder, fresh, planned, about)
            yield _outcome(item, "refreshed", manifest)
        elif self._job.dry:
            yield self._planned(item, slug, planned)
        else:
            yield from self._made(item, planned, about)

    def _made(
        self, item: Item, planned: Plan, about: Published
    ) -> Iterator[Began | Heard | Outcome]:
        words = spoken_words(planned.script)
        title = planned.article.title
        yield Began(item.id, title, len(planned.script.sentences), words)
        folder = self._job.output / about.slug
        for event in written(folder, self._studio, planned, self._site.formats, about):
            if isinstance(event, Progress):
                yield Heard(event.done, event.total, event.seconds)
            else:
                manifest, narration = event
                yield replace(_outcome(item, "made", manifest), spoken=narration.spoken)

    def _planned(self, item: Item, slug: str, planned: Plan) -> Outcome:
        """What would be made."""
        forecast = self._estimate.of(planned, formats=len(self._site.formats))
        return Outcome(
            item.id,
            "planned",
            slug=slug,
            title=planned.article.title,
            words=spoken_words(planned.script),
            sentences=len(planned.script.sentences),
            spoken=forecast.spoken,
            duration=round(forecast.duration, 1),
            takes=forecast.takes,
            omissions=len(planned.script.omissions),
            warnings=planned.article.warnings,
        )

    def _unchanged(self, item: Item, manifest: Manifest) -> Outcome:
        """It is as it was; it may be out of what this run is about all the same."""
        reason = unwanted(
            self._site, section=item.section, date=manifest.date, language=manifest.language
        )
        outcome = _outcome(item, "filtered" if reason else "unchanged", manifest)
        return replace(outcome, reason=reason)

    def _not_now(self, item: Item, article: Article) -> Outcome | None:
        """What becomes of an article that is not for now; None if it is."""
        if article.draft:
            self.gone.add(item.id)
            return Outcome(item.id, "draft", title=article.title, reason="It is a draft.")
        language = article.language or self._studio.settings.language or LANGUAGE
        reason = unwanted(self._site, section=item.section, date=article.date, language=language)
        outcome = Outcome(item.id, "filtered", title=article.title, reason=reason)
        return outcome if reason else None

    def _origin(self, item: Item, found: Visit) -> Origin:
        digest = digest_of(item, found)
        if found.page is None:
            return Origin(item.given, item.name, digest, self._settings)
        told = found.page.validators
        return Origin(
            item.given, item.name, digest, self._settings, told.url, told.etag, told.modified
        )

    def _guid(self, item: Item, url: str) -> str:
        """A GUID for an article that has none yet; the same if its folder is lost and made anew."""
        named = url or f"{self._base or self._site.url}#{item.id}"
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named)}"

    def _read(self, item: Item, found: Visit, before: Manifest | None) -> Article:
        """The article, with its public address."""
        article = self._tour.read(item, found, self._studio.settings.policy)
        url = before.url if before and item.alone else item.url
        own = urljoin(url or self._site.url, article.url) if article.url else url
        return replace(article, url=address_or_path(own))

    def _still(self, article: Article, taken: Taken | None) -> bool:
        """Whether the recording by a person is what it was: only its name stands in the page."""
        return taken is not None and still(
            article.recording, taken.sha256, address=taken.address, etag=taken.etag,
            modified=taken.modified, allow_private=self._studio.settings.allow_private,
        )  # fmt: skip

    def _plan(self, item: Item, article: Article) -> Plan:
        """How the article is to sound: by its section, else its language, else the whole site."""
        config, settings = self._job.config, self._studio.settings
        code = primary_language(article.language or settings.language or LANGUAGE)
        table = config.languages.get(code, StyleTable()).over(config.style)
        for section in config.sections:
            if matches(item, [section.match]):
                table = section.over(table)
        return plan(
            self._studio,
            article,
            voice=self._job.voice or article.voice or table.voice,
            speed=table.speed if self._job.speed is None else self._job.speed,
            style=table.style,
        )

    def _same_sound(self, before: Manifest, article: Article, planned: Plan) -> bool:
        """Whether the audio that is there is what would be made, tags included."""
        formats = tuple(filter(None, map(format_of, before.files)))
        rate = self._job.config.feed.sample_rate or planned.voice.sample_rate
        return (
            before.narration == planned.id
            and before.text == text_hash(article)
            and formats == self._site.formats
            and before.sample_rate == rate
            and (before.author, before.date, before.url)
            == (article.author, article.date, article.url)
        )


def _outcome(item: Item, state: State, manifest: Manifest) -> Outcome:
    return Outcome(
        item.id,
        state,
        slug=manifest.slug,
        title=manifest.title,
        words=manifest.words,
        sentences=manifest.sentences,
        duration=manifest.duration,
        omissions=manifest.omissions,
        warnings=manifest.warnings,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
