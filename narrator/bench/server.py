"""Piper's own HTTP server, with the voice loaded."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from narrator.bench.measured import Used, used_by
from narrator.errors import BenchError

START_LIMIT = 60.0
"""Seconds that a server may take until it answers."""

WARM_UP = "The voice is loaded by this sentence."


class PiperServer:
    """One that runs."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.used = Used(0.0, 0.0)
        """By the server from its start to its end, once that has come."""

    def answer(self, text: str) -> bytes:
        """The text as a WAV."""
        body = json.dumps({"text": text}).encode()
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"{self._address}/synthesize", body, headers)) as answer:
            return bytes(answer.read())


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def piper_server(model: Path) -> Iterator[PiperServer]:
    """A server for the block, which has answered already."""
    port = free_port()
    command = [
        sys.executable, "-m", "piper.http_server", "--host", "127.0.0.1", "--port", str(port),
        "-m", str(model),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            raise BenchError("Piper's HTTP server did not start. Is flask installed?")
        server = PiperServer(f"http://127.0.0.1:{port}")
        server.answer(WARM_UP)
        yield server
    finally:
        process.terminate()
        if process.returncode is None:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    server.used = used_by(usage)
