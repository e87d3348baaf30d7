"""What a Source says of itself, as Markdown's front matter and the head of a page tell it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

_DAY_FORMATS = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%Y/%m/%d")
"""Forms of a day that cannot be mistaken for another; 02/03/2024 can, so it is not read."""

_YEAR_OR_MONTH = re.compile(r"[12]\d{3}(?:-(?:0[1-9]|1[0-2]))?")

_SPACE_BEFORE_ZONE = re.compile(r" (?=[+-]\d\d:?\d\d$)")

_LONGEST = 200
"""Characters of a date or of the code of a language; more are neither."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The fields of Article that are not its body; empty where the Source is silent."""

    title: str = ""
    author: str = ""
    date: str = ""
    """ISO 8601."""
    language: str = ""
    url: str = ""
    voice: str = ""
    modified: str = ""
    """ISO 8601."""
    site: str = ""
    image: str = ""
    """Address or path."""
    recording: str = ""
    """Address or path."""
    draft: bool = False


def iso_date(written: str) -> str:
    """The day or time in ISO 8601, empty where it cannot be read without a guess."""
    if len(written) > _LONGEST:
        return ""
    text = _SPACE_BEFORE_ZONE.sub("", " ".join(written.split()))
    if _YEAR_OR_MONTH.fullmatch(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return moment.isoformat() if ":" in text else moment.date().isoformat()
    for form in _DAY_FORMATS:
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, OverflowError):
        return ""


def language_code(written: str) -> str:
    """The BCP 47 code with hyphens ("en_US" is "en-US"), empty where it is none."""
    code = written.strip()
    is_code = len(code) <= _LONGEST and _LANGUAGE.fullmatch(code)
    return code.replace("_", "-") if is_code else ""
