"""Structured logs: one JSON object a line on stderr, each with the id of the request it is about.

Addresses are logged without their query, headers and bodies not at all: no key, no text of an
article gets into a log.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from contextvars import ContextVar
from typing import Literal

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the HTTP request that is being answered."""

FIELDS = (
    "request", "method", "path", "route", "status", "seconds", "bytes", "client", "key",
    "narration", "run", "url", "pid", "article", "addresses", "narrations",
)  # fmt: skip
"""What a record may say besides its message (`extra=`), in this order."""


class JsonLines(logging.Formatter):
    """A record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        about = {
            "time": f"{moment}.{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            about["trace"] = self.formatException(record.exc_info)
        return json.dumps(about, ensure_ascii=False)


class Lines(logging.Formatter):
    """A record for people."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        fields = " ".join(f"{name}={_shown(value)}" for name, value in _fields(record).items())
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower():7} "
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{line}{record.getMessage()} {fields}".rstrip() + trace


def _fields(record: logging.LogRecord) -> dict[str, object]:
    found = {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
    current = request_id.get()
    return {"request": current, **found} if current and "request" not in found else found


def _shown(value: object) -> str:
    """A value as one word; quoted where it could be taken for more, or for more lines."""
    text = str(value)
    return text if text.isprintable() and not set(text) & set(' "=') else json.dumps(text)


def _expected(record: logging.LogRecord) -> bool:
    """False for what the server takes for a fault: an answer that we cut, so that nobody takes a
    part for the whole."""
    return not record.msg.startswith("ASGI callable returned without completing")


def set_up(form: Literal["json", "text"]) -> None:
    """Send what the service and its server say to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else Lines())
    handler.addFilter(_expected)
    for name, level in (("narrator", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
