"""What of a text is left from the e-mail that it was: its header above, a signature below."""

from __future__ import annotations

import re

from narrator.model import Omission
from narrator.reading.blocks import has_words, omission

_SUBJECTS = r"subject|betreff|objet|asunto|тема"
_FIELDS = (
    r"from|to|cc|bcc|date|sent|reply-to|importance|von|an|kopie|datum|gesendet|de|à|envoyé|date"
    r"|para|enviado|enviado el|fecha|от|от кого|кому|копия|дата|отправлено"
)
_FIELD = re.compile(
    rf"\s{{0,3}}(?:(?P<subject>{_SUBJECTS})|{_FIELDS})\s?:\s*(?P<value>.*)", re.IGNORECASE
)
_FORWARDED = re.compile(
    r"\W*(?:(?:begin )?forwarded message|weitergeleitete nachricht|message transféré"
    r"|mensaje reenviado|пересылаемое сообщение|original message|ursprüngliche nachricht)\W*",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"^(?:(?:re|fwd?|aw|wg|tr|rv|отв|пересл)\s?:\s*)+", re.IGNORECASE)

_LEAST_FIELDS = 2
"""Fields besides the subject that make a header of lines with colons."""

_SIGNATURE_LINES = 12
"""Lines below the two dashes at most: more is rather text below a rule."""


def without_mail(text: str) -> tuple[str, tuple[Omission, ...]]:
    """The text of an e-mail below its subject, and what is left out; other text as it is."""
    lines = text.split("\n")
    body, left_out = _below_header(lines)
    end = _start_of_signature(body)
    signed = "\n".join(body[end:])
    if has_words(signed):
        left_out = (*left_out, omission(signed, "signature"))
    return "\n".join(body[:end]), left_out


def _below_header(lines: list[str]) -> tuple[list[str], tuple[Omission, ...]]:
    start = 0
    while start < len(lines) and (not lines[start].strip() or _FORWARDED.fullmatch(lines[start])):
        start += 1
    subject, fields, end = "", 0, start
    while end < len(lines) and lines[end].strip():
        field = _FIELD.fullmatch(lines[end])
        if field is None and not (fields and lines[end][0] in " \t"):
            return lines, ()
        if field and field["subject"]:
            subject = field["value"].strip()
        elif field:
            fields += 1
        end += 1
    if not subject or fields < _LEAST_FIELDS:
        return lines, ()
    header = "\n".join(lines[:end])
    return [_ANSWER.sub("", subject), "", *lines[end:]], (omission(header, "e-mail header"),)


def _start_of_signature(lines: list[str]) -> int:
    """The line of two dashes below which the writer signs; beyond the last where there is none."""
    first = max(1, len(lines) - _SIGNATURE_LINES - 1)
    for i in range(first, len(lines)):
        if lines[i] in ("-- ", "--") and any(map(str.strip, lines[:i])):
            return i
    return len(lines)
