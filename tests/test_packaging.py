"""What is shipped: the wheel narrates away from the checkout, the README's commands work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.timeout(400)
def test_the_wheel_narrates_elsewhere(tmp_path: Path) -> None:
    """Built from a clean copy, installed into another environment, run in another folder."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    home = tmp_path / "elsewhere"
    venv.create(home, with_pip=True)
    # The dependencies are those that the tests run with; only the wheel itself is installed.
    site = next(home.glob("lib/python*/site-packages"))
    (site / "tested.pth").write_text(next(p for p in sys.path if p.endswith("site-packages")))
    install = [str(home / "bin/pip"), "install", "-q", "--no-deps", "--force-reinstall", str(wheel)]
    subprocess.run(install, check=True, env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    where = [str(home / "bin/python"), "-c", "import narrator; print(narrator.__file__)"]
    found = subprocess.run(where, check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    assert found.startswith(str(home))
    article = tmp_path / "article.md"
    article.write_text("# Elsewhere\n\nIt cost $5.\n")
    narrate = [str(home / "bin/narrator"), "narrate", str(article), "--json"]
    environment = os.environ | {"NARRATOR_LIBRARY": str(tmp_path / "library")}
    done = subprocess.run(
        narrate, check=True, capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert json.loads(done.stdout)["voice"] == "en_US-joe-medium"
    assert (tmp_path / "article.mp3").stat().st_size > 5000


def shell_blocks() -> list[str]:
    """The command lines of README's ```sh blocks that the package itself answers."""
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.S)).splitlines()
    return [line.split("  #")[0].strip() for line in lines if "narrator " in line]


@pytest.mark.parametrize("line", [ln for ln in shell_blocks() if not ln.startswith("docker")])
def test_readme_commands(line: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    environment = os.environ | {
        "NARRATOR_LIBRARY": str(ROOT / ".pytest_cache" / "readme-library"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        capture_output=True, text=True, cwd=tmp_path, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_readme_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    assert (tmp_path / "out/talk.mp3").exists()


def test_readme_make_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"^make ([a-z]+)", README, re.M)) <= targets
    assert "make test" in (ROOT / ".ci/run").read_text("utf-8")


def test_readme_explains_as_the_program_does() -> None:
    block = re.search(r"\$ echo .*--explain\n(.*?)```", README, re.S)
    assert block is not None
    done = subprocess.run(
        [Path(sys.executable).parent / "narrator", "script", "-", "--explain"],
        input="It cost $5 on May 12, 2024.", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == block[1].split()


def pins(name: str) -> dict[str, str]:
    """Package -> version in a file of constraints/."""
    lines = (ROOT / "constraints" / name).read_text("utf-8").splitlines()
    found = [re.match(r"([\w.-]+)==([\w.]+)", line) for line in lines]
    return {canonical(m[1]): m[2] for m in found if m}


def asked_for(*extras: str) -> set[str]:
    """The packages that pyproject.toml names, with those of these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = project["dependencies"] + [
        line for extra in extras for line in project["optional-dependencies"][extra]
    ]
    return {canonical(Requirement(line).name) for line in lines}


def test_what_runs_is_pinned_with_hashes() -> None:
    """pip --require-hashes installs nothing from elsewhere: each line has a version and its files'
    hashes, and no address of a registry."""
    for name in ("runtime.txt", "build.txt"):
        text = (ROOT / "constraints" / name).read_text("utf-8")
        entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^#.*\n", "", text).strip())
        for entry in entries:
            assert re.fullmatch(
                r"[\w.-]+==[\w.]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+", entry
            ), entry
    assert asked_for("objects", "postgres") <= pins("runtime.txt").keys()


def test_development_pins_agree_with_what_runs() -> None:
    """The tests run with the versions that are shipped, and nothing for them is shipped."""
    developing, running, building = pins("dev.txt"), pins("runtime.txt"), pins("build.txt")
    assert running.keys() <= developing.keys()
    for name, version in (running | building).items():
        assert developing.get(name, version) == version
    assert asked_for("dev", "bench") - {"article-narrator"} <= developing.keys()
    only = asked_for("dev", "bench") - asked_for() - {"article-narrator"}
    assert only & running.keys() == set()
    assert not re.search(r"https?://|--", (ROOT / "constraints/dev.txt").read_text("utf-8"))
