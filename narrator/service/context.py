"""What the routes of a service share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.requests import Request as HttpRequest

from narrator.publishing.channel import FeedTable
from narrator.service.answers import NarrationAnswer, finished, links, under_way
from narrator.service.answers import ProblemAnswer as ProblemAnswer
from narrator.service.counts import Counts
from narrator.service.desk import Desk, Failure, Found, Reading
from narrator.service.feed import Feeds
from narrator.service.health import Health
from narrator.service.listening import Listening
from narrator.service.makings import Making
from narrator.service.metrics import Metrics
from narrator.service.problems import problem_of
from narrator.service.requests import article_id
from narrator.service.shelf import Manifest, Shelf
from narrator.service.speech import Speech
from narrator.service.spooled import Documents
from narrator.service.workshop import Workshop
from narrator.settings import Settings
from narrator.studio import Studio


@dataclass(slots=True)
class Service:
    """A running service."""

    settings: Settings
    studio: Studio
    shelf: Shelf
    workshop: Workshop
    desk: Desk
    listening: Listening
    speech: Speech
    feed: FeedTable
    health: Health
    metrics: Metrics
    feeds: Feeds = field(default_factory=Feeds)
    documents: Documents = field(default_factory=Documents)
    """Builds the documents of narrations that are not finished."""
    counts: Counts | None = None
    """Where listening is counted, if it is."""
    closing: bool = False
    """Whether it was told to stop: endless answers end now."""

    @property
    def base(self) -> str:
        """What the addresses in answers begin with; empty: they are relative to the service."""
        return self.settings.service.public_url.rstrip("/")

    def stop(self) -> None:
        """End what would go on for ever; what is being made goes on until the grace is over. May
        be called where a signal is handled."""
        self.closing = self.health.closing = True
        for making in self.workshop.makings():
            making.bell.ring()

    def status(self, found: Found) -> NarrationAnswer:
        """The state of whatever an id stands for."""
        match found:
            case Manifest():
                return finished(found, self.base)
            case Making():
                answer = under_way(found, article_of(found), self.workshop.pace(), self.base)
                if found.over and found.manifest:  # It ended after it was found.
                    return finished(found.manifest, self.base)
                if found.over and found.error:
                    return self.status(Failure(found.id, problem_of(found.error)))
                return answer
            case Reading():
                return NarrationAnswer(
                    id=found.request.id, state="reading", links=links(found.request.id, self.base)
                )
            case Failure():
                return NarrationAnswer(
                    id=found.id,
                    state="failed",
                    links=links(found.id, self.base),
                    problem=ProblemAnswer(**found.problem.fields()),
                )

    async def find(self, some_id: str) -> Found:
        """What an id stands for; NotFound, TakenDown."""
        making = self.desk.making(some_id)
        if making is not None and not making.over:
            return making
        return await asyncio.to_thread(self.desk.find, some_id)

    async def read(self, reading: Reading) -> Found:
        """What a request turned out to be, when its page is read; the error if it failed."""
        narration = asyncio.wrap_future(reading.narration)
        return await self.find(await asyncio.shield(narration))  # Others wait for it, too.

    async def read_soon(self, reading: Reading, seconds: float) -> Found:
        """What a listener's request turned out to be, if its page is read within so many seconds;
        else, of a page that was known, what it was before."""
        narration = asyncio.wrap_future(reading.narration)
        narration.add_done_callback(lambda done: done.cancelled() or done.exception())
        done, _ = await asyncio.wait([narration], timeout=seconds)
        if not done and reading.known:
            return await self.find(reading.known)
        if not done and await asyncio.to_thread(self.listening.promise, reading):
            return reading
        return await self.find(await narration)


def article_of(making: Making) -> str:
    """The id of the article that is being narrated."""
    return article_id(making.request.chosen, making.planned.article.url, making.id)


def service_of(request: HttpRequest) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


def caller_of(request: HttpRequest) -> str:
    """What the sender of a request is limited by: see Caller."""
    name: str = request.state.caller.name
    return name
