"""What a request may be before it is a narration: a page that is being read, or nothing."""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future
from dataclasses import dataclass

from narrator.errors import NarratorError
from narrator.service.problems import Problem
from narrator.service.requests import Request

log = logging.getLogger("narrator.service")


@dataclass(frozen=True, slots=True)
class Reading:
    """A request whose page is being fetched and read, or whose article is planned again."""

    request: Request
    narration: Future[str]
    """The id of the narration that it turns out to be, or the error."""
    known: str = ""
    """The id of the narration that a listener hears meanwhile, if there is one."""
    caller: str = ""
    """Who asked; empty: it was stored."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed, and why."""

    id: str
    problem: Problem


def received() -> float:
    """Now, as requests note it."""
    return round(time.time(), 3)


def as_ours(error: Exception, request: Request) -> NarratorError:
    """An error as one of ours; what nobody foresaw is told in the log."""
    if isinstance(error, NarratorError):
        return error
    log.error("reading failed", exc_info=error, extra={"request": request.id})
    return NarratorError(str(error))
