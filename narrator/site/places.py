"""Which folder of a site folder is whose."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

from narrator.errors import SiteError
from narrator.publishing.manifest import Manifest
from narrator.site.gather import Item
from narrator.site.index import listed_slugs
from narrator.site.present import manifest_in

OWNER_DIGITS = 6
"""Hexadecimal digits that tell two articles of one slug apart."""


class Places:
    """Hands out the folders of a site folder, each once a run."""

    def __init__(self, output: Path) -> None:
        self._output = output
        self._claimed: set[str] = set()
        """Slugs that articles of this run have."""

    def of(self, item: Item) -> tuple[str, Manifest | None]:
        """The slug of an article, and its manifest if it was made before. Of two that ask for one
        slug, the later gets a name of its own, and both keep what they have."""
        own = f"{item.slug}-{hashlib.sha256(item.id.encode()).hexdigest()[:OWNER_DIGITS]}"
        taken = item.slug in self._claimed
        known = self._listed.get(item.id) if item.alone else None
        found: dict[str, Manifest | None] = {}
        for slug in filter(None, (known, item.slug, own)):
            try:
                manifest = manifest_in(self._output / slug)
            except SiteError:
                manifest = None  # Damaged: it is made anew.
            found[slug] = manifest
            if manifest and manifest.id == item.id and slug not in self._claimed:
                self._claimed.add(slug)
                return slug, manifest
        slug = own if taken or found[item.slug] else item.slug
        self._claimed.add(slug)
        return slug, None

    def give_back(self, slug: str) -> None:
        """The folder was not needed."""
        self._claimed.discard(slug)

    @cached_property
    def _listed(self) -> dict[str, str]:
        return listed_slugs(self._output)
