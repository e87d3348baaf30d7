"""What it costs that the service reads documents in processes of their own: first sound of a posted
article and of a page that a player asks for, time until it is ready, memory. With --beside FOLDER,
the narrator of another checkout is measured by turns with this one.

python benchmarks/reading_processes.py --beside ../before --rounds 20
"""

from __future__ import annotations

import argparse
import http.server
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
from service import Figures, article, listening, narrated, shown, sounds, spread

PARAGRAPHS = 12
ARTICLES = 100
"""Narrated before memory is looked at again."""

Version = tuple[str, Path | None]
"""Name and checkout; None stands for this checkout."""


@contextmanager
def started(version: Version, voice: str) -> Iterator[tuple[httpx.Client, int, Figures]]:
    """A service with an empty library: a client of it, its process, how long its start took."""
    checkout = version[1]
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "NARRATOR_LIBRARY": f"{folder}/library", "NARRATOR_VOICE": voice,
               "NARRATOR_ALLOW_PRIVATE": "true",
               "NARRATOR_SERVICE__HOSTS": "127.0.0.1:*"}  # fmt: skip
        if checkout is not None:
            env["PYTHONPATH"] = str(checkout)
        else:
            env["NARRATOR_SERVICE__TEST_VOICES"] = "true"
        log = Path(folder) / "log"
        began = time.monotonic()
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "narrator", "serve", "--port", "0"],
                stderr=file, text=True, env=env, cwd=folder,
            )  # fmt: skip
        try:
            url = listening(process, log)
            heard = time.monotonic() - began
            with httpx.Client(base_url=url, timeout=None, trust_env=False) as client:
                while client.get("/readyz").status_code != 200:
                    time.sleep(0.05)
                ready = time.monotonic() - began
                yield client, process.pid, {
                    "listening s": heard, "ready s": ready, "CPU s": cpu_of_all(process.pid),
                }  # fmt: skip
        finally:
            process.terminate()
            process.wait()


def processes(pid: int) -> list[int]:
    """A process and all that come from it."""
    found = [pid]
    for process in found:
        for path in Path(f"/proc/{process}/task").glob("*/children"):
            found += map(int, path.read_text().split())
    return found


def cpu_of_all(pid: int) -> float:
    """CPU seconds that a process and all that come from it have spent so far."""
    spent = 0
    for process in processes(pid):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> Figures:
    """Megabytes of a service: resident in its own process, and what it and its readers take
    together where a page that several share counts once."""

    def told(process: int, what: str) -> float:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024

    every = processes(pid)
    return {
        "RSS of the service MB": told(pid, "Rss"),
        "RSS of all MB": sum(told(process, "Rss") for process in every),
        "PSS of all MB": sum(told(process, "Pss") for process in every),
        "processes": len(every),
    }


@contextmanager
def site() -> Iterator[str]:
    """A site of this machine whose pages are articles that differ by their address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = article(PARAGRAPHS, unquote(self.path.rpartition("/")[2]))
            body = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
            data = f"<!doctype html><html lang=en><h1>Ferries</h1>{body}</html>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def posted(client: httpx.Client, salt: str) -> float:
    """Milliseconds from posting a cold article until its first sound."""
    began = time.perf_counter()
    answer = client.post("/v1/narrations", json={"markdown": article(PARAGRAPHS, salt)})
    return first_sound(client, answer, began)


def listened(client: httpx.Client, url: str) -> float:
    """Milliseconds from a player's question for a page until its first sound."""
    began = time.perf_counter()
    return first_sound(client, client.post("/v1/listen", json={"url": url}), began)


def first_sound(client: httpx.Client, answer: httpx.Response, began: float) -> float:
    links = answer.raise_for_status().json()["links"]
    data = b""
    with client.stream("GET", links["audio"]) as live:
        for piece in live.iter_raw():
            data += piece
            if len(data) > 1000 and sounds(data):
                took = (time.perf_counter() - began) * 1000
                break
        else:
            raise AssertionError("nothing was heard")
    while client.get(links["self"]).json()["state"] != "ready":
        time.sleep(0.02)  # The next one finds nothing else to do.
    return took


def compared(versions: list[Version], voice: str, rounds: int) -> dict[str, Figures]:
    """First sound, start and memory of each version, by turns."""
    found: dict[str, Figures] = {}
    waits: dict[str, list[float]] = {}
    with ExitStack() as stack:
        pages = stack.enter_context(site())
        services = {
            version[0]: stack.enter_context(started(version, voice)) for version in versions
        }
        for name, (client, pid, start) in services.items():
            found[f"start, {name}"] = start
            narrated(client, "The first article warms it up.")
            found[f"memory idle, {name}"] = memory(pid)
        for number in range(rounds):
            turn = list(services.items())
            for name, (client, _, _) in turn if number % 2 else turn[::-1]:
                waits.setdefault(f"posted, {name}", []).append(posted(client, f"p {number}"))
                took = listened(client, f"{pages}/{number}")
                waits.setdefault(f"listened, {name}", []).append(took)
        for name, many in waits.items():
            found[f"first sound, {name}"] = {"mean ms": statistics.mean(many), **spread(many)}
        for name, (client, pid, _) in services.items():
            for number in range(ARTICLES):
                narrated(client, article(2, f"memory {number}"))
            found[f"memory after {ARTICLES} articles, {name}"] = memory(pid)
    return found


def starts(versions: list[Version], voice: str, rounds: int) -> dict[str, Figures]:
    """Starts of each version, by turns: the median of each figure."""
    many: dict[str, list[Figures]] = {}
    for _ in range(rounds):
        for version in versions:
            with started(version, voice) as (_, _, start):
                many.setdefault(version[0], []).append(start)
    return {
        f"start (median of {rounds}), {name}": {
            key: statistics.median(each[key] for each in figures) for key in figures[0]
        }
        for name, figures in many.items()
    }


def main() -> None:
    """Print what was measured as a table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, help="folder of another checkout")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--voice", action="append", help="tone and en_US-joe-medium without")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    versions: list[Version] = [("this", None)]
    if options.beside is not None:
        versions.insert(0, (options.beside.name, options.beside.resolve()))
    found: dict[str, Any] = {}
    for voice in options.voice or ["tone", "en_US-joe-medium"]:
        found[voice] = compared(versions, voice, options.rounds)
        found[voice] |= starts(versions, voice, options.starts)
        if not options.json:
            print(f"\n{voice}")
            for row, figures in found[voice].items():
                print(f"  {row:42}" + "".join(f"{k}: {shown(v):<8} " for k, v in figures.items()))
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
