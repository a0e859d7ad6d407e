"""From the moves of a solver, in floating point, to whole moves that keep every limit exactly."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kaiji.control.elimination import solved_in_whole_numbers
from kaiji.control.move_program import MoveProgram
from kaiji.control.solver import Floats
from kaiji.control.unknowns import Limit, Unknowns, factors

Whole = NDArray[np.int64]

DIVISORS = (1, 2, 3, 4, 6, 12, 60, 5040)
"""Corners of a table's polytope are often halves or thirds of its ends; a step that these divide keeps them whole."""
ROOMS = (1000, 30, 2)
"""Steps that a group must be able to fall by to take up what rounding broke; with fewer groups first."""
MENDINGS = 500
"""Groups that are changed to mend what rounding broke."""
SEARCHED = 2_000
"""Most groups for which whole numbers are searched for when rounding fails."""
SEARCH_REACH = 1e6
"""Steps around the truth that such a search looks at."""


class WholeMoves:
    """Whole moves of the groups of ``unknowns`` that keep every limit."""

    def __init__(self, unknowns: Unknowns) -> None:
        self._unknowns = unknowns
        self._sums = [np.array(groups, dtype=np.int64) for groups in unknowns.sums]
        self._members = np.concatenate([np.zeros(0, dtype=np.int64), *self._sums])
        self._starts = np.cumsum(np.array([0, *(len(groups) for groups in unknowns.sums)]))[:-1]
        self._floors: dict[int, Whole] = {}
        self._equal = [factors(unknowns, limit) for limit in unknowns.limits if limit.least == limit.most]

    def near(self, moves: Floats, unit: int, step: int) -> dict[int, int] | None:
        """Whole moves of the groups near ``moves`` (in units); None where no way to round was found.

        Tries multiples of ``step``, then of the parts of it that :data:`DIVISORS` name, then mends what rounding
        broke.
        """
        for divisor in DIVISORS:
            if step % divisor:
                continue
            part = step // divisor
            counts = np.rint(moves * (unit / part)).astype(np.int64)
            if bool(np.all(counts >= self._floor(part))) and not any(True for _ in self._broken(counts, part)):
                return _moves(counts, part)
        counts = np.maximum(np.rint(moves * (unit / step)).astype(np.int64), self._floor(step))
        return _moves(counts, step) if self._mend(counts, step) else None

    def _floor(self, part: int) -> Whole:
        """Fewest parts that each group can move by."""
        if part not in self._floors:
            self._floors[part] = np.array([-min(size // part, 2**62) for size in self._unknowns.sizes], dtype=np.int64)
        return self._floors[part]

    def _broken(self, counts: Whole, part: int) -> Iterator[tuple[Limit, int]]:
        """Limits that moves of ``counts`` times ``part`` break, and by how much they must change; exact."""
        for limit, move in self._limits(counts, part):
            if limit.least is not None and move < limit.least:
                yield limit, limit.least - move
            elif limit.most is not None and move > limit.most:
                yield limit, limit.most - move

    def _limits(self, counts: Whole, part: int) -> Iterator[tuple[Limit, int]]:
        sums = np.add.reduceat(counts[self._members], self._starts).tolist() if len(self._starts) else []
        for limit in self._unknowns.limits:
            yield limit, part * sum(factor * sums[number] for number, factor in limit.terms)

    def _mend(self, counts: Whole, part: int) -> bool:
        """Changes ``counts`` until all limits hold, first the equalities together; False where that fails."""
        return self._even(counts, part) and self._loosen(counts, part)

    def _even(self, counts: Whole, part: int) -> bool:
        """Makes all equalities hold by small changes of groups that have room to fall."""
        for least in ROOMS:
            room = counts - self._floor(part) >= least
            rows = [{group: factor for group, factor in row.items() if room[group]} for row in self._equal]
            lacks = [-sum(factor * int(counts[group]) for group, factor in row.items()) for row in self._equal]
            changes = solved_in_whole_numbers(rows, lacks)
            if changes is not None and all(
                counts[group] + change >= self._floor(part)[group] for group, change in changes.items()
            ):
                for group, change in changes.items():
                    counts[group] += change
                return True
        return False

    def _loosen(self, counts: Whole, part: int) -> bool:
        """Makes all other limits hold, one group for each broken one.

        The group is the largest one that no other limit holds fast: one with less room than twice the change.
        """
        for _ in range(MENDINGS):
            broken = next(self._broken(counts, part), None)
            if broken is None:
                return True
            limit, lack = broken
            factors = self._factors(limit)
            change = np.zeros(len(counts), dtype=np.int64)
            for factor in np.unique(factors[factors != 0]).tolist():
                change[factors == factor] = -(-abs(lack) // (abs(factor) * part)) * (1 if lack * factor > 0 else -1)
            most = int(np.max(np.abs(change), initial=0)) * part
            able = (change != 0) & (counts + change >= self._floor(part))
            for other, move in self._limits(counts, part):
                room = 2 * most * sum(abs(factor) for _, factor in other.terms)
                if other is not limit and (
                    (other.least is not None and move - other.least < room)
                    or (other.most is not None and other.most - move < room)
                ):
                    able &= self._factors(other) == 0
            if not bool(np.any(able)):
                return False
            chosen = int(np.argmin(np.where(able, self._floor(part), 1)))
            counts[chosen] += change[chosen]
        return False

    def _factors(self, limit: Limit) -> Whole:
        """Factor of each group in a limit."""
        factors = np.zeros(len(self._unknowns.groups), dtype=np.int64)
        for number, factor in limit.terms:
            factors[self._sums[number]] += factor
        return factors

    def furthest(self, groups: Sequence[int], sign: int, step: int) -> dict[int, int] | None:
        """Moves in multiples of ``step`` that bring ``groups`` together furthest to the side of ``sign``, by a search
        for whole numbers; None where it is not settled."""
        if len(self._unknowns.groups) > SEARCHED:
            return None
        program = MoveProgram(self._unknowns, step, reach=SEARCH_REACH, step=step, whole=True)
        solution = program.solver.maximise(groups, [float(sign)] * len(groups))
        if solution is None or solution.status == "unbounded":
            return None
        return self.near(program.moves(solution), step, step)


def _moves(counts: Whole, part: int) -> dict[int, int]:
    return {int(group): int(counts[group]) * part for group in np.flatnonzero(counts)}
