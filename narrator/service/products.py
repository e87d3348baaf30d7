"""What is kept of a finished narration: its audio and the documents about it."""

from __future__ import annotations

import json
import time
from typing import BinaryIO

from narrator.audio.captions import cues_json, webvtt
from narrator.model import Article, Chapter, Narration, Script
from narrator.service.requests import Request, article_id
from narrator.service.shelf import SEGMENT_LIST, Manifest

AUDIO = "audio.mp3"
AUDIO_TYPE = "audio/mpeg"
JSON = "application/json"

SUMMARY = 300
"""Characters of the body's beginning that feeds and lists show."""


def manifest_of(narration: Narration, request: Request) -> Manifest:
    """What the narration is; its files are not stored yet."""
    article = narration.article
    return Manifest(
        id=narration.id,
        article=article_id(request.chosen, article.url, narration.id),
        title=article.title,
        language=narration.script.language,
        voice=narration.voice.id,
        speed=narration.speed,
        duration=round(narration.duration, 3),
        sentences=len(narration.script.sentences),
        created=round(time.time(), 3),
        author=article.author,
        date=article.date,
        url=article.url,
        summary=summary(article),
        listed=request.listed,
        warnings=narration.warnings,
    )


def documents(narration: Narration, audio: BinaryIO) -> dict[str, tuple[bytes | BinaryIO, str]]:
    """Contents and type of all its files, by the last part of their address."""
    cues = cues_json(narration.cues, narration.chapters, narration.audio, narration.duration)
    texts = {
        "cues.json": (cues, JSON),
        "captions.vtt": (webvtt(narration.cues), "text/vtt; charset=utf-8"),
        "script.json": (script_json(narration.script, narration.article), JSON),
        "chapters.json": (
            chapters_json(narration.chapters, narration.article),
            "application/json+chapters",
        ),
        "transcript.txt": (transcript(narration.article), "text/plain; charset=utf-8"),
        SEGMENT_LIST: (json.dumps(narration.segments), JSON),
    }
    found: dict[str, tuple[bytes | BinaryIO, str]] = {
        name: (text.encode(), content_type) for name, (text, content_type) in texts.items()
    }
    return {AUDIO: (audio, AUDIO_TYPE), **found}


def summary(article: Article) -> str:
    """How the body begins, cut at a word."""
    text = " ".join(block.text for block in article.blocks if block.kind in ("paragraph", "quote"))[
        : SUMMARY + 1
    ]
    return text if len(text) <= SUMMARY else f"{text[:SUMMARY].rpartition(' ')[0]}…"


def transcript(article: Article) -> str:
    """The article as plain text: title and blocks, a blank line between them."""
    parts = [article.title, *(f"{b.label} {b.text}".strip() for b in article.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def chapters_json(chapters: tuple[Chapter, ...], article: Article) -> str:
    """Chapters in the form of Podcasting 2.0 (podcastindex.org, version 1.2.0)."""
    about = {
        "version": "1.2.0",
        "title": article.title,
        "author": article.author,
        "chapters": [
            {
                "startTime": round(chapter.start, 3),
                "endTime": round(chapter.end, 3),
                "title": chapter.title,
            }
            for chapter in chapters
        ],
    }
    return json.dumps(
        {key: value for key, value in about.items() if value != ""}, ensure_ascii=False
    )


def script_json(script: Script, article: Article) -> str:
    """What is said and where it stands in the page, and what is left out and why."""
    selectors = {block.id: block.selector for block in article.blocks}
    return json.dumps(
        {
            "version": 1,
            "title": article.title,
            "language": script.language,
            "sentences": [
                {
                    "block": s.block,
                    "kind": s.kind,
                    "selector": selectors.get(s.block, ""),
                    "start": s.start,
                    "end": s.end,
                    "source": s.source,
                    "spoken": s.spoken,
                    "pause": s.pause,
                    "words": [
                        {
                            "text": s.spoken[w.start : w.end],
                            "source_start": w.source_start,
                            "source_end": w.source_end,
                            **({"rule": w.rule} if w.rule else {}),
                            **({"phonemes": w.phonemes} if w.phonemes else {}),
                        }
                        for w in s.words
                    ],
                }
                for s in script.sentences
            ],
            "omissions": [{"text": o.text, "reason": o.reason} for o in script.omissions],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
