"""Mastering: every sentence near the target loudness, the whole on it, no peak above the ceiling.

Causal: nothing needs to know what comes much later, so what is streamed while a sentence is being
spoken is what its finished file holds. A sentence has one gain, decided when it was heard to its
end; at the start of a narration, where somebody waits for the first sound, it is decided sooner and
glides to where it should be. Beneath that, the voice keeps its own dynamics but for the peaks that
the limiter takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from narrator.audio import TARGET as TARGET
from narrator.audio.envelope import HOP, STEPS, Envelope, Floats, Tracer, gathered, step_width
from narrator.audio.join import Piece
from narrator.audio.limiter import DELAY, Limiter, limited
from narrator.audio.loudness import Meter, integrated
from narrator.model import Sound

CEILING = -1.0
"""dBTP of the decoded file."""

CODEC_MARGIN = 1.3
"""Decibels left below the ceiling: MP3 and Opus at our bit rates add up to 1.1 to a peak."""

TOLERANCE = 1.0
"""LU by which a sentence may differ from the target for being what it is: louder when exclaimed.
One that differs more is brought so near."""

MOST = 12.0
"""Decibels by which one sentence, or all of them, are made louder or softer at most."""

ATTEMPTS = 6
"""How often the gain of a sentence is tried at most until it is near: the limiter takes less of it
the softer it is."""

AHEAD = 0.1
"""Seconds that are heard ahead, whatever happens, before a sound is let go."""

GRACE = 0.4
"""Seconds of the narration that are let go so early, for a listener who waits."""

GROWTH = 2.0
"""Seconds more that are heard ahead for each second that follows: its listener is that far behind,
so that he does not wait again."""

DOUBT = 1.5
"""LU of tolerance more, times the seconds heard, for a sentence that was not heard to its end: it
may begin louder than it goes on."""

AGAIN = 1.1
"""Times as much must have been heard for another judgement of what it needs."""

GLIDE = 1.0
"""Decibels a second by which the gain of such a sentence changes at most."""

NOISE = -50.0
"""LUFS below which a sentence is no speech and is left alone."""

LIMITER_LOSS = 3.0
"""Decibels that the limiter takes of ordinary prose: the common correction to begin with."""

STEP = 1.0
"""Decibels by which the common correction changes from one sentence to the next at most."""

NOTCH = 0.5
"""Decibels between the common gains that there are."""

STAY = 0.75
"""Decibels by which the common gain may be off before another is taken. So an edit changes the gain
of few sentences after it, and what was encoded of the others can be used again."""

MEMORY = 30.0
"""Seconds of speech over which the common correction is learned and shortfalls are made good."""

CATCH_UP = 1.0
"""Decibels spent on making good what was too soft or too loud before, at most."""

SECOND = STEPS // HOP
"""Hops."""

_RISE = np.arange(1, HOP + 1) / HOP
"""Of a change from one hop to the next, what each step has."""


def master(
    pieces: Iterable[Piece],
    *,
    gain_db: float,
    target: float = TARGET,
    ceiling: float = CEILING,
) -> Iterator[Piece]:
    """The pieces at `target` LUFS with no true peak above `ceiling` dBTP once encoded; as many
    samples as before, at the same times, cut otherwise. The samples do not depend on how those that
    came were cut. `gain_db` is the voice's measured gain; an intro or outro comes with its own
    loudness and is only limited."""
    leveller = Leveller(target, gain_db, ceiling - CODEC_MARGIN)
    passage: _Passage | None = None
    position = 0
    for piece in pieces:
        if passage is None:
            passage = _Passage(leveller, piece)
        sound = passage.feed(piece.sound)
        if piece.last:
            sound = np.concatenate([sound, passage.rest()])
            passage = None
        if len(sound) or piece.last:
            yield replace(piece, sound=sound, start=position)
        position += len(sound)


class Leveller:
    """What the finished sentences teach about the gain of the next one."""

    def __init__(self, target: float, gain_db: float, top: float) -> None:
        self.target = target
        """LUFS."""
        self.top = top
        """dBTP that no peak may pass."""
        self.meter = Meter()
        """Of all that went out."""
        self.gain = _notch(gain_db + LIMITER_LOSS)
        """Decibels for a sentence that is as loud as most."""
        self._gain_db = gain_db
        self._correction = LIMITER_LOSS
        """Decibels for every sentence: for what the limiter takes, and for a voice whose measured
        gain does not fit the article."""
        self._weight = 5.0
        """Seconds of speech behind `_missed`, older ones counting less."""
        self._missed = -LIMITER_LOSS * self._weight
        """Decibels times seconds by which sentences would have missed the target without any
        correction."""

    def own(self, heard: Envelope, gain: float, tolerance: float) -> float:
        """Decibels that a sentence, of which so much was heard, needs besides `gain` to be as near
        the target as is tolerated."""
        excess = decibels(heard.peaks) + gain - self.top
        own = 0.0
        for _ in range(ATTEMPTS):
            lowered = limited(np.maximum(0, excess + own))
            level = integrated(heard.energies * 10 ** ((gain + own - lowered) / 10))
            if level < NOISE:
                return 0.0
            off = level - self.target
            beyond = off - np.clip(off, -tolerance, tolerance)
            if not beyond:
                break
            own = float(np.clip(own - beyond, -MOST, MOST))
        return own

    def learn(self, energies: Floats, gain: float) -> None:
        """Take into account a sentence that went out with `gain`; the K-weighted mean squares of
        its steps."""
        level = integrated(energies)
        if level < NOISE:
            return
        seconds = len(energies) / STEPS
        fading = 0.5 ** (seconds / MEMORY)
        missed = level - (gain - self._gain_db) - self.target
        self._missed = self._missed * fading + seconds * missed
        self._weight = self._weight * fading + seconds
        shortfall = self.target - self.meter.integrated()
        # The longer the narration, the more speech a shortfall of its whole has to be made good by.
        catch_up = np.clip(shortfall * min(self.meter.seconds / MEMORY, 4), -CATCH_UP, CATCH_UP)
        wanted = np.clip(catch_up - self._missed / self._weight, -MOST, MOST)
        self._correction += float(np.clip(wanted - self._correction, -STEP, STEP))
        wish = self._gain_db + self._correction
        if abs(wish - self.gain) > STAY:
            self.gain = _notch(wish)


class _Passage:
    """A sentence, intro or outro on its way: traced, levelled, limited and let go.

    As many hops at once as can be, and every operation exact or step by step, so that the samples
    are the same to the bit however many those are.
    """

    def __init__(self, leveller: Leveller, first: Piece) -> None:
        self._leveller = leveller
        self._speech = first.speech
        self._brief = first.brief
        self._began = first.start / first.sample_rate
        """Seconds of the narration."""
        self._gain = leveller.gain if first.speech else 0.0
        self._tracer = Tracer(first.sample_rate)
        self._limiter = Limiter()
        width = step_width(first.sample_rate)
        self._places = ((np.arange(width) + 0.5) / width - 0.5).astype(np.float32)
        """Of the samples of a step, in steps from its middle."""
        self._waiting = np.zeros(0, np.float32)
        """Samples that were not let go."""
        self._heard: list[Envelope] = []
        """All hops so far."""
        self._own: list[float] = []
        """Decibels that each hop gets besides the gain, as far as that is decided."""
        self._wanted = 0.0
        """What they are to become, as far as that is known."""
        self._judged = 0
        """Hops on which that is founded."""
        self._gains = np.zeros(0)
        """Decibels of steps that were levelled and not limited."""
        self._curve = np.zeros(0)
        """Decibels, limiter included, of the steps from the last one that was let go."""
        self._gone = 0
        """Hops that were let go."""
        self._out: list[Floats] = []
        """Energies of their steps."""

    def feed(self, sound: Sound) -> Sound:
        """What of the passage can be let go."""
        self._waiting = np.concatenate([self._waiting, sound])
        self._heard += self._tracer.feed(sound)
        return self._advance(ended=False)

    def rest(self) -> Sound:
        """What was held back."""
        self._heard += self._tracer.rest()
        sound = self._advance(ended=True)
        if not self._heard:
            return sound
        self._limit(np.full(HOP, self._gains[-1]), np.zeros(HOP))
        sound = np.concatenate([sound, self._let_go(1)])
        self._leveller.meter.add(np.concatenate(self._out))
        if self._speech:
            own = np.repeat(self._own, HOP)
            self._leveller.learn(np.concatenate(self._out) * 10 ** (-own / 10), self._gain)
        return sound

    def _advance(self, *, ended: bool) -> Sound:
        """What can be let go now that more was heard."""
        first = len(self._own)
        while len(self._own) < len(self._heard) and (known := self._known(ended)):
            whole = ended and known == len(self._heard)
            self._own.append(self._next_own(known, whole=whole))
        count = len(self._own) - first
        if not count:
            return np.zeros(0, np.float32)
        own = np.array([*self._own[max(0, first - 1) :][:1], *self._own[first:]])[:, None]
        gains = (self._gain + own[:-1] + np.diff(own, axis=0) * _RISE).reshape(-1)
        peaks = gathered(self._heard[first : first + count]).peaks
        self._limit(gains, np.maximum(0, decibels(peaks) + gains - self._leveller.top))
        return self._let_go(count if first else count - 1)

    def _known(self, ended: bool) -> int:
        """The hops that decide the gain of the next one, 0 if they were not heard yet. It does not
        depend on how much was heard by chance."""
        if self._brief:
            return len(self._heard) if ended else 0
        number = len(self._own)
        ahead = AHEAD
        if self._speech:
            ahead += GROWTH * max(0.0, self._began + number / SECOND - GRACE)
        known = number + round(ahead * SECOND)
        if len(self._heard) > known:
            return known
        return len(self._heard) if ended else 0

    def _next_own(self, known: int, *, whole: bool) -> float:
        """Decibels for the next hop besides the gain, of which so many hops were heard."""
        if not self._speech:
            return 0.0
        if known >= self._judged * AGAIN or (whole and known > self._judged):
            doubt = 0.0 if whole else DOUBT * SECOND / known
            heard = gathered(self._heard[:known])
            self._wanted = self._leveller.own(heard, self._gain, TOLERANCE + doubt)
            self._judged = known
        if not self._own:
            return self._wanted
        change = self._wanted - self._own[-1]
        return self._own[-1] + float(np.clip(change, -GLIDE / SECOND, GLIDE / SECOND))

    def _limit(self, gains: Floats, excess: Floats) -> None:
        """Take the gains of the next hop, and decibels by which its peaks pass the ceiling."""
        begins = not len(self._curve)
        lowered = self._limiter.feed(excess)[DELAY if begins else 0 :]
        self._gains = np.concatenate([self._gains, gains])
        curve = self._gains[: len(lowered)] - lowered
        self._gains = self._gains[len(lowered) :]
        self._curve = np.concatenate([curve[:1] if begins else self._curve, curve])

    def _let_go(self, count: int) -> Sound:
        """The next hops, or what there is of them."""
        curve, self._curve = self._curve[: count * HOP + 2], self._curve[count * HOP :]
        sound = self._waiting[: count * self._tracer.hop]
        self._waiting = self._waiting[len(sound) :]
        heard = gathered(self._heard[self._gone : self._gone + count])
        self._gone += count
        self._out.append(heard.energies * 10 ** (curve[1:-1] / 10))
        levels = (10 ** (curve / 20)).astype(np.float32)[:, None]
        before, after = levels[:-2] - levels[1:-1], levels[2:] - levels[1:-1]
        lines = (
            levels[1:-1]
            + before * np.maximum(0, -self._places)
            + after * np.maximum(0, self._places)
        )
        mastered: Sound = sound * lines.reshape(-1)[: len(sound)]
        return mastered


def _notch(gain: float) -> float:
    """The nearest common gain."""
    return NOTCH * round(gain / NOTCH)


def decibels(amplitudes: Floats) -> Floats:
    """20 log10, with something finite for silence."""
    return np.asarray(20 * np.log10(np.maximum(amplitudes, 1e-9)))
