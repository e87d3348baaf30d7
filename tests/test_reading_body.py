"""What of a page is its article: threads, columns, boxes, and what the page tells machines."""

from __future__ import annotations

import json

import pytest

from narrator.model import Article
from narrator.reading import read
from narrator.reading.agreement import agree
from narrator.reading.dom import parse_page
from narrator.reading.lines import is_date, reason_of_line
from narrator.reading.links import Links
from narrator.reading.page import page_drafts
from narrator.reading.prose import opinion

FIRST = "The tide comes in twice a day, and nobody in the village sets a clock by anything else."
SECOND = (
    "In winter the boats lie on the sand until noon, which gives the crews time for an argument."
)
THIRD = (
    "What they argue about is the bar at the mouth of the river, because it is never twice alike."
)
PROSE = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"


def page(body: str, head: str = "") -> Article:
    return read(
        f"<html lang=en><head><title>Tides</title>{head}</head>{body}</html>", format="html"
    )


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def left_out(article: Article) -> dict[str, str]:
    return {each.text: each.reason for each in article.omissions}


def json_ld(**fields: object) -> str:
    data = json.dumps({"@context": "https://schema.org", **fields})
    return f"<script type=application/ld+json>{data}</script>"


# Threads

POST = (
    "<div class=post id=p{n}><div class=postprofile>wren<br>Posts: {n}2</div>"
    "<div class=content>{text}</div><div class=signature>Mind the gap.</div></div>"
)


def thread(*posts: str) -> str:
    told = "".join(POST.format(n=n, text=text) for n, text in enumerate(posts, 1))
    return f"<body><h1>Tides</h1>{told}<div class=box>Who is online: 3 guests</div></body>"


def test_a_thread_is_what_its_posts_say() -> None:
    article = page(thread(f"<p>{FIRST}</p>", "<p>I agree.</p>", f"<p>{SECOND}</p><p>Bye.</p>"))
    assert texts(article) == [FIRST, "I agree.", SECOND, "Bye."]
    assert set(left_out(article).values()) == {"beside the posts"}


def test_a_quotation_of_an_earlier_post_is_left_out() -> None:
    quote = f"<blockquote><cite>wren wrote:</cite> {FIRST}</blockquote>"
    own = "<blockquote>A poem that nobody has quoted here before, as far as I know.</blockquote>"
    article = page(thread(f"<p>{FIRST}</p>", f"{quote}<p>{SECOND}</p>{own}"))
    assert texts(article) == [
        FIRST, SECOND, "A poem that nobody has quoted here before, as far as I know.",
    ]  # fmt: skip
    assert left_out(article)[f"wren wrote: {FIRST}"] == "repeats the text"


def test_articles_one_below_another_are_no_thread() -> None:
    posts = "".join(
        f"<div class=post><h2>{title}</h2><span class=author>wren</span><p>{text}</p></div>"
        for title, text in (("Tides", FIRST), ("Sand", SECOND), ("Bars", THIRD))
    )
    reasons = set(left_out(page(f"<body>{posts}</body>")).values())
    assert "beside the posts" not in reasons


# What is around


def test_what_is_below_a_heading_that_announces_comments_is_left_out() -> None:
    comments = f"<h2>Guest book</h2><p>wren: {FIRST.lower()}</p><h3>Older</h3><p>Nice one.</p>"
    article = page(f"<body>{PROSE}{comments}<h2>Sources of the text</h2>{PROSE}</body>")
    kept = page(f"<body>{PROSE}{PROSE}{comments}</body>")
    assert texts(kept)[-1] == THIRD
    assert "comments" in left_out(kept).values()
    # With half of the text still to come such a heading is one of the article's own.
    assert "Nice one." in texts(article)


def test_a_short_line_that_stands_there_again_and_again_is_left_out() -> None:
    items = "".join(
        f"<h2>Place {n}</h2><div class=via>Via the archive</div><p>{FIRST} {n}.</p>"
        f"<div class=count>Photos: {n}</div>"
        for n in range(1, 5)
    )
    article = page(f"<body><h1>Tides</h1>{items}</body>")
    assert [block.text for block in article.blocks if block.kind != "heading"] == [
        f"{FIRST} {n}." for n in range(1, 5)
    ]
    assert left_out(article)["Via the archive"] == "repeated label"


def test_a_text_of_nothing_but_equal_lines_is_read() -> None:
    assert texts(page("<body>" + "<p>Row the boat</p>" * 5 + "</body>")) == ["Row the boat"] * 5


def test_a_heading_by_its_role_is_a_heading() -> None:
    head = "<div role=heading aria-level=3>The bar</div>"
    article = page(f"<body><article>{PROSE}{head}{PROSE}</article></body>")
    found = [(block.kind, block.level, block.text) for block in article.blocks]
    assert ("heading", 3, "The bar") in found


def test_a_box_to_write_into_is_left_out_without_a_form() -> None:
    box = "<div><div>Letters from the sea</div><p>Once a week.</p><input type=email></div>"
    poll = "<div><p>Do you swim in winter?</p><input type=radio> Yes <input type=radio> No</div>"
    article = page(f"<body><article>{PROSE}{box}{PROSE}{poll}{PROSE}</article></body>")
    assert texts(article) == [FIRST, SECOND, THIRD] * 3
    reasons = set(left_out(article).values())
    assert {"newsletter box", "poll"} <= reasons


def test_the_columns_of_an_old_page_are_left_out() -> None:
    side = "<td><b>SERVICES</b><br>Mail for all<br>Weather and tides</td>"
    box = "<table align=right><tr><td>ALSO <a href=/x>The wreck</a></td></tr></table>"
    caption = "<table align=left><tr><td><img src=x.jpg><br>The bar at noon.</td></tr></table>"
    article = page(
        f"<body><table><tr>{side}<td><h1>Tides</h1>{PROSE}{box}<p>{SECOND}</p>{caption}{PROSE}"
        "</td></tr><tr><td colspan=2>You are visitor 48213</td></tr></table></body>"
    )
    assert texts(article) == [
        FIRST,
        SECOND,
        THIRD,
        SECOND,
        "The bar at noon.",
        FIRST,
        SECOND,
        THIRD,
    ]


def test_a_sign_that_links_to_its_own_place_is_no_text() -> None:
    article = page(
        f"<body><h2 id=a>The bar <a href=#a>#</a></h2>{PROSE}<h2>Sand</h2>{PROSE}</body>"
    )
    assert "The bar" in texts(article)


def test_the_name_of_an_anchor_makes_no_navigation_of_a_heading() -> None:
    head = '<h2 class="anchor anchorWithStickyNavbar_x1">The bar</h2>'
    assert "The bar" in texts(page(f"<body><article>{PROSE}{head}{PROSE}</article></body>"))


def test_what_a_heading_opens_is_text() -> None:
    panel = (
        "<h3><button aria-expanded=false aria-controls=p1>How deep is it?</button></h3>"
        f"<div id=p1 hidden><p>{THIRD}</p></div><div id=p2 hidden><p>Never said.</p></div>"
        "<nav><button aria-controls=p3>Menu</button></nav><div id=p3 hidden><p>Nor this.</p></div>"
    )
    article = page(f"<body><main><p>{FIRST}</p><p>{SECOND}</p>{panel}</main></body>")
    assert texts(article) == [FIRST, SECOND, "How deep is it?", THIRD]
    assert {"Never said.", "Nor this."} <= set(left_out(article))


def test_a_text_whose_pieces_lie_in_boxes_of_their_own_is_read_to_its_end() -> None:
    pieces = (FIRST, SECOND, "Where the boats lie", THIRD, "The bar, seen from the lighthouse")
    boxes = "".join(
        f"<div class=rec><div class=t{n}>{text}</div></div>" for n, text in enumerate(pieces)
    )
    last = f"<div class=rec><div class=t0>{SECOND.replace('winter', 'summer')}</div></div>"
    article = page(f"<body><div><h1>Tides</h1>{boxes}{last}</div></body>")
    assert texts(article) == [*pieces, SECOND.replace("winter", "summer")]


def test_whose_a_picture_is_goes_from_its_caption() -> None:
    figure = (
        "<figure><img src=a.jpg><figcaption>The bar at low water.<cite>Photo: a reader</cite>"
        "</figcaption></figure><div class=pic__caption>The old light.<span class=pic__author>"
        "Archive</span></div>"
    )
    article = page(f"<body><article>{PROSE}{figure}{PROSE}</article></body>")
    captions = [block.text for block in article.blocks if block.kind == "caption"]
    assert captions == ["The bar at low water.", "The old light."]
    assert left_out(article)["Photo: a reader"] == "image credit"


# What the page tells machines


def test_a_paragraph_that_the_page_tells_machines_is_not_lost() -> None:
    lost = "The bar is called the Old Woman, for reasons that are told to no visitor."
    body = (
        f"<body><article><h1>Tides</h1>{PROSE}<div class=related-posts><p>{lost}</p></div>{PROSE}"
        "</article></body>"
    )
    told = json_ld(**{"@type": "NewsArticle", "articleBody": f"{FIRST} {SECOND} {THIRD} {lost}"})
    assert lost in texts(page(body, told))
    assert lost not in texts(page(body))


def test_what_is_below_the_end_that_the_page_tells_is_left_out() -> None:
    below = "The editors of this page are always glad to hear from those who have read so far."
    more = "".join(
        f"<p>So they row out at {state} water and look, which takes the {rest} of the morning.</p>"
        for state, rest in (("low", "rest"), ("high", "best"), ("calm", "half"), ("rough", "whole"))
    )
    body = f"<body><article><h1>Tides</h1>{more}{PROSE}<p>{below}</p></article></body>"
    whole = f"{more.replace('<p>', ' ').replace('</p>', ' ')} {FIRST} {SECOND} {THIRD}"
    assert texts(page(body))[-1] == below
    told = {"@type": "NewsArticle", "articleBody": whole}
    assert texts(page(body, json_ld(**told)))[-1] == THIRD
    # Where it tells but a part, its end is none.
    part = {"@type": "NewsArticle", "articleBody": FIRST}
    assert texts(page(body, json_ld(**part)))[-1] == below


@pytest.mark.parametrize(
    "told",
    [
        {"@type": "Recipe", "recipeIngredient": ["2 leeks", "1 l of stock"],
         "recipeInstructions": [{"@type": "HowToStep", "text": FIRST}]},
        {"@type": "Recipe", "recipeIngredient": ["2 leeks", "1 l of stock"],
         "recipeInstructions": FIRST},
        {"@graph": [{"@type": ["Recipe"], "recipeIngredient": ["2 leeks", "1 l of stock"]}]},
    ],
)  # fmt: skip
def test_the_parts_of_a_recipe_are_text(told: dict[str, object]) -> None:
    body = (
        f"<body><main><h1>Soup</h1><div><p>{THIRD}</p></div><div><div>2 leeks</div>"
        f"<div>1 l of stock</div></div><div><h2>Method</h2><p>{FIRST}</p><p>{SECOND}</p></div>"
        "</main></body>"
    )
    found = texts(page(body, json_ld(**told)))
    assert found[1:3] == ["2 leeks", "1 l of stock"]


def test_questions_and_answers_that_are_told_machines() -> None:
    answer = "Because the moon pulls at the water, and the water has nothing to hold on to."
    told = {
        "@type": "FAQPage",
        "mainEntity": [{"name": "Why?", "acceptedAnswer": {"text": answer}}],
    }
    body = f"<body><article>{PROSE}<div class=widget><p>{answer}</p></div></article></body>"
    assert answer in texts(page(body, json_ld(**told)))


# Lines


@pytest.mark.parametrize(
    "line",
    ["14 February 2024", "February 14, 2024", "Feb. 14, 2024", "14.02.2024", "2024-02-14",
     "14. Februar 2024", "14 février 2024", "14 de febrero de 2024", "14 февраля 2024",
     "14 февраля 2024 г.", "Wednesday, 14 February 2024", "14/02/2024 at 10:30",
     "14 février 2024 à 10h30"],
)  # fmt: skip
def test_a_day_is_known(line: str) -> None:
    assert is_date(line)


@pytest.mark.parametrize("line", ["In 2024", "May", "2024", "14 boats", "On 14 May 2024 they met"])
def test_a_line_with_a_number_is_no_day(line: str) -> None:
    assert not is_date(line)


# Names that say nothing


def test_a_column_called_gutter_is_no_line_number() -> None:
    assert texts(page(f"<body><div class='two-thirds gutter'>{PROSE}</div></body>")) == [
        FIRST,
        SECOND,
        THIRD,
    ]


def test_line_numbers_are_left_out() -> None:
    code = "<table><tr><td class=gutter><pre>1\n2</pre></td><td><pre>a = 1\nb = 2</pre></td></tr>"
    assert "a = 1\nb = 2" in texts(page(f"<body>{PROSE}{code}</table></body>"))


def test_names_that_a_tool_made_say_nothing() -> None:
    item = f"<ul><li class='fd j7 it ad xa'>{SECOND}</li><li class='uu xa xc hj'>{THIRD}</li></ul>"
    assert texts(page(f"<body><h1>Tides</h1><p>{FIRST}</p>{item}</body>")) == [
        FIRST,
        SECOND,
        THIRD,
    ]


def test_a_heading_that_sounds_like_a_button_keeps_its_text() -> None:
    body = f"<h1>Tides</h1>{PROSE}{PROSE}<h2>Share your media</h2><p>{FIRST} {SECOND} {THIRD}</p>"
    assert f"{FIRST} {SECOND} {THIRD}" in texts(page(f"<body><article>{body}</article></body>"))


FACTS = (
    "<ul><li>A tide is the rise and fall of the sea, twice in a little more than a day, in the "
    "pull of the moon.</li><li>Its reach is fourteen metres at the most.</li></ul>"
)


def test_a_box_of_facts_amid_the_text_is_read() -> None:
    body = f"<h1>Tides</h1>{PROSE}<aside class=factbox>{FACTS}</aside>{PROSE.replace('The', 'A')}"
    assert "Its reach is fourteen metres at the most." in texts(page(f"<body>{body}</body>"))


def test_a_box_that_leads_away_is_not_read() -> None:
    facts = FACTS.replace("A tide", "<a href=/t>A tide</a>")
    body = f"<h1>Tides</h1>{PROSE}<aside class=factbox>{facts}</aside>{PROSE.replace('The', 'A')}"
    assert "Its reach is fourteen metres at the most." not in texts(page(f"<body>{body}</body>"))


@pytest.mark.parametrize("name", ["comentarios", "Kommentare", "lire-aussi", "publicidad"])
def test_furniture_with_foreign_names_is_left_out(name: str) -> None:
    box = f"<div class={name}><p>A whale came up the river once, which nobody forgot.</p></div>"
    shown = texts(page(f"<body><h1>Tides</h1><div>{PROSE}</div>{box}</body>"))
    assert shown == [FIRST, SECOND, THIRD]


def test_who_keeps_all_of_a_page_has_no_opinion() -> None:
    menu = "".join(f"<tr><td><a href=/{n}>Part {n} of the paper</a></td></tr>" for n in range(12))
    news = "".join(
        f"<tr><td><a href=/s{n}><b>Boat {n} is home</b></a><br>It came in late, in a good mood."
        for n in range(8)
    )
    told = [f"On day {n}: {text}" for n in range(8) for text in (FIRST, SECOND, THIRD)]
    story = f"<font class=story>{'<br><br>'.join(told)}</font>"
    cells = (f"<table>{menu}</table>", story, f"<table>{news}</table>")
    root = parse_page(f"<table><tr><td>{'</td><td>'.join(cells)}</td></tr></table>")
    found, _ = page_drafts(root)
    everything = [True] * len(found)
    view = opinion(found, everything, [])
    own = [view.holds(each.element) for each in found]
    kept = agree(found, everything, view, own, Links(found)).kept
    assert [each.draft.text for each, is_in in zip(found, kept, strict=True) if is_in] == told


def test_buttons_below_the_text_are_left_out() -> None:
    below = "<div><p>Top of the whole paper</p></div><div><p>Search in the tide tables</p></div>"
    text = f"<div>{PROSE}</div><div>{PROSE.replace('The', 'A')}</div>"
    shown = texts(page(f"<body><article><h1>Tides</h1>{text}{below}</article></body>"))
    assert shown[:1] == [FIRST]
    assert not {"Top of the whole paper", "Search in the tide tables"} & set(shown)


def test_a_name_below_the_text_is_read() -> None:
    shown = texts(page(f"<body><h1>Tides</h1><div>{PROSE}<p>The harbour master</p></div></body>"))
    assert shown == [FIRST, SECOND, THIRD, "The harbour master"]


# What the page says twice


def test_a_summary_that_a_share_bar_says_as_well_is_read() -> None:
    bar = f"<div class=share><p>{FIRST}</p><a href=/f>Post it</a></div>"
    text = f"<p class=summary>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
    assert texts(page(f"<body><article><h1>Tides</h1>{bar}{text}</article></body>")) == [
        FIRST,
        SECOND,
        THIRD,
    ]


# Scripts that part no words


def test_a_text_without_spaces_is_prose() -> None:
    sentences = [f"{'မြစ်ဝမှာရှိတဲ့ရွာကလှေသမားတွေ' * 3}ပြောပါတယ်{n}။" for n in "၁၂၃"]
    body = "".join(f"<p>{each}</p>" for each in sentences)
    figure = "<figure><img src=b.jpg><figcaption>The boats lie on the sand until noon, which gives"
    caption = f"{figure} the crews time for an argument.</figcaption></figure>"
    shown = texts(page(f"<body><div>{caption}</div><div>{body}</div></body>"))
    assert [each for each in shown if each in sentences] == sentences


# What is hidden


def test_a_text_that_a_script_reveals_amid_a_large_page_is_read() -> None:
    links = "".join(f"<li><a href=/{n}>What else there is to see on day {n}</a>" for n in range(60))
    body = f"<h1>Tides</h1><div class=text style='display:none'>{PROSE}</div>"
    shown = texts(page(f"<body><ul>{links}</ul>{body}<ul>{links}</ul></body>"))
    assert shown == [FIRST, SECOND, THIRD]


def test_a_hidden_dialogue_is_not_read() -> None:
    dialogue = f"<div class=cookie-banner style='display:none'>{PROSE}{PROSE}{PROSE}</div>"
    links = "".join(f"<li><a href=/{n}>What else there is to see on day {n}</a>" for n in range(60))
    shown = texts(page(f"<body><ul>{links}</ul><p>{SECOND} {THIRD}</p>{dialogue}</body>"))
    assert FIRST not in shown


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Privacy policy | Terms of use | Careers | Help", "navigation"),
        ("Home • News • Sport • Weather • Money", "navigation"),
        (
            "© 2024 The tide tables. All rights of the sea are reserved by the moon, as ever.",
            "page footer",
        ),
        ("Our mailing address is: 1 Sand Lane", "page footer"),
        ("toggle caption", "navigation"),
        ("By the picture desk", "byline"),
        ("From the guest book", "comments"),
        ("Contact: The press office, press@example.org", "contact box"),
        ("SOURCE The museum", "contact box"),
        ("This post may contain affiliate links. Read how we test.", "promotion"),
        ("We may earn a small commission if you buy through our links.", "promotion"),
        ("Source of the river", ""),
        ("Low | high | low", ""),
        ("By the sea there stood a house", ""),
        ("Copyright law is older than the gramophone.", ""),
    ],
)
def test_a_line_that_is_furniture(line: str, reason: str) -> None:
    assert reason_of_line(line, "en") == reason
