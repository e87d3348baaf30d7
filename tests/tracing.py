"""Processes whose system calls are followed (strace): what they connect to, look up and write."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from waiting import PATIENCE, until

_NETWORK = re.compile(r"\b(?:connect|sendto|sendmsg|sendmmsg|bind)\((.*)")
_ADDRESS = re.compile(r'inet_(?:addr\(|pton\(AF_INET6, )"([^"]+)"')
_PORT = re.compile(r"htons\((\d+)\)")
_SOCKET_FILE = re.compile(r'sun_path=@?"([^"]*)"')
_WRITING = re.compile(
    r"\b(?:(?:open|openat|openat2)\(.*\b(?:O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE)\b"
    r"|(?:creat|mkdir|mkdirat|mknod|mknodat|rename|renameat|renameat2|link|linkat|symlink"
    r"|symlinkat|unlink|unlinkat|rmdir|truncate|chmod|fchmodat|chown|fchownat)\()"
)
_AT = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_RESOLVER = ("/etc/resolv.conf", "/etc/hosts", "/run/systemd/resolve", "/run/dbus")


class Traced:
    """A process that is followed, and what it has done so far."""

    def __init__(
        self, command: list[str], folder: Path, *, calls: str = "network,file", **env: str
    ) -> None:
        """`folder` is where it works; its home is `folder`/home, its temporary files are in
        `folder`/tmp; `calls` are followed. Its environment holds nothing of ours but `env`: no CI,
        no XDG folders."""
        if shutil.which("strace") is None:
            pytest.skip("strace is not installed: run tests/install")
        self.folder = folder
        for name in ("home", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._trace = folder / "trace"
        self._trace.touch()
        self.process = subprocess.Popen(
            ["strace", "-f", "-qq", "-y", "--seccomp-bpf", "-s", "300",
             "-e", f"trace={calls}", "-o", str(self._trace), *command],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"),
                 "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **env},
        )  # fmt: skip

    def calls(self) -> list[str]:
        """A line each, as strace writes them."""
        return self._trace.read_text("utf-8", "replace").splitlines()

    def wait(self) -> str:
        """What it said on stderr, once it has ended well."""
        said = self.process.communicate(timeout=PATIENCE)[1]
        assert self.process.returncode == 0, said
        return said

    def stop(self) -> None:
        """End it as a service manager does; not strace, for that would let it run on."""
        if self.process.poll() is None:
            until(self.calls, "strace did not begin", 0.1)
            os.kill(int(self.calls()[0].split()[0]), signal.SIGTERM)
        self.process.communicate(timeout=PATIENCE)

    def strangers(self) -> set[str]:
        """Everybody but this machine itself whom it connected to or sent something."""
        found = set()
        for line in self.calls():
            if match := _NETWORK.search(line):
                for address in _ADDRESS.findall(match[1]):
                    if not ipaddress.ip_address(address).is_loopback:
                        found.add(f"{address}:{','.join(_PORT.findall(match[1]))}")
        return found

    def lookups(self) -> set[str]:
        """How it asked for the address of a name, if it did."""
        found = set()
        for line in self.calls():
            network = _NETWORK.search(line)
            if network and "53" in _PORT.findall(network[1]):
                found.add("port 53")
            paths = _SOCKET_FILE.findall(line) if network else [p for _, p in _AT.findall(line)]
            found |= {path for path in paths if any(name in path for name in _RESOLVER)}
        return found

    def written(self) -> set[Path]:
        """Files and folders that it made, changed or removed, or tried to."""
        found = set()
        for line in self.calls():
            if _WRITING.search(line):
                for folder, path in _AT.findall(line):
                    if not path.startswith("/proc/self/fd/"):
                        found.add(Path(self.folder, folder, path))
        return found


@contextmanager
def traced(
    command: list[str], folder: Path, *, calls: str = "network,file", **env: str
) -> Iterator[Traced]:
    """A followed process for the block."""
    process = Traced(command, folder, calls=calls, **env)
    try:
        yield process
    finally:
        process.stop()
