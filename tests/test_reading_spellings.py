"""Which addresses are one: spellings, tracking, and what a takedown of an address covers."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrator.reading.spellings import Address, address_of, one_spelling

PLAIN = "http://example.org/a/b"

SPELLINGS = [
    "http://example.org/a/b",
    "HTTP://example.org/a/b",
    "http://EXAMPLE.org/a/b",
    "http://example.org./a/b",
    "http://example.org:80/a/b",
    "http://example.org:/a/b",
    "http://example.org:0080/a/b",
    "http://ex%61mple.org/a/b",
    "http://example.org/a/b#part",
    "http://example.org/a/b#",
    "http://example.org/a/b?",
    "http://example.org/a/b?&&",
    "http://example.org/a/./b",
    "http://example.org/a/x/../b",
    "http://example.org/a/%2e/b",
    "http://example.org/a/x/%2E%2e/b",
    "http://example.org/../a/b",
    "http://example.org//a/b",
    "http://example.org/a///b",
    "http://example.org\\a\\b",
    "http:example.org/a/b",
    "http:///example.org/a/b",
    "http://example.org/%61/b",
    "http://example.org/a/b?utm_source=x&utm_Medium=y",
    "http://example.org/a/b?FBCLID=1&gclid=2#top",
    "http://name:password@example.org/a/b",
    " http://example.org/a/b ",
    "http://exam\tple.org/a\n/b",
]


@pytest.mark.parametrize("url", SPELLINGS)
def test_spellings_of_one_address(url: str) -> None:
    assert one_spelling(url) == PLAIN


@pytest.mark.parametrize(
    ("url", "spelled"),
    [
        ("http://BÜCHER.example/Käse", "http://xn--bcher-kva.example/K%C3%A4se"),
        ("http://bu\u0308cher.example/", "http://xn--bcher-kva.example/"),
        ("http://xn--BCHER-kva.example/K%c3%a4se", "http://xn--bcher-kva.example/K%C3%A4se"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org:80/", "https://example.org:80/"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("http://[0:0:0:0:0:0:0:1]:80/a", "http://[::1]/a"),
        ("http://0x7f.1/a", "http://127.0.0.1/a"),
        ("http://2130706433/a", "http://127.0.0.1/a"),
        ("http://example.org/a%2Fb", "http://example.org/a%2Fb"),
        ("http://example.org/a%2fb", "http://example.org/a%2Fb"),
        ("http://example.org/a%5cb", "http://example.org/a%5Cb"),
        ("http://example.org/%2541", "http://example.org/%2541"),
        ("http://example.org/a%21(b)%7e", "http://example.org/a!(b)~"),
        ("http://example.org/a[b]|c", "http://example.org/a%5Bb%5D%7Cc"),
        ("http://example.org/%ff", "http://example.org/%FF"),
        ("http://example.org/%", "http://example.org/%25"),
        ("http://example.org/A", "http://example.org/A"),
        ("http://example.org/a/", "http://example.org/a/"),
        ("http://example.org/?p=123", "http://example.org/?p=123"),
        ("http://example.org/?%70=%31%32%33&utm_id=4", "http://example.org/?p=123"),
        ("http://example.org/?b=2&a=1", "http://example.org/?b=2&a=1"),
        ("http://example.org/?a=x%20y+z", "http://example.org/?a=x+y+z"),
        ("http://example.org/?a=&b", "http://example.org/?a&b"),
        ("http://example.org/?a=%ff", "http://example.org/?a=%FF"),
        ("http://example.org/?=1", "http://example.org/?=1"),
        ("http://example.org/?source=x&ref=y", "http://example.org/?source=x&ref=y"),
    ],
)
def test_what_is_spelled_how(url: str, spelled: str) -> None:
    assert one_spelling(url) == spelled
    assert one_spelling(spelled) == spelled


@pytest.mark.parametrize(
    "url",
    ["", "tea", "/a/b", "ftp://example.org/a", "javascript:alert(1)", "http://", "http://exa mple/",
     "http://example.org:99999/", "file:///etc/passwd", "http://[::1/", "http://\ud800.org/",
     "http://%00/", "mailto:a@example.org"],
)  # fmt: skip
def test_what_is_no_web_address_stays_as_it_is(url: str) -> None:
    assert address_of(url) is None
    assert one_spelling(url) == url


def address(url: str) -> Address:
    found = address_of(url)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("down", "asked", "covered"),
    [
        ("http://example.org/a", "http://example.org/a", True),
        ("http://example.org/a", "https://example.org/a", True),
        ("http://example.org/a", "http://example.org/a/", True),
        ("http://example.org/a/", "http://example.org/a", True),
        ("http://example.org/a", "http://example.org/a?x=1", True),
        ("http://example.org/a?utm_source=x", "http://example.org/a?x=1", True),
        ("http://example.org", "http://example.org/?anything", True),
        ("http://example.org/?p=123", "http://example.org/?p=123", True),
        ("http://example.org/?p=123", "http://example.org?x=1&p=123&y", True),
        ("http://example.org/?p=123", "http://example.org/?P=%3123", True),
        ("http://example.org/?p=123&lang=de", "http://example.org/?lang=de&p=123", True),
        ("http://example.org/?p=123", "http://example.org/?p=124", False),
        ("http://example.org/?p=123", "http://example.org/?q=123", False),
        ("http://example.org/?p=123", "http://example.org/?p=1234", False),
        ("http://example.org/?p=123", "http://example.org/", False),
        ("http://example.org/?p=123&lang=de", "http://example.org/?p=123", False),
        ("http://example.org/?p=aB", "http://example.org/?p=ab", False),
        ("http://example.org/a", "http://example.org/A", False),
        ("http://example.org/a", "http://example.org/a/b", False),
        ("http://example.org/a", "http://example.org/ab", False),
        ("http://example.org/a", "http://www.example.org/a", False),
        ("http://example.org/a", "http://example.org:8080/a", False),
        ("http://example.org/a", "http://example.com/a", False),
        ("http://example.org/a%2Fb", "http://example.org/a/b", False),
    ],
)
def test_what_an_address_covers(down: str, asked: str, covered: bool) -> None:
    assert address(down).covers(address(asked)) is covered


SEGMENTS = st.text(min_size=1, max_size=8).filter(
    # Lone surrogates are no text, white space at the end of an address is not part of it.
    lambda s: s.strip(". ") and not any("\ud800" <= c <= "\udfff" for c in s)
)
NAMES = st.sampled_from(["p", "id", "q", "lang", "a b", "ä"])
VALUES = st.text("abc123 ä/&=?#%+", max_size=6)


@given(
    st.lists(SEGMENTS, max_size=4),
    st.lists(st.tuples(NAMES, VALUES), max_size=3),
    st.data(),
)
def test_any_spelling_is_the_same_address(
    segments: list[str], query: list[tuple[str, str]], data: st.DataObject
) -> None:
    """Whatever is done to an address that changes nothing gives the same spelling."""

    def encoded(text: str, always: bool) -> str:
        if always:
            return "".join(f"%{byte:02x}" for byte in text.encode())
        return quote(text, safe="")

    draw = data.draw
    plain = "http://example.org/" + "/".join(encoded(s, False) for s in segments)
    plain_query = "&".join(f"{encoded(n, False)}={encoded(v, False)}" for n, v in query)
    noise = st.sampled_from(["/", "//", "/./", "/%2e/", "/x/../", "/x/%2E./"])
    path = "".join(draw(noise) + encoded(s, draw(st.booleans())) for s in segments) or "/"
    pairs = [f"{encoded(n, draw(st.booleans()))}={encoded(v, draw(st.booleans()))}"
             for n, v in query]  # fmt: skip
    for at in sorted(draw(st.sets(st.integers(0, len(pairs)))), reverse=True):
        pairs.insert(at, draw(st.sampled_from(["utm_source=x", "fbclid=1", "", "gclid"])))
    host = draw(st.sampled_from(["example.org", "EXAMPLE.ORG", "example.org.", "eXample.org:80"]))
    scheme = draw(st.sampled_from(["http", "HTTP", "hTTp"]))
    tail = draw(st.sampled_from(["", "#", "#part", "#a?b"]))
    other = f"{scheme}://{host}{path}?{'&'.join(pairs)}{tail}"
    spelled = one_spelling(f"{plain}?{plain_query}")
    assert one_spelling(other) == spelled
    assert one_spelling(spelled) == spelled
    assert address(spelled).covers(address(other))


@given(st.text(max_size=60))
def test_anything_has_a_spelling_that_stays(text: str) -> None:
    for url in (text, f"http://{text}", f"http://example.org/{text}", f"http://a.org/?{text}"):
        spelled = one_spelling(url)
        assert one_spelling(spelled) == spelled
