"""Certificates: what they prove, what verification refuses, failures, both rules, tables and releases at scale."""

import math
import random
from collections.abc import Sequence
from fractions import Fraction

import pytest

from kaiji.control.audit import audit
from kaiji.control.certificates import certify, protects, verify
from kaiji.control.solver import UnresolvedError
from kaiji.control.system import Certificate, Interval, Protection, Relation, System, Target

ONE = Fraction(1)
PUBLIC = Protection(Fraction(1, 5), Fraction(2))


def total(name: str, number: int, low: int, high: int | None) -> Relation:
    return Relation(name, ((number, ONE),), Fraction(low), None if high is None else Fraction(high))


ROW = System((120, 300, 580), ((0, 1, 2),), (total("row", 0, 1000, 1000),))
CELLS = [Target(str(atom), (atom,)) for atom in range(3)]


def proved(system: System, targets: Sequence[Target]) -> dict[tuple[str, bool], int]:
    """Furthest move of each target to each side (True: up) over all certificates, all of them verified."""
    found: dict[tuple[str, bool], int] = {}
    for certificate in certify(system, targets, PUBLIC).certificates:
        assert verify(system, certificate, targets) == ()
        for name, move in certificate.targets:
            found[name, move > 0] = max(found.get((name, move > 0), 0), abs(move))
    return found


def test_every_target_is_proved_to_both_sides_and_by_the_factor() -> None:
    moves = proved(ROW, CELLS)
    assert set(moves) == {(cell.id, up) for cell in CELLS for up in (True, False)}
    for cell, size in zip(CELLS, ROW.truth, strict=True):
        up, down = moves[cell.id, True], moves[cell.id, False]
        assert (5 * up >= size, 5 * down >= size, size + up >= 2 * (size - down)) == (True, True, True)
    assert certify(ROW, CELLS, PUBLIC).failures == ()


def test_a_failure_says_the_interval_and_the_figures_that_combine() -> None:
    system = ROW._replace(sums=((0, 1, 2), (0, 1)), relations=(*ROW.relations, total("two", 1, 410, 430)))
    found = certify(system, CELLS, PUBLIC)
    assert [(failure.target, failure.interval, failure.unresolved) for failure in found.failures] == [
        ("2", Interval(Fraction(570), Fraction(590), ("row", "two")), False)
    ]


def test_the_factor_asks_for_more_than_the_percentage() -> None:
    system = System((100, 900), ((0,),), (total("band", 0, 80, 150),))
    target = [Target("a", (0,))]
    assert certify(system, target, Protection(Fraction(1, 5))).failures == ()
    assert [failure.target for failure in certify(system, target, PUBLIC).failures] == ["a"]


@pytest.mark.parametrize(("high", "failed"), [(120, 0), (119, 1)])
def test_the_percentage_is_met_to_the_unit(high: int, failed: int) -> None:
    system = System((100,), ((0,),), (total("band", 0, 0, high),))
    assert len(certify(system, [Target("a", (0,))], PUBLIC).failures) == failed


def test_an_open_end_is_not_reached() -> None:
    target = [Target("a", (0,))]
    closed = System((10,), ((0,),), (total("band", 0, 0, 12),))
    open_end = System((10,), ((0,),), (total("band", 0, 0, 12)._replace(high_open=True),))
    assert certify(closed, target, PUBLIC).failures == ()
    failures = certify(open_end, target, PUBLIC).failures
    assert [(failure.target, failure.unresolved) for failure in failures] == [("a", True)]  # real numbers come close


def test_nothing_asks_for_nothing_and_all_that_is_known_fails() -> None:
    system = System((0, 5), ((0, 1),), (total("row", 0, 5, 5),), frozenset({1}))
    targets = [Target("nothing", (0,)), Target("known", (1,))]
    found = audit(system, targets, PUBLIC)
    assert ([failure.target for failure in found.failures], found.exact) == (["known"], {"nothing", "known"})


def test_false_statements_stop_the_audit() -> None:
    with pytest.raises(UnresolvedError):
        certify(System((5,), ((0,),), (total("false", 0, 6, 6),)), [Target("a", (0,))], PUBLIC)


@pytest.mark.parametrize(
    ("certificate", "wrong"),
    [
        (Certificate({0: 30, 1: -30}, (("0", 30), ("1", -30))), ()),
        (Certificate({0: 30, 1: -30}, (("0", 31),)), ("a target does not move as far as claimed",)),
        (Certificate({0: 30, 1: -29}, ()), ("row does not hold",)),
        (Certificate({0: -130, 1: 130}, ()), ("atom 0 is below zero",)),
        (Certificate({0: 30, 2: -30}, ()), ("atom 2 is known",)),
        (Certificate({7: 30}, ()), ("there is no atom 7",)),
        (Certificate({}, (("stranger", 0),)), ("a target is not among those asked for",)),
    ],
)
def test_verification(certificate: Certificate, wrong: tuple[str, ...]) -> None:
    assert verify(ROW._replace(known=frozenset({2})), certificate, CELLS) == wrong


def test_verification_knows_open_ends() -> None:
    system = System((10,), ((0,),), (Relation("band", ((0, ONE),), Fraction(9), Fraction(11), True, True),))
    assert verify(system, Certificate({0: 1}, ()), ()) == ("band does not hold",)
    assert verify(system, Certificate({0: -1}, ()), ()) == ("band does not hold",)
    assert verify(system, Certificate({}, ()), ()) == ()


@pytest.mark.parametrize(
    ("interval", "safe"),
    [
        (Interval(Fraction(80), Fraction(160)), True),
        (Interval(Fraction(81), Fraction(170)), False),
        (Interval(Fraction(0), Fraction(119)), False),
        (Interval(Fraction(80), Fraction(159)), False),
        (Interval(Fraction(80), None), True),
    ],
)
def test_what_an_interval_protects(interval: Interval, safe: bool) -> None:
    assert protects(interval, 100, PUBLIC) is safe


def release(atoms: int, owners: int, seed: int) -> tuple[System, list[Target]]:
    """One-way shares of 1 % in eight facets and a band of the total, over sizes from 10^2 to 10^12."""
    chance = random.Random(seed)
    kinds = (8, 6, 12, 10, 5, 15, 9, 20)
    zipf = [1 / (place + 1) for place in range(owners)]
    owner = chance.choices(range(owners), zipf, k=atoms)
    facets = [chance.choices(range(count), zipf[:count], k=atoms) for count in kinds]
    truth = [max(1, int(chance.lognormvariate(16, 2.5))) for _ in range(atoms)]
    whole = sum(truth)
    decade = 10 ** (len(str(whole)) - 1)
    band = (decade, 3 * decade) if whole < 3 * decade else (3 * decade, 10 * decade)
    sums: list[tuple[int, ...]] = [tuple(range(atoms))]
    relations = [total("total", 0, *band)._replace(high_open=True)]
    for facet, count in enumerate(kinds):
        for kind in range(count):
            members = tuple(atom for atom in range(atoms) if facets[facet][atom] == kind)
            percent = Fraction(100 * sum(truth[atom] for atom in members), whole)
            middle = math.floor(percent + Fraction(1, 2))
            low, high = (
                (Fraction(0), Fraction(1)) if percent < 1 else (middle - Fraction(1, 2), middle + Fraction(1, 2))
            )
            sums.append(members)
            for end, above in ((low, False), (high, True)):
                bounds = (None, Fraction(0)) if above else (Fraction(0), None)
                pair = ((len(sums) - 1, ONE), (0, -end / 100))
                relations.append(Relation(f"{facet}.{kind}", pair, *bounds, high_open=above))
    members_of: dict[int, list[int]] = {}
    for atom, name in enumerate(owner):
        members_of.setdefault(name, []).append(atom)
    targets = [Target(f"owner:{name}", tuple(members)) for name, members in sorted(members_of.items())]
    return System(truth, sums, relations), targets


def test_a_release_of_many_owners_is_proved_by_few_certificates() -> None:
    system, targets = release(4000, 200, seed=3)
    found = certify(system, targets, PUBLIC)
    assert found.failures == ()
    assert [verify(system, certificate, targets) for certificate in found.certificates] == [()] * len(
        found.certificates
    )
    assert len(found.certificates) <= 12
    assert certify(system, targets, PUBLIC) == found  # the same inputs, the same proofs


def test_independent_releases_are_proved_by_the_certificates_of_the_larger() -> None:
    """Two systems side by side that say nothing of each other: proofs are put together, failures stay apart."""
    (one, owners), (other, more) = release(1500, 80, seed=3), release(300, 40, seed=5)
    shift, numbers = len(one.truth), len(one.sums)
    system = System(
        (*one.truth, *other.truth),
        (*one.sums, *(tuple(atom + shift for atom in atoms) for atoms in other.sums)),
        (*one.relations, *(_shifted(relation, numbers) for relation in other.relations)),
    )
    moved = [Target(f"other:{target.id}", tuple(atom + shift for atom in target.atoms)) for target in more]
    apart = [certify(*parts, PUBLIC) for parts in ((one, owners), (other, more))]
    both = certify(system, [*owners, *moved], PUBLIC)
    assert len(both.certificates) == max(len(found.certificates) for found in apart)
    assert [verify(system, certificate, [*owners, *moved]) for certificate in both.certificates] == [()] * len(
        both.certificates
    )
    expected = [failure.target for failure in apart[0].failures]
    expected += [f"other:{failure.target}" for failure in apart[1].failures]
    assert [failure.target for failure in both.failures] == expected


def _shifted(relation: Relation, numbers: int) -> Relation:
    return relation._replace(coefficients=tuple((number + numbers, factor) for number, factor in relation.coefficients))


def lattice(shape: tuple[int, int, int], filled: int, seed: int) -> tuple[System, list[Target]]:
    """All margins of a three-way table, exact, but for cells and margins with a dominant or single owner."""
    chance = random.Random(seed)
    cells: dict[tuple[int, ...], dict[int, int]] = {}
    for _ in range(filled):
        cell = tuple(chance.choices(range(size), [1 / (place + 1) for place in range(size)])[0] for size in shape)
        owner = chance.choices(range(60), [1 / (place + 1) for place in range(60)])[0]
        owners = cells.setdefault(cell, {})
        owners[owner] = owners.get(owner, 0) + max(1, int(chance.lognormvariate(16, 2.5)))
    names = sorted(cells)
    groups: dict[tuple[int | None, ...], list[int]] = {}
    for atom, cell in enumerate(names):
        for mask in range(8):
            key = tuple(place if mask >> axis & 1 else None for axis, place in enumerate(cell))
            groups.setdefault(key, []).append(atom)
    sums, relations, targets = [], [], []
    for key in sorted(groups, key=repr):
        holdings: dict[int, int] = {}
        for atom in groups[key]:
            for owner, size in cells[names[atom]].items():
                holdings[owner] = holdings.get(owner, 0) + size
        ranked, whole = sorted(holdings.values(), reverse=True), sum(holdings.values())
        sums.append(tuple(groups[key]))
        if len(ranked) < 3 or 100 * (whole - ranked[0] - ranked[1]) < 15 * ranked[0]:
            targets.append(Target(repr(key), tuple(groups[key])))
        else:
            relations.append(total(repr(key), len(sums) - 1, whole, whole))
    return System([sum(cells[cell].values()) for cell in names], sums, relations), targets


def test_hiding_only_sensitive_cells_is_a_breach() -> None:
    """Each sensitive cell is hidden, nothing else: some follow exactly, more lie too close; all others are proved."""
    system, targets = lattice((10, 6, 20), 600, seed=5)
    found = audit(system, targets, Protection(Fraction(15, 100)))
    close = {failure.target for failure in found.failures}
    assert not any(failure.unresolved for failure in found.failures)
    exact = {
        failure.target
        for failure in found.failures
        if failure.interval and failure.interval.low == failure.interval.high
    }
    assert found.exact == exact
    assert (len(exact) > 0, len(close) > len(exact), len(targets) > 10 * len(close)) == (True, True, True)
    sides: dict[str, set[bool]] = {}
    for certificate in found.certificates:
        assert verify(system, certificate, targets) == ()
        for name, move in certificate.targets:
            sides.setdefault(name, set()).add(move > 0)
    assert {name for name, seen in sides.items() if len(seen) == 2} | close == {target.id for target in targets}
