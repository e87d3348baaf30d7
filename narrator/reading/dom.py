"""A page as a tree of elements, and what can be told of one element by looking at it."""

from __future__ import annotations

import re

from lxml import etree

from narrator.errors import SourceUnreadable

UNSEEN = {
    "base", "canvas", "datalist", "link", "map", "meta", "mjx-math", "noframes",
    "noscript", "param", "rp", "script", "source", "style", "svg", "template", "title",
    "track",
}  # fmt: skip
"""Elements that show no text. `head` is not one: libxml2 leaves an article in it where a page
forgets its `body`."""

BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu",
    "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
}  # fmt: skip
"""Elements before and after which a new block begins."""

_TOO_DEEP = 2000
"""Levels of elements; libxml2 drops what is deeper than 2048 without a word."""

DEEPEST = 100
"""Levels of elements that are kept: what lies deeper becomes a sibling, as in browsers (Chrome: at
512), since each text is asked for all that is around it."""

_LONGEST_NAMES = 1000
"""Characters of a class or id that are looked at."""

_LONG_TAG = re.compile(r"<([a-zA-Z][\w-]*)\s[^<>]{10000,}>")
_MANY_ATTRIBUTES = 1000

_LINE_NUMBERS = {"gutter", "lineno", "linenos", "linenumber", "line-number", "line-numbers-rows"}

_TEX_SCRIPT = re.compile(r"mathjax|katex", re.IGNORECASE)

TEX = re.compile(r"\\\(((?:(?!\\\().)+?)\\\)|\\\[((?:(?!\\\[).)+?)\\\]|\$\$(.+?)\$\$", re.DOTALL)
"""TeX in the text of a page: within a line, or, the second and third, on lines of its own."""

_NOTE_NAMES = {
    "doc-noteref", "fn-ref", "fnref", "footnote-ref", "footnote-reference", "footnoteref",
    "noteref", "reference",
}  # fmt: skip
"""Roles, types and classes that pages give to the number of a footnote."""

_NOTE_NUMBER = re.compile(r"[\[(]?(?:\d{1,3}|[a-z]|[ivx]{1,5}|note \d+|\*+|[†‡§]+)[\])]?")

_BRACKETED_NUMBER = re.compile(r"\[(?:\d{1,3}|[a-z]|note \d+)\]")


def parse_page(text: str) -> etree._Element:
    """The root of the page; SourceUnreadable where it is nested too deep to be read whole."""
    parser = etree.HTMLParser(
        remove_comments=True, remove_pis=True, huge_tree=True, encoding="utf-8"
    )
    # As UTF-8 bytes: of a str that names an encoding of its own lxml would believe the name.
    markup = _LONG_TAG.sub(_without_many_attributes, text).encode("utf-8", "replace")
    root = etree.fromstring(markup or b"<html/>", parser)
    if root is None:
        return etree.Element("html")
    if _deeper_than(root, _TOO_DEEP):
        raise SourceUnreadable(
            f"The page nests elements more than {_TOO_DEEP} deep, so that its text cannot be "
            "read whole. Give the article as Markdown or plain text."
        )
    _flatten(root)
    return root


def _flatten(root: etree._Element) -> None:
    """Put what lies too deep beside what it lies in, and cut class names and ids that are none."""
    level = 0
    deep: list[etree._Element] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        level += 1 if event == "start" else -1
        if event == "start" and level == DEEPEST and len(element):
            deep.append(element)
        if event == "start":
            for name in ("class", "id"):
                value = element.get(name)
                if value and len(value) > _LONGEST_NAMES:
                    element.set(name, value[:_LONGEST_NAMES])
    for outermost in deep:
        element, end = outermost, outermost.getnext()
        while element is not None and element is not end:
            if len(element) and element.tail:
                # What follows the element follows what it holds; `addnext` puts it before.
                rest = etree.Element("span")
                rest.text, element.tail = element.tail, None
                element.addnext(rest)
            for child in reversed(element):
                element.addnext(child)
            element = element.getnext()


def _without_many_attributes(tag: re.Match[str]) -> str:
    """The tag bare if it has thousands of attributes: each is compared with all before it."""
    return tag[0] if tag[0].count("=") < _MANY_ATTRIBUTES else f"<{tag[1]}>"


def count_elements(root: etree._Element) -> int:
    """How many there are on the page."""
    return sum(1 for _ in root.iter())


def classes(element: etree._Element) -> set[str]:
    """The class names of the element."""
    return set((element.get("class") or "").split())


def shown_text(element: etree._Element) -> str:
    """All text within the element, scripts and the like excepted, on one line."""
    pieces: list[str] = []
    events = etree.iterwalk(element, events=("start", "end"))
    for event, each in events:
        if event == "start":
            if each.tag in UNSEEN:
                events.skip_subtree()
            else:
                pieces.append(each.text or "")
        elif each is not element:
            pieces.append(f" {each.tail or ''}" if each.tag in BLOCKS else each.tail or "")
    return " ".join("".join(pieces).split())


def is_line_numbers(element: etree._Element) -> bool:
    """Whether it holds the numbers of lines of code: a name alone does not tell, for layouts have
    gutters too."""
    if classes(element).isdisjoint(_LINE_NUMBERS):
        return False
    return not any(sign.isalpha() for text in element.itertext() for sign in str(text))


def code_text(element: etree._Element) -> str:
    """The text of a `pre` with its lines, without line numbers."""
    pieces: list[str] = []
    events = etree.iterwalk(element, events=("start", "end"))
    for event, each in events:
        if event == "end":
            pieces.append("" if each is element else each.tail or "")
        elif is_line_numbers(each):
            events.skip_subtree()
        else:
            pieces.append("\n" if each.tag == "br" else each.text or "")
    return "".join(pieces)


def is_note_reference(element: etree._Element) -> bool:
    """Whether the element is the number that points to a footnote."""
    if element.tag not in ("sup", "a", "span"):
        return False
    names = classes(element) | {element.get("role") or "", element.get("epub:type") or ""}
    if element.tag == "span" and not names & _NOTE_NAMES:
        return False
    target = element if element.tag == "a" else element.find(".//a")
    points_within = target is not None and "#" in (target.get("href") or "")
    if not points_within and not names & _NOTE_NAMES:
        return False
    text = shown_text(element)
    if names & _NOTE_NAMES or element.tag == "sup":
        return _NOTE_NUMBER.fullmatch(text) is not None
    return _BRACKETED_NUMBER.fullmatch(text) is not None


def formula(element: etree._Element) -> tuple[str, str]:
    """What a `math` element shows, without spaces, and its TeX, empty where it has none."""
    tex = element.get("alttext") or ""
    shown: list[str] = []
    events = etree.iterwalk(element, events=("start",))
    for _, each in events:
        if each.tag in ("annotation", "annotation-xml"):
            if "tex" in (each.get("encoding") or "").lower():
                tex = each.text or tex
            events.skip_subtree()
        else:
            shown.append("".join((each.text or "").split()))
    return "".join(shown) or tex, " ".join(tex.split())


def draws_tex(root: etree._Element) -> bool:
    """Whether scripts of the page draw the TeX that stands in its text."""
    return any(
        _TEX_SCRIPT.search(script.get("src") or "") or _TEX_SCRIPT.search(script.text or "")
        for script in root.iter("script")
    )


def _deeper_than(root: etree._Element, levels: int) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > levels:
            return True
    return False
