"""Names of hosts: whose pages the service fetches, which it answers to, what loopback is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_HOST = re.compile(r"[^\s/?#@\\%]+")
"""What a Host header may be: nothing that would make more of it than a host and a port."""

ASKED = 1024
"""Hosts that are remembered, for every request asks about its own."""

USUAL_PORTS = {"http": 80, "https": 443}


def allowed(url: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns names the host of an http(s) address.

    `example.org` is that host; `*.example.org` are those below it, at any depth, but not itself;
    `*` is any. Without a port only the usual ones are meant; `:8000` is that port, `:*` any.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return False
    usual = USUAL_PORTS.get(parts.scheme.lower())
    if usual is None or not host:
        return False
    return any(_names(pattern.strip().lower(), host, port or usual, usual) for pattern in patterns)


def _names(pattern: str, host: str, port: int, usual: int) -> bool:
    """Whether a pattern names a host in lower case and its port."""
    name, colon, ports = pattern.rpartition(":") if ":" in pattern else (pattern, "", "")
    if "]" in ports or (colon and name.startswith("[") and not name.endswith("]")):
        name, ports = pattern, ""  # The colon was one of an IPv6 address.
    if ports != "*" and str(port) != (ports or str(usual)):
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) >= len(name)
    return name == "*" or name.strip("[]") == host


@lru_cache(ASKED)
def called(host: str, names: tuple[str, ...]) -> bool:
    """Whether a Host header is one of the names, at any port where they say none."""
    patterns = [pattern for name in names for pattern in (name, f"{name}:*")]
    return bool(_HOST.fullmatch(host)) and allowed(f"http://{host}", patterns)


@lru_cache(ASKED)
def is_loopback(address: str) -> bool:
    """Whether only this machine can reach what listens at an address."""
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False
