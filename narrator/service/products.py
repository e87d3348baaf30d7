"""What is kept of a finished narration: its audio and the documents about it."""

from __future__ import annotations

import hashlib
import json
import time
from typing import BinaryIO

from narrator.audio.captions import cues_json, webvtt
from narrator.model import Article, Narration, Plan
from narrator.publishing.chapters import chapters_json
from narrator.publishing.manifest import summary_of
from narrator.publishing.names import CAPTIONS, CHAPTERS, CUES, SCRIPT, audio_name, media_type
from narrator.script.explain import script_json
from narrator.service.manifests import TRANSCRIPT as TRANSCRIPT
from narrator.service.requests import Request, article_id
from narrator.service.shelf import SEGMENT_LIST, About, Manifest

AUDIO = audio_name("mp3")

FILES = (AUDIO, CUES, CAPTIONS, SCRIPT, CHAPTERS, TRANSCRIPT)
"""What everyone may have of a finished narration."""


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
        summary=summary_of(article),
        listed=request.listed,
        warnings=narration.warnings,
    )


def about_of(request: Request, article: Article, own_id: str) -> About:
    """What the article of that id says of itself beside its words."""
    return About(
        article=own_id,
        url=article.url,
        asked=request.url if request.url != article.url else "",
        author=article.author,
        date=article.date,
        summary=summary_of(article),
        listed=request.listed,
    )


def words_of(article: Article) -> str:
    """What stands for the words of an article: the sha256 of its transcript."""
    return hashlib.sha256(transcript(article).encode()).hexdigest()


def documents(narration: Narration, audio: BinaryIO) -> dict[str, tuple[bytes | BinaryIO, str]]:
    """Contents and type of all its files, by the last part of their address."""
    cues = cues_json(narration.cues, narration.chapters, narration.audio, narration.duration)
    texts = {
        CUES: "".join(cues),
        CAPTIONS: "".join(webvtt(narration.cues)),
        SCRIPT: told_script(narration),
        CHAPTERS: chapters_json(narration.chapters, title=narration.article.title),
        TRANSCRIPT: transcript(narration.article),
        SEGMENT_LIST: json.dumps(narration.segments),
    }
    return {
        AUDIO: (audio, content_type(AUDIO)),
        **{name: (text.encode(), content_type(name)) for name, text in texts.items()},
    }


def content_type(name: str) -> str:
    """The content type of a narration's file."""
    if name == TRANSCRIPT:
        return "text/plain; charset=utf-8"
    found = media_type(name)
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


def shown_name(narration_id: str, name: str) -> str:
    """What a browser that keeps a file calls it; empty: as its address ends."""
    return f"{narration_id}.mp3" if name == AUDIO else ""


def told_script(said: Plan | Narration) -> str:
    """What is said and where it stands in the page, and what is left out and why, as JSON."""
    about = script_json(said.script, title=said.article.title, url=said.article.url)
    return json.dumps(about, ensure_ascii=False, separators=(",", ":"))


def transcript(article: Article) -> str:
    """The article as plain text: title and blocks, a blank line between them."""
    parts = [article.title, *(f"{b.label} {b.text}".strip() for b in article.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"
