"""Whole numbers: open ends, fractions, no upper end, what is known."""

from fractions import Fraction

import pytest

from kaiji.control import counts
from kaiji.control.solver import UnresolvedError
from kaiji.control.system import Interval, Relation, System, Target

ONE = Fraction(1)
PART = Target("part", (0,))


def between(low: Fraction | None, high: Fraction | None, *, low_open: bool = False, high_open: bool = False) -> System:
    return System((7,), ((0,),), (Relation("count", ((0, ONE),), low, high, low_open, high_open),))


@pytest.mark.parametrize(
    ("system", "low", "high"),
    [
        (between(Fraction(5), Fraction(19)), 5, 19),
        (between(Fraction(5), Fraction(20), high_open=True), 5, 19),
        (between(Fraction(4), Fraction(20), low_open=True, high_open=True), 5, 19),
        (between(Fraction(13, 2), Fraction(15, 2)), 7, 7),
        (between(Fraction(13, 2), Fraction(8), high_open=True), 7, 7),
        (between(None, Fraction(9)), 0, 9),
        (between(Fraction(5), None), 5, None),
    ],
)
def test_ends(system: System, low: int, high: int | None) -> None:
    found = counts.interval(system, PART)
    assert (found.low, found.high) == (low, high)


def test_parity_that_no_linear_program_sees() -> None:
    """2 x + 2 y = 10 and x - y between -1/2 and 3/2 in real numbers; whole: x - y is 0 or 1, and x + y = 5 is odd."""
    system = System(
        (3, 2),
        ((0,), (1,)),
        (
            Relation("double", ((0, Fraction(2)), (1, Fraction(2))), Fraction(10), Fraction(10)),
            Relation("difference", ((0, ONE), (1, -ONE)), Fraction(-1, 2), Fraction(3, 2)),
        ),
    )
    found = counts.interval(system, PART)
    assert found == Interval(Fraction(3), Fraction(3), ("difference", "double"))


def test_shares_of_a_count() -> None:
    """n is 10 to 12, and 33 % of it (unit 1) is a whole number: 4 of 12."""
    system = System(
        (4, 8),
        ((0, 1), (0,)),
        (
            Relation("n", ((0, ONE),), Fraction(10), Fraction(12)),
            Relation("share", ((1, ONE), (0, -Fraction("0.325"))), Fraction(0), None),
            Relation("share", ((1, ONE), (0, -Fraction("0.335"))), None, Fraction(0), high_open=True),
        ),
    )
    assert counts.interval(system, PART) == Interval(Fraction(4), Fraction(4), ("share", "n"))
    assert counts.interval(system, Target("n", (0, 1))).low == 12


def test_what_the_attacker_knows() -> None:
    whole = Relation("n", ((0, ONE),), Fraction(10), Fraction(12))
    system = System((4, 7), ((0, 1),), (whole,), frozenset({1}))
    assert counts.interval(system, PART) == Interval(Fraction(3), Fraction(5), ("n",))
    assert counts.interval(system._replace(known=frozenset({0, 1})), PART) == Interval(Fraction(4), Fraction(4), ())


def test_a_false_statement_stops_it() -> None:
    with pytest.raises(UnresolvedError):
        counts.interval(between(Fraction(8), Fraction(9)), PART)
