"""A real service in a process of its own, for tests that talk to it over the loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from waiting import PATIENCE, until


class Serving:
    """A running `narrator serve`."""

    def __init__(
        self,
        library: Path,
        options: tuple[str, ...],
        env: dict[str, str],
        wrapped: Callable[[list[str]], list[str]] = lambda command: command,
    ) -> None:
        """`wrapped` makes of its command line what is started."""
        self.library = library
        self.log: list[dict[str, Any]] = []
        self._listening = threading.Event()
        self.process = subprocess.Popen(
            wrapped([sys.executable, "-m", "narrator", "serve", "--port", "0", *options]),
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NARRATOR_LIBRARY": str(library), "NARRATOR_VOICE": "tone",
                 "NARRATOR_SERVICE__TEST_VOICES": "true", "NARRATOR_THREADS": "2",
                 "NARRATOR_SERVICE__READ_SECONDS": str(PATIENCE), **env},
            cwd=library.parent,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._listening.wait(PATIENCE), self.log
        told = [line["url"] for line in self.log if line["message"] == "listening"]
        assert told, self.log  # Else it ended.
        (self.url,) = told
        self.client = httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=False)

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            try:
                record = json.loads(line)
            except ValueError:
                record = {"message": line.rstrip(), "level": "raw"}
            self.log.append(record)
            if record["message"] == "listening":
                self._listening.set()
        self._listening.set()  # It ended.

    def ask(self, text: str, **fields: Any) -> dict[str, Any]:
        """The answer to a request for a narration of a Markdown text."""
        answer = self.client.post("/v1/narrations", json={"markdown": text, **fields})
        assert answer.status_code in (201, 202), answer.text
        found: dict[str, Any] = answer.json()
        assert answer.headers["Location"] == found["links"]["self"]
        return found

    def finished(self, narration_id: str) -> dict[str, Any]:
        """The status of a narration once it is ready."""
        status: dict[str, Any] = {}

        def is_ready() -> bool:
            nonlocal status
            status = self.client.get(f"/v1/narrations/{narration_id}").json()
            assert status["state"] in ("reading", "queued", "working", "ready"), status
            return bool(status["state"] == "ready")

        until(is_ready, lambda: status)
        return status

    def narrated(self, text: str, **fields: Any) -> dict[str, Any]:
        """The status of a finished narration of a Markdown text."""
        return self.finished(self.ask(text, **fields)["id"])

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """As a service manager stops it; its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self._reader.join(PATIENCE)
        if self.process.stderr is not None:
            self.process.stderr.close()
        self.client.close()
        return code


@contextmanager
def serving(library: Path, *options: str, **env: str) -> Iterator[Serving]:
    """A service for the block; `env` holds further NARRATOR_ variables, in full."""
    with started(Serving(library, options, env)) as service:
        yield service


@contextmanager
def started(service: Serving) -> Iterator[Serving]:
    """The service for the block; it is stopped afterwards."""
    try:
        yield service
    finally:
        service.stop()


def paragraphs(count: int, words: str = "The kettle sings while the water warms") -> str:
    """A Markdown article of so many sentences, each its own."""
    return "\n\n".join(f"{words} for cup {number}." for number in range(count))
