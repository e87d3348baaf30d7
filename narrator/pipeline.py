"""The order of the stages: Source -> Article -> Script -> Segments -> Narration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from narrator.audio.captions import chapters, cue, cues_json, webvtt
from narrator.audio.encode import Encoder
from narrator.audio.join import join
from narrator.audio.mastering import TARGET, master
from narrator.audio.sounds import read_sound
from narrator.audio.tags import read_cover, write_tags
from narrator.engines import Engine, load, segment_key
from narrator.engines.catalogue import default_voice, find_voice
from narrator.errors import LibraryError, NothingToSay
from narrator.library import Library, open_library
from narrator.library.segments import decode_segment, encode_segment, segment_name
from narrator.model import (
    Article,
    Narration,
    Script,
    Segment,
    Sentence,
    fingerprint,
    primary_language,
)
from narrator.outputs import audio_format, audio_path, described, whole_file
from narrator.queue.local import in_order
from narrator.reading import read_source
from narrator.script import write_script
from narrator.script.lexicon import combined, load_lexicon, shipped_lexicon
from narrator.settings import load_settings

LANGUAGE = "en"
"""Of an article that does not say its own, unless the settings name another."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a narration is."""

    done: int
    """Sentences in the audio."""
    total: int
    seconds: float
    """Seconds of audio so far."""


def narrate(
    source: str | Path | Article,
    *,
    output: str | Path = "",
    voice: str | None = None,
    language: str | None = None,
    speed: float | None = None,
    format: str | None = None,  # noqa: A002 - the word that callers know
    read_as: str | None = None,
    captions: bool = False,
    intro: Path | None = None,
    outro: Path | None = None,
    cover: Path | None = None,
    lexicon: Path | None = None,
    library: str | None = None,
    threads: int | None = None,
    allow_private: bool | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Narration:
    """The article as an audio file, which is whole or not there at all.

    `source` is a path, an address, `-` for stdin, or an Article. `output` is a file or a folder
    (empty: the working folder); its ending, or `format`, names the format, else it is MP3. With
    `captions` a WebVTT file and a cues JSON lie beside it. What is None comes from the environment
    (NARRATOR_...) or narrator.toml. Any NarratorError; what was spoken until then is kept.
    """
    settings = load_settings(
        voice=voice, language=language, speed=speed, lexicon=lexicon, library=library,
        threads=threads, allow_private=allow_private,
    )  # fmt: skip
    encoding = audio_format(format, str(output))
    if isinstance(source, Article):
        article, origin = source, ""
    else:
        article = read_source(source, format=read_as, allow_private=settings.allow_private)
        origin = str(source)
    script = script_of(article, language=settings.language, lexicon=settings.lexicon)
    asked = settings.voice or article.voice
    speaking_voice = find_voice(asked) if asked else default_voice(script.language)
    engine = load(speaking_voice)
    rate = engine.sample_rate
    opening = read_sound(intro, rate, TARGET) if intro else None
    closing = read_sound(outro, rate, TARGET) if outro else None
    picture = read_cover(cover) if cover else b""
    path = audio_path(origin, article.title, str(output), encoding)
    speaker = Speaker(engine, open_library(settings.library), settings.speed)

    cues = []
    samples = 0
    with whole_file(path) as file:
        segments = in_order(speaker.segment, script.sentences, settings.threads)
        pairs = zip(script.sentences, segments, strict=True)
        joined = join(pairs, rate, speed=settings.speed, intro=opening, outro=closing)
        with Encoder(file, encoding, rate) as encoder:
            for piece in master(joined, gain_db=speaking_voice.gain):
                encoder.write(piece.sound)
                samples = piece.end
                heard = cue(piece)
                if heard is not None:
                    cues.append(heard)
                    if on_progress is not None:
                        on_progress(Progress(len(cues), len(script.sentences), samples / rate))
        duration = samples / rate
        parts = chapters(script.sentences, cues, duration)
        write_tags(
            file, encoding, article=article, voice=speaking_voice, chapters=parts, cover=picture
        )
        audio = described(file, path, encoding)

    caption_path, cue_path = path.with_suffix(".vtt"), path.with_suffix(".cues.json")
    if captions:
        for text_path, text in (
            (caption_path, webvtt(cues)),
            (cue_path, cues_json(cues, parts, audio, duration)),
        ):
            with whole_file(text_path) as file:
                file.write(text.encode())
    keys = speaker.keys(script)
    return Narration(
        id=fingerprint("N1", keys, TARGET),
        article=article,
        script=script,
        voice=speaking_voice,
        speed=settings.speed,
        duration=duration,
        cues=tuple(cues),
        chapters=parts,
        audio=audio,
        captions=str(caption_path) if captions else "",
        cue_file=str(cue_path) if captions else "",
        segments=tuple(keys),
        spoken=speaker.spoken,
        warnings=tuple(speaker.warnings),
    )


def script_of(article: Article, *, language: str = "", lexicon: Path | None = None) -> Script:
    """What will be said of the article; NothingToSay if that is nothing. The article's own
    language counts before `language`; the entries of `lexicon` come before the shipped ones."""
    code = article.language or language or LANGUAGE
    primary = primary_language(code)
    own = None if lexicon is None else combined([shipped_lexicon(primary), load_lexicon(lexicon)])
    script = write_script(article, language=code, lexicon=own)
    if not script.sentences:
        raise NothingToSay(
            "The article has no words to say: "
            f"{len(script.omissions)} things were left out, of which the last is "
            f"{script.omissions[-1].text[:60]!r} ({script.omissions[-1].reason})."
            if script.omissions
            else "The article has no words to say."
        )
    return script


@dataclass(slots=True)
class Speaker:
    """Speaks sentences with one voice, and only those that the library does not hold."""

    engine: Engine
    library: Library
    speed: float
    spoken: int = 0
    """How many were spoken anew."""
    warnings: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def segment(self, sentence: Sentence) -> Segment:
        """The sentence spoken, from the library if it is there and whole; several threads may
        ask at once."""
        key = segment_key(sentence, self.engine.identity, self.speed)
        name = segment_name(key)
        stored = self.library.read(name)
        if stored is not None:
            try:
                return decode_segment(key, stored)
            except LibraryError as error:
                self.library.remove(name)
                with self._lock:
                    self.warnings.append(f"{error} It was spoken again.")
        segment = self.engine.speak(sentence, self.speed)
        self.library.write(name, encode_segment(segment))
        with self._lock:
            self.spoken += 1
        return segment

    def keys(self, script: Script) -> list[str]:
        """The names of the segments of a script, in order."""
        return [segment_key(s, self.engine.identity, self.speed) for s in script.sentences]
