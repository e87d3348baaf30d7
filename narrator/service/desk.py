"""Where requests are taken: read, planned and stored before they are acknowledged."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import TypeVar
from zlib import crc32

from narrator.errors import Busy, FetchError, LibraryError, NarratorError, NotFound, TooLarge
from narrator.model import Article, Plan
from narrator.planning import plan
from narrator.service.makings import Making
from narrator.service.offer import offered_voice
from narrator.service.pages import KnownPage, KnownPages, ReadPage, check_host, read_page
from narrator.service.problems import Kind, Problem, problem_of
from narrator.service.requests import ID, Request, article_id, new_id
from narrator.service.shelf import Manifest, Outcome, Shelf
from narrator.service.workshop import Workshop, may_wait
from narrator.settings import Settings
from narrator.studio import Studio

log = logging.getLogger("narrator.service")

READERS = 4
"""Articles that are read and planned at the same time."""

FETCHERS = 16
"""Pages that are fetched at the same time; a slow one keeps no article that was sent waiting."""

GONE = frozenset({401, 403, 404, 410, 451})
"""What a server answers that does not want its page to be read; all else may pass."""

ALIASES = 8
"""Requests that may name one another; more would be a circle."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A request whose page is being fetched."""

    request: Request
    narration: Future[str]
    """The id of the narration that it turns out to be, or the error."""
    known: KnownPage | None = None
    """What the page was before, where it is only looked at again: such a request is not stored."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed, and why."""

    id: str
    problem: Problem


Result = TypeVar("Result")

Found = Manifest | Making | Reading | Failure
"""What an id may lead to."""


class Desk:
    """Takes requests and tells what became of them."""

    def __init__(
        self, settings: Settings, studio: Studio, shelf: Shelf, workshop: Workshop
    ) -> None:
        self.settings = settings
        self.studio = studio
        self.shelf = shelf
        self.workshop = workshop
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._fetchers = ThreadPoolExecutor(FETCHERS, thread_name_prefix="fetcher")
        self.pages = KnownPages()
        self._readings: dict[str, Reading] = {}
        """By request id, while the page is being fetched."""
        self._taking = Lock()
        """Held by who looks for a reading and begins one if there is none."""

    async def reading(self, work: Callable[[], Result]) -> Result:
        """The result of work that reads or plans, done in a reader's thread."""
        known = copy_context()  # So that what the work logs has the id of its request.
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, partial(known.run, work)
        )

    @property
    def reading_now(self) -> int:
        """Pages that are being fetched and read, or wait for it."""
        return len(self._readings)

    def close(self) -> None:
        """Take nothing more; what is being read is stored already."""
        for pool in (self._readers, self._fetchers):
            pool.shutdown(wait=False, cancel_futures=True)

    def resume(self, share: tuple[int, int] | None = None) -> int:
        """Go on with what was acknowledged and not finished, or this share of it (number, of how
        many), the oldest first; how many. Blocks."""
        number, count = share or (0, 1)
        stored = []
        for request_id in self.shelf.requests():
            if crc32(request_id.encode()) % count != number:
                continue
            try:
                request = self.shelf.request(request_id)
            except LibraryError as error:
                log.error("%s", error)
                continue
            if request is not None:
                stored.append(request)
        for request in sorted(stored, key=lambda r: r.received):
            self._go_on(request)
        return len(stored)

    def _go_on(self, request: Request) -> None:
        """What was stored is read or made."""
        if request.article is None:
            self.read(request)
            return
        try:
            planned = self.plan(request, request.article)
        except NarratorError as error:
            self.shelf.settle(request.id, Outcome(problem=problem_of(error).fields()))
            return
        if planned.id == request.id:
            article = article_id(request.chosen, request.article.url, request.id)
            if all(known.narration != request.id for known in self.shelf.versions(article)):
                self.shelf.add_version(article, request.id)  # Killed between the two writes.
            self.workshop.begin(request, planned)
            return
        # The rules, the lexicon or the voice were changed while it waited: it is another narration.
        self._store(replace(request, id=planned.id), planned)
        self.shelf.settle(request.id, Outcome(narration=planned.id))

    def take(self, request: Request, article: Article) -> Manifest | Making:
        """The narration of an article, finished or on its way. What has to be made is stored when
        this returns. Blocks; call it in `reading`."""
        size = sum(len(block.text) for block in article.blocks)
        limit = self.settings.service.article_limit
        if size > limit:
            raise TooLarge(
                f"The article has {size} characters, {limit} are allowed. Split it, or raise "
                "article_limit."
            )
        titled = self.titled(request, article)
        planned = self.plan(request, titled)
        whole = replace(
            request, id=planned.id, article=titled, url=titled.url, title="", language="",
            voice=planned.voice.id, speed=planned.speed,
        )  # fmt: skip
        return self._store(whole, planned)

    def titled(self, request: Request, article: Article) -> Article:
        """The article with the title and language that were asked for."""
        return replace(
            article,
            title=request.title or article.title,
            language=request.language or article.language,
        )

    def plan(self, request: Request, article: Article) -> Plan:
        """What is to be spoken of it; UnknownVoice, UnknownLanguage."""
        asked = request.voice or self.settings.voice or article.voice
        if asked:
            offered_voice(asked, self.settings.service)
        return plan(self.studio, article, voice=request.voice, speed=request.speed)

    def _store(self, request: Request, planned: Plan) -> Manifest | Making:
        """The planned narration, finished or on its way; its request is stored."""
        url = request.article.url if request.article else request.url
        article = article_id(request.chosen, url, planned.id)
        manifest = self.shelf.manifest(planned.id)
        if manifest is not None:
            self.shelf.add_version(article, planned.id)
            return manifest
        if self.workshop.find(planned.id) is None:
            self.check_queue()
        self.shelf.reopen(planned.id)
        self.shelf.keep(request)
        self.shelf.add_version(article, planned.id)
        making = self.workshop.begin(request, planned)
        self._supersede(article, planned.id)
        return making

    def _supersede(self, article: str, newest: str) -> None:
        """Earlier versions of an article that nobody waits for are not made any more: who asks for
        one is led to the newest."""
        for version in self.shelf.versions(article):
            earlier = self.workshop.find(version.narration)
            if earlier is not None and earlier.id != newest and may_wait(earlier):
                self.shelf.settle(earlier.id, Outcome(narration=newest))
                self.workshop.abandon(earlier.id)

    def check_queue(self) -> None:
        """Busy where as much is waiting as may."""
        waiting = len(self.workshop) + len(self._readings)
        if waiting >= self.settings.service.queue_limit:
            raise Busy(
                f"{waiting} narrations are being made or wait. Try again later.",
                retry_after=self.workshop.wait(),
            )

    def take_page(self, request: Request) -> Reading:
        """A request whose page has yet to be fetched; it is stored when this returns, and has an
        id of its own. One that asks for the same meanwhile is the same.
        HostNotAllowed, Busy. Blocks."""
        check_host(request.url, self.settings)
        with self._taking:
            same = self._being_read(request)
            if same is not None:
                return same
            self.check_queue()
            named = replace(request, id=new_id())
            self.shelf.keep(named)
            return self.read(named)

    def current(self, request: Request) -> Manifest | Making | Reading:
        """The narration of a page as it was when it was last looked at, if that is not too long
        ago, else the page being read. NotAllowed, TakenDown. Blocks."""
        check_host(request.url, self.settings)
        known = self.pages.find(request) or self._from_before(request)
        if known is None:
            return self.take_page(request)
        try:
            found = self.find(known.narration)
        except NotFound:
            return self.take_page(request)
        if not isinstance(found, Manifest | Making):
            return self.take_page(request)
        if known.fresh(self.settings.service.recheck):
            return found
        with self._taking:
            same = self._being_read(request)
            return same or self.read(replace(request, id=new_id()), known)

    def _from_before(self, request: Request) -> KnownPage | None:
        """The narration that the page had in another life of the service."""
        article = article_id("", request.url, "")
        for version in self.shelf.versions(article):
            found = self.shelf.manifest(version.narration)
            if found and found.voice == (request.voice or found.voice):
                return KnownPage(found.id, article)
        return None

    def _being_read(self, request: Request) -> Reading | None:
        """Who asks for the same is reading already."""
        for reading in list(self._readings.values()):
            same = replace(request, id=reading.request.id, received=reading.request.received)
            if reading.request == same:
                return reading
        return None

    def read(self, request: Request, known: KnownPage | None = None) -> Reading:
        """Fetch the page of a request, which is stored or looks again at what is known, and take
        its article; from any thread."""
        reading = Reading(request, Future(), known)
        self._readings[request.id] = reading
        self._fetchers.submit(self._read, reading)
        return reading

    def _read(self, reading: Reading) -> None:
        request = reading.request
        narration, failure = "", NarratorError("The reading was stopped.")
        try:
            narration = self._looked(request, reading.known)
        except NarratorError as error:
            failure = error
        except Exception as error:
            log.exception("reading failed", extra={"request": request.id})
            failure = NarratorError(str(error))
        problem = {} if narration else problem_of(failure).fields()
        try:
            if reading.known is None:
                self.shelf.settle(request.id, Outcome(narration, problem))
        finally:
            self._readings.pop(request.id, None)  # First: who asks again has it read again.
            if narration:
                reading.narration.set_result(narration)
            else:
                reading.narration.set_exception(failure)

    def _looked(self, request: Request, known: KnownPage | None) -> str:
        """The id of the narration of a page as it is now. A page that is known and cannot be had
        at the moment counts as unchanged."""
        try:
            page = read_page(request.url, self.settings, known.validators if known else None)
        except FetchError as error:
            if known is None or error.status in GONE:
                raise
            log.warning("page not looked at again: %s", error)
            now = known
        else:
            if isinstance(page, ReadPage):
                narration = self.take(request, page.article).id
                article = article_id(request.chosen, page.article.url, narration)
                now = KnownPage(narration, article, page.validators)
            else:
                assert known is not None  # Without validators nothing is found not modified.
                now = known
        self.pages.looked(request, now)
        return now.narration

    def making(self, narration_id: str) -> Making | None:
        """The narration, if it is waiting or being made, and no process took it down meanwhile;
        from any thread."""
        making = self.workshop.find(narration_id)
        if making is not None and self.shelf.is_down(narration_id):
            self.workshop.abandon(narration_id)
            return None
        return making

    def find(self, some_id: str) -> Found:
        """What a request or narration id stands for; NotFound, TakenDown. Blocks."""
        for _ in range(ALIASES):
            if not ID.fullmatch(some_id):
                break
            making = self.making(some_id)
            if making is not None and not making.over:
                return making
            manifest = self.shelf.manifest(some_id)
            if manifest is not None:
                return manifest
            reading = self._readings.get(some_id)
            if reading is not None:
                return reading
            outcome = self.shelf.outcome(some_id)
            if outcome is None:
                return self._adopted(some_id)
            if not outcome.narration:
                return Failure(some_id, _problem(outcome))
            some_id = outcome.narration
        raise NotFound(f"There is no narration {some_id[:60]!r}.")

    def _adopted(self, request_id: str) -> Found:
        """A request that is stored but that nobody here works on: another process took it."""
        request = self.shelf.request(request_id)
        if request is not None:
            self._go_on(request)
            making = self.workshop.find(request_id)
            if making is not None:
                return making
            reading = self._readings.get(request_id)
            if reading is not None:
                return reading
        manifest = self.shelf.manifest(request_id)  # It was made between two looks.
        if manifest is not None:
            return manifest
        raise NotFound(f"There is no narration {request_id!r}.")


def received() -> float:
    """Now, as requests note it."""
    return round(time.time(), 3)


def _problem(outcome: Outcome) -> Problem:
    """A stored problem, as it was first told."""
    told = outcome.problem
    kind = Kind(told["status"], told["type"].rpartition("/")[2], told["title"])
    return Problem(kind, told["detail"])
