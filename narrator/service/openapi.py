"""What the OpenAPI document says of keys, from the same policy that the gate follows."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from narrator.service.access import needed
from narrator.service.documented import completed
from narrator.settings import ServiceSettings

SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of the API; `narrator serve --make-key` makes one.",
    },
    "login": {
        "type": "http",
        "scheme": "basic",
        "description": "The same key as the password, under any name, for programs that know "
        "logins only.",
    },
}


def describe(app: FastAPI, settings: ServiceSettings) -> None:
    """Have the document of an application say which of its operations need a key."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            secured(document, settings)
            completed(document)
        return plain()

    app.openapi = whole  # type: ignore[method-assign]


def secured(document: dict[str, Any], settings: ServiceSettings) -> None:
    """Add to an OpenAPI document the schemes, and to each operation what it needs. A service with
    no keys asks for none; its document says what one with keys would, as an option."""
    document.setdefault("components", {})["securitySchemes"] = SCHEMES
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            scope = needed(
                method.upper(), path,
                private=settings.private, open_metrics=settings.open_metrics,
            )  # fmt: skip
            if scope is not None:
                optional: list[dict[str, list[str]]] = [] if settings.keys else [{}]
                operation["security"] = [{"key": []}, {"login": []}, *optional]
                note = f"Needs a key with the scope `{scope}`."
                operation["description"] = f"{operation.get('description', '')}\n\n{note}".strip()
                for status, what in (("401", "A key is needed"), ("403", "Not with this key")):
                    operation.setdefault("responses", {}).setdefault(status, problem(what))


def problem(description: str) -> dict[str, Any]:
    """An answer of the document that is a problem."""
    schema = {"$ref": "#/components/schemas/ProblemAnswer"}
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    }
