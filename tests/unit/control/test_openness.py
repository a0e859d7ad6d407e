"""The scale from L0 to L4 and the corridor of the middle ground."""

from fractions import Fraction

import pytest

from kaiji.control.openness import Openness, corridor, place

F = Fraction


@pytest.mark.parametrize(
    ("covered", "precision", "figures", "exact", "expected"),
    [
        ("1", "0", False, "0", Openness.NOMINAL),  # kinds only
        ("1", "1", False, "0", Openness.NOMINAL),  # one kind only: known, and yet no figure
        ("1", "0.49", True, "0", Openness.NOMINAL),  # bands of whole decades
        ("0.94", "1", True, "0", Openness.NOMINAL),
        ("0.95", "0.5", True, "0", Openness.CATEGORY),  # shares to five per cent
        ("1", "0.89", True, "0", Openness.CATEGORY),
        ("1", "0.9", True, "0", Openness.PRECISE),  # shares to one per cent
        ("1", "1", True, "0.99", Openness.PRECISE),
        ("1", "1", True, "1", Openness.EXHAUSTIVE),
    ],
)
def test_places(covered: str, precision: str, figures: bool, exact: str, expected: Openness) -> None:
    assert place(covered=F(covered), precision=F(precision), figures=figures, exact=F(exact)) is expected


def test_the_corridor_of_core_facets_and_of_others() -> None:
    assert [one in corridor(core=True) for one in Openness] == [False, False, True, True, False]
    assert [one in corridor(core=False) for one in Openness] == [False, True, True, True, False]
    assert 2 not in corridor(core=True)


def test_every_place_has_a_name() -> None:
    assert [one.label for one in Openness] == ["L0", "L1", "L2", "L3", "L4"]
    assert len({one.meaning for one in Openness}) == len(Openness)
