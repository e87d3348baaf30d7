"""Cells in which old pages lay out columns and boxes, and in which of them the text is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree

from narrator.reading.page import Found


class Cells:
    """The cells of a page's layout; `prose` are the drafts by which those with text are known."""

    def __init__(self, found: Sequence[Found], prose: Iterable[int]) -> None:
        self._found = found
        self._with_text: set[etree._Element] = set()
        self._rows: dict[etree._Element, bool] = {}
        """Row -> whether a cell of it has text."""
        self._boxes: dict[etree._Element, bool] = {}
        for i in prose:
            self._with_text.update(found[i].element.iterancestors("td"))
            if found[i].element.tag == "td":
                self._with_text.add(found[i].element)

    def reason(self, i: int, *, amid: bool) -> str:
        """Why draft i is beside the text: in another column, or in a box that the text flows
        around; `amid` where text precedes and follows it."""
        element = self._found[i].element
        cell = element if element.tag == "td" else next(element.iterancestors("td"), None)
        if cell is None or cell in self._with_text or not self._with_text:
            return ""
        table = next(cell.iterancestors("table"), None)
        if any(each in self._with_text for each in cell.iterancestors("td")):
            return "sidebar" if table is not None and self._is_box(table) else ""
        row = cell.getparent()
        beside = row is not None and self._is_beside_text(row)
        return "sidebar" if beside else "" if amid else "outside the article"

    def _is_beside_text(self, row: etree._Element) -> bool:
        if row not in self._rows:
            self._rows[row] = any(each in self._with_text for each in row)
        return self._rows[row]

    def _is_box(self, table: etree._Element) -> bool:
        """Whether the text flows around it and it is more than a picture with its caption."""
        if (table.get("align") or "").lower() not in ("left", "right"):
            return False
        if table not in self._boxes:
            self._boxes[table] = table.find(".//img") is None or table.find(".//a") is not None
        return self._boxes[table]
