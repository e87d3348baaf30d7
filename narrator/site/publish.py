"""What a site folder has besides its articles: feed, cover, player, and headers for its host."""

from __future__ import annotations

import hashlib
import heapq
import os
import re
import struct
from pathlib import Path
from urllib.parse import quote, urlsplit

from narrator.errors import SettingsError
from narrator.outputs import whole_file
from narrator.packed import packed
from narrator.publishing import names
from narrator.publishing.channel import FeedTable
from narrator.publishing.disclosure import synthetic_voice
from narrator.publishing.feed import Episode, feed_xml, when
from narrator.publishing.manifest import Manifest, format_of
from narrator.site.config import SiteTable
from narrator.site.index import manifests

PLAYER = "narrator-player.js"
HEADERS = "_headers"
"""As Netlify and Cloudflare Pages read it."""

SMALLEST_COVER, LARGEST_COVER = 1400, 3000
"""Pixels of a side, by Apple's guide."""

LASTING = (
    "audio.mp3", "audio.opus", "audio.m4a", "audio.flac", "audio.wav", names.CAPTIONS, names.CUES,
    names.SCRIPT, names.CHAPTERS,
)  # fmt: skip
"""Files of an article that are asked for under the address of their content."""


def write_feed(output: Path, feed: FeedTable, *, base: str, site_url: str, language: str) -> int:
    """Write feed.xml of the newest articles; how many it has. SettingsError for what it lacks."""
    if not base.startswith(("https://", "http://")):
        raise SettingsError(
            "A feed needs addresses that hold anywhere: set audio_url in the [site] table of "
            "narrator.toml, or --audio-url, to the public address of the site folder."
        )
    channel = feed.channel(
        url=f"{base.rstrip('/')}/{names.FEED}",
        link=site_url or base,
        language=language,
        cover=_cover(output, feed.cover, base),
    )
    newest = heapq.nlargest(
        feed.episodes,
        (
            (when(manifest.published), manifest.slug)
            for _, manifest in manifests(output)
            if not manifest.retired
        ),
    )
    wanted = [slug for _, slug in newest]
    found = {manifest.slug: manifest for _, manifest in manifests(output, only=wanted)}
    episodes = [_episode(found[slug], feed) for slug in wanted if slug in found]
    with whole_file(output / names.FEED) as file:
        file.write(feed_xml(channel, episodes))
    return len(episodes)


def write_headers(output: Path, base: str) -> str:
    """Write _headers: pages elsewhere may use the files, and caches keep what is named by its
    content; the text, which belongs at the root of the published site."""
    root = urlsplit(base).path.rstrip("/")
    lines = [
        f"{root}/*",
        "  Access-Control-Allow-Origin: *",
        "  Access-Control-Expose-Headers: Content-Length, Content-Range, ETag",
    ]
    for name in LASTING:
        lines += [f"{root}/:article/{name}", f"  Cache-Control: {names.FOREVER}"]
        if name == names.CHAPTERS:
            lines.append(f"  Content-Type: {names.CHAPTERS_TYPE}")
    lines += [f"{root}/:article/{names.MANIFEST}", f"  Cache-Control: {names.BRIEFLY}"]
    for name in (names.INDEX, names.FEED):
        lines += [f"{root}/{name}", f"  Cache-Control: {names.BRIEFLY}"]
    text = "\n".join(lines) + "\n"
    with whole_file(output / HEADERS) as file:
        file.write(text.encode())
    return text


def merge_headers(built: Path, headers: str) -> None:
    """Put our part into the _headers file at the root of the built site, and leave the rest."""
    path = built / HEADERS
    begin, end = "# narrator: begin", "# narrator: end"
    before = path.read_text("utf-8") if path.is_file() else ""
    others = re.sub(rf"{begin}\n.*?{end}\n", "", before, flags=re.S)
    gap = "\n" if others and not others.endswith("\n") else ""
    after = f"{others}{gap}{begin}\n{headers}{end}\n"
    if after != before:
        with whole_file(path) as file:
            file.write(after.encode())


def public_base(site: SiteTable, output: Path) -> str:
    """The public address of the site folder, without a slash at its end: as the settings say, else
    by its place in the built site; empty where neither tells."""
    if site.audio_url:
        return site.audio_url.rstrip("/")
    built, whole = Path(site.built).resolve(), output.resolve()
    if not site.built or not whole.is_relative_to(built):
        return ""
    return f"{site.url.rstrip('/')}/{quote(os.fsencode(whole.relative_to(built)))}"


def put_player(output: Path) -> None:
    """Copy the player, a few modules, into its folder."""
    folder = output / _player_folder()
    for path in _player_files():
        target = folder / path.name
        if not target.is_file():
            with whole_file(target) as file:
                file.write(path.read_bytes())


def player_address(base: str) -> str:
    """The public address of the player; empty where this installation has none."""
    return f"{base or '.'}/{_player_folder()}/{PLAYER}" if _player_files() else ""


def _player_folder() -> str:
    """The folder of the player, named by what it holds."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in _player_files()))
    return f"player/{digest.hexdigest()[:12]}"


def _player_files() -> list[Path]:
    return sorted(packed("player").glob("*.js"))


def image_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG in pixels; ValueError for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if not data.startswith(b"\xff\xd8"):
        raise ValueError("neither a PNG nor a JPEG")
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # A start of frame.
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise ValueError("a JPEG without a frame")


def _cover(output: Path, cover: str, base: str) -> str:
    """The address of the cover; a file is copied into the folder, under a name that changes with
    its content (directories fetch a cover once)."""
    if not cover or cover.startswith(("https://", "http://")):
        return cover
    path = Path(cover)
    try:
        data = path.read_bytes()
        size = image_size(data)
    except OSError as error:
        raise SettingsError(f"The cover {cover} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SettingsError(f"The cover {cover} is {error}. Give a PNG or JPEG.") from error
    if size[0] != size[1] or not SMALLEST_COVER <= size[0] <= LARGEST_COVER:
        raise SettingsError(
            f"The cover {cover} has {size[0]} x {size[1]} pixels. Podcast directories want a "
            f"square of {SMALLEST_COVER} to {LARGEST_COVER}."
        )
    ending = "png" if data.startswith(b"\x89PNG") else "jpg"
    name = f"cover-{hashlib.sha256(data).hexdigest()[:8]}.{ending}"
    if not (output / name).exists():
        for old in output.glob("cover-????????.*"):
            old.unlink()
        with whole_file(output / name) as file:
            file.write(data)
    return f"{base.rstrip('/')}/{name}"


def _episode(manifest: Manifest, feed: FeedTable) -> Episode:
    others = [file for file in manifest.files[1:] if format_of(file)]
    voices = ", ".join(voice.name or voice.id for voice in manifest.voices)
    notice = f"{synthetic_voice(manifest.language)}: {voices}." if manifest.synthetic else ""
    return Episode(
        guid=manifest.guid,
        title=manifest.title or manifest.slug,
        description="\n\n".join(filter(None, (manifest.summary, notice))),
        link=manifest.url,
        published=manifest.published,
        duration=manifest.duration,
        audio=manifest.audio,
        language=manifest.language,
        author=manifest.author,
        alternatives=tuple(others),
        captions=manifest.file(names.CAPTIONS),
        chapters=manifest.file(names.CHAPTERS),
        explicit=feed.explicit,
    )
