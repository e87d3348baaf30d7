"""How many abbreviations in capitals are read as people say them, as a word or letter by letter.

    python benchmarks/acronyms.py

Asked are those of `tests/acronyms.txt`: espeak-ng alone, our rule for words that are in no list
of ours, and both together as they ship; in the half that was looked at while the rule was made,
and in the other. (What was wrong in either is in the lists since, so "as shipped" is no test.)
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hearing import Ear, acronyms

from narrator.engines.catalogue import default_voice
from narrator.engines.piper import PiperEngine
from narrator.languages.en.capitals import sounds_like_a_word

ACRONYMS = Path(__file__).parents[1] / "tests" / "acronyms.txt"


def main() -> None:
    ear = Ear(PiperEngine(default_voice("en")))
    right: dict[str, Counter[str]] = {}
    for part, word, letters in acronyms(ACRONYMS):
        score = right.setdefault(part, Counter())
        score["all"] += 1
        score["espeak"] += ear.names_letters(word, raw=True) == letters
        score["rule"] += sounds_like_a_word(word) != letters
        score["shipped"] += ear.names_letters(word) == letters
    print(f"{'':14}{'of':>6}{'espeak':>9}{'rule':>9}{'shipped':>9}")
    for part, score in right.items():
        print(f"{part:14}{score['all']:6}" + "".join(
            f"{score[who] / score['all']:9.1%}" for who in ("espeak", "rule", "shipped")
        ))  # fmt: skip


if __name__ == "__main__":
    main()
