"""A real Chromium, and what a page tells of the player in it."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from waiting import PATIENCE, until

expect.set_options(timeout=PATIENCE * 1000)

SPY = """
const Real = Audio; window.sounds = [];
window.begun = []; window.sought = [];
window.Audio = function (...given) {
  const made = new Real(...given);
  sounds.push(made);
  made.addEventListener("playing", () => begun.push(made.currentTime));
  made.addEventListener("seeked", () => sought.push(made.currentTime));
  return made;
};
window.heard = []; for (const name of ["play", "progress", "end"])
  addEventListener(`narrator-${name}`, (event) => heard.push([name, event.detail.percent ?? null]));
window.lit = () => Object.fromEntries(
  [...CSS.highlights].map(([name, ranges]) => [name, [...ranges].map(String).join("")]));
window.loudness = async () => {
  const sound = sounds.find((s) => !s.paused);
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 32768 });
  context.createMediaStreamSource(sound.captureStream()).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let peak = 0;
  for (let look = 0; look < 20 && peak <= 0.02; look++) {  // There are pauses.
    await new Promise((done) => setTimeout(done, 500));
    analyser.getFloatTimeDomainData(samples);
    peak = Math.max(peak, ...samples);
  }
  return peak;
};
"""
"""The sounds of a page, where they began to play and were set to, the events that it had, what is
lit, and the peak of what is heard."""


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is not installed: run tests/install"
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@contextmanager
def static(folder: Path) -> Iterator[str]:
    """The address at which a folder is served, with ranges, as a web server does."""
    app = Starlette(routes=[Mount("/", StaticFiles(directory=folder))])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextmanager
def watched(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page with the spy in it that raises no errors."""
    context: BrowserContext = browser.new_context(**options)
    context.add_init_script(SPY)
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, errors
