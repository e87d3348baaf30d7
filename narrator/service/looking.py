"""Looks at pages for listeners: once in `recheck` for all spellings of an address, and never more
often than a site should be asked.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from threading import Lock

from narrator.engines.catalogue import find_voice
from narrator.errors import Busy, FetchError, SourceError, UnknownVoice
from narrator.model import Article, Plan
from narrator.queue.allowance import Allowance
from narrator.reading.fetch import NotModified, fetch
from narrator.reading.spellings import address_of
from narrator.service import demo
from narrator.service.choices import Choices
from narrator.service.looks import (
    NEVER,
    PLAIN,
    Fetches,
    Look,
    Looks,
    bare,
    own_look,
    packed_article,
)
from narrator.service.pages import check_host
from narrator.service.reading_child import Document
from narrator.service.reading_pool import ReadingPool
from narrator.service.readings import Reading
from narrator.service.requests import article_id
from narrator.settings import Settings

log = logging.getLogger("narrator.service")

GONE = frozenset({401, 403, 404, 410, 451})
"""What a server answers that does not want its page to be read; all else may pass."""

OWN_PAGES, OWN_BYTES = 5000, 24_000_000
"""Pages at their own addresses that are remembered, and bytes of their text."""

OTHER_PAGES, OTHER_BYTES = 500, 8_000_000
"""The same of addresses with a query: they never push out those without."""


class Looking:
    """Looks at pages and remembers them. From any thread; addresses are in one spelling."""

    def __init__(
        self,
        settings: Settings,
        choices: Choices,
        readers: ReadingPool,
        shared: Allowance | None = None,
    ) -> None:
        self.settings = settings
        self.choices = choices
        self.readers = readers
        self.fetches = Fetches(settings.service.fetches_per_minute, shared)
        self._own = Looks(OWN_PAGES, OWN_BYTES)
        self._others = Looks(OTHER_PAGES, OTHER_BYTES)
        self._flights: dict[str, Future[Look]] = {}
        """Pages that are being fetched, by address."""
        self._lock = Lock()
        """Guards it."""

    def find(self, url: str) -> Look | None:
        """What the page at an address was when it was last looked at."""
        return self._looks(url).find(url)

    def keep(self, url: str, look: Look) -> None:
        """Remember what the page at an address is."""
        self._looks(url).keep(url, look)

    def forget(self, url: str) -> None:
        """A page was read for its publisher: look at it again when it is asked for."""
        self._looks(url).forget(url)

    def _looks(self, url: str) -> Looks:
        return self._others if "?" in url else self._own

    def look(self, reading: Reading, *, demonstrated: bool) -> Look:
        """What a page is now, or was within `recheck`. Whoever asks for one that is being fetched
        waits for it. `demonstrated`: it is our own. SourceError, Busy. Blocks."""
        request = reading.request
        with self._lock:
            before = self.find(request.url)
            if before is not None and before.fresh(self.settings.service.recheck):
                return before
            flight = self._flights.get(request.url)
            mine = flight is None
            if flight is None:
                flight = self._flights[request.url] = Future()
        if not mine:
            return flight.result()
        try:
            look = self._demonstrated(reading) if demonstrated else self._fetched(reading, before)
            self.keep(request.url, look)
        except Exception as error:
            flight.set_exception(error)
            raise
        else:
            flight.set_result(look)
        finally:
            with self._lock:
                del self._flights[request.url]
        return look

    def _demonstrated(self, reading: Reading) -> Look:
        """Our own page, which is nobody's article."""
        url = reading.request.url
        document = Document(demo.page(demo.PLAYER), "the demo", "html", url=url)
        found = self.readers.read(document, reading.caller).result()
        return Look(time.time(), packed_article(_article_of(found)))

    def _fetched(self, reading: Reading, before: Look | None) -> Look:
        """What a page is now. One that is known and cannot be had at the moment counts as
        unchanged; one that never was is not asked for again until `recheck` is over."""
        began = time.time()
        url, known = reading.request.url, reading.known
        try:
            look = self._read(reading, before if before and before.text else None)
        except Busy as error:
            if before is not None:
                return before
            if not known:
                raise
            article = article_id("", url, "")
            return Look(began, failure=error, narrations={PLAIN: (known, article)}, looked=NEVER)
        except SourceError as error:
            lasting = isinstance(error, FetchError) and error.status not in GONE
            if lasting and before and before.text:
                log.warning("page not looked at again: %s", error)
                return replace(before, began=began, looked=time.monotonic())
            if lasting and known:
                log.warning("page not looked at again: %s", error)
                article = article_id("", url, "")
                return Look(began, failure=error, narrations={PLAIN: (known, article)})
            return Look(began, failure=error)
        return replace(look, began=began, looked=time.monotonic())

    def _read(self, reading: Reading, before: Look | None) -> Look:
        """What a page is now: what it was `before`, where its server says so. SourceError, Busy."""
        url = reading.request.url
        page = fetch(
            url,
            before.validators if before else None,
            contact=self.settings.contact,
            allow_private=self.settings.allow_private,
            permit=partial(self._permit, "?" in url),
        )
        if isinstance(page, NotModified):
            assert before is not None  # Without validators nothing is found not modified.
            return before
        choice = self.choices.of(url)
        asked = replace(reading.request, language="")  # The page's own is to be known.
        if choice is not None:
            usual = choice.voice if is_known(choice.voice) else ""
            asked = replace(asked, voice=asked.voice or usual, speed=choice.speed)
        # Without its query: only a page that names an address with one has such an address.
        document = Document(
            page.data, page.url, content_type=page.content_type, charset=page.charset,
            url=bare(page.url), voice=asked.voice, speed=asked.speed, trace=asked.trace,
        )  # fmt: skip
        found = self.readers.read(document, reading.caller).result()
        look = own_look(url, page.url, _article_of(found), page.validators)
        if isinstance(found, Plan):
            look.drafted = asked, found
        return look

    def _permit(self, query: bool, url: str) -> None:
        """Whether an address may be fetched on a listener's behalf; HostNotAllowed, Busy."""
        check_host(url, self.settings)
        address = address_of(url)
        site = address.site if address else ""
        self.fetches.spend(site, query=query)


def _article_of(found: Plan | Article) -> Article:
    return found.article if isinstance(found, Plan) else found


def is_known(voice: str) -> bool:
    """Whether there is a voice of that id."""
    try:
        find_voice(voice)
    except UnknownVoice:
        return False
    return True
