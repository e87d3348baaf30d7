"""`narrator work` with a voice that speaks tones and takes as long as Piper would on one thread:

    python slow_worker.py SECONDS-FOR-A-SECOND-OF-SOUND THREADS

It stands for machines that cannot be had; queue and library come from the environment.
"""

from __future__ import annotations

import sys
import time
from threading import Event

from narrator.engines import Hear
from narrator.engines.tone import ToneEngine
from narrator.model import Segment, Sentence
from narrator.queue import LANES, open_queue
from narrator.remote import work
from narrator.settings import load_settings
from narrator.studio import Studio

_speak = ToneEngine.speak
_pace = float(sys.argv[1])


def _slowly(
    self: ToneEngine, sentence: Sentence, speed: float, hear: Hear | None = None
) -> Segment:
    segment = _speak(self, sentence, speed, hear)
    time.sleep(_pace * len(segment.samples) / segment.sample_rate)
    return segment


ToneEngine.speak = _slowly  # type: ignore[method-assign]
settings = load_settings(threads=int(sys.argv[2]))
work(Studio(settings), open_queue(settings.queue), lanes=LANES, stop=Event())
