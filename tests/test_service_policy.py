"""A text that is posted is treated as the site's policy asks, like a page that is fetched."""

from __future__ import annotations

from pathlib import Path

from serving import serving

TABLE = "| Low | High |\n|-----|------|\n| one | two  |"
POSTED = (
    ({"markdown": f"The tide comes in.\n\n{TABLE}"}, ["The tide comes in."], "Low High"),
    (
        {"html": "<p>The boat comes in.</p><p class=aside>By the way.</p><p>It goes out.</p>"},
        ["The boat comes in.", "It goes out."],
        "By the way.",
    ),
)


def test_posted_text(tmp_path: Path) -> None:
    (tmp_path / "narrator.toml").write_text('[policy]\ntable = "skip"\n".aside" = "skip"\n')
    with serving(tmp_path / "library") as service:
        for posted, spoken, left_out in POSTED:
            answer = service.client.post("/v1/narrations", json=posted)
            assert answer.status_code in (201, 202), answer.text
            status = service.finished(answer.json()["id"])
            script = service.client.get(status["links"]["script"]).json()
            said = [each["source"] for each in script["sentences"]]
            assert said == spoken
            told = [each["text"] for each in script["omissions"]]
            assert any(left_out in each for each in told), told
