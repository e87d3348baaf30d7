"""Which drafts of a page are the article, and why each other is not.

trafilatura and an opinion of our own say where the body is. Where they agree, what trafilatura
drops inside the article's own container although it is clearly text is taken back, and what it
keeps outside of it is left out; where they do not, the headline decides. Furniture that remains
is told by names, by lines and by links.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import islice

from lxml import etree

from narrator.reading.agreement import agree
from narrator.reading.blocks import letters
from narrator.reading.cells import Cells
from narrator.reading.container import container_in, scope_around, weights_of
from narrator.reading.enclosures import STRONG, Enclosures
from narrator.reading.furniture import (
    STANDFIRST,
    is_pull_quote,
    names_of,
)
from narrator.reading.head import Head
from narrator.reading.kept import Kept
from narrator.reading.lines import guess_language, is_credit, is_date, reason_of_line
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
from narrator.reading.sections import (
    FEW_WORDS,
    is_prose,
    without_announced,
    without_empty_sections,
    without_labels,
    without_repeated,
)
from narrator.reading.threads import BESIDE, Thread
from narrator.reading.wishes import Wishes

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

_TIME = re.compile(r"\b\d{1,2}[:.]\d\d\b|\b(?:19|20)\d\d\b")
"""A time of day or a year, which a short line that is no standfirst tells."""

_GUESSED = 300
"""Drafts from which the language is guessed where the page does not tell it."""

_CUT_OFF = 0.15
"""Share of our own prose below the last that trafilatura keeps, from which it stopped too soon."""

_WHOLE = 0.85
"""Share of the words that two accounts of a text must have in common to be the same."""

_INGREDIENT = re.compile(r"(?:^|[\s-])(?:ingredient(?:e|es|s)?|zutat(?:en)?)(?:$|[\s-])")

_CUT_SHORT = ("…", "...", "[…]", "[...]")


def judge(
    found: Sequence[Found],
    root: etree._Element,
    head: Head,
    kept: Sequence[bool],
    view: Opinion,
    wishes: Wishes,
    account: Kept,
) -> list[str]:
    """For each draft of the page why it is left out; empty where it is the article's.

    `account` is the text as the page tells it to machines.
    """
    page = _Page(found, root, head, kept, view, wishes, account)
    told = [page.reason(i) for i in range(len(found))]
    told = without_labels(found, without_repeated(found, told))
    told = without_announced(found, told, kept, page.language)
    return without_empty_sections([each.draft for each in found], told)


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
        account: Kept,
    ) -> None:
        self._found = found
        self._wishes = wishes
        self._head = head
        self._view = view
        self.language = head.metadata.language or guess_language(
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
        self._thread = Thread(found, head.titles)
        self._told = [
            account.words > 0 and self._times[key] == 1 and account.holds(each.draft.text)
            for each, key in zip(found, self._letters, strict=True)
        ]
        both = agree(found, kept, view, self._own, self._links)
        self._kept, self._trusted = both.kept, both.trusted
        self._pointers = self._links.pointers(self._kept)
        self._weights = weights_of(root, found, self._kept)
        start = view.container if both.contained and view.container is not None else root
        held = [is_kept or own for is_kept, own in zip(self._kept, self._own, strict=True)]
        self._container = container_in(start, weights_of(root, found, held))
        headline = found[view.headline].element if view.headline >= 0 else None
        self._scope = scope_around(self._container, headline)
        self._kinds: dict[tuple[etree._Element, bool], Counter[tuple[object, str | None]]] = {}
        self._linked: dict[etree._Element, bool] = {}
        self._enclosures = Enclosures(
            root, lambda each: self._weight(each) * 2 > self._weight(self._container)
        )
        inside = [i for i, is_kept in enumerate(self._kept) if is_kept]
        self._first = next((i for i in inside if is_prose(found[i].draft, FEW_WORDS)), len(found))
        self._first = self._first if self._first < len(found) else next(iter(inside), len(found))
        self._last = self._find_last(inside[-1] if inside else -1)
        prose = [i for i in inside if is_prose(found[i].draft)]
        self._last_prose = prose[-1] if prose else self._first
        self._prose_homes = {home_of(found[i].element) for i in prose}
        mine = [i for i in prose if self._own[i]]
        self._cells = Cells(found, mine or prose)
        self._end = self._told_end(account)

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
        if self._thread:
            told = self._thread.reason(i)
            return (self._in_furniture(i) or told) if told == BESIDE else told
        if self._told[i] and is_prose(draft):
            return ""
        if i > self._end:
            return "after the end that the page tells"
        return (
            self._beside(i)
            or self._in_furniture(i)
            or self._like_furniture(i)
            or self._teaser(i)
            or self._repetition(i)
            or self._pointer(i)
            or (self._label(i) if self._kept[i] else self._dropped(i))
        )

    def _in_furniture(self, i: int) -> str:
        """The reason of the nearest element that is furniture by its nature."""
        reasons = self._enclosures.reasons(self._found[i], amid=self._first < i < self._last)
        if self._trusted and self._kept[i] and is_prose(self._found[i].draft):
            # A box within a box: the rules of conduct below comments are furniture as these are.
            return next((reason for reason in reasons if reason in STRONG), "")
        return next(reasons, "")

    def _find_last(self, last: int) -> int:
        """The last draft of the text: that which trafilatura keeps, unless much of our own prose
        follows it."""
        own = [i for i, is_own in enumerate(self._own) if is_own]
        weights = self._view.weights
        below = sum(weights[i] for i in own if i > last)
        return own[-1] if below >= _CUT_OFF * sum(weights[i] for i in own) > 0 else last

    def _told_end(self, account: Kept) -> int:
        """The last draft of a text that the page tells machines as a whole; beyond all drafts
        where it tells none, or but a part."""
        told = [i for i, is_told in enumerate(self._told) if is_told]
        shown = sum(count_words(self._found[i].draft.text) for i in told)
        kept = sum(
            count_words(each.draft.text)
            for each, is_kept in zip(self._found, self._kept, strict=True)
            if is_kept
        )
        is_whole = shown >= _WHOLE * account.words and account.words >= _WHOLE * kept
        return told[-1] if told and is_whole else len(self._found)

    def _beside(self, i: int) -> str:
        """Why what lies in a cell of a layout is no part of the text in others."""
        amid = self._first < i < self._last
        return "" if self._found[i].draft.kind == "table_row" else self._cells.reason(i, amid=amid)

    def _like_furniture(self, i: int) -> str:
        """The reason for a line that says what furniture says."""
        draft, is_kept = self._found[i].draft, self._trusted and self._kept[i]
        if draft.kind in ("list_item", "table_row", "code") or (
            is_kept and draft.kind == "heading"
        ):
            return ""
        told = reason_of_line(draft.text, self.language)
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
        may_repeat = may_repeat or any(
            each.tag == "aside" or is_pull_quote(each) for each in around(element)
        )
        if not may_repeat or len(key) < _REPEATED_LETTERS:
            return ""
        if self._times[key] < 2 and self._all_letters.count(key) < 2:
            return ""
        # What a share bar or a summary for other sites says again is said once by the text.
        return "repeats the text" if self._said.count(key) > 1 else ""

    @cached_property
    def _said(self) -> str:
        """The letters of all that is not furniture, as many as are searched."""
        told = (each for i, each in enumerate(self._letters) if not self._in_furniture(i))
        return "\n".join(told)[:_SEARCHED]

    def _pointer(self, i: int) -> str:
        return "related link" if self._pointers[i] else ""

    def _label(self, i: int) -> str:
        """Why what trafilatura keeps before the first prose, or after the last, is none of it."""
        draft = self._found[i].draft
        if draft.kind in ("heading", "caption", "code", "table_row"):
            return ""
        if not self._first <= i < self._last and is_date(draft.text):
            return "byline"
        if self._first <= i < self._last_prose:
            return ""
        if count_words(draft.text) >= _LABEL_WORDS or draft.text.endswith(SENTENCE_ENDS):
            return ""
        if i > self._last_prose:
            is_label = draft.kind == "paragraph" and self._last_prose > self._first
            alone = home_of(self._found[i].element) not in self._prose_homes
            return "not part of the text" if is_label and alone else ""
        outer = home_of(self._found[i].element)
        stands_alone = outer is not home_of(self._found[self._first].element)
        return "not part of the text" if stands_alone and not self._is_standfirst(i) else ""

    def _dropped(self, i: int) -> str:
        """Why a draft that is not kept stays out, empty where it is clearly text."""
        draft = self._found[i].draft
        path = list(around(self._found[i].element))
        if self._told[i] or self._is_ingredient(i):
            return ""
        away = self._links.points_away(i)
        if i < self._first and self._scope in path and not away and self._leads(i):
            return ""
        if self._container not in path:
            return "outside the article"
        amid = self._first < i < self._last or (i == self._last and self._own[i])
        if draft.kind in ("caption", "embed") or (draft.kind == "heading" and amid):
            # Of the headings, those go again under which nothing is left.
            return ""
        if away:
            return "links"
        at_home = self._weight(home_of(self._found[i].element)) > 0
        if amid:
            is_text = self._own[i] or at_home or is_prose(draft, FEW_WORDS) or self._in_row(i)
        else:
            is_label = draft.kind == "paragraph" and not draft.text.endswith(SENTENCE_ENDS)
            is_text = at_home and not is_label
        return "" if is_text else "not part of the text"

    def _is_ingredient(self, i: int) -> bool:
        """Whether it is named as what goes into a dish."""
        nearest = islice(around(self._found[i].element), 3)
        return any(_INGREDIENT.search(names_of(each)) for each in nearest) or any(
            "ngredient" in (each.get("itemprop") or "")
            for each in islice(around(self._found[i].element), 2)
        )

    def _in_row(self, i: int) -> bool:
        """Whether it is, without a link, one of several of a kind between pieces of text."""
        home = home_of(self._found[i].element)
        parent = home.getparent()
        if linked(self._found[i].draft) or parent is None:
            return False
        if home.get("class") and self._weight(parent) and self._kinds_in(parent)[_kind(home)] > 1:
            return True
        # A builder of sites puts each piece of the text into a box of its own.
        box = next((e for e in around(home) if e.getparent() is self._container), None)
        if box is None or self._has_link(box):
            return False
        return self._kinds_in(self._container, weighty=True)[_kind(box)] > 1

    def _has_link(self, element: etree._Element) -> bool:
        if element not in self._linked:
            self._linked[element] = element.find(".//a") is not None
        return self._linked[element]

    def _kinds_in(
        self, parent: etree._Element, *, weighty: bool = False
    ) -> Counter[tuple[object, str | None]]:
        """How many children of each kind it has; of those only that hold kept text, if so asked."""
        key = (parent, weighty)
        if key not in self._kinds:
            told = (each for each in parent if not weighty or self._weight(each))
            self._kinds[key] = Counter(map(_kind, told))
        return self._kinds[key]

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


def _kind(element: etree._Element) -> tuple[object, str | None]:
    return element.tag, element.get("class")
