"""Only http and https addresses leave: whatever a document calls its own address."""

from __future__ import annotations

import html
import io
import json
import re
import string
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from mutagen.id3 import ID3
from site_folder import manifest_of, ran
from test_audio_tags import audio

from narrator import read
from narrator.audio.tags import write_tags
from narrator.engines.catalogue import find_voice
from narrator.model import Article
from narrator.publishing.channel import FeedTable
from narrator.publishing.feed import Channel, Episode, feed_xml
from narrator.publishing.manifest import (
    Credit,
    Manifest,
    Origin,
    PublishedFile,
    manifest_json,
    read_manifest,
)
from narrator.publishing.snippet import snippet
from narrator.reading.entry import absolute
from narrator.site.job import Job
from narrator.site.report import reporting
from narrator.weblinks import address_or_path, web_address

BAD = (
    "javascript:alert(1)", "JavaScript:alert(1)", "  javascript:alert(1)", "\tjavascript:alert(1)",
    "java\tscript:alert(1)", "java\nscript:alert(1)", "java\r\nscript:alert(1)",
    "\x01javascript:alert(1)", "\x1fjavascript:alert(1)", "javascript\t:alert(1)",
    "javascript://example.org/%0aalert(1)", "javascript:https://example.org/",
    "data:text/html,<script>alert(1)</script>", "DATA:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)", "file:///etc/passwd", "file://example.org/etc/passwd",
    "ftp://example.org/",
    "blob:https://example.org/1", "about:blank", "mailto:a@example.org", "tel:123",
    "ws://example.org/",
    "view-source:https://example.org/", "jar:https://example.org/!/", "chrome://settings",
    "//evil.example/x", "\\\\evil.example\\x", "/\\evil.example/x", "\\/evil.example/x",
    "/\t/evil.example/x", "https://user@evil.example/", "https://user:word@evil.example/",
    "https://example.org@evil.example/", "https://example.org:443@evil.example/",
    "http:\\\\user@evil.example\\", "https://", "https:///", "http://:80/", "https://exa mple.org/",
    "https://example.org:99999/", "https://[::1", "https://%00/",
    "javascript&#58;alert(1)", "javascript&colon;alert(1)", "&#106;avascript:alert(1)",
    "java&Tab;script:alert(1)", "&sol;&sol;evil.example/x", "&#x2f;/evil.example/x",
)  # fmt: skip
"""None of these is a link, and none of them a path."""

GOOD = {
    "https://example.org/a": "https://example.org/a",
    "HTTP://Example.ORG/A?b=c#d": "HTTP://Example.ORG/A?b=c#d",
    " https://example.org/a ": "https://example.org/a",
    "https://example.org:8443/": "https://example.org:8443/",
    "https://example.org/a b": "https://example.org/a%20b",
    "https://example.org/ü": "https://example.org/ü",
    "https://münchen.example/": "https://münchen.example/",
    "https:\\\\example.org\\a": "https://example.org/a",
    "https:/example.org/a": "https://example.org/a",
    "ht\ttps://example.org/a": "https://example.org/a",
    'https://example.org/"><script>': "https://example.org/%22%3E%3Cscript%3E",
    "http://[2001:db8::1]/": "http://[2001:db8::1]/",
    "https://example.org/@user": "https://example.org/@user",
}
PATHS = (
    "/blog/tea/", "tea.html", "../tea/", "tea", "?page=2", "#tea", "/a//b", "./a:b", "/img/a b.png",
)  # fmt: skip


@pytest.mark.parametrize("written", BAD)
def test_what_is_no_link(written: str) -> None:
    assert (web_address(written), address_or_path(written)) == ("", "")


@pytest.mark.parametrize(("written", "address"), GOOD.items())
def test_what_is_a_link(written: str, address: str) -> None:
    assert (web_address(written), address_or_path(written)) == (address, address)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_a_path(path: str) -> None:
    assert (web_address(path), address_or_path(path)) == ("", path)


def leads(address: str) -> bool:
    """Whether an address is harmless to a reader of any care: http, https or a path; said again
    here, in other words than the code's."""
    for form in (address, html.unescape(address), html.unescape(html.unescape(address))):
        bare = re.sub("[\t\r\n]", "", form.strip(string.whitespace + "".join(map(chr, range(33)))))
        flat = bare.replace("\\", "/")
        scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", flat)
        if scheme and scheme[1].lower() not in ("http", "https"):
            return False
        if not scheme and flat.startswith("//"):
            return False
        if scheme and "@" in re.split("[/?#]", flat[scheme.end() :].lstrip("/"), maxsplit=1)[0]:
            return False
    return True


def test_the_judge_knows_all_that_is_bad() -> None:
    broken = [each for each in BAD if each.lower().startswith("http") and "@" not in each]
    assert [each for each in BAD if leads(each) and each not in broken] == []
    assert all(leads(each) for each in (*GOOD.values(), *PATHS))


def entities(text: str, how: int) -> str:
    """The text, some of its characters as HTML may write them."""
    forms = ("{c}", "&#{n};", "&#x{n:x};", "&#0{n}")
    return "".join(forms[(how >> i % 8) % 4].format(c=c, n=ord(c)) for i, c in enumerate(text))


SCHEMES = st.sampled_from(
    ("javascript:", "data:", "vbscript:", "file:", "https:", "http:", "//", "\\\\", "/", "", "ftp:",
     "blob:", "feed:", "https://a@", "https://a:b@", "http://example.org")
)  # fmt: skip
REST = st.sampled_from(
    ("alert(1)", "//example.org/%0aalert(1)", "text/html,<b>", "//evil.example/",
     "\\\\evil.example", "/etc/passwd",
     "//user:word@evil.example/", "example.org/a", "@evil.example/")
)  # fmt: skip
NOISE = st.text(st.sampled_from("\t\r\n\x00\x01\x0b\x1f \xa0\u200b\u2028\\/@:"), max_size=3)


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """An address of some scheme with case changed, control characters strewn in, and escaped."""
    text = draw(SCHEMES) + draw(REST)
    upper = draw(st.integers(0, 2 ** len(text) - 1))
    text = "".join(c.upper() if upper >> i & 1 else c for i, c in enumerate(text))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(NOISE) + text[at:]
    return entities(text, draw(st.sampled_from((0, 0, 0, 1, 2, 3, 0b11011))))


BODY = "The tide comes in twice a day, as it always did, and goes out again."
PAGE = f"<article><h1>Tides</h1><p>{BODY}</p></article>"


def sources(address: str) -> list[Article]:
    """Articles whose documents call it their own address, in every way that they can."""
    quoted = html.escape(address)
    shown = json.dumps(address)
    front = yaml.safe_dump({"title": "Tides", "url": address, "image": address})
    found = [("markdown", f"---\n{front}---\n{BODY}\n")]
    found.append(("markdown", f'---json\n{{"title": "Tides", "url": {shown}}}\n---\n{BODY}\n'))
    heads = (
        f'<link rel="canonical" href="{quoted}">',
        f'<meta property="og:url" content="{quoted}">',
        f'<meta property="og:image" content="{quoted}">',
        f'<script type="application/ld+json">{{"@type": "Article", "url": {shown}}}</script>',
    )
    found += [("html", f"<html lang=en><title>Tides</title>{head}{PAGE}") for head in heads]
    return [read(text, format=kind) for kind, text in found]  # type: ignore[arg-type]


@given(spellings())
def test_a_document_has_no_other_address(address: str) -> None:
    for article in sources(address):
        assert leads(article.url), article.url
        assert leads(article.image), article.image
    assert leads(absolute(address, "https://example.org/feed.xml"))
    assert leads(web_address(address))
    assert leads(address_or_path(address))


def manifest(url: str) -> Manifest:
    """As an earlier version may have written it."""
    audio = PublishedFile("audio.mp3", "audio/mpeg", 3, "0" * 64, "https://example.org/a/audio.mp3")
    return Manifest(
        id="a", guid="urn:a", slug="a", title="Tides", summary="", author="", date="", text="",
        published="2026-01-01", language="en", url=url, words=1, sentences=1, narration="N1",
        duration=1.0, voices=(Credit("tone", "Tone", ""),), speed=1.0, synthetic=True,
        sample_rate=22050, versions={}, origin=Origin("a", "a", "", ""), files=(audio,),
        segments=(), omissions=0,
    )  # fmt: skip


@given(spellings())
def test_nothing_that_is_printed_has_another(address: str) -> None:
    kept = manifest(address)
    page: Any = lxml_html.fromstring(snippet(kept))
    told = json.loads(page.xpath("//script[@type='application/ld+json']/text()")[0])
    assert leads(told.get("encodesCreativeWork", {}).get("url", ""))
    channel = Channel(title="T", description="", link=address, url="https://example.org/feed.xml",
                      language="en", cover=address)  # fmt: skip
    episode = Episode("g", "T", "", address, "2026-01-01", 1.0, kept.audio)
    root = ElementTree.fromstring(feed_xml(channel, [episode]))
    printed = [each.text or "" for each in root.iter("link")]
    printed += [each.text or "" for each in root.iter("url")]
    printed += [each.get("href", "") for each in root.iter()]
    assert all(map(leads, printed)), printed
    try:
        data = manifest_json(kept)
    except ValueError:
        return  # A lone surrogate.
    assert leads(read_manifest(data, name="a").url)


TAGGED = audio("mp3", 0.1).getvalue()


@given(spellings())
def test_no_tag_has_another(address: str) -> None:
    file = io.BytesIO()
    file.write(TAGGED)
    write_tags(file, "mp3", article=Article("T", "en", (), url=address), voice=find_voice("tone"))
    file.seek(0)
    tags: Any = ID3
    assert all(leads(str(frame)) for frame in tags(file).getall("WOAF"))


@pytest.mark.usefixtures("library")
def test_no_file_of_a_site_has_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a run writes, with a site whose articles each call themselves something bad."""
    monkeypatch.chdir(tmp_path)
    Path("content").mkdir()
    for number, address in enumerate(BAD):
        front = yaml.safe_dump({"title": "Tides", "url": address}, allow_unicode=False)
        Path(f"content/{number}.md").write_text(f"---\n{front}---\n{BODY}\n")
    job = Job((), Path())
    feed = FeedTable(title="Tides")
    with reporting(Path("report.html"), Path("out")) as report:
        assert report is not None
        at = "https://example.org/"
        for event in ran(job=job, feed=feed, url=at, audio_url=f"{at}audio"):
            report.add(event)
    page: Any = lxml_html.parse("report.html")
    links = page.xpath("//@href | //@src")
    assert len(links) > len(BAD)
    assert all(map(leads, links))
    root = ElementTree.parse("out/feed.xml").getroot()
    assert all(leads(each.text or "") for each in root.iter("link"))
    for listed in json.loads(Path("out/index.json").read_text())["articles"]:
        assert leads(listed["url"])
        assert leads(manifest_of(listed["slug"]).url)
    for path in Path("out").rglob("snippet.html"):
        part: Any = lxml_html.fromstring(path.read_text())
        assert all(map(leads, part.xpath("//@href | //@src | //@manifest")))
        assert not re.search(r"(?i)javascript:|vbscript:|data:text", path.read_text())
