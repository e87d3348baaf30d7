"""Sentences that workers on other machines speak: asking for them, and speaking what is asked.

Whoever narrates cuts the sentences that the library lacks into runs, asks for those through the
queue, and takes each from the library when a worker says that it is there. Nothing else passes
between the two, and each may be killed at any time: what is in the library stays.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from threading import Condition, Event, Thread
from typing import ParamSpec, TypeVar

import numpy as np

from narrator.engines import Hear, segment_key
from narrator.engines.catalogue import find_voice
from narrator.errors import Abandoned, LibraryError, NarratorError, QueueError, SpeechError
from narrator.library.early import EarlySound, early_name, early_samples
from narrator.library.segments import segment_name
from narrator.model import Plan, Reader, Samples, Segment, Sentence
from narrator.queue import Lane, Queue, Run
from narrator.queue.turns import Due, at_once
from narrator.studio import Speaker, Studio

log = logging.getLogger("narrator.remote")

P = ParamSpec("P")
Answer = TypeVar("Answer")

EARLY_PLACES = 2
"""Sentences of a narration whose sound is handed on while they are spoken: nothing was heard before
them, or only a title. Each is a run of its own (LENGTHS)."""

LONG = 100
"""Characters of a sentence from which that is worth its while: some seven seconds, half a second of
work."""

WINDOW = 64
"""Runs of a narration that are in the queue before the first of them is needed, at most: enough for
as many workers, and few enough that one long narration does not flood it."""

LENGTHS = (1, 1, 2, 4)
"""Sentences in the first runs: the first sound comes soon, and the next ones in time."""

LENGTH = 8
"""Sentences in the later ones: some seconds of work."""

FIRST = 1000
"""Priority of a narration's first run; each later one has one less."""

AGAIN = 0.5
"""Seconds before a queue that did not answer is asked again."""

OUTAGE = 60.0
"""Seconds for which a narration waits for a queue that answered before: it may be restarted."""

LOOK = 2.0
"""Seconds without news after which the library and the queue are looked at."""


def soon() -> Lane:
    """The lane of what somebody waits for."""
    return "interactive"


def later() -> Lane:
    """The lane of what nobody waits for."""
    return "batch"


@dataclass(slots=True)
class _Asked:
    """A run that was looked for in the library, and asked for where something was not there."""

    run: Run
    tickets: dict[str, int | None]
    """By key; None where the library had the segment."""


class Order:
    """The sentences of one narration that workers are asked for, by their places in it, from 0.
    Close it when all are there, or none is wanted any more.

    What it holds is as much as is asked for at a time, however long the narration.
    """

    def __init__(
        self, studio: Studio, queue: Queue, planned: Plan, lane: Callable[[], Lane], request: str
    ) -> None:
        self._studio = studio
        self._queue = queue
        self._planned = planned
        self._lane = lane
        self._request = request
        self._asked: dict[int, _Asked] = {}
        """By place, of the sentences from the first that was not taken on."""
        self._first = 0
        """Place of the first sentence that was not taken."""
        self._ahead: set[int] = set()
        """Places after it of sentences that were."""
        self._needed = 0
        """Place of the last sentence that was needed."""
        self._left: dict[str, int] = {}
        """Keys of the segments that were asked for and not taken, with their tickets."""
        self.missing = 0
        """Sentences that the library lacked."""
        self._moved = Condition()
        self._answered = -OUTAGE
        """When the queue last did."""
        self._error: Exception | None = None
        self._closed = False
        self._asking = Thread(target=self._ask_all, name="asking", daemon=True)
        self._asking.start()

    def wait(self, place: int, key: str, also: str) -> None:
        """Until the segment, or what has the name `also`, may be in the library, or a while has
        passed. QueueError, LibraryError; Abandoned once the order is closed."""
        with self._moved:
            self._needed = max(self._needed, place)
            self._moved.notify_all()
            self._moved.wait_for(lambda: place in self._asked or self._error or self._closed, LOOK)
            if self._error is not None:
                raise self._error
            if self._closed:
                raise Abandoned("This narration is no longer wanted.")
            asked = place in self._asked and self._asked[place].tickets[key] is not None
        if asked:
            self._queue.wait((key, also), LOOK)

    def look(self, place: int, key: str) -> None:
        """See why the segment was not there after a wait, and ask for it again where nobody is
        about to speak it: it was dropped, or damaged or removed since. SpeechError where the
        workers gave up."""
        with self._moved:
            asked = self._asked.get(place)
        if asked is None:
            return
        ticket = asked.tickets[key]
        state = "gone" if ticket is None else self._patiently(self._queue.state, ticket)
        if state == "failed":
            reason = self._patiently(self._queue.reason, asked.run.id) or "no worker said why"
            raise SpeechError(
                f"Workers gave up run {asked.run.number} of the narration: {reason}. "
                "`narrator queue` shows it, `narrator queue retry` tries again."
            )
        if state == "gone" and not self._here(key):
            again = self._ask(asked.run)
            with self._moved:
                asked.tickets[key] = self._left[key] = again

    def took(self, place: int, key: str) -> None:
        """The segment was there."""
        with self._moved:
            self._needed = max(self._needed, place)
            self._left.pop(key, None)
            self._ahead.add(place)
            while self._first in self._ahead:
                self._ahead.remove(self._first)
                self._asked.pop(self._first, None)
                self._first += 1
            self._moved.notify_all()

    def close(self) -> None:
        """Ask for no more, and take back what was asked for in vain."""
        with self._moved:
            self._closed = True
            self._moved.notify_all()
        self._asking.join()
        if self._left:
            with suppress(QueueError):  # Then a worker speaks it in vain.
                self._queue.drop(self._planned.id)

    def _ask_all(self) -> None:
        """Look for all sentences and ask for those that are not there, never too many at a time;
        in a thread of its own."""
        place = 0
        try:
            for run in _runs(self._planned, self._request):
                places = range(place, place + len(run.keys))
                place = places.stop
                with self._moved:
                    while places.start >= self._needed + WINDOW * LENGTH and not self._closed:
                        self._moved.wait()
                    if self._closed:
                        return
                    if place <= self._first:
                        continue
                    tickets = {key: self._left.get(key) for key in run.keys}
                missing = [
                    k for k, ticket in tickets.items() if ticket is None and not self._here(k)
                ]
                if missing:
                    tickets |= dict.fromkeys(missing, self._ask(run))
                with self._moved:
                    self.missing += len(missing)
                    asked = _Asked(run, tickets)
                    self._left |= {key: t for key in missing if (t := tickets[key]) is not None}
                    self._asked |= {p: asked for p in places if p >= self._first}
                    self._moved.notify_all()
        except NarratorError as error:
            with self._moved:
                self._error = error
                self._moved.notify_all()

    def _ask(self, run: Run) -> int:
        return self._patiently(self._queue.ask, run, self._lane(), max(FIRST - run.number, 1))

    def _patiently(self, ask: Callable[P, Answer], *given: P.args, **named: P.kwargs) -> Answer:
        """The answer of the queue. One that answered before may be away for a while; QueueError
        where it stays away, or never answered."""
        while True:
            try:
                answer = ask(*given, **named)
            except QueueError as error:
                if self._closed or time.monotonic() > self._answered + OUTAGE:
                    raise
                log.warning("waiting for the queue: %s", error)
                time.sleep(AGAIN)
            else:
                self._answered = time.monotonic()
                return answer

    def _here(self, key: str) -> bool:
        return self._studio.library.size(segment_name(key)) is not None


class Cast:
    """Who speaks the sentences of one narration: this process, or, where the studio has a queue,
    workers. Close it when no more are needed; those that are waited for are then Abandoned."""

    def __init__(
        self,
        studio: Studio,
        planned: Plan,
        *,
        due: Due = at_once,
        lane: Callable[[], Lane] = soon,
        request: str = "",
    ) -> None:
        self._due = due
        self._order: Order | None = None
        if studio.queue is not None:
            self._order = Order(studio, studio.queue, planned, lane, request)
        self._speakers = {
            reader: Speaker(studio, studio.engine(reader.voice), reader.speed)
            for reader in dict.fromkeys(planned.readers)
        }

    def segment(self, item: tuple[int, Sentence, Reader], hear: Hear) -> Segment:
        """See Speaker.segment; a sentence comes with its place in the narration."""
        place, sentence, reader = item
        speaker = self._speakers[reader]
        if self._order is None:
            return speaker.segment(sentence, hear, partial(self._due, place))
        return self._spoken_elsewhere(self._order, place, speaker, sentence, hear)

    def _spoken_elsewhere(
        self, order: Order, place: int, speaker: Speaker, sentence: Sentence, hear: Hear
    ) -> Segment:
        """The sentence as soon as a worker has put it into the library. What is there of it before
        is heard."""
        key = speaker.key(sentence)
        library = speaker.studio.library
        heard: list[Samples] = []
        found = speaker.stored(key)
        while found is None:
            if self._due(place) is None:
                raise Abandoned("This narration is no longer wanted.")
            order.wait(place, key, early_name(key, len(heard)))
            found = speaker.stored(key)
            if found is None:
                part = early_samples(library, key, len(heard)) if place < EARLY_PLACES else None
                if part is None:
                    order.look(place, key)
                else:
                    hear(part)
                    heard.append(part)
        order.took(place, key)
        if heard:
            _check_beginning(found, np.concatenate(heard))
        return found

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


def _check_beginning(segment: Segment, heard: Samples) -> None:
    """LibraryError where what was heard of a sentence is not its beginning: a worker on another
    kind of processor began, was lost, and another spoke it. It is then made again, whole."""
    if not np.array_equal(segment.samples[: len(heard)], heard):
        raise LibraryError(
            f"The beginning of {segment.key} that was heard differs from the segment: two workers "
            "spoke it whose processors or versions differ. It is narrated again."
        )


STARVED = ("bad_alloc", "llocate memory", "failed to map segment", "can't start new thread")
"""What ONNX Runtime, the loader of libraries and Python say where memory is at its end, besides
MemoryError."""


def work(studio: Studio, queue: Queue, *, lanes: Sequence[Lane], stop: Event) -> None:
    """Speak what is asked for through the queue, until told to stop, or memory is at its end (see
    Queue.work)."""

    def speak(run: Run, tell: Callable[[str], None]) -> None:
        log.info("speaking", extra={"run": run.id, "request": run.request})
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
                early = _early(studio, run, sentence, key, engine.sample_rate, tell)
                try:
                    speaker.segment(sentence, early.hear if early else None)
                except SpeechError as error:
                    failed = error
                    continue
                except Exception as error:
                    if any(words in str(error) for words in STARVED):
                        raise MemoryError(str(error)) from error
                    raise
                finally:
                    if early is not None:
                        early.remove()
            tell(key)
        studio.tidy()
        if failed is not None:
            raise failed

    queue.work(speak, lanes=lanes, threads=studio.settings.threads, stop=stop)


def _early(
    studio: Studio, run: Run, sentence: Sentence, key: str, rate: int, tell: Callable[[str], None]
) -> EarlySound | None:
    """What hears the sentence while it is spoken, where somebody may wait for its first sound."""
    if run.number >= EARLY_PLACES or len(sentence.spoken) < LONG:
        return None
    return EarlySound(studio.library, key, rate, tell)


def _runs(planned: Plan, request: str) -> Iterator[Run]:
    """The sentences in order, cut into runs of one voice, as they are needed."""
    said = zip(planned.script.sentences, planned.readers, planned.segments, strict=True)
    number = 0
    for reader, group in groupby(said, key=lambda item: item[1]):
        while part := tuple(islice(group, LENGTHS[number] if number < len(LENGTHS) else LENGTH)):
            yield Run(
                narration=planned.id,
                number=number,
                voice=reader.voice.id,
                speed=reader.speed,
                sentences=tuple(sentence for sentence, _, _ in part),
                keys=tuple(key for _, _, key in part),
                request=request,
            )
            number += 1
