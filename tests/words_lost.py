"""Words that `narrator script` loses or invents: `words_lost.py ARTICLE [--except WHAT]...`

The body: TEXT in <article> (else <main>, <body>) of .html and rendered .md but the title (first
<h1>), code, tables; all lines of .txt, title and all; minus WHAT (XPath; regex of .txt lines)."""

import json
import re
import sys
from difflib import unified_diff
from pathlib import Path
from subprocess import check_output
from typing import Any
from unicodedata import normalize

from lxml import html
from markdown_it import MarkdownIt

TEXT = "p h1 h2 h3 h4 h5 h6 li blockquote figcaption summary dt dd".split()
NO_TEXT = "//script|//style|//template|//button|//nav|//form|//pre|//table|//*[@hidden]"


def words(text: str) -> list[str]:
    """Runs of letters and digits, and signs that are read as words; a soft hyphen parts none."""
    visible = re.sub("[\u00ad\u200b-\u200d\u2060\ufeff]", "", normalize("NFKC", text))
    return re.findall(r"[^\W_]+|[$€£¥₽%&°§]", visible)


def body(article: Path, *excepted: str) -> list[str]:
    """The words of the body, in order."""
    front, text = re.findall(r"\A(?:---\n(.*?\n)---\n)?(.*)", article.read_text("utf-8"), re.S)[0]
    if article.suffix == ".txt":
        return words(re.sub(rf"^.*(?:{'|'.join(excepted) or '(?!)'}).*$", "", text, flags=re.M))
    if article.suffix == ".md":
        text = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    page: Any = html.document_fromstring(text.encode(), html.HTMLParser(encoding="utf-8"))
    roots = page.xpath("//article") or page.xpath("//main") or [page]
    root = max(roots, key=lambda element: len(element.text_content()))
    for part in root.iter(*TEXT, "br", "div"):  # their ends part words, those of a link do not
        part.text, part.tail = f" {part.text or ''}", f" {part.tail or ''}"
    title = words("".join(re.findall(r"^title:(.*)", front, re.M)))
    headline = [h for h in root.xpath("(.//h1)[1]") if title in ([], words(h.text_content()))]
    for element in {*headline, *page.xpath("|".join([NO_TEXT, *excepted]))}:
        element.drop_tree()
    return words("".join(root.xpath(f".//text()[ancestor::{' or ancestor::'.join(TEXT)}]")))


def compare(article: Path, script: Any, *excepted: str) -> tuple[int, int, list[str]]:
    """Words in the body, words said, and a diff: lost (-) and invented (+) among neighbours."""
    silent = () if article.suffix == ".txt" else ("title", "table_row")
    sources = (s["source"] for s in script["sentences"] if s["kind"] not in silent)
    ours, theirs = body(article, *excepted), words(" ".join(sources))
    return len(ours), len(theirs), [*unified_diff(ours, theirs, n=4, lineterm="")][2:]


if __name__ == "__main__":
    file, *given = (argument for argument in sys.argv[1:] if argument != "--except")
    script = check_output([Path(sys.executable).with_name("narrator"), "script", file, "--json"])
    there, said, found = compare(Path(file), json.loads(script), *given)
    print(*found, f"{there} words in the body, {said} said", sep="\n")
    sys.exit(1 if found else 0)
