"""What a person sees while a site is prerendered: how far it is, and failures as they come."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from narrator.site.events import Began, Event, Found, Heard, Outcome

TITLE = 40
"""Characters of a title that are shown."""


class Watch:
    """Two lines on stderr: the site and the article that is being spoken."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[counted]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._site = self._bars.add_task("articles", total=None, counted="")
        self._article = self._bars.add_task("", total=None, visible=False, counted="")
        self._articles = 0
        self._by_size = True
        """Whether bytes tell how far it is, not the number of articles."""
        self._seen = 0
        self._failed = 0
        self._finished = 0.0
        """Seconds of audio of finished articles."""
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def show(self, event: Event) -> None:
        """Draw what has happened."""
        if isinstance(event, Found):
            self._articles = event.articles
            self._by_size = event.size > 0
            self._bars.update(self._site, total=event.size or max(event.articles, 1))
        elif isinstance(event, Began):
            title = event.title if len(event.title) <= TITLE else f"{event.title[: TITLE - 1]}…"
            self._bars.reset(
                self._article, description=title or event.id, total=event.sentences,
                visible=True, counted="",
            )  # fmt: skip
        elif isinstance(event, Heard):
            counted = f"{event.done}/{event.total} sentences"
            self._bars.update(self._article, completed=event.done, counted=counted)
            self._tally(event.seconds)
        elif isinstance(event, Outcome):
            self._ended(event)

    def _ended(self, outcome: Outcome) -> None:
        self._seen += 1
        self._bars.update(self._article, visible=False)
        if outcome.state == "made":
            self._finished += outcome.duration
        if outcome.state == "failed":
            self._failed += 1
            self._bars.console.print(
                Text(f"failed: {outcome.source}: {outcome.reason}", "red"), soft_wrap=True
            )
        self._bars.advance(self._site, outcome.size if self._by_size else 1)
        self._tally(0.0)

    def _tally(self, seconds: float) -> None:
        """How far the whole is: articles, minutes of audio, speed."""
        audio = self._finished + seconds
        counted = f"{self._seen:,}/{self._articles:,}"
        if audio:
            elapsed = time.monotonic() - self._began
            counted += f" · {audio / 60:.1f} min made · {audio / elapsed:.0f}x real time"
        if self._failed:
            counted += f" · {self._failed} failed"
        self._bars.update(self._site, counted=counted)
