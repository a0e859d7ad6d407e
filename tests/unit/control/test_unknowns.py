"""Groups and limits: what an attacker does not know, around the truth."""

from fractions import Fraction

import pytest

from kaiji.control.system import Relation, System, Target
from kaiji.control.unknowns import Limit, Unknowns, factors, independent, spread, unknowns

ONE = Fraction(1)


def test_atoms_that_all_treat_alike_form_a_group_and_targets_split_them() -> None:
    row = Relation("row", ((0, ONE),), Fraction(100), Fraction(100))
    system = System((10, 20, 30, 40), ((0, 1, 2, 3),), (row,), frozenset({3}))
    limit = Limit("row", ((0, 1),), Fraction(0), Fraction(0), 0, 0)
    assert unknowns(system) == Unknowns(((0, 1, 2),), (60,), ((0,),), (limit,), ())
    assert unknowns(system, [Target("one", (1, 3))]) == Unknowns(((0, 2), (1,)), (40, 20), ((0, 1),), (limit,), ((1,),))


def test_limits_are_whole_multiples_around_the_truth() -> None:
    """30 of 100 printed as 0.25 to below 0.35: 20 part - 5 whole >= 0 and 20 part - 7 whole < 0."""
    low = Relation("share", ((0, ONE), (1, -Fraction(1, 4))), Fraction(0), None)
    high = Relation("share", ((0, ONE), (1, -Fraction(7, 20))), None, Fraction(0), high_open=True)
    found = unknowns(System((30, 70), ((0,), (0, 1)), (low, high)))
    assert found.limits == (
        Limit("share", ((0, 4), (1, -1)), Fraction(-20), None, -20, None),
        Limit("share", ((0, 20), (1, -7)), None, Fraction(100), None, 99),
    )
    assert [factors(found, limit) for limit in found.limits] == [{0: 3, 1: -1}, {0: 13, 1: -7}]


@pytest.mark.parametrize(
    ("low", "high", "is_open", "least", "most"),
    [("6.5", "7.5", False, 0, 0), ("6", "8", True, 0, 0), ("5.5", "9", True, -1, 1), ("7", "8", False, 0, 1)],
)
def test_whole_moves_stop_before_open_ends(low: str, high: str, is_open: bool, least: int, most: int) -> None:
    relation = Relation("count", ((0, ONE),), Fraction(low), Fraction(high), is_open, is_open)
    (limit,) = unknowns(System((7,), ((0,),), (relation,))).limits
    assert (limit.least, limit.most) == (least, most)


def test_sums_that_are_alike_are_one_and_what_is_known_says_nothing() -> None:
    same = Relation("difference", ((0, ONE), (1, -ONE)), Fraction(-5), Fraction(-5))
    system = System((3, 5), ((0,), (0, 1)), (same,), frozenset({1}))
    assert unknowns(system) == Unknowns((), (), (), (), ()) or unknowns(system).limits == ()


def test_spreading_a_move_over_a_group() -> None:
    system = System((5, 9, 9), (), ())
    assert spread(system, (0, 1, 2), 4) == {1: 4}
    assert spread(system, (0, 1, 2), -7) == {0: -5, 1: -2}
    assert spread(system, (0, 1, 2), 0) == {}


def test_what_neither_a_limit_nor_a_target_holds_together_is_independent() -> None:
    """Two pairs of atoms, each with a sum of its own; a share joins a third atom to the second pair."""
    first = Relation("first", ((0, ONE),), Fraction(20), Fraction(40))
    second = Relation("second", ((1, ONE),), Fraction(60), Fraction(80))
    share = Relation("share", ((1, ONE), (2, -Fraction(2))), None, Fraction(0))
    system = System((10, 20, 30, 40, 50, 60), ((0, 1), (2, 3), (2, 3, 4)), (first, second, share), frozenset({5}))
    targets = [Target("d", (3,)), Target("a", (0,)), Target("known", (5,)), Target("e", (4,))]
    whole = unknowns(system, targets)
    parts = independent(whole)
    assert [places for _, places in parts] == [(0, 3), (1,), (2,)]
    assert [(part.sizes, part.targets) for part, _ in parts] == [
        ((30, 40, 50), ((1,), (2,))),
        ((10, 20), ((0,),)),
        ((), ((),)),
    ]
    assert [[limit.id for limit in part.limits] for part, _ in parts] == [["second", "share"], ["first"], []]
    for part, _ in parts:
        groups = {group: at for at, group in enumerate(whole.groups)}
        for limit in part.limits:
            (same,) = (one for one in whole.limits if one.id == limit.id)
            at = {groups[part.groups[group]]: factor for group, factor in factors(part, limit).items()}
            assert (at, limit.low, limit.high) == (factors(whole, same), same.low, same.high)


def test_a_target_holds_two_parts_together() -> None:
    sums = (Relation(name, ((number, ONE),), Fraction(0), Fraction(90)) for number, name in enumerate("ab"))
    system = System((10, 20, 30, 40), ((0, 1), (2, 3)), tuple(sums))
    ((part, places),) = independent(unknowns(system, [Target("both", (0, 2))]))
    assert (sorted(part.sizes), len(part.limits), places) == ([10, 20, 30, 40], 2, (0,))
    assert independent(unknowns(system)) == []
