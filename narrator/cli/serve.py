"""`narrator serve`: the HTTP service."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from narrator.cli.options import PrivateOption, QueueOption
from narrator.errors import UsageError


def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen at.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", help="Port to listen at.", show_default="8080")
    ] = None,
    library: Annotated[
        str | None,
        typer.Option("--library", help="Folder or URL where everything is kept.",
                     show_default="NARRATOR_LIBRARY, else your data folder"),
    ] = None,
    queue: QueueOption = None,
    voice: Annotated[
        str | None, typer.Option("--voice", help="Voice of all that does not ask for another.",
                                 show_default="the article's, else its language's"),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="HOST",
                     help="Host that pages may be fetched from, such as example.org, "
                     "*.example.org (all below it) or *. Give it as often as you like.",
                     show_default=False),
    ] = None,
    allow_private: PrivateOption = None,
    site: Annotated[
        Path | None,
        typer.Option("--site", metavar="DIR", help="Serve a folder that `narrator prerender` "
                     "wrote, as a static host would, and nothing else.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes that serve.", show_default="1")
    ] = None,
    make_key: Annotated[
        bool, typer.Option("--make-key", help="Print a new key and its line for the settings, "
                           "and serve nothing.")
    ] = False,
    scope: Annotated[
        str, typer.Option("--scope", metavar="read|narrate|admin",
                          help="With --make-key: what it is good for; narrate makes and reads, "
                          "admin also takes down.")
    ] = "narrate",
    name: Annotated[
        str | None, typer.Option("--name", help="With --make-key: what logs call it.",
                                 show_default="its scope")
    ] = None,
) -> None:  # fmt: skip
    """Serve narrations over HTTP.

    narrator serve

    narrator serve --port 9000 --allow-host example.org

    narrator serve --site public/audio

    narrator serve --make-key --scope narrate --name publisher

    Without keys it listens to this machine only, and asks nobody who he is.
    """
    if make_key:
        _make_key(scope, name or scope)
        return
    if site is not None:
        from narrator.service.static import run_static

        run_static(site, host or "127.0.0.1", 8080 if port is None else port)
        return
    from narrator.service.server import run
    from narrator.settings import load_settings

    given = {"host": host, "port": port, "hosts": allow_host, "workers": workers}
    service = {key: value for key, value in given.items() if value is not None}
    run(
        load_settings(
            library=library,
            queue=queue,
            voice=voice,
            allow_private=allow_private,
            service=service or None,
        )
    )


def _make_key(scope: str, name: str) -> None:
    """Print a new key and the line of the settings that makes it known."""
    from narrator.service.keys import SCOPES, new_key

    known = next((known for known in SCOPES if known == scope), None)
    if known is None:
        raise UsageError(f"There is no scope {scope!r}: it is one of {', '.join(SCOPES)}.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
        raise UsageError(
            f"A key cannot be called {name!r}: use a to z, 0 to 9, - and _, at most 40 of them."
        )
    key, line = new_key(name, known)
    print(f"{key}\n\nThis is the only time that it is shown. In narrator.toml put:\n")
    print(f"[service.keys]\n{line}")
