"""How much of an article is found, and how much beside it: narrator and others on the same pages.

    python benchmarks/reading.py [FOLDER] [--page NAME] [--worst 10] [--kinds]

A folder holds pages (`NAME.html`) with the text that is their article (`NAME.txt`), by default
`benchmarks/pages`. The measure is that of the public article-extraction benchmark: the 4-grams of
`\\w+` tokens that are expected and found, expected and not found, found and not expected, as
shares of a page; precision and recall are means over the pages, F1 is their harmonic mean.
Milliseconds are CPU time of this process for a page, the median, readers taking turns.
readability-lxml takes part where it is installed (`pip install readability-lxml`).
"""

from __future__ import annotations

import argparse
import logging
import re
import statistics
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from importlib.util import find_spec
from pathlib import Path

from lxml import html
from trafilatura import extract

from narrator.errors import NarratorError
from narrator.reading import read
from narrator.reading.dom import shown_text

Reader = Callable[[str], str]

_GRAM = 4
_TOKEN = re.compile(r"\w+")
_PAGES = Path(__file__).parent / "pages"


def by_narrator(page: str) -> str:
    """The text of the blocks; nothing where narrator refuses the page."""
    try:
        return "\n".join(block.text for block in read(page, format="html").blocks)
    except NarratorError:
        return ""


def by_trafilatura(page: str) -> str:
    """As it comes, without comments."""
    return extract(page, include_comments=False) or ""


def by_trafilatura_precise(page: str) -> str:
    """As narrator asks it."""
    return extract(page, include_comments=False, favor_precision=True) or ""


def by_readability(page: str) -> str:
    """The text of its summary."""
    from readability import Document

    return shown_text(html.fromstring(Document(page).summary(html_partial=True)))


READERS: dict[str, Reader] = {
    "narrator": by_narrator,
    "trafilatura": by_trafilatura,
    "trafilatura precise": by_trafilatura_precise,
}
if find_spec("readability"):
    READERS["readability-lxml"] = by_readability


@dataclass(frozen=True, slots=True)
class Score:
    """One page read by one reader."""

    page: str
    found: float
    """Share of all grams, expected or found, that are both; so the others."""
    beside: float
    missed: float
    milliseconds: float

    @property
    def precision(self) -> float:
        """Of what was found, the share that was expected."""
        return _share(self.found, self.beside, self.missed)

    @property
    def recall(self) -> float:
        """Of what was expected, the share that was found."""
        return _share(self.found, self.missed, self.beside)

    @property
    def f1(self) -> float:
        """Of this page alone."""
        return _harmonic(self.precision, self.recall)


def score(page: str, expected: str, found: str, milliseconds: float = 0.0) -> Score:
    """How the text that was found agrees with the expected one."""
    true, ours = _grams(expected), _grams(found)
    both, beside, missed = (true & ours).total(), (ours - true).total(), (true - ours).total()
    total = both + beside + missed or 1
    return Score(page, both / total, beside / total, missed / total, milliseconds)


def main() -> None:
    """Read, score and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=_PAGES)
    parser.add_argument("--page", help="show what narrator makes of this page, as a diff")
    parser.add_argument("--kinds", action="store_true", help="F1 of each kind in pages.toml")
    parser.add_argument("--worst", type=int, default=10, help="how many pages to list")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    if "readability-lxml" not in READERS:
        print("readability-lxml is not installed and takes no part.")
    if asked.page:
        print(_diff(asked.folder / f"{asked.page}.html"))
        return
    scores: dict[str, list[Score]] = {name: [] for name in READERS}
    for path in sorted(asked.folder.glob("*.html")):
        page, expected = path.read_text("utf-8"), path.with_suffix(".txt").read_text("utf-8")
        for name, reader in READERS.items():
            start = time.process_time()
            found = reader(page)
            taken = (time.process_time() - start) * 1000
            scores[name].append(score(path.stem, expected, found, taken))
    _print(scores, asked.worst)
    if asked.kinds:
        listed = tomllib.loads((asked.folder / "pages.toml").read_text("utf-8"))["pages"]
        _print_kinds(scores, {each["name"]: each["kind"] for each in listed})


def _print_kinds(scores: Mapping[str, Sequence[Score]], kinds: Mapping[str, str]) -> None:
    print(f"\n{'F1 by kind':18}{'pages':>6}" + "".join(f"{name:>21}" for name in scores))
    for kind, count in Counter(kinds.values()).most_common():
        of_kind = ([s for s in each if kinds[s.page] == kind] for each in scores.values())
        row = "".join(f"{statistics.mean(s.f1 for s in each):21.3f}" for each in of_kind)
        print(f"{kind:18}{count:6}{row}")


def _print(scores: Mapping[str, Sequence[Score]], worst: int) -> None:
    print(f"{'':22}{'precision':>10}{'recall':>10}{'F1':>10}{'exact':>8}{'ms/page':>10}")
    for name, each in scores.items():
        precision = statistics.mean(s.precision for s in each if s.found + s.beside > 0)
        recall = statistics.mean(s.recall for s in each if s.found + s.missed > 0)
        exact = sum(s.beside == s.missed == 0 for s in each)
        speed = statistics.median(s.milliseconds for s in each)
        f1 = _harmonic(precision, recall)
        print(f"{name:22}{precision:10.3f}{recall:10.3f}{f1:10.3f}{exact:8}{speed:10.1f}")
    print(f"\n{'narrator, worst pages':34}{'precision':>10}{'recall':>10}{'F1':>8}   best other")
    ours = sorted(enumerate(scores["narrator"]), key=lambda each: each[1].f1)
    for i, s in ours[:worst]:
        other, their = max(
            ((name, each[i].f1) for name, each in scores.items() if name != "narrator"),
            key=lambda pair: pair[1],
        )
        print(f"{s.page:34}{s.precision:10.3f}{s.recall:10.3f}{s.f1:8.3f}   {their:.3f} {other}")


def _diff(path: Path) -> str:
    expected = path.with_suffix(".txt").read_text("utf-8").splitlines()
    article = read(path.read_text("utf-8"), format="html")
    found = [
        line if block.kind != "code" else f"    {line}"
        for block in article.blocks
        for line in block.text.split("\n")
        if line.strip()
    ]
    left_out = [f"({each.reason}) {each.text}" for each in article.omissions]
    return "\n".join(
        [
            f"title: {article.title}",
            *(line for line in unified_diff(expected, found, "expected", "found", "", "", 1, "")),
            "left out:",
            *left_out,
        ]
    )


def _grams(text: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(text)
    last = max(1, len(tokens) - _GRAM + 1)
    return Counter(gram for i in range(last) if (gram := tuple(tokens[i : i + _GRAM])))


def _share(right: float, wrong: float, other: float) -> float:
    if wrong == other == 0:
        return 1.0
    return right / (right + wrong) if right + wrong else 0.0


def _harmonic(one: float, two: float) -> float:
    return 2 * one * two / (one + two) if one + two else 0.0


if __name__ == "__main__":
    main()
