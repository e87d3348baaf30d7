"""Where links lead: a site reads and writes nothing outside of its folders through one.

What a person names in plain words (an absolute path, `..`) is meant. What a link makes of a name
is not seen, and whoever may add an article to a site could lay one. A hard link cannot be told from
any other file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from narrator.errors import SettingsError, SiteError

FOLLOW = "If it may be read, set --follow-links, or follow_links in the [site] table."


def strayed(path: Path, root: Path) -> str:
    """Where a path in the folder `root` leads, if that is outside of it; empty if it stays."""
    led, inside = os.path.realpath(path), os.path.realpath(root)
    return "" if Path(led).is_relative_to(inside) else led


def led_out(path: Path) -> str:
    """Where a path that was named leads by a link, if that is out of the working folder, or for a
    path elsewhere, out of the folder that it is in; empty if it stays."""
    whole, here = Path(os.path.abspath(path)), Path.cwd()  # noqa: PTH100  (links stay)
    return strayed(path, here if whole.is_relative_to(here) else whole.parent)


def within(path: Path, roots: Iterable[Path]) -> bool:
    """Whether a path, whatever links are on it, leads into one of the folders."""
    return any(not strayed(path, root) for root in roots)


def check_named(paths: Iterable[Path]) -> None:
    """SettingsError where a file that narrator.toml or an option names is a link to elsewhere."""
    for path in paths:
        if led := led_out(path):
            raise SettingsError(f"{path} leads by a link to {led}, out of its folder. {FOLLOW}")


def check_written(folder: Path, reserved: Iterable[str]) -> None:
    """SiteError where what is written to a site folder would go elsewhere by a link: the folder
    itself, a folder in it, or a file of one of the `reserved` names. Other files are replaced, not
    written through."""
    if led := led_out(folder):
        raise SiteError(f"{folder} leads by a link to {led}, out of its folder. {_WRITE}")
    for path in _links(folder, deeper=True):
        if (path.is_dir() or path.name in reserved) and (led := strayed(path, folder)):
            raise SiteError(f"{path} is a link to {led}, outside of the site folder. {_WRITE}")


_WRITE = (
    "Nothing is written through it: remove it, or set --follow-links, or follow_links in the "
    "[site] table."
)


def _links(folder: Path, *, deeper: bool) -> Iterator[Path]:
    """The links in a folder, and in the folders in it."""
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.is_symlink():
            yield folder / entry.name
        elif deeper and entry.is_dir():
            yield from _links(folder / entry.name, deeper=False)
