"""Is a site folder whole, and does it fit its sources? Names, sizes and hashes; `wording.py` looks
at the texts, `listen.py` hears the sound."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from narrator.errors import NothingToSay, SiteError
from narrator.publishing import names
from narrator.publishing.manifest import Manifest, text_hash
from narrator.queue.local import in_order
from narrator.settings import Settings
from narrator.site.config import SiteTable
from narrator.site.filters import unwanted, unwanted_by_listing
from narrator.site.findings import Finding, Looked
from narrator.site.gather import Item, reason_of
from narrator.site.index import folders
from narrator.site.present import OURS, STAGING, manifest_in
from narrator.site.tour import Same, Tour, digest_of, validators_of
from narrator.site.wording import Wording, misworded, wording
from narrator.style import LANGUAGE


def check(
    output: Path,
    sources: Sequence[str],
    site: SiteTable,
    settings: Settings,
    *,
    deep: bool = False,
) -> Iterator[Finding | Looked]:
    """What is wrong in the site folder; `deep`, with its sound too; and with sources, where it does
    not fit them.

    SiteError where there is no such folder.
    """
    if not output.is_dir():
        raise SiteError(f"There is no folder {output}. `narrator prerender -o {output}` makes one.")
    known: dict[str, Manifest] = {}
    folders_found = folders(output)
    looks = in_order(
        lambda name: list(_looked_at(output / name, deep=deep)),
        folders_found,
        settings.threads if deep else 1,
    )
    for name, found in zip(folders_found, looks, strict=True):
        for each in found:
            if not isinstance(each, Manifest):
                yield each
                continue
            if each.id in known:
                detail = f"{known[each.id].slug} is the same article ({each.id})"
                yield Finding("duplicate", name, "", detail)
            known[each.id] = each
    yield from _index(output, known)
    yield from _feed(output, known)
    if sources:
        yield from _against(sources, site, settings, output, known)


def _looked_at(folder: Path, *, deep: bool) -> Iterator[Finding | Looked | Manifest]:
    """What is wrong in an article's folder, and its manifest, lean, if it has one."""
    try:
        manifest = manifest_in(folder)
    except SiteError as error:
        yield Finding("manifest", folder.name, names.MANIFEST, str(error))
        return
    if manifest is None:
        if any((folder / ours).exists() for ours in (*OURS, STAGING)):
            yield Finding("unfinished", folder.name, names.MANIFEST, "there is no manifest")
        return
    named = list(_folder(folder, manifest))
    yield from named
    told = wording(folder, manifest)
    if isinstance(told, Wording):
        yield from misworded(told, manifest)
        if deep:
            from narrator.site.listen import misheard  # Only this needs numbers and decoders.

            yield from misheard(folder, manifest, told.said)
    elif not any(isinstance(each, Finding) and each.file == told.file for each in named):
        yield told
    yield _lean(manifest)


def _folder(folder: Path, manifest: Manifest) -> Iterator[Finding | Looked]:
    """What is wrong with the files that a manifest names."""
    name = folder.name
    if manifest.slug != name:
        detail = f"it says that its folder is {manifest.slug!r}"
        yield Finding("manifest", name, names.MANIFEST, detail)
    if (folder / STAGING).exists():
        yield Finding("unfinished", name, STAGING, "a run was stopped while it changed the files")
    size = 0
    for file in manifest.files:
        path = folder / file.name
        try:
            found = path.stat().st_size
            if found != file.size:
                detail = f"{found} bytes, the manifest says {file.size}"
                yield Finding("length", name, file.name, detail)
                continue
            with path.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
        except FileNotFoundError:
            yield Finding("missing", name, file.name, "the manifest names it, it is not there")
            continue
        except OSError as error:
            yield Finding("damaged", name, file.name, f"cannot be read: {error.strerror}")
            continue
        size += found
        if digest != file.sha256:
            detail = f"sha256 {digest[:12]}, the manifest says {file.sha256[:12]}"
            yield Finding("damaged", name, file.name, detail)
    yield Looked(name, len(manifest.files), size, manifest.duration)


def _index(output: Path, known: dict[str, Manifest]) -> Iterator[Finding]:
    """Whether index.json lists what there is."""
    path = output / names.INDEX
    try:
        listed = {
            (entry["slug"], entry["narration"]): entry
            for entry in json.loads(path.read_bytes())["articles"]
        }
    except FileNotFoundError:
        yield Finding("missing", names.INDEX, names.INDEX, "there is no index")
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Finding("damaged", names.INDEX, names.INDEX, f"it cannot be read: {error}")
        return
    present = {(m.slug, m.narration) for m in known.values() if not m.retired}
    for slug, _ in sorted(present - listed.keys()):
        yield Finding("index", slug, names.INDEX, "it is not listed as it is")
    for slug, _ in sorted(listed.keys() - present):
        yield Finding("index", slug, names.INDEX, "it is listed, and is not there like that")


def _feed(output: Path, known: dict[str, Manifest]) -> Iterator[Finding]:
    """Whether the feed, if there is one, leads to what is there, and says its length."""
    path = output / names.FEED
    by_guid = {manifest.guid: manifest for manifest in known.values()}
    try:
        items = ElementTree.parse(path).getroot().findall("channel/item")
        listed = [(item.findtext("guid") or "", item.find("enclosure")) for item in items]
    except FileNotFoundError:
        return
    except (OSError, ElementTree.ParseError) as error:
        yield Finding("feed", names.FEED, names.FEED, f"it cannot be read: {error}")
        return
    for guid, enclosure in listed:
        manifest = by_guid.get(guid)
        if manifest is None or manifest.retired:
            detail = f"it has an episode of no article ({guid})"
            yield Finding("feed", manifest.slug if manifest else guid, names.FEED, detail)
            continue
        told = (enclosure.get("url"), enclosure.get("length")) if enclosure is not None else ()
        if told != (manifest.audio.url, str(manifest.audio.size)):
            detail = "its enclosure is not the audio that is there"
            yield Finding("feed", manifest.slug, names.FEED, detail)


def _against(
    sources: Sequence[str],
    site: SiteTable,
    settings: Settings,
    output: Path,
    known: dict[str, Manifest],
) -> Iterator[Finding]:
    """Where folder and sources differ."""
    tour = Tour(sources, site, settings, output)
    for source in tour.sources:
        for name, reason in source.unreadable:
            yield Finding("source", name, "", reason)
    for item in tour:
        if not unwanted_by_listing(site, item):
            yield from _item(tour, item, known.get(item.id), site, settings)
    for source in tour.sources:
        if source.empty:
            yield Finding("source", source.given, "", "no articles were found in it")
    over = [source for source in tour.sources if source.complete and source.items]
    for manifest in known.values():
        if manifest.id in tour.listed or manifest.retired:
            continue
        if any(source.covers(manifest.id, manifest.origin.given) for source in over):
            detail = f"its source {manifest.origin.name} is gone"
            yield Finding("orphan", manifest.slug, "", detail)


def _item(
    tour: Tour, item: Item, manifest: Manifest | None, site: SiteTable, settings: Settings
) -> Iterator[Finding]:
    try:
        found = tour.visit(item, validators_of(manifest) if manifest else None)
        if isinstance(found, list):
            for reason in found:
                yield Finding("source", item.name, "", reason)
            return
        if isinstance(found, Same) or (
            manifest and digest_of(item, found) == manifest.origin.sha256
        ):
            return
        article = tour.read(item, found, settings.policy)
    except NothingToSay:
        return
    except Exception as error:  # One source that cannot be read stops no other.
        yield Finding("source", item.name, "", reason_of(error))
        return
    language = article.language or settings.language or LANGUAGE
    if article.draft or unwanted(site, section=item.section, date=article.date, language=language):
        if article.draft and manifest and not manifest.retired:
            yield Finding("orphan", manifest.slug, "", f"{item.name} is a draft")
        return
    if manifest is None or manifest.retired:
        yield Finding("unspoken", item.name, "", "there is no audio of it")
    elif text_hash(article) != manifest.text:
        detail = f"the text of {item.name} has changed since it was spoken"
        yield Finding("stale", manifest.slug, "", detail)


def _lean(manifest: Manifest) -> Manifest:
    """The manifest without its long lists: all manifests are held at once."""
    return replace(manifest, files=manifest.files[:1], segments=(), warnings=(), versions={})
