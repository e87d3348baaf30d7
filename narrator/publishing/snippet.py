"""What a page carries to have its audio: the player's tag, and what machines read about it."""

from __future__ import annotations

import json
from html import escape

from narrator.publishing.disclosure import listen, synthetic_voice
from narrator.publishing.manifest import Manifest
from narrator.publishing.names import MANIFEST
from narrator.weblinks import address_or_path

SYNTHETIC = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"
"""What schema.org calls media that a trained model made (IPTC digital source type)."""


def snippet(manifest: Manifest, *, player: str = "") -> str:
    """HTML for the page of the article: the player, inside it what works without JavaScript, and a
    schema.org AudioObject that says the voice is synthetic.

    All ASCII, so that it fits a page of any encoding. `player` is the address of the player's file;
    without one, the browser's own controls remain.
    """
    audio = manifest.audio
    base = audio.url.rpartition("/")[0]
    about = f"{base}/{MANIFEST}" if base else MANIFEST
    notice = f" ({synthetic_voice(manifest.language)})" if manifest.synthetic else ""
    label = escape(f"{listen(manifest.language)}{notice}")
    script = f'<script type="module" src="{escape(player)}"></script>\n' if player else ""
    html = (
        f'<narrator-player manifest="{escape(about)}" lang="{escape(manifest.language)}">'
        f'<audio controls preload="none" src="{escape(audio.url)}" aria-label="{label}">'
        f'<a href="{escape(audio.url)}">{label}</a></audio></narrator-player>\n'
        f'{script}<script type="application/ld+json">{_safe(audio_object(manifest))}</script>\n'
    )
    return html.encode("ascii", "xmlcharrefreplace").decode("ascii")


def audio_object(manifest: Manifest) -> dict[str, object]:
    """The narration as a schema.org AudioObject."""
    audio, page = manifest.audio, address_or_path(manifest.url)
    voices = ", ".join(voice.name or voice.id for voice in manifest.voices)
    fields: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "AudioObject",
        "name": manifest.title,
        "contentUrl": audio.url,
        "contentSize": str(audio.size),
        "encodingFormat": audio.type,
        "sha256": audio.sha256,
        "duration": iso_duration(manifest.duration),
        "inLanguage": manifest.language,
        "uploadDate": manifest.published,
        "encodesCreativeWork": {"@type": "Article", "url": page} if page else None,
        "digitalSourceType": SYNTHETIC if manifest.synthetic else None,
        "creditText": f"{synthetic_voice(manifest.language)}: {voices}"
        if manifest.synthetic
        else None,
    }
    return {name: value for name, value in fields.items() if value}


def iso_duration(seconds: float) -> str:
    """209.4 -> PT3M29S, as ISO 8601 writes a length of time."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"PT{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}{rest}S"


def _safe(value: object) -> str:
    """ASCII JSON that cannot end the script element that it stands in."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
