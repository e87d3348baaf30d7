"""Memory and time of whole narrations as the article grows: how flat, how straight.

An article of so many words is generated, every sentence of which is another; the tone engine speaks
up to 100,000 words, Piper up to 10,000. Ratios are to the shortest article of the same voice.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from narrator.bench.measured import finished

WORDS = tuple(
    "the voice of a reader was heard in every room and it cost five dollars to keep some "  # noqa: SIM905
    "machines have learned what people forgot when paper came into use after long winters".split()
)

PLAN = {"tone": (1_000, 10_000, 100_000), "en_US-joe-medium": (1_000, 10_000)}
"""Voice -> words."""


def main() -> None:
    """Measure and print a table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", choices=PLAN, help="only this one")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for voice, sizes in PLAN.items():
        if options.voice in (None, voice):
            rows += [measured(voice, words) for words in sizes]
    if options.json:
        print(json.dumps(rows))
        return
    print(f"{'voice':18}{'words':>8}{'seconds':>9}{'peak MB':>9}{'MB':>7}{'s/word':>8}")
    first: dict[str, dict[str, float]] = {}
    for row in rows:
        base = first.setdefault(str(row["voice"]), row)
        memory = row["peak_mb"] / base["peak_mb"]
        pace = row["seconds"] / row["words"] / (base["seconds"] / base["words"])
        print(f"{row['voice']:18}{row['words']:8}{row['seconds']:9.1f}{row['peak_mb']:9.0f}"
              f"{memory:6.2f}x{pace:7.2f}x")  # fmt: skip


def measured(voice: str, words: int) -> dict[str, float]:
    """One whole narration with an empty library."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        article = folder / "article.md"
        article.write_text(text(words))
        done = finished(
            [sys.executable, "-m", "narrator", "narrate", str(article), "--voice", voice, "--json",
             "-o", str(folder / "a.mp3"), "--library", str(folder / "library"), "--captions"]
        )  # fmt: skip
        told = json.loads(done.output)
    return {
        "voice": voice, "words": words, "seconds": done.seconds, "peak_mb": done.peak_mb,
        "sentences": told["sentences"], "plays": told["duration"],
    }  # fmt: skip


def text(words: int) -> str:
    """An article of about so many words, with a heading every thousand."""
    chosen = random.Random(words)
    lines = ["# A long article"]
    count = 0
    while count < words:
        if count // 1000 >= len([line for line in lines if line.startswith("## ")]):
            lines.append(f"## Part {count // 1000 + 1}")
        sentences = []
        for _ in range(chosen.randint(3, 6)):
            sentence = chosen.choices(WORDS, k=chosen.randint(6, 24))
            count += len(sentence)
            sentences.append(" ".join(sentence).capitalize() + ".")
        lines.append(" ".join(sentences))
    return "\n\n".join(lines)


if __name__ == "__main__":
    main()
