"""What is shipped beside the code: voices/ and examples/."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def packed(path: str) -> Path:
    """Where a shipped file lies, such as "voices/voices.toml": inside the installed package, or at
    the top of a checkout. Whether it exists is for the caller to ask."""
    package = Path(str(files("narrator")))
    inside = package / path
    return inside if inside.exists() else package.parent / path
