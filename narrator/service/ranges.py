"""Finished files over HTTP: whole or a part (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from narrator.errors import NotFound
from narrator.library import Library
from narrator.service.problems import OTHER, Problem, answer
from narrator.service.shelf import StoredFile

AT_ONCE = 1 << 16
"""Bytes that are read and sent in one piece."""

YEAR = 31_536_000

_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]*)\s*-\s*([0-9]*)\s*", re.IGNORECASE)

RANGE_LIMIT = 200
"""Characters of a Range header; a longer one has more parts than are heeded, or blanks that would
take quadratic time to look through."""

_LONGEST = 18
"""Digits of a number in a range; longer ones are no offsets into any file."""


class Unsatisfiable(Exception):
    """The file ends before the range begins."""


def wanted(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and one past the last of what a Range header asks of a file of that size. None
    where the whole is to be sent: no range, several ranges, or none that can be understood."""
    match = _RANGE.fullmatch(header or "") if len(header or "") <= RANGE_LIMIT else None
    if match is None:
        return None
    first, last = match.groups()
    if (not first and not last) or len(first) > _LONGEST or len(last) > _LONGEST:
        return None
    if not first:
        if not int(last) or not size:
            raise Unsatisfiable
        return max(0, size - int(last)), size
    start, end = int(first), int(last) + 1 if last else size
    if end <= start and last:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, min(end, size)


def matches(header: str, etag: str) -> bool:
    """Whether If-None-Match names the entity tag, weakly compared."""
    tags = (tag.strip().removeprefix("W/") for tag in header.split(","))
    return header.strip() == "*" or etag in tags


async def send(
    request: HttpRequest,
    library: Library,
    file: StoredFile,
    *,
    immutable: bool = True,
    filename: str = "",
) -> Response:
    """The file as the request wants it: 200, 206, 304 or 416. Its ETag is its sha256."""
    etag = f'"{file.sha256}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": f"public, max-age={YEAR}, immutable" if immutable else "public, no-cache",
    }
    if "If-None-Match" in request.headers and matches(request.headers["If-None-Match"], etag):
        return Response(status_code=304, headers=headers)
    headers["Content-Type"] = file.type
    headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode()}:"
    if filename:
        headers["Content-Disposition"] = f'inline; filename="{filename}"'
    asked = request.headers.get("Range") if request.method == "GET" else None
    if request.headers.get("If-Range", etag).strip() != etag:
        asked = None
    try:
        part = wanted(asked, file.size)
    except Unsatisfiable:
        detail = f"The file has {file.size} bytes; {asked!r} asks for none of them."
        return answer(
            Problem(OTHER[416], detail),
            {"Content-Range": f"bytes */{file.size}", "Accept-Ranges": "bytes"},
        )
    start, end = part or (0, file.size)
    headers["Content-Length"] = str(end - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    first = await _read(library, file, start, min(end, start + AT_ONCE))
    if end - start <= AT_ONCE:
        return Response(memoryview(first), status_code=status, headers=headers)
    pieces = _pieces(library, file, [first], start, end)
    return StreamingResponse(pieces, status_code=status, headers=headers)


async def _pieces(
    library: Library, file: StoredFile, first: list[bytes | bytearray], start: int, end: int
) -> AsyncIterator[memoryview]:
    """The file from `start` on, piece by piece; `first` is emptied, so that no more than one is
    held for somebody who reads slowly."""
    yield memoryview(first.pop())
    for position in range(start + AT_ONCE, end, AT_ONCE):
        yield memoryview(await _read(library, file, position, min(end, position + AT_ONCE)))


async def _read(library: Library, file: StoredFile, start: int, end: int) -> bytes | bytearray:
    """A part of the file, without a thread where the system has it in memory."""
    data: bytes | bytearray | None = library.at_once(file.name, start, end)
    if data is None:
        data = await run_sync(partial(library.read_range, file.name, start, end))
    if data is None or len(data) != end - start:
        raise NotFound("The file was taken down meanwhile.")
    return data
