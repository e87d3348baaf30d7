"""Which voices and languages the service offers: what it may be asked for."""

from __future__ import annotations

from narrator.engines.catalogue import ANY_LANGUAGE, is_for_tests, voices
from narrator.errors import SettingsError, UnknownLanguage, UnknownVoice
from narrator.languages import LANGUAGES
from narrator.model import Voice, primary_language
from narrator.settings import ServiceSettings, Settings


def offered(settings: ServiceSettings) -> tuple[Voice, ...]:
    """The voices that may be asked for; those for tests only where the settings say so."""
    return tuple(voice for voice in voices() if settings.test_voices or not is_for_tests(voice))


def offered_voice(voice_id: str, settings: ServiceSettings) -> Voice:
    """The voice of that id; UnknownVoice with the ids that are offered."""
    known = offered(settings)
    for voice in known:
        if voice.id == voice_id:
            return voice
    ids = ", ".join(voice.id for voice in known)
    raise UnknownVoice(f"No voice {voice_id!r}. Known: {ids}. See /v1/voices.")


def check_language(code: str, settings: ServiceSettings, voice_id: str = "") -> None:
    """UnknownLanguage where no voice that is offered, or not the one of that id, speaks it."""
    speakers = (offered_voice(voice_id, settings),) if voice_id else offered(settings)
    spoken = {
        language
        for voice in speakers
        for language in (LANGUAGES if voice.language == ANY_LANGUAGE else (voice.language,))
    }
    known = sorted({primary_language(language) for language in spoken} & set(LANGUAGES))
    if primary_language(code) not in known:
        who = f"The voice {voice_id!r} does not speak" if voice_id else "No voice here speaks"
        raise UnknownLanguage(
            f"{who} {code!r}. Spoken: {', '.join(known)}. Leave the language out to have the "
            "page's own."
        )


def check_usual_voice(settings: Settings) -> None:
    """SettingsError where the voice of all that asks for none is one that is for tests only."""
    usual = next((voice for voice in voices() if voice.id == settings.voice), None)
    if usual and is_for_tests(usual) and not settings.service.test_voices:
        raise SettingsError(
            f"The voice {usual.id!r} is a signal for tests and no speech. Choose another with "
            "--voice, or set test_voices = true in the table [service]."
        )
