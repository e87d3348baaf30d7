"""Text that was copied from a page, in each of five languages, or out of an e-mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from narrator.reading import read

PASTED = Path(__file__).parent / "pasted"
FURNITURE = {
    "advertisement", "byline", "comments", "date line", "listen button", "navigation",
    "newsletter box", "page footer", "related link", "related links", "repeats the title",
    "share bar", "truncated teaser",
}  # fmt: skip

BODY = (
    "Nobody on the island sets a clock by anything but the tide, which is late every day by the "
    "same fifty minutes, and has been for as long as there were clocks."
)


@pytest.mark.parametrize("path", sorted(PASTED.glob("*.txt")), ids=lambda path: path.stem)
def test_a_pasted_page(path: Path) -> None:
    """The headline once, the three paragraphs, and each kind of furniture with its reason."""
    article = read(path)
    lines = path.read_text("utf-8").splitlines()
    assert article.title == lines[2] == lines[3]
    assert len(article.blocks) == 3
    assert all(block.kind == "paragraph" and block.text in lines for block in article.blocks)
    assert {each.reason for each in article.omissions} == FURNITURE


@pytest.mark.parametrize("path", sorted(PASTED.glob("*.txt")), ids=lambda path: path.stem)
def test_each_line_of_it_is_read_or_listed(path: Path) -> None:
    article = read(path)
    told = [article.title, *(block.text for block in article.blocks)]
    told += [each.text for each in article.omissions]
    for line in filter(None, path.read_text("utf-8").splitlines()):
        assert any(line in text for text in told), line


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("From: A. B. <a@example.org>\nTo: c@example.org\nDate: 3 May 2024\nSubject: Re: Tides",
         "Tides"),
        ("Von: A. B.\nGesendet: 3. Mai 2024\nAn: C. D.\nBetreff: AW: Gezeiten", "Gezeiten"),
        ("De : A. B.\nEnvoyé : 3 mai 2024\nÀ : C. D.\nObjet : Marées", "Marées"),
        ("De: A. B.\nEnviado: 3 de mayo\nPara: C. D.\nAsunto: RV: Mareas", "Mareas"),
        ("От: А. Б.\nКому: В. Г.\nДата: 3 мая\nТема: Приливы", "Приливы"),
        ("--- Forwarded message ---\nFrom: A\nDate: May\nSubject: Tides\nTo: you,\n  me", "Tides"),
    ],
)  # fmt: skip
def test_the_header_of_an_email(header: str, title: str) -> None:
    article = read(f"{header}\n\n{BODY}\n\n{BODY}\n", format="text")
    assert article.title == title
    assert [block.text for block in article.blocks] == [BODY, BODY]
    assert [each.reason for each in article.omissions] == ["e-mail header"]


def test_an_email_that_answers_another() -> None:
    article = read(
        f"{BODY}\n\nOn Friday somebody wrote:\n> Is it late?\n> It seems so.\n>\n>> It is.\n\n"
        f"{BODY}\n-- \nA. B.\nThe island\n",
        format="text",
    )
    assert [(block.kind, block.text) for block in article.blocks] == [
        ("paragraph", BODY), ("paragraph", "On Friday somebody wrote:"),
        ("quote", "Is it late? It seems so."), ("quote", "It is."), ("paragraph", BODY),
    ]  # fmt: skip
    assert [(each.text, each.reason) for each in article.omissions] == [
        ("-- A. B. The island", "signature")
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"To: the reader\n\n{BODY}",
        f"From: there to here.\nDate: none.\n\n{BODY}",
        f"{BODY}\n--\n" + "\n\n".join([BODY] * 12),
    ],
)
def test_what_is_no_email_stays(text: str) -> None:
    assert read(text, format="text").omissions == ()


def test_words_broken_at_the_ends_of_lines_are_healed() -> None:
    text = (
        "The light on the moor is seen by every-\nbody who comes over the pass after dark, and\n"
        "by no one who looks for it; a well-\nknown riddle of the place, say the peo-\nple there.\n"
    )
    (block,) = read(text, format="text").blocks
    assert "everybody" in block.text
    assert "people" in block.text


def test_lines_that_are_not_broken_are_not_joined() -> None:
    title = "Comment on mesure la marée"
    text = f"{title}\n{title}\n\n{BODY}\n\nShare this article\nFacebook X"
    article = read(text, format="text")
    assert article.title == title
    assert [block.text for block in article.blocks] == [BODY]
