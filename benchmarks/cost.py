"""What documents and requests that are made to hurt cost as they grow: seconds, memory, answer.

    python benchmarks/cost.py [--only WORDS] [--documents] [--quick] [--json]

Each shape of `tests/shapes.py` is measured at n, 2n and 4n, each in a process of its own: CPU
seconds of its work, the memory that this adds to the process at its peak, and the size of what
comes of it. The last three columns say how many times as much 4n takes as n: 4 is in proportion,
16 the square. What is too little to be told (0.05 s, 10 MB, 10 kB) counts as that much. Shapes of
HTTP are sent to a running service, whose process and children are measured.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import Progress

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from service import cpu_seconds, served
from shapes import SHAPES, VOICES

STEPS = (1, 2, 4)
MOST = 5.0
"""Times that 4n may take what n does."""

LEAST_SECONDS, LEAST_MB, LEAST_BYTES = 0.05, 10.0, 10_000

_SECONDS = 300
"""After so many a measurement is given up."""

ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What n of a shape took."""

    n: int
    seconds: float
    mb: float
    answer: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Row:
    """A shape as it grows."""

    name: str
    costs: tuple[Cost, ...]
    failure: str = ""

    def ratios(self) -> tuple[float, float, float]:
        """Seconds, memory and answer of the last by the first."""
        first, last = self.costs[0], self.costs[-1]
        return (
            max(last.seconds, LEAST_SECONDS) / max(first.seconds, LEAST_SECONDS),
            max(last.mb, LEAST_MB) / max(first.mb, LEAST_MB),
            max(last.answer, LEAST_BYTES) / max(first.answer, LEAST_BYTES),
        )

    @property
    def exceeds(self) -> bool:
        """Whether it grows faster than it may."""
        return bool(self.failure) or max(self.ratios()) > MOST


Wire = Callable[[int], bytes]
"""The bytes of a request of n of something."""


def _post(path: str, body: bytes, *headers: str) -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers)
    head = "\r\n".join((*lines, f"Content-Length: {len(body)}", "Connection: close", "", ""))
    return head.encode() + body


def _unknown_keys(n: int) -> bytes:
    return _post("/v1/listen", json.dumps({f"k{i}": 1 for i in range(n)}).encode())


def _values(n: int) -> bytes:
    return _post("/v1/narrations", json.dumps({"markdown": [1] * n}).encode())


def _nested(n: int) -> bytes:
    return _post("/v1/listen", b"[" * n + b"]" * n)


def _trailers(n: int) -> bytes:
    head = (
        "POST /v1/listen HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n"
    )
    return head.encode() + b"X-A: b\r\n" * (n // 8) + b"\r\n"


def _headers(n: int) -> bytes:
    lines = b"X-A: b\r\n" * (n // 8)
    return b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + lines + b"\r\n"


def _target(n: int) -> bytes:
    return b"GET /" + b"a" * n + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def _markdown(n: int) -> bytes:
    return _post("/v1/narrations", json.dumps({"markdown": "word " * n}).encode())


def _page(n: int) -> bytes:
    html = f"<article><h1>Tides</h1>{'<p>The tide comes in twice a day.</p>' * n}</article>"
    return _post("/v1/narrations", json.dumps({"html": html}).encode())


HTTP: Mapping[str, tuple[int, Wire]] = {
    "HTTP: unknown keys": (100_000, _unknown_keys),
    "HTTP: a list for a text": (500_000, _values),
    "HTTP: lists within lists": (500_000, _nested),
    "HTTP: trailers": (4_000_000, _trailers),
    "HTTP: headers": (1_000_000, _headers),
    "HTTP: an address": (1_000_000, _target),
    "HTTP: a text beyond the limit": (200_000, _markdown),
    "HTTP: a page beyond the limit": (20_000, _page),
}
"""Name -> n, and the request."""


def main() -> None:
    """Measure and print a table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="shapes whose names hold these words")
    parser.add_argument("--documents", action="store_true", help="no voice and no service")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a quarter of each")
    options = parser.parse_args()
    known = SHAPES if options.documents else (*SHAPES, *VOICES, *HTTP)
    names = [name for name in known if options.only in name]
    if not names:
        sys.exit(f"No shape has {options.only!r} in its name.")
    rows: list[Row] = []
    is_seen = sys.stderr.isatty() and not options.json
    # No thread of its own: this process forks.
    with Progress(disable=not is_seen, auto_refresh=False, console=Console(stderr=True)) as bar:
        task = bar.add_task("measuring", total=len(names))
        for name in names:
            bar.update(task, description=name, refresh=True)
            rows.append(measured(name, quick=options.quick))
            bar.advance(task)
            if not is_seen and not options.json:
                print(line(rows[-1]), file=sys.stderr, flush=True)
    print(json.dumps([told(row) for row in rows]) if options.json else table(rows))
    if any(row.exceeds for row in rows):
        sys.exit(1)


def measured(name: str, *, quick: bool) -> Row:
    """A shape at n, 2n and 4n."""
    size = HTTP[name][0] if name in HTTP else {**SHAPES, **VOICES}[name].n
    costs: list[Cost] = []
    if name in SHAPES:
        logging.disable(logging.CRITICAL)
        SHAPES[name].work(SHAPES[name].make(1))
    for step in STEPS:
        n = max(1, (size // 4 if quick else size) * step)
        try:
            costs.append(_sent(name, n) if name in HTTP else _forked(name, n))
        except (OSError, RuntimeError) as error:
            return Row(name, tuple(costs), f"{type(error).__name__} at {n}: {error}"[:200])
    return Row(name, tuple(costs))


def _forked(name: str, n: int) -> Cost:
    """In a child of this process, so that what is loaded already is not loaded again."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, json.dumps(once(name, n)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        if not select.select([pipe], [], [], _SECONDS)[0]:
            os.kill(child, signal.SIGKILL)
        said = pipe.read()
    os.waitpid(child, 0)
    if not said:
        raise RuntimeError(f"nothing came of it in {_SECONDS} s, or it failed")
    seconds, mb, answer = json.loads(said)
    return Cost(n, seconds, mb, answer)


def once(name: str, n: int) -> tuple[float, float, int]:
    """CPU seconds, MB more at the peak, and bytes of the answer, in this process."""
    logging.disable(logging.CRITICAL)
    shape = {**SHAPES, **VOICES}[name]
    shape.work(shape.make(1))  # What is loaded at the first use does not count.
    document = shape.make(n)
    # Linux: forget the peak so far, which is that of making the document.
    Path("/proc/self/clear_refs").write_text("5")
    before = _megabytes("VmRSS")
    began = time.process_time()
    answer = shape.work(document)
    seconds = time.process_time() - began
    return seconds, max(0.0, _megabytes("VmHWM") - before), answer


def _megabytes(field: str, pid: object = "self") -> float:
    found = re.search(rf"^{field}:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _sent(name: str, n: int) -> Cost:
    """A request to a service that is new, so that its peak is that of the request."""
    request = HTTP[name][1](n)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), "tone") as (client, pid):
        address = urlsplit(str(client.base_url))
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        before = _megabytes("VmRSS", pid)
        spent = cpu_seconds(pid)
        answer = _exchanged((address.hostname or "", address.port or 80), request)
        # What is done after the answer counts, too.
        client.get("/healthz").raise_for_status()
        seconds = cpu_seconds(pid) - spent
        return Cost(n, seconds, max(0.0, _megabytes("VmHWM", pid) - before), answer)


def _exchanged(address: tuple[str, int], request: bytes) -> int:
    """Bytes of the answer; a service may close the connection before it has read all."""
    size = 0
    with socket.create_connection(address, timeout=ANSWER_SECONDS) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        with suppress(ConnectionResetError):
            while data := connection.recv(65_536):
                size += len(data)
    return size


def told(row: Row) -> dict[str, object]:
    """For JSON."""
    costs = [
        {"n": c.n, "seconds": round(c.seconds, 4), "mb": round(c.mb, 2), "answer": c.answer}
        for c in row.costs
    ]
    ratios = [] if row.failure else [round(ratio, 2) for ratio in row.ratios()]
    return {"name": row.name, "costs": costs, "ratios": ratios, "failure": row.failure}


def table(rows: Sequence[Row]) -> str:
    """For people."""
    head = f"{'':33}{'n':>9}{'CPU s':>20}{'MB':>17}{'kB':>20}   times: s   MB   kB"
    exceed = sum(row.exceeds for row in rows)
    last = f"{exceed} of {len(rows)} grow faster than {MOST:g} times from n to 4n"
    return "\n".join((head, *map(line, rows), last))


def line(row: Row) -> str:
    """A row of the table."""
    if row.failure:
        return f"{row.name:33}{row.failure} !"
    first = row.costs[0]
    seconds = "".join(f"{cost.seconds:7.2f}" for cost in row.costs)
    memory = "".join(f"{cost.mb:6.0f}" for cost in row.costs)
    answer = "".join(f"{cost.answer / 1000:7.0f}" for cost in row.costs)
    ratios = "".join(f"{ratio:5.1f}" for ratio in row.ratios())
    return f"{row.name:33}{first.n:9}{seconds}{memory}{answer}   {ratios}{' !' * row.exceeds}"


if __name__ == "__main__":
    main()
