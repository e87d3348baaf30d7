"""The player on a page of another origin, at a real service with the real voice: while an article
is being made, and afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
import web
from browsing import watched
from playwright.sync_api import Browser, Page, expect
from serving import Serving, serving
from waiting import until

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Kettles</title>
<link rel="icon" href="data:,">{head}</head><body><header><h1>Kettles</h1></header>
<main><article>{player}{body}</article></main></body></html>"""
SENTENCE = "The {nth} kettle sings while its water warms, and somebody waits for it by the window."
NTH = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Safari/605.1.15"
)
TAG = '<script type="module" src="{api}/player/narrator-player.js"></script>'


@pytest.fixture(scope="module")
def site() -> Iterator[web.Site]:
    with web.serving({}) as running:
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, site: web.Site) -> Iterator[Serving]:
    with serving(
        tmp_path_factory.mktemp("player") / "library",
        NARRATOR_VOICE="en_US-joe-medium",
        NARRATOR_ALLOW_PRIVATE="true",
        NARRATOR_SERVICE__HOSTS=site.url.removeprefix("http://"),
        NARRATOR_SERVICE__ORIGINS=site.url,
        NARRATOR_SERVICE__COUNT_LISTENING="true",
    ) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with watched(browser) as page:
        yield page


Published = Callable[..., str]


@pytest.fixture
def published(site: web.Site, service: Serving, request: pytest.FixtureRequest) -> Published:
    """Puts an article that no other test has on the site; its address."""

    def put(
        *, sentences: int = 10, head: str = TAG, player: str = "<narrator-player></narrator-player>"
    ) -> str:
        name = request.node.name.replace("_", " ")
        said = [f"{name} {n}. " + SENTENCE.format(nth=NTH[n % 10]) for n in range(sentences)]
        body = "".join(f"<p>{text}</p>" for text in said)
        text = PAGE.format(head=head.format(api=service.url), player=player, body=body)
        path = f"/{request.node.name}"
        site.answers[path] = web.answer(200, text.encode(), "text/html; charset=utf-8")
        return f"{site.url}{path}"

    return put


def listen(page: Page) -> None:
    page.get_by_role("button", name="Listen to this article").click()
    page.wait_for_function("sounds.some((sound) => sound.currentTime > 0.3)")


def status(service: Serving, url: str) -> dict[str, Any]:
    answer: dict[str, Any] = service.client.post("/v1/listen", json={"url": url}).json()
    return answer


def test_a_cold_article_is_heard_while_it_is_made_and_then_from_its_file(
    page: Page, service: Serving, published: Published
) -> None:
    url = published()
    page.goto(url)
    listen(page)
    assert status(service, url)["state"] == "working"
    assert page.evaluate("loudness()") > 0.02
    # The time that the player tells, against the clock, until the file has taken over.
    seen = page.evaluate("""() => new Promise((done) => {
      const seen = [];
      const player = document.querySelector("narrator-player");
      const look = () => {
        const [stream, file] = sounds;
        const over = file.currentTime > 0 && !file.paused && stream.paused;
        seen.push([performance.now() / 1000, player.currentTime, over]);
        const after = seen.filter(([, , over]) => over).length;
        after < 90 && seen.length < 6000 ? requestAnimationFrame(look) : done(seen);
      };
      look();
    })""")
    change = next(i for i, (_, _, over) in enumerate(seen) if over)
    settled = seen[change + 60 : change + 90]
    before = seen[max(0, change - 60) : change - 5]
    lag = [told - clock for clock, told, _ in before]
    later = [told - clock for clock, told, _ in settled]
    assert abs(sum(later) / len(later) - sum(lag) / len(lag)) < 0.15
    told = [moment for _, moment, _ in seen]
    assert all(b >= a - 0.05 for a, b in pairwise(told)), "nothing again"
    ready = service.finished(status(service, url)["id"])
    cues = service.client.get(ready["links"]["cues"]).json()["cues"]
    moment = seen[change][1]
    inside = [cue for cue in cues if cue["start"] + 0.05 < moment < cue["end"] - 0.05]
    assert not inside, "it changes where nobody speaks"
    assert page.evaluate("loudness()") > 0.02
    page.get_by_role("button", name="More").click()
    expect(page.get_by_role("link", name="Download")).to_have_attribute(
        "href", f"{service.url}{ready['links']['audio']}"
    )


def test_words_are_lit_while_the_article_is_made(page: Page, published: Published) -> None:
    page.goto(published())
    listen(page)
    page.wait_for_function("lit()['narrator-word']")
    assert page.evaluate("lit()['narrator-sentence']").strip(".") in "Kettles" or "while" in (
        page.evaluate("lit()['narrator-sentence']")
    )


def test_where_no_stream_can_be_played_the_file_is_waited_for_with_progress(
    browser: Browser, service: Serving, published: Published
) -> None:
    url = published(sentences=8)
    with watched(browser, user_agent=SAFARI) as page:
        page.goto(url)
        page.get_by_role("button", name="Listen to this article").click()
        expect(page.locator("narrator-player .about")).to_contain_text("%")
        assert page.evaluate("sounds.every((sound) => !sound.src)")
        page.wait_for_function("sounds.some((s) => s.currentTime > 0.3)")
        assert status(service, url)["state"] == "ready"


def test_a_stream_that_breaks_is_followed_by_the_file(page: Page, published: Published) -> None:
    page.route("**/audio.mp3", lambda route: route.abort(), times=1)
    page.goto(published(sentences=5))
    listen(page)
    assert page.evaluate("loudness()") > 0.02


def test_a_page_that_may_not_be_read_has_no_button(
    page: Page, service: Serving, published: Published
) -> None:
    other = '<narrator-player url="https://example.org/other"></narrator-player>'
    page.goto(published(player=other))
    page.get_by_role("button", name="Listen to this article").click()
    expect(page.get_by_role("status")).to_have_text("There is no audio of this article.")
    expect(page.get_by_role("button", name="Listen to this article")).to_be_hidden()
    expect(page.get_by_text("sixth kettle").first).to_be_visible()


def test_the_script_alone_puts_the_player_after_the_headline(
    page: Page, published: Published
) -> None:
    auto = TAG.replace("<script ", "<script data-narrator-auto data-theme=dark ")
    page.goto(published(sentences=6, head=auto, player=""))
    expect(page.locator("article > narrator-player[theme=dark]:first-child")).to_be_visible()
    page.goto(published(sentences=6, head=auto, player="<h1>Kettles</h1>"))
    expect(page.locator("article h1 + narrator-player[theme=dark]")).to_be_visible()
    listen(page)


def test_two_articles_of_a_page_are_two(page: Page, service: Serving, published: Published) -> None:
    short = '<narrator-player for="#other" narration="{id}"></narrator-player>'
    asked = service.narrated("# Tea\n\nTea is for two. It is poured.")
    both = "<narrator-player></narrator-player>" + short.format(id=asked["id"])
    there = '<section id="other"><h2>Tea</h2><p>Tea is for two. It is poured.</p></section>'
    page.goto(published(sentences=6, player=both + there))
    page.locator("narrator-player[narration]").get_by_role("button", name="Listen").click()
    page.wait_for_function("lit()['narrator-sentence'] === 'Tea is for two.'")
    page.locator("narrator-player").first.get_by_role("button", name="Listen").click()
    page.wait_for_function("lit()['narrator-sentence'] === 'Kettles'")
    page.wait_for_function("sounds.filter((s) => !s.paused).length === 1")


def test_what_is_heard_is_counted_if_both_sides_want_it(
    page: Page, service: Serving, published: Published
) -> None:
    asked = service.narrated("# Tea\n\nTea is for two. It is poured, and then it is drunk.")
    tag = f'<narrator-player count narration="{asked["id"]}"></narrator-player>'
    page.goto(published(sentences=3, player=tag))
    listen(page)
    page.wait_for_function("heard.some(([name]) => name === 'end')")

    def heard() -> list[int]:
        counts = service.client.get("/v1/heard").json()["articles"]
        return [n for line in counts if line["article"] == asked["article"] for n in line["heard"]]

    until(lambda: heard()[:1] == [1] and heard()[10:11] == [1], heard)
    assert not page.context.cookies()
