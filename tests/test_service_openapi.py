"""Everything that schemathesis can think of against the service's own OpenAPI document: no errors
of the server, no answers that the document does not tell of."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Serving, serving

EXCLUDED = "positive_data_acceptance"
"""A request whose form is right may still name a voice that nobody has, or what was taken down."""


def attacked(service: Serving, folder: Path, *options: str) -> str:
    """What schemathesis says of a service; an assertion where it found something."""
    done = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis", "run", f"{service.url}/openapi.json",
            "--checks", "all", "--exclude-checks", EXCLUDED, "--request-timeout", "30",
            "--continue-on-failure", *options,
        ],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert [line for line in service.log if line["level"] in ("error", "raw")] == []
    return done.stdout[done.stdout.index(" SUMMARY ") :]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Serving]:
    """A service of an article, so that some of what is asked for is there."""
    with serving(tmp_path / "library") as running:
        running.narrated("# Tea\n\nWater it at 80 degrees.\n\n## Milk\n\nNever.", id="tea")
        yield running


def test_nothing_breaks_it_and_all_answers_are_documented(service: Serving, tmp_path: Path) -> None:
    summary = attacked(
        service, tmp_path, "--max-examples", "8", "--seed", "6", "--max-failures", "9"
    )
    generated = re.search(r"([0-9]+) generated", summary)
    assert generated is not None
    assert int(generated[1]) > 300


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_nothing_breaks_it_for_long(service: Serving, tmp_path: Path) -> None:
    print(attacked(service, tmp_path, "--max-examples", "300"))


def test_every_operation_is_described_with_an_example(service: Serving) -> None:
    document = service.client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["description"], where
            assert all(answer["description"] for answer in operation["responses"].values()), where
            if "requestBody" in operation:
                reference = operation["requestBody"]["content"]["application/json"]["schema"]
                name = reference["$ref"].rpartition("/")[2]
                assert document["components"]["schemas"][name]["examples"], where
            for parameter in operation.get("parameters", []):
                assert parameter.get("description") or parameter.get("examples"), (where, parameter)
