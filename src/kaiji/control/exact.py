"""What follows exactly from published equalities, whatever the scale: elimination in arithmetic modulo a prime.

Floating point cannot tell an exact recovery from a narrow interval; arithmetic modulo a prime near 2^31 can. The
moves that keep all equalities form a linear space; a target follows exactly when no vector of that space moves it.
Two random vectors of the space are tried (a fixed seed): a target that neither moves is called exact. To overlook
one that follows, or to name one that does not, takes a coincidence of one in two thousand million.
"""

import random
from collections.abc import Sequence

from kaiji.control.elimination import PRIME, Row, eliminated_modulo
from kaiji.control.system import System, Target
from kaiji.control.unknowns import Unknowns, factors, unknowns

SEED = 20260
VECTORS = 2


def determined(system: System, targets: Sequence[Target]) -> frozenset[str]:
    """Ids of the targets whose size follows exactly: from equalities, from known atoms, and from sums that are zero
    (whose atoms must be zero). Narrow intervals, and what only inequalities force together, are left to
    :mod:`kaiji.control.intervals`.

    Raises:
        UnresolvedError: a published figure is false.
    """
    found = unknowns(system, targets)
    rows = [factors(found, limit) for limit in found.limits if limit.low == 0 == limit.high]
    one_sided = [
        (factors(found, limit), limit.high == 0) for limit in found.limits if (limit.low == 0) != (limit.high == 0)
    ]
    one_sided += [(row, True) for row in rows] + [(row, False) for row in rows]
    fixed: set[int] = set()
    while True:
        before = len(fixed)
        fixed |= _forced(found, one_sided, fixed)
        left = [row for whole in rows if (row := {g: f for g, f in whole.items() if g not in fixed})]
        vectors = _null_vectors(left)
        touched = {group for row in left for group in row}
        fixed |= {group for group in touched if not any(vector[group] for vector in vectors)}
        if len(fixed) == before:
            break
    return frozenset(
        target.id
        for target, groups in zip(targets, found.targets, strict=True)
        if _still(groups, fixed, touched, vectors)
    )


def _still(groups: Sequence[int], fixed: set[int], touched: set[int], vectors: Sequence[Row]) -> bool:
    """Whether no move of the space changes the sum of ``groups``."""
    moving = [group for group in groups if group not in fixed]
    if any(group not in touched for group in moving):
        return False
    return not any(sum(vector[group] for group in moving) % PRIME for vector in vectors)


def _forced(found: Unknowns, rows: Sequence[tuple[Row, bool]], fixed: set[int]) -> set[int]:
    """Groups that a sum without anything in it forces to zero, besides those ``fixed``.

    Each row says that the moves add up to no more than zero (True), or to no less; nothing that is zero can fall.
    """
    forced: set[int] = set()
    for row, above in rows:
        moving = {group: factor for group, factor in row.items() if group not in fixed and group not in forced}
        if all((factor > 0) == above and found.sizes[group] == 0 for group, factor in moving.items()):
            forced |= moving.keys()
    return forced


def _null_vectors(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Random vectors that all ``rows`` map to zero modulo the prime."""
    chance = random.Random(SEED)  # noqa: S311  -- reproducible, not secret
    pivots = eliminated_modulo([{group: factor % PRIME for group, factor in row.items()} for row in rows])
    groups = sorted({group for row in rows for group in row})
    dependent = {group for group, _ in pivots}
    vectors = []
    for _ in range(VECTORS):
        vector = {group: chance.randrange(1, PRIME) for group in groups if group not in dependent}
        for group, row in reversed(pivots):
            vector[group] = -sum(factor * vector[other] for other, factor in row.items()) % PRIME
        vectors.append(vector)
    return tuple(vectors)
