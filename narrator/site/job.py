"""What a run of prerender is to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from narrator.site.config import SiteConfig


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is to do."""

    sources: tuple[str, ...]
    output: Path
    """The site folder."""
    config: SiteConfig = field(default_factory=SiteConfig)
    voice: str = ""
    """Rules over every other word on the voice of the body."""
    speed: float | None = None
    limit: int | None = None
    """Articles to make at most; the next run goes on."""
    again: bool = False
    """Whether what has not changed is made anew too, from the sentences that are kept."""
    dry: bool = False
    """Whether it is only told what would be done."""
    patience: float = 3600.0
    """Seconds to wait for another run that works in the folder."""
