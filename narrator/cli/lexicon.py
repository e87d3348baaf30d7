"""`narrator lexicon`: how names are said, and what a change of that touches."""

from __future__ import annotations

import fnmatch
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from narrator.cli import lexicon_try
from narrator.cli.lexicon_try import (
    LANGUAGE,
    SHIPPED,
    LanguageOption,
    VoiceOption,
    no_lexicon,
    own_lexicon,
    own_settings,
    phonemes_of,
    scripts_of,
    shipped_by,
    show,
    voice_of,
)
from narrator.cli.options import JsonOption, LexiconOption, QuietOption
from narrator.cli.streams import print_json
from narrator.errors import LexiconError, SourceUnreadable, UsageError

if TYPE_CHECKING:
    from narrator.model import Script
    from narrator.script.entries import Entry, Problem
    from narrator.script.lexicon import Lexicon
    from narrator.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="How names are said: try one, find where it is said, list and check the entries.",
)
app.command("test")(lexicon_try.try_words)


@app.command("impact")
def impact(
    words: Annotated[list[str], typer.Argument(metavar="WORD...", help="Words or phrases.")],
    where: Annotated[
        str | None,
        typer.Option(
            "--in", metavar="FOLDER|LIBRARY",
            help="A site folder (FOLDER/<article>/script.json), or a library.",
            show_default="NARRATOR_LIBRARY, else your data folder",
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """List the narrations that say a word: what changes with its pronunciation.

    narrator lexicon impact Xi --in public/audio

    narrator lexicon impact "Ho Chi Minh" Saigon --json

    A word with a capital is looked for as it is written, any other in every case, both with their
    plurals and possessives. With --quiet only titles and numbers are printed.
    """
    from narrator.script.mentions import mentions, wanted

    forms = wanted(words)
    found: list[dict[str, object]] = []
    scripts = 0
    for name, title, script in _narrations(where):
        scripts += 1
        said = mentions(script, forms)
        if said:
            found.append(
                {
                    "title": title,
                    "script": name,
                    "times": sum(mention.times for mention in said),
                    "sentences": [mention.sentence.source for mention in said],
                }
            )
    found.sort(key=lambda one: (-int(str(one["times"])), str(one["title"])))
    if as_json:
        print_json({"words": words, "scripts": scripts, "narrations": found})  # fmt: skip
        return
    for one in found:
        print(f"{one['times']}  {one['title'] or one['script']}")
        if not quiet:
            for sentence in one["sentences"] if isinstance(one["sentences"], list) else ():
                print(f"     {sentence}")
    names = " or ".join(map(repr, words))
    print(f"{len(found)} of {scripts} narrations say {names}", file=sys.stderr)


@app.command("list")
def list_entries(
    pattern: Annotated[
        str, typer.Argument(metavar="PATTERN", help="Part of a form, or * and ? as in a shell.")
    ] = "",
    phonemes: Annotated[
        bool, typer.Option("--phonemes", help="Show what the voice would say without the entry.")
    ] = False,
    lexicon: LexiconOption = None,
    voice: VoiceOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the entries, your own before the shipped ones.

    narrator lexicon list

    narrator lexicon list --phonemes zurich

    narrator lexicon list pari

    narrator lexicon list 'K*v' --lexicon names.toml --json
    """
    settings = own_settings(language=language, lexicon=lexicon, voice=voice)
    code = settings.language or LANGUAGE
    own = own_lexicon(settings)
    files = [(str(settings.lexicon), own)] if own else []
    rows = [
        (entry, origin)
        for origin, entries in (*files, (SHIPPED, shipped_by(code)))
        for entry in sorted(entries.entries, key=lambda e: (e.group, e.written.casefold()))
        if _matches(entry.written, pattern)
    ]
    alone = _alone(rows, settings, code) if phonemes else [""] * len(rows)
    if as_json:
        told = [
            {**asdict(entry), "from": origin, **({"without": without} if phonemes else {})}
            for (entry, origin), without in zip(rows, alone, strict=True)
        ]
        print_json(told)
        return
    extra = ("without it",) if phonemes else ()
    show(
        ("written", "how", "said", *extra, "case", "table", "from"),
        [
            (entry.written, "pattern" if entry.pattern else entry.how, entry.value or "-",
             *((without or "-",) if phonemes else ()),
             "as written" if entry.case else "any", entry.group, origin)
            for (entry, origin), without in zip(rows, alone, strict=True)
        ],
    )  # fmt: skip
    print(f"{len(rows)} entries", file=sys.stderr)


def _alone(rows: Iterable[tuple[Entry, str]], settings: Settings, code: str) -> list[str]:
    """What the voice says of each written form without a lexicon; empty for patterns."""
    said = phonemes_of(voice_of(settings, code))
    return [
        "" if entry.pattern else said(scripts_of([entry.written], code, no_lexicon())[0])
        for entry, _ in rows
    ]


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A lexicon of your own.")],
    voice: VoiceOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a lexicon: what is wrong in which line, and which entries do nothing; exit 1 if
    something is wrong.

    narrator lexicon check names.toml

    narrator lexicon check names.toml --json
    """
    from narrator.script.entries import parsed
    from narrator.script.lexicon import lexicon_of

    settings = own_settings(language=language, voice=voice)
    code = settings.language or LANGUAGE
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(f"The lexicon {file} cannot be read: {error}.") from error
    found = parsed(text)
    notes = sorted(
        _notes(lexicon_of(found.entries), settings, code), key=lambda note: (note.line, note.text)
    )
    if as_json:
        print_json({"file": str(file), "entries": len(found.entries),
                          "problems": [asdict(problem) for problem in found.problems],
                          "notes": [asdict(note) for note in notes]})  # fmt: skip
    else:
        for problem in found.problems:
            print(problem.at(str(file)))
        for note in notes:
            print(f"{note.at(str(file))} (a note)")
        print(
            f"{len(found.entries)} good entries, {len(found.problems)} wrong, {len(notes)} notes",
            file=sys.stderr,
        )
    if found.problems:
        raise typer.Exit(1)


def _notes(lexicon: Lexicon, settings: Settings, code: str) -> Iterator[Problem]:
    """What is allowed and yet worth a look."""
    from narrator.script.entries import Problem, unusual

    phonemes = phonemes_of(voice_of(settings, code))
    shipped = {entry.written: entry for entry in shipped_by(code).entries}
    for entry in lexicon.entries:
        if entry.pattern:
            continue
        before = shipped.get(entry.written)
        if before is not None:
            same = (before.how, before.value) == (entry.how, entry.value)
            text = "says it the same way" if same else f"says {before.value or before.how!r}"
            yield Problem(entry.line, f"{entry.written!r}: the shipped lexicon {text}.")
        for phoneme in unusual(entry, code):
            yield Problem(
                entry.line,
                f"{entry.written!r}: {phoneme!r} is no sound of the language; the voice may not "
                "know how to say it.",
            )
        if entry.how == "spell":
            continue
        with_it, without = (
            phonemes(script)
            for kind in (lexicon, no_lexicon())
            for script in scripts_of([entry.written], code, kind)
        )
        if with_it and _bare(with_it) == _bare(without):
            yield Problem(
                entry.line, f"{entry.written!r} is said like that without the entry: /{without}/."
            )


def _bare(phonemes: str) -> str:
    return "".join(phonemes.split()).rstrip(".?!")


def _narrations(where: str | None) -> Iterator[tuple[str, str, Script]]:
    """(name of the script, title, script) of all narrations of a site folder or library."""
    from narrator.library import NARRATIONS, open_library
    from narrator.script.explain import script_of_json

    place = where or own_settings().library
    folder = Path(place.removeprefix("file://"))
    found: Iterable[tuple[str, bytes]]
    if "://" in place and not place.startswith("file://"):
        library = open_library(place)
        names = (entry.name for entry in library.entries(NARRATIONS))
        scripts = sorted(name for name in names if name.endswith("script.json"))
        found = ((name, library.read(name, use=False) or b"") for name in scripts)
    elif folder.is_dir():
        found = ((str(path), path.read_bytes()) for path in sorted(folder.rglob("script.json")))
    elif where is None:
        found = ()
    else:
        raise UsageError(f"There is no folder {where!r}. Give a site folder, or a library.")
    for name, data in found:
        try:
            values = json.loads(data)
        except ValueError as error:
            raise SourceUnreadable(f"{name} is no JSON: {error}. Write it again.") from error
        script = script_of_json(values, name=name)
        yield name, str(values.get("title", "")), script


def _matches(written: str, pattern: str) -> bool:
    text, wanted = written.casefold(), pattern.casefold()
    return wanted in text or fnmatch.fnmatchcase(text, wanted)
