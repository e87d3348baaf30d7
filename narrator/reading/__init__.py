"""Source -> Article.

`read` is for programs: a path, an address, or the text itself. `read_source` is for commands: a
path, an address or `-`, never a text. `read_bytes` takes what a service was sent.
"""

# ruff: noqa: A002 - `format` is the word that callers know, whatever Python calls so
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Literal, cast

from narrator.errors import NothingToSay, SourceNotFound, SourceUnreadable, UsageError
from narrator.model import Article, Treatment
from narrator.reading.blocks import has_words
from narrator.reading.decode import check_size, decode, tidy, without_surrogates
from narrator.reading.files import STDIN, exists, load_file, load_stdin
from narrator.reading.policy import check_policy, treated
from narrator.reading.room import Room
from narrator.weblinks import address_or_path, web_address

TextFormat = Literal["html", "markdown", "text"]

ElementPolicy = Mapping[str, Treatment]
"""CSS selector -> how the elements that it matches are treated."""

READERS = {
    "html": ("narrator.reading.html", "read_html"),
    "markdown": ("narrator.reading.markdown", "read_markdown"),
    "text": ("narrator.reading.plain", "read_plain"),
}
"""Format -> the module and its function `(text, ..., room) -> Article`, imported at use."""

_SUFFIXES: dict[str, TextFormat] = {
    ".htm": "html", ".html": "html", ".markdown": "markdown", ".md": "markdown",
    ".mdown": "markdown", ".mdx": "markdown", ".mkd": "markdown", ".qmd": "markdown",
    ".text": "text", ".txt": "text", ".xht": "html", ".xhtml": "html",
}  # fmt: skip

_CONTENT_TYPES: dict[str, TextFormat] = {
    "application/xhtml+xml": "html", "text/html": "html", "text/markdown": "markdown",
    "text/x-markdown": "markdown",
}  # fmt: skip

_URL = re.compile(r"https?://", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)

_HTML_START = re.compile(
    r"\s*(?:<!--(?>.*?-->)\s*+)*+(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+html|<html\b|<head\b|<body\b)",
    re.IGNORECASE | re.DOTALL,
)
_LISTING_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?>.*?-->)\s*+|<!doctype[^>]*>\s*+)*+"
    r"<(?:rss|feed|rdf:rdf|urlset|sitemapindex)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAGS = re.compile(r"</(?:p|div|h[1-6]|article|li|ul|body|span)>", re.IGNORECASE)
_MARKDOWN_SIGNS = re.compile(
    r"\A---\n(?:[^\n]*\n)*?---\n"
    r"|^#{1,6} \S|^```|^(?:-{3,}|\*{3,})$|\]\([^\s)]{1,2000}+\)|\*\*[^\s*][^*\n]{0,2000}+\*\*|^> ",
    re.MULTILINE,
)
_HTML_TAGS_ENOUGH = 3
_SNIFFED = 20_000
"""Characters that are looked at to tell a format."""


def read(
    source: str | Path,
    *,
    format: TextFormat | None = None,
    allow_private: bool = False,
    policy: ElementPolicy | None = None,
) -> Article:
    """The article at a path or an http(s) address; with a `format`, the article that the string
    itself is. SourceError where it cannot be had.

    `policy` names for CSS selectors how elements are treated: `{"table": "announce"}`.
    """
    if isinstance(source, str) and format is not None:
        return read_text(source, format, policy=policy)
    return read_source(source, format=format, allow_private=allow_private, policy=policy)


def read_source(
    source: str | Path,
    *,
    format: str | None = None,
    allow_private: bool = False,
    policy: ElementPolicy | None = None,
) -> Article:
    """The article at a path, an http(s) address or `-` (standard input).

    `format` says how to read it where name, content type and content would say otherwise.
    """
    known = _known(format)
    if isinstance(source, Path):
        return _read_file(source, known, policy)
    if source == STDIN:
        return read_bytes(load_stdin(), known, name="standard input", policy=policy, folder=Path())
    if _URL.match(source):
        from narrator.reading.fetch import fetch

        page = fetch(source, allow_private=allow_private)
        return read_bytes(
            page.data,
            known,
            name=page.url,
            content_type=page.content_type,
            charset=page.charset,
            url=page.url,
            policy=policy,
        )
    if not exists(Path(source)):
        _refuse(source)
    return _read_file(Path(source), known, policy)


def _read_file(path: Path, format: TextFormat | None, policy: ElementPolicy | None) -> Article:
    return read_bytes(load_file(path), format, name=str(path), policy=policy, folder=path.parent)


def read_bytes(
    data: bytes,
    format: TextFormat | None = None,
    *,
    name: str,
    content_type: str = "",
    charset: str = "",
    url: str = "",
    policy: ElementPolicy | None = None,
    folder: Path | None = None,
    limit: int | None = None,
) -> Article:
    """The article that the bytes are; `name` tells its format by its suffix and stands in
    messages, `url` is where it was found, `folder` where a recording lies that it names by a
    path: without one, none is looked for. `limit` is how many characters it may have: TooLarge,
    told before more than a few times as many are read."""
    if data.startswith(b"PK"):
        from narrator.reading.epub import is_epub, read_epub

        if is_epub(data):
            check_size(len(data), repr(name))
            check_policy(policy or {})
            book = read_epub(data, name=repr(name), policy=policy, room=Room(limit))
            Room(limit).check((book.title, *(block.text for block in book.blocks)))
            return book
    text = decode(data, name=repr(name), charset=charset)
    if format is None and _LISTING_START.match(text[:_SNIFFED]):
        raise SourceUnreadable(
            f"{name!r} is a feed or a site map, not an article. Name one of its articles."
        )
    found = format or _CONTENT_TYPES.get(content_type) or _SUFFIXES.get(_suffix(name, url))
    return read_text(
        text,
        found or sniff(text),
        name=repr(name),
        url=url,
        policy=policy,
        folder=folder,
        limit=limit,
    )


def read_text(
    text: str,
    format: TextFormat,
    *,
    name: str = "the text",
    url: str = "",
    policy: ElementPolicy | None = None,
    folder: Path | None = None,
    limit: int | None = None,
) -> Article:
    """The article that the text is; NothingToSay where it holds no words, TooLarge where it has
    more than `limit` characters."""
    module, function = READERS[_known(format) or "text"]
    reader: Callable[..., Article] = getattr(import_module(module), function)
    whole = tidy(text, name=name)
    if not has_words(whole):
        raise NothingToSay(f"There are no words in {name}: nothing to say.")
    check_policy(policy or {})
    room = Room(limit)
    read_so = reader(whole, url, policy, room) if format == "html" else reader(whole, room)
    blocks, skipped = treated(read_so.blocks, policy or {})
    article = replace(read_so, blocks=blocks, omissions=(*read_so.omissions, *skipped))
    room.check((article.title, *(block.text for block in article.blocks)))
    if not article.blocks and not has_words(article.title):
        raise NothingToSay(f"There is nothing to say in {name}: all of it is left out.")
    addressed = replace(
        article,
        title=without_surrogates(article.title),
        author=without_surrogates(article.author),
        site=without_surrogates(article.site),
        url=address_or_path(article.url) or web_address(url),
        image=address_or_path(article.image),
    )
    return _with_recording(addressed, folder)


def _with_recording(article: Article, folder: Path | None) -> Article:
    """The article with its recording where it is: no text from elsewhere opens files here."""
    named = article.recording
    if not named or _URL.match(named):
        return article
    if folder is not None and not _OTHER_SCHEME.match(named):
        return replace(article, recording=str(folder / named))
    told = f"The recording {named[:80]!r} is no http(s) address: it is not used."
    return replace(article, recording="", warnings=(*article.warnings, told))


def sniff(text: str) -> TextFormat:
    """The format that the content is in."""
    start = text[:_SNIFFED]
    if _HTML_START.match(start) or len(_HTML_TAGS.findall(start)) >= _HTML_TAGS_ENOUGH:
        return "html"
    return "markdown" if _MARKDOWN_SIGNS.search(start) else "text"


def _known(name: str | None) -> TextFormat | None:
    if name is None or name in READERS:
        return cast(TextFormat | None, name)
    raise UsageError(f"No article format {name!r}. Known: {', '.join(READERS)}.")


def _suffix(name: str, url: str) -> str:
    return PurePosixPath(name.partition("?")[0] if url else Path(name).name).suffix.lower()


def _refuse(source: str) -> None:
    scheme = _OTHER_SCHEME.match(source)
    if scheme:
        raise SourceUnreadable(
            f"Addresses of the kind {scheme[1]}:// are not read. Give an http(s) address or a path."
        )
    shown = source if len(source) <= 80 else f"{source[:30]}…{source[-50:]}"
    raise SourceNotFound(
        f"There is no file {shown!r}. Check the path; "
        'to read the text itself, say its format: read(text, format="markdown").'
    )
