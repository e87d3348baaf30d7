"""An EPUB is read as one article: its chapters in the order of the spine."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from narrator.errors import NarratorError, NothingToSay, SourceUnreadable
from narrator.reading import read, read_bytes
from narrator.reading.decode import decode

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/package.opf"/></rootfiles></container>'
)
PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Tides and <i>Sand</i></dc:title>'
    "<dc:creator>A. B.</dc:creator><dc:creator>C. D.</dc:creator><dc:language>en-GB</dc:language>"
    "<dc:date>2020-05-04</dc:date></metadata><manifest>{items}</manifest>"
    "<spine>{spine}</spine></package>"
)


def page(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>x</title></head><body>{body}'
        "</body></html>"
    )


def book(pages: dict[str, str], beside: str = "", extra: dict[str, str] | None = None) -> bytes:
    """An EPUB of these pages, in order; `beside` is not of the linear text."""
    items = "".join(
        f'<item id="p{n}" href="{name.replace(" ", "%20")}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(pages)
    )
    spine = "".join(
        f'<itemref idref="p{n}"{" linear=" + chr(34) + "no" + chr(34) if name == beside else ""}/>'
        for n, name in enumerate(pages)
    )
    files = {
        "META-INF/container.xml": CONTAINER,
        "OPS/package.opf": PACKAGE.format(items=items, spine=spine),
        **{f"OPS/{name}": text for name, text in pages.items()},
        **(extra or {}),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, text in files.items():
            archive.writestr(name, text)
    return file.getvalue()


def written(folder: Path, data: bytes) -> Path:
    path = folder / "tides.epub"
    path.write_bytes(data)
    return path


def test_a_book(tmp_path: Path) -> None:
    data = book(
        {
            "one.xhtml": page("<h1>One</h1><p>The tide comes <em>in</em>.</p>"),
            "text/two 2.xhtml": page("<h1>Two</h1><ul><li>It goes out.</li></ul>"),
        }
    )
    article = read(written(tmp_path, data))
    assert (article.title, article.author) == ("Tides and Sand", "A. B., C. D.")
    assert (article.language, article.date) == ("en-GB", "2020-05-04")
    assert [(block.kind, block.level, block.text) for block in article.blocks] == [
        ("heading", 1, "One"), ("paragraph", 0, "The tide comes in."),
        ("heading", 1, "Two"), ("list_item", 1, "It goes out."),
    ]  # fmt: skip
    assert article.omissions == ()


def test_what_is_no_text_of_a_book_is_listed(tmp_path: Path) -> None:
    data = book(
        {
            "toc.xhtml": page(
                '<nav epub:type="toc"><ol><li><a href="one.xhtml">One</a></li></ol></nav>'
            ),
            "title.xhtml": page('<section epub:type="titlepage"><p>Tides</p></section>'),
            "one.xhtml": page(
                '<p>The tide<a epub:type="noteref" href="#n">1</a> comes in.</p>'
                '<span role="doc-pagebreak">12</span>'
                '<aside epub:type="footnote"><p>A note.</p></aside>'
            ),
            "extra.xhtml": page("<p>An answer key.</p>"),
        },
        beside="extra.xhtml",
    )
    article = read(written(tmp_path, data))
    assert [block.text for block in article.blocks] == ["The tide1 comes in."]
    told = {each.text: each.reason for each in article.omissions}
    assert told == {
        "One": "table of contents", "Tides": "about the book", "12": "page number",
        "A note.": "footnote", "An answer key.": "beside the text of the book",
    }  # fmt: skip


def test_the_policy_of_the_site_holds_in_a_book(tmp_path: Path) -> None:
    data = book(
        {"one.xhtml": page("<p>Read.</p><p class='x'>Skip.</p><p data-narrator='skip'>No.</p>")}
    )
    article = read(written(tmp_path, data), policy={".x": "skip"})
    assert [block.text for block in article.blocks] == ["Read."]
    assert len(article.omissions) == 2


ENCRYPTED = (
    '<encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
    '<enc:EncryptionMethod Algorithm="{}"/></enc:EncryptedData></encryption>'
)


def encryption(algorithm: str) -> dict[str, str]:
    return {"META-INF/encryption.xml": ENCRYPTED.format(algorithm)}


def test_obscured_fonts_hinder_nobody(tmp_path: Path) -> None:
    fonts = encryption("http://www.idpf.org/2008/embedding")
    assert read(written(tmp_path, book({"a.xhtml": page("<p>Read.</p>")}, extra=fonts))).blocks


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (book({"a.xhtml": page("<p>x</p>")}, extra=encryption("urn:aes")), "protected"),
        (book({"a.xhtml": page("<p>Read.</p>")})[:400], "damaged"),
        (book({}, extra={"META-INF/container.xml": "<container/>"}), "names no package"),
        (book({}, extra={"META-INF/container.xml": "<"}), "no XML"),
        (book({}, extra={"META-INF/container.xml": CONTAINER.replace("package.opf", "no.opf")}),
         "holds no 'OPS/no.opf'"),
    ],
    ids=["protected", "cut", "empty container", "broken container", "no package"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_is_wrong_with_a_book_is_told(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        read(written(tmp_path, data))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (42, 0xFFFFFFF0),  # where the file begins: before the archive, or behind it
        (42, 1),
        (10, 14),  # how it is packed: LZMA, bzip2, and nothing that there is
        (10, 12),
        (10, 77),
        (24, 1),  # how large it is
        (16, 0),  # its checksum
        (8, 1),  # that it is encrypted
    ],
)
def test_a_damaged_directory_of_the_archive_is_told(field: int, value: int) -> None:
    """What the archive's directory says of the last file is wrong, and only that."""
    data = bytearray(book({"a.xhtml": page("<p>Read.</p>")}))
    entry = data.rindex(b"PK\x01\x02")
    width = 4 if field in (16, 20, 24, 42) else 2
    data[entry + field : entry + field + width] = value.to_bytes(width, "little")
    with pytest.raises(SourceUnreadable, match="damaged EPUB"):
        read_bytes(bytes(data), name="it.epub")


def test_a_book_whose_bytes_are_damaged_one_by_one_is_read_or_refused() -> None:
    whole = book({"a.xhtml": page("<p>Read.</p>")})
    refused = 0
    for place in range(30 + len("mimetypeapplication/epub+zip"), len(whole)):
        for flipped in (0x01, 0x80, 0xFF):
            data = bytearray(whole)
            data[place] ^= flipped
            try:
                read_bytes(bytes(data), name="it.epub")
            except NarratorError:
                refused += 1
    assert refused > 1000


def test_a_book_that_unpacks_to_more_than_it_may_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("narrator.reading.epub._BOOK_BYTES", 1_000_000)
    data = book({"big.xhtml": page("<p>" + "word " * 400_000 + "</p>")})
    assert len(data) < 10_000
    with pytest.raises(SourceUnreadable, match="more than 1 MB"):
        read(written(tmp_path, data))


def test_a_book_of_pictures(tmp_path: Path) -> None:
    with pytest.raises(NothingToSay, match="pictures"):
        read(written(tmp_path, book({"a.xhtml": page('<img src="a.jpg"/>')})))


def test_entities_of_xml_open_no_file(tmp_path: Path) -> None:
    evil = '<!DOCTYPE c [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + CONTAINER.replace(
        "</rootfiles>", "</rootfiles>&a;"
    )
    data = book({"a.xhtml": page("<p>Read.</p>")}, extra={"META-INF/container.xml": evil})
    assert [block.text for block in read(written(tmp_path, data)).blocks] == ["Read."]


def test_another_archive_is_refused_by_its_name(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "text")
    with pytest.raises(SourceUnreadable, match="a ZIP archive"):
        decode(file.getvalue(), name="it")
