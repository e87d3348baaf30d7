"""A site folder served as a static host would: for a look at it, or behind a proxy of one's own.

Ranges, conditional requests and HEAD are Starlette's; what is ours: types, caching by whether an
address names its content, pages of anywhere may ask (CORS), hidden files stay hidden.
"""

from __future__ import annotations

import json
import os
from html import escape
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from narrator.errors import SiteError
from narrator.publishing import names

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Narrations</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto }}
body {{ padding: 0 1rem }}
li {{ margin: 0 0 1.2rem }} audio {{ display: block; width: 100%; margin: .3rem 0 }}
</style></head><body><h1>{count} narrations</h1><ol>{items}</ol></body></html>"""


class _Folder(StaticFiles):
    """The files of a site folder."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if any(part.startswith(".") for part in PurePosixPath(path).parts):
            raise HTTPException(404)
        return await super().get_response(path, scope)

    def file_response(
        self,
        full_path: PathLike,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        name = str(full_path)
        response.headers.update(
            {
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "Content-Length, Content-Range, ETag",
                "Cache-Control": names.cache_control(
                    name, versioned=b"v=" in scope["query_string"]
                ),
                "X-Content-Type-Options": "nosniff",
            }
        )
        if response.status_code != 304:
            kind = names.media_type(name)
            text = kind.startswith("text/") or kind == "application/rss+xml"
            response.headers["Content-Type"] = f"{kind}; charset=utf-8" if text else kind
        return response


def static_app(folder: Path) -> Starlette:
    """The application that serves a site folder; SiteError where there is none."""
    if not (folder / names.INDEX).is_file():
        raise SiteError(
            f"{folder} is no site folder: it has no {names.INDEX}. "
            f"`narrator prerender -o {folder}` makes one."
        )

    def listed(request: Request) -> Response:
        return HTMLResponse(_listed(folder))

    return Starlette(
        routes=[Route("/", listed), Mount("/", _Folder(directory=folder, check_dir=False))]
    )


def run_static(folder: Path, host: str, port: int) -> None:
    """Serve a site folder until told to stop."""
    uvicorn.run(
        static_app(folder), host=host, port=port, server_header=False, ws="none",
        log_level="info", timeout_graceful_shutdown=3,
    )  # fmt: skip


def _listed(folder: Path) -> str:
    """A page with a player for each article, from this folder, wherever it will be published."""
    articles = json.loads((folder / names.INDEX).read_bytes())["articles"]
    items = []
    for article in articles:
        slug = quote(article["slug"])
        audio = quote(PurePosixPath(article["audio"].partition("?")[0]).name)
        title = escape(article["title"] or article["slug"])
        items.append(
            f'<li lang="{escape(article["language"])}">{title}<audio controls preload="none" '
            f'src="{slug}/{audio}" aria-label="{title}"></audio>'
            f'<a href="{slug}/{names.CAPTIONS}">captions</a> '
            f'<a href="{slug}/{names.MANIFEST}">manifest</a></li>'
        )
    return _PAGE.format(count=len(articles), items="".join(items))
