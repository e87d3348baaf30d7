"""Tables of data: which they are, and which header stands over a cell."""

from __future__ import annotations

from lxml import etree

from narrator.reading.dom import shown_text

_LAYOUT_CELL = 400
"""Characters: a cell without headers that holds more is a part of the page's layout."""

_MOST_COLUMNS = 1000
"""Columns over which a header is looked for."""

_SPAN_LIMIT = 100
"""Columns or rows that one cell may claim; hostile pages claim billions."""


def is_data(table: etree._Element) -> bool:
    """Whether the table holds rows of data; otherwise it lays out the page, or code."""
    if table.get("role") in ("presentation", "none") or table.find(".//table") is not None:
        return False
    if table.find(".//pre") is not None:
        return False
    rows = list(table.iter("tr"))
    columns = max((sum(1 for _ in row.iterchildren("td", "th")) for row in rows), default=0)
    if columns < 2:
        return False
    if table.find(".//th") is not None:
        return True
    if any(table.find(f".//{tag}") is not None for tag in ("h1", "h2", "h3", "h4")):
        return False
    return all(len(shown_text(cell)) <= _LAYOUT_CELL for cell in table.iter("td"))


class Table:
    """The headers of one table while its rows are walked."""

    def __init__(self) -> None:
        self._headers: dict[int, str] = {}
        self._taken: dict[int, int] = {}
        self._column = 0
        self._cells = 0
        self._is_head = False
        self._is_first = True
        self.in_row = False

    def begin_row(self, row: etree._Element) -> None:
        """A `tr` begins."""
        self.in_row = True
        cells = list(row.iterchildren("td", "th"))
        parent = row.getparent()
        in_head = parent is not None and parent.tag == "thead"
        all_headers = bool(cells) and all(cell.tag == "th" for cell in cells)
        self._is_head = in_head or (self._is_first and all_headers and len(cells) > 1)
        self._is_first = False
        self._column = 0
        self._cells = 0

    def end_row(self) -> None:
        """A `tr` ends."""
        self.in_row = False

    @property
    def row_has_cells(self) -> bool:
        """Whether the row already holds a cell."""
        return self._cells > 0

    def end_cell(self, cell: etree._Element, text: str) -> str:
        """The header over the cell that ends; the cell of a head is its own header."""
        self._cells += 1
        while self._column < _MOST_COLUMNS and self._taken.get(self._column, 0) > 0:
            self._taken[self._column] -= 1
            self._column += 1
        first = self._column
        if first >= _MOST_COLUMNS:
            return ""
        rows = _span(cell, "rowspan") - 1
        for _ in range(_span(cell, "colspan")):
            self._taken[self._column] = rows
            if self._is_head:
                self._headers[self._column] = text
            self._column += 1
        return self._headers.get(first, "")


def _span(cell: etree._Element, attribute: str) -> int:
    written = (cell.get(attribute) or "").strip()
    return max(1, min(int(written), _SPAN_LIMIT)) if written.isdecimal() else 1
