"""What the service is sent and what it answers, as JSON; the OpenAPI document is made of these."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from narrator.audio.captions import chapters
from narrator.engines.catalogue import voices
from narrator.publishing.chapters import chapters_json
from narrator.recordings import PERSON
from narrator.service.makings import Making
from narrator.service.requests import CHOSEN
from narrator.service.shelf import Manifest

LIVE_DELAY = 1105
"""Samples by which the sound of a live MP3 stream is later than that of the finished file, in a
decoder that heeds no head without a length."""

Speed = Annotated[float, Field(ge=0.5, le=3.0, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]*$")]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", max_length=35)]
VoiceId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]


def _leading(url: str) -> str:
    """The address, if its host and port can be read; ValueError."""
    try:
        parts = urlsplit(url)
        leads = bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        leads = False
    if not leads:
        raise ValueError("its host or port cannot be read; give the address of a page")
    return url


Url = Annotated[
    str,
    Field(min_length=8, max_length=2000, pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://\S+$"),
    AfterValidator(_leading),
]


SOURCES = ("url", "markdown", "html", "text")
"""Of which a request names exactly one."""


def _one_source() -> list[JsonValue]:
    """The same as a JSON schema."""
    return [
        {
            "required": [given],
            "properties": {
                name: {"type": "string" if name == given else "null"} for name in SOURCES
            },
        }
        for given in SOURCES
    ]


class Asked(BaseModel):
    """An article to be narrated: exactly one of `url`, `markdown`, `html` and `text`."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {"markdown": "# Tea\n\nWater it at 80 °C.", "id": "tea", "language": "en"},
                {"url": "https://example.org/article"},
            ],
            "oneOf": _one_source(),
        },
    )

    url: Url | None = Field(
        default=None, description="Address of the page; its host must be allowed."
    )
    markdown: Text | None = None
    html: Text | None = Field(default=None, description="A whole page or its article.")
    text: Text | None = Field(default=None, description="Plain text; blank lines part paragraphs.")
    id: str | None = Field(
        default=None,
        pattern=f"^{CHOSEN.pattern}$",
        description="The article keeps this id when it is edited and sent again. "
        "Without it, its address is what it is known by.",
    )
    title: Annotated[str, Field(min_length=1, max_length=500)] | None = Field(
        default=None, description="Instead of the article's own."
    )
    language: Language | None = Field(
        default=None, description="BCP 47, instead of the article's own."
    )
    voice: VoiceId | None = Field(default=None, description="See /v1/voices.")
    speed: Speed | None = Field(default=None, description="1.0 is the voice's own pace.")
    listed: bool = Field(default=True, description="Whether it belongs into /feed.xml.")
    batch: bool = Field(
        default=False, description="It may wait for all that somebody is waiting for."
    )

    @model_validator(mode="after")
    def _has_one(self) -> Asked:
        given = [name for name in SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                "give exactly one of url, markdown, html and text, "
                + (f"not {' and '.join(given)}" if given else "there is none")
            )
        return self


class Page(BaseModel):
    """The page whose narration a player wants."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"url": "https://example.org/article"}]},
    )

    url: Url = Field(description="Address of the page; its host must be allowed.")
    language: Language | None = Field(
        default=None,
        description="BCP 47, instead of the page's own: one that a voice of /v1/voices speaks.",
    )
    voice: VoiceId | None = Field(default=None, description="See /v1/voices.")


class Done(BaseModel):
    """How far a narration is."""

    done: int = Field(description="Sentences in the audio.")
    total: int
    seconds: float = Field(description="Seconds of audio so far.")


class Links(BaseModel):
    """Where everything about a narration is; also while it is being made, as far as it is."""

    self: str
    audio: str
    cues: str
    captions: str
    script: str
    chapters: str
    transcript: str
    events: str


class ProblemAnswer(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(examples=["/problems/unknown-voice"])
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = Field(
        default=None, description="Each invalid member: `pointer` and `detail`."
    )


class NarrationAnswer(BaseModel):
    """A narration, whatever its state."""

    id: str = Field(description="The narration's, or the request's while its page is being read.")
    state: Literal["reading", "queued", "working", "ready", "failed"]
    article: str | None = Field(default=None, description="See /v1/articles/{id}.")
    title: str | None = None
    language: str | None = None
    voice: str | None = None
    credit: str | None = Field(default=None, description="Who is heard, for people.")
    speed: float | None = None
    duration: float | None = Field(default=None, description="Seconds, when it is ready.")
    estimate: float | None = Field(default=None, description="Seconds it will last, about.")
    ready_in: float | None = Field(default=None, description="Seconds until it is ready, about.")
    progress: Done | None = None
    sha256: str | None = Field(default=None, description="Of the finished audio.")
    size: int | None = Field(default=None, description="Bytes of the finished audio.")
    created: float | None = Field(default=None, description="Seconds since the epoch.")
    links: Links
    warnings: list[str] | None = None
    problem: ProblemAnswer | None = Field(default=None, description="Why it failed.")


def links(some_id: str, base: str = "") -> Links:
    """The addresses of a narration's parts; relative to the service without a `base`."""
    at = f"{base}/v1/narrations/{some_id}"
    return Links(
        self=at,
        audio=f"{at}/audio.mp3",
        cues=f"{at}/cues.json",
        captions=f"{at}/captions.vtt",
        script=f"{at}/script.json",
        chapters=f"{at}/chapters.json",
        transcript=f"{at}/transcript.txt",
        events=f"{at}/events",
    )


def credit_of(voice_id: str) -> str:
    """Name and licence of a voice; its id where the catalogue has it no more."""
    if voice_id == PERSON.id:
        return PERSON.name
    voice = next((voice for voice in voices() if voice.id == voice_id), None)
    return f"{voice.name}, {voice.licence}" if voice else voice_id


def finished(manifest: Manifest, base: str = "") -> NarrationAnswer:
    """A narration that is ready."""
    audio = manifest.files["audio.mp3"]
    return NarrationAnswer(
        id=manifest.id,
        state="ready",
        article=manifest.article,
        title=manifest.title,
        language=manifest.language,
        voice=manifest.voice,
        credit=credit_of(manifest.voice),
        speed=manifest.speed,
        duration=manifest.duration,
        progress=Done(done=manifest.sentences, total=manifest.sentences, seconds=manifest.duration),
        sha256=audio.sha256,
        size=audio.size,
        created=manifest.created,
        links=links(manifest.id, base),
        warnings=list(manifest.warnings) or None,
    )


def under_way(making: Making, article: str, pace: float, base: str = "") -> NarrationAnswer:
    """A narration that is being made, at `pace` seconds of audio a second."""
    planned = making.planned
    estimate = making.expected()
    return NarrationAnswer(
        id=making.id,
        state=making.state,
        article=article,
        title=planned.article.title,
        language=planned.script.language,
        voice=planned.voice.id,
        credit=credit_of(planned.voice.id),
        speed=planned.speed,
        estimate=round(estimate, 1),
        ready_in=round(max(0.0, estimate - making.seconds) / pace, 1),
        progress=Done.model_validate(making.progress()),
        links=links(making.id, base),
    )


def partial_cues(making: Making, cues: list[dict[str, Any]]) -> dict[str, Any]:
    """The cues so far, in the form of the finished document."""
    rate = making.planned.voice.sample_rate
    return {
        "version": 1,
        "complete": False,
        "audio": {"file": "audio.mp3", "live_delay": round(LIVE_DELAY / rate, 4)},
        "cues": cues,
        "chapters": [],
    }


def partial_chapters(making: Making) -> str:
    """The chapters so far, in the form of the finished document."""
    cues = making.cues[:]
    sentences = making.planned.script.sentences[: len(cues)]
    end = cues[-1].end if cues else 0.0
    parts = chapters(sentences, cues, max(end, making.seconds))
    return chapters_json(parts, title=making.planned.article.title)
