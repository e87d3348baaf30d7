"""`narrator serve`: the HTTP service."""

from __future__ import annotations

from typing import Annotated

import typer

from narrator.cli.options import PrivateOption


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
    voice: Annotated[
        str | None, typer.Option("--voice", help="Voice of all that does not ask for another.",
                                 show_default="the article's, else its language's"),
    ] = None,
    allow_private: PrivateOption = None,
) -> None:  # fmt: skip
    """Serve narrations over HTTP.

    narrator serve

    narrator serve --port 9000
    """
    from narrator.service.server import run
    from narrator.settings import load_settings

    service = {
        key: value for key, value in {"host": host, "port": port}.items() if value is not None
    }
    run(
        load_settings(
            library=library, voice=voice, allow_private=allow_private, service=service or None
        )
    )
