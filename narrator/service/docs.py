"""The OpenAPI document as a page for people, made here: nothing is loaded from elsewhere."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from narrator.service.paper import said

METHODS = ("get", "post", "put", "patch", "delete")


def described(document: dict[str, Any]) -> str:
    """The body of the page, as HTML."""
    operations = [
        (path, method, operation)
        for path, of_path in document["paths"].items()
        for method, operation in of_path.items()
        if method in METHODS
    ]
    contents = "".join(
        f'<li><a href="#{_anchor(path, method)}"><code><span class="method">{method.upper()}</span>'
        f"{escape(path)}</code></a> {escape(operation.get('summary', ''))}</li>\n"
        for path, method, operation in operations
    )
    sections = "\n".join(_operation(document, *parts) for parts in operations)
    about = said(document["info"].get("summary", ""))
    links = (
        '<p>The same for programs: <a href="openapi.json">openapi.json</a>. What goes wrong: '
        '<a href="problems">problems</a>.</p>'
    )
    return f"{about}\n{links}\n<ul>\n{contents}</ul>\n{sections}"


def _anchor(path: str, method: str) -> str:
    return method + "".join(c if c.isalnum() else "-" for c in path)


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    """One method of one path."""
    verb = f'<span class="method">{method.upper()}</span>'
    parts = [
        f'<section id="{_anchor(path, method)}"><h2><code>{verb}{escape(path)}</code></h2>',
        said(operation.get("description", operation.get("summary", ""))),
    ]
    parameters = [
        (p["name"], p["in"], _kind(p.get("schema", {})), p.get("description", ""))
        for p in operation.get("parameters", [])
    ]
    if parameters:
        parts.append(_table(("parameter", "in", "is", ""), parameters))
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        parts.append(_members(document, _found(document, body["schema"]), "Body"))
        examples = _examples(document, body)
        parts.extend(f"<pre>{escape(_json(example))}</pre>" for example in examples)
    answers = []
    for status, answer in operation.get("responses", {}).items():
        kinds = ", ".join(answer.get("content", {}))
        answers.append((status, answer.get("description", ""), kinds))
    parts.append(_table(("status", "when", "as"), answers))
    answered = operation.get("responses", {})
    good: dict[str, Any] = next((answered[s] for s in ("200", "201", "202") if s in answered), {})
    told = good.get("content", {}).get("application/json", {})
    if "schema" in told and "$ref" in told["schema"]:
        parts.append(_members(document, _found(document, told["schema"]), "Answer"))
        parts.extend(f"<pre>{escape(_json(e))}</pre>" for e in _examples(document, told))
    return "\n".join([*parts, "</section>"])


def _members(document: dict[str, Any], schema: dict[str, Any], name: str) -> str:
    """A table of the members of an object."""
    required = schema.get("required", [])
    rows = [
        (
            member,
            _kind(of_member) + ("" if member in required else ", optional"),
            of_member.get("description", ""),
        )
        for member, of_member in schema.get("properties", {}).items()
    ]
    return _table((name, "is", ""), rows) if rows else ""


def _found(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, or what it refers to."""
    reference = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][reference] if reference else schema
    return found


def _examples(document: dict[str, Any], content: dict[str, Any]) -> list[Any]:
    """Examples of a body: those told beside it, else those of its schema."""
    if "examples" in content:
        return [example.get("value") for example in content["examples"].values()]
    if "example" in content:
        return [content["example"]]
    found: list[Any] = _found(document, content.get("schema", {})).get("examples", [])
    return found


def _kind(schema: dict[str, Any]) -> str:
    """What a value may be, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        kinds = (_kind(option) for option in schema["anyOf"] if option.get("type") != "null")
        return " or ".join(kinds)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    bounds = [
        f"{words} {schema[key]}"
        for key, words in (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"))
        if key in schema
    ]
    return " ".join([str(schema.get("type", "anything")), *bounds])


def _table(head: tuple[str, ...], rows: list[Any]) -> str:
    """A table; the first column is code."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = "".join(
        f"<tr><td><code>{escape(str(first))}</code></td>"
        + "".join(f"<td>{_inline(str(cell))}</td>" for cell in rest)
        + "</tr>\n"
        for first, *rest in rows
    )
    return f"<table><thead><tr>{top}</tr></thead>\n<tbody>\n{lines}</tbody></table>"


def _inline(text: str) -> str:
    return said(text).removeprefix("<p>").removesuffix("</p>")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
