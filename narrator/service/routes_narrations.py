"""/v1/narrations: ask for one, see how far it is, hear it, take it down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, StreamingResponse

from narrator.audio.captions import cue_fields, webvtt
from narrator.errors import Busy, DamagedRecord, NotFound
from narrator.publishing.names import CAPTIONS, CHAPTERS, CUES, SCRIPT
from narrator.reading import TextFormat
from narrator.service.answers import Asked, NarrationAnswer, partial_chapters, partial_cues
from narrator.service.audit import audit
from narrator.service.context import Service, article_of, caller_of, service_of
from narrator.service.desk import Failure, Reading, received
from narrator.service.documented import MAKING, NarrationId, file, problems
from narrator.service.live import LIVE_HEADERS, LiveAudio, events, finished_events, started
from narrator.service.makings import Making
from narrator.service.problems import answer
from narrator.service.products import (
    AUDIO,
    TRANSCRIPT,
    about_of,
    content_type,
    shown_name,
    told_script,
    transcript,
)
from narrator.service.ranges import send
from narrator.service.reading_child import Document
from narrator.service.requests import Request
from narrator.service.shelf import About, Manifest
from narrator.service.structure import BodyRoute
from narrator.service.withdrawals import shown

router = APIRouter(prefix="/v1/narrations", tags=["Narrations"], route_class=BodyRoute)

SOON = 1.0
"""Seconds after which something that is being made may be there."""

LOOKS = 3
"""Looks at a narration that ends while a document of it is built."""

NO_STORE = {"Cache-Control": "no-store"}

_CUES = TypeAdapter(dict[str, Any])


@router.post(
    "",
    status_code=202,
    response_model=NarrationAnswer,
    response_model_exclude_none=True,
    responses={
        201: {"description": "It is ready.", "model": NarrationAnswer},
        202: {"description": "It is being made, or its page is being read."},
        **problems(403, 502, *MAKING),
    },
)
async def ask(asked: Asked, http: HttpRequest, response: Response) -> NarrationAnswer:
    """Have an article narrated.

    201: it is ready. 202: it is stored and will be made, whatever happens to this connection or
    this process. The same content gives the same id, whoever asks and however often. A page at a
    `url` is read first: until then the id is the request's, which then names the narration.
    """
    service = service_of(http)
    request = Request(
        id="", received=received(), url=asked.url or "", chosen=asked.id or "",
        title=asked.title or "", language=asked.language or "", voice=asked.voice or "",
        speed=asked.speed, batch=asked.batch, listed=asked.listed, sent=not asked.url,
    )  # fmt: skip
    found: Manifest | Making | Reading
    if asked.url:
        found = await service.desk.reading(
            partial(service.desk.take_page, request, caller_of(http))
        )
    else:
        planned = await service.desk.planned(request, _document(asked), caller_of(http))
        found = await service.desk.reading(partial(service.desk.take, request, planned))
    status = service.status(found)
    status.article = (
        asked.id or status.article
    )  # Another may have been the first to have its words.
    response.status_code = 201 if isinstance(found, Manifest) else 202
    response.headers["Location"] = status.links.self
    response.headers["Cache-Control"] = "no-store"
    return status


def _document(asked: Asked) -> Document:
    kinds: tuple[tuple[str | None, TextFormat], ...] = (
        (asked.markdown, "markdown"), (asked.html, "html"), (asked.text, "text"),
    )  # fmt: skip
    text, kind = next((text, kind) for text, kind in kinds if text)
    return Document(text, f"the {kind}", kind)


@router.get(
    "/{narration_id}",
    response_model=NarrationAnswer,
    response_model_exclude_none=True,
    responses=problems(404, 410),
)
async def status(
    narration_id: NarrationId, http: HttpRequest, response: Response
) -> NarrationAnswer:
    """The state of a narration, its progress by sentences, and links to all that belongs to it."""
    service = service_of(http)
    response.headers.update(NO_STORE)
    found = await service.find(narration_id)
    if isinstance(found, Manifest):  # Its first article may be down, and another have it.
        found = await asyncio.to_thread(shown, service.shelf, found) or found
    return service.status(found)


@router.delete("/{narration_id}", status_code=204, responses=problems(404, 409, 410, 422, 502, 507))
async def take_down(narration_id: NarrationId, http: HttpRequest) -> Response:
    """Take down the article that has a narration, as `DELETE /v1/articles/{id}` does. 409 where
    several articles have it, for they have the same words: then one of them has to be named."""
    service = service_of(http)
    withdrawals = service.desk.withdrawals
    pending = service.shelf.takedowns.pending(narration_id)
    if pending is not None:
        article, gone = pending, await asyncio.to_thread(withdrawals.take_down, pending)
    else:
        some_id, own = await _to_take_down(service, narration_id)
        article, gone = await asyncio.to_thread(withdrawals.take_down_narration, some_id, own)
    service.feeds.forget()
    audit("took down", http, article, gone)
    return Response(status_code=204)


async def _to_take_down(service: Service, narration_id: str) -> tuple[str, About | None]:
    """What the id stands for, and what that says of its article; what is damaged says nothing."""
    try:
        found = await service.find(narration_id)
        if isinstance(found, Reading):
            found = await service.read(found)
    except DamagedRecord:
        return narration_id, None
    if isinstance(found, Making):
        return found.id, about_of(found.request, found.planned.article, article_of(found))
    if isinstance(found, Manifest):
        return found.id, About(found.article, found.url)
    return (found.request.id if isinstance(found, Reading) else found.id), None


@router.get(
    "/{narration_id}/audio.mp3",
    response_class=Response,
    responses=file("audio/mpeg", "The audio"),
)
@router.head("/{narration_id}/audio.mp3", include_in_schema=False)
async def audio(narration_id: NarrationId, http: HttpRequest) -> Response:
    """The audio. Finished: with ranges and an ETag, never to change. While it is being made: the
    stream from its first sentence on, chunked, with neither."""
    service = service_of(http)
    found = await service.find(narration_id)
    if isinstance(found, Reading):
        found = await service.read(found)
    if isinstance(found, Making):
        if http.method == "HEAD":
            return Response(headers={"Content-Type": content_type(AUDIO), **LIVE_HEADERS})
        if found.join():
            service.workshop.hurry()
            await started(found)
            return LiveAudio(found)
        found = await service.find(narration_id)
    return await _stored(http, service, found, AUDIO)


@router.get(
    "/{narration_id}/cues.json",
    response_class=Response,
    responses=file("application/json", "The cues"),
)
@router.head("/{narration_id}/cues.json", include_in_schema=False)
async def cues(narration_id: NarrationId, http: HttpRequest) -> Response:
    """When each sentence and word is heard and where it stands in the page. While the narration is
    being made: those so far, and `"complete": false`."""
    return await _so_far(http, narration_id, CUES, _cues_so_far)


@router.get(
    "/{narration_id}/captions.vtt",
    response_class=Response,
    responses=file("text/vtt", "The captions"),
)
@router.head("/{narration_id}/captions.vtt", include_in_schema=False)
async def captions(narration_id: NarrationId, http: HttpRequest) -> Response:
    """Captions as WebVTT; while the narration is being made, those so far."""
    return await _so_far(http, narration_id, CAPTIONS, lambda making: webvtt(making.cues))


@router.get(
    "/{narration_id}/script.json",
    response_class=Response,
    responses=file("application/json", "The script"),
)
@router.head("/{narration_id}/script.json", include_in_schema=False)
async def script(narration_id: NarrationId, http: HttpRequest) -> Response:
    """What is said: every sentence, its words, the rules that changed them, and what is left out
    and why. Known before the audio is."""
    return await _so_far(
        http, narration_id, SCRIPT, lambda making: [told_script(making.planned)], grows=False
    )


@router.get(
    "/{narration_id}/chapters.json",
    response_class=Response,
    responses=file("application/json+chapters", "The chapters"),
)
@router.head("/{narration_id}/chapters.json", include_in_schema=False)
async def chapters(narration_id: NarrationId, http: HttpRequest) -> Response:
    """Chapters in the form of Podcasting 2.0; while the narration is being made, those so far, of
    which the last ends where the audio does."""
    return await _so_far(http, narration_id, CHAPTERS, lambda making: [partial_chapters(making)])


@router.get(
    "/{narration_id}/transcript.txt",
    response_class=Response,
    responses=file("text/plain", "The text"),
)
@router.head("/{narration_id}/transcript.txt", include_in_schema=False)
async def text(narration_id: NarrationId, http: HttpRequest) -> Response:
    """The article as plain text."""
    return await _so_far(
        http, narration_id, TRANSCRIPT, lambda making: [transcript(making.planned.article)],
        grows=False,
    )  # fmt: skip


@router.get(
    "/{narration_id}/events",
    response_class=Response,
    responses={
        200: {
            "description": "Events, until it is finished.",
            "content": {"text/event-stream": {}},
        },
        **problems(404, 410, 422, 502),
    },
)
async def happenings(
    narration_id: NarrationId,
    http: HttpRequest,
    last_event_id: Annotated[
        str, Header(description="Number of the last cue that is known: only later ones are sent.")
    ] = "",
) -> Response:
    """Server-sent events: `status`, a `cue` for each sentence (also those before), `progress`, and
    last `ready` or `failed`."""
    service = service_of(http)
    found = await _found(service, narration_id)
    after = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 9 else 0

    def told(found: Manifest | Making) -> dict[str, Any]:
        return service.status(found).model_dump(exclude_none=True)

    if isinstance(found, Making):
        making = found
        happening = events(
            making,
            lambda: told(making.manifest or making),
            after,
            lambda: service.closing,
        )
    elif isinstance(found, Manifest):
        manifest = found
        status = told(found)
        return await service.documents.once(
            lambda: finished_events(status, _cues(service, manifest), after),
            "text/event-stream",
            LIVE_HEADERS,
        )
    else:
        return await _stored(http, service, found, AUDIO)
    return StreamingResponse(happening, media_type="text/event-stream", headers=LIVE_HEADERS)


async def _so_far(
    http: HttpRequest,
    narration_id: str,
    name: str,
    make: Callable[[Making], Iterable[str]],
    *,
    grows: bool = True,
) -> Response:
    """A document of a narration, finished or as `make` makes it of what there is so far."""
    service = service_of(http)
    found = await _found(service, narration_id)
    for _ in range(LOOKS):
        if not isinstance(found, Making):
            break
        told = await service.documents.so_far(found, name, partial(make, found), grows=grows)
        if told is not None:
            return told
        found = await _found(service, narration_id)  # It ended meanwhile.
    return await _stored(http, service, found, name)


def _cues_so_far(making: Making) -> list[str]:
    fields = [cue_fields(cue) for cue in making.cues]
    told = partial_cues(making, fields)
    return [json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))]


def _cues(service: Service, found: Manifest) -> list[dict[str, Any]]:
    """The cues of a finished narration; DamagedRecord. Blocks."""
    data = service.studio.library.read(found.files[CUES].name, use=False)
    try:
        found_cues: list[dict[str, Any]] = _CUES.validate_json(data or b"")["cues"]
    except (ValidationError, KeyError) as error:
        raise DamagedRecord(
            f"The cues of {found.id} are damaged. Whoever runs the service mends it by `narrator "
            "library repair`; then it is made anew when it is asked for again."
        ) from error
    return found_cues


async def _found(service: Service, narration_id: str) -> Any:
    """What the id stands for, its page read."""
    found = await service.find(narration_id)
    return await service.read(found) if isinstance(found, Reading) else found


async def _stored(http: HttpRequest, service: Service, found: Any, name: str) -> Response:
    """A file of a finished narration; the problem where it is not finished."""
    if isinstance(found, Failure):
        return answer(found.problem)
    if not isinstance(found, Manifest):
        raise Busy("The narration is not ready. Ask again soon.", retry_after=SOON)
    file = found.files.get(name)
    if file is None:
        raise NotFound(f"The narration {found.id} has no {name}.")
    own = http.path_params["narration_id"] == found.id
    if not own:
        return RedirectResponse(f"{service.base}/v1/narrations/{found.id}/{name}", 307, NO_STORE)
    stands = service.settings.service.redirect
    if name == AUDIO and stands:
        signed = await asyncio.to_thread(service.studio.library.address, file.name, stands)
        if signed:
            return RedirectResponse(signed, 307, {"Cache-Control": f"max-age={stands / 2:.0f}"})
    return await send(http, service.studio.library, file, filename=shown_name(found.id, name))
