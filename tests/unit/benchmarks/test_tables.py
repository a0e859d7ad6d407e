"""The tables of the benchmark: the same every time, and what they are for."""

import control
import pytest
import tables
from measure import Measured

from kaiji.control.complementary import recheck, suppress
from kaiji.control.primary import Rule
from kaiji.control.tables import Row, cells_of, sensitive_cells


def test_a_seed_gives_one_table():
    first, second = (tables.made(datasets=300, kinds=(10, 6)) for _ in range(2))
    assert first == second
    assert first.rows[0] == Row(("a005", "b000"), "owner-0034", 2491387855)
    assert tables.made(datasets=300, kinds=(10, 6), seed=2) != first


@pytest.mark.parametrize("case", ["10x6, 300", "10x6x20, 300"])
def test_hiding_the_sensitive_cells_alone_is_a_breach_and_suppression_closes_it(case):
    datasets, kinds = control.CASES[case]
    cells = cells_of(tables.made(datasets=datasets, kinds=kinds))
    rule: Rule = control.RULE
    sensitive = sensitive_cells(cells, rule)
    assert recheck(cells, [one.keys[0] for one in sensitive], sensitive, None).unprotected != ()
    found = suppress(cells, sensitive, rule)
    assert found.unprotected == ()
    assert recheck(cells, found.hidden, sensitive, rule).unprotected == ()


def test_the_baseline_finds_what_is_determined():
    """A row of two hidden cells, in a column of one each: both are the total less what is published."""
    rows = [Row(("a", "p"), "A", 30), Row(("a", "q"), "B", 20), Row(("b", "p"), "C", 50), Row(("b", "q"), "D", 50)]
    cells = cells_of(tables.Table(rows, tables.lattice(2)))
    assert control.Pairs(cells, [("a", "p"), ("a", "q")]).width(0) == 0
    block = [(first, second) for first in "ab" for second in "pq"]
    assert control.Pairs(cells, block).width(0) == pytest.approx(5 / 3)


def outcome(**told):
    figures = {"cells": 9, "sensitive": 4, "pairs done": 2, "exact": 1, "under": 1, "secondary": 2, "exact after": 0,
               "under after": 0, "certificates": 3, "wrong": 0, "hidden mass": 0.5} | told  # fmt: skip
    phases = "phase baseline 2.0\nphase audit 1.0\nphase suppress 1.0\nphase verify 1.0\n"
    return Measured(0, 5.0, 5.0, 10**8, control.json.dumps(figures), phases)


@pytest.mark.parametrize("told", [{"under": 0}, {"under after": 1}, {"exact after": 1}, {"wrong": 1}])
def test_bars(told, capsys):
    assert control.report({"case": outcome()})
    assert "~4.00" in capsys.readouterr().out, "half of the pairs were done: estimated"
    assert not control.report({"case": outcome(**told)})
