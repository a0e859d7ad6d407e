"""Complementary suppression: which more cells of a table to hide, so that no hidden sensitive cell can be worked out.

A linear program finds for each sensitive cell the cheapest change of the table that takes it as far as it must stay
open; every cell that changes is hidden. Then hidden cells that turn out not to be needed are published again. The
changes are the proof: each is another table that prints the same figures. Source of the problem: Fischetti & Salazar
2001; SDC Handbook 4.4.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from kaiji.control.primary import ProtectionLevels, Rule, protection_levels
from kaiji.control.system import Certificate, Target
from kaiji.control.table_moves import Flags, Floats, Goal, Move, Moves
from kaiji.control.tables import Cells, Key, Sensitive, name, sensitive_unions


class Suppression(NamedTuple):
    """Which cells of a table are hidden, and the proof that the sensitive ones cannot be worked out.

    The pattern (:attr:`hidden`) is to be pinned: a pattern that follows the sizes tells of them (Minami & Abe 2019).
    """

    primary: tuple[Key, ...]
    """Hidden because they are sensitive, in the order of cells."""
    secondary: tuple[Key, ...]
    """Hidden to protect others, in the order of cells."""
    certificates: tuple[Certificate, ...]
    """For :func:`kaiji.control.tables.system_of` with this pattern; together they move each target as far as it must,
    both ways, but for those in ``unprotected``."""
    targets: tuple[Target, ...]
    """The sensitive cells, and sensitive sums of hidden cells; their atoms are finest cells."""
    unprotected: tuple[str, ...]
    """Ids of sensitive cells and sums of cells that stay open less than they must; empty when all is safe."""

    @property
    def hidden(self) -> frozenset[Key]:
        """All cells that are not printed."""
        return frozenset(self.primary) | frozenset(self.secondary)


def suppress(
    cells: Cells, primary: Sequence[Sensitive], unions: Rule | None = None, keep: Collection[Key] = ()
) -> Suppression:
    """Hide ``primary``, and what else it takes.

    Args:
        cells: The cells of the table.
        primary: The sensitive cells, see :func:`kaiji.control.tables.sensitive_cells`.
        unions: Rule for sums of hidden cells, see :func:`kaiji.control.tables.sensitive_unions`; None to leave them.
        keep: Cells that must be published, whatever they weigh.

    Returns:
        A pattern that is not always the smallest; sensitive cells that no pattern protects are in ``unprotected``.
    """
    search = Search(cells, primary, unions, keep)
    search.protect()
    search.prune()
    return search.result()


def recheck(cells: Cells, pattern: Collection[Key], sensitive: Sequence[Sensitive], unions: Rule | None) -> Suppression:
    """Test a pinned pattern on the sizes of ``cells``, those of a later release for instance; nothing is added to it.

    ``sensitive`` and ``unions`` are as for :func:`suppress`, by the new sizes. A sensitive cell that the pattern prints
    is unprotected, and so is a sensitive sum of hidden cells that a total tells. Cells of the pattern that are empty
    now stay hidden; they count as known to be empty, which is the safe side.
    """
    search = Search(cells, sensitive, unions, (), pattern)
    search.settle()
    return search.result()


def weights(cells: Cells) -> Floats:
    """Loss by hiding a cell, by number of the cell: log(1 + size), so that neither many small ones nor one large one
    is hidden lightly."""
    return np.log1p(np.array(cells.sizes, dtype=np.float64))


class Search:
    """A pattern on its way: what is hidden, what must stay open, and by which moves that is proved so far."""

    def __init__(
        self,
        cells: Cells,
        sensitive: Sequence[Sensitive],
        unions: Rule | None,
        keep: Collection[Key],
        pattern: Collection[Key] | None = None,
    ) -> None:
        self._cells, self._unions = cells, unions
        self._number = {key: place for place, key in enumerate(cells.keys)}
        self._sensitive = [self._number[one.keys[0]] for one in sensitive]
        self._keep = frozenset(self._number[key] for key in keep if key in self._number)
        self._pattern = pattern
        hidden = self._sensitive if pattern is None else [self._number[key] for key in pattern if key in self._number]
        self.hidden = set(hidden)
        self._columns = [tuple(members) for members in cells.members]
        self._union_columns: dict[tuple[int, ...], int] = {}
        self._named: dict[int, str] = {}
        self._goals: dict[int, tuple[Goal, ...]] = {}
        for place, one in zip(self._sensitive, sensitive, strict=True):
            self._require(place, name(cells.keys[place]), one.levels)
        self._moves = Moves(cells.sizes[: cells.finest], self._columns)
        self._proofs: dict[Goal, Move] = {}
        self._hopeless: set[Goal] = set()
        self._touching: defaultdict[int, list[int]] = defaultdict(list)
        for number, equation in enumerate(cells.equations):
            for place in (equation.total, *equation.parts):
                self._touching[place].append(number)

    def protect(self) -> None:
        """Hide more until all that is sensitive can move as far as it must, or nothing can be done for it."""
        self.settle(alone=False)
        while todo := sorted(self._open(), key=lambda goal: (-goal.amount, goal.column, not goal.up)):
            for goal in todo:
                if goal not in self._proofs:
                    self._extend(goal)
            self.settle(alone=False)

    def settle(self, *, alone: bool = True) -> None:
        """Prove what can be proved by the pattern as it is, after adding what sums of hidden cells make necessary.

        Without ``alone`` what many goals together do not prove stays open: :meth:`_extend` tells it as quickly.
        """
        self._add_unions()
        self._proofs |= self._moves.prove(self._open(), self._free(), alone=alone)

    def prune(self) -> None:
        """Publish again, largest first, what is not needed: where all that it proved can be proved without it."""
        secondary = sorted(self.hidden - set(self._sensitive), key=lambda place: (-self._cells.sizes[place], place))
        for place in secondary:
            self.hidden.discard(place)
            if self._tells_union(place) or not self._prove_without(place):
                self.hidden.add(place)

    def result(self) -> Suppression:
        """The pattern with its certificates."""
        keys, sensitive = self._cells.keys, set(self._sensitive)
        hidden = [keys[place] for place in sorted(self.hidden)]
        gone = sorted(set(self._pattern or ()) - set(hidden), key=name)
        unproved = sorted({goal.column for goals in self._goals.values() for goal in goals if goal not in self._proofs})
        return Suppression(
            primary=tuple(key for key in hidden if self._number[key] in sensitive),
            secondary=(*(key for key in hidden if self._number[key] not in sensitive), *gone),
            certificates=tuple(self._certificates()),
            targets=tuple(Target(self._named[column], tuple(sorted(self._columns[column]))) for column in self._goals),
            unprotected=tuple(self._named[column] for column in unproved),
        )

    def _require(self, column: int, named: str, needed: ProtectionLevels) -> None:
        goals = (Goal(column, True, needed.up), Goal(column, False, needed.down))
        self._goals[column] = tuple(goal for goal in goals if goal.amount)
        self._named[column] = named

    def _open(self) -> list[Goal]:
        return [
            goal
            for goals in self._goals.values()
            for goal in goals
            if goal not in self._proofs and goal not in self._hopeless
        ]

    def _free(self) -> Flags:
        free = np.zeros(len(self._columns), dtype=np.bool_)
        free[len(self._cells.keys) :] = True
        free[: len(self._cells.keys)] = ~np.array(self._cells.published, dtype=np.bool_)
        free[list(self.hidden)] = True
        return free

    def _extend(self, goal: Goal) -> None:
        """Hide what the cheapest move for ``goal`` changes."""
        free = self._free()
        prices = np.zeros(len(self._columns))
        prices[: len(self._cells.keys)] = weights(self._cells)
        prices[free] = 0.0
        stay = np.zeros(len(self._columns), dtype=np.bool_)
        stay[list(self._keep - self.hidden)] = True
        found = self._moves.cheapest(goal, prices, stay)
        if found is None:
            self._hopeless.add(goal)
            return
        moved, move = found
        added = {place for place in moved if not free[place]}
        self.hidden |= added
        if move:
            self._proofs.update((other, move) for other in self._open() if move.reaches(other))
        if not added and goal not in self._proofs and goal not in self._moves.prove([goal], self._free()):
            self._hopeless.add(goal)

    def _add_unions(self) -> None:
        """Ask of sums of hidden cells what their levels say; each gets a column in the programs."""
        if self._unions is None:
            return
        before = len(self._columns)
        for union in sensitive_unions(self._cells, self.hidden, set(self._sensitive), self._unions):
            places = tuple(self._number[key] for key in union.keys)
            if places not in self._union_columns:
                self._union_columns[places] = column = len(self._columns)
                self._columns.append(tuple(finest for place in places for finest in self._cells.members[place]))
                self._require(column, " + ".join(map(name, union.keys)), union.levels)
        if len(self._columns) > before:
            self._moves = Moves(self._cells.sizes[: self._cells.finest], self._columns)

    def _tells_union(self, place: int) -> bool:
        """True when, with cell ``place`` published, a total tells a sensitive sum of hidden cells around it."""
        if self._unions is None:
            return False
        for number in self._touching[place]:
            total, parts = self._cells.equations[number]
            together = [part for part in parts if part in self.hidden]
            if total in self.hidden or len(together) < 2:
                continue
            if protection_levels([one for part in together for one in self._cells.holdings[part]], self._unions):
                return True
        return False

    def _prove_without(self, place: int) -> bool:
        """Prove anew what moved cell ``place``, which is published now; False, and nothing changed, if it fails."""
        dropped = [column for places, column in self._union_columns.items() if place in places]
        kept = {column: goals for column, goals in self._goals.items() if column not in dropped}
        affected = [
            goal
            for goals in kept.values()
            for goal in goals
            if goal in self._proofs and self._changes(self._proofs[goal], place)
        ]
        prices = np.zeros(len(self._columns))
        secondary = sorted(self.hidden - set(self._sensitive))
        prices[secondary] = weights(self._cells)[secondary]
        again = self._moves.prove_all(affected, self._free(), prices)
        if again is None:
            return False
        self._proofs |= again
        self._goals = kept
        return True

    def _changes(self, move: Move, place: int) -> bool:
        return bool(move.steps[list(self._cells.members[place])].sum())

    def _certificates(self) -> Iterable[Certificate]:
        moves: dict[int, Move] = {}
        proved: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
        for column, goals in self._goals.items():
            for goal in goals:
                if goal in self._proofs:
                    move = self._proofs[goal]
                    moves[id(move)] = move
                    moved = move.steps[list(self._columns[column])].sum()
                    proved[id(move)].append((self._named[column], int(moved) * move.quantum))
        for place, move in moves.items():
            yield Certificate(move.changes(self._cells.finest), tuple(dict.fromkeys(proved[place])))
