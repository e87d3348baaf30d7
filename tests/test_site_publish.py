"""What a site folder offers to others: the podcast, the snippets in pages, headers, the player."""

from __future__ import annotations

import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import soundfile
from feed_rules import violations
from site_folder import FIRST, kept_bytes, make_content, manifest_of, ran, states
from test_cli import run

from narrator.errors import SettingsError
from narrator.publishing.channel import FeedTable
from narrator.publishing.feed import podcast_guid
from narrator.site.inject import with_snippet, without_snippet
from narrator.site.publish import image_size

BASE = "https://cdn.example.org/audio"
FEED = FeedTable(
    title="A site & its voice",
    description="Articles, read aloud.",
    author="The desk",
    email="desk@example.org",
    cover="cover.png",
    categories=("News > Tech News", "Technology"),
    copyright="2024 The desk",
    language="en",
)


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\x00" + b"\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )  # fmt: skip


@pytest.fixture
def content(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("cover.png").write_bytes(png(1400, 1400))
    return make_content(tmp_path)


def size_of(url: str) -> int | None:
    """Bytes behind a public address of the site folder `out`."""
    if not url.startswith(f"{BASE}/"):
        return None
    path = Path("out") / unquote(urlsplit(url).path.removeprefix("/audio/"))
    return path.stat().st_size if path.is_file() else None


def feed() -> bytes:
    return Path("out/feed.xml").read_bytes()


def guids() -> dict[str, str]:
    """Title -> guid of the feed's items."""
    items = feed().decode().split("<item>")[1:]
    return {
        re.findall("<title>(.*?)</title>", item)[0]: re.findall("<guid.*?>(.*?)</guid>", item)[0]
        for item in items
    }


def test_the_feed_obeys_every_rule(content: Path) -> None:
    (content / "hard.md").write_text(
        "---\ntitle: \"  A <b> & ]]> ‘title’ \\u0007 \U0001f399 " + "long " * 80 + "\"\n"
        "author: A & B\ndate: 2031-02-03T04:05:06+09:00\n---\n\n" + "Words & <more> of them. " * 20
    )  # fmt: skip
    ran(url="https://example.org", audio_url=BASE, feed=FEED, formats=("mp3", "opus"))
    assert violations(feed(), size_of) == []
    assert feed().count(b"<item>") == 4
    assert podcast_guid(f"{BASE}/feed.xml").encode() in feed()
    assert podcast_guid("https://podnews.net/rss") == "9b024349-ccf0-5f69-a609-6b82873eab3c", (
        "the example of the specification"
    )


CORRUPTIONS = [
    ("<title>Second</title>", ""),
    ("<language>en</language>", "<language>English</language>"),
    ("explicit>false<", "explicit>no<"),
    ('length="', 'length="1'),
    ('type="audio/mpeg" />\n   <itunes:dur', 'type="audio/mp3" />\n   <itunes:dur'),
    ("GMT</pubDate>", "</pubDate>"),
    (">Wed, 01 May 2024", ">Tue, 01 May 2024"),
    ("https://cdn", "http://cdn"),
    ("News", "Gnus"),
    ('isPermaLink="false"', ""),
    ("urn:uuid:", "x"),
    ("<itunes:image", "<itunes:picture"),
    ("sha256-", "md5-"),
    ("application/json+chapters", "application/json"),
    ("captions.vtt", "captions.srt"),
    ("</channel>", "<channel>"),
    ("<podcast:guid>", "<podcast:guid>0"),
    ("desk@example.org (", "desk ("),
    ("full</", "half</"),
    ("<atom:link", "<atom:other"),
]


@pytest.mark.parametrize(("right", "wrong"), CORRUPTIONS)
def test_the_rules_find_what_is_wrong(content: Path, right: str, wrong: str) -> None:
    """So that the test above can fail."""
    ran("content/blog/second.md", audio_url=BASE, feed=FEED)
    assert violations(feed(), size_of) == []
    assert right in feed().decode()
    broken = feed().decode().replace(right, wrong, 1 if right == "</channel>" else -1)
    if right == "urn:uuid:":
        broken = re.sub("<guid(.*?)>.*?</guid>", r"<guid\1></guid>", broken)
    assert violations(broken.encode(), size_of) != []


def test_guids_last(content: Path) -> None:
    ran(url="https://example.org", audio_url=BASE, feed=FEED)
    first = guids()
    (content / "first.md").write_text(FIRST.replace("two", "a few"))
    ran(url="https://moved.example.org", audio_url="https://other.example.org/a", feed=FEED)
    assert guids() == first
    assert b"https://other.example.org/a/first/audio.mp3?v=" in feed()


def test_the_feed_has_the_newest_without_the_retired(content: Path) -> None:
    for year in range(2010, 2020):
        (content / f"y{year}.md").write_text(
            f"---\ntitle: Of {year}\ndate: {year}-01-01\n---\n\nIt was {year} then.\n"
        )
    table = FEED.model_copy(update={"episodes": 4})
    (content / "first.md").unlink()
    (content / "page.html").unlink()
    ran(audio_url=BASE, feed=table)
    assert list(guids()) == ["Second", "Of 2019", "Of 2018", "Of 2017"]
    (content / "y2018.md").unlink()
    ran(audio_url=BASE, feed=table)
    assert list(guids()) == ["Second", "Of 2019", "Of 2017", "Of 2016"]


def test_directories_can_have_the_sample_rate_that_they_want(content: Path) -> None:
    ran(audio_url=BASE, feed=FEED)
    before = Path("out/first/audio.mp3")
    with soundfile.SoundFile(before) as file:
        assert (file.samplerate, file.channels) == (22050, 1)
        duration = file.frames / file.samplerate
    events = ran(audio_url=BASE, feed=FEED.model_copy(update={"sample_rate": 44100}))
    assert events[-1].spoken == 0
    assert set(states(events).values()) == {"made"}
    with soundfile.SoundFile("out/first/audio.mp3") as file:
        assert file.samplerate == 44100
        assert abs(file.frames / file.samplerate - duration) < 0.001
    assert manifest_of("first").sample_rate == 44100
    size = Path("out/first/audio.mp3").stat().st_size
    assert size * 8 / duration == pytest.approx(64_000, rel=0.12), "a constant bit rate, and tags"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cover": "small.png"}, "640 x 640 pixels"),
        ({"cover": "wide.png"}, "square"),
        ({"cover": "none.png"}, "cannot be read"),
        ({"cover": "content/first.md"}, "neither a PNG nor a JPEG"),
    ],
)
def test_a_cover_that_directories_refuse(content: Path, change: dict[str, str], says: str) -> None:
    Path("small.png").write_bytes(png(640, 640))
    Path("wide.png").write_bytes(png(2000, 1500))
    with pytest.raises(SettingsError, match=says):
        ran(audio_url=BASE, feed=FEED.model_copy(update=change))


def test_a_jpeg_tells_its_size() -> None:
    start = b"\xff\xd8\xff\xe0\x00\x04AB\xff\xc2\x00\x11\x08" + struct.pack(">HH", 1500, 1600)
    assert image_size(start + b"\x03" * 20) == (1600, 1500)


def test_bad_feed_settings(content: Path) -> None:
    Path("narrator.toml").write_text('[feed]\ntitle = "T"\ncategories = ["Gnus"]\n')
    done = run("prerender", "content", "-o", "out", "--voice", "tone")
    assert done.returncode == 2
    assert "no category 'Gnus'; there are Arts, Business" in done.stderr
    Path("narrator.toml").write_text('[feed]\ntitle = "T"\n')
    done = run("prerender", "content", "-o", "out", "--voice", "tone")
    assert done.returncode == 2
    assert "--audio-url" in done.stderr
    Path("narrator.toml").write_text('[feed]\ntitel = "T"\n')
    assert "feed.titel" in run("prerender", "content", "-o", "out").stderr


SHELL = (
    "<!doctype html><html><head><title>First</title><script>x = '</h1>'</script></head><body>"
    "<h1>Site</h1>{}</body></html>"
)


def built(content: Path) -> Path:
    """A built site: a page for each article, one without a headline, one that keeps a place."""
    folder = content.parent / "public"
    pages = {
        "first/index.html": SHELL.format("<article><h1 class=t>First</h1><p>Text.</p></article>"),
        "blog/second/index.html": SHELL.format("<main><p>a</p><!-- narrator --><p>b</p></main>"),
        "page.html": SHELL.format("<article><p>No headline.</p></article>"),
        "other.html": SHELL.format("<p>Not an article.</p>"),
    }
    for name, page in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page)
    return folder


def test_snippets_are_put_into_pages_and_taken_out_again(content: Path) -> None:
    public = built(content)
    before = kept_bytes("public")
    site: dict[str, Any] = {"url": "https://example.org", "built": "public"}
    ran(out="public/audio", **site)
    pages = {name: text for name, text in kept_bytes("public").items() if "/audio/" not in name}
    first = pages["public/first/index.html"].decode()
    player = '<narrator-player manifest="https://example.org/audio/first/manifest.json"'
    assert f"First</h1><!-- narrator -->{player}" in first
    assert first.index("<article>") < first.index("<narrator-player")
    place = pages["public/blog/second/index.html"].decode()
    assert "<p>a</p><!-- narrator --><narrator-player" in place
    assert place.endswith("<!-- /narrator --><p>b</p></main></body></html>")
    assert pages["public/other.html"] == before["public/other.html"]
    for name, page in before.items():
        assert without_snippet(pages[name]) == without_snippet(page), "nothing else is changed"

    events = ran(out="public/audio", **site)
    again = {name: text for name, text in kept_bytes("public").items() if "/audio/" not in name}
    assert again == pages, "twice is the same as once"
    assert "3 pages below public have a player, 0 were changed" in events[-1].notes

    (content / "first.md").unlink()
    ran(out="public/audio", **site)
    assert (public / "first/index.html").read_bytes() == before["public/first/index.html"]


def test_an_injected_page_is_not_a_changed_article(content: Path) -> None:
    """Where the pages are the sources: what was put in is neither read nor counted."""
    built(content)
    ran("public", out="public/audio", url="https://example.org", built="public")
    script = json.loads(Path("public/audio/first/script.json").read_text())
    assert [sentence["spoken"] for sentence in script["sentences"]][:1] == ["First."]
    told = ran("public", out="public/audio", url="https://example.org", built="public")
    assert set(states(told).values()) == {"unchanged"}
    assert run("check", "public/audio", "public").returncode == 0


def test_the_snippet_says_what_it_is(content: Path) -> None:
    (content / "sly.md").write_text('---\ntitle: "</script><script>alert(1)// & ü"\n---\n\nSly.\n')
    ran(url="https://example.org", audio_url=BASE)
    manifest = manifest_of("sly")
    text = Path("out/sly/snippet.html").read_text("ascii")
    assert text.lower().count("<script") == text.lower().count("</script>")
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert found is not None
    about = json.loads(found[1])
    assert about["@type"] == "AudioObject"
    assert about["name"] == manifest.title
    assert about["contentUrl"] == manifest.audio.url
    assert re.fullmatch(r"PT(\d+H)?(\d+M)?\d+S", about["duration"])
    assert about["digitalSourceType"].startswith("https://schema.org/")
    assert about["creditText"] == "Synthetic voice: Tone (a test signal, no speech)"
    assert "synthetic voice" in text.lower()


def test_where_a_snippet_goes() -> None:
    put = b"<x></x>"
    mark = b"<!-- narrator --><x></x><!-- /narrator -->"
    assert with_snippet(b"<h1>a</h1><article><h1>b</h1>", put) == (
        b"<h1>a</h1><article><h1>b</h1>" + mark
    )
    assert (
        with_snippet(b"<!-- </h1> --><H1>a</H1 >b", put)
        == b"<!-- </h1> --><H1>a</H1 >" + mark + b"b"
    )
    assert with_snippet(b"<body class=x>b", put) == b"<body class=x>" + mark + b"b"
    assert with_snippet(b"no page at all", put) is None
    assert with_snippet(b"a" + mark + b"b", b"<y>") == b"a<!-- narrator --><y><!-- /narrator -->b"


def test_headers_for_hosts(content: Path) -> None:
    built(content)
    Path("public/_headers").write_text("/*\n  X-Own: kept")
    site: dict[str, Any] = {"url": "https://example.org/", "built": "public"}
    ran(out="public/audio", **site)
    text = Path("public/_headers").read_text()
    assert text.startswith("/*\n  X-Own: kept\n# narrator: begin\n/audio/*\n")
    assert "/audio/:article/audio.mp3\n  Cache-Control: public, max-age=31536000" in text
    assert Path("public/audio/_headers").read_text() in text
    ran(out="public/audio", **site)
    assert Path("public/_headers").read_text() == text
