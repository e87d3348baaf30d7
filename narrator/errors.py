"""Everything that `narrator` raises on purpose.

NarratorError
├── UsageError            what was asked makes no sense: an unknown option value
│   ├── UnknownVoice
│   ├── UnknownLanguage
│   └── UnknownFormat
├── SourceError           the article cannot be had
│   ├── SourceNotFound
│   ├── SourceUnreadable  binary, undecodable, a folder, too large, an answer that is no page
│   ├── NothingToSay      it holds no words
│   └── FetchError        the address cannot be fetched, or must not be
├── LexiconError          a lexicon that cannot be understood
├── SettingsError         a setting of an unknown name or an impossible value
├── VoiceError            a voice whose files are missing or are not the ones catalogued
├── SpeechError           the engine could not speak a sentence
├── AudioError            a sound could not be decoded or encoded
├── LibraryError          the library is damaged or cannot be written
├── SiteError             a site folder that is damaged or in use
├── StorageFull           no space left on the device
├── Abandoned             whoever wanted the narration does so no longer
└── BenchError            something to be measured did not run

Each message says what was wrong, with which value, and what to do.
"""


class NarratorError(Exception):
    """Anything that `narrator` refuses or fails to do; its text is for people."""


class UsageError(NarratorError):
    """What was asked makes no sense."""


class UnknownVoice(UsageError):
    """No voice of that id in the catalogue."""


class UnknownLanguage(UsageError):
    """No rules for that language, or no voice that speaks it."""


class UnknownFormat(UsageError):
    """No audio format of that name."""


class SourceError(NarratorError):
    """The article cannot be had."""


class SourceNotFound(SourceError):
    """Nothing is there."""


class SourceUnreadable(SourceError):
    """Something is there that is no article: a folder, a binary file, too large a text."""


class NothingToSay(SourceError):
    """The article holds no words."""


class FetchError(SourceError):
    """The address cannot be fetched, or must not be."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        """`status` is what the server answered, 0 where none did."""
        super().__init__(message)
        self.status = status


class LexiconError(NarratorError):
    """A lexicon that cannot be understood."""


class SettingsError(NarratorError):
    """A setting of an unknown name or an impossible value."""


class VoiceError(NarratorError):
    """A voice whose files are missing or are not the ones catalogued."""


class SpeechError(NarratorError):
    """The engine could not speak a sentence."""


class AudioError(NarratorError):
    """A sound could not be decoded or encoded."""


class LibraryError(NarratorError):
    """The library is damaged or cannot be written."""


class SiteError(NarratorError):
    """A site folder, or a file in it, is damaged, in use or not what it should be."""


class StorageFull(NarratorError):
    """No space is left where the library or the output is written."""


class Abandoned(NarratorError):
    """Whoever wanted the narration does so no longer."""


class BenchError(NarratorError):
    """Something that was to be measured did not run."""
