"""The player in Chromium, at a service with the real voice: `python benchmarks/player.py [--json]`.

Size, long tasks on load, how long an article of 10,000 words takes to be found in its page, from
click to sound (cold: the article was never spoken; warm: it is in the library), the change from
stream to file, and how well the lit word agrees with the word that is heard.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from narrator.packed import packed

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import web
from browsing import chromium, watched
from serving import Serving, serving

VOICE = "en_US-joe-medium"
LATER = ("panel.js", "boxes.js")
"""Modules that are loaded when somebody listens, or by old browsers alone."""

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="icon" href="data:,"><script type="module" src="{api}/player/narrator-player.js"></script>
</head><body><article><h1>{title}</h1><narrator-player></narrator-player>{body}</article></body>
</html>"""
SAID = "The {n} kettle sings while its water warms, and somebody waits for it by the window."

WATCH = """
window.tasks = []; window.shifts = 0;
new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration)))
  .observe({ type: "longtask", buffered: true });
"""
CLICK = """() => new Promise((done) => {
  const player = document.querySelector("narrator-player");
  const began = performance.now();
  const look = () => {
    if (sounds.some((sound) => sound.currentTime > 0 && !sound.paused)) done(performance.now() - began);
    else requestAnimationFrame(look);
  };
  player.shadowRoot.querySelector(".listen").click();
  look();
})"""  # noqa: E501
CHANGE = """() => new Promise((done) => {
  const player = document.querySelector("narrator-player");
  const seen = [];
  let over = 0;
  const look = () => {
    const file = sounds[1].currentTime > 0 && !sounds[1].paused;
    seen.push([performance.now() / 1000, player.currentTime, file]);
    over += file;
    over < 120 && seen.length < 20000 ? requestAnimationFrame(look) : done(seen);
  };
  look();
})"""
FOLLOW = """() => new Promise((done) => {
  const seen = [];
  const player = document.querySelector("narrator-player");
  let ended = false;
  addEventListener("narrator-end", () => { ended = true; });
  const look = () => {
    const time = player.currentTime;
    const word = [...(CSS.highlights.get("narrator-word") ?? [])].map(String).join("");
    if (!ended) seen.push([time, word]);
    ended ? done(seen) : requestAnimationFrame(look);
  };
  look();
})"""
LOCATE = """async (base) => {
  const { PageText } = await import(new URL("text.js", base));
  const article = document.querySelector("article");
  const cues = [...article.querySelectorAll("p")].flatMap((p) =>
    p.textContent.match(/[^.]+[.]/g).map((source) => ({ source: source.trim(), block: "b" })));
  const times = [];
  for (let round = 0; round < 10; round++) {
    const began = performance.now();
    const places = new PageText(article).places(cues);
    times.push(performance.now() - began);
    if (!places.every(Boolean)) throw new Error("not found");
  }
  return times;
}"""


def article(name: str, sentences: int) -> tuple[str, str]:
    """Title and HTML of an article that no other has."""
    parts = [f"<p>{name} {n}. {SAID.format(n=n)}</p>" for n in range(sentences)]
    return name, "".join(parts)


def publish(site: web.Site, service: Serving, name: str, sentences: int) -> str:
    title, body = article(name, sentences)
    page = PAGE.format(api=service.url, title=title, body=body).encode()
    path = f"/{name.replace(' ', '-')}"
    site.answers[path] = web.answer(200, page, "text/html; charset=utf-8")
    return f"{site.url}{path}"


def sizes() -> dict[str, int]:
    """Bytes, by gzip."""
    modules = [p for p in sorted(packed("player").glob("*.js")) if p.name.count(".") == 1]
    first = [p.read_bytes() for p in modules if p.name not in LATER]
    return {
        "together": len(gzip.compress(b"".join(first), 9)),
        "one by one": sum(len(gzip.compress(data, 9)) for data in first),
        "panel": len(gzip.compress((packed("player") / "panel.js").read_bytes(), 9)),
        "source": sum(map(len, first)),
    }


def click(browser: Browser, url: str) -> tuple[float, list[float]]:
    """Milliseconds from a click to sound, and the long tasks until then."""
    with watched(browser) as page:
        page.add_init_script(WATCH)
        page.goto(url)
        page.locator("narrator-player[state=idle]").wait_for()
        page.wait_for_timeout(500)
        tasks = page.evaluate("tasks.slice()")
        return page.evaluate(CLICK), tasks


def locate(browser: Browser, url: str, service: Serving) -> tuple[list[float], list[float]]:
    """Milliseconds to find all sentences of a long page, and the long tasks of its load."""
    with watched(browser) as page:
        page.add_init_script(WATCH)
        page.goto(url)
        page.locator("narrator-player[state=idle]").wait_for()
        page.wait_for_timeout(500)
        tasks = page.evaluate("tasks.slice()")
        base = str(service.client.get("/player/text.js", follow_redirects=True).url)
        return page.evaluate(LOCATE, base), tasks


def change(browser: Browser, url: str) -> float:
    """Seconds by which the file is before (or, negative, behind) where the stream would be."""
    with watched(browser) as page:
        page.goto(url)
        page.evaluate(CLICK)
        page.set_default_timeout(120_000)
        seen = page.evaluate(CHANGE)
        first = next(i for i, (_, _, over) in enumerate(seen) if over)
        before = [told - clock for clock, told, _ in seen[max(0, first - 90) : first - 2]]
        after = [told - clock for clock, told, _ in seen[first + 60 :]]
        return float(statistics.median(after) - statistics.median(before))


def agreement(browser: Browser, url: str, cues: list[dict[str, Any]]) -> dict[str, Any]:
    """How many words were lit while they were heard, and how late (seconds)."""
    with watched(browser) as page:
        page.set_default_timeout(0)
        page.goto(url)
        page.evaluate(CLICK)
        seen = page.evaluate(FOLLOW)
    lags, right, checked = [], 0, 0
    at = 0
    for cue in cues:
        for word in cue["words"]:
            shown = cue["source"][
                word["source_start"] - cue["source_start"] : word["source_end"]
                - cue["source_start"]
            ]
            if word["end"] - word["start"] < 0.03 or not shown or word["start"] < seen[0][0]:
                continue
            checked += 1
            while at < len(seen) and seen[at][0] < word["start"] - 0.03:
                at += 1
            lit = next(
                (time for time, text in seen[at : at + 120] if text == shown
                 and time < word["end"] + 0.15), None,
            )  # fmt: skip
            if lit is not None:
                right += 1
                lags.append(lit - word["start"])
    late = sorted(lags)
    return {
        "checked": checked, "right": right, "median": statistics.median(late),
        "p95": late[int(len(late) * 0.95)], "worst": late[-1], "frames": len(seen),
    }  # fmt: skip


def measure(rounds: int) -> dict[str, Any]:
    found: dict[str, Any] = {"size": sizes()}
    with (
        tempfile.TemporaryDirectory() as folder,
        web.serving({}) as site,
        serving(
            Path(folder, "library"),
            NARRATOR_VOICE=VOICE,
            NARRATOR_ALLOW_PRIVATE="true",
            NARRATOR_SERVICE__HOSTS=site.url.removeprefix("http://"),
            NARRATOR_SERVICE__ORIGINS=site.url,
        ) as service,
        chromium() as browser,
    ):
        service.narrated("The voice is loaded now.")
        warm = publish(site, service, "Warm", 6)
        click(browser, warm)
        asked = service.client.post("/v1/listen", json={"url": warm}).json()
        ready = service.finished(asked["id"])
        cold, long_tasks, warmed = [], [], []
        for n in range(rounds):
            took, tasks = click(browser, publish(site, service, f"Cold {n}", 12))
            cold.append(took)
            long_tasks += tasks
            took, tasks = click(browser, warm)
            warmed.append(took)
            long_tasks += tasks
        found["cold"], found["warm"] = cold, warmed
        found["change"] = change(browser, publish(site, service, "Change", 30))
        cues = service.client.get(ready["links"]["cues"]).json()["cues"]
        found["agreement"] = agreement(browser, warm, cues)
        found["locate"], tasks = locate(browser, publish(site, service, "Long", 590), service)
        found["long tasks"] = long_tasks
        found["long tasks, 10,000 words"] = tasks
    return found


def told(found: dict[str, Any]) -> str:
    def times(key: str) -> str:
        each = sorted(found[key])
        return f"median {statistics.median(each):.0f} ms, worst {each[-1]:.0f} ms of {len(each)}"

    size, agreed = found["size"], found["agreement"]
    lag = {name: f"{1000 * agreed[name]:.0f} ms" for name in ("median", "p95", "worst")}
    rows = {
        "size": f"{size['together']} bytes by gzip ({size['one by one']} module by module), "
        f"source {size['source']}; panel {size['panel']}",
        "cold click": times("cold"),
        "warm click": times("warm"),
        "stream to file": f"{1000 * found['change']:+.0f} ms",
        "words": f"{agreed['right']} right of {agreed['checked']}; lag median {lag['median']}, "
        f"95 % {lag['p95']}, worst {lag['worst']} ({agreed['frames']} frames)",
        "10,000 words": f"found in {times('locate')}",
        "long tasks": f"{found['long tasks'] or 'none'} on load, "
        f"{found['long tasks, 10,000 words'] or 'none'} with 10,000 words",
    }
    return "\n".join(f"{name:<15} {value}" for name, value in rows.items())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--rounds", type=int, default=10)
    given = options.parse_args()
    found = measure(given.rounds)
    print(json.dumps(found) if given.json else told(found))


if __name__ == "__main__":
    main()
