"""Where the prose of a page is: an opinion of our own beside that of trafilatura.

Two things tell it: the headline, after which the article begins, and the smallest element that
holds the sentences which follow. The second is the idea of readability and of Kohlschütter et
al., "Boilerplate Detection using Shallow Text Features" (2010): text counts by its length less
its links, and an element is the better the more of it lies near.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from narrator.reading.blocks import Draft, letters
from narrator.reading.furniture import names_of, reason_of_element
from narrator.reading.page import Found

SENTENCE_ENDS = tuple(".!?…:;。！？।؟۔။។።։»”\"')’」』")

WRAPPERS = {
    "address", "blockquote", "caption", "dd", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3",
    "h4", "h5", "h6", "li", "ol", "p", "pre", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
}  # fmt: skip
"""Elements that belong to one piece of text; around them is what tells whose piece it is."""

_LAID_OUT = {"table", "tbody", "td", "tr"}
"""Wrappers in which old pages lay out whole columns."""

_PROSE_WORDS = 10
_LINKED = 0.5
"""Share of linked characters from which a text is no prose."""

_NEARNESS = 0.62
"""What a text counts for an element one fork further out than another."""

_AFTER_HEADLINE = 1.6
"""How much more likely an element is that holds the first prose after the headline."""

_BESIDE = 0.2
"""What a text counts beside the element that holds both the headline and the first prose."""

_BESIDE_FROM = 0.15
"""Share of the page's prose from which such an element is taken for more than a header."""

_BODY_NAMES = re.compile(
    r"(?:^|[\s-])(?:(?:article|story|post|entry|news|blog|content|page|main|detail)-?(?:body|text"
    r"|content|detail|details|main|copy|article|story)|articlebody|entry|hentry|story|article"
    r"|body-copy|rich-text|richtext|prose|markdown-body|js-mediator-article)(?:$|[\s-])"
)
_BODY_NAMED = 1.25
_BODY_MARKED = 2.0
"""How much more likely an element is that is named, or marked by `itemprop`, as the text."""

_HEADS = re.compile(
    r"(?:^|[\s-])(?:head|header|heading|headline|titles?|titular(?:es)?|topper|hero|intro"
    r"|standfirst|lead|apertura|kopf)(?:$|[\s-])"
)
"""Names of what holds a headline and a standfirst, but no body."""

_WORD = re.compile(r"\w+")
_ALIKE = 0.6
_TITLE = 1000
"""Characters of a title that are compared."""

_BREAKS = re.compile(r"[.!?…。！？।؟۔။។።։]")
_DENSE = re.compile(
    r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
"""Letters of scripts that part no words by spaces, or few."""

_LETTERS_A_WORD = 2


@dataclass(frozen=True, slots=True)
class Opinion:
    """Where the article is, by its prose."""

    headline: int
    """Index of the draft that is the headline, -1 where none is found."""
    container: etree._Element | None
    """The element that holds the article; None where there is no prose."""
    zone: etree._Element | None
    """What lies beside this element is another column or another story; None where that is not
    known."""
    weights: tuple[float, ...]
    """For each draft the characters of prose that it has, 0 for furniture and for what precedes
    the headline."""

    def holds(self, element: etree._Element) -> bool:
        """Whether the element lies in the container."""
        return any(each is self.container for each in around(element))


def opinion(found: Sequence[Found], kept: Sequence[bool], titles: Sequence[str]) -> Opinion:
    """Where the article called by one of the titles is; `kept` are the drafts that trafilatura
    keeps, so that what holds most of them is not taken for furniture."""
    prose = [_weight(each.draft) for each in found]
    headline = _headline(found, prose, titles)
    shield = set(around(found[headline].element)) if headline >= 0 else set()
    shield |= _holding_most(
        found, [weight * is_kept for weight, is_kept in zip(prose, kept, strict=True)]
    )
    told: dict[etree._Element, bool] = {}
    weights = [
        0.0
        if i < headline or not weight or _in_furniture(found[i].element, told, shield)
        else weight
        for i, weight in enumerate(prose)
    ]
    if not any(weights):
        weights = prose
    shared = _shared(found, headline, weights)
    zone = None
    if shared is not None:
        inside = [shared in around(each.element) for each in found]
        share = sum(weight for weight, is_in in zip(weights, inside, strict=True) if is_in)
        whole = sum(weights)
        parent = shared.getparent()
        if share >= _BESIDE_FROM * whole and parent is not None:
            wide = parent.tag in WRAPPERS or parent.tag in ("body", "html", "form")
            zone = parent if not wide else shared if share * 2 > whole else None
            weights = [
                weight if is_in else weight * _BESIDE
                for weight, is_in in zip(weights, inside, strict=True)
            ]
    return Opinion(headline, _best(found, weights, headline), zone, tuple(weights))


def around(element: etree._Element) -> Iterator[etree._Element]:
    """The element and its ancestors, the nearest first."""
    yield element
    yield from element.iterancestors()


def home_of(element: etree._Element) -> etree._Element:
    """The nearest element that is more than the wrapping of one text."""
    return next(each for each in around(element) if each.tag not in WRAPPERS)


def count_words(text: str) -> int:
    """Words, or what is as much in a script that does not part them."""
    return max(len(text.split()), len(_DENSE.findall(text)) // _LETTERS_A_WORD)


def linked(draft: Draft) -> int:
    """Characters within links to other pages."""
    return sum(
        mark.end - mark.start
        for mark in draft.marks
        if mark.kind == "link" and leads_away(mark.value)
    )


def leads_away(target: str) -> bool:
    """Whether a link leaves the page; a bare "#" is a button that does."""
    return not target.startswith("#") or target == "#"


def _weight(draft: Draft) -> float:
    """Characters of prose: of sentences that do not link elsewhere."""
    if draft.kind in ("heading", "code", "formula", "table_row"):
        return 0.0
    if count_words(draft.text) < _PROSE_WORDS or not _BREAKS.search(draft.text):
        return 0.0
    share = linked(draft) / len(draft.text)
    return 0.0 if share >= _LINKED else len(draft.text) * (1 - share)


def alike(one: str, two: str) -> bool:
    """Whether two titles share most of the words of the shorter; of what is too long to be a title
    the beginning counts."""
    first, second = (set(_WORD.findall(text[:_TITLE].casefold())) for text in (one, two))
    shorter = min(len(first), len(second))
    return shorter > 1 and len(first & second) >= _ALIKE * shorter


def _headline(found: Sequence[Found], prose: Sequence[float], said: Sequence[str]) -> int:
    """Of the drafts that say the title the one of highest rank, then nearest before prose."""
    titles = set(map(letters, said))
    best, rank = -1, (9, 0)
    until = 10**9
    for i in reversed(range(len(found))):
        if prose[i]:
            until = i
        draft = found[i].draft
        if letters(draft.text) not in titles or not draft.text:
            continue
        level = draft.level if draft.kind == "heading" else 7
        # Of equals the later stands nearer to the text, unless nothing follows it.
        if until < 10**9 and (level, until - i) < rank:
            best, rank = i, (level, until - i)
    if best >= 0:
        return best
    # An editor's other wording for machines: a high heading above the prose that is alike.
    first = next((i for i, weight in enumerate(prose) if weight), 0)
    tops = [
        i for i in range(first) if found[i].draft.kind == "heading" and found[i].draft.level < 3
    ]
    return next((i for i in reversed(tops) if any(alike(found[i].draft.text, t) for t in said)), -1)


def _holding_most(found: Sequence[Found], weights: Sequence[float]) -> set[etree._Element]:
    sums: dict[etree._Element, float] = {}
    for each, weight in zip(found, weights, strict=True):
        if weight:
            for outer in around(each.element):
                sums[outer] = sums.get(outer, 0.0) + weight
    whole = sum(weights)
    return {element for element, weight in sums.items() if weight * 2 > whole}


def _shared(
    found: Sequence[Found], headline: int, weights: Sequence[float]
) -> etree._Element | None:
    """The smallest element that holds the headline and the first prose after it, and is more than
    the header of the two."""
    first = next((i for i, weight in enumerate(weights) if weight), -1)
    if headline < 0 or first < 0:
        return None
    holding = set(around(found[first].element))
    shared = next(each for each in around(_column(found[headline].element)) if each in holding)
    return next(
        (
            each
            for each in around(shared)
            if each.tag == "body" or not (each.tag == "header" or _HEADS.search(names_of(each)))
        ),
        None,
    )


def _in_furniture(
    element: etree._Element, told: dict[etree._Element, bool], shield: set[etree._Element]
) -> bool:
    """Whether an element around is furniture by its nature; what holds the headline is none."""
    for each in around(element):
        if each in shield or each.tag in ("body", "html"):
            return False
        if each not in told:
            told[each] = bool(reason_of_element(each))
        if told[each]:
            return True
    return False


def _best(found: Sequence[Found], weights: Sequence[float], headline: int) -> etree._Element | None:
    """The element whose prose counts most, near prose more than far one."""
    sums: dict[etree._Element, float] = {}
    homes: dict[etree._Element, float] = {}
    laid_out: dict[etree._Element, bool] = {}
    first = next((i for i, weight in enumerate(weights) if weight), -1)
    if first < 0:
        return None
    for each, weight in zip(found, weights, strict=True):
        if not weight:
            continue
        home = _column(each.element, laid_out)
        homes[home] = homes.get(home, 0.0) + weight
        for outer in around(home):
            sums[outer] = sums.get(outer, 0.0) + weight
    rows: dict[etree._Element, bool] = {}
    scores: dict[etree._Element, float] = {}
    for home, weight in homes.items():
        worth, inner = weight, home
        for outer in around(home):
            if outer is not inner and sums[outer] > sums[inner]:
                if outer not in rows:
                    rows[outer] = _is_row(outer, sums)
                worth *= 1.0 if rows[outer] else _NEARNESS
            inner = outer
            scores[outer] = scores.get(outer, 0.0) + worth
    leading = set(around(_column(found[first].element))) if headline >= 0 else set()
    return max(
        scores,
        key=lambda each: (
            scores[each] * _named(each) * (_AFTER_HEADLINE if each in leading else 1.0),
            # Of elements one within the other that hold the same, the innermost.
            sum(1 for _ in each.iterancestors()),
        ),
    )


def _column(
    element: etree._Element, laid_out: dict[etree._Element, bool] | None = None
) -> etree._Element:
    """The home of a text, be it a cell in which a page lays out a column. `laid_out` remembers of
    homes whether they hold tables."""
    nearest = home_of(element)
    known = {} if laid_out is None else laid_out
    if nearest not in known:
        known[nearest] = nearest.tag in ("body", "form") or nearest.find(".//table") is not None
    if known[nearest]:
        return next(
            (each for each in around(element) if each.tag not in WRAPPERS - _LAID_OUT), nearest
        )
    return nearest


def _is_row(element: etree._Element, sums: dict[etree._Element, float]) -> bool:
    """Whether the prose of the element lies in children of one kind, as of a text in pieces."""
    kinds = {(child.tag, child.get("class")) for child in element if child in sums}
    return len(kinds) == 1


def _named(element: etree._Element) -> float:
    if "articleBody" in (element.get("itemprop") or element.get("property") or "").split():
        return _BODY_MARKED
    return _BODY_NAMED if element.tag == "article" or _BODY_NAMES.search(names_of(element)) else 1.0
