"""What a reader knows of the mix of a facet from its published rows: an interval for the share of each kind.

The rows of a facet divide the whole, so that a row is bounded by its own figure and by what the others leave. For one
table of shares that is all there is to know: the bounds are those of the linear program over all mixes that agree with
the rows (tested against it).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

Kind = str | None
"""Value of a facet; None is not known."""


class Share(NamedTuple):
    """Interval of a share of the whole; 0 <= low <= high <= 1."""

    low: Fraction
    high: Fraction

    @property
    def width(self) -> Fraction:
        return self.high - self.low


class ReadRow(NamedTuple):
    """A row of a facet as it is read: its kinds (several when merged) and what its figure says of their sum."""

    kinds: tuple[Kind, ...]
    share: Share


NOTHING = Share(Fraction(0), Fraction(1))
"""A row without a figure."""


def tightened(rows: Sequence[ReadRow]) -> tuple[ReadRow, ...] | None:
    """The rows with all that follows from one another; None when no mix at all agrees with them."""
    lows, highs = sum(row.share.low for row in rows), sum(row.share.high for row in rows)
    if lows > 1 or highs < 1:
        return None
    return tuple(
        ReadRow(kinds, Share(max(share.low, 1 - (highs - share.high)), min(share.high, 1 - (lows - share.low))))
        for kinds, share in rows
    )


def shares(rows: Sequence[ReadRow]) -> dict[Kind, Share]:
    """Interval of the share of each kind. Of a merged row only the sum is known: each of its kinds may be nothing."""
    return {
        kind: share if len(kinds) == 1 else Share(Fraction(0), share.high) for kinds, share in rows for kind in kinds
    }


def precision(read: Mapping[Kind, Share], truth: Mapping[Kind, Fraction]) -> Fraction:
    """Reader precision: 1 less the greatest total variation that the mix a reader has in mind can be off by.

    It is a lower bound: the kinds cannot all be off by their most at the same time.

    Args:
        read: Interval of each kind that the reader knows of; another kind is taken for absent.
        truth: True share of each kind, 0 to 1.
    """
    absent = Share(Fraction(0), Fraction(0))
    off = Fraction(0)
    for kind, true in truth.items():
        share = read.get(kind, absent)
        off += max(share.high - true, true - share.low)
    return 1 - min(Fraction(1), off / 2)


def distance(read: Mapping[Kind, Share], truth: Mapping[Kind, Fraction]) -> float:
    """Hellinger distance, 0 to 1, of the true mix from the middles of what a reader knows, scaled to a whole.

    What is lost against the exact mix, as one number; 1 when nothing is known of any kind.

    Args:
        read: Interval of each kind that the reader knows of.
        truth: True share of each kind, 0 to 1; adds up to 1.
    """
    middles = {kind: (share.low + share.high) / 2 for kind, share in read.items()}
    whole = sum(middles.values(), Fraction(0))
    if not whole:
        return 1.0
    kinds = [*truth, *(kind for kind in middles if kind not in truth)]
    squares = ((sqrt(truth.get(kind, 0)) - sqrt(middles.get(kind, 0) / whole)) ** 2 for kind in kinds)
    return sqrt(sum(squares) / 2)
