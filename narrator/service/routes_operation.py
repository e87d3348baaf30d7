"""For whoever runs the service, or asks what it says: /healthz, /readyz, /metrics, /docs,
/problems."""

from __future__ import annotations

import asyncio
from html import escape

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse

from narrator.errors import NotFound
from narrator.service.context import service_of
from narrator.service.docs import described
from narrator.service.health import OK
from narrator.service.metrics import CONTENT_TYPE
from narrator.service.paper import page, said
from narrator.service.problems import KINDS, MEDIA_TYPE, OTHER, NotReady, problem_of
from narrator.service.remedies import REMEDIES

router = APIRouter(tags=["Operation"])

NO_STORE = {"Cache-Control": "no-store"}


class Alive(BaseModel):
    """It answers."""

    status: str = Field(examples=["ok"])


class Ready(BaseModel):
    """Whether it can work, part by part."""

    status: str = Field(examples=["ok"])
    checks: dict[str, str] = Field(
        description='Part: "ok", or what is wrong with it.',
        examples=[
            {
                "voice": "ok",
                "readers": "ok",
                "library": "ok",
                "disk": "ok",
                "queue": "ok",
                "service": "ok",
            }
        ],
    )


@router.get("/healthz", response_model=Alive)
async def alive(response: Response) -> Alive:
    """Whether the process answers at all. If not, it should be started anew."""
    response.headers.update(NO_STORE)
    return Alive(status=OK)


@router.get("/readyz", response_model=Ready)
async def ready(http: HttpRequest) -> Response:
    """Whether it can do its work: the voice is loaded, documents can be read, the library
    can be written, its disk has room, the queue moves. 503 names what does not, and no requests
    should be sent here."""
    checks = await asyncio.to_thread(service_of(http).health.check)
    wrong = [f"{part}: {told}" for part, told in checks.items() if told != OK]
    if not wrong:
        return JSONResponse({"status": OK, "checks": checks}, headers=NO_STORE)
    problem = problem_of(NotReady(" ".join(wrong), retry_after=5))
    return JSONResponse(
        {**problem.fields(), "checks": checks},
        status_code=problem.kind.status,
        headers=problem.headers(),
        media_type=MEDIA_TYPE,
    )


@router.get("/metrics", response_class=Response)
async def metrics(http: HttpRequest) -> Response:
    """Counters for Prometheus: answers by route, first sound, speed, queue, library, memory."""
    service = service_of(http)
    await asyncio.to_thread(service.metrics.look, service)
    text = await asyncio.to_thread(service.metrics.text)
    return Response(text, headers={"Content-Type": CONTENT_TYPE, **NO_STORE})


@router.get("/docs", include_in_schema=False)
async def docs(http: HttpRequest) -> HTMLResponse:
    """The OpenAPI document for people."""
    return page("narrator: HTTP interface", described(http.app.openapi()))


@router.get("/problems", include_in_schema=False)
async def problems() -> HTMLResponse:
    """All kinds of problems."""
    kinds = sorted([*KINDS.values(), *OTHER.values()], key=lambda kind: (kind.status, kind.slug))
    rows = "".join(
        f'<tr><td>{kind.status}</td><td><a href="problems/{kind.slug}"><code>{kind.slug}</code></a>'
        f"</td><td>{escape(kind.title)}</td></tr>\n"
        for kind in kinds
    )
    return page(
        "What can go wrong",
        said(
            "Errors are `application/problem+json` (RFC 9457). Their `type` is the address of one "
            "of these pages and does not change; `detail` is for people and may."
        )
        + f"<table><thead><tr><th>status</th><th>type</th><th>title</th></tr></thead>\n<tbody>\n"
        f"{rows}</tbody></table>",
    )


@router.get("/problems/{slug}", include_in_schema=False)
async def problem(slug: str) -> HTMLResponse:
    """One kind of problem: what it means, and what helps."""
    for kind in (*KINDS.values(), *OTHER.values()):
        if kind.slug == slug:
            about = f"HTTP status {kind.status}, type `/problems/{slug}`."
            return page(kind.title, said(f"{about}\n\n{REMEDIES[slug]}"))
    raise NotFound(f"There is no kind of problem {slug[:60]!r}. /problems lists them all.")
