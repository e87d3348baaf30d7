"""Drafts become Blocks: text as a reader sees it, and an id that edits elsewhere leave alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from narrator.model import Block, BlockKind, Mark, Omission, Treatment, fingerprint
from narrator.reading.inline import INVISIBLE, composed

ID_DIGITS = 16
"""Hexadecimal digits of a block id: 64 bits, enough for billions of blocks."""

_EXCERPT = 160
"""Characters of an omission's text that are kept."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A Block that has no id yet; the fields are those of Block."""

    kind: BlockKind
    text: str
    level: int = 0
    label: str = ""
    marks: tuple[Mark, ...] = ()
    selector: str = ""
    treatment: Treatment | Literal[""] = ""
    rows: int = 0


def number(drafts: Iterable[Draft]) -> tuple[Block, ...]:
    """The drafts with their ids, in order.

    An id hashes kind, normalized text and how many equal ones came before: to edit, add or remove
    one block leaves the ids of all others as they were, save among equals.
    """
    seen: Counter[tuple[str, str]] = Counter()
    blocks = []
    for draft in drafts:
        identity = (draft.kind, normalized(draft.text))
        scheme, _, digest = fingerprint("b1", *identity, seen[identity]).partition("-")
        seen[identity] += 1
        blocks.append(
            Block(
                f"{scheme}-{digest[:ID_DIGITS]}",
                draft.kind,
                draft.text,
                draft.level,
                draft.label,
                draft.marks,
                draft.selector,
                draft.treatment,
                draft.rows,
            )
        )
    return tuple(blocks)


def normalized(text: str) -> str:
    """The text as ids and comparisons see it: composed, visible, white space collapsed."""
    return " ".join(INVISIBLE.sub("", composed(text)).split())


def letters(text: str) -> str:
    """Only the letters and digits, in lower case: what remains equal when a page says the same
    thing twice with other punctuation."""
    return "".join(filter(str.isalnum, text.casefold()))


def preformatted(text: str) -> str:
    """The lines of a code block without the empty ones around them and the blanks at their ends."""
    lines = [line.rstrip() for line in INVISIBLE.sub("", text).splitlines()]
    return "\n".join(lines).strip("\n")


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit to be said."""
    return any(map(str.isalnum, text))


def omission(text: str, reason: str) -> Omission:
    """The text left out, shortened to what a person needs to find it."""
    line = normalized(text)
    if len(line) > _EXCERPT:
        line = f"{line[:_EXCERPT].rstrip()}…"
    return Omission(line, reason)
