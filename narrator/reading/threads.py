"""The posts of a thread: a forum, questions and answers.

A page is a thread where its prose lies in several elements that are named as posts and tell who
wrote them. Its text is what each post says; who, when and with how many points is beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from lxml import etree

from narrator.reading.blocks import Draft, letters
from narrator.reading.furniture import reason_of_element
from narrator.reading.page import Found
from narrator.reading.prose import around, count_words, linked

BESIDE = "beside the posts"
"""Reason of what is in the page of a thread, and in none of its posts."""

_POST_NAMES = {
    "answer", "forum-post", "message", "post", "postbody", "question", "reply", "topic-post",
}  # fmt: skip
_POST_ID = re.compile(r"(?:p|post|msg|message|answer|question|reply)[-_]?\d+")
_ANSWERS = {"acceptedAnswer", "suggestedAnswer"}

_WRITERS = re.compile(
    r"avatar|author|member|nick|poster|post-?profile|user|usr|signature", re.IGNORECASE
)
"""Names of what tells who wrote a post."""

_PROSE_WORDS = 8
_MOST = 0.6
"""Share of the page's prose that lies in the posts of a thread."""

_TEXT_SHARE = 0.75
"""Share of a post's prose from which an element within it is the post's text."""

_QUOTED = re.compile(
    r"(?:cita|citation|quote|zitat|цитата):?|(?:iniciado por|originally posted by|posted by"
    r"|zitat von|envoyé par|сообщение от|escrito por)\b.{0,60}"
    r"|.{1,60}\b(?:wrote|said|schrieb|escribió|a écrit|написал[аи]?)\b.{0,30}:",
    re.IGNORECASE,
)
"""A line above a quotation of an earlier post."""

_EDITED = re.compile(
    r"(?:last edited|zuletzt (?:bearbeitet|geändert)|última edición|dernière (?:édition"
    r"|modification)|последний раз редактировалось)\b.{0,80}",
    re.IGNORECASE,
)

_QUOTED_LETTERS = 20

_SEARCHED = 100_000
"""Letters of a thread in which what a post quotes is looked for."""

_BESIDE = {
    "author box", "byline", "comments", "edit or vote controls", "navigation", "share bar", "tags",
}  # fmt: skip
"""Furniture that is found within posts."""


class Thread:
    """The posts of a page, if it is a thread."""

    def __init__(self, found: Sequence[Found], titles: Sequence[str]) -> None:
        self._found = found
        self._titles = tuple(letters(title) for title in titles if count_words(title) > 2)
        posts = [
            None if _repeats(each.draft, self._titles) else _post_around(each.element)
            for each in found
        ]
        self._posts = posts
        self._texts: set[etree._Element] = set()
        if _is_thread(found, posts):
            self._texts = _texts(found, posts)
        said: list[str] = []
        length = 0
        self._before: list[int] = []
        """For each draft how much of `_said` comes before it."""
        for each, post in zip(found, posts, strict=True):
            self._before.append(length)
            if self._texts and post is not None and length < _SEARCHED:
                said.append(letters(each.draft.text))
                length += len(said[-1])
        self._said = "".join(said)

        within = [i for i, post in enumerate(posts) if post is not None]
        self._first, self._last = (within[0], within[-1]) if within else (0, 0)

    def __bool__(self) -> bool:
        return bool(self._texts)

    def reason(self, i: int) -> str:
        """Why draft i is left out of the thread, empty where a post says it."""
        element, draft = self._found[i].element, self._found[i].draft
        text = draft.text
        path = list(around(element))
        own = next((n for n, each in enumerate(path) if each in self._texts), -1)
        if own < 0 or self._posts[i] is None:
            # "2 answers": where one part ends and another begins.
            between = self._first < i < self._last and draft.kind == "heading"
            within = any(map(_is_post, path))
            if not between or within or linked(draft) or _repeats(draft, self._titles):
                return BESIDE
            return ""
        if _QUOTED.fullmatch(text):
            return "quotes a post"
        if _EDITED.fullmatch(text):
            return "edit or vote controls"
        if any(each.tag == "aside" for each in path[:own]):
            return "quotes a post"
        quoted = any(each.tag in ("blockquote", "td") for each in path[:own])
        # Before what is quoted may stand who said it, and when.
        said = letters(text) if quoted else ""
        tail = said[len(said) // 2 :]
        repeats = len(tail) >= _QUOTED_LETTERS and self._said.find(tail, 0, self._before[i]) >= 0
        return "repeats the text" if repeats else ""


def _repeats(draft: Draft, titles: tuple[str, ...]) -> bool:
    """Whether it says again what the thread is called: "Re: ..."."""
    return bool(titles) and letters(draft.text).endswith(titles)


def _post_around(element: etree._Element) -> etree._Element | None:
    """The outermost element around that is named as a post; None for the comments below one and
    what else is furniture within it."""
    path = list(around(element))
    place = next((n for n in reversed(range(len(path))) if _is_post(path[n])), -1)
    if place < 0 or any(reason_of_element(each) in _BESIDE for each in path[:place]):
        return None
    return path[place]


def _is_post(element: etree._Element) -> bool:
    if element.tag in ("body", "html", "main"):
        return False
    names = (element.get("class") or "").lower().replace("_", "-").split()
    told = (element.get("itemprop") or "").split()
    return (
        not _POST_NAMES.isdisjoint(names)
        or not _ANSWERS.isdisjoint(told)
        or _POST_ID.fullmatch(element.get("id") or "") is not None
    )


def _is_thread(found: Sequence[Found], posts: Sequence[etree._Element | None]) -> bool:
    prose: Counter[etree._Element | None] = Counter()
    titled = set()
    for each, post in zip(found, posts, strict=True):
        draft = each.draft
        if draft.kind == "heading":
            if draft.level < 3:
                titled.add(post)
        elif count_words(draft.text) >= _PROSE_WORDS:
            prose[post] += len(draft.text)
    several = [post for post in prose if post is not None]
    if len(several) < 2 or prose.total() - prose[None] < _MOST * prose.total():
        return False
    if len(titled & set(several)) > 1:
        return False  # Articles one below another, each with a headline of its own.
    return sum(map(_tells_writer, several)) > 1


def _tells_writer(post: etree._Element) -> bool:
    return any(
        _WRITERS.search(f"{each.get('class') or ''} {each.get('itemprop') or ''}")
        for each in post.iter("*")
    )


def _texts(found: Sequence[Found], posts: Sequence[etree._Element | None]) -> set[etree._Element]:
    """The elements that hold what the posts say: in each the innermost with most of its prose,
    and in posts of few words those that are called the same."""
    inside: dict[etree._Element, Counter[etree._Element]] = {}
    for each, post in zip(found, posts, strict=True):
        if post is None or count_words(each.draft.text) < _PROSE_WORDS:
            continue
        sums = inside.setdefault(post, Counter())
        for outer in around(each.element):
            sums[outer] += len(each.draft.text)
            if outer is post:
                break
    texts = set()
    for post, sums in inside.items():
        enough = [each for each in sums if sums[each] >= _TEXT_SHARE * sums[post]]
        # The innermost that is more than one paragraph of it.
        texts.add(
            max(
                (each for each in enough if each.tag not in ("p", "li", "ul", "ol")),
                key=lambda each: sum(1 for _ in each.iterancestors()),
                default=post,
            )
        )
    named = {_called(each) for each in texts} - {""}
    for post in {post for post in posts if post is not None}:
        if not any(each in texts for each in post.iter("*")):
            texts |= {each for each in post.iter("*") if _called(each) in named}
    return texts


def _called(element: etree._Element) -> str:
    """What elements of the same kind in other posts are called as well."""
    name = element.get("class") or re.sub(r"\d+", "#", element.get("id") or "")
    return f"{element.tag} {name}" if name else ""
