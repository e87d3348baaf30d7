"""The requests of the README, sent as they stand there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from serving import serving

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def test_the_requests_of_the_readme(tmp_path: Path) -> None:
    (block,) = (b for b in re.findall(r"```sh\n(.*?)```", README, re.S) if "curl" in b)
    with serving(tmp_path / "library", NARRATOR_VOICE="") as running:
        script = block.replace("localhost:8080", running.url.removeprefix("http://"))
        done = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", script],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert '"id":"tea"' in done.stdout
        running.finished(running.client.get("/v1/articles/tea").json()["current"]["id"])
    for name in ("tea.mp3", "five.mp3"):
        assert (tmp_path / name).stat().st_size > 5000
    assert (tmp_path / "tea.vtt").read_text().startswith("WEBVTT")
    assert "<rss" in (tmp_path / "podcast.xml").read_text()
