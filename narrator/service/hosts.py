"""Which pages the service fetches: those whose hosts the settings name."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

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
