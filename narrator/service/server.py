"""Runs the application under uvicorn."""

from __future__ import annotations

import uvicorn

from narrator.service.app import create_app
from narrator.settings import Settings


def run(settings: Settings) -> None:
    """Serve until told to stop."""
    service = settings.service
    config = uvicorn.Config(
        create_app(settings),
        host=service.host,
        port=service.port,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(service.grace),
    )
    uvicorn.Server(config).run()
