"""One frozen Settings, built once by a command: flags > environment > narrator.toml."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_dir
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as Undecodable

from narrator.css import xpath
from narrator.errors import SettingsError
from narrator.model import Treatment

FILE = "narrator.toml"
"""Looked for in the working folder."""

_PASSWORD = re.compile(r"//([^/?#@:]*):[^/?#@]*@")

TABLES = frozenset({"feed", "languages", "sections", "site", "style"})
"""Its tables that are not settings; who needs one reads it by `file_tables`."""


def _library() -> str:
    try:
        return str(Path(user_data_dir("narrator", appauthor=False)) / "library")
    except RuntimeError:  # There is no home: who opens the library is told so.
        return "~/.local/share/narrator/library"


def _threads() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _readers() -> int:
    return max(2, min(4, _threads()))


def _split(given: object) -> object:
    if not isinstance(given, str):
        return given
    return [part.strip() for part in given.split(",") if part.strip()]


HOST = r"(?i)^(\*|(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:([0-9]{1,5}|\*))?$"
"""What names hosts; see `service.hosts.allowed`."""

Hosts = Annotated[
    tuple[Annotated[str, Field(pattern=HOST)], ...], NoDecode, BeforeValidator(_split)
]
"""A list in narrator.toml; separated by commas in the environment."""


def _network(text: str) -> str:
    return str(ip_network(text, strict=False))


Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode, BeforeValidator(_split)
]
Origin = Annotated[
    str, Field(pattern=r"^(\*|https?://(\*\.)?[A-Za-z0-9_\[][A-Za-z0-9_.:\[\]-]*)$", max_length=300)
]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_split)]


def _or_none(given: object) -> object:
    return {} if given == "" else given  # A variable that is set to nothing.


KeyName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
KeyLine = Annotated[str, Field(pattern=r"^(read|narrate|admin):sha256:[0-9a-f]{64}$")]


def _selector(text: str) -> str:
    xpath(text)
    return text


Selector = Annotated[str, AfterValidator(_selector)]
"""A CSS selector; SettingsError where it is none."""


class ServiceSettings(BaseModel):
    """What `narrator serve` needs to know: the table [service] of narrator.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    """Address to listen at; other than of loopback only where there are keys."""
    port: int = Field(default=8080, ge=0, le=65535)
    """0: any that is free."""
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/?#@]+[^\s?#]*)?$")
    """Where the world finds the service, such as "https://audio.example.org"; links are relative
    without it."""
    public_hosts: Hosts = ()
    """Names that the service answers to besides that of public_url, such as "*.example.org"; ports
    do not count. Empty: see `own_names` in service/gate.py."""
    keys: Annotated[dict[KeyName, KeyLine], BeforeValidator(_or_none)] = Field(default_factory=dict)
    """Name -> "SCOPE:sha256:HEX", as `narrator serve --make-key` prints it. Empty: no key is asked
    for, and the service listens to this machine only."""
    private: bool = False
    """Whether a key is needed to read and to listen, too."""
    open_metrics: bool = False
    """Whether /metrics needs no key though there are keys."""
    hosts: Hosts = ()
    """Hosts whose pages are fetched, such as "example.org" and "*.example.org"; see
    `service.hosts.allowed`. Empty: none are."""
    recheck: float = Field(default=5.0, ge=0, le=525_600)
    """Minutes for which a page is taken to be what it was when it was last looked at."""
    origins: Origins = ()
    """Origins of pages whose scripts may use the service (CORS), such as "https://example.org",
    "https://*.example.org" or "*"; empty: only those on the service's own."""
    count_listening: bool = False
    """Whether players may tell how far articles are heard: sums by article and tenth, no more."""
    trusted_proxies: Networks = ()
    """Addresses or networks of proxies whose X-Forwarded-For is believed."""
    requests_per_minute: int = Field(default=600, ge=0)
    """Requests of one key, or of one address without a key; 0: no limit."""
    makings_per_minute: int = Field(default=60, ge=0)
    """Of those, requests that make or take down; 0: no limit."""
    connections: int = Field(default=1000, ge=1)
    """Open at a time; more are refused."""
    connections_per_address: int = Field(default=100, ge=0)
    """Of those, of one address (IPv6: its /64) that is neither this machine's nor a trusted
    proxy's; 0: no limit."""
    send_seconds: float = Field(default=60.0, gt=0, le=86_400)
    """Time in which whoever asked must read what waits for it; an answer that nobody reads any more
    is cut."""
    head_seconds: float = Field(default=10.0, gt=0, le=3600)
    """Time in which the head of a request must come."""
    body_seconds: float = Field(default=60.0, gt=0, le=86_400)
    """Time in which the body of a request must come."""
    body_limit: ByteSize = Field(default=ByteSize(5_000_000), ge=1000)
    """Size of a request's body, such as "5MB"."""
    article_limit: int = Field(default=200_000, ge=100)
    """Characters that an article may have; a quarter of a million is about four hours."""
    queue_limit: int = Field(default=200, ge=1)
    """Narrations that are being made or wait for it; more are refused."""
    listen_limit: int = Field(default=50, ge=1)
    """Narrations that are made for listeners or wait for it, apart from `queue_limit`."""
    listen_adds: bool = True
    """Whether a page that a listener is the first to ask for becomes an article; else only what a
    key asked for does, and the narration of any other page passes."""
    fetches_per_minute: int = Field(default=120, ge=0)
    """Pages of one host that listeners have fetched, all together, a quarter of them of addresses
    with a query; 0: no limit."""
    passing_limit: ByteSize = Field(default=ByteSize(2_000_000_000), ge=0)
    """Room for narrations that listeners chose, with their sentences; beyond it the least recently
    heard go."""
    passing_hours: float = Field(default=24.0, ge=0, le=87_600)
    """Hours after which such a narration goes that nobody heard meanwhile."""
    workers: int = Field(default=1, ge=1, le=64)
    """Processes that serve; each has its part of `threads`, its own voice in memory, and counts
    connections, queue and makings for itself."""
    readers: int = Field(default_factory=_readers, ge=1, le=64)
    """Documents that are read at the same time, each in a process of its own; as many as cores
    unless said, but at least 2 and at most 4. One caller gets all but one of them."""
    read_seconds: float = Field(default=20.0, gt=0, le=3600)
    """Time in which a document must be read and its script be written."""
    read_memory: ByteSize = Field(default=ByteSize(512_000_000), ge=1_000_000)
    """Memory that this may take, such as "512MB"."""
    makings: int = Field(default=64, ge=1)
    """Narrations in the making at the same time; they share the threads that speak."""
    test_voices: bool = False
    """Whether voices that only tests can use, such as "tone", are offered."""
    keep_voice: bool = True
    """Whether the voice that most articles are spoken with is loaded at the start and kept."""
    keep_earlier: float = Field(default=30.0, ge=0)
    """Days for which the narration of an article stays after another has replaced it; inf: for
    ever."""
    sweep_seconds: float = Field(default=3600.0, gt=0, le=31_536_000)
    """Time between two looks for those to be retired."""
    redirect: float = Field(default=0.0, ge=0, le=604_800)
    """Seconds for which a signed address in the object store of the library stands: finished audio
    is then fetched there, not sent by this process. 0: it is sent."""
    grace: float = Field(default=10.0, ge=0, le=3600)
    """Seconds that open answers are given to finish when the service is told to stop. Whatever it
    does then, it has ended five seconds later."""
    log: Literal["json", "text"] = "json"
    """Form of the log on stderr: one line for each request, with its id."""


class Settings(BaseSettings):
    """What a site or a machine decides for all its narrations."""

    model_config = SettingsConfigDict(
        env_prefix="NARRATOR_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    library: Annotated[str, AfterValidator(lambda given: given or _library())] = Field(
        default_factory=_library
    )
    """Folder or URL of the library; empty: in your data folder."""
    queue: str = ""
    """URL of a queue, such as postgresql://user@host/database: sentences are then spoken by
    `narrator work` on any machine; empty: this process speaks them."""
    voice: str = ""
    """Voice id; empty: the voice that the article names, else the one of its language."""
    language: str = ""
    """BCP 47 code for articles that do not say their own; empty: English. Its region says for all
    that name none how dates are written: 3/4/2024 is in March for en-US, in April for en-GB."""
    speed: float = Field(default=1.0, ge=0.5, le=3.0)
    """1.0 is the voice's own pace."""
    lexicon: Path | None = None
    """A lexicon whose entries come before the shipped ones."""
    emoji: Literal["skip", "name"] = "skip"
    """Whether emoji are left out or called by their names."""
    threads: int = Field(default_factory=_threads, ge=1, le=256)
    """Sentences spoken at the same time; as many as cores unless said."""
    library_limit: ByteSize | None = Field(default=None, ge=0)
    """Room for spoken sentences, such as "20G": beyond it the least recently used go. None: no
    limit."""
    disk_reserve: ByteSize = Field(default=ByteSize(100_000_000), ge=0)
    """Room that is left on the disk of the library: nothing is spoken while there is less."""
    voices_loaded: int = Field(default=3, ge=1)
    """Voices kept in memory at most; the least recently used is dropped for another."""
    voice_idle: float = Field(default=900.0, ge=0, le=31_536_000)
    """Seconds without use after which a voice is dropped from memory."""
    allow_private: bool = False
    """Whether URLs may lead to loopback and private addresses."""
    policy: dict[Selector, Treatment] = Field(default_factory=dict)
    """CSS selector -> how the elements that it matches are treated (ARCHITECTURE.md has the table
    of what is usual); in narrator.toml the table [policy]."""
    contact: str = Field(default="", max_length=200, pattern=r"^[\x21-\x7e]*$")
    """An address or e-mail that sites are told when their feeds and site maps are followed, so
    that their owners can complain."""
    service: ServiceSettings = ServiceSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags and environment; the file comes last and is read by `load_settings`."""
        return init_settings, env_settings, _FileSource(settings_cls)


class _FileSource(PydanticBaseSettingsSource):
    """The settings of narrator.toml; an unknown name in it is refused by the model."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        return {name: value for name, value in _read_file().items() if name not in TABLES}


def file_tables(*names: str) -> dict[str, Any]:
    """The tables of these names in narrator.toml; they must be among TABLES."""
    return {name: value for name, value in _read_file().items() if name in names}


def _read_file() -> dict[str, Any]:
    path = Path(FILE)
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{FILE} cannot be read: {error}. Mend it or move it away.") from error


_PLAIN = re.compile(
    r"PATH|HOME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|DYLD_\w+|VIRTUAL_ENV|PYTHON\w+"
    r"|ORT_\w+|MALLOC_\w+"
)
"""Variables that any process needs; all others may hold a password or a key."""


def forget_secrets() -> None:
    """Remove from the environment of this process what it does not need to run."""
    for name in list(os.environ):
        if not _PLAIN.fullmatch(name):
            del os.environ[name]


@contextmanager
def bare_environment() -> Iterator[None]:
    """Processes that are started in the block inherit no variable that may be secret. To be used
    before there are threads: they share the environment."""
    kept = dict(os.environ)
    forget_secrets()
    try:
        yield
    finally:
        os.environ.update(kept)


def share_metrics(folder: Path) -> None:
    """Have this process and those that it starts count into files of one folder. To be called
    before prometheus_client is imported, which looks here."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


@dataclass(frozen=True, slots=True)
class Told:
    """A setting, and where it was decided."""

    name: str
    """With a dot where it stands in a table of narrator.toml."""
    value: Any
    """As JSON has it; what is secret is hidden."""
    origin: str
    """ "flag", "default", the variable or the file."""


def told_settings(settings: Settings, **flags: object) -> list[Told]:
    """All settings, as `load_settings` found them with these flags."""
    given = {name: value for name, value in flags.items() if value is not None}
    sources = (given, EnvSettingsSource(Settings)(), _read_file())
    found = []
    for path, value in _leaves(settings, ()):
        variable = f"NARRATOR_{'__'.join(path).upper()}"
        origins = ("flag", variable, FILE)
        origin = next(
            (name for name, source in zip(origins, sources, strict=True) if _holds(source, path)),
            "default",
        )
        found.append(Told(".".join(path), _hidden(path[-1], value), origin))
    return found


def _leaves(model: BaseModel, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Names and values of the settings of a table, those of the tables in it last."""
    tables = {name: value for name, value in model if isinstance(value, BaseModel)}
    for name, value in model.model_dump(mode="json", exclude=set(tables)).items():
        exact = getattr(model, name)
        yield (*path, name), exact if isinstance(exact, float) else value
    for name, table in tables.items():
        yield from _leaves(table, (*path, name))


def _holds(source: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(source, dict) or name not in source:
            return False
        source = source[name]
    return True


def _hidden(name: str, value: Any) -> Any:
    """The value without what nobody but its owner should see."""
    if name == "keys":
        return {key: f"{line.partition(':')[0]}:(hidden)" for key, line in value.items()}
    return _PASSWORD.sub(r"//\1:(hidden)@", value) if isinstance(value, str) else value


def load_settings(**flags: object) -> Settings:
    """The settings, where flags that are None count as not given; SettingsError for an unknown
    name or an impossible value."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except Undecodable as error:
        raise SettingsError(
            f"A NARRATOR_ variable cannot be read: {error}. Where a setting is a table, its "
            """variable is JSON, such as '{"name": "value"}'."""
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        names = takewhile(str.isidentifier, map(str, first["loc"]))
        variable = "__".join(names).upper()
        got = "" if "keys" in first["loc"] else f", got {first.get('input')!r}"
        raise SettingsError(
            f"Setting {name!r}: {first['msg']}{got}. "
            f"It is set by a flag, by NARRATOR_{variable} or in {FILE}."
        ) from error
