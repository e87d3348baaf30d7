"""Which elements a page does not show: by attribute, by class, by its own simple style rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from narrator.reading.dom import classes

_CLASSES = {
    "assistive-text", "clip-text", "d-none", "element-invisible", "hidden", "hide-text",
    "is-hidden", "noprint", "off-screen", "offscreen", "screen-reader", "screen-reader-only",
    "screen-reader-text", "screenreader", "sr-only", "u-hidden", "u-visually-hidden",
    "uk-hidden", "visually-hidden", "visuallyhidden", "visually_hidden", "vh", "wp-hide",
}  # fmt: skip
"""Classes by which sites hide text, or show it to programs that read screens only."""

_AWAY = re.compile(r"display:none|visibility:hidden")
_SHOWN = re.compile(r"display:(?!none)|visibility:visible")

_SIMPLE = re.compile(r"([a-z][\w-]*)?((?:[.#][A-Za-z_][\w-]*)+)")
_NAME = re.compile(r"([.#])([A-Za-z_][\w-]*)")

_HEADINGS = {"dt", "h1", "h2", "h3", "h4", "h5", "h6"}

_STYLES = 200_000
"""Characters of style rules that are looked at."""


class Hidden:
    """What the page at hand hides."""

    def __init__(self, root: etree._Element) -> None:
        self._rules = _rules(root)
        self._opened = _opened(root)

    def hides(self, element: etree._Element) -> bool:
        """Whether the element itself, whatever its ancestors do, is not shown or not to be
        heard."""
        if element.get("id") in self._opened:
            return False
        names = classes(element)
        # "hidden md:block" hides on small screens only.
        by_class = bool(names & _CLASSES) and not any(":" in name for name in names)
        style = (element.get("style") or "").replace(" ", "").lower()
        return bool(
            element.get("hidden", "until-found") != "until-found"
            or element.get("aria-hidden") == "true"
            or _AWAY.search(style)
            or by_class
            or (self._rules and not _SHOWN.search(style) and self._by_rule(element, names))
        )

    def _by_rule(self, element: etree._Element, names: set[str]) -> bool:
        keys = {f".{name}" for name in names}
        if element.get("id"):
            keys.add(f"#{element.get('id')}")
        for key in keys:
            for tag, others in self._rules.get(key, ()):
                if tag in ("", element.tag) and others <= keys:
                    return True
        return False


def _opened(root: etree._Element) -> set[str]:
    """The ids of what a reader opens by a heading or by a tab: it is text, if not shown yet."""
    opened: set[str] = set()
    for control in root.iter("button", "a", "div", "h2", "h3", "h4", "li", "span", "summary"):
        names = (control.get("aria-controls") or "").split()
        if names and (control.get("role") == "tab" or _heads(control)):
            opened.update(names)
    return opened


def _heads(control: etree._Element) -> bool:
    """Whether it is a heading, lies in one, or in what is called an accordion."""
    path = (control, *islice(control.iterancestors(), 3))
    return any(
        each.tag in _HEADINGS
        or each.get("role") == "heading"
        or "accordion" in (each.get("class") or "").lower()
        for each in path
    )


def _rules(root: etree._Element) -> dict[str, list[tuple[str, frozenset[str]]]]:
    """Rarest class or id of a rule that hides -> the tags and all names that it asks for.

    Only rules of one compound, such as `p.note` or `#menu.closed`, outside of `@media`: others
    depend on what a browser knows. A rule that shows takes back one of the same selector.
    """
    hiding: dict[str, tuple[str, frozenset[str]]] = {}
    for selector, body in _declarations(root):
        simple = _SIMPLE.fullmatch(selector)
        if not simple:
            continue
        if _AWAY.search(body):
            names = frozenset(f"{sign}{name}" for sign, name in _NAME.findall(simple[2]))
            hiding[selector] = (simple[1] or "", names)
        elif _SHOWN.search(body):
            hiding.pop(selector, None)
    times = Counter(name for _, names in hiding.values() for name in names)
    rules: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for tag, names in hiding.values():
        rarest = min(names, key=lambda name: (times[name], name))
        rules.setdefault(rarest, []).append((tag, names))
    return rules


def _declarations(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Selector and declarations, without spaces, of each rule that stands under no condition."""
    sheets = "".join(style.text or "" for style in root.iter("style") if not style.get("media"))
    for block in _outside_conditions(_without_comments(sheets[:_STYLES])):
        for rule in block.split("}")[:-1]:
            before, brace, declared = rule.rpartition("{")
            if not brace:
                continue
            body = "".join(declared.split()).lower()
            for selector in before.rpartition("{")[2].split(","):
                yield selector.strip(), body


def _without_comments(text: str) -> str:
    kept: list[str] = []
    start = 0
    while (at := text.find("/*", start)) >= 0 and (end := text.find("*/", at + 2)) >= 0:
        kept.append(text[start:at])
        start = end + 2
    return "".join(kept) + text[start:]


def _outside_conditions(text: str) -> Iterator[str]:
    """The parts of a style sheet that are in no `@media` or other block of rules."""
    start = 0
    brace, semicolon = text.find("{"), text.find(";")
    while (at := text.find("@", start)) >= 0:
        yield text[start:at]
        brace = text.find("{", at) if 0 <= brace < at else brace
        semicolon = text.find(";", at) if 0 <= semicolon < at else semicolon
        if brace < 0 or 0 <= semicolon < brace:
            start = semicolon + 1 if semicolon >= 0 else len(text)
            continue
        depth, place = 1, brace + 1
        while depth and place < len(text):
            depth += {"{": 1, "}": -1}.get(text[place], 0)
            place += 1
        start = place
    yield text[start:]
