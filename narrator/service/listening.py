"""What listeners ask for: pages as they are now, and whatever voice or language they like.

A listener changes nothing that lasts. A page at its own address, without anything chosen, is the
publisher's: its narration may become a version of its article, in the voice that the publisher
chose. All else is passing (see `passing.py`).
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from threading import Lock
from urllib.parse import urlsplit

from narrator.engines.catalogue import default_voice
from narrator.errors import (
    Busy,
    FetchError,
    NarratorError,
    NotFound,
    TakenDown,
    UsageError,
)
from narrator.model import Article, Plan
from narrator.queue.allowance import Allowance
from narrator.reading.spellings import Address, address_of, one_spelling
from narrator.service.choices import Choice
from narrator.service.desk import Desk, Failure, Found, Reading
from narrator.service.fairness import FairLine
from narrator.service.logs import request_id
from narrator.service.looking import Looking, is_known
from narrator.service.looks import NEVER, PLAIN, Look, Wanted
from narrator.service.makings import Making
from narrator.service.pages import check_host
from narrator.service.passing import Passing
from narrator.service.problems import problem_in, problem_of
from narrator.service.reading_child import Document
from narrator.service.reading_pool import STOPPING
from narrator.service.requests import Request, article_id, new_id
from narrator.service.shelf import Manifest, Outcome
from narrator.settings import Settings
from narrator.style import LANGUAGE

log = logging.getLogger("narrator.service")

NEW_PAGES = 16
"""Pages that are fetched, read and planned for listeners for the first time, all at once, apart
from those that keys ask for. A caller gets half of them at most."""

KNOWN_PAGES = 8
"""The same of pages that have a narration already and are only looked at again."""


class Listening:
    """Finds and makes what listeners ask for."""

    def __init__(
        self, settings: Settings, desk: Desk, passing: Passing, shared: Allowance | None = None
    ) -> None:
        self.settings = settings
        self.desk = desk
        self.passing = passing
        self.looking = Looking(settings, desk.choices, desk.readers, shared)
        self._threads = ThreadPoolExecutor(NEW_PAGES + KNOWN_PAGES, thread_name_prefix="listening")
        self._new: FairLine[tuple[Reading, bool]] = FairLine(NEW_PAGES, NEW_PAGES // 2)
        self._again: FairLine[tuple[Reading, bool]] = FairLine(KNOWN_PAGES, KNOWN_PAGES // 2)
        self._closed = False
        self._readings: dict[str, Reading] = {}
        """By request id, while the page is looked at or planned."""
        self._promised: set[str] = set()
        """Ids of those that are stored, since a listener was told to ask again."""
        self._lock = Lock()
        """Guards all of these."""
        desk.elsewhere = self.find
        desk.took.append(lambda url: self.looking.forget(one_spelling(url)))

    def close(self) -> None:
        """Take nothing more; who waits is told to ask again."""
        with self._lock:
            self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for reading in list(self._readings.values()):
            with suppress(InvalidStateError):  # It has just been read.
                reading.narration.set_exception(Busy(STOPPING, retry_after=1.0))

    def current(self, asked: Request, caller: str, *, demonstrated: bool = False) -> Found:
        """The narration of a page as it was when it was last looked at, if that is not too long
        ago, else the page being looked at, for the `caller` who asks; `demonstrated`: it is our
        own, which need not be fetched. FetchError (HostNotAllowed), TakenDown, Busy. Blocks."""
        address = _address(asked.url)
        if not demonstrated:
            check_host(str(address), self.settings)
        if "@" in urlsplit(asked.url).netloc:
            raise FetchError(
                f"{address} is given with a name or a password: they are not sent. Leave them out."
            )
        request = replace(asked, url=str(address), listener=True, batch=True)
        self.desk.shelf.takedowns.check(article_id("", request.url, ""), [request.url])
        wanted = request.voice, request.language
        look = self.looking.find(request.url)
        if wanted == PLAIN:
            sent = self._sent(request, look)
            if sent is not None:
                return sent
        known = self._known(look, request)
        if known is not None and look and look.fresh(self.settings.service.recheck):
            return known
        with self._lock:
            for reading in self._readings.values():
                other = reading.request
                if other.url == request.url and (other.voice, other.language) == wanted:
                    return reading
            try:
                self._check_places(caller)
            except Busy:
                if known is None:
                    raise
                return known
            request = replace(request, id=new_id("l1"))
            reading = Reading(request, Future(), known.id if known else "", caller)
            self._begin(reading, demonstrated)
        return reading

    def _begin(self, reading: Reading, demonstrated: bool) -> None:
        """Look at a page in a thread when its caller's turn comes; the lock is held. Busy."""
        if self._closed:
            raise Busy(STOPPING, retry_after=1.0)
        self._readings[reading.request.id] = reading
        line = self._again if reading.known else self._new
        line.put(reading.caller, (reading, demonstrated))
        self._start(line)

    def _start(self, line: FairLine[tuple[Reading, bool]]) -> None:
        """Look at the pages of a line, as far as it has places; the lock is held."""
        while not self._closed and (taken := line.take()) is not None:
            self._threads.submit(self._turn, line, *taken[1])

    def _turn(
        self, line: FairLine[tuple[Reading, bool]], reading: Reading, demonstrated: bool
    ) -> None:
        """Look at a page, in a thread, and give the place in the line to the next."""
        try:
            self._work(reading, demonstrated)
        finally:
            with self._lock:
                line.leave(reading.caller)
                self._start(line)

    def _sent(self, request: Request, look: Look | None) -> Manifest | Making | None:
        """The narration of the text that a key sent for an address: no page is asked for it."""
        choice = self.desk.choices.of(request.url)
        if choice is None or not choice.sent:
            return None
        self.desk.shelf.takedowns.check(choice.article, [request.url])
        versions = self.desk.shelf.versions(choice.article)
        found = self.desk.find(versions[0].narration) if versions else None
        if not isinstance(found, Manifest | Making):
            return None
        if look is None:
            look = Look(time.time(), looked=NEVER)
            self.looking.keep(request.url, look)
        look.narrations[PLAIN] = found.id, choice.article
        return found

    def article(self, url: str, narration: str) -> str:
        """The id of the article that the page at an address is, where it was narrated so; another
        may have been the first to have its words. Empty where that is not known."""
        look = self.looking.find(one_spelling(url))
        known = look.narrations.values() if look else ()
        return next((article for found, article in list(known) if found == narration), "")

    def promise(self, reading: Reading) -> bool:
        """Store a request whose listener is told to ask again, so that any process can be asked;
        False where it is no longer being read. Blocks."""
        with self._lock:
            if reading.request.id not in self._readings:
                return False
            self._promised.add(reading.request.id)
            self.passing.shelf.keep(reading.request)
        return True

    def find(self, some_id: str) -> Found | None:
        """What the id of a request or narration stands for that is only a listener's. Blocks."""
        reading = self._readings.get(some_id)
        if reading is not None:
            return reading
        manifest = self.passing.manifest(some_id)
        if manifest is not None:
            return manifest
        outcome = self.passing.shelf.outcome(some_id)
        if outcome is not None:
            if outcome.narration:
                return self.desk.find(outcome.narration)
            return Failure(some_id, problem_in(outcome.problem))
        request = self.passing.shelf.request(some_id)
        return None if request is None else self._adopted(request)

    def _adopted(self, request: Request) -> Found | None:
        """A request that another process, or another life of this one, took and did not finish."""
        if request.article is None:
            with self._lock:
                reading = self._readings.get(request.id)
                if reading is None:
                    self._check_places()
                    reading = Reading(request, Future())
                    self._begin(reading, False)
                    self._promised.add(request.id)
            return reading
        return self.take(request, self._planned(request, request.article, ""))

    def take(self, request: Request, planned: Plan) -> Manifest | Making:
        """A planned narration for a listener, finished or on its way. Busy. Blocks."""
        self._check_places()
        return self.desk.take(request, planned)

    @property
    def busy(self) -> int:
        """Pages that are looked at or planned for listeners."""
        return len(self._readings)

    def _check_places(self, caller: str = "") -> None:
        """Busy where as much is read and made for listeners as may be, or half of it is read for
        this caller."""
        limit = self.settings.service.listen_limit
        own = sum(reading.caller == caller for reading in self._readings.values() if caller)
        if own >= max(1, limit // 2):
            raise Busy(f"{own} pages are being read for {caller}. Try again soon.", retry_after=1.0)
        makings = sum(making.request.listener for making in self.desk.workshop.makings())
        count = makings + len(self._readings)
        if count >= limit:
            raise Busy(
                f"{count} narrations are being made for listeners or wait. Try again soon.",
                retry_after=self.desk.workshop.wait(),
            )

    def _known(self, look: Look | None, request: Request) -> Manifest | Making | None:
        """What a page is known to be narrated as."""
        wanted = request.voice, request.language
        if look is not None and wanted in look.narrations:
            narrations = [look.narrations[wanted][0]]
        elif look is None and wanted == PLAIN:  # In another life of the service.
            choice = self.desk.choices.of(request.url)
            article = choice.article if choice else article_id("", request.url, "")
            narrations = [version.narration for version in self.desk.shelf.versions(article)]
        else:
            narrations = []
        for narration in narrations:
            try:
                found = self.desk.find(narration)
            except (NotFound, TakenDown):  # Perhaps of another article with the same words.
                continue
            if isinstance(found, Manifest | Making):
                self.passing.heard(found.id)
                return found
        return None

    def _work(self, reading: Reading, demonstrated: bool) -> None:
        """Look at a page and take what it says."""
        request = reading.request
        request_id.set(request.trace)
        narration, failure = "", NarratorError("The reading was stopped.")
        try:
            narration = self._narrated(reading, demonstrated)
        except NarratorError as error:
            failure = error
        except Exception as error:
            log.exception("reading failed", extra={"request": request.id})
            failure = NarratorError(str(error))
        problem = {} if narration else problem_of(failure).fields()
        with self._lock:
            self._readings.pop(request.id, None)
            promised = request.id in self._promised
            self._promised.discard(request.id)
        try:
            if promised:
                self.passing.shelf.settle(request.id, Outcome(narration, problem))
        finally:
            with suppress(InvalidStateError):  # The service is being stopped.
                if narration:
                    reading.narration.set_result(narration)
                else:
                    reading.narration.set_exception(failure)

    def _narrated(self, reading: Reading, demonstrated: bool) -> str:
        """The id of the narration of a page as it is now."""
        request = reading.request
        wanted = request.voice, request.language
        look = self.looking.look(reading, demonstrated=demonstrated)
        known = self._known(look, request)
        if known is not None and self._stands(look, wanted):
            return known.id
        article = look.article()
        found, own = self._chosen(reading, look, article)
        look.narrated(wanted, found.id, own)
        return found.id

    def _stands(self, look: Look, wanted: Wanted) -> bool:
        """Whether what is remembered is what the publisher's article still has."""
        if wanted != PLAIN or not look.own:
            return True
        narration, article = look.narrations[wanted]
        versions = self.desk.shelf.versions(article)
        return not versions or versions[0].narration == narration

    def _chosen(
        self, reading: Reading, look: Look, article: Article
    ) -> tuple[Manifest | Making, str]:
        """The narration of a page's article as a listener wants it, and the article's id."""
        request = reading.request
        drafted, look.drafted = look.drafted, None
        choice = self.desk.choices.of(article.url)
        own = choice.article if choice else article_id("", article.url, "")
        self.desk.shelf.takedowns.check(own, [request.url, article.url])
        versions = self.desk.shelf.versions(own)
        voice, language = request.voice, request.language
        if voice == self._usual_voice(article, choice):
            voice = ""  # What is usual is nothing chosen.
        if language in (choice.language if choice else "", article.language):
            language = ""
        plain = look.own and not voice and not language
        newest = versions[0] if versions else None
        if plain and newest and ((choice and choice.sent) or newest.since > look.began):
            # A key sent the text, or asked for it since the page was looked at.
            found = self.desk.find(newest.narration)
            if isinstance(found, Manifest | Making):
                return found, own
        asked = replace(
            request,
            chosen=own if own != article_id("", article.url, "") else "",
            voice=voice or (choice.voice if choice and is_known(choice.voice) else ""),
            language=language or (choice.language if choice else ""),
            title=choice.title if choice else "",
            speed=choice.speed if choice else None,
            listed=choice.listed if choice else True,
            passing=not plain or not (newest or self.settings.service.listen_adds),
        )
        if drafted is None or _terms(drafted[0]) != _terms(asked):
            planned = self._planned(asked, article, reading.caller)
        else:
            planned = replace(drafted[1], article=article)
        return self.desk.take(asked, planned), own

    def _planned(self, request: Request, article: Article, caller: str) -> Plan:
        """What is to be spoken of an article."""
        if article.recording:
            address = address_of(article.recording)
            if address is not None:  # It is fetched when it is planned.
                self.looking.fetches.spend(address.site, query=bool(address.query))
        document = Document(
            article, "the page", title=request.title, language=request.language,
            voice=request.voice, speed=request.speed, trace=request.trace,
        )  # fmt: skip
        found = self.desk.readers.read(document, caller).result()
        return found if isinstance(found, Plan) else self.desk.plan(request, found)

    def _usual_voice(self, article: Article, choice: Choice | None) -> str:
        """The voice of whoever chooses none."""
        usual = (choice.voice if choice else "") or self.settings.voice or article.voice
        if usual:
            return usual
        try:
            return default_voice(article.language or self.settings.language or LANGUAGE).id
        except NarratorError:
            return ""


def _terms(request: Request) -> tuple[str, str, str, float | None]:
    """What a plan depends on besides the article."""
    return request.title, request.language, request.voice, request.speed


def _address(url: str) -> Address:
    """The address that a listener names; UsageError."""
    address = address_of(url)
    if address is None:
        raise UsageError(f"{url!r} is not an address that can be fetched. Give that of a page.")
    return address
