"""Where an article comes from, which reader it gets, and what is said where it cannot be had."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from narrator.errors import (
    NarratorError,
    NothingToSay,
    SourceNotFound,
    SourceUnreadable,
    UsageError,
)
from narrator.reading import read, read_bytes, read_source, sniff

MARKDOWN = "# Title\n\nIt was *late*.\n"


def test_a_path_an_existing_name_and_the_text_itself(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(MARKDOWN, "utf-8")
    assert read(file) == read(str(file)) == read(MARKDOWN, format="markdown")
    assert read(MARKDOWN, format="markdown").blocks[0].text == "It was late."
    assert read(MARKDOWN, format="text").blocks[-1].text == "It was *late*."


def test_a_format_overrules_the_name_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(MARKDOWN, "utf-8")
    assert read(file, format="markdown").title == "Title"
    assert read_source(str(file), format="markdown").title == "Title"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(MARKDOWN.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert read("-").title == "Title"


@pytest.mark.parametrize(
    ("name", "content_type", "text", "title"),
    [
        ("a.md", "", MARKDOWN, "Title"),
        ("a.html", "", "<h1>Title</h1><p>It was late.", "Title"),
        ("https://example.org/a.md?raw=1", "text/plain", MARKDOWN, "Title"),
        ("https://example.org/a", "text/html", "<h1>Title</h1>It was late.", "Title"),
        ("https://example.org/a.html", "text/markdown", MARKDOWN, "Title"),
        ("standard input", "", "<!doctype html><h1>Title</h1><p>It was late.", "Title"),
        ("standard input", "", "---\ntitle: Title\n---\nIt was late.", "Title"),
    ],
)
def test_the_format_is_told_by_type_name_or_content(
    name: str, content_type: str, text: str, title: str
) -> None:
    url = name if name.startswith("http") else ""
    article = read_bytes(text.encode(), name=name, content_type=content_type, url=url)
    assert article.title == title
    assert [block.text for block in article.blocks] == ["It was late."]
    assert article.url == url


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("<p>One</p><p>two</p><p>three</p>", "html"),
        ("See [this](http://example.org).", "markdown"),
        ("Just words, 5 < 6 and 7 > 2; a * b * c.", "text"),
        ("Shopping\n\n- milk\n- eggs", "text"),
    ],
)
def test_sniffing(text: str, format: str) -> None:  # noqa: A002
    assert sniff(text) == format


def test_what_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "empty.md").touch()
    (tmp_path / "feed.xml").write_text("<?xml version='1.0'?><!-- a feed --><rss><channel/></rss>")
    (tmp_path / "signs.txt").write_text("*** --- !!! 🎉\n")
    (tmp_path / "image.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    cases: list[tuple[str | Path, type[NarratorError], str]] = [
        (tmp_path / "none.md", SourceNotFound, "There is no file"),
        (tmp_path, SourceUnreadable, "is a folder"),
        (tmp_path / "feed.xml", SourceUnreadable, "is a feed or a site map"),
        (tmp_path / "empty.md", NothingToSay, "is empty"),
        (tmp_path / "signs.txt", NothingToSay, "no words"),
        (tmp_path / "image.html", SourceUnreadable, "a PNG image"),
        ("no such\0file", SourceNotFound, "There is no file"),
        ("x" * 5000, SourceNotFound, "There is no file"),
        ("ftp://example.org/a", SourceUnreadable, "ftp://"),
    ]
    for path, error, says in cases:
        with pytest.raises(error, match=says):
            read(path)
    with pytest.raises(NothingToSay):
        read("* * *", format="markdown")
    with pytest.raises(UsageError, match="No article format 'pdf'"):
        read_source("-", format="pdf")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret.md"
    file.write_text(MARKDOWN)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceUnreadable, match="Permission denied"):
        read(file)


def test_a_file_of_50_mb_is_refused_without_being_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.txt"
    with file.open("wb") as handle:
        handle.truncate(50_000_000)
    with pytest.raises(SourceUnreadable, match="larger than 20 MB"):
        read(file)


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"%PDF-1.7\n%\xe2\xe3", "a PDF file"), (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image"),
     (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"), (b"PK\x03\x04\x14\0", "a ZIP archive"),
     (b"\0\0\0\x18ftypmp42", "an MP4"), (b"GIF89a\x01\0", "a GIF image")],
)  # fmt: skip
def test_what_lies_behind_the_name_of_a_page(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "article.html"
    path.write_bytes(data + bytes(200))
    with pytest.raises(SourceUnreadable, match=f"article.html'? is {kind}"):
        read(path)


RUSSIAN = "Прилив приходит дважды в день, и дважды в день уходит, не сказав никому ни слова."
JAPANESE = "潮は一日に二度満ちて、二度引いていきます。島の人はそれで時を知ります。"


@pytest.mark.parametrize(
    ("text", "encoding", "head"),
    [
        (RUSSIAN, "cp1251", "<meta charset=windows-1251>"),
        (RUSSIAN, "cp1251", ""),
        (RUSSIAN, "cp1251", "<meta charset=utf-8>"),
        (RUSSIAN, "koi8-r", '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">'),
        (JAPANESE, "cp932", "<meta charset=Shift_JIS>"),
        (JAPANESE, "cp932", ""),
        (JAPANESE, "cp932", "<meta charset=utf-8>"),
        (JAPANESE, "euc_jp", "<meta charset=euc-jp>"),
        (RUSSIAN, "utf-8", "<meta charset=windows-1251>"),
        (RUSSIAN, "utf-16", ""),
    ],
)
def test_a_page_in_an_old_encoding(tmp_path: Path, text: str, encoding: str, head: str) -> None:
    path = tmp_path / "article.html"
    page = f"<html><head>{head}<title>x</title></head><body><article><p>{text}</p></article></body>"
    path.write_bytes(page.encode(encoding))
    assert [block.text for block in read(path).blocks] == [text]
