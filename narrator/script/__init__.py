"""Article -> Script: what will be said, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice

from narrator.errors import UnknownLanguage
from narrator.languages import language as rules_of
from narrator.model import Article, Omission, Script, Sentence
from narrator.roll import Roll
from narrator.script.elements import block_sentences, notice_sentences, title_sentences
from narrator.script.lexicon import Lexicon, shipped_lexicon
from narrator.script.pauses import paced
from narrator.script.phrasing import capitalized, phrase
from narrator.script.sentences import Diction, passages
from narrator.style import USUAL, Pauses

__all__ = ["speakable", "write_script"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")


def write_script(
    article: Article,
    *,
    language: str = "",
    lexicon: Lexicon | None = None,
    notice: str = "",
    notice_first: bool = False,
    pauses: Pauses = USUAL,
    emoji: bool = False,
) -> Script:
    """What will be said of an article: the title, then the body.

    `language` rules over the article's own; without either, or where there are no rules for it,
    UnknownLanguage. Without a `lexicon` the one shipped for the language is used. A `notice` is
    said after the article, or before it. With `emoji` their names are said; else they are left
    out.
    """
    code = language or article.language
    diction = _diction(code, lexicon, emoji)

    omissions = list(article.omissions)
    body = _body(article, diction, omissions)
    first = list(islice(body, 1))
    said = notice_sentences(notice, diction) if first else []
    whole = chain(said, first, body) if notice_first else chain(first, body, said)
    return Script(code, Roll(paced(whole, pauses)), tuple(omissions))


def _body(article: Article, diction: Diction, omissions: list[Omission]) -> Iterator[Sentence]:
    """The sentences of the title and the blocks, as they are asked for; what is left out on the way
    is added to `omissions`."""
    blocks = (block_sentences(block, diction) for block in article.blocks)
    for sentences, left_out in chain([title_sentences(article, diction)], blocks):
        omissions += left_out
        yield from sentences


def speakable(
    text: str, *, language: str = "en", lexicon: Lexicon | None = None, emoji: bool = False
) -> str:
    """A plain text as it is spoken: "It cost $5." is "It cost five dollars.".

    Paragraphs stay apart by an empty line. What is speakable already comes back as it is. Lone
    surrogates, which stand for no character, count as U+FFFD.
    """
    diction = _diction(language, lexicon, emoji)
    whole = _SURROGATE.sub("\ufffd", text)
    paragraphs = (_spoken(part, diction) for part in _PARAGRAPH_BREAK.split(whole))
    return "\n\n".join(filter(None, paragraphs))


def _spoken(paragraph: str, diction: Diction) -> str:
    first, *others = [
        phrase(passage.tokens, closed=False)[0] for passage in passages(paragraph, (), diction)[0]
    ] or [""]
    # What was a sentence of its own still is one when all that told so, a bracket or an ellipsis,
    # is gone. "iPhone" keeps its own capital.
    apart = (capitalized(other) if other.split()[0].islower() else other for other in others)
    return " ".join((first, *apart))


@lru_cache(maxsize=8)
def _diction(code: str, lexicon: Lexicon | None, emoji: bool) -> Diction:
    """How words are said; kept, with the words that it has looked up."""
    if not code:
        raise UnknownLanguage(
            "The article does not say its language. Name it: --language en, or a line "
            "'language: en' in the front matter."
        )
    rules = rules_of(code)
    return Diction(rules, shipped_lexicon(rules.code) if lexicon is None else lexicon, emoji)
