"""The bill of materials of what is shipped, as CycloneDX JSON: `bill.py OUTPUT`.

It names what constraints/runtime.txt pins, as far as it is installed beside this Python, with
versions and licences, and nothing that only development needs. cyclonedx-bom writes and validates
it; it reads an environment, so it is shown one that holds the metadata of those packages only.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
OURS = "article-narrator"

BY_HAND = {"protobuf": "BSD-3-Clause"}
"""Package -> licence, as the file LICENSE in its wheel has it."""


def shipped() -> list[str]:
    """Names of the packages that are pinned for running on a system like this."""
    text = (ROOT / "constraints/runtime.txt").read_text("utf-8")
    lines = [Requirement(line) for line in re.findall(r"^([\w.-]+==[^\\\n]+)", text, re.M)]
    return [line.name for line in lines if line.marker is None or line.marker.evaluate()]


def main(output: Path) -> None:
    """Write the bill; exits with the code of cyclonedx-py where that fails."""
    found = [distribution(name) for name in (*shipped(), OURS)]
    with TemporaryDirectory() as folder:
        venv.create(folder)
        (site,) = Path(folder).glob("lib/python*/site-packages")
        for each in found:
            metadata = next(f for f in each.files or () if f.parent.name.endswith(".dist-info"))
            place = Path(str(each.locate_file(metadata.parent)))
            (site / place.name).symlink_to(place.resolve())
        output.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [
                Path(sys.executable).with_name("cyclonedx-py"), "environment",
                "--pyproject", ROOT / "pyproject.toml", "--output-reproducible", "--validate",
                "--of", "JSON", "-o", output, Path(folder, "bin/python"),
            ],
            check=False,
        )  # fmt: skip
    if done.returncode:
        sys.exit(done.returncode)
    _complete(output)
    print(output)


def _complete(output: Path) -> None:
    """Add the licences that packages do not tell in their metadata."""
    bill = json.loads(output.read_text("utf-8"))
    for component in bill["components"]:
        if not component.get("licenses"):
            told = BY_HAND[component["name"]]
            component["licenses"] = [{"license": {"id": told, "acknowledgement": "concluded"}}]
    text = json.dumps(bill, indent=2)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        sys.exit(f"The bill is not valid: {wrong}")
    output.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
