"""Tables: their cells, their equations, and what they are as a system of relations."""

from fractions import Fraction

import pytest

from kaiji.control.primary import Holding, ProtectionLevels, Rule
from kaiji.control.system import Relation, System
from kaiji.control.tables import (
    Equation,
    Row,
    Sensitive,
    Table,
    cells_of,
    lattice,
    name,
    owner_atoms,
    sensitive_cells,
    sensitive_unions,
    system_of,
)

ROWS = (Row(("x", "p"), "B", 2), Row(("x", "p"), "A", 3), Row(("x", "q"), None, 5), Row(("y", "p"), "A", 7),
        Row(("y", "q"), "A", 0))  # fmt: skip
CELLS = cells_of(Table(ROWS, lattice(2)))


def test_cells_are_those_that_are_not_empty() -> None:
    assert [name(key) for key in CELLS.keys] == ["x|p", "x|q", "y|p", "x|*", "y|*", "*|p", "*|q", "*|*"]
    assert CELLS.sizes == (5, 5, 7, 10, 7, 12, 5, 17)
    assert CELLS.members == ((0,), (1,), (2,), (0, 1), (2,), (0, 2), (1,), (0, 1, 2))
    assert (CELLS.finest, CELLS.published) == (3, (True,) * 8)
    assert CELLS.holdings[5] == (Holding("B", 2), Holding("A", 3), Holding("A", 7))
    assert CELLS.equations == (
        Equation(3, (0, 1)), Equation(4, (2,)), Equation(5, (0, 2)), Equation(6, (1,)),
        Equation(7, (3, 4)), Equation(7, (5, 6)),
    )  # fmt: skip


def test_the_finest_cells_are_there_when_they_are_not_published() -> None:
    cells = cells_of(Table(ROWS, [(), (0,), (1,)]))
    assert cells.keys == CELLS.keys
    assert cells.published == (False,) * 3 + (True,) * 5
    assert cells.equations == (Equation(7, (3, 4)), Equation(7, (5, 6)))


def test_linked_tables_add_up_to_the_margin_they_share() -> None:
    rows = [Row(("x", "p", "m"), "A", 1), Row(("x", "q", "n"), "B", 2)]
    cells = cells_of(Table(rows, [(0,), (0, 1), (0, 2)]))
    assert [name(key) for key in cells.keys] == ["x|p|m", "x|q|n", "x|p|*", "x|q|*", "x|*|m", "x|*|n", "x|*|*"]
    assert cells.equations == (Equation(6, (2, 3)), Equation(6, (4, 5)))


def test_lattice() -> None:
    assert lattice(2) == ((), (0,), (1,), (0, 1))
    assert lattice(3, 1) == ((), (0,), (1,), (2,))


@pytest.mark.parametrize(
    "table",
    [
        Table((Row(("x",), "A", -1),), [()]),
        Table((Row(("x",), "A", 1), Row(("x", "y"), "A", 1)), [()]),
        Table((Row(("x",), "A", 1),), [(1,)]),
        Table((Row(("x", "y"), "A", 1),), [(1, 0)]),
    ],
    ids=["negative", "facets", "no such facet", "order"],
)
def test_what_is_no_table(table: Table) -> None:
    with pytest.raises(ValueError, match=r"each row needs|a sub-table is"):
        cells_of(table)


def test_an_empty_table_has_no_cells() -> None:
    assert cells_of(Table((), [()])).keys == ()


def test_sensitive_cells_are_published_ones() -> None:
    rule = Rule(Fraction(15, 100), 2)
    assert [(name(one.keys[0]), one.levels.up) for one in sensitive_cells(CELLS, rule)] == [
        ("x|p", 1), ("x|q", 1), ("y|p", 2), ("y|*", 2), ("*|p", 2), ("*|q", 1),
    ]  # fmt: skip
    margins = cells_of(Table(ROWS, [(), (0,), (1,)]))
    assert [name(one.keys[0]) for one in sensitive_cells(margins, rule)] == ["y|*", "*|p", "*|q"]


def test_a_union_of_hidden_cells_is_sensitive_when_one_owner_dominates_it() -> None:
    """The cells 100, 80 and 60 of one row, dominated by A, and a published cell of many owners."""
    sizes = [("c1", "A", 95), ("c1", "B", 5), ("c2", "A", 76), ("c2", "C", 4), ("c3", "A", 57), ("c3", "D", 3)]
    rows = [Row((kind,), owner, size) for kind, owner, size in sizes]
    rows += [Row(("c4",), f"other-{number}", 50) for number in range(4)]
    cells = cells_of(Table(rows, [(), (0,)]))
    rule = Rule(Fraction(15, 100), 3)
    union = Sensitive((("c1",), ("c2",), ("c3",)), ProtectionLevels(28, 28))
    assert sensitive_unions(cells, {0, 1, 2}, set(), rule) == (union,), "the total tells it"
    assert sensitive_unions(cells, {0, 1, 2, 3}, set(), rule) == (), "the total tells what is safe"
    assert sensitive_unions(cells, {0, 1, 2, 3}, {0, 1, 2}, rule) == (union,), "one owner is protected in all"
    assert sensitive_unions(cells, {0, 1, 2, 4}, set(), rule) == (), "there is no total"
    assert sensitive_unions(cells, {0}, {0}, rule) == (), "one cell is no union"
    assert sensitive_unions(cells, {0, 1, 2, 3}, {0, 1, 2, 3}, rule) == (), "all cells are the total"


def test_the_system_of_a_table_states_what_is_printed() -> None:
    exact = {name: Relation(name, ((number, Fraction(1)),), Fraction(size), Fraction(size))
             for number, (name, size) in enumerate(zip(map(name_of, range(8)), CELLS.sizes, strict=True))}  # fmt: skip
    hidden = [("x", "p"), ("x", None)]
    printed = tuple(relation for name, relation in exact.items() if name not in {"x|p", "x|*"})
    assert system_of(CELLS, hidden) == System((5, 5, 7), CELLS.members, printed)
    assert system_of(CELLS, hidden, by_owner=True) == System(
        (3, 2, 5, 7), ((0, 1), (2,), (3,), (0, 1, 2), (3,), (0, 1, 3), (2,), (0, 1, 2, 3)), printed
    )
    assert owner_atoms(CELLS) == ((0, "A"), (0, "B"), (1, None), (2, "A"))


def name_of(number: int) -> str:
    return name(CELLS.keys[number])
