"""The documentation: it builds, its links lead somewhere, its commands work, its schemas hold."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from narrator.settings import ServiceSettings, Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [DOCS / "tutorial.md", *sorted((DOCS / "how-to").glob("*.md"))]
ARTICLE = (
    "# Tea in Zurich\n\nIt cost $5 on May 12, 2024. Dr. Smith drank 3-4 cups of it by the river.\n"
)


def build(docs: Path, to: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", docs / "mkdocs.yml",
         "--site-dir", to],
        capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as strictly as `make docs` builds it."""
    to = tmp_path_factory.mktemp("site")
    done = build(ROOT, to)
    assert done.returncode == 0, done.stderr
    return to


def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path) -> None:
    for name in ("docs", "narrator", "voices", "benchmarks", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "docs").unlink()
    shutil.copytree(DOCS, tmp_path / "docs")
    for path in (*ROOT.glob("*.md"), ROOT / "mkdocs.yml"):
        shutil.copy(path, tmp_path)
    page = tmp_path / "docs/tutorial.md"
    for broken in ("[x](nowhere.md)", "[x](index.md#no-such-heading)"):
        page.write_text((DOCS / "tutorial.md").read_text("utf-8") + broken)
        done = build(tmp_path, tmp_path / "site")
        assert done.returncode != 0, broken
        assert "tutorial.md" in done.stderr


def test_the_reference_names_every_setting_and_says_what_it_means(built: Path) -> None:
    page = (built / "reference/settings/index.html").read_text("utf-8")
    rows = re.findall(r"<tr>\s*<td><code>(\w+)</code></td>\s*<td>.*?</td>\s*<td>(.*?)</td>", page)
    told = dict(rows)
    for name in {*Settings.model_fields, *ServiceSettings.model_fields} - {"service"}:
        assert told[name].strip(), name


def test_the_reference_names_every_command_and_route(built: Path) -> None:
    commands = (built / "reference/command-line/index.html").read_text("utf-8")
    help_text = subprocess.run(
        [sys.executable, "-m", "narrator", "--help"], capture_output=True, text=True, check=True
    ).stdout
    names = re.findall(r"^[│ ] ([a-z]+) {2,}[A-Z]", help_text, re.M)
    assert len(names) >= 12
    for name in names:
        assert f">narrator {name}" in commands, name
    routes = (built / "reference/http/index.html").read_text("utf-8")
    assert "POST /v1/narrations" in routes
    assert "GET /healthz" in routes


# Schemas


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prerendered folder of real articles of the examples, in the test voice."""
    work = tmp_path_factory.mktemp("work")
    shutil.copytree(ROOT / "examples", work / "examples")
    subprocess.run(
        [sys.executable, "-m", "narrator", "prerender", "examples", "-o", "out", "--url",
         "https://example.org/", "--voice", "tone", "--quiet"],
        cwd=work, env={**os.environ, "NARRATOR_LIBRARY": str(work / "library")}, check=True,
    )  # fmt: skip
    return work / "out"


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((DOCS / f"schemas/{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(read)
    return read


@pytest.mark.parametrize("name", ["cues", "script", "chapters", "manifest", "index"])
def test_what_prerender_writes_is_as_its_schema_says(name: str, site_folder: Path) -> None:
    found = sorted(site_folder.glob(f"**/{name}.json"))
    assert len(found) >= (1 if name == "index" else 5)
    validator = Draft202012Validator(schema(name))
    for path in found:
        validator.validate(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("name", ["cues", "script", "chapters", "manifest", "index"])
def test_a_schema_refuses_what_lacks_or_adds_a_field(name: str, site_folder: Path) -> None:
    whole = json.loads(next(site_folder.glob(f"**/{name}.json")).read_text("utf-8"))
    validator = Draft202012Validator(schema(name))
    assert not validator.is_valid({**whole, "surprise": 1})
    required = set(schema(name)["required"])
    for field in required:
        assert not validator.is_valid({key: whole[key] for key in whole if key != field}), field


# Commands


def blocks(page: Path, language: str) -> list[str]:
    """Code of one language in a page, without the indent of a list."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", page.read_text("utf-8"), re.M | re.S)
    return [re.sub(rf"(?m)^{indent}", "", code) for indent, code in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_work_one_after_another(page: Path, tmp_path: Path) -> None:
    """In a folder with an article; pip is not asked, for the package is there."""
    (tmp_path / "content").mkdir()
    for path in (tmp_path / "article.md", tmp_path / "content/tea.md"):
        path.write_text(ARTICLE)
    for code in blocks(page, "toml"):
        whole = code.replace("sha256:...", f"sha256:{'0' * 64}")
        name = "words.toml" if "[names]" in code else "narrator.toml"
        (tmp_path / name).write_text(whole.replace("/var/lib/narrator", "library"))
    lines = "\n".join(blocks(page, "sh"))
    ours = re.sub(r"^(python3 -m venv|\.venv/bin/pip|export PATH).*\n", "", lines, flags=re.M)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", ours],
        cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {
            "NARRATOR_LIBRARY": str(tmp_path / "library"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_tutorial_makes_what_it_says(tmp_path: Path) -> None:
    test_the_commands_of_a_page_work_one_after_another(DOCS / "tutorial.md", tmp_path)
    for name in ("tea.mp3", "tea.vtt", "tea.cues.json", "public/audio/index.json"):
        assert (tmp_path / name).stat().st_size > 100, name
    assert "<narrator-player" in (tmp_path / "public/tea.html").read_text("utf-8")


def test_every_page_of_the_site_is_named_in_a_page_or_the_menu() -> None:
    menu = (ROOT / "mkdocs.yml").read_text("utf-8")
    for page in DOCS.rglob("*.md"):
        assert str(page.relative_to(DOCS)) in menu, page
