"""The application: its routes, what stands before them, and what runs beside them."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Match, Route

from narrator import errors
from narrator.errors import NarratorError
from narrator.queue import open_allowance
from narrator.queue.allowance import Allowance, FileAllowance
from narrator.service.bodies import Bodies
from narrator.service.context import Service
from narrator.service.counts import Counts
from narrator.service.desk import Desk
from narrator.service.entrance import Entrance, Safety
from narrator.service.feed import read_table
from narrator.service.finished import Finished
from narrator.service.gate import Gate
from narrator.service.health import Health
from narrator.service.listening import Listening
from narrator.service.metrics import Metrics
from narrator.service.openapi import describe
from narrator.service.passing import Passing
from narrator.service.problems import KINDS, OTHER, Problem, answer, problem_of, shortened
from narrator.service.reading_pool import ReadingPool
from narrator.service.rounds import go_round, notice
from narrator.service.routes import ROUTERS
from narrator.service.shelf import Shelf
from narrator.service.shortage import in_loop, shortage, tell
from narrator.service.speech import Speech
from narrator.service.workshop import Workshop
from narrator.settings import ServiceSettings, Settings
from narrator.studio import Studio

log = logging.getLogger("narrator.service")

FAULTS_TOLD = 20
"""Faults of a request that an answer lists."""

SENTENCE = 3.0
"""Seconds in which whoever is speaking a sentence should be through with it; else it is spoken
again after the next start."""


def create_app(
    settings: Settings, share: tuple[int, int] | None = None, counts: Path | None = None
) -> FastAPI:
    """The service, to be run by an ASGI server; it begins to work when that starts it. Of what was
    acknowledged before, it goes on with its share (number, of how many), else with all. `counts`
    is where the processes of this machine count requests together, if there are several."""

    metrics = Metrics()
    shared = _shared(settings, counts)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_exception_handler(in_loop)
        studio = Studio(settings)
        shelf = Shelf(studio.library)
        passing = Passing(studio.library, shelf)
        workshop = Workshop(studio, shelf, passing, settings.service.makings)
        readers = ReadingPool(settings)
        readers.ended.append(metrics.read)
        readers.start()
        desk = Desk(settings, studio, shelf, workshop, readers)
        listening = Listening(settings, desk, passing, shared)
        speech = Speech(studio, settings.service.makings)
        health = Health(studio, workshop, readers)
        service = Service(
            settings, studio, shelf, workshop, desk, listening, speech, read_table(), health,
            metrics,
        )  # fmt: skip
        workshop.ended.append(metrics.ended)
        shelf.records.told.append(metrics.damage)
        if settings.service.count_listening:
            service.counts = Counts(studio.library)
        app.state.service = service
        resumed = await service.desk.reading(partial(service.desk.resume, share))
        if resumed:
            log.info("resumed %d requests", resumed)
        rounds = [asyncio.create_task(work(service)) for work in (go_round, notice)]
        try:
            yield
        finally:
            service.closing = True
            for task in rounds:
                task.cancel()
            service.desk.close()
            service.listening.close()
            readers.close()
            service.speech.close()
            service.documents.close()
            if service.counts is not None:
                service.counts.keep()
            if not workshop.close(SENTENCE):
                log.warning("some threads did not end in time")
            studio.close()
            if shared is not None:
                shared.close()

    app = FastAPI(
        title="narrator",
        summary="Listen to article: articles in, narrated audio out.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.user_middleware = _passages(settings.service, metrics, shared)
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(NarratorError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    describe(app, settings.service)
    return app


async def _refused(request: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, NarratorError)
    short = shortage(error.__cause__)
    problem = problem_of(short or error)
    if short is not None:
        tell(short)
    elif problem.kind.status >= 500:
        log.error("%s", error)
    return answer(problem)


async def _invalid(request: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    told = error.errors()
    faults = tuple(
        {
            "pointer": "/" + "/".join(shortened(str(part)) for part in fault["loc"]),
            "detail": shortened(str(fault["msg"])),
        }
        for fault in told[:FAULTS_TOLD]
    )
    if len(told) > FAULTS_TOLD:
        more = f"{len(told) - FAULTS_TOLD} more faults are not listed."
        faults = (*faults, {"pointer": "/", "detail": more})
    if any(fault["type"] == "json_invalid" for fault in told):
        return answer(Problem(KINDS[errors.BadRequest], "The body is not JSON.", None, faults))
    first = faults[0]
    return answer(
        Problem(KINDS[errors.UsageError], f"{first['pointer']}: {first['detail']}", None, faults)
    )


async def _http(request: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kinds = {kind.status: kind for kind in (*reversed(KINDS.values()), *OTHER.values())}
    kind = kinds.get(error.status_code, KINDS[NarratorError])
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_methods(request))
    return answer(Problem(kind, str(error.detail)), headers)


def _methods(request: HttpRequest) -> list[str]:
    """What can be done at the path of a request; a framework that asks one route after another
    tells those of the last only."""
    found: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return sorted(found)


def _shared(settings: Settings, counts: Path | None) -> Allowance | None:
    """Where requests are counted among all processes that serve; None where this is the only
    one."""
    if settings.queue:
        return open_allowance(settings.queue)
    return None if counts is None else FileAllowance(counts)


def _passages(
    service: ServiceSettings, metrics: Metrics, shared: Allowance | None
) -> list[Middleware]:
    """What stands before the routes, the outermost first."""
    sharing = [Middleware(CORSMiddleware, **_sharing(service.origins))] if service.origins else []
    return [
        Middleware(Entrance, settings=service, metrics=metrics),
        Middleware(Bodies, settings=service),
        *sharing,
        Middleware(Gate, settings=service, shared=shared),
        Middleware(Safety),
        Middleware(Finished),
    ]


def _sharing(origins: tuple[str, ...]) -> dict[str, Any]:
    """What scripts of other origins may do. No cookies: there are none."""
    below = [
        f"{scheme}://[A-Za-z0-9.-]+{re.escape(rest)}"
        for scheme, star, rest in (origin.partition("://*") for origin in origins)
        if star
    ]
    return {
        "allow_origins": [origin for origin in origins if "://*" not in origin],
        "allow_origin_regex": "|".join(below) or None,
        "allow_methods": ["GET", "HEAD", "POST", "DELETE"],
        "allow_headers": ["Authorization", "If-None-Match", "If-Range", "Last-Event-ID", "Range",
                          "Traceparent", "X-Request-Id"],
        "expose_headers": ["Accept-Ranges", "Content-Length", "Content-Range", "ETag", "Location",
                           "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"],
        "max_age": 7200,
    }  # fmt: skip
