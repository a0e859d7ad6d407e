"""From floating point to whole moves: rounding, finer steps, mending, searching."""

from fractions import Fraction

import numpy as np

from kaiji.control.system import Relation, System
from kaiji.control.unknowns import unknowns
from kaiji.control.whole_moves import WholeMoves

ONE = Fraction(1)


def row(low: int, high: int) -> WholeMoves:
    """Three cells that add up to between two values; the truth is 3,000,000."""
    sums = ((0, 1, 2), (0,), (1,), (2,))
    relations = [Relation("row", ((0, ONE),), Fraction(low), Fraction(high))]
    relations += [Relation("cell", ((number, ONE),), Fraction(0), None) for number in (1, 2, 3)]
    return WholeMoves(unknowns(System((1_000_000,) * 3, sums, tuple(relations))))


def test_rounding_that_keeps_all_limits() -> None:
    assert row(3 * 10**6, 3 * 10**6).near(np.array([0.5, -0.5, 1e-12]), 1000, 10) == {0: 500, 1: -500}


def test_thirds_of_a_step_stay_whole() -> None:
    """A step of 12: thirds of it are whole, so the row is met without mending."""
    assert row(3 * 10**6, 3 * 10**6).near(np.array([2 / 3, -1 / 3, -1 / 3]), 12, 12) == {0: 8, 1: -4, 2: -4}


def test_what_rounding_breaks_is_mended() -> None:
    found = row(3 * 10**6, 3 * 10**6).near(np.array([14 / 7, -11 / 7, -3 / 7]), 10, 10)
    assert found is not None and sum(found.values()) == 0 and found[0] == 20
    loose = row(3 * 10**6, 3 * 10**6 + 20).near(np.array([1.46, 0.46, 0.4]), 10, 10)
    assert loose is not None and 0 <= sum(loose.values()) <= 20


def test_what_cannot_be_met_is_none() -> None:
    nothing = Relation("row", ((0, ONE), (1, ONE)), Fraction(0), Fraction(0))
    assert WholeMoves(unknowns(System((0, 0), ((0,), (1,)), (nothing,)))).near(np.array([1.0, 0.0]), 1, 1) is None


def test_nothing_falls_below_zero() -> None:
    whole = row(0, 3 * 10**6)
    assert whole.near(np.array([-2000.0, 0.0, 0.0]), 1000, 10) in (None, {0: -1_000_000})


def test_search_for_whole_numbers() -> None:
    """The first cell can rise by what the row leaves."""
    found = row(3 * 10**6, 3 * 10**6 + 7).furthest((0,), 1, 1)
    assert found is not None and found[0] >= 7 and 0 <= sum(found.values()) <= 7
