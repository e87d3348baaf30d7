"""The service under load: finished audio beside nginx, answers while articles are being spoken,
first sound for many listeners, memory over a thousand narrations.

Needs nginx and wrk for `ready`: apt-get install nginx-light wrk. Everything is on the loopback.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import soundfile

from narrator.bench.server import free_port

Figures = dict[str, float]

HEARD = 0.01
"""Full scale is 1.0: what is louder is sound."""

RANGE = "bytes=65536-131071"
"""64 KiB, as players ask for them."""


@contextmanager
def served(folder: Path, voice: str) -> Iterator[tuple[httpx.Client, int]]:
    """A service with an empty library: a client of it, and its process."""
    environment = {**os.environ, "NARRATOR_LIBRARY": str(folder / "library"),
                   "NARRATOR_VOICE": voice, "NARRATOR_SERVICE__TEST_VOICES": "true",
                   "NARRATOR_SERVICE__QUEUE_LIMIT": "2000"}  # fmt: skip
    log = folder / "log"  # A pipe that we would have to read would cost us what we measure.
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "narrator", "serve", "--port", "0"],
            stderr=file, text=True, env=environment, cwd=folder,
        )  # fmt: skip
    try:
        url = listening(process, log)
        limits = httpx.Limits(max_connections=None)
        with httpx.Client(base_url=url, timeout=None, trust_env=False, limits=limits) as client:
            while client.get("/readyz").status_code != 200:
                time.sleep(0.1)
            narrated(client, "The first article warms it up.")
            yield client, process.pid
    finally:
        process.terminate()
        process.wait()


def listening(process: subprocess.Popen[str], log: Path) -> str:
    """The address of a service, as soon as it says it."""
    while process.poll() is None:
        for line in log.read_text().splitlines():
            if '"listening"' in line and line.endswith("}"):
                return str(json.loads(line)["url"])
        time.sleep(0.1)
    sys.exit(f"The service ended:\n{log.read_text()}")


def article(sentences: int, salt: object) -> str:
    """Markdown whose sentences nobody has had spoken."""
    return "\n\n".join(
        f"The ferry of line {salt} left the harbour at seven, and passenger {number} was on deck."
        for number in range(sentences)
    )


def asked(client: httpx.Client, text: str) -> dict[str, Any]:
    """The answer to a request for a narration."""
    found: dict[str, Any] = (
        client.post("/v1/narrations", json={"markdown": text}).raise_for_status().json()
    )
    return found


def narrated(client: httpx.Client, text: str) -> dict[str, Any]:
    """The status of a finished narration."""
    status = asked(client, text)
    while status["state"] != "ready":
        assert status["state"] != "failed", status
        time.sleep(0.02)
        status = client.get(status["links"]["self"]).json()
    return status


def ready(rounds: int, seconds: float) -> dict[str, Figures]:
    """Requests and megabytes a second of finished audio, whole and in ranges, beside nginx; each
    server by turns, so that both meet the machine as it is."""
    for program in ("nginx", "wrk"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is not installed: apt-get install nginx-light wrk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with served(folder, "tone") as (client, pid):
            link = narrated(client, article(30, "ready"))["links"]["audio"]
            data = client.get(link).content
            (folder / "audio.mp3").write_bytes(data)
            with nginx(folder) as (static, other):
                servers = {"narrator": (str(client.base_url.join(link)), pid),
                           "nginx": (static, other)}  # fmt: skip
                runs: dict[str, list[Figures]] = {}
                for _ in range(rounds):
                    for what, header in (("whole", ""), ("range", RANGE)):
                        for server, (url, process) in servers.items():
                            run = wrk(url, header, seconds, process)
                            runs.setdefault(f"{what}, {server}", []).append(run)
    found = {
        name: {key: statistics.median(run[key] for run in many) for key in many[0]}
        for name, many in runs.items()
    }
    for what in ("whole", "range"):
        ours, theirs = found[f"{what}, narrator"], found[f"{what}, nginx"]
        found[f"{what}, narrator/nginx"] = {
            key: ours[key] / theirs[key] for key in ours if theirs[key]
        }
    return {f"file of {len(data) / 1e6:.2f} MB": {}, **found}


@contextmanager
def nginx(folder: Path) -> Iterator[tuple[str, int]]:
    """The address of audio.mp3 in the folder, from nginx with one worker for each core, and its
    process."""
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; worker_processes auto; pid {folder}/nginx.pid; error_log stderr error;\n"
        "events { worker_connections 512; }\n"
        "http { access_log off; sendfile on; tcp_nopush on; types { audio/mpeg mp3; }\n"
        f"client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(config), "-p", str(folder)])
    url = f"http://127.0.0.1:{port}/audio.mp3"
    try:
        while process.poll() is None:
            try:
                httpx.get(url, trust_env=False, timeout=None).raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def wrk(url: str, ranged: str, seconds: float, process: int) -> Figures:
    """What 16 connections get for so many seconds, and what it costs the server."""
    header = ["-H", f"Range: {ranged}"] if ranged else []
    spent = cpu_seconds(process)
    said = subprocess.run(
        ["wrk", "-t1", "-c16", f"-d{seconds:.0f}s", "--timeout", "60s", "--latency", *header, url],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    spent = cpu_seconds(process) - spent
    number = r"([0-9.]+)"
    done, took = told(said, rf"{number} requests in {number}(m|s)")
    moved = told(said, rf"Transfer/sec:\s+{number}([KMG]?)B")[0]
    halves, worst = (told(said, rf"{share}%\s+{number}(us|ms|s|m)")[0] for share in (50, 99))
    return {
        "requests/s": done / took, "MB/s": moved, "p50 ms": halves * 1e3, "p99 ms": worst * 1e3,
        "CPU ms each": spent / max(done, 1) * 1e3, "failed": sum(map(int, FAILED.findall(said))),
    }  # fmt: skip


FAILED = re.compile(r"(?:Non-2xx or 3xx responses: |(?:connect|read|write|timeout) )([0-9]+)")
"""How wrk counts what went wrong."""

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0,
         "K": 1.048576e-3, "M": 1.048576, "G": 1.048576e3, "": 1e-6}  # fmt: skip
"""Seconds, and megabytes of a million bytes."""


def told(said: str, pattern: str) -> list[float]:
    """The numbers that wrk told, the last one in the unit that follows it."""
    match = re.search(pattern, said)
    assert match is not None, said
    *numbers, unit = match.groups()
    return [*map(float, numbers[:-1]), float(numbers[-1]) * UNITS[unit]]


def cpu_seconds(process: int) -> float:
    """What a process and its children have spent so far."""
    spent = {}
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(") ")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
            spent[int(path.parent.name)] = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return sum(spent[pid] for pid in spent if process in (pid, parents[pid]))


def latency(seconds: float) -> dict[str, Figures]:
    """Milliseconds of status and range requests: idle, and while two articles are being spoken."""
    with tempfile.TemporaryDirectory() as name, served(Path(name), "") as (client, _):
        done = narrated(client, article(8, "latency"))
        found = {}
        for state in ("idle", "speaking"):
            if state == "speaking":
                for salt in ("one", "two"):
                    asked(client, article(400, f"latency {salt}"))
                time.sleep(1)
            requests: dict[str, Callable[[], httpx.Response]] = {
                "status": lambda: client.get(done["links"]["self"]),
                "range": lambda: client.get(done["links"]["audio"], headers={"Range": RANGE}),
            }
            taken: dict[str, list[float]] = {name: [] for name in requests}
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                for name, request in requests.items():
                    began = time.perf_counter()
                    request().raise_for_status()
                    taken[name].append((time.perf_counter() - began) * 1000)
                    time.sleep(0.01)
            for name, many in taken.items():
                found[f"{name}, {state}"] = spread(many)
        return found


def spread(many: list[float]) -> Figures:
    """Median, the 99th of a hundred, and the worst."""
    ordered = sorted(many)
    return {
        "p50 ms": round(statistics.median(ordered), 1),
        "p99 ms": round(ordered[int(len(ordered) * 0.99)], 1),
        "worst ms": round(ordered[-1], 1),
        "n": len(ordered),
    }


def first(rounds: int) -> dict[str, Figures]:
    """Seconds from the request for a cold article to bytes that decode to sound, for listeners who
    come at the same moment; what nobody needs any more is then taken down."""
    found = {}
    with tempfile.TemporaryDirectory() as name, served(Path(name), "") as (client, pid):
        for count in (1, 5, 20):
            for what in ("the same article",) if count == 1 else ("the same article", "different"):
                waits: list[float] = []
                spent = 0.0
                for number in range(rounds):
                    salts = [f"{count} {what} {number} {i}" for i in range(count)]
                    texts = [article(12, salts[0 if what != "different" else i])
                             for i in range(count)]  # fmt: skip
                    gate = threading.Barrier(count)
                    spent -= cpu_seconds(pid)
                    with ThreadPoolExecutor(count) as pool:
                        heard = list(pool.map(partial(heard_after, client), texts, repeat(gate)))
                    spent += cpu_seconds(pid)
                    waits += [wait for wait, _ in heard]
                    for link in {link for _, link in heard}:
                        client.delete(link)
                    wait_until_idle(client)
                found[f"{count} listeners, {what}"] = {
                    "first s": min(waits), "median s": statistics.median(waits),
                    "last s": max(waits), "CPU s a round": spent / rounds, "n": len(waits),
                }  # fmt: skip
    return found


def heard_after(client: httpx.Client, text: str, gate: threading.Barrier) -> tuple[float, str]:
    """Seconds until the first sound of an article is there, once all are at the gate; and where
    the narration is. Whoever heard something listens on until all did."""
    gate.wait()
    began = time.monotonic()
    links = asked(client, text)["links"]
    data = b""
    took = 0.0
    with client.stream("GET", links["audio"]) as live:
        for piece in live.iter_raw():
            data += piece
            if len(data) > 1000 and sounds(data):
                took = time.monotonic() - began
                gate.wait()
                return took, links["self"]
    raise AssertionError("nothing was heard")


def sounds(data: bytes) -> bool:
    """Whether the start of an MP3 can be heard."""
    try:
        samples, _ = soundfile.read(io.BytesIO(data))
    except soundfile.SoundFileError:
        return False
    return len(samples) > 0 and float(np.abs(samples).max()) > HEARD


def wait_until_idle(client: httpx.Client) -> None:
    """Until nothing is being made."""
    while True:
        said = client.get("/metrics").text
        left = re.findall(r"^narrator_queue\{[^}]*\} ([0-9.]+)", said, re.M)
        if not left or not any(float(count) for count in left):
            return
        time.sleep(0.1)


def memory(count: int) -> dict[str, Figures]:
    """Resident megabytes as narrations of the tone voice are made, in ten steps. The first bring
    what is loaded once and the pools of threads."""
    found = {}
    with tempfile.TemporaryDirectory() as name, served(Path(name), "tone") as (client, pid):
        for step in range(10):
            numbers = range(step * count // 10, (step + 1) * count // 10)
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda i: narrated(client, article(2, f"memory {i}")), numbers))
            found[f"after {numbers.stop} narrations"] = resident(pid)
    return found


def resident(pid: int) -> Figures:
    """What a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text()
    pages, threads = (
        int(told[1]) for told in re.finditer(r"^(?:VmRSS|Threads):\s+([0-9]+)", status, re.M)
    )
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return {"resident MB": pages / 1024, "threads": threads, "open files": files,
            "CPU s": cpu_seconds(pid)}  # fmt: skip


def shown(figure: float) -> str:
    """A figure with three digits that say something."""
    return f"{figure:.0f}" if abs(figure) >= 1000 or figure == int(figure) else f"{figure:.3g}"


def main() -> None:
    """Measure what was named, or all; a table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", help="ready, latency, first, memory; all without")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--seconds",
        type=float,
        default=20.0,
        help="of each state of latency; of ready, five times as long as each run",
    )
    parser.add_argument("--narrations", type=int, default=1000, help="of memory")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    parts: dict[str, Callable[[], dict[str, Figures]]] = {
        "ready": lambda: ready(options.rounds, options.seconds / 5),
        "latency": lambda: latency(options.seconds),
        "first": lambda: first(options.rounds),
        "memory": lambda: memory(options.narrations),
    }
    for name in options.what:
        if name not in parts:
            parser.error(f"{name!r} is none of {', '.join(parts)}")
    found = {}
    for name in options.what or parts:
        found[name] = parts[name]()
        if not options.json:
            print(f"\n{name}")
            for row, figures in found[name].items():
                print(f"  {row:30}" + "".join(f"{k}: {shown(v):<8} " for k, v in figures.items()))
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
