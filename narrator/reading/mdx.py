"""Rules for markdown-it: MDX, which is Markdown with modules, components and expressions.

In other Markdown a brace is a brace; a text is taken for MDX where it imports or exports, or where
lines begin with components.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from narrator.reading.dialects import aside, line_at, paragraph

_MODULE = re.compile(
    r"import\s+(?:[\w*{][^;\n]*?\sfrom\s+)?(['\"])[^'\"\n]+\1;?"
    r"|import\s+\{[^}]*\}\s+from\s+(['\"])[^'\"\n]+\2;?"
    r"|export\s+(?:(?:const|let|var)\s+(?:\w+\s*[:=]|[\[{])|(?:async\s+)?function\b"
    r"|default\s+(?:(?:async\s+)?(?:function|class)\b|[({\[]|\w+;?$)|\{).*"
)
_IS_MDX = re.compile(
    rf"^(?:{_MODULE.pattern}|[ \t]*</?[A-Z][\w.]*(?:[ \t>/][^\n]*)?$)", re.MULTILINE
)
_FENCE = re.compile(r"[ \t]*(?P<fence>`{3,}+|~{3,}+)(?P<rest>.*)")

_NAME = re.compile(r"</?(?P<name>[A-Z][\w.]*)(?=[\s/>])|</?>")
_STRING = re.compile(r"\s*(?:'([^'\\]*)'|\"([^\"\\]*)\"|`([^`\\$]*)`)\s*")
_SETS_MARK = re.compile(r"\{(?:say|lang)=")

_LONGEST = 10_000
"""Characters of a tag or an expression."""

_UNCLOSED = 200
"""Tags and expressions without an end after which a text is no longer taken for MDX: to look for
the end of each takes time."""

_PAIRS = {"{": "}", "(": ")", "[": "]"}
_QUOTES = "'\"`"


def is_mdx(text: str) -> bool:
    """Whether braces in the text are expressions."""
    return bool(_IS_MDX.search("\n".join(_without_code(text))))


def _without_code(text: str) -> Iterator[str]:
    """The lines that are in no fence."""
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found and not fence:
            fence = found["fence"]
        elif found and found["fence"].startswith(fence) and not found["rest"].strip():
            fence = ""
        elif not fence:
            yield line


def mdx_plugin(md: MarkdownIt) -> None:
    """Add the rules to a parser; they act where `env["mdx"]` is true."""
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("html_block", "mdx_module", _module)
    md.block.ruler.before("html_block", "mdx_block", _block, ends)
    md.inline.ruler.before("dialect_inline", "mdx_inline", _inline)


def _end_of(src: str, start: int, last: int) -> int:
    """One past the end of the tag or the expression that begins at `start`; 0 where it has none.

    Quotes and brackets within it are balanced.
    """
    closing = [">" if src[start] == "<" else "}"]
    i = start + 1
    last = min(last, start + _LONGEST)
    while i < last:
        sign = src[i]
        if sign in _QUOTES and (len(closing) > 1 or closing[0] == "}" or src[i - 1] == "="):
            i = src.find(sign, i + 1, last)
            if i < 0:
                return 0
        elif sign in _PAIRS:
            closing.append(_PAIRS[sign])
        elif sign == closing[-1] and not (sign == ">" and src[i - 1] == "="):
            closing.pop()
            if not closing:
                return i + 1
        i += 1
    return 0


def _found(env: MutableMapping[str, Any], src: str, start: int, last: int) -> tuple[int, str]:
    """The end of what MDX has at a place, 0 for nothing, and its name ("" for an expression)."""
    sign = src[start : start + 1]
    named = _NAME.match(src, start, last) if sign == "<" else None
    begins = named or (sign == "{" and not _SETS_MARK.match(src, start))
    if not begins or env.get("mdx_unclosed", 0) > _UNCLOSED:
        return 0, ""
    finish = _end_of(src, start, last)
    if not finish:
        env["mdx_unclosed"] = env.get("mdx_unclosed", 0) + 1
    return finish, (named["name"] or "<>") if named else ""


def _module(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Imports and exports, up to an empty line outside of all brackets."""
    if silent or state.is_code_block(start) or state.level or not state.env.get("mdx"):
        return False
    line = line_at(state, start)
    if not line.startswith(("import ", "export ")):
        return False
    last = start
    depth = 0
    while last < end and (depth > 0 or not state.isEmpty(last)):
        text = line_at(state, last)
        depth += sum(map(text.count, "{([")) - sum(map(text.count, "})]"))
        last += 1
    code = state.getLines(start, last, 0, False)
    if not _MODULE.match(code):
        return False
    for statement in re.split(r"\n(?=import |export )", code.strip()):
        aside(state, statement, "module import")
    state.line = last
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A component's tag, or an expression, that has its lines to itself."""
    if state.is_code_block(start) or not state.env.get("mdx"):
        return False
    first = state.bMarks[start] + state.tShift[start]
    finish, name = _found(state.env, state.src, first, state.eMarks[end - 1])
    if not finish:
        return False
    line = start
    while state.eMarks[line] < finish:
        line += 1
    if state.src[finish : state.eMarks[line]].strip():
        return False
    if silent:
        return True
    markup = state.src[first:finish]
    string = _STRING.fullmatch(markup[1:-1]) if not name else None
    if string:
        paragraph(state, next(filter(None, string.groups()), ""), start)
    elif name != "<>":
        aside(state, markup, "JSX expression", name)
    else:
        state.push("box_open", "div", 0)
    state.line = line + 1
    return True


def _inline(state: StateInline, silent: bool) -> bool:
    if not state.env.get("mdx") and state.src[state.pos] != "<":
        return False
    finish, name = _found(state.env, state.src, state.pos, state.posMax)
    if not finish:
        return False
    if not silent:
        markup = state.src[state.pos : finish]
        string = _STRING.fullmatch(markup[1:-1]) if not name else None
        if string:
            state.push("text", "", 0).content = next(filter(None, string.groups()), "")
        elif name != "<>":
            aside(state, markup, "JSX expression", name)
    state.pos = finish
    return True
