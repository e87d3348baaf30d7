"""Pictures of the player in each of its states: `python docs/screenshots.py [-o DIR]`.

A service narrates its demo page with the real voice, and Chromium listens. Without `-o` only the
two pictures of the README are written, into docs/images.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.sync_api import Browser, Page, Route, sync_playwright

IMAGES = Path(__file__).parent / "images"
LARGEST = 300_000
"""Bytes of a picture."""

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@contextmanager
def demo_site() -> Iterator[str]:
    """A service with a library of its own; the address of its demo page."""
    with tempfile.TemporaryDirectory() as folder:
        serving = subprocess.Popen(
            [sys.executable, "-m", "narrator", "serve", "--port", "0"],
            stderr=subprocess.PIPE, text=True, cwd=folder,
            env={**os.environ, "NARRATOR_LIBRARY": f"{folder}/library"},
        )  # fmt: skip
        assert serving.stderr is not None
        lines = (json.loads(line) for line in serving.stderr)
        url = next(line["url"] for line in lines if line["message"] == "listening")
        threading.Thread(target=lambda: list(lines), daemon=True).start()
        try:
            asked = {"url": f"{url}/demo"}
            while httpx.post(f"{url}/v1/listen", json=asked, timeout=60).json()["state"] != "ready":
                time.sleep(0.2)
            yield f"{url}/demo"
        finally:
            serving.terminate()
            serving.wait(30)


def turned(route: Route) -> None:
    """The page as one that is written from right to left."""
    answer = route.fetch()
    body = answer.text().replace('lang="en"', 'lang="ar" dir="rtl"', 1)
    route.fulfill(body=body, headers=answer.headers)


def open_page(browser: Browser, url: str, scheme: Scheme, **options: Any) -> Page:
    given = {"viewport": {"width": 900, "height": 760}, "device_scale_factor": 1, **options}
    page = browser.new_context(color_scheme=scheme, **given).new_page()
    page.set_default_timeout(8000)
    page.goto(url)
    page.locator("narrator-player[state]").wait_for()
    return page


def hear(page: Page, seconds: float) -> None:
    """Let it play, stopped at a moment."""
    page.get_by_role("button", name="Listen to this article").click()
    page.locator("narrator-player[state=playing]").wait_for()
    page.evaluate(
        """(seconds) => { document.querySelector("narrator-player").currentTime = seconds }""",
        seconds,
    )
    page.wait_for_timeout(900)


def take(page: Page, path: Path, *, close: bool = True) -> None:
    page.wait_for_timeout(200)
    page.screenshot(path=path)
    size = path.stat().st_size
    if size > LARGEST:
        raise SystemExit(f"{path} has {size} bytes, more than {LARGEST}.")
    print(path, size, flush=True)
    if close:
        page.context.close()


def states(browser: Browser, url: str, folder: Path) -> None:
    """Each state, in light and in dark."""
    for scheme in SCHEMES:

        def at(name: str, scheme: Scheme = scheme) -> Path:
            return folder / f"{name}-{scheme}.png"

        page = open_page(browser, url, scheme)
        take(page, at("idle"), close=False)
        hear(page, 13)
        take(page, at("playing"), close=False)
        page.get_by_role("button", name="More").click()
        take(page, at("panel"), close=False)
        page.get_by_role("button", name="Transcript").click()
        take(page, at("transcript"), close=False)
        page.get_by_role("button", name="More").click()
        hear_again = "document.querySelector('narrator-player').currentTime = 62"
        page.evaluate(hear_again)
        page.wait_for_timeout(1500)
        take(page, at("mini"), close=False)
        page.get_by_role("button", name="More").click()
        take(page, at("mini-panel"), close=False)
        page.reload()
        page.get_by_role("button", name="Resume").wait_for()
        take(page, at("resume"))

        page = open_page(browser, url, scheme, viewport={"width": 390, "height": 760})
        take(page, at("phone-idle"), close=False)
        hear(page, 13)
        take(page, at("phone"), close=False)
        page.get_by_role("button", name="More").click()
        take(page, at("phone-panel"))

        page = open_page(browser, url, scheme)
        page.route("**/audio.mp3", lambda route: route.abort())
        page.get_by_role("button", name="Listen to this article").click()
        page.get_by_role("button", name="Try again").wait_for()
        take(page, at("failed"))

        page = browser.new_context(
            color_scheme=scheme, viewport={"width": 900, "height": 400}
        ).new_page()
        page.route("**/v1/listen", lambda route: None)  # No answer comes.
        page.goto(url)
        page.get_by_role("button", name="Listen to this article").click()
        page.wait_for_timeout(300)
        take(page, at("preparing"))

        page = browser.new_context(
            color_scheme=scheme, viewport={"width": 900, "height": 760}
        ).new_page()
        page.route("**/demo", turned)
        page.goto(url)
        hear(page, 13)
        page.get_by_role("button", name="More").click()
        take(page, at("rtl"))

        page = open_page(browser, url, scheme, viewport={"width": 450, "height": 380},
                         device_scale_factor=2)  # fmt: skip
        hear(page, 13)
        take(page, at("zoomed"))

        page = open_page(browser, url, scheme, forced_colors="active")
        hear(page, 13)
        page.get_by_role("button", name="More").click()
        take(page, at("forced"))


def pictures(browser: Browser, url: str) -> None:
    """Those of the README."""
    IMAGES.mkdir(exist_ok=True)
    for scheme in SCHEMES:
        page = open_page(browser, url, scheme)
        hear(page, 13)
        page.get_by_role("button", name="Pause", exact=True).click()
        take(page, IMAGES / f"player-{scheme}.png")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("-o", metavar="DIR", type=Path, help="every state, into this folder")
    folder = options.parse_args().o
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise SystemExit("Chromium is not installed: run tests/install")
    with demo_site() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            states(browser, url, folder)
        else:
            pictures(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
