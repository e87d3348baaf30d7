"""Connections to public addresses only.

A name is resolved once, every address that it resolves to is checked, and the connection goes to
a checked address: a name that resolves to something else the next time (DNS rebinding) gains
nothing. Host header, SNI and certificate still bear the name.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextlib import suppress

import httpcore

from narrator.errors import FetchError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)
"""Upper half of an IPv6 interface identifier whose lower half is an IPv4 address."""

_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "168.63.129.16/32",  # Looks public; within Azure it is the host's own service.
            "192.0.0.0/24",  # Protocol assignments; Oracle's cloud keeps metadata there.
            "192.88.99.0/24",  # Relays of 6to4, withdrawn.
            "3fff::/20",  # Documentation.
        ),
    )
)
"""What the registries of some Python versions count as public."""

CLOSED_PORTS = frozenset(
    {
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
        102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389,
        427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636,
        989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665,
        6666, 6667, 6668, 6669, 6679, 6697, 10080,
    }
)  # fmt: skip
"""Ports of other protocols, which browsers never ask for a page either (fetch.spec.whatwg.org)."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: Address) -> bool:
    """Whether anyone on the Internet may reach it: not loopback, private, link-local (where the
    metadata services of clouds are), reserved or multicast, also when written within IPv6."""
    if any(address.version == net.version and address in net for net in _NEVER):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64 or int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def public_addresses(host: str, port: int, timeout: float) -> tuple[str, ...]:
    """The addresses of a host; FetchError where it has none or one that is not public."""
    addresses = resolve(host, port, timeout)
    for address in addresses:
        # A link-local IPv6 address comes with its zone: "fe80::1%eth0".
        if not is_public(ipaddress.ip_address(address.partition("%")[0])):
            raise FetchError(
                f"{host} leads to {address}, which is not a public address. "
                "If that is meant, allow it with --allow-private."
            )
    return addresses


def resolve(host: str, port: int, timeout: float) -> tuple[str, ...]:
    """The addresses of a host, within `timeout` seconds; FetchError where it has none."""
    found: list[str] = []

    def ask() -> None:
        # UnicodeError: a name that no host can have.
        with suppress(OSError, UnicodeError):
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(entry[4][0]) for entry in entries))

    # The system's resolver cannot be told how long to take, so it is left behind when it does.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout)
    if not found:
        raise FetchError(f"The host {host!r} is not found. Check the address and the connection.")
    return tuple(found)


class Network(httpcore.NetworkBackend):
    """Opens connections for one fetch, to checked addresses, until its deadline."""

    def __init__(self, deadline: float, *, allow_private: bool) -> None:
        """`deadline` is a time of time.monotonic()."""
        self._deadline = deadline
        self._allow_private = allow_private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address of the host that answers."""
        if port in CLOSED_PORTS:
            raise FetchError(
                f"Port {port} of {host} is one of another protocol, where no pages are. "
                "Check the address."
            )
        find = resolve if self._allow_private else public_addresses
        addresses = find(host, port, remaining(self._deadline, timeout))
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, remaining(self._deadline, timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._deadline)
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Never: FetchError."""
        raise FetchError("Pages are not fetched from Unix sockets.")


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write ends by the deadline: a server that sends one byte
    now and then cannot hold it open."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = remaining(self._deadline, timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def remaining(deadline: float, timeout: float | None) -> float:
    """Seconds that may still be waited; httpcore.ReadTimeout where there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for the whole page is over")
    return left if timeout is None else min(left, timeout)
