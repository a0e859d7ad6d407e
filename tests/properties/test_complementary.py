"""Suppression on random tables: what it claims holds by arithmetic, and by another solver's word."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kaiji.control.certificates import verify
from kaiji.control.complementary import recheck, suppress, weights
from kaiji.control.complementary_exact import suppress_exactly
from kaiji.control.primary import Holding, Rule, contributions, protection_levels, shortfall
from kaiji.control.system import System, Target
from kaiji.control.tables import Row, Table, cells_of, lattice, name, sensitive_cells, sensitive_unions, system_of

OFTEN = settings(max_examples=30, deadline=None)
RULE = Rule(Fraction(15, 100), 3)
SIZES = st.one_of(st.integers(0, 9), st.integers(0, 10**4))


@st.composite
def tables(draw: st.DrawFn, facets: int = 2) -> Table:
    kinds = [draw(st.integers(2, 4)) for _ in range(facets)]
    row = st.builds(
        Row,
        st.tuples(*(st.integers(0, count - 1).map(lambda kind, facet=facet: f"{'abc'[facet]}{kind}")
                    for facet, count in enumerate(kinds))),
        st.sampled_from(["A", "B", "C", "D", "E", None]),
        SIZES,
    )  # fmt: skip
    return Table(tuple(draw(st.lists(row, min_size=1, max_size=40))), lattice(facets))


def ends(system: System, target: Target) -> tuple[float, float]:
    """Least and greatest sum of a target that a reader can conclude; another solver path, and no quanta."""
    printed = [relation.coefficients[0][0] for relation in system.relations]
    matrix = np.zeros((len(printed), len(system.truth)))
    for row, number in enumerate(printed):
        matrix[row, list(system.sums[number])] = 1
    cost = np.zeros(len(system.truth))
    cost[list(target.atoms)] = 1
    right = [float(relation.low or 0) for relation in system.relations]
    found = [
        linprog(sign * cost, A_eq=matrix if printed else None, b_eq=right if printed else None) for sign in (1, -1)
    ]
    return found[0].fun, np.inf if found[1].status == 3 else -found[1].fun


@OFTEN
@given(st.one_of(tables(2), tables(3)))
def test_what_is_hidden_stays_open(table: Table) -> None:
    cells = cells_of(table)
    sensitive = sensitive_cells(cells, RULE)
    found = suppress(cells, sensitive, RULE)
    assert found.unprotected == ()
    assert set(found.primary) == {one.keys[0] for one in sensitive}
    system = system_of(cells, found.hidden)
    assert [fault for one in found.certificates for fault in verify(system, one, found.targets)] == []
    number = {key: place for place, key in enumerate(cells.keys)}
    hidden = {number[key] for key in found.hidden}
    unions = sensitive_unions(cells, hidden, {number[key] for key in found.primary}, RULE)
    targets = {target.id: target for target in found.targets}
    for one in (*sensitive, *unions):
        target = targets[" + ".join(map(name, one.keys))]
        low, high = ends(system, target)
        size = sum(system.truth[atom] for atom in target.atoms)
        assert low <= size - one.levels.down + 1e-6
        assert high >= size + one.levels.up - 1e-6


@OFTEN
@given(tables(2))
def test_an_audit_of_the_sensitive_cells_alone_agrees_with_the_other_solver(table: Table) -> None:
    """Whether hiding just the sensitive cells is enough: never called safe where an interval is too short."""
    cells = cells_of(table)
    sensitive = sensitive_cells(cells, RULE)
    pattern = [one.keys[0] for one in sensitive]
    found = recheck(cells, pattern, sensitive, None)
    system = system_of(cells, pattern)
    for one, target in zip(sensitive, found.targets, strict=True):
        low, high = ends(system, target)
        size = sum(system.truth[atom] for atom in target.atoms)
        open_enough = low <= size - one.levels.down + 1e-6 and high >= size + one.levels.up - 1e-6
        assert (target.id not in found.unprotected) == open_enough


@settings(max_examples=25, deadline=None)
@given(tables(2))
def test_the_exact_search_is_never_dearer(table: Table) -> None:
    cells = cells_of(table)
    sensitive = sensitive_cells(cells, RULE)
    loss = dict(zip(cells.keys, weights(cells), strict=True))
    quick, exact = suppress(cells, sensitive, RULE), suppress_exactly(cells, sensitive, RULE)
    assert exact.unprotected == ()
    assert sum(loss[key] for key in exact.secondary) <= sum(loss[key] for key in quick.secondary) + 1e-6
    assert recheck(cells, exact.hidden, sensitive, RULE).unprotected == ()


@OFTEN
@given(tables(2), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(table: Table, random) -> None:
    mixed = list(table.rows)
    random.shuffle(mixed)
    first, second = (cells_of(one) for one in (table, table._replace(rows=mixed)))
    assert first.keys == second.keys
    assert suppress(first, sensitive_cells(first, RULE), RULE) == suppress(second, sensitive_cells(second, RULE), RULE)


HOLDINGS = st.lists(st.builds(Holding, st.sampled_from([*"ABCDEF", None]), st.integers(0, 1000), st.booleans()))


@given(HOLDINGS, st.sampled_from("ABCDEF"), st.sampled_from("ABCDEF"))
def test_one_holding_in_place_of_two_never_makes_a_cell_safe(given: list[Holding], one: str, other: str) -> None:
    """Were two owners one, it would be protected at least as much."""
    joined = [holding._replace(owner=one) if holding.owner == other else holding for holding in given]
    before, after = protection_levels(given, RULE), protection_levels(joined, RULE)
    assert before is None or (after is not None and after.up >= before.up)


@given(HOLDINGS)
def test_a_request_rule_protects_no_more_than_the_full_one(given: list[Holding]) -> None:
    asked, full = protection_levels(given, RULE._replace(on_request=True)), protection_levels(given, RULE)
    assert asked is None or (full is not None and full.up >= asked.up)
    everybody = [holding._replace(confidential=True) for holding in given]
    assert protection_levels(everybody, RULE._replace(on_request=True)) == full


@given(HOLDINGS, st.fractions(0, 1))
def test_what_an_insider_learns_is_what_the_rule_says(given: list[Holding], p: Fraction) -> None:
    """The second owner bounds the first by X - x2; the rule holds exactly where that is at least (1 + p) x1."""
    sizes = contributions(given)
    if sizes:
        bound = sum(sizes) - (sizes[1] if len(sizes) > 1 else 0)
        assert (shortfall(sizes, p) <= 0) == (bound >= (1 + p) * sizes[0])
