"""What an attacker knows of sizes: atoms, sums of atoms, and relations that published figures make between sums.

An atom is the size (of one measure, a whole number, never negative) of what all published figures treat alike:
one owner's data of one combination of kinds. A reader concludes relations between sums of atoms; the publisher knows
the true sizes. Terms and forms: statistical disclosure control, see docs/design-notes.md, *The ceiling*.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple


class Relation(NamedTuple):
    """``low <= sum of coefficient x sum <= high``; an end that is None is no bound, an open end is never reached."""

    id: str
    """Id of the statement that says it; several relations may share one."""
    coefficients: tuple[tuple[int, Fraction], ...]
    """Index of a sum in :attr:`System.sums`, and its coefficient; each sum at most once."""
    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False


class System(NamedTuple):
    """Everything that one attacker knows, with the truth that only the publisher knows."""

    truth: Sequence[int]
    """True size of each atom, 0 or more."""
    sums: Sequence[Sequence[int]]
    """The atoms of each sum, ascending and without repeats; a sum of one atom stands for the atom."""
    relations: Sequence[Relation]
    known: frozenset[int] = frozenset()
    """Atoms whose true size the attacker knows besides: his own, or public ones."""

    def size(self, number: int) -> int:
        """True size of a sum."""
        return sum(self.truth[atom] for atom in self.sums[number])

    def value(self, relation: Relation) -> Fraction:
        """What the relation bounds, by the truth."""
        return sum((factor * self.size(number) for number, factor in relation.coefficients), Fraction(0))


class Target(NamedTuple):
    """A protected size: the sum of some atoms."""

    id: str
    """Private id, as ``owner:acme`` or ``source:news-archive``; never leaves `internal/`."""
    atoms: tuple[int, ...]
    """Ascending."""


class Protection(NamedTuple):
    """How far a protected size must stay open: an attacker's interval must reach from ``(1 - p) v`` to ``(1 + p) v``
    around the true size v, and its upper end must be at least ``factor`` times its lower one."""

    p: Fraction
    factor: Fraction | None = None


class Interval(NamedTuple):
    """What an attacker can conclude of a target; ``high`` is None without bound."""

    low: Fraction
    high: Fraction | None
    relations: tuple[str, ...] = ()
    """Ids of the statements that bind it, by weight: the published figures that combine."""


class Certificate(NamedTuple):
    """Another truth that agrees with every relation: proof that the targets named can be that far from the truth.

    Anybody can check it by arithmetic: ``truth + moves`` is nowhere negative, moves no known atom, meets every
    relation exactly, and moves each target by what is said.
    """

    moves: Mapping[int, int]
    """Change of each atom, where it is not 0."""
    targets: tuple[tuple[str, int], ...]
    """Id of a target and how far its sum moves; what the certificate proves."""
