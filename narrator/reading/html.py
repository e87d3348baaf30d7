"""HTML -> Article: the body found by trafilatura, its structure taken from the page's own tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from lxml import etree

from narrator.errors import NothingToSay
from narrator.model import Article, Omission, Treatment
from narrator.reading.blocks import Draft, letters, number, omission
from narrator.reading.body import judge
from narrator.reading.dom import count_elements, parse_page
from narrator.reading.embeds import embed_kind
from narrator.reading.head import Head, read_head
from narrator.reading.kept import Kept, kept_by_trafilatura
from narrator.reading.page import Found, page_drafts
from narrator.reading.prose import alike, count_words, opinion
from narrator.reading.room import Room
from narrator.reading.wishes import Wishes

_LOGIN_WORDS = 60
"""A page with a password field and fewer words than that is a login, not an article."""

_PART = 0.6
"""Share of the words that a page says its article has, below which it shows but a part."""

_PAYWALLED_WORDS = 250
"""An article that is not free and of fewer words is likely a teaser."""

_TITLE = "the title"
"""Reason of the draft that becomes the title: it is spoken, so it is not listed as left out."""

_BOOK_PARTS: Mapping[str, str] = {
    "copyright-page": "about the book", "colophon": "about the book", "cover": "about the book",
    "halftitlepage": "about the book", "titlepage": "about the book",
    "footnote": "footnote", "footnotes": "footnote", "endnote": "footnote",
    "endnotes": "footnote", "rearnote": "footnote", "rearnotes": "footnote",
    "index": "index", "landmarks": "table of contents", "page-list": "table of contents",
    "pagebreak": "page number", "toc": "table of contents",
}  # fmt: skip
"""Role without `doc-`, or `epub:type` -> why that part of a book is left out."""

_REPEATS_TITLE = "repeats the title"


def read_html(
    text: str,
    url: str = "",
    policy: Mapping[str, Treatment] | None = None,
    room: Room | None = None,
) -> Article:
    """The article of a page that was found at `url`, its elements treated as `policy` asks;
    NothingToSay where it holds none, TooLarge where it is too much."""
    room = room or Room()
    root = parse_page(text)
    room.elements(count_elements(root))
    head = read_head(root, url)
    wishes = Wishes(root, policy or {})
    found, omissions = page_drafts(root, head.metadata.language, wishes, room)
    drafts = [each.draft for each in found]
    theirs = kept_by_trafilatura(root)
    kept = [theirs.holds(draft.text) for draft in drafts]
    view = opinion(found, kept, head.titles)
    reasons = judge(found, root, head, kept, view, wishes, Kept(head.account))
    shown = drafts[view.headline].text if view.headline >= 0 else ""
    title = shown or _headline(drafts, reasons, head)
    titles = {letters(title), *map(letters, head.titles)}
    reasons = _without_title(drafts, reasons, title, titles, view.headline)
    body = _treated(found, reasons, wishes)
    _refuse_no_article(body, root)
    told = head.metadata
    return Article(
        title=title,
        language=told.language,
        blocks=number(body),
        author=told.author,
        date=told.date,
        url=told.url,
        omissions=(*_missing(body, head), *omissions, *_left_out(drafts, reasons)),
        modified=told.modified,
        site=told.site,
        image=told.image,
        recording=told.recording,
        warnings=(*_warning(body, head), *wishes.warnings),
    )


@dataclass(frozen=True, slots=True)
class Chapter:
    """What a page of a book says, and what of it is left out."""

    drafts: tuple[Draft, ...]
    omissions: tuple[Omission, ...]
    warnings: tuple[str, ...]


def read_chapter(text: str, policy: Mapping[str, Treatment], room: Room | None = None) -> Chapter:
    """All of a page that has nothing around its text, but for notes and what orders a book."""
    room = room or Room()
    root = parse_page(text)
    room.elements(count_elements(root))
    wishes = Wishes(root, policy)
    language = root.get("lang") or root.get("xml:lang") or ""
    found, omissions = page_drafts(root, language, wishes, room)
    reasons = [_beside(each.element, wishes) for each in found]
    return Chapter(
        tuple(replace(draft, selector="") for draft in _treated(found, reasons, wishes)),
        (*omissions, *_left_out([each.draft for each in found], reasons)),
        tuple(wishes.warnings),
    )


def _beside(element: etree._Element, wishes: Wishes) -> str:
    """Why a part of a book's page is left out, empty where it is not."""
    asked = wishes.around(element)
    if asked:
        return asked[1].reason if asked[1].treatment == "skip" else ""
    for each in (element, *element.iterancestors()):
        for name in f"{each.get('role') or ''} {each.get('epub:type') or ''}".split():
            reason = _BOOK_PARTS.get(name.removeprefix("doc-"))
            if reason:
                return reason
    return ""


def _treated(found: Sequence[Found], reasons: Sequence[str], wishes: Wishes) -> list[Draft]:
    """The drafts that remain, with what is asked for them; what is announced as a whole is
    announced by its first draft. The first row of each table tells how many it has."""
    body: list[Draft] = []
    announced: set[etree._Element] = set()
    rows = Counter(
        _table_of(each.element)
        for each, reason in zip(found, reasons, strict=True)
        if not reason and each.draft.kind == "table_row"
    )
    for each, reason in zip(found, reasons, strict=True):
        if reason:
            continue
        draft = each.draft
        if draft.kind == "table_row":
            draft = replace(draft, rows=rows.pop(_table_of(each.element), 0))
        asked = None if draft.treatment else wishes.around(each.element)
        if asked and asked[1].treatment == "announce":
            element = asked[0]
            is_first = element not in announced
            announced.add(element)
            kind = embed_kind(element)
            if kind and is_first:
                draft = replace(draft, kind="embed", label=kind)
            draft = replace(draft, treatment="announce" if is_first else "skip")
        elif asked:
            draft = replace(draft, treatment=asked[1].treatment)
        body.append(draft)
    return body


def _table_of(element: etree._Element) -> etree._Element:
    return next((each for each in element.iterancestors("table")), element)


def _headline(drafts: Sequence[Draft], reasons: Sequence[str], head: Head) -> str:
    """The headline that the page shows, else the one that it tells machines.

    They often differ by a site's name or an editor's shortening; what the reader sees counts.
    """
    told = head.metadata.title
    shown = [
        (draft.text, reason)
        for draft, reason in zip(drafts, reasons, strict=True)
        if draft.kind == "heading"
        and draft.level == 1
        and letters(draft.text) != letters(head.site)
        and reason in ("", "outside the article", "not part of the text")
    ]
    for text, _ in shown:
        if not told or alike(text, told):
            return text
    in_body = [text for text, reason in shown if not reason]
    if len(in_body) == 1:
        return in_body[0]
    # Of "Tides - The Shore", which part is the site's name? A heading above the text tells.
    first = next((each for each, reason in zip(drafts, reasons, strict=True) if not reason), None)
    if first and first.kind == "heading" and told.startswith(f"{first.text} "):
        return first.text
    return told


def _without_title(
    drafts: Sequence[Draft], reasons: Sequence[str], title: str, titles: set[str], headline: int
) -> list[str]:
    """The reasons, headings included that say the title, and lines before the text that do; the
    headline itself, if it is known, or the first of them is the title."""
    told: list[str] = []
    in_text = False
    for i, (draft, reason) in enumerate(zip(drafts, reasons, strict=True)):
        is_title = letters(draft.text) in titles or (
            not in_text and draft.kind == "heading" and draft.level < 3 and alike(draft.text, title)
        )
        if is_title and (draft.kind == "heading" or not in_text):
            shown = headline if headline >= 0 else told.index(_TITLE) if _TITLE in told else i
            told.append(_TITLE if i == shown else _REPEATS_TITLE)
            continue
        in_text = in_text or (not reason and draft.kind != "heading")
        told.append(reason)
    return told


def _refuse_no_article(body: Sequence[Draft], root: etree._Element) -> None:
    words = sum(len(draft.text.split()) for draft in body)
    if words < _LOGIN_WORDS and root.find(".//input[@type='password']") is not None:
        raise NothingToSay(
            "The page asks for a login and shows no article. "
            "Save the article's page from a browser in which you are logged in."
        )
    if not body:
        raise NothingToSay(
            "No article found: the page holds no paragraphs of text. Perhaps it needs JavaScript: "
            "save it from a browser, or give the text itself."
        )


def _missing(body: Sequence[Draft], head: Head) -> tuple[Omission, ...]:
    """What the page says that its article has and does not show."""
    words = sum(count_words(draft.text) for draft in body)
    if words >= _PART * head.words:
        return ()
    return (
        Omission(
            f"about {head.words - words} of {head.words} words",
            "not in the page: it shows a part of its article only",
        ),
    )


def _warning(body: Sequence[Draft], head: Head) -> Iterator[str]:
    """Said where the page shows clearly less than its article, or says that not all may read
    it."""
    words = sum(count_words(draft.text) for draft in body)
    if words < _PART * head.words:
        yield (
            f"The page shows about {words} of the {head.words} words that it says its article "
            "has: it is a teaser, or the rest is behind a login or a paywall. Only what it shows "
            "is read."
        )
    elif not head.free and words < _PAYWALLED_WORDS:
        yield (
            f"The page says that its article is not free, and shows {words} words: this may be a "
            "part of it only. Only what it shows is read."
        )


def _left_out(drafts: Sequence[Draft], reasons: Sequence[str]) -> Iterator[Omission]:
    """One omission for each run of drafts that are left out for one reason."""
    told = zip(drafts, reasons, strict=True)
    for reason, run in groupby(told, key=lambda each: each[1]):
        if reason and reason != _TITLE:
            yield omission(" ".join(draft.text for draft, _ in run), reason)
