"""Measurements -> a table for people, JSON for programs, a plot for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from narrator.bench.measured import Run, Spread, spread
from narrator.bench.stages import Stage
from narrator.errors import BenchError

if TYPE_CHECKING:
    from rich.console import Console

NOISY = 1.15
"""Slowest run divided by the fastest from which on the machine was not quiet."""

LOADED = 1.0
"""Load average before the first run from which on it was not quiet either."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that was measured."""

    machine: Mapping[str, str]
    load: float
    """Load average before the first run."""
    words: int
    runs: Mapping[str, Sequence[Run]]
    """By contender; ours comes first."""
    first_sound: Mapping[str, Sequence[float]]
    """Seconds, by what is heard first and by whom."""
    stages: Sequence[Stage]

    @property
    def ours(self) -> str:
        """The contender that the others are compared with."""
        return next(iter(self.runs))

    def ratio(self, name: str) -> float:
        """How many times as long as ours a contender takes, by the medians."""
        return self._seconds(name).median / self._seconds(self.ours).median

    def cpu_ratio(self, name: str) -> float:
        """How many times the CPU seconds of ours a contender takes, by the medians: what else the
        machine does changes it less."""
        theirs, ours = (
            spread([run.cpu_seconds for run in self.runs[of]]).median for of in (name, self.ours)
        )
        return theirs / ours

    @property
    def noise(self) -> float:
        """Of any contender, the slowest run divided by the fastest."""
        spreads = [self._seconds(name) for name in self.runs]
        return max(s.most / s.least for s in spreads)

    def _seconds(self, name: str) -> Spread:
        return spread([run.seconds for run in self.runs[name]])


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON values: seconds, megabytes, ratios."""
    return {
        "machine": dict(report.machine),
        "load_average": report.load,
        "words": report.words,
        "noise": round(report.noise, 3),
        "contenders": {
            name: {
                "ratio": round(report.ratio(name), 3),
                "cpu_ratio": round(report.cpu_ratio(name), 3),
                "rtf": round(spread([run.rtf for run in runs]).median, 4),
                "runs": [asdict(run) for run in runs],
            }
            for name, runs in report.runs.items()
        },
        "first_sound": {
            name: {**asdict(spread(seconds)), "seconds": list(seconds)}
            for name, seconds in report.first_sound.items()
        },
        "stages": [asdict(stage) for stage in report.stages],
    }


def show(report: Report, console: Console) -> None:
    """Print the report."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(
        title=f"An article of {report.words} words, whole commands, medians",
        box=SIMPLE, pad_edge=False,
    )  # fmt: skip
    for column in ("", "seconds (range)", "CPU s", "MB", "plays", "RTF", "x ours", "x CPU"):
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    for name, runs in report.runs.items():
        seconds = spread([run.seconds for run in runs])
        middle = {
            what: spread([getattr(run, what) for run in runs]).median
            for what in ("cpu_seconds", "peak_mb", "plays", "rtf")
        }
        table.add_row(
            name, f"{seconds.median:.2f} ({seconds.least:.1f}-{seconds.most:.1f})",
            f"{middle['cpu_seconds']:.1f}", f"{middle['peak_mb']:.0f}", f"{middle['plays']:.1f}",
            f"{middle['rtf']:.4f}", f"{report.ratio(name):.2f}", f"{report.cpu_ratio(name):.2f}",
        )  # fmt: skip
    console.print(table)
    if report.first_sound:
        table = Table("first sound, voice loaded", "median s", "worst s", "runs")
        for name, values in report.first_sound.items():
            heard = spread(values)
            table.add_row(name, f"{heard.median:.3f}", f"{heard.most:.3f}", str(len(values)))
        console.print(table)
    table = Table("stage, each alone", "seconds", "CPU s", "share of CPU")
    total = sum(stage.cpu_seconds for stage in report.stages)
    for stage in report.stages:
        table.add_row(
            stage.name, f"{stage.seconds:.2f}", f"{stage.cpu_seconds:.2f}",
            f"{stage.cpu_seconds / total:.1%}",
        )  # fmt: skip
    console.print(table)
    console.print(", ".join(f"{name} {value}" for name, value in report.machine.items()))
    console.print(noise_of(report))


def noise_of(report: Report) -> str:
    """How far the figures can be trusted."""
    said = (
        f"The slowest run of a contender took {report.noise:.2f} times as long as its fastest; "
        f"load average {report.load:.1f} before the first."
    )
    busy = report.noise > NOISY or report.load > LOADED
    return (
        f"{said} This machine was not quiet: go by the ratios, or measure again." if busy else said
    )


def plot(report: Report, file: BinaryIO) -> None:
    """Write a picture (PNG) of the real-time factors and of the first sounds; BenchError where
    matplotlib is missing."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise BenchError(
            "The plot needs matplotlib. Install it: pip install 'article-narrator[bench]'."
        ) from error
    figure = Figure(figsize=(9, 4.2), layout="constrained", dpi=110)
    left, right = figure.subplots(1, 2)
    rows = {
        f"{name}\n{report.ratio(name):.2f} times ours" if name != report.ours else name: spread(
            [run.rtf for run in runs]
        )
        for name, runs in report.runs.items()
    }
    _bars(left, rows, "seconds of work for a second of audio (RTF)")
    heard = {name.replace(": ", ":\n"): spread(v) for name, v in report.first_sound.items()}
    _bars(right, heard, "seconds until something is heard")
    about = report.machine
    figure.supxlabel(
        f"{about['processor']}, {about['cores']} cores. Less is better; medians, lines from best "
        f"to worst.\n{noise_of(report)}",
        fontsize=7,
    )
    figure.savefig(file, format="png", metadata={"Software": None})


def _bars(axes: Any, rows: Mapping[str, Spread], title: str) -> None:
    """Horizontal bars with their spread, the first on top and in another colour."""
    names = list(rows)
    medians = [rows[name].median for name in names]
    reach = [
        [rows[name].median - rows[name].least for name in names],
        [rows[name].most - rows[name].median for name in names],
    ]
    colours = ["#1b6e53" if name.startswith("narrator") else "#b9c2bd" for name in names]
    bars = axes.barh(names, medians, xerr=reach, color=colours, ecolor="#444444")
    axes.bar_label(bars, [f"{value:.3f}" for value in medians], padding=6)
    axes.margins(x=0.2)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
