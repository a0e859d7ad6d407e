"""How much a document tells of a facet: the scale from L0 (nothing) to L4 (everything), and the corridor permitted.

The place on the scale follows from what a reader can conclude from the published figures, never from the name of the
level that was chosen.
"""

from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

COVERED = Fraction(19, 20)
"""Part of the data of specific kinds that must be in named kinds, for more than L1."""
ROUGH, FINE = Fraction(1, 2), Fraction(9, 10)
"""Reader precision from which on shares count as usable (L2), and as precise (L3)."""


class Openness(IntEnum):
    """Place on the scale."""

    OPAQUE = 0
    NOMINAL = 1
    CATEGORY = 2
    PRECISE = 3
    EXHAUSTIVE = 4

    @property
    def label(self) -> str:
        return f"L{self.value}"

    @property
    def meaning(self) -> str:
        """What the place stands for, in a few words."""
        return ("nothing told", "kinds named", "rough shares", "precise shares", "every source")[self.value]


class Corridor(NamedTuple):
    """Places that are permitted for a facet."""

    lowest: Openness
    highest: Openness

    def __contains__(self, place: object) -> bool:
        return isinstance(place, Openness) and self.lowest <= place <= self.highest


def corridor(*, core: bool) -> Corridor:
    """The middle ground: core facets in L2 to L3, others in L1 to L3; for every audience never L0 and never L4."""
    return Corridor(Openness.CATEGORY if core else Openness.NOMINAL, Openness.PRECISE)


def place(*, covered: Fraction, precision: Fraction, figures: bool, exact: Fraction) -> Openness:
    """Place of a facet of which at least the kinds are named.

    Args:
        covered: Part of the data of specific kinds that is in named kinds, 0 to 1.
        precision: Reader precision, 0 to 1 (see :func:`kaiji.control.readers.precision`).
        figures: Whether any share is published; kinds without figures are L1 however few they are.
        exact: Part of the data whose sources are named with their exact sizes, 0 to 1.
    """
    if exact == 1:
        return Openness.EXHAUSTIVE
    if covered < COVERED or not figures or precision < ROUGH:
        return Openness.NOMINAL
    return Openness.CATEGORY if precision < FINE else Openness.PRECISE
