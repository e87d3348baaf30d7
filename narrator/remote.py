"""Sentences that workers on other machines speak: asking for them, and speaking what is asked.

Whoever narrates cuts the sentences that the library lacks into runs, asks for those through the
queue, and takes each from the library when a worker says that it is there. Nothing else passes
between the two, and each may be killed at any time: what is in the library stays.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from threading import Condition, Event, Thread

from narrator.engines import Hear, segment_key
from narrator.engines.catalogue import find_voice
from narrator.errors import Abandoned, NarratorError, QueueError, SpeechError
from narrator.library.segments import segment_name
from narrator.model import Plan, Reader, Segment, Sentence
from narrator.queue import Lane, Queue, Run
from narrator.queue.turns import Urgency, always
from narrator.studio import Speaker, Studio

log = logging.getLogger("narrator.remote")

WINDOW = 64
"""Runs of a narration that are in the queue before the first of them is needed, at most: enough for
as many workers, and few enough that one long narration does not flood it."""

LENGTHS = (1, 1, 2, 4)
"""Sentences in the first runs: the first sound comes soon, and the next ones in time."""

LENGTH = 8
"""Sentences in the later ones: some seconds of work."""

FIRST = 1000
"""Priority of a narration's first run; each later one has one less."""

LOOK = 2.0
"""Seconds without news after which the library and the queue are looked at."""


def soon() -> Lane:
    """The lane of what somebody waits for."""
    return "interactive"


def later() -> Lane:
    """The lane of what nobody waits for."""
    return "batch"


class Order:
    """The sentences of one narration that workers are asked for. Close it when all are there, or
    none is wanted any more."""

    def __init__(
        self, studio: Studio, queue: Queue, planned: Plan, lane: Callable[[], Lane]
    ) -> None:
        self._studio = studio
        self._queue = queue
        self._lane = lane
        self._runs = list(_runs(planned))
        self._number = {key: run.number for run in self._runs for key in run.keys}
        self._taken = 0
        """Number of the last run of which a sentence was needed."""
        self._tickets: dict[str, int | None] = {}
        """By key of each segment that was looked for, of its run: None where the library had it."""
        self._left: set[str] = set()
        """Keys of the segments that were asked for and not taken."""
        self.missing = 0
        """Sentences that the library lacked."""
        self._moved = Condition()
        self._error: Exception | None = None
        self._closed = False
        self._asking = Thread(target=self._ask_all, name="asking", daemon=True)
        self._asking.start()

    def wait(self, key: str) -> None:
        """Until the segment may be in the library, or a while has passed. QueueError, LibraryError;
        Abandoned once the order is closed."""
        with self._moved:
            self._taken = max(self._taken, self._number[key])
            self._moved.notify_all()
            self._moved.wait_for(lambda: key in self._tickets or self._error or self._closed, LOOK)
            if self._error is not None:
                raise self._error
            if self._closed:
                raise Abandoned("This narration is no longer wanted.")
            asked = self._tickets.get(key) is not None
        if asked:
            self._queue.wait(key, LOOK)

    def look(self, key: str) -> None:
        """See why the segment was not there after a wait, and ask for it again where nobody is
        about to speak it: it was dropped, or damaged or removed since. SpeechError where the
        workers gave up."""
        if key not in self._tickets:
            return
        number, ticket = self._number[key], self._tickets[key]
        state = "gone" if ticket is None else self._queue.state(ticket)
        if state == "failed":
            reason = self._queue.reason(self._runs[number].id) or "no worker said why"
            raise SpeechError(
                f"Workers gave up run {number} of the narration: {reason}. "
                "`narrator queue` shows it, `narrator queue retry` tries again."
            )
        if state == "gone" and not self._here(key):
            self._tickets[key] = self._ask(number)

    def _ask(self, number: int) -> int:
        return self._queue.ask(self._runs[number], self._lane(), max(FIRST - number, 1))

    def close(self) -> None:
        """Ask for no more, and take back what was asked for in vain."""
        with self._moved:
            self._closed = True
            self._moved.notify_all()
        self._asking.join()
        if self._left:
            with suppress(QueueError):  # Then a worker speaks it in vain.
                self._queue.drop(self._runs[0].narration)

    def took(self, key: str) -> None:
        """The segment was there."""
        with self._moved:
            self._left.discard(key)

    def _ask_all(self) -> None:
        """Look for all sentences and ask for those that are not there, never too many at a time;
        in a thread of its own."""
        try:
            for number, run in enumerate(self._runs):
                with self._moved:
                    while number >= self._taken + WINDOW and not self._closed:
                        self._moved.wait()
                    if self._closed:
                        return
                missing = {key for key in run.keys if not self._here(key)}
                ticket = self._ask(number) if missing else None
                with self._moved:
                    self.missing += len(missing)
                    self._left |= missing
                    for key in run.keys:
                        self._tickets[key] = ticket if key in missing else None
                    self._moved.notify_all()
        except NarratorError as error:
            with self._moved:
                self._error = error
                self._moved.notify_all()

    def _here(self, key: str) -> bool:
        return self._studio.library.size(segment_name(key)) is not None


@dataclass(slots=True, kw_only=True)
class RemoteSpeaker(Speaker):
    """A Speaker that speaks nothing itself: what the library does not hold comes from workers."""

    order: Order

    def _made(self, key: str, sentence: Sentence, hear: Hear | None) -> Segment:
        """The sentence as soon as a worker has put it into the library."""
        while True:
            if self.urgency() is None:
                raise Abandoned("This narration is no longer wanted.")
            self.order.wait(key)
            found = self._stored(key)
            if found is not None:
                self.order.took(key)
                return found
            self.order.look(key)


class Cast:
    """Who speaks the sentences of one narration: this process, or, where the studio has a queue,
    workers. Close it when no more are needed; those that are waited for are then Abandoned."""

    def __init__(
        self,
        studio: Studio,
        planned: Plan,
        *,
        urgency: Urgency = always,
        lane: Callable[[], Lane] = soon,
    ) -> None:
        self._order: Order | None = None
        if studio.queue is not None:
            self._order = Order(studio, studio.queue, planned, lane)
        self._speakers = {
            reader: Speaker(studio, studio.engine(reader.voice), reader.speed, urgency)
            if self._order is None
            else RemoteSpeaker(
                studio, studio.engine(reader.voice), reader.speed, urgency, order=self._order
            )
            for reader in dict.fromkeys(planned.readers)
        }

    def segment(self, item: tuple[Sentence, Reader], hear: Hear) -> Segment:
        """See Speaker.segment."""
        sentence, reader = item
        return self._speakers[reader].segment(sentence, hear)

    @property
    def spoken(self) -> int:
        """How many were spoken anew."""
        if self._order is not None:
            return self._order.missing
        return sum(speaker.spoken for speaker in self._speakers.values())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What went wrong and was mended."""
        return tuple(text for speaker in self._speakers.values() for text in speaker.warnings)

    def close(self) -> None:
        """Ask for no more."""
        if self._order is not None:
            self._order.close()


def work(studio: Studio, queue: Queue, *, lanes: Sequence[Lane], stop: Event) -> None:
    """Speak what is asked for through the queue, until told to stop."""

    def speak(run: Run, tell: Callable[[str], None]) -> None:
        log.info("speaking", extra={"run": run.id})
        voice = find_voice(run.voice)
        engine = studio.engine(voice)
        speaker = Speaker(studio, engine, run.speed, shares=False)
        failed: NarratorError | None = None
        for sentence, key in zip(run.sentences, run.keys, strict=True):
            if segment_key(sentence, engine.identity, run.speed) != key:
                raise SpeechError(
                    f"This worker's {voice.id} or its versions are not those of who asks: update "
                    "all machines together"
                )
            if studio.library.size(segment_name(key)) is None:
                try:
                    speaker.segment(sentence)
                except SpeechError as error:
                    failed = error
                    continue
            tell(key)
        studio.tidy()
        if failed is not None:
            raise failed

    queue.work(speak, lanes=lanes, threads=studio.settings.threads, stop=stop)


def _runs(planned: Plan) -> Iterator[Run]:
    """The sentences in order, cut into runs of one voice; a sentence that occurs again is asked
    for once."""
    said = zip(planned.script.sentences, planned.readers, strict=True)
    keyed = dict(zip(planned.segments, said, strict=True))
    number = 0
    for reader, group in groupby(keyed.items(), key=lambda item: item[1][1]):
        items = list(group)
        while items:
            length = LENGTHS[number] if number < len(LENGTHS) else LENGTH
            part, items = items[:length], items[length:]
            yield _run(planned, number, reader, part)
            number += 1


def _run(
    planned: Plan,
    number: int,
    reader: Reader,
    part: list[tuple[str, tuple[Sentence, Reader]]],
) -> Run:
    return Run(
        narration=planned.id,
        number=number,
        voice=reader.voice.id,
        speed=reader.speed,
        sentences=tuple(sentence for _, (sentence, _) in part),
        keys=tuple(key for key, _ in part),
    )
