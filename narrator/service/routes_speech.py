"""/v1/audio/speech: what programs that know the interface of OpenAI ask."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from narrator.errors import TooLarge
from narrator.service.answers import Language, Text, VoiceId
from narrator.service.context import caller_of, service_of
from narrator.service.desk import received
from narrator.service.documented import problems
from narrator.service.live import LiveAudio, started
from narrator.service.reading_child import Document
from narrator.service.requests import Request
from narrator.service.speech import MEDIA_TYPES, SpeechFormat
from narrator.service.structure import BodyRoute

router = APIRouter(tags=["Speech"], route_class=BodyRoute)


class Utterance(BaseModel):
    """A text to be spoken now."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {"input": "It cost $5.", "voice": "en_US-joe-medium", "response_format": "mp3"}
            ]
        },
    )

    input: Text = Field(description="Plain text.")
    voice: VoiceId | None = Field(
        default=None, description="See /v1/voices; without it, the voice of the language."
    )
    model: str | None = Field(
        default=None, max_length=200, description="Not heeded: the voice is the model."
    )
    response_format: SpeechFormat = Field(
        default="mp3",
        description="`wav` and `flac` without a length in their heads; `pcm`: 24,000 samples a "
        "second, 16 bits, little-endian, no head.",
    )
    speed: Annotated[float, Field(ge=0.5, le=3.0, allow_inf_nan=False)] = 1.0
    stream_format: Literal["audio"] = Field(default="audio", description="The sound itself.")
    language: Language | None = Field(default=None, description="BCP 47; of ours only.")


@router.post(
    "/v1/audio/speech",
    response_class=Response,
    responses={
        200: {
            "description": "The sound, as it is being made.",
            "content": {
                kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
                for kind in MEDIA_TYPES.values()
            },
        },
        **problems(422, 507),
    },
)
async def speak(asked: Utterance, http: HttpRequest) -> Response:
    """A text spoken, sent from the first sentence on; nothing of it is kept but the sentences.

    As OpenAI's `audio/speech`, but that an unknown voice or format is an error and that numbers,
    dates and abbreviations are read as words.
    """
    service = service_of(http)
    limit = service.settings.service.article_limit
    if len(asked.input) > limit:
        raise TooLarge(f"The input has {len(asked.input)} characters, {limit} are allowed.")
    request = Request(
        id="", received=received(), voice=asked.voice or "", speed=asked.speed,
        language=asked.language or "",
    )  # fmt: skip
    document = Document(asked.input, "the input", "text")
    planned = await service.desk.planned(request, document, caller_of(http))
    making = service.speech.begin(planned, asked.response_format)
    await started(making)
    return LiveAudio(making, MEDIA_TYPES[asked.response_format])
