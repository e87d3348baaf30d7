"""The examples of deployments are well formed, and the image's steps work as far as they can be
run: neither Docker nor a cluster can be had here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from read_only import read_only, why_not
from serving import serving

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


# The image. No engine runs here: the steps of the first stage run in a folder, those of the second
# are read, and what comes of both runs as the image would.

OURS = ("api", "worker", "migrate")


def instructions() -> list[list[tuple[str, str]]]:
    """The stages of the Dockerfile: word and rest of each instruction."""
    text = re.sub(r"(?m)^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"))
    stages: list[list[tuple[str, str]]] = []
    for line in text.replace("\\\n", "").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            stages.append([])
        if word:
            stages[-1].append((word, rest.strip()))
    return stages


def sent() -> list[str]:
    """What .dockerignore lets an engine see."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert lines[0] == "*"
    return [line[1:] for line in lines if line.startswith("!")]


def test_the_dockerfile_is_linted() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that stands for /, after the steps of the first stage ran in it."""
    root = tmp_path_factory.mktemp("image")
    where = root
    for word, rest in instructions()[0]:
        if word == "WORKDIR":
            where = root / rest.lstrip("/")
            where.mkdir(parents=True)
        elif word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                assert any(f"{source}/".startswith(f"{seen}/") for seen in sent()), source
                into = where / target / (Path(source).name if target.endswith("/") else "")
                into.parent.mkdir(parents=True, exist_ok=True)
                if (ROOT / source).is_dir():
                    skipped = shutil.ignore_patterns("__pycache__")
                    shutil.copytree(ROOT / source, into, ignore=skipped)
                else:
                    shutil.copy(ROOT / source, into)
        elif word == "RUN":
            # Where things lie, and that what was fetched before is used again, is all that differs.
            command = rest.replace("/opt/", f"{root}/opt/").replace("--no-cache-dir ", "")
            done = subprocess.run(
                ["sh", "-euc", command], cwd=where, capture_output=True, text=True,
                env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            )  # fmt: skip
            assert done.returncode == 0, f"{rest}\n{done.stdout}{done.stderr}"
        else:
            assert word == "FROM", f"{word} is not run here"
    return root


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_the_image_holds_what_runs_and_nothing_else(image: Path) -> None:
    (site,) = image.glob("opt/narrator/lib/python*/site-packages")
    found = {canonicalize_name(d.metadata["Name"]) for d in distributions(path=[str(site)])}
    text = (ROOT / "constraints/runtime.txt").read_text("utf-8")
    pinned = [Requirement(line) for line in re.findall(r"(?m)^([\w.-]+==[^\\\n]+)", text)]
    needed = {canonicalize_name(p.name) for p in pinned if not p.marker or p.marker.evaluate()}
    assert found == needed | {"article-narrator"}
    assert not (site / "pip").exists()
    assert not [path for path in image.glob("opt/narrator/bin/pip*") if path.name != "piper"]
    assert not list((site / "narrator").rglob("test*"))
    assert not (site / "tests").exists()
    assert (site / "narrator/__pycache__").is_dir()  # Compiled: a read-only root keeps nothing.


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_the_image_narrates_on_a_read_only_root(image: Path, tmp_path: Path) -> None:
    """As `docker run --read-only --tmpfs /tmp` has it."""
    if why_not():
        assert not os.environ.get("CI"), why_not()
        pytest.skip(why_not())
    library, articles, temporary = (tmp_path / name for name in ("library", "articles", "tmp"))
    for folder in (library, articles, temporary):
        folder.mkdir()
    (articles / "article.md").write_text("# Tea\n\nIt was warm.\n")
    command: list[str | Path] = [image / "opt/narrator/bin/narrator", "narrate", "article.md"]
    done = subprocess.run(
        read_only(command, library, articles, temporary), cwd=articles, capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/nonexistent",
             "NARRATOR_LIBRARY": str(library), "XDG_CACHE_HOME": str(temporary / "cache"),
             "TMPDIR": str(temporary)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (articles / "article.mp3").stat().st_size > 5000
    assert "cannot" not in done.stderr
    assert list((temporary / "cache").rglob("*.voice"))


def test_the_image_says_where_it_writes_and_who_it_is() -> None:
    last = dict(instructions()[1])
    assert last["USER"].isdecimal()
    assert last["VOLUME"] == "/library"
    assert "NARRATOR_LIBRARY=/library" in last["ENV"]
    assert "XDG_CACHE_HOME=/tmp/cache" in last["ENV"]


def test_the_image_asks_whether_the_service_lives(tmp_path: Path) -> None:
    """HEALTHCHECK's command, with the process that it asks for in the place of number 1."""
    (options_and_command,) = (rest for word, rest in instructions()[1] if word == "HEALTHCHECK")
    _, code = json.loads(options_and_command.partition("CMD ")[2])[1:]

    def is_well(process: int, port: str) -> bool:
        command = [sys.executable, "-c", code.replace("/proc/1/", f"/proc/{process}/")]
        where = {**os.environ, "NARRATOR_SERVICE__PORT": port}
        return subprocess.run(command, env=where, capture_output=True).returncode == 0

    with serving(tmp_path / "library", NARRATOR_SERVICE__PUBLIC_HOSTS="example.org") as service:
        port = service.url.rpartition(":")[2]
        assert is_well(service.process.pid, port)
        assert not is_well(service.process.pid, "1")
        assert is_well(os.getpid(), "1")  # It is no service.
    with subprocess.Popen(["sleep", "60"]) as other:
        assert is_well(other.pid, port)
        other.kill()


def test_compose_grants_no_more_than_is_needed() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    for name in OURS:
        ours = services[name]
        assert ours["read_only"] is True
        assert ours["cap_drop"] == ["ALL"]
        assert ours["security_opt"] == ["no-new-privileges:true"]
        assert [mount.partition(":")[0] for mount in ours["tmpfs"]] == ["/tmp"]
        assert ours["pids_limit"] > 0
        assert ours["mem_limit"]


def test_kubernetes_grants_no_more_than_is_needed() -> None:
    pods = [
        part["spec"]["template"]["spec"] for part in PARTS if "template" in part.get("spec", {})
    ]
    ours = [(pod, c) for pod in pods for c in pod["containers"] if c["image"] == "narrator"]
    assert len(ours) == 3
    for pod, container in ours:
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
