"""What a page does not show is not read, and is listed."""

from __future__ import annotations

import pytest

from narrator.reading import read

PROSE = "<p>The tide comes in twice a day, and twice a day it goes out again without a word.</p>"
SECRET = "Nobody sees this line."


def left_out(markup: str, style: str = "") -> bool:
    page = (
        f"<html lang=en><head>{style}</head><body><article>{PROSE}{markup}{PROSE}{PROSE}</article>"
        "</body>"
    )
    article = read(page, format="html")
    shown = any(SECRET in block.text for block in article.blocks)
    listed = any(SECRET in each.text and each.reason == "hidden" for each in article.omissions)
    assert shown != listed
    return listed


@pytest.mark.parametrize(
    "markup",
    [
        f"<p hidden>{SECRET}</p>",
        f"<p aria-hidden=true>{SECRET}</p>",
        f"<p style='display: none'>{SECRET}</p>",
        f"<p style='VISIBILITY:hidden;color:red'>{SECRET}</p>",
        f"<p class=sr-only>{SECRET}</p>",
        f"<div class='screen-reader-text'><p>{SECRET}</p></div>",
        f"<div hidden><div><p>{SECRET}</p></div></div>",
    ],
)
def test_by_attribute_or_class(markup: str) -> None:
    assert left_out(markup)


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>{SECRET}</p>",
        f"<p hidden=until-found>{SECRET}</p>",
        f"<p aria-hidden=false>{SECRET}</p>",
        f"<p style='display:block'>{SECRET}</p>",
        f"<p class='hidden md:block'>{SECRET}</p>",
    ],
)
def test_what_is_shown(markup: str) -> None:
    assert not left_out(markup)


@pytest.mark.parametrize(
    ("rules", "hides"),
    [
        (".note { display: none }", True),
        ("p.note { display:none }", True),
        ("#n1{visibility:hidden}", True),
        (".other, .note { color: red; display: none; }", True),
        (".note.small { display: none }", True),
        (".note.large { display: none }", False),
        ("div.note { display: none }", False),
        (".note { display: none } .note { display: block }", False),
        ("@media print { .note { display: none } }", False),
        ("@media (max-width: 9em) { .x { color: red } .note { display: none } } ", False),
        ("@import 'x.css'; .note { display: none }", True),
        ("/* .note { display: none } */", False),
        (".box .note { display: none }", False),
        (".note:hover { display: none }", False),
        ("{{{ .note { display: none", False),
    ],
)
def test_by_a_rule_of_the_page(rules: str, hides: bool) -> None:
    markup = f"<p class='note small' id=n1>{SECRET}</p>"
    assert left_out(markup, f"<style>{rules}</style>") is hides


def test_a_style_sheet_for_paper_hides_nothing() -> None:
    style = "<style media=print>.note { display: none }</style>"
    assert not left_out(f"<p class=note>{SECRET}</p>", style)


def test_an_own_style_takes_a_rule_back() -> None:
    markup = f"<p class=note style='display: block'>{SECRET}</p>"
    assert not left_out(markup, "<style>.note { display: none }</style>")


def test_a_page_that_its_script_reveals_is_read() -> None:
    body = f"<div style='display:none'><article>{PROSE}{PROSE}</article></div>"
    page = f"<html lang=en><body>{body}</body>"
    assert len(read(page, format="html").blocks) == 2
