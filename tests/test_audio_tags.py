"""Tags: they read back, and they leave the sound alone."""

from __future__ import annotations

import base64
import errno
import io
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.flac import Picture
from mutagen.id3 import ID3

from narrator.audio.encode import Encoder
from narrator.audio.tags import MOST_CHILDREN, read_cover, write_tags
from narrator.errors import AudioError
from narrator.model import Article, AudioFormat, Chapter, Voice

RATE = 22050
ARTICLE = Article(
    title="Tom & Jérôme: “fromage” <b>",
    language="en",
    blocks=(),
    author="A. Writer",
    date="2024-05-02T10:30:00+02:00",
    url="https://example.org/a?b=c&d=é",
)
VOICE = Voice("en_US-test", "en-US", "tone", "CC0-1.0", RATE, 0.0, name="Tess")
CHAPTERS = (Chapter(0.0, 1.2, "Tom & Jérôme"), Chapter(1.2, 2.0004, "Deux"))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3
JPEG = b"\xff\xd8\xff" + bytes(range(256)) * 3
NOTICE = "Synthetic voice: Tess (en_US-test), licence CC0-1.0."
FORMATS: list[AudioFormat] = ["mp3", "opus", "flac", "wav"]


def audio(audio_format: AudioFormat, seconds: float = 2.0) -> io.BytesIO:
    file = io.BytesIO()
    time = np.arange(round(seconds * RATE)) / RATE
    with Encoder(file, audio_format, RATE) as encoder:
        encoder.write((0.3 * np.sin(2 * np.pi * 330 * time)).astype(np.float32))
    return file


def tagged(audio_format: AudioFormat, **more: Any) -> io.BytesIO:
    file = audio(audio_format)
    about = {"article": ARTICLE, "voice": VOICE, "chapters": CHAPTERS, "cover": PNG, **more}
    write_tags(file, audio_format, **about)
    return io.BytesIO(file.getvalue())


@pytest.mark.parametrize("audio_format", ["mp3", "wav"])
def test_id3(audio_format: AudioFormat) -> None:
    tags: Any = mutagen.File(tagged(audio_format)).tags
    assert str(tags["TIT2"]) == ARTICLE.title
    assert str(tags["TPE1"]) == "A. Writer"
    assert str(tags["TDRC"]) == "2024-05-02 10:30:00"
    assert str(tags["TLAN"]) == "eng"
    assert tags["WOAF"].url == ARTICLE.url
    assert str(tags["COMM::eng"]) == NOTICE
    assert (tags["APIC:"].mime, tags["APIC:"].data) == ("image/png", PNG)
    contents = tags["CTOC:contents"]
    chapters = [tags[f"CHAP:{name}"] for name in contents.child_element_ids]
    assert [(c.start_time, c.end_time) for c in chapters] == [(0, 1200), (1200, 2000)]
    assert [str(c.sub_frames["TIT2"]) for c in chapters] == ["Tom & Jérôme", "Deux"]


def test_more_chapters_than_a_table_of_contents_holds() -> None:
    many = tuple(Chapter(i / 500, (i + 1) / 500, f"Chapter {i}") for i in range(1000))
    tags: Any = ID3(tagged("mp3", chapters=many))  # type: ignore[no-untyped-call]
    tables = tags["CTOC:contents"].child_element_ids
    listed = [name for table in tables for name in tags[f"CTOC:{table}"].child_element_ids]
    assert len(tables) == -(-1000 // MOST_CHILDREN)
    assert [str(tags[f"CHAP:{n}"].sub_frames["TIT2"]) for n in listed] == [c.title for c in many]


@pytest.mark.parametrize("audio_format", ["flac", "opus"])
def test_vorbis_comments(audio_format: AudioFormat) -> None:
    file: Any = mutagen.File(tagged(audio_format, cover=JPEG))
    assert file["title"] == [ARTICLE.title]
    assert file["artist"] == ["A. Writer"]
    assert file["date"] == [ARTICLE.date]
    assert file["language"] == ["en"]
    assert file["url"] == [ARTICLE.url]
    assert file["comment"] == [NOTICE]
    assert file["chapter000"] == ["00:00:00.000"]
    assert file["chapter001"] == ["00:00:01.200"]
    assert file["chapter001name"] == ["Deux"]
    if audio_format == "flac":
        picture = file.pictures[0]
    else:
        block = base64.b64decode(file["metadata_block_picture"][0])
        picture = Picture(block)  # type: ignore[no-untyped-call]
    assert (picture.mime, picture.data) == ("image/jpeg", JPEG)


@pytest.mark.parametrize("audio_format", FORMATS)
def test_the_sound_is_left_alone(audio_format: AudioFormat) -> None:
    before, _ = soundfile.read(io.BytesIO(audio(audio_format).getvalue()))
    after, rate = soundfile.read(tagged(audio_format))
    info: Any = mutagen.File(tagged(audio_format)).info
    assert np.array_equal(before, after)
    assert info.length == pytest.approx(len(after) / rate, abs=0.001)


@pytest.mark.parametrize("audio_format", FORMATS)
def test_same_tags_same_bytes(audio_format: AudioFormat) -> None:
    assert tagged(audio_format).getvalue() == tagged(audio_format).getvalue()


@pytest.mark.parametrize("audio_format", FORMATS)
def test_an_article_that_says_nothing_of_itself(audio_format: AudioFormat) -> None:
    bare = Article("", "", ())
    file: Any = mutagen.File(tagged(audio_format, article=bare, chapters=(), cover=b""))
    names = {name.upper() for name in file.tags.keys()}  # noqa: SIM118
    assert not names & {"TIT2", "TPE1", "TDRC", "WOAF", "TITLE", "ARTIST", "DATE", "URL"}
    assert NOTICE in str(file.tags.pprint()), "that the voice is synthetic is always said"


@pytest.mark.parametrize(
    ("language", "code"), [("de-AT", "deu"), ("ru", "rus"), ("haw", "haw"), ("xx", "und")]
)
def test_languages_have_three_letters(language: str, code: str) -> None:
    article = Article("T", language, ())
    tags: Any = ID3(tagged("mp3", article=article))  # type: ignore[no-untyped-call]
    assert str(tags["TLAN"]) == code


def test_a_cover_that_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="neither a JPEG nor a PNG"):
        tagged("mp3", cover=b"GIF89a")
    with pytest.raises(AudioError, match=r"missing\.png"):
        read_cover(tmp_path / "missing.png")


class Full(io.BytesIO):
    """A file that cannot grow."""

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > len(self.getvalue()):
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("audio_format", FORMATS)
def test_a_full_disk(audio_format: AudioFormat) -> None:
    file = Full(audio(audio_format).getvalue())
    with pytest.raises(OSError, match="No space"):
        write_tags(file, audio_format, article=ARTICLE, voice=VOICE, cover=PNG)
