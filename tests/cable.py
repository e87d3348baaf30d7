"""A TCP connection to a server on this machine that can be cut: it stands, and nothing passes."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType


class Cable:
    """Listens at a port of its own and passes on what comes to another, for the block."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._whole = threading.Event()
        self._whole.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._open = [self._listening]

    def __enter__(self) -> Cable:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def cut(self) -> None:
        """Nothing passes any more, nor does a connection break."""
        self._whole.clear()

    def mend(self) -> None:
        """What was held back passes, and all that follows."""
        self._whole.set()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._whole.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, from_: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := from_.recv(65536):
                self._whole.wait()
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)
