"""What may open a Markdown file: YAML (`---`), TOML (`+++`), JSON, fields, or percent signs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from narrator.errors import SourceUnreadable
from narrator.reading.bounded import (
    MOST_CHARACTERS,
    Unreadable,
    Unwelcome,
    read_json,
    read_toml,
    read_yaml,
)
from narrator.reading.metadata import Metadata, iso_date, language_code

_FENCED = re.compile(
    r"\A(?P<fence>---|\+\+\+)[ \t]*\n(?P<body>.*?)^(?:(?P=fence)|\.\.\.)[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)

_FENCED_JSON = re.compile(
    r"\A---json[ \t]*\n(?P<body>.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_BARE_JSON = re.compile(r"\{\s*\"")

_FIELD = re.compile(r"(?P<name>[A-Za-z][\w -]{0,30}):[ \t]+(?P<value>\S.*)|[ \t]+(?P<more>\S.*)")
_FIELDS_BEGIN = {"title", "date", "author", "authors"}
"""The first field of those that MultiMarkdown and Pelican write without fences."""

_PERCENT = re.compile(r"%[ \t](?P<value>.*(?:\n[ \t]+\S.*)*)(?:\n|\Z)")

_YES, _NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}
"""As site generators take them: `draft: true`, and Jekyll's `published: false`."""

_ADVICE = "Correct it, or put a value that holds a colon or a quote in quotes."


def split_front_matter(text: str) -> tuple[Metadata, str]:
    """What the front matter says, and the text after it.

    Text between two rules that is no mapping is body, not front matter.
    """
    fenced = _FENCED.match(text)
    if fenced is None:
        fields, rest = _unfenced(text)
        return _metadata(fields), rest
    read = _read_toml if fenced["fence"] == "+++" else _read_yaml
    told = read(fenced["body"])
    if told is None:
        return Metadata(), text
    return _metadata(told), text[fenced.end() :]


def _unfenced(text: str) -> tuple[Mapping[str, object], str]:
    """The fields that begin the text in the ways of single generators, and the rest."""
    fenced = _FENCED_JSON.match(text)
    if fenced:
        return _read_json(fenced["body"])[0], text[fenced.end() :]
    if _BARE_JSON.match(text):
        try:
            fields, end = _read_json(text)
        except SourceUnreadable:
            return {}, text  # A text may begin with a brace.
        return fields, text[end:]
    return _percent_lines(text) if text.startswith("% ") else _field_lines(text)


def _read_json(body: str) -> tuple[Mapping[str, object], int]:
    """The fields, and where they end."""
    try:
        fields, end = read_json(body)
    except Unreadable as error:
        raise _refusal("JSON", error) from error
    return (fields, end) if isinstance(fields, dict) else ({}, end)


def _field_lines(text: str) -> tuple[Mapping[str, object], str]:
    """`Title: ...` and more such lines up to an empty one; a lone line is a sentence."""
    head, _, rest = text.partition("\n\n")
    if len(head) > MOST_CHARACTERS:
        return {}, text
    told: dict[str, list[str]] = {}
    name = ""
    for line in head.split("\n"):
        field = _FIELD.fullmatch(line)
        if field is None or (field["more"] and not name):
            return {}, text
        if field["more"]:
            told[name].append(field["more"])
        else:
            name = field["name"].strip().lower()
            told[name] = [field["value"].strip()]
    fields = {name: " ".join(lines) for name, lines in told.items()}
    is_head = len(fields) > 1 and next(iter(fields)) in _FIELDS_BEGIN
    return (fields, rest) if is_head else ({}, text)


def _percent_lines(text: str) -> tuple[Mapping[str, object], str]:
    """Title, authors and date of Pandoc, of which the last two may be absent."""
    fields: dict[str, object] = {}
    end = 0
    for name in ("title", "author", "date"):
        line = _PERCENT.match(text, end)
        if line is None:
            break
        fields[name] = [each.strip() for each in re.split(r"[;\n]", line["value"])]
        end = line.end()
    is_head = len(fields) > 1 and not text[end:].split("\n", 1)[0].strip()
    return (fields, text[end:]) if is_head else ({}, text)


def _read_yaml(body: str) -> Mapping[str, object] | None:
    try:
        fields = read_yaml(body)
    except Unreadable as error:
        raise _refusal("YAML", error) from error
    if not fields:
        return {}
    return fields if isinstance(fields, dict) else None


def _read_toml(body: str) -> Mapping[str, object] | None:
    try:
        return read_toml(body)
    except Unreadable as error:
        # Its message ends with "(at line L, column C)", counted below the fence.
        raise _refusal("TOML", error) from error


def _refusal(form: str, error: Unreadable) -> SourceUnreadable:
    where = f" on line {error.line + 1}" if error.line else ""  # The fence above is line 1.
    if isinstance(error, Unwelcome):
        return SourceUnreadable(
            f"The front matter is not {form} that narrator reads{where}: {error}."
        )
    return SourceUnreadable(f"The front matter is not {form}{where}: {error}. {_ADVICE}")


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
        draft=first("draft").lower() in _YES or first("published").lower() in _NO,
    )


def _text(value: object) -> str:
    """The value on one line: lists joined by commas, of a mapping its name."""
    if isinstance(value, dict):
        return _text(value.get("name"))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    return "" if value is None else " ".join(str(value).split())
