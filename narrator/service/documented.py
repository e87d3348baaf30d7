"""What the OpenAPI document says of answers: each status that an operation may have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Path

from narrator.service.problems import KINDS, MEDIA_TYPE, OTHER

ANYWHERE = (414, 421, 429, 431, 500, 503)
"""Statuses of problems that any operation may have."""

WITH_BODY = (400, 408, 413, 422)
"""And any that takes a body."""

MAKING = (410, 422, 507)
"""And any that has something made."""

NarrationId = Annotated[
    str,
    Path(
        description="Id of a narration, or of a request for one.",
        examples=["N3-0123456789abcdef0123456789abcdef"],
    ),
]
ArticleId = Annotated[
    str,
    Path(
        description="Id of an article: the one that was chosen, or the one that was answered.",
        examples=["tea"],
    ),
]
KnownVoice = Annotated[
    str, Path(description="Id of a voice, see /v1/voices.", examples=["en_US-joe-medium"])
]

Answers = dict[int | str, dict[str, Any]]

_BINARY = {"type": "string", "format": "binary"}
_OBJECT = {"type": "object"}
_TEXT = {"type": "string"}


def problems(*statuses: int) -> Answers:
    """Problems with these statuses."""
    return {status: _problem(status) for status in statuses}


def file(media_type: str, what: str) -> Answers:
    """A file of a narration that is finished, or of one that is being made."""
    kind, _, form = media_type.partition("/")
    schema = _BINARY if kind == "audio" else _OBJECT if "json" in form else _TEXT
    content = {media_type: {"schema": schema}}
    etag = {"ETag": _header("The sha256 of the file; only of a finished narration.")}
    ranged = {"Content-Range": _header("`bytes FIRST-LAST/SIZE`"), **etag}
    return {
        200: {"description": f"{what}, whole or as it is being made.", "headers": etag,
              "content": content},
        206: {"description": "The part that Range names.", "headers": ranged, "content": content},
        304: {"description": "It is what If-None-Match names.", "headers": etag},
        307: _led("The narration that the request turned out to be."),
        **problems(404, 410, 416, 422, 502),
    }  # fmt: skip


def leads(what: str) -> Answers:
    """A redirect."""
    return {307: _led(what), **problems(404, 410)}


def completed(document: dict[str, Any]) -> None:
    """Add to an OpenAPI document what any operation may answer, and leave out what none does."""
    for operations in document["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            if "HTTPValidationError" in str(answers.get("422", "")):
                del answers["422"]
            more = [*ANYWHERE, *(WITH_BODY if "requestBody" in operation else ())]
            for status, told in problems(*more).items():
                answers.setdefault(str(status), told)
            operation["responses"] = dict(sorted(answers.items()))
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)


def _led(what: str) -> dict[str, Any]:
    return {"description": what, "headers": {"Location": _header("Its address.")}}


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def _problem(status: int) -> dict[str, Any]:
    """All kinds of problem that have the status."""
    kinds = [kind for kind in _kinds() if kind.status == status]
    types = " or ".join(f"`{kind.slug}`" for kind in kinds)
    title = kinds[0].title if len(kinds) == 1 else "A problem"
    told: dict[str, Any] = {
        "description": f"{title}: {types}.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}},
    }
    if status in (429, 503):
        told["headers"] = {"Retry-After": _header("Seconds after which to ask again.")}
    return told


def _kinds() -> Iterable[Any]:
    return (*KINDS.values(), *OTHER.values())
