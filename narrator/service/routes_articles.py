"""/v1/articles: what an article is narrated as now, and was before; takedowns and their end.
/feed.xml: the newest."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field
from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse

from narrator.errors import LibraryError, NotFound, TakenDown
from narrator.publishing.names import BRIEFLY, CAPTIONS, CHAPTERS, CUES, FEED, SCRIPT, media_type
from narrator.service.answers import NarrationAnswer, links
from narrator.service.audit import audit
from narrator.service.context import Service, service_of
from narrator.service.desk import Failure
from narrator.service.documented import ArticleId, leads, problems
from narrator.service.products import AUDIO, TRANSCRIPT
from narrator.service.ranges import matches
from narrator.service.requests import CHOSEN
from narrator.service.shelf import Version

router = APIRouter(tags=["Articles"])

EARLIER = 20
"""Narrations of an article that are told at most."""

PARTS = (AUDIO, CAPTIONS, CUES, SCRIPT, CHAPTERS, TRANSCRIPT)
"""What a narration has, by the last part of its address."""


class ArticleAnswer(BaseModel):
    """An article over all its edits."""

    id: str
    current: NarrationAnswer = Field(description="The newest narration, made or being made.")
    earlier: list[NarrationAnswer] = Field(
        description="Those before it, the newest first, until they are retired."
    )
    links: dict[str, str] = Field(
        description="Addresses that lead to the parts of the current narration, whichever it is."
    )


@router.get(
    "/v1/articles/{article_id}",
    response_model=ArticleAnswer,
    response_model_exclude_none=True,
    responses=problems(404, 410),
)
async def article(article_id: ArticleId, http: HttpRequest, response: Response) -> ArticleAnswer:
    """What an article is narrated as now, and what it was before it was edited."""
    service = service_of(http)
    found = await _narrations(service, article_id)
    response.headers["Cache-Control"] = "no-store"
    at = f"{service.base}/v1/articles/{article_id}"
    return ArticleAnswer(
        id=article_id,
        current=found[0],
        earlier=found[1:],
        links={name.partition(".")[0]: f"{at}/{name}" for name in PARTS},
    )


@router.get(
    "/v1/articles/{article_id}/{part}",
    status_code=307,
    response_class=Response,
    responses=leads("The part of the current narration."),
)
@router.head("/v1/articles/{article_id}/{part}", include_in_schema=False)
async def part(
    article_id: ArticleId,
    part: Annotated[
        str, Path(json_schema_extra={"enum": [*PARTS]}, description="What is wanted of it.")
    ],
    http: HttpRequest,
) -> Response:
    """A part of the article's current narration: a redirect that may be kept for a minute."""
    if part not in PARTS:
        raise NotFound(f"An article has no {part[:60]!r}; it has {', '.join(PARTS)}.")
    service = service_of(http)
    (current, *_) = await _narrations(service, article_id, most=1)
    to = f"{links(current.id, service.base).self}/{part}"
    return RedirectResponse(to, 307, {"Cache-Control": BRIEFLY})


@router.delete("/v1/articles/{article_id}", status_code=204, responses=problems(404, 410, 507))
async def take_down(article_id: ArticleId, http: HttpRequest) -> Response:
    """Take an article down, with all its narrations, under its id and every spelling of its
    addresses, in any voice, speed and language. Neither asking nor sending it again brings it back
    until it is restored. Other articles stay, even of the same words. Copies in caches between
    here and the listeners are beyond recall."""
    service = service_of(http)
    _check_id(article_id)
    gone = await asyncio.to_thread(service.desk.withdrawals.take_down, article_id)
    service.feeds.forget()
    audit("took down", http, article_id, gone)
    return Response(status_code=204)


@router.post(
    "/v1/articles/{article_id}/restore", status_code=204, responses=problems(404, 409, 507)
)
async def restore(article_id: ArticleId, http: HttpRequest) -> Response:
    """End the takedown of an article. Its files went with it: it is made anew when it is asked for
    or sent again."""
    service = service_of(http)
    _check_id(article_id)
    back = await asyncio.to_thread(service.desk.withdrawals.restore, article_id)
    service.feeds.forget()
    audit("restored", http, article_id, back)
    return Response(status_code=204)


def _check_id(article_id: str) -> None:
    if not CHOSEN.fullmatch(article_id):
        raise NotFound(f"There is no article {article_id[:130]!r}.")


async def _narrations(
    service: Service, article_id: str, most: int = EARLIER
) -> list[NarrationAnswer]:
    """The narrations of an article that can be heard, the newest first; NotFound, TakenDown where
    all were."""
    _check_id(article_id)
    await asyncio.to_thread(service.shelf.takedowns.check, article_id, ())
    versions = await asyncio.to_thread(service.shelf.versions, article_id)
    found: list[NarrationAnswer] = []
    withdrawn = 0
    failure: LibraryError | None = None
    for version in versions:
        try:
            if not found:  # Its address may be down by the takedown of another article.
                await asyncio.to_thread(_check_address, service, version)
            narration = await service.find(version.narration)
        except TakenDown:
            withdrawn += 1
            continue
        except NotFound:
            continue
        except LibraryError as error:  # One that is damaged harms no other.
            failure = failure or error
            continue
        if not isinstance(narration, Failure):
            status = service.status(narration)
            status.article = article_id
            found.append(status)
        if len(found) == most:
            break
    if not found and withdrawn:
        raise TakenDown(f"The narrations of the article {article_id} were taken down.")
    if not found and failure is not None:
        raise failure
    if not found and versions:
        raise NotFound(
            f"The article {article_id[:130]!r} has no narration now. It is made anew when the "
            "article is asked for or sent again."
        )
    if not found:
        raise NotFound(f"There is no article {article_id[:130]!r}.")
    return found


def _check_address(service: Service, version: Version) -> None:
    about = service.shelf.about(version)
    if about is not None:
        service.shelf.takedowns.check(about.article, [about.url, about.asked])


@router.get(
    "/feed.xml",
    response_class=Response,
    responses={
        200: {
            "description": "RSS 2.0.",
            "content": {media_type(FEED): {"schema": {"type": "string"}}},
        },
        304: {"description": "It is what If-None-Match names."},
    },
)
@router.head("/feed.xml", include_in_schema=False)
async def feed(http: HttpRequest) -> Response:
    """The newest narrations as a podcast, with captions and chapters; what it says of itself is in
    the table [feed] of narrator.toml."""
    service = service_of(http)
    base = service.base or str(http.base_url).rstrip("/")
    data = await service.feeds.feed(service.shelf, service.feed, base)
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = {"Cache-Control": BRIEFLY, "ETag": etag}
    if matches(http.headers.get("If-None-Match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=media_type(FEED))
