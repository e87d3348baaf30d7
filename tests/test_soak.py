"""The long kills, run by `make soak`: whatever stops a narration, running it again completes it."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from test_cli import NARRATOR, run
from waiting import PATIENCE

ROUNDS = 30


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_thirty_kills_at_random_moments(tmp_path: Path, library: Path) -> None:
    """Half are kill -9, half Ctrl-C; nothing is damaged or half written, nothing spoken is lost,
    and the bytes at the end are those of an undisturbed run."""
    path = tmp_path / "long.md"
    path.write_text(". ".join(f"Sentence {i} is spoken and then it is over" for i in range(150)))
    target = tmp_path / "out" / "a.mp3"
    moments = random.Random(7)
    kept = 0
    for number in range(ROUNDS):
        process = subprocess.Popen(
            [NARRATOR, "narrate", str(path), "-o", str(target), "-q"],
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        time.sleep(moments.uniform(0.2, 2.5))
        process.send_signal(signal.SIGKILL if number % 2 else signal.SIGINT)
        process.wait(timeout=PATIENCE)
        assert not target.exists() or process.returncode == 0
        checked = json.loads(run("library", "verify", "--json").stdout)
        assert checked["damaged"] == []
        assert checked["segments"] >= kept
        kept = checked["segments"]
    done = json.loads(run("narrate", str(path), "-o", str(target), "--json").stdout)
    other = str(tmp_path / "other")
    undisturbed = run("narrate", str(path), "-o", str(tmp_path / "b.mp3"), "--json",
                      "--library", other, timeout=PATIENCE)  # fmt: skip
    assert done["sha256"] == json.loads(undisturbed.stdout)["sha256"]
