"""Compressed bytes -> bytes, never more than asked for, however much they would become."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENCODINGS = ("gzip", "deflate", "br", "zstd")
"""Values of Content-Encoding that can be undone."""

_STEP = 1 << 18
"""Bytes that come out of a decompressor at a time."""

_ZSTD_WINDOW = 23
"""Power of two of the bytes that zstd may look back: 8 MB, what RFC 9659 lets servers use."""


class Decompressor(Protocol):
    """Undoes one encoding of a stream."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes of the stream become, in steps of bounded size; ValueError where
        they are damaged."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the stream may end here."""
        ...


class _Zlib:
    """gzip, of one or more members, and deflate; the latter is sent both with and without the
    zlib header."""

    def __init__(self, *, gzip: bool) -> None:
        self._wbits = zlib.MAX_WBITS | (16 if gzip else 0)
        self._inner = zlib.decompressobj(self._wbits)
        self._may_be_raw = not gzip
        self._members = gzip

    @property
    def complete(self) -> bool:
        return self._inner.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        pending = data
        while True:
            if self._inner.eof:
                pending = self._inner.unused_data or pending
                # Some pad the end with zeros.
                if not self._members or not pending.strip(b"\0"):
                    return
                self._inner = zlib.decompressobj(self._wbits)
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
            # Where a step was full, more may be waiting inside, though all input is taken.
            if not (pending or self._inner.eof or len(piece) == _STEP):
                return


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    @property
    def complete(self) -> bool:
        return bool(self._inner.is_finished())

    def feed(self, data: bytes) -> Iterator[bytes]:
        pending = data
        while not self._inner.is_finished():
            try:
                piece = self._inner.process(pending, output_buffer_limit=_STEP)
            except brotli.error as error:
                raise ValueError(str(error)) from error
            pending = b""
            yield piece
            # It may ask for more though a last step is waiting inside.
            if not piece and self._inner.can_accept_more_data():
                return


class _Zstd:
    def __init__(self) -> None:
        self._new()

    def _new(self) -> None:
        limit = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW}
        self._inner = zstd.ZstdDecompressor(options=limit)

    @property
    def complete(self) -> bool:
        return self._inner.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        pending = data
        while True:
            if self._inner.eof:
                pending = self._inner.unused_data or pending
                if not pending:
                    return
                self._new()
            try:
                piece = self._inner.decompress(pending, _STEP)
            except zstd.ZstdError as error:
                raise ValueError(str(error)) from error
            pending = b""
            yield piece
            if self._inner.needs_input and not self._inner.eof:
                return


def inflate(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The chunks decoded; ValueError where they are damaged or cut off, or encoded in an unknown
    way."""
    if encoding in ("", "identity"):
        yield from chunks
        return
    if encoding not in ENCODINGS:
        raise ValueError(f"unknown Content-Encoding {encoding!r}")
    decompressor = _decompressor(encoding)
    empty = True
    for chunk in chunks:
        empty = empty and not chunk
        yield from decompressor.feed(chunk)
    if not (empty or decompressor.complete):
        raise ValueError(f"the {encoding} data ends too early")


def _decompressor(encoding: str) -> Decompressor:
    if encoding == "br":
        return _Brotli()
    return _Zstd() if encoding == "zstd" else _Zlib(gzip=encoding == "gzip")
