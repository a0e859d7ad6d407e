"""The unknown part of a system: what can still move, and how far.

With the true sizes x, another possible world is ``x + d``; every relation is then a limit on the moves d. The
publisher knows x, so all numbers near zero are small and a solver sees no figures of thirteen digits. Atoms that
all sums and all targets treat alike form a group: whatever is possible for the group can be done within it.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from kaiji.control.solver import UnresolvedError
from kaiji.control.system import Relation, System, Target


class Limit(NamedTuple):
    """What a relation allows the moves: ``low <= sum of factor x move of a sum <= high``."""

    id: str
    """Id of the statement."""
    terms: tuple[tuple[int, int], ...]
    """Index of a sum in :attr:`Unknowns.sums`, and its factor: whole numbers without common divisor."""
    low: Fraction | None
    high: Fraction | None
    least: int | None
    """``low`` for whole moves: rounded up, and one more where the end is open."""
    most: int | None


class Unknowns(NamedTuple):
    """Groups of atoms that an attacker does not know, and the limits on their moves."""

    groups: tuple[tuple[int, ...], ...]
    """Atoms of each group, ascending."""
    sizes: tuple[int, ...]
    """True size of each group."""
    sums: tuple[tuple[int, ...], ...]
    """Groups of each sum, ascending; no two sums are alike."""
    limits: tuple[Limit, ...]
    targets: tuple[tuple[int, ...], ...]
    """Groups of each target, ascending; empty where the attacker knows it all."""


def untrue(system: System) -> tuple[str, ...]:
    """Ids of statements that the truth contradicts, sorted: each a false publication. Exact."""
    return _untrue(system.relations, values(system))


def values(system: System) -> tuple[Fraction, ...]:
    """What each relation bounds, by the truth; exact."""
    sizes: dict[int, int] = {}
    for relation in system.relations:
        for number, _ in relation.coefficients:
            if number not in sizes:
                sizes[number] = system.size(number)
    return tuple(
        sum((factor * sizes[number] for number, factor in relation.coefficients), Fraction(0))
        for relation in system.relations
    )


def _untrue(relations: Sequence[Relation], values: Sequence[Fraction]) -> tuple[str, ...]:
    return tuple(
        sorted({relation.id for relation, value in zip(relations, values, strict=True) if not _holds(relation, value)})
    )


def _holds(relation: Relation, value: Fraction) -> bool:
    if relation.low is not None and (value < relation.low or (relation.low_open and value == relation.low)):
        return False
    return relation.high is None or not (value > relation.high or (relation.high_open and value == relation.high))


def unknowns(system: System, targets: Sequence[Target] = ()) -> Unknowns:
    """Groups and limits of ``system``; ``targets`` are not split by any group.

    Raises:
        UnresolvedError: a statement is false, so that nothing can be concluded; see :func:`untrue`.
    """
    truths = values(system)
    false = _untrue(system.relations, truths)
    if false:
        raise UnresolvedError(f"published figures contradict the inventory: {', '.join(false[:10])}")
    used = sorted({number for relation in system.relations for number, _ in relation.coefficients})
    wanted = [system.sums[number] for number in used] + [target.atoms for target in targets]
    marks: list[list[int]] = [[] for _ in system.truth]
    for place, atoms in enumerate(wanted):
        for atom in atoms:
            marks[atom].append(place)
    members: dict[tuple[int, ...], list[int]] = {}
    for atom, mark in enumerate(marks):
        if mark and atom not in system.known:
            members.setdefault(tuple(mark), []).append(atom)
    found: list[list[int]] = [[] for _ in wanted]
    for group, places in enumerate(members):
        for place in places:
            found[place].append(group)
    numbers: dict[tuple[int, ...], int] = {}
    index = {
        number: numbers.setdefault(tuple(found[place]), len(numbers))
        for place, number in enumerate(used)
        if found[place]
    }
    grouped = tuple(tuple(atoms) for atoms in members.values())
    return Unknowns(
        groups=grouped,
        sizes=tuple(sum(system.truth[atom] for atom in atoms) for atoms in grouped),
        sums=tuple(numbers),
        limits=tuple(
            limit
            for relation, value in zip(system.relations, truths, strict=True)
            if (limit := _limit(relation, value, index))
        ),
        targets=tuple(tuple(groups) for groups in found[len(used) :]),
    )


def independent(found: Unknowns) -> list[tuple[Unknowns, tuple[int, ...]]]:
    """Parts of ``found`` that no limit and no target has in common, each with the places of its targets.

    What moves in one part says nothing of another: the sizes of one modality in one unit are such a part. Parts without
    a target are left out; targets of which nothing is unknown are a part of their own.
    """
    parent = list(range(len(found.groups)))

    def root(group: int) -> int:
        while parent[group] != group:
            parent[group] = parent[parent[group]]
            group = parent[group]
        return group

    together = [[group for number, _ in limit.terms for group in found.sums[number]] for limit in found.limits]
    for groups in (*together, *found.targets):
        for group in groups[1:]:
            parent[root(group)] = root(groups[0])
    limits: dict[int, list[Limit]] = {}
    for limit, groups in zip(found.limits, together, strict=True):
        limits.setdefault(root(groups[0]), []).append(limit)
    targets: dict[int, list[int]] = {}
    for place, of_target in enumerate(found.targets):
        if of_target:
            targets.setdefault(root(of_target[0]), []).append(place)
    members: dict[int, list[int]] = {}
    for group in range(len(found.groups)):
        members.setdefault(root(group), []).append(group)
    parts = [
        (_part(found, members[first], limits.get(first, []), places), tuple(places))
        for first, places in sorted(targets.items(), key=lambda one: one[1])
    ]
    known = tuple(place for place, of_target in enumerate(found.targets) if not of_target)
    return [*parts, (_part(found, [], [], known), known)] if known else parts


def _part(found: Unknowns, groups: Sequence[int], limits: Sequence[Limit], places: Sequence[int]) -> Unknowns:
    group_at = {group: at for at, group in enumerate(groups)}
    sum_at: dict[int, int] = {}
    for limit in limits:
        for number, _ in limit.terms:
            sum_at.setdefault(number, len(sum_at))
    return Unknowns(
        groups=tuple(found.groups[group] for group in groups),
        sizes=tuple(found.sizes[group] for group in groups),
        sums=tuple(tuple(group_at[group] for group in found.sums[number]) for number in sum_at),
        limits=tuple(
            limit._replace(terms=tuple((sum_at[number], factor) for number, factor in limit.terms)) for limit in limits
        ),
        targets=tuple(tuple(group_at[group] for group in found.targets[place]) for place in places),
    )


def _limit(relation: Relation, value: Fraction, index: Mapping[int, int]) -> Limit | None:
    factors: dict[int, Fraction] = {}
    for number, factor in relation.coefficients:
        if number in index:
            factors[index[number]] = factors.get(index[number], Fraction(0)) + factor
    factors = {number: factor for number, factor in sorted(factors.items()) if factor}
    if not factors:
        return None
    scale = Fraction(lcm(*(factor.denominator for factor in factors.values())))
    scale /= gcd(*(int(factor * scale) for factor in factors.values()))
    low = None if relation.low is None else scale * (relation.low - value)
    high = None if relation.high is None else scale * (relation.high - value)
    return Limit(
        relation.id,
        tuple((number, int(factor * scale)) for number, factor in factors.items()),
        low,
        high,
        None if low is None else low.__floor__() + 1 if relation.low_open else low.__ceil__(),
        None if high is None else high.__ceil__() - 1 if relation.high_open else high.__floor__(),
    )


def factors(found: Unknowns, limit: Limit) -> dict[int, int]:
    """Factor of each group in a limit, where it is not zero."""
    whole: dict[int, int] = {}
    for number, factor in limit.terms:
        for group in found.sums[number]:
            whole[group] = whole.get(group, 0) + factor
    return {group: factor for group, factor in whole.items() if factor}


def spread(system: System, atoms: Sequence[int], move: int) -> dict[int, int]:
    """The move of a group given to its atoms: up to the largest one, down from the first ones as far as they reach."""
    if move >= 0:
        return {max(atoms, key=lambda atom: (system.truth[atom], -atom)): move} if move else {}
    moves = {}
    for atom in atoms:
        taken = min(system.truth[atom], -move)
        if taken:
            moves[atom] = -taken
            move += taken
    return moves
