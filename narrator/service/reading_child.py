"""What a reader process does: it reads documents of strangers and plans their narrations.

A reader is a process that can be killed: by its parent at the deadline, by the system where it
needs too much memory or its parent is gone. It opens no file but lexicons and asks no network.
"""

from __future__ import annotations

import ctypes
import fcntl
import multiprocessing
import os
import pickle
import resource
import select
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from narrator.errors import NarratorError, TooCostly
from narrator.model import Article, Plan, Voice
from narrator.planning import plan
from narrator.reading import TextFormat, read_bytes, read_text
from narrator.service.logs import request_id, set_up
from narrator.service.offer import offered_voice
from narrator.settings import Settings

LATE = 5.0
"""Seconds beyond the deadline after which a reader ends itself, should nobody else do it."""

MUCH = 0.5
"""Part of its memory from which on a document is taken to have failed for want of it."""

FULL = 0.95
"""Part of its memory from which on no document is taken to be read whole: some library may have
done without what it could not get."""

LESS = "Send the text of the article only, or split it."
"""What helps where a document costs too much."""

_STATUS = Path("/proc/self/status")
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of <sys/prctl.h>."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is to be read and planned, and what was asked for with it."""

    content: str | bytes | Article
    """An Article is planned only."""
    name: str
    """For messages; the address of a page."""
    format: TextFormat | None = None
    """None only for bytes."""
    content_type: str = ""
    charset: str = ""
    url: str = ""
    title: str = ""
    """Instead of the document's own, like `language`."""
    language: str = ""
    voice: str = ""
    speed: float | None = None
    trace: str = ""
    """Id of the HTTP request that it came with."""

    @property
    def size(self) -> int:
        """Bytes or characters, about."""
        if isinstance(self.content, Article):
            return sum(len(block.text) for block in self.content.blocks)
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Terms:
    """By what rules documents are read, and what one may cost."""

    settings: Settings
    """Without keys and passwords."""
    identities: Mapping[str, str]
    """Voice id -> identity of its engine."""
    memory: int
    """Bytes."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that nobody foresaw."""

    trace: str


Outcome = Plan | Article | NarratorError | Fault
"""An Article is of one that a person recorded: only the parent may fetch the recording."""


@dataclass(frozen=True, slots=True)
class _Identified:
    identity: str


@dataclass(frozen=True, slots=True)
class _Drafting:
    """A studio in which plans are drawn and nothing is spoken."""

    settings: Settings
    identities: Mapping[str, str]

    def engine(self, voice: Voice) -> _Identified:
        """What names the segments of a voice."""
        return _Identified(self.identities[voice.id])


def begin(log: str) -> None:
    """Make this process a reader: it ends with its parent and with the process that forked it, and
    is the first to be killed where the machine runs out of memory."""
    from narrator.service.reading_server import SERVER

    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # A service manager tells all; the parent kills.
    set_up("text" if log == "text" else "json")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != SERVER != os.getpid():
            os._exit(1)
        _end_with_parent()


def _end_with_parent() -> None:
    """Have the kernel kill this process when the other end of the pipe to its parent is closed,
    whatever this process is doing then."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    end = parent.sentinel
    fcntl.fcntl(end, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(end, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(end, fcntl.F_SETFL, fcntl.fcntl(end, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([end], [], [], 0)[0]:
        os._exit(1)


def warm(terms: Terms) -> tuple[bytes, int, bool]:
    """Read an example, so that the site's language and lexicon are loaded; the same as `read`."""
    return read(terms, Document("Tea is warm.", "the example", "text"))


def read(terms: Terms, document: Document) -> tuple[bytes, int, bool]:
    """The Outcome, pickled; the bytes that the process holds now; whether it needed so much on the
    way that what the next one needs could not be told."""
    request_id.set(document.trace)
    before = _told("VmSize")
    try:
        with _bounded(terms):
            pickled = pickle.dumps(_planned(terms, document), -1)
        failed = False
    except MemoryError:
        pickled, failed = b"", True
    except NarratorError as error:
        pickled, failed = _pickled(error), False
    except Exception:
        # Parsers in C have other words for it: "unknown error".
        failed = _told("VmPeak") - before > terms.memory * MUCH
        pickled = pickle.dumps(Fault(traceback.format_exc()))
    needed = _told("VmPeak") - before
    if failed or needed > terms.memory * FULL:
        pickled = pickle.dumps(
            TooCostly(
                f"Reading {document.name} needs more than {terms.memory / 1e6:.0f} MB of memory "
                f"(read_memory). {LESS}"
            )
        )
    return pickled, held(), needed > terms.memory * MUCH


def _planned(terms: Terms, document: Document) -> Plan | Article:
    settings = terms.settings
    found = _article(settings, document)
    article = replace(
        found,
        title=document.title or found.title,
        language=document.language or found.language,
    )
    if article.recording:
        return article
    if asked := document.voice or settings.voice or article.voice:
        offered_voice(asked, settings.service)
    drafting = _Drafting(settings, terms.identities)
    return plan(drafting, article, voice=document.voice, speed=document.speed)


def _article(settings: Settings, document: Document) -> Article:
    match document.content:
        case Article() as article:
            return article
        case bytes() as data:
            return read_bytes(
                data, document.format, name=document.name, content_type=document.content_type,
                charset=document.charset, url=document.url, policy=settings.policy,
                limit=settings.service.article_limit,
            )  # fmt: skip
        case text:
            return read_text(
                text, document.format or "text", name=document.name, url=document.url,
                policy=settings.policy, limit=settings.service.article_limit,
            )  # fmt: skip


def _pickled(error: NarratorError) -> bytes:
    """An error that comes out of its pickle as what it was; a plain one where it would not."""
    try:
        data = pickle.dumps(error)
        pickle.loads(data)
    except Exception:
        return pickle.dumps(NarratorError(str(error)))
    return data


@contextmanager
def _bounded(terms: Terms) -> Iterator[None]:
    """MemoryError where the block takes more memory than it may (Linux); the process ends where
    the block outlasts its deadline and the parent does not look."""
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    bound = held() + terms.memory
    if sys.platform == "linux" and (most == resource.RLIM_INFINITY or bound < most):
        resource.setrlimit(resource.RLIMIT_DATA, (bound, most))
    signal.setitimer(signal.ITIMER_REAL, terms.seconds + LATE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def held() -> int:
    """Bytes of memory that RLIMIT_DATA counts; 0 where the system does not tell."""
    return _told("VmData")


def _told(what: str) -> int:
    """Bytes, as the kernel tells them of this process."""
    try:
        status = _STATUS.read_text("ascii", "replace")
    except OSError:
        return 0
    _, _, after = status.partition(f"{what}:")
    return int(after.split(maxsplit=1)[0]) * 1024 if after else 0
