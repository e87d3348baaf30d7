"""A text that is posted is treated as the site's policy asks, like a page that is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest
from serving import serving

TABLE = "| Low | High |\n|-----|------|\n| one | two  |"


@pytest.mark.parametrize(
    ("posted", "left_out"),
    [
        ({"markdown": f"The tide comes in.\n\n{TABLE}\n\nIt goes out."}, "Low High"),
        ({"html": "<p>The tide comes in.</p><p class=aside>By the way.</p><p>It goes out.</p>"},
         "By the way."),
    ],
)  # fmt: skip
def test_posted_text(tmp_path: Path, posted: dict[str, str], left_out: str) -> None:
    (tmp_path / "narrator.toml").write_text('[policy]\ntable = "skip"\n".aside" = "skip"\n')
    with serving(tmp_path / "library") as service:
        answer = service.client.post("/v1/narrations", json=posted)
        assert answer.status_code in (201, 202), answer.text
        status = service.finished(answer.json()["id"])
        script = service.client.get(status["links"]["script"]).json()
    assert [each["source"] for each in script["sentences"]] == [
        "The tide comes in.",
        "It goes out.",
    ]
    assert any(left_out in each["text"] for each in script["omissions"]), script["omissions"]
