"""The block of YAML (`---`) or TOML (`+++`) that may open a Markdown file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

import yaml

from narrator.errors import SourceUnreadable
from narrator.reading.metadata import Metadata, iso_date, language_code

_FENCED = re.compile(
    r"\A(?P<fence>---|\+\+\+)[ \t]*\n(?P<body>.*?)^(?:(?P=fence)|\.\.\.)[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)

_ADVICE = "Correct it, or put a value that holds a colon or a quote in quotes."


def split_front_matter(text: str) -> tuple[Metadata, str]:
    """What the front matter says, and the text after it.

    Text between two rules that is no mapping is body, not front matter.
    """
    fenced = _FENCED.match(text)
    if fenced is None:
        return Metadata(), text
    read = _read_toml if fenced["fence"] == "+++" else _read_yaml
    fields = read(fenced["body"])
    if fields is None:
        return Metadata(), text
    return _metadata(fields), text[fenced.end() :]


def _read_yaml(body: str) -> Mapping[str, object] | None:
    try:
        # BaseLoader leaves every scalar a string: a title of 1984 or No stays as written.
        fields = yaml.load(body, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # Lines are counted from 0 and the fence above is line 1.
        where = f" on line {mark.line + 2}" if mark else ""
        raise SourceUnreadable(
            f"The front matter is not YAML{where}: {error.problem}. {_ADVICE}"
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise SourceUnreadable(f"The front matter is not YAML: {error}. {_ADVICE}") from error
    if not fields:
        return {}
    return fields if isinstance(fields, dict) else None


def _read_toml(body: str) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(body)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # Its message ends with "(at line L, column C)", counted below the fence.
        raise SourceUnreadable(f"The front matter is not TOML: {error}. {_ADVICE}") from error


def _metadata(fields: Mapping[str, object]) -> Metadata:
    lower = {str(key).lower(): value for key, value in fields.items()}

    def first(*names: str) -> str:
        return next((found for name in names if (found := _text(lower.get(name)))), "")

    return Metadata(
        title=first("title"),
        author=first("author", "authors"),
        date=iso_date(first("date", "published", "pubdate")),
        language=language_code(first("language", "lang", "locale")),
        url=first("canonical", "canonical_url", "url"),
        voice=first("voice"),
        modified=iso_date(first("lastmod", "last_modified_at", "modified", "updated")),
        site=first("site", "site_name"),
        image=first("image", "cover", "cover_image"),
        recording=first("audio", "recording"),
    )


def _text(value: object) -> str:
    """The value on one line: lists joined by commas, of a mapping its name."""
    if isinstance(value, dict):
        return _text(value.get("name"))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    return "" if value is None else " ".join(str(value).split())
