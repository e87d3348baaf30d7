"""The demo page: an article of ours as a publisher's page would have it, with the player."""

from __future__ import annotations

from html import escape

from markdown_it import MarkdownIt

from narrator.packed import packed
from narrator.reading import read_text
from narrator.reading.front_matter import split_front_matter

EXAMPLE = "article.md"
"""In the folder of examples."""


def example() -> str:
    """The Markdown of our example article."""
    return (packed("examples") / EXAMPLE).read_text("utf-8")


def demo_page(player: str, *, assets: str, install: str = "") -> str:
    """A whole HTML page. `player` is the tag to try, `assets` the address of the folder that holds
    the player's modules, `install` that of narrator-player.js as a publisher would write it."""
    markdown = example()
    article = read_text(markdown, "markdown", name=EXAMPLE)
    _, body = split_front_matter(markdown)
    script = install or f"{assets}/narrator-player.js"
    fields = {
        "{title}": escape(article.title),
        "{byline}": escape(" · ".join(filter(None, (article.author, article.date)))),
        "{line}": escape(f'<script type="module" src="{script}"></script>\n'
                         "<narrator-player></narrator-player>"),
        "{auto}": escape(f'<script type="module" data-narrator-auto\n  src="{script}"></script>'),
        "{assets}": escape(assets),
        "{player}": player,
        "{article}": MarkdownIt().render(body),
    }  # fmt: skip
    page = (packed("player") / "demo" / "demo.html").read_text("utf-8")
    for blank, value in fields.items():
        page = page.replace(blank, value)
    return page
