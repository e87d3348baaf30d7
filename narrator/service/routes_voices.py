"""/v1/voices: who can read an article, and how each sounds."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse

from narrator.engines.catalogue import ANY_LANGUAGE, DEFAULTS
from narrator.errors import NotFound, UnknownVoice
from narrator.model import Article, Block, Voice, primary_language
from narrator.publishing.names import BRIEFLY
from narrator.service.answers import credit_of, links
from narrator.service.context import Service, caller_of, service_of
from narrator.service.desk import received
from narrator.service.documented import KnownVoice, leads, problems
from narrator.service.offer import offered, offered_voice
from narrator.service.reading_child import Document
from narrator.service.requests import Request

router = APIRouter(tags=["Voices"])

SAMPLES = {
    "en": "This is how I read an article: every sentence once, in its order, and never in a hurry. "
    "It was half past nine on 14 May 2024, and the tea cost $3.50.",
    "de": "So lese ich einen Artikel vor: jeden Satz einmal, in seiner Reihenfolge, ohne Eile. "
    "Es war halb zehn am 14. Mai 2024, und der Tee kostete 3,50 €.",
    "fr": "Voici comment je lis un article : chaque phrase une fois, dans l'ordre, sans hâte. "
    "Il était neuf heures et demie, le 14 mai 2024, et le thé coûtait 3,50 €.",
    "es": "Así leo un artículo: cada frase una vez, en su orden y sin prisa. "
    "Eran las nueve y media del 14 de mayo de 2024, y el té costaba 3,50 €.",
    "ru": "Вот как я читаю статью: каждое предложение один раз, по порядку, не спеша. "
    "Было половина десятого, 14 мая 2024 года, и чай стоил 150 ₽.",
}
"""Primary language code -> what a voice says to be known by."""


class VoiceAnswer(BaseModel):
    """A voice."""

    id: str = Field(examples=["en_US-joe-medium"])
    name: str
    language: str = Field(description='BCP 47; "und": of no language.')
    licence: str = Field(description="SPDX identifier.")
    sample_rate: int = Field(description="Samples a second.")
    engine: str
    credit: str = Field(description="Who is heard, for people.")
    default: bool = Field(description="Whether it speaks its language unless another is named.")
    sample: str | None = Field(default=None, description="Where it can be heard.")


class VoiceList(BaseModel):
    """All voices."""

    voices: list[VoiceAnswer]


@router.get("/v1/voices", response_model=VoiceList, response_model_exclude_none=True)
async def listing(http: HttpRequest) -> VoiceList:
    """The voices, with language, licence, sample rate and where each can be heard."""
    service = service_of(http)
    return VoiceList(
        voices=[_told(voice, service.base) for voice in offered(service.settings.service)]
    )


@router.get(
    "/v1/voices/{voice_id}",
    response_model=VoiceAnswer,
    response_model_exclude_none=True,
    responses=problems(404),
)
async def voice(voice_id: KnownVoice, http: HttpRequest) -> VoiceAnswer:
    """A voice."""
    service = service_of(http)
    return _told(_found(service, voice_id), service.base)


@router.get(
    "/v1/voices/{voice_id}/sample.mp3",
    status_code=307,
    response_class=Response,
    responses=leads("The narration of the sample.") | problems(422, 507),
)
@router.head("/v1/voices/{voice_id}/sample.mp3", include_in_schema=False)
async def sample(voice_id: KnownVoice, http: HttpRequest) -> Response:
    """What a voice sounds like: leads to a narration that is made when first asked for."""
    service = service_of(http)
    found = _found(service, voice_id)
    language = _spoken(found)
    if language is None:
        raise NotFound(f"There is no sample of the voice {voice_id!r}: its language has none.")
    article = Article(
        title="",
        language=language,
        blocks=(Block("b1-sample", "paragraph", SAMPLES[language]),),
    )
    request = Request(
        id="", received=received(), chosen=f"sample-{found.id}", voice=found.id, speed=1.0,
        listed=False, batch=True, listener=True, passing=True,
    )  # fmt: skip
    document = Document(article, "the sample")
    planned = await service.desk.planned(request, document, caller_of(http))
    narration = await service.desk.reading(partial(service.listening.take, request, planned))
    to = links(narration.id, service.base).audio
    return RedirectResponse(to, 307, {"Cache-Control": BRIEFLY})


def _found(service: Service, voice_id: str) -> Voice:
    try:
        return offered_voice(voice_id, service.settings.service)
    except UnknownVoice as error:
        raise NotFound(str(error)) from error


def _spoken(voice: Voice) -> str | None:
    """The language of a voice's sample."""
    language = primary_language(voice.language)
    return "en" if language == ANY_LANGUAGE else language if language in SAMPLES else None


def _told(voice: Voice, base: str) -> VoiceAnswer:
    return VoiceAnswer(
        id=voice.id,
        name=voice.name,
        language=voice.language,
        licence=voice.licence,
        sample_rate=voice.sample_rate,
        engine=voice.engine,
        credit=credit_of(voice.id),
        default=DEFAULTS.get(primary_language(voice.language)) == voice.id,
        sample=f"{base}/v1/voices/{voice.id}/sample.mp3" if _spoken(voice) else None,
    )
