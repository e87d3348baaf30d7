"""What a page says of itself in JSON-LD, OpenGraph, `meta`, `title` and `html`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

from lxml import etree

from narrator.reading.blocks import normalized
from narrator.reading.bounded import is_deep
from narrator.reading.metadata import Metadata, iso_date, language_code

_ARTICLE_TYPES = re.compile(
    r"(?:Article|BlogPosting|Report|Recipe|HowTo|Posting|Review|(?:FAQ|QA)Page)$"
)

_TAIL = re.compile(r"\s+[|·•»]\s+[^|·•»]+$|\s[-–]\s(?:\S+ ?){1,3}$")
"""The end of a `title` that is more likely a site's name than a part of the headline."""

_PARTS = re.compile(r"\s+[|·•»:–—-]+\s+|\s*[|»]\s*|:\s+")
"""Between the parts of a `title`: the headline, a section, the site."""

_PARTS_OF = (
    "acceptedAnswer", "articleBody", "headline", "itemListElement", "liveBlogUpdate", "mainEntity",
    "name", "recipeIngredient", "recipeInstructions", "step", "suggestedAnswer", "text",
)  # fmt: skip
_TEXTS = {"recipeIngredient", "recipeInstructions"}

_LONGEST_TITLE = 1000
_MOST_PARTS = 20
"""Characters and parts of a title in which the headline is looked for."""

_LD_DEPTH = 6
"""Levels of JSON-LD that are searched."""


@dataclass(frozen=True, slots=True)
class Head:
    """The page's own account of itself."""

    metadata: Metadata
    """Its title is the first found of JSON-LD, OpenGraph and `title`."""
    titles: tuple[str, ...] = ()
    """All that may be the headline: what machines are told, and the parts of `title`."""
    site: str = ""
    """The site's name."""
    account: tuple[str, ...] = ()
    """The texts of the article as JSON-LD tells them, usually none: its body, and of recipes,
    instructions, questions and live reports the parts."""
    description: str = ""
    words: int = 0
    """Words of the body as JSON-LD tells, 0 where it does not: more than the page shows means
    that it shows a part."""
    free: bool = True
    """False where the page says that not everybody may read all of it."""


def read_head(root: etree._Element, url: str) -> Head:
    """What the page at `url` (empty if unknown) says of itself."""
    linked = _linked_article(root)
    meta = _meta(root)

    def first(*names: str) -> str:
        return next((meta[name] for name in names if meta.get(name)), "")

    site = _name(linked.get("publisher")) or first("og:site_name", "application-name")
    title = _title(root)
    is_short = len(title) <= _LONGEST_TITLE
    titles = (
        _string(linked.get("headline")),
        _without_site(first("og:title", "twitter:title", "dc.title"), site),
        _without_site(title, site) if site or not is_short else _TAIL.sub("", title),
    )
    parts = [
        part
        for part in (_PARTS.split(title)[:_MOST_PARTS] if is_short else ())
        if len(part.split()) > 1 and part != site
    ]
    dates = (
        _string(linked.get("datePublished")),
        first("article:published_time", "datepublished", "date", "dc.date", "parsely-pub-date"),
    )
    author = _name(linked.get("author")) or first("author", "article:author", "dc.creator")
    language = root.get("lang") or root.get("xml:lang") or _string(linked.get("inLanguage"))
    address = _canonical(root) or first("og:url") or _string(linked.get("url"))
    body = _string(linked.get("articleBody"))
    modified = (
        _string(linked.get("dateModified")),
        first("article:modified_time", "og:updated_time", "last-modified", "dc.date.modified"),
    )
    image = _address(linked.get("image")) or first("og:image", "twitter:image")
    return Head(
        Metadata(
            title=next(filter(None, titles), ""),
            author="" if author.startswith("http") else author,
            date=next(filter(None, map(iso_date, dates)), ""),
            language=language_code(language or first("og:locale", "content-language")),
            url=_absolute(address, url),
            modified=next(filter(None, map(iso_date, modified)), ""),
            site=site,
            image=_joined(image, url),
            recording=_joined(_recording(root, linked, meta), url),
        ),
        titles=tuple(dict.fromkeys(filter(None, (*titles, title, *parts)))),
        site=site,
        account=tuple(_parts({**linked, "headline": "", "name": ""}, _LD_DEPTH)),
        description=_string(linked.get("description")) or first("description", "og:description"),
        words=max(len(body.split()), _number(linked.get("wordCount"))),
        free=not _is_false(linked.get("isAccessibleForFree")),
    )


def _linked_article(root: etree._Element) -> Mapping[str, object]:
    """The first article that JSON-LD describes, else an empty mapping."""
    for script in root.iter("script"):
        if (script.get("type") or "").partition(";")[0].strip().lower() != "application/ld+json":
            continue
        try:
            data = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        if is_deep(data):
            continue
        for thing in _things(data, _LD_DEPTH):
            kinds = thing.get("@type")
            for kind in kinds if isinstance(kinds, list) else [kinds]:
                if isinstance(kind, str) and _ARTICLE_TYPES.search(kind):
                    return thing
    return {}


def _parts(data: object, depth: int) -> Iterator[str]:
    """The texts of the parts of a recipe, an instruction, a list of questions, a live report."""
    if isinstance(data, list):
        for each in data:
            yield from _parts(each, depth)
    elif isinstance(data, dict) and depth:
        for key in _PARTS_OF:
            value = data.get(key)
            if isinstance(value, str) or (isinstance(value, list) and key in _TEXTS):
                texts = value if isinstance(value, list) else [value]
                yield from filter(None, map(_string, texts))
            yield from _parts(value, depth - 1)


def _things(data: object, depth: int) -> Iterator[Mapping[str, object]]:
    if depth == 0:
        return
    if isinstance(data, list):
        for each in data:
            yield from _things(each, depth - 1)
    elif isinstance(data, dict):
        yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            if key in data:
                yield from _things(data[key], depth - 1)


def _meta(root: etree._Element) -> dict[str, str]:
    """Name or property of each `meta`, in lower case -> its first content that is not empty."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        content = normalized(element.get("content") or "")
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = (element.get(attribute) or "").strip().lower()
            if name and content:
                found.setdefault(name, content)
    return found


def _title(root: etree._Element) -> str:
    for element in root.iter("title"):
        parent = element.getparent()
        if parent is not None and parent.tag == "head":
            return normalized(element.text or "")
    return ""


def _without_site(title: str, site: str) -> str:
    """The title without the name of the site before or after it."""
    name = re.escape(site)
    pattern = rf"\s*[|·•»–—:-]+\s*{name}$|^{name}\s*[|·•»–—:-]+\s*"
    is_short = len(title) <= _LONGEST_TITLE
    return re.sub(pattern, "", title, flags=re.IGNORECASE) if site and is_short else title


def _canonical(root: etree._Element) -> str:
    for element in root.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            return (element.get("href") or "").strip()
    return ""


def _absolute(address: str, url: str) -> str:
    """The address as the page at `url` means it; `url` itself where that is no web address."""
    try:
        whole = urljoin(url, address)
    except ValueError:
        return url
    return whole if whole.lower().startswith(("http://", "https://")) else url


def _joined(address: str, url: str) -> str:
    """The address as the page at `url` means it; as it stands where that is not known."""
    try:
        return urljoin(url, address.strip()) if address.strip() else ""
    except ValueError:
        return ""


def _recording(root: etree._Element, linked: Mapping[str, object], meta: Mapping[str, str]) -> str:
    """Where the page says that a recording of its article is, read by a person."""
    if meta.get("narrator:audio"):
        return meta["narrator:audio"]
    for element in root.iter("*"):
        if element.get("data-narrator-audio"):
            return element.get("data-narrator-audio") or ""
    return _address(linked.get("audio"))


def _address(value: object) -> str:
    """The address of a picture or sound: a string, an object, or the first of several."""
    if isinstance(value, list):
        return next(filter(None, map(_address, value)), "")
    if isinstance(value, dict):
        return _string(value.get("contentUrl")) or _string(value.get("url"))
    return _string(value)


def _is_false(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() == "false")


def _string(value: object) -> str:
    return normalized(unescape(value)) if isinstance(value, str) else ""


def _number(value: object) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value if isinstance(value, int) else 0


def _name(value: object) -> str:
    """The name of a person or organization, of several joined by commas."""
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(filter(None, map(_name, value))))
    if isinstance(value, dict):
        return _string(value.get("name"))
    return _string(value)
