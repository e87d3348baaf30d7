"""The order of the stages: Source -> Article -> Plan -> Narration.

`read_source` (reading/) makes an Article, `plan` (planning.py) names all that will be said,
`make` (making.py) speaks it into a file; each is a function from one frozen value to the next.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypedDict, TypeVar, Unpack, get_type_hints, overload

from narrator.audio.captions import cues_json, webvtt
from narrator.audio.tags import read_cover
from narrator.errors import UsageError
from narrator.making import make
from narrator.model import Article, Encoded, Event, Narration
from narrator.outputs import audio_format, audio_path, output_file, replaceable
from narrator.planning import body_voice, plan
from narrator.reading import read_source
from narrator.settings import load_settings
from narrator.studio import Studio


class Options(TypedDict, total=False):
    """The options of `narrate`, whose docstring says what each one means."""

    output: str | Path
    into: BinaryIO | None
    voice: str | None
    language: str | None
    speed: float | None
    format: str | None
    read_as: str | None
    captions: bool
    intro: str | Path | None
    outro: str | Path | None
    cover: str | Path | None
    lexicon: str | Path | None
    library: str | Path | None
    threads: int | None
    allow_private: bool | None


DEFAULTS: dict[str, object] = dict.fromkeys(get_type_hints(Options))
DEFAULTS.update(output="", captions=False)
"""Option -> what it is where it is not given."""

Function = TypeVar("Function", bound=Callable[..., Any])


def _showing_options(function: Function) -> Function:
    """The function, whose signature shows its options one by one to `help` and to editors."""
    own = inspect.signature(function)
    types = get_type_hints(Options)
    options = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=types[name]
        )
        for name, default in DEFAULTS.items()
    ]
    named = [each for each in own.parameters.values() if each.kind is not each.VAR_KEYWORD]
    function.__signature__ = own.replace(parameters=[*named, *options])  # type: ignore[attr-defined]
    return function


@overload
def narrate(
    source: str | Path | Article, *, stream: Literal[False] = False, **options: Unpack[Options]
) -> Narration: ...
@overload
def narrate(
    source: str | Path | Article, *, stream: Literal[True], **options: Unpack[Options]
) -> Iterator[bytes]: ...
@_showing_options
def narrate(
    source: str | Path | Article, *, stream: bool = False, **options: Unpack[Options]
) -> Narration | Iterator[bytes]:
    """Speak an article and return its Narration, with a complete audio file.

    `source` is a path, an http(s) address, "-" for standard input, or an Article. With
    `stream=True` the function returns an iterator of MP3 bytes instead, which begins while the
    first sentence is being spoken; a file is then written only if `output` names one.

    Options. None means: take the value of the environment (NARRATOR_...) or of narrator.toml.

    output         Path of the audio file, or of a folder (a trailing slash, or it exists).
                   Default "": a name made from the source, in the working folder. The ending
                   chooses the format.
    into           Instead of `output`: an empty binary file that is open for reading and writing
                   and can seek. Default None.
    voice          Voice id, see `narrator voices list`. Default None: the article's own, else the
                   voice of its language.
    language       BCP 47 code such as "en-GB" for articles that do not say theirs. Default None:
                   English.
    speed          0.5 to 3.0; 1.0 is the voice's own pace. Default None: 1.0.
    format         "mp3", "opus", "m4a" (needs ffmpeg), "flac" or "wav". Default None: what the
                   ending of `output` says, else "mp3".
    read_as        "markdown", "html" or "text", where the source's name and content do not tell.
                   Default None.
    captions       True writes a WebVTT file and a cues JSON beside the audio. Default False.
    intro, outro   Sound files of at most 60 seconds, played before and after. Default None.
    cover          JPEG or PNG for the tags. Default None.
    lexicon        TOML file whose entries come before the shipped ones. Default None.
    library        Folder or URL where spoken sentences are kept. Default None: your data folder.
    threads        Sentences that are spoken at the same time. Default None: one for each core.
    allow_private  True lets addresses lead to this machine and to private networks. Default None:
                   False.

    Raises a NarratorError of some kind; sentences that were spoken until then are kept. An unknown
    option is a TypeError.
    """
    if stream:
        events = narrating(source, live=True, **options)
        return (event.data for event in events if isinstance(event, Encoded))
    *_, narration = narrating(source, **options)
    assert isinstance(narration, Narration)
    return narration


@_showing_options
def narrating(
    source: str | Path | Article, *, live: bool = False, **options: Unpack[Options]
) -> Generator[Event, None, None]:
    """Yield what happens while `narrate` works; the last event is the Narration.

    With `live=True`, Encoded events bring the bytes of the audio as they are made. Close the
    generator to stop early. The options are those of `narrate`.
    """
    unknown = sorted(set(options) - set(DEFAULTS))
    if unknown:
        raise TypeError(
            f"narrate() has no option {unknown[0]!r}. Its options are: {', '.join(DEFAULTS)}."
        )
    return _narrating(source, live, options)


def _narrating(
    source: str | Path | Article, live: bool, options: Options
) -> Generator[Event, None, None]:
    library = options.get("library")
    settings = load_settings(
        library=None if library is None else str(library),
        **{name: options.get(name) for name in
           ("voice", "language", "speed", "lexicon", "threads", "allow_private")},
    )  # fmt: skip
    output = str(options.get("output", ""))
    encoding = audio_format(options.get("format"), output)
    studio = Studio(settings)
    if isinstance(source, Article):
        article, origin = source, ""
    else:
        article = read_source(
            source,
            format=options.get("read_as"),
            allow_private=settings.allow_private,
            policy=settings.policy,
        )
        origin = str(source)
    # A file that is there says that most was spoken before; a recording, that nothing will be.
    speaks = not article.recording and not Path(output).is_file()
    if speaks:
        studio.expect(body_voice(settings, article))
    planned = plan(
        studio, article, intro=_path(options.get("intro")), outro=_path(options.get("outro"))
    )
    if not speaks and studio.lacks(planned.segments):
        studio.expect(planned.voice)
    cover = _path(options.get("cover"))
    picture = read_cover(cover) if cover else b""
    into = options.get("into")
    target: AbstractContextManager[BinaryIO]
    if into is not None:
        path, target = Path(), nullcontext(into)
    elif live and not output:
        path, target = Path(), _nowhere()
    else:
        path = audio_path(origin, article.title, output, encoding)
        target = output_file(path)
        if options.get("captions") and not replaceable(path):
            raise UsageError(
                f"Captions are written beside a file, and {path} is none. Drop --captions."
            )
    with target as file, closing(studio):
        for event in make(studio, planned, file, encoding, path=path, cover=picture, live=live):
            if isinstance(event, Narration):
                narration = event
            else:
                yield event
    yield _captioned(narration, path) if options.get("captions") and path.name else narration


def _path(given: str | Path | None) -> Path | None:
    return Path(given) if given else None


def _nowhere() -> AbstractContextManager[BinaryIO]:
    return tempfile.TemporaryFile()


def _captioned(narration: Narration, path: Path) -> Narration:
    """The narration with a WebVTT file and a cues JSON beside its audio."""
    captions, cue_file = path.with_suffix(".vtt"), path.with_suffix(".cues.json")
    cues = cues_json(narration.cues, narration.chapters, narration.audio, narration.duration)
    for text_path, parts in ((captions, webvtt(narration.cues)), (cue_file, cues)):
        with output_file(text_path) as file:
            # A file name that is no UTF-8 is escaped, as JSON can.
            file.writelines(part.encode("utf-8", "backslashreplace") for part in parts)
    return replace(narration, captions=str(captions), cue_file=str(cue_file))
