"""`narrator serve --show-settings`: what holds, and who decided it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from narrator.cli.exits import exit_code
from narrator.errors import SettingsError
from narrator.settings import ServiceSettings, load_settings

ROOT = Path(__file__).parents[1]
HASH = "1f" * 32


def shown(folder: Path, *options: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "narrator", "serve", "--show-settings", *options],
        capture_output=True, text=True, cwd=folder, check=True,
        env={**{k: v for k, v in os.environ.items() if not k.startswith("NARRATOR_")}, **env},
    )  # fmt: skip
    return done.stdout


def test_each_setting_is_told_with_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "narrator.toml").write_text(
        'speed = 1.1\n[service]\nport = 9000\norigins = ["https://example.org"]\n'
        f'[service.keys]\npublisher = "narrate:sha256:{HASH}"\n[site]\nurl = "https://example.org"\n'
    )
    text = shown(
        tmp_path, "--host", "127.0.0.2", "--json",
        NARRATOR_SERVICE__HOSTS="example.org,*.example.com", NARRATOR_LIBRARY="/somewhere",
        NARRATOR_SERVICE__PORT="9001", NARRATOR_QUEUE="postgresql://me:s3cret@db.example.org/x",
    )  # fmt: skip
    told = {line["name"]: (line["value"], line["origin"]) for line in json.loads(text)}
    assert told["service.host"] == ("127.0.0.2", "flag")
    assert told["service.port"] == (9001, "NARRATOR_SERVICE__PORT")
    assert told["service.origins"] == (["https://example.org"], "narrator.toml")
    assert told["service.hosts"] == (
        ["example.org", "*.example.com"], "NARRATOR_SERVICE__HOSTS",
    )  # fmt: skip
    assert told["library"] == ("/somewhere", "NARRATOR_LIBRARY")
    assert told["speed"] == (1.1, "narrator.toml")
    assert told["service.grace"] == (10.0, "default")
    assert told["service.keys"] == ({"publisher": "narrate:(hidden)"}, "narrator.toml")
    assert told["queue"][0] == "postgresql://me:(hidden)@db.example.org/x"
    assert HASH not in text
    assert "s3cret" not in text


def test_as_text_it_is_what_could_stand_in_the_file(tmp_path: Path) -> None:
    text = shown(tmp_path, "--port", "9000", NARRATOR_SERVICE__KEEP_EARLIER="inf")
    parsed = tomllib.loads(text)
    assert parsed["service"]["port"] == 9000
    assert parsed["service"]["keep_earlier"] == float("inf")
    assert re.search(r"^port = 9000  # flag$", text, re.MULTILINE)
    assert re.search(r"^# library_limit is not set$", text, re.MULTILINE)
    (tmp_path / "narrator.toml").write_text(text)
    assert tomllib.loads(shown(tmp_path)) == parsed


def test_a_variable_that_is_no_table_is_refused_without_showing_it(tmp_path: Path) -> None:
    assert "keys = {}" in shown(tmp_path, NARRATOR_SERVICE__KEYS="")
    for variable in ("NARRATOR_SERVICE__KEYS", "NARRATOR_POLICY"):
        done = subprocess.run(
            [sys.executable, "-m", "narrator", "serve", "--show-settings"],
            capture_output=True, text=True, cwd=tmp_path, env={**os.environ, variable: "s3cret"},
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr.startswith("narrator: A NARRATOR_ variable cannot be read")
        assert "s3cret" not in done.stderr


def test_the_docs_tell_of_every_setting_of_the_service() -> None:
    table = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split("| setting in `[service]`")[1]
    rows = [row.split("|")[1] for row in table.split("\n\n")[0].splitlines() if "|" in row]
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert named == set(ServiceSettings.model_fields)


@pytest.mark.parametrize(
    "command",
    [
        ["serve", "--port", "0"],
        ["narrate", "a.md", "--voice", "tone"],
        ["script", "a.md"],
        ["prerender", "."],
        ["library", "du"],
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("selector", ["p[", "svg|rect", "*:first-of-type"])
def test_a_wrong_selector_is_an_error_at_the_start(
    tmp_path: Path, command: list[str], selector: str
) -> None:
    """The service began, and answered 500 for each article."""
    (tmp_path / "a.md").write_text("The tide comes in twice a day.")
    (tmp_path / "narrator.toml").write_text(f'[policy]\n"table" = "read"\n"{selector}" = "skip"\n')
    done = subprocess.run(
        [sys.executable, "-m", "narrator", *command],
        capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("NARRATOR_")},
    )  # fmt: skip
    assert done.returncode == exit_code(SettingsError(""))
    assert f"In [policy] {selector!r} is no CSS selector" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_selector_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NARRATOR_POLICY", '{"p[": "skip"}')
    with pytest.raises(SettingsError, match="is no CSS selector"):
        load_settings()
    monkeypatch.setenv("NARRATOR_POLICY", '{"p.note > a": "skip"}')
    assert load_settings().policy == {"p.note > a": "skip"}
