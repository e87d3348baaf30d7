"""What an edit of one sentence costs, against the first narration of the article.

Two ways: `narrator narrate` as a whole process, which loads the voice each time, and a process that
has it loaded, as a service has. By turns; medians, by the clock and in CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from narrator import Narration, narrate, read
from narrator.bench.measured import finished
from narrator.packed import packed

WARM_UP = "The voice is loaded by this sentence."


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", default="en_US-joe-medium")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    text = packed("examples/article.md").read_text("utf-8")
    for name, measured in (("whole process", as_process), ("voice loaded", in_process)):
        rounds = [measured(text, options.voice, number) for number in range(options.rounds)]
        for what, place in (("clock", 0), ("CPU", 1)):
            first = statistics.median(first[place] for first, _ in rounds)
            edited = statistics.median(edited[place] for _, edited in rounds)
            print(f"{name:14} {what:6} first {first:6.2f} s, edited {edited:5.2f} s: "
                  f"{edited / first:6.1%}")  # fmt: skip


def edit(text: str, number: int) -> str:
    """The article with another first sentence in a paragraph in its middle."""
    blocks = text.split("\n\n")
    middle = next(i for i in range(len(blocks) // 2, len(blocks)) if blocks[i][:1].isalpha())
    blocks[middle] = f"Nobody had expected what came in year {number + 2} of it. {blocks[middle]}"
    return "\n\n".join(blocks)


Cost = tuple[float, float]
"""Seconds by the clock, and of CPU."""


def as_process(text: str, voice: str, number: int) -> tuple[Cost, Cost]:
    """The first narration and that of the edited article, a process each."""
    with tempfile.TemporaryDirectory() as folder:
        article = Path(folder) / "article.md"
        costs = []
        for content, spoken in ((text, None), (edit(text, number), 1)):
            article.write_text(content, "utf-8")
            done = finished(
                [sys.executable, "-m", "narrator", "narrate", str(article), "--voice", voice,
                 "--json", "-o", str(article.with_suffix(".mp3")), "--library", f"{folder}/kept"]
            )  # fmt: skip
            assert spoken in (None, json.loads(done.output)["spoken"])
            costs.append((done.seconds, done.cpu_seconds))
    return costs[0], costs[1]


def in_process(text: str, voice: str, number: int) -> tuple[Cost, Cost]:
    """The same in this process, which has loaded the voice."""
    with tempfile.TemporaryDirectory() as folder:

        def narrated(content: str) -> Narration:
            article = read(content, format="markdown")
            return narrate(article, voice=voice, output=f"{folder}/a.mp3", library=f"{folder}/kept")

        narrated(WARM_UP)
        costs = []
        for content, spoken in ((text, None), (edit(text, number), 1)):
            began = perf_counter(), process_time()
            made = narrated(content)
            costs.append((perf_counter() - began[0], process_time() - began[1]))
            assert spoken in (None, made.spoken)
    return costs[0], costs[1]


if __name__ == "__main__":
    main()
