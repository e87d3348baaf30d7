"""Runs the application under uvicorn."""

from __future__ import annotations

import logging
import resource
import signal
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from narrator.errors import SettingsError
from narrator.service import logs
from narrator.service.app import create_app
from narrator.service.connections import guarded
from narrator.service.hosts import is_loopback
from narrator.settings import ServiceSettings, Settings

log = logging.getLogger("narrator.service")

SPARE_FILES = 512
"""Files that the service opens besides those of its connections."""


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


def run(settings: Settings) -> None:
    """Serve until told to stop; SettingsError for what would leave the service unguarded."""
    check_guarded(settings.service)
    service = settings.service
    logs.set_up(service.log)
    _raise_open_files(service.connections)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=service.host,
        port=service.port,
        access_log=False,
        log_config=None,
        server_header=False,
        http=guarded(service),
        ws="none",
        proxy_headers=bool(service.trusted_proxies),
        forwarded_allow_ips=list(service.trusted_proxies),
        timeout_graceful_shutdown=int(service.grace),
    )
    Server(config, app).run()


def _raise_open_files(connections: int) -> None:
    """Let the process have as many files open as its connections, and what is read for them, need,
    as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections * 2 + SPARE_FILES
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def check_guarded(service: ServiceSettings) -> None:
    """SettingsError where others could reach a service that asks nobody for a key."""
    if service.keys:
        return
    if not is_loopback(service.host):
        raise SettingsError(
            f"At {service.host!r} others can reach the service, and no key is asked for. Make one "
            "with `narrator serve --make-key` and put its line into the settings, or use "
            "--host 127.0.0.1."
        )
    if service.private:
        raise SettingsError(
            "private = true needs keys. Make one with `narrator serve --make-key --scope read` "
            "and put its line into the settings."
        )
