"""Cases of written words and how they are said, and what makes two ways of saying them the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path


def cases(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Line number, what is written and the ways in which it may be spoken."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if "=>" in line and not line.lstrip().startswith("# "):
            written, _, answers = line.partition("=>")
            yield number, written.strip(), [answer.strip() for answer in answers.split(" | ")]


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
