"""Complementary suppression of small tables at the least loss: the pattern that no other protects more cheaply.

Two programs take turns (Fischetti & Salazar 2001). The first chooses the cells to hide, at the least sum of weights.
The second looks how far each sensitive cell can move under that choice; where that is not far enough, the prices of
what is published tell which cells could help, and become a condition for the next choice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import highspy
import numpy as np

from kaiji.control.complementary import Suppression, recheck, suppress, weights
from kaiji.control.primary import Rule, protection_levels
from kaiji.control.table_moves import Flags, Goal, Moves, quiet_solver
from kaiji.control.tables import Cells, Key, Sensitive, sensitive_unions

LARGEST = 100
"""Cells of a table that may be hidden, at most: beyond, the search takes too long."""
_CHOICES = 2000


def suppress_exactly(
    cells: Cells, primary: Sequence[Sensitive], unions: Rule | None = None, keep: Collection[Key] = ()
) -> Suppression:
    """Hide ``primary`` and the cells of least weight that it takes; arguments as for
    :func:`kaiji.control.complementary.suppress`.

    A table that cannot be protected in full, or whose search does not end, gets the pattern of that function, which
    says what stays unprotected.

    Raises:
        ValueError: more than :data:`LARGEST` cells could be hidden.
    """
    found = _Choice(cells, primary, unions, keep).search()
    if found is not None:
        result = recheck(cells, found, primary, unions)
        if not result.unprotected:
            return result
    return suppress(cells, primary, unions, keep)


class _Choice:
    def __init__(self, cells: Cells, primary: Sequence[Sensitive], unions: Rule | None, keep: Collection[Key]) -> None:
        if sum(cells.published) > LARGEST:
            raise ValueError(f"the exact search takes at most {LARGEST} cells")
        self._cells, self._unions = cells, unions
        number = {key: place for place, key in enumerate(cells.keys)}
        self._primary = [number[one.keys[0]] for one in primary]
        together = sensitive_unions(cells, range(len(cells.keys)), set(self._primary), unions) if unions else ()
        columns = [*cells.members, *(_finest(cells, [number[key] for key in union.keys]) for union in together)]
        self._moves = Moves(cells.sizes[: cells.finest], columns)
        self._goals = [
            Goal(place, up, amount)
            for place, one in zip(
                (*self._primary, *range(len(cells.keys), len(columns))), (*primary, *together), strict=True
            )
            for up, amount in ((True, one.levels.up), (False, one.levels.down))
            if amount
        ]
        low, high = np.zeros(len(cells.keys)), np.ones(len(cells.keys))
        high[[number[key] for key in keep if key in number]] = 0.0
        fixed = [*self._primary, *(place for place, published in enumerate(cells.published) if not published)]
        low[fixed] = high[fixed] = 1.0
        prices = np.where(low > 0, 0.0, weights(cells))
        self._master = quiet_solver()
        for option in ("mip_rel_gap", "mip_abs_gap"):
            self._master.setOptionValue(option, 0.0)
        nothing = np.zeros(0)
        for price, least, most in zip(prices, low, high, strict=True):
            self._master.addCol(price, least, most, 0, nothing.astype(np.int32), nothing)
        everything = np.arange(len(cells.keys), dtype=np.int32)
        kinds = np.full(len(cells.keys), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self._master.changeColsIntegrality(len(cells.keys), everything, kinds)

    def search(self) -> frozenset[Key] | None:
        """The pattern of least weight; None when there is none or the search does not end."""
        for _ in range(_CHOICES):
            self._master.run()
            if self._master.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            hidden = np.rint(self._master.getSolution().col_value).astype(np.bool_)
            conditions = self._conditions(hidden)
            if not conditions:
                published = np.array(self._cells.published)
                return frozenset(self._cells.keys[place] for place in np.flatnonzero(hidden & published))
            for gains, least in conditions:
                places = sorted(gains)
                factors = np.array([gains[place] for place in places])
                self._master.addRow(least, np.inf, len(places), np.array(places, dtype=np.int32), factors)
        return None

    def _conditions(self, hidden: Flags) -> list[tuple[Mapping[int, float], float]]:
        """What any good choice meets and this one does not: factor by cell and the least sum; empty when it is good."""
        conditions: list[tuple[Mapping[int, float], float]] = []
        free = np.concatenate([hidden, np.ones(self._moves.columns - len(hidden), dtype=np.bool_)])
        proved = self._moves.prove(self._goals, free)
        for goal in self._goals:
            if goal not in proved:
                gains = np.minimum(self._moves.gains(goal, free), 1.0)
                least = 1.0 - gains[len(hidden) :].sum()
                gains = gains[: len(hidden)]
                if gains[hidden].sum() >= least - 1e-6:
                    # far enough in fractions, but not in whole numbers: any other choice will do
                    gains, least = np.where(hidden, 0.0, 1.0), 1.0
                conditions.append(({int(place): gains[place] for place in np.flatnonzero(gains)}, least))
        return conditions or list(self._union_conditions(hidden))

    def _union_conditions(self, hidden: Flags) -> Iterable[tuple[Mapping[int, float], float]]:
        """Where a total tells a sensitive sum of hidden cells: hide one more of its cells, or itself, or one less."""
        if self._unions is None:
            return
        for total, parts in self._cells.equations:
            together = [place for place in parts if hidden[place]]
            if hidden[total] or len(together) < 2:
                continue
            if protection_levels([one for place in together for one in self._cells.holdings[place]], self._unions):
                factors = {place: -1.0 if hidden[place] else 1.0 for place in parts}
                yield factors | {total: 1.0}, 1.0 - len(together)


def _finest(cells: Cells, places: Iterable[int]) -> tuple[int, ...]:
    return tuple(finest for place in places for finest in cells.members[place])
