"""Whatever wrote a text, it is read; what is no text is refused by its name."""

from __future__ import annotations

import re
import time
import zipfile
from io import BytesIO

import ftfy.bad_codecs  # noqa: F401 - registers the encoding that browsers call windows-1252
import pytest

from narrator.errors import NothingToSay, SourceUnreadable
from narrator.reading.decode import MAX_BYTES, decode, tidy

RUSSIAN = "Часы на площади спешат ровно на двадцать минут, и приезжим говорят, что это время моря."
JAPANESE = "広場の時計はいつも二十分進んでいます。旅人は、それが海の時間だと聞かされます。"
CHINESE = "广场上的钟总是快二十分钟，旅行者被告知那是大海的时间。"
CZECH = "Hodiny na náměstí jdou vždycky o dvacet minut napřed, říká se, že ukazují čas moře."
POLISH = "Zegar na rynku zawsze się śpieszy, a przyjezdnym mówią, że to godzina morza."
FRENCH = "L'horloge de la place avance toujours de vingt minutes ; c'est l'heure de la marée, déjà."
ENGLISH = "It’s “twenty minutes” fast – the tide’s own time, they say…"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"), (RUSSIAN, "koi8_r"), (JAPANESE, "cp932"), (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"), (CHINESE, "gb18030"), (CZECH, "cp1250"), (POLISH, "cp1250"),
        (FRENCH, "cp1252"),
        (ENGLISH, "cp1252"), (RUSSIAN, "utf-8"), (RUSSIAN, "utf-8-sig"), (RUSSIAN, "utf-16"),
        (ENGLISH, "utf-16-le"), (ENGLISH, "utf-16-be"), (ENGLISH, "utf-32"),
    ],
)  # fmt: skip
def test_an_encoding_that_nobody_declared(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), name="it") == text


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [
        (RUSSIAN, "cp1251", "windows-1251"),
        (CZECH, "iso8859_2", "ISO-8859-2"),
        (ENGLISH, "cp1252", "iso-8859-1"),  # as browsers read it
        (JAPANESE, "cp932", "Shift_JIS"),
        (RUSSIAN, "utf-8", "iso-8859-1"),  # declared wrongly
        (RUSSIAN, "cp1251", "iso-8859-1"),
        (RUSSIAN, "cp1251", "utf-8"),
        (RUSSIAN, "cp1251", "no-such-encoding"),
    ],
)
def test_a_declared_encoding_counts_unless_it_is_wrong(
    text: str, encoding: str, declared: str
) -> None:
    page = f'<meta charset="{declared}"><p>{text}</p>'
    assert text in decode(page.encode(encoding), name="it")
    assert decode(text.encode(encoding), name="it", charset=declared) == text


def test_utf8_in_which_a_few_bytes_are_broken() -> None:
    assert decode(RUSSIAN.encode()[:-1], name="it").startswith(RUSSIAN[:-2])


def test_mojibake_is_mended_and_good_typography_left_alone() -> None:
    broken = ENGLISH.encode().decode("sloppy-windows-1252")
    assert decode(broken.encode(), name="it") == ENGLISH
    good = "“Curly” ‘quotes’ – Ångström, naïve, São Paulo, 1 €, Âme, Ça, â"
    assert decode(good.encode(), name="it") == good


def test_tidied() -> None:
    assert tidy("a\r\nb\rc\x00d", name="it") == "a\nb\ncd"
    assert tidy("\ufeffcafe\u0301", name="it") == "caf\u00e9"
    assert tidy("lone \ud800 half", name="it") == "lone \ufffd half"


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "text")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "a PDF file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG image"),
        (zipped(), "a ZIP archive"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "a gzip archive"),
        (b"\x7fELF\x02\x01\x01", "a program"),
        (b"RIFF\x24\x08\x00\x00WAVEfmt ", "a WAV"),
        (b"\x00\x00\x00\x18ftypmp42", "an MP4"),
        (bytes(range(256)) * 20, "a binary file"),
    ],
)
def test_a_binary_file_is_refused_by_its_name(data: bytes, kind: str) -> None:
    with pytest.raises(SourceUnreadable, match=re.escape(kind)):
        decode(data, name="it")


@pytest.mark.parametrize("data", [b"", b" \n\t\n"])
def test_nothing(data: bytes) -> None:
    with pytest.raises(NothingToSay, match="it is empty"):
        decode(data, name="it")


def test_too_much_is_refused_at_once() -> None:
    """In less time than a fifth of it is decoded in."""
    data = b"word " * (MAX_BYTES // 4)
    start = time.process_time()
    with pytest.raises(SourceUnreadable, match="larger than 20 MB"):
        decode(data, name="it")
    refused = time.process_time() - start
    start = time.process_time()
    decode(data[: len(data) // 5], name="it")
    assert refused < time.process_time() - start
