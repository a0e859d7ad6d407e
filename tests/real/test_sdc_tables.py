"""Primary rules and suppression on published test tables, against the expectations published or computed with them.

The tables are read from KAIJI_SHARED_DATA; none of them is in this project.
"""

import csv
import json
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kaiji.control.certificates import verify
from kaiji.control.complementary import recheck, suppress
from kaiji.control.complementary_exact import suppress_exactly
from kaiji.control.primary import (
    Holding,
    ProtectionLevels,
    Rule,
    contributions,
    dominated,
    shortfall,
    top_share,
)
from kaiji.control.tables import (
    Cells,
    Key,
    Row,
    Sensitive,
    Table,
    cells_of,
    lattice,
    name,
    sensitive_cells,
    system_of,
)

pytestmark = pytest.mark.real


def folder() -> Path:
    assert "KAIJI_SHARED_DATA" in os.environ, "set KAIJI_SHARED_DATA to the folder that holds sdc-oracles"
    return Path(os.environ["KAIJI_SHARED_DATA"]) / "sdc-oracles"


def oracle(named: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder() / "oracles.json").read_text("utf-8"))[named]
    return found


def rows(named: str) -> list[dict[str, str]]:
    with (folder() / f"{named}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts(named: str, facets: Sequence[str], groupings: Sequence[tuple[int, ...]] | None = None) -> Cells:
    """Table of counts by ``facets``: nobody's, so that no rule on owners speaks."""
    held = [
        Row(tuple(row[facet].removesuffix(".0") for facet in facets), None, int(Fraction(row["ant"])))
        for row in rows(named)
    ]
    return cells_of(Table(held, lattice(len(facets)) if groupings is None else groupings))


def margin(cells: Cells, facet: int) -> dict[str, int]:
    """Sizes by kind of one facet."""
    found = {}
    for key, size in zip(cells.keys, cells.sizes, strict=True):
        kind = key[facet]
        if kind is not None and all(other is None for place, other in enumerate(key) if place != facet):
            found[kind] = size
    return found


def small(cells: Cells, most: int) -> list[Sensitive]:
    """Inner cells of at most ``most``, to be kept from exact recovery."""
    return [
        Sensitive((key,), ProtectionLevels(1, 1))
        for key, size in zip(cells.keys, cells.sizes, strict=True)
        if None not in key and size <= most
    ]


@pytest.mark.parametrize("hide", [suppress, suppress_exactly], ids=["heuristic", "exact"])
def test_z1(hide) -> None:
    expected = oracle("z1")
    cells = counts("z1", ["region", "hovedint"])
    assert cells.sizes[-1] == expected["totals"]["grand"]
    assert [margin(cells, facet) for facet in (0, 1)] == [expected["totals"][of] for of in ("region", "hovedint")]
    sensitive = small(cells, 3)
    assert [list(one.keys[0]) for one in sensitive] == expected["primary"]
    alone = recheck(cells, [one.keys[0] for one in sensitive], sensitive, None)
    assert alone.unprotected == tuple(expected["primary_only_intervals"])
    found = hide(cells, sensitive)
    assert len(found.hidden) == expected["fewest_hidden_cells"]
    assert found.unprotected == ()
    system = system_of(cells, found.hidden)
    assert [fault for one in found.certificates for fault in verify(system, one, found.targets)] == []


def test_the_accepted_pattern_of_z1_has_the_expected_intervals() -> None:
    expected = oracle("z1")
    cells = counts("z1", ["region", "hovedint"])
    pattern: list[Key] = [tuple(key) for key in expected["one_accepted_pattern"]]
    sizes = dict(zip(map(name, cells.keys), cells.sizes, strict=True))
    for cell, (low, high) in expected["intervals_under_that_pattern"].items():
        key = next(key for key in pattern if name(key) == cell)
        whole = ProtectionLevels(high - sizes[cell], sizes[cell] - low)
        assert recheck(cells, pattern, [Sensitive((key,), whole)], None).unprotected == ()
        for more in (ProtectionLevels(whole.up + 1, 1), ProtectionLevels(1, whole.down + 1)):
            assert recheck(cells, pattern, [Sensitive((key,), more)], None).unprotected == (cell,)


@pytest.mark.parametrize(("by", "column"), [("by_record", None), ("by_holding", "holding")])
def test_dominance_by_record_and_by_holding(by: str, column: str | None) -> None:
    expected = oracle("dominance_test")
    held: dict[str, list[Holding]] = {}
    for number, row in enumerate(rows("dominance_test")):
        held.setdefault(row["v1"], []).append(Holding(row[column] if column else str(number), int(row["num"])))
    sizes = {cell: contributions(holdings) for cell, holdings in held.items()}
    assert {cell: sum(size) for cell, size in sizes.items()} == expected["totals"]
    assert {cell: len(size) for cell, size in sizes.items()} == expected[by]["contributors"]
    assert {cell: float(top_share(size, 2)) for cell, size in sizes.items()} == expected[by]["top2_share"]
    tenth = Fraction(1, 10)
    for rule, unsafe in {
        "unsafe_2_90": [cell for cell, size in sizes.items() if dominated(size, 2, 9 * tenth)],
        "unsafe_p10": [cell for cell, size in sizes.items() if shortfall(size, tenth) > 0],
        "fewer_than_3": [cell for cell, size in sizes.items() if len(size) < 3],
    }.items():
        assert unsafe == expected[by][rule]


def test_magnitude1() -> None:
    expected = oracle("magnitude1")
    held = [
        Row((row["sector4"], row["geo"]), row["company"], int(Fraction(row["value"]) * 10))
        for row in rows("magnitude1")
    ]
    cells = cells_of(Table(held, lattice(2)))
    named = {"|".join(kind or "Total" for kind in key): place for place, key in enumerate(cells.keys)}
    assert set(named) == set(expected["cells"])
    sizes = {cell: contributions(cells.holdings[place]) for cell, place in named.items()}
    tenth = Fraction(1, 10)
    for cell, told in expected["cells"].items():
        size = sizes[cell]
        assert (sum(size), len(size), size[0]) == (
            round(told["total"] * 10), told["companies"], round(told["largest"] * 10)
        )  # fmt: skip
        assert len(cells.holdings[named[cell]]) == told["records"]
        assert float(top_share(size, 1)) == pytest.approx(told["top1_share"], abs=1e-6)
        assert dominated(size, 1, Fraction(8, 10)) == told["unsafe_1_80"]
        assert (shortfall(size, tenth) > 0) == told["unsafe_p10"]
        assert (len(size) < 3) == told["fewer_than_3"]
    sensitive = sensitive_cells(cells, Rule(tenth, 0))
    unsafe = {told for told, place in named.items() if cells.keys[place] in {one.keys[0] for one in sensitive}}
    assert unsafe == set(expected["unsafe_p10"])
    found = suppress(cells, sensitive, Rule(tenth, 3))
    assert found.unprotected == ()
    system = system_of(cells, found.hidden)
    assert [fault for one in found.certificates for fault in verify(system, one, found.targets)] == []


def test_z2_is_protected_in_both_hierarchies_at_once() -> None:
    """Regions nest in counties and in groups of municipalities: two tables that share their cells."""
    expected = oracle("z2")
    facets = ["region", "fylke", "kostragr", "hovedint"]
    cells = counts("z2", facets, [(), (1,), (2,), (3,), (0, 3), (1, 3), (2, 3), (0,)])
    assert cells.sizes[-1] == expected["grand_total"]
    assert [margin(cells, facets.index(of)) for of in ("fylke", "kostragr", "hovedint")] == [
        expected[of] for of in ("fylke", "kostragr", "hovedint")
    ]
    by_region = {key: size for key, size in zip(cells.keys, cells.sizes, strict=True)
                 if key[0] is not None and key[1:3] == (None, None) and key[3] is not None}  # fmt: skip
    told = [(region, kind, size) for region, kind, size in expected["inner_cells_of_3_or_fewer"] if size]
    assert {(key[0], key[3], size) for key, size in by_region.items() if size <= 3} == set(told)
    sensitive = [Sensitive((key,), ProtectionLevels(1, 1)) for key, size in by_region.items() if size <= 3]
    assert recheck(cells, [one.keys[0] for one in sensitive], sensitive, None).unprotected != ()
    found = suppress(cells, sensitive)
    assert found.unprotected == ()
    system = system_of(cells, found.hidden)
    assert [fault for one in found.certificates for fault in verify(system, one, found.targets)] == []


def test_z3_adds_up() -> None:
    expected = oracle("z3")
    facets = ["fylke", "kostragr", "hovedint", "mnd2"]
    cells = counts("z3", facets, lattice(4, 1))
    assert cells.sizes[-1] == expected["grand_total"]
    assert [margin(cells, facet) for facet in range(4)] == [expected[of] for of in facets]
    sizes = [int(Fraction(row["ant"])) for row in rows("z3")]
    assert (len(sizes), sum(size <= 3 for size in sizes), sizes.count(0)) == tuple(
        expected[of] for of in ("rows", "rows_of_3_or_fewer", "zeros")
    )


def test_the_two_by_two_block_of_the_textbook() -> None:
    """Intervals of Geurts (1992), for one of the truths that print the same table."""
    expected = oracle("geurts_2x2")
    truth = {"x11": 5, "x12": 2, "x21": 1, "x22": 2}
    lines = [(5, 2, 7), (1, 2, 3), (3, 3, 6)]
    cells = cells_of(
        Table([Row((str(row), str(column)), None, size) for row, line in enumerate(lines, 1)
               for column, size in enumerate(line, 1)], lattice(2))
    )  # fmt: skip
    block = [(row, column) for row in "12" for column in "12"]
    for named, (low, high) in expected["expected_intervals"].items():
        key, size = (named[1], named[2]), truth[named]
        whole = ProtectionLevels(high - size, size - low)
        assert recheck(cells, block, [Sensitive((key,), whole)], None).unprotected == ()
        for more in (ProtectionLevels(whole.up + 1, 0), ProtectionLevels(0, whole.down + 1)):
            assert recheck(cells, block, [Sensitive((key,), more)], None).unprotected == (name(key),)


def test_a_union_of_dominated_cells_is_found_by_its_owner() -> None:
    scenario = next(one for one in oracle("attack_scenarios")["scenarios"] if one["id"] == "S14")
    truth = scenario["truth"]
    told = scenario["p_rule_on_the_union"]
    held = [Row((f"c{named[1]}",), "A" if named[0] == "a" else named, size) for named, size in truth.items()]
    held += [Row(("c4",), f"other-{number}", 100) for number in range(4)]
    cells = cells_of(Table(held, [(), (0,)]))
    pattern = [("c1",), ("c2",), ("c3",)]
    rule = Rule(Fraction(told["p"], 100), 3)
    sensitive = sensitive_cells(cells, rule)
    assert [one.keys[0] for one in sensitive] == pattern
    assert recheck(cells, pattern, sensitive, None).unprotected == (), "each cell by itself looks safe"
    assert (recheck(cells, pattern, sensitive, rule).unprotected != ()) == told["unsafe"]
