# ruff: noqa: T201
"""Tables and bars: what was measured, what it is held against, and whether it holds."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from measure import Measured


class Bar(NamedTuple):
    """A limit that a figure is held against."""

    name: str
    value: float
    limit: float
    at_least: bool = False
    """True when the figure must not be below the limit, else it must not be above."""
    counts: bool = True
    """False when the run is not of the size that the bar is stated for: then it is printed only."""
    form: str = "{:.2f}"

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def row(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        verdict = "holds" if self.holds else "fails"
        shown = [self.form.format(self.value), f"{sign} {self.form.format(self.limit)}"]
        return [self.name, *shown, verdict if self.counts else f"({verdict}; other size)"]


def cpu(runs: Sequence[Measured]) -> float:
    """Median of the CPU-seconds."""
    return statistics.median(run.cpu for run in runs)


def phase(runs: Sequence[Measured], *names: str) -> float:
    """Median of the CPU-seconds of some phases together; NaN, which no bar lets pass, when a run names none of them."""
    sums = [sum(run.phases[name] for name in names if name in run.phases) or float("nan") for run in runs]
    return statistics.median(sums)


def peak(runs: Sequence[Measured]) -> int:
    """The largest peak of memory, in bytes."""
    return max(run.peak for run in runs)


def spread(runs: Sequence[Measured]) -> str:
    """How far the CPU-seconds lie apart."""
    all_of = [run.cpu for run in runs]
    return f"{min(all_of):.2f} to {max(all_of):.2f}" if len(runs) > 1 else "n = 1"


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a Markdown table."""
    print(f"\n### {title}\n")
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(row) + " |")


def print_bars(bars: Sequence[Bar]) -> bool:
    """Prints the bars and returns whether all that count hold."""
    print_table("Bars", ["bar", "measured", "limit", ""], [bar.row() for bar in bars])
    return all(bar.holds for bar in bars if bar.counts)


def run_row(name: str, runs: Sequence[Measured], *more: str) -> list[str]:
    """A row of the usual table of runs: :data:`RUN_HEADER`, then ``more``."""
    wall = statistics.median(run.wall for run in runs)
    return [name, f"{cpu(runs):.2f}", spread(runs), f"{wall:.1f}", f"{peak(runs) / 1e6:,.0f}", *more]


RUN_HEADER = ["run", "CPU-s (median)", "CPU-s (all)", "wall s", "peak MB"]
