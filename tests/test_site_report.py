"""The page that an editor gets of a run: complete, safe, and playable in a browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import sync_playwright
from site_folder import make_content
from test_cli import run

HOSTILE = (
    "</script><script>document.title = 'caught'</script><img src=x onerror=alert(1)> & “@NOTES@”"
)


@pytest.fixture
def report(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The report of a run over good, bad and hostile articles, in another folder than the site."""
    monkeypatch.chdir(tmp_path)
    content = make_content(tmp_path)
    (content / "sly.md").write_text(
        f"---\ntitle: {json.dumps(HOSTILE)}\n---\n\nIt cost $5. See https://example.org/a?b=1.\n\n"
        "```\ncode that nobody reads aloud\n```\n"
    )
    (content / "broken.md").write_text("---\ntitle: [\n---\nText.\n")
    (content / "draft.md").write_text("---\ndraft: true\ntitle: Not yet\n---\n\nText.\n")
    (content / "empty.md").write_text("")
    done = run("prerender", "content", "-o", "public/my audio", "--voice", "tone", "--url",
               "https://example.org/", "--report", "desk/report.html")  # fmt: skip
    assert done.returncode == 1, "one article is broken"
    return tmp_path / "desk" / "report.html"


def test_every_article_is_on_it(report: Path) -> None:
    page = html.fromstring(report.read_bytes())
    states = [str(article.get("data-state")) for article in page.iter("article")]
    assert sorted(states) == ["draft", "failed", *["made"] * 4, "skipped"]
    players = list(page.iter("audio"))
    assert len(players) == 4
    for player in players:
        source = str(player.get("src")).replace("%20", " ")
        assert (report.parent / source).resolve().is_file(), "relative to the report"
    text = "".join(map(str, page.itertext()))
    assert "The front matter is not YAML" in text
    assert "five dollars" in text, "what is said otherwise"
    assert "code block" in text, "what was left out"
    assert HOSTILE in text
    assert {link.get("href") for link in page.iter("link")} == set()
    assert {script.get("src") for script in page.iter("script")} == {None}, "it needs no other file"


def test_a_run_that_fails_leaves_the_report_before(report: Path) -> None:
    before = report.read_bytes()
    done = run("prerender", "content", "-o", "public/my audio", "--voice", "nobody", "--report",
               str(report))  # fmt: skip
    assert done.returncode == 2
    assert report.read_bytes() == before
    assert [path.name for path in report.parent.iterdir()] == ["report.html"]
    dry = run("prerender", "content", "-o", "elsewhere", "--voice", "tone", "--dry-run", "--report",
              str(report))  # fmt: skip
    assert dry.returncode == 1
    assert not Path("elsewhere").exists()
    page = html.fromstring(report.read_bytes())
    assert [a.get("data-state") for a in page.iter("article")].count("planned") == 4
    assert not list(page.iter("audio"))


def test_it_works_in_a_browser(report: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "Chromium is not installed: run tests/install"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        errors: list[str] = []
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(report.as_uri())
            assert page.title().startswith("What was narrated")
            for summary in page.query_selector_all("summary"):
                summary.click()
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            article = page.locator("article", has_text="First").first
            article.locator("td.at button").nth(2).click()
            page.wait_for_function("document.querySelector('tr.heard') !== null")
            assert page.evaluate("[...document.querySelectorAll('audio')].some(a => !a.paused)")
            page.click("button[data-state=failed]")
            assert page.locator("article:visible").count() == 1
            page.fill("input[type=search]", "no such article")
            assert page.locator("#none").is_visible()
            assert errors == []
            page.close()
        browser.close()
