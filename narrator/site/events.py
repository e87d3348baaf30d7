"""What happens while a site is prerendered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

State = Literal[
    "made", "refreshed", "unchanged", "planned", "filtered", "draft", "skipped", "retired", "gone",
    "failed",
]  # fmt: skip
"""What became of an article. `made`: sound was made. `refreshed`: the sound is as it was, what
stands beside it was written anew. `planned`: a dry run would make it. `filtered`: this run is not
about it. `skipped`: it has nothing to say, or was taken down. `retired`: its source is
gone, and it was kept, deleted or not touched, as asked. `gone` is a retired one as found again."""


@dataclass(frozen=True, slots=True)
class Found:
    """Event: the sources were looked through, or one of them led to more."""

    articles: int
    size: int
    """Bytes of all files; 0 where some come from the web."""


@dataclass(frozen=True, slots=True)
class Began:
    """Event: an article is about to be spoken."""

    id: str
    title: str
    sentences: int
    words: int


@dataclass(frozen=True, slots=True)
class Heard:
    """Event: one more sentence of the current article is in its audio."""

    done: int
    total: int
    seconds: float
    """Seconds of audio of this article so far."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Event: what became of one article."""

    id: str
    state: State
    source: str = ""
    """Path or address."""
    slug: str = ""
    title: str = ""
    reason: str = ""
    """Why it failed or was skipped."""
    size: int = 0
    """Bytes of the source."""
    words: int = 0
    sentences: int = 0
    spoken: int = 0
    """Sentences spoken anew; in a dry run, to be spoken."""
    duration: float = 0.0
    """Seconds of audio."""
    took: float = 0.0
    """Seconds of work."""
    takes: float = 0.0
    """Seconds that it would take on this machine, in a dry run."""
    omissions: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Summary:
    """Event, the last: all outcomes counted."""

    states: dict[State, int] = field(default_factory=dict)
    words: int = 0
    """Of what was made or planned, like all that follows."""
    sentences: int = 0
    spoken: int = 0
    duration: float = 0.0
    """Seconds of audio."""
    took: float = 0.0
    """Seconds."""
    takes: float = 0.0
    """Seconds that it would take on this machine, in a dry run."""
    notes: list[str] = field(default_factory=list)
    """What a person should know of the whole."""

    def add(self, outcome: Outcome) -> None:
        """Count one more."""
        self.states[outcome.state] = self.states.get(outcome.state, 0) + 1
        if outcome.state in ("made", "planned"):
            self.words += outcome.words
            self.sentences += outcome.sentences
            self.spoken += outcome.spoken
            self.duration += outcome.duration
            self.takes += outcome.takes

    @property
    def failed(self) -> int:
        """How many articles could not be made."""
        return self.states.get("failed", 0)


Event = Found | Began | Heard | Outcome | Summary
