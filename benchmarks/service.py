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
from contextlib import contextmanager
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
                   "NARRATOR_VOICE": voice, "NARRATOR_SERVICE__QUEUE_LIMIT": "2000"}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "narrator", "serve", "--port", "0"],
        stderr=subprocess.PIPE, text=True, env=environment, cwd=folder,
    )  # fmt: skip
    assert process.stderr is not None
    told = (json.loads(line) for line in process.stderr if line.startswith("{"))
    url = next(line["url"] for line in told if line["message"] == "listening")
    threading.Thread(target=lambda: all(True for _ in told), daemon=True).start()
    limits = httpx.Limits(max_connections=None)
    try:
        with httpx.Client(base_url=url, timeout=300, trust_env=False, limits=limits) as client:
            deadline = time.monotonic() + 60
            while client.get("/readyz").status_code != 200 and time.monotonic() < deadline:
                time.sleep(0.1)
            narrated(client, "The first article warms it up.")
            yield client, process.pid
    finally:
        process.terminate()
        process.wait()


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


def ready(rounds: int) -> dict[str, Figures]:
    """Requests and megabytes a second of finished audio, whole and in ranges, beside nginx."""
    for program in ("nginx", "wrk"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is not installed: apt-get install nginx-light wrk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with served(folder, "tone") as (client, _):
            link = narrated(client, article(30, "ready"))["links"]["audio"]
            data = client.get(link).content
            (folder / "audio.mp3").write_bytes(data)
            with nginx(folder) as static:
                urls = {"narrator": str(client.base_url.join(link)), "nginx": static}
                runs: dict[str, list[Figures]] = {}
                for _ in range(rounds):
                    for server, url in urls.items():
                        for what, header in (("whole", ""), ("range", RANGE)):
                            runs.setdefault(f"{server} {what}", []).append(wrk(url, header))
    found = {
        name: {key: round(statistics.median(run[key] for run in many), 1) for key in many[0]}
        for name, many in runs.items()
    }
    return {f"file of {len(data) / 1e6:.2f} MB": {}, **found}


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """The address of audio.mp3 in the folder, from nginx with one worker for each core."""
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
        for _ in range(100):
            try:
                httpx.get(url, trust_env=False).raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()


def wrk(url: str, ranged: str) -> Figures:
    """Requests and megabytes a second over 16 connections, for five seconds."""
    header = ["-H", f"Range: {ranged}"] if ranged else []
    said = subprocess.run(
        ["wrk", "-t1", "-c16", "-d5s", *header, url], capture_output=True, text=True, check=True
    ).stdout
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    moved = re.search(r"Transfer/sec:\s+([0-9.]+)([KMG])B", said)
    assert rate is not None, said
    assert moved is not None, said
    assert "Non-2xx" not in said, said
    unit = {"K": 1e-3, "M": 1.0, "G": 1e3}[moved[2]] * 1.048576
    return {"requests/s": float(rate[1]), "MB/s": float(moved[1]) * unit}


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
    come at the same moment."""
    found = {}
    with tempfile.TemporaryDirectory() as name, served(Path(name), "") as (client, _):
        for count in (1, 5, 20):
            for what in ("the same article",) if count == 1 else ("the same article", "different"):
                waits: list[float] = []
                for number in range(rounds):
                    salts = [f"{count} {what} {number} {i}" for i in range(count)]
                    texts = [article(12, salts[0 if what != "different" else i])
                             for i in range(count)]  # fmt: skip
                    gate = threading.Barrier(count)
                    with ThreadPoolExecutor(count) as pool:
                        heard = pool.map(lambda text, gate=gate: heard_after(client, text, gate),
                                         texts)  # fmt: skip
                        waits += heard
                    wait_until_idle(client)
                found[f"{count} listeners, {what}"] = {
                    "median s": round(statistics.median(waits), 3),
                    "worst s": round(max(waits), 3),
                    "n": len(waits),
                }
    return found


def heard_after(client: httpx.Client, text: str, gate: threading.Barrier) -> float:
    """Seconds until the first sound of an article is there, once all are at the gate."""
    gate.wait()
    began = time.monotonic()
    link = asked(client, text)["links"]["audio"]
    data = b""
    with client.stream("GET", link) as live:
        for piece in live.iter_raw():
            data += piece
            if len(data) > 1000 and sounds(data):
                return time.monotonic() - began
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


def memory() -> dict[str, Figures]:
    """Resident megabytes after narrations of the tone voice."""
    found = {}
    with tempfile.TemporaryDirectory() as name, served(Path(name), "tone") as (client, pid):
        done = 0
        for count in (50, 250, 500, 1000):
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda i: narrated(client, article(5, f"memory {i}")),
                              range(done, count)))  # fmt: skip
            done = count
            status = Path(f"/proc/{pid}/status").read_text()
            resident = re.search(r"VmRSS:\s+([0-9]+)", status)
            threads = re.search(r"Threads:\s+([0-9]+)", status)
            assert resident is not None
            assert threads is not None
            found[f"after {count} narrations"] = {
                "resident MB": round(int(resident[1]) / 1024, 1), "threads": int(threads[1]),
            }  # fmt: skip
    return found


def main() -> None:
    """Measure what was named, or all; a table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", help="ready, latency, first, memory; all without")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each state of latency")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    parts: dict[str, Callable[[], dict[str, Figures]]] = {
        "ready": lambda: ready(options.rounds),
        "latency": lambda: latency(options.seconds),
        "first": lambda: first(options.rounds),
        "memory": memory,
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
                print(f"  {row:34}" + "".join(f"{k}: {v:<10} " for k, v in figures.items()))
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
