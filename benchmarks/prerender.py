"""A whole site prerendered: articles an hour from nothing, unchanged, and with 5 % of them edited;
what `check` costs beside the speaking; memory; and a shell loop beside it.

The site is generated, every sentence of it another. The loop does what people do without us: for
each article `python -m piper` on its plain text, then ffmpeg makes an MP3 (no mastering, captions,
chapters, feed, nothing kept). CPU seconds tell more than the clock where others use the machine.

    python benchmarks/prerender.py --voice en_US-joe-medium --articles 20 --against-shell
    python benchmarks/prerender.py --voice tone --articles 200
    python benchmarks/prerender.py --voice tone --articles 10000 --words 40
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from narrator.bench.measured import Finished, finished, machine
from narrator.engines.catalogue import default_voice, voice_paths
from narrator.errors import BenchError

WORDS = tuple(
    "the ferry crossed a quiet bay while its captain told old stories about lemons bread and rain "  # noqa: SIM905
    "nobody in town remembered when this harbour first burned or who paid for new lamps".split()
)

EDITED = 20
"""Every so many-th article is edited: 5 % of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command over the whole site."""

    name: str
    seconds: float
    cpu: float
    """CPU seconds, those of child processes too."""
    peak_mb: float
    spoken: int
    """Sentences spoken."""
    plays: float
    """Seconds of audio that were made."""


def main() -> None:
    """Measure and print a table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--voice", default="tone")
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--words", type=int, default=300, help="of each article, about")
    parser.add_argument("--against-shell", action="store_true", help="needs ffmpeg")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.against_shell and shutil.which("ffmpeg") is None:
        raise BenchError("The shell loop needs ffmpeg. Install it, or leave --against-shell out.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder / "content", options.articles, options.words)
        steps = measured(folder, options.voice)
        if options.against_shell:
            steps.append(shell_loop(folder))
    if options.json:
        fields = [{name: getattr(step, name) for name in Step.__slots__} for step in steps]
        print(json.dumps({"articles": options.articles, "machine": machine(), "steps": fields}))
        return
    print(f"{options.articles} articles of about {options.words} words, {options.voice}")
    print(f"{'':20}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}{'sentences':>11}{'audio s':>9}"
          f"{'articles/h':>12}{'of cold CPU':>13}")  # fmt: skip
    for step in steps:
        pace = options.articles / step.seconds * 3600
        print(f"{step.name:20}{step.seconds:9.1f}{step.cpu:9.1f}{step.peak_mb:9.0f}"
              f"{step.spoken:11,}{step.plays:9.0f}{pace:12,.0f}"
              f"{step.cpu / steps[0].cpu:12.2%}")  # fmt: skip


def generate(content: Path, articles: int, words: int) -> None:
    """So many articles in folders of a hundred."""
    for number in range(articles):
        path = content / f"part-{number // 100:03}" / f"article-{number:05}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(number, words))


def text(number: int, words: int) -> str:
    """An article of about so many words, its sentences unlike those of all others."""
    chosen = random.Random(number)
    paragraphs = []
    count = 0
    while count < words:
        sentences = []
        for _ in range(min(4, 1 + words // 40)):
            sentence = chosen.choices(WORDS, k=chosen.randint(8, 18))
            count += len(sentence)
            sentences.append(f"{' '.join(sentence).capitalize()}.")
        paragraphs.append(" ".join(sentences))
    head = f"---\ntitle: Article number {number}\ndate: 2024-01-{number % 28 + 1:02}\n---\n\n"
    middle = len(paragraphs) // 2
    parts = [*paragraphs[:middle], "## What came of it", *paragraphs[middle:]]
    return head + "\n\n".join(parts) + "\n"


def measured(folder: Path, voice: str) -> list[Step]:
    """The runs of one site: from nothing, unchanged, edited, checked."""
    content, out = folder / "content", folder / "out"
    run = [
        "prerender", str(content), "-o", str(out), "--voice", voice, "--json",
        "--library", str(folder / "library"), "--url", "https://example.org/",
    ]  # fmt: skip
    steps = [step("cold", narrator(*run)), step("unchanged", narrator(*run))]
    for number, path in enumerate(sorted(content.rglob("*.md"))[::EDITED]):
        path.write_text(f"{path.read_text().rstrip()} Sentence {number} was added to it.\n")
    steps.append(step("5 % edited", narrator(*run)))
    # In the folder that prerender worked in, so that the ids of the articles are the same.
    steps.append(step("check", narrator("check", str(out), str(content), "--json")))
    steps.append(step("check --deep", narrator("check", str(out), "--deep", "--json")))
    return steps


def narrator(*arguments: str) -> Finished:
    return finished([sys.executable, "-m", "narrator", *arguments])


def step(name: str, done: Finished) -> Step:
    """What a command took, and what its last line says that it made."""
    told = json.loads(done.output.splitlines()[-1])
    return Step(
        name, done.seconds, done.cpu_seconds, done.peak_mb, told.get("spoken", 0), told["duration"]
    )


def shell_loop(folder: Path) -> Step:
    """The same articles by a loop over `python -m piper` and ffmpeg."""
    model = voice_paths(default_voice("en"))[0]
    target = folder / "loop"
    target.mkdir()
    script = (
        'for article in "$1"/*/*.md; do\n'
        '  name=$(basename "$article" .md)\n'
        "  sed -e '1,/^---$/{/^---$/!d}' -e '/^---$/d' -e 's/^#* *//' \"$article\" |\n"
        '    "$3" -m piper -m "$4" -f "$2/$name.wav" 2>/dev/null\n'
        '  ffmpeg -v error -y -i "$2/$name.wav" -b:a 64k "$2/$name.mp3" && rm "$2/$name.wav"\n'
        "done\n"
        'for made in "$2"/*.mp3; do ffprobe -v error -show_entries format=duration '
        '-of csv=p=0 "$made"; done\n'
    )
    done = finished(
        ["sh", "-c", script, "loop", str(folder / "content"), str(target), sys.executable,
         str(model)]
    )  # fmt: skip
    lengths = [float(line) for line in done.output.split()]
    if len(lengths) != len(list((folder / "content").rglob("*.md"))):
        raise BenchError(f"The shell loop made {len(lengths)} files.")
    return Step("shell loop", done.seconds, done.cpu_seconds, done.peak_mb, 0, sum(lengths))


if __name__ == "__main__":
    main()
