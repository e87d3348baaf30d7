"""Sources -> articles, one after another, and what each is read from.

An address is looked at when its turn comes: it may be an article, or a feed or site map that
leads to many.
"""

from __future__ import annotations

import glob
import hashlib
import tempfile
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from narrator.errors import RecordingUnreadable, SourceError
from narrator.model import Article, fingerprint
from narrator.publishing.manifest import Manifest
from narrator.reading import ElementPolicy, read_bytes
from narrator.reading.files import load_file
from narrator.settings import FILE, Settings
from narrator.site.config import SiteTable
from narrator.site.fence import FOLLOW, within
from narrator.site.gather import Gathered, Item, gather, is_address, remote, wanted
from narrator.site.inject import without_snippet

if TYPE_CHECKING:
    from narrator.reading.entry import Entry
    from narrator.reading.fetch import Page, Validators
    from narrator.reading.robots import Guest


@dataclass(frozen=True, slots=True)
class Visit:
    """What was found where an article is."""

    data: bytes
    """What it is read from, without a snippet that an earlier run put into it."""
    page: Page | None = None
    """That was fetched; None for a file and for what came with a feed."""


@dataclass(frozen=True, slots=True)
class Same:
    """The article is what it was."""


class Tour:
    """The articles of some sources in their order."""

    def __init__(
        self,
        sources: Sequence[str],
        site: SiteTable,
        settings: Settings,
        output: Path,
        *,
        keep: bool = False,
    ) -> None:
        """With `keep` the feeds and site maps are kept in the site folder `output`, so that the
        next tour need only ask whether they have changed."""
        self._output = output
        self._keep = keep
        self._site = site
        self._settings = settings
        self._seen: set[str] = set()
        self._contents: _Contents | None = None
        self._guest: Guest | None = None
        self.sources = list(gather(sources, site, output=output, seen=self._seen))
        """What each source holds, as far as it is known."""
        self._waiting = deque(item for source in self.sources for item in source.items)
        self.listed = {item.id for item in self._waiting}
        """Ids of all articles that are named."""
        remote = any(item.remote for item in self._waiting)
        self.size = 0 if remote else sum(item.size for item in self._waiting)
        """Bytes of all files; 0 where some come from the web."""

    def __iter__(self) -> Iterator[Item]:
        while self._waiting:
            yield self._waiting.popleft()

    def visit(self, item: Item, known: Validators | None = None) -> Visit | Same | list[str]:
        """What the article is read from; Same if it is still what the validators are `known` of.
        If the item is a listing, the articles that it names come next, and the answer is what is
        wrong with it (empty if nothing). SourceError where nothing can be had."""
        if not item.remote:
            return Visit(without_snippet(load_file(Path(item.name))))
        from narrator.reading.fetch import ARTICLE, LISTING, NotModified
        from narrator.reading.listings import kind_of

        if item.entry and item.entry.content:
            return Visit(self._content_of(item.entry))
        named = item.entry is None
        found = self._as_guest().fetch(
            item.name, known, wanted=LISTING if named else ARTICLE, invited=named
        )
        if isinstance(found, NotModified):
            return Same()
        if named and kind_of(found) != "page":
            return list(self._expanded(item, found))
        return Visit(without_snippet(found.data), found)

    def read(self, item: Item, visit: Visit, policy: ElementPolicy) -> Article:
        """The article; any SourceError."""
        if not item.remote:
            folder = Path(item.name).parent
            article = read_bytes(visit.data, name=item.name, policy=policy, folder=folder)
            self._check_recording(article)
            return article
        from narrator.reading.entry import Entry, read_entry

        entry = item.entry or Entry(item.id, item.url)
        if visit.page is None:
            return read_entry(replace(entry, content=visit.data.decode()), policy=policy)
        return read_entry(entry, replace(visit.page, data=visit.data), policy=policy)

    def _check_recording(self, article: Article) -> None:
        """RecordingUnreadable where an article names a file outside of the folders of the site."""
        named = article.recording
        if not named or is_address(named) or self._site.follow_links:
            return
        roots = [Path(FILE).parent] if Path(FILE).is_file() else []
        roots += [_root_of(source.given) for source in self.sources if not is_address(source.given)]
        if not within(Path(named), roots):
            raise RecordingUnreadable(
                f"The article names the recording {named!r}, which is outside of the site's "
                f"folders. Put it beside the articles. {FOLLOW}"
            )

    def _expanded(self, item: Item, page: Page) -> Iterator[str]:
        """Put what the listing names in the place of the item; what is wrong with it."""
        from narrator.reading.entry import Entry
        from narrator.reading.listings import kind_of, listed_on

        today = datetime.now(UTC).date().isoformat()
        entries: list[Entry] = []
        wrong = []
        try:
            for each in listed_on(page, self._as_guest(), today=today):
                if isinstance(each, Entry):
                    entries.append(self._without_content(each))
                else:
                    wrong.append(f"{each.url}: {each.reason}")
        except SourceError as error:
            wrong.append(str(error))
        found = (remote(item.given, entry.url, entry) for entry in entries)
        items = wanted(found, self._site, self._seen)
        # A feed has the newest articles only: what is not in it is not gone.
        complete = kind_of(page) == "site map" and not wrong
        self.sources = [
            Gathered(item.given, items, complete=complete) if source.given == item.given else source
            for source in self.sources
        ]
        self.listed.discard(item.id)
        self.listed |= {each.id for each in items}
        self._waiting.extendleft(reversed(items))
        yield from wrong

    def _as_guest(self) -> Guest:
        if self._guest is None:
            from narrator.site.remembered import FOLDER, Remembering

            self._guest = Remembering(
                self._output / FOLDER,
                keep=self._keep,
                contact=self._settings.contact,
                allow_private=self._settings.allow_private,
                pace=self._site.pace,
            )
        return self._guest

    def _without_content(self, entry: Entry) -> Entry:
        """The entry, its content put away: a feed may have pages without end."""
        if not entry.content:
            return entry
        if self._contents is None:
            self._contents = _Contents()
        return replace(entry, content=self._contents.put(entry.content))

    def _content_of(self, entry: Entry) -> bytes:
        assert self._contents is not None
        return self._contents.get(entry.content)


def _root_of(source: str) -> Path:
    """The folder that a source is or lies in, up to its first part with a wildcard."""
    path = Path(source)
    if path.is_dir():
        return path
    while glob.has_magic(str(path)):
        path = path.parent
    return path if path.is_dir() else path.parent


class _Contents:
    """Texts in a file that nobody sees, each by a short key."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with its holder
        weakref.finalize(self, self._file.close)

    def put(self, text: str) -> str:
        data = text.encode("utf-8", "replace")
        at = self._file.seek(0, 2)
        self._file.write(data)
        return f"{at}+{len(data)}"

    def get(self, key: str) -> bytes:
        at, _, size = key.partition("+")
        self._file.seek(int(at))
        return self._file.read(int(size))


def digest_of(item: Item, found: Visit) -> str:
    """Hash of all that an article is read from: its bytes, and what its listing says of it."""
    entry = item.entry
    told = fingerprint("e1", entry.title, entry.author, entry.date, entry.language) if entry else ""
    return hashlib.sha256(found.data + told.encode()).hexdigest()


def validators_of(manifest: Manifest) -> Validators | None:
    """What a server can be asked with whether a page is still the one that was read."""
    if manifest.retired or not manifest.origin.address:
        return None
    from narrator.reading.fetch import Validators

    origin = manifest.origin
    return Validators(origin.address, origin.etag, origin.modified)
