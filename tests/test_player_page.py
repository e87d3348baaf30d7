"""The player in pages of all kinds, and with readers of all kinds; the sound is the test signal."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browsing import static, watched
from playwright.sync_api import Browser, Page, expect
from waiting import PATIENCE, until

ROOT = Path(__file__).parents[1]
PARTS = ("morning", "noon", "evening", "night")
BODY = "".join(
    f"<h2>In the {part}</h2>"
    + "".join(
        f"<p>Sentence {n} of the {part} is here. It is followed by another one, as they are.</p>"
        for n in range(4)
    )
    for part in PARTS
)
PAGE = """<!doctype html><html lang="en"{root}><head><meta charset="utf-8"><title>A day</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="canonical" href="https://example.org/day">
<meta property="og:site_name" content="The site"><style>p {{ line-height: 60px }} {style}</style>
<script type="module" src="/player/narrator-player.js"></script></head>
<body><article><h1>A day</h1>{player}{body}</article></body></html>"""
TAG = '<narrator-player manifest="/audio/day/manifest.json"{more}></narrator-player>'
DARK = "html { background: #101414; color: oklch(0.92 0.01 200) }"


@dataclass(frozen=True)
class Site:
    folder: Path
    url: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("day")
    text = PAGE.format(root="", style="", player="", body=BODY)
    (root / "day.html").write_text(text)
    command = ["prerender", str(root / "day.html"), "-o", str(root / "audio"), "--voice", "tone"]
    subprocess.run(
        [sys.executable, "-m", "narrator", *command, "--quiet"], check=True, timeout=PATIENCE
    )
    shutil.copytree(ROOT / "narrator" / "player", root / "player")
    with static(root) as url:
        yield Site(root, url)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with watched(browser, viewport={"width": 900, "height": 700}) as page:
        yield page


def show(page: Page, site: Site, *, more: str = "", root: str = "", style: str = "") -> None:
    text = PAGE.format(root=root, style=style, player=TAG.format(more=more), body=BODY)
    (site.folder / "page.html").write_text(text)
    page.goto(f"{site.url}/page.html")


def listen(page: Page) -> None:
    page.get_by_role("button", name="Listen to this article").click()
    page.wait_for_function("sounds.some((sound) => sound.currentTime > 0.2)")


def put(page: Page, seconds: float) -> None:
    page.evaluate("(t) => { document.querySelector('narrator-player').currentTime = t }", seconds)
    page.wait_for_function("(t) => sought.some((s) => Math.abs(s - t) < 0.8)", arg=seconds)


def bar_is_dark(page: Page) -> bool:
    page.locator("narrator-player[state]").wait_for()
    dark: bool = page.evaluate(
        "document.querySelector('narrator-player').shadowRoot"
        ".querySelector('.bar').classList.contains('dark')"
    )
    return dark


def test_the_transcript_is_what_the_captions_say(page: Page, site: Site) -> None:
    show(page, site)
    listen(page)
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Transcript").click()
    told = page.locator("narrator-player .transcript").inner_text()
    captions = page.evaluate("fetch('/audio/day/captions.vtt').then((answer) => answer.text())")
    lines = [
        line
        for line in captions.splitlines()[1:]
        if line and "-->" not in line and not line.isdecimal()
    ]
    assert told.split() == " ".join(lines).split()


def test_chapters_are_on_the_bar_and_in_the_list(page: Page, site: Site) -> None:
    show(page, site)
    listen(page)
    marks = page.locator("narrator-player .rail u")
    expect(marks).to_have_count(len(PARTS))
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="In the noon").click()
    expect(page.get_by_role("button", name="In the noon")).to_have_attribute("aria-current", "true")
    expect(page.locator("narrator-player .chapter")).to_have_text("In the noon")
    at = page.evaluate("sought.at(-1) / sounds[0].duration * 100")
    left = page.evaluate("(mark) => parseFloat(mark.style.left)", arg=marks.nth(1).element_handle())
    assert at == pytest.approx(left, abs=3)


def test_every_target_is_large_enough_for_a_finger(page: Page, site: Site) -> None:
    show(page, site)
    sizes = """() => [...document.querySelector("narrator-player").shadowRoot.querySelectorAll(
      "button, select, a, input:not([role=switch]), label")]
      .map((e) => [e.title || e.textContent, e.getBoundingClientRect()])
      .filter(([, box]) => box.width).map(([name, box]) => [name, box.width, box.height])"""
    small = [each for each in page.evaluate(sizes) if min(each[1:]) < 44]
    listen(page)
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Next sentence").wait_for()
    found = page.evaluate(sizes)
    assert len(found) > 15
    assert small + [each for each in found if min(each[1:]) < 44] == []


def test_nothing_is_cut_off_on_a_narrow_or_a_zoomed_page(browser: Browser, site: Site) -> None:
    for width in (320, 450):  # At 200 %, a window of 640 or 900.
        with watched(browser, viewport={"width": width, "height": 640}) as page:
            show(page, site)
            listen(page)
            page.get_by_role("button", name="More").click()
            page.get_by_role("button", name="Next sentence").wait_for()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width


def test_on_a_dark_page_the_player_is_dark_whatever_the_system_says(page: Page, site: Site) -> None:
    show(page, site, style=DARK)
    assert bar_is_dark(page)
    show(page, site)
    assert not bar_is_dark(page)
    page.evaluate("document.documentElement.style.color = '#eee'")
    until(lambda: bar_is_dark(page), "a page that turns dark takes the player along")
    show(page, site, more=' theme="light"', style=DARK)
    assert not bar_is_dark(page)


def test_single_keys_are_off_unless_the_page_wants_them(page: Page, site: Site) -> None:
    show(page, site)
    listen(page)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("k")
    page.wait_for_timeout(100)
    assert not page.evaluate("sounds[0].paused")
    show(page, site, more=" shortcuts")
    listen(page)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("k")
    page.wait_for_function("sounds[0].paused")
    before = page.evaluate("sounds[0].currentTime")
    page.keyboard.press("l")
    page.wait_for_function("(t) => sounds[0].currentTime > t + 14", arg=before)


def test_choices_are_remembered_and_nothing_is_told(page: Page, site: Site) -> None:
    show(page, site)
    listen(page)
    page.get_by_role("combobox", name="Speed").select_option("3")
    page.get_by_role("button", name="More").click()
    page.get_by_role("switch", name="Highlight while reading").uncheck()
    page.wait_for_function("Object.keys(lit()).length === 0")
    show(page, site)
    listen(page)
    expect(page.get_by_role("combobox", name="Speed")).to_have_value("3")
    assert page.evaluate("[sounds[0].playbackRate, sounds[0].preservesPitch]") == [3, True]
    assert page.evaluate("lit()") == {}
    assert page.context.cookies() == []


def test_it_goes_to_sleep_at_the_end_of_the_chapter(page: Page, site: Site) -> None:
    show(page, site)
    listen(page)
    page.get_by_role("button", name="More").click()
    page.get_by_role("combobox", name="Sleep timer").select_option("chapter")
    end = page.evaluate(
        "fetch('/audio/day/cues.json').then((a) => a.json()).then((c) => c.chapters[0].end)"
    )
    put(page, end - 0.7)
    page.wait_for_function("sounds[0].paused")
    assert end - 0.6 < page.evaluate("sounds[0].currentTime") < end + 5  # A slow browser is late.
    expect(page.get_by_role("combobox", name="Sleep timer")).to_have_value("")


def test_the_page_scrolls_along_until_the_reader_scrolls(page: Page, site: Site) -> None:
    page.emulate_media(reduced_motion="reduce")
    show(page, site)
    listen(page)
    put(page, page.evaluate("sounds[0].duration") * 0.7)
    page.wait_for_function("scrollY > 400")
    page.mouse.wheel(0, -5000)
    page.wait_for_function("scrollY === 0")
    put(page, page.evaluate("sounds[0].duration") * 0.72)
    page.wait_for_function("(t) => sounds[0].currentTime > t + 3.5",
                           arg=page.evaluate("sounds[0].currentTime"))  # fmt: skip
    assert page.evaluate("scrollY") == 0


def test_a_finger_taps_twice(browser: Browser, site: Site) -> None:
    with watched(browser, has_touch=True, viewport={"width": 800, "height": 900}) as page:
        show(page, site)
        listen(page)
        box = page.get_by_text("Sentence 1 of the noon").bounding_box()
        assert box
        page.evaluate("(y) => scrollTo({ top: y, behavior: 'instant' })", box["y"] - 300)
        box = page.get_by_text("Sentence 1 of the noon").bounding_box()
        assert box
        tap = {"x": box["x"] + 20, "y": box["y"] + 30}
        before = page.evaluate("sought.length")
        page.touchscreen.tap(**tap)
        page.wait_for_timeout(700)
        assert page.evaluate("sought.length") == before

        def tapped_twice() -> bool:
            """Soon enough for the page, which a busy machine may be too slow for."""
            page.touchscreen.tap(**tap)
            page.touchscreen.tap(**tap)
            page.wait_for_timeout(700)
            return bool(page.evaluate("sought.length") > before)

        until(tapped_twice)
        page.wait_for_function("lit()['narrator-sentence'].startsWith('Sentence 1 of the noon')")


def test_without_the_highlight_interface_boxes_lie_over_the_page(page: Page, site: Site) -> None:
    page.add_init_script("delete window.Highlight")
    show(page, site)
    listen(page)
    page.wait_for_function("document.querySelector('.narrator-light .word')")
    boxes: list[Any] = page.evaluate("""() => {
      const word = document.querySelector(".narrator-light .word").getBoundingClientRect();
      const title = document.querySelector("h1").getBoundingClientRect();
      return [word.top >= title.top - 2, word.bottom <= title.bottom + 2, word.width > 5];
    }""")
    assert boxes == [True, True, True]
    page.get_by_role("button", name="Pause", exact=True).click()
    page.evaluate("document.querySelector('narrator-player').remove()")
    assert page.locator(".narrator-light").count() == 0


def test_a_line_that_breaks_is_told_and_goes_on_when_it_is_back(page: Page, site: Site) -> None:
    show(page, site)
    page.route("**/audio.mp3*", lambda route: route.abort("internetdisconnected"))
    page.context.set_offline(True)
    page.get_by_role("button", name="Listen to this article").click()
    expect(page.get_by_role("status")).to_have_text("You are offline.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.unroute("**/audio.mp3*")
    page.context.set_offline(False)
    page.wait_for_function("sounds.some((s) => !s.paused && s.currentTime > 0.2)")


def test_another_article_in_the_same_player(page: Page, site: Site) -> None:
    show(page, site)
    listen(page)
    player = page.locator("narrator-player")
    player.evaluate("(element) => element.setAttribute('manifest', '/audio/none/manifest.json')")
    expect(player).to_be_hidden()
    page.wait_for_function("sounds.every((s) => s.paused)")
    player.evaluate("(element) => element.setAttribute('manifest', '/audio/day/manifest.json')")
    expect(player).to_be_visible()
    listen(page)


def test_headsets_and_lock_screens_know_what_is_heard(page: Page, site: Site) -> None:
    page.add_init_script("""window.keys = {};
      navigator.mediaSession.setActionHandler = (name, then) => { keys[name] = then; };""")
    show(page, site)
    listen(page)
    told = page.evaluate("[navigator.mediaSession.metadata.title,"
                         "navigator.mediaSession.metadata.artist]")  # fmt: skip
    assert told == ["A day", "The site"]
    page.evaluate("keys.pause()")
    page.wait_for_function("sounds[0].paused")
    page.evaluate("keys.seekto({ seekTime: 9 })")
    page.wait_for_function("Math.abs(sounds[0].currentTime - 9) < 0.1")
    page.evaluate("keys.play()")
    page.wait_for_function("!sounds[0].paused")


def test_it_always_sticks_where_the_page_wants_it(page: Page, site: Site) -> None:
    show(page, site, more=' position="sticky"', style="article { transform: translateX(1px) }")
    expect(page.get_by_role("button", name="Listen to this article")).to_be_visible()
    listen(page)
    box = page.get_by_role("group", name="Audio player").bounding_box()
    assert box
    assert box["y"] + box["height"] > 670, "whatever its ancestors are transformed to"
    show(page, site, more=' position="inline"')
    listen(page)
    page.mouse.wheel(0, 2000)
    page.wait_for_timeout(300)
    expect(page.get_by_role("group", name="Audio player")).not_to_be_in_viewport()


def test_the_accessibility_tree_has_roles_and_names(page: Page, site: Site) -> None:
    show(page, site)
    listen(page)
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Next sentence").wait_for()
    tree = page.locator("narrator-player").aria_snapshot()
    for line in (
        'group "Audio player"', 'button "Pause"', 'button "Back 15 seconds"',
        'slider "Position"', 'combobox "Speed"', 'button "More" [expanded]',
        'combobox "Sleep timer"', 'slider "Volume"', 'switch "Scroll along" [checked]',
        'link "Download"', 'button "Transcript"', 'region "Chapters"',
    ):  # fmt: skip
        assert line in tree, tree
    # Said once for each state, and never for each sentence.
    assert page.locator("narrator-player [aria-live], narrator-player [role=status]").count() == 1
    expect(page.get_by_role("status")).to_have_text("")


def test_the_page_of_the_guide_works(page: Page, site: Site) -> None:
    guide = (ROOT / "docs" / "install" / "html.md").read_text()
    (text,) = re.findall(r"```html\n(.*?)```", guide, re.S)
    (site.folder / "guide.html").write_text(text)
    files = {path.name: path for path in (ROOT / "narrator" / "player").glob("*.js")}
    page.route(
        "https://audio.example.org/**",
        lambda route: (
            route.fulfill(
                path=files[route.request.url.rpartition("/")[2]],
                content_type="text/javascript",
                headers={"Access-Control-Allow-Origin": "*"},
            )
            if "/player/" in route.request.url
            else route.abort()
        ),
    )
    page.goto(f"{site.url}/guide.html")
    expect(page.get_by_role("button", name="Listen to this article")).to_be_visible()
    with page.expect_request("https://audio.example.org/v1/listen") as asked:
        page.get_by_role("button", name="Listen to this article").click()
    assert asked.value.post_data_json == {"url": "https://example.org/quiet"}
