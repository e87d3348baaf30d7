"""What English costs: import, first sentence, memory, sentences a second, and hostile megabytes.

    python benchmarks/speakable.py [--rounds 5] [--hostile] [--json]

Each figure is that of a process of its own, in CPU seconds, the best of the rounds. The sentences
are those of `tests/heard` (each with numbers or names to read) and those of
`tests/heard/plain.txt` (plain prose); `speakable(text, language="en")` is asked for each, thrice.
`--hostile`: strings of a megabyte that are made to hurt, beside a megabyte of plain prose, each
also by how much longer it takes than a quarter of it (four times, where time is linear).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

HEARD = Path(__file__).parents[1] / "tests" / "heard"
MEGABYTE = 1_000_000

_IMPORT = """
import time, resource
start = time.process_time()
from narrator import speakable
loaded = time.process_time() - start
speakable("It was Dr. Lee's 3rd win for $5 on Jan. 5.", language="en")
first = time.process_time() - start - loaded
print(loaded, first, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
_SENTENCES = """
import sys, time, resource
from pathlib import Path
from narrator import speakable
texts = [line.partition(" => ")[0] for line in Path(sys.argv[1]).read_text().splitlines()
         if line and not line.startswith("#")]
speakable("It cost $5.", language="en")
seconds = 1e9
for _ in range(3):
    start = time.process_time()
    for text in texts:
        speakable(text, language="en")
    seconds = min(seconds, time.process_time() - start)
print(len(texts) / seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(texts))
"""
_HOSTILE = """
import sys, time
from narrator import speakable
text = sys.argv[1] * (int(sys.argv[2]) // len(sys.argv[1]))
speakable("It cost $5.", language="en")
start = time.process_time()
speakable(text, language="en")
print(time.process_time() - start)
"""

PLAIN = "The old man in the house by the river was said to be the last of his kind. "
HOSTILE = (
    "1", "/", ".", " ", "1-", "$", "a.", "1/", "1,", "1 ", "I", "(", "_", "@a.", "#", "A", "'",
    "1:", "a-", "http://", "é", "No. ", "[1]", "-", "*", "x 1", "\\n", "“", "a ", "1.1.", "^2",
    "€1,", "12/", "A.", "A-1", "St. ", "\\u0301", "Mr. ", "I. ", "...", "x=", "<", "1e", "1st ",
    "a_b", "CVE-", "1.1+a", "a_*_", "a$a", "WORTH ", "> ", "1N 1E ", "p<1 ", "(a", "1f ", "NNE of ",
)  # fmt: skip


def asked(code: str, *arguments: str) -> list[float]:
    """The numbers that a script prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--rounds", type=int, default=5, help="processes of each kind (%(default)s)"
    )
    parser.add_argument("--hostile", action="store_true", help="megabytes that are made to hurt")
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args()

    figures: dict[str, float] = {}
    runs = [asked(_IMPORT) for _ in range(options.rounds)]
    figures["import, s"], figures["first sentence, s"] = (
        min(run[i] for run in runs) for i in (0, 1)
    )
    figures["memory, MB"] = max(run[2] for run in runs)
    sets = {
        "sentences a second, each with something to read": [*sorted(HEARD.glob("en*.txt"))],
        "sentences a second, plain prose": [HEARD / "plain.txt"],
    }
    for name, paths in sets.items():
        told = [[asked(_SENTENCES, str(path)) for path in paths] for _ in range(options.rounds)]
        counts = [run[2] for run in told[0]]
        seconds = [
            sum(count / run[0] for count, run in zip(counts, runs_, strict=True)) for runs_ in told
        ]
        figures[name] = sum(counts) / min(seconds)
        figures["memory, MB"] = max(
            figures["memory, MB"], *(run[1] for runs_ in told for run in runs_)
        )
    if options.hostile:
        for piece in (PLAIN, *HOSTILE):
            text = piece.encode().decode("unicode_escape") if piece.startswith("\\") else piece
            quarter, whole = (
                asked(_HOSTILE, text, str(size))[0] for size in (MEGABYTE // 4, MEGABYTE)
            )
            name = "plain prose" if piece == PLAIN else repr(piece)
            figures[f"a megabyte of {name}, s"] = whole
            figures[f"  times a quarter of it, {name}"] = whole / quarter
            print(
                f"{name:16}{whole:8.2f} s, {whole / quarter:5.2f} times a quarter", file=sys.stderr
            )
    if options.json:
        json.dump(figures, sys.stdout)
        return
    for name, value in figures.items():
        print(f"{name:50}{value:10.2f}")


if __name__ == "__main__":
    main()
