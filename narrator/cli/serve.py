"""`narrator serve`: the HTTP service."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from narrator.cli.options import PrivateOption, QueueOption
from narrator.cli.streams import print_json
from narrator.errors import UsageError

if TYPE_CHECKING:
    from narrator.settings import Told


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
    show_settings: Annotated[
        bool, typer.Option("--show-settings", help="Print all settings and where each came from, "
                           "and serve nothing.")
    ] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="With --show-settings: as JSON, for programs.")
    ] = False,
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

    narrator serve --show-settings

    Without keys it listens to this machine only, and asks nobody who he is.
    """
    if make_key:
        _make_key(scope, name or scope)
        return
    if site is not None:
        from narrator.service.static import run_static

        run_static(site, host or "127.0.0.1", 8080 if port is None else port)
        return
    from narrator.settings import load_settings, told_settings

    given = {"host": host, "port": port, "hosts": allow_host, "workers": workers}
    service = {key: value for key, value in given.items() if value is not None}
    flags: dict[str, object] = {
        "library": library, "queue": queue, "voice": voice, "allow_private": allow_private,
        "service": service or None,
    }  # fmt: skip
    settings = load_settings(**flags)
    if show_settings:
        _show(told_settings(settings, **flags), json_)
        return
    from narrator.service.server import run

    run(settings)


def _show(settings: list[Told], as_json: bool) -> None:
    """Print settings as they could stand in narrator.toml, or as JSON."""
    if as_json:
        print_json([asdict(told) for told in settings], indent=2)
        return
    table = ""
    for told in settings:
        path, _, name = told.name.rpartition(".")
        if path != table:
            table = path
            print(f"\n[{table}]")
        if told.value is None:
            print(f"# {name} is not set")
        else:
            print(f"{name} = {_toml(told.value)}  # {told.origin}")


def _toml(value: object) -> str:
    """A value as TOML has it."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(key)} = {_toml(of)}" for key, of in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


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
