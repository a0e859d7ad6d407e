"""Primary protection of owners: kinds with too few owners behind them are merged before a share is printed."""

from collections.abc import Sequence
from typing import NamedTuple

from kaiji.provenance.summarise import Part


class Merged(NamedTuple):
    """Parts grouped so that each group is safe; ``safe`` is False when even all parts together are not."""

    groups: tuple[tuple[Part, ...], ...]
    safe: bool


def owners_of(parts: Sequence[Part]) -> frozenset[str]:
    """Distinct owners (holdings) behind ``parts``."""
    return frozenset(owner for part in parts for owner in part.owners)


def unsafe(parts: Sequence[Part], minimum: int) -> bool:
    """True when a confidential source is among ``parts`` and fewer than ``minimum`` owners stand behind them.

    Contributors are owners, not datasets: ten datasets of one licensor are one contributor. Kinds without any
    confidential source need no protection.
    """
    return any(part.confidential for part in parts) and len(owners_of(parts)) < minimum


def merge(parts: Sequence[Part], minimum: int, before: Sequence[Sequence[str | None]] = ()) -> Merged:
    """Group ``parts`` (in their fixed order) so that no group is unsafe.

    All unsafe parts form one group. While that group is itself unsafe, the next part in the fixed order of the
    facet joins it, beginning with the one that follows the first unsafe part: the choice depends on the
    vocabulary and on owners, never on sizes, which an order by size would tell. Kinds that are together in
    ``before`` (the rows of an earlier plan) stay together.
    """
    joined = {kind: tuple(row) for row in before for kind in row}
    units: dict[object, list[Part]] = {}
    for part in parts:
        units.setdefault(joined.get(part.kind, part.kind), []).append(part)
    rows = list(units.values())
    marked = [index for index, row in enumerate(rows) if unsafe(row, minimum)]
    if not marked:
        return Merged(tuple(tuple(row) for row in rows), True)
    group = set(marked)
    count = len(rows)
    following = [(marked[0] + step) % count for step in range(1, count)]
    for index in following:
        if not unsafe(_all(rows, group), minimum):
            break
        group.add(index)
    together = _all(rows, group)
    groups = [
        together if i == min(group) else tuple(rows[i]) for i in range(count) if i == min(group) or i not in group
    ]
    return Merged(tuple(groups), not unsafe(together, minimum))


def _all(rows: Sequence[Sequence[Part]], numbers: set[int]) -> tuple[Part, ...]:
    return tuple(part for number in sorted(numbers) for part in rows[number])
