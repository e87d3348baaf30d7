"""`narrator work` with a voice that speaks tones and takes as long as Piper would on one thread:

    python slow_worker.py SECONDS-FOR-A-SECOND-OF-SOUND THREADS

It stands for machines that cannot be had; queue and library come from the environment.
"""

from __future__ import annotations

import sys
import time
from functools import lru_cache
from threading import Event

import numpy as np

from narrator.engines import Hear
from narrator.engines.tone import ToneEngine
from narrator.model import Segment, Sentence
from narrator.queue import LANES, open_queue
from narrator.remote import work
from narrator.settings import load_settings
from narrator.studio import Studio

PARTS = 16
"""Of a sentence, as they are heard."""

_speak = ToneEngine.speak
_pace = float(sys.argv[1])


def _slowly(
    self: ToneEngine, sentence: Sentence, speed: float, hear: Hear | None = None
) -> Segment:
    segment = _speak(self, sentence, speed)
    for part in np.array_split(segment.samples, PARTS):
        time.sleep(_pace * len(part) / segment.sample_rate)
        if hear is not None:
            hear(part)
    return segment


ToneEngine._tone = lru_cache(1000)(ToneEngine._tone)  # type: ignore[method-assign]
ToneEngine.speak = _slowly  # type: ignore[method-assign]
settings = load_settings(threads=int(sys.argv[2]))
work(Studio(settings), open_queue(settings.queue), lanes=LANES, stop=Event())
