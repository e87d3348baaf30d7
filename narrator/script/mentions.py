"""Which sentences of a script say a word: what a change of its pronunciation would touch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from narrator.model import Script, Sentence, primary_language
from narrator.script.entries import Entry
from narrator.script.lexicon import Lexicon, lexicon_of


@dataclass(frozen=True, slots=True)
class Mention:
    """A sentence that says what was looked for."""

    sentence: Sentence
    times: int


def wanted(forms: Iterable[str]) -> Lexicon:
    """Finds the forms as a lexicon does: a form with a capital as it is written, any other in every
    case; with their plurals and possessives."""
    return lexicon_of(
        Entry(" ".join(form.split()), "word", case=any(map(str.isupper, form))) for form in forms
    )


def mentions(script: Script, forms: Lexicon) -> tuple[Mention, ...]:
    """The sentences that say one of the forms, on the page or only when spoken, in order."""
    language = primary_language(script.language)
    counted = (
        Mention(
            sentence,
            len(forms.matches(sentence.source, language))
            or len(forms.matches(sentence.spoken, language)),
        )
        for sentence in script.sentences
    )
    return tuple(mention for mention in counted if mention.times)
