"""The table [feed] of narrator.toml: what a podcast says of itself, for site and service alike."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from narrator.publishing.categories import category
from narrator.publishing.feed import Channel, Medium


class FeedTable(BaseModel):
    """[feed]: what the podcast says of itself; without a title a site folder has
    no feed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""
    description: str = ""
    link: str = ""
    """Address of the website, where it is not the site's `url`."""
    language: str = ""
    author: str = ""
    email: str = ""
    cover: str = ""
    """A square PNG or JPEG of 1400 to 3000 pixels: a file or an address."""
    categories: tuple[str, ...] = ()
    """Such as "News > Tech News"."""
    explicit: bool = False
    copyright: str = ""
    medium: Medium = "podcast"
    locked: bool = False
    guid: str = ""
    """podcast:guid of a feed that has moved here."""
    episodes: int = Field(default=300, ge=1)
    """The newest so many articles."""
    sample_rate: Literal[44100, 48000] | None = None
    """Samples a second of the audio files, where directories want more than the voice has."""

    @field_validator("categories")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            category(name)
        return names

    @property
    def apple_categories(self) -> tuple[tuple[str, str], ...]:
        """(category, subcategory) of each."""
        return tuple(category(name) for name in self.categories)

    def channel(self, *, url: str, link: str, language: str, cover: str = "") -> Channel:
        """The podcast whose feed is at `url`."""
        return Channel(
            title=self.title,
            description=self.description or self.title,
            link=self.link or link,
            url=url,
            language=self.language or language or "en",
            author=self.author,
            email=self.email,
            cover=cover,
            categories=self.apple_categories,
            explicit=self.explicit,
            copyright=self.copyright,
            medium=self.medium,
            locked=self.locked,
            guid=self.guid,
        )
