"""The processes that read for a service, found in /proc, and documents that cost them much."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from waiting import PATIENCE

PROC = Path("/proc")


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    try:
        told = (PROC / f"{pid}/task").iterdir()
        return [int(child) for task in told for child in (task / "children").read_text().split()]
    except OSError:
        return []


def command(pid: int) -> str:
    try:
        return (PROC / f"{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def servers(service: int) -> list[int]:
    """What forks the readers of a service; several where several processes serve."""
    found = []
    for child in children(service):
        if "multiprocessing.forkserver" in command(child):
            found.append(child)
        elif "multiprocessing.spawn" in command(child):
            found += servers(child)
    return found


def readers(service: int) -> list[int]:
    return [reader for server in servers(service) for reader in children(server)]


def alive(pid: int) -> bool:
    try:
        return (PROC / f"{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False


def cpu(pid: int) -> int:
    """Ticks of the clock that a process has worked; 0 where it is gone."""
    try:
        fields = (PROC / f"{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def working(service: int) -> int:
    """A reader of a service, once one has begun to work for longer than a small document takes."""
    before = {pid: cpu(pid) for pid in readers(service)}
    for _ in until():
        for pid in readers(service):
            if cpu(pid) - before.setdefault(pid, cpu(pid)) > 20:
                return pid
    raise AssertionError("no reader works")


def until() -> Iterator[None]:
    """Again and again, for as long as a test waits."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        yield
        time.sleep(0.02)


def long(sentences: int = 60_000) -> str:
    """A text whose script takes half a minute to write."""
    return "\n\n".join(
        f"Dr. Smith paid ${number}.50 for 12 km on 3 May 2024." for number in range(sentences)
    )


def large(elements: int = 300_000) -> str:
    """A page whose tree needs some 100 MB."""
    return f"<!doctype html><html lang=en><title>Tea</title>{'<p>a <b>b</b>' * elements}</html>"
