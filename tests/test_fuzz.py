"""`make fuzz` finds what it looks for, keeps it and says how to see it again; and what it begins
with is read as it should be."""

from __future__ import annotations

import json
import platform
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

FUZZ = Path(__file__).parent / "fuzz"
sys.path.append(str(FUZZ))

import fuzz_wire  # noqa: E402
from fuzz_oracle import judge, shrunk  # noqa: E402
from fuzz_targets import TARGETS, Target  # noqa: E402

from narrator.errors import SourceUnreadable  # noqa: E402

_numbers = count()


def nothing() -> Iterator[bytes]:
    return iter(())


def spins(data: bytes) -> None:
    end = time.process_time() + 1.5
    while time.process_time() < end:
        pass


def fails(data: bytes) -> None:
    if b"x" in data:
        raise ValueError("x")


def refuses(data: bytes) -> None:
    raise SourceUnreadable("It is no document. Give another.")


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (fails, "ValueError in test_fuzz.py:fails"),
        (lambda data: next(_numbers), "answers differ"),
        (spins, "slow"),
        (lambda data: len(b"x" * 300_000_000), "memory"),
        (refuses, None),
        (len, None),
    ],
)
def test_what_is_wrong_is_found(read: Callable[[bytes], object], kind: str | None) -> None:
    found = judge(Target(read, nothing), b"ax")
    assert (found and found.kind) == kind


def test_a_word_that_is_invented_is_found() -> None:
    real = TARGETS["html"]
    page = b"<article><h1>Tea</h1><p>It was <b>wa</b>rm &amp; late.</p></article>"
    assert judge(real, page) is None
    other = Target(lambda data: real.read(page.replace(b"late", b"early")), nothing, real.invented)
    found = judge(other, page)
    assert found is not None
    assert (found.kind, found.detail) == ("a word is invented", "'early'")


def test_a_finding_is_made_small() -> None:
    assert shrunk(b"a" * 300 + b"xy" + b"b" * 500, lambda data: b"xy" in data) == b"xy"


@pytest.mark.parametrize("name", TARGETS)
def test_what_it_begins_with_is_read(name: str) -> None:
    seeds = list(TARGETS[name].seeds())
    assert len(seeds) > 1
    for seed in random.Random(7).sample(seeds, min(8, len(seeds))):
        assert judge(TARGETS[name], seed) is None


def test_requests_are_of_many_kinds() -> None:
    dice = random.Random(1)
    made = {fuzz_wire.input_of(dice) for _ in range(200)}
    assert len(made) == 200
    assert any(b"chunked" in data for data in made)
    assert any(fuzz_wire.SPLIT in data for data in made)


def test_a_service_answers_whatever_it_is_sent() -> None:
    dice = random.Random(5)
    with fuzz_wire.wire() as one:
        found = {finding for _ in range(40) if (finding := one.judge(fuzz_wire.input_of(dice)))}
    assert found == set()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="atheris has wheels for x86_64 only")
def test_it_runs_for_as_long_as_it_is_told(tmp_path: Path) -> None:
    command: list[str | Path] = [
        sys.executable,
        FUZZ,
        "--minutes",
        "0.1",
        "--only",
        "site-map",
        "--folder",
        tmp_path,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "site-map: " in done.stderr
    assert "0 findings" in done.stdout
    assert list((tmp_path / "corpus/site-map").iterdir())


@pytest.mark.skipif(platform.machine() != "x86_64", reason="atheris has wheels for x86_64 only")
def test_a_finding_is_kept_and_can_be_seen_again(tmp_path: Path) -> None:
    """The reader of site maps is damaged for once."""
    code = f"""
import sys
sys.path.insert(0, {str(FUZZ)!r})
sys.argv = ["fuzz_child.py", "site-map", {str(tmp_path)!r}, "-runs=200", "-seed=1"]
import narrator.reading.sitemap as sitemap
sitemap.read_sitemap = lambda data, url: [][len(data) > 2]
exec(compile(open({str(FUZZ / "fuzz_child.py")!r}).read(), "fuzz_child.py", "exec"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    (finding,) = [one for one in told if "kind" in one]
    assert finding["kind"].startswith("IndexError")
    assert len(Path(finding["path"]).read_bytes()) <= 3
    again: list[str | Path] = [
        sys.executable,
        FUZZ,
        "--only",
        "site-map",
        "--input",
        finding["path"],
    ]
    seen = subprocess.run(again, capture_output=True, text=True)
    assert (seen.returncode, seen.stdout) == (0, "As it should be.\n")  # It is whole again.
