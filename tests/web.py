"""A web site on this machine that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


def answer(
    status: int = 200, body: bytes = b"", content_type: str = "text/html", **headers: str
) -> Answer:
    """Sends the body; `Content_Type` and the like are headers."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        told = {"Content_Type": content_type, "Content_Length": str(len(body)), **headers}
        for name, value in told.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def known(etag: str, body: bytes, content_type: str = "text/html") -> Answer:
    """Sends the body, but not again to who has it."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        has = handler.headers.get("If-None-Match") == etag
        told = answer(304, ETag=etag) if has else answer(200, body, content_type, ETag=etag)
        told(handler)

    return send


def redirect(to: str) -> Answer:
    return answer(302, Location=to)


class Site:
    """What is served, by path, and what was asked for."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self.asked: list[str] = []
        """Paths, in order."""
        self.headers: list[Mapping[str, str]] = []
        self.url = ""
        """Without a slash at its end."""

    def xml(self, path: str, text: str, content_type: str = "application/xml") -> None:
        """Serve the text, with `{url}` in it standing for the address of the site."""
        body = text.replace("{url}", self.url).encode()
        self.answers[path] = answer(body=body, content_type=content_type)


@contextmanager
def serving(answers: Mapping[str, Answer]) -> Iterator[Site]:
    """The site, on a port of its own, until the end."""
    site = Site(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.headers.append(dict(self.headers))
            try:
                site.answers.get(self.path, answer(404, b"no"))(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # The reader has had enough.

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, daemon=True).start()
        site.url = f"http://127.0.0.1:{running.server_port}"
        yield site
        running.shutdown()
