"""Who comes in: the name that was called, the key that was shown, what the request needs.

It stands before everything that reads a body, so that who may not come in is not listened to.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from narrator.errors import KeyNeeded, NotAllowed, Refused, WrongHost
from narrator.service.access import needed, under
from narrator.service.early import answer_early
from narrator.service.hosts import LOOPBACK, called, is_loopback
from narrator.service.keys import Key, find_key, known_keys, shown_key
from narrator.service.problems import answer, problem_of
from narrator.settings import ServiceSettings

PROBES = ("/healthz", "/readyz")
"""What whoever watches over the service asks, by whatever address it has."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request."""

    address: str
    """Of the client; of a proxy where that is not trusted to tell."""
    key: Key | None = None

    @property
    def name(self) -> str:
        """What it is limited and logged by: the key, else the address."""
        return f"key {self.key.name}" if self.key else self.address


class Gate:
    """ASGI middleware that lets in who may come in, and says who it is in `state["caller"]`."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self.app = app
        self.settings = settings
        self.keys = known_keys(settings.keys)
        self.names = own_names(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http":
            try:
                scope.setdefault("state", {})["caller"] = self._admitted(scope)
            except Refused as error:
                await answer_early(answer(problem_of(error)), scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _admitted(self, scope: Scope) -> Caller:
        """Who it is; WrongHost, KeyNeeded, NotAllowed."""
        headers = Headers(scope=scope)
        path = scope["path"]
        host = headers.get("host", "")
        if not under(path, PROBES) and not called(host, self.names):
            raise WrongHost(
                f"This service does not answer to the name {host[:100]!r}. Names are added to "
                "public_hosts in its settings."
            )
        address = scope["client"][0] if scope.get("client") else ""
        if not self.keys:
            return Caller(address)  # Only this machine can reach it: see `check_guarded`.
        shown = shown_key(headers.get("authorization", ""))
        key = find_key(shown, self.keys) if shown else None
        if shown and key is None:
            raise KeyNeeded("The key is not one that this service knows. Check it, or leave it.")
        scope_needed = needed(
            scope["method"], path,
            private=self.settings.private, open_metrics=self.settings.open_metrics,
        )  # fmt: skip
        if scope_needed is None:
            return Caller(address, key)
        if key is None:
            raise KeyNeeded(
                f"A key with the scope {scope_needed!r} is needed: send it as "
                "'Authorization: Bearer KEY'."
            )
        if not key.allows(scope_needed):
            raise NotAllowed(
                f"The key {key.name!r} has the scope {key.scope!r}; this needs {scope_needed!r}."
            )
        return Caller(address, key)


def own_names(settings: ServiceSettings) -> tuple[str, ...]:
    """The names that the service answers to. Without public_hosts: this machine's and that of
    public_url; any, where keys guard it and no name was told. A page of another site that had its
    own name lead here (DNS rebinding) is so refused where no key is asked for."""
    public = urlsplit(settings.public_url).hostname
    if settings.public_hosts:
        return (*settings.public_hosts, *((public,) if public else ()))
    if public:
        return (public, *LOOPBACK)
    return LOOPBACK if is_loopback(settings.host) else ("*",)
