"""Cases of written words and how they are said, and what makes two ways of saying them the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from narrator.engines.piper import PiperEngine
from narrator.languages.en.initialisms import letter_phonemes
from narrator.model import Article, Block, Sentence, Word
from narrator.script import write_script
from narrator.script.lexicon import Lexicon, shipped_lexicon


def cases(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Line number, what is written and the ways in which it may be spoken."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if "=>" in line and not line.lstrip().startswith("# "):
            written, _, answers = line.partition("=>")
            yield number, written.strip(), [answer.strip() for answer in answers.split(" | ")]


def acronyms(path: Path) -> Iterator[tuple[str, str, bool]]:
    """Part of the file, abbreviation, and whether it is read by its letters."""
    part = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            part = line[2:]
        elif line:
            word, reading = line.split()
            yield part, word, reading == "letters"


def words_of(text: str) -> str:
    """The words alone, for comparison: case and punctuation are no matter."""
    bare = text.casefold().replace("’", "'")
    bare = re.sub(r"(?<=\w)\.(?=\w)|(?<=\b\w)\.", "", bare)
    bare = re.sub(r"(?<!\w)'|'(?!\w)", " ", bare)  # A quotation mark, or a plural's apostrophe.
    return " ".join(re.sub(r"[^\w'\s]", " ", bare).split())


def sounds(phonemes: str) -> str:
    """The sounds alone: without stress, blanks, punctuation and the glide between vowels."""
    return re.sub(r"[ˈˌʲː\s.,;:?!]", "", phonemes)


def pauses(phonemes: str) -> int:
    """How many clauses end before the last."""
    return len(re.findall(r"[.,;:?!]+(?=\s*\S)", phonemes.strip()))


def _once(phonemes: str) -> str:
    """The sounds, with one r where that of a letter's name meets the next."""
    return sounds(phonemes).replace("ɹɹ", "ɹ")


def same_heard(said: str, readings: list[tuple[str, str]]) -> bool:
    """Whether phonemes are those of one of the readings, each (text, its phonemes), with no pause
    that the reading has not."""
    # espeak swallows the comma of "D.C., has"; a comma that the reading has is no false pause.
    most = [
        max(pauses(sound), len(re.findall(r"[,;:?!]\s", text)))
        for text, sound in readings
        if sounds(sound) == sounds(said)
    ]
    return bool(most) and pauses(said) <= max(most)


class Ear:
    """The phonemizer of a voice."""

    def __init__(self, engine: PiperEngine) -> None:
        self._engine = engine
        self._lexicon = shipped_lexicon("en")

    def plain(self, text: str) -> str:
        """Phonemes of a text as piper makes them."""
        return self._engine.model.phonemes(text)

    def ours(self, text: str, lexicon: Lexicon | None = None) -> str:
        """Phonemes of a text as narrator makes them, with the shipped lexicon or another."""
        article = Article("", "en", blocks=(Block("1", "paragraph", text),))
        sentences = write_script(article, lexicon=lexicon).sentences
        return " ".join(map(self._engine.phonemes, sentences))

    def names_letters(self, word: str, *, raw: bool = False) -> bool:
        """Whether an abbreviation in capitals is read by its letters; raw: by espeak alone."""
        letters = self.plain("Members of") + letter_phonemes(word)
        said = (self.plain if raw else self.ours)(f"Members of {word} met.")
        return _once(said).startswith(_once(letters))

    def readings(self, answer: str) -> Iterator[tuple[str, str]]:
        """The reading and its phonemes: as espeak reads it, and with the names as our lexicon has
        them, for espeak misreads the names of the readings too."""
        yield answer, self.plain(answer)
        pieces: list[str] = []
        words: list[Word] = []
        at = place = 0
        for change in self._lexicon.changes(answer, "en"):
            pieces += [answer[at : change.start], change.spoken]
            place += change.start - at
            end = place + len(change.spoken)
            words.append(Word(place, end, change.start, change.end, "", change.phonemes))
            at, place = change.end, end
        if words:
            said = "".join([*pieces, answer[at:]])
            whole = Sentence("1", "paragraph", 0, len(answer), answer, said, tuple(words), 0.0)
            yield answer, self._engine.phonemes(whole)
