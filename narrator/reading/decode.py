"""Bytes -> text, whatever wrote them; what is no text is refused by its name."""

from __future__ import annotations

import codecs
import re

from narrator.errors import NothingToSay, SourceUnreadable
from narrator.reading.inline import composed

MAX_BYTES = 20_000_000
"""Size of the largest Source: some forty hours of speech, or the heaviest of pages."""

_SIGNATURES = (
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"ID3", "an MP3 file"),
    (b"\xff\xfb", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"fLaC", "a FLAC file"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
)

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_AS_BROWSERS_READ = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030",
    "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
    "tis-620": "cp874",
}  # fmt: skip
"""Declared encoding -> the larger one that browsers take it for (encoding.spec.whatwg.org)."""

_LIKELY = [
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp866", "koi8_r",
    "cp932", "euc_jp", "gb18030", "big5", "cp949",
]  # fmt: skip
"""Encodings that a text which does not name its own is guessed to be in."""

_META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]+encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)

_DECLARATION_WITHIN = 4096
_GUESS_FROM = 200_000
"""Bytes: more make the guess slower, not better."""

_NOT_TEXT = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_SOME_CONTROLS = 0.02
"""Share of control bytes from which a file is no text."""

_LATIN_SUPPLEMENT = re.compile("[À-ÿ]")
_MOJIBAKE = re.compile("[ÂÃÅÐÑâ][\x80-\xbf\u0152-\u2122]")
_CENTRAL_EUROPEAN = re.compile(r"[šžŠŽ]|[^\W\d_][¹³¿¼¾£¥ª]")
"""What text in windows-1250 becomes when it is read as windows-1252."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(data: bytes, *, name: str, charset: str = "") -> str:
    """The text of the bytes, tidied.

    `name` is for messages, `charset` what the sender declared. NothingToSay for no bytes,
    SourceUnreadable for too many, for a binary file, and where no encoding fits.
    """
    check_size(len(data), name)
    if not data.strip():
        raise NothingToSay(f"{name} is empty: there is nothing to say.")
    text = _by_mark(data) or _as_utf16(data)
    if text is None:
        _refuse_binary(data, name)
        text = (
            _as_japanese_mail(data)
            or _as_utf8(data)
            or _as_declared(data, charset or _declared(data))
            or _as_damaged_utf8(data)
            or _as_guessed(data)
        )
    if text is None:
        raise SourceUnreadable(f"The encoding of {name} cannot be told. Save it as UTF-8.")
    return tidy(_mended(text), name=name)


def tidy(text: str, *, name: str) -> str:
    """The text with line feeds only, composed characters, and nothing that cannot be stored."""
    check_size(len(text), name)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return composed(without_surrogates(lines)).removeprefix("\ufeff")


def without_surrogates(text: str) -> str:
    """The text with U+FFFD for each lone surrogate, which no file can hold; escapes of JSON and
    YAML can name them."""
    return _SURROGATE.sub("\ufffd", text)


def check_size(size: int, name: str, *, limit: int = MAX_BYTES) -> None:
    """SourceUnreadable where that many bytes are too many."""
    if size > limit:
        raise SourceUnreadable(
            f"{name} is larger than {limit // 1_000_000} MB, which no article is. "
            "Split it, or check that it is the right one."
        )


def _refuse_binary(data: bytes, name: str) -> None:
    kind = next((kind for mark, kind in _SIGNATURES if data.startswith(mark)), "")
    if not kind and data[4:8] == b"ftyp":
        kind = "an MP4 or HEIF file"
    elif not kind and data[:4] == b"RIFF":
        kind = "a WAV, AVI or WebP file"
    if not kind and len(_NOT_TEXT.findall(data[:_GUESS_FROM])) > _SOME_CONTROLS * min(
        len(data), _GUESS_FROM
    ):
        kind = "a binary file"
    if kind:
        raise SourceUnreadable(
            f"{name} is {kind}, not an article. Give Markdown, HTML or plain text; "
            "convert it first (pandoc and pdftotext can)."
        )


def _by_mark(data: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    return None


def _as_utf16(data: bytes) -> str | None:
    """Western text in UTF-16 without a mark has a NUL at every other byte."""
    start = data[:_DECLARATION_WITHIN]
    half = max(1, len(start) // 2)
    if start[1::2].count(0) > 0.7 * half and start[::2].count(0) < 0.1 * half:
        return data.decode("utf-16-le", "replace")
    if start[::2].count(0) > 0.7 * half and start[1::2].count(0) < 0.1 * half:
        return data.decode("utf-16-be", "replace")
    return None


def _as_japanese_mail(data: bytes) -> str | None:
    """ISO-2022-JP is all ASCII bytes, so it would pass for UTF-8."""
    return _strict(data, "iso2022_jp_ext") if b"\x1b$" in data[:_GUESS_FROM] else None


def _as_utf8(data: bytes) -> str | None:
    # Whatever is declared: other text is valid UTF-8 only by a freak.
    return _strict(data, "utf-8")


def _declared(data: bytes) -> str:
    head = data[:_DECLARATION_WITHIN]
    found = _META_CHARSET.search(head) or _XML_CHARSET.search(head)
    return found[1].decode("ascii", "replace") if found else ""


def _as_declared(data: bytes, charset: str) -> str | None:
    try:
        known = codecs.lookup(charset.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    if known.startswith(("utf", "iso2022", "hz")):
        return None
    text = _strict(data, _AS_BROWSERS_READ.get(known, known))
    if text is None or _looks_like_another_alphabet(text):
        return None
    return text


def _looks_like_another_alphabet(text: str) -> bool:
    """Whether most letters are Latin ones with accents: Cyrillic under a Western name."""
    letters = sum(map(str.isalpha, text[:_GUESS_FROM]))
    return len(_LATIN_SUPPLEMENT.findall(text[:_GUESS_FROM])) > 0.5 * letters


def _as_damaged_utf8(data: bytes) -> str | None:
    """UTF-8 in which a few bytes are broken, as where a limit cut it."""
    text = data.decode("utf-8", "replace")
    whole = sum(ord(character) > 0x7F for character in text)
    broken = text.count("\ufffd")
    return text if broken <= 0.02 * whole + 1 and broken * 2 < whole else None


def _as_guessed(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    sample = data[:_GUESS_FROM]
    best = from_bytes(sample, cp_isolation=_LIKELY, enable_fallback=False).best()
    if best is None:
        return None
    text = data.decode(best.encoding, "replace")
    if best.encoding in ("cp1250", "cp1252", "cp1254"):
        # Short texts fit all three. Most of them are Western, unless they would then have
        # letters that no Western language has, or signs within words.
        western = _strict(data, "cp1252")
        central = western is None or _CENTRAL_EUROPEAN.search(western[:_GUESS_FROM])
        return data.decode("cp1250", "replace") if central else western
    return text


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _mended(text: str) -> str:
    """The text with lines that were decoded wrongly before they came here set right."""
    if not _MOJIBAKE.search(text):
        return text
    import ftfy
    from ftfy.badness import is_bad

    return "".join(
        ftfy.fix_encoding(line) if _MOJIBAKE.search(line) and is_bad(line) else line
        for line in text.splitlines(keepends=True)
    )
