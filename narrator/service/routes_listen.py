"""/v1/listen: what a player asks for the page that it stands in."""

from __future__ import annotations

import asyncio
from urllib.parse import urldefrag, urlsplit

from fastapi import APIRouter, Response
from starlette.requests import Request as HttpRequest

from narrator.service import demo
from narrator.service.answers import NarrationAnswer, Page
from narrator.service.context import Service, caller_of, service_of
from narrator.service.desk import Found, Reading, received
from narrator.service.documented import MAKING, problems
from narrator.service.offer import check_language, offered_voice
from narrator.service.requests import Request
from narrator.service.shelf import Manifest
from narrator.service.structure import BodyRoute

router = APIRouter(tags=["Players"], route_class=BodyRoute)

PATIENCE = 2.0
"""Seconds that a player waits for a page to be read before it is told to ask again."""


@router.post(
    "/v1/listen",
    response_model=NarrationAnswer,
    response_model_exclude_none=True,
    responses={
        200: {"description": "It is ready."},
        202: {"description": "It is being made.", "model": NarrationAnswer},
        **problems(403, 502, *MAKING),
    },
)
async def listen(asked: Page, http: HttpRequest, response: Response) -> NarrationAnswer:
    """The narration of a page as it is now, found or made.

    200: it is ready. 202: it is being made and can be heard already, or (`"state": "reading"`) the
    page is still being fetched: ask `links.self` again. Only pages of allowed hosts are read. A
    page is asked whether it has changed once in a while (`recheck`); if it has, only the sentences
    that are new are spoken, as the publisher chose. What a listener chooses (a voice, a language, a
    query that the page does not call its own) is heard and becomes no version of the article.
    """
    service = service_of(http)
    if asked.voice:
        offered_voice(asked.voice, service.settings.service)
    if asked.language:
        check_language(asked.language, service.settings.service, asked.voice or "")
    request = Request(
        id="", received=received(), url=urldefrag(asked.url).url,
        language=asked.language or "", voice=asked.voice or "",
    )  # fmt: skip
    demonstrated = _is_demo(http, service, request.url)
    found: Found = await asyncio.to_thread(
        service.listening.current, request, caller_of(http), demonstrated=demonstrated
    )
    if isinstance(found, Reading):
        found = await service.read_soon(found, PATIENCE)
    status = service.status(found)
    own = service.listening.article(request.url, status.id)
    status.article = own or status.article  # Another may have been the first to have its words.
    response.status_code = 200 if isinstance(found, Manifest) else 202
    response.headers["Content-Location"] = status.links.self
    response.headers["Cache-Control"] = "no-store"
    return status


def _is_demo(http: HttpRequest, service: Service, url: str) -> bool:
    """Whether it is our own page, which need not be fetched."""
    parts = urlsplit(url)
    own = {http.url.netloc, urlsplit(service.base).netloc}
    return parts.netloc in own and parts.path == f"{http.scope.get('root_path', '')}{demo.PATH}"
