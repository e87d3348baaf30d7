"""Initialisms that espeak would read as words or cut short: IMF, WHO, LLMs, U.S., M&A, plan A."""

from __future__ import annotations

import re
from functools import lru_cache

from narrator.languages import Change
from narrator.languages.en.capitals import (
    ACRONYMS,
    HEADED,
    SHOUTED,
    SPELLED,
    WORDS,
    sounds_like_a_word,
)
from narrator.languages.en.context import LETTER_AT_END, after, before, full_stop
from narrator.languages.en.roman import value
from narrator.languages.en.rule import Reading, Rule, letters_of, listed, part
from narrator.languages.en.words import cardinal

LETTERS = {
    "A": "eɪ", "B": "biː", "C": "siː", "D": "diː", "E": "iː", "F": "ɛf", "G": "dʒiː",
    "H": "eɪtʃ", "I": "aɪ", "J": "dʒeɪ", "K": "keɪ", "L": "ɛl", "M": "ɛm", "N": "ɛn",
    "O": "oʊ", "P": "piː", "Q": "kjuː", "R": "ɑːɹ", "S": "ɛs", "T": "tiː", "U": "juː",
    "V": "viː", "W": "dʌbəljuː", "X": "ɛks", "Y": "waɪ", "Z": "ziː",
}  # fmt: skip
"""The names of the letters as espeak's en-us voice says them."""

VOWELS = frozenset("aeiouɑɛɪʊʌɐɔəæ")

SPELLED_MIXED = {
    "MaaS": "", "SaaS": "", "PaaS": "", "IaaS": "", "FaaS": "", "PhD": "PHD", "PhDs": "PHD",
    "BSc": "BSC", "MSc": "MSC", "MPhil": "", "mRNA": "MRNA", "tRNA": "TRNA", "siRNA": "SIRNA",
    "mAb": "MAB", "eSIM": "", "IoT": "IOT", "DVDs": "DVD", "pH": "PH", "kWh": "KWH", "vCPU": "VCPU",
    "xAI": "XAI", "LaTeX": "", "OAuth": "", "IPv": "IPV",
}  # fmt: skip
SOUNDS = {
    "MaaS": "mˈæs", "SaaS": "sˈæs", "PaaS": "pˈæs", "IaaS": "ˈaɪæs", "FaaS": "fˈæs",
    "eSIM": "ˈiːsɪm", "LaTeX": "lˈeɪtɛk", "OAuth": "ˈoʊɔːθ",
}  # fmt: skip

TOKEN = re.compile(
    r"(?<![\w.'-])(?P<word>[A-Z]{2,6})(?P<tail>'?s)?(?![\w]|'\w)|(?<=-)(?P<second>[A-Z]{2,5})"
    r"(?P<tail2>s)?(?!\w)"
)
MIXED = re.compile(
    rf"(?<!\w)(?P<word>{'|'.join(sorted(SPELLED_MIXED, key=len, reverse=True))})(?P<tail>'s)?(?!\w)"
)
DOTTED = re.compile(
    r"(?<![\w.])(?P<letters>[A-Za-z](?:\.[A-Za-z]){1,5}\.?)(?P<tail>'?s)?(?!\w)(?!\.\w)"
)
DOCTORATE = re.compile(r"(?<![\w.])Ph\.\s?D\.(?P<tail>'?s(?!\w))?")
INITIALS = re.compile(
    r"(?<![\w.'])(?P<said>[A-Z]\.)(?=\s?(?:[A-Z]\.\s?){0,3}[A-Z][a-z'])|(?<=[a-z]\s)"
    r"(?P<middle>[A-Z]\.)(?=\s[A-Z][a-z])"
)
AMPERSAND = re.compile(
    r"(?<!\w)(?P<one>[A-Z]{1,3})(?P<and>\s?&\s?)(?P<two>[A-Z]{1,3})(?P<s>s|'s)?(?!\w)"
)
LABEL = re.compile(r"(?:^|(?<=[\s(]))(?P<label>[aA])(?=\))")
LONE = re.compile(
    r"(?:(?i:\b(?:vitamins?|plan|grade|hepatitis|type|class|group|appendix|team|series|option"
    r"|exhibit|schedule|gate|unit|influenza|company|category|level|zone|terminal|symbol|letter|side"
    r"|point|serie|liga|division|triple|straight|a|an|from|model|product|node|line|row|section"
    r"|answer|option|choice|player|variant|strain|block|bloc|figure|table|note|key|string"
    r"|wing))[\s-]"
    r"[\"“'‘(]?(?P<said>A)(?=[\"”'’)]?(?:\s(?!\s)|[.,;:!?)'\"”-]|$))(?!\s[A-Z][a-z])(?!-\w)"
    r"|\b(?:the|The|each|every)\s(?P<named>A)(?=\s[a-z]|[.,;:!?)]|$)"
    r"|(?<=[a-z,]\s)(?P<alone>A)(?=\s(?:to|and|or|is|was|in|minus|plus|grades?|students?|list"
    r"|level)\b"
    r"|[.,;:!?)'\"”]|$))"
)


@lru_cache(maxsize=4096)
def letter_phonemes(letters: str, tail: str = "") -> str:
    """IPA of the names of the letters, the last one stressed, as espeak says an initialism; with
    the s of a plural or possessive."""
    names = [LETTERS[c] for c in letters.upper()]
    said = ""
    for index, name in enumerate(names):
        stress = "ˈ" if index == len(names) - 1 else "ˌ"
        at = next((i for i, c in enumerate(name) if c in VOWELS), 0)
        onset = name[:at]
        said += onset + stress + name[at:]
    if tail:
        said += "ᵻz" if letters[-1].upper() in "SXH" else "z"
    return said


def said_by_letters(word: str) -> bool:
    """Whether the letters of a name with a number are said one by one: the A of A320."""
    return word.isupper() and (
        len(word) == 1
        or (
            len(word) <= 4
            and word not in WORDS
            and (word in SPELLED or not sounds_like_a_word(word))
        )
    )


def phonemes_of(run: str) -> str:
    """IPA of the letters of a name with a number, where espeak would not say them so by itself:
    the A of A320, the IMF of IMF2."""
    if run in ("A", "a"):
        return "ˈeɪ"
    if said_by_letters(run) and len(run) > 1 and _needs_phonemes(run):
        return letter_phonemes(run)
    return ACRONYMS.get(run, "")


def _needs_phonemes(word: str) -> bool:
    """Whether espeak would not name the letters by itself: it reads what has a vowel as a word."""
    return not VOWEL_LETTERS.isdisjoint(word) and word not in ESPEAK_SPELLS


def spelled(word: str) -> str:
    """The letters as they are written for a voice that has no phonemes to go by: with dots where
    espeak would make a word of them, "W.H.O" (no last one, which would be heard as a pause)."""
    misread = word in MISREAD or (
        len(word) > 3 and word not in RIGHTLY_SPELLED and not VOWEL_LETTERS.isdisjoint(word)
    )
    return ".".join(word) if misread else word


MISREAD = listed(
    """
    ADA AN APR AS AT BE DO ETA EUR FED GO GUI HE IF IN IV ME MY NO OF ON OR SO TO UP WE WHO YA
    """
)
"""Up to three letters that espeak says as a word."""
RIGHTLY_SPELLED = listed(
    """
    ADHD ASPCA ECHR ESPN IEEE IETF IPCC ISBN LAPD NLRA NYPD NYSE OECD RSPCA SPCA UCLA UEFI UMTS
    UNHCR USAF USDA USSR
    """
)
"""More than three with a vowel among them whose letters espeak names by itself."""

VOWEL_LETTERS = frozenset("AEIOUY")
ESPEAK_SPELLS = listed(
    """
    AI CEO CIA FBI US UK EU PM AM PC TV DNA API URL IT
    """
)


_SHOUTED_WORD = re.compile(r"(?<![A-Za-z])[A-Z]{2,}(?![A-Za-z])")
_SEVERAL_LETTERS = re.compile(r"[A-Za-z]{2,}")


def _is_headline(match: re.Match[str]) -> bool:
    """Whether capitals mean nothing here: most words around are set in them."""
    around = f"{before(match)}{match[0]}{after(match)}"
    shouted = len(_SHOUTED_WORD.findall(around))
    return shouted > 1 and shouted * 2 > len(_SEVERAL_LETTERS.findall(around))


NUMERAL = re.compile(r"X{0,2}(?:III|VII|VIII)|X{1,2}(?:II|IV|VI|IX)|II")
"""Roman numerals that stand for nothing else, whatever stands before them."""


def initialism(match: re.Match[str]) -> Reading:
    """The word as it is written, with the names of its letters where espeak needs them."""
    word, tail = match["word"] or match["second"], match["tail"] or match["tail2"] or ""
    sound = ACRONYMS.get(word)
    if sound:
        return (Change(match.start(), match.end(), match[0], "", sound + ("z" if tail else "")),)
    if NUMERAL.fullmatch(word) and not tail:
        return cardinal(value(word))
    if word in ("AM", "PM") and not tail:
        return None
    if word == "ITS" and NO_OWNER.match(after(match)):
        return _named(match, word, tail)
    if word in WORDS or (word not in SPELLED and (word in SHOUTED or sounds_like_a_word(word))):
        return _quietly(match, word)
    if PRONOUNS.get(word, NOTHING).search(before(match)) and not tail:
        return word.lower()
    if _is_headline(match):
        if word == "WHO" and AGENCY.match(after(match)):
            return _named(match, word, tail)
        if word == "IT" and not DEPARTMENT.match(after(match)):
            return "it"  # espeak would name the letters.
        if word in HEADED or word in SHOUTED or (len(word) > 3 and word not in SPELLED):
            return None
    if not tail and not _needs_phonemes(word):
        return None
    return _named(match, word, tail)


def _quietly(match: re.Match[str], word: str) -> Reading:
    """The word in small letters: three capitals amid others espeak would name one by one."""
    if len(word) > LONGEST_NAMED or (word in WORDS and _is_headline(match)):
        return None
    return (part(match, "word" if match["word"] else "second", word.capitalize()),)


LONGEST_NAMED = 3
"""Capitals in a row that espeak takes for letters to name, whatever they spell, where the words
around them are not in capitals."""


def _named(match: re.Match[str], letters: str, tail: str) -> Reading:
    """The names of the letters for the whole match."""
    sound = letter_phonemes(letters, tail)
    return (Change(match.start(), match.end(), spelled(letters) + tail, "", sound),)


NOTHING = re.compile(r"(?!)")
PRONOUNS = {
    "IT": re.compile(
        r"(?i:\b(?:do|did|get|give|love|hate|make|stop|want|need|see|know|say|said|take|like|buy|try"
        r"|keep|find|fix|read|end)\s+$)"
    ),
    "ME": re.compile(
        r"(?i:\b(?:about|at|for|from|like|of|on|than|to|with|tell|give|let|it's|is|was)\s+$)"
    ),
    "US": re.compile(
        r"\b(?:GIVES?|LETS?|TELLS?|HELPS?|JOIN|MAKES?|SHOWS?|TEACH|TAKES?|AMONG|CONTACT|FOLLOW"
        r"|LEAVE|BRINGS?|KEEPS?|COSTS?|KILLS?|SAVES?|ABOUT|ALL OF|ONE OF|MOST OF|BOTH OF)\s+$"
    ),
}
"""What stands before a pronoun in capitals."""

NO_OWNER = re.compile(r"[)}\],.;:\uffff-]|\s*$")
"""After "its" something is owned; the operating system ITS may end a clause."""
AGENCY = re.compile(r"\s+(?:WARNS?|SAYS?|DECLARES?|URGES?|CHIEF|APPROVES?|REPORTS?|CALLS|BACKS)\b")
DEPARTMENT = re.compile(
    r"\s+(?:DEPARTMENT|STAFF|WORKERS?|JOBS?|SECTOR|FIRMS?|GIANT|COMPANY|SYSTEMS?)\b"
)


def mixed(match: re.Match[str]) -> Reading:
    """SaaS, PhD: words whose letters or sound espeak does not guess."""
    word, tail = match["word"], match["tail"] or ""
    sound = SOUNDS.get(word)
    if sound is None and not SPELLED_MIXED[word]:
        return None
    plural = "s" if word.endswith("s") and SPELLED_MIXED[word] else tail
    phonemes = (
        sound + ("z" if tail else "") if sound else letter_phonemes(SPELLED_MIXED[word], plural)
    )
    return (Change(match.start(), match.end(), match[0], "", phonemes),)


def dotted(match: re.Match[str]) -> Reading:
    """ "US" for "U.S.", whose dots espeak takes for a pause before a capital."""
    written = match["letters"]
    letters = written.replace(".", "").upper()
    if written.islower() and letters not in ("AM", "PM"):
        return None
    if not written.endswith(".") and len(letters) == 2 and not written.isupper():
        return None
    ends = written.endswith(".") and full_stop(match)
    tail = match["tail"] or ""
    phonemes = letter_phonemes(letters, tail) if letters not in ESPEAK_SPELLS or tail else ""
    end = match.end() - bool(ends)
    return (Change(match.start(), end, spelled(letters) + tail, "", phonemes),)


def initial(match: re.Match[str]) -> Reading:
    """ "J" for the "J." of a name."""
    group = "said" if match["said"] else "middle"
    letter = match[group][0]
    if LETTER_AT_END.search(before(match, group) + letter):
        return None
    return (part(match, group, letter, LETTERS["A"] if letter == "A" else ""),)


def ampersand(match: re.Match[str]) -> Reading:
    """ "M and A", "AT and T"."""
    made = []
    for group, tail in (("one", ""), ("two", match["s"] or "")):
        letters = match[group]
        needed = letters == "A" or len(letters) > 1 or tail
        end = match.end() if group == "two" else match.end(group)
        phonemes = letter_phonemes(letters, tail) if needed else ""
        made.append(Change(match.start(group), end, spelled(letters) + tail, "", phonemes))
    first, second = made
    return (first, part(match, "and", " and "), second)


def lone_letter(match: re.Match[str]) -> Reading:
    """The A of "vitamin A", which is no article."""
    group = match.lastgroup or "said"
    return (part(match, group, match[group], "ˈeɪ"),)


def doctorate(match: re.Match[str]) -> Reading:
    """ "PhD", whose dots espeak names."""
    tail = match["tail"] or ""
    end = match.end() - (0 if tail else len(full_stop(match)))
    return (Change(match.start(), end, "PhD" + tail, "", letter_phonemes("PHD", tail)),)


DOCTORATE_RULE = Rule(DOCTORATE, doctorate, frozenset("."), words=frozenset(("Ph",)))
INITIALISM_RULE = Rule(TOKEN, initialism)
MIXED_RULE = Rule(MIXED, mixed, words=letters_of(SPELLED_MIXED))
DOTTED_RULE = Rule(DOTTED, dotted, frozenset("."))
INITIAL_RULE = Rule(INITIALS, initial, frozenset("."))
AMPERSAND_RULE = Rule(AMPERSAND, ampersand, frozenset("&"))
LONE_RULE = Rule(LONE, lone_letter, words=frozenset("A"))
LABEL_RULE = Rule(LABEL, lone_letter, frozenset(")"), words=frozenset("aA"))
