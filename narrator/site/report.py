"""What a run did, as one page for an editor: players, durations, warnings, what was left out.

The page needs no other file but the audio, which it names by paths relative to itself.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from narrator.errors import SourceError
from narrator.outputs import output_file
from narrator.packed import packed
from narrator.publishing import names
from narrator.publishing.manifest import Manifest
from narrator.script.explain import changes_of, script_of_json
from narrator.site.events import Event, Outcome, Summary
from narrator.site.present import manifest_in
from narrator.weblinks import address_or_path

DETAILED = 300
"""Articles whose sentences are shown; of more, a page would grow too large for a browser."""

HEARD = ("made", "refreshed", "unchanged")
"""States of articles that have audio."""


class Report:
    """Takes the events of a run, and writes the page at its end."""

    def __init__(self, file: BinaryIO, path: Path, output: Path) -> None:
        """`file` becomes the page that will be at `path`; `output` is the site folder."""
        self._file = file
        self._here = path.parent
        self._output = output
        self._articles: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._detailed = 0

    def add(self, event: Event) -> None:
        """One more event."""
        if isinstance(event, Outcome):
            for text in self._article(event):
                self._articles.write(text.encode("utf-8", "replace"))
        elif isinstance(event, Summary):
            self._finish(event)

    def close(self) -> None:
        """Let go of what was not written."""
        self._articles.close()

    def _finish(self, summary: Summary) -> None:
        values = {
            "PLACE": escape(os.fsencode(self._output).decode("utf-8", "replace")),
            "WHEN": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "TOTALS": "".join(_total(*each) for each in _totals(summary)),
            "STATES": "".join(
                f'<button type="button" data-state="{state}" aria-pressed="false">{state} '
                f"{count:,}</button>"
                for state, count in summary.states.items()
            ),
            "NOTES": "".join(f'<p class="soft">{escape(note)}</p>' for note in summary.notes),
        }
        page = packed("site/report.html").read_text("utf-8")
        before, after = (
            re.sub("@([A-Z]+)@", lambda found: values[found[1]], part)
            for part in page.split("@ARTICLES@")
        )
        self._file.write(before.encode("utf-8", "replace"))
        self._articles.seek(0)
        shutil.copyfileobj(self._articles, self._file)
        self._file.write(after.encode())

    def _article(self, outcome: Outcome) -> Iterator[str]:
        manifest = None
        if outcome.state in HEARD:
            manifest = manifest_in(self._output / outcome.slug)
        title = outcome.title or outcome.slug or outcome.source
        url = address_or_path(manifest.url) if manifest else ""
        shown = f'<a href="{escape(url)}">{escape(title)}</a>' if url else escape(title)
        language = f' lang="{escape(manifest.language)}"' if manifest else ""
        yield f'<article data-state="{outcome.state}"><div class="about"><div class="head">'
        yield f"<h2{language}>{shown}</h2>"
        yield f'<span class="state {outcome.state}">{outcome.state}</span></div>'
        yield f'<p class="facts">{escape(" · ".join(_facts(outcome, manifest)))}</p>'
        if outcome.reason:
            kind = "reason" if outcome.state == "failed" else "quiet"
            yield f'<p class="{kind}">{escape(outcome.reason)}</p>'
        for warning in outcome.warnings:
            yield f'<p class="warning">Warning: {escape(warning)}</p>'
        yield "</div>"
        if manifest:
            source = quote(os.fsencode(os.path.relpath(self._output / manifest.slug, self._here)))
            yield (
                f'<audio controls preload="none" src="{source}/{quote(manifest.audio.name)}" '
                f'aria-label="{escape(title)}"></audio>'
            )
            if outcome.state != "unchanged" and self._detailed < DETAILED:
                self._detailed += 1
                yield from _details(self._output / manifest.slug, language)
        yield "</article>\n"


@contextmanager
def reporting(path: Path | None, output: Path) -> Iterator[Report | None]:
    """A report that takes its place at `path` when the block ends well; None without a path."""
    if path is None:
        yield None
        return
    with output_file(path) as file:
        report = Report(file, path, output)
        try:
            yield report
        finally:
            report.close()


def _totals(summary: Summary) -> Iterator[tuple[str, str]]:
    yield f"{sum(summary.states.values()):,}", "articles"
    if summary.duration:
        yield _clock(summary.duration), "would play" if summary.takes else "of new audio"
        yield f"{summary.words:,}", "words"
        yield f"{summary.spoken:,}", "sentences to speak" if summary.takes else "sentences spoken"
    if summary.takes:
        yield _clock(summary.takes), "would take here"
    yield _clock(summary.took), "took"


def _total(value: str, name: str) -> str:
    return f"<div><b>{value}</b><span>{name}</span></div>"


def _facts(outcome: Outcome, manifest: Manifest | None) -> Iterator[str]:
    if outcome.duration:
        yield _clock(outcome.duration)
    if outcome.words:
        yield f"{outcome.words:,} words"
        yield f"{outcome.sentences:,} sentences"
    if outcome.spoken:
        yield f"{outcome.spoken:,} spoken anew"
    if outcome.omissions:
        yield f"{outcome.omissions:,} left out"
    if manifest:
        yield ", ".join(voice.name or voice.id for voice in manifest.voices)
        if manifest.date:
            yield manifest.date[:10]
    yield outcome.source


def _details(folder: Path, language: str) -> Iterator[str]:
    """What is said and when, what is said otherwise, what was left out."""
    try:
        script = script_of_json(
            json.loads((folder / names.SCRIPT).read_bytes()), name=str(folder / names.SCRIPT)
        )
        cues = json.loads((folder / names.CUES).read_bytes())["cues"]
    except (OSError, ValueError, KeyError, SourceError):
        return
    changes = changes_of(script)
    yield _table(
        f"What is said: {len(cues)} sentences",
        "".join(
            f'<tr data-from="{cue["start"]}"><td class="at"><button type="button" '
            f'data-at="{cue["start"]}">{_clock(cue["start"])}</button></td>'
            f"<td{language}>{escape(cue['source'] or cue['spoken'])}</td></tr>"
            for cue in cues
        ),
    )
    if changes:
        alike = Counter((c.source, c.spoken, c.phonemes, c.rule) for c in changes)
        yield _table(
            f"Said otherwise than written: {len(changes)}",
            "<tr><th>written</th><th>said</th><th>phonemes</th><th>rule</th><th>times</th></tr>"
            + "".join(
                f"<tr><td{language}>{escape(written)}</td><td{language}>{escape(said)}</td>"
                f"<td>{escape(phonemes)}</td><td>{escape(rule)}</td><td>{times}</td></tr>"
                for (written, said, phonemes, rule), times in alike.items()
            ),
        )
    if script.omissions:
        yield _table(
            f"Left out: {len(script.omissions)}",
            "<tr><th>text</th><th>why</th></tr>"
            + "".join(
                f"<tr><td{language}>{escape(omission.text)}</td>"
                f"<td>{escape(omission.reason)}</td></tr>"
                for omission in script.omissions
            ),
        )


def _table(title: str, rows: str) -> str:
    return f"<details><summary>{escape(title)}</summary><table>{rows}</table></details>"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
