"""Linear programs over the moves of unknown sizes (:mod:`kaiji.control.unknowns`), in a unit near what is asked.

Every sum that a limit combines with another one is a column of its own, so that a share has a row of two entries
and not of all its atoms. Ends far beyond the unit are cut off: raw sizes from 10^3 to 10^13 in one program are more
than a solver in floating point can tell apart.
"""

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from math import ceil, inf

import numpy as np

from kaiji.control.solver import Floats, Program, Solution
from kaiji.control.unknowns import Limit, Unknowns

ROWS_REACH = 100.0
"""A row is cut off this many times further out than a column."""
GIVEN = 0.25
"""Part of its room that a row gives up to rounding at most, in whole steps."""


class MoveProgram:
    """Moves d of all groups with ``size + d >= 0`` and every limit kept, in multiples of ``unit``.

    Args:
        unknowns: What can move.
        unit: Whole number; one in the program stands for it.
        reach: Moves beyond this many units are cut off: fewer worlds than there are. May be infinite.
        step: For worlds in multiples of it: ends are whole multiples and rows keep half a step for each
            column that rounding may shift. None: real numbers, ends as published, closed.
        totals: Targets (their places in ``unknowns.targets``) that get a column, so that they can be capped.
        whole: Columns are whole numbers; needs ``unit`` equal to ``step``.
        free: Groups that may move; None: all. Fewer make fewer worlds, and a smaller program.
    """

    def __init__(
        self,
        unknowns: Unknowns,
        unit: int,
        *,
        reach: float = inf,
        step: int | None = None,
        totals: Sequence[int] = (),
        whole: bool = False,
        free: Collection[int] | None = None,
    ) -> None:
        self.unit = unit
        self.reach = reach
        self._unknowns = unknowns
        self._step = step
        self._whole = whole
        self._free = free
        self._program = Program(whole=whole)
        self._limits_of_columns: dict[int, tuple[list[Limit], list[Limit]]] = {}
        self._limits_of_rows: dict[int, tuple[list[Limit], list[Limit]]] = {}
        self._sums()
        self.totals = self._totals(totals)
        self.solver = self._program.solver()

    def _sums(self) -> None:
        unknowns, program = self._unknowns, self._program
        alone: dict[int, list[Limit]] = {}
        joint = [limit for limit in unknowns.limits if len(limit.terms) > 1]
        for limit in unknowns.limits:
            if len(limit.terms) == 1:
                alone.setdefault(limit.terms[0][0], []).append(limit)
        lower = np.array([-self._down(size) for size in unknowns.sizes], dtype=np.float64)
        upper = np.full(len(lower), self.reach)
        for number, limits in alone.items():
            if len(unknowns.sums[number]) == 1:
                group = unknowns.sums[number][0]
                low, high = self._ends(number, limits)
                if low > lower[group]:
                    lower[group] = low
                upper[group] = min(upper[group], high)
                self._limits_of_columns[group] = self._sides(limits)
        if self._free is not None:
            held = np.ones(len(lower), dtype=np.bool_)
            held[np.array(sorted(self._free), dtype=np.int64)] = False
            lower[held] = upper[held] = 0.0
        program.columns(lower, upper)
        combined = {number for limit in joint for number, _ in limit.terms if len(unknowns.sums[number]) > 1}
        places: dict[int, int] = {}
        for number, groups in enumerate(unknowns.sums):
            if len(groups) == 1:
                places[number] = groups[0]
                continue
            limits = alone.get(number, [])
            low, high = self._ends(number, limits)
            ones = np.ones(len(groups))
            if number not in combined:
                row = program.row(groups, ones, low, high)
                self._limits_of_rows[row] = self._sides(limits)
                continue
            places[number] = program.columns(np.array([low]), np.array([high]))
            self._limits_of_columns[places[number]] = self._sides(limits)
            program.row([*groups, places[number]], [*ones, -1.0], 0.0, 0.0)
        for limit in joint:
            largest = max(abs(factor) for _, factor in limit.terms)
            low, high = self._joint_ends(limit, largest)
            row = program.row(
                [places[number] for number, _ in limit.terms],
                [factor / largest for _, factor in limit.terms],
                low,
                high,
            )
            self._limits_of_rows[row] = [limit], [limit]

    def _totals(self, totals: Sequence[int]) -> dict[int, int]:
        """Column of each target asked for; a column of its own, for it will be capped."""
        found = {}
        for target in totals:
            groups = self._unknowns.targets[target]
            column = self._program.columns(np.array([-inf]), np.array([inf]))
            self._program.row([*groups, column], [*np.ones(len(groups)), -1.0], 0.0, 0.0)
            found[target] = column
        return found

    def _down(self, size: int) -> float:
        """How far a group can fall."""
        whole = size if self._step is None else size // self._step * self._step
        return min(float(Fraction(whole, self.unit)), self.reach)

    def _ends(self, number: int, limits: Sequence[Limit]) -> tuple[float, float]:
        """Ends of one sum under all limits on it alone."""
        low, high = -inf, inf
        rounding = 0 if len(self._unknowns.sums[number]) == 1 else len(self._unknowns.sums[number])
        for limit in limits:
            factor = limit.terms[0][1]
            ends = [self._end(limit, factor, up) for up in (False, True)]
            if factor < 0:
                ends.reverse()
            low, high = max(low, -ends[0]), min(high, ends[1])
        return self._inside(low, high, rounding)

    def _joint_ends(self, limit: Limit, largest: int) -> tuple[float, float]:
        low, high = (self._end(limit, largest, up) for up in (False, True))
        columns = sum(len(self._unknowns.sums[number]) * abs(factor) for number, factor in limit.terms)
        return self._inside(-low, high, columns / largest)

    def _end(self, limit: Limit, factor: int, up: bool) -> float:
        """How far the limit lets ``terms / |factor|`` move up or down, in units."""
        real, whole = (limit.high, limit.most) if up else (limit.low, limit.least)
        end: Fraction | int | None = real if self._step is None else whole
        if end is None:
            return inf
        room = Fraction(end if up else -end) / abs(factor)
        if self._step is not None and len(limit.terms) == 1:
            room = Fraction(room // self._step * self._step)
        return float(room / self.unit)

    def _inside(self, low: float, high: float, columns: float) -> tuple[float, float]:
        """Ends cut off at what rows may reach, and drawn in by what rounding may shift."""
        if self._step is not None and not self._whole:
            size, most = self._step / self.unit, ceil(min(columns, self._rounded()) / 2)
            low += min(most, -low * GIVEN // size) * size if low > -inf else 0.0
            high -= min(most, high * GIVEN // size) * size if high < inf else 0.0
        far = self.reach * ROWS_REACH
        return max(low, -far), min(high, far)

    def _rounded(self) -> int:
        """Most columns that a corner of the program leaves between their ends."""
        return len(self._unknowns.sums) + len(self._unknowns.limits)

    @staticmethod
    def _sides(limits: Iterable[Limit]) -> tuple[list[Limit], list[Limit]]:
        """The limits that bind a sum from below and from above, the tightest of each."""
        low: list[tuple[Fraction, str, Limit]] = []
        high: list[tuple[Fraction, str, Limit]] = []
        for limit in limits:
            factor = limit.terms[0][1]
            for end, up in ((limit.low, False), (limit.high, True)):
                if end is not None:
                    (high if up == (factor > 0) else low).append((abs(end / factor), limit.id, limit))
        return ([min(low, key=lambda entry: entry[:2])[2]] if low else []), (
            [min(high, key=lambda entry: entry[:2])[2]] if high else []
        )

    def binding(self, solution: Solution) -> dict[str, float]:
        """Weight of each statement in the answer: how much the answer would change if its figure did.

        Published relations enter as limits; their duals are the weights.
        """
        weights: dict[str, float] = {}
        for duals, owners in (
            (solution.column_duals, self._limits_of_columns),
            (solution.row_duals, self._limits_of_rows),
        ):
            for place, (below, above) in owners.items():
                if len(duals) and abs(duals[place]) > 1e-9:
                    for limit in above if duals[place] > 0 else below:
                        weights[limit.id] = weights.get(limit.id, 0.0) + abs(float(duals[place]))
        return weights

    def cut_off(self, solution: Solution) -> bool:
        """True when moves further out than ``reach`` might change the answer: a cut end holds it."""
        return solution.status == "unbounded" or any(
            bool(np.any((np.abs(values) >= self.reach * 0.999) & (np.abs(duals) > 1e-9)))
            for values, duals in (
                (solution.values, solution.column_duals),
                (solution.row_values, solution.row_duals),
            )
        )

    def moves(self, solution: Solution) -> Floats:
        """Moves of the groups, in units."""
        return solution.values[: len(self._unknowns.groups)]
