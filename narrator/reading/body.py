"""Which drafts of a page are the article, and why each other is not.

trafilatura finds the body; what it drops inside the article's own container although it is
clearly text is taken back, and furniture that it keeps is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml import etree

from narrator.reading.blocks import Draft, letters
from narrator.reading.furniture import STANDFIRST, is_pull_quote, names_of, reason_of_element
from narrator.reading.head import Head
from narrator.reading.kept import Kept
from narrator.reading.lines import is_credit, reason_of_line
from narrator.reading.page import Found

_CONTAINER_SHARE = 0.8
"""Of the kept text: the smallest element with so much of it is the article's container."""

_NO_CONTAINERS = {
    "blockquote", "dd", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre",
    "table", "tbody", "tr", "ul",
}  # fmt: skip

_WRAPPERS = {
    "address", "blockquote", "caption", "dd", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3",
    "h4", "h5", "h6", "li", "ol", "p", "pre", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
}  # fmt: skip
"""Elements that belong to one piece of text; around them is what tells whose piece it is."""

_LINKED = 0.6
"""Share of linked characters from which a block points elsewhere rather than tells something."""

_LINKED_SENTENCE = 0.9
"""Likewise, of a block that ends like a sentence, such as "See the page on tides"."""

_PROSE_WORDS = 15
"""A block of so many words that ends a sentence is text, whatever its element is called."""

_SENTENCE_ENDS = tuple(".!?…:;。！？»”\"')’")

_FEW_WORDS = 8
"""Likewise, in the midst of the article."""

_TEASER_LETTERS = 40
_REPEATED_LETTERS = 20
_SEARCHED = 100_000
"""Letters of the page in which the text of a quote is looked for: the start of a book will do."""

_LEAD_WORDS = 4

_STRONG = {
    "advertisement", "byline", "comments", "cookie banner", "listen button", "newsletter box",
    "related link", "share bar",
}  # fmt: skip
"""Reasons for which a line is left out although trafilatura keeps it."""

_CUT_SHORT = ("…", "...", "[…]", "[...]")


def judge(found: Sequence[Found], root: etree._Element, head: Head, kept: Kept) -> list[str]:
    """For each draft of the page why it is left out; empty where it is the article's."""
    page = _Page(found, root, head, kept)
    told = [page.reason(i) for i in range(len(found))]
    return _without_empty_sections([each.draft for each in found], told)


class _Page:
    """The drafts of a page, those known that trafilatura keeps."""

    def __init__(
        self, found: Sequence[Found], root: etree._Element, head: Head, kept: Kept
    ) -> None:
        self._found = found
        self._head = head
        self._language = head.metadata.language or "en"
        self._letters = [letters(each.draft.text) for each in found]
        self._times = Counter(self._letters)
        self._all_letters = "\n".join(self._letters)[:_SEARCHED]
        self._list_links = _shares_of_links(found)
        self._kept = [kept.holds(each.draft.text) for each in found]
        self._trusted = any(self._kept)
        if not self._trusted:
            # Too little for trafilatura: a fragment, a note. All of it is the article but for
            # what is plainly not.
            self._kept = [not self._points_away(i) for i in range(len(found))]
        self._weights = _weights(root, found, self._kept)
        self._container = self._find_container(root)
        self._scope = next(
            (each for each in _around(self._container) if each.tag in ("article", "main", "body")),
            self._container,
        )
        self._rules: dict[etree._Element, str] = {}
        inside = [i for i, is_kept in enumerate(self._kept) if is_kept]
        self._first = inside[0] if inside else len(found)
        self._last = inside[-1] if inside else -1

    def reason(self, i: int) -> str:
        """Why draft i is left out, empty where it is the article's."""
        draft = self._found[i].draft
        asked = self._asked(i)
        if asked:
            return "" if asked == "read" else "left out by the page"
        if draft.kind == "caption" and is_credit(draft.text):
            return "image credit"
        return (
            self._in_furniture(i)
            or self._like_furniture(i)
            or self._teaser(i)
            or self._repetition(i)
            or ("" if self._kept[i] else self._dropped(i))
        )

    def _asked(self, i: int) -> str:
        """What the nearest `data-narrator` asks for, empty where there is none."""
        wishes = (each.get("data-narrator", "") for each in _around(self._found[i].element))
        return next(filter(None, wishes), "")

    def _in_furniture(self, i: int) -> str:
        """The reason of the nearest element that is furniture by its nature."""
        told = next(filter(None, map(self._rule, _around(self._found[i].element))), "")
        is_text = self._trusted and self._kept[i] and _is_prose(self._found[i].draft)
        return "" if is_text else told

    def _rule(self, element: etree._Element) -> str:
        if element not in self._rules:
            holds_most = self._weight(element) * 2 > self._weight(self._container)
            self._rules[element] = "" if holds_most else reason_of_element(element)
        return self._rules[element]

    def _like_furniture(self, i: int) -> str:
        """The reason for a line that says what furniture says."""
        draft, is_kept = self._found[i].draft, self._trusted and self._kept[i]
        if draft.kind in ("list_item", "table_row", "code") or (
            is_kept and draft.kind == "heading"
        ):
            return ""
        told = reason_of_line(draft.text, self._language)
        return told if not is_kept or told in _STRONG else ""

    def _teaser(self, i: int) -> str:
        """A standfirst that breaks off: the start of the article, or of its description."""
        text = self._found[i].draft.text
        if not text.endswith(_CUT_SHORT):
            return ""
        start = self._letters[i]
        described = letters(self._head.description).startswith(start[:_TEASER_LETTERS])
        return "truncated teaser" if described or self._is_standfirst(i) else ""

    def _repetition(self, i: int) -> str:
        """A quote pulled out of the text, or a standfirst that the text says again."""
        draft, element = self._found[i].draft, self._found[i].element
        may_repeat = draft.kind == "quote" or self._is_standfirst(i)
        may_repeat = may_repeat or any(map(is_pull_quote, _around(element)))
        key = self._letters[i]
        if not may_repeat or len(key) < _REPEATED_LETTERS:
            return ""
        again = self._times[key] > 1 or self._all_letters.count(key) > 1
        return "repeats the text" if again else ""

    def _dropped(self, i: int) -> str:
        """Why a draft that trafilatura drops stays out, empty where it is clearly text."""
        draft = self._found[i].draft
        around = list(_around(self._found[i].element))
        leads = draft.kind == "caption" or self._is_standfirst(i)
        if leads and i < self._first and self._scope in around and not self._points_away(i):
            return ""
        if self._container not in around:
            return "outside the article"
        amid = self._first < i < self._last
        if draft.kind == "caption" or (draft.kind == "heading" and amid):
            # Of the headings, those go again under which nothing is left.
            return ""
        if self._points_away(i):
            return "links"
        home = next(each for each in around if each.tag not in _WRAPPERS)
        at_home = self._weight(home) > 0
        if amid:
            is_text = at_home or _is_prose(draft, _FEW_WORDS)
        else:
            is_label = draft.kind == "paragraph" and not draft.text.endswith(_SENTENCE_ENDS)
            is_text = at_home and not is_label
        return "" if is_text else "not part of the text"

    def _points_away(self, i: int) -> bool:
        found = self._found[i]
        outer = _outermost_list(found.element)
        if outer is not None:
            return self._list_links[outer] >= _LINKED
        is_sentence = found.draft.text.endswith(_SENTENCE_ENDS)
        share = _LINKED_SENTENCE if is_sentence else _LINKED
        return _linked(found.draft) >= share * len(found.draft.text)

    def _is_standfirst(self, i: int) -> bool:
        """Whether it is named so, or is what the page gives as its description."""
        if len(self._found[i].draft.text.split()) < _LEAD_WORDS:
            return False
        nearest = islice(_around(self._found[i].element), 2)
        named = any(STANDFIRST.search(names_of(each)) for each in nearest)
        return named or self._letters[i] == letters(self._head.description)

    def _weight(self, element: etree._Element) -> int:
        return self._weights.get(element, 0)

    def _find_container(self, root: etree._Element) -> etree._Element:
        container = root
        while True:
            enough = self._weight(container) * _CONTAINER_SHARE
            inner = (each for each in container if self._weight(each) >= enough > 0)
            largest = next(inner, None)
            if largest is None or largest.tag in _NO_CONTAINERS:
                return container
            container = largest


def _around(element: etree._Element) -> Iterator[etree._Element]:
    """The element and its ancestors, the nearest first."""
    yield element
    yield from element.iterancestors()


def _outermost_list(element: etree._Element) -> etree._Element | None:
    """The list that the element stands in, with all lists around it."""
    outer = None
    for each in _around(element):
        if each.tag in ("ul", "ol", "dl"):
            outer = each
        elif each.tag not in _WRAPPERS:
            break
    return outer


def _weights(
    root: etree._Element, found: Sequence[Found], kept: Sequence[bool]
) -> dict[etree._Element, int]:
    """Element -> characters of kept text within it."""
    weights: dict[etree._Element, int] = {}
    for each, is_kept in zip(found, kept, strict=True):
        if is_kept:
            weights[each.element] = weights.get(each.element, 0) + len(each.draft.text)
    # Descendants follow their ancestors in a document, so that backwards all sums are complete.
    for element in reversed(list(root.iter())):
        parent = element.getparent()
        if parent is not None and element in weights:
            weights[parent] = weights.get(parent, 0) + weights[element]
    return weights


def _linked(draft: Draft) -> int:
    """Characters within links to other pages."""
    return sum(
        mark.end - mark.start
        for mark in draft.marks
        if mark.kind == "link" and not mark.value.startswith("#")
    )


def _shares_of_links(found: Sequence[Found]) -> dict[etree._Element, float]:
    """Outermost list -> share of its characters that are linked."""
    sums: dict[etree._Element, tuple[int, int]] = {}
    for each in found:
        outer = _outermost_list(each.element)
        if outer is not None:
            linked, total = sums.get(outer, (0, 0))
            sums[outer] = linked + _linked(each.draft), total + len(each.draft.text)
    return {outer: linked / total for outer, (linked, total) in sums.items()}


def _is_prose(draft: Draft, words: int = _PROSE_WORDS) -> bool:
    return (
        draft.kind not in ("heading", "code")
        and len(draft.text.split()) >= words
        and draft.text.endswith(_SENTENCE_ENDS)
        and _linked(draft) < _LINKED * len(draft.text)
    )


def _without_empty_sections(drafts: Sequence[Draft], told: Sequence[str]) -> list[str]:
    """The reasons, headings included of which nothing but headings remains below them.

    A heading under which the page itself has nothing stays, unless the article ends with it.
    """
    reasons = list(told)
    remains = [False] * 7
    """By level: whether text remains between here and the next heading of that level or above."""
    lost = ["end of the article"] * 7
    for i in reversed(range(len(drafts))):
        draft = drafts[i]
        if draft.kind != "heading":
            if reasons[i]:
                lost = [reasons[i]] * 7
            else:
                remains = [True] * 7
                lost = [""] * 7
            continue
        if not reasons[i] and not remains[draft.level] and lost[draft.level]:
            reasons[i] = f"heading of what is left out ({lost[draft.level]})"
        for level in range(draft.level, 7):
            remains[level] = False
            lost[level] = ""
    return reasons
