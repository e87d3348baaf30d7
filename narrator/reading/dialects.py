"""Rules for markdown-it: what people write in Markdown that is neither CommonMark nor words.

Each becomes a token of type `aside_markup`, whose content the reader lists as left out, so that
nothing is dropped without a word; of a wiki link the text stays.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

TOKEN = "aside_markup"

_INLINE = {
    "template tag": r"\{\{[<%]?.{0,500}?[%>]?\}\}|\{%.{0,500}?%\}",
    "JSX expression": r"\{/\*.{0,500}?\*/\}|<(?P<jsx>/?[A-Z][\w.]*)(?:\s[^<>]{0,500})?/?>",
    "attribute list": r"\{:?[#.:][\w#.:=\"' -]*\}",
    "embedded file": r"!\[\[[^\[\]\n]+\]\]",
    "emoji shortcode": r"(?<![\w:]):(?:[a-z][a-z0-9_-]*|[+-]1|100):(?![\w:])",
}
"""Reason -> what is left out, tried at every character that may begin one of them."""

_INLINE_PATTERNS = [(reason, re.compile(pattern, re.DOTALL)) for reason, pattern in _INLINE.items()]

_WIKI_LINK = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\](?!\()")

_LINES = {
    "container fence": re.compile(r":::+[ \t]*(?:\{[^}]*\}|\w+)?[ \t]*(?P<title>.*)"),
    "table of contents": re.compile(r"\[\[?_?toc_?\]?\]", re.IGNORECASE),
    "attribute list": re.compile(r"\{:.*\}"),
    "module import": re.compile(
        r"import\s+(?:[\w*{][^;]*?\sfrom\s+)?(['\"])[^'\"]+\1;?"
        r"|export\s+(?:const|let|default|function)\b.*"
    ),
}
"""Reason -> a whole line that is left out; a title in it becomes a paragraph."""

_HIGHLIGHT = re.compile(
    r"^\{%-?\s*highlight\b[^\n]*%\}[ \t]*\n(.*?)^\{%-?\s*endhighlight\s*-?%\}",
    re.DOTALL | re.MULTILINE,
)


def dialects_plugin(md: MarkdownIt) -> None:
    """Add the rules to a parser."""
    md.inline.ruler.before("link", "dialect_inline", _inline)
    md.block.ruler.before(
        "paragraph", "dialect_line", _line, {"alt": ["paragraph", "reference", "blockquote"]}
    )


def fence_highlights(text: str) -> str:
    """Jekyll's highlight tags as the fenced code that they mean, line by line."""
    return _HIGHLIGHT.sub(lambda match: f"~~~~~\n{match[1]}~~~~~", text)


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "{<!:[":
        return False
    wiki = _WIKI_LINK.match(state.src, state.pos)
    if wiki:
        if not silent:
            opening = state.push("link_open", "a", 1)
            opening.attrs = {"href": wiki[1].strip()}
            state.push("text", "", 0).content = (wiki[2] or wiki[1]).strip()
            state.push("link_close", "a", -1)
        state.pos = wiki.end()
        return True
    for reason, pattern in _INLINE_PATTERNS:
        match = pattern.match(state.src, state.pos, state.posMax)
        if match:
            if not silent:
                token = state.push(TOKEN, "", 0)
                token.content, token.info = match[0], reason
            state.pos = match.end()
            return True
    return False


def _line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].rstrip()
    for reason, pattern in _LINES.items():
        match = pattern.fullmatch(line)
        if match is None:
            continue
        if silent:
            return True
        state.line = start + 1
        title = (match.groupdict().get("title") or "").strip()
        if title:
            state.push("paragraph_open", "p", 1)
            inline = state.push("inline", "", 0)
            inline.content, inline.children, inline.map = title, [], [start, start + 1]
            state.push("paragraph_close", "p", -1)
        else:
            token = state.push(TOKEN, "", 0)
            token.content, token.info = line, reason
        return True
    return False
