"""What becomes of pages that were made to hurt, and of files that are no pages.

    python benchmarks/hostile_pages.py [NAME]...

Each is written to a temporary folder and read by a process of its own, as `narrator script` reads
it. Told are the size of the file, CPU seconds and peak memory of that process, less what a page of
one paragraph takes, and what came of it: so many blocks, or the error that a user sees.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

PROSE = "<p>The tide comes in twice a day, and twice a day it goes out again without a word.</p>"

_READ = """
import json, resource, sys
from narrator.errors import NarratorError
from narrator.reading import read_source
try:
    article = read_source(sys.argv[1])
    told = f"{len(article.blocks)} blocks" + "".join(f"; {w}" for w in article.warnings)
except NarratorError as error:
    told = f"{type(error).__name__}: {error}"
used = resource.getrusage(resource.RUSAGE_SELF)
# Not ru_maxrss, which a process inherits from the one that started it.
status = open("/proc/self/status").read()
peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
print(json.dumps([used.ru_utime + used.ru_stime, peak, told]))
"""

_SECONDS = 300
"""After so many a page is given up."""


def _page(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>".encode()


def _article(body: str) -> bytes:
    return _page(f"<article><h1>Tides</h1>{PROSE * 3}{body}{PROSE * 3}</article>")


def _many_words(megabytes: int) -> bytes:
    return _article(PROSE * (megabytes * 1_000_000 // len(PROSE)))


def _table_of(rows: int) -> str:
    return "<table>" + "<tr><td>a</td><td>b</td></tr>" * rows + "</table>"


PAGES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "one-paragraph": ("html", lambda: _page(PROSE)),
    "prose-1-mb": ("html", lambda: _many_words(1)),
    "prose-10-mb": ("html", lambda: _many_words(10)),
    "prose-100-mb": ("html", lambda: _many_words(100)),
    "one-line-10-mb": ("html", lambda: _article(f"<p>{'word ' * 2_000_000}</p>")),
    "one-word-10-mb": ("html", lambda: _article(f"<p>{'x' * 10_000_000}</p>")),
    "nested-1500-divs": ("html", lambda: _article("<div>" * 1500 + PROSE + "</div>" * 1500)),
    "nested-100000-divs": ("html", lambda: _page("<div>" * 100_000 + PROSE)),
    "nested-100000-inline": ("html", lambda: _page("<b><i>" * 50_000 + PROSE)),
    "nested-100000-lists": ("html", lambda: _page("<ul><li>" * 50_000 + PROSE)),
    "nested-100000-tables": ("html", lambda: _page("<table><tr><td>" * 33_000 + PROSE)),
    "unclosed-100000": ("html", lambda: _article("<p><font>some words here. " * 100_000)),
    "empty-spans-500000": ("html", lambda: _article("<span></span>" * 500_000)),
    "links-100000": ("html", lambda: _article("<a href=/a>go there</a> " * 100_000)),
    "breaks-500000": ("html", lambda: _article("<br>" * 500_000)),
    "span-of-breaks": ("html", lambda: _article("<span>A line.<br><br>" * 1500)),
    "headings-50000": ("html", lambda: _article("<h2>Again</h2>" * 50_000)),
    "quotes-20000": ("html", lambda: _article("<blockquote>Said again.</blockquote>" * 20_000)),
    "table-100000-rows": ("html", lambda: _article(_table_of(100_000))),
    "cells-of-a-billion-columns": (
        "html",
        lambda: _article("<table>" + "<tr><td colspan=999999999 rowspan=99999>x" * 5000),
    ),
    "attributes-200000": (
        "html",
        lambda: _article(f"<div {' '.join(f'a{i}=x' for i in range(200_000))}>x</div>"),
    ),
    "classes-1-mb": ("html", lambda: _article(f"<div class='{'ad ' * 350_000}'>{PROSE}</div>")),
    "styles-5-mb": (
        "html",
        lambda: _page(PROSE, f"<style>{'.a{display:none}' * 320_000}</style>"),
    ),
    "style-never-closed": ("html", lambda: _page(PROSE * 3, f"<style>{'@media x {' * 100_000}")),
    "json-ld-nested": (
        "html",
        lambda: _page(
            PROSE, f'<script type="application/ld+json">{"[" * 100_000}{"]" * 100_000}</script>'
        ),
    ),
    "json-ld-5-mb": (
        "html",
        lambda: _page(
            PROSE * 3,
            '<script type="application/ld+json">{"@type":"NewsArticle","articleBody":"'
            f'{"word " * 1_000_000}"}}</script>',
        ),
    ),
    "posts-20000": (
        "html",
        lambda: _page(
            "<h1>Tides</h1>"
            + "".join(
                f"<div class=post id=p{i}><b class=author>me</b><div class=text>{PROSE}</div></div>"
                for i in range(20_000)
            )
        ),
    ),
    "panels-20000": (
        "html",
        lambda: _article(
            "".join(
                f"<h3><button aria-controls=p{i}>Why?</button></h3><div id=p{i} hidden>So.</div>"
                for i in range(20_000)
            )
        ),
    ),
    "inputs-100000": ("html", lambda: _article("<div><input type=email>a</div>" * 100_000)),
    "boxes-50000": (
        "html",
        lambda: _article("<div class=rec><div class=t>A short line</div></div>" * 50_000),
    ),
    "cells-20000-in-a-row": (
        "html",
        lambda: _page(f"<table><tr>{'<td>x y<br>z</td>' * 20_000}<td>{PROSE * 3}</td></table>"),
    ),
    "entities": ("html", lambda: _article(f"<p>{'&amp;&#x41;&lt;' * 300_000}</p>")),
    "xml-entities-bomb": (
        "html",
        lambda: (
            b'<!DOCTYPE html [<!ENTITY a "ha">'
            + b"".join(
                f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">'.encode() for i in range(9)
            )
            + b"]><html><body><p>&j; and some more words of the page.</p>"
        ),
    ),
    "comment-never-closed": ("html", lambda: _page(PROSE + "<!-- " + "x" * 5_000_000)),
    "broken-markup": (
        "html",
        lambda: (
            b"</p></div><p>Hello there, world.<p><<<>>&&&#x0;&#xD800;</html><p>Still here." * 99
        ),
    ),
    "nul-bytes": ("html", lambda: _article("<p>Here\0 and th\0ere, words.</p>" * 1000)),
    "directions-and-zero-widths": (
        "html",
        lambda: _article("<p>\u202eabc\u202c \u200b\u200d\u2066x\u2069 and words.</p>" * 5000),
    ),
    "combining-marks": ("html", lambda: _article(f"<p>a{chr(0x301) * 300_000} and more.</p>")),
    "charset-that-lies": (
        "html",
        lambda: _article("<p>Grüße aus Köln, sagte er.</p>").replace(
            b"<head>", b"<head><meta charset=utf-16>"
        ),
    ),
    "windows-1251-unnamed": (
        "html",
        lambda: (
            "<html><body>" + "<p>Прилив приходит дважды в день и уходит снова.</p>" * 5
        ).encode("windows-1251"),
    ),
    "shift-jis": (
        "html",
        lambda: (
            "<meta charset=shift_jis>" + "<p>潮は一日に二度満ちて、また引いていく。</p>" * 5
        ).encode("shift_jis"),
    ),
    "pdf": ("html", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>" * 100),
    "png": ("html", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01" * 100),
    "gzip": ("html", lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + bytes(range(256)) * 40),
    "random-bytes": ("html", lambda: bytes(i * i * 7919 % 251 for i in range(200_000))),
    "empty": ("html", lambda: b""),
    "login-wall": (
        "html",
        lambda: _page("<form><p>Welcome back.</p><input name=u><input type=password></form>"),
    ),
    "no-article": (
        "html",
        lambda: _page("<nav><ul>" + "<li><a href=/a>One headline</a>" * 2000 + "</ul></nav>"),
    ),
    "needs-javascript": (
        "html",
        lambda: _page("<div id=root></div><noscript>You need to enable JavaScript.</noscript>"),
    ),
    "everything-hidden": ("html", lambda: _page(f"<div hidden>{PROSE * 5}</div>")),
}


def main() -> None:
    """Read each page and print what it took."""
    names = sys.argv[1:] or list(PAGES)
    if unknown := set(names) - set(PAGES):
        sys.exit(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(PAGES)}.")
    with TemporaryDirectory() as folder:
        least, _, _ = _read(Path(folder), "one-paragraph")
        floor = _read(Path(folder), "one-paragraph")[1]
        print(f"a page of one paragraph: {least:.1f} CPU s, {floor:.0f} MB; the others beyond that")
        print(f"{'page':28}{'file MB':>9}{'CPU s':>8}{'MB':>7}   outcome")
        for name in names:
            seconds, memory, told = _read(Path(folder), name)
            size = len(PAGES[name][1]()) / 1e6
            more = max(0.0, seconds - least), max(0.0, memory - floor)
            print(f"{name:28}{size:9.1f}{more[0]:8.1f}{more[1]:7.0f}   {told[:130]}", flush=True)


def _read(folder: Path, name: str) -> tuple[float, float, str]:
    """CPU seconds, peak MB and outcome."""
    suffix, make = PAGES[name]
    path = folder / f"{name}.{suffix}"
    path.write_bytes(make())
    try:
        done = subprocess.run(
            [sys.executable, "-c", _READ, str(path)],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return float("inf"), float("inf"), f"given up after {_SECONDS} s"
    finally:
        path.unlink()
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return float("inf"), float("inf"), f"CRASH {done.returncode}: {lines[-1] if lines else ''}"
    seconds, memory, told = json.loads(done.stdout)
    return seconds, memory, told


if __name__ == "__main__":
    main()
