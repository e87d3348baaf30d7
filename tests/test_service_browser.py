"""A real Chromium at a real service: the demo page is heard, streams and seeks."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from serving import Serving, paragraphs, serving
from waiting import PATIENCE

from narrator.reading import read


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("browser") / "library") as running:
        yield running


@pytest.fixture
def page(browser: Browser, service: Serving) -> Iterator[Page]:
    context = browser.new_context(base_url=service.url)
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert complaints == []


def until(page: Page, condition: str) -> None:
    """Wait; the page's policy forbids what `wait_for_function` does."""
    deadline = time.monotonic() + PATIENCE
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(50)


def test_the_demo_page_is_heard(page: Page, service: Serving) -> None:
    page.goto("/demo")
    page.get_by_role("button", name="Listen to this article").click()
    page.locator("narrator-player[state=playing]").wait_for()
    until(page, "document.querySelector('narrator-player').currentTime > 0.5")
    until(page, "CSS.highlights.has('narrator-word')")
    lit = page.evaluate("[...CSS.highlights.get('narrator-sentence')].map(String).join('')")
    assert "".join(lit.split()) in "".join(page.locator("article").inner_text().split())
    page.get_by_role("combobox", name="Colours").select_option("plum")
    assert page.evaluate("document.documentElement.className") == "plum"
    expect(page.locator("#address")).to_have_text(f"{service.url}/player/narrator-player.js")


def test_the_demo_page_says_the_example_article(service: Serving) -> None:
    told = service.client.post("/v1/listen", json={"url": f"{service.url}/demo"}).json()
    article = read("examples/article.md")
    said = service.client.get(told["links"]["transcript"]).text
    parts = [article.title, *(f"{b.label} {b.text}".strip() for b in article.blocks)]
    assert said == "\n\n".join(parts) + "\n"


def test_chromium_plays_and_seeks_a_finished_narration(page: Page, service: Serving) -> None:
    status = service.narrated(paragraphs(60, "This one is long enough to be sought in"))
    page.goto("/demo")
    asked: list[str] = []
    page.on(
        "response",
        lambda answer: asked.append(f"{answer.status}") if "audio" in answer.url else None,
    )
    heard = page.evaluate(
        """async (url) => {
          const sound = new Audio(url);
          sound.muted = true;
          const until = (name) => new Promise((done) => {
            sound.addEventListener(name, done, { once: true });
          });
          await sound.play();
          const { duration } = sound;
          sound.currentTime = duration - 2;
          await until("seeked");
          await until("ended");
          return [duration, sound.currentTime];
        }""",
        status["links"]["audio"],
    )
    assert heard[0] == pytest.approx(status["duration"], abs=0.05)
    assert heard[1] == pytest.approx(status["duration"], abs=0.1)
    assert "206" in asked


def test_chromium_plays_while_it_is_being_made(page: Page, service: Serving) -> None:
    asked = service.ask(paragraphs(700, "This one is heard long before it is finished"))
    page.goto("/demo")
    heard = page.evaluate(
        """async (url) => {
          const sound = new Audio(url);
          sound.muted = true;
          await sound.play();
          while (sound.currentTime < 1.5) await new Promise((done) => setTimeout(done, 50));
          sound.src = "";
          return true;
        }""",
        asked["links"]["audio"],
    )
    assert heard
    assert service.client.get(asked["links"]["self"]).json()["state"] == "working"
    service.client.delete(asked["links"]["self"])
