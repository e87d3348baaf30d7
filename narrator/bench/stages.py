"""Where the time of one narration goes: its stages one after the other, each to its end.

`narrator narrate` runs the later ones at the same time; here each has the machine for itself, so
their seconds add up to more than it takes. `python -m narrator.bench.stages ARTICLE` prints them as
JSON: a process of its own has imports to measure, and leaves no memory to others.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time

from narrator.bench.measured import finished


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage took."""

    name: str
    seconds: float
    """By the clock."""
    cpu_seconds: float


def stages(article: Path) -> list[Stage]:
    """The stages of narrating an article with an empty library."""
    done = finished([sys.executable, "-m", "narrator.bench.stages", str(article)])
    return [Stage(**stage) for stage in json.loads(done.output)]


def _stages(article: Path) -> list[Stage]:
    """The stages, measured in this process, which has loaded nothing yet."""
    watch = _Watch()
    from narrator.audio.captions import chapters, cue
    from narrator.audio.encode import Encoder
    from narrator.audio.join import join
    from narrator.audio.mastering import master
    from narrator.audio.tags import write_tags
    from narrator.planning import plan
    from narrator.queue.local import in_order
    from narrator.reading import read
    from narrator.settings import load_settings
    from narrator.studio import Speaker, Studio

    watch.stop("imports")
    source = read(article)
    watch.stop("read")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as file:
        studio = Studio(load_settings(library=folder))
        planned = plan(studio, source)
        watch.stop("script and plan")
        engine = studio.engine(planned.voice)
        speaker = Speaker(studio, engine, planned.speed)
        sentences = planned.script.sentences
        engine.speak(sentences[0], planned.speed)
        watch.stop("load the voice, with one sentence")
        segments = list(in_order(speaker.segment, sentences, studio.settings.threads))
        watch.stop("speak and keep")
        takes = zip(sentences, ([segment] for segment in segments), strict=True)
        joined = list(join(takes, engine.sample_rate, speed=planned.speed))
        watch.stop("join")
        pieces = list(master(joined, gain_db=planned.voice.gain))
        watch.stop("master")
        with Encoder(file, "mp3", engine.sample_rate) as encoder:
            for piece in pieces:
                encoder.write(piece.sound)
        watch.stop("encode")
        cues = [cue(piece.said) for piece in pieces if piece.said]
        duration = pieces[-1].end / engine.sample_rate
        write_tags(
            file, "mp3", article=source, voice=planned.voice,
            chapters=chapters(sentences, cues, duration),
        )  # fmt: skip
        watch.stop("captions and tags")
    return watch.stages


class _Watch:
    """Clock and CPU seconds between stops."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self._since = perf_counter(), process_time()

    def stop(self, name: str) -> None:
        now = perf_counter(), process_time()
        self.stages.append(Stage(name, now[0] - self._since[0], now[1] - self._since[1]))
        self._since = perf_counter(), process_time()


if __name__ == "__main__":
    print(json.dumps([asdict(stage) for stage in _stages(Path(sys.argv[1]))]))
