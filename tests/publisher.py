"""A publisher's site and service, for tests of what others can do to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import web
from serving import Serving, serving

from narrator.service.keys import new_key

KEYS = {scope: new_key(scope, scope) for scope in ("narrate", "admin")}

SHARED = ("segments", "encoded", "leases", "passing")
"""Folders of a library that are no record of anything that lasts."""


def html(title: str, *sentences: str, head: str = "") -> bytes:
    """A page with an article, each of whose sentences is a paragraph."""
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{head}</head>'
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode()


class Publisher:
    """A running service with keys that reads the pages of a running site."""

    def __init__(self, site: web.Site, service: Serving) -> None:
        self.site = site
        self.service = service
        self.stranger = service.client
        key = {"Authorization": f"Bearer {KEYS['narrate'][0]}"}
        self.client = httpx.Client(base_url=service.url, timeout=60, trust_env=False, headers=key)

    def page(self, path: str, title: str, *sentences: str, head: str = "") -> str:
        """Put a page on the site; its address."""
        self.site.answers[path.partition("?")[0]] = web.answer(
            body=html(title, *sentences, head=head)
        )
        return f"{self.site.url}{path}"

    def ask(self, **fields: Any) -> dict[str, Any]:
        """What the publisher's request with a key is answered."""
        answer = self.client.post("/v1/narrations", json=fields)
        assert answer.status_code in (201, 202), answer.text
        found: dict[str, Any] = answer.json()
        return found

    def narrated(self, **fields: Any) -> dict[str, Any]:
        """The finished narration that a key asked for."""
        return self.service.finished(self.ask(**fields)["id"])

    def listen(self, url: str, **fields: Any) -> httpx.Response:
        """What a listener is answered."""
        return self.stranger.post("/v1/listen", json={"url": url, **fields})

    def heard(self, url: str, **fields: Any) -> dict[str, Any]:
        """What a listener hears, when it is finished, under the id of its article."""
        answer = self.listen(url, **fields)
        assert answer.status_code in (200, 202), answer.text
        told = self.service.finished(answer.json()["id"])
        assert self.stranger.get(told["links"]["audio"], follow_redirects=True).status_code == 200
        return {**told, "article": answer.json().get("article", told["article"])}

    def article(self, some_id: str) -> tuple[str, list[str]]:
        """Id of the current narration of an article, and of those before."""
        told = self.stranger.get(f"/v1/articles/{some_id}").json()
        return told["current"]["id"], [earlier["id"] for earlier in told["earlier"]]

    def episodes(self) -> dict[str, str]:
        """Id of each article in the feed, which is up to a minute old -> address of its audio."""
        text = self.stranger.get("/feed.xml").text
        guids = re.findall(r"<guid[^>]*>([^<]*)</guid>", text)
        audio = re.findall(r'<enclosure[^>]*url="([^"]*)"', text)
        return dict(zip(guids, audio, strict=True))

    def lasting(self) -> dict[str, bytes]:
        """All that the library holds but spoken sentences and what is passing."""
        return tree(self.service.library)

    def passing(self) -> list[str]:
        """Ids of the passing narrations that are kept."""
        folder = self.service.library / "passing" / "narrations"
        return sorted(path.stem for path in folder.rglob("*.json"))


def tree(library: Path) -> dict[str, bytes]:
    """Path and content of each file that lasts."""
    return {
        str(path.relative_to(library)): path.read_bytes()
        for path in library.rglob("*")
        if path.is_file() and path.relative_to(library).parts[0] not in SHARED
    }


@contextmanager
def publishing(folder: Path, **env: str) -> Iterator[Publisher]:
    """A site, and a service with keys that may read it. `env` as for `serving`."""
    (folder / "narrator.toml").write_text(
        "[service.keys]\n" + "".join(f"{line}\n" for _, line in KEYS.values())
    )
    with web.serving({}) as site:
        known = {
            "NARRATOR_ALLOW_PRIVATE": "true",
            "NARRATOR_SERVICE__HOSTS": site.url.removeprefix("http://"),
            "NARRATOR_SERVICE__RECHECK": "0",
            "NARRATOR_SERVICE__FETCHES_PER_MINUTE": "0",
            "NARRATOR_SERVICE__KEEP_VOICE": "false",
        }
        with serving(folder / "library", **{**known, **env}) as service:
            publisher = Publisher(site, service)
            try:
                yield publisher
            finally:
                publisher.client.close()
