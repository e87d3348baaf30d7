"""Adds to the documentation what is written elsewhere: `make docs` runs it through MkDocs.

The reference of settings, commands and HTTP is made of the code, so it is never out of date.
Documents of the project's root become pages, and links to them lead there.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import narrator
from narrator.cli import app
from narrator.cli.exits import EPILOG
from narrator.service.app import create_app
from narrator.settings import ServiceSettings, Settings

ROOT = Path(__file__).parents[1]

DOCUMENTS = {
    "ARCHITECTURE.md": "project/architecture.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "LICENSING.md": "project/licensing.md",
    "SECURITY.md": "project/security-policy.md",
    "benchmarks/README.md": "project/benchmarks.md",
}
"""Document of the root -> its page."""

LINK = re.compile(r"\[(?P<label>[^\]]*)\]\((?P<to>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not in docs/."""
    made = {
        "reference/command-line.md": command_line(),
        "reference/settings.md": settings(),
        "reference/http.md": http(),
        **{page: (ROOT / name).read_text("utf-8") for name, page in DOCUMENTS.items()},
    }
    for page, text in made.items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The text, whose links lead to pages; other links become names."""
    own = page.file.src_uri
    origin = next((name for name, made in DOCUMENTS.items() if made == own), f"docs/{own}")

    def led(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(origin), link["to"]))
        inside = DOCUMENTS.get(target, target.removeprefix("docs/"))
        if files.get_file_from_path(inside) is None:
            return f"`{link['label'].strip('`')}`" if (ROOT / target).exists() else link[0]
        to = posixpath.relpath(inside, posixpath.dirname(own) or ".")
        return f"[{link['label']}]({to}{link['anchor'] or ''})"

    return LINK.sub(led, markdown)


# Settings


def settings() -> str:
    """The page of all settings."""
    docs = _docstrings(ROOT / "narrator/settings.py")
    return "\n".join(
        [
            "# Settings\n",
            "Settings come from flags, then from variables of the environment, then from the file",
            "`narrator.toml` in the working folder. `narrator init` writes that file with every",
            "setting and what it means; `narrator serve --show-settings` tells where each value",
            "came from.\n",
            "## For all commands\n",
            *_table(Settings, docs["Settings"], ""),
            "\n## The table [service]\n",
            *_table(ServiceSettings, docs["ServiceSettings"], "SERVICE__"),
        ]
    )


def _table(model: type[BaseModel], docs: dict[str, str], inner: str) -> Iterator[str]:
    yield "| setting | default | meaning | variable |"
    yield "|---|---|---|---|"
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            continue
        computed = field.default is PydanticUndefined
        default = "" if computed or field.default in ("", None, ()) else f"`{field.default}`"
        meaning = docs.get(name, "").replace("|", "\\|")
        yield f"| `{name}` | {default} | {meaning} | `NARRATOR_{inner}{name.upper()}` |"


def _docstrings(path: Path) -> dict[str, dict[str, str]]:
    """Class -> field -> the docstring below it."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(node, ast.ClassDef):
            continue
        fields = found[node.name] = {}
        for field, below in zip(node.body, node.body[1:], strict=False):
            match field, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    fields[name] = " ".join(text.split())
    return found


# Command line


def command_line() -> str:
    """The page of all commands."""
    root = typer.main.get_command(app)
    lines = ["# Command line\n", f"Version {narrator.__version__}. {EPILOG}\n"]
    for path, command in _commands(root, ("narrator",)):
        lines += [f"## {' '.join(path)}\n", *_command(path, command)]
    return "\n".join(lines)


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", {})
    if not inner:
        yield path, command
    for name, each in inner.items():
        yield from _commands(each, (*path, name))


def _command(path: tuple[str, ...], command: Any) -> Iterator[str]:
    context = click.Context(command, info_name=" ".join(path))
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```text\n{' '.join(path)} {usage}\n```\n"
    yield _plain(command.help or "")
    yield "\n| argument or option | meaning |\n|---|---|"
    for parameter in command.params:
        names = ", ".join([*parameter.opts, *parameter.secondary_opts])
        if parameter.param_type_name == "argument":
            names = parameter.metavar or parameter.name.upper()
        meaning = _plain(getattr(parameter, "help", "") or "").replace("|", "\\|")
        yield f"| `{names}` | {' '.join(meaning.split())} |"
    yield ""


def _plain(text: str) -> str:
    """Help without the marks of Rich; examples of commands as code."""
    bare = re.sub(r"\[/?[a-z]+\]", "", text)
    return re.sub(r"(?m)^(narrator .*)$", r"    \1", bare)


# HTTP


def http() -> str:
    """The page of all routes."""
    document = create_app(Settings()).openapi()
    lines = [
        "# HTTP\n",
        "A running service describes itself at `/docs`, and for programs at `/openapi.json`.",
        "Errors are problems as RFC 9457 has them; `/problems` explains each kind.\n",
    ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            lines += [f"## {method.upper()} {path}\n", operation.get("description", ""), ""]
            lines += ["| answer | meaning |", "|---|---|"]
            for status, told in operation["responses"].items():
                lines.append(f"| {status} | {' '.join(told['description'].split())} |")
            lines.append("")
    return "\n".join(lines)
