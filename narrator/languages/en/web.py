"""Addresses and code in running text: URLs, e-mail, @handles, #hashtags, paths, snake_case, C++."""

from __future__ import annotations

import re

from narrator.languages import Change
from narrator.languages.en.capitals import SHOUTED, SPELLED
from narrator.languages.en.context import word_before
from narrator.languages.en.rule import Reading, Rule, any_of, letters_of, listed
from narrator.languages.en.words import cardinal, digits, model

DOMAINS = listed(
    """
    com org net edu gov mil int info biz io ai co app dev me tv uk us eu de fr es it nl ru ua by pl
    cz ch at se no fi dk jp cn kr in au nz ca br mx za ie be pt gr tr il sg hk tw xyz tech news
    blog shop site online cloud ly gg fm
    """
)
WORD_DOMAINS = listed(
    """
    com org net edu gov mil int info biz app dev me xyz tech news blog shop site online cloud co
    """
)

FILE_TYPES = listed(
    """
    txt md csv tsv json toml yaml yml xml html htm css js ts tsx jsx py rb rs go java kt c h cpp hpp
    cs sh bat exe dll so ini cfg conf log lock sql db pdf doc docx xls xlsx ppt pptx zip gz tar rar
    7z jpg jpeg png gif svg webp mp3 mp4 wav flac ogg avi mov iso deb rpm apk whl ipynb env
    """
)
FILE_SPELLED = listed(
    """
    md csv tsv html htm css js ts tsx jsx py rb rs kt c h cs sh dll so db pdf xls xlsx ppt gz
    mp3 mp4 rpm apk sql xml svg cpp hpp exe
    """
)

URL = re.compile(
    rf"(?<![\w@.])<?(?:(?:https?|ftp)://|www\.)(?P<host>[\w-]{{1,63}}"
    rf"(?:\.[\w-]{{1,63}}){{0,8}})(?P<rest>(?::\d{{1,5}})?(?:[/?#][^\s<>\"“”\uffff]*)?)"
    rf"|(?<![\w@./-])(?P<bare>(?:[A-Za-z0-9-]{{1,63}}\.){{1,5}}(?:{any_of(DOMAINS)}))"
    r"(?P<rest2>/[^\s<>\"“”\uffff]*)?(?![\w@]|\.\w)"
)
EMAIL = re.compile(
    r"(?P<open><)?(?<![\w.+-])(?P<user>[A-Za-z0-9_.+-]{1,64})@(?P<host>[A-Za-z0-9-]{1,63}"
    r"(?:\.[A-Za-z0-9-]{1,63}){1,6})(?!\w)(?(open)>?)"
)
HANDLE = re.compile(
    r"(?<![\w@])@(?P<name>[A-Za-z0-9_]{1,40}(?:@[\w.-]{1,60}\w|(?:\.[a-z0-9-]{1,30}){0,3}"
    r"\.(?:com|org|net|edu|gov|io|uk|social)(?!\w))?)"
)
HASHTAG = re.compile(r"(?<![\w&#])#(?P<name>(?=\w{0,59}[^\W\d_])\w{1,60})")
PATH = re.compile(
    r"(?<![\w/<.:])(?P<path>(?:~|\.{1,2})?(?:/[\w.+@-]{1,80}){2,20}/?|(?:~"
    r"|\.{1,2})/[\w.+@-]{1,80}/?|[A-Z]:\\[\w.\\ -]{1,120}\w|(?<=\s)/(?:etc|usr|var|tmp|home|dev"
    r"|bin|opt|proc|sys|root|boot|lib|mnt)\b/?)(?!\w)"
)
FILE = re.compile(
    rf"(?<![\w.@/-])(?P<stem>\.?[A-Za-z0-9_][\w-]{{0,60}}(?:\.[\w-]{{1,20}}){{0,3}})\."
    rf"(?P<type>{any_of(FILE_TYPES)}|JPE?G|PNG|PDF|GIF|MP[34]|MOV|ZIP|TXT|CSV|DOCX?|XLSX?|EXE|HTML?"
    rf"|WAV)(?!\w|\.\w)"
)
EXTENSION = re.compile(
    rf"(?<![\w.])\.(?P<type>{any_of(FILE_TYPES | DOMAINS)}|NET|gitignore|dockerignore|bashrc"
    rf"|profile|ssh)(?!\w)"
)
SNAKE = re.compile(
    r"(?<![\w])_{0,2}(?=[A-Za-z0-9])(?:[A-Za-z0-9]{1,40}_{1,2}){1,12}[A-Za-z0-9]{0,40}(?:\(\))?"
    r"|(?<!\w)_{1,2}[A-Za-z0-9]{1,40}_{0,2}(?:\(\))?(?!\w)"
)
CALL = re.compile(r"(?<![\w.])(?P<name>[A-Za-z][\w.]{0,60})\(\)")
CAMEL = re.compile(
    r"(?<![\w.])(?P<word>[a-z]{2,20}(?:[A-Z][a-z0-9]{1,20}){1,6}|[a-z]{1,20}"
    r"(?:[A-Z][a-z]{2,20}){2,6})(?!\w)"
)
LANGUAGE_NAMES = re.compile(
    r"(?<!\w)(?P<name>C\+\+(?P<number>\d\d)?|[CFJ]#|[gG]\+\+|Notepad\+\+|Objective-C|ASP\.NET"
    r"|Node\.js|Vue\.js|Next\.js|D3\.js|\.NET)(?!\w)"
)
NAMES = {
    "C#": "C sharp", "F#": "F sharp", "J#": "J sharp", "g++": "g plus plus", "G++": "G plus plus",
    "Notepad++": "Notepad plus plus", "Objective-C": "Objective C", "ASP.NET": "ASP dot net",
    "Node.js": "Node JS", "Vue.js": "Vue JS", "Next.js": "Next JS", "D3.js": "D three JS",
    ".NET": "dot net",
}  # fmt: skip

KEEP_CAMEL = listed(
    """
    mmHg inHg iPhone iPad iPod iMac iCloud iTunes eBay macOS iOS iPadOS watchOS tvOS visionOS
    youTube
    """
)


def url(match: re.Match[str]) -> Reading:
    """The host, "example dot com", and after it a path of few plain words, "slash help"; a longer
    one tells a listener nothing."""
    written = match[0]
    host = match["host"] or match["bare"]
    if match["bare"] and not _is_host(match):
        return None
    tail = written[len(written.rstrip(".,;:!?)]}'\"")) :]
    if match["host"] is None and not match["rest2"]:
        tail = ""
    spoken = spoken_host(host.removeprefix("www."))
    end = match.end() - len(tail)
    if written[0] == "<" and match.string[end : end + 1] == ">":
        end += 1
    if written.endswith(")") and written.count("(") == written.count(")"):
        end = match.end()
    port = re.match(r":(\d+)", match["rest"] or "")
    if port:
        spoken += f" port {_number(port[1])}"
    way = (match["rest"] or match["rest2"] or "").rstrip(".,;:!?)]}'\"")
    if WORDED.fullmatch(way):
        spoken += "".join(f" slash {_step(step)}" for step in way.split("/") if step)
    return (Change(match.start(), end, spoken, ""),)


def _step(step: str) -> str:
    """A part of a path: its words, if it is written in one as camel case."""
    return camel_words(step) if not step.islower() and not step.isupper() else _piece(step)


WORDED = re.compile(r"(?=.{2,40}$)(?:/[A-Za-z]{1,20}(?:-[A-Za-z]{1,20}){0,2}){1,3}/?")
"""The path of an address that can be said: /help/refunds."""


def _is_host(match: re.Match[str]) -> bool:
    """Whether "name.in" is an address and not the end of a sentence without a blank."""
    name, _, domain = match["bare"].rpartition(".")
    if (
        domain in ("com", "org", "net", "edu", "gov", "io", "ai", "info", "dev", "app", "co")
        or match["rest2"]
    ):
        return domain != "net" or name.upper() != "ASP"
    return name[1:].islower() and domain in (
        "uk",
        "de",
        "fr",
        "eu",
        "tv",
        "ru",
        "fm",
        "gg",
        "ly",
        "xyz",
        "tech",
        "ch",
        "jp",
        "cn",
        "au",
        "ca",
        "nl",
        "se",
        "pl",
        "ua",
        "by",
        "gov",
        "news",
        "blog",
    )


def spoken_host(host: str) -> str:
    """ "example dot co dot UK"."""
    pieces = host.split(".")
    said = [_piece(piece) for piece in pieces[:-1]]
    last = pieces[-1]
    if last:
        letters = " ".join(last.upper()) if last.upper() in SHOUTED else last.upper()
        said.append(last if last in WORD_DOMAINS or len(last) > 3 else letters)
    return " dot ".join(filter(None, said))


def _piece(text: str) -> str:
    """The words of a name written in one: digits read, hyphens and underscores as blanks."""
    runs = re.findall(r"\d+|[^\W\d_]+", text)
    return " ".join(_number(run) if run[0].isdecimal() else _lettered(run) for run in runs)


def _lettered(run: str) -> str:
    """The letters in capitals where they can be no word: "nps" of nps.gov, the "en" of a path."""
    letters = run.upper()
    if run in WORD_DOMAINS:
        return run
    short = len(run) < 5 and (letters in SPELLED or not re.search("[aeiouy]", run))
    short = short or (len(run) == 2 and run not in SHORT_WORDS)
    return letters if run.islower() and len(run) > 1 and short else run


SHORT_WORDS = listed(
    "on in at of to by my me we go so do no it is as an or if up he be am us hi oh"
)


def _number(run: str) -> str:
    return model(run) if len(run) <= 4 else digits(run)


def email(match: re.Match[str]) -> Reading:
    """ "bob dot smith at example dot com"."""
    user = re.sub(r"[.]", " dot ", match["user"].strip("."))
    said = " ".join(
        {"dot": "dot", "+": "plus", "_": "underscore", "-": "dash"}.get(
            run, run if not run[0].isdecimal() else _number(run)
        )
        for run in re.findall(r"\d+|[^\W\d_]+|[+_-]", user)
    )
    return f"{said} at {spoken_host(match['host'])}"


def handle(match: re.Match[str]) -> Reading:
    """ "at openai"."""
    return "at " + camel_words(match["name"].replace("@", " at ").replace(".", " dot "))


def hashtag(match: re.Match[str]) -> Reading:
    """ "hashtag climate action", "hash define"; the #4B of an apartment is no hashtag, and "the
    hashtag #climate" says it already."""
    if word_before(match).casefold() in ("hashtag", "hashtags"):
        return camel_words(match["name"])
    if re.fullmatch(r"\d{1,5}[A-Za-z]{1,2}", match["name"]):
        return None
    sign = "hash" if match["name"] in DIRECTIVES else "hashtag"
    return f"{sign} " + camel_words(match["name"])


DIRECTIVES = listed("define undef include if ifdef ifndef else elif endif pragma error")
"""Words of the preprocessor of C."""


def camel_words(name: str) -> str:
    """The words of camelCase or snake_case."""
    runs = re.findall(r"[A-Z]+s?(?![a-z])|[A-Z]?[a-zß-ÿ]+|\d+|[^\W\d_]+", name)
    return " ".join(
        _number(run) if run[0].isdecimal() else run.upper() if run in CAPITALIZED else run
        for run in runs
    )


CAPITALIZED = listed("Id Ids Url Uri Api Html Css Xml Sql Http Https Ui Db Pdf Os Cpu Gpu Dns Tls")
"""Initialisms as they stand in a camel's hump."""


def path(match: re.Match[str]) -> Reading:
    """ "slash usr slash local"."""
    written = match["path"].rstrip(".") or match["path"]
    if re.fullmatch(r"(?:/\d+)+/?", written):
        return None
    said = []
    for run in re.findall(r"[/\\]|~|:|\.+|\d+|[^\W\d_]+", written):
        if run == ":":
            said.append("colon")
        elif run in "/\\":
            said.append("slash" if run == "/" else "backslash")
        elif run == "~":
            said.append("tilde")
        elif run[0] == ".":
            said += ["dot"] * len(run)
        else:
            said.append(_number(run) if run[0].isdecimal() else run)
    if said[-1] == "slash" and len(said) > 1:
        said.pop()
    return (Change(match.start(), match.start() + len(written), " ".join(said), ""),)


def file_name(match: re.Match[str]) -> Reading:
    """ "config dot yaml", "main dot PY"."""
    stem = match["stem"]
    kind = match["type"]
    if kind in (
        "so",
        "c",
        "h",
        "go",
        "env",
        "java",
        "log",
        "lock",
        "doc",
        "mov",
        "db",
        "in",
    ) and not re.search(r"[a-z_]$", stem):
        return None
    if (
        kind in ("so", "go", "lock", "log", "c", "h")
        and stem[0].isupper()
        and stem.lower() == stem.lower().title()
    ):
        return None
    if len(kind) == 1 and len(stem.rpartition(".")[2]) == 1:
        return None  # "m.p.h"
    said = " dot ".join(filter(None, (_piece(p) for p in stem.lstrip(".").split("."))))
    said = ("dot " if stem[0] == "." else "") + said
    return f"{said} dot {_type(kind)}"


def _type(kind: str) -> str:
    if kind.lower() in ("mp3", "mp4"):
        return f"MP {cardinal(int(kind[2]))}"
    if kind == "7z":
        return "seven Z"
    if kind in DOMAINS and kind not in WORD_DOMAINS and kind not in FILE_TYPES and len(kind) < 4:
        return kind.upper()
    letters = kind.upper()
    if kind.lower() not in FILE_SPELLED:
        return kind.lower()
    return " ".join(letters) if letters in SHOUTED else letters


def extension(match: re.Match[str]) -> Reading:
    """ "dot PDF"."""
    return f"dot {_type(match['type'].lower())}"


def snake(match: re.Match[str]) -> Reading:
    """ "snake case"."""
    return camel_words(match[0].replace("()", "")) or None


def call(match: re.Match[str]) -> Reading:
    """ "print" for print()."""
    return (
        camel_words(match["name"].replace(".", " dot "))
        if "." not in match["name"]
        else " dot ".join(camel_words(p) for p in match["name"].split(".") if p)
    )


def camel(match: re.Match[str]) -> Reading:
    """ "camel case"."""
    word = match["word"]
    return None if word in KEEP_CAMEL else camel_words(word)


def language_name(match: re.Match[str]) -> Reading:
    """ "C plus plus", "C sharp", "dot net"."""
    if match["number"]:
        return f"C plus plus {cardinal(int(match['number']))}"
    return NAMES.get(match["name"], "C plus plus")


EMAIL_RULE = Rule(EMAIL, email, frozenset("@"))
URL_RULE = Rule(URL, url, frozenset("./"))
HANDLE_RULE = Rule(HANDLE, handle, frozenset("@"))
HASHTAG_RULE = Rule(HASHTAG, hashtag, frozenset("#"))
PATH_RULE = Rule(PATH, path, frozenset("/\\"))
FILE_RULE = Rule(FILE, file_name, frozenset("."))
EXTENSION_RULE = Rule(EXTENSION, extension, frozenset("."))
SNAKE_RULE = Rule(SNAKE, snake, frozenset("_"))
CALL_RULE = Rule(CALL, call, frozenset("("), frozenset(")"))
CAMEL_RULE = Rule(CAMEL, camel)
LANGUAGE_RULE = Rule(
    LANGUAGE_NAMES, language_name, frozenset("+#.-"), words=letters_of(NAMES) | frozenset("C")
)
