"""The gain that brings ordinary prose of a voice to the target loudness, for voices/voices.toml.

Speaks the article as its own voice does, without mastering, and measures all sentences of the body
together with pyloudnorm, an implementation of BS.1770-4 that the pipeline does not use.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyloudnorm

from narrator import read, write_script
from narrator.audio.mastering import TARGET
from narrator.engines import load
from narrator.engines.catalogue import find_voice


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("voice")
    parser.add_argument("article", nargs="?", default="examples/article.md")
    options = parser.parse_args()
    voice = find_voice(options.voice)
    engine = load(voice)
    script = write_script(read(Path(options.article)))
    prose = [s for s in script.sentences if s.kind == "paragraph"]
    sound = np.concatenate([engine.speak(sentence, 1.0).samples for sentence in prose]) / 32768
    loudness = pyloudnorm.Meter(voice.sample_rate).integrated_loudness(sound)
    print(f"{len(prose)} sentences, {len(sound) / voice.sample_rate:.0f} s: {loudness:.2f} LUFS")
    print(f"gain = {TARGET - loudness:.1f}")


if __name__ == "__main__":
    main()
