"""Article -> Plan: what is to be spoken, and how, before a sound is made."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from narrator.audio import TARGET
from narrator.engines import segment_key
from narrator.engines.catalogue import default_voice, find_voice
from narrator.errors import NothingToSay, UsageError
from narrator.model import (
    Article,
    Plan,
    Reader,
    Script,
    Sentence,
    Sound,
    Voice,
    fingerprint,
    primary_language,
)
from narrator.script import write_script
from narrator.script.lexicon import combined, load_lexicon, shipped_lexicon
from narrator.settings import Settings
from narrator.style import LANGUAGE, PLAIN, USUAL, Part, Pauses, Style

if TYPE_CHECKING:
    from narrator.reading.fetch import Permit

SCHEME = "N4"
"""Of a plan's id: raise it with any change to joining, mastering or encoding that may be heard."""


class Named(Protocol):
    """Whatever knows the identity of an Engine."""

    @property
    def identity(self) -> str:
        """See Engine."""
        ...


class Drafting(Protocol):
    """What a plan is drawn from: a Studio, or less where nothing will be spoken."""

    @property
    def settings(self) -> Settings:
        """Of the site or the machine."""
        ...

    def engine(self, voice: Voice) -> Named:
        """What names the segments of a voice."""
        ...


def plan(
    studio: Drafting,
    article: Article,
    *,
    voice: str = "",
    speed: float | None = None,
    intro: Path | None = None,
    outro: Path | None = None,
    style: Style = PLAIN,
    permit: Permit | None = None,
) -> Plan:
    """What is to be spoken of the article, and how; no sound is made. Without `voice` or `speed`
    the studio's settings count, then the article's own; `intro` and `outro` rule over the
    style's; `permit` is asked before an address is fetched, and may raise. UsageError where the
    voices of the style cannot be heard together."""
    settings = studio.settings
    if article.recording:
        return _recorded(settings, article, intro or style.intro, outro or style.outro, permit)
    script = script_of(
        article,
        language=settings.language,
        lexicon=(style.lexicon, settings.lexicon),
        notice=style.disclosure,
        notice_first=style.disclosure_first,
        pauses=style.pauses,
        emoji=settings.emoji == "name",
    )
    body = Reader(body_voice(settings, article, voice), settings.speed if speed is None else speed)
    readers = _readers(script.sentences, body, style)
    rate = body.voice.sample_rate
    opening, closing = _sounds(rate, intro or style.intro, outro or style.outro)
    keys = tuple(
        segment_key(sentence, studio.engine(reader.voice).identity, reader.speed)
        for sentence, reader in zip(script.sentences, readers, strict=True)
    )
    return Plan(
        id=fingerprint(
            SCHEME,
            [[s.block, s.kind, s.start, s.end, s.source, s.pause] for s in script.sentences],
            keys,
            body.speed,
            TARGET,
            [_sha256(sound) for sound in (opening, closing)],
        ),
        article=article,
        script=script,
        voice=body.voice,
        speed=body.speed,
        readers=readers,
        segments=keys,
        intro=opening,
        outro=closing,
    )


def _recorded(
    settings: Settings,
    article: Article,
    intro: Path | None,
    outro: Path | None,
    permit: Permit | None,
) -> Plan:
    """The plan where a person reads: what is in the page does not decide its sound."""
    from narrator import recordings  # Here: who only plans speech needs no numpy.

    recording = recordings.found(article, allow_private=settings.allow_private, permit=permit)
    opening, closing = _sounds(recording.sample_rate, intro, outro)
    script = Script(_language(article, settings.language), (), article.omissions)
    return recordings.plan_of(
        article, recording, script, target=TARGET, intro=opening, outro=closing
    )


def _sounds(rate: int, *paths: Path | None) -> tuple[Sound | None, ...]:
    """The sounds at these paths, at so many samples a second."""
    if not any(paths):
        return (None,) * len(paths)
    from narrator.audio.sounds import read_sound  # Here, like recordings.

    return tuple(read_sound(path, rate, TARGET) if path else None for path in paths)


def body_voice(settings: Settings, article: Article, voice: str = "") -> Voice:
    """Who speaks the body of the article, `voice` before the settings' and the article's own;
    UnknownVoice, UnknownLanguage."""
    asked = voice or settings.voice or article.voice
    return find_voice(asked) if asked else default_voice(_language(article, settings.language))


def _language(article: Article, usual: str) -> str:
    """The article's own language before the usual one; but the usual region, by which dates are
    read, where the article names none: "en" is "en-GB" on a site that is."""
    own = article.language
    if own and usual and own.lower() == primary_language(usual):
        return usual
    return own or usual or LANGUAGE


def script_of(
    article: Article,
    *,
    language: str = "",
    lexicon: Path | tuple[Path | None, ...] | None = None,
    notice: str = "",
    notice_first: bool = False,
    pauses: Pauses = USUAL,
    emoji: bool = False,
) -> Script:
    """What will be said of the article; NothingToSay if that is nothing. The article's own
    language counts before `language`; the entries of a `lexicon` come before those of the next and
    before the shipped ones."""
    code = _language(article, language)
    given = lexicon if isinstance(lexicon, tuple) else (lexicon,)
    own = [load_lexicon(path) for path in given if path is not None]
    script = write_script(
        article,
        language=code,
        lexicon=combined([shipped_lexicon(primary_language(code)), *reversed(own)])
        if own
        else None,
        notice=notice,
        notice_first=notice_first,
        pauses=pauses,
        emoji=emoji,
    )
    if not script.sentences:
        raise NothingToSay(
            "The article has no words to say: "
            f"{len(script.omissions)} things were left out, of which the last is "
            f"{script.omissions[-1].text[:60]!r} ({script.omissions[-1].reason})."
            if script.omissions
            else "The article has no words to say."
        )
    return script


def _readers(sentences: Sequence[Sentence], body: Reader, style: Style) -> tuple[Reader, ...]:
    """Who speaks each sentence."""
    headline, quote = _reader(style.headline, body), _reader(style.quote, body)
    for part in (headline, quote):
        if part.voice.sample_rate != body.voice.sample_rate:
            raise UsageError(
                f"The voices {body.voice.id} ({body.voice.sample_rate} samples a second) and "
                f"{part.voice.id} ({part.voice.sample_rate}) cannot be heard in one narration. "
                "Choose voices of one rate."
            )
    parts = {"title": headline, "heading": headline, "quote": quote}
    return tuple(parts.get(sentence.kind, body) for sentence in sentences)


def _reader(part: Part, body: Reader) -> Reader:
    return Reader(
        find_voice(part.voice) if part.voice else body.voice,
        body.speed if part.speed is None else part.speed,
    )


def _sha256(sound: Sound | None) -> str:
    return "" if sound is None else hashlib.sha256(sound.tobytes()).hexdigest()
