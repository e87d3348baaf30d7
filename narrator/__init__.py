"""Articles read aloud.

`narrate` makes an audio file of an article, `narrating` does the same step by step, `read` makes an
Article of a page or file, `write_script` tells what will be said of it, `speakable` says one text.
`as_dict` turns each value that they return into JSON types.
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str

    from narrator.errors import NarratorError as NarratorError
    from narrator.json_values import as_dict as as_dict
    from narrator.model import Article as Article
    from narrator.model import Block as Block
    from narrator.model import Chapter as Chapter
    from narrator.model import Cue as Cue
    from narrator.model import Encoded as Encoded
    from narrator.model import Narration as Narration
    from narrator.model import Progress as Progress
    from narrator.model import Script as Script
    from narrator.model import Sentence as Sentence
    from narrator.pipeline import narrate as narrate
    from narrator.pipeline import narrating as narrating
    from narrator.reading import read as read
    from narrator.script import speakable as speakable
    from narrator.script import write_script as write_script

# ONNX Runtime reports to its maker unless it finds this when it is imported, which nothing of ours
# can do before this line; processes that we start inherit it. docs/privacy.md has the details.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

_HOMES = {
    "NarratorError": "narrator.errors",
    "Article": "narrator.model",
    "Block": "narrator.model",
    "Chapter": "narrator.model",
    "Cue": "narrator.model",
    "Encoded": "narrator.model",
    "Narration": "narrator.model",
    "Progress": "narrator.model",
    "Script": "narrator.model",
    "Sentence": "narrator.model",
    "as_dict": "narrator.json_values",
    "narrate": "narrator.pipeline",
    "narrating": "narrator.pipeline",
    "read": "narrator.reading",
    "speakable": "narrator.script",
    "write_script": "narrator.script",
}
"""Public name -> its module, imported at the first use: `narrator --help` needs none of them."""

__all__ = sorted(_HOMES)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("article-narrator")
    if name not in _HOMES:
        raise AttributeError(f"module 'narrator' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
