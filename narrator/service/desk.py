"""Where requests are taken: read, planned and stored before they are acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from threading import Lock, Timer
from typing import TypeVar
from zlib import crc32

from narrator.errors import (
    Busy,
    DamagedRecord,
    LibraryError,
    NarratorError,
    NotFound,
    StorageFull,
    TakenDown,
)
from narrator.library import NARRATIONS
from narrator.model import Article, Plan
from narrator.planning import plan
from narrator.service.choices import Choice, Choices
from narrator.service.fairness import FairLine
from narrator.service.logs import request_id
from narrator.service.makings import Making
from narrator.service.offer import offered_voice
from narrator.service.pages import check_host, fetch_page, own_article
from narrator.service.problems import problem_in, problem_of
from narrator.service.products import about_of
from narrator.service.reading_child import Document
from narrator.service.reading_pool import STOPPING, ReadingPool
from narrator.service.readings import Failure as Failure
from narrator.service.readings import Reading as Reading
from narrator.service.readings import as_ours
from narrator.service.readings import received as received
from narrator.service.requests import ID, Request, article_id, new_id
from narrator.service.shelf import Manifest, Outcome, Shelf, taken_down
from narrator.service.withdrawals import Withdrawals, check_up
from narrator.service.workshop import RETRY, Workshop, may_wait
from narrator.settings import Settings
from narrator.studio import Studio

log = logging.getLogger("narrator.service")

HANDS = 4
"""Threads that look up and store."""

FETCHERS = 16
"""Pages that are fetched, or fetched and not read yet, at the same time; a slow one keeps no
article that was sent waiting. A caller gets half of them at most."""

ALIASES = 8
"""Requests that may name one another; more would be a circle."""


Result = TypeVar("Result")

Found = Manifest | Making | Reading | Failure
"""What an id may lead to."""


class Desk:
    """Takes requests and tells what became of them."""

    def __init__(
        self,
        settings: Settings,
        studio: Studio,
        shelf: Shelf,
        workshop: Workshop,
        readers: ReadingPool,
    ) -> None:
        self.settings = settings
        self.studio = studio
        self.shelf = shelf
        self.workshop = workshop
        self.readers = readers
        self.withdrawals = Withdrawals(shelf, workshop)
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="desk")
        self._fetchers = ThreadPoolExecutor(FETCHERS, thread_name_prefix="fetcher")
        self.choices = Choices(shelf.records)
        self.elsewhere: Callable[[str], Found | None] = lambda some_id: None
        """Asked about an id that stands for nothing here."""
        self.took: list[Callable[[str], None]] = []
        """Called with the addresses of what was taken for a key."""
        self._readings: dict[str, Reading] = {}
        """By request id, while the page is being fetched and read."""
        self._taking = Lock()
        """Held by who looks for a reading and begins one if there is none."""
        self._pages: FairLine[Reading] = FairLine(FETCHERS, FETCHERS // 2)
        self._placed: Counter[str] = Counter()
        """Ids of what has a place in the queue and is not in it yet."""
        self._placing = Lock()
        """Guards the two above."""
        self._closed = False

    async def planned(self, request: Request, document: Document, caller: str) -> Plan:
        """The plan of a document that somebody waits for, read in another process. SourceError,
        TakenDown, Busy, and whatever else `plan` raises."""
        if request.chosen:  # Before it turns out that nobody speaks the language.
            await self.reading(partial(self.shelf.takedowns.check, request.chosen, ()))
        asked = replace(
            document, title=request.title, language=request.language, voice=request.voice,
            speed=request.speed, trace=request.trace,
        )  # fmt: skip
        found = await asyncio.wrap_future(self.readers.read(asked, caller))
        if isinstance(found, Plan):
            return found
        return await self._in(self._fetchers, partial(self.plan, request, found))

    async def reading(self, work: Callable[[], Result]) -> Result:
        """The result of work that looks up or stores, done in a thread."""
        return await self._in(self._hands, work)

    async def _in(self, threads: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
        if self._closed:
            raise Busy(STOPPING, retry_after=1.0)
        known = copy_context()  # So that what the work logs has the id of its request.
        return await asyncio.get_running_loop().run_in_executor(threads, partial(known.run, work))

    def _hand(self, threads: ThreadPoolExecutor, work: Callable[..., None], *about: object) -> None:
        """Have work done in a thread; not at all where the service is being stopped."""
        try:
            threads.submit(work, *about)
        except RuntimeError:
            if not self._closed:
                raise

    @property
    def reading_now(self) -> int:
        """Pages that are being fetched and read, or wait for it."""
        return len(self._readings)

    def close(self) -> None:
        """Take nothing more; what is being read is stored already."""
        self._closed = True
        for threads in (self._hands, self._fetchers):
            threads.shutdown(wait=False, cancel_futures=True)
        for reading in list(self._readings.values()):
            if not reading.narration.done():
                reading.narration.set_exception(Busy(STOPPING, retry_after=1.0))

    def resume(self, share: tuple[int, int] | None = None) -> int:
        """Go on with what was acknowledged and not finished, or this share of it (number, of how
        many), the oldest first; how many. Blocks."""
        number, count = share or (0, 1)
        stored: list[Request] = []
        try:
            every = self.shelf.sound_requests()
            stored.extend(r for r in every if crc32(r.id.encode()) % count == number)
        except LibraryError as error:  # What can be read is served all the same.
            log.error("what was asked before is not gone on with: %s", error)
        for request in sorted(stored, key=lambda r: r.received):
            self._go_on(request)
        return len(stored)

    def _go_on(self, request: Request) -> None:
        """What was stored is read or made."""
        if self._closed:
            return
        if request.article is None:
            self.read(request)
            return
        reading = Reading(request, Future())
        self._readings[request.id] = reading
        document = Document(
            request.article, "the stored article", voice=request.voice, speed=request.speed,
            trace=request.trace,
        )  # fmt: skip
        try:
            done = self.readers.read(document, "", patient=True)
        except NarratorError as error:
            self._end(reading, failure=error)
        else:
            done.add_done_callback(partial(self._hand, self._hands, self._planned_again, reading))

    def _planned_again(self, reading: Reading, done: Future[Plan | Article]) -> None:
        """Go on with an article that was stored, now that it is planned."""
        request = reading.request
        try:
            planned = self._of_speech(request, done.result())
            if planned.id == request.id:
                said = planned.article
                article = article_id(request.chosen, said.url, request.id)
                claim = check_up(self.shelf, request, said, article)
                if all(known.narration != request.id for known in self.shelf.versions(article)):
                    # Killed between the two writes.
                    self.shelf.add_version(article, request.id, about_of(request, said, article))
                if self.shelf.sound(request.id) is None:
                    self.workshop.begin(request, planned, claim)
                else:  # It was planned twice, and made meanwhile.
                    self.shelf.drop_request(request.id)
            else:  # Rules, lexicon or voice were changed meanwhile: it is another narration.
                self._store(replace(request, id=planned.id), planned, placed=True)
        except Exception as error:
            self._end(reading, failure=as_ours(error, request))
        else:
            self._end(reading, planned.id)

    def _of_speech(self, request: Request, found: Plan | Article) -> Plan:
        """What a reader found, planned; where a person recorded it, with the recording fetched."""
        return found if isinstance(found, Plan) else self.plan(request, found)

    def take(self, request: Request, planned: Plan, *, placed: bool = False) -> Manifest | Making:
        """The narration of an article, finished or on its way. What has to be made is stored when
        this returns. TakenDown; Busy, unless it was `placed` in the queue before. Blocks; call it
        in `reading`."""
        whole = replace(
            request, id=planned.id, article=planned.article, url=planned.article.url,
            voice=planned.voice.id, speed=planned.speed,
        )  # fmt: skip
        if request.listener:
            return self._store(whole, planned, placed=True)
        for address in {request.url, whole.url} - {""}:
            for tell in self.took:
                tell(address)
        return self._store(whole, planned, placed=placed, asked=request.url)

    def plan(self, request: Request, article: Article) -> Plan:
        """What is to be spoken of it; UnknownVoice, UnknownLanguage."""
        asked = request.voice or self.settings.voice or article.voice
        if asked:
            offered_voice(asked, self.settings.service)
        return plan(
            self.studio, article, voice=request.voice, speed=request.speed,
            permit=lambda url: check_host(url, self.settings),
        )  # fmt: skip

    def _store(
        self, request: Request, planned: Plan, *, placed: bool, asked: str = ""
    ) -> Manifest | Making:
        """The planned narration, finished or on its way; its request is stored. `asked` is the
        address at which the page was asked for. TakenDown."""
        said = request.article or planned.article
        article = article_id(request.chosen, said.url, planned.id)
        asking = replace(request, url=asked)
        claim = check_up(self.shelf, asking, said, article)
        if request.passing:
            return self.withdrawals.passed(request, planned, claim)
        self.shelf.lift(planned.id)
        self._choose(request, planned, article)
        about = about_of(asking, said, article)
        found: Manifest | Making | None = self.shelf.sound(planned.id)
        if found is not None:
            self.shelf.add_version(article, planned.id, about)
        else:
            with self._place(planned.id, held=placed):
                self._make_way(request)
                self.shelf.reopen(planned.id)
                self.shelf.keep(request)
                self.shelf.add_version(article, planned.id, about)
                found = self.workshop.begin(request, planned, claim)
            if not request.listener:
                self._supersede(article, planned.id)
        try:  # Again: what is taken down from now on is found among the versions.
            check_up(self.shelf, asking, said, article)
        except TakenDown:
            self.withdrawals.withdraw_unused(planned.id, article)
            raise
        return found

    def _choose(self, request: Request, planned: Plan, article: str) -> None:
        """Keep how a key has an article spoken, for when its page is edited."""
        if not request.listener:
            choice = Choice(
                article, planned.voice.id, planned.speed, request.language, request.title,
                request.listed, request.sent,
            )  # fmt: skip
            self.choices.keep(planned.article.url, choice)

    def _make_way(self, request: Request) -> None:
        """Forget a listener's request for a narration that a key asks for now."""
        with suppress(DamagedRecord):
            stored = None if request.listener else self.shelf.request(request.id)
            if stored is not None and stored.listener:
                self.shelf.drop_request(request.id)

    def _supersede(self, article: str, newest: str) -> None:
        """Earlier versions of an article that nobody waits for are not made any more: who asks for
        one is led to the newest."""
        for version in self.shelf.versions(article):
            earlier = self.workshop.find(version.narration)
            if earlier is not None and earlier.id != newest and may_wait(earlier):
                self.shelf.settle(earlier.id, Outcome(narration=newest))
                self.workshop.abandon(earlier.id)

    @contextmanager
    def _place(self, some_id: str, *, held: bool = False) -> Iterator[None]:
        """A place in the queue for the block, at whose end what it began is in the queue itself;
        Busy where there is none and it is not `held` already. Listeners have places of their
        own."""
        limit = self.settings.service.queue_limit
        with self._placing:
            makings = [m.id for m in self.workshop.makings() if not m.request.listener]
            queued = {*makings, *self._readings, *self._placed}
            if not held and some_id not in queued and len(queued) >= limit:
                raise Busy(
                    f"{len(queued)} narrations are being made or wait. Try again later.",
                    retry_after=self.workshop.wait(),
                )
            self._placed[some_id] += 1
        try:
            yield
        finally:
            with self._placing:
                self._placed -= Counter((some_id,))

    def take_page(self, request: Request, caller: str) -> Reading:
        """A request whose page has yet to be fetched; it is stored when this returns, and has an
        id of its own. One that asks for the same meanwhile is the same.
        HostNotAllowed, TakenDown, Busy. Blocks."""
        check_host(request.url, self.settings)
        own_id = article_id(request.chosen, request.url, "")
        self.shelf.takedowns.check(own_id, [request.url])
        with self._taking:
            same = self._being_read(request)
            if same is not None:
                return same
            named = replace(request, id=new_id())
            with self._place(named.id):
                self.shelf.keep(named)
                return self.read(named, caller)

    def _being_read(self, request: Request) -> Reading | None:
        """Who asks for the same is reading already."""
        for reading in list(self._readings.values()):
            same = replace(request, id=reading.request.id, received=reading.request.received)
            if reading.request == same:
                return reading
        return None

    def read(self, request: Request, caller: str = "") -> Reading:
        """Fetch the page of a request, which is stored, and take its article; from any thread."""
        reading = Reading(request, Future(), caller=caller)
        self._readings[request.id] = reading
        with self._placing:
            self._pages.put(caller, reading)
        self._fetch_next()
        return reading

    def _fetch_next(self) -> None:
        """Fetch what waits, as far as there are places; callers take turns."""
        while True:
            with self._placing:
                taken = self._pages.take()
            if taken is None:
                return
            self._hand(self._fetchers, self._fetch, taken[1])

    def _fetch(self, reading: Reading) -> None:
        """Fetch a page and have it read."""
        request = reading.request
        request_id.set(request.trace)
        try:
            page = fetch_page(request.url, self.settings)
            document = Document(
                page.data, page.url, content_type=page.content_type, charset=page.charset,
                url=page.url, title=request.title, language=request.language,
                voice=request.voice, speed=request.speed, trace=request.trace,
            )  # fmt: skip
            done = self.readers.read(document, reading.caller, patient=True)
        except Exception as error:
            self._end(reading, failure=as_ours(error, request))
        else:
            done.add_done_callback(partial(self._hand, self._hands, self._was_read, reading))

    def _was_read(self, reading: Reading, done: Future[Plan | Article]) -> None:
        """Take the article of a page that was read."""
        request = reading.request
        request_id.set(request.trace)
        try:
            planned = self._of_speech(request, done.result())
            own = replace(planned, article=own_article(planned.article, request.url))
            narration = self.take(request, own, placed=True).id
        except Exception as error:
            self._end(reading, failure=as_ours(error, request))
        else:
            self._end(reading, narration)

    def _end(
        self, reading: Reading, narration: str = "", failure: NarratorError | None = None
    ) -> None:
        """The page was read, and is this narration, or it was not. What only nobody had time for,
        or no room, stays stored and is tried again."""
        request = reading.request
        problem = problem_of(failure).fields() if failure else {}
        try:
            if isinstance(failure, (Busy, LibraryError, StorageFull)):
                self._later(request)
            elif narration != request.id:
                self.shelf.settle(request.id, Outcome(narration, problem))
        finally:
            self._readings.pop(request.id, None)  # First: who asks again has it read again.
            if request.article is None:
                with self._placing:
                    self._pages.leave(reading.caller)
                self._fetch_next()
            if reading.narration.done():
                pass  # The service is being stopped.
            elif failure is None:
                reading.narration.set_result(narration)
            else:
                reading.narration.set_exception(failure)

    def _later(self, request: Request) -> None:
        if not self._closed:
            again = Timer(RETRY, self._go_on, (request,))
            again.daemon = True
            again.start()

    def making(self, narration_id: str) -> Making | None:
        """The narration, if it is waiting or being made, and no process took it down meanwhile;
        from any thread."""
        making = self.workshop.find(narration_id)
        if making is not None and self.shelf.is_down(narration_id):
            self.workshop.abandon(narration_id, taken_down(narration_id))
            return None
        return making

    def find(self, some_id: str) -> Found:
        """What a request or narration id stands for; NotFound, TakenDown. Blocks."""
        try:
            return self._found(some_id)
        except NotFound:
            found = self.elsewhere(some_id) if ID.fullmatch(some_id) else None
            if found is None:
                raise
            return found

    def _found(self, some_id: str) -> Found:
        for _ in range(ALIASES):
            if not ID.fullmatch(some_id):
                break
            making = self.making(some_id)
            if making is not None and not making.over:
                return making
            damage: DamagedRecord | None = None
            outcome = None
            try:
                manifest = self.shelf.manifest(some_id)
                if manifest is not None:
                    return manifest
                outcome = self.shelf.outcome(some_id)
            except DamagedRecord as error:
                self.shelf.records.tell(f"{NARRATIONS}{some_id}.json", error)
                damage = error
            reading = self._readings.get(some_id)
            if reading is not None:
                return reading
            if outcome is None:
                return self._adopted(some_id, damage)
            if not outcome.narration:
                return Failure(some_id, problem_in(outcome.problem))
            some_id = outcome.narration
        raise NotFound(f"There is no narration {some_id[:60]!r}.")

    def _adopted(self, some_id: str, damage: DamagedRecord | None) -> Found:
        """A request that is stored but that nobody here works on: another process took it.
        NotFound, or the damage that was found in its place."""
        request = self.shelf.request(some_id)
        if request is not None:
            self._go_on(request)
            making = self.workshop.find(some_id)
            if making is not None:
                return making
            reading = self._readings.get(some_id)
            if reading is not None:
                return reading
        if damage is not None:
            raise damage
        manifest = self.shelf.manifest(some_id)  # It was made between two looks.
        if manifest is not None:
            return manifest
        raise NotFound(f"There is no narration {some_id!r}.")
