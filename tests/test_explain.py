"""What was changed, what another lexicon would change, and the JSON that programs get."""

from __future__ import annotations

import json

import pytest

from narrator import read, write_script
from narrator.errors import SourceUnreadable
from narrator.script.explain import (
    Difference,
    changes_json,
    changes_of,
    differences,
    differences_json,
    script_json,
    script_of_json,
)
from narrator.script.lexicon import Lexicon, combined, parse_lexicon, shipped_lexicon

ARTICLE = read(
    "# Xi in Nice\n\nXi met 2 men. They talked of pumice.\n\n"
    "Nothing new here. Xi left. Fig. 3 hung.\n\n![A mill](mill.jpg)",
    format="markdown",
)


def lexicon(text: str) -> Lexicon:
    return combined([shipped_lexicon("en"), parse_lexicon(text, name="site.toml")])


def compared(text: str) -> tuple[Difference, ...]:
    now = write_script(ARTICLE, language="en", lexicon=shipped_lexicon("en"))
    return differences(now, write_script(ARTICLE, language="en", lexicon=lexicon(text)))


def spoken(difference: Difference) -> tuple[list[str], list[str]]:
    return [s.spoken for s in difference.now], [s.spoken for s in difference.then]


def test_the_same_lexicon_changes_nothing() -> None:
    assert compared("") == ()
    assert compared('[x]\nXi = { ipa = "ʃˈiː" }') == ()


def test_only_the_sentences_that_sound_otherwise_are_shown_in_order() -> None:
    found = compared('[x]\nXi = { ipa = "zˈaɪ" }\npumice = { say = "engine x" }')
    assert [(d.source, *spoken(d)) for d in found] == [
        ("Xi in Nice", ["Xi in Nice."], ["Xi in Nice."]),
        ("Xi met 2 men.", ["Xi met two men."], ["Xi met two men."]),
        ("They talked of pumice.", ["They talked of pumice."], ["They talked of engine x."]),
        ("Xi left.", ["Xi left."], ["Xi left."]),
    ]
    ((now, then),) = found[1].changes
    assert now is not None
    assert then is not None
    assert (now.source, now.phonemes, then.source, then.phonemes) == ("Xi", "ʃˈiː", "Xi", "zˈaɪ")
    ((unsaid, engine),) = found[2].changes
    assert unsaid is None
    assert engine is not None
    assert (engine.source, engine.spoken) == ("pumice", "engine x")


def test_sentences_that_one_lexicon_joins_are_shown_together() -> None:
    (found,) = compared('[x]\n"here. Xi" = { say = "where she" }')
    assert found.source == "Nothing new here. Xi left."
    assert spoken(found) == (["Nothing new here.", "Xi left."], ["Nothing new where she left."])


def test_differences_as_json() -> None:
    now = write_script(ARTICLE, language="en", lexicon=shipped_lexicon("en"))
    then = write_script(ARTICLE, language="en", lexicon=lexicon('[x]\npumice = { say = "n" }'))
    told = json.loads(json.dumps(differences_json(now, then, title=ARTICLE.title)))
    assert list(told) == ["title", "language", "differences", "sentences"]
    (difference,) = told["differences"]
    assert difference["now"] == ["They talked of pumice."]
    assert difference["then"] == ["They talked of n."]
    ((change),) = difference["changes"]
    assert change["now"] is None
    block = next(block for block in ARTICLE.blocks if block.id == difference["block"])
    where = slice(change["then"]["source_start"], change["then"]["source_end"])
    assert block.text[where] == change["then"]["source"] == "pumice"
    assert block.text[difference["start"] : difference["end"]] == difference["source"]


def test_changes_as_json_are_those_of_the_table() -> None:
    script = write_script(ARTICLE, language="en")
    told = json.loads(json.dumps(changes_json(script, title="T")))
    rows = [(c["source"], c["spoken"], c["rule"], c["phonemes"]) for c in told["changes"]]
    assert rows == [(c.source, c.spoken, c.rule, c.phonemes) for c in changes_of(script)]
    assert ("2", "two", "number", "") in rows
    assert told["sentences"] == len(script.sentences)
    assert told["omissions"] == [{"text": "A mill", "reason": "image"}]


def test_a_script_comes_back_from_its_json() -> None:
    script = write_script(read("It cost $5 😀. Then [1] Xi left.", format="text"), language="en")
    told = json.loads(json.dumps(script_json(script, title="T", url="https://example.org/")))
    assert script_of_json(told, name="script.json") == script
    assert (told["title"], told["url"]) == ("T", "https://example.org/")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([], "narrator-script-1"),
        ({"format": "narrator-script-1"}, "'language' is missing"),
        ({"format": "other", "language": "en", "sentences": [], "omissions": []}, "format"),
        (
            {"format": "narrator-script-1", "language": "en", "sentences": [3], "omissions": []},
            "script.json is no script",
        ),
        (
            {"format": "narrator-script-1", "language": "en", "omissions": [],
             "sentences": [{"words": [], "colour": "red"}]},
            "colour",
        ),
    ],
)  # fmt: skip
def test_what_is_no_script_is_refused(values: object, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        script_of_json(values, name="script.json")
