"""Which web addresses are one: an address in one spelling, and what it covers.

ada-url parses as browsers do (the URL standard of the WHATWG): case of scheme and host, IDNA,
numbers that are IPv4 addresses, default ports, dot segments, backslashes. This module adds what the
standard leaves to servers and nearly all servers treat alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, quote_plus, unquote_to_bytes

import ada_url

SCHEMES = ("http", "https")

TRACKING = frozenset(
    {
        "_ga", "_gl", "_hsenc", "_hsmi", "dclid", "fbclid", "gbraid", "gclid", "gclsrc", "igsh",
        "igshid", "li_fat_id", "mc_cid", "mc_eid", "mkt_tok", "msclkid", "oly_anon_id",
        "oly_enc_id", "pk_campaign", "pk_kwd", "srsltid", "ttclid", "twclid", "vero_id", "wbraid",
        "yclid",
    }
)  # fmt: skip
"""Query parameters that tell where a reader came from, and never which article it is."""

TRACKING_PREFIXES = ("utm_", "mtm_", "itm_")

_UNQUOTED = "-._~!$&'()*+,;=:@"
"""What needs no percent-encoding in a path, beside letters and digits (RFC 3986, section 3.3)."""

_SLASHES = re.compile(r"/{2,}")


@dataclass(frozen=True, slots=True)
class Address:
    """An http or https address in one spelling; `str` gives it."""

    scheme: str
    site: str
    """Host in ASCII, and the port unless it is the scheme's own."""
    path: str
    """Begins with a slash."""
    query: tuple[tuple[str, str], ...] = ()
    """Names and values, in order, without those that track."""

    def __str__(self) -> str:
        pairs = "&".join(_pair(name, value) for name, value in self.query)
        return f"{self.scheme}://{self.site}{self.path}{'?' if pairs else ''}{pairs}"

    @property
    def place(self) -> str:
        """Site and path: the same for http and https, with and without a slash at the end."""
        return f"{self.site}{self.path.rstrip('/')}"

    def covers(self, other: Address) -> bool:
        """Whether what holds for this address holds for the other, too: the place is the same, and
        the other has every parameter of this query, in any order and beside any others."""
        return self.place == other.place and _named(self.query) <= _named(other.query)


def address_of(url: str) -> Address | None:
    """The address in one spelling, without name and password, fragment and tracking parameters;
    None where it is no http or https address."""
    try:
        parsed = ada_url.URL(url)
    except (ValueError, UnicodeError):
        return None
    scheme = str(parsed.protocol).rstrip(":")
    host = str(parsed.hostname).rstrip(".")
    if scheme not in SCHEMES or not host:
        return None
    port = f":{parsed.port}" if parsed.port else ""
    segments = _SLASHES.sub("/", str(parsed.pathname)).split("/")
    path = "/".join(quote(unquote_to_bytes(part), safe=_UNQUOTED) for part in segments)
    return Address(scheme, f"{host}{port}", path, _parameters(str(parsed.search).removeprefix("?")))


def one_spelling(url: str) -> str:
    """The address in one spelling; as it is where it is no http or https address."""
    address = address_of(url)
    return url if address is None else str(address)


def _parameters(query: str) -> tuple[tuple[str, str], ...]:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    return tuple((name, value) for name, value in pairs if not _tracks(name.casefold()))


def _tracks(name: str) -> bool:
    return name in TRACKING or name.startswith(TRACKING_PREFIXES)


def _named(query: tuple[tuple[str, str], ...]) -> frozenset[tuple[str, str]]:
    """What a query says, whatever the order of its parameters and the case of their names."""
    return frozenset((name.casefold(), value) for name, value in query)


def _pair(name: str, value: str) -> str:
    left = quote_plus(name, errors="surrogateescape")
    right = quote_plus(value, errors="surrogateescape")
    return f"{left}={right}" if value or not name else left
