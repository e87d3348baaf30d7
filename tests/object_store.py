"""An S3 server on 127.0.0.1, and a place before it where it can be made to fail."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from waiting import PATIENCE

from narrator.bench.server import free_port

BUCKET = "narrations"


class ObjectStore:
    """moto's server as a process of its own, with one bucket in it, for the block."""

    def __enter__(self) -> ObjectStore:
        self.port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.url = f"s3://{BUCKET}"
        self.environment = environment(self.port)
        make = urllib.request.Request(f"{self.endpoint}/{BUCKET}", method="PUT")
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(make, timeout=PATIENCE).close()
                return self
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.1)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()


def environment(port: int) -> dict[str, str]:
    """What leads an S3 client to a server on this machine."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test-secret",
        "AWS_REGION": "us-east-1",
    }


class Faulty(ThreadingHTTPServer):
    """Stands before an S3 server: answers 500 so often, or lets every request wait."""

    daemon_threads = True

    def __init__(self, to: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.to = to
        self.failures = 0
        """Requests that are still to be answered with 500."""
        self.wait = 0.0
        """Seconds before each request is passed on."""
        self.asked = 0
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    def server_close(self) -> None:
        self.shutdown()
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that left is no fault."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Faulty

    def _pass_on(self) -> None:
        server = self.server
        server.asked += 1
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(server.wait)
        if server.failures > 0:
            server.failures -= 1
            self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        upstream = http.client.HTTPConnection("127.0.0.1", server.to, timeout=PATIENCE)
        upstream.request(self.command, self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "server", "date"):
                self.send_header(name, value)
        if answer.getheader("Content-Length") is None:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        upstream.close()

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _pass_on  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Say nothing."""
