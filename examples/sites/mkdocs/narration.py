"""A hook of MkDocs: each page that has audio gets its player, below the headline."""

import json
from pathlib import Path


def on_page_content(html, page, config, files):
    """The content of a page, with the snippet that `narrator prerender` wrote for its address."""
    audio = Path(config["docs_dir"], "audio")
    index = audio / "index.json"
    if not index.is_file():
        return html
    for article in json.loads(index.read_text("utf-8"))["articles"]:
        if article["url"] == page.canonical_url:
            snippet = (audio / article["slug"] / "snippet.html").read_text("utf-8")
            before, headline, after = html.partition("</h1>")
            return before + headline + snippet + after if headline else snippet + html
    return html
