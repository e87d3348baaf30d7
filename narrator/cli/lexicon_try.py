"""`narrator lexicon test`: words are said and heard, without the lexicon and with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from narrator.cli.options import JsonOption, LexiconOption
from narrator.cli.streams import print_json
from narrator.errors import UsageError

if TYPE_CHECKING:
    from narrator.model import Script, Sentence, Voice
    from narrator.script.entries import Entry
    from narrator.script.lexicon import Lexicon
    from narrator.settings import Settings

LanguageOption = Annotated[
    str | None,
    typer.Option("--language", help="Whose lexicon, such as en.", show_default="en"),
]
VoiceOption = Annotated[
    str | None,
    typer.Option(
        "--voice", help="Voice id, see `narrator voices list`.", show_default="its language's"
    ),
]
LANGUAGE = "en"
SHIPPED = "shipped"
"""Where an entry comes from that no file of the user's holds."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How a text is said with the lexicon, and how the voice alone would say it."""

    written: str
    spoken: str
    without: str
    """Phonemes without a lexicon; empty where the voice has none."""
    phonemes: str
    """With it."""
    entries: tuple[str, ...]
    """Which entries say so: "Xi (shipped, politics)"."""


def try_words(
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORD...", help="Words, phrases or sentences to say, one each."),
    ],
    say: Annotated[
        str | None, typer.Option("--say", help="Try this respelling of the (one) WORD.")
    ] = None,
    ipa: Annotated[
        str | None,
        typer.Option("--ipa", help="Try these phonemes; one run for each word of a phrase."),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE|FOLDER/",
            help="Where to write the sound; the ending decides the format.",
            show_default="WORD.wav here",
        ),
    ] = "",
    compare: Annotated[
        bool, typer.Option("--compare", help="Let each be heard without the lexicon first.")
    ] = False,
    silent: Annotated[bool, typer.Option("--silent", help="Make no sound.")] = False,
    lexicon: LexiconOption = None,
    voice: VoiceOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Print how words are said, without the lexicon and with it, and let them be heard.

    narrator lexicon test Xi Huawei "Ho Chi Minh"

    narrator lexicon test "Macron met Xi in Nice." -o sentence.mp3

    narrator lexicon test Tuchel --ipa tˈuːkəl --compare

    narrator lexicon test Tuchel --say "TOO kel"

    With --ipa or --say the line to put into a lexicon of your own is printed as well.
    """
    from narrator.script.lexicon import combined, parse_lexicon

    settings = own_settings(language=language, lexicon=lexicon, voice=voice)
    code = settings.language or LANGUAGE
    own = own_lexicon(settings)
    line = _line(words, say, ipa)
    trying = parse_lexicon(f"[names]\n{line}\n", name="the word to try") if line else None
    known = [lexicon for lexicon in (shipped_by(code), own, trying) if lexicon is not None]
    scripts = scripts_of(words, code, combined(known))
    plain = scripts_of(words, code, no_lexicon())
    speaking = voice_of(settings, code)
    phonemes = phonemes_of(speaking)
    files = {"this": trying, str(settings.lexicon): own}
    trials = [
        Trial(
            written,
            " ".join(sentence.spoken for sentence in script.sentences),
            phonemes(before),
            phonemes(script),
            tuple(_named(entry, files) for entry in _used(written, combined(known), code)),
        )
        for written, script, before in zip(words, scripts, plain, strict=True)
    ]
    path = ""
    if not silent:
        heard = [
            sentence
            for before, script in zip(plain, scripts, strict=True)
            for shown in ((before, script) if compare else (script,))
            for sentence in shown.sentences
        ]
        path = _speak(heard, settings, speaking, output, " ".join(words))
    if as_json:
        told = [asdict(trial) for trial in trials]
        print_json({"voice": speaking.id, "words": told, "audio": path, "line": line})  # fmt: skip
        return
    show(
        ("written", "spoken", "without the lexicon", "with it", "from"),
        [
            (trial.written, trial.spoken, trial.without or "-", trial.phonemes or "-",
             "\n".join(trial.entries) or "-")
            for trial in trials
        ],
    )  # fmt: skip
    for text in filter(None, (line, path)):
        print(text)


def _line(words: list[str], say: str | None, ipa: str | None) -> str:
    """The line of a lexicon that says the word as it is to be tried; empty if nothing is."""
    if say is None and ipa is None:
        return ""
    if len(words) != 1 or (say is not None and ipa is not None):
        raise UsageError("Give one WORD and either --say or --ipa, to try a pronunciation.")
    how, value = ("say", say) if ipa is None else ("ipa", ipa)
    key = words[0] if words[0].isascii() and words[0].isalnum() else _quoted(words[0])
    return f"{key} = {{ {how} = {_quoted(str(value))} }}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _used(text: str, lexicon: Lexicon, code: str) -> tuple[Entry, ...]:
    from narrator.model import primary_language

    return tuple(match.entry for match in lexicon.matches(text, primary_language(code)))


def _named(entry: Entry, files: Mapping[str, Lexicon | None]) -> str:
    """An entry with the file that it comes from."""
    for name, lexicon in files.items():
        if lexicon is not None and entry in lexicon.entries:
            return f"{entry.written} ({name}:{entry.line})"
    return f"{entry.written} ({SHIPPED}, {entry.group})"


def _speak(
    sentences: Sequence[Sentence], settings: Settings, voice: Voice, output: str, title: str
) -> str:
    """Write the sentences as one file, WAV unless `output` says otherwise; its path. Nothing is
    kept in the library."""
    from tempfile import TemporaryDirectory

    from narrator.devices import descriptor_of
    from narrator.engines import segment_key
    from narrator.making import make
    from narrator.model import Article, Narration, Reader, Script
    from narrator.outputs import audio_format, audio_path, output_file
    from narrator.planning import plan
    from narrator.scratch import ensure_scratch
    from narrator.script.pauses import paced
    from narrator.studio import Studio

    encoding = audio_format(None if Path(output).suffix else "wav", output)
    if descriptor_of(Path(output)) == 1:
        raise UsageError("The sound cannot go to stdout, where the table goes. Name a file.")
    path = audio_path("-", title, output, encoding)
    ensure_scratch(settings.library)
    with TemporaryDirectory() as folder:
        studio = Studio(settings.model_copy(update={"library": folder, "lexicon": None}))
        script = Script(voice.language, tuple(paced(sentences)))
        engine = studio.engine(voice)
        planned = replace(
            plan(studio, Article(title, voice.language, ()), voice=voice.id),
            script=script,
            readers=(Reader(voice, settings.speed),) * len(sentences),
            segments=tuple(segment_key(s, engine.identity, settings.speed) for s in sentences),
        )
        with output_file(path) as file:
            for event in make(studio, planned, file, encoding, path=path):
                if isinstance(event, Narration):
                    return event.audio.path
    raise AssertionError("a narration always ends")


def own_settings(**flags: object) -> Settings:
    """See `narrator.settings.load_settings`."""
    from narrator.settings import load_settings

    return load_settings(**flags)


def shipped_by(code: str) -> Lexicon:
    """The shipped lexicon of a BCP 47 code."""
    from narrator.model import primary_language
    from narrator.script.lexicon import shipped_lexicon

    return shipped_lexicon(primary_language(code))


def own_lexicon(settings: Settings) -> Lexicon | None:
    """The lexicon that the settings name; LexiconError if it cannot be understood."""
    from narrator.script.lexicon import load_lexicon

    return None if settings.lexicon is None else load_lexicon(settings.lexicon)


def no_lexicon() -> Lexicon:
    """One that leaves everything to the voice."""
    from narrator.script.lexicon import Lexicon

    return Lexicon()


def scripts_of(texts: Iterable[str], code: str, lexicon: Lexicon) -> list[Script]:
    """What will be said of each text; UsageError where one holds no words."""
    from narrator.model import Article, Block
    from narrator.script import write_script

    scripts = []
    for text in texts:
        block = Block("", "paragraph", " ".join(text.split()))
        script = write_script(Article("", code, (block,)), lexicon=lexicon)
        if not script.sentences:
            raise UsageError(f"{text!r} holds no words to say.")
        scripts.append(script)
    return scripts


def voice_of(settings: Settings, code: str) -> Voice:
    """The voice that the settings name, else that of the language."""
    from narrator.engines.catalogue import default_voice, find_voice

    return find_voice(settings.voice) if settings.voice else default_voice(code)


def phonemes_of(voice: Voice) -> Callable[[Script], str]:
    """Gives the phonemes of a script; empty ones if the voice does not speak by phonemes."""
    from narrator.engines import Phonemizer, load

    engine = load(voice)

    def phonemes(script: Script) -> str:
        if not isinstance(engine, Phonemizer):
            return ""
        return " ".join(engine.phonemes(sentence) for sentence in script.sentences).strip()

    return phonemes


def show(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, as wide as it needs to be where nobody watches."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    wide = not sys.stdout.isatty()
    table = Table(*columns)
    for row in rows:
        table.add_row(*map(Text, row))
    Console(soft_wrap=wide, width=200 if wide else None).print(table)
