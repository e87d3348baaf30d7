"""How a published narration says that a machine reads."""

from __future__ import annotations

from narrator.model import primary_language

SYNTHETIC_VOICE = {
    "de": "Synthetische Stimme",
    "en": "Synthetic voice",
    "es": "Voz sintética",
    "fr": "Voix de synthèse",
    "ru": "Синтезированный голос",
}
"""Language -> the words."""

LISTEN = {
    "de": "Artikel anhören",
    "en": "Listen to this article",
    "es": "Escuchar este artículo",
    "fr": "Écouter cet article",
    "ru": "Прослушать статью",
}
"""Language -> what a player without its own words is called."""


def synthetic_voice(language: str) -> str:
    """ "Synthetic voice" in the language, else in English."""
    return SYNTHETIC_VOICE.get(primary_language(language), SYNTHETIC_VOICE["en"])


def listen(language: str) -> str:
    """ "Listen to this article" in the language, else in English."""
    return LISTEN.get(primary_language(language), LISTEN["en"])
