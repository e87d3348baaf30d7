"""What an audio file says of itself: title, author, chapters, and that its voice is synthetic.

The sound is not touched, and the same tags make the same bytes.
"""

# mypy: disable-error-code="no-untyped-call"
# (mutagen has few types)

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from mutagen import MutagenError, id3
from mutagen.flac import FLAC, Picture
from mutagen.mp4 import MP4, AtomDataType, MP4Cover, MP4FreeForm
from mutagen.oggopus import OggOpus
from mutagen.wave import WAVE

from narrator.audio.captions import clock, milliseconds
from narrator.errors import AudioError
from narrator.model import Article, AudioFormat, Chapter, Voice, primary_language
from narrator.weblinks import web_address

ISO_639_2 = {
    code[:2]: code[3:]
    for code in (
        "ar:ara", "bg:bul", "bn:ben", "ca:cat", "cs:ces", "cy:cym", "da:dan", "de:deu", "el:ell",
        "en:eng", "es:spa", "eu:eus", "fa:fas", "fi:fin", "fr:fra", "he:heb", "hi:hin", "hu:hun",
        "id:ind", "is:isl", "it:ita", "ja:jpn", "ka:kat", "kk:kaz", "ko:kor", "lb:ltz", "lv:lav",
        "ml:mal", "nb:nor", "ne:nep", "nl:nld", "nn:nno", "no:nor", "pl:pol", "pt:por", "ro:ron",
        "ru:rus", "sk:slk", "sl:slv", "sq:sqi", "sr:srp", "sv:swe", "sw:swa", "te:tel", "tr:tur",
        "uk:ukr", "vi:vie", "zh:zho",
    )
}  # fmt: skip
"""Two letters -> three letters, which ID3 wants."""

NO_OFFSET = 0xFFFFFFFF
"""In a CHAP frame: go by the time, not by a byte."""

MOST_CHILDREN = 255
"""Entries of a table of contents at most; a longer one is a table of tables."""


@dataclass(frozen=True, slots=True)
class _About:
    """What is to be said, in whatever form a format has for it."""

    article: Article
    url: str
    """Of its page; empty where there is none that may be a link."""
    language: str
    """BCP 47."""
    notice: str
    chapters: Sequence[Chapter]
    cover: Picture | None


def read_cover(path: Path) -> bytes:
    """The picture of a file; AudioError if it cannot be read or is neither JPEG nor PNG."""
    try:
        cover = path.read_bytes()
    except OSError as error:
        raise AudioError(f"The cover {path} cannot be read: {error.strerror}.") from error
    _picture(cover)
    return cover


def write_tags(
    file: BinaryIO,
    audio_format: AudioFormat,
    *,
    article: Article,
    voice: Voice,
    chapters: Sequence[Chapter] = (),
    cover: bytes = b"",
) -> None:
    """Tag a complete audio file, open for reading and writing, in place.

    `cover` is a JPEG or PNG image: AudioError for any other. M4A gets no chapters. A full disk is
    raised as the OSError that it was.
    """
    about = _About(
        article=article,
        url=web_address(article.url),
        language=article.language or voice.language,
        notice=f"Synthetic voice: {voice.name or voice.id} ({voice.id}), licence {voice.licence}."
        if voice.licence
        else f"{voice.name or voice.id}.",  # A person reads, who has none.
        chapters=chapters,
        cover=_picture(cover) if cover else None,
    )
    file.seek(0)
    try:
        tagged = _tagged(file, audio_format, about)
        file.seek(0)
        tagged.save(file, padding=_no_padding)
    except MutagenError as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise AudioError(f"The {audio_format} file could not be tagged: {error}.") from error


def _tagged(file: BinaryIO, audio_format: AudioFormat, about: _About) -> Any:
    """The tags of a format, filled; their `save(file)` writes them."""
    match audio_format:
        case "mp3":
            tags = id3.ID3()
            _fill_id3(tags, about)
            return tags
        case "wav":
            wave: Any = WAVE(file)
            wave.add_tags()
            _fill_id3(wave.tags, about)
            return wave.tags
        case "flac":
            flac = FLAC(file)
            flac.update(_comments(about))
            if about.cover:
                flac.add_picture(about.cover)
            return flac
        case "opus":
            opus = OggOpus(file)
            opus.update(_comments(about))
            if about.cover:
                block = base64.b64encode(about.cover.write()).decode("ascii")
                opus["metadata_block_picture"] = [block]
            return opus
        case "m4a":
            mp4 = MP4(file)
            _fill_mp4(mp4, about)
            return mp4


def _fill_id3(tags: id3.ID3, about: _About) -> None:
    """ID3v2.4 frames."""
    article, utf8 = about.article, id3.Encoding.UTF8
    code = _three_letters(about.language)
    if article.title:
        tags.add(id3.TIT2(utf8, [article.title]))
    if article.author:
        tags.add(id3.TPE1(utf8, [article.author]))
    if article.date:
        tags.add(id3.TDRC(utf8, [article.date[:19]]))  # ID3 knows no time zones.
    if about.url:
        tags.add(id3.WOAF(about.url))
    tags.add(id3.TLAN(utf8, [code]))
    tags.add(id3.COMM(utf8, code, "", [about.notice]))
    if about.cover:
        tags.add(id3.APIC(utf8, about.cover.mime, about.cover.type, "", about.cover.data))
    _add_chapters(tags, about.chapters)


def _add_chapters(tags: id3.ID3, chapters: Sequence[Chapter]) -> None:
    """CHAP and CTOC frames, by the ID3v2 Chapter Frame Addendum."""
    names = [f"chapter{number}" for number in range(1, len(chapters) + 1)]
    for name, chapter in zip(names, chapters, strict=True):
        times = (milliseconds(chapter.start), milliseconds(chapter.end))
        title = id3.TIT2(id3.Encoding.UTF8, [chapter.title])
        tags.add(id3.CHAP(name, *times, NO_OFFSET, NO_OFFSET, sub_frames=[title]))
    ordered, top = id3.CTOCFlags.ORDERED, id3.CTOCFlags.TOP_LEVEL
    parts = [names[i : i + MOST_CHILDREN] for i in range(0, len(names), MOST_CHILDREN)]
    if len(parts) > 1:
        names = [f"contents{number}" for number in range(1, len(parts) + 1)]
        for name, part in zip(names, parts, strict=True):
            tags.add(id3.CTOC(name, ordered, part, sub_frames=[]))
    if names:
        tags.add(id3.CTOC("contents", top | ordered, names, sub_frames=[]))


def _comments(about: _About) -> dict[str, list[str]]:
    """Vorbis comments, with chapters as the Xiph chapter extension has them."""
    fields = {
        "title": about.article.title,
        "artist": about.article.author,
        "date": about.article.date,
        "language": about.language,
        "url": about.url,
        "comment": about.notice,
    }
    for number, chapter in enumerate(about.chapters):
        fields[f"chapter{number:03}"] = clock(chapter.start)
        fields[f"chapter{number:03}name"] = chapter.title
    return {name: [value] for name, value in fields.items() if value}


def _fill_mp4(mp4: MP4, about: _About) -> None:
    """The atoms that iTunes made customary."""
    article = about.article
    for name, value in (
        ("\xa9nam", article.title),
        ("\xa9ART", article.author),
        ("\xa9day", article.date),
        ("\xa9cmt", about.notice),
    ):
        if value:
            mp4[name] = [value]
    for name, value in (("LANGUAGE", _three_letters(about.language)), ("WWW", about.url)):
        if value:
            text = MP4FreeForm(value.encode(), AtomDataType.UTF8)
            mp4[f"----:com.apple.iTunes:{name}"] = [text]
    if about.cover:
        kind = AtomDataType.PNG if about.cover.mime == "image/png" else AtomDataType.JPEG
        mp4["covr"] = [MP4Cover(about.cover.data, kind)]


def _picture(cover: bytes) -> Picture:
    """The image as a front cover; its media type is told by its first bytes."""
    picture = Picture()
    picture.type, picture.data = id3.PictureType.COVER_FRONT, cover
    if cover.startswith(b"\xff\xd8\xff"):
        picture.mime = "image/jpeg"
    elif cover.startswith(b"\x89PNG\r\n\x1a\n"):
        picture.mime = "image/png"
    else:
        raise AudioError("The cover is neither a JPEG nor a PNG image. Convert it to one of these.")
    return picture


def _three_letters(language: str) -> str:
    """ISO 639-2 code of a BCP 47 code; "und" if it is none we know."""
    primary = primary_language(language)
    return primary if len(primary) == 3 else ISO_639_2.get(primary, "und")


def _no_padding(_: object) -> int:
    return 0
