"""A roll is the sequence that it was made of, however it is asked."""

from __future__ import annotations

import threading
import tracemalloc

import pytest
from conftest import make_sentence
from hypothesis import given
from hypothesis import strategies as st

from narrator.model import Sentence
from narrator.roll import STRETCH, Roll

EDGE = st.integers(-3 * STRETCH, 3 * STRETCH) | st.none()


@given(st.integers(0, 3 * STRETCH + 1), EDGE, EDGE, st.sampled_from([None, 1, -1, 2, -3, STRETCH]))
def test_it_is_sliced_as_a_tuple(
    count: int, start: int | None, stop: int | None, step: int | None
) -> None:
    values = tuple(range(count))
    assert Roll(values)[start:stop:step] == values[start:stop:step]


@given(st.lists(st.text(), max_size=3 * STRETCH))
def test_it_is_what_it_was_made_of(items: list[str]) -> None:
    roll = Roll(items)
    assert list(roll) == items
    assert len(roll) == len(items)
    assert [roll[i] for i in range(-len(items), len(items))] == items * 2
    assert roll == tuple(items)
    assert tuple(items) == roll
    assert roll == Roll(items)
    assert roll != Roll([*items, ""])
    for outside in (len(items), -len(items) - 1):
        with pytest.raises(IndexError):
            roll[outside]


def test_sentences_come_back_equal() -> None:
    sentences = [make_sentence(f"Sentence number {i}.") for i in range(3 * STRETCH)]
    assert Roll(sentences) == tuple(sentences)


def test_it_takes_a_sixth_of_the_memory() -> None:
    def sentences() -> list[Sentence]:
        return [make_sentence(f"This is sentence {i} of a long article.") for i in range(3200)]

    tracemalloc.start()
    try:
        loose = sentences()
        held = tracemalloc.get_traced_memory()[0]
        roll = Roll(loose)
        del loose
        rolled = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(roll) == 3200
    assert rolled < held / 6


def test_readers_see_a_beginning_while_it_grows() -> None:
    roll: Roll[int] = Roll()
    wrong: list[list[int]] = []

    def read() -> None:
        while len(roll) < 100 * STRETCH:
            seen = list(roll)
            if seen != list(range(len(seen))):
                wrong.append(seen)
            told = len(roll) // 2
            seen = list(roll[told:])
            if seen != list(range(told, told + len(seen))):
                wrong.append(seen)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(100 * STRETCH):
        roll.append(number)
    for reader in readers:
        reader.join()
    assert not wrong
