"""Plain text: what pasted furniture and broken lines must not do to real words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrator.errors import NothingToSay
from narrator.reading import read
from narrator.reading.lines import guess_language, is_credit, reason_of_line
from narrator.reading.plain import read_plain

PROSE = "The tide comes in twice a day, and twice a day it goes out again without a word to anyone."


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read(text, format="text").blocks]


@pytest.mark.parametrize("suffix", ["html", "txt"])
def test_the_real_news_page(shared: Path, suffix: str) -> None:
    """The headline once, the body with four sub-headings and five list items, nothing else."""
    article = read(shared / f"news-page.{suffix}")
    of_kind = [block.kind for block in article.blocks]
    assert article.title.startswith("Alibaba shifts Qwen strategy")
    assert len([block for block in article.blocks if block.text == article.title]) == 0
    assert (of_kind.count("heading"), of_kind.count("list_item")) == (4, 5)
    assert of_kind.count("paragraph") == len(of_kind) - 9 == 8
    assert article.blocks[0].text.startswith("Alibaba is shifting its approach")
    assert article.blocks[-1].text.endswith("interest in models into a paying business.")
    reasons = {each.reason for each in article.omissions}
    assert {
        "truncated teaser",
        "image credit",
        "byline",
        "author box",
        "promotion",
        "comments",
    } <= reasons
    # The text has the headline twice, the page once: the second is left out, the title is not.
    assert ("repeats the title" in reasons) == (suffix == "txt")


def test_the_real_news_page_is_the_same_article_from_both(shared: Path) -> None:
    page, pasted = (read(shared / f"news-page.{suffix}") for suffix in ("html", "txt"))
    assert page.title == pasted.title
    assert [block.id for block in page.blocks] == [block.id for block in pasted.blocks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello world", [("paragraph", "Hello world")]),
        ("One.\n\nTwo", [("paragraph", "One."), ("paragraph", "Two")]),
        (f"{PROSE}\n\nA label\n\n{PROSE}",
         [("paragraph", PROSE), ("heading", "A label"), ("paragraph", PROSE)]),
        (f"{PROSE}\n\nNo label.\n\n{PROSE}",
         [("paragraph", PROSE), ("paragraph", "No label."), ("paragraph", PROSE)]),
        ("Two things:\n\n1) one\n2) two",
         [("paragraph", "Two things:"), ("list_item", "one"), ("list_item", "two")]),
        ("He asked.\n\n– Who is it?\n– Me.",
         [("paragraph", "He asked."), ("paragraph", "– Who is it?"), ("paragraph", "– Me.")]),
        ("This is one sentence here.\nThis is another one below.",
         [("paragraph", "This is one sentence here. This is another one below.")]),
        ("The moon\nthe sea\nand one", [("paragraph", "The moon the sea and one")]),
        ("He wrote.\n\n> quoted\n> twice\n>> deep",
         [("paragraph", "He wrote."), ("quote", "quoted twice"), ("quote", "deep")]),
    ],
)  # fmt: skip
def test_structure(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


def test_a_title_stands_above_the_text_only() -> None:
    assert read(f"On tides\n\n{PROSE}", format="text").title == "On tides"
    assert read(f"{PROSE}\n\nOn tides\n\n{PROSE}", format="text").title == ""


@pytest.mark.parametrize(
    "line",
    ["She listened to the article.", "Search for the owner went on all night", "Home",
     "X marks the spot", "By the sea it was colder than anyone had said", "Read more books.",
     "Comments were made about the soup", f"We use cookies to bribe the dog. {PROSE}"],
)  # fmt: skip
def test_words_that_merely_look_like_furniture_stay(line: str) -> None:
    article = read(f"On tides\n\n{PROSE}\n\n{line}\n\n{PROSE}", format="text")
    assert line in [block.text for block in article.blocks]
    assert not article.omissions


def test_a_last_section_that_looks_like_an_offer_stays() -> None:
    text = f"On tides\n\n{PROSE}\n\n{PROSE}\n\nWant to see it?\n\nGo down to the pier at noon."
    assert kinds(text)[-1] == ("paragraph", "Go down to the pier at noon.")


@pytest.mark.parametrize(
    ("line", "language", "reason"),
    [
        ("🎧 Listen to this article · 5 min", "en", "listen button"),
        ("Share on Facebook", "en", "share bar"),
        ("Facebook | X | Copy link", "fi", "share bar"),
        ("Article continues after advertisement", "en-US", "advertisement"),
        ("Artikel anhören", "de", "listen button"),
        ("Lesen Sie auch: Der Turm", "de", "related link"),
        ("La suite après cette publicité", "fr", "advertisement"),
        ("À lire aussi : La tour", "fr", "related link"),
        ("Publicidad", "es", "advertisement"),
        ("Te puede interesar", "es", "related links"),
        ("Читайте также", "ru", "related links"),
        ("Загрузка комментариев…", "ru", "comments"),
        ("Publicidad", "en", ""),
        ("Home is where the tide is", "en", ""),
    ],
)
def test_lines_in_five_languages(line: str, language: str, reason: str) -> None:
    assert reason_of_line(line, language) == reason


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("Photo: A. B.", True), ("Source: The Post. Collage: C. D.", True), ("© 2025 A. B.", True),
        ("A. B./Reuters", True), ("Foto: A. B.", True), ("Фото: А. Б.", True),
        ("Photo by A. B.", True), ("A crab waits. Photo: A. B.", False),
        ("Photographs fade in the sun.", False), ("Source of the river Holm", False),
    ],
)  # fmt: skip
def test_captions_that_only_credit(caption: str, credit: bool) -> None:
    assert is_credit(caption) is credit


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The tide is in and the boat is out.", "en"),
        ("Die Flut ist da und das Boot ist fort.", "de"),
        ("La marée est haute et le bateau est dans le port.", "fr"),
        ("La marea está alta y el barco está en el puerto con los otros.", "es"),
        ("Прилив пришёл, и лодка не на берегу.", "ru"),
        ("123", "en"),
    ],
)
def test_the_table_of_a_language_is_guessed(text: str, language: str) -> None:
    assert guess_language(text) == language


@given(st.text("ab AB.\n-•>1…©", max_size=200))
def test_no_words_are_lost(text: str) -> None:
    """Every letter is in the title, in a block or among what is listed as left out."""
    article = read_plain(text)
    parts = [article.title, *(f"{b.label}{b.text}" for b in article.blocks)]
    parts += [each.text for each in article.omissions]
    assert sorted(c for part in parts for c in part if c.isalpha()) == sorted(
        filter(str.isalpha, text)
    )


def test_signs_are_nothing_to_say() -> None:
    with pytest.raises(NothingToSay):
        read("• • •\n\n---\n", format="text")
