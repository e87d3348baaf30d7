"""Sources -> the articles that they name: files of folders and globs, with the address that each
has on the web; and addresses, of which only a visit (`tour.py`) tells what they lead to."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urldefrag, urlsplit

from narrator.errors import NarratorError, SourceError, SourceNotFound, SourceUnreadable
from narrator.outputs import slug
from narrator.site.config import SiteTable, base_of, root_of
from narrator.site.fence import FOLLOW, led_out, strayed

if TYPE_CHECKING:
    from narrator.reading.entry import Entry

SUFFIXES = frozenset({".md", ".markdown", ".htm", ".html", ".xhtml", ".epub"})
"""Of files that are taken from folders, and by globs that name no suffix themselves; a file that is
named itself may be any."""

PAGES = frozenset({".htm", ".html", ".xhtml", ".epub"})
"""Suffixes of files that are served as they are."""

SKIPPED = frozenset({"node_modules", "__pycache__", "404.html", "README.md", "LICENSE.md"})
"""Names in a folder that are no articles."""

INDEXES = frozenset({"index", "_index"})
"""Stems of files that stand for their folder."""

TAKEN = frozenset({"_headers", "feed.xml", "index.json", "player"})
"""Names in a site folder that are no article's."""

ROOT_SLUG = "index"


@dataclass(frozen=True, slots=True)
class Item:
    """An article that a source names, before it is read."""

    id: str
    """Where it is in its source; the same wherever the folder lies and whatever it says."""
    given: str
    """The source that named it, as it was given."""
    name: str
    """Path or address, for people and for reading."""
    slug: str
    """The folder that it asks for; another article may have taken it."""
    section: str
    """Its first folder below the source, or empty."""
    url: str
    """Public address, empty where unknown."""
    size: int
    """Bytes, 0 where unknown."""
    alone: bool = False
    """Whether it was named by itself, not found in a source folder: what its slug, section and
    address would be there is not known."""
    entry: Entry | None = None
    """What its listing tells of it; None for a file, and for an address that was named itself."""

    @property
    def remote(self) -> bool:
        """Whether it comes from the web."""
        return self.entry is not None or is_address(self.name)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a source holds."""

    given: str
    items: tuple[Item, ...]
    unreadable: tuple[tuple[str, str], ...] = ()
    """(name, reason) of what could not be looked at."""
    left_out: tuple[tuple[str, str], ...] = ()
    """(name, reason) of links that lead out of the source."""
    complete: bool = True
    """Whether an article that is not among the items is gone for good."""
    root: str | None = None
    """What the ids of its files begin with; None for what is no folder."""

    @property
    def empty(self) -> bool:
        """Whether it could hold articles and holds none."""
        return not self.items and not self.unreadable and not self.left_out

    def covers(self, article: str, given: str) -> bool:
        """Whether the article of that id, found once through `given`, would be among the items."""
        inside = self.root is not None and article.startswith(self.root)
        return given == self.given or (inside and not is_address(article))


def gather(
    sources: Sequence[str], site: SiteTable, *, output: Path, seen: set[str]
) -> Iterator[Gathered]:
    """What each source holds, in its order; an article that several name comes once: `seen` holds
    the paths and addresses of all. What lies in the site folder `output` is no source."""
    for given in sources:
        try:
            found = _gathered(given, site, output)
        except SourceError as error:
            found = Gathered(given, (), ((given, str(error)),), complete=False)
        yield replace(found, items=wanted(found.items, site, seen))


def wanted(items: Iterable[Item], site: SiteTable, seen: set[str]) -> tuple[Item, ...]:
    """Those that belong to the site and were not `seen`, which they are from now on."""
    return tuple(item for item in items if _belongs(item, site) and _first(item, seen))


def is_address(name: str) -> bool:
    """Whether a source is an http(s) address."""
    return re.match(r"https?://", name, re.IGNORECASE) is not None


def _belongs(item: Item, site: SiteTable) -> bool:
    """Whether the patterns let it in; of an address that was named itself only a visit tells
    whether it is an article at all."""
    if is_address(item.given) and item.entry is None:
        return True
    included = not site.include or matches(item, site.include)
    return included and not matches(item, site.exclude)


def matches(item: Item, patterns: Iterable[str]) -> bool:
    """Whether a pattern fits the item: its path below the source (`drafts/*`), its name, or its
    address."""
    names = (item.id.partition("/")[2] or item.id, item.id, item.name, item.url)
    return any(fnmatch(name, pattern) for pattern in patterns for name in names if name)


def _first(item: Item, seen: set[str]) -> bool:
    """Whether this file or address comes for the first time."""
    keys = {item.name if item.remote else os.path.realpath(item.name), item.url} - {""}
    new = keys.isdisjoint(seen) if item.remote else os.path.realpath(item.name) not in seen
    seen |= keys
    return new


def _gathered(given: str, site: SiteTable, output: Path) -> Gathered:
    if is_address(given):
        return Gathered(given, (remote(given, given),))
    path = Path(given)
    if path.exists() and not site.follow_links and (led := led_out(path)):
        raise SourceUnreadable(f"{given} leads by a link to {led}, out of its folder. {FOLLOW}")
    if path.is_dir():
        return _walked(given, path, path, site, output)
    if path.exists():
        reason = _unfit(path)
        if reason:
            return Gathered(given, (), ((_printable(path), reason),), complete=False)
        root = root_of(site, path)
        item = _local(given, path, root or path.parent, site)
        return Gathered(given, (replace(item, alone=root is None),))
    if glob.has_magic(given):
        return _matched(given, site, output)
    raise SourceNotFound(f"There is no file or folder {given!r}. Check the path.")


def _matched(given: str, site: SiteTable, output: Path) -> Gathered:
    """The files that a pattern fits; paths count from its first part without a wildcard."""
    parts = Path(given).parts
    fixed = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:fixed]) if fixed else Path()
    pattern = str(Path(*parts[fixed:]))
    paths = sorted(root.glob(pattern))
    if not Path(pattern).suffix:  # It does not say what it is after.
        paths = [path for path in paths if path.suffix.lower() in SUFFIXES]
    named = [path for path in paths if not path.is_dir() and not _inside(path, output)]
    if not named:
        raise SourceNotFound(f"No file matches {given!r}. Check the pattern.")
    if not site.follow_links and (led := led_out(root)):
        raise SourceUnreadable(f"{root} leads by a link to {led}, out of its folder. {FOLLOW}")
    out = {path: _led_out_of(root, path, site) for path in named}
    reasons = {path: _unfit(path) for path in named if not out[path]}
    return Gathered(
        given,
        tuple(_local(given, path, root, site) for path, why in reasons.items() if not why),
        tuple((_printable(path), why) for path, why in reasons.items() if why),
        tuple((_printable(path), why) for path, why in out.items() if why),
    )


def _walked(given: str, folder: Path, root: Path, site: SiteTable, output: Path) -> Gathered:
    """The articles of a folder and of those in it, in the order of their paths."""
    unreadable: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    items: list[Item] = []
    walked = {os.path.realpath(folder)}

    def refused(error: OSError) -> None:
        unreadable.append((str(error.filename), f"cannot be read: {error.strerror}"))

    for where, folders, files in os.walk(folder, onerror=refused, followlinks=site.follow_links):
        here = Path(where)
        folders[:] = sorted(
            name for name in folders
            if not name.startswith(".") and name not in SKIPPED and not _inside(here / name, output)
        )  # fmt: skip
        for name in [name for name in folders if (here / name).is_symlink()]:
            led = os.path.realpath(here / name)
            why = _led_out_of(root, here / name, site)
            if why:
                left_out.append((_printable(here / name), why))
            elif led in walked or Path(os.path.realpath(here)).is_relative_to(led):
                folders.remove(name)  # It was walked, or would be walked without end.
                if strayed(here / name, root) and led not in walked:
                    why = f"it leads to {led}, which it lies in itself."
                    left_out.append((_printable(here / name), why))
            walked.add(led)
        for name in sorted(files):
            path = here / name
            if name.startswith(".") or name in SKIPPED or path.suffix.lower() not in SUFFIXES:
                continue
            why, reason = _led_out_of(root, path, site), _unfit(path)
            if why:
                left_out.append((_printable(path), why))
            elif reason:
                unreadable.append((_printable(path), reason))
            else:
                items.append(_local(given, path, root, site))
    return Gathered(
        given,
        tuple(items),
        tuple(unreadable),
        tuple(left_out),
        complete=not unreadable,
        root=_named(folder),
    )


def _led_out_of(root: Path, path: Path, site: SiteTable) -> str:
    """Why a path in a source folder is not followed; empty if it stays inside, or may not."""
    led = "" if site.follow_links else strayed(path, root)
    return f"it leads by a link to {led}, out of {root}. {FOLLOW}" if led else ""


def _unfit(path: Path) -> str:
    """Why what a folder has cannot be an article of a site; empty if it can."""
    if _printable(path) != str(path):
        return "its name is not UTF-8, so it has no address. Rename it."
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""  # Reading it will say what is wrong.
    regular = stat.S_ISREG(mode)
    return "" if regular else "it is a pipe, a socket or a device, no file. Remove it."


def _printable(path: Path) -> str:
    """The path as text that can be written."""
    return os.fsencode(path).decode("utf-8", "replace")


def _local(given: str, path: Path, root: Path, site: SiteTable) -> Item:
    """A file below its source folder."""
    inner = PurePosixPath(Path(os.path.relpath(path, root)).as_posix())
    try:
        size = path.stat().st_size
    except OSError:
        size = 0  # Reading it will say what is wrong.
    parts = _address_parts(inner)
    return Item(
        id=f"{_named(root)}{inner}",
        given=given,
        name=str(path),
        slug=slug_of("-".join(parts)) or ("article" if parts else ROOT_SLUG),
        section=inner.parts[0] if len(inner.parts) > 1 else "",
        url=_public(inner, base_of(site, root), site.permalink),
        size=size,
    )


def _named(folder: Path) -> str:
    """What the ids of a folder's files begin with: it does not depend on where the working folder
    lies, nor, for a folder outside of it, on where that lies."""
    whole, here = folder.resolve(), Path.cwd()
    if whole == here:
        return ""
    inside = whole.is_relative_to(here)
    return f"{whole.relative_to(here).as_posix() if inside else whole.name}/"


def remote(given: str, address: str, entry: Entry | None = None) -> Item:
    """An article on the web, by its address or, if it has none, by its entry in a feed."""
    whole = urldefrag(address).url
    parts = [part for part in unquote(urlsplit(whole).path).split("/") if part]
    if parts:
        parts[-1] = PurePosixPath(parts[-1]).stem
    named = [part for part in parts if part not in INDEXES]
    host = urlsplit(whole).hostname or (entry.title if entry else "")
    return Item(
        id=whole or (entry.id if entry else given),
        given=given,
        name=whole or (entry.id if entry else given),
        slug=slug_of("-".join(named)) or slug_of(host) or "article",
        section=parts[0] if len(parts) > 1 else "",
        url=whole,
        size=0,
        entry=entry,
    )


def slug_of(text: str) -> str:
    """The folder name of a text, in lower case: some disks do not tell cases apart. The names of
    what lies beside the folders of articles are taken."""
    name = slug(text).lower()
    return f"{name}-article" if name in TAKEN else name


def _address_parts(inner: PurePosixPath) -> list[str]:
    """blog/hello/index.md -> blog, hello."""
    parts = [*inner.parts[:-1], inner.stem]
    return parts[:-1] if inner.stem.lower() in INDEXES else parts


def _public(inner: PurePosixPath, base: str, permalink: str) -> str:
    """The address of a file under the base, as static site generators lay it."""
    if not base:
        return ""
    parts = _address_parts(inner)
    if not parts:
        address = ""
    elif inner.suffix.lower() in PAGES:
        folder = inner.stem.lower() in INDEXES
        address = "/".join(parts) + "/" if folder else str(inner)
    else:
        address = permalink.format(
            path="/".join(parts), stem=parts[-1], section=parts[0] if len(parts) > 1 else ""
        )
    return f"{base.rstrip('/')}/{quote(address.lstrip('/'))}"


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def reason_of(error: Exception) -> str:
    """Why an article failed, in a sentence."""
    if isinstance(error, NarratorError | SourceError):
        return str(error)
    return f"narrator failed on it: {type(error).__name__}: {error}. Please report the article."
