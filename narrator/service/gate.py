"""Who comes in, and how often: the name that was called, the key that was shown, what it needs.

It stands before everything that reads a body, so that who may not come in is not listened to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from narrator.errors import KeyNeeded, NotAllowed, Refused, TooMany, WrongHost
from narrator.queue.allowance import Allowance
from narrator.service.access import SAFE, needed, under
from narrator.service.hosts import LOOPBACK, called, is_loopback
from narrator.service.keys import Key, find_key, known_keys, shown_key
from narrator.service.problems import answer, problem_of
from narrator.service.rates import Rates, neighbourhood
from narrator.settings import ServiceSettings

HOST_LIMIT = 300
"""Characters of a Host header; no name has more, and names are remembered."""

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
        return f"key {self.key.name}" if self.key else neighbourhood(self.address)


class Gate:
    """ASGI middleware that lets in who may come in, as often as it may, and says who it is in
    `state["caller"]`."""

    def __init__(
        self, app: ASGIApp, settings: ServiceSettings, shared: Allowance | None = None
    ) -> None:
        self.app = app
        self.settings = settings
        self.keys = known_keys(settings.keys)
        self.names = own_names(settings)
        self.rates = Rates(shared)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        told: dict[str, str] = {}

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(raw=message["headers"]).update(told)
            await send(message)

        try:
            self._check_host(scope)
            caller, known = self._caller(scope)
            scope.setdefault("state", {})["caller"] = caller
            await self._spend(caller, scope, told)
            if not known:
                raise KeyNeeded("The key is not one that this service knows. Check or leave it.")
            self._check_scope(caller, scope)
        except Refused as error:
            await answer(problem_of(error))(scope, receive, tell)
        else:
            await self.app(scope, receive, tell)

    def _check_host(self, scope: Scope) -> None:
        """WrongHost."""
        host = ", ".join(Headers(scope=scope).getlist("host"))  # Two are none.
        known = len(host) <= HOST_LIMIT and called(host, self.names)
        if not under(scope["path"], PROBES) and not known:
            raise WrongHost(
                f"This service does not answer to the name {host[:100]!r}. Names are added to "
                "public_hosts in its settings."
            )

    def _caller(self, scope: Scope) -> tuple[Caller, bool]:
        """Who it is; False where a key was shown that nobody knows."""
        address = scope["client"][0] if scope.get("client") else ""
        shown = shown_key(Headers(scope=scope).get("authorization", ""))
        if not shown or not self.keys:
            return Caller(address), True
        key = find_key(shown, self.keys)
        return Caller(address, key), key is not None

    async def _spend(self, caller: Caller, scope: Scope, told: dict[str, str]) -> None:
        """Count the request, and tell in headers what is left. TooMany."""
        if under(scope["path"], PROBES) or (caller.key is None and is_loopback(caller.address)):
            return
        limits = [("requests", self.settings.requests_per_minute)]
        if scope["method"] not in SAFE:
            limits.append(("makings", self.settings.makings_per_minute))
        for name, quota in limits:
            if not quota:
                continue
            standing = await self.rates.spend(name, quota, caller.name)
            for header, value in standing.headers(name).items():
                told[header] = f"{told[header]}, {value}" if header in told else value
            if standing.wait:
                raise TooMany(
                    f"{caller.name} sent more than {quota} {name} a minute. Try again in "
                    f"{math.ceil(standing.wait)} s.",
                    retry_after=standing.wait,
                )

    def _check_scope(self, caller: Caller, scope: Scope) -> None:
        """KeyNeeded, NotAllowed."""
        if not self.keys:
            return  # Only this machine can reach it: see `check_guarded`.
        wanted = needed(
            scope["method"], scope["path"],
            private=self.settings.private, open_metrics=self.settings.open_metrics,
        )  # fmt: skip
        if wanted is None:
            return
        if caller.key is None:
            raise KeyNeeded(
                f"A key with the scope {wanted!r} is needed: send it as "
                "'Authorization: Bearer KEY'."
            )
        if not caller.key.allows(wanted):
            raise NotAllowed(
                f"The key {caller.key.name!r} has the scope {caller.key.scope!r}; this needs "
                f"{wanted!r}."
            )


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
