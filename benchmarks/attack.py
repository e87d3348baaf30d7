"""Attack a service as strangers could, and print health and memory meanwhile.

`slow`: sockets that ask for a file of some MB and never read; for each that is cut another comes.
`trailers`: a chunked body whose trailers never end. `keys`: a JSON body with hundreds of thousands
of members. `pipeline`: connections that send thousands of requests and read no answer. Each attack
meets a service of its own. Everything is on the loopback, whose addresses the limit of
`connections_per_address` does not count: so this is the attack of as many addresses as sockets.
"""

from __future__ import annotations

import argparse
import json
import resource
import select
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from service import Figures, article, narrated, resident, served, shown, spread

PROBE_SECONDS = 10.0
"""A probe that has no answer by then has failed."""

EVERY = 0.05
"""Seconds between two probes."""

LISTEN = b"POST /v1/listen HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = LISTEN + b"Transfer-Encoding: chunked\r\n\r\n"


class Watch:
    """Asks a path again and again, each time by a connection of its own unless `kept`, and looks at
    the memory of the process."""

    def __init__(self, port: int, pid: int, path: str = "/healthz", *, kept: bool = False) -> None:
        self.port, self.pid, self.path, self.kept = port, pid, path, kept
        self.taken: list[float] = []
        """Milliseconds of each answer that was 200."""
        self.failed = 0
        self.away = 0.0
        """Longest time in seconds from one answer to the next, less the pause between probes."""
        self.before = self.most = resident(pid)["resident MB"]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._open: socket.socket | None = None

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def figures(self) -> Figures:
        """What was seen."""
        times = spread(self.taken) if self.taken else {"n": 0.0}
        return {**times, "failed": self.failed, "longest without answer s": self.away,
                "memory before MB": self.before, "grew MB": self.most - self.before}  # fmt: skip

    def _run(self) -> None:
        last = time.monotonic()
        while not self._over.is_set():
            began = time.monotonic()
            answered = self._ask()
            now = time.monotonic()
            if answered:
                self.taken.append((now - began) * 1000)
                self.away = max(self.away, now - last)
                last = now
            else:
                self.failed += 1
            self.most = max(self.most, resident(self.pid)["resident MB"])
            self._over.wait(EVERY if not self.kept else 0.002)
        self.away = max(self.away, time.monotonic() - last)

    def _ask(self) -> bool:
        close = b"" if self.kept else b"Connection: close\r\n"
        try:
            if self._open is None:
                self._open = socket.create_connection(("127.0.0.1", self.port), PROBE_SECONDS)
                self._open.settimeout(PROBE_SECONDS)
            self._open.sendall(
                b"GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % (self.path.encode(), close)
            )
            answer = b""
            while not answer.endswith(b"}"):
                data = self._open.recv(65_536)
                if not data:
                    break
                answer += data
            return answer.startswith(b"HTTP/1.1 200")
        except OSError:
            self._drop()
            return False
        finally:
            if not self.kept:
                self._drop()

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


class Sockets:
    """So many sockets with small buffers that have sent a request and read nothing."""

    def __init__(self, many: int, port: int, request: bytes) -> None:
        self.port, self.request = port, request
        self.came = 0
        """Sockets that were opened so far."""
        self._held = [self._another() for _ in range(many)]

    def __enter__(self) -> Sockets:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._held:
            one.close()

    def stay(self, seconds: float) -> None:
        """Stay for so long; another comes for each that was cut."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            poll = select.poll()
            places = {one.fileno(): place for place, one in enumerate(self._held)}
            for number in places:
                poll.register(number, select.POLLERR | select.POLLHUP | select.POLLRDHUP)
            for number, _ in poll.poll(200):
                place = places[number]
                self._held[place].close()
                self._held[place] = self._another()
            time.sleep(0.05)

    def _another(self) -> socket.socket:
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(2)
        with suppress(OSError):
            one.bind((f"127.0.0.{2 + self.came % 250}", 0))
            one.connect(("127.0.0.1", self.port))
            one.settimeout(0.2)
            one.sendall(self.request)
        self.came += 1
        return one


def slow(port: int, pid: int, link: str, many: int, seconds: float) -> dict[str, Figures]:
    """Sockets that never read; those that were cut come again."""
    path = urlsplit(link).path
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with (
        Watch(port, pid) as health,
        Watch(port, pid, path.rpartition("/")[0]) as visitor,
        Sockets(many, port, request) as readers,
    ):
        readers.stay(seconds)
    found = {"/healthz": health.figures(), "a visitor": visitor.figures()}
    found["/healthz"]["sockets that came"] = readers.came
    return found


def trailers(port: int, pid: int, megabytes: int) -> dict[str, Figures]:
    """Trailers without end."""
    line = b"X-Trailer-%d: " + b"a" * 200 + b"\r\n"
    sent = 0
    status = 0
    address = ("127.0.0.1", port)
    with (
        Watch(port, pid, kept=True) as health,
        socket.create_connection(address, timeout=20) as one,
    ):
        one.sendall(CHUNKED + b"2\r\n{}\r\n0\r\n")
        with suppress(OSError):
            while sent < megabytes * 1_000_000:
                piece = b"".join(line % (sent + i) for i in range(300))
                one.sendall(piece)
                sent += len(piece)
        one.settimeout(1)
        with suppress(OSError, IndexError, ValueError):
            status = int(one.recv(65_536).split()[1])
        time.sleep(0.5)
    return {"/healthz": {**health.figures(), "sent MB": sent / 1e6, "status": status}}


def keys(port: int, pid: int, many: int) -> dict[str, Figures]:
    """A body of many members that no request has, to the route that asks for no key and to the one
    that takes articles."""
    body = ("{" + ",".join(f'"{n:x}":0' for n in range(many)) + "}").encode()
    found = {}
    for route in ("/v1/listen", "/v1/narrations", "/v1/audio/speech"):
        head = LISTEN.replace(b"/v1/listen", route.encode())
        with Watch(port, pid, kept=True) as health:
            time.sleep(0.2)
            began = time.monotonic()
            with socket.create_connection(("127.0.0.1", port), timeout=120) as one:
                with suppress(OSError):
                    one.sendall(
                        b"%sConnection: close\r\nContent-Length: %d\r\n\r\n" % (head, len(body))
                    )
                    one.sendall(body)
                answer = 0
                with suppress(OSError):
                    while data := one.recv(1 << 20):
                        answer += len(data)
            took = time.monotonic() - began
            time.sleep(0.2)
        found[route] = {**health.figures(), "body MB": len(body) / 1e6,
                        "answered after s": took, "answer kB": answer / 1000}  # fmt: skip
    return found


def pipeline(port: int, pid: int, many: int, seconds: float) -> dict[str, Figures]:
    """Connections that send a quarter of a megabyte of requests each and read no answer."""
    request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5000
    with Watch(port, pid) as health, Sockets(many, port, request) as readers:
        readers.stay(seconds)
    return {"/healthz": health.figures()}


def main() -> None:
    """Measure what was named, or all; a table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", help="slow, trailers, keys, pipeline; all without")
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=120.0, help="for which slow readers stay")
    parser.add_argument("--megabytes", type=int, default=200, help="of trailers, at most")
    parser.add_argument("--members", type=int, default=450_000, help="of a JSON body")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    attacks: dict[str, Callable[[int, int, str], dict[str, Figures]]] = {
        "slow": lambda port, pid, link: slow(port, pid, link, options.sockets, options.seconds),
        "trailers": lambda port, pid, _: trailers(port, pid, options.megabytes),
        "keys": lambda port, pid, _: keys(port, pid, options.members),
        "pipeline": lambda port, pid, _: pipeline(port, pid, options.sockets // 10, 20.0),
    }
    if unknown := set(options.what) - set(attacks):
        parser.error(f"{unknown.pop()!r} is none of {', '.join(attacks)}")
    found = {}
    for name in options.what or attacks:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), "tone") as (client, pid):
            link = narrated(client, article(100, "attack"))["links"]["audio"]
            size = int(client.head(link).headers["Content-Length"])
            found[name] = attacks[name](client.base_url.port or 80, pid, link)
        if not options.json:
            print(f"\n{name} (the file has {size / 1e6:.1f} MB)")
            for row, figures in found[name].items():
                print(f"  {row}\n    " + ", ".join(f"{k} {shown(v)}" for k, v in figures.items()))
    if options.json:
        print(json.dumps(found))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
