"""What the published files of a narration are called, what they are, and how long they keep."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote

from narrator.model import AudioFormat

CAPTIONS = "captions.vtt"
CUES = "cues.json"
SCRIPT = "script.json"
CHAPTERS = "chapters.json"
SNIPPET = "snippet.html"
MANIFEST = "manifest.json"
"""Written last: what it names is there, and whole."""

INDEX = "index.json"
FEED = "feed.xml"

MEDIA_TYPES = {
    ".flac": "audio/flac",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".opus": "audio/ogg",
    ".vtt": "text/vtt",
    ".wav": "audio/wav",
    ".xml": "application/rss+xml",
}
"""Suffix -> media type."""

CHAPTERS_TYPE = "application/json+chapters"
"""Of the chapters in the form of Podcasting 2.0."""

FOREVER = "public, max-age=31536000, immutable"
"""Cache-Control of what is asked for under the address of its content (`?v=...`)."""

BRIEFLY = "public, max-age=60, must-revalidate"
"""Cache-Control of what names the others: manifests, index, feed."""

VERSION_DIGITS = 12
"""Hexadecimal digits of a file's sha256 that make its address new when its bytes are."""


def audio_name(audio_format: AudioFormat) -> str:
    """The name of the audio in that format."""
    return f"audio.{audio_format}"


def media_type(name: str) -> str:
    """The media type of a published file."""
    if PurePosixPath(name).name == CHAPTERS:
        return CHAPTERS_TYPE
    return MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")


def cache_control(name: str, *, versioned: bool) -> str:
    """How long an answer may be kept, by whether its address named the content (`?v=...`)."""
    names_others = PurePosixPath(name).name in (MANIFEST, INDEX, FEED)
    return FOREVER if versioned and not names_others else BRIEFLY


def versioned(base: str, name: str, sha256: str) -> str:
    """The address of a published file under `base` (empty: relative to it): it changes with the
    content, so that what a cache still holds under the old one misleads nobody."""
    folder = f"{base.rstrip('/')}/" if base else ""
    return f"{folder}{quote(name)}?v={sha256[:VERSION_DIGITS]}"
