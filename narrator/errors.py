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
│   ├── TooCostly         to read it takes more time or memory than it may
│   └── FetchError        the address cannot be fetched, or must not be
│       └── HostNotAllowed  the service does not fetch from there
├── LexiconError          a lexicon that cannot be understood
├── SettingsError         a setting of an unknown name or an impossible value
├── VoiceError            a voice whose files are missing or are not the ones catalogued
├── SpeechError           the engine could not speak a sentence
├── AudioError            a sound could not be decoded or encoded
│   └── RecordingUnreadable  what an article names as its recording is none
├── LibraryError          the library is damaged or cannot be written
│   └── DamagedRecord     one thing in it is not what was written
├── QueueError            the queue does not answer
├── SiteError             a site folder that is damaged or in use
├── StorageFull           no space left on the device
├── Abandoned             whoever wanted the narration does so no longer
├── Refused               the service does not do what it was asked
│   ├── BadRequest        it cannot be understood
│   ├── KeyNeeded         who asks must show a key
│   ├── NotAllowed        who asks may not
│   ├── NotFound          nothing has that address
│   ├── WrongHost         it was sent to a name that is not ours
│   ├── TakenDown         it was there and has been withdrawn
│   ├── Ambiguous         it would concern several articles
│   ├── TooLarge
│   ├── TooMany           requests of one key or address
│   └── Busy              too much to do already
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


class TooCostly(SourceError):
    """To read it takes more time or memory than it may."""


class FetchError(SourceError):
    """The address cannot be fetched, or must not be."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        """`status` is what the server answered, 0 where none did."""
        super().__init__(message)
        self.status = status


class HostNotAllowed(FetchError):
    """The address is of a host that the service was not told to fetch from."""


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


class RecordingUnreadable(AudioError):
    """What an article names as its recording is no sound, or none that can be used."""


class LibraryError(NarratorError):
    """The library is damaged or cannot be written."""

    public: str = ""
    """What strangers may be told instead of the message, which names places of this machine."""


class DamagedRecord(LibraryError):
    """One thing in the library is not what was written; it harms nothing else."""


class QueueError(NarratorError):
    """The queue that several machines share does not answer, or is none."""


class SiteError(NarratorError):
    """A site folder, or a file in it, is damaged, in use or not what it should be."""


class StorageFull(NarratorError):
    """No space is left where the library or the output is written."""

    public: str = ""
    """See LibraryError."""


class Abandoned(NarratorError):
    """Whoever wanted the narration does so no longer."""


class Refused(NarratorError):
    """The service does not do what it was asked."""

    retry_after: float | None = None
    """Seconds after which to ask again may help."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BadRequest(Refused):
    """What was asked cannot be understood."""


class KeyNeeded(Refused):
    """Who asks must show a key that is known."""


class NotAllowed(Refused):
    """Who asks may not have that done."""


class NotFound(Refused):
    """Nothing has that address."""


class WrongHost(Refused):
    """The request was sent to a name that is not one of the service's."""


class TakenDown(Refused):
    """What had that address has been withdrawn."""


class Ambiguous(Refused):
    """What was asked would concern several articles; the message names them."""


class TooLarge(Refused):
    """A body or an article beyond the limit."""


class TooMany(Refused):
    """More requests of one key or address than are allowed."""


class Busy(Refused):
    """More to do already than is allowed to wait."""


class BenchError(NarratorError):
    """Something that was to be measured did not run."""
