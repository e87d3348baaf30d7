"""`narrator narrate` as it is watched, piped and killed: the real process."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from test_cli import ARTICLE, NARRATOR, held, refused, run, wait_for_segments
from waiting import PATIENCE

from narrator import narrate
from narrator.cli.narrate import PATIENCE as DUE

SENTENCES = 120


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.md"
    path.write_text(ARTICLE)
    return path


@pytest.fixture
def long_article(tmp_path: Path) -> Path:
    path = tmp_path / "long.md"
    path.write_text(text(SENTENCES))
    return path


def text(sentences: int) -> str:
    """So many sentences, each another."""
    return ". ".join(f"Sentence {i} is spoken and it ends" for i in range(sentences))


def piped(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The finished command, its stdout as bytes."""
    return subprocess.run(
        [NARRATOR, "narrate", *arguments, "--voice", "tone", "-o", "-"],
        capture_output=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


def on_a_terminal(long_article: Path, *options: str, until: str, steps: int = 1000) -> str:
    """What the command writes to a terminal that is its stderr, without colours and moves. The
    test holds the command, by not taking its audio, until the bar is due. Then it takes the audio
    in small steps, at most so many, until the terminal shows the pattern `until`."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [NARRATOR, "narrate", str(long_article), "--voice", "tone", "-o", "-", *options],
        stdout=subprocess.PIPE, stderr=theirs,
        env={**os.environ, "COLUMNS": "120", "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    written = bytearray()

    def seen() -> str:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", bytes(written).decode("utf-8", "replace"))

    def watch() -> None:
        with contextlib.suppress(OSError):  # The other end is closed.
            while data := os.read(ours, 65536):
                written.extend(data)

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert process.stdout is not None
    taken = process.stdout.read(1)
    time.sleep(DUE)
    while taken and steps and not re.search(until, seen()):
        steps -= 1
        taken = os.read(process.stdout.fileno(), 4096)
        time.sleep(0.1)
    process.stdout.read()
    process.stdout.close()
    assert process.wait(timeout=PATIENCE) == 0, seen()
    watcher.join()
    os.close(ours)
    return seen()


def test_a_bar_shows_what_is_done_how_fast_and_how_long_it_takes(
    long_article: Path, library: Path
) -> None:
    bar = rf"(\d+)/{SENTENCES} sentences.{{0,20}}?(\d+)x real time.{{0,20}}?(\d+:\d\d:\d\d)"
    seen = on_a_terminal(long_article, until=bar)
    drawn = re.findall(bar, seen)
    assert drawn, seen
    done = [int(sentences) for sentences, _, _ in drawn]
    assert done == sorted(done)
    assert 0 < done[0] < SENTENCES
    assert all(int(pace) > 0 for _, pace, _ in drawn)
    assert f"{SENTENCES} sentences spoken" in seen


def test_quiet_draws_nothing(long_article: Path, library: Path) -> None:
    assert on_a_terminal(long_article, "-q", until="sentences", steps=20) == ""


def test_stdout_gets_the_stream(article: Path, library: Path) -> None:
    done = piped(str(article))
    assert done.returncode == 0, done.stderr
    assert done.stdout == b"".join(narrate(article, stream=True, voice="tone"))
    assert b"plays 0:" in done.stderr


@pytest.mark.parametrize("audio_format", ["wav", "flac", "opus"])
def test_stdout_gets_other_formats_when_they_are_whole(
    article: Path, library: Path, tmp_path: Path, audio_format: str
) -> None:
    done = piped(str(article), "--format", audio_format, "-q")
    assert (done.returncode, done.stderr) == (0, b"")
    target = tmp_path / f"a.{audio_format}"
    narrate(article, voice="tone", output=target)
    assert done.stdout == target.read_bytes()


def test_the_first_bytes_come_before_the_last_sentence_is_spoken(
    long_article: Path, library: Path
) -> None:
    with subprocess.Popen(
        [NARRATOR, "narrate", str(long_article), "--voice", "tone", "-o", "-", "-q"],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.read(4096)
        spoken = len(list(library.rglob("*.flac")))
        rest = process.stdout.read()
    assert process.returncode == 0
    assert spoken < SENTENCES / 2
    sound, _ = soundfile.read(io.BytesIO(first), dtype="float32")
    assert np.abs(sound).max() > 0.05
    whole, rate = soundfile.read(io.BytesIO(first + rest), dtype="float32")
    assert len(whole) > 60 * rate


def test_who_reads_no_further_stops_it(long_article: Path, library: Path) -> None:
    with subprocess.Popen(
        [NARRATOR, "narrate", str(long_article), "--voice", "tone", "-o", "-"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1024)
        process.stdout.close()
        complaint = process.stderr.read()
    assert process.returncode == 1
    assert complaint == b""
    assert len(list(library.rglob("*.flac"))) < SENTENCES


@pytest.mark.parametrize("option", ["--json", "--captions"])
def test_stdout_is_for_the_audio_alone(article: Path, library: Path, option: str) -> None:
    refused(run("narrate", str(article), "--voice", "tone", "-o", "-", option), 2, option)


def test_a_terminal_gets_no_audio(article: Path, library: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [NARRATOR, "narrate", str(article), "--voice", "tone", "-o", "-"],
        stdout=theirs, stderr=subprocess.PIPE, timeout=PATIENCE, check=False,
    )  # fmt: skip
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert b"terminal" in done.stderr


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_who_is_stopped_leaves_no_temporary_file(
    long_article: Path, library: Path, tmp_path: Path, signal_number: int
) -> None:
    """Not beside the output, not in the library, not in the folder for temporary files."""
    out, temporary = tmp_path / "out", tmp_path / "temporary"
    temporary.mkdir()
    for wanted in (15, 40):
        with held(library, long_article, "tone"):
            process = subprocess.Popen(
                [NARRATOR, "narrate", str(long_article), "--voice", "tone", "--captions", "-q",
                 "-o", str(out / "a.opus")],
                env={**os.environ, "TMPDIR": str(temporary)}, stderr=subprocess.DEVNULL,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )  # fmt: skip
            wait_for_segments(library, wanted)
            process.send_signal(signal_number)
        assert process.wait(timeout=PATIENCE) != 0
        assert list(out.iterdir()) == []
        assert list(temporary.iterdir()) == []
        assert not list(library.rglob(".*"))
    assert run("library", "verify").returncode == 0


@pytest.mark.parametrize("ending", ["mp3", "wav", "opus", "m4a"])
def test_success_and_failure_leave_no_temporary_file(
    article: Path, library: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ending == "m4a" and shutil.which("ffmpeg") is None:
        pytest.skip("M4A needs ffmpeg")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.chdir(tmp_path)
    good = run("narrate", str(article), "--voice", "tone", "--captions", "-o", f"out/a.{ending}")
    assert good.returncode == 0, good.stderr
    assert sorted(p.name for p in Path("out").iterdir()) == sorted(
        [f"a.{ending}", "a.cues.json", "a.vtt"]
    )
    monkeypatch.setenv("NARRATOR_DISK_RESERVE", "1000T")
    Path("other.md").write_text("Another text that was not spoken before.")
    bad = run("narrate", "other.md", "--voice", "tone", "-o", f"bad/a.{ending}")
    refused(bad, 8, "held back")
    assert list(Path("bad").iterdir()) == []
    assert list(temporary.iterdir()) == []
    assert not list(library.rglob(".*"))


def test_a_file_system_without_nameless_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere than on Linux the file has a temporary name; it is whole all the same."""
    from narrator.outputs import whole_file

    monkeypatch.delattr(os, "O_TMPFILE")
    target = tmp_path / "a.txt"
    with whole_file(target) as file:
        file.write(b"half")
        assert not target.exists()
        assert len(list(tmp_path.iterdir())) == 1
    assert target.read_bytes() == b"half"
    with pytest.raises(ZeroDivisionError), whole_file(target) as file:
        file.write(b"other" * (1 // 0))
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert target.read_bytes() == b"half"


def test_a_sound_that_no_voice_of_the_language_knows_is_told(tmp_path: Path) -> None:
    article, names = tmp_path / "article.md", tmp_path / "names.toml"
    article.write_text("# Lakes\n\nThe loch froze. The loch is deep. The lake did not freeze.\n")
    names.write_text('[names]\nloch = { ipa = "lˈɑːx" }\nlake = { ipa = "lˈeɪk" }\n')
    told = run("narrate", str(article), "--voice", "tone", "--lexicon", str(names),
               "-o", str(tmp_path / "out.wav"))  # fmt: skip
    assert told.stderr.count("warning:") == 1
    assert "'loch' as /lˈɑːx/, but /x/ is no sound of the language" in told.stderr
    told = run("script", str(article), "--lexicon", str(names))
    assert told.stderr.count("warning:") == 1
    assert "/x/" in told.stderr


def test_a_command_that_fails_while_the_voice_loads_says_one_line(
    article: Path, library: Path, tmp_path: Path
) -> None:
    """Without a kept voice, which has to be rewritten first: that takes longest."""
    done = subprocess.run(
        [sys.executable, "-m", "narrator", "narrate", str(article), "--cover", "missing.png"],
        capture_output=True, text=True, env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "new")},
    )  # fmt: skip
    assert done.returncode == 6
    assert done.stderr.splitlines() == [
        "narrator: The cover missing.png cannot be read: No such file or directory."
    ]
