"""Exit codes: what a script that calls `narrator` can tell from the number alone."""

from __future__ import annotations

from narrator import errors

INTERRUPTED = 130
"""Ctrl-C, as shells count it."""

TERMINATED = 143
"""SIGTERM, as shells count it."""

EXIT_CODES: dict[type[errors.NarratorError], int] = {
    errors.UsageError: 2,
    errors.SettingsError: 2,
    errors.LexiconError: 2,
    errors.SourceError: 3,
    errors.VoiceError: 4,
    errors.SpeechError: 5,
    errors.AudioError: 6,
    errors.LibraryError: 7,
    errors.QueueError: 7,
    errors.SiteError: 7,
    errors.StorageFull: 8,
    errors.BenchError: 9,
}
"""The nearest ancestor counts; 0 is success, 1 an unfavourable answer (`library verify`)."""

EPILOG = (
    "Exit codes: 0 done · 1 something found wrong (check, library verify), or some articles failed "
    "(prerender) · 2 wrong option, setting or lexicon · 3 the article cannot be had · 4 the voice "
    "cannot be loaded · 5 a sentence cannot be spoken · 6 sound cannot be decoded or encoded · 7 "
    "library, queue or site folder damaged, in use or not there · 8 no space left · "
    "9 a contender of the bench did not run · 130 interrupted."
)


def exit_code(error: errors.NarratorError) -> int:
    """The exit code of an error."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
