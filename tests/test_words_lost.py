"""No word of an article is lost or invented, and the check that says so would notice."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest
import words_lost
from words_lost import body, compare, words

ROOT = Path(__file__).parents[1]
NARRATOR = Path(sys.executable).with_name("narrator")

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A day at the lighthouse</title></head>
<body><nav><ul><li><a href="/">Home</a></li></ul></nav>
<main><article><h1>A day at the lighthouse</h1>
<p>The keeper climbed the stairs before dawn, counted them as he always did, and put the lamp out
when the first boats could see the harbour wall by themselves.</p>
%s
<p>In the evening the wind turned to the north, the boats came home one after another, and he lit
the lamp again without having spoken to anyone all day.</p>
</article></main></body></html>
"""
FIRST = """The keeper climbed the stairs before dawn, counted them as he always did, and put the
lamp out when the first boats could see the harbour wall by themselves. """
LAST = """ In the evening the wind turned to the north, the boats came home one after another,
and he lit the lamp again without having spoken to anyone all day."""

HTML = {
    "nested lists": (
        """<p>What he keeps on the shelf:</p>
        <ul><li>Oil, in three grades<ul><li>thin oil for the clockwork</li>
        <li>thick oil for the hinges<ol><li>front door</li><li>back door</li></ol></li></ul>
        and a funnel</li><li>Wicks</li><li><p>Matches, kept dry.</p><p>Always.</p></li></ul>
        <h2>What he lacks</h2><ol start="4"><li>Company</li><li>Tea</li></ol>""",
        """What he keeps on the shelf: Oil, in three grades thin oil for the clockwork thick oil for
        the hinges front door back door and a funnel Wicks Matches, kept dry. Always.
        What he lacks Company Tea""",
    ),
    "marks and links inside words": (
        """<p>A photo<a href="/g">graph</a>ic plate, a <b>light</b>house in <em>un</em>likely
        <strong><em>colours</em></strong>, <a href="/a">one</a><a href="/b"> link</a>, then
        <a href="/c">another</a>; the <abbr title="Morse">code</abbr> for <q>help</q> is
        <code>dot dot dot</code>, H<sub>2</sub>O is water and 10 m<sup>2</sup> is the
        <span>r</span><span>oo</span><span>m</span>.</p>
        <p>Nearly <a href="/d">a whole paragraph can be a link, as in this case</a>.</p>""",
        """A photographic plate, a lighthouse in unlikely colours, one link, then another; the code
        for help is dot dot dot, H2O is water and 10 m2 is the room.
        Nearly a whole paragraph can be a link, as in this case.""",
    ),
    "spaces, soft hyphens and entities": (
        """<p>The lamp is 40&nbsp;m up, seen for 18&#8239;miles; an extra&shy;ordi&shy;nary
        light&#8203;house, wrote the caf&eacute; owner&rsquo;s wife &mdash; Ren&eacute;e &amp; she
        paid &pound;5 for the &ldquo;tour&rdquo;&hellip; If 3 &lt; 5, 20&#37; is little.</p>
        <p>Tight&mdash;dash, cafe&#769; again,
        a
        broken     line,<!-- unseen --> and a com<!-- unseen -->ment.</p>""",
        """The lamp is 40 m up, seen for 18 miles; an extraordinary lighthouse, wrote the café
        owner’s wife — Renée & she paid £5 for the “tour”… If 3 < 5, 20% is little. Tight—dash,
        café again, a broken line, and a comment.""",
    ),
    "quotes, captions and line breaks": (
        """<h2>The log</h2><blockquote><p>Fog at four.</p><p>Bell rung until nine.</p>
        <blockquote>Heard nothing.</blockquote></blockquote>
        <figure><img src="/bell.jpg" alt=""><figcaption>The bell in winter, after the storm had
        taken its roof.</figcaption></figure>
        <h3>The song</h3><p>Ring once for the sailor,<br>ring twice for the tide,<br/>ring
        thrice.</p>""",
        """The log Fog at four. Bell rung until nine. Heard nothing. The bell in winter, after the
        storm had taken its roof. The song Ring once for the sailor, ring twice for the tide, ring
        thrice.""",
    ),
    "said twice on purpose": (
        """<p>And the lamp went round.</p><p>No.</p><p>Yes.</p><p>And the lamp went round.</p>
        <p>A ship, a ship, a ship, he wrote, and the the log has it so.</p>
        <ul><li>Fog</li><li>Fog</li><li>Rain</li><li>Fog</li></ul>
        <p>And the lamp went round.</p>""",
        """And the lamp went round. No. Yes. And the lamp went round. A ship, a ship, a ship, he
        wrote, and the the log has it so. Fog Fog Rain Fog And the lamp went round.""",
    ),
    "headings, sections and definitions": (
        """<section><h2>Morning</h2><div><p>He slept.</p></div><h3>Breakfast, 8 a.m.</h3>
        <p>Bread, i.e. toast. It cost $1.20!</p></section>
        <dl><dt>Fathom</dt><dd>Six feet of water.</dd><dt>Knot</dt><dd>A sea mile an
        hour.</dd></dl><h2>1878</h2><p>100,521 steps, give or take 3–4%.</p>""",
        """Morning He slept. Breakfast, 8 a.m. Bread, i.e. toast. It cost $1.20! Fathom Six feet of
        water. Knot A sea mile an hour. 1878 100,521 steps, give or take 3–4%.""",
    ),
}

MARKDOWN = {
    "lists": (
        """# The shelf

        He keeps:

        - Oil, in *three* grades
          - thin
          - thick, for
            hinges
        - Wicks

        * One.

          With a second paragraph.

        * Two.

        3. Third
        4. Fourth
        """,
        """He keeps: Oil, in three grades thin thick, for hinges Wicks One. With a second paragraph.
        Two. Third Fourth""",
    ),
    "quotes and code": (
        """---
        title: The log
        language: en
        ---

        # The log

        The keeper wrote every day.

        > Fog at four. Bell rung
        until nine.
        >
        > - Heard nothing.
        >
        > > Saw **nothing**.

        ```python
        print("not a word of the body")
        ```

        # Afterwards

            nor is this

        He slept until `noon`.
        """,
        """The keeper wrote every day. Fog at four. Bell rung until nine. Heard nothing. Saw
        nothing. Afterwards He slept until noon.""",
    ),
    "links and marks": (
        """The bell
        ========

        A [reference link][bell], [one more][], a [short] one and an
        [inline *link*](https://example.org/a_b "Unseen title") in un**believ**able weather.
        See <https://example.org/tides>; a snake_case_word, 2 * 3 * 4, ~~struck out~~ words,
        and \\*no emphasis\\*.

        Storms
        ------

        He paid 5 &pound; &amp; left&nbsp;us [a note] that nobody defined.

        [bell]: https://example.org/bell "Unseen"
        [one more]: https://example.org/more
        [short]: <https://example.org/short>
        """,
        """A reference link, one more, a short one and an inline link in unbelievable weather.
        See https://example.org/tides; a snake case word, 2 * 3 * 4, struck out words, and
        no emphasis. Storms He paid 5 £ & left us a note that nobody defined.""",
    ),
    "hard breaks and inline HTML": (
        """---
        title: "A song"
        ---
        Ring once for the sailor,\\
        ring twice for the tide,\x20\x20
        ring thrice.
        Wrapped lines
        are one paragraph, a<br>break parts words, and <b>bold</b>ness does not.

        ---

        Ring once for the sailor.

        1986\\. That was the year; 1987 was not.
        """,
        """Ring once for the sailor, ring twice for the tide, ring thrice. Wrapped lines are one
        paragraph, a break parts words, and boldness does not. Ring once for the sailor.
        1986. That was the year; 1987 was not.""",
    ),
}

PLAIN = {
    "wrapped lines": """The keeper climbed the stairs before dawn, counted them
        as he always did, and put the lamp out. His well-known
        log was begun on the 3rd of May
        1878. That same year the wall was built, at a cost of
        200 pounds, e.g. for stone.

        It is said that he sang
        - though nobody heard him -
        every night. Ask Dr. Brown.
        """,
    "a line a paragraph": """A day at the lighthouse

        The keeper climbed the stairs before dawn and counted them.
        He put the lamp out.\t Nobody   saw it.

        Winter
        • Oil, thin
        • Oil, thick
        – Wicks

        "Fog," he wrote, "and fog." (He liked the word.) It cost $5 & an extra\u00adordinary hat.
        And the lamp went round.
        And the lamp went round.
        """,
}

ARTICLES = {
    **{
        f"html: {name}": (".html", PAGE % text, FIRST + said + LAST)
        for name, (text, said) in HTML.items()
    },
    **{f"markdown: {name}": (".md", cleandoc(t), said) for name, (t, said) in MARKDOWN.items()},
    **{f"plain: {name}": (".txt", cleandoc(text), text) for name, text in PLAIN.items()},
}
"""Name -> suffix, article, the words of its body."""

NEWS = {
    ".html": [f"//*[@class='{name}']" for name in ("source-line", "lead", "byline", "related")]
    + ["//figcaption"],
    ".txt": ["→ original$", "…$", "; edited by(?s:.*?)Listen to article$", "^[A-Z]{2}$(?s:.*)"],
}
"""What of the news page is no body: all but the headline, its text, headings and list."""


@pytest.fixture(params=ARTICLES)
def article(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """An article that the test has written, and the words of its body."""
    suffix, text, said = ARTICLES[request.param]
    path = tmp_path / f"article{suffix}"
    path.write_text(text, encoding="utf-8")
    return path, said


def script_of(article: Path) -> Any:
    """What `narrator script --json` prints."""
    command: list[str | Path] = [NARRATOR, "script", article, "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def test_the_check_knows_the_body(article: tuple[Path, str]) -> None:
    path, said = article
    assert body(path) == words(said)


def test_no_word_is_lost_or_invented(article: tuple[Path, str]) -> None:
    path, _ = article
    *_, found = compare(path, script_of(path))
    assert not found, "\n".join(found)


def check_example(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `words_lost.py examples/article.md` prints and exits with."""
    command = [sys.executable, words_lost.__file__, str(ROOT / "examples" / "article.md")]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)


def test_no_word_of_the_example_is_lost() -> None:
    result = check_example()
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.fullmatch(r"(\d+) words in the body, \1 said\n", result.stdout)


def test_what_is_said_and_excepted_is_invented() -> None:
    result = check_example("--except", "//blockquote", "--except", "//h2")
    assert result.returncode == 1
    assert "+Phonographic\n+books\n" in result.stdout


@pytest.mark.parametrize("suffix", NEWS)
def test_no_word_of_the_news_page_is_lost(shared: Path, suffix: str) -> None:
    page = shared / f"news-page{suffix}"
    there, said, found = compare(page, script_of(page), *NEWS[suffix])
    assert not found, "\n".join(found)
    assert there == said > 600


BODY = ["The lamp went round.", "Nobody saw the boat."]


@pytest.mark.parametrize(
    ("sources", "lost", "invented"),
    [
        (BODY, "", ""),
        (["The lamp went.", BODY[1]], "round", ""),
        ([BODY[0]], "Nobody saw the boat", ""),
        ([], "The lamp went round Nobody saw the boat", ""),
        ([BODY[0], "Nobody ever saw the boat."], "", "ever"),
        ([BODY[0], "round. Nobody saw the boat."], "", "round"),
        ([BODY[0], BODY[0], BODY[1]], "", "The lamp went round"),
        (["The lamp round went.", BODY[1]], "round", "round"),
        ([BODY[1], BODY[0]], "Nobody saw the boat", "Nobody saw the boat"),
        (["The lamp went ro", "und.", BODY[1]], "round", "ro und"),
        (["The lamp went round.", "nobody saw the boat."], "Nobody", "nobody"),
    ],
    ids="same word sentence all invented repeated twice swapped moved cut case".split(),
)
@pytest.mark.parametrize(
    ("suffix", "text"), [(".txt", "{}\n{}"), (".md", "{}\n\n{}"), (".html", "<p>{}</p><p>{}</p>")]
)
def test_the_check_notices(
    tmp_path: Path, suffix: str, text: str, sources: list[str], lost: str, invented: str
) -> None:
    path = tmp_path / f"article{suffix}"
    path.write_text(text.format(*BODY), encoding="utf-8")
    sentences = [{"kind": "paragraph", "source": source} for source in sources]
    there, said, found = compare(path, {"sentences": sentences})
    changes = [(word[0], word[1:]) for word in found if not word.startswith(("@", " "))]
    assert [word for sign, word in changes if sign == "-"] == lost.split()
    assert [word for sign, word in changes if sign == "+"] == invented.split()
    assert (there, said) == (8, 8 - len(lost.split()) + len(invented.split()))


def test_one_word_in_a_long_article_is_noticed(tmp_path: Path) -> None:
    """Its neighbours are shown; a common word is found as well as a rare one."""
    path = tmp_path / "article.txt"
    path.write_text(" ".join(f"the {number}" for number in range(1000)), encoding="utf-8")
    doctored = path.read_text(encoding="utf-8").replace(" the 500", " 500")
    *_, found = compare(path, {"sentences": [{"kind": "paragraph", "source": doctored}]})
    assert found[1:] == " the, 498, the, 499,-the, 500, the, 501, the".split(",")


def test_what_counts_as_a_word() -> None:
    text = "It’s well-known: snake_case extra\u00adordinary cafe\u0301, 40\u00a0m & $3.50 – 4%… ☕"
    expected = "It s well known snake case extraordinary café 40 m & $ 3 50 4 %"
    assert words(text) == expected.split()


def test_what_is_excepted_is_no_body(tmp_path: Path) -> None:
    page, text = tmp_path / "page.html", tmp_path / "page.txt"
    page.write_text("<p class='by'>By us</p><p>One <i>two</i><!-- --><script>x</script></p>")
    text.write_text("By us\nOne\ntwo\nShare: this\nand that\n")
    assert body(page) == words("By us One two")
    assert body(page, "//*[@class='by']", "//i") == ["One"]
    assert body(text, "^By ", "Share(?s:.*)that") == ["One", "two"]
