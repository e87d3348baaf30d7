"""The values of model.py as JSON types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


def as_dict(value: Any) -> dict[str, JsonValue]:
    """The fields of a Narration, Article, Script or any other value of narrator, all the way down.

    `json.dumps` writes the result. Seconds are floats, sequences are lists, paths are strings.
    TypeError for what has no form in JSON: samples, and the bytes of Encoded.
    """
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"as_dict takes a value of narrator, not {type(value).__name__}.")
    return {field.name: _json(getattr(value, field.name)) for field in fields(value)}


def _json(value: object) -> JsonValue:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return str(value)
    if is_dataclass(value):
        return cast(JsonValue, as_dict(value))
    if isinstance(value, Mapping):
        return {str(name): _json(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [_json(each) for each in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON.")
