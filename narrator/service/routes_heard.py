"""/v1/heard: how far articles are heard, where the site wants to know. No cookie, no address, no
visitor: one sum for each tenth of each article."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from starlette.requests import Request as HttpRequest

from narrator.errors import NotFound
from narrator.service.context import service_of
from narrator.service.counts import Counts
from narrator.service.documented import problems

router = APIRouter(prefix="/v1/heard", tags=["Players"])


class Heard(BaseModel):
    """How far one article was heard."""

    article: str
    heard: list[int] = Field(
        description="Listens that began, then those that came to 10 %, 20 % ... 100 %."
    )


class AllHeard(BaseModel):
    """How far all articles were heard, the most heard first."""

    articles: list[Heard]


@router.post("", status_code=204, response_class=Response, responses=problems(404, 422))
async def count(
    http: HttpRequest,
    article: Annotated[
        str, Query(min_length=1, max_length=2000, description="Its id.", examples=["tea"])
    ],
    percent: Annotated[
        int, Query(ge=0, le=100, multiple_of=10, description="How far it was heard.", examples=[50])
    ],
) -> Response:
    """Count that somebody began to hear an article (0), or came to so many percent of it. Only
    where the setting `count_listening` is on, and only of articles that have a narration."""
    counts = _counts(http)
    if not await asyncio.to_thread(service_of(http).shelf.is_heard, article):
        raise NotFound(f"There is no article {article[:100]!r}.")
    await asyncio.to_thread(counts.add, article, percent // 10)
    return Response(status_code=204)


@router.get("", responses=problems(404))
async def heard(http: HttpRequest, response: Response) -> AllHeard:
    """How far articles are heard."""
    sums = await asyncio.to_thread(_counts(http).all)
    response.headers["Cache-Control"] = "no-store"
    ranked = sorted(sums.items(), key=lambda each: (-each[1][0], each[0]))
    return AllHeard(articles=[Heard(article=name, heard=each) for name, each in ranked])


def _counts(http: HttpRequest) -> Counts:
    counts = service_of(http).counts
    if counts is None:
        raise NotFound("Listening is not counted here: the setting count_listening is off.")
    return counts
