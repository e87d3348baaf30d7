"""Names of files that are no UTF-8 work, or are told; printing one is never what fails."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from test_cli import NARRATOR

ODD = b"caf\xe9"
"""In Latin-1; no UTF-8."""

TEXT = b"# Tea\n\nThe kettle sings.\n"

LOCALES: dict[str, dict[str, str]] = {
    "as it is": {},
    "C": {"LC_ALL": "C"},
    "C in ASCII": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "strict ASCII": {"PYTHONIOENCODING": "ascii:strict"},
    "Latin-1": {"PYTHONIOENCODING": "latin-1"},
}

pytestmark = pytest.mark.usefixtures("library")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("good").mkdir()
    odd = os.fsdecode(ODD)
    Path(odd).mkdir()
    for path in ("good/tea.md", f"{odd}/tea.md", f"{odd}.md"):
        Path(path).write_bytes(TEXT)
    return tmp_path


def finished(
    *arguments: bytes, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [NARRATOR, *arguments], input=stdin, capture_output=True, timeout=300, check=False,
        env={**os.environ, "NARRATOR_VOICE": "tone", **(env or {})},
    )  # fmt: skip
    assert b"Traceback" not in done.stderr, done.stderr.decode("utf-8", "replace")
    assert b"narrator failed on it" not in done.stderr
    return done


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", [ODD, "é漢😀".encode(), b"\xff\xfe"])
def test_what_is_written_is_printed_byte_by_byte(name: bytes, locale: str) -> None:
    """Where the encoding lacks a character of a name that is UTF-8, it is escaped."""
    done = finished(b"narrate", ODD + b".md", b"-o", name + b".mp3", env=LOCALES[locale])
    assert done.returncode == 0, done.stderr
    assert Path(os.fsdecode(name + b".mp3")).is_file()
    raw = locale in ("as it is", "C", "C in ASCII") or name != "é漢😀".encode()
    assert (done.stdout == name + b".mp3\n") == raw
    told = finished(
        b"narrate", b"good/tea.md", b"-o", name + b".mp3", b"--json", env=LOCALES[locale]
    )
    assert os.fsencode(json.loads(told.stdout)["audio"]) == name + b".mp3"


@pytest.mark.parametrize(
    "arguments",
    [
        [b"narrate", ODD + b"/tea.md", b"-o", ODD + b"/", b"--captions"],
        [b"script", ODD + b".md", b"--json"],
        [b"prerender", b"good", b"-o", ODD + b"/out", b"--report", ODD + b"/report.html"],
        [b"prerender", b"good", b"-o", b"good/" + ODD, b"--inject", b"good",
         b"--url", b"https://example.org/"],
        [b"library", b"du", b"--library", ODD],
    ],
    ids=lambda arguments: b" ".join(arguments).decode("utf-8", "replace"),
)  # fmt: skip
def test_these_work(arguments: list[bytes]) -> None:
    done = finished(*arguments)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([b"narrate", b"no-" + ODD + b".md"], 3),
        ([b"narrate", b"good/tea.md", b"--lexicon", ODD + b".toml"], 2),
        ([b"narrate", b"good/tea.md", b"--intro", ODD + b".wav"], 6),
        ([b"narrate", b"good/tea.md", b"--voice", ODD], 2),
        ([b"lexicon", b"check", ODD + b".md"], 1),
        ([b"check", b"no-" + ODD], 7),
        ([b"prerender", ODD + b".md", b"-o", b"out"], 1),
        ([b"prerender", ODD, b"-o", b"out"], 1),
        ([b"prerender", b"caf*", b"-o", b"out"], 1),
        ([b"prerender", b"no-" + ODD, b"-o", b"out"], 1),
        ([b"prerender", b"-", b"-o", b"out"], 1),
    ],
)  # fmt: skip
def test_these_are_told(arguments: list[bytes], code: int) -> None:
    done = finished(*arguments, stdin=ODD + b".md\n")
    assert done.returncode == code, done.stderr
    told = done.stderr + done.stdout
    assert b"caf" in told
