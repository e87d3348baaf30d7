"""How stable block ids are: random edits of random articles, as pages and as Markdown.

    python benchmarks/block_ids.py [--articles 300] [--edits 20] [--seed 1]

An edit adds, replaces, removes or moves one block. After it the ids of all others must be what
they were, but among blocks of equal kind and text, which are numbered in order. Told are the edits,
the ids that were compared, and those that differed.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable

from narrator.model import Article
from narrator.reading import read

WORDS = [
    "river",
    "stone",
    "lantern",
    "harbour",
    "winter",
    "orchard",
    "copper",
    "window",
    "silver",
    "meadow",
    "candle",
    "thunder",
    "garden",
    "bridge",
    "feather",
    "island",
    "kettle",
    "marble",
    "needle",
    "pepper",
    "ribbon",
    "saddle",
    "timber",
    "valley",
]
KINDS = ("p", "p", "p", "h2", "li", "blockquote", "pre")
END = "This is where it ends, after all that was said about stones and rivers and winters."
EQUAL = 0.1
"""Share of new blocks that repeat one that is there."""

Part = tuple[str, str]
"""Kind and text."""


def part(dice: random.Random, parts: list[Part]) -> Part:
    """A new block."""
    if parts and dice.random() < EQUAL:
        return dice.choice(parts)
    return dice.choice(KINDS), f"{' '.join(dice.choices(WORDS, k=10)).capitalize()}."


def page(parts: list[Part]) -> Article:
    """The blocks as a web page."""
    body = "".join(
        f"<ul><li>{text}</li></ul>" if kind == "li" else f"<{kind}>{text}</{kind}>"
        for kind, text in parts
    )
    return read(f"<html lang=en><article><h1>T</h1>{body}<p>{END}</p></article>", format="html")


def markdown(parts: list[Part]) -> Article:
    """The blocks as Markdown."""
    marks = {"p": "", "h2": "## ", "li": "- ", "blockquote": "> "}
    body = [
        f"```\n{text}\n```" if kind == "pre" else f"{marks[kind]}{text}" for kind, text in parts
    ]
    return read("\n\n".join(["# T", *body, END]), format="markdown")


def edited(dice: random.Random, parts: list[Part]) -> list[Part]:
    """The blocks after one edit."""
    place = dice.randrange(len(parts))
    what = dice.choice(["add", "replace", "remove", "move"])
    rest = [*parts[:place], *parts[place + 1 :]]
    if what == "add":
        return [*parts[:place], part(dice, parts), *parts[place:]]
    if what == "replace":
        return [*parts[:place], part(dice, parts), *parts[place + 1 :]]
    if what == "remove":
        return rest or parts
    rest.insert(dice.randrange(len(parts)), parts[place])
    return rest


def ids(article: Article) -> dict[tuple[str, str], list[str]]:
    """Kind and text -> the ids of such blocks, in order."""
    found: dict[tuple[str, str], list[str]] = {}
    for block in article.blocks:
        found.setdefault((block.kind, block.text), []).append(block.id)
    return found


def main() -> None:
    """Edit, read, compare and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    readers: dict[str, Callable[[list[Part]], Article]] = {"HTML": page, "Markdown": markdown}
    for name, reader in readers.items():
        dice = random.Random(asked.seed)
        edits = compared = differed = 0
        for _ in range(asked.articles):
            parts: list[Part] = []
            for _ in range(dice.randint(4, 40)):
                parts.append(part(dice, parts))
            before = ids(reader(parts))
            for _ in range(asked.edits):
                parts = edited(dice, parts)
                after = ids(reader(parts))
                for key, known in before.items():
                    count = min(len(known), len(after.get(key, ())))
                    compared += count
                    pairs = zip(known[:count], after.get(key, []), strict=False)
                    differed += sum(one != two for one, two in pairs)
                edits += 1
                before = after
        print(f"{name:10}{edits:8} edits {compared:9} ids compared {differed:6} differ")


if __name__ == "__main__":
    main()
