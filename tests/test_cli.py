"""The command line as people and programs meet it: the real process, its output, its exit code."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from waiting import PATIENCE, until

from narrator import read
from narrator.library.segments import segment_name
from narrator.planning import plan
from narrator.settings import load_settings
from narrator.studio import Studio

NARRATOR = str(Path(sys.executable).parent / "narrator")
ARTICLE = "# A title\n\nFirst sentence here. Second one follows.\n\n## A heading\n\nThe end.\n"


def run(
    *arguments: str, stdin: bytes = b"", timeout: float = PATIENCE
) -> subprocess.CompletedProcess[str]:
    """The finished command."""
    done = subprocess.run(
        [NARRATOR, *arguments], input=stdin, capture_output=True, timeout=timeout, check=False
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.md"
    path.write_text(ARTICLE)
    return path


def test_narrate_prints_the_path_and_nothing_else(
    article: Path, library: Path, tmp_path: Path
) -> None:
    done = run("narrate", str(article), "--voice", "tone", "-o", str(tmp_path / "out") + "/")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{tmp_path}/out/article.mp3\n"
    assert "plays 0:" in done.stderr
    assert "5 sentences spoken, 0 from the library" in done.stderr


def test_narrate_json(article: Path, library: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.mp3"
    done = run(
        "narrate", str(article), "--voice", "tone", "-o", str(target), "--json", "--captions"
    )
    told = json.loads(done.stdout)
    assert done.stderr == ""
    assert told["audio"] == str(target)
    assert told["size"] == target.stat().st_size
    assert told["spoken"] == told["sentences"] == 5
    assert Path(told["captions"]).read_text().startswith("WEBVTT")
    cues = json.loads(Path(told["cues"]).read_text())
    assert cues["audio"]["sha256"] == told["sha256"]
    again = json.loads(
        run("narrate", str(article), "--voice", "tone", "-o", str(target), "--json").stdout
    )
    assert again["spoken"] == 0
    assert again["sha256"] == told["sha256"]


def test_an_edited_sentence_is_the_only_one_spoken_again(
    article: Path, library: Path, tmp_path: Path
) -> None:
    target = str(tmp_path / "a.mp3")
    run("narrate", str(article), "--voice", "tone", "-o", target)
    article.write_text(ARTICLE.replace("Second one", "Another one"))
    done = run("narrate", str(article), "--voice", "tone", "-o", target, "--json")
    assert json.loads(done.stdout)["spoken"] == 1


def test_script_prints_one_sentence_a_line(article: Path) -> None:
    done = run("script", str(article))
    assert done.stdout.splitlines() == [
        "A title.", "First sentence here.", "Second one follows.", "A heading.", "The end.",
    ]  # fmt: skip


def test_script_reads_stdin_and_explains() -> None:
    done = run("script", "-", "--explain", stdin=b"It cost $5.")
    assert done.returncode == 0, done.stderr
    assert "five dollars" in done.stdout
    assert "money" in done.stdout


def test_script_json_links_words_to_the_page() -> None:
    done = run("script", "-", "--json", "--from", "text", stdin=b"It cost $5 then.")
    (sentence,) = json.loads(done.stdout)["sentences"]
    assert sentence["spoken"] == "It cost five dollars then."
    linked = [sentence["source"][w["source_start"] : w["source_end"]] for w in sentence["words"]]
    assert linked == ["It", "cost", "$5", "$5", "then"]


def test_script_explains_to_programs_and_compares_lexicons(tmp_path: Path) -> None:
    done = run("script", "-", "--explain", "--json", stdin=b"It cost $5.")
    (change,) = json.loads(done.stdout)["changes"]
    assert (change["source"], change["spoken"], change["rule"]) == ("$5", "five dollars", "money")
    other = tmp_path / "other.toml"
    other.write_text('[names]\nXi = { say = "she" }\n')
    done = run("script", "-", "--against", str(other), stdin=b"No change. Xi left.")
    assert done.returncode == 0, done.stderr
    assert "Xi /\u0283\u02c8i\u02d0/ left." in done.stdout
    assert "She left." in done.stdout
    assert "No change" not in done.stdout
    assert "1 of 2 sentences" in done.stdout
    told = run("script", "-", "--against", str(other), "--json", stdin=b"No change. Xi left.")
    assert [d["then"] for d in json.loads(told.stdout)["differences"]] == [["She left."]]
    refused(run("script", "-", "--against", str(other), "--explain", stdin=b"Hi."), 2, "--against")
    other.write_text("[names]\n\nXi = 3\n")
    refused(run("script", "-", "--against", str(other), stdin=b"Hi."), 2, "other.toml:3")


def test_quiet_says_nothing(article: Path, library: Path, tmp_path: Path) -> None:
    done = run("narrate", str(article), "--voice", "tone", "-o", str(tmp_path / "a.wav"), "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("name", "content", "code", "says"),
    [
        ("missing.md", None, 3, "missing.md"),
        ("folder", "folder", 3, "folder"),
        ("empty.md", b"", 3, "empty"),
        ("wordless.md", b"---\n\n***\n\n...\n", 3, "words"),
        ("picture.md", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, 3, "PNG"),
        ("paper.html", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)), 3, "PDF"),
        ("large.txt", "large", 3, "MB"),
        ("broken.md", b"---\ntitle: [\n---\nText here.\n", 3, "front matter"),
    ],
)
def test_bad_articles(
    tmp_path: Path, library: Path, name: str, content: bytes | str | None, code: int, says: str
) -> None:
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif content == "large":
        path.write_bytes(b"many words here and there\n" * 2_000_000)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    refused(run("narrate", str(path), "-o", str(tmp_path / "a.mp3")), code, says)
    assert not (tmp_path / "a.mp3").exists()
    assert not library.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--voice", "nobody"], 2, "en_US-joe-medium"),
        (["--format", "mp4"], 2, "mp3"),
        (["-o", "a.xyz"], 2, "xyz"),
        (["-o", "a.mp3", "--format", "flac"], 2, "contradict"),
        (["--language", "tlh"], 2, "tlh"),
        (["--speed", "9"], 2, "speed"),
        (["--speed", "fast"], 2, "speed"),
        (["--lexicon", "missing.toml"], 2, "missing.toml"),
        (["--intro", "missing.wav"], 6, "missing.wav"),
        (["--cover", "missing.png"], 6, "missing.png"),
        (["--library", "gopher://x"], 2, "gopher"),
        (["-o", "/proc/no/such/place.mp3"], 2, "--output"),
        (["--no-such-option"], 2, "No such option"),
    ],
)
def test_bad_options(
    article: Path, library: Path, tmp_path: Path, arguments: list[str], code: int, says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    voice = [] if "--voice" in arguments else ["--voice", "tone"]
    refused(run("narrate", str(article), *voice, *arguments), code, says)
    assert sorted(p.name for p in tmp_path.iterdir() if p != library) == ["article.md"]


def test_a_setting_of_an_unknown_name_is_refused(
    article: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "narrator.toml").write_text('voise = "tone"\n')
    refused(run("narrate", str(article)), 2, "voise")
    (tmp_path / "narrator.toml").write_text("voice = [\n")
    refused(run("narrate", str(article)), 2, "narrator.toml")


def test_settings_come_from_flag_then_environment_then_file(
    article: Path, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "narrator.toml").write_text('voice = "tone"\nspeed = 2.0\n')

    def duration(*flags: str) -> float:
        done = run("narrate", str(article), "--json", *flags)
        assert done.returncode == 0, done.stderr
        return float(json.loads(done.stdout)["duration"])

    from_file = duration()
    monkeypatch.setenv("NARRATOR_SPEED", "1.0")
    from_environment = duration()
    assert from_environment > 1.5 * from_file
    assert duration("--speed", "3") < from_file


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/article.md":
            body, kind = ARTICLE.encode(), "text/markdown"
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()


def test_a_url_is_an_article(server: str) -> None:
    done = run("script", f"{server}/article.md", "--allow-private")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("A title.\n")


def test_bad_urls(server: str, tmp_path: Path) -> None:
    refused(run("script", f"{server}/article.md"), 3, "private")
    refused(run("script", f"{server}/missing", "--allow-private"), 3, "404")
    refused(run("script", "http://127.0.0.1:9/", "--allow-private"), 3, "127.0.0.1")
    refused(run("script", "ftp://127.0.0.1/"), 3, "ftp")


def test_ctrl_c_keeps_what_was_spoken_and_leaves_no_file(tmp_path: Path, library: Path) -> None:
    path = tmp_path / "long.md"
    text = ". ".join(
        f"Sentence {i} goes on for a good while and says very little" for i in range(60)
    )
    path.write_text(text + ".")
    target = tmp_path / "out" / "a.mp3"
    with held(library, path):
        process = subprocess.Popen(
            [NARRATOR, "narrate", str(path), "-o", str(target)], stderr=subprocess.PIPE, text=True,
            # A shell's background job starts with Ctrl-C ignored, and so would all that it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        wait_for_segments(library, 4)
        process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert complaint.count("\n") == 1
    assert "kept" in complaint
    assert list(target.parent.iterdir()) == []
    kept = len(list(library.rglob("*.flac")))
    assert kept >= 4
    done = run("library", "verify", "--json")
    told = {"segments": kept, "repaired": False, "damaged": []}
    assert json.loads(done.stdout).items() >= told.items()


def test_killed_and_started_again_it_gives_the_same_bytes(tmp_path: Path, library: Path) -> None:
    path = tmp_path / "long.md"
    text = ". ".join(f"Sentence {i} is spoken and then it is over" for i in range(24))
    path.write_text(text + ".")
    target = tmp_path / "a.mp3"
    for spoken in (2, 9, 16):
        with held(library, path):
            process = subprocess.Popen([NARRATOR, "narrate", str(path), "-o", str(target), "-q"])
            wait_for_segments(library, spoken)
            process.kill()
            process.wait()
        assert not target.exists()
    assert run("library", "verify").returncode == 0
    interrupted = json.loads(run("narrate", str(path), "-o", str(target), "--json").stdout)
    assert interrupted["spoken"] < 24
    undisturbed = json.loads(
        run("narrate", str(path), "-o", str(tmp_path / "b.mp3"), "--json",
            "--library", str(tmp_path / "other"), "--threads", "1").stdout
    )  # fmt: skip
    assert interrupted["sha256"] == undisturbed["sha256"]


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system can be mounted by root only")
def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NARRATOR_DISK_RESERVE", "0")
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], check=True)
    try:
        path = tmp_path / "long.txt"
        path.write_text(" ".join(f"Many words are said here, sentence {i}." for i in range(200)))
        narrate = ("narrate", str(path), "--voice", "tone")
        no_library = run(
            *narrate, "--library", str(small / "library"), "-o", str(tmp_path / "a.mp3")
        )
        refused(no_library, 8, "space")
        assert not (tmp_path / "a.mp3").exists()
        assert run("library", "verify", "--library", str(small / "library")).returncode == 0
        shutil.rmtree(small / "library")
        no_output = run(
            *narrate, "--library", str(tmp_path / "library"), "-o", str(small / "out" / "b.wav")
        )
        refused(no_output, 8, "space")
        assert list((small / "out").iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_nothing_is_spoken_when_the_disk_is_nearly_full(
    article: Path, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.mp3"
    narrate = ("narrate", str(article), "--voice", "tone", "-o", str(target))
    monkeypatch.setenv("NARRATOR_DISK_RESERVE", "1000T")
    refused(run(*narrate), 8, "held back")
    assert not target.exists()
    monkeypatch.setenv("NARRATOR_DISK_RESERVE", "1M")
    assert run(*narrate).returncode == 0
    monkeypatch.setenv("NARRATOR_DISK_RESERVE", "1000T")
    assert run(*narrate).returncode == 0, "what is in the library needs no room"


def test_library_commands(article: Path, library: Path, tmp_path: Path) -> None:
    run("narrate", str(article), "--voice", "tone", "-o", str(tmp_path / "a.mp3"))
    assert list(library.rglob("encoded/*/*.mp3"))
    assert json.loads(run("library", "du", "--json").stdout)["segments"] == 5
    assert "5 segments" in run("library", "du").stdout
    victim = next(library.rglob("*.flac"))
    victim.write_bytes(victim.read_bytes()[:-400])
    found = run("library", "verify")
    assert found.returncode == 1
    assert victim.name in found.stdout
    assert run("library", "verify", "--repair").returncode == 0
    assert json.loads(run("library", "du", "--json").stdout)["segments"] == 4
    dry = json.loads(run("library", "gc", "--max-size", "0", "--dry-run", "--json").stdout)
    assert (dry["segments"], dry["dry_run"]) == (4, True)
    assert json.loads(run("library", "gc", "--max-size", "0", "--json").stdout)["segments"] == 4
    assert json.loads(run("library", "du", "--json").stdout)["segments"] == 0
    assert not list(library.rglob("encoded/*/*.mp3")), "what they were encoded to goes as well"
    refused(run("library", "gc", "--max-size", "much"), 2, "500M")


def test_a_damaged_segment_is_spoken_again(article: Path, library: Path, tmp_path: Path) -> None:
    first = run("narrate", str(article), "--voice", "tone", "-o", str(tmp_path / "a.mp3"), "--json")
    victim = next(library.rglob("*.flac"))
    victim.write_bytes(victim.read_bytes()[:-400])
    again = run("narrate", str(article), "--voice", "tone", "-o", str(tmp_path / "b.mp3"), "--json")
    told = json.loads(again.stdout)
    assert told["spoken"] == 1
    assert "damaged" in told["warnings"][0]
    assert told["sha256"] == json.loads(first.stdout)["sha256"]


def test_voices() -> None:
    assert "CC0-1.0" in run("voices", "list").stdout
    listed = json.loads(run("voices", "list", "--json").stdout)
    assert [voice["id"] for voice in listed] == ["en_US-joe-medium", "tone"]
    assert "whole" in run("voices", "show", "en_US-joe-medium").stdout
    refused(run("voices", "show", "nobody"), 2, "nobody")


def test_help_teaches() -> None:
    top = run("--help").stdout
    for word in ("narrate", "script", "voices", "library", "Exit codes", "130"):
        assert word in top
    assert "--captions" in run("narrate", "--help").stdout
    assert "article-narrator[bench]" in run("bench", "--help").stdout
    assert run().returncode == 2
    assert run("--version").stdout.startswith("narrator 0.")


def refused(done: subprocess.CompletedProcess[str], code: int, says: str) -> None:
    """The command failed with that code and a short complaint; nothing went to stdout."""
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    if "Usage:" not in done.stderr:
        assert done.stderr.count("\n") == 1


@contextmanager
def held(library: Path, article: Path, voice: str = "") -> Iterator[None]:
    """Nobody can speak the last sentence of the article during the block, so that no command that
    narrates it ends by itself, however fast the machine is."""
    studio = Studio(load_settings(library=str(library), voice=voice))
    last = plan(studio, read(article)).segments[-1]
    with studio.library.lease(segment_name(last)) as had:
        assert had
        yield
    studio.close()


def wait_for_segments(library: Path, count: int) -> None:
    """Until the library holds so many."""
    until(lambda: len(list(library.rglob("*.flac"))) >= count)
