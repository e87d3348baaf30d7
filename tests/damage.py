"""Twelve ways in which a site folder can be wrong, planted into one that is whole.

The first six leave a trace in names, sizes or hashes; the other six are re-signed, as if a fault of
the program had made them so: three contradict the script, of three only the sound tells.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from narrator.model import Sound
from narrator.publishing.manifest import Manifest, manifest_json, read_manifest

Plant = Callable[[Path], object]
"""Damages the site folder whose article `long` is whole."""

ARTICLE = "long"
CHANGED = 7
"""Index of the sentence that is damaged: one of some length, in the middle."""


def manifest_in(out: Path) -> Manifest:
    return read_manifest((out / ARTICLE / "manifest.json").read_bytes(), name=ARTICLE)


def cues_in(out: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((out / ARTICLE / "cues.json").read_bytes())
    return loaded


def sound_in(out: Path) -> tuple[Sound, int]:
    sound, rate = soundfile.read(out / ARTICLE / "audio.mp3", dtype="float32")
    return sound, rate


def signed(out: Path, sound: Sound | None = None, cues: dict[str, Any] | None = None) -> None:
    """Put another sound, or other cues, into the folder, so that every name, size, hash and length
    fits."""
    folder, manifest = out / ARTICLE, manifest_in(out)
    told = cues or cues_in(out)
    if sound is not None:
        path = folder / "audio.mp3"
        soundfile.write(path, sound, manifest.sample_rate)
        manifest = replace(manifest, duration=round(len(sound) / manifest.sample_rate, 3))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        told["audio"] |= {"sha256": digest, "duration": manifest.duration}
    (folder / "cues.json").write_text(json.dumps(told))
    files = []
    for file in manifest.files:
        data = (folder / file.name).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        url = file.url.replace(file.sha256[:12], digest[:12])
        files.append(replace(file, size=len(data), sha256=digest, url=url))
    (folder / "manifest.json").write_bytes(manifest_json(replace(manifest, files=tuple(files))))
    for path in (out / "index.json", out / "feed.xml"):
        text = path.read_text()
        for before, after in zip(manifest.files, files, strict=True):
            text = text.replace(before.url, after.url)
            text = text.replace(f'length="{before.size}"', f'length="{after.size}"')
        path.write_text(text)


def stretch(out: Path) -> tuple[Sound, int, int, dict[str, Any]]:
    """The sound, first and last sample of the damaged sentence, the cues."""
    sound, rate = sound_in(out)
    cues = cues_in(out)
    cue = cues["cues"][CHANGED]
    return sound, int(cue["start"] * rate), int(cue["end"] * rate), cues


def missing(out: Path) -> None:
    (out / ARTICLE / "captions.vtt").unlink()


def shortened(out: Path) -> object:
    path = out / ARTICLE / "audio.mp3"
    return path.write_bytes(path.read_bytes()[:-5000])


def flipped(out: Path) -> object:
    path = out / ARTICLE / "audio.mp3"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    return path.write_bytes(data)


def stopped(out: Path) -> None:
    (out / ARTICLE / "manifest.json").unlink()


def lying_feed(out: Path) -> object:
    path, size = out / "feed.xml", manifest_in(out).audio.size
    return path.write_text(path.read_text().replace(f'length="{size}"', f'length="{size - 1}"', 1))


def edited(out: Path) -> object:
    path = out.parent / "content" / f"{ARTICLE}.md"
    return path.write_text(path.read_text().replace("ferry", "boat"))


def silenced(out: Path) -> None:
    """Half of a sentence is not heard."""
    sound, start, end, _ = stretch(out)
    sound[(start + end) // 2 : end] = 0
    signed(out, sound)


def clipped(out: Path) -> None:
    sound, start, end, _ = stretch(out)
    sound[start:end] = np.clip(sound[start:end] * 6, -1, 1)
    signed(out, sound)


def cut(out: Path) -> None:
    """The last word of a sentence loses its end; the pause begins earlier."""
    sound, _, end, cues = stretch(out)
    last = cues["cues"][CHANGED]["words"][-1]
    middle = int((last["start"] + last["end"]) / 2 * 22050)
    sound[middle:end] = 0
    cues["cues"][CHANGED]["end"] = last["end"] = round(middle / 22050, 3)
    signed(out, sound, cues)


def swallowed(out: Path) -> None:
    """A sentence is over after a third of its words, and all after it comes earlier."""
    sound, start, end, cues = stretch(out)
    kept = start + (end - start) // 4
    shift = (end - kept) / 22050
    cue = cues["cues"][CHANGED]
    for word in cue["words"]:
        for name in ("start", "end"):
            word[name] = round(cue["start"] + (word[name] - cue["start"]) / 4, 3)
    cue["end"] = round(kept / 22050, 3)
    for later in cues["cues"][CHANGED + 1 :]:
        for each in (later, *later["words"]):
            for name in ("start", "end"):
                each[name] = round(each[name] - shift, 3)
    faded = sound[:kept].copy()
    faded[-1500:] *= np.linspace(1, 0, 1500, dtype=np.float32) ** 4
    signed(out, np.concatenate([faded, sound[end:]]), cues)


def shifted(out: Path) -> None:
    """The sound is half a second behind its cues."""
    sound, rate = sound_in(out)
    gap = np.zeros(rate // 2, np.float32)
    signed(out, np.concatenate([gap, sound])[: len(sound)])


def forgotten(out: Path) -> None:
    """A sentence of the script has no cue, though it is heard."""
    cues = cues_in(out)
    del cues["cues"][CHANGED]
    signed(out, None, cues)


PLANTED: dict[str, tuple[Plant, bool, set[str]]] = {
    "a file is gone": (missing, True, {"missing"}),
    "a file is cut short": (shortened, True, {"length"}),
    "a bit is flipped": (flipped, True, {"damaged"}),
    "a run was stopped": (stopped, True, {"unfinished"}),
    "the feed has another length": (lying_feed, True, {"feed"}),
    "the article was edited": (edited, True, {"stale"}),
    "half a sentence is silent": (silenced, False, {"silence"}),
    "a sentence clips": (clipped, False, {"clipping"}),
    "a word is cut": (cut, True, {"cut", "times"}),
    "a sentence is swallowed": (swallowed, True, {"proportion"}),
    "the sound is late": (shifted, False, {"shifted"}),
    "a sentence has no cue": (forgotten, True, {"words"}),
}
"""Damage -> how to plant it, whether the quick look finds it, what the deep one says of it."""
