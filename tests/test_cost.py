"""What hostile documents cost grows in proportion to them (`tests/shapes.py`).

Four times the document may take eight times the CPU seconds of one: in proportion that is four,
and sixteen where each part is compared with all others. What takes less than a twentieth of a
second is not told from noise, and a measurement that another process disturbs is made again.
`make test` takes every third, `make soak` all.
`benchmarks/cost.py` measures the same at larger sizes, with memory, one process for each.
"""

from __future__ import annotations

import gc
import logging
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from shapes import SHAPES, Shape

MOST = 8.0
LEAST_SECONDS = 0.05
LEAST_BYTES = 100_000
ATTEMPTS = 3


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def taken(shape: Shape, document: bytes) -> tuple[float, int]:
    """CPU seconds, and bytes of what comes of it."""
    gc.collect()
    began = time.process_time()
    size = shape.work(document)
    return time.process_time() - began, size


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if number % 3 == 0 else pytest.mark.soak)
        for number, name in enumerate(SHAPES)
    ],
)
def test_four_times_the_document_does_not_take_many_times_as_long(name: str) -> None:
    shape = SHAPES[name]
    n = max(1, shape.n // 8)
    one, four = shape.make(n), shape.make(4 * n)
    taken(shape, shape.make(1))
    least = most = float("inf")
    for _ in range(ATTEMPTS):
        seconds, size = taken(shape, one)
        more_seconds, more_size = taken(shape, four)
        least, most = min(least, seconds), min(most, more_seconds)
        if most <= MOST * max(least, LEAST_SECONDS):
            break
    assert most <= MOST * max(least, LEAST_SECONDS), f"{least:.3f} s for {n}, {most:.3f} s for 4n"
    assert more_size <= MOST * max(size, LEAST_BYTES)


@pytest.mark.parametrize("name", ["one word of tones", "aliases", "paragraphs", "rows of a table"])
def test_four_times_the_document_does_not_take_many_times_the_memory(name: str) -> None:
    shape = SHAPES[name]
    n = max(2, shape.n // 8)
    peaks = []
    for document in (shape.make(1), shape.make(n), shape.make(4 * n)):
        tracemalloc.start()
        shape.work(document)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] <= MOST * max(peaks[1], 5_000_000)
