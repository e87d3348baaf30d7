"""Fuzz what strangers send: documents, and the heads and trailers of requests.

    make fuzz MINUTES=10                    # all, in turn
    make fuzz MINUTES=2 ONLY=html,feed
    make fuzz ONLY=html INPUT=.fuzz/found/html-0123456789ab   # what a finding did, again

Each finding is an input that raises an error that is not ours, takes time or memory out of
proportion, is answered differently the second time or in another process, or yields a word that it
does not hold. It is kept in .fuzz/found and printed with the command that repeats it; the corpus
grows in .fuzz/corpus. Exits with 1 where something was found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import fuzz_wire
from fuzz_oracle import digest, judge
from fuzz_targets import LONGEST, ROOT, TARGETS

FOLDER = ROOT / ".fuzz"
LONGEST_SECONDS = 30
"""After which one input counts as a hang."""
MEMORY_MB = 3000
"""Of the process that fuzzes."""

NAMES = (*TARGETS, "http")


def main() -> int:
    """The exit code."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--minutes", type=float, default=10.0)
    asked.add_argument("--only", type=lambda names: names.split(","), default=list(NAMES))
    asked.add_argument("--input", type=Path, help="judge this file, and do nothing else")
    asked.add_argument("--folder", type=Path, default=FOLDER, help="of the corpus and findings")
    asked.add_argument("--digest", action="store_true", help=argparse.SUPPRESS)
    told = asked.parse_args()
    unknown = set(told.only) - set(NAMES)
    if unknown:
        asked.error(f"no target {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}")
    if told.digest:
        return _digests(told.only[0], told.folder)
    if told.input:
        return _again(told.only, told.input)
    found = told.folder / "found"
    found.mkdir(parents=True, exist_ok=True)
    seconds = told.minutes * 60 / len(told.only)
    total = 0
    for name in told.only:
        run = _wire if name == "http" else _documents
        total += run(name, seconds, told.folder)
    print(f"{told.minutes:g} minutes, {len(told.only)} targets, {total} findings")
    return 1 if total else 0


def _again(names: list[str], path: Path) -> int:
    """Judge one input once more."""
    if len(names) != 1:
        print("Say of which target it is: ONLY=...", file=sys.stderr)
        return 2
    data = path.read_bytes()
    finding = fuzz_wire.judge(data) if names == ["http"] else judge(TARGETS[names[0]], data)
    print(f"{finding.kind}\n{finding.detail}" if finding else "As it should be.")
    return 1 if finding else 0


def _wire(name: str, seconds: float, folder: Path) -> int:
    findings, count = 0, 0
    for count, left, finding, path in fuzz_wire.fuzz(seconds, folder / "found"):
        if finding is not None:
            findings += 1
            _tell(name, finding.kind, finding.detail, str(path))
        _progress(name, f"{left:4.0f} s left, {count} requests, {findings} findings")
    print(f"\n{name}: {count} requests in {seconds:.0f} s, {findings} findings", flush=True)
    return findings


def _documents(name: str, seconds: float, folder: Path) -> int:
    """Run atheris for so long, once more where it was ended by a hang or for its memory."""
    corpus = folder / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in TARGETS[name].seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    words = folder / f"{name}.dict"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in TARGETS[name].words))
    findings, inputs = 0, 0
    deadline = time.monotonic() + seconds
    while (left := int(deadline - time.monotonic())) > 0:
        log = folder / f"{name}.log"
        with log.open("w") as into:
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("fuzz_child.py")), name,
                 str(folder / "found"), str(corpus), f"-dict={words}", f"-max_total_time={left}",
                 f"-max_len={LONGEST}", f"-timeout={LONGEST_SECONDS}",
                 f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={folder / 'found'}/{name}-"],
                stdout=subprocess.PIPE, stderr=into, text=True,
            )  # fmt: skip
        assert process.stdout is not None
        before = inputs
        for line in process.stdout:
            told = json.loads(line) if line.startswith("{") else {}
            inputs = before + told.get("inputs", inputs - before)
            if "kind" in told:
                findings += 1
                _tell(name, told["kind"], told["detail"], told["path"])
            _progress(
                name,
                f"{max(0.0, deadline - time.monotonic()):4.0f} s left, {inputs} inputs, "
                f"{findings} findings",
            )
        if process.wait():
            findings += 1
            tail = log.read_text("utf-8", "replace")[-3000:]
            kept = re.search(r"Test unit written to (\S+)", tail)
            _tell(
                name, f"the process ended with {process.returncode}", tail, kept[1] if kept else "?"
            )
            if inputs == before:
                break  # It cannot even begin.
    findings += _differing(name, folder)
    print(f"\n{name}: {inputs} inputs in {seconds:.0f} s, {findings} findings", flush=True)
    return findings


def _differing(name: str, folder: Path) -> int:
    """Compare what two processes, whose hashes of strings differ, make of the corpus."""
    told = [
        subprocess.run(
            [sys.executable, str(Path(__file__).parent), "--digest", "--only", name,
             "--folder", str(folder)],
            capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.splitlines()
        for seed in ("1", "2")
    ]  # fmt: skip
    differing = [one.split()[0] for one, other in zip(*told, strict=True) if one != other]
    for path in differing:
        _tell(name, "another process answers differently", "", path)
    return len(differing)


MOST_COMPARED = 300


def _digests(name: str, folder: Path) -> int:
    for path in sorted((folder / "corpus" / name).iterdir())[:MOST_COMPARED]:
        print(path, digest(TARGETS[name], path.read_bytes()))
    return 0


def _tell(name: str, kind: str, detail: str, path: str) -> None:
    print(
        f"\n{name}: {kind}\n{detail.rstrip()}\nagain: make fuzz ONLY={name} INPUT={path}",
        flush=True,
    )


class _Progress:
    """One line that changes; where it is no terminal, a line each half minute."""

    def __init__(self) -> None:
        self._told = -PATIENCE

    def __call__(self, name: str, what: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{name}: {what}\x1b[K", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._told > PATIENCE:
            self._told = time.monotonic()
            print(f"{name}: {what}", file=sys.stderr, flush=True)


PATIENCE = 30.0
"""Seconds between two lines of progress in a log."""

_progress = _Progress()


def _escaped(word: str) -> str:
    """As libFuzzer's dictionaries have it."""
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


if __name__ == "__main__":
    sys.exit(main())
