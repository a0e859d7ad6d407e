"""Complementary suppression, on tables whose answer is known."""

from fractions import Fraction

import pytest

from kaiji.control.certificates import verify
from kaiji.control.complementary import Suppression, recheck, suppress, weights
from kaiji.control.complementary_exact import suppress_exactly
from kaiji.control.primary import ProtectionLevels, Rule
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

RULE = Rule(Fraction(15, 100), 3)
SUPPRESSORS = pytest.mark.parametrize("hide", [suppress, suppress_exactly], ids=["heuristic", "exact"])

# z1 of SSBtools (MIT, Statistics Norway): regions A to H by source of income
Z1 = {
    "annet": (11, 7, 5, 13, 9, 12, 6, 9), "arbeid": (11, 1, 8, 2, 14, 9, 4, 3),
    "soshjelp": (55, 29, 35, 17, 63, 24, 22, 38), "trygd": (36, 18, 25, 13, 52, 22, 8, 15),
}  # fmt: skip
SMALL = (("B", "arbeid"), ("D", "arbeid"), ("H", "arbeid"))


def grid(rows: list[list[int]], owners: list[list[str]] | None = None) -> Cells:
    """Rows ``r1``, … and columns ``c1``, … with margins; every cell has an owner of its own if none are given."""
    return cells_of(
        Table(
            [
                Row((f"r{row}", f"c{column}"), owners[row - 1][column - 1] if owners else f"{row},{column}", size)
                for row, line in enumerate(rows, 1)
                for column, size in enumerate(line, 1)
            ],
            lattice(2),
        )
    )


def cell(key: Key, up: int = 1, down: int = 1) -> Sensitive:
    return Sensitive((key,), ProtectionLevels(up, down))


def z1() -> Cells:
    rows = [
        Row((region, kind), None, size)
        for kind, sizes in Z1.items()
        for region, size in zip("ABCDEFGH", sizes, strict=True)
    ]
    return cells_of(Table(rows, lattice(2)))


def faults(cells: Cells, found: Suppression) -> list[str]:
    """What is wrong with the certificates of ``found``, by arithmetic, and which target has none for a direction."""
    system = system_of(cells, found.hidden)
    wrong = [fault for one in found.certificates for fault in verify(system, one, found.targets)]
    ways = {(target, move > 0) for one in found.certificates for target, move in one.targets}
    return wrong + [f"{one.id} {up}" for one in found.targets for up in (True, False) if (one.id, up) not in ways]


@SUPPRESSORS
def test_the_counts_of_gauss_suppression(hide) -> None:
    """Counts up to 3 are sensitive; six hidden cells are enough, and no fewer: each row and column needs two."""
    cells = z1()
    alone = recheck(cells, SMALL, [cell(key) for key in SMALL], None)
    assert alone.unprotected == ("B|arbeid", "D|arbeid", "H|arbeid")
    found = hide(cells, [cell(key) for key in SMALL])
    assert found.primary == SMALL
    assert (len(found.secondary), found.unprotected, faults(cells, found)) == (3, (), [])


def test_the_published_pattern_for_the_counts_of_gauss_suppression_passes() -> None:
    cells = z1()
    pattern = {(region, kind) for region in "BDH" for kind in ("annet", "arbeid")}
    found = recheck(
        cells, pattern, [cell(key, 3, min(3, size)) for key, size in zip(SMALL, (1, 2, 3), strict=True)], None
    )
    assert (found.unprotected, faults(cells, found)) == ((), [])
    assert found.secondary == (("B", "annet"), ("D", "annet"), ("H", "annet"))


def test_two_by_two_block_of_the_textbook() -> None:
    """Geurts 1992: x11 lies in [3, 6] and x12 in [1, 4], so 5 can go up by 1 and down by 2, no further."""
    block = [(f"r{row}", f"c{column}") for row in (1, 2) for column in (1, 2)]
    cells = grid([[5, 2, 7], [1, 2, 3], [3, 3, 6]])
    assert recheck(cells, block, [cell(("r1", "c1"), 1, 2)], None).unprotected == ()
    assert recheck(cells, block, [cell(("r1", "c1"), 2, 2)], None).unprotected == ("r1|c1",)
    assert recheck(cells, block, [cell(("r1", "c1"), 1, 3)], None).unprotected == ("r1|c1",)


@SUPPRESSORS
def test_the_cheapest_rectangle_is_hidden(hide) -> None:
    cells = grid([[50, 60, 900], [70, 80, 800], [700, 600, 500]])
    found = hide(cells, [cell(("r1", "c1"), 10, 10)])
    assert found.secondary == (("r1", "c2"), ("r2", "c1"), ("r2", "c2"))
    assert faults(cells, found) == []


@SUPPRESSORS
def test_a_cell_that_must_be_published_is_not_hidden(hide) -> None:
    cells = grid([[50, 60, 900], [70, 80, 800], [700, 600, 500]])
    found = hide(cells, [cell(("r1", "c1"), 10, 10)], keep=[("r1", "c2")])
    assert ("r1", "c2") not in found.hidden
    assert (found.unprotected, faults(cells, found)) == ((), [])


@SUPPRESSORS
def test_what_cannot_be_protected_is_said(hide) -> None:
    """A row of one cell with a total that must be published."""
    cells = grid([[50, 0], [70, 80]])
    found = hide(cells, [cell(("r1", "c1"), 10, 10)], keep=[("r1", None)])
    assert (found.primary, found.secondary, found.unprotected) == ((("r1", "c1"),), (), ("r1|c1",))


@SUPPRESSORS
def test_a_safe_table_is_printed_whole(hide) -> None:
    cells = grid([[50, 60], [70, 80]])
    assert hide(cells, []) == Suppression((), (), (), (), ())


@SUPPRESSORS
def test_one_owner_behind_all_hidden_cells_needs_another_one(hide) -> None:
    """100, 80 and 60 are 95, 76 and 57 of A: hidden together they tell A to 5 %; a cell of others must join them."""
    sizes = [("c1", "A", 95), ("c1", "B", 5), ("c2", "A", 76), ("c2", "C", 4), ("c3", "A", 57), ("c3", "D", 3)]
    rows = [Row((kind,), owner, size) for kind, owner, size in sizes]
    rows += [Row((kind,), f"other-{number}", 90) for number in range(3) for kind in ("c4", "c5")]
    cells = cells_of(Table(rows, [(), (0,)]))
    sensitive = sensitive_cells(cells, RULE)
    assert [name(one.keys[0]) for one in sensitive] == ["c1", "c2", "c3"]
    found = hide(cells, sensitive)
    assert (found.secondary, found.unprotected) == ((), ()), "each cell by itself is safe"
    assert recheck(cells, found.hidden, sensitive, RULE).unprotected == ("c1 + c2 + c3",)
    found = hide(cells, sensitive, RULE)
    assert (len(found.secondary), found.unprotected, faults(cells, found)) == (1, (), [])


@SUPPRESSORS
def test_sums_that_no_pattern_protects_are_said(hide) -> None:
    """Three cells that A dominates, and one of others that must be published like the total."""
    rows = [Row((f"c{number}",), "A", 100) for number in range(3)] + [Row(("c0",), "B", 1), Row(("c1",), "C", 1)]
    rows += [Row(("c3",), f"other-{number}", 100) for number in range(4)]
    cells = cells_of(Table(rows, [(), (0,)]))
    sensitive = sensitive_cells(cells, RULE)
    assert [name(one.keys[0]) for one in sensitive] == ["c0", "c1", "c2"]
    assert hide(cells, sensitive, RULE).unprotected == ()
    kept = hide(cells, sensitive, RULE, keep=[("c3",), (None,)])
    assert (kept.secondary, kept.unprotected) == ((), ("c0 + c1 + c2",))


def test_linked_tables_are_protected_together() -> None:
    """Two tables share the margin by kind; what one hides, the other may not tell."""
    rows = [
        Row((kind, language, licence), f"{kind}{language}{licence}", size)
        for kind, language, licence, size in [
            ("a", "ja", "free", 40), ("a", "en", "paid", 50), ("a", "en", "free", 60),
            ("b", "ja", "paid", 70), ("b", "en", "free", 80), ("b", "ja", "free", 90),
        ]
    ]  # fmt: skip
    cells = cells_of(Table(rows, [(0,), (0, 1), (0, 2)]))
    found = suppress(cells, [cell(("a", "ja", None), 6, 6)])
    assert (found.unprotected, faults(cells, found)) == ((), [])
    assert recheck(cells, found.hidden, [cell(("a", "ja", None), 6, 6)], None).unprotected == ()
    assert recheck(cells, [("a", "ja", None)], [cell(("a", "ja", None), 6, 6)], None).unprotected == ("a|ja|*",)


def test_a_pinned_pattern_on_the_sizes_of_another_release() -> None:
    cells = grid([[50, 60, 900], [70, 80, 800], [700, 600, 500]])
    pattern = suppress(cells, [cell(("r1", "c1"), 10, 10)]).hidden
    later = grid([[55, 61, 900], [70, 82, 810], [700, 640, 500]])
    assert recheck(later, pattern, [cell(("r1", "c1"), 10, 10)], None).unprotected == ()
    # another cell is sensitive now and is printed; the first has nothing left to hide behind
    empty = grid([[55, 61, 900], [70, 0, 810], [700, 640, 500]])
    found = recheck(empty, pattern, [cell(("r1", "c1"), 10, 10), cell(("r3", "c3"))], None)
    assert found.unprotected == ("r1|c1", "r3|c3")
    assert found.hidden == pattern, "a cell of the pattern that is empty stays hidden"


def test_sizes_of_all_magnitudes() -> None:
    """10^13 beside 1: no floating-point solver bears that, whole numbers do."""
    big = 10**13 + 1
    cells = grid([[big, 3 * big, 7], [5, 9 * 10**12, 11], [13, 10**6 + 1, 17]])
    sensitive = [cell(("r1", "c1"), big // 5, big // 5), cell(("r3", "c3"), 3, 3)]
    found = suppress(cells, sensitive)
    assert faults(cells, found) == []
    assert found.unprotected == ()


def test_the_same_table_gives_the_same_pattern_and_proof() -> None:
    first, second = (suppress(z1(), [cell(key) for key in SMALL]) for _ in range(2))
    assert first == second


def test_weights_grow_slower_than_sizes() -> None:
    assert weights(grid([[0, 1], [99, 9]])).round(3).tolist() == [0.693, 4.605, 2.303, 0.693, 4.691, 4.605, 2.398, 4.7]


def test_the_exact_search_refuses_large_tables() -> None:
    with pytest.raises(ValueError, match="at most 100 cells"):
        suppress_exactly(grid([[5] * 10 for _ in range(10)]), [])
