"""Sources come out as the file of the same name in `pages/` says.

Such a file tells the metadata (`title: ...`), after an empty line the body, one block a line
(`kind level label: text`; `|` parts cells, `⏎` lines of code), and after another empty line what
must be among the things left out: `left out: how it begins, or what it holds (reason)`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from narrator.model import Article, Block
from narrator.reading import read

PAGES = Path(__file__).parent / "pages"
FIELDS = ("title", "author", "date", "language", "url")


@pytest.mark.parametrize("expected", sorted(PAGES.glob("*.expected")), ids=lambda path: path.stem)
def test_page(expected: Path) -> None:
    page = next(path for path in PAGES.glob(f"{expected.stem}.*") if path != expected)
    article = read(page)
    metadata, body, *left_out = expected.read_text("utf-8").strip().split("\n\n")

    assert [line(block) for block in article.blocks] == body.splitlines()
    for told in metadata.splitlines():
        field, _, value = told.partition(": ")
        assert getattr(article, field) == value
    for told in "\n".join(left_out).splitlines():
        assert is_left_out(article, told.removeprefix("left out: ")), (
            f"{told} of {article.omissions}"
        )


def line(block: Block) -> str:
    """The block as the expected files write it."""
    words = [block.kind, str(block.level) if block.level else "", block.label]
    text = block.text.replace("\t", " | ").replace("\n", " ⏎ ")
    return f"{' '.join(filter(None, words))}: {text}"


def is_left_out(article: Article, told: str) -> bool:
    text, reason = re.fullmatch(r"(.*?)(?: \(([^()]*)\))?", told).groups()  # type: ignore[union-attr]
    return any(text in each.text and reason in (None, each.reason) for each in article.omissions)
