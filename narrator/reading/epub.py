"""An EPUB -> Article: its chapters one after another, each of which begins with its heading.

EbookLib reads EPUBs too, but it is AGPL, and what is needed of the format is little: an archive
whose package document lists the pages in their order (EPUB 3.3, W3C 2023; EPUB 2 is alike).
"""

from __future__ import annotations

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import unquote

from lxml import etree

from narrator.errors import NothingToSay, SourceUnreadable
from narrator.model import Article, Omission, Treatment
from narrator.reading.blocks import Draft, number, omission
from narrator.reading.decode import MAX_BYTES, decode
from narrator.reading.html import read_chapter
from narrator.reading.metadata import iso_date, language_code
from narrator.reading.room import Room

_MIMETYPE = b"mimetypeapplication/epub+zip"
_MIMETYPE_AT = 30
"""Where the first file of the archive tells what it is."""

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""How fonts are obscured, which hinders no reader."""

_MOST_PAGES = 10_000
_BOOK_BYTES = 5 * MAX_BYTES
"""Unpacked, of all pages together."""

_NS = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "dc": "http://purl.org/dc/elements/1.1/",
    "enc": "http://www.w3.org/2001/04/xmlenc#",
    "opf": "http://www.idpf.org/2007/opf",
}
_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")

_EXCERPT = 60


def is_epub(data: bytes) -> bool:
    """Whether the bytes are an EPUB, by what the format puts at their start."""
    return data.startswith(b"PK") and data.startswith(_MIMETYPE, _MIMETYPE_AT)


def read_epub(
    data: bytes,
    *,
    name: str,
    policy: Mapping[str, Treatment] | None = None,
    room: Room | None = None,
) -> Article:
    """The book as one article; SourceUnreadable where it is damaged, protected or too large,
    NothingToSay where it holds no text, TooLarge where there is no room for so much."""
    with _damage_told(name):
        archive = zipfile.ZipFile(io.BytesIO(data))
    with archive:
        return _Book(archive, name, policy or {}, room or Room()).article()


@contextmanager
def _damage_told(name: str) -> Iterator[None]:
    """Whatever zipfile and its decompressors raise where an archive is damaged becomes ours."""
    try:
        yield
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError,
        RuntimeError, EOFError, OSError, ValueError, OverflowError,
    ) as error:  # fmt: skip
        raise SourceUnreadable(f"{name} is a damaged EPUB: {error}. Get it anew.") from error


class _Book:
    """An archive that is open."""

    def __init__(
        self, archive: zipfile.ZipFile, name: str, policy: Mapping[str, Treatment], room: Room
    ) -> None:
        self._room = room
        self._archive = archive
        self._name = name
        self._policy = policy
        self._left = _BOOK_BYTES

    def article(self) -> Article:
        """All that the spine lists."""
        self._refuse_protected()
        root = self._package_path()
        package = self._xml(root)
        drafts: list[Draft] = []
        omissions: list[Omission] = []
        warnings: list[str] = []
        for path, is_beside in self._pages(package, posixpath.dirname(root)):
            text = decode(self._read(path), name=f"{path} of {self._name}")
            chapter = read_chapter(text, self._policy, self._room)
            if is_beside:
                told = " ".join(draft.text for draft in chapter.drafts)
                omissions.append(omission(told, "beside the text of the book"))
                continue
            drafts += chapter.drafts
            omissions += chapter.omissions
            warnings += chapter.warnings
        if not drafts:
            raise NothingToSay(f"There is no text in {self._name}: perhaps its pages are pictures.")
        creators = (_words(each) for each in package.iterfind(".//dc:creator", _NS))
        return Article(
            title=_first(package, "dc:title"),
            language=language_code(_first(package, "dc:language")),
            blocks=number(drafts),
            author=", ".join(dict.fromkeys(filter(None, creators))),
            date=iso_date(_first(package, "dc:date")),
            site=_first(package, "dc:publisher"),
            omissions=tuple(omissions),
            warnings=tuple(dict.fromkeys(warnings)),
        )

    def _refuse_protected(self) -> None:
        if _ENCRYPTION not in self._archive.namelist():
            return
        methods = self._xml(_ENCRYPTION).iterfind(".//enc:EncryptionMethod", _NS)
        if any(each.get("Algorithm") not in _FONTS for each in methods):
            raise SourceUnreadable(
                f"{self._name} is protected against being read by other programs. Only the shop "
                "that sold it can give it without."
            )

    def _package_path(self) -> str:
        root = self._xml(_CONTAINER).find(".//c:rootfile", _NS)
        path = "" if root is None else root.get("full-path") or ""
        if not path:
            raise SourceUnreadable(f"{self._name} is a damaged EPUB: it names no package.")
        return path

    def _pages(self, package: etree._Element, folder: str) -> Iterator[tuple[str, bool]]:
        """The path of each page in the order of the book, and whether it is beside the text."""
        items = {each.get("id"): each for each in package.iterfind("opf:manifest/opf:item", _NS)}
        spine = package.findall("opf:spine/opf:itemref", _NS)
        if len(spine) > _MOST_PAGES:
            raise SourceUnreadable(f"{self._name} has more than {_MOST_PAGES} pages. Split it.")
        for place in spine:
            item = items.get(place.get("idref"))
            if item is None or item.get("media-type") not in _PAGES:
                continue
            href = unquote((item.get("href") or "").partition("#")[0])
            is_contents = "nav" in (item.get("properties") or "").split()
            path = posixpath.normpath(posixpath.join(folder, href))
            yield path, is_contents or place.get("linear") == "no"

    def _read(self, path: str) -> bytes:
        """A file of the archive; what is all together too large is refused before it is unpacked
        whole."""
        try:
            with _damage_told(self._name), self._archive.open(path) as file:
                data = file.read(self._left + 1)
        except KeyError as error:
            raise SourceUnreadable(
                f"{self._name} is a damaged EPUB: it holds no {path[:_EXCERPT]!r}. Get it anew."
            ) from error
        self._left -= len(data)
        if self._left < 0:
            raise SourceUnreadable(
                f"{self._name} holds more than {_BOOK_BYTES // 1_000_000} MB of text. Split it."
            )
        return data

    def _xml(self, path: str) -> etree._Element:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            return etree.fromstring(self._read(path), parser)
        except etree.XMLSyntaxError as error:
            raise SourceUnreadable(
                f"{self._name} is a damaged EPUB: {path[:_EXCERPT]!r} is no XML ({error})."
            ) from error


def _first(package: etree._Element, name: str) -> str:
    return next(filter(None, map(_words, package.iterfind(f".//{name}", _NS))), "")


def _words(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())
