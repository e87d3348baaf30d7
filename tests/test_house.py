"""The rules of the house that a machine can hold (ARCHITECTURE.md draws it)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import narrator

ROOT = Path(narrator.__file__).parent
LAYERS = [
    {"errors", "json_values", "packed", "roll", "nameless", "devices", "style", "weblinks"},
    {"css", "model", "scratch"},
    {
        "languages",
        "reading",
        "script",
        "engines",
        "audio",
        "library",
        "queue",
        "settings",
        "outputs",
    },
    {"studio", "recordings"},
    {"planning", "remote"},
    {"making"},
    {"pipeline"},
    {"publishing"},
    {"site", "service", "bench"},
    {"cli"},
    {"__main__"},
]
"""Imports run from later layers to earlier ones."""
SIBLINGS = {("script", "languages")}
"""The one import between siblings."""
MODULES = sorted(ROOT.rglob("*.py"))


def part_of(module: str) -> str:
    """narrator.reading.html -> reading."""
    return module.split(".")[1]


def imports(path: Path) -> set[str]:
    """Modules of narrator that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide directions"
            found.add(node.module or "")
            if node.module == "narrator":
                found |= {f"narrator.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("narrator.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if own == "__init__":
        return  # Names of the whole package, imported at use.
    level = {part: i for i, layer in enumerate(LAYERS) for part in layer}
    for module in imports(path):
        part = part_of(module)
        allowed = part == own or level[part] < level[own] or (own, part) in SIBLINGS
        assert allowed, f"{own} imports {module}"


def test_only_the_piper_engine_imports_piper() -> None:
    importers = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if re.search(r"^\s*(?:from|import) piper\b", path.read_text("utf-8"), re.M)
    ]
    assert set(importers) <= {"engines/piper_model.py", "engines/piper_graph.py"}


def test_only_one_module_imports_the_runtime() -> None:
    """So that one line decides what the runtime may report."""
    importers = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if re.search(r"^\s*(?:from|import) onnxruntime\b", path.read_text("utf-8"), re.M)
        or re.search(r"import_module\(\s*.onnxruntime", path.read_text("utf-8"))
    }
    assert importers == {"engines/runtime.py"}


def test_only_these_places_touch_the_environment() -> None:
    for path in MODULES:
        found = re.findall(r".*(?:os\.environ|getenv).*", path.read_text("utf-8"))
        match str(path.relative_to(ROOT)):
            case "settings.py":
                pass
            case "__init__.py":  # Before any module of ours can import the runtime.
                assert found == ['os.environ["ORT_DISABLE_TELEMETRY"] = "1"']
            case name:
                assert not found, name


def test_public_names() -> None:
    assert narrator.__all__ == sorted(
        [
            "Article", "Block", "Chapter", "Cue", "Encoded", "Narration", "NarratorError",
            "Progress", "Script", "Sentence", "as_dict", "narrate", "narrating", "read",
            "speakable", "write_script",
        ]
    )  # fmt: skip
    for name in narrator.__all__:
        assert getattr(narrator, name) is not None
    with pytest.raises(AttributeError):
        _ = narrator.nothing


def test_importing_the_package_or_asking_for_help_loads_nothing_heavy() -> None:
    code = "import sys, narrator, narrator.cli; print('\\n'.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    heavy = {"numpy", "onnx", "onnxruntime", "piper", "scipy", "soundfile", "pydub", "httpx",
             "trafilatura", "lxml", "markdown_it", "pydantic", "mutagen", "sentencex",
             "fastapi", "uvicorn"}  # fmt: skip
    assert not heavy & set(loaded)
