"""What the English rules change in plain prose, for a person to look at: is it never worse than
leaving the text alone?

    python benchmarks/prose_audit.py [--words 120000] [--cache DIR] [--rule NAME] [--all] [--json]

The prose comes from Debian packages, fetched by `apt-get download` into the cache (nothing is
installed, no text is kept in the tree): essays, manuals, a jargon dictionary, quotations. Every
change is counted by rule; the distinct ones ("source => spoken", with one place where each stands)
are listed, so that all can be read. `--all` lists every place; `--rule` one rule alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from narrator.model import Article, Block, Sentence
from narrator.reading import read
from narrator.script import write_script

PROSE: Mapping[str, tuple[str, ...]] = {
    "anarchism": ("html/secA2.html", "html/secC2.html", "html/secH2.html", "html/append31.html"),
    "debian-handbook": ("html/en-US/*.html",),
    "jargon-text": ("jargon.txt.gz",),
    "developers-reference": ("developers-reference.txt.gz",),
    "debian-policy": ("policy.txt.gz",),
    "debian-faq": ("FAQ/debian-faq.en.txt.gz",),
    "fortunes": ("people", "science", "politics", "wisdom", "work", "law", "literature", "food"),
}
"""Package -> the ends of the paths of what is read of it, as globs."""

SHORTEST = 8
"""Words of a paragraph that is taken for prose."""

_WORD = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True, slots=True)
class Seen:
    """One change, where it stands."""

    rule: str
    source: str
    spoken: str
    place: str
    """The sentence, cut to what is near."""


def fetched(package: str, cache: Path) -> Path:
    """The folder with the files of a package."""
    folder = cache / package
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=cache) as part:
            subprocess.run(["apt-get", "-qq", "download", package], cwd=part, check=True)
            (archive,) = Path(part).glob("*.deb")
            subprocess.run(["dpkg-deb", "-x", str(archive), str(folder)], check=True)
    return folder


def paragraphs(path: Path) -> Iterator[str]:
    """The prose of a file, a paragraph each on one line."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8", "replace")
    if path.suffix == ".html":
        blocks = read(text, format="html").blocks
        yield from (" ".join(block.text.split()) for block in blocks if block.kind == "paragraph")
        return
    for part in re.split(r"\n\s*\n|\n%\n", text.replace("\r", "")):
        lines = part.splitlines()
        indents = {len(line) - len(line.lstrip()) for line in lines[1:]}
        if len(indents) < 2 and not any(re.search(r"\S {3,}\S", line) for line in lines):
            yield " ".join(part.split())


def is_prose(text: str) -> bool:
    """Whether it is sentences rather than a table, a listing or a heading."""
    letters = sum(c.isalpha() or c.isspace() for c in text)
    return len(_WORD.findall(text)) >= SHORTEST and letters > 0.9 * len(text)


def corpus(cache: Path, words: int) -> Iterator[str]:
    """Paragraphs, about the same number of words of each package, `words` together."""
    for package, ends in PROSE.items():
        folder = fetched(package, cache)
        left = words // len(PROSE)
        for path in (path for end in ends for path in sorted(folder.rglob(end))):
            for text in filter(is_prose, paragraphs(path)):
                if left > 0:
                    left -= len(_WORD.findall(text))
                    yield text


def changes_of(sentence: Sentence) -> Iterator[Seen]:
    """What is said otherwise than written, or with phonemes of its own."""
    for (start, end, rule), group in groupby(
        sentence.words, key=lambda word: (word.source_start, word.source_end, word.rule)
    ):
        if not rule:
            continue
        said = list(group)
        at = start - sentence.start
        source = sentence.source[at : end - sentence.start]
        spoken = sentence.spoken[said[0].start : said[-1].end]
        sound = "".join(f" /{word.phonemes}/" for word in said if word.phonemes)
        place = sentence.source[max(0, at - 60) : at + len(source) + 60]
        yield Seen(rule, source, spoken + sound, place)


def audited(texts: Iterator[str]) -> tuple[int, list[Seen]]:
    """Words read, and all that was changed."""
    seen: list[Seen] = []
    words = 0
    for number, text in enumerate(texts):
        words += len(_WORD.findall(text))
        block = Block(str(number), "paragraph", text)
        script = write_script(Article("", "en", blocks=(block,)))
        seen += (change for sentence in script.sentences for change in changes_of(sentence))
    return words, seen


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--words", type=int, default=120_000, help="words to read (%(default)s)")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "prose-audit"))
    parser.add_argument("--rule", help="list this rule alone")
    parser.add_argument("--all", action="store_true", help="list every place, not every pair once")
    parser.add_argument("--json", action="store_true", help="all changes as JSON, for programs")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)

    words, seen = audited(corpus(options.cache, options.words))
    if options.json:
        json.dump({"words": words, "changes": [asdict(each) for each in seen]}, sys.stdout)
        return
    pairs: dict[str, dict[tuple[str, str], list[Seen]]] = defaultdict(lambda: defaultdict(list))
    for each in seen:
        pairs[each.rule][each.source, each.spoken].append(each)
    for rule, found in sorted(pairs.items()):
        if options.rule not in (None, rule):
            continue
        print(f"\n== {rule}: {sum(map(len, found.values()))} changes, {len(found)} distinct")
        for (source, spoken), places in sorted(found.items()):
            for each in places if options.all else places[:1]:
                print(f"{len(places):4}  {source} => {spoken}    | {each.place}")
    counts = Counter(each.rule for each in seen)
    distinct = sum(map(len, pairs.values()))
    print(f"\n{words} words, {len(seen)} changes ({distinct} distinct) by {len(counts)} rules")


if __name__ == "__main__":
    main()
