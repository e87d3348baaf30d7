"""Runs the application under uvicorn."""

from __future__ import annotations

import logging
import signal
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from narrator.errors import SettingsError
from narrator.service import logs
from narrator.service.app import create_app
from narrator.settings import Settings

log = logging.getLogger("narrator.service")


class Server(uvicorn.Server):
    """A server that says where it listens, and tells the service at once when it is to stop."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self.app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn.Server."""
        await super().startup(sockets)
        for listening in (s for server in self.servers for s in server.sockets):
            host, port, *_ = listening.getsockname()
            shown = f"[{host}]" if ":" in host else host
            log.info("listening", extra={"url": f"http://{shown}:{port}"})

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See uvicorn.Server."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True  # And not raised again at the end: to stop when told is no failure.
        if self.started:
            self.app.state.service.stop()


LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def run(settings: Settings) -> None:
    """Serve until told to stop; SettingsError for an address that others can reach, since nothing
    guards the service yet."""
    service = settings.service
    if service.host not in LOOPBACK:
        raise SettingsError(
            f"The service asks nobody for a key yet, so it listens to this machine only, not to "
            f"{service.host!r}. Use --host 127.0.0.1, behind a proxy that asks for one."
        )
    logs.set_up(service.log)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=service.host,
        port=service.port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=int(service.grace),
    )
    Server(config, app).run()
