"""What is typed at a prompt: options, redirections, masks, prompts, versions of packages."""

from __future__ import annotations

import re

from narrator.languages.en.rule import DIGITS, Reading, Rule
from narrator.languages.en.web import camel_words
from narrator.languages.en.words import cardinal, digits

FLAG = re.compile(
    r"(?<![\w-])--(?P<long>[a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30}){0,5})(?![\w-])"
    r"|(?<![^\s\"“'‘(`])(?P<dash>-)(?=[A-Za-z]\d(?!\w))"
)
SUBSTITUTION = re.compile(r"\$(?=[({][A-Za-z_])")
PROMPT = re.compile(r"(?<=[a-z])\$(?=\s[a-z])")
REDIRECTION = re.compile(r"(?<=\s)>{1,2}\s?(?=[~.]{0,2}/\w)")
MASK = re.compile(r"(?<=[A-Za-z0-9]_)\*(?=_[A-Za-z0-9])")
PACKAGE = re.compile(
    r"(?<![\w.])(?:(?P<epoch>\d{1,2}):)?(?P<upstream>\d{1,4}(?:\.\d{1,8}){1,5}"
    r"(?=[\w.-]{0,20}[+~])(?:[+~-][A-Za-z0-9]{1,20}(?:\.[A-Za-z0-9]{1,20}){0,4}){1,6})(?!\w)"
)
"""A version that a distribution gave: 2:4.13.13+dfsg-1~deb11u3."""
_PIECE = re.compile(r"[A-Za-z]+|\d+|[+~.]")
_SIGNS = {"+": "plus", "~": "tilde", ".": "point"}


def flag(match: re.Match[str]) -> Reading:
    """ "dash dash verbose", "dash" of -O2."""
    return f"dash dash {camel_words(match['long'])}" if match["long"] else "dash "


def unsaid(match: re.Match[str]) -> Reading:
    """Nothing for the sign of $(MAKE) and ${HOME}, and for the one at which a command is typed."""
    return ""


def redirection(match: re.Match[str]) -> Reading:
    """ "to": where the output goes."""
    return "to "


def mask(match: re.Match[str]) -> Reading:
    """ "star" of DEB_*_ARCH."""
    return " star "


def package(match: re.Match[str]) -> Reading:
    """ "two colon four point thirteen plus D F S G one"."""
    said = [_piece(piece) for piece in _PIECE.findall(match["upstream"])]
    epoch = f"{cardinal(int(match['epoch']))} colon " if match["epoch"] else ""
    return epoch + " ".join(said)


def _piece(written: str) -> str:
    if written.isdigit():
        return digits(written) if written[0] == "0" else cardinal(int(written))
    if written in _SIGNS:
        return _SIGNS[written]
    return written if set(written) & set("aeiouyAEIOUY") else " ".join(written.upper())


EARLY_RULES: tuple[tuple[str, Rule], ...] = (
    ("code", Rule(SUBSTITUTION, unsaid, frozenset("$"))),
    ("code", Rule(PROMPT, unsaid, frozenset("$"))),
    ("code", Rule(REDIRECTION, redirection, frozenset(">"))),
    ("code", Rule(MASK, mask, frozenset("*"))),
    ("version", Rule(PACKAGE, package, frozenset("+~"), DIGITS)),
)
"""Before paths and file names, of which they are no part."""
FLAG_RULE = Rule(FLAG, flag, frozenset("-"))
