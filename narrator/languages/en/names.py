"""Names with numbers in them: versions, models, roads, formulas, serials."""

from __future__ import annotations

import re

from narrator.languages import Change
from narrator.languages.en.context import FUNCTION_WORDS, is_plural_noun, last_words, word_after
from narrator.languages.en.initialisms import letter_phonemes, phonemes_of, said_by_letters, spelled
from narrator.languages.en.rule import DIGITS, Reading, Rule, any_of, letters_of, listed, part
from narrator.languages.en.words import cardinal, digits, model, number, plural, two_digits, year

SOFTWARE = (
    r"Python|Java|iOS|iPadOS|macOS|watchOS|Android|Windows|Ubuntu|Debian|Fedora|Linux|kernel"
    r"|Node(?:\.js)?"
    r"|PHP|Ruby|Rails|Django|Go|Rust|Swift|Kotlin|Perl|TypeScript|PostgreSQL|MySQL|SQLite|Redis"
    r"|Kubernetes"
    r"|Docker|Chrome|Firefox|Safari|Opera|OpenSSL|HTTP|TLS|SSL|USB|Bluetooth|PCIe|HDMI|Unity"
    r"|Blender|GTK|Qt"
    r"|Gemini|Claude|Llama|Qwen|Gemma|Mistral|Grok|DeepSeek|PyTorch|TensorFlow|CUDA|GCC|LLVM"
    r"|Clang|React|Angular|Vue"
    r"|[Vv]ersions?|[Rr]elease|CSS|HTML|ES|IPv|C\+\+"
)
STANDARD = re.compile(
    r"(?<![\w-])(?P<body>ISO(?:/IEC)?|IEC|EN|DIN|BS|IEEE(?:\sStandard|\sStd\.?)?|ANSI|ASTM|UL|RFC|NIST|FIPS|ITU)(?:\s"
    r"|-)(?:[A-Z]{1,3}\s)?"
    r"(?P<said>(?P<number>\d{3,5})(?P<part>[-.]\d{1,4})?(?P<letter>[a-z]{0,2})(?:[:-](?P<year>(?:19"
    r"|20)\d\d))?)(?![\w]|[.,:]\d)"
    r"|(?<![\w.])(?P<wireless>802\.(?P<group>\d{1,2})(?P<tail>[a-z]{0,2}))(?![\w]|\.\d)"
)
"""Norms: ISO 9001:2015, IEEE 802.3, 802.11ax."""

AIRCRAFT = re.compile(
    r"(?<![\w.,$-])(?P<said>(?P<type>7[0-8]7|A3[0-9]{2})-(?P<variant>[1-9]0{2,3}"
    r"|[1-9]0?)(?P<letter>[A-Z]{0,3}))(?![\w-])"
    r"|(?<![\w.,$-])(?P<plane>7[0-8]7)(?=\s(?:MAX|Max|Dreamliner|jets?|jetliners?|planes?"
    r"|airliners?|aircraft|freighters?)\b)"
)
CAR = re.compile(
    r"(?:\b(?:Porsche|Peugeot|Fiat|Ferrari|Mazda|Saab|Chrysler|Ram|Lotus|McLaren|BMW|Levi's"
    r"|Dodge|Nikkei)\s)(?P<said>\d{3,4})(?![\w-]|[.,]\d)"
    r"|(?<![\w.,$])(?P<bare>911)(?=\s(?:Turbo|Carrera|GT3|Targa)\b)"
)
AIRLINES = listed(
    """
    AA AC AF AI AM AS AY AZ B6 BA BR CA CI CX CZ DL EI EK ET EY F9 FR GA IB JL JQ KE KL KQ LA LH LO
    LX LY MH MS MU NH NK NZ OS OZ PK PR QF QR RJ SA SK SQ SU SV TG TK TP U2 UA UX VA VN VS W6 WN WS
    """
)
FLIGHT = re.compile(
    rf"(?<![\w.-])(?P<line>{any_of(AIRLINES)})\s?(?P<said>\d{{2,4}})(?![\w-]|[.,:]\d|\s?[%°])"
    r"|\b[Ff]light\s(?:No\.\s|number\s)?(?P<alone>\d{3,4})(?![\w-]|[.,:]\d)"
)
CODED = re.compile(
    r"(?<![\w.-])(?P<said>(?:PL|HR|H\.R\.|S\.|SB|HB|AB|CVE|SKU|PO|PR|MR|BR|Bill|Ticket|ticket|Order"
    r"|order|Invoice|invoice|Case|case"
    r"|Docket|docket|Badge|badge|Bug|bug|Issue|issue|File|file|Train|train|Bus|bus|Locker|locker"
    r"|Extension|extension|[Ee]xt\.?"
    r"|Channel|channel|Patent|Flight|Unit|Lot|Resolution|Proclamation|Directive|Regulation|Room"
    r"|Booth|Cabin)\s(?:No\.\s|no\.\s|number\s|#)?)"
    r"(?P<number>\d{3,9})(?![\w-]|[.,:]\d)"
    r"|(?<![\w&])#(?P<sharp>[1-9]\d{3})(?![\w-]|[.,:]\d)"
    r"|\bNo\.\s(?P<long>\d{4,12})(?![\w-]|[.,:]\d)"
)
"""Numbers that name one thing of many: HR 4521, ticket #4521, order No. 48213, extension 214."""

VULNERABILITY = re.compile(r"(?<![\w-])CVE(?P<said>-(?P<year>\d{4})-(?P<number>\d{4,7}))(?!\w)")
VERSION = re.compile(
    r"(?<![\w.])(?:v(?:\.|er\.?)?\s?|V\.?\s?(?=\d+\.\d))(?P<number>\d{1,4}(?:\.\d{1,4}){0,4})"
    r"(?P<tail>[a-z]?\d?)(?![\w]|\.\d)"
    r"|^(?P<heading>\d{1,2}\.\d{1,2})(?=\.(?:\s|$))"
    r"|(?<=\s)(?P<after>\d{1,4}(?:\.\d{1,6}){2,4})(?P<letter>[a-z]?)(?![\w]|\.\d)"
)
SOFTWARE_VERSION = re.compile(
    rf"(?<!\w)(?:{SOFTWARE})[\s-](?P<said>\d{{1,3}}\.(?:\d{{1,3}}|x)(?:\.(?:\d{{1,5}}|x))*"
    rf"(?P<size>[\s-]\d{{1,4}}(?:\.\d)?[bBmM](?!\w))?)(?![\w]|\.\d)"
)
ADDRESS = re.compile(
    r"(?<![\w.])(?P<head>\d{1,3}(?:\.\d{1,3}){3})(?:(?P<mark>[:/])(?P<tail>\d{1,5}))?(?!\w|\.\d)"
)
FORMULA = re.compile(
    r"(?<![\w-])(?:CO2|H2O|H2O2|O2|O3|N2|N2O|NO2|NOx|SO2|SO4|CH4|C2H5OH|C6H12O6|NH3|NaCl|CaCO3"
    r"|H2SO4|HNO3|NaHCO3|Fe2O3|SiO2|TiO2|CFC11|H2|CO₂|PM2\.5|PM10"
    r"|(?:[A-Z][a-z]?[₀-₉]*){1,8}[₀-₉]+(?:[A-Z][a-z]?[₀-₉]*){0,8})(?![\w.]\w|\w)"
)
ROAD = re.compile(
    r"(?<!\w)(?P<road>Route|Highway|Interstate|I-|US-|US\s|U\.S\.\s|RFC|ISO|IEC|IEEE|NIST|DIN"
    r"|EN|SB|HB|[Pp]ort|[Ee]rror|HTTP|Flight|Room|Channel|Boeing|Airbus|IBM|Motorola|Zilog|RTX|GTX|RX|Peugeot|Area"
    r"|Apt\.?|Suite|Form)\s?(?P<said>\d{2,4})(?P<tail>[A-Za-z]{0,3})(?!\w|[.,:]\d)"
)
LINEAGE = re.compile(r"(?<![\w.])[A-Z]{1,2}(?:(?:\.\d{1,3}){2,5}|\.\d{3})(?!\w|\.\d)")
STATUS = re.compile(
    r"(?<![\w.,$:-])(?P<said>[1-5]0[0-9])(?=\s(?:errors?|response|status|code|redirect"
    r"|Not Found)\b)|\b(?:an?|HTTP)\s"
    r"(?P<alone>4(?:0[0-9]|1[0-8]|2[0-9]|51)|50[0-8])(?=[.,;:!?)]|$|\s(?:or|and|when|if|under|for|from"
    r"|instead|on|with|as|until)\b)"
)
LABELLED = re.compile(
    r"\b(?:Apt|Apartment|Suite|Ste|Room|Rm|Gate|Unit|Flat|Seat|Rule|Section|Sec|Platform|Row"
    r"|Route|Rte|Highway|Hwy|Building|Block|Form|Schedule|Pier|Line|Exhibit|Ward|Appendix|Regulation|Level"
    r"|[Ss]ubsection|[Ss]ubparagraph|[Pp]aragraph|[Cc]lause|[Ss]tep|[Oo]ption|[Nn]ote|[Aa]nnex"
    r"|[Aa]rticle|[Tt]able|[Ff]igure|[Gg]rade)\.?\s(?P<said>\d{1,5}-?[A-Za-z](?:-\d{1,4})?)"
    r"(?!\w)"
)
RUNWAY = re.compile(
    r"\b[Rr]unways?\s(?P<said>(?P<number>[0-3]?\d)(?P<side>[LRC])(?:/(?P<end>[0-3]?\d)(?P<side2>[LRC]))?)"
    r"(?!\w)"
)
SIDES = {"L": "left", "R": "right", "C": "center"}
TOKEN = re.compile(
    r"(?<![\w.])(?P<said>(?:[A-Za-z]{1,12}[-–]?\d{1,12}(?:\.\d{1,4}){0,4}|\d{1,12}[A-Za-z]{1,12}"
    r"|[A-Z]{1,5}-\d{1,12}\.\d{1,3})(?:[-–.]?(?:[A-Z]{1,4}|[a-z]{1,3})(?![a-z])"
    r"|-?\d{1,6}){0,6})(?!\w)"
)
STAR = re.compile(
    r"(?<![\w.])(?:(?P<number>[1-9]\d?)G|(?P<video>[248]|16)K|(?P<dimensions>[2-4])[dD])(?!\w)"
)
ELEMENTS = {
    "₀": "0",
    "₁": "1",
    "₂": "2",
    "₃": "3",
    "₄": "4",
    "₅": "5",
    "₆": "6",
    "₇": "7",
    "₈": "8",
    "₉": "9",
}


def standard(match: re.Match[str]) -> Reading:
    """ "nine thousand one twenty fifteen" of ISO 9001:2015, "eight oh two point eleven A X"."""
    if match["wireless"]:
        tail = " ".join(match["tail"].upper())
        words = f"eight oh two point {cardinal(int(match['group']))}"
        return (
            Change(match.start("wireless"), match.end("wireless"), f"{words} {tail}".strip(), ""),
        )
    number, piece = match["number"], match["part"] or ""
    round_ = match["body"].startswith(("ISO", "IEC")) and number[-3:-1] == "00" and len(number) > 3
    words = cardinal(int(number)) if round_ else model(number)
    if piece:
        words += f"{' point' if piece[0] == '.' else ''} {model(piece[1:])}"
    words += " " + " ".join(match["letter"].upper()) if match["letter"] else ""
    words += f" {year(int(match['year']))}" if match["year"] else ""
    return words


def aircraft(match: re.Match[str]) -> Reading:
    """ "seven thirty-seven eight hundred" of 737-800."""
    if match["plane"]:
        return (part(match, "plane", model(match["plane"])),)
    kind, variant = match["type"], match["variant"]
    words = f"{kind[0]}-" * (kind[0] == "A") + model(kind.lstrip("A"))
    return f"{words} {model(variant)}{' ' * bool(match['letter'])}{match['letter']}"


def car(match: re.Match[str]) -> Reading:
    """ "nine eleven" of Porsche 911."""
    group = "said" if match["said"] else "bare"
    return (part(match, group, model(match[group])),)


def flight(match: re.Match[str]) -> Reading:
    """ "two forty-five" of UA 245, "three seventy" of Flight 370."""
    if match["alone"]:
        return (part(match, "alone", model(match["alone"])),)
    line, number = match["line"], match["said"]
    known = "flight" in (words := last_words(match)) or "flights" in words
    if not known and (len(number) < 3 or line in ("AM", "AS", "AA", "AI", "IB", "PR", "MS", "LA")):
        return None
    if not said_by_letters(line):
        return None
    blank = "" if match[0][len(line)].isspace() else " "
    return (part(match, "said", blank + model(number)),)


def coded(match: re.Match[str]) -> Reading:
    """ "forty-five twenty-one" of HR 4521; longer ones digit by digit."""
    group = "number" if match["number"] else "sharp" if match["sharp"] else "long"
    number = match[group]
    if group == "number" and len(number) < 4 and not match["said"].lower().startswith(THREE_DIGITS):
        return None
    if number.endswith("000") or is_plural_noun(word_after(match)):
        return None
    if (
        group == "number"
        and len(number) == 4
        and match["said"][0].islower()
        and "#" not in match["said"]
    ):
        following = word_after(match)
        if following.islower() and following not in FUNCTION_WORDS:
            return None  # "the case 2000 lawyers"
    words = digits(number) if len(number) > 4 else model(number)
    start = match.start(group) - (1 if group == "sharp" else 0)
    return (Change(start, match.end(group), f"{'number ' * (group == 'sharp')}{words}", ""),)


THREE_DIGITS = (
    "ext",
    "flight",
    "room",
    "resolution",
    "channel",
    "hr",
    "h.r.",
    "train",
    "bus",
    "unit",
    "sb",
    "hb",
    "ab",
)


def vulnerability(match: re.Match[str]) -> Reading:
    """ "twenty twenty-one four four two two eight" of CVE-2021-44228."""
    return f" {year(int(match['year']))} {digits(match['number'])}"


def version(match: re.Match[str]) -> Reading:
    """ "version one point four point two"."""
    if match["after"]:
        return f"{_points(match['after'])} {match['letter'].upper()}".rstrip()
    if match["heading"]:
        return _points(match["heading"])
    tail = match["tail"]
    number = match["number"]
    # "Chrome v120": browsers are said as rooms are.
    words = f"version {model(number) if number.isdigit() and len(number) == 3 else _points(number)}"
    if tail:
        words += " " + " ".join(cardinal(int(c)) if c.isdigit() else c for c in tail)
    return words


def software(match: re.Match[str]) -> Reading:
    """ "three point eleven" for Python 3.11."""
    size = match["size"] or ""
    words = _points(match["said"].removesuffix(size))
    return f"{words} {number(size[1:-1])} {size[-1].upper()}" if size else words


def _points(written: str) -> str:
    return " point ".join(
        p if p == "x" else digits(p) if p[0] == "0" else cardinal(int(p))
        for p in written.split(".")
    )


def address(match: re.Match[str]) -> Reading:
    """ "one nine two dot one six eight dot zero dot one"."""
    head, mark, tail = match["head"], match["mark"], match["tail"]
    words = " dot ".join(digits(p) if len(p) > 2 else cardinal(int(p)) for p in head.split("."))
    if mark:
        words += f" port {digits(tail)}" if mark == ":" else f" slash {cardinal(int(tail))}"
    return words


def formula(match: re.Match[str]) -> Reading:
    """ "H two O", the letters of a formula by their names."""
    written = "".join(ELEMENTS.get(c, c) for c in match[0])
    made = []
    for piece in re.finditer(r"[A-Za-z]+|\d+(?:\.\d+)?", written):
        at = match.start() + piece.start()
        if piece[0][0].isdigit():
            made.append(Change(at, at + len(piece[0]), number(piece[0]), ""))
        else:
            sound = letter_phonemes(piece[0]) if len(piece[0]) > 1 else phonemes_of(piece[0])
            made.append(Change(at, at + len(piece[0]), spelled(piece[0]), "", sound))
    return tuple(made)


def road(match: re.Match[str]) -> Reading:
    """ "sixty-six", "seven forty-seven", "thirty eighty"."""
    tail = match["tail"]
    if tail and not said_by_letters(tail):
        return None
    name = match["road"]
    words = model(match["said"])
    if tail:
        words += " " + tail
    if len(match["said"]) == 2 and name == "Form":
        return cardinal(int(match["said"]))
    return (Change(match.start("said"), match.end("tail"), words, ""),)


def lineage(match: re.Match[str]) -> Reading:
    """ "B one one seven" of B.1.1.7, "H three twenty-three" of H.323."""
    letters, *numbers = match[0].split(".")
    tie = "-" if letters == "A" else " "  # It keeps the A from being an article.
    return letters + tie + " ".join(map(model, numbers))


def status(match: re.Match[str]) -> Reading:
    """ "four oh four" of "a 404 error" and of "a 404"."""
    group = "said" if match["said"] else "alone"
    return (part(match, group, model(match[group])),)


def labelled(match: re.Match[str]) -> Reading:
    """ "four B" of "Apartment 4B", "ten b five" of "Rule 10b-5"."""
    pieces = re.findall(r"[A-Za-z]+|\d+", match["said"])
    return " ".join(_spoken_number(p, serial=False) if p[0].isdigit() else p for p in pieces)


def runway(match: re.Match[str]) -> Reading:
    """ "twenty-seven left" of runway 27L, as its number is painted."""
    words = f"{two_digits(int(match['number']))} {SIDES[match['side']]}"
    if match["end"]:
        words += f", {two_digits(int(match['end']))} {SIDES[match['side2']]}"
    return words


def generation(match: re.Match[str]) -> Reading:
    """ "three G", "eight K", "three D"."""
    if match["video"]:
        return f"{cardinal(int(match['video']))} K" if match["video"] != "2" else None
    if match["dimensions"]:
        return f"{cardinal(int(match['dimensions']))} D"
    return f"{cardinal(int(match['number']))} G" if int(match["number"]) < 8 else None


def token(match: re.Match[str]) -> Reading:
    """The letters and numbers of a name one after the other: "A-three twenty", "B fifty-two"; in
    parts where letters bear their own phonemes. The hyphen keeps the A from being an article."""
    written, at = match["said"], match.start("said")
    runs = list(re.finditer(r"(?P<mark>[-–.]?)(?P<run>[A-Za-z]+|\d+(?:\.\d+)*)", written))
    if runs[0]["run"] in JOINING and runs[1]["mark"]:
        return None  # "2-for-1"
    several = len(runs) > 1 and runs[-1][0] == "s" and not runs[0]["run"].islower()  # "F-16s"
    if several:
        runs.pop()
    serial = len(runs) > 4 or any(run["run"].isdigit() and len(run["run"]) > 4 for run in runs)
    made: list[Change] = []
    for index, run in enumerate(runs):
        text = run["run"]
        follows = index + 1 < len(runs) and runs[index + 1]["run"][0].isdigit()
        if text[0].isdigit():
            dated = (
                runs[0]["run"] in DATED and run["mark"] and re.fullmatch(r"1[1-9]\d\d|20\d\d", text)
            )
            words, sound = year(int(text)) if dated else _spoken_number(text, serial), ""
        else:
            words = spelled(text) if said_by_letters(text) else text
            sound = "" if text == "A" and follows else phonemes_of(text)
        if several and run is runs[-1]:
            words = plural(words)
        blank = (
            "" if not index else "-" if runs[index - 1]["run"] == "A" and text[0].isdigit() else " "
        )
        if sound or (made and made[-1].phonemes):
            if blank and sound:
                made.append(Change(at + run.start(), at + run.start("run"), blank, ""))
                blank = ""
            made.append(Change(at + run.start(), at + run.end(), blank + words, "", sound))
        elif made:
            last = made.pop()
            made.append(Change(last.start, at + run.end(), last.spoken + blank + words, ""))
        else:
            made.append(Change(at + run.start(), at + run.end(), words, ""))
    if several:
        last = made.pop()
        made.append(Change(last.start, match.end("said"), last.spoken, ""))
    return tuple(change for change in made if change.end > change.start)


DATED = listed("pre post mid late early Pre Post Mid Late Early since until")
"""What a hyphen ties to a year: "pre-1950"."""

JOINING = listed("for on to in of and by vs at a")


def _spoken_number(written: str, serial: bool) -> str:
    if "." in written:
        return _points(written)
    if serial or len(written) > 4:
        return digits(written)
    return model(written)


STANDARD_RULE = Rule(STANDARD, standard, DIGITS)
AIRCRAFT_RULE = Rule(AIRCRAFT, aircraft, DIGITS)
CAR_RULE = Rule(CAR, car, DIGITS)
FLIGHT_RULE = Rule(FLIGHT, flight, DIGITS, words=letters_of(AIRLINES) | listed("Flight flight"))
VULNERABILITY_RULE = Rule(VULNERABILITY, vulnerability, frozenset("C"), DIGITS)
CODED_RULE = Rule(CODED, coded, DIGITS)
VERSION_RULE = Rule(VERSION, version, DIGITS)
SOFTWARE_RULE = Rule(SOFTWARE_VERSION, software, frozenset("."), DIGITS)
ADDRESS_RULE = Rule(ADDRESS, address, frozenset("."), DIGITS)
FORMULA_RULE = Rule(FORMULA, formula, frozenset("0123456789₀₁₂₃₄₅₆₇₈₉"))
ROAD_RULE = Rule(ROAD, road, DIGITS)
LINEAGE_RULE = Rule(LINEAGE, lineage, frozenset("."), DIGITS)
STATUS_RULE = Rule(STATUS, status, DIGITS)
RUNWAY_RULE = Rule(RUNWAY, runway, DIGITS, words=listed("Runway Runways runway runways"))
LABELLED_RULE = Rule(LABELLED, labelled, DIGITS)
GENERATION_RULE = Rule(STAR, generation, DIGITS, words=frozenset("GKDd"))
TOKEN_RULE = Rule(TOKEN, token, DIGITS)
