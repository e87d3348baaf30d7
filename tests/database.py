"""A PostgreSQL server of the test's own, on 127.0.0.1, from Debian's package."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from narrator.bench.server import free_port
from narrator.queue.postgres import PostgresQueue

USER = "narrator"


class Database:
    """A server in a folder of its own, for the block. It may be restarted."""

    def __enter__(self) -> Database:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        assert programs, "PostgreSQL is not installed: run tests/install"
        self._programs = programs[-1]
        self._folder = Path(tempfile.mkdtemp(prefix="narrator-pg-", dir="/tmp"))
        self._as: list[str] = []
        if os.geteuid() == 0:  # initdb refuses root.
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
                        "--clear-groups"]  # fmt: skip
        self.port = free_port()
        self._run("initdb", "-D", "data", "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8")
        self.start()
        return self

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self._folder} -c fsync=off"
        self._run("pg_ctl", "-D", "data", "-w", "-o", options, "-l", "log", "start")

    def stop(self) -> None:
        """As a power cut would."""
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "stop")

    def url(self, name: str) -> str:
        """The address of a fresh database of that name."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, name)
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def queue(self, name: str) -> Iterator[PostgresQueue]:
        """A queue in a fresh database, for the block; `name` as a test's folder is called."""
        queue = PostgresQueue(self.url("q_" + "".join(filter(str.isalnum, name.lower()))))
        queue.migrate()
        yield queue
        queue.close()

    def pids(self) -> list[int]:
        """The server's process and those that it began."""
        first = int((self._folder / "data/postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self._as, str(self._programs / program), *arguments],
            cwd=self._folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
