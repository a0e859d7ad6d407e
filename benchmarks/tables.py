"""Seeded tables that look like those of a release: datasets of very unequal size, few large owners, uneven kinds.

    from tables import made
    table = made(datasets=300, kinds=(10, 6, 20))

Everything is invented. Sizes are lognormal (one dataset in forty holds most), owners and kinds follow Zipf's law, every
sub-table up to all facets is published with its margins. Only :mod:`random` is used, whose numbers do not change with
versions, so a seed gives the same table everywhere.
"""

import math
from collections.abc import Sequence
from random import Random

from kaiji.control.tables import Row, Table, lattice


def made(*, datasets: int, kinds: Sequence[int], seed: int = 20261122, order: int | None = None) -> Table:
    """A table of ``datasets`` datasets over facets with ``kinds`` kinds each.

    Args:
        datasets: Number of datasets, one row each.
        kinds: Number of kinds of each facet.
        seed: Another seed, another table.
        order: The sub-tables by up to so many facets are published; all of them if None.
    """
    random = Random(f"{seed} {datasets} {'x'.join(map(str, kinds))}")  # noqa: S311
    owners = [f"owner-{number:04}" for number in range(max(3, datasets * 2 // 5))]
    rows = []
    for owner in random.choices(owners, _zipf(len(owners), 0.8), k=datasets):
        row = tuple(
            f"{'abcdef'[facet]}{random.choices(range(count), _zipf(count, 1.0))[0]:03}"
            for facet, count in enumerate(kinds)
        )
        rows.append(Row(row, owner, math.ceil(random.lognormvariate(math.log(2e7), 2.4))))
    return Table(tuple(rows), lattice(len(kinds), order))


def _zipf(count: int, exponent: float) -> list[float]:
    return [1 / rank**exponent for rank in range(1, count + 1)]
