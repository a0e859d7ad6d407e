"""Exact recovery: equalities, known atoms, zeros, scales."""

from fractions import Fraction

import pytest

from kaiji.control.exact import determined
from kaiji.control.solver import UnresolvedError
from kaiji.control.system import Relation, System, Target

ONE = Fraction(1)


def equal(name: str, number: int, value: int) -> Relation:
    return Relation(name, ((number, ONE),), Fraction(value), Fraction(value))


def cells(count: int) -> list[Target]:
    return [Target(str(atom), (atom,)) for atom in range(count)]


def test_two_hidden_cells_protect_each_other_and_their_sum_is_exact() -> None:
    system = System((120, 300, 580), ((0, 1, 2), (2,)), (equal("row", 0, 1000), equal("cell", 1, 580)))
    both = Target("both", (0, 1))
    assert determined(system, [*cells(3), both]) == {"2", "both"}
    assert determined(system._replace(known=frozenset({1})), [*cells(3), both]) == {"0", "1", "2", "both"}


def test_difference_of_two_releases() -> None:
    system = System((600, 400, 77), ((0, 1), (0, 1, 2)), (equal("first", 0, 1000), equal("second", 1, 1077)))
    assert determined(system, cells(3)) == {"2"}


def test_a_sum_of_zero_forces_its_atoms_and_what_follows() -> None:
    sums = ((0, 1), (1, 2, 3))
    system = System((0, 0, 4, 5), sums, (equal("nothing", 0, 0), equal("rest", 1, 9)))
    assert determined(system, [*cells(4), Target("rest", (2, 3))]) == {"0", "1", "rest"}


def test_at_most_zero_forces_as_well_and_at_most_more_does_not() -> None:
    system = System((0, 0, 4), ((0, 1),), (Relation("none", ((0, ONE),), None, Fraction(0)),))
    assert determined(system, cells(3)) == {"0", "1"}
    wider = system._replace(relations=(Relation("few", ((0, ONE),), None, Fraction(4)),))
    assert determined(wider, cells(3)) == frozenset()


def test_a_share_of_all_forces_the_others_to_zero() -> None:
    all_of_it = Relation("100 %", ((0, ONE), (1, -ONE)), Fraction(0), Fraction(0))
    system = System((50, 0, 0), ((0,), (0, 1, 2)), (all_of_it,))
    assert determined(system, cells(3)) == {"1", "2"}


def test_intervals_however_narrow_are_not_equalities() -> None:
    narrow = Relation("narrow", ((0, ONE),), Fraction(10**12 - 1), Fraction(10**12))
    assert determined(System((10**12,), ((0,),), (narrow,)), cells(1)) == frozenset()


@pytest.mark.parametrize("scale", [1, 10**13 + 7])
def test_the_scale_does_not_matter(scale: int) -> None:
    """Ratios with awkward fractions: x = 3/7 y and x + y = 10/7 y' at any size."""
    third = Relation("ratio", ((0, ONE), (1, -Fraction(3, 7))), Fraction(0), Fraction(0))
    system = System((3 * scale, 7 * scale, 5), ((0,), (1,), (0, 1, 2)), (third,))
    assert determined(system, cells(3)) == frozenset()
    summed = system._replace(
        relations=(third, Relation("sum", ((0, ONE), (1, ONE)), 10 * Fraction(scale), 10 * Fraction(scale)))
    )
    assert determined(summed, cells(3)) == {"0", "1"}


def test_three_facets_with_one_free_cycle() -> None:
    """All two-way margins of a 2 x 2 x 2 table leave one degree of freedom: nothing is exact, until one cell is."""
    corners = [(i, j, k) for i in range(2) for j in range(2) for k in range(2)]
    truth = (5, 3, 8, 2, 9, 4, 1, 7)
    groups = [
        tuple(number for number, corner in enumerate(corners) if all(corner[axis] == value for axis, value in pair))
        for first in range(3)
        for second in range(first + 1, 3)
        for pair in [((first, i), (second, j)) for i in range(2) for j in range(2)]
    ]
    margins = [equal(str(number), number, sum(truth[cell] for cell in group)) for number, group in enumerate(groups)]
    system = System(truth, tuple(groups), tuple(margins))
    assert determined(system, cells(8)) == frozenset()
    assert determined(system._replace(known=frozenset({3})), cells(8)) == {str(number) for number in range(8)}


def test_false_statements_stop_it() -> None:
    with pytest.raises(UnresolvedError):
        determined(System((1,), ((0,),), (equal("false", 0, 2),)), cells(1))
