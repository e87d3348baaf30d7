"""What of a page no reader sees as text, or as text of its own, wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from narrator.model import BlockKind
from narrator.reading.dom import classes, is_line_numbers, shown_text
from narrator.reading.furniture import reason_of_element
from narrator.reading.hidden import Hidden
from narrator.reading.lines import is_credit

LEFT_OUT: Mapping[str, str] = {
    "audio": "embedded sound", "button": "control", "dialog": "dialog",
    "embed": "embedded object", "iframe": "embedded page", "input": "control",
    "meter": "control", "object": "embedded object", "optgroup": "control", "option": "control",
    "progress": "control", "rt": "reading aid", "select": "control", "textarea": "control",
    "video": "embedded video",
}  # fmt: skip
"""Element -> why its text is left out wherever it stands."""

_HEADING_LINKS = {
    "anchor-link", "anchorjs-link", "hash-link", "header-anchor", "headerlink", "heading-anchor",
    "mw-editsection",
}  # fmt: skip

_ANCHOR = re.compile(r"[#¶§🔗⚓\ufe0f]{1,2}")

_CREDIT = re.compile(r"(?:^|[\s_-])(?:credit|copyright|attribution)s?(?:$|[\s_-])", re.IGNORECASE)

_MEDIA = re.compile(
    r"(?:^|[\s_-])(?:asset|image|img|photo|picture|media|foto|bild)s?(?:$|[\s_-])", re.IGNORECASE
)
_CREDIT_WORDS = 12
_FIGURE_CREDIT_WORDS = 40
_CREDITED = {"a", "b", "cite", "div", "em", "i", "p", "small", "span", "strong"}
_CREDITOR = re.compile(
    r"(?:^|[\s_-])(?:agency|author|autor|byline|fuente|photographer|quelle|source)s?(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Names of what tells, within a caption, whose the picture is."""

_LONG = 80
"""Characters of a paragraph that is more than a label."""


class Unheard:
    """What is left out of the page at hand before it is asked which of it is the article."""

    def __init__(self, root: etree._Element) -> None:
        self._hidden = Hidden(root)
        self._size = len(shown_text(root))
        self._long = _long_paragraphs(root)
        self._heading: tuple[etree._Element, str] | None = None
        """The last heading with a button in it, and its text."""

    def reason(
        self,
        element: etree._Element,
        block: etree._Element,
        place: BlockKind | None,
        *,
        in_figure: bool,
    ) -> str:
        """Why the element is left out wherever it stands, empty where it is not.

        `block` is the nearest block around it, `place` the kind of text that stands there.
        """
        tag = str(element.tag)
        # A heading that opens and closes its section is a button as a whole.
        is_button = tag == "button" and place == "heading"
        if tag in LEFT_OUT and not (is_button and self._says_all(element, block)):
            return LEFT_OUT[tag]
        if element.get("role") == "button" and element.find(".//img") is not None:
            return "control" if len(shown_text(element).split()) <= _CREDIT_WORDS else ""
        if classes(element) & _HEADING_LINKS or _is_anchor(element, tag):
            return "link to the place"
        if is_line_numbers(element):
            return "line numbers"
        if "pagebreak" in f"{element.get('role')} {element.get('epub:type')}":
            return "page number"
        if _is_credit(element, place, in_figure=in_figure):
            return "image credit"
        # Formulas are hidden where a picture of them is shown; a page that is revealed by its
        # own script, or lies behind a dialog, is hidden as a whole.
        if (
            self._hidden.hides(element)
            and element.find(".//math") is None
            and not self._holds_most(element)
        ):
            return "hidden"
        return ""

    def _says_all(self, button: etree._Element, heading: etree._Element) -> bool:
        """Whether the button is all that the heading shows."""
        if self._heading is None or self._heading[0] is not heading:
            self._heading = heading, shown_text(heading)
        return shown_text(button) == self._heading[1]

    def _holds_most(self, element: etree._Element) -> bool:
        """Whether most of the page is in it, or most of its long paragraphs and no furniture."""
        if len(shown_text(element)) * 2 >= self._size:
            return True
        long = _long_paragraphs(element)
        return long * 2 > self._long > 0 and not any(
            reason_of_element(each) for each in (element, *element.iterancestors())
        )


def _is_credit(element: etree._Element, place: BlockKind | None, *, in_figure: bool) -> bool:
    """Whether it is named as saying whose a picture is."""
    names = element.get("class") or ""
    if place == "caption" and element.tag in _CREDITED:
        text = shown_text(element)
        if is_credit(text) or (_CREDITOR.search(names) and len(text.split()) <= _CREDIT_WORDS):
            return True
    if _CREDIT.search(names) and is_credit(shown_text(element)):
        return True
    if not (in_figure or _MEDIA.search(names)) or not _CREDIT.search(names):
        return False
    most = _FIGURE_CREDIT_WORDS if in_figure else _CREDIT_WORDS
    return len(shown_text(element).split()) <= most


def _long_paragraphs(element: etree._Element) -> int:
    """Characters of those paragraphs within the element that are more than a label."""
    sizes = (len(shown_text(each)) for each in element.iter("p"))
    return sum(size for size in sizes if size >= _LONG)


def _is_anchor(element: etree._Element, tag: str) -> bool:
    """Whether it is a sign that links to its own place: "#", "¶"."""
    if tag != "a" or not (element.get("href") or "").startswith("#"):
        return False
    return _ANCHOR.fullmatch(shown_text(element)) is not None
