"""The examples of deployments are well formed. They are not run here: neither Docker nor a cluster
can be had."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[1]
PARTS = list(yaml.safe_load_all((ROOT / "examples/kubernetes.yaml").read_text("utf-8")))


def test_compose_is_what_its_specification_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec",
         "--no-cache", str(ROOT / "compose.yaml")],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_names_what_there_is() -> None:
    """Every command is one of ours, every setting is known."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    assert {"proxy", "api", "worker", "migrate", "database", "objects"} == set(services)
    for name in ("api", "worker", "migrate"):
        known(services[name]["command"], services[name]["environment"])


@pytest.mark.parametrize(
    "part", PARTS, ids=lambda part: f"{part['kind']}-{part['metadata']['name']}"
)
def test_kubernetes_is_what_its_schema_says(part: dict[str, object]) -> None:
    kubernetes_validate.validate(part, "1.30", strict=True)


def test_kubernetes_names_what_there_is() -> None:
    settings = next(p for p in PARTS if p["kind"] == "ConfigMap")["data"]
    for part in PARTS:
        for container in (
            part.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [])
        ):
            names = {entry["name"]: "" for entry in container["env"]}
            known(container["args"], {**settings, **names})


def known(command: list[str], environment: dict[str, str]) -> None:
    """The command line parses, and the settings exist."""
    from narrator.settings import ServiceSettings, Settings

    done = subprocess.run(
        [sys.executable, "-m", "narrator", *command, "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for name in environment:
        if name.startswith("NARRATOR_"):
            table, _, field = name.removeprefix("NARRATOR_").lower().partition("__")
            assert table in Settings.model_fields
            assert not field or field in ServiceSettings.model_fields
