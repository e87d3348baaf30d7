"""Article -> Plan: what is to be spoken, and how, before a sound is made."""

from __future__ import annotations

import hashlib
from pathlib import Path

from narrator.audio.mastering import TARGET
from narrator.audio.sounds import read_sound
from narrator.engines import segment_key
from narrator.engines.catalogue import default_voice, find_voice
from narrator.errors import NothingToSay
from narrator.model import Article, Plan, Script, Sound, fingerprint, primary_language
from narrator.script import write_script
from narrator.script.lexicon import combined, load_lexicon, shipped_lexicon
from narrator.studio import Studio

LANGUAGE = "en"
"""Of an article that does not say its own, unless the settings name another."""


def plan(
    studio: Studio,
    article: Article,
    *,
    voice: str = "",
    speed: float | None = None,
    intro: Path | None = None,
    outro: Path | None = None,
) -> Plan:
    """What is to be spoken of the article, and how; no sound is made. Without `voice` or `speed`
    the studio's settings count, then the article's own."""
    settings = studio.settings
    script = script_of(article, language=settings.language, lexicon=settings.lexicon)
    asked = voice or settings.voice or article.voice
    speaking = find_voice(asked) if asked else default_voice(script.language)
    pace = settings.speed if speed is None else speed
    engine = studio.engine(speaking)
    opening = read_sound(intro, engine.sample_rate, TARGET) if intro else None
    closing = read_sound(outro, engine.sample_rate, TARGET) if outro else None
    keys = tuple(segment_key(s, engine.identity, pace) for s in script.sentences)
    return Plan(
        id=fingerprint(
            "N2",
            [[s.block, s.kind, s.start, s.end, s.source, s.pause] for s in script.sentences],
            keys,
            pace,
            TARGET,
            [_sha256(sound) for sound in (opening, closing)],
        ),
        article=article,
        script=script,
        voice=speaking,
        speed=pace,
        segments=keys,
        intro=opening,
        outro=closing,
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


def _sha256(sound: Sound | None) -> str:
    return "" if sound is None else hashlib.sha256(sound.tobytes()).hexdigest()
