"""Where requests are taken: read, planned and stored before they are acknowledged."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from narrator.errors import Busy, LibraryError, NarratorError, NotFound, TooLarge
from narrator.model import Article, Plan
from narrator.planning import plan
from narrator.service.makings import Making
from narrator.service.pages import ReadPage, check_host, read_page
from narrator.service.problems import Kind, Problem, problem_of
from narrator.service.requests import ID, Request, article_id, new_id
from narrator.service.shelf import Manifest, Outcome, Shelf
from narrator.service.workshop import Workshop
from narrator.settings import Settings
from narrator.studio import Studio

log = logging.getLogger("narrator.service")

READERS = 4
"""Articles that are fetched, read and planned at the same time."""

ALIASES = 8
"""Requests that may name one another; more would be a circle."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A request whose page is being fetched."""

    request: Request
    narration: Future[str]
    """The id of the narration that it turns out to be, or the error."""


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
        self._readings: dict[str, Reading] = {}
        """By request id, while the page is being fetched."""

    async def reading(self, work: Callable[[], Result]) -> Result:
        """The result of work that reads or plans, done in a reader's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    def close(self) -> None:
        """Take nothing more; what is being read is stored already."""
        self._readers.shutdown(wait=False, cancel_futures=True)

    def resume(self) -> int:
        """Go on with what was acknowledged and not finished, the oldest first; how many. Blocks."""
        stored = []
        for request_id in self.shelf.requests():
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
        titled = replace(
            article,
            title=request.title or article.title,
            language=request.language or article.language,
        )
        planned = self.plan(request, titled)
        whole = replace(
            request, id=planned.id, article=titled, url=titled.url, title="", language="",
            voice=planned.voice.id, speed=planned.speed,
        )  # fmt: skip
        return self._store(whole, planned)

    def plan(self, request: Request, article: Article) -> Plan:
        """What is to be spoken of it."""
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
        return self.workshop.begin(request, planned)

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
        for known in list(self._readings.values()):
            if replace(known.request, id="", received=0.0) == replace(request, id="", received=0.0):
                return known
        self.check_queue()
        named = replace(request, id=new_id())
        self.shelf.keep(named)
        return self.read(named)

    def read(self, request: Request) -> Reading:
        """Fetch the page of a stored request and take its article; from any thread."""
        reading = Reading(request, Future())
        self._readings[request.id] = reading
        self._readers.submit(self._read, reading)
        return reading

    def _read(self, reading: Reading) -> None:
        request = reading.request
        try:
            page = read_page(request.url, self.settings)
            assert isinstance(page, ReadPage)  # Nothing was known of it.
            found = self.take(request, page.article)
        except Exception as error:
            known = error if isinstance(error, NarratorError) else NarratorError(str(error))
            if known is not error:
                log.exception("reading failed", extra={"request": request.id})
            self.shelf.settle(request.id, Outcome(problem=problem_of(known).fields()))
            reading.narration.set_exception(known)
        else:
            self.shelf.settle(request.id, Outcome(narration=found.id))
            reading.narration.set_result(found.id)
        finally:
            self._readings.pop(request.id, None)

    def find(self, some_id: str) -> Found:
        """What a request or narration id stands for; NotFound, TakenDown. Blocks."""
        for _ in range(ALIASES):
            if not ID.fullmatch(some_id):
                break
            making = self.workshop.find(some_id)
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
