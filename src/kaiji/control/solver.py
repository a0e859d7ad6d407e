"""Linear programs in memory, solved by HiGHS: one thread, nothing printed, the same answer every time.

A program is built once and solved for many objectives; each solve starts where the one before it ended.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from kaiji.errors import StageError

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

NODES = 20_000
"""Nodes of a search for whole numbers, after which it counts as unresolved; a limit of time would not repeat."""


class UnresolvedError(StageError):
    """A question about what an attacker can conclude has no reliable answer; it counts as a disclosure."""


class Solution(NamedTuple):
    """What a solve found; a value of an unbounded program is a point on the way, not the end."""

    status: Literal["optimal", "unbounded"]
    values: Floats
    """Of each column."""
    column_duals: Floats
    """How much the answer changes with the end that holds the column; empty for whole numbers."""
    row_values: Floats
    row_duals: Floats


class Program:
    """Columns and rows of a linear program (or of one in whole numbers); ends may be infinite."""

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._columns = 0
        self._indices: list[Ints] = []
        self._factors: list[Floats] = []
        self._row_lower: list[float] = []
        self._row_upper: list[float] = []

    def columns(self, lower: Floats, upper: Floats) -> int:
        """Adds columns between ``lower`` and ``upper``; the index of the first."""
        first = self._columns
        self._lower.append(lower)
        self._upper.append(upper)
        self._columns += len(lower)
        return first

    def row(self, columns: Sequence[int] | Ints, factors: Sequence[float] | Floats, lower: float, upper: float) -> int:
        """Adds ``lower <= factors . columns <= upper``; its index."""
        self._indices.append(np.asarray(columns, dtype=np.int32))
        self._factors.append(np.asarray(factors, dtype=np.float64))
        self._row_lower.append(lower)
        self._row_upper.append(upper)
        return len(self._row_lower) - 1

    def solver(self) -> "Solver":
        """The program as it stands, ready to be solved."""
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = self._columns, len(self._row_lower)
        program.col_cost_ = np.zeros(self._columns)
        program.col_lower_, program.col_upper_ = np.concatenate(self._lower), np.concatenate(self._upper)
        program.row_lower_, program.row_upper_ = np.array(self._row_lower), np.array(self._row_upper)
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.num_col_, matrix.num_row_ = self._columns, len(self._row_lower)
        lengths = [0, *(len(indices) for indices in self._indices)]
        matrix.start_ = np.cumsum(np.array(lengths), dtype=np.int32)
        matrix.index_ = np.concatenate([np.zeros(0, dtype=np.int32), *self._indices])
        matrix.value_ = np.concatenate([np.zeros(0), *self._factors])
        program.sense_ = highspy.ObjSense.kMaximize
        if self._whole:
            program.integrality_ = [highspy.HighsVarType.kInteger] * self._columns
        return Solver(program)


class Solver:
    """Solves one program for one objective after another."""

    def __init__(self, program: highspy.HighsLp) -> None:
        self._columns = program.num_col_
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("parallel", "off"),
            ("solver", "simplex"),
            ("simplex_strategy", 0),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 0.0),
            ("mip_max_nodes", NODES),
        ):
            self._highs.setOptionValue(option, value)
        self._highs.passModel(program)
        self._costed: Ints = np.zeros(0, dtype=np.int32)

    def bound(self, columns: Sequence[int] | Ints, lower: Floats, upper: Floats) -> None:
        """Gives columns new ends."""
        indices = np.asarray(columns, dtype=np.int32)
        self._highs.changeColsBounds(len(indices), indices, lower, upper)

    def maximise(self, columns: Sequence[int] | Ints, costs: Sequence[float] | Floats) -> Solution | None:
        """Largest ``costs . columns``; None where the solver gives no reliable answer, even from scratch."""
        indices = np.asarray(columns, dtype=np.int32)
        self._highs.changeColsCost(len(self._costed), self._costed, np.zeros(len(self._costed)))
        self._highs.changeColsCost(len(indices), indices, np.asarray(costs, dtype=np.float64))
        self._costed = indices
        status = self._run()
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnbounded):
            self._highs.clearSolver()
            status = self._run()
        if status is highspy.HighsModelStatus.kUnboundedOrInfeasible:
            self._highs.setOptionValue("presolve", "off")
            self._highs.clearSolver()
            status = self._run()
            self._highs.setOptionValue("presolve", "choose")
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnbounded):
            return None
        found = self._highs.getSolution()
        optimal = status == highspy.HighsModelStatus.kOptimal
        values = np.array(found.col_value) if found.value_valid else np.zeros(self._columns)
        duals = found.dual_valid
        return Solution(
            "optimal" if optimal else "unbounded",
            values,
            np.array(found.col_dual) if duals else np.zeros(0),
            np.array(found.row_value) if found.value_valid else np.zeros(0),
            np.array(found.row_dual) if duals else np.zeros(0),
        )

    def _run(self) -> highspy.HighsModelStatus:
        self._highs.run()
        return self._highs.getModelStatus()
