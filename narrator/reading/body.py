"""Which drafts of a page are the article, and why each other is not.

trafilatura and an opinion of our own say where the body is. Where they agree, what trafilatura
drops inside the article's own container although it is clearly text is taken back, and what it
keeps outside of it is left out; where they do not, the headline decides. Furniture that remains
is told by names, by lines and by links.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml import etree

from narrator.reading.blocks import Draft, letters
from narrator.reading.furniture import STANDFIRST, is_pull_quote, names_of, reason_of_element
from narrator.reading.head import Head
from narrator.reading.lines import guess_language, is_credit, reason_of_line
from narrator.reading.links import Links
from narrator.reading.page import Found
from narrator.reading.prose import (
    SENTENCE_ENDS,
    Opinion,
    around,
    count_words,
    home_of,
    linked,
)
from narrator.reading.wishes import Wishes

_CONTAINER_SHARE = 0.8
"""Of the kept text: the smallest element with so much of it is the article's container."""

_NO_CONTAINERS = {
    "blockquote", "dd", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre",
    "table", "tbody", "tr", "ul",
}  # fmt: skip

_AGREED = 0.5
"""Share of our own prose that trafilatura must keep to be believed."""

_INSIDE = 0.6
"""Share of the prose that trafilatura keeps which must lie in our own container for what lies
beside it to be left out."""

_LINKED = 0.6
"""Share of linked characters from which a block is no prose."""

_PROSE_WORDS = 15
"""A block of so many words that ends a sentence is text, whatever its element is called."""

_FEW_WORDS = 8
"""Likewise, in the midst of the article."""

_LABEL_WORDS = 10
"""Of fewer words, before the first prose, is a date, a name or a button."""

_TEASER_LETTERS = 40
_REPEATED_LETTERS = 20
_SEARCHED = 100_000
"""Letters of the page in which the text of a quote is looked for: the start of a book will do."""

_LEAD_WORDS = 4
_UNNAMED_LEAD_WORDS = 8
_LEADS = 6
"""Blocks between headline and body that may be a standfirst; more are something else."""

_STRONG_LINES = {
    "advertisement", "byline", "comments", "cookie banner", "listen button", "newsletter box",
    "navigation", "page footer", "promotion", "related link", "related links", "share bar", "tags",
}  # fmt: skip
"""Reasons for which a line is left out although trafilatura keeps it."""

_STRONG_NAMES = {
    "advertisement", "author box", "comments", "cookie banner", "newsletter box", "paywall",
    "embedded post", "related links", "share bar",
}  # fmt: skip
"""Likewise, of prose in an element that is so named."""

_TIME = re.compile(r"\b\d{1,2}[:.]\d\d\b|\b(?:19|20)\d\d\b")
"""A time of day or a year, which a short line that is no standfirst tells."""

_GUESSED = 300
"""Drafts from which the language is guessed where the page does not tell it."""

_CUT_SHORT = ("…", "...", "[…]", "[...]")


def judge(
    found: Sequence[Found],
    root: etree._Element,
    head: Head,
    kept: Sequence[bool],
    view: Opinion,
    wishes: Wishes,
) -> list[str]:
    """For each draft of the page why it is left out; empty where it is the article's."""
    page = _Page(found, root, head, kept, view, wishes)
    told = [page.reason(i) for i in range(len(found))]
    drafts = [each.draft for each in found]
    return _without_empty_sections(drafts, _without_labels(found, told))


class _Page:
    """The drafts of a page, those known that are kept."""

    def __init__(
        self,
        found: Sequence[Found],
        root: etree._Element,
        head: Head,
        kept: Sequence[bool],
        view: Opinion,
        wishes: Wishes,
    ) -> None:
        self._found = found
        self._wishes = wishes
        self._head = head
        self._view = view
        self._language = head.metadata.language or guess_language(
            " ".join(each.draft.text for each in found[:_GUESSED])
        )
        self._letters = [letters(each.draft.text) for each in found]
        self._times = Counter(self._letters)
        self._all_letters = "\n".join(self._letters)[:_SEARCHED]
        self._links = Links(found)
        self._own = [
            weight > 0 and view.holds(each.element)
            for each, weight in zip(found, view.weights, strict=True)
        ]
        self._agreed = False
        self._kept, self._trusted = self._agree(list(kept))
        self._pointers = self._links.pointers(self._kept)
        self._weights = _weights(root, found, self._kept)
        start = view.container if self._agreed and view.container is not None else root
        self._container = self._find_container(start)
        self._scope = self._find_scope()
        self._rules: dict[etree._Element, str] = {}
        inside = [i for i, is_kept in enumerate(self._kept) if is_kept]
        self._first = next((i for i in inside if _is_prose(found[i].draft, _FEW_WORDS)), len(found))
        self._first = self._first if self._first < len(found) else next(iter(inside), len(found))
        self._last = inside[-1] if inside else -1

    def _agree(self, kept: list[bool]) -> tuple[list[bool], bool]:
        """What is kept by both opinions, and whether trafilatura's was worth something."""
        zone = self._view.zone
        if zone is not None:
            kept = [
                is_kept and zone in around(each.element)
                for each, is_kept in zip(self._found, kept, strict=True)
            ]
        ours = both = theirs = 0.0
        for i, is_kept in enumerate(kept):
            size = self._view.weights[i]
            ours += size * self._own[i]
            both += size * (self._own[i] and is_kept)
            theirs += is_kept * (size or len(self._found[i].draft.text))
        if not any(kept) and not ours:
            # Too little for either: a fragment, a note. All of it is the article but for what is
            # plainly not.
            return [not self._links.points_away(i) for i in range(len(kept))], False
        inside = [
            is_kept and self._view.holds(each.element)
            for each, is_kept in zip(self._found, kept, strict=True)
        ]
        self._agreed = both < _AGREED * ours or both >= _INSIDE * theirs
        if both < _AGREED * ours:
            return [own or is_in for own, is_in in zip(self._own, inside, strict=True)], False
        return (kept if both < _INSIDE * theirs else inside), True

    def reason(self, i: int) -> str:
        """Why draft i is left out, empty where it is the article's."""
        draft = self._found[i].draft
        asked = self._wishes.around(self._found[i].element)
        if asked:
            wish = asked[1]
            if wish.treatment == "skip":
                return wish.reason
            if wish.treatment == "read" or wish.of_page or self._kept[i]:
                return ""
            path = around(self._found[i].element)
            return "" if self._container in path else "outside the article"
        if draft.kind == "caption" and is_credit(draft.text):
            return "image credit"
        return (
            self._in_furniture(i)
            or self._like_furniture(i)
            or self._teaser(i)
            or self._repetition(i)
            or self._pointer(i)
            or (self._label(i) if self._kept[i] else self._dropped(i))
        )

    def _in_furniture(self, i: int) -> str:
        """The reason of the nearest element that is furniture by its nature."""
        draft = self._found[i].draft
        path: Iterator[etree._Element] = around(self._found[i].element)
        if draft.kind == "caption":
            # Within a figure the names are those of the figure's own parts.
            path = _beyond_figure(self._found[i].element)
        told = next(filter(None, map(self._rule, path)), "")
        is_text = self._trusted and self._kept[i] and _is_prose(draft)
        return "" if is_text and told not in _STRONG_NAMES else told

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
        return told if not is_kept or told in _STRONG_LINES else ""

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
        key = self._letters[i]
        may_repeat = draft.kind == "quote" or self._is_standfirst(i)
        may_repeat = may_repeat or any(map(is_pull_quote, around(element)))
        if not may_repeat or len(key) < _REPEATED_LETTERS:
            return ""
        again = self._times[key] > 1 or self._all_letters.count(key) > 1
        return "repeats the text" if again else ""

    def _pointer(self, i: int) -> str:
        return "related link" if self._pointers[i] else ""

    def _label(self, i: int) -> str:
        """Why what trafilatura keeps before the first prose is none of it."""
        draft = self._found[i].draft
        if i >= self._first or draft.kind in ("heading", "caption", "code", "table_row"):
            return ""
        if count_words(draft.text) >= _LABEL_WORDS or draft.text.endswith(SENTENCE_ENDS):
            return ""
        outer = home_of(self._found[i].element)
        stands_alone = outer is not home_of(self._found[self._first].element)
        return "not part of the text" if stands_alone and not self._is_standfirst(i) else ""

    def _dropped(self, i: int) -> str:
        """Why a draft that is not kept stays out, empty where it is clearly text."""
        draft = self._found[i].draft
        path = list(around(self._found[i].element))
        away = self._links.points_away(i)
        if i < self._first and self._scope in path and not away and self._leads(i):
            return ""
        if self._container not in path:
            return "outside the article"
        amid = self._first < i < self._last
        if draft.kind in ("caption", "embed") or (draft.kind == "heading" and amid):
            # Of the headings, those go again under which nothing is left.
            return ""
        if away:
            return "links"
        at_home = self._weight(home_of(self._found[i].element)) > 0
        if amid:
            is_text = self._own[i] or at_home or _is_prose(draft, _FEW_WORDS)
        else:
            is_label = draft.kind == "paragraph" and not draft.text.endswith(SENTENCE_ENDS)
            is_text = at_home and not is_label
        return "" if is_text else "not part of the text"

    def _leads(self, i: int) -> bool:
        """Whether a draft before the first prose leads to it: a standfirst, a lead picture's
        caption, the points of a summary."""
        draft = self._found[i].draft
        if draft.kind == "caption" or self._is_standfirst(i):
            return True
        if not self._is_between(i):
            return False
        words = count_words(draft.text)
        if draft.kind not in ("paragraph", "list_item") and not (
            draft.kind == "heading" and draft.level > 1
        ):
            return False
        if _TIME.search(draft.text) and words < 2 * _UNNAMED_LEAD_WORDS:
            return False
        return words >= _UNNAMED_LEAD_WORDS or (
            words >= _LEAD_WORDS and draft.text.endswith(SENTENCE_ENDS)
        )

    def _is_between(self, i: int) -> bool:
        """Whether it stands between headline and text, or where no headline is known, just before
        the text."""
        headline = self._view.headline
        if headline >= 0:
            return headline < i and self._first - headline <= 4 * _LEADS
        outer = self._container.getparent()
        near = self._first - i <= 2 * _LEADS and outer is not None
        return near and outer in set(around(self._found[i].element))

    def _is_standfirst(self, i: int) -> bool:
        """Whether it is named so, or is what the page gives as its description."""
        if count_words(self._found[i].draft.text) < _LEAD_WORDS:
            return False
        nearest = islice(around(self._found[i].element), 2)
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

    def _find_scope(self) -> etree._Element:
        """Where a standfirst may stand: what holds the headline and the body."""
        path = list(around(self._container))
        if self._view.headline >= 0:
            holding = set(around(self._found[self._view.headline].element))
            return next((each for each in path if each in holding), self._container)
        return next(
            (each for each in path if each.tag in ("article", "main", "body")), self._container
        )


def _beyond_figure(element: etree._Element) -> Iterator[etree._Element]:
    path = list(around(element))
    figures = [n for n, each in enumerate(path) if each.tag == "figure"]
    return iter(path[figures[-1] + 1 :] if figures else path)


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


def _is_prose(draft: Draft, words: int = _PROSE_WORDS) -> bool:
    return (
        draft.kind not in ("heading", "code")
        and count_words(draft.text) >= words
        and draft.text.endswith(SENTENCE_ENDS)
        and linked(draft) < _LINKED * len(draft.text)
    )


def _without_labels(found: Sequence[Found], told: Sequence[str]) -> list[str]:
    """The reasons, what announces links that are left out included: "Read more:", or a heading
    over them in a box of their own."""
    reasons = list(told)
    full = {
        home_of(each.element)
        for each, reason in zip(found, told, strict=True)
        if not reason and each.draft.kind != "heading"
    }
    first = next(
        (i for i, each in enumerate(found) if not told[i] and _is_prose(each.draft)), len(found)
    )
    for i in reversed(range(first, len(found) - 1)):
        draft, following = found[i].draft, reasons[i + 1]
        if reasons[i] or following not in ("related link", "related links", "links"):
            continue
        is_label = draft.text.endswith(":") and count_words(draft.text) <= _FEW_WORDS
        if is_label or (draft.kind == "heading" and home_of(found[i].element) not in full):
            reasons[i] = following
    return reasons


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
