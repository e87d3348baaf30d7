"""The bill of materials names all that is shipped, and every licence in it goes with ours."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]

COMPATIBLE = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "GPL-2.0-or-later",
    "GPL-3.0-or-later", "ISC", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT",
    "MIT-0", "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip
"""SPDX ids that go into a program under the GPL, version 3 (gnu.org/licenses/license-list.html)."""

NAMED = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL)":
        "LGPL-2.1-or-later",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}  # fmt: skip
"""Classifiers that name a licence without its version, and the one that the package's file has."""

JUDGED = {"regex": "Apache-2.0 AND CNRI-Python"}
"""Packages whose licence the table does not hold, and why they are shipped: see LICENSING.md."""


pytestmark = pytest.mark.timeout(600)  # cyclonedx-bom takes 16 s of CPU.


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Any:
    output = tmp_path_factory.mktemp("bill") / "narrator.cdx.json"
    command: list[str | Path] = [sys.executable, ROOT / "constraints/bill.py", output]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(output.read_text("utf-8"))


def licences(component: Any) -> list[str]:
    """Expressions, ids and names, as the component has them."""
    return [
        told.get("expression") or told["license"].get("id") or told["license"]["name"]
        for told in component["licenses"]
    ]


def is_compatible(told: str) -> bool:
    """Whether what is under the licence, an expression of SPDX or a classifier, may be part of a
    program under the GPL, version 3."""
    expression = NAMED.get(told, told)
    return all(
        any(one.strip(" ()") in COMPATIBLE for one in re.split(r"\bOR\b", each))
        for each in re.split(r"\bAND\b", expression)
    )


def test_it_names_what_is_shipped_and_nothing_else(bill: Any) -> None:
    text = (ROOT / "constraints/runtime.txt").read_text("utf-8")
    pinned = [Requirement(line) for line in re.findall(r"(?m)^([\w.-]+==[^\\\n]+)", text)]
    needed = {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pinned
        if pin.marker is None or pin.marker.evaluate()
    }
    named = {canonicalize_name(part["name"]): part["version"] for part in bill["components"]}
    assert named == needed
    assert bill["metadata"]["component"]["name"] == "article-narrator"
    assert bill["bomFormat"] == "CycloneDX"


def test_all_licences_go_with_ours(bill: Any) -> None:
    told = {part["name"]: licences(part) for part in bill["components"]}
    assert [name for name, names in told.items() if not names] == []
    wrong = {
        name: names
        for name, names in told.items()
        if not all(map(is_compatible, names)) and names != [JUDGED.get(name)]
    }
    assert wrong == {}


def test_it_tells_which_version_needs_which(bill: Any) -> None:
    needs = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}
    ours = next(
        refs for ref, refs in needs.items() if "article-narrator" in ref or ref == "root-component"
    )
    assert any("piper-tts" in ref for ref in ours)


@pytest.mark.parametrize(
    ("told", "fits"),
    [
        ("MIT", True),
        ("SSPL-1.0", False),
        ("GPL-2.0-only", False),
        ("MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", True),
        ("MIT AND SSPL-1.0", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_what_fits(told: str, fits: bool) -> None:
    assert is_compatible(told) == fits
