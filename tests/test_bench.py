"""`narrator bench`: it measures real commands and says honestly what it saw."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from narrator.bench.contenders import CONTENDERS
from narrator.bench.measured import Run, finished
from narrator.bench.report import Report, as_json, noise_of
from narrator.errors import BenchError


@pytest.mark.timeout(300)
def test_it_measures_every_contender(tmp_path: Path) -> None:
    article = tmp_path / "short.md"
    article.write_text("# A short one\n\nIt cost $5 then. Nobody knew why.\n")
    command = [sys.executable, "-m", "narrator", "bench", str(article), "--json", "--rounds", "1"]
    done = subprocess.run(
        [*command, "--sounds", "1", "-o", str(tmp_path / "out")],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    measured = json.loads(done.stdout)
    assert list(measured["contenders"]) == [contender.name for contender in CONTENDERS]
    for told in measured["contenders"].values():
        (run,) = told["runs"]
        assert 1 < run["plays"] < 30
        assert 0 < run["cpu_seconds"] < 120
        assert 50 < run["peak_mb"] < 2000
    assert measured["contenders"]["narrator"]["ratio"] == 1
    assert len(measured["first_sound"]) == 4
    assert sum(stage["cpu_seconds"] for stage in measured["stages"]) > 0.1
    assert json.loads((tmp_path / "out" / "bench.json").read_text()) == measured
    assert (tmp_path / "out" / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_a_noisy_machine_is_said_to_be_one() -> None:
    def report(*seconds: float) -> Report:
        runs = [Run(value, value, 100.0, 10.0) for value in seconds]
        return Report({}, 0.0, 100, {"narrator": runs}, {}, [])

    assert "not quiet" in noise_of(report(1.0, 1.0, 1.3))
    assert "not quiet" not in noise_of(report(1.0, 1.02))


def test_ratios_are_those_of_the_medians() -> None:
    ours = [Run(2.0, 3.0, 100.0, 10.0)] * 3
    theirs = [Run(seconds, 3.0, 100.0, 10.0) for seconds in (2.0, 3.0, 30.0)]
    values = as_json(Report({}, 0.0, 100, {"narrator": ours, "piper": theirs}, {}, []))
    assert values["contenders"]["piper"]["ratio"] == 1.5
    assert values["contenders"]["narrator"]["rtf"] == 0.2


def test_a_command_that_fails_is_named_with_its_complaint() -> None:
    with pytest.raises(BenchError, match="exit code 3: no such thing"):
        finished(
            [
                sys.executable,
                "-c",
                "import sys; print('no such thing', file=sys.stderr); sys.exit(3)",
            ]
        )
