"""What has to be done once in a while: voices, takedowns of other processes, earlier versions."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from narrator.errors import NarratorError, TakenDown
from narrator.service.retiring import retire

if TYPE_CHECKING:
    from narrator.service.context import Service

log = logging.getLogger("narrator.service")

ROUND = 5.0
"""Seconds between two rounds."""

NOTICE = 0.5
"""Seconds in which what is being made here, and was taken down by another process, is noticed where
the library is on this machine; elsewhere in a round."""

TOLD = 7 * 86_400.0
"""Seconds for which it is told why a request failed."""

SWEEPS = "sweeps/s1-sweep"
"""The lease of the process that sweeps."""


async def go_round(service: Service) -> None:
    """Look after everything until cancelled."""
    swept = 0.0
    while True:
        due = time.monotonic() - swept > service.settings.service.sweep_seconds
        try:
            await asyncio.to_thread(look_after, service)
            if due:
                await asyncio.to_thread(sweep, service)
                swept = time.monotonic()
        except NarratorError as error:
            log.error("%s", error)
        except Exception as error:
            log.error("a round failed", exc_info=error)
        await asyncio.sleep(ROUND)


async def notice(service: Service) -> None:
    """Stop what other processes took down, until cancelled."""
    while True:
        await asyncio.sleep(NOTICE)
        try:
            # Ids alone: a making that stayed in a variable would keep its files until the next one.
            narrations = [making.id for making in service.workshop.makings()]
            for narration in narrations:
                service.desk.making(narration)
            if narrations and _is_near(service):
                await asyncio.to_thread(service.desk.withdrawals.look)
        except NarratorError as error:
            log.error("%s", error)


def _is_near(service: Service) -> bool:
    """Whether the library is on this machine, so that it may be asked often."""
    return service.studio.library.holds(SWEEPS) is not None


def look_after(service: Service) -> None:
    """What cannot wait. Blocks."""
    service.health.warm()
    service.studio.drop_idle_voices()
    service.metrics.look(service)
    for making in service.workshop.makings():
        try:
            service.shelf.sound(making.id)
        except TakenDown as error:  # By another process.
            service.workshop.abandon(making.id, error)
    service.desk.withdrawals.look()
    service.desk.withdrawals.keep_spare()
    if service.workshop.passing.grown:
        sweep_passing(service)


def sweep_passing(service: Service) -> None:
    """Remove what listeners chose beyond what may be kept. Blocks."""
    settings = service.settings.service
    hours = settings.passing_hours * 3600
    if count := service.workshop.passing.sweep(settings.passing_limit, hours):
        log.info("removed %d passing narrations", count)


def sweep(service: Service) -> None:
    """Retire what was replaced long ago and forget why what failed long ago did, unless another
    process does. Blocks."""
    with service.studio.library.lease(SWEEPS) as mine:
        if not mine:
            return
        service.desk.withdrawals.clear_up()
        sweep_passing(service)
        service.shelf.forget_outcomes(time.time() - TOLD)
        if count := retire(service.shelf, service.settings.service.keep_earlier):
            log.info("retired %d narrations", count)
