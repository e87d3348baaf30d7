"""Chapters as podcast players fetch them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from narrator.audio.captions import milliseconds
from narrator.model import Chapter

VERSION = "1.2.0"
"""Of the JSON Chapters format of the Podcasting 2.0 namespace."""


def chapters_json(chapters: Sequence[Chapter], *, title: str = "") -> str:
    """The chapters in the JSON Chapters format (podcast:chapters); times in seconds."""
    about = {"version": VERSION} | ({"title": title} if title else {})
    return json.dumps(
        about
        | {
            "chapters": [
                {
                    "startTime": milliseconds(chapter.start) / 1000,
                    "endTime": milliseconds(chapter.end) / 1000,
                    "title": chapter.title,
                }
                for chapter in chapters
            ]
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
