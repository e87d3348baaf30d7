"""Sounds of a lexicon that the voices of a language never learnt: what a reader is to be told."""

from __future__ import annotations

from collections.abc import Iterator

from narrator.model import Sentence, primary_language
from narrator.script.entries import SOUNDS
from narrator.script.lexicon import ENTRY


def foreign_sounds(sentence: Sentence, language: str) -> Iterator[str]:
    """A warning for each word of the sentence whose IPA, given by a lexicon, holds a sound that is
    none of the language; nothing where its sounds are not known."""
    known = SOUNDS.get(primary_language(language))
    if not known:
        return
    for word in sentence.words:
        strange = [p for p in dict.fromkeys(word.phonemes) if p not in known and p != " "]
        if strange and word.rule == ENTRY:
            written = sentence.spoken[word.start : word.end]
            sounds = " and ".join(f"/{sound}/" for sound in strange)
            yield (
                f"The lexicon says {written!r} as /{word.phonemes}/, but {sounds} is no sound of "
                f"the language {language!r}: the voice says something else there, or nothing. "
                "Give it sounds of the language; `narrator lexicon check FILE` finds all."
            )
