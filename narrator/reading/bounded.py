"""YAML, TOML and JSON that came with a document: what they become is as small as what was sent.

An alias of YAML makes gigabytes of 460 bytes, a key of 20,000 parts keeps tomllib busy for
seconds. So aliases are refused, and characters, values and levels are bounded.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

import yaml

MOST_CHARACTERS = 100_000
MOST_VALUES = 10_000
DEEPEST = 20
"""Lists and mappings within one another."""

MOST_PARTS = 50
"""Parts of a dotted key of TOML."""

_LONG_KEY = re.compile(
    rf"(?<![\w\"'-])(?:(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){{{MOST_PARTS}}}"
)


class Unreadable(ValueError):
    """The text is not what it should be; says what and where."""

    def __init__(self, what: str, line: int = 0) -> None:
        """`line` counts from 1; 0 where it is not known."""
        super().__init__(what)
        self.line = line


class Unwelcome(Unreadable):
    """It may be well-formed, but is more than is read."""


class _Loader(yaml.BaseLoader):
    """Leaves every scalar a string: a title of 1984 or No stays as written."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._values = 0
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise Unwelcome(
                "anchors and aliases (&name, *name) are not read; write the value where it is "
                "needed, or put it in quotes",
                line,
            )
        self._values += 1
        self._depth += 1
        if self._values > MOST_VALUES:
            raise Unwelcome(f"it holds more than {MOST_VALUES:,} values", line)
        if self._depth > DEEPEST:
            raise Unwelcome(_TOO_DEEP, line)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


_TOO_DEEP = f"it nests lists and mappings more than {DEEPEST} deep"


def read_yaml(text: str) -> object:
    """What the YAML says, every scalar a string; Unreadable."""
    _check_length(text)
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(str(error.problem), mark.line + 1 if mark else 0) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def read_toml(text: str) -> Mapping[str, object]:
    """What the TOML says; Unreadable, whose text tells line and column."""
    _check_length(text)
    if _LONG_KEY.search(text):
        raise Unwelcome(f"a key has more than {MOST_PARTS} parts")
    try:
        fields = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: a number of 5,000 digits.
        raise Unreadable(str(error)) from error
    _check_shape(fields)
    return fields


def read_json(text: str) -> tuple[object, int]:
    """The value with which the text begins, and where it ends; Unreadable."""
    start = len(text) - len(text.lstrip())
    try:
        value, end = json.JSONDecoder().raw_decode(text[: MOST_CHARACTERS + start], start)
    except (ValueError, RecursionError) as error:
        _check_length(text)
        raise Unreadable(str(error)) from error
    _check_shape(value)
    return value, end


def _check_length(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise Unwelcome(f"it is longer than {MOST_CHARACTERS:,} characters")


def _check_shape(value: object) -> None:
    """Unreadable where there are too many values, or too deep ones."""
    level = [value]
    values = 0
    for _ in range(DEEPEST):
        values += len(level)
        if values > MOST_VALUES:
            raise Unwelcome(f"it holds more than {MOST_VALUES:,} values")
        level = [inner for each in level for inner in _within(each)]
        if not level:
            return
    raise Unwelcome(_TOO_DEEP)


def is_deep(value: object) -> bool:
    """Whether lists and mappings lie so deep in one another that nobody means it."""
    level = [value]
    for _ in range(2 * DEEPEST):
        level = [inner for each in level for inner in _within(each)]
        if not level:
            return False
    return True


def _within(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
