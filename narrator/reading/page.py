"""The elements of a page -> drafts in reading order, each with its element.

Left out here is only what no reader sees as text: scripts, controls, embeds, hidden elements.
`body.py` judges what belongs to the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from narrator.model import BlockKind, MarkKind, Omission
from narrator.reading.blocks import Draft, has_words, omission, preformatted
from narrator.reading.dom import (
    BLOCKS,
    TEX,
    UNSEEN,
    classes,
    code_text,
    draws_tex,
    formula,
    is_note_reference,
    parse_page,
    shown_text,
)
from narrator.reading.embeds import embed_kind, embed_title
from narrator.reading.inline import Writing, tag_marks
from narrator.reading.numbering import integer, labels
from narrator.reading.room import Room
from narrator.reading.selectors import Selectors
from narrator.reading.tables import Table, is_data
from narrator.reading.unheard import Unheard
from narrator.reading.wishes import Wishes

_SHOWN_TWICE = {"MathJax", "MathJax_Display", "MathJax_Preview", "katex-html"}
"""Classes of what draws a formula that the page also holds as MathML or TeX."""

_CAPTION = re.compile(
    r"(?:^|\s)(?:[\w-]*[-_])?(?:thumb)?caption(?:[-_]text)?(?:$|\s)", re.IGNORECASE
)

_PLACES: Mapping[str, BlockKind] = {
    "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading",
    "h6": "heading", "blockquote": "quote", "caption": "caption", "dd": "list_item",
    "dt": "list_item", "figcaption": "caption", "li": "list_item",
}  # fmt: skip
"""Block element -> the kind of the blocks within it, up to the next such element."""

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}

_LISTS = {"dl", "dir", "menu", "ol", "ul"}


@dataclass(frozen=True, slots=True)
class Found:
    """A draft and the element that it came from."""

    draft: Draft
    element: etree._Element


def page_drafts(
    root: etree._Element,
    language: str = "",
    wishes: Wishes | None = None,
    room: Room | None = None,
) -> tuple[list[Found], list[Omission]]:
    """Every block of the page in order, and what is left out of it wherever it stands.

    `language` is the page's own; what is in another bears a mark. `wishes` are what the page and
    its site ask for elements. TooLarge where there is more text than there is room for.
    """
    walk = _Walk(root, language, wishes or Wishes(root, {}), room or Room())
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "end":
            walk.leave(element)
        elif not walk.enter(element):
            events.skip_subtree()
    return walk.found, walk.omissions


def fragment_drafts(markup: str, room: Room | None = None) -> tuple[list[Draft], list[Omission]]:
    """The drafts and omissions of a piece of HTML that stands alone, as within Markdown."""
    found, omissions = page_drafts(parse_page(markup), room=room)
    return [replace(each.draft, selector="") for each in found], omissions


class _Walk:
    """The state of one walk; there is no recursion, so that depth costs nothing."""

    def __init__(self, root: etree._Element, language: str, wishes: Wishes, room: Room) -> None:
        self._room = room
        self.found: list[Found] = []
        self.omissions: list[Omission] = []
        self._writing = Writing()
        self._selectors = Selectors(root)
        self._language = language
        self._skipped: etree._Element | None = None
        self._marked: list[etree._Element] = []
        self._blocks: list[etree._Element] = [root]
        self._places: list[BlockKind] = []
        self._lists: list[Iterator[str]] = []
        self._label = ""
        self._figures = 0
        self._break_at = -1
        self._tables: list[Table | None] = []
        self._cell_start = 0
        self._columns = _columns(root)
        self._wishes = wishes
        self._unheard = Unheard(root)
        self._tex = draws_tex(root)

    def enter(self, element: etree._Element) -> bool:
        """Take the start of an element; False where its content is not to be walked."""
        if not self._is_walked(element):
            self._skipped = element
            return False
        tag = str(element.tag)
        if tag in BLOCKS or element in self._columns:
            self._enter_block(element, tag)
        marks = self._marks(element, tag)
        if marks:
            self._writing.open(tag, marks)
            self._marked.append(element)
        self._write(element.text or "")
        return True

    def leave(self, element: etree._Element) -> None:
        """Take the end of an element and the text that follows it."""
        if element is self._skipped:
            self._skipped = None
        else:
            tag = str(element.tag)
            if tag in BLOCKS or element in self._columns:
                self._leave_block(element, tag)
            if self._marked and self._marked[-1] is element:
                self._writing.close(tag)
                self._marked.pop()
        self._write(element.tail or "")

    def _write(self, text: str) -> None:
        """Text of the page, TeX in it as formulas where the page draws them."""
        if not self._tex or not text:
            self._writing.write(text)
            return
        start = 0
        for found in TEX.finditer(text):
            self._writing.write(text[start : found.start()])
            tex = " ".join((found[1] or found[2] or found[3]).split())
            self._formula(tex, tex, block=found[1] is None)
            start = found.end()
        self._writing.write(text[start:])

    # What is dealt with as a whole

    def _is_walked(self, element: etree._Element) -> bool:
        tag = element.tag
        wish = self._wishes.of(element)
        asked = wish.treatment if wish else ""
        if asked == "announce" and (kind := embed_kind(element)) and kind != "post":
            self._embed(element, kind)
        elif tag == "img" and asked in ("read", "linearise"):
            self._embed(element, "")
        elif tag == "script" and (element.get("type") or "").startswith("math/tex"):
            tex = element.text or ""
            self._formula(tex, tex, block="display" in (element.get("type") or ""))
        elif tag == "math":
            shown, tex = formula(element)
            self._formula(shown, tex, block=element.get("display") == "block")
        elif is_note_reference(element):
            self._written(shown_text(element), "footnote")
        elif not isinstance(tag, str) or tag in UNSEEN or classes(element) & _SHOWN_TWICE:
            pass
        elif tag == "br":
            self._break()
        elif tag == "pre":
            self._code(element)
        elif tag == "img":
            self._leave_out(element.get("alt") or "", "image")
        elif asked not in ("read", "linearise") and (reason := self._reason(element)):
            self._leave_out(shown_text(element), reason)
        else:
            return True
        return False

    def _reason(self, element: etree._Element) -> str:
        place = self._places[-1] if self._places else None
        return self._unheard.reason(element, self._blocks[-1], place, in_figure=self._figures > 0)

    def _leave_out(self, text: str, reason: str) -> None:
        if has_words(text):
            self.omissions.append(omission(text, reason))

    def _formula(self, shown: str, tex: str, *, block: bool) -> None:
        alone = block and not self._row()
        if alone:
            self._cut()
        self._written(shown, "formula", tex)
        if alone:
            self._cut("formula")

    def _written(self, text: str, kind: MarkKind, value: str = "") -> None:
        self._writing.open("", [(kind, value)])
        self._writing.write(text)
        self._writing.close("")

    def _code(self, element: etree._Element) -> None:
        self._cut()
        code = preformatted(code_text(element))
        if has_words(code):
            self._add(Draft("code", code, selector=self._selectors.of(element)), element)

    def _embed(self, element: etree._Element, kind: str) -> None:
        """A block for what the page shows; without a kind its title is said as a caption."""
        title = embed_title(element)
        if not kind and not has_words(title):
            return
        self._cut()
        selector = self._selectors.of(element)
        draft = (
            Draft("embed", title, label=kind, selector=selector, treatment="announce")
            if kind
            else Draft("caption", title, selector=selector)
        )
        self._add(draft, element)

    def _break(self) -> None:
        """One line break is a space; two with nothing between them end a paragraph."""
        if self._writing.length == self._break_at and not self._row():
            self._cut()
        self._writing.space()
        self._break_at = self._writing.length

    # Blocks

    def _enter_block(self, element: etree._Element, tag: str) -> None:
        self._cut()
        self._blocks.append(element)
        if place := _place(element, tag):
            self._places.append(place)
        if tag in _LISTS:
            self._lists.append(labels(element))
        elif tag == "dd":
            # A definition lies one level below its term.
            self._lists.append(iter(()))
        elif tag == "li":
            self._label = next(self._lists[-1], "") if self._lists else ""
        elif tag == "figure":
            self._figures += 1
        elif tag == "table":
            self._tables.append(Table() if is_data(element) else None)
        elif tag == "tr" and self._tables and self._tables[-1]:
            self._tables[-1].begin_row(element)
        elif tag in ("td", "th") and (table := self._row()):
            if table.row_has_cells:
                self._writing.tab()
            self._cell_start = self._writing.length

    def _leave_block(self, element: etree._Element, tag: str) -> None:
        table = self._row()
        if table and tag in ("td", "th"):
            self._end_cell(element, table)
        elif table and tag == "tr":
            self._cut("table_row")
            table.end_row()
        else:
            self._cut()
        self._blocks.pop()
        if _place(element, tag):
            self._places.pop()
        if tag in _LISTS or tag == "dd":
            self._lists.pop()
        elif tag == "li":
            self._label = ""
        elif tag == "figure":
            self._figures -= 1
        elif tag == "table":
            self._tables.pop()

    def _row(self) -> Table | None:
        """The table of data within a row of which the walk is."""
        table = self._tables[-1] if self._tables else None
        return table if table and table.in_row else None

    def _end_cell(self, cell: etree._Element, table: Table) -> None:
        start, end = self._cell_start, self._writing.length
        header = table.end_cell(cell, self._writing.written(start, end))
        if header and end > start:
            self._writing.mark("cell", start, end, header)

    def _cut(self, kind: BlockKind | None = None) -> None:
        """End a block of that kind, by default of the kind that its place gives it."""
        if kind is None and self._row():
            self._writing.space()
            return
        text, marks = self._writing.cut()
        self._break_at = -1
        if not has_words(text):
            return
        kind = kind or (self._places[-1] if self._places else "paragraph")
        level, label = 0, ""
        if kind == "heading":
            level = next(
                found for each in reversed(self._blocks) if (found := _heading_level(each))
            )
        elif kind == "quote":
            level = self._places.count("quote")
        elif kind == "list_item":
            level = max(1, len(self._lists))
            label, self._label = self._label, ""
        element = self._blocks[-1]
        selector = self._selectors.of(element)
        self._add(Draft(kind, text, level, label, marks, selector), element)

    def _add(self, draft: Draft, element: etree._Element) -> None:
        self._room.look(len(draft.text))
        self.found.append(Found(draft, element))

    def _marks(self, element: etree._Element, tag: str) -> list[tuple[MarkKind, str]]:
        return [
            (kind, value)
            for kind, value in tag_marks(tag, {str(k): str(v) for k, v in element.items()})
            if kind != "lang" or (tag not in ("html", "body") and self._is_foreign(value))
        ]

    def _is_foreign(self, language: str) -> bool:
        return language.split("-")[0].lower() != self._language.split("-")[0].lower()


def _columns(root: etree._Element) -> set[etree._Element]:
    """Inline elements that hold paragraphs parted by line breaks, as old pages do: blocks."""
    columns: set[etree._Element] = set()
    for line_break in root.iter("br"):
        following = line_break.getnext()
        if following is None or following.tag != "br" or (line_break.tail or "").strip():
            continue
        outer = line_break.getparent()
        while outer is not None and outer.tag not in BLOCKS and outer not in columns:
            columns.add(outer)
            outer = outer.getparent()
    return columns


def _place(element: etree._Element, tag: str) -> BlockKind | None:
    """The kind of the blocks within the element, None where it leaves that to those around it."""
    if tag in ("div", "p") and _CAPTION.search(element.get("class") or ""):
        return "caption"
    if _heading_level(element):
        return "heading"
    return _PLACES.get(tag)


def _heading_level(element: etree._Element) -> int:
    """1 to 6 of a heading, be it one by its role; 0 of another element."""
    if element.tag in _HEADINGS:
        return int(str(element.tag)[1])
    if (element.get("role") or "").strip().lower() != "heading":
        return 0
    return min(6, max(1, integer(element.get("aria-level"), 2)))
