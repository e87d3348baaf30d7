"""What a process keeps: voices that come and go, a library that stays within its limit, and
sentences that are spoken once, whoever wants them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import MakeSentence
from waiting import PATIENCE

from narrator.engines import Engine, Hear, load
from narrator.engines.catalogue import default_voice, find_voice
from narrator.engines.piper import PiperEngine
from narrator.errors import VoiceError
from narrator.library import open_library
from narrator.library.leases import leased
from narrator.library.upkeep import usage
from narrator.model import Segment, Sentence
from narrator.settings import load_settings
from narrator.studio import LoadedVoices, Speaker, Studio

NARRATOR = str(Path(sys.executable).parent / "narrator")
TONE = find_voice("tone")


class SlowTone:
    """The tone engine, slowed down and counting."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.identity = engine.identity
        self.sample_rate = engine.sample_rate
        self.spoken: list[str] = []

    def prepare(self) -> None:
        self.engine.prepare()

    def speak(self, sentence: Sentence, speed: float, hear: Hear | None = None) -> Segment:
        time.sleep(0.1)
        self.spoken.append(sentence.spoken)
        return self.engine.speak(sentence, speed, hear)


def test_an_expected_voice_is_loaded_before_it_speaks(tmp_path: Path) -> None:
    studio = Studio(load_settings(library=str(tmp_path)))
    joe = default_voice("en")
    studio.expect(joe)
    _wait_for_voices()
    engine = studio.engine(joe)
    assert isinstance(engine, PiperEngine)
    assert engine.loaded


def test_what_is_wrong_with_an_expected_voice_is_said_when_it_speaks(
    sentence: MakeSentence, tmp_path: Path
) -> None:
    studio = Studio(load_settings(library=str(tmp_path)))
    lost = replace(default_voice("en"), source=str(tmp_path / "nowhere"))
    studio.expect(lost)
    _wait_for_voices()
    with pytest.raises(VoiceError, match="lacks its file"):
        Speaker(studio, studio.engine(lost), 1.0).segment(sentence("Nothing."))


def _wait_for_voices() -> None:
    for thread in threading.enumerate():
        if thread.name == "narrator-voice":
            thread.join()


def test_threads_that_want_the_same_sentence_speak_it_once(
    tone: Engine, sentence: MakeSentence, tmp_path: Path
) -> None:
    studio = Studio(load_settings(library=str(tmp_path)))
    engine = SlowTone(tone)
    wanted = [sentence("The same words."), sentence("Other words.")] * 4
    with ThreadPoolExecutor(8) as pool:
        segments = list(pool.map(Speaker(studio, engine, 1.0).segment, wanted))
    assert sorted(engine.spoken) == ["Other words.", "The same words."]
    assert len({segment.samples.tobytes() for segment in segments}) == 2
    assert not list(tmp_path.rglob("*.lock"))


def test_processes_that_want_the_same_article_speak_it_once(tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text(" ".join(f"Sentence number {i} of many is here." for i in range(12)))
    command = [NARRATOR, "narrate", str(article), "--library", str(tmp_path / "library"), "--json"]
    runs = [
        subprocess.Popen([*command, "-o", str(tmp_path / f"{i}.mp3")], stdout=subprocess.PIPE)
        for i in range(2)
    ]
    told = [json.loads(run.communicate(timeout=PATIENCE)[0]) for run in runs]
    assert sum(one["spoken"] for one in told) == 12
    assert told[0]["sha256"] == told[1]["sha256"]


def test_a_killed_holder_gives_its_lease_back(tmp_path: Path) -> None:
    lock = tmp_path / "leases" / "n1-ab.lock"
    code = (
        "import sys, time; from pathlib import Path; from narrator.library.leases import leased\n"
        "with leased(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with leased(lock, patience=0.2) as had:
        assert not had, "a holder that takes too long is no reason to wait for ever"
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    with leased(lock, patience=PATIENCE) as had:
        assert had
    assert not lock.exists()


def test_a_lease_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "n1-ab.lock"
    holders = 0
    most = 0
    guard = threading.Lock()

    def hold(_: int) -> bool:
        nonlocal holders, most
        with leased(lock) as had:
            with guard:
                holders += 1
                most = max(most, holders)
            time.sleep(0.002)
            with guard:
                holders -= 1
        return had

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(hold, range(120)))
    assert most == 1


def test_the_library_stays_within_its_limit_and_loses_the_oldest(
    tone: Engine, sentence: MakeSentence, tmp_path: Path
) -> None:
    studio = Studio(load_settings(library=str(tmp_path), library_limit="200K"))
    speaker = Speaker(studio, tone, 1.0)
    for number in range(40):
        speaker.segment(sentence(f"Sentence number {number} is here to take some room."))
        studio.tidy()
    held = usage(open_library(str(tmp_path)))
    assert held.segment_bytes < 200_000 * 1.05
    spoken = speaker.spoken
    speaker.segment(sentence("Sentence number 39 is here to take some room."))
    assert speaker.spoken == spoken, "the latest is still there"
    speaker.segment(sentence("Sentence number 0 is here to take some room."))
    assert speaker.spoken == spoken + 1, "the oldest is not"


def test_voices_are_dropped_when_others_need_their_place_or_when_idle() -> None:
    now = 0.0
    loads: list[str] = []

    def loading(voice: object) -> Engine:
        loads.append(voice.id)  # type: ignore[attr-defined]
        return load(TONE)

    voices = LoadedVoices(2, 100.0, load=loading, clock=lambda: now)
    one, two, three = (replace(TONE, id=name) for name in ("one", "two", "three"))
    first = voices.engine(one)
    assert voices.engine(one) is first
    voices.engine(two)
    voices.engine(one)
    voices.engine(three)
    assert voices.engine(one) is first, "used more recently than two"
    voices.engine(two)
    assert loads == ["one", "two", "three", "two"]
    now = 101.0
    voices.drop_idle()
    voices.engine(one)
    assert loads[-1] == "one"


def test_damaged_settings_are_refused() -> None:
    for bad in ({"library_limit": "much"}, {"voices_loaded": 0}, {"disk_reserve": -1}):
        with pytest.raises(Exception, match=next(iter(bad))):
            load_settings(**bad)
