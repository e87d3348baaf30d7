"""The folder of one article in a site folder: written whole, the manifest last."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from narrator.audio.captions import cues_json, webvtt
from narrator.making import make
from narrator.model import AudioFormat, Narration, Plan, Progress, Recording
from narrator.nameless import keep_names, make_folder
from narrator.outputs import refusing, sweep, whole_file
from narrator.publishing import names
from narrator.publishing.chapters import chapters_json
from narrator.publishing.manifest import (
    Credit,
    Manifest,
    Origin,
    PublishedFile,
    Taken,
    manifest_json,
    spoken_words,
    summary_of,
    text_hash,
)
from narrator.publishing.snippet import snippet
from narrator.remote import later
from narrator.script.explain import script_json
from narrator.site.present import OURS, STAGING
from narrator.studio import Studio


@dataclass(frozen=True, slots=True)
class Published:
    """What the manifest says that the narration does not."""

    id: str
    slug: str
    guid: str
    published: str
    """ISO 8601, for an article without a date."""
    base: str
    """Public address of the folder; empty where unknown."""
    origin: Origin
    versions: Mapping[str, str]
    player: str = ""
    """Public address of the player; empty where there is none."""
    file_rate: int | None = None
    """Samples a second of the audio files, where it is not the voice's."""


def written(
    folder: Path,
    studio: Studio,
    planned: Plan,
    formats: tuple[AudioFormat, ...],
    about: Published,
) -> Iterator[Progress | tuple[Manifest, Narration]]:
    """Make the narration and all that goes with it into the folder; last comes what was made.

    Until all is there nothing of the folder changes. StorageFull where the disk is.
    """
    staging = folder / STAGING
    with refusing(folder):
        _no_link(staging)
        shutil.rmtree(staging, ignore_errors=True)
        make_folder(folder)
        staging.mkdir()
    files = []
    narration: Narration | None = None
    for audio_format in formats:
        name = names.audio_name(audio_format)
        with whole_file(staging / name, lasting=False) as file:
            made = make(
                studio, planned, file, audio_format, path=Path(name), file_rate=about.file_rate,
                lane=later,
            )  # fmt: skip
            for event in made:
                if isinstance(event, Narration):
                    files.append(_published(about.base, name, event.audio.size, event.audio.sha256))
                    narration = narration or event
                elif isinstance(event, Progress) and narration is None:
                    yield event
    assert narration is not None
    texts = {
        names.CAPTIONS: "".join(webvtt(narration.cues)),
        names.CUES: "".join(
            cues_json(narration.cues, narration.chapters, narration.audio, narration.duration)
        ),
        names.SCRIPT: _script(planned),
        names.CHAPTERS: chapters_json(narration.chapters, title=narration.article.title),
    }
    files += [_text(staging, about.base, name, text) for name, text in texts.items()]
    manifest = _manifest(narration, planned, about, tuple(files))
    yield _unveiled(folder, about, manifest), narration


def refreshed(folder: Path, before: Manifest, planned: Plan, about: Published) -> Manifest:
    """The manifest of a folder whose audio stays, after all that may have changed beside it was
    written anew."""
    staging = folder / STAGING
    with refusing(folder):
        _no_link(staging)
        staging.mkdir(exist_ok=True)
    kept = tuple(
        replace(file, url=names.versioned(about.base, file.name, file.sha256))
        for file in before.files
        if file.name not in (names.SCRIPT, names.SNIPPET)
    )
    files = (*kept, _text(staging, about.base, names.SCRIPT, _script(planned)))
    manifest = replace(
        before,
        slug=about.slug,
        versions=dict(about.versions),
        origin=about.origin,
        files=files,
        omissions=len(planned.script.omissions),
        recording=_taken(planned.recording),
        retired=False,
    )
    return _unveiled(folder, about, manifest)


def _no_link(staging: Path) -> None:
    """Remove a link in the place of the folder: what is staged would go elsewhere."""
    if staging.is_symlink():
        staging.unlink()


def rewrite_manifest(folder: Path, manifest: Manifest) -> None:
    """Put another manifest in the place of the folder's."""
    with whole_file(folder / names.MANIFEST) as file:
        file.write(manifest_json(manifest))


def _unveiled(folder: Path, about: Published, manifest: Manifest) -> Manifest:
    """Write snippet and manifest, then move all staged files into their places, the manifest last;
    the manifest as it is now."""
    staging = folder / STAGING
    short = _text(staging, about.base, names.SNIPPET, snippet(manifest, player=about.player))
    whole = replace(manifest, files=(*manifest.files, short))
    with whole_file(staging / names.MANIFEST, lasting=False) as file:
        file.write(manifest_json(whole))
    with refusing(folder):
        staged = {path.name for path in staging.iterdir()}
        for name in sorted(staged - {names.MANIFEST}):
            (staging / name).replace(folder / name)
        keep_names(folder)  # A manifest tells of what is there, also after a crash.
        (staging / names.MANIFEST).replace(folder / names.MANIFEST)
        keep_names(folder)
        wanted = {names.MANIFEST, *(file.name for file in whole.files)}
        for name in OURS - wanted:
            (folder / name).unlink(missing_ok=True)
        sweep(folder)
        staging.rmdir()
    return whole


def _script(planned: Plan) -> str:
    """What `narrator script --json` prints."""
    article = planned.article
    told = script_json(planned.script, title=article.title, url=article.url)
    return json.dumps(told, ensure_ascii=False)


def _text(staging: Path, base: str, name: str, text: str) -> PublishedFile:
    data = text.encode()
    with whole_file(staging / name, lasting=False) as file:
        file.write(data)
    return _published(base, name, len(data), hashlib.sha256(data).hexdigest())


def _published(base: str, name: str, size: int, sha256: str) -> PublishedFile:
    address = names.versioned(base, name, sha256)
    return PublishedFile(name, names.media_type(name), size, sha256, address)


def _manifest(
    narration: Narration, planned: Plan, about: Published, files: tuple[PublishedFile, ...]
) -> Manifest:
    article, voice = narration.article, narration.voice
    voices = dict.fromkeys((voice, *(reader.voice for reader in planned.readers)))
    return Manifest(
        id=about.id,
        guid=about.guid,
        slug=about.slug,
        title=article.title,
        summary=summary_of(article),
        author=article.author,
        date=article.date,
        published=article.date or about.published,
        language=narration.script.language,
        url=article.url,
        text=text_hash(article),
        words=spoken_words(narration.script),
        sentences=len(narration.script.sentences),
        narration=narration.id,
        duration=round(narration.duration, 3),
        voices=tuple(Credit(voice.id, voice.name, voice.licence) for voice in voices),
        speed=narration.speed,
        synthetic=planned.recording is None,
        sample_rate=about.file_rate or voice.sample_rate,
        versions=dict(about.versions),
        origin=about.origin,
        files=files,
        segments=narration.segments,
        omissions=len(narration.script.omissions),
        warnings=narration.warnings,
        recording=_taken(planned.recording),
    )


def _taken(recording: Recording | None) -> Taken | None:
    if recording is None:
        return None
    return Taken(recording.sha256, recording.address, recording.etag, recording.modified)
