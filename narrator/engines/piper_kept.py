"""Voices as they are loaded, kept in the user's cache folder from one process to the next.

A voice's model is parsed, cut and rewritten once; afterwards its parts are read in place, by all
processes from the same memory. A file's name is a hash of all that decides what is in it, so it is
never stale; it begins with a hash of the rest, so damage is noticed; it appears whole or not at
all, and may be deleted at any time.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import mmap
import os
import platform
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from narrator.engines.piper_part import Flow, Part, Section, SplitModel
from narrator.model import Voice, fingerprint

log = logging.getLogger("narrator.engines")

MOST = 4
"""Voices that are kept, about 120 MB each; the least recently used goes first."""

ALIGNED = 64
"""Bytes that a tensor's place is a multiple of: a line of the processor's cache."""

HASH = 32
"""Bytes of the hash with which a file begins."""

LENGTH = 8
"""Bytes of the length of the table, which follows the hash."""

ENDING = ".voice"


def folder() -> Path:
    """Where the voices are kept; FileNotFoundError for a user without a home."""
    try:
        return user_cache_path("narrator", appauthor=False) / "voices"
    except RuntimeError as error:
        raise FileNotFoundError(errno.ENOENT, "There is no home folder", "~/.cache") from error


@dataclass(frozen=True, slots=True)
class Kept:
    """A voice that was found."""

    parts: SplitModel
    """Its tensors lie in the file."""
    _content: mmap.mmap

    def is_whole(self) -> bool:
        """Whether the file holds what was written. Takes some 0.1 s, and no interpreter lock."""
        with memoryview(self._content) as content:
            return hashlib.sha256(content[HASH:]).digest() == content[:HASH]


def find(voice: Voice) -> Kept | None:
    """The voice as it was kept, if it was; not yet known to be whole."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        path = _path(voice)
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        length = int.from_bytes(content[HASH : HASH + LENGTH])
        table = json.loads(content[HASH + LENGTH : HASH + LENGTH + length])
        start = _up(HASH + LENGTH + length)
        with suppress(OSError):
            os.utime(path)
        return Kept(_read(table, _Tensors(content, start)), content)
    return None


def forget(voice: Voice) -> None:
    """Remove what was kept of the voice."""
    with suppress(OSError):
        _path(voice).unlink(missing_ok=True)


def keep(voice: Voice, parts: SplitModel) -> None:
    """Keep the voice for other processes, if there is a place where that can be; else the log says
    why not."""
    try:
        path = _path(voice)
    except OSError as error:
        _tell_not_kept(voice, error)
        return
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    tensors: list[npt.NDArray[Any]] = []
    table = json.dumps(_table(parts, tensors)).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with temporary.open("wb") as file:
            file.write(bytes(HASH))
            for piece in _pieces(table, tensors):
                digest.update(piece)
                file.write(piece)
            file.seek(0)
            file.write(digest.digest())
        temporary.replace(path)
        _tidy(path.parent)
    except OSError as error:  # No room, or no right to write.
        _tell_not_kept(voice, error)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _tell_not_kept(voice: Voice, error: OSError) -> None:
    log.warning(
        "The voice %s cannot be kept for the next start, which takes about a second longer: %s: "
        "%s. Set XDG_CACHE_HOME to a folder that can be written.",
        voice.id, error.strerror, error.filename,
    )  # fmt: skip


def _path(voice: Voice) -> Path:
    """Where the voice is kept: under a hash of its model, the code that rewrites it, the versions
    of what that builds on, and the processor that it is written for."""
    code = [path.read_bytes().hex() for path in sorted(Path(__file__).parent.glob("piper_*.py"))]
    versions = [version(package) for package in ("piper-tts", "onnxruntime", "numpy", "onnx")]
    name = fingerprint("v1", [sha256 for _, sha256 in voice.files], code, versions, _processor())
    return folder() / f"{name}{ENDING}"


def _processor() -> list[str]:
    """What the processor can do, as far as the system tells."""
    known = [platform.machine(), platform.processor()]
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        known += sorted({line for line in lines if line.startswith(("flags", "model name"))})
    return known


def _tidy(where: Path) -> None:
    """Remove the voices that were not used for longest, and what a killed process left."""
    found = sorted(where.glob(f"*{ENDING}*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[MOST:]:
        path.unlink(missing_ok=True)


def _up(position: int) -> int:
    return -(-position // ALIGNED) * ALIGNED


def _pieces(table: bytes, tensors: list[npt.NDArray[Any]]) -> Iterator[bytes | memoryview]:
    """What follows the hash in the file."""
    yield len(table).to_bytes(LENGTH)
    yield table
    position = HASH + LENGTH + len(table)
    for tensor in tensors:
        yield bytes(_up(position) - position)
        position = _up(position) + tensor.nbytes
        yield np.ascontiguousarray(tensor).reshape(-1).view(np.uint8).data


def _table(parts: SplitModel, tensors: list[npt.NDArray[Any]]) -> dict[str, Any]:
    """What the parts are, as JSON values; their tensors go into the list."""
    places = 0

    def place(tensor: npt.NDArray[Any]) -> list[Any]:
        nonlocal places
        at = _up(places)
        places = at + tensor.nbytes
        tensors.append(tensor)
        return [at, tensor.dtype.str, list(tensor.shape)]

    def part(one: Part) -> dict[str, Any]:
        graph = np.frombuffer(one.graph, np.uint8)
        weights = {name: place(value) for name, value in one.weights.items()}
        return {"graph": place(graph), "weights": weights}

    def simple(one: Flow | Section) -> dict[str, Any]:
        return {
            name: part(value) if isinstance(value, Part) else value
            for name, value in ((name, getattr(one, name)) for name in one.__slots__)
        }

    return {
        "encoder": part(parts.encoder),
        "flow": None if parts.flow is None else simple(parts.flow),
        "decoder": [simple(section) for section in parts.decoder],
        "noise_channels": parts.noise_channels,
    }


class _Tensors:
    """The tensors of a file by their places."""

    def __init__(self, content: mmap.mmap, start: int) -> None:
        self._content = content
        self._start = start

    def at(self, place: list[Any]) -> npt.NDArray[Any]:
        offset, kind, shape = place
        count = int(np.prod(shape, dtype=np.int64))
        flat = np.frombuffer(self._content, np.dtype(kind), count, self._start + offset)
        return flat.reshape(shape)


def _read(table: Mapping[str, Any], tensors: _Tensors) -> SplitModel:
    """The parts that `_table` told of."""

    def part(told: Mapping[str, Any]) -> Part:
        weights = {name: tensors.at(place) for name, place in told["weights"].items()}
        return Part(tensors.at(told["graph"]).tobytes(), weights)

    def simple(told: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: part(value)
            if isinstance(value, dict)
            else tuple(value)
            if isinstance(value, list)
            else value
            for name, value in told.items()
        }

    return SplitModel(
        encoder=part(table["encoder"]),
        flow=None if table["flow"] is None else Flow(**simple(table["flow"])),
        decoder=tuple(Section(**simple(section)) for section in table["decoder"]),
        noise_channels=(table["noise_channels"][0], table["noise_channels"][1]),
    )
