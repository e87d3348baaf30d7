"""Rules for markdown-it: boxes of Markdown within Markdown, in the ways of many generators.

    !!! note "Title"          ??? tip          === "Tab"       indented text       (MkDocs)
    :::note[Title]            ::: tip Title    ::: {.note title="Title"}           (Docusaurus,
    ```{note} Title           /// note | Title                 VitePress, Quarto, MyST, PyMdown)

The title is a paragraph of its own, as is the name of a box that has no title but prints its name.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

from narrator.reading.dialects import aside, line_at, paragraph

_NAMES = {
    "attention", "caution", "danger", "error", "hint", "important", "info", "note", "seealso",
    "success", "tip", "todo", "warning",
}  # fmt: skip
"""Boxes that print their name where they have no title."""

_DIRECTIVES = _NAMES | {
    "admonition", "card", "details", "dropdown", "epigraph", "figure", "grid", "grid-item",
    "grid-item-card", "margin", "pull-quote", "sidebar", "tab-item", "tab-set", "topic",
    "versionadded", "versionchanged", "deprecated",
}  # fmt: skip
"""Directives of MyST whose content is Markdown."""

_UNSEEN = {
    "bibliography", "contents", "eval-rst", "glossary", "image", "include", "index", "raw",
    "tableofcontents", "toctree",
}  # fmt: skip
"""Directives that hold no text."""

_INDENTED = re.compile(
    r"(?P<sign>!!!|\?\?\?\+?|===[!+]{0,2})[ \t]+(?P<names>[\w-]+(?:[ \t]+[\w-]+)*)?"
    r"(?:[ \t]*(?P<quoted>\"(?P<title>.*)\"))?[ \t]*(?P<classes>[\w -]*)"
)
_INDENT = 4

_COLONS = re.compile(
    r":::+[ \t]*(?:\{(?P<attributes>[^}\n]*)\}|(?P<name>[\w-]+))?[ \t]*"
    r"(?:\[(?P<label>[^\]\n]*)\])?[ \t]*(?:\{[^}\n]*\})?[ \t]*(?P<title>.*)"
)
_SLASHES = re.compile(r"////*[ \t]*(?P<name>[\w-]+)?(?:[ \t]*\|[ \t]*(?P<title>.*))?")
_OPTION = re.compile(r":[\w-]+:.*")
"""A line below the opening that sets an option of a directive."""

_CLASS = re.compile(r"\.(?:callout-|admonition-)?([\w-]+)")
_TITLE = re.compile(r"title=(?:\"([^\"]*)\"|'([^']*)')")

_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,}|:{3,})\{(?P<name>[\w:-]+)\}[ \t]*(?P<title>.*)")


def boxes_plugin(md: MarkdownIt) -> None:
    """Add the rules to a parser."""
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("fence", "box_fence", _fence, ends)
    md.block.ruler.before("fence", "box_indented", _indented, ends)
    md.block.ruler.before("fence", "box_line", _line, ends)


def _push_title(state: StateBlock, name: str, title: str, line: int) -> bool:
    """Push what the head of a box shows; False where it shows nothing."""
    shown = title or (name.capitalize() if name.lower() in _NAMES else "")
    if shown:
        paragraph(state, shown, line)
    return bool(shown)


def _indented(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line with a sign, and the lines below that are indented."""
    if state.is_code_block(start):
        return False
    match = _INDENTED.fullmatch(line_at(state, start))
    is_tab = match is not None and match["sign"].startswith("=")
    if match is None or not (match["names"] or match["title"]) or (is_tab and match["names"]):
        return False
    if silent:
        return True
    base = state.sCount[start]
    last = start + 1
    while last < end and (state.isEmpty(last) or state.sCount[last] >= base + _INDENT):
        last += 1
    if match["quoted"] is None or match["title"]:
        name = (match["names"] or "").split()[:1]
        _push_title(state, "".join(name), match["title"] or "".join(name).capitalize(), start)
    _within(state, start + 1, last, base + _INDENT)
    state.line = last
    return True


def _within(state: StateBlock, start: int, end: int, indent: int) -> None:
    """Parse lines as Markdown of their own that is indented so far."""
    before = state.blkIndent, state.lineMax, state.parentType
    state.blkIndent, state.lineMax, state.parentType = indent, end, "root"
    opening = state.push("box_open", "div", 1)
    opening.block = True
    state.md.block.tokenize(state, start, end)
    state.push("box_close", "div", -1).block = True
    state.blkIndent, state.lineMax, state.parentType = before


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A directive of MyST, whose fence may be that of code."""
    if state.is_code_block(start):
        return False
    match = _FENCE.fullmatch(line_at(state, start))
    name = match["name"].lower() if match else ""
    if match is None or not (name in _DIRECTIVES or name in _UNSEEN):
        return False
    fence = match["fence"]
    unclosed: dict[tuple[str, int], int] = state.env.setdefault("unclosed_fences", {})
    if fence.startswith(":") and len(fence) >= unclosed.get((fence[0], end), len(fence) + 1):
        return False
    last = start + 1
    while last < end and not _closes(line_at(state, last), fence):
        last += 1
    if last >= end and fence.startswith(":"):
        unclosed[fence[0], end] = len(fence)
        return False
    if silent:
        return True
    if name in _UNSEEN:
        text = state.getLines(start, min(last + 1, end), state.blkIndent, False)
        aside(state, text, "directive")
    else:
        if name == "figure":
            aside(state, line_at(state, start), "directive")
        else:
            _push_title(state, name, match["title"], start)
        body = _after_options(state, start + 1, last)
        _within(state, body, last, state.blkIndent)
    state.line = min(last + 1, end)
    return True


def _closes(line: str, fence: str) -> bool:
    return len(line) >= len(fence) and not line.strip(fence[0])


def _after_options(state: StateBlock, start: int, end: int) -> int:
    """The first line that sets no option; those that do are left out."""
    line = start
    while line < end and _OPTION.fullmatch(line_at(state, line)):
        aside(state, line_at(state, line), "directive")
        line += 1
    return line


def _line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line that opens or closes a box; what is between is Markdown as elsewhere."""
    if state.is_code_block(start):
        return False
    line = line_at(state, start)
    colons, slashes = _COLONS.fullmatch(line), _SLASHES.fullmatch(line)
    if colons is None and slashes is None:
        return False
    if silent:
        return True
    if colons:
        attributes = colons["attributes"] or ""
        told = _TITLE.search(attributes)
        title = colons["label"] or (told and (told[1] or told[2])) or colons["title"]
        name = colons["name"] or attributes
        if attributes.startswith((".", "#")):
            named = _CLASS.search(attributes)
            name = named[1] if named else ""
    elif slashes:
        title, name = slashes["title"], slashes["name"] or ""
    if not _push_title(state, name, (title or "").strip(), start):
        aside(state, line, "container fence")
    state.line = (
        _after_options(state, start + 1, end) if colons and colons[0][-1] != ":" else start + 1
    )
    return True
