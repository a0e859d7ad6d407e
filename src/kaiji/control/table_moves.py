"""How far hidden cells of a table can move: linear programs whose results count only as exact whole-number moves.

Sizes reach from 1 to 10^13, which no floating-point solver bears. So each program is stated in quanta, whole numbers
near a thousandth of what is asked, with all bounds cut down to whole quanta. Its vertices are then fractions with one
small denominator, that of the basis; with a quantum that it divides, the vertex is a move in whole numbers. That is
checked in integers: adds up, never below zero, touches nothing published. What fails the check proves nothing. Cutting
down only makes it harder to call a cell protected.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import highspy
import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

_MOST = 10**7
"""Quanta that a cell may move at most: ten thousand times what is asked."""
_LARGEST_DENOMINATOR = 1000
_TRIES = 3
_ROUNDS = 6
_SPARE = 50
"""Where many goals are asked for together, a fiftieth more than needed: what rounding may take."""
_LEAST_MOVE = 1e-6
_LEAST_PRICE = 1e-10
_LEAST_PART = 2e-4
"""How near to whole a multiple of a fraction of seven digits must be; a wrong guess fails the check in integers."""


class Goal(NamedTuple):
    """A column (a cell, or a sum of cells) that must be able to move by ``amount`` (above 0), up or down."""

    column: int
    up: bool
    amount: int


class Move(NamedTuple):
    """A change of sizes that agrees with all that is published: ``steps`` (by column) times ``quantum``."""

    quantum: int
    steps: Whole

    def reaches(self, goal: Goal) -> bool:
        """True when the move takes the column of ``goal`` as far as asked."""
        moved = int(self.steps[goal.column]) * self.quantum
        return moved >= goal.amount if goal.up else -moved >= goal.amount

    def changes(self, finest: int) -> dict[int, int]:
        """Change of each of the first ``finest`` columns, where it is not 0."""
        return {int(place): int(self.steps[place]) * self.quantum for place in np.flatnonzero(self.steps[:finest])}


class Moves:
    """The programs over one set of columns: first the finest cells, then sums of finest cells."""

    def __init__(self, sizes: Sequence[int], members: Sequence[Sequence[int]]) -> None:
        """``sizes`` are those of the finest cells, ``members`` the finest cells of each column, finest ones first."""
        self._sizes = sizes
        self._count, self._finest = len(members), len(sizes)
        self.columns = self._count
        sums = members[self._finest :]
        self._row = np.repeat(np.arange(len(sums)), [len(finest) for finest in sums])
        self._place = np.fromiter((place for finest in sums for place in finest), np.int64)
        self._up_down: highspy.Highs | None = None
        self._one_way = self._model(split=False)

    def prove(self, goals: Sequence[Goal], free: Flags, *, alone: bool = True) -> dict[Goal, Move]:
        """Moves for as many of ``goals`` as can be found when only the columns ``free`` move.

        Goals of one decade are asked for together, each capped at what it needs, so that one move serves many
        (batch certification); what is left is asked for one by one, unless ``alone`` is False.
        """
        found: dict[Goal, Move] = {}
        decades = sorted({len(str(goal.amount)) for goal in goals}, reverse=True)
        for decade in decades:
            for up in (True, False):
                todo = [goal for goal in goals if goal.up is up and len(str(goal.amount)) == decade]
                for _ in range(_ROUNDS):
                    todo = [goal for goal in todo if goal not in found]
                    if len(todo) < 2:
                        break
                    move = self._together(todo, free)
                    if not move or not self._absorb(move, goals, found):
                        break
        weights = np.ones(self._count)
        for goal in goals if alone else ():
            if goal not in found and (move := self._alone(goal, free, weights)):
                self._absorb(move, goals, found)
        return found

    def prove_all(self, goals: Sequence[Goal], free: Flags, weights: Floats) -> dict[Goal, Move] | None:
        """Moves for all of ``goals``, each at the least sum of weight times change; None when one has none.

        Such moves change few columns, so that few of them are lost when a column is no longer free.
        """
        found: dict[Goal, Move] = {}
        for goal in goals:
            if goal not in found:
                if not (move := self._alone(goal, free, weights)):
                    return None
                self._absorb(move, goals, found)
        return found

    def gains(self, goal: Goal, free: Flags) -> Floats:
        """What columns could add to ``goal``, which the columns ``free`` do not reach.

        By column: the most that it can add to the part of what is asked that is reached, if it may move. Whatever else
        may move, columns whose gains add up to less than 1 do not reach the goal.
        """
        quantum = _quantum(goal.amount)
        if self._maximise([goal], free, quantum) is None:
            return np.ones(self._count)
        prices = np.asarray(self._one_way.getSolution().col_dual)
        low, high = self._range(quantum)
        gains = np.zeros(self._count)
        for sign, most in ((1, high), (-1, low)):
            priced = sign * prices > _LEAST_PRICE
            gains[priced] = prices[priced] * most[priced]
        return gains

    def _alone(self, goal: Goal, free: Flags, weights: Floats) -> Move | None:
        """A move of the columns ``free`` that reaches ``goal``: the cheapest; else one that goes as far as it can; else
        one that a search for whole numbers finds."""
        cheapest = self.cheapest(goal, weights, ~free)
        if cheapest is None or cheapest[1]:
            return cheapest and cheapest[1]
        quantum = _quantum(goal.amount)
        for whole in (False, True):
            values = self._maximise([goal], free, quantum, whole=whole)
            if values is not None:
                move = self._refined(lambda finer: self._maximise([goal], free, finer), values, quantum, free)
                if move and move.reaches(goal):
                    return move
        return None

    def cheapest(self, goal: Goal, weights: Floats, stay: Flags) -> tuple[frozenset[int], Move | None] | None:
        """The columns that move when ``goal`` is reached at the least sum of weight times change.

        Args:
            goal: What must move.
            weights: Price by column; 0 for those that may move anyway.
            stay: Columns that must never move.

        Returns:
            The columns, and the move if it is one in whole numbers; None when the goal cannot be reached.
        """

        def solve(quantum: int) -> Floats | None:
            low, high = self._range(quantum)
            low[stay] = high[stay] = 0.0
            steps = -(-goal.amount // quantum) * (1 if goal.up else -1)
            if not low[goal.column] <= steps <= high[goal.column]:
                return None
            low[goal.column] = high[goal.column] = steps
            return self._least_change(low, high, weights)

        quantum = _quantum(goal.amount)
        values = solve(quantum)
        if values is None:
            return None
        moved = np.abs(values) > _LEAST_MOVE
        return frozenset(np.flatnonzero(moved).tolist()), self._refined(solve, values, quantum, moved)

    def _least_change(self, low: Floats, high: Floats, weights: Floats) -> Floats | None:
        """Changes by column between ``low`` and ``high`` of the least sum of weight times change; None without any."""
        if self._up_down is None:
            self._up_down = self._model(split=True)
        solver, count = self._up_down, 2 * self._count
        everything = np.arange(count, dtype=np.int32)
        least, most = (low, -high), (high, -low)
        solver.changeColsCost(count, everything, np.concatenate([weights, weights]))
        solver.changeColsBounds(count, everything, *(np.maximum(np.concatenate(ends), 0.0) for ends in (least, most)))
        solver.setBasis()  # nothing moves: all prices are right there, and few changes lead to the goal
        if not _solved(solver):
            return None
        values: Floats = np.array(solver.getSolution().col_value)
        return values[: self._count] - values[self._count :]

    def _together(self, goals: Sequence[Goal], free: Flags) -> Move | None:
        """A move that reaches as much of ``goals`` (of one decade and direction) as possible."""
        quantum = _quantum(goals[0].amount)
        values = self._maximise(goals, free, quantum)
        if values is None:
            return None
        move = self._refined(lambda finer: self._maximise(goals, free, finer), values, quantum, free)
        return move or self._repaired(values, quantum, free)

    def _maximise(self, goals: Sequence[Goal], free: Flags, quantum: int, *, whole: bool = False) -> Floats | None:
        """The greatest sum over ``goals`` of the part that is reached: changes by column in quanta."""
        solver, count = self._one_way, self._count
        everything = np.arange(count, dtype=np.int32)
        low, high = self._range(quantum)
        low[~free] = high[~free] = 0.0
        cost = np.zeros(count)
        for goal in goals:
            steps = -(-goal.amount // quantum)
            if len(goals) > 1:
                steps += -(-steps // _SPARE)
            cost[goal.column] = (1.0 if goal.up else -1.0) / steps
            if goal.up:
                high[goal.column] = min(high[goal.column], steps)
            else:
                low[goal.column] = max(low[goal.column], -steps)
        solver.changeColsBounds(count, everything, low, high)
        solver.changeColsCost(count, everything, cost)
        if whole:
            kinds = np.full(count, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
            solver.changeColsIntegrality(count, everything, kinds)
        values = np.array(solver.getSolution().col_value) if _solved(solver) else None
        if whole:
            kinds = np.full(count, int(highspy.HighsVarType.kContinuous), dtype=np.uint8)
            solver.changeColsIntegrality(count, everything, kinds)
        return values

    def _refined(self, solve: Callable[[int], Floats | None], values: Floats, quantum: int, free: Flags) -> Move | None:
        """``values``, a vertex in quanta, as a move in whole numbers.

        If it is none, ``solve`` again with a quantum that its denominator divides: the same basis has then a vertex
        in whole numbers.
        """
        again: Floats | None = values
        for _ in range(_TRIES):
            part = None if again is None else _denominator(again)
            if again is None or part is None:
                return None
            if quantum % part == 0:
                return self._exact(again, quantum, free)
            quantum = part * max(1, quantum // part)
            again = solve(quantum)
        return None if again is None else self._exact(again, quantum, free)

    def _repaired(self, values: Floats, quantum: int, free: Flags) -> Move | None:
        """``values`` rounded, and then changed as little as it takes to add up again."""
        low, high = self._range(quantum)
        low[~free] = high[~free] = 0.0
        weights = np.zeros(self._count)
        weights[: self._finest] = 1.0
        for _ in range(_TRIES):
            steps = self._add_up(np.rint(values[: self._finest]))
            if not steps[~free].any():
                return self._exact(steps, quantum, free)
            changes = self._least_change(low - steps, high - steps, weights)
            if changes is None:
                return None
            values = steps + changes
        return None

    def _add_up(self, finest: Floats) -> Floats:
        """Changes of all columns by those of the finest cells."""
        return np.concatenate([finest, np.bincount(self._row, finest[self._place], self._count - self._finest)])

    def _range(self, quantum: int) -> tuple[Floats, Floats]:
        """Least and greatest change of each column in quanta; sums are held by their members alone."""
        low, high = np.full(self._count, -np.inf), np.full(self._count, np.inf)
        low[: self._finest] = -np.minimum(self._room(quantum), _MOST)
        high[: self._finest] = _MOST
        return low, high

    def _exact(self, values: Floats, quantum: int, free: Flags) -> Move | None:
        """``values`` (in quanta) as a move in whole numbers; None when they are none, or break a bound."""
        part = _denominator(values)
        if part is None or quantum % part:
            return None
        finest = np.rint(values[: self._finest] * part).astype(np.int64)
        steps = np.concatenate([finest, np.zeros(self._count - self._finest, dtype=np.int64)])
        np.add.at(steps, self._finest + self._row, finest[self._place])
        if steps[~free].any() or (finest < -self._room(quantum // part)).any():
            return None
        return Move(quantum // part, steps)

    def _room(self, quantum: int) -> Whole:
        return np.array([size // quantum for size in self._sizes], dtype=np.int64)

    @staticmethod
    def _absorb(move: Move, goals: Iterable[Goal], found: dict[Goal, Move]) -> bool:
        reached = [goal for goal in goals if goal not in found and move.reaches(goal)]
        found.update(dict.fromkeys(reached, move))
        return bool(reached)

    def _model(self, *, split: bool) -> highspy.Highs:
        """Each sum of finest columns less its own column is 0; with ``split``, moves up and down are apart."""
        count, rows = self._count, self._count - self._finest
        own = np.arange(rows)
        row = np.concatenate([self._row, own])
        column = np.concatenate([self._place, self._finest + own])
        value = np.concatenate([np.ones(len(self._row)), -np.ones(rows)])
        if split:
            row, column, value = (
                np.tile(row, 2),
                np.concatenate([column, column + count]),
                np.concatenate([value, -value]),
            )
        order = np.lexsort((column, row))
        model = highspy.HighsLp()
        model.sense_ = highspy.ObjSense.kMinimize if split else highspy.ObjSense.kMaximize
        model.num_col_, model.num_row_ = (2 if split else 1) * count, rows
        model.col_cost_ = model.col_lower_ = model.col_upper_ = np.zeros(model.num_col_)
        model.row_lower_ = model.row_upper_ = np.zeros(rows)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))]).astype(np.int32)
        model.a_matrix_.index_ = column[order].astype(np.int32)
        model.a_matrix_.value_ = value[order]
        solver = quiet_solver()
        if split:
            solver.setOptionValue("presolve", "off")
        solver.passModel(model)
        return solver


def quiet_solver() -> highspy.Highs:
    """A solver that prints nothing and gives the same result each time: one thread, simplex."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("solver", "simplex"), ("mip_max_nodes", 10_000)):
        solver.setOptionValue(option, value)
    return solver


def _solved(solver: highspy.Highs) -> bool:
    """Runs ``solver``; once more from the beginning if it does not end with an optimum."""
    for _ in range(2):
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return True
        if status == highspy.HighsModelStatus.kInfeasible:
            return False
        solver.clearSolver()
    return False


def _quantum(amount: int) -> int:
    """A thousandth of the decade of ``amount``; 1 for small ones."""
    return int(max(1, 10 ** (len(str(amount)) - 1) // 1000))


def _denominator(values: Floats) -> int | None:
    """Least common denominator of ``values``; None when it is too large to be told."""
    parts = np.unique(np.round(values % 1.0, 7))
    denominators = np.arange(1, _LARGEST_DENOMINATOR + 1)
    multiples = np.outer(denominators, parts)
    fits = (np.abs(multiples - np.rint(multiples)) < _LEAST_PART).all(axis=1)
    return int(denominators[fits.argmax()]) if fits.any() else None
