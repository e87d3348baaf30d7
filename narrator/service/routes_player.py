"""/player/...: the player's files. /demo: a page that shows what they do."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache

from fastapi import APIRouter
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response

from narrator.errors import NotFound
from narrator.packed import packed
from narrator.publishing.names import FOREVER
from narrator.service import demo
from narrator.service.context import service_of
from narrator.service.ranges import matches

router = APIRouter(include_in_schema=False)

SHORTLY = "public, max-age=300"
"""Cache-Control of addresses that lead to the newest."""

ANYWHERE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Pages of any site load the player."""

_VERSION = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Module:
    """A file of the player."""

    data: bytes
    packed: bytes
    """The same by gzip."""
    etag: str


@cache
def modules() -> dict[str, Module]:
    """The player's files by name; what a browser loads is the same for the life of a process."""
    found = {}
    for path in sorted(packed("player").glob("*.js")):
        data = path.read_bytes()
        etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        found[path.name] = Module(data, gzip.compress(data, mtime=0), etag)
    return found


@cache
def version() -> str:
    """Names what all the files hold together: each loads the others by relative addresses."""
    return hashlib.sha256(b"".join(module.data for module in modules().values())).hexdigest()[:12]


@router.api_route("/player/{name}", methods=["GET", "HEAD"])
async def newest(name: str, http: HttpRequest) -> Response:
    """A short address that stays: it leads to the newest version."""
    if name not in modules():
        raise NotFound(f"The player has no file {name[:60]!r}.")
    to = f"{service_of(http).base}/player/{version()}/{name}"
    return RedirectResponse(to, 307, {"Cache-Control": SHORTLY, **ANYWHERE})


@router.api_route("/player/{asked}/{name}", methods=["GET", "HEAD"])
async def module(asked: str, name: str, http: HttpRequest) -> Response:
    """A file of the player, never to change under this address; of another version, the newest,
    for a cached page may still name the version of last year."""
    found = modules().get(name)
    if found is None or not _VERSION.fullmatch(asked):
        raise NotFound(f"The player has no file {name[:60]!r}.")
    if asked != version():
        return await newest(name, http)
    headers = {"Cache-Control": FOREVER, "ETag": found.etag, "Vary": "Accept-Encoding", **ANYWHERE}
    if matches(http.headers.get("If-None-Match", ""), found.etag):
        return Response(status_code=304, headers=headers)
    small = "gzip" in http.headers.get("Accept-Encoding", "")
    if small:
        headers["Content-Encoding"] = "gzip"
    body = found.packed if small else found.data
    return Response(body, headers=headers, media_type="text/javascript")


@router.api_route(demo.PATH, methods=["GET", "HEAD"])
async def show(http: HttpRequest) -> Response:
    """The demo page."""
    base = service_of(http).base
    headers = {"Cache-Control": "public, no-cache", "Content-Security-Policy": demo.policy(base)}
    return HTMLResponse(demo.page(f"{base}{demo.PLAYER}"), headers=headers)
