"""What a page says of itself: dates, pictures, recordings, and that it shows a part only."""

from __future__ import annotations

import json

import pytest

from narrator.model import Article

URL = "https://example.org/tides/"
PROSE = "<p>The tide comes in twice a day, and twice a day it goes out again without a word.</p>"


def page(head: str, body: str = f"<article><h1>Tides</h1>{PROSE}</article>") -> Article:
    from narrator.reading import read_text

    return read_text(
        f"<html lang=en><head>{head}</head><body>{body}</body></html>", "html", url=URL
    )


def json_ld(**fields: object) -> str:
    told = json.dumps({"@type": "NewsArticle", "headline": "Tides", **fields})
    return f'<script type="application/ld+json">{told}</script>'


@pytest.mark.parametrize(
    ("head", "field", "value"),
    [
        (json_ld(dateModified="2025-03-05T10:00:00Z"), "modified", "2025-03-05T10:00:00+00:00"),
        ("<meta property='article:modified_time' content='2025-03-05'>", "modified", "2025-03-05"),
        ("<meta name='last-modified' content='5 March 2025'>", "modified", "2025-03-05"),
        ("<meta property='og:updated_time' content='whenever'>", "modified", ""),
        (json_ld(publisher={"name": "The Shore"}), "site", "The Shore"),
        ("<meta property='og:site_name' content='The Shore'>", "site", "The Shore"),
        (json_ld(image={"url": "/bar.jpg"}), "image", "https://example.org/bar.jpg"),
        (json_ld(image=["bar.jpg", "b.jpg"]), "image", "https://example.org/tides/bar.jpg"),
        ("<meta property='og:image' content='//i.example.org/bar.jpg'>", "image",
         "https://i.example.org/bar.jpg"),
        ("<meta name='narrator:audio' content='read.mp3'>", "recording",
         "https://example.org/tides/read.mp3"),
        (json_ld(audio={"@type": "AudioObject", "contentUrl": "/read.mp3"}), "recording",
         "https://example.org/read.mp3"),
        (json_ld(author=[{"name": "A. B."}, {"name": "C. D."}]), "author", "A. B., C. D."),
        (json_ld(author="https://example.org/ab"), "author", ""),
        ("<meta property='og:locale' content='pt_BR'>", "language", "en"),
        ("<script type='application/ld+json'>{broken</script>", "title", "Tides"),
        ("<script type='application/ld+json'>[[[[" + "[" * 5000 + "</script>", "title", "Tides"),
    ],
)  # fmt: skip
def test_metadata(head: str, field: str, value: str) -> None:
    assert getattr(page(head), field) == value


def test_an_element_names_the_recording() -> None:
    body = f"<article data-narrator-audio='/read.mp3'><h1>Tides</h1>{PROSE}</article>"
    assert page("", body).recording == "https://example.org/read.mp3"


def test_what_a_meta_says_of_the_recording_counts_first() -> None:
    head = "<meta name='narrator:audio' content='/a.mp3'>" + json_ld(audio="/b.mp3")
    assert page(head).recording == "https://example.org/a.mp3"


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (json_ld(articleBody=" ".join(["word"] * 400)), "18 of the 400 words"),
        (json_ld(wordCount=400), "18 of the 400 words"),
        (json_ld(wordCount="400"), "it is a teaser"),
        (json_ld(isAccessibleForFree=False), "not free, and shows 18 words"),
        (json_ld(isAccessibleForFree="False"), "not free"),
    ],
)
def test_a_part_of_an_article_is_said_to_be_one(head: str, says: str) -> None:
    article = page(head)
    assert any(says in warning for warning in article.warnings), article.warnings
    assert [block.text for block in article.blocks] == [PROSE[3:-4]]


@pytest.mark.parametrize(
    "head",
    ["", json_ld(wordCount=17), json_ld(isAccessibleForFree=True),
     json_ld(articleBody=PROSE[3:-4]), json_ld(wordCount="many")],
)  # fmt: skip
def test_a_whole_article_is_not(head: str) -> None:
    assert page(head).warnings == ()


def test_what_is_missing_is_listed() -> None:
    missing = page(json_ld(wordCount=400)).omissions[0]
    assert missing.text == "about 382 of 400 words"
    assert "shows a part" in missing.reason
