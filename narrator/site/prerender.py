"""Sources -> a site folder: only what changed is spoken; what was begun is finished next time."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urljoin

from narrator.engines.catalogue import find_voice
from narrator.errors import NothingToSay, SiteError, StorageFull
from narrator.library.leases import leased
from narrator.model import Article, Plan, Progress, primary_language
from narrator.outputs import refusal
from narrator.planning import LANGUAGE, plan
from narrator.publishing import names
from narrator.publishing.manifest import Manifest, Origin, format_of, spoken_words, text_hash
from narrator.reading import read_bytes
from narrator.site.config import SiteConfig, StyleTable
from narrator.site.events import Began, Event, Found, Heard, Outcome, State, Summary
from narrator.site.folder import (
    Published,
    intact,
    manifest_in,
    refreshed,
    retire,
    rewrite_manifest,
    written,
)
from narrator.site.gather import Gathered, Item, gather, load, matches, reason_of
from narrator.site.index import listed_slugs, manifests, write_index
from narrator.site.inject import inject
from narrator.site.made_of import settings_hash, versions
from narrator.site.publish import merge_headers, public_base, put_player, write_feed, write_headers
from narrator.studio import Studio

LOCK = ".narrator.lock"
"""Held by the run that works in a site folder."""

INDIFFERENT = {"sources", "output", "include", "exclude", "removed", "built"}
"""Names in the [site] table that decide which articles are made, not how."""

DECISIVE = {"voice", "language", "speed", "policy"}
"""Settings that decide how an article sounds."""

OWNER_DIGITS = 6
"""Hexadecimal digits that tell two articles of one slug apart."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is to do."""

    sources: tuple[str, ...]
    output: Path
    """The site folder."""
    config: SiteConfig = field(default_factory=SiteConfig)
    voice: str = ""
    """Rules over every other word on the voice of the body."""
    speed: float | None = None
    limit: int | None = None
    """Articles to make at most; the next run goes on."""
    again: bool = False
    """Whether what has not changed is made anew too, from the sentences that are kept."""
    patience: float = 3600.0
    """Seconds to wait for another run that works in the folder."""


def prerender(studio: Studio, job: Job) -> Iterator[Event]:
    """What happens while the site folder is brought up to date; the last event is the Summary.

    An article that fails is an Outcome with its reason and stops nothing. StorageFull and
    interruptions stop the run; what was finished until then stands, and the next run goes on.
    """
    with _held(job.output, job.patience):
        yield from _Run(studio, job).events()


@contextmanager
def _held(folder: Path, patience: float) -> Iterator[None]:
    """The right to change the folder; SiteError if another run does not give it up in time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lease = leased(folder / LOCK, patience)
        had = lease.__enter__()
    except OSError as error:
        raise refusal(folder, error) from error
    try:
        if not had:
            raise SiteError(
                f"Another run has been working in {folder} for {patience:.0f} s. Wait for it to "
                "end, or raise --wait."
            )
        yield
    finally:
        lease.__exit__(None, None, None)


class _Run:
    """One run, from the sources to the index."""

    def __init__(self, studio: Studio, job: Job) -> None:
        self._studio = studio
        self._job = job
        self._site = job.config.site
        self._summary = Summary()
        for voice in filter(None, (job.voice, *job.config.voices)):
            find_voice(voice)  # Better now than once for every article.
        self._base = public_base(job.config.site, job.output)
        self._player = put_player(job.output, self._base)
        self._claimed: set[str] = set()
        """Slugs that articles of this run have."""
        self._silent: set[str] = set()
        """Ids of articles that have nothing to say, or not any more."""
        self._settings = settings_hash(
            [
                job.config.site.model_dump(mode="json", exclude=INDIFFERENT),
                job.config.model_dump(mode="json", include={"style", "languages", "sections"}),
                job.config.feed.sample_rate,
                self._base,
                self._player,
                studio.settings.model_dump(
                    mode="json", include={"voice", "language", "speed", "policy"}
                ),
                job.voice,
                job.speed,
            ],
            [*filter(None, (studio.settings.lexicon,)), *job.config.files],
        )

    def events(self) -> Iterator[Event]:
        began = time.monotonic()
        gathered = list(gather(self._job.sources, self._site, output=self._job.output))
        items = [item for source in gathered for item in source.items]
        yield Found(len(items), sum(item.size for item in items))
        for source in gathered:
            for name, reason in source.unreadable:
                yield self._counted(Outcome(name, "failed", source=name, reason=reason))
        made = 0
        for item in items:
            if self._job.limit is not None and made >= self._job.limit:
                break
            for event in self._item(item):
                if isinstance(event, Outcome):
                    made += event.state in ("made", "planned")
                    event = self._counted(event)
                yield event
        for outcome in self._retired(gathered):
            yield self._counted(outcome)
        self._finish()
        self._summary.took = time.monotonic() - began
        yield self._summary

    def _finish(self) -> None:
        """Write what the whole folder has, and put the snippets into pages."""
        output, site, feed = self._job.output, self._site, self._job.config.feed
        write_index(output, self._base)
        headers = write_headers(output, self._base)
        if feed.title:
            count = write_feed(
                output, feed, base=self._base, site_url=site.url,
                language=self._studio.settings.language,
            )  # fmt: skip
            self._note(f"{names.FEED}: {count} episodes")
        else:
            self._note("no feed: the [feed] table of narrator.toml has no title")
        if site.built:
            done = inject(Path(site.built), output, site.url, manifests(output))
            merge_headers(Path(site.built), headers)
            self._note(
                f"{done.pages} pages below {site.built} have a player, {done.changed} were changed"
            )
            if done.homeless:
                self._note(f"without a page there: {', '.join(done.homeless)}")

    def _note(self, text: str) -> None:
        self._summary.notes.append(text)

    def _guid(self, item: Item, url: str) -> str:
        """A GUID for an article that has none yet; the same if its folder is lost and made anew."""
        named = url or f"{self._base or self._site.url}#{item.id}"
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named)}"

    def _counted(self, outcome: Outcome) -> Outcome:
        self._summary.add(outcome)
        return outcome

    def _item(self, item: Item) -> Iterator[Began | Heard | Outcome]:
        began = time.monotonic()
        try:
            for event in self._brought_up_to_date(item):
                if isinstance(event, Outcome):
                    took = time.monotonic() - began
                    event = replace(event, source=item.name, size=item.size, took=took)
                yield event
        except StorageFull:
            raise
        except NothingToSay as error:
            self._silent.add(item.id)
            yield Outcome(item.id, "skipped", source=item.name, reason=str(error), size=item.size)
        except Exception as error:  # One article, whatever is wrong with it, stops no other.
            yield Outcome(
                item.id,
                "failed",
                source=item.name,
                reason=reason_of(error),
                size=item.size,
                took=time.monotonic() - began,
            )

    def _brought_up_to_date(self, item: Item) -> Iterator[Began | Heard | Outcome]:
        data = load(item)
        origin = Origin(item.given, item.name, hashlib.sha256(data).hexdigest(), self._settings)
        slug, before = self._place(item)
        folder = self._job.output / slug
        whole = before is not None and intact(folder, before) and not self._job.again
        if before and whole and before.origin.same_as(origin) and not before.retired:
            yield _outcome(item, "unchanged", before)
            return
        article = self._read(item, data, before)
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
        if before and whole and self._same_sound(before, article, planned):
            yield _outcome(item, "refreshed", refreshed(folder, before, planned, about))
            return
        words = spoken_words(planned.script)
        yield Began(item.id, article.title, len(planned.script.sentences), words)
        for event in written(folder, self._studio, planned, self._site.formats, about):
            if isinstance(event, Progress):
                yield Heard(event.done, event.total, event.seconds)
            else:
                manifest, narration = event
                yield replace(_outcome(item, "made", manifest), spoken=narration.spoken)

    def _read(self, item: Item, data: bytes, before: Manifest | None) -> Article:
        """The article, with its public address."""
        article = read_bytes(data, name=item.name, policy=self._studio.settings.policy)
        url = before.url if before and item.alone else item.url
        own = urljoin(url or self._site.url, article.url) if article.url else url
        return replace(article, url=own)

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
        return (
            before.narration == planned.id
            and before.text == text_hash(article)
            and formats == self._site.formats
            and before.sample_rate == self._file_rate(planned)
            and (before.author, before.date, before.url)
            == (article.author, article.date, article.url)
        )

    def _file_rate(self, planned: Plan) -> int:
        return self._job.config.feed.sample_rate or planned.voice.sample_rate

    def _place(self, item: Item) -> tuple[str, Manifest | None]:
        """The slug of an article, and its manifest if it was made before. Of two that ask for one
        slug, the later gets a name of its own, and both keep what they have."""
        own = f"{item.slug}-{hashlib.sha256(item.id.encode()).hexdigest()[:OWNER_DIGITS]}"
        taken = item.slug in self._claimed
        known = self._listed.get(item.id) if item.alone else None
        found: dict[str, Manifest | None] = {}
        for slug in filter(None, (known, item.slug, own)):
            try:
                manifest = manifest_in(self._job.output / slug)
            except SiteError:
                manifest = None  # Damaged: it is made anew.
            found[slug] = manifest
            if manifest and manifest.id == item.id and slug not in self._claimed:
                self._claimed.add(slug)
                return slug, manifest
        slug = own if taken or found[item.slug] else item.slug
        self._claimed.add(slug)
        return slug, None

    @cached_property
    def _listed(self) -> dict[str, str]:
        return listed_slugs(self._job.output)

    def _retired(self, gathered: list[Gathered]) -> Iterator[Outcome]:
        """What becomes of those whose source is gone; a source that holds nothing at all, or was
        not read to its end, retires nothing."""
        listed = {item.id for source in gathered for item in source.items} - self._silent
        over = [source for source in gathered if source.complete and source.items]
        for folder, manifest in manifests(self._job.output):
            if manifest.retired or manifest.id in listed:
                continue
            if not any(source.covers(manifest.id, manifest.origin.given) for source in over):
                continue
            outcome = Outcome(
                manifest.id, "retired", source=manifest.origin.name, slug=manifest.slug,
                title=manifest.title, duration=manifest.duration,
            )  # fmt: skip
            match self._site.removed:
                case "list":
                    yield replace(outcome, state="gone")
                case "keep":
                    rewrite_manifest(folder, replace(manifest, retired=True))
                    yield outcome
                case "delete":
                    retire(folder)
                    yield outcome


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
