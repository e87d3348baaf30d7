"""What stops a run: kill -9, Ctrl-C, a full disk, what may not be read or written.

Whatever it is, the next run goes on, and what was finished stays whole.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from site_folder import index, kept_bytes, make_content, ran
from test_cli import NARRATOR, held, run
from waiting import PATIENCE

from narrator.settings import load_settings
from narrator.site.check import check
from narrator.site.config import SiteTable
from narrator.site.findings import Finding

UNFINISHED = {"unfinished", "index", "unspoken", "missing"}
"""What a look at a folder may find after a kill: what the next run will do."""

PRERENDER = [NARRATOR, "prerender", "content", "-o", "out", "--voice", "tone", "--json"]


def articles(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"n{number:03}.md").write_text(
            f"---\ntitle: Number {number}\ndate: 2024-01-01\n---\n\n"
            + " ".join(f"Sentence {n} of article {number} is spoken here." for n in range(8))
        )


def killed(moments: random.Random) -> bool:
    """A run that is killed with its children at some moment; whether it had not ended before."""
    process = subprocess.Popen(
        PRERENDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    for _ in range(moments.randint(0, 3)):  # Outcomes that are waited for.
        process.stdout.readline()
    time.sleep(moments.uniform(0, 0.3))
    ended = process.poll() is not None
    os.killpg(process.pid, signal.SIGKILL) if not ended else None
    process.wait()
    process.stdout.close()
    return not ended


def again() -> dict[str, int]:
    """What became of how many articles in a run that is not disturbed."""
    done = run(*PRERENDER[1:], timeout=PATIENCE)
    told: dict[str, int] = json.loads(done.stdout.splitlines()[-1])["states"]
    return told


def damaged(out: Path) -> list[Finding]:
    """What is wrong in the folder besides what is not finished."""
    if not out.is_dir():
        return []
    found = [
        each for each in check(out, [], SiteTable(), load_settings()) if isinstance(each, Finding)
    ]
    begun = {each.article for each in found if each.kind == "unfinished"}
    return [each for each in found if each.kind not in UNFINISHED and each.article not in begun]


def survives(root: Path, *, kills: int, count: int, seed: int) -> None:
    """Run, kill, edit, run again, until so many kills; then all is finished, whole, and the same
    as what an undisturbed run makes."""
    articles(root / "content", count)
    moments = random.Random(seed)
    done = 0
    while done < kills:
        done += killed(moments)
        assert damaged(Path("out")) == []
        edited = root / "content" / f"n{moments.randrange(count):03}.md"
        edited.write_text(edited.read_text() + " It was edited.")
    told = again()
    assert sum(told.values()) == count
    assert set(told) <= {"made", "unchanged", "refreshed"}
    assert len(index()) == count
    deep = run("check", "out", "content", "--deep")
    assert deep.returncode == 0, deep.stdout
    assert not list(Path("out").rglob(".making")), "nothing is left of the killed"
    assert json.loads(run("library", "verify", "--json").stdout)["damaged"] == []
    run(*PRERENDER[1:4], "undisturbed", *PRERENDER[5:], timeout=PATIENCE)
    whole, other = kept_bytes("out"), kept_bytes("undisturbed")
    finished = {name.removeprefix("out/"): data for name, data in whole.items()}
    assert finished == {name.removeprefix("undisturbed/"): data for name, data in other.items()}
    print(f"\n{done} kills: {sum(told.values())} of {count} articles finished, 0 damaged")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_three_kills(tmp_path: Path) -> None:
    survives(tmp_path, kills=3, count=8, seed=5)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_fifty_kills(tmp_path: Path) -> None:
    survives(tmp_path, kills=50, count=120, seed=11)


def test_ctrl_c_is_clean(tmp_path: Path) -> None:
    articles(tmp_path / "content", 16)
    with held(tmp_path / "library", Path("content/n015.md"), "tone"):
        process = subprocess.Popen(
            [*PRERENDER, "--report", "report.html"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "run the same command to go on" in complaints
    assert "Traceback" not in complaints
    assert not Path("report.html").exists()
    assert damaged(Path("out")) == []
    made = len([path for path in Path("out").iterdir() if (path / "manifest.json").exists()])
    assert 3 <= made < 16
    assert again() == {"unchanged": made, "made": 16 - made}
    assert len(index()) == 16


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of so many bytes at the folder: only root may have one."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")
def test_a_full_disk(tmp_path: Path) -> None:
    articles(tmp_path / "content", 12)
    with small_disk(tmp_path / "out", "900k"):
        done = run("prerender", "content", "-o", "out", "--voice", "tone", "--json")
        assert done.returncode == 8, done.stderr
        assert "No space left" in done.stderr
        assert "Traceback" not in done.stderr
        made = [json.loads(line)["slug"] for line in done.stdout.splitlines()]
        assert 0 < len(made) < 12
        assert damaged(Path("out")) == []
        subprocess.run(["mount", "-o", "remount,size=20m", "out"], check=True)
        assert again()["unchanged"] == len(made), "it goes on where it was"
        assert run("check", "out", "content").returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a read-only disk")
def test_a_read_only_disk(tmp_path: Path) -> None:
    articles(tmp_path / "content", 1)
    with small_disk(tmp_path / "out", "1m"):
        subprocess.run(["mount", "-o", "remount,ro", "out"], check=True)
        done = run("prerender", "content", "-o", "out", "--voice", "tone")
        assert done.returncode == 2
        assert "Cannot write out" in done.stderr
        assert "Traceback" not in done.stderr
        dry = run("prerender", "content", "-o", "out", "--voice", "tone", "--dry-run")
        assert dry.returncode == 0, "to tell what would be done nothing is written"


def test_what_may_not_be_read(tmp_path: Path) -> None:
    """As a user who may not: root reads everything."""
    content = make_content(tmp_path)
    (content / "closed.md").write_text("Secret.\n")
    (content / "shut").mkdir()
    (content / "shut" / "in.md").write_text("Secret, too.\n")
    ran()
    assert {"closed", "shut-in"} <= set(index())
    (content / "closed.md").chmod(0)
    (content / "shut").chmod(0)
    command = ["prerender", "content", "-o", "out", "--voice", "tone", "--removed", "delete"]
    if os.geteuid() == 0:
        for path in (tmp_path, *tmp_path.rglob("*")):
            os.chown(path, 65534, 65534)
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", NARRATOR,
             *command],
            capture_output=True, text=True, check=False,
            env={**os.environ, "HOME": str(tmp_path)},
        )  # fmt: skip
    else:
        done = subprocess.run([NARRATOR, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "content/closed.md" in done.stderr
    assert "content/shut: cannot be read: Permission denied" in done.stderr
    assert {"closed", "shut-in", "first"} <= set(index()), "what cannot be read is not gone"
