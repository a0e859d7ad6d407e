"""Intervals: ends, who binds them, known atoms, unbounded ends, scales; shares of a whole."""

from fractions import Fraction

import pytest

from kaiji.control.intervals import decade, facet_shares, interval, intervals, share, shares
from kaiji.control.solver import UnresolvedError
from kaiji.control.system import Interval, Relation, System, Target
from kaiji.control.unknowns import untrue

ONE = Fraction(1)


def total(name: str, number: int, low: int, high: int | None) -> Relation:
    return Relation(name, ((number, ONE),), Fraction(low), None if high is None else Fraction(high))


def share_of(name: str, part: int, whole: int, low: str, high: str) -> list[Relation]:
    return [
        Relation(name, ((part, ONE), (whole, -Fraction(low))), Fraction(0), None),
        Relation(name, ((part, ONE), (whole, -Fraction(high))), None, Fraction(0), high_open=True),
    ]


A, AB = Target("owner:a", (0,)), Target("owners", (0, 1))


def test_ends_and_the_statements_that_bind_them() -> None:
    system = System((30, 70), ((0, 1), (0,)), (total("total", 0, 90, 120), total("least", 1, 10, None)))
    assert interval(system, A) == Interval(Fraction(10), Fraction(120), ("least", "total"))
    assert interval(system, AB) == Interval(Fraction(90), Fraction(120), ("total",))


def test_a_statement_that_does_not_bind_is_not_named() -> None:
    system = System((30, 70), ((0, 1),), (total("wide", 0, 0, 500), total("tight", 0, 90, 120)))
    assert interval(system, A) == Interval(Fraction(0), Fraction(120), ("tight",))


def test_what_the_attacker_knows_is_taken_off() -> None:
    system = System((30, 70), ((0, 1),), (total("total", 0, 100, 100),), frozenset({1}))
    assert interval(system, A) == Interval(Fraction(30), Fraction(30), ("total",))
    everything = system._replace(known=frozenset({0, 1}))
    assert interval(everything, A) == Interval(Fraction(30), Fraction(30), ())


def test_no_upper_end_is_none() -> None:
    system = System((30, 70), ((0, 1),), (total("top band", 0, 90, None),))
    assert interval(system, A) == Interval(Fraction(0), None, ())
    assert interval(System((30,), (), ()), A) == Interval(Fraction(0), None, ())


def test_small_sizes_beside_large_ones_keep_their_ends() -> None:
    """Sizes from 1 to 10^13 in one system; each end to one part in a million of its own size."""
    sizes = tuple(7 * 10**power for power in range(13))
    sums = (tuple(range(13)), *((atom,) for atom in range(13)))
    cells = [total(f"cell {atom}", atom + 1, size - size // 5, size + size // 2) for atom, size in enumerate(sizes)]
    system = System(sizes, sums, (total("total", 0, sum(sizes), sum(sizes)), *cells))
    targets = [Target(str(atom), (atom,)) for atom in range(12)]
    for atom, found in enumerate(intervals(system, targets)):
        low, high = sizes[atom] - sizes[atom] // 5, sizes[atom] + sizes[atom] // 2
        assert found.high is not None
        assert (float(found.low), float(found.high)) == pytest.approx((low, high), rel=1e-6)


def test_a_high_end_far_beyond_the_target_is_found() -> None:
    system = System((5, 10**12), ((0, 1),), (total("band", 0, 10**12, 3 * 10**12),))
    assert interval(system, A) == Interval(Fraction(0), Fraction(3 * 10**12), ("band",))


def test_false_statements_are_named_and_nothing_is_concluded() -> None:
    true, false = total("true", 0, 100, 100), total("false", 0, 101, 120)
    edge = Relation("open edge", ((0, ONE),), Fraction(100), None, low_open=True)
    system = System((30, 70), ((0, 1),), (true, false, edge))
    assert untrue(system) == ("false", "open edge")
    assert untrue(system._replace(relations=(true,))) == ()
    with pytest.raises(UnresolvedError) as caught:
        interval(system, A)
    assert str(caught.value) == "published figures contradict the inventory: false, open edge"


def test_shares_of_a_whole_by_all_that_is_known() -> None:
    """Two kinds printed as 30 % and 60 % and no total: the third has what is left."""
    sums = ((0, 1, 2), (0,), (1,), (2,))
    relations = (*share_of("first", 1, 0, "0.295", "0.305"), *share_of("second", 2, 0, "0.595", "0.605"))
    system = System((300, 600, 100), sums, relations)
    found = shares(system, [(0,), (1,), (2,), (0, 1, 2)], (0, 1, 2))
    assert [(ends.low, ends.high) for ends in found] == [
        (Fraction("0.295"), Fraction("0.305")),
        (Fraction("0.595"), Fraction("0.605")),
        (Fraction("0.09"), Fraction("0.11")),
        (Fraction(1), Fraction(1)),
    ]
    assert [ends.relations for ends in found] == [("first",), ("second",), ("first", "second"), ()]


def test_shares_of_a_facet_by_its_own_figures() -> None:
    """What a finer table says is left out; without it both are the same."""
    sums = ((0, 1, 2, 3), (0, 1), (2, 3), (0,))
    own = [*share_of("first", 1, 0, "0.25", "0.35"), *share_of("second", 2, 0, "0.65", "0.75")]
    finer = share_of("cell", 3, 0, "0.3", "0.31")
    system = System((300, 0, 600, 100), sums, (*own, *finer))
    parts, whole = [(0, 1), (2, 3)], (0, 1, 2, 3)
    coarse = facet_shares(system, parts, whole)
    assert [(ends.low, ends.high) for ends in coarse] == [
        (Fraction("0.25"), Fraction("0.35")),
        (Fraction("0.65"), Fraction("0.75")),
    ]
    assert [(ends.low, ends.high) for ends in shares(system, parts, whole)] == [
        (Fraction("0.3"), Fraction("0.35")),
        (Fraction("0.65"), Fraction("0.7")),
    ]
    assert shares(system._replace(relations=tuple(own)), parts, whole) == coarse


def test_bands_alone_tell_little_of_a_share() -> None:
    system = System((300, 600), ((0,), (1,)), (total("a", 0, 100, 1000), total("b", 1, 100, 1000)))
    found = share(system, (0,), (0, 1))
    assert found.high is not None
    assert (float(found.low), float(found.high)) == pytest.approx((1 / 11, 10 / 11), abs=1e-6)


def test_a_share_with_a_known_part() -> None:
    system = System((300, 600), ((0, 1),), (total("total", 0, 900, 1200),), frozenset({0}))
    assert share(system, (0,), (0, 1)) == Interval(Fraction("0.25"), Fraction("0.3333333"), ("total",))


def test_a_share_of_nothing_has_no_answer() -> None:
    with pytest.raises(UnresolvedError, match="a share of nothing"):
        share(System((0, 5), (), ()), (0,), (0,))


@pytest.mark.parametrize(("value", "unit"), [(0, 1), (1, 1), (9, 1), (10, 10), (123456, 100000)])
def test_decade(value: int, unit: int) -> None:
    assert decade(value) == unit
