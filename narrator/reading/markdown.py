"""Markdown -> Article: the parser with its dialects, and what the text tells as a whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from narrator.model import Article, Mark, Omission
from narrator.reading.blocks import Draft, letters, number, omission
from narrator.reading.boxes import boxes_plugin
from narrator.reading.dialects import (
    DEEPEST,
    Abbreviation,
    abbreviations,
    dialects_plugin,
    fence_highlights,
)
from narrator.reading.front_matter import split_front_matter
from narrator.reading.mdx import is_mdx, mdx_plugin
from narrator.reading.room import Room
from narrator.reading.tokens import TokenWalk

_TABLE_TOKENS = 100_000
"""Tokens that tables may make beyond one for each character of the text."""

_OPTIONS = {"html": True, "tasklists": True, "alerts": True}


def read_markdown(text: str, room: Room | None = None) -> Article:
    """The article that the text holds; SourceUnreadable where its front matter is broken, TooLarge
    where it is too much."""
    room = room or Room()
    room.source(text)
    metadata, body = split_front_matter(text)
    source = fence_highlights(body)
    environment: dict[str, object] = {"mdx": is_mdx(source)}
    walk = TokenWalk(room)
    for token in _balanced(_parser().parse(source, environment)):
        walk.take(token)
    title, drafts, repeated = _titled(metadata.title, walk.drafts)
    return Article(
        title=title,
        language=metadata.language,
        blocks=number(_abbreviated(drafts, abbreviations(environment))),
        author=metadata.author,
        date=metadata.date,
        url=metadata.url,
        voice=metadata.voice,
        omissions=(*repeated, *walk.omissions),
        modified=metadata.modified,
        site=metadata.site,
        image=metadata.image,
        recording=metadata.recording,
        draft=metadata.draft,
    )


def _parser() -> MarkdownIt:
    # The rules for dollars are Pandoc's, so that "$5 and $6" stays money. Bare addresses are
    # left as text: the plugin that links them takes quadratic time.
    return (
        MarkdownIt("commonmark", {"maxNesting": DEEPEST + 20, **_OPTIONS})
        .enable(["table", "strikethrough"])
        .use(footnote_plugin)
        .use(deflist_plugin)
        .use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
        .use(amsmath_plugin)
        .use(_bounded_tables)
        .use(dialects_plugin)
        .use(boxes_plugin)
        .use(mdx_plugin)
        .use(attrs_plugin, spans=True, allowed=("say", "lang"))
    )


def _bounded_tables(md: MarkdownIt) -> None:
    """Add a limit to the rule for tables: a row of one cell becomes as many as the table has
    columns, so that a kilobyte makes a thousand times as many cells as it has."""

    def bounded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        made = state.env.get("tokens_of_tables", 0)
        if made > len(state.src) + _TABLE_TOKENS:
            return False
        before = len(state.tokens)
        is_table = table(state, start, end, silent)
        state.env["tokens_of_tables"] = made + len(state.tokens) - before
        return is_table

    md.block.ruler.at("table", bounded, {"alt": ["paragraph", "reference"]})


def _titled(told: str, drafts: Sequence[Draft]) -> tuple[str, list[Draft], tuple[Omission, ...]]:
    """The title, the drafts without the heading that says it, and what lists that heading where
    the front matter has told the title already."""
    key = letters(told)
    for i, draft in enumerate(drafts):
        is_title = letters(draft.text) == key if key else draft.level == 1
        if draft.kind == "heading" and is_title:
            rest = [*drafts[:i], *drafts[i + 1 :]]
            repeated = (omission(draft.text, "repeats the title"),) if key else ()
            return told or draft.text, rest, repeated
    return told, list(drafts), ()


def _abbreviated(drafts: Sequence[Draft], defined: Sequence[Abbreviation]) -> list[Draft]:
    """The drafts with a mark on each abbreviation whose meaning the text tells."""
    if not defined:
        return list(drafts)
    meanings = {each.written: each.meaning for each in defined}
    longest_first = sorted(map(re.escape, meanings), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")

    def marked(draft: Draft) -> Draft:
        found = [
            Mark("abbr", match.start(), match.end(), meanings[match[0]])
            for match in pattern.finditer(draft.text)
        ]
        marks = sorted([*draft.marks, *found], key=lambda mark: (mark.start, -mark.end))
        return replace(draft, marks=tuple(marks))

    return [draft if draft.kind in ("code", "formula") else marked(draft) for draft in drafts]


def _balanced(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens without those that close what none of them opened, as footnotes in footnotes
    leave them."""
    opened: Counter[str] = Counter()
    for token in tokens:
        kind = token.type.removesuffix("_close").removesuffix("_open")
        if token.nesting < 0 and not opened[kind]:
            continue
        opened[kind] += token.nesting
        yield token
