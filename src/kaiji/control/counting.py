"""C4 of the ceiling: what banded numbers of datasets tell of how many confidential ones there are, in whole numbers."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from kaiji.control.counts import interval
from kaiji.control.subjects import Claim
from kaiji.control.system import Interval, Relation, System, Target
from kaiji.terms import Unit


class Counted(NamedTuple):
    """Datasets of one category."""

    secret: int
    """Confidential ones. That there are some is told: the outline of a category says that not all are named."""
    named: int
    """Those whose names are published, which a reader can count."""
    unnamed: int = 0
    """Not confidential, and not named all the same."""


class TooFew(NamedTuple):
    """A category of which a reader learns that too few confidential datasets are in it."""

    category: str
    secret: int
    interval: Interval


def too_few(claims: Iterable[Claim], counted: Mapping[str, Counted], minimum: int) -> tuple[TooFew, ...]:
    """Categories whose published counts leave only numbers below ``minimum``, or one single number, possible.

    Args:
        claims: Claims in datasets, of a category each.
        counted: The datasets of each category.
        minimum: Fewest owners that may stand behind what is printed: fewer datasets than that have fewer owners.

    Raises:
        UnresolvedError: a published count is false.
    """
    found = []
    bands: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.unit is Unit.DATASETS and claim.part.facet == "category":
            for kind in claim.part.kinds or ():
                bands.setdefault(str(kind), []).append(claim)
    for category in sorted(bands):
        have = counted.get(category, Counted(0, 0))
        if not have.secret:
            continue
        one = Fraction(1)
        relations = [Relation("unnamed", ((1, one),), one, None)]
        relations += [Relation(c.id, ((0, one),), c.low, c.high, c.low_open, c.high_open) for c in bands[category]]
        system = System((have.secret, have.named, have.unnamed), ((0, 1, 2), (0,)), relations, frozenset({1, 2}))
        known = interval(system, Target(category, (0,)))
        if known.high is not None and (known.high < minimum or known.low == known.high):
            found.append(TooFew(category, have.secret, known))
    return tuple(found)
