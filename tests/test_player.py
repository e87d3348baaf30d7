"""The player in a real Chromium: a site folder with the real voice, served over HTTP."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import SPY, static, watched
from playwright.sync_api import Browser, Page, expect
from waiting import PATIENCE

PLAYER = Path(__file__).parents[1] / "narrator" / "player"
BODY = """
<p>It cost <b>$3.5bn</b> in <a href="#there">2024</a>, and no&shy;body knew&nbsp;why.
Dr. Smith did.</p>
<p>The first line<br>goes on in the second. The <code>script</code> stage reads it aloud.</p>
<pre>x = narrate(article)  # nobody reads this aloud</pre>
<ul><li>One thing to keep<ul><li>and a smaller one inside</li></ul></li>
<li>The last, with 5% more</li></ul>
<h2 id="there">What came of it</h2>
<p>“A voice,” she said, “is a place.” On 9 April 1860 somebody sang — and it was kept.</p>
<p>The same words. The same words. And an end.</p>
"""
PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8">
<title>Small machines</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<script type="module" src="/player/narrator-player.js"></script></head>
<body><main><article><h1>Small machines that talk</h1>
{player}{body}<p style="height: 1500px"></p></article></main></body></html>"""
TAG = '<narrator-player manifest="/audio/{slug}/manifest.json"></narrator-player>'


def bare(text: str) -> str:
    """Without white space, soft hyphens and the like."""
    return "".join(c for c in text if not c.isspace() and c not in "\u00ad\u200b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with its audio, spoken once for all tests."""
    root = tmp_path_factory.mktemp("site")
    source = root / "source"
    source.mkdir()
    (source / "page.html").write_text(PAGE.format(lang="en", player="", body=BODY))
    command = [
        sys.executable,
        "-m",
        "narrator",
        "prerender",
        str(source),
        "-o",
        str(root / "audio"),
    ]
    subprocess.run([*command, "--quiet"], check=True, timeout=PATIENCE)
    shutil.copytree(PLAYER, root / "player")
    (slug,) = (path.parent.name for path in (root / "audio").glob("*/manifest.json"))
    tag = TAG.format(slug=slug)
    pages = {
        "page": ("en", tag, BODY),
        "german": ("de-AT", tag, BODY),
        "arabic": ("ar", tag.replace("manifest=", 'theme="dark" manifest='), BODY),
        "edited": ("en", tag, BODY.replace("It cost", "They said that it cost")),
        "two": ("en", tag + tag, BODY),
        "missing": ("en", TAG.format(slug="nothing"), BODY),
    }
    for name, (lang, player, body) in pages.items():
        (root / f"{name}.html").write_text(PAGE.format(lang=lang, player=player, body=body))
    return root


@pytest.fixture(scope="module")
def cues(folder: Path) -> list[dict[str, Any]]:
    (path,) = (folder / "audio").glob("*/cues.json")
    told: list[dict[str, Any]] = json.loads(path.read_text())["cues"]
    return told


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with static(folder) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that complains about nothing."""
    with watched(browser, viewport={"width": 900, "height": 700}, base_url=address) as page:
        yield page


def written(cue: dict[str, Any], word: dict[str, Any]) -> str:
    """A word as the page has it."""
    start, end = (word[key] - cue["source_start"] for key in ("source_start", "source_end"))
    return bare(cue["source"][start:end])


def listen(page: Page) -> None:
    """Click, and wait until something plays."""
    page.get_by_role("button", name="Listen to this article").click()
    page.wait_for_function("sounds.some((sound) => sound.currentTime > 0.3)")


def at(page: Page, seconds: float) -> dict[str, str]:
    """What is lit when the player is put there, paused."""
    page.evaluate("(t) => { document.querySelector('narrator-player').currentTime = t }", seconds)
    page.wait_for_function(
        "(t) => sounds.some((s) => Math.abs(s.currentTime - t) < 0.01 && !s.seeking)", arg=seconds
    )
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)))")
    lit: dict[str, str] = page.evaluate("lit()")
    return lit


def test_a_click_is_heard(page: Page) -> None:
    page.goto("/page.html")
    assert page.evaluate("lit()") == {}
    assert page.evaluate("heard") == []
    listen(page)
    assert page.evaluate("loudness()") > 0.02
    assert page.evaluate("heard")[0] == ["play", None]
    page.get_by_role("button", name="Pause", exact=True).click()
    stopped = page.evaluate("sounds[0].currentTime")
    page.wait_for_timeout(200)
    assert page.evaluate("sounds[0].currentTime") == stopped


def test_the_sentence_and_the_word_that_are_heard_are_lit(
    page: Page, cues: list[dict[str, Any]]
) -> None:
    page.goto("/page.html")
    listen(page)
    page.get_by_role("button", name="Pause", exact=True).click()
    checked = 0
    for cue in cues:
        if not cue["source"]:
            continue  # An announcement: said of the page, not on it.
        for word in cue["words"]:
            if word["end"] - word["start"] < 0.03:
                continue
            lit = at(page, (word["start"] + word["end"]) / 2)
            assert bare(lit["narrator-sentence"]) == bare(cue["source"])
            assert bare(lit.get("narrator-word", "")) == written(cue, word)
            checked += 1
    assert checked >= 60


def test_the_word_is_lit_when_it_is_heard(page: Page, cues: list[dict[str, Any]]) -> None:
    page.goto("/page.html")
    listen(page)
    samples = page.evaluate("""() => new Promise((done) => {
      const seen = [];
      const look = () => {
        seen.push([sounds[0].currentTime, lit()["narrator-word"] ?? ""]);
        seen.length < 300 ? requestAnimationFrame(look) : done(seen);
      };
      look();
    })""")
    words = [(w, cue) for cue in cues for w in cue["words"]]
    wrong = 0
    for (before, _), (moment, lit) in pairwise(samples):  # What is lit may be of the frame before.
        near = [
            written(cue, word)
            for word, cue in words
            if word["start"] - 0.15 <= moment and before <= word["end"] + 0.15
        ]
        if near and bare(lit) not in near:
            wrong += 1
    assert samples[-1][0] > samples[0][0] + 2
    assert wrong <= len(samples) * 0.03


def test_a_click_on_a_sentence_goes_there(page: Page, cues: list[dict[str, Any]]) -> None:
    page.goto("/page.html")
    page.get_by_text("The same words. The same").click()
    assert page.evaluate("sounds.every((s) => !s.currentTime)"), (
        "before it plays, a click is a click"
    )
    listen(page)
    box = page.get_by_text("On 9 April 1860").bounding_box()
    assert box
    page.mouse.click(box["x"] + 12, box["y"] + 10)
    target = next(cue for cue in cues if cue["source"].startswith("“A voice"))
    page.wait_for_function("(t) => sought.some((s) => Math.abs(s - t) < 1)", arg=target["start"])


def test_steps_speed_and_the_keyboard_alone(page: Page, cues: list[dict[str, Any]]) -> None:
    page.goto("/page.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("sounds.some((sound) => sound.currentTime > 0.3)")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    at(page, cues[3]["start"] + 0.1)
    page.get_by_role("button", name="More").press("Enter")
    for name, cue in (
        ("Next sentence", cues[4]), ("Previous sentence", cues[3]),
        ("Next paragraph", next(c for c in cues[4:] if c["block"] != cues[3]["block"])),
    ):  # fmt: skip
        page.get_by_role("button", name=name).press("Enter")
        page.wait_for_function(
            "(t) => Math.abs(sounds[0].currentTime - t) < 0.02", arg=cue["start"]
        )
    page.get_by_role("combobox", name="Speed").select_option("1.5")
    assert page.evaluate("[sounds[0].playbackRate, sounds[0].preservesPitch]") == [1.5, True]
    before = page.evaluate("sounds[0].currentTime")
    page.get_by_role("button", name="Forward 15 seconds").press("Enter")
    page.wait_for_function("(t) => Math.abs(sounds[0].currentTime - t) < 0.1", arg=before + 15)
    page.get_by_role("slider", name="Position").press("Home")
    page.wait_for_function("sounds[0].currentTime === 0")


def test_it_resumes_where_it_was_left(page: Page, cues: list[dict[str, Any]]) -> None:
    page.goto("/page.html")
    listen(page)
    page.get_by_role("button", name="Pause", exact=True).click()
    at(page, cues[6]["start"] + 0.2)
    page.goto("/page.html")
    assert page.evaluate("sounds.every((s) => s.paused)")
    page.get_by_role("button", name="Resume at").click()
    page.wait_for_function("sounds.some((s) => !s.paused && s.currentTime > 1)")
    assert abs(page.evaluate("begun.at(-1)") - cues[6]["start"]) < 2.5


def test_an_edited_page_says_so_and_lights_what_matches(
    page: Page, cues: list[dict[str, Any]]
) -> None:
    page.goto("/edited.html")
    listen(page)
    page.get_by_role("button", name="Pause", exact=True).click()
    assert "narrator-sentence" not in at(page, cues[1]["start"] + 0.2)
    assert bare(at(page, cues[-1]["start"] + 0.1)["narrator-sentence"]) == "Andanend."
    expect(page.get_by_role("status")).to_have_text("The page has changed since this was recorded.")


def test_only_one_player_sounds_and_a_removed_one_is_silent(page: Page) -> None:
    page.goto("/two.html")
    first, second = page.locator("narrator-player").all()
    first.get_by_role("button", name="Listen").click()
    page.wait_for_function("sounds.filter((s) => !s.paused && s.currentTime > 0).length === 1")
    second.get_by_role("button", name="Listen").click()
    page.wait_for_function("sounds.filter((s) => s.currentTime > 0).length === 2")
    page.wait_for_function("sounds.filter((s) => !s.paused).length === 1")
    second.evaluate("(element) => { window.kept = element; element.remove() }")
    page.wait_for_function("sounds.every((s) => s.paused)")
    assert page.evaluate("lit()") == {}
    page.evaluate("document.querySelector('h2').after(kept)")
    page.locator("h2 + narrator-player").get_by_role("button", name="Listen").click()
    page.wait_for_function("sounds.filter((s) => !s.paused).length === 1")


def test_a_page_without_audio_has_no_button_and_is_not_broken(page: Page) -> None:
    page.goto("/missing.html")
    expect(page.locator("narrator-player")).to_be_hidden()
    expect(page.get_by_text("What came of it")).to_be_visible()


def test_offline_is_said_and_can_be_tried_again(page: Page) -> None:
    page.route("**/*.mp3*", lambda route: route.abort("internetdisconnected"))
    page.goto("/page.html")
    page.get_by_role("button", name="Listen").click()
    expect(page.get_by_role("status")).to_have_text("The article could not be played.")
    page.unroute("**/*.mp3*")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_function("sounds.some((s) => !s.paused && s.currentTime > 0.2)")


def test_it_speaks_the_language_of_the_page(page: Page) -> None:
    page.goto("/german.html")
    expect(page.get_by_role("button", name="Artikel anhören")).to_be_visible()


def test_it_sticks_to_the_window_when_its_place_is_out_of_sight(page: Page) -> None:
    page.goto("/page.html")
    listen(page)
    page.mouse.wheel(0, 1200)
    bar = page.get_by_role("group", name="Audio player")
    page.wait_for_function(
        "document.querySelector('narrator-player').getBoundingClientRect().bottom < 0"
    )
    expect(bar).to_be_in_viewport()
    page.get_by_role("button", name="Close").click()
    expect(bar).not_to_be_in_viewport()


@pytest.mark.parametrize("name", ["page", "arabic", "german"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, address: str, name: str, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme, base_url=address)
    page = context.new_page()
    page.goto(f"/{name}.html")
    button = page.locator("narrator-player").get_by_role("button").first
    button.wait_for()
    idle = Axe().run(page, context="narrator-player")
    button.click()
    page.locator("narrator-player[state=playing]").wait_for()
    page.locator("narrator-player").locator("[aria-controls=panel]").click()
    page.locator("narrator-player .foot").wait_for()
    playing = Axe().run(page, context="narrator-player")
    context.close()
    assert [idle.violations_count, playing.violations_count] == [0, 0], playing.generate_report()


def test_a_strict_content_policy_holds(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    context.add_init_script(SPY)
    page = context.new_page()
    broken: list[str] = []
    page.on(
        "console", lambda message: broken.append(message.text) if message.type == "error" else None
    )
    policy = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; media-src 'self'; "
        "img-src data:; require-trusted-types-for 'script'"
    )

    def strict(route: Any) -> None:
        answer = route.fetch()
        body = answer.text().replace(' style="height: 1500px"', "")
        route.fulfill(body=body, headers={**answer.headers, "content-security-policy": policy})

    page.route("**/page.html", strict)
    page.goto("/page.html")
    page.get_by_role("button", name="Listen").click()
    page.locator("narrator-player[state=playing]").wait_for()
    deadline = time.monotonic() + PATIENCE
    while "narrator-word" not in page.evaluate("lit()") and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert "narrator-word" in page.evaluate("lit()")
    context.close()
    assert not broken


def test_it_weighs_little() -> None:
    """Without what is loaded when it is needed: other languages, the panel, the fallback."""
    later = {"panel.js", "boxes.js"}
    files = [p for p in PLAYER.glob("*.js") if p.name.count(".") == 1 and p.name not in later]
    packed = subprocess.run(
        ["gzip", "-9"], input=b"".join(p.read_bytes() for p in sorted(files)),
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert len(packed) <= 20 * 1024
