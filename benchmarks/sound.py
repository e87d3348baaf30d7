"""What a finished MP3 is like: loudness, true peak, and whether its three lengths agree.

Judged by others than the pipeline: pyloudnorm (BS.1770-4), scipy's polyphase filter for the true
peak (4 times oversampled), mutagen for the header; the sum of segments and pauses is the end of the
last cue plus its pause, from the cues JSON beside the file.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
from mutagen.mp3 import MP3
from scipy.signal import resample_poly


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("audio", type=Path)
    options = parser.parse_args()
    sound, rate = soundfile.read(options.audio)
    loudness = pyloudnorm.Meter(rate).integrated_loudness(sound)
    peak = 20 * np.log10(np.abs(resample_poly(sound, 4, 1)).max())
    print(f"loudness {loudness:.2f} LUFS, true peak {peak:.2f} dBTP")
    header = MP3(options.audio).info.length  # type: ignore[no-untyped-call,attr-defined]
    print(f"header {header:.3f} s, decoded {len(sound) / rate:.3f} s", end="")
    cues = options.audio.with_suffix(".cues.json")
    print(f", segments and pauses {json.loads(cues.read_text())['audio']['duration']:.3f} s"
          if cues.exists() else "")  # fmt: skip


if __name__ == "__main__":
    main()
