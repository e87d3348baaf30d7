"""Articles from the web: pages, feeds, site maps; and which of all articles a run is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from site_folder import FIRST, index, kept_bytes, make_content, manifest_of, ran, states
from test_cli import run
from test_reading_epub import book
from web import Answer, Site, answer, known, serving

from narrator.library import open_library
from narrator.site.events import Outcome
from narrator.site.job import Job

DRY = Job((), Path(), dry=True)


def page(title: str, text: str = "It has words enough that a reader finds them.") -> str:
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title></head><body><article>"
        f"<h1>{title}</h1><p>{text}</p><p>{title} goes on for a while, as pages do.</p>"
        "</article></body></html>"
    )


def tagged(title: str, etag: str) -> Answer:
    """A page that is not sent again to who has it."""
    return known(etag, page(title).encode())


def feed(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>F</title>{"".join(items)}</channel></rss>'


def entry(path: str, title: str, day: int, content: str = "") -> str:
    return (
        f"<item><title>{title}</title><link>{{url}}{path}</link><guid>g{path}</guid>"
        f"<pubDate>{day:02} May 2024 10:00:00 GMT</pubDate>"
        f'<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<![CDATA[{content}]]></content:encoded></item>"
    )


def site_map(*paths: str, modified: str = "2024-05-01") -> str:
    urls = "".join(
        f"<url><loc>{{url}}{path}</loc><lastmod>{modified}</lastmod></url>" for path in paths
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def site_index(*paths: str) -> str:
    maps = "".join(f"<sitemap><loc>{{url}}{path}</loc></sitemap>" for path in paths)
    return (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'
    )


@pytest.fixture
def web(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NARRATOR_ALLOW_PRIVATE", "true")
    pages = {f"/blog/{name}": tagged(name.title(), f'"{name}"') for name in ("one", "two", "three")}
    with serving(pages) as site:
        yield site


def found(*sources: str, **site: Any) -> list[Any]:
    return ran(*sources, **{"pace": 0, **site})


def test_a_page_is_fetched_once_and_then_only_asked_for(web: Site) -> None:
    address = f"{web.url}/blog/one"
    assert states(found(address)) == {address: "made"}
    made = manifest_of("blog-one")
    assert (made.url, made.title, made.id) == (address, "One", address)
    assert made.origin.etag == '"one"'
    assert states(found(address)) == {address: "unchanged"}
    assert web.asked == ["/blog/one", "/blog/one"], "a person names it: no robots.txt"
    web.answers["/blog/one"] = answer(body=page("One", "It was edited.").encode(), ETag='"1b"')
    events = found(address)
    assert states(events) == {address: "made"}
    assert events[-1].spoken == 1
    assert states(found(address, formats=("opus",))) == {address: "made"}, "settings count too"
    assert len(web.asked) == 4


def test_a_page_that_is_another_each_time_is_not_spoken_again(web: Site) -> None:
    """Servers put numbers of their own into pages, and an injected snippet is no article."""
    address = f"{web.url}/blog/one"
    found(address)
    text = page("One").replace("<body>", "<body data-nonce=4711>")
    snippet = Path("out/blog-one/snippet.html").read_text()
    with_player = text.replace("</h1>", f"</h1><!-- narrator -->{snippet}<!-- /narrator -->")
    web.answers["/blog/one"] = answer(body=with_player.encode())
    assert states(found(address)) == {address: "refreshed"}
    assert states(found(address)) == {address: "unchanged"}


def test_a_site_map_and_what_becomes_of_what_leaves_it(web: Site) -> None:
    web.xml("/sitemap.xml", site_map("/blog/one", "/blog/two", "/blog/two#part", "/blog/none"))
    source = f"{web.url}/sitemap.xml"
    events = found(source)
    told = states(events)
    assert told == {
        f"{web.url}/blog/one": "made",
        f"{web.url}/blog/two": "made",
        f"{web.url}/blog/none": "failed",
    }
    assert "/robots.txt" in web.asked
    reason = next(e.reason for e in events if getattr(e, "state", "") == "failed")
    assert "answered 404" in reason
    web.xml("/sitemap.xml", site_map("/blog/two"))
    assert run("check", "out", source).returncode == 1
    assert set(states(found(source, removed="delete")).values()) == {"unchanged", "retired"}
    assert set(index()) == {"blog-two"}
    assert run("check", "out", source).returncode == 0
    web.answers["/blog/two"] = answer(body=page("Two", "Not what was said.").encode())
    checked = run("check", "out", source, "--json")
    assert json.loads(checked.stdout.splitlines()[0])["kind"] == "stale"


def test_a_listing_without_articles_is_told(web: Site) -> None:
    for path, text in (("/feed", feed()), ("/map.xml", site_map()), ("/in.xml", site_index())):
        web.xml(path, text)
        source = f"{web.url}{path}"
        assert f"{source}: no articles were found in it" in found(source)[-1].notes
        assert run("check", "out", source).returncode == 1


def test_cyclic_site_maps_end(web: Site) -> None:
    web.xml("/index.xml", site_index("/index.xml", "/other.xml", "/missing.xml"))
    web.xml("/other.xml", site_index("/index.xml", "/map.xml"))
    web.xml("/map.xml", site_map("/blog/three"))
    events = found(f"{web.url}/index.xml")
    told = states(events)
    assert told[f"{web.url}/blog/three"] == "made"
    assert told[f"{web.url}/index.xml"] == "failed", "for the part that is missing"
    assert web.asked.count("/index.xml") == 1
    web.xml("/index.xml", site_index("/missing.xml"))
    found(f"{web.url}/index.xml", removed="delete")
    assert set(index()) == {"blog-three"}, "what was not read to its end retires nothing"


@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
def test_feeds(web: Site, kind: str) -> None:
    long = "<p>" + "The whole article came with the feed. " * 40 + "</p>"
    if kind == "rss":
        text = feed(entry("/blog/one", "One", 1), entry("/blog/whole", "Whole", 2, long))
    elif kind == "atom":
        text = (
            '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><id>f</id>'
            "<entry><id>1</id><title>One</title><link href='{url}/blog/one'/>"
            "<published>2024-05-01T10:00:00Z</published><updated>2024-05-01T10:00:00Z</updated>"
            "</entry><entry><id>2</id><title>Whole</title><link href='{url}/blog/whole'/>"
            "<published>2024-05-02T10:00:00Z</published><updated>2024-05-02T10:00:00Z</updated>"
            f"<content type='html'><![CDATA[{long}]]></content></entry></feed>"
        )
    else:
        items = [
            {"id": "1", "url": "@/blog/one", "title": "One", "date_published": "2024-05-01"},
            {"id": "2", "url": "@/blog/whole", "title": "Whole", "content_html": long,
             "date_published": "2024-05-02"},
        ]  # fmt: skip
        whole = {"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": items}
        text = json.dumps(whole).replace("@", web.url)
    web.xml("/feed", text, "application/json" if kind == "json" else "application/rss+xml")
    source = f"{web.url}/feed"
    assert set(states(found(source)).values()) == {"made"}
    whole_one = manifest_of("blog-whole")
    assert (whole_one.title, whole_one.date[:10]) == ("Whole", "2024-05-02")
    assert whole_one.url == f"{web.url}/blog/whole"
    assert manifest_of("blog-one").date[:10] == "2024-05-01", "the page does not say, the feed does"
    assert "/blog/whole" not in web.asked, "it came with the feed"
    assert set(states(found(source)).values()) == {"unchanged"}
    web.xml("/feed", feed(entry("/blog/two", "Two", 3)), "application/rss+xml")
    found(source, removed="delete")
    assert set(index()) == {"blog-one", "blog-two", "blog-whole"}, "a feed has the newest only"


def test_a_feed_that_lies(web: Site) -> None:
    """About lengths, dates and where it ends."""
    lie = (
        "<item><title>Two</title><link>{url}/blog/two</link><pubDate>31 Feb 2999</pubDate>"
        '<enclosure url="{url}/a.mp3" length="-5" type="audio/mpeg"/></item>'
    )
    web.xml("/feed", feed(entry("/blog/one", "One", 1), lie)[:-17], "application/rss+xml")
    events = found(f"{web.url}/feed")
    told = states(events)
    assert told[f"{web.url}/blog/one"] == "made"
    assert told[f"{web.url}/feed"] == "failed"
    reasons = [e.reason for e in events if isinstance(e, Outcome) and e.state == "failed"]
    assert any("ends too early" in reason for reason in reasons)
    web.xml("/feed", feed(lie), "application/rss+xml")
    found(f"{web.url}/feed")
    assert manifest_of("blog-two").date == "", "a day that cannot be is not believed"


def test_what_a_server_takes_down_is_retired(web: Site) -> None:
    address = f"{web.url}/blog/one"
    found(address, f"{web.url}/blog/two")
    web.answers["/blog/one"] = answer(410, b"gone")
    web.answers["/blog/two"] = answer(503, b"later")
    told = states(found(address, f"{web.url}/blog/two"))
    assert told == {address: "retired", f"{web.url}/blog/two": "failed"}
    assert set(index()) == {"blog-two"}, "a fault that passes retires nothing"


def test_a_list_of_addresses_on_stdin(web: Site) -> None:
    lines = f"{web.url}/blog/one\n\n{web.url}/blog/two\n{web.url}/blog/one\n"
    done = run("prerender", "-", "-o", "out", "--voice", "tone", "--pace", "0", "--json",
               stdin=lines.encode())  # fmt: skip
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one.get("state") for one in told] == ["made", "made", None]
    assert done.returncode == 0


def test_private_addresses_are_refused_unless_asked_for(
    web: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NARRATOR_ALLOW_PRIVATE", "false")
    address = f"{web.url}/blog/one"
    done = run("prerender", address, "-o", "out", "--voice", "tone")
    assert done.returncode == 1
    assert "--allow-private" in done.stderr
    done = run("prerender", address, "-o", "out", "--voice", "tone", "--allow-private")
    assert done.returncode == 0


# Which articles


def test_filters_by_day_language_and_section(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = make_content(tmp_path)
    (content / "blog" / "old.md").write_text("---\ndate: 2019-12-31\n---\n\nAn old one.\n")
    (content / "blog" / "german.md").write_text(
        "---\ndate: 2024-01-01\nlanguage: de\nvoice: tone\n---\n\nEin Text.\n"
    )

    def about(**site: Any) -> set[str]:
        told = states(ran(job=DRY, **site))
        assert not Path("out").exists(), "a dry run writes nothing"
        return {name.rpartition("/")[2] for name, state in told.items() if state == "planned"}

    assert about(only_sections=("blog",), only_languages=("en",)) == {"second.md", "old.md"}
    assert about(since="2024") == {"second.md"}, "one without a date is passed over"
    assert about(until="2019-12") == {"old.md"}
    assert about(since="2020-01-01", until="2024-05-01") == {"second.md"}
    assert about(only_languages=("en-GB",), since="2024-06") == set()
    events = ran(since="2024-05")
    assert events[-1].states == {"made": 1, "filtered": 4}
    reasons = {e.source: e.reason for e in events if isinstance(e, Outcome)}
    assert reasons["content/blog/old.md"] == "of 2019-12-31, before 2024-05"
    ran(only_languages=("en",))
    assert len(index()) == 4
    assert ran(until="2020")[-1].states == {"unchanged": 1, "filtered": 4}
    assert len(index()) == 4, "what a run is not about is not retired"
    done = run("prerender", "content", "-o", "out", "--since", "yesterday")
    assert done.returncode == 2
    assert "site.since" in done.stderr


def test_a_listing_tells_what_need_not_be_fetched(web: Site) -> None:
    web.xml("/old.xml", site_map("/blog/one", modified="2020-01-01"))
    web.xml("/new.xml", site_map("/blog/two", modified="2024-01-01"))
    web.xml("/index.xml", site_index("/old.xml", "/new.xml"))
    events = found(f"{web.url}/index.xml", since="2023")
    assert states(events)[f"{web.url}/blog/one"] == "filtered"
    assert "/blog/one" not in web.asked
    assert "/blog/two" in web.asked, "when it was published its page may tell"


def test_drafts_are_not_published(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = make_content(tmp_path)
    (content / "d1.md").write_text("---\ndraft: true\ntitle: One\n---\n\nNot yet.\n")
    (content / "d2.md").write_text("+++\ndraft = true\n+++\n\nNot yet.\n")
    (content / "d3.md").write_text("---\npublished: false\n---\n\nNot yet.\n")
    events = ran()
    told = states(events)
    assert [told[f"content/d{n}.md"] for n in (1, 2, 3)] == ["draft"] * 3
    assert events[-1].states == {"made": 3, "draft": 3}
    assert any("drafts: content/d1.md" in note for note in events[-1].notes)
    (content / "first.md").write_text("---\ndraft: true\n---\n" + FIRST)
    assert run("check", "out", "content").returncode == 1
    events = ran(removed="delete")
    assert "first" not in index()
    assert not Path("out/first").exists(), "it was taken back"
    assert run("check", "out", "content").returncode == 0
    (content / "d1.md").write_text("---\ndraft: false\ntitle: One\n---\n\nNow.\n")
    assert states(ran())["content/d1.md"] == "made"


# What would be done


def test_a_dry_run_tells_what_the_run_then_does(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = make_content(tmp_path)
    sentences = " ".join(f"Sentence number {n} is one of many that follow." for n in range(60))
    (content / "long.md").write_text(f"# Long\n\n{sentences}\n")
    dry = ran(job=DRY)
    assert not Path("out").exists()
    assert dry[-1].states == {"planned": 4}
    held = len(list(open_library(str(library)).entries("segments/")))
    assert 0 < held <= 13 * 2, "a sample of the voice"
    real = ran()
    for name in ("words", "sentences"):
        assert getattr(dry[-1], name) == getattr(real[-1], name)
    assert dry[-1].duration == pytest.approx(real[-1].duration, rel=0.15)
    assert dry[-1].takes > 0
    (content / "first.md").write_text(FIRST.replace("two sentences", "two short sentences"))
    (content / "page.html").unlink()
    before = kept_bytes()
    told = ran(job=DRY)
    assert kept_bytes() == before
    assert told[-1].states == {"planned": 1, "unchanged": 2, "gone": 1}
    assert told[-1].spoken <= 1
    done = run("prerender", "content", "-o", "out", "--voice", "tone", "--dry-run")
    assert done.returncode == 0
    assert "would take" in done.stderr
    assert done.stdout == ""
    limited = ran(job=replace(DRY, limit=1, again=True))
    assert limited[-1].states == {"planned": 1, "gone": 1}


def test_books_are_articles_too(tmp_path: Path, web: Site) -> None:
    content = make_content(tmp_path)
    text = page("Tides", "<p>The tide comes in twice a day.</p>")
    (content / "tides.epub").write_bytes(book({"one.xhtml": text}))
    (content / "cover.jpg").write_bytes(b"\xff\xd8 no article")
    events = found(url="https://example.org/")
    assert states(events)["content/tides.epub"] == "made"
    assert manifest_of("tides").url == "https://example.org/tides.epub"
    told = states(found("content/*", url="https://example.org/"))
    assert told == dict.fromkeys(
        ("content/first.md", "content/page.html", "content/tides.epub"), "unchanged"
    )
