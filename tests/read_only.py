"""A machine of which only some folders can be written, for a command: by mounts in a namespace of
its own, as a container's read-only root is made. /proc, /sys and /dev stay as they are there, too.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

SCRIPT = """
set -e
mount --make-rprivate /
while [ "$1" != -- ]; do mount --bind "$1" "$1"; kept="$kept $1 "; shift; done
shift
cut -d' ' -f5 /proc/self/mountinfo | while read -r place; do
  case "$place" in /proc|/proc/*|/sys|/sys/*|/dev|/dev/*) continue ;; esac
  case "$kept" in *" $place "*) continue ;; esac
  mount -o remount,bind,ro "$place"
done
cd "$PWD"  # Into what is mounted there now.
exec "$@"
"""


def read_only(command: Sequence[str | Path], *writable: Path) -> list[str]:
    """The command line that runs the command where all but these folders is read-only."""
    unshared = ["unshare", "--mount", *([] if _as_root() else ["--map-root-user"])]
    folders = [str(folder) for folder in writable]
    return [*unshared, "sh", "-c", SCRIPT, "sh", *folders, "--", *map(str, command)]


@cache
def why_not() -> str:
    """Why this machine lets nobody mount; empty where it does."""
    if shutil.which("unshare") is None:
        return "there is no unshare (util-linux)"
    done = subprocess.run(read_only(["true"]), capture_output=True, text=True)
    return "" if done.returncode == 0 else f"mounts are not allowed here: {done.stderr.strip()}"


@cache
def _as_root() -> bool:
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
