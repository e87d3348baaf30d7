"""What a public forge reads: workflow, templates, hooks, licences. No forge runs them here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FORGE = ROOT / ".github"


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-workflows", "workflows/test.yml"),
        ("vendor.github-issue-forms", "ISSUE_TEMPLATE/fault.yml"),
        ("vendor.github-issue-forms", "ISSUE_TEMPLATE/misreading.yml"),
        ("vendor.github-issue-config", "ISSUE_TEMPLATE/config.yml"),
    ],
)
def test_files_of_the_forge_are_what_their_schemas_say(schema: str, path: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, "--no-cache",
         str(FORGE / path)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_runs_what_people_run_on_every_python() -> None:
    job = yaml.safe_load((FORGE / "workflows/test.yml").read_text("utf-8"))["jobs"]["test"]
    assert job["steps"][-1] == {"run": ".ci/run"}
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert job["strategy"]["matrix"]["python"][0] == "3.11"  # As requires-python in pyproject.toml.


def test_the_misreading_form_names_a_command_that_works() -> None:
    form = (FORGE / "ISSUE_TEMPLATE/misreading.yml").read_text("utf-8")
    assert "| narrator script - --explain" in form
    done = subprocess.run(
        [sys.executable, "-m", "narrator", "script", "-", "--explain"],
        input="It cost $5.", capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0
    assert "five dollars" in done.stdout


@pytest.mark.parametrize("hook", ["ruff", "ruff-format", "mypy"])
def test_hooks_of_pre_commit_find_faults(hook: str, tmp_path: Path) -> None:
    """In a repository of its own: a faulty file is refused, a clean one passes."""
    shutil.copy(ROOT / ".pre-commit-config.yaml", tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.mypy]\nstrict = true\nfiles = ["m.py"]\n')
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/bin").symlink_to(Path(sys.executable).parent)
    module = tmp_path / "m.py"
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for text, passes in (("import os\nx: int = ''\ny=2\n", False), ("y = 2\n", True)):
        module.write_text(text)
        subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", hook, "--all-files"],
            cwd=tmp_path, env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")},
            capture_output=True, text=True,
        )  # fmt: skip
        assert (done.returncode == 0) is passes, done.stdout + done.stderr


def test_the_licences_are_whole_and_each_file_of_the_player_names_its_own() -> None:
    gpl = (ROOT / "LICENSE").read_text("utf-8")
    assert re.search(r"GNU GENERAL PUBLIC LICENSE\s+Version 3, 29 June 2007", gpl)
    assert "END OF TERMS AND CONDITIONS" in gpl
    player = ROOT / "narrator/player"
    assert (player / "LICENSE").read_text("utf-8").startswith("MIT License")
    for script in player.glob("*.js"):
        assert script.read_text("utf-8").startswith("// SPDX-License-Identifier: MIT"), script
