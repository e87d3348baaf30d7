"""Errors as answers: application/problem+json (RFC 9457), from one table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse

from narrator import errors
from narrator.errors import NarratorError, Refused

MEDIA_TYPE = "application/problem+json"

ECHOED = 200
"""Characters of what was sent that an answer repeats."""

PREFIX = "/problems/"
"""Of every `type`; it is also an address that explains the problem."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: what does not change from one occurrence to the next."""

    status: int
    slug: str
    title: str


class NotReady(Refused):
    """A part that the service needs does not work."""


KINDS: dict[type[NarratorError], Kind] = {
    errors.BadRequest: Kind(400, "bad-request", "The request cannot be understood"),
    errors.KeyNeeded: Kind(401, "key-needed", "A key is needed"),
    errors.NotAllowed: Kind(403, "not-allowed", "That is not allowed"),
    errors.NotFound: Kind(404, "not-found", "There is no such thing"),
    errors.TakenDown: Kind(410, "taken-down", "It was taken down"),
    errors.Ambiguous: Kind(409, "several-articles", "That would concern several articles"),
    errors.TooLarge: Kind(413, "too-large", "That is too large"),
    errors.WrongHost: Kind(421, "wrong-host", "This service does not have that name"),
    errors.TooMany: Kind(429, "too-many-requests", "Too many requests"),
    errors.Busy: Kind(503, "busy", "Too much to do at the moment"),
    errors.Refused: Kind(403, "refused", "That is refused"),
    errors.UnknownVoice: Kind(422, "unknown-voice", "There is no such voice"),
    errors.UnknownLanguage: Kind(422, "unknown-language", "That language is not spoken"),
    errors.UnknownFormat: Kind(422, "unknown-format", "There is no such audio format"),
    errors.UsageError: Kind(422, "invalid", "The request is not valid"),
    errors.NothingToSay: Kind(422, "nothing-to-say", "The article holds no words"),
    errors.TooCostly: Kind(422, "too-costly", "The article takes too much to read"),
    errors.HostNotAllowed: Kind(403, "host-not-allowed", "Pages of that host are not fetched"),
    errors.FetchError: Kind(502, "page-not-fetched", "The page cannot be fetched"),
    errors.SourceError: Kind(422, "unreadable", "The article cannot be read"),
    errors.RecordingUnreadable: Kind(
        422, "recording-unreadable", "The recording that the article names cannot be used"
    ),
    errors.StorageFull: Kind(507, "storage-full", "No space is left"),
    errors.DamagedRecord: Kind(404, "damaged", "What was kept of it is damaged"),
    errors.Abandoned: Kind(503, "abandoned", "It is made no more at the moment"),
    errors.LibraryError: Kind(503, "library-unusable", "The library cannot be used at the moment"),
    NotReady: Kind(503, "not-ready", "The service cannot work at the moment"),
    errors.NarratorError: Kind(500, "internal", "Something went wrong here"),
}
"""The nearest ancestor counts."""

UNUSABLE = {
    "library-unusable": "The library of the service cannot be read or written at the moment, so "
    "this was not done. What is finished can be heard as far as it can be read. Ask again later. "
    "Whoever runs the service: the log says which file and why, under the request's id; see to the "
    "permissions and that the disk can be written, or name another library in NARRATOR_LIBRARY.",
    "storage-full": "No space is left for the library of the service, so this was not done. What "
    "was made before can be heard. Ask again later. Whoever runs the service: the log says more, "
    "under the request's id; free some space (`narrator library gc`).",
}
"""What is said, by slug, where the library is at fault; its errors name paths of the machine."""

LIBRARY_SECONDS = 30.0
"""Seconds after which to ask again where the library is at fault."""

OTHER = {
    405: Kind(405, "method-not-allowed", "That method is not allowed here"),
    406: Kind(406, "not-acceptable", "That cannot be answered as asked"),
    408: Kind(408, "too-slow", "The request did not come in time"),
    414: Kind(414, "address-too-long", "The path and its query are too long"),
    415: Kind(415, "wrong-content-type", "The body must be application/json"),
    431: Kind(431, "head-too-large", "The request's headers are too long"),
    416: Kind(416, "range-not-satisfiable", "The file ends before that range"),
}
"""Kinds that come from HTTP alone, by status."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One occurrence of a kind of problem."""

    kind: Kind
    detail: str
    retry_after: float | None = None
    """Seconds."""
    faults: tuple[dict[str, str], ...] = ()
    """Each invalid member of the request: where it is (`pointer`) and what is wrong (`detail`)."""

    def fields(self) -> dict[str, Any]:
        """As JSON."""
        extra = {"errors": list(self.faults)} if self.faults else {}
        return {
            "type": f"{PREFIX}{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            **extra,
        }

    def headers(self) -> dict[str, str]:
        """What must be said in headers, too."""
        found = {"Cache-Control": "no-store"}
        if self.retry_after is not None:
            found["Retry-After"] = str(max(1, math.ceil(self.retry_after)))
        if self.kind.status == 401:
            found["WWW-Authenticate"] = 'Bearer realm="narrator"'
        return found


def answer(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """The problem as a response."""
    return JSONResponse(
        problem.fields(),
        status_code=problem.kind.status,
        headers={**problem.headers(), **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def shortened(text: str) -> str:
    """A text that came with a request, as far as an answer repeats it."""
    return text if len(text) <= ECHOED else f"{text[:ECHOED]}…"


def kind_of(error: NarratorError) -> Kind:
    """The kind of an error: that of its nearest ancestor in the table."""
    return next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)


def problem_of(error: NarratorError) -> Problem:
    """An error as a problem. What is our own fault is told in the log, not to the world, nor is
    where the library is."""
    kind = kind_of(error)
    if kind.status == 500:
        detail = "The narrator failed at this. The log says more, under the request's id."
    else:
        detail = getattr(error, "public", "") or UNUSABLE.get(kind.slug, str(error))
    away = LIBRARY_SECONDS if kind.slug in UNUSABLE else None
    return Problem(kind, detail, error.retry_after if isinstance(error, Refused) else away)


def problem_in(told: dict[str, Any]) -> Problem:
    """A stored problem, as it was first told."""
    kind = Kind(told["status"], told["type"].rpartition("/")[2], told["title"])
    return Problem(kind, told["detail"])
