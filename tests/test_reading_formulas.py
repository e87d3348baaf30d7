"""Formulas of pages: MathML, and TeX where the page draws it."""

from __future__ import annotations

import pytest

from narrator.model import Block
from narrator.reading import read

PROSE = "<p>The tide comes in twice a day, and twice a day it goes out again without a word.</p>"
MATHJAX = "<script src=https://cdn.example.org/mathjax/3/tex-chtml.js></script>"
KATEX = "<script>import katex from '/katex.js'</script>"


def blocks(body: str, head: str = "") -> list[Block]:
    page = f"<html lang=en><head>{head}</head><body><article>{PROSE}{body}{PROSE}</article></body>"
    return list(read(page, format="html").blocks[1:-1])


def formulas(block: Block) -> list[tuple[str, str]]:
    return [
        (block.text[mark.start : mark.end], mark.value)
        for mark in block.marks
        if mark.kind == "formula"
    ]


@pytest.mark.parametrize(
    ("markup", "shown", "tex"),
    [
        ("<math><mi>x</mi><mo>=</mo><mn>2</mn></math>", "x=2", ""),
        ("<math alttext='x = 2'><mi>x</mi><mo>=</mo><mn>2</mn></math>", "x=2", "x = 2"),
        (("<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>x_1</annotation>"
         "</semantics></math>"), "x", "x_1"),
        (("<math><semantics><mi>x</mi><annotation-xml encoding='MathML-Content'><ci>y</ci>"
         "</annotation-xml></semantics></math>"), "x", ""),
        ("<script type='math/tex'>a+b</script>", "a+b", "a+b"),
        (("<span class=katex><span class=katex-mathml><math><mi>c</mi></math></span>"
         "<span class=katex-html aria-hidden=true>c</span></span>"), "c", ""),
    ],
)  # fmt: skip
def test_a_formula_in_a_sentence_is_said_once(markup: str, shown: str, tex: str) -> None:
    (block,) = blocks(f"<p>Now {markup} is so.</p>")
    assert (block.kind, block.text) == ("paragraph", f"Now {shown} is so.")
    assert formulas(block) == [(shown, tex)]


@pytest.mark.parametrize(
    "markup",
    ["<math display=block><mi>x</mi></math>", "<script type='math/tex; mode=display'>x</script>",
     "<p><math display=block><mi>x</mi></math></p>"],
)  # fmt: skip
def test_a_formula_of_its_own_is_a_block(markup: str) -> None:
    (block,) = blocks(markup)
    assert (block.kind, block.text) == ("formula", "x")


@pytest.mark.parametrize("head", [MATHJAX, KATEX])
def test_tex_is_known_where_the_page_draws_it(head: str) -> None:
    (before, formula, after) = blocks(
        r"<p>Let \(a_1 + b\) be, and</p><p>$$E = m c^2$$</p><p>So.</p>", head
    )
    assert formulas(before) == [("a_1 + b", "a_1 + b")]
    assert (formula.kind, formula.text) == ("formula", "E = m c^2")
    assert after.text == "So."


def test_elsewhere_dollars_are_money() -> None:
    (block,) = blocks(
        "<p>It cost $$5 in Hong Kong and \\(nothing\\) at home, as it seemed to us.</p>"
    )
    assert formulas(block) == []
    assert "$$5" in block.text
