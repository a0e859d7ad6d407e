"""What a reader knows of a mix, on tables small enough to check by hand."""

from fractions import Fraction
from math import isclose

from kaiji.control.readers import NOTHING, ReadRow, Share, distance, precision, shares, tightened

F = Fraction


def share(low: str, high: str) -> Share:
    return Share(F(low), F(high))


def row(kind: str, low: str, high: str) -> ReadRow:
    return ReadRow((kind,), share(low, high))


def test_rows_bound_one_another() -> None:
    rows = [row("a", "0.6", "0.7"), row("b", "0.2", "0.3"), ReadRow(("c",), NOTHING)]
    assert tightened(rows) == (row("a", "0.6", "0.7"), row("b", "0.2", "0.3"), row("c", "0", "0.2"))


def test_a_last_row_without_a_figure_is_what_the_others_leave() -> None:
    rows = [row("a", "0.25", "0.25"), ReadRow(("b",), NOTHING)]
    assert tightened(rows) == (row("a", "0.25", "0.25"), row("b", "0.75", "0.75"))


def test_rows_that_no_mix_agrees_with() -> None:
    assert tightened([row("a", "0.6", "0.7"), row("b", "0.5", "0.6")]) is None
    assert tightened([row("a", "0.1", "0.2"), row("b", "0.2", "0.3")]) is None
    assert tightened([row("a", "0.6", "0.7"), row("b", "0.3", "0.4")]) is not None


def test_of_merged_kinds_only_the_sum_is_known() -> None:
    rows = [ReadRow(("a", "b"), share("0.3", "0.4")), row("c", "0.6", "0.7")]
    assert shares(rows) == {"a": share("0", "0.4"), "b": share("0", "0.4"), "c": share("0.6", "0.7")}


def test_precision_is_one_less_half_of_all_that_can_be_off() -> None:
    truth = {"a": F("0.62"), "b": F("0.38")}
    assert precision({"a": share("0.6", "0.65"), "b": share("0.35", "0.4")}, truth) == 1 - F("0.03")
    assert precision({"a": NOTHING, "b": NOTHING}, truth) == 1 - F("0.62")
    assert precision({"a": share("0.62", "0.62"), "b": share("0.38", "0.38")}, truth) == 1


def test_a_kind_that_is_not_named_is_taken_for_absent() -> None:
    assert precision({"a": share("1", "1")}, {"a": F("0.8"), "b": F("0.2")}) == 1 - F("0.2")


def test_precision_is_never_below_zero() -> None:
    kinds = [f"k{n}" for n in range(10)]
    assert precision(dict.fromkeys(kinds, NOTHING), dict.fromkeys(kinds, F(1, 10))) == 0


def test_distance_of_the_published_mix() -> None:
    half = {"a": F(1, 2), "b": F(1, 2)}
    assert distance({"a": share("0.4", "0.6"), "b": share("0.4", "0.6")}, half) == 0
    assert distance({}, half) == 1
    assert isclose(distance({"a": share("1", "1")}, half), (1 - 0.5**0.5) ** 0.5)
    assert distance({"c": share("0.5", "1")}, half) == 1
