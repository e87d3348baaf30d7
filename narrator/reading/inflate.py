"""Compressed bytes -> bytes, never more than asked for, however much they would become."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]

ENCODINGS = ("gzip", "deflate", "br")
"""Values of Content-Encoding that can be undone."""

_STEP = 1 << 18
"""Bytes that come out of a decompressor at a time."""


class Decompressor(Protocol):
    """Undoes one encoding of a stream."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes of the stream become, in steps of bounded size; ValueError where
        they are damaged."""
        ...


class _Zlib:
    """gzip and deflate; the latter is sent both with and without the zlib header."""

    def __init__(self, *, gzip: bool) -> None:
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | (16 if gzip else 0))
        self._may_be_raw = not gzip

    def feed(self, data: bytes) -> Iterator[bytes]:
        pending = data
        while pending:
            try:
                piece = self._inner.decompress(pending, _STEP)
            except zlib.error as error:
                if not self._may_be_raw:
                    raise ValueError(str(error)) from error
                self._may_be_raw = False
                self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._may_be_raw = False
            pending = self._inner.unconsumed_tail
            yield piece


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        pending = data
        while True:
            try:
                piece = self._inner.process(pending, output_buffer_limit=_STEP)
            except brotli.error as error:
                raise ValueError(str(error)) from error
            pending = b""
            yield piece
            if self._inner.can_accept_more_data():
                return


def inflate(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The chunks decoded; ValueError where they are damaged, or encoded in an unknown way."""
    if encoding in ("", "identity"):
        yield from chunks
        return
    if encoding not in ENCODINGS:
        raise ValueError(f"unknown Content-Encoding {encoding!r}")
    decompressor: Decompressor = _Brotli() if encoding == "br" else _Zlib(gzip=encoding == "gzip")
    for chunk in chunks:
        yield from decompressor.feed(chunk)
