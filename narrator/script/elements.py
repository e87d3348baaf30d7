"""Which blocks become speech, and how: one table from the kind of a block to its policy.

A policy takes a block and the diction and gives its passages and what it leaves out. POLICIES is
what is usual for a kind; what the page or its site asks for (`Block.treatment`) comes before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from narrator.model import (
    NOTICE,
    TITLE,
    Article,
    Block,
    BlockKind,
    Omission,
    Sentence,
    SentenceKind,
)
from narrator.script.announcing import announcement
from narrator.script.phrasing import Stop, Token, phrase
from narrator.script.sentences import Diction, Passage, passages

Reading = tuple[tuple[Passage, ...], tuple[Omission, ...]]
Policy = Callable[[Block, Diction], Reading]

_EXCERPT = 80
"""Characters of an omission's text that are kept."""

_LABEL = re.compile(r"\w+(?:\.\w+)*")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_ROMAN_LABEL = re.compile(r"(?=[ivx])(?:xl|x{0,3})(?:ix|iv|v?i{0,3})")


def read(block: Block, diction: Diction) -> Reading:
    """The sentences of the text."""
    return passages(block.text, block.marks, diction)


def read_item(block: Block, diction: Diction) -> Reading:
    """The sentences of the text, the number before it said first: "Three: ..."."""
    found, omissions = read(block, diction)
    label = _LABEL.search(block.label)
    if not found or label is None:
        return found, omissions
    number = diction.words(_spelled_label(label[0]), found[0].start, "list number")
    first = Passage(found[0].start, found[0].end, (*number, Stop(":"), *found[0].tokens))
    return (first, *found[1:]), omissions


def read_row(block: Block, diction: Diction) -> Reading:
    """One sentence of all cells, each after its header: "Country: Peru; area: ..."."""
    read_tokens: list[Token] = []
    omissions: list[Omission] = []
    headers = {mark.start: mark.value for mark in block.marks if mark.kind == "cell"}
    for start, end in _cells(block.text):
        found, left_out = passages(block.text, block.marks, diction, start=start, end=end)
        omissions += left_out
        if not found:
            continue
        header = headers.get(start, "").strip()
        if header and header != block.text[start:end].strip():
            read_tokens += (*diction.words(header, found[0].start, "table header"), Stop(":"))
        read_tokens += (token for passage in found for token in passage.tokens)
        read_tokens.append(Stop(";"))
    if not read_tokens:
        return (), tuple(omissions)
    return (Passage(0, len(block.text), tuple(read_tokens)),), tuple(omissions)


def leave_out(reason: str) -> Policy:
    """A policy that says nothing of the block and lists it with the reason."""

    def left_out(block: Block, diction: Diction) -> Reading:
        return (), (Omission(_excerpt(block.text), reason),)

    return left_out


def announce(block: Block, diction: Diction) -> Reading:
    """A sentence that tells what stands here; what it stands for is left out."""
    text = announcement(block, diction.rules.code)
    omissions = (Omission(_excerpt(block.text), _named(block)),) if block.text else ()
    if not text:
        return (), omissions
    return (Passage(0, 0, diction.words(text, 0, "announcement")),), omissions


def read_cells(block: Block, diction: Diction) -> Reading:
    """One sentence of all cells, without their headers."""
    bare = tuple(mark for mark in block.marks if mark.kind != "cell")
    return read_row(replace(block, marks=bare), diction)


def _named(block: Block) -> str:
    name = _NAMES.get(block.kind, block.label or "part of the page")
    return f"{name}, announced"


_NAMES: Mapping[str, str] = {
    "caption": "caption", "code": "code block", "formula": "formula", "table_row": "table",
}  # fmt: skip

POLICIES: Mapping[BlockKind, Policy] = {
    "heading": read,
    "paragraph": read,
    "list_item": read_item,
    "quote": read,
    "caption": read,
    "table_row": read_row,
    "code": announce,
    "formula": announce,
    "embed": announce,
}


def _policy(block: Block) -> Policy:
    """What is asked for the block, else what is usual for its kind."""
    if block.treatment == "announce":
        return announce
    if block.treatment == "skip":
        return leave_out(_named(block))
    if block.treatment == "read" and block.kind == "table_row":
        return read_cells
    if block.treatment and block.kind in ("code", "formula", "embed"):
        return read
    return POLICIES[block.kind]


def title_sentences(article: Article, diction: Diction) -> tuple[list[Sentence], list[Omission]]:
    """The title as it is spoken, and what of it is not."""
    found, omissions = passages(article.title, (), diction)
    sentences = [_sentence(passage, TITLE, "title", article.title) for passage in found]
    return sentences, list(omissions)


def notice_sentences(text: str, diction: Diction) -> list[Sentence]:
    """What a publisher has said along with an article, as it is spoken."""
    return [
        _sentence(passage, NOTICE, "notice", text) for passage in passages(text, (), diction)[0]
    ]


def block_sentences(block: Block, diction: Diction) -> tuple[list[Sentence], list[Omission]]:
    """The block as it is spoken, and what of it is not."""
    found, omissions = _policy(block)(block, diction)
    sentences = [_sentence(passage, block.id, block.kind, block.text) for passage in found]
    return sentences, [Omission(_excerpt(each.text), each.reason) for each in omissions]


def _sentence(passage: Passage, block: str, kind: SentenceKind, text: str) -> Sentence:
    spoken, words = phrase(passage.tokens)
    source = text[passage.start : passage.end]
    return Sentence(block, kind, passage.start, passage.end, source, spoken, words, pause=0.0)


def _cells(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for cell in text.split("\t"):
        yield start, start + len(cell)
        start += len(cell) + 1


def _spelled_label(label: str) -> str:
    """The label of a list item as the rules of a language can read it: "iv" is 4, "c" is C."""
    if not _ROMAN_LABEL.fullmatch(label.lower()):
        return label.upper() if len(label) == 1 else label
    values = [_ROMAN[letter] for letter in label.lower()]
    following = (*values[1:], 0)
    return str(sum(-one if one < two else one for one, two in zip(values, following, strict=True)))


def _excerpt(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT].rstrip()}…"
