"""Which addresses may leave in a link: http and https, to a host, without a name or password."""

from __future__ import annotations

import re
from html import unescape

import ada_url

_CLEAN = re.compile(
    r"https?://[^\s/?#\\@<>\"'`{}|^\x00-\x20\x7f]+[^\s\\<>\"`{}|^\x00-\x20\x7f\ud800-\udfff]*", re.I
)
"""An address that every reader takes for the same, as it is written."""

_SCHEMED = re.compile(r"[\x00-\x20]*[a-z][a-z0-9+.\t\r\n-]*:", re.I)
"""How what is no path begins."""

_NOWHERE = "http://nowhere.invalid/a/"
"""Where a path is tried."""


def web_address(written: str) -> str:
    """The http or https address that is written, as browsers read it; empty where it is none, or
    one with a name or a password in it (which hides the host from people)."""
    text = written.strip()
    url = _parsed(text)
    if url is None or str(url.protocol) not in ("http:", "https:"):
        return ""
    if not str(url.hostname) or url.username or url.password:
        return ""
    return text if _CLEAN.fullmatch(text) else str(url.href)


def address_or_path(written: str) -> str:
    """The same, or a path of the same site or folder, as it is written; empty where it is an
    address of another kind, or of another host without its scheme."""
    text = written.strip()
    if address := web_address(text):
        return address
    for form in {text, unescape(text)}:  # Some readers unescape what others escaped.
        if _parsed(form) is not None or _SCHEMED.match(form):
            return ""
        joined = _parsed(form, _NOWHERE)
        if joined is None or str(joined.origin) != str(ada_url.URL(_NOWHERE).origin):
            return ""
        if joined.username or joined.password:
            return ""
    return text


def _parsed(text: str, base: str | None = None) -> ada_url.URL | None:
    try:
        return ada_url.URL(text, base) if base else ada_url.URL(text)
    except (ValueError, UnicodeError):
        return None
