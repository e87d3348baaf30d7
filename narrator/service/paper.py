"""Our own pages for people: plain HTML without scripts, fonts or anything of other sites."""

from __future__ import annotations

import re
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8884; border-radius: .4rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; }
th, td { border-bottom: 1px solid #8884; }
section { border-top: 1px solid #8884; margin-top: 2rem; }
h2 code { font-size: 1em; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
"""

_CODE = re.compile(r"`([^`]+)`")


def page(title: str, body: str) -> HTMLResponse:
    """A page of ours; `body` is HTML."""
    text = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        '</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n"
        "</main>\n</body></html>\n"
    )
    return HTMLResponse(text, headers={"Cache-Control": "public, max-age=300"})


def said(text: str) -> str:
    """A text with `code` in it as HTML, a paragraph for each of its own."""
    parts = (_CODE.sub(r"<code>\1</code>", escape(part)) for part in text.strip().split("\n\n"))
    return "\n".join(f"<p>{part}</p>" for part in parts if part)
