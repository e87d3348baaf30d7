"""Rules for markdown-it: what people write in Markdown that is neither CommonMark nor words.

Each becomes a token of type `aside_markup`, whose content the reader lists as left out, so that
nothing is dropped without a word; of a wiki link the text stays, of a shortcode the caption.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

TOKEN = "aside_markup"
"""Type of a token of markup: `content` is the markup, `info` the reason why it is left out,
`meta["shown"]` the text within it that a reader of the page sees, if any."""

DEEPEST = 100
"""Levels of blocks within blocks that are read."""

_INLINE = {
    "comment": r"\{%-?\s*comment\b.{0,5000}?endcomment\s*-?%\}|\{#.{0,5000}?#\}"
    r"|\{\{[<%]?/\*.{0,5000}?\*/[>%]?\}\}|(?<![\w%])%%(?!%).{1,5000}?%%(?![\w%])",
    "template tag": r"\{\{[<%]?.{0,2000}?[%>]?\}\}|\{%.{0,2000}?%\}",
    "attribute list": r"\{:?[#.:/][\w#.:/=\"'{} -]{0,300}?\}(?!\})",
    "embedded file": r"!\[\[[^\[\]\n]+\]\]",
    "citation": r"\[-?@[\w:.#$%&+?<>~/-]+(?:[;,][^\[\]\n]{0,300})?\](?![\[(])",
    "emoji shortcode": r"(?<![\w:]):(?:[a-z][a-z0-9_-]*|[+-]1|100):(?![\w:])",
    "block id": r"(?<=[ \n])\^[\w-]{3,40}(?=\s*$)",
}
"""Reason -> what is left out, tried at every character that may begin one of them."""

_INLINE_PATTERNS = [(reason, re.compile(pattern, re.DOTALL)) for reason, pattern in _INLINE.items()]
_INLINE_SIGNS = frozenset("{!:[%^")

_WIKI_LINK = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\](?!\()")

_ATTRIBUTES = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`)[^\n]{0,500}?(?<!`)(?P=ticks)(?!`)"
    r"|(?<=[\])*_`])\{(?P<inside>[^{}\n]{1,300})\}"
)
"""A code span, which stays, or attributes in braces."""
_SINGLE_QUOTED = re.compile(r"=\s*'([^'\n]{0,300})'")

_TEMPLATE_LINK = re.compile(
    r"\[(?P<text>[^\[\]\n]{1,500})\]\(\s*(?P<href>\{\{.{1,300}?\}\}|\{%.{1,300}?%\})[^()\s]{0,300}"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
)
"""A link whose address a template writes, which CommonMark does not take for an address."""

_ROLE = re.compile(r"\{(?P<role>[a-z][\w:-]{1,30})\}`(?P<text>[^`\n]+)`")
"""A role of MyST: `{ref}` before a code span that is none."""

_SCRIPTS = {
    "sub": re.compile(r"(?<=\w)~(?P<text>\w{1,10})~(?!~)"),
    "sup": re.compile(r"(?<=[\w)])\^(?P<text>[-+]?\w{1,10})\^"),
    "mark": re.compile(r"==(?P<text>[^\s=](?:[^=\n]{0,500}[^\s=])?)=="),
}
"""Element of HTML -> how Pandoc and Obsidian write it."""

_TEX = re.compile(
    r"\\{1,2}(?:\((?P<line>.{1,500}?)\\{1,2}\)|\[(?P<block>.{1,2000}?)\\{1,2}\])", re.S
)
_TEX_SIGNS = re.compile(r"[\\^_=+<>{}*/]|^\s*\w\s*$")
"""What makes a formula of that which may be a bracket with a needless backslash."""

_PRICE = re.compile(r"\$\d[^$\n]{0,300}\$")
"""A price, and what follows it up to the next dollar sign."""

_WORDS = re.compile(r"\s[a-z]{2,}\s")

_MARKDOWN_WITHIN = re.compile(
    r"<(?:article|aside|blockquote|details|div|figure|main|section|span|td)\b[^<>]*?\smarkdown"
    r"(?:=(?:\"(?:1|block|span|true)\"|'1'|1))?(?:\s[^<>]*)?>"
)

_LINES = {
    "table of contents": re.compile(
        r"\[\[?_?toc_?\]?\]|\{\{TOC\}\}|@\[toc\].*|\$\{toc\}|[*+-] TOC *\n? *\{:toc.*\}",
        re.IGNORECASE,
    ),
    "attribute list": re.compile(r"\{:.*\}"),
    "embedded file": re.compile(r"-+8<-+.*|<<<\s?@?[/\w{].*"),
    "LaTeX command": re.compile(r"\\[a-zA-Z]+\*?(?:\[[^\]]*\])?(?:\{[^{}]*\})*"),
    "template tag": re.compile(r"\{%(?:(?!%\}).){1,1000}%\}|\{\{[<%](?:(?!\}\}).){1,1000}\}\}"),
    "abbreviation": re.compile(r"\*\[(?P<abbr>[^\]\n]+)\]:[ \t]*(?P<meaning>.*)"),
}
"""Reason -> a whole line that is left out."""

_REGIONS = (
    (re.compile(r"\{%-?\s*comment\b.*?%\}"), re.compile(r"\{%-?\s*endcomment\s*-?%\}")),
    (re.compile(r"\{::comment\}"), re.compile(r"\{:/(?:comment)?\}")),
    (re.compile(r"%%(?!%)"), re.compile(r"%%(?=[ \t]*$)", re.MULTILINE)),
    (re.compile(r"\{\{[<%]\s*comment\s*[>%]\}\}"), re.compile(r"\{\{[<%]\s*/comment\s*[>%]\}\}")),
    (re.compile(r"\{\{-?\s*/\*"), re.compile(r"\*/\s*-?\}\}")),
    (re.compile(r"\{#"), re.compile(r"#\}")),
)
"""Begin and end of comments, which may hold empty lines."""

_SHOWN = re.compile(
    r"\b(?P<name>caption|summary|title|label)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|“([^”]*)”)"
)
_BOX = re.compile(
    r"\W*(?:admonition|accordion\w*|alert|aside|callout|caution|collaps\w*|danger|details|expand\w*"
    r"|figure|hint|important|info|notice|note|panel|spoiler|step|tab|tabitem|tip|warning)\b",
    re.IGNORECASE,
)
"""Shortcodes and components that print their title; others have it for the mouse only."""

_HIGHLIGHT = re.compile(
    r"^(?:\{%-?\s*highlight\b[^\n]*%\}|\{\{<\s*highlight\b[^\n]*>\}\})[ \t]*\n", re.MULTILINE
)
_HIGHLIGHTED = re.compile(
    r"^(?:\{%-?\s*endhighlight\s*-?%\}|\{\{<\s*/\s*highlight\s*>\}\})", re.MULTILINE
)
"""Begin and end of highlighted code."""

_LEADING_SIGNS = re.compile(r"^[\s>*+\d.)-]+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """What `*[HTML]: ...` defines."""

    written: str
    meaning: str


def dialects_plugin(md: MarkdownIt) -> None:
    """Add the rules to a parser."""
    md.core.ruler.before("inline", "dialect_quotes", _quotes)
    md.inline.ruler.before("escape", "dialect_tex", _tex)
    md.inline.ruler.before("math_inline", "dialect_money", _money)
    md.inline.ruler.before("link", "dialect_inline", _inline)
    md.inline.ruler.before("backticks", "dialect_role", _role)
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}
    md.block.ruler.before("table", "dialect_deep", _too_deep)
    md.block.ruler.before("code", "dialect_region", _region, ends)
    md.block.ruler.before("list", "dialect_line", _line, ends)
    md.block.ruler.before("html_block", "dialect_html", _markdown_within, ends)


def _quotes(state: StateCore) -> None:
    """Single quotes of attributes as double ones, the only ones that the plugin for them knows."""
    for token in state.tokens:
        if token.type == "inline" and "='" in token.content:
            token.content = _ATTRIBUTES.sub(_double_quoted, token.content)


def _double_quoted(match: re.Match[str]) -> str:
    return (
        _SINGLE_QUOTED.sub(lambda value: '="' + value[1].replace('"', "”") + '"', match[0])
        if match["inside"]
        else match[0]
    )


def fence_highlights(text: str) -> str:
    """Jekyll's and Hugo's highlight tags as the fenced code that they mean, line by line."""
    kept: list[str] = []
    place = 0
    while (begin := _HIGHLIGHT.search(text, place)) and (
        end := _HIGHLIGHTED.search(text, begin.end())
    ):
        kept += (text[place : begin.start()], "~~~~~\n", text[begin.end() : end.start()], "~~~~~")
        place = end.end()
    return "".join(kept) + text[place:]


def aside(state: StateBlock | StateInline, markup: str, reason: str, name: str = "") -> Token:
    """Push a token of markup that is left out; `name` is what the markup is called, which tells
    whether it prints its title."""
    token = state.push(TOKEN, "", 0)
    token.content, token.info = markup, reason
    for found in _SHOWN.finditer(markup):
        text = next(filter(None, found.groups()[1:]), "")
        if text and (found["name"] in ("caption", "summary") or _BOX.match(name)):
            token.meta = {"shown": text}
            token.content = markup.replace(found[0], "")
            break
    return token


def paragraph(state: StateBlock, text: str, line: int) -> None:
    """Push a paragraph of that one line of Markdown."""
    state.push("paragraph_open", "p", 1)
    inline = state.push("inline", "", 0)
    inline.content, inline.children, inline.map = text, [], [line, line + 1]
    state.push("paragraph_close", "p", -1)


def line_at(state: StateBlock, line: int) -> str:
    """The text of a line without its indentation and the blanks at its end."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Blocks within blocks beyond all reason, which markdown-it would drop without a word."""
    if state.level < DEEPEST or silent:
        return False
    last = start + 1
    while last < end and (state.isEmpty(last) or state.sCount[last] >= state.blkIndent):
        last += 1
    text = state.getLines(start, last, state.blkIndent, False)
    aside(state, _LEADING_SIGNS.sub("", text), f"nested more than {DEEPEST} levels deep")
    state.line = last
    return True


# Within a line


def _inline(state: StateInline, silent: bool) -> bool:
    sign = state.src[state.pos]
    if sign in "=~^" and _scripts(state, silent):
        return True
    if sign not in _INLINE_SIGNS:
        return False
    if sign == "[" and _wiki(state, silent):
        return True
    if sign in "[!" and _template_link(state, silent):
        return True
    for reason, pattern in _INLINE_PATTERNS:
        match = pattern.match(state.src, state.pos, state.posMax)
        if match:
            if not silent:
                inner = match[0].strip("{}<>% /-")
                aside(state, match[0], reason, inner)
            state.pos = match.end()
            return True
    return False


def _wiki(state: StateInline, silent: bool) -> bool:
    wiki = _WIKI_LINK.match(state.src, state.pos, state.posMax)
    if wiki is None:
        return False
    if not silent:
        page, _, place = wiki[1].strip().partition("#")
        told = ": ".join(filter(None, (page.strip(), place.strip(" #^"))))
        _linked(state, wiki[1].strip(), (wiki[2] or told).strip())
    state.pos = wiki.end()
    return True


def _template_link(state: StateInline, silent: bool) -> bool:
    is_image = state.src[state.pos] == "!"
    link = _TEMPLATE_LINK.match(state.src, state.pos + is_image, state.posMax)
    if link is None:
        return False
    if not silent and is_image:
        state.push("image", "img", 0).content = link["text"]
    elif not silent:
        last = state.posMax
        state.pos, state.posMax = link.span("text")
        state.push("link_open", "a", 1).attrs = {"href": link["href"]}
        state.md.inline.tokenize(state)
        state.push("link_close", "a", -1)
        state.posMax = last
    state.pos = link.end()
    return True


def _linked(state: StateInline, href: str, text: str) -> None:
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = text
    state.push("link_close", "a", -1)


def _scripts(state: StateInline, silent: bool) -> bool:
    for tag, pattern in _SCRIPTS.items():
        match = pattern.match(state.src, state.pos, state.posMax)
        if match:
            if not silent:
                state.push(f"{tag}_open", tag, 1)
                state.push("text", "", 0).content = match["text"]
                state.push(f"{tag}_close", tag, -1)
            state.pos = match.end()
            return True
    return False


def _money(state: StateInline, silent: bool) -> bool:
    """A dollar sign that begins no formula: after a letter, or before a price and words."""
    if state.src[state.pos] != "$":
        return False
    before = state.src[state.pos - 1 : state.pos]
    price = _PRICE.match(state.src, state.pos, state.posMax)
    is_price = price and _WORDS.search(price[0]) and not _TEX_SIGNS.search(price[0])
    if not (before.isalnum() or is_price):
        return False
    if not silent:
        state.pending += "$"
    state.pos += 1
    return True


def _role(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{":
        return False
    match = _ROLE.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        text, _, target = match["text"].partition("<")
        if match["role"] == "math":
            state.push("math_inline", "math", 0).content = match["text"]
        elif match["role"] in ("code", "kbd", "samp"):
            state.push("code_inline", "code", 0).content = match["text"]
        else:
            state.push("text", "", 0).content = text.strip() or target.strip("> ")
    state.pos = match.end()
    return True


def _tex(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "\\":
        return False
    match = _TEX.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    formula = match["line"] or match["block"]
    if not _TEX_SIGNS.search(formula):
        return False
    if not silent:
        state.push("math_inline", "math", 0).content = formula
    state.pos = match.end()
    return True


# Whole lines


def _line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    line = line_at(state, start)
    following = line_at(state, start + 1) if start + 1 < end else ""
    for reason, pattern in _LINES.items():
        lines, match = 1, pattern.fullmatch(line)
        if match is None and line.endswith(" TOC"):
            lines, match = 2, pattern.fullmatch(f"{line}\n{following}")
        if match is None:
            continue
        if not silent:
            state.line = start + lines
            aside(state, match[0], reason, match[0].strip("{}<>% /-"))
            if reason == "abbreviation":
                found = Abbreviation(match["abbr"].strip(), match["meaning"].strip())
                state.env.setdefault("abbreviations", []).append(found)
        return True
    return False


def _region(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A comment that begins a line, up to the end of the line in which it ends."""
    first = state.bMarks[start] + state.tShift[start]
    if state.src[first : first + 1] not in "{%":
        return False
    last = state.eMarks[end - 1]
    for begin, finish in _REGIONS:
        opened = begin.match(state.src, first, last)
        closed = opened and _next(state, finish, opened.end(), last)
        if opened is None or closed is None:
            continue
        line = bisect_left(state.eMarks, closed.end(), start)
        if state.src[closed.end() : state.eMarks[line]].strip():
            return False
        if not silent:
            aside(state, state.src[first : closed.end()], "comment")
            state.line = line + 1
        return True
    return False


def _next(
    state: StateBlock, pattern: re.Pattern[str], place: int, last: int
) -> re.Match[str] | None:
    """The first match from that place on, remembered: who asks for it again and again from places
    before it would look through the whole text each time."""
    known: dict[tuple[re.Pattern[str], int], tuple[int, re.Match[str] | None]]
    known = state.env.setdefault("next_matches", {})
    begun, found = known.get((pattern, last), (last + 1, None))
    if begun > place or (found is not None and found.start() < place):
        begun, found = place, pattern.search(state.src, place, last)
        known[pattern, last] = begun, found
    return found


def _markdown_within(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The opening tag of an element whose content is Markdown; its end is HTML as elsewhere."""
    if state.is_code_block(start) or not _MARKDOWN_WITHIN.fullmatch(line_at(state, start)):
        return False
    if not silent:
        state.line = start + 1
    return True


def abbreviations(env: Mapping[str, object]) -> tuple[Abbreviation, ...]:
    """What the text defined, from the environment of its parsing."""
    found = env.get("abbreviations")
    return tuple(found) if isinstance(found, list) else ()
