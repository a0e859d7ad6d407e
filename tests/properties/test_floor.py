"""The floor, over made-up tables: what a reader knows is exactly what the rows allow, and no untruth slips through."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kaiji.control.floor_agreement import languages_agree, reading, true_of_data
from kaiji.control.openness import Openness, place
from kaiji.control.readers import Kind, ReadRow, Share, precision, shares, tightened
from kaiji.control.statements import Statement, count_band, month, share, total_band
from kaiji.terms import Unit, Words

F = Fraction
OFTEN = settings(max_examples=150, deadline=None)
UNITS = st.sampled_from([Decimal(text) for text in ("0.1", "0.5", "1", "5", "10", "20")])


@st.composite
def mixes(draw: st.DrawFn) -> dict[Kind, int]:
    """Sizes by kind, one of them often not known; some are nothing."""
    sizes = draw(st.lists(st.one_of(st.integers(0, 20), st.integers(0, 10**9)), min_size=1, max_size=7))
    assume(sum(sizes))
    kinds: list[Kind] = [f"k{number}" for number in range(len(sizes))]
    if draw(st.booleans()):
        kinds[-1] = None
    return dict(zip(kinds, sizes, strict=True))


def read(statement: Statement) -> Share:
    assert statement.low is not None
    assert statement.high is not None
    return Share(F(statement.low) / 100, F(statement.high) / 100)


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[Kind, int], list[ReadRow]]:
    """A mix and its published rows: some kinds merged, some rows without a figure."""
    sizes = draw(mixes())
    whole, unit = sum(sizes.values()), draw(UNITS)
    groups: list[list[Kind]] = []
    for kind in sizes:
        if groups and draw(st.integers(0, 3)) == 0:
            groups[-1].append(kind)
        else:
            groups.append([kind])
    rows = []
    for kinds in groups:
        size = sum(sizes[kind] for kind in kinds)
        told = read(share("s", size, whole, unit)) if draw(st.integers(0, 4)) else Share(F(0), F(1))
        rows.append(ReadRow(tuple(kinds), told))
    return sizes, rows


def by_program(rows: list[ReadRow]) -> dict[Kind, tuple[float, float]]:
    """Least and greatest share of each kind over all mixes that agree with the rows, by linear programs."""
    kinds = [kind for row in rows for kind in row.kinds]
    sums = np.array([[float(kind in row.kinds) for kind in kinds] for row in rows])
    low, high = (np.array([float(row.share[end]) for row in rows]) for end in (0, 1))
    found: dict[Kind, tuple[float, float]] = {}
    for number, kind in enumerate(kinds):
        ends = []
        for sign in (1, -1):
            goal = np.zeros(len(kinds))
            goal[number] = sign
            solved = linprog(
                goal, np.vstack([sums, -sums]), np.concatenate([high, -low]), np.ones((1, len(kinds))), [1], (0, 1)
            )
            assert solved.status == 0
            ends.append(sign * solved.fun)
        found[kind] = (ends[0], ends[1])
    return found


@given(tables())
@OFTEN
def test_what_a_reader_knows_is_what_the_linear_programs_find(made: tuple[dict[Kind, int], list[ReadRow]]) -> None:
    _, rows = made
    tight = tightened(rows)
    assert tight is not None
    expected = by_program(rows)
    for kind, told in shares(tight).items():
        assert abs(float(told.low) - expected[kind][0]) < 1e-7
        assert abs(float(told.high) - expected[kind][1]) < 1e-7


@given(tables())
@OFTEN
def test_the_true_mix_is_among_what_a_reader_knows(made: tuple[dict[Kind, int], list[ReadRow]]) -> None:
    sizes, rows = made
    whole = sum(sizes.values())
    tight = tightened(rows)
    assert tight is not None
    known = shares(tight)
    assert all(known[kind].low <= F(size, whole) <= known[kind].high for kind, size in sizes.items())
    assert all(told.low >= 0 and told.high <= 1 for told in known.values())
    assert tightened(tight) == tight


@given(tables(), st.lists(st.integers(0, 10), min_size=7, max_size=7))
@OFTEN
def test_no_mix_that_agrees_is_farther_off_than_the_precision_says(
    made: tuple[dict[Kind, int], list[ReadRow]], weights: list[int]
) -> None:
    """Mixes that agree with the rows: some way from the true one towards another, as far as all rows allow."""
    sizes, rows = made
    whole = sum(sizes.values())
    truth = {kind: F(size, whole) for kind, size in sizes.items()}
    tight = tightened(rows)
    assert tight is not None
    aims = weights[: len(sizes)]
    assume(sum(aims))
    other = {kind: F(aim, sum(aims)) for kind, aim in zip(sizes, aims, strict=True)}
    way = F(1)
    for kinds, told in rows:
        true, aimed = (sum((mix[kind] for kind in kinds), F(0)) for mix in (truth, other))
        if aimed > true:
            way = min(way, (told.high - true) / (aimed - true))
        elif aimed < true:
            way = min(way, (true - told.low) / (true - aimed))
    off = sum(abs(way * (other[kind] - truth[kind])) for kind in truth) / 2
    assert off <= 1 - precision(shares(tight), truth)


@given(tables(), st.data())
@OFTEN
def test_a_figure_more_never_makes_a_reader_know_less(
    made: tuple[dict[Kind, int], list[ReadRow]], data: st.DataObject
) -> None:
    sizes, rows = made
    whole = sum(sizes.values())
    truth = {kind: F(size, whole) for kind, size in sizes.items()}
    number = data.draw(st.integers(0, len(rows) - 1))
    less = [*rows[:number], rows[number]._replace(share=Share(F(0), F(1))), *rows[number + 1 :]]
    more_known, less_known = tightened(rows), tightened(less)
    assert more_known is not None
    assert less_known is not None
    assert precision(shares(more_known), truth) >= precision(shares(less_known), truth)


parts = st.fractions(0, 1, max_denominator=100)


@given(parts, parts, parts, st.booleans(), parts)
def test_more_precision_never_lowers_a_place(
    covered: Fraction, one: Fraction, other: Fraction, figures: bool, exact: Fraction
) -> None:
    low, high = sorted((one, other))
    below = place(covered=covered, precision=low, figures=figures, exact=exact)
    above = place(covered=covered, precision=high, figures=figures, exact=exact)
    assert Openness.NOMINAL <= below <= above <= Openness.EXHAUSTIVE


@given(st.integers(0, 10**12), st.integers(1, 10**12), UNITS, st.sampled_from([-2, 2]))
@OFTEN
def test_a_share_wrong_by_two_units_is_never_true(part: int, whole: int, unit: Decimal, steps: int) -> None:
    part = min(part, whole)
    was = share("s", part, whole, unit)
    assert list(true_of_data({"s": was}, {"s": (F(100 * part, whole),)})) == []
    assert was.low is not None
    assert was.high is not None
    wrong = was.model_copy(update={"low": was.low + steps * unit, "high": was.high + steps * unit})
    (found,) = true_of_data({"s": wrong}, {"s": (F(100 * part, whole),)})
    assert (found.id, found.message) == ("KJ416", "the figure s is not true of the data")


sizes_of_units = st.sampled_from([Unit.TOKENS, Unit.BYTES, Unit.ITEMS, Unit.SECONDS])
figures = st.one_of(
    st.builds(
        lambda part, whole, unit: share("s", min(part, whole), whole, unit),
        st.integers(0, 10**6), st.integers(1, 10**6), UNITS,
    ),
    st.builds(lambda value, unit, decade: total_band("s", value, unit, decade=decade),
              st.integers(0, 10**19), sizes_of_units, st.booleans()),
    st.builds(lambda value: count_band("s", value), st.integers(0, 1000)),
    st.builds(lambda year, number: month("s", f"{year}-{number:02}"), st.integers(1950, 2049), st.integers(1, 12)),
)  # fmt: skip


@given(figures)
@settings(max_examples=300, deadline=None)
def test_every_figure_reads_the_same_in_both_languages(statement: Statement) -> None:
    assert reading(statement.text.ja) == reading(statement.text.en)
    assert list(languages_agree({"s": statement})) == []


@given(figures, figures)
@settings(max_examples=300, deadline=None)
def test_two_figures_mixed_up_are_found_unless_they_are_one(one: Statement, other: Statement) -> None:
    mixed = one.model_copy(update={"text": Words(ja=one.text.ja, en=other.text.en)})
    differ = reading(one.text.en) != reading(other.text.en)
    assert bool([*languages_agree({"s": mixed})]) is differ
