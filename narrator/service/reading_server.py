"""Imported once by the process that forks the readers: each begins with all of this loaded."""

from __future__ import annotations

import gc
import os
import signal
from contextlib import suppress

from narrator.errors import NarratorError
from narrator.reading import TextFormat, read_text
from narrator.script import write_script
from narrator.service import reading_child as reading_child  # What the readers run.
from narrator.settings import forget_secrets

SERVER = os.getpid()
"""The process that forks; its children inherit this."""

EXAMPLES: dict[TextFormat, str] = {
    "html": "<!doctype html><html lang=en><title>Tea</title><h1>Tea</h1><p>A kettle is $5.</html>",
    "markdown": "# Tea\n\n- *Dr. Smith* came on 3 May 2024.\n- It was 80 °C at 9:30.",
    "text": "The IPCC met on the 1st. It took 2 1/2 h, i.e. 150 min.",
}


def _prepare() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # It ends with the service.
    forget_secrets()
    for kind, text in EXAMPLES.items():
        with suppress(NarratorError):
            write_script(read_text(text, kind), language="en")
    gc.collect()
    gc.freeze()  # Collecting garbage must not copy the pages that readers share.


_prepare()
