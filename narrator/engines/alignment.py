"""Which phonemes say which word.

espeak-ng phonemizes a sentence in groups that are not always words ("of the" becomes one, a
number or an initialism several). Each word is therefore phonemized alone as well, and the two
strings are aligned.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

STRESS = frozenset("ˈˌː")
"""Marks that come and go with the neighbours of a word."""

PUNCTUATION = frozenset(".,;:?!")
"""What the phonemizer leaves of the punctuation; none of it belongs to a word."""


_LONG = 3000
_STRETCH = 1000
"""Phonemes that are aligned at a time where there are many."""

_SURE = 4
"""So many in a row are no chance."""


def word_spans(words: Sequence[str], phonemes: Sequence[str]) -> list[tuple[int, int]]:
    """Spans (start, end) in `phonemes`, one a word, in order and not overlapping.

    `words` are the phonemes of each word alone, `phonemes` those of the sentence, one character
    each, with blanks between groups. A word that has no phonemes of its own in the sentence
    shares its neighbour's, by length. The spans are empty only if the sentence has no phonemes.
    """
    heard = [i for i, p in enumerate(phonemes) if p not in STRESS and p not in PUNCTUATION]
    actual = "".join(phonemes[i] for i in heard)
    expected = ""
    edges = []
    for word in words:
        bare = "".join(p for p in word if p not in STRESS and p not in PUNCTUATION and p != " ")
        edges.append((len(expected), len(expected) + len(bare)))
        expected += bare + " "
    place = _mapping(expected, actual)
    spans = []
    position = 0
    for start, end in edges:
        first, last = max(position, place[start]), max(position, place[end])
        while first < last and actual[first] == " ":
            first += 1
        while first < last and actual[last - 1] == " ":
            last -= 1
        spans.append((first, last))
        position = last
    spans = _share(spans, [end - start for start, end in edges], len(actual))
    return [_widen(span, heard, phonemes) for span in spans]


def _mapping(expected: str, actual: str) -> list[int]:
    """For each position in `expected`, and its end, the position in `actual`. What is long is
    aligned stretch by stretch, for the time that it takes grows with the square of the length."""
    place: list[int] = []
    first = begin = 0
    while len(expected) - first > _LONG:
        said, heard = expected[first : first + _STRETCH], actual[begin : begin + 2 * _STRETCH]
        matcher = SequenceMatcher(None, said, heard, autojunk=False)
        sure = [block for block in matcher.get_matching_blocks() if block.size >= _SURE]
        last = sure[-1] if sure else None
        # Not to the end: there the rest of the sentence may fit better.
        done = last.a + last.size // 2 if last else _STRETCH
        found = (
            last.b + last.size // 2 if last else len(heard) * _STRETCH // (len(expected) - first)
        )
        place += [begin + each for each in _aligned(said[:done], heard[:found])[:-1]]
        first, begin = first + done, begin + found
    return place + [begin + each for each in _aligned(expected[first:], actual[begin:])]


def _aligned(expected: str, actual: str) -> list[int]:
    place = [0] * (len(expected) + 1)
    matcher = SequenceMatcher(None, expected, actual, autojunk=False)
    for _, a0, a1, b0, b1 in matcher.get_opcodes():
        for a in range(a0, a1):
            place[a] = b0 + (a - a0) * (b1 - b0) // (a1 - a0)
        place[a1] = b1
    return place


def _share(spans: list[tuple[int, int]], sizes: list[int], length: int) -> list[tuple[int, int]]:
    """The spans without empty ones: a run of words over one span divides it by their sizes."""
    shared: list[tuple[int, int]] = []
    i = 0
    while i < len(spans):
        j = i + 1
        while j < len(spans) and spans[j][0] == spans[j][1]:
            j += 1
        first, last = spans[i][0], spans[j - 1][1]
        if first == last:  # The sentence begins with words that have no phonemes.
            last = spans[j][1] if j < len(spans) else length
            j = min(j + 1, len(spans))
        total = sum(max(1, size) for size in sizes[i:j])
        done = 0
        for size in sizes[i:j]:
            start = first + (last - first) * done // total
            done += max(1, size)
            shared.append((start, first + (last - first) * done // total))
        i = j
    return shared


def _widen(span: tuple[int, int], heard: list[int], phonemes: Sequence[str]) -> tuple[int, int]:
    """A span of heard phonemes as one of all phonemes, stress and length marks included."""
    first, last = span
    if first == last:
        at = heard[first] if first < len(heard) else len(phonemes)
        return at, at
    start, end = heard[first], heard[last - 1] + 1
    while start > 0 and phonemes[start - 1] in "ˈˌ":
        start -= 1
    while end < len(phonemes) and phonemes[end] == "ː":
        end += 1
    return start, end
