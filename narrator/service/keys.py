"""Who may do what: keys of the API, of which the settings hold only the hashes.

A key is 256 random bits, so a plain SHA-256 of it cannot be searched for; in the settings it is a
line `name = "scope:sha256:hex"` of the table [service.keys].
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Scope = Literal["read", "narrate", "admin"]

SCOPES: tuple[Scope, ...] = get_args(Scope)
"""Each may do what those before it may."""

PREFIX = "nk1_"
"""How keys begin, so that people and scanners of secrets know one when they see it."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is known: its name for logs, and what it is good for."""

    name: str
    scope: Scope
    digest: bytes
    """SHA-256 of the key."""

    def allows(self, scope: Scope) -> bool:
        """Whether it is good for what needs that scope."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


def new_key(name: str, scope: Scope) -> tuple[str, str]:
    """A new key, and the line of the settings that makes it known."""
    key = f"{PREFIX}{secrets.token_urlsafe(32)}"
    return key, f'{name} = "{scope}:sha256:{_digest(key).hex()}"'


def known_keys(lines: Mapping[str, str]) -> tuple[Key, ...]:
    """The keys of the settings, whose form is checked already."""
    found = []
    for name, line in lines.items():
        scope, _, digest = line.split(":")
        found.append(Key(name, SCOPES[SCOPES.index(scope)], bytes.fromhex(digest)))
    return tuple(found)


def find_key(shown: str, keys: tuple[Key, ...]) -> Key | None:
    """The key that was shown, or None; takes as long for any, so that nothing can be guessed from
    the time."""
    digest = _digest(shown)
    found = None
    for key in keys:
        if hmac.compare_digest(key.digest, digest):
            found = key
    return found


def shown_key(authorization: str) -> str:
    """The key in an Authorization header: a Bearer token, or the password of a Basic login (which
    podcast apps and browsers can give); empty where there is none."""
    scheme, _, rest = authorization.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            try:
                return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return ""
    return ""


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
