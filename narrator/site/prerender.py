"""Sources -> a site folder: only what changed is spoken; what was begun is finished next time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from narrator.engines.catalogue import find_voice
from narrator.errors import SiteError
from narrator.library.leases import leased
from narrator.nameless import make_folder
from narrator.outputs import refusal, sweep
from narrator.publishing import names
from narrator.settings import FILE
from narrator.site.events import Event, Found, Outcome, Summary
from narrator.site.fence import check_named, check_written
from narrator.site.folder import rewrite_manifest
from narrator.site.index import manifests, write_index
from narrator.site.inject import inject
from narrator.site.job import Job
from narrator.site.made_of import settings_hash
from narrator.site.present import retire
from narrator.site.publish import (
    HEADERS,
    merge_headers,
    player_address,
    public_base,
    put_player,
    write_feed,
    write_headers,
)
from narrator.site.renew import Renewer
from narrator.site.tour import Tour
from narrator.studio import Studio

LOCK = ".narrator.lock"
"""Held by the run that works in a site folder."""

RESERVED = (LOCK, ".narrator.listings")
"""In a site folder; these are written as they are, not replaced."""

SHOWN = 10
"""Drafts that a note names at most."""

INDIFFERENT = {
    "sources", "output", "include", "exclude", "since", "until", "only_languages", "only_sections",
    "pace", "removed", "built", "follow_links",
}  # fmt: skip
"""Names in the [site] table that decide which articles are made, not how."""

DECISIVE = {"voice", "language", "speed", "policy", "emoji"}
"""Settings that decide how an article sounds."""


def prerender(studio: Studio, job: Job) -> Iterator[Event]:
    """What happens while the site folder is brought up to date; the last event is the Summary.

    An article that fails is an Outcome with its reason and stops nothing. StorageFull and
    interruptions stop the run; what was finished until then stands, and the next run goes on.
    """
    if not job.config.site.follow_links:
        _check_links(studio, job)
    with nullcontext() if job.dry else _held(job.output, job.patience):
        yield from _Run(studio, job).events()


def _check_links(studio: Studio, job: Job) -> None:
    """SettingsError or SiteError where a link leads out of the folders of the site: of a file that
    settings name, or of what would be written."""
    config = job.config
    cover = [Path(config.feed.cover)] if "://" not in config.feed.cover else []
    lexicons = [studio.settings.lexicon] if studio.settings.lexicon else []
    check_named(path for path in (Path(FILE), *config.files, *lexicons, *cover))
    check_written(job.output, RESERVED)
    if config.site.built:
        check_written(Path(config.site.built), [HEADERS])


@contextmanager
def _held(folder: Path, patience: float) -> Iterator[None]:
    """The right to change the folder; SiteError if another run does not give it up in time."""
    try:
        make_folder(folder)
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
        for place in (folder, *folder.glob("player/*/")):
            sweep(place)
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
        player = player_address(self._base)
        self._tour = Tour(job.sources, self._site, studio.settings, job.output, keep=not job.dry)
        decided = settings_hash(
            [
                job.config.site.model_dump(mode="json", exclude=INDIFFERENT),
                job.config.model_dump(mode="json", include={"style", "languages", "sections"}),
                job.config.feed.sample_rate,
                self._base,
                player,
                studio.settings.model_dump(mode="json", include=DECISIVE),
                job.voice,
                job.speed,
            ],
            [*filter(None, (studio.settings.lexicon,)), *job.config.files],
        )
        self._renewer = Renewer(
            studio, job, self._tour, base=self._base, player=player, settings=decided
        )

    def events(self) -> Iterator[Event]:
        began = time.monotonic()
        yield Found(len(self._tour.listed), self._tour.size)
        for source in self._tour.sources:
            for name, reason in source.left_out:
                yield self._counted(Outcome(name, "skipped", source=name, reason=reason))
                self._note(f"left out: {name}: {reason}")
            for name, reason in source.unreadable:
                yield self._counted(Outcome(name, "failed", source=name, reason=reason))
        made = 0
        drafts: list[str] = []
        for item in self._tour:
            if self._job.limit is not None and made >= self._job.limit:
                break
            for event in self._renewer.events(item):
                if isinstance(event, Outcome):
                    if event.state == "draft":
                        drafts.append(event.source)
                    made += event.state in ("made", "planned")
                    self._counted(event)
                yield event
        for outcome in self._retired():
            yield self._counted(outcome)
        for source in self._tour.sources:
            if source.empty:
                self._note(f"{source.given}: no articles were found in it")
        if drafts:
            more = f" and {len(drafts) - SHOWN} more" if len(drafts) > SHOWN else ""
            self._note(f"drafts: {', '.join(drafts[:SHOWN])}{more}")
        if not self._job.dry:
            self._finish()
        self._summary.took = time.monotonic() - began
        yield self._summary

    def _finish(self) -> None:
        """Write what the whole folder has, and put the snippets into pages."""
        output, site, feed = self._job.output, self._site, self._job.config.feed
        put_player(output)
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

    def _counted(self, outcome: Outcome) -> Outcome:
        self._summary.add(outcome)
        return outcome

    def _retired(self) -> Iterator[Outcome]:
        """What becomes of those whose source is gone; a source that holds nothing at all, or was
        not read to its end, retires nothing."""
        gone = self._renewer.gone
        listed = self._tour.listed - gone
        over = [source for source in self._tour.sources if source.complete and source.items]
        for folder, manifest in manifests(self._job.output):
            if manifest.retired or manifest.id in listed:
                continue
            covered = any(source.covers(manifest.id, manifest.origin.given) for source in over)
            if not covered and manifest.id not in gone:
                continue
            outcome = Outcome(
                manifest.id, "retired", source=manifest.origin.name, slug=manifest.slug,
                title=manifest.title, duration=manifest.duration,
            )  # fmt: skip
            match "list" if self._job.dry else self._site.removed:
                case "list":
                    yield replace(outcome, state="gone")
                case "keep":
                    rewrite_manifest(folder, replace(manifest, retired=True))
                    yield outcome
                case "delete":
                    retire(folder)
                    yield outcome
