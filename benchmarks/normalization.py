"""How well written English becomes spoken English: ours beside the open normalizers of the
package index.

    python benchmarks/normalization.py [--only NAME ...] [--cache DIR] [--rounds 3]
                                       [--misses NAME] [--classes] [--json]

Every rival is installed into an environment of its own under the cache (a temporary folder, unless
told) and asked in a process of its own, so that nothing of it enters ours; what cannot be
installed or fails is said, and not scored. Scored are the fixtures of `tests/languages/en`, which
are ours, and the sentences of `tests/heard`, most of which were written by people who had not seen
the rules (each file says so in its head).

As text: letters and figures must be those of one of the readings; case, punctuation, blanks (so
also "I M F" for IMF) and a British "and" after hundred and thousand do not count. As heard: the
phonemes that piper makes of it must be those of a reading, with no pause that the reading has not.
The fixtures keep initialisms as they are written, which espeak would read as words; as heard only
those without any are scored. Speed is CPU time in one process, the best of the rounds.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hearing import Ear, cases, same_heard

from narrator.engines.catalogue import default_voice
from narrator.engines.piper import PiperEngine
from narrator.script import speakable
from narrator.script.lexicon import Lexicon, shipped_lexicon

TESTS = Path(__file__).parents[1] / "tests"
PATIENCE = 900
"""Seconds that an installation or a run of a rival may take."""


@dataclass(frozen=True, slots=True)
class Rival:
    """An open normalizer."""

    package: str
    """What pip installs."""
    code: str
    """Python that defines `say`, a function from written to spoken text."""


RIVALS: Mapping[str, Rival] = {
    "NeMo": Rival(
        "nemo-text-processing",
        "import logging; logging.disable(logging.CRITICAL)\n"
        "from nemo_text_processing.text_normalization.normalize import Normalizer\n"
        "normalizer = Normalizer(input_case='cased', lang='en')\n"
        "def say(text): return normalizer.normalize(text, punct_post_process=True)\n",
    ),
    "wetext": Rival(
        "wetext",
        "from wetext import Normalizer\nsay = Normalizer(lang='en', operator='tn').normalize\n",
    ),
    "loudness-tts": Rival(
        "loudness-tts",
        "from loudness_tts.textprep import prepare\n"
        "def say(text): return ' '.join(s.text for s in prepare(text, 'en-US'))\n",
    ),
    "spokenform": Rival(
        "spokenform",
        "from spokenform import prepare\n"
        "def say(text): return prepare(text, language='en-US').spoken_text\n",
    ),
    "damga": Rival(
        "damga",
        "from damga import TextNormalizer\nsay = TextNormalizer(lang='en').normalize\n",
    ),
    "brighto-norm4tts": Rival(
        "brighto-norm4tts",
        "from brighto_norm4tts import TTSNormalizer\nsay = TTSNormalizer('en').normalize\n",
    ),
    "normt2s": Rival("normt2s", "from normt2s import normalize as say\n"),
    "voxnorm": Rival(
        "voxnorm", "import voxnorm\ndef say(text): return voxnorm.normalize(text, lang='en')\n"
    ),
    "english-text-normalization": Rival(
        "english-text-normalization",
        "from english_text_normalization.normalization_pipeline import general_pipeline as say\n",
    ),
}
"""Of the candidates misaki makes phonemes and no text, and kokorog2p leaves the words to
spokenform."""

_WORKER = """
import json, sys, time
start = time.process_time()
job = json.load(sys.stdin)
out, sys.stdout = sys.stdout, sys.stderr
exec(job["code"])
loading = time.process_time() - start
def said(text):
    try:
        return say(text)
    except Exception as error:
        return "(%s)" % type(error).__name__
best = 1e9
for _ in range(job["rounds"]):
    start = time.process_time()
    spoken = [said(text) for text in job["texts"]]
    best = min(best, time.process_time() - start)
json.dump({"spoken": spoken, "seconds": best, "loading": loading}, out)
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One text with its readings."""

    group: str
    """Name of its file, with the folder."""
    written: str
    answers: list[str]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one normalizer says of all cases, in order."""

    spoken: list[str]
    heard: list[str]
    """Phonemes."""
    seconds: float
    """CPU seconds for all cases, once."""
    loading: float
    """CPU seconds before the first."""


@dataclass(slots=True)
class Score:
    """Right answers of how many."""

    text: int = 0
    texts: int = 0
    heard: int = 0
    hearings: int = 0
    missed: list[tuple[Case, str]] = field(default_factory=list)
    """Not right as heard; where that is not scored, as text: with what was said."""


def all_cases() -> list[Case]:
    """The fixtures and the sentences that are heard."""
    paths = [*sorted(TESTS.glob("languages/en/*.txt")), *sorted(TESTS.glob("heard/en*.txt"))]
    return [
        Case(f"{path.parent.name}/{path.stem}", written, answers)
        for path in paths
        for _, written, answers in cases(path)
    ]


def asked(name: str, rival: Rival, texts: Sequence[str], cache: Path, rounds: int) -> Answers:
    """What a rival says; RuntimeError with the last line of its complaint if it does not."""
    home = cache / name
    python = home / "bin" / "python"
    if not (home / "installed").exists():
        print(f"installing {rival.package} ...", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check",
              rival.package])  # fmt: skip
        (home / "installed").touch()
    job = json.dumps({"code": rival.code, "texts": texts, "rounds": rounds})
    print(f"asking {name} ...", file=sys.stderr)
    told = json.loads(_run([str(python), "-c", _WORKER], job))
    return Answers(told["spoken"], [], told["seconds"], told["loading"])


def _run(command: list[str], text: str = "") -> str:
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"took longer than {PATIENCE} s") from error
    except subprocess.CalledProcessError as error:
        raise RuntimeError((error.stderr.strip().splitlines() or ["failed"])[-1]) from error
    return done.stdout


def timed(say: Callable[[str], str], texts: Sequence[str], rounds: int) -> Answers:
    """What a function of ours says."""
    start = time.process_time()
    say("It cost $5.")
    loading = time.process_time() - start
    best = float("inf")
    spoken: list[str] = []
    for _ in range(rounds):
        start = time.process_time()
        spoken = [say(text) for text in texts]
        best = min(best, time.process_time() - start)
    return Answers(spoken, [], best, loading)


def american(text: str) -> str:
    """Without the British "and"."""
    return re.sub(r"\b(hundred|thousand) and\b", r"\1", text)


def folded(text: str) -> str:
    """What counts of a text."""
    letters = re.sub(r"\beigh\b", "a", re.sub(r"\beye\b", "i", american(text.casefold())))
    return "".join(filter(str.isalnum, letters))


def scored(known: Sequence[Case], answers: Answers, ear: Ear) -> dict[str, Score]:
    """The score by group."""
    scores: dict[str, Score] = {}
    for case, spoken, heard in zip(known, answers.spoken, answers.heard, strict=True):
        score = scores.setdefault(case.group, Score())
        score.texts += 1
        right = folded(spoken) in map(folded, case.answers)
        score.text += right
        own = case.group.startswith("en/")
        if not own or not any(re.search(r"[A-Z]{2}|[A-Z]\.", each) for each in case.answers):
            readings = [reading for each in case.answers for reading in ear.readings(each)]
            right = same_heard(heard, readings)
            score.hearings += 1
            score.heard += right
        if not right:
            score.missed.append((case, spoken))
    return scores


def total(scores: Mapping[str, Score], prefix: str) -> Score:
    """The sum over the groups whose names begin so."""
    those = [score for group, score in scores.items() if group.startswith(prefix)]
    return Score(
        sum(score.text for score in those),
        sum(score.texts for score in those),
        sum(score.heard for score in those),
        sum(score.hearings for score in those),
    )


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:5.1f}" if whole else "    –"


def table(results: Mapping[str, tuple[Answers, dict[str, Score]]], count: int) -> str:
    """A line for each normalizer: percent right, sentences a second."""
    heard = sorted(
        {group for _, scores in results.values() for group in scores if "heard" in group}
    )
    head = ["fixtures"] + [group.removeprefix("heard/") for group in heard] + ["all heard"]
    lines = [
        f"{'':27}" + "".join(f"{name:>12}" for name in head) + "  sentences/s   loading s",
        f"{'':27}" + "  text heard" * len(head),
    ]
    for name, (answers, scores) in results.items():
        sums = [total(scores, each) for each in ["en/", *heard, "heard/"]]
        shares = "".join(
            f" {share(each.text, each.texts)} {share(each.heard, each.hearings)}" for each in sums
        )
        speed = f"{count / answers.seconds:13.0f}{answers.loading:12.2f}" if answers.seconds else ""
        lines.append(f"{name:27}{shares}{speed}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=" ".join((__doc__ or "").split("\n\n")[0].split()))
    parser.add_argument("--only", nargs="*", metavar="NAME", help="these rivals; none: ours alone")
    parser.add_argument("--cache", type=Path, help="where rivals are installed, to be kept")
    parser.add_argument("--rounds", type=int, default=3, help="times each is timed (%(default)s)")
    parser.add_argument("--misses", metavar="NAME", help="list what this one says otherwise")
    parser.add_argument("--classes", action="store_true", help="cases and pass rate by class")
    parser.add_argument("--json", action="store_true", help="all scores, for programs")
    options = parser.parse_args()
    unknown = sorted(set(options.only or ()) - set(RIVALS))
    if unknown:
        parser.error(f"no rival named {', '.join(unknown)}; known: {', '.join(RIVALS)}")

    known = all_cases()
    texts = [case.written for case in known]
    ear = Ear(PiperEngine(default_voice("en")))
    results: dict[str, tuple[Answers, dict[str, Score]]] = {}

    def enter(name: str, answers: Answers, hear: Callable[[str], str]) -> None:
        heard = [hear(text) for text in (texts if name.startswith("narrator") else answers.spoken)]
        full = Answers(answers.spoken, heard, answers.seconds, answers.loading)
        results[name] = full, scored(known, full, ear)

    lexicons = {"narrator": shipped_lexicon("en"), "narrator without lexicon": Lexicon()}
    for name, lexicon in lexicons.items():
        answers = timed(partial(speakable, lexicon=lexicon), texts, options.rounds)
        enter(name, answers, partial(ear.ours, lexicon=lexicon))
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as passing:
        cache = options.cache or Path(passing)
        for name in RIVALS if options.only is None else options.only:
            try:
                answers = asked(name, RIVALS[name], texts, cache, options.rounds)
            except RuntimeError as error:
                failed[name] = str(error)
            else:
                enter(name, answers, lambda text: ear.plain(american(text)))
    enter("raw text", Answers(texts, [], 0.0, 0.0), ear.plain)

    if options.json:
        json.dump({"scores": {name: {group: [score.text, score.texts, score.heard, score.hearings]
                                     for group, score in scores.items()}
                              for name, (_, scores) in results.items()},
                   "sentences": len(texts),
                   "seconds": {name: answers.seconds for name, (answers, _) in results.items()},
                   "failed": failed}, sys.stdout)  # fmt: skip
        return
    print(table(results, len(texts)))
    for name, why in failed.items():
        print(f"{name}: not scored, {why}")
    if options.classes:
        print(f"\n{'class':27} cases  text right  heard right, of")
        for group, score in results["narrator"][1].items():
            print(f"{group:27}{score.texts:6}{score.text:12}{score.heard:13}{score.hearings:4}")
    if options.misses:
        for group, score in results[options.misses][1].items():
            for case, spoken in score.missed:
                print(f"\n{group}: {case.written}\n    {spoken}\n    {' | '.join(case.answers)}")


if __name__ == "__main__":
    main()
