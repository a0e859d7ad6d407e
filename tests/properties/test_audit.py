"""The auditors against enumeration: every world of small tables is listed, and nothing else is concluded."""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kaiji.control import counts
from kaiji.control.certificates import certify, protects, verify
from kaiji.control.exact import determined
from kaiji.control.intervals import intervals, shares
from kaiji.control.system import Interval, Protection, Relation, System, Target

PROTECTION = Protection(Fraction(1, 5), Fraction(2))
CAP = 6
"""Each hidden cell is published as `fewer than 7`, so that its worlds can be listed."""


class Table(NamedTuple):
    """A table with hidden cells."""

    system: System
    hidden: tuple[int, ...]
    targets: tuple[Target, ...]


FORMS = ("exact", "rounded", "significant", "band", "share", "nothing")


def published(form: str, number: int, truth: int, total: int) -> list[Relation]:
    """Relations of one published margin, the sum ``number``; the sum 0 is the whole."""
    name, one = f"margin {number}", ((number, Fraction(1)),)
    if form == "exact":
        return [Relation(name, one, Fraction(truth), Fraction(truth))]
    if form == "rounded":
        middle = 5 * ((2 * truth + 5) // 10)
        return [Relation(name, one, middle - Fraction(5, 2), middle + Fraction(5, 2), high_open=True)]
    if form == "significant":
        return [Relation(name, one, Fraction(truth) - Fraction(1, 3), Fraction(truth) + Fraction(4, 3), True, True)]
    if form == "band":
        low = max(edge for edge in (0, 1, 5, 20, 100) if edge <= truth)
        high = min(edge for edge in (1, 5, 20, 100, 500) if edge > truth)
        return [Relation(name, one, Fraction(low), Fraction(high), high_open=True)]
    if form == "share" and total and number:
        printed = (Fraction(10 * truth, total) + Fraction(1, 2)).__floor__()
        low, high = Fraction(2 * printed - 1, 20), Fraction(2 * printed + 1, 20)
        return [
            Relation(name, ((number, Fraction(1)), (0, -low)), Fraction(0), None),
            Relation(name, ((number, Fraction(1)), (0, -high)), None, Fraction(0), high_open=True),
        ]
    return []


@st.composite
def tables(draw: st.DrawFn, forms: Sequence[str] = FORMS) -> Table:
    """Tables up to 4 x 4 x 3 with small numbers; margins in random forms, some cells published, up to five hidden."""
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3)))
    cells = list(itertools.product(*(range(size) for size in shape)))
    truth = draw(st.lists(st.integers(0, CAP), min_size=len(cells), max_size=len(cells)))
    hidden = tuple(sorted(draw(st.sets(st.integers(0, len(cells) - 1), min_size=1, max_size=5))))
    sums = [tuple(range(len(cells)))]
    for mask in itertools.product((False, True), repeat=3):
        if any(mask):
            groups: dict[tuple[int, ...], list[int]] = {}
            for number, cell in enumerate(cells):
                key = tuple(place for place, taken in zip(cell, mask, strict=True) if taken)
                groups.setdefault(key, []).append(number)
            sums += [tuple(group) for group in groups.values() if set(group) & set(hidden) and len(group) > 1]
    relations = []
    for number, members in enumerate(sums):
        form = draw(st.sampled_from(forms))
        relations += published(form, number, sum(truth[cell] for cell in members), sum(truth))
    for cell in range(len(cells)):
        sums.append((cell,))
        one = ((len(sums) - 1, Fraction(1)),)
        if cell in hidden:
            relations.append(Relation(f"cell {cell}", one, None, Fraction(CAP)))
        else:
            relations.append(Relation(f"cell {cell}", one, Fraction(truth[cell]), Fraction(truth[cell])))
    aims = {(cell,) for cell in hidden} | {hidden[:2], hidden}
    targets = tuple(Target(f"target {number}", atoms) for number, atoms in enumerate(sorted(aims)))
    known = frozenset(draw(st.sets(st.sampled_from(hidden), max_size=1)))
    return Table(System(tuple(truth), tuple(sums), tuple(relations), known), hidden, targets)


def worlds(table: Table) -> dict[str, list[int]]:
    """Values of each target in all worlds that agree with everything, by listing them."""
    system = table.system
    ranges = [np.array([system.truth[cell]]) if cell in system.known else np.arange(CAP + 1) for cell in table.hidden]
    world = np.array(np.meshgrid(*ranges, indexing="ij")).reshape(len(ranges), -1)
    place = {cell: number for number, cell in enumerate(table.hidden)}
    fixed = [sum(system.truth[atom] for atom in atoms if atom not in place) for atoms in system.sums]
    sizes = [
        world[[place[atom] for atom in atoms if atom in place]].sum(axis=0) + rest
        for atoms, rest in zip(system.sums, fixed, strict=True)
    ]
    agree = np.ones(world.shape[1], dtype=bool)
    for relation in system.relations:
        scale = 1
        for _, factor in relation.coefficients:
            scale *= factor.denominator
        for end in (relation.low, relation.high):
            scale *= end.denominator if end is not None else 1
        value = sum(int(factor * scale) * sizes[number] for number, factor in relation.coefficients)
        if relation.low is not None:
            low = int(relation.low * scale)
            agree &= (value > low) if relation.low_open else (value >= low)
        if relation.high is not None:
            high = int(relation.high * scale)
            agree &= (value < high) if relation.high_open else (value <= high)
    return {
        target.id: sorted(set(world[[place[atom] for atom in target.atoms]].sum(axis=0)[agree].tolist()))
        for target in table.targets
    }


@given(tables())
@settings(max_examples=500, deadline=None)
def test_intervals_whole_numbers_and_proofs_against_all_worlds(table: Table) -> None:
    possible = worlds(table)
    for target, real in zip(table.targets, intervals(table.system, table.targets), strict=True):
        values = possible[target.id]
        assert real.high is not None
        assert (real.low <= values[0], real.high >= values[-1]) == (True, True)
    values = possible[table.targets[-1].id]
    whole = counts.interval(table.system, table.targets[-1])
    assert (whole.low, whole.high) == (values[0], values[-1])
    truth = {target.id: sum(table.system.truth[atom] for atom in target.atoms) for target in table.targets}
    found = certify(table.system, table.targets, PROTECTION)
    assert [verify(table.system, certificate, table.targets) for certificate in found.certificates] == [()] * len(
        found.certificates
    )
    close = {
        name
        for name, values in possible.items()
        if truth[name] and not protects(Interval(Fraction(values[0]), Fraction(values[-1])), truth[name], PROTECTION)
    }
    assert {failure.target for failure in found.failures} == close


@given(tables(("exact", "nothing")))
@settings(max_examples=150, deadline=None)
def test_exact_recovery_is_the_row_space_and_never_more_than_the_worlds_say(table: Table) -> None:
    possible = worlds(table)
    found = determined(table.system, table.targets)
    by_interval = {
        target.id
        for target, ends in zip(table.targets, intervals(table.system, table.targets), strict=True)
        if ends.low == ends.high
    }
    assert found <= by_interval <= {name for name, values in possible.items() if len(values) == 1}
    inside = all(0 < table.system.truth[cell] < CAP for cell in table.hidden)
    if inside:  # no end of zero or of a band is touched: only equalities can tell
        assert found == by_interval == row_space(table)


def row_space(table: Table) -> set[str]:
    """Targets that are combinations of the published equalities, by elimination in fractions."""
    unknown = [cell for cell in table.hidden if cell not in table.system.known]
    rows = []
    for relation in table.system.relations:
        if relation.low == relation.high:
            atoms = table.system.sums[relation.coefficients[0][0]]
            rows.append([Fraction(cell in atoms) for cell in unknown])
    base = rank(rows)
    return {
        target.id
        for target in table.targets
        if rank([*rows, [Fraction(cell in target.atoms) for cell in unknown]]) == base
    }


def rank(rows: list[list[Fraction]]) -> int:
    left, count = [list(row) for row in rows], 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        count += 1
        for row in left:
            times = row[column] / pivot[column]
            row[:] = [value - times * other for value, other in zip(row, pivot, strict=True)]
    return count


@given(tables(("share", "band", "rounded")))
@settings(max_examples=50, deadline=None)
def test_shares_hold_the_true_share(table: Table) -> None:
    whole = table.system.sums[0]
    total = sum(table.system.truth)
    if total == 0:
        return
    parts = [target.atoms for target in table.targets]
    for part, found in zip(parts, shares(table.system, parts, whole), strict=True):
        share = Fraction(sum(table.system.truth[atom] for atom in part), total)
        assert found.high is not None
        assert found.low - Fraction(1, 10**6) <= share <= found.high + Fraction(1, 10**6)


@given(tables(), st.integers(3, 9), st.integers(-50, 50))
@settings(max_examples=80, deadline=None)
def test_certificates_of_large_sizes_are_exact(table: Table, power: int, odd: int) -> None:
    """The same tables in raw sizes: all relations scaled, with a small odd part that nothing divides."""
    scale = 10**power + odd
    system = System(
        tuple(size * scale for size in table.system.truth),
        table.system.sums,
        tuple(
            relation._replace(
                low=None if relation.low is None else relation.low * scale,
                high=None if relation.high is None else relation.high * scale,
            )
            for relation in table.system.relations
        ),
        table.system.known,
    )
    found = certify(system, table.targets, PROTECTION)
    for certificate in found.certificates:
        assert verify(system, certificate, table.targets) == ()
    for failure in found.failures:
        assert failure.interval is not None
    assert determined(system, table.targets) == determined(table.system, table.targets)
