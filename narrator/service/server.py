"""Runs the application under uvicorn."""

from __future__ import annotations

import logging
import math
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from narrator.errors import SettingsError
from narrator.scratch import ensure_scratch
from narrator.service import logs
from narrator.service.app import create_app
from narrator.service.connections import guarded
from narrator.service.crowd import PROBE_PLACES
from narrator.service.hosts import is_loopback
from narrator.service.offer import check_usual_voice
from narrator.service.reading_pool import start_server
from narrator.settings import ServiceSettings, Settings

log = logging.getLogger("narrator.service")

LAST_SECONDS = 4.0
"""Time beyond the grace after which the process ends, whatever its threads are doing."""

LEAVE_SECONDS = 0.5
"""Time that threads have to end when all else has."""

SPARE_FILES = 512
"""Files that the service opens besides those of its connections."""

UNSENT = 1 << 16
"""Bytes that the system keeps for a connection before they are on their way; what is on its way
does not count, so a fast connection is as fast as without."""

LONGEST_MILLISECONDS = (1 << 31) - 1


class Server(uvicorn.Server):
    """A server that says where it listens, and tells the service at once when it is to stop."""

    def __init__(
        self, config: uvicorn.Config, app: FastAPI, listening: Callable[[], None], grace: float
    ) -> None:
        super().__init__(config)
        self.app = app
        self.listening = listening
        self.grace = grace

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn.Server."""
        await super().startup(sockets)
        self.listening()
        for bound in (s for server in self.servers for s in server.sockets):
            host, port, *_ = bound.getsockname()
            shown = f"[{host}]" if ":" in host else host
            log.info("listening", extra={"url": f"http://{shown}:{port}"})

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See uvicorn.Server."""
        if not self.should_exit:
            late = threading.Timer(self.grace + LAST_SECONDS, _end_now)
            late.daemon = True
            late.start()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True  # And not raised again at the end: to stop when told is no failure.
        if self.started:
            self.app.state.service.stop()


def run(settings: Settings) -> None:
    """Serve until told to stop; SettingsError for what would leave the service unguarded, or an
    address that cannot be listened at."""
    service = settings.service
    check_guarded(service)
    check_usual_voice(settings)
    ensure_scratch(settings.library)
    logs.set_up(service.log)
    sockets = listening_at(service.host, service.port, service.send_seconds)
    if service.workers == 1:
        serve(settings, sockets)
        return
    from narrator.service.workers import run_workers

    run_workers(settings, sockets)


def serve(
    settings: Settings,
    sockets: list[socket.socket],
    share: tuple[int, int] | None = None,
    listening: Callable[[], None] = lambda: None,
    counts: Path | None = None,
) -> None:
    """Serve at these sockets in this process until told to stop; `listening` is called once. For
    the others see `create_app`."""
    ensure_scratch(settings.library)
    service = settings.service
    start_server()
    most = _within_open_files(service.connections)
    app = create_app(settings, share, counts)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        http=guarded(service, most),
        ws="none",
        proxy_headers=bool(service.trusted_proxies),
        forwarded_allow_ips=list(service.trusted_proxies),
        timeout_graceful_shutdown=math.ceil(service.grace),
    )
    Server(config, app, listening, service.grace).run(sockets)
    _leave()


def _leave() -> None:
    """End here where threads would hold the process up: what was asked is stored, and whatever
    they do is made anew."""
    deadline = time.monotonic() + LEAVE_SECONDS
    others = [
        thread for thread in threading.enumerate()
        if not thread.daemon and thread is not threading.main_thread()
    ]  # fmt: skip
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        _end_now()


def _end_now() -> None:
    """End the process, and with it its readers; to stop when told is no failure."""
    logging.shutdown()
    os._exit(0)


def listening_at(host: str, port: int, send_seconds: float) -> list[socket.socket]:
    """Sockets at all addresses that a host stands for (at one, where any port will do), whose
    connections end when nobody takes what they send for so many seconds; SettingsError where there
    is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        addresses = list(dict.fromkeys((family, at) for family, _, _, _, at in found))
        sockets = [
            _bound(*address, send_seconds) for address in (addresses if port else addresses[:1])
        ]
    except OSError as error:
        raise SettingsError(
            f"Cannot listen at {host!r}, port {port}: {error.strerror or error}. Is another "
            "service there? Choose with --host and --port."
        ) from error
    return sockets


def _bound(family: int, address: Any, send_seconds: float) -> socket.socket:
    """A socket at an address, for IPv6 at that alone; others can share it by inheriting it, and its
    connections inherit what is set here."""
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    milliseconds = min(int(send_seconds * 1000) + 1, LONGEST_MILLISECONDS)
    for name, value in (
        ("TCP_NOTSENT_LOWAT", UNSENT),
        ("TCP_USER_TIMEOUT", milliseconds),
    ):
        if hasattr(socket, name):  # Not every system has both.
            bound.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    bound.bind(address)
    bound.set_inheritable(True)
    return bound


def _within_open_files(connections: int) -> int:
    """Let the process have as many files open as its connections, and what is read for them, need,
    as far as the system lets it; how many connections there can be then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections * 2 + SPARE_FILES
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    if soft == resource.RLIM_INFINITY:
        return connections
    possible = max(soft - SPARE_FILES, soft // 2) - PROBE_PLACES
    if possible < connections:
        log.warning(
            "only %d connections at a time: the system lets this process open %d files "
            "(ulimit -n), and connections is %d", max(possible, 1), soft, connections,
        )  # fmt: skip
    return max(1, min(connections, possible))


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
