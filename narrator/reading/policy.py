"""How elements are treated: what the page asks with `data-narrator`, then what the site asks with
CSS selectors in `narrator.toml`, then what is usual.

| element | selector | usual treatment |
|---|---|---|
| code | `pre` | announce: "Code example, 12 lines." |
| table of at most 12 rows and 5 columns | `table` | linearise: a sentence a row, "header: value" |
| larger table | `table` | announce: "Table, 40 rows, 6 columns." |
| formula on a line of its own | `math` | announce |
| caption | `figcaption` | read; one that only credits a picture is left out |
| picture | `img` | skip |
| video, sound, embedded page or post | `video`, `iframe`, `.twitter-tweet` | skip |
| all that surrounds an article | by tag, role, name and line | skip |

The last row is `furniture.py` and `lines.py`: footnotes, bylines, related links, newsletter boxes,
share bars, advertisements and their like. In Markdown and plain text there are no elements: there
`pre`, `table`, `figcaption` and `math` mean code blocks, tables, captions and formulas, and other
selectors mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from narrator.css import xpath
from narrator.model import Block, BlockKind, Omission, Treatment
from narrator.reading.blocks import omission

SMALL_ROWS = 12
SMALL_COLUMNS = 5
"""A table of more rows or columns is announced, not read: nobody can follow it by ear."""

_KINDS: Mapping[BlockKind, str] = {
    "caption": "figcaption", "code": "pre", "formula": "math", "table_row": "table",
}  # fmt: skip
"""Kind of a block -> the selector that means it where there are no elements."""


def skipped_by(selector: str) -> str:
    """The reason of what the site skips."""
    return f"policy {selector!r}: skip"


def check_policy(policy: Mapping[str, Treatment]) -> None:
    """SettingsError where a selector is none."""
    for selector in policy:
        xpath(selector)


def treated(
    blocks: Iterable[Block], policy: Mapping[str, Treatment]
) -> tuple[tuple[Block, ...], tuple[Omission, ...]]:
    """The blocks with what is asked for their kinds, large tables announced; and what is
    skipped."""
    kept: list[Block] = []
    omissions: list[Omission] = []
    for block in _with_rows(blocks):
        selector = _KINDS.get(block.kind, "")
        if block.treatment or block.selector or selector not in policy:
            kept.append(block)
        elif policy[selector] == "skip":
            omissions.append(omission(block.text, skipped_by(selector)))
        else:
            kept.append(replace(block, treatment=policy[selector]))
    return tuple(_tables_announced(kept)), tuple(omissions)


def _with_rows(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, the first row of each table with the number of its rows; a table ends where
    rows do, or where a reader has said that another begins."""
    table: list[Block] = []
    for block in blocks:
        if table and (block.kind != "table_row" or block.rows):
            yield from _counted(table)
            table = []
        if block.kind == "table_row":
            table.append(block)
        else:
            yield block
    yield from _counted(table)


def _counted(table: list[Block]) -> Iterator[Block]:
    for i, row in enumerate(table):
        yield replace(row, rows=len(table)) if i == 0 else row


def _tables_announced(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, where a table is announced its first row so and the others silent."""
    left = 0
    announced = False
    for block in blocks:
        if block.kind != "table_row":
            left = 0
            yield block
            continue
        if block.rows:
            left = block.rows
            wide = block.text.count("\t") >= SMALL_COLUMNS
            large = block.rows > SMALL_ROWS or wide
            announced = block.treatment == "announce" or (not block.treatment and large)
            yield replace(block, treatment="announce") if announced else block
        else:
            yield replace(block, treatment="skip") if announced and left > 0 else block
        left -= 1
