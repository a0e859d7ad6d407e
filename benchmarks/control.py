# ruff: noqa: T201
"""Measures the protection of tables: finding what hiding only the sensitive cells tells, and hiding what else it takes.

    python benchmarks/control.py                    # tables of 300 to 2,000 datasets: some two minutes
    python benchmarks/control.py --largest 10000    # up to 10,000 datasets

For each table, made by `tables.py` and published with all its margins, a process of its own does:

baseline    two linear programs for each sensitive cell, its least and greatest size (HiGHS, warm start); ended after
            --seconds, then the rest is estimated from what was done (marked ~)
audit       kaiji's audit of the same: batches, and proofs in whole numbers
suppress    kaiji's complementary suppression, with the unions of hidden cells and its own audit
verify      every proof again by arithmetic, and a new audit of the pattern

Prints Markdown tables. Exit code 1 when a bar fails: hiding only the sensitive cells must be reported as a breach, and
after suppression nothing may be recovered or under-protected; the audit must be cheaper than the baseline from 300
targets on.
"""

import argparse
import json
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction

import highspy
import numpy as np
from measure import Measured, run
from report import Bar, print_bars, print_table
from tables import made

from kaiji.control.certificates import verify
from kaiji.control.complementary import recheck, suppress
from kaiji.control.primary import Rule
from kaiji.control.tables import Cells, Key, cells_of, sensitive_cells, system_of

CASES = {
    "10x6, 300": (300, (10, 6)),
    "10x6x20, 300": (300, (10, 6, 20)),
    "10x6x20, 1000": (1_000, (10, 6, 20)),
    "10x6x100, 2000": (2_000, (10, 6, 100)),
    "20x10x100, 10000": (10_000, (20, 10, 100)),
}
RULE = Rule(Fraction(15, 100), 3)
EXACT = 1e-4
"""Width of an interval, in parts of the size, up to which a cell counts as recovered exactly."""


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Prints the CPU-seconds of what it surrounds, for :attr:`measure.Measured.phases`."""
    started = time.process_time()
    yield
    print(f"phase {name} {time.process_time() - started:.3f}", file=sys.stderr, flush=True)


class Pairs:
    """The baseline: what an attacker concludes of one cell, by two linear programs."""

    def __init__(self, cells: Cells, hidden: Collection[Key]) -> None:
        closed = set(hidden)
        self._cells = cells
        self._column = {
            place: number for number, place in enumerate(p for p in range(cells.finest) if cells.keys[p] in closed)
        }
        self._solver = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("solver", "simplex")):
            self._solver.setOptionValue(option, value)
        nothing = np.zeros(0)
        for place in self._column:
            self._solver.addCol(0.0, -cells.sizes[place] / 1e6, np.inf, 0, nothing.astype(np.int32), nothing)
        for place in range(cells.finest, len(cells.keys)):
            inside = [self._column[one] for one in cells.members[place] if one in self._column]
            if inside and cells.keys[place] not in closed:
                self._solver.addRow(0.0, 0.0, len(inside), np.array(inside, dtype=np.int32), np.ones(len(inside)))

    def width(self, place: int) -> float:
        """Greatest less least size of a hidden cell, in parts of its size; infinite without bound."""
        inside = [self._column[one] for one in self._cells.members[place] if one in self._column]
        columns = np.array(inside, dtype=np.int32)
        ends = []
        for sign in (1.0, -1.0):
            self._solver.changeColsCost(len(inside), columns, np.full(len(inside), sign))
            self._solver.run()
            if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return float("inf")
            ends.append(sign * self._solver.getInfo().objective_function_value * 1e6)
            self._solver.changeColsCost(len(inside), columns, np.zeros(len(inside)))
        return (ends[1] - ends[0]) / self._cells.sizes[place]


def measure_one(case: str, seconds: float) -> dict[str, float]:
    """What one process measures of one table; its phases go to stderr."""
    datasets, kinds = CASES[case]
    with phase("build"):
        cells = cells_of(made(datasets=datasets, kinds=kinds))
        sensitive = sensitive_cells(cells, RULE)
    pattern = [one.keys[0] for one in sensitive]
    place = {key: number for number, key in enumerate(cells.keys)}
    done, started = 0, time.process_time()
    with phase("baseline"):
        pairs = Pairs(cells, pattern)
        for one in pattern:
            pairs.width(place[one])
            done += 1
            if time.process_time() - started > seconds:
                break
    with phase("audit"):
        alone = recheck(cells, pattern, sensitive, None)
    named = {target.id: one.keys[0] for target, one in zip(alone.targets, sensitive, strict=True)}
    exact = sum(pairs.width(place[named[cell]]) <= EXACT for cell in alone.unprotected)
    with phase("suppress"):
        found = suppress(cells, sensitive, RULE)
    with phase("verify"):
        system = system_of(cells, found.hidden)
        wrong = sum(bool(verify(system, one, found.targets)) for one in found.certificates)
        again = recheck(cells, found.hidden, sensitive, RULE)
    after = Pairs(cells, found.hidden)
    hidden_mass = sum(cells.sizes[place[key]] for key in found.hidden if None not in key)
    return {
        "cells": len(cells.keys),
        "sensitive": len(sensitive),
        "pairs done": done,
        "exact": exact,
        "under": len(alone.unprotected),
        "secondary": len(found.secondary),
        "exact after": sum(after.width(place[named[cell]]) <= EXACT for cell in alone.unprotected),
        "under after": len(found.unprotected) + len(again.unprotected),
        "certificates": len(found.certificates),
        "wrong": wrong,
        "hidden mass": hidden_mass / sum(cells.sizes[: cells.finest]),
    }


def report(measured: dict[str, Measured]) -> bool:
    """Prints what the processes measured, and returns whether the bars hold."""
    figures, costs, bars = [], [], []
    for case, one in measured.items():
        told = json.loads(one.stdout)
        phases = one.phases
        part = told["pairs done"] / told["sensitive"]
        baseline = phases["baseline"] / part
        figures.append(
            [case, *(f"{told[name]:,.0f}" for name in ("cells", "sensitive")), f"{told['exact']} / {told['under']}",
             f"{told['secondary']}", f"{told['exact after']} / {told['under after']}",
             f"{told['certificates']} / {told['wrong']}", f"{told['hidden mass']:.0%}"]
        )  # fmt: skip
        costs.append(
            [case, ("" if part == 1 else "~") + f"{baseline:.2f}", f"{phases['audit']:.2f}",
             f"{baseline / phases['audit']:.1f}", f"{phases['suppress']:.2f}", f"{phases['verify']:.2f}",
             f"{one.peak / 1e6:,.0f}"]
        )  # fmt: skip
        bars += [
            Bar(f"{case}: sensitive cells alone are a breach", told["under"], 1, at_least=True),
            Bar(
                f"{case}: recovered or under-protected after suppression", told["exact after"] + told["under after"], 0
            ),
            Bar(f"{case}: proofs that do not verify", told["wrong"], 0),
        ]
        if told["sensitive"] >= 300:
            bars.append(Bar(f"{case}: audit / baseline", phases["audit"] / baseline, 1.0))
    print_table(
        "What hiding the sensitive cells alone tells, and what is hidden in the end",
        ["table, datasets", "cells", "sensitive", "alone: exact / under-protected", "secondary",
         "after: exact / under-protected", "proofs / wrong", "mass hidden"],
        figures,
    )  # fmt: skip
    print_table(
        "CPU-seconds, and peak memory of the whole process",
        ["table, datasets", "baseline", "audit", "baseline / audit", "suppress", "verify", "peak MB"],
        costs,
    )
    return print_bars(bars)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measures the protection of tables.")
    parser.add_argument("--largest", type=int, default=2_000, help="datasets of the largest table (2000)")
    parser.add_argument("--seconds", type=float, default=60.0, help="CPU-seconds for a baseline (60)")
    parser.add_argument("--one", choices=CASES, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        print(json.dumps(measure_one(given.one, given.seconds)))
        return 0
    measured = {}
    for case, (datasets, _) in CASES.items():
        if datasets <= given.largest:
            measured[case] = run([sys.executable, __file__, "--one", case, "--seconds", str(given.seconds)])
            print(f"{case}: {measured[case].cpu:.1f} CPU-s", file=sys.stderr, flush=True)
    return 0 if report(measured) else 1


if __name__ == "__main__":
    sys.exit(main())
