"""Elimination in exact arithmetic."""

from kaiji.control.elimination import PRIME, eliminated_modulo, solved_in_whole_numbers


def test_modulo_a_prime_each_pair_solves_for_one_column() -> None:
    rows = [{0: 2, 1: 3}, {1: 1, 2: PRIME - 5}]
    pairs = eliminated_modulo([dict(row) for row in rows])
    values = {2: 11}
    for column, row in reversed(pairs):
        values[column] = -sum(factor * values[other] for other, factor in row.items()) % PRIME
    assert values[1] == 55
    assert (2 * values[0] + 3 * values[1]) % PRIME == 0


def test_dependent_rows_give_no_pair() -> None:
    assert len(eliminated_modulo([{0: 1, 1: 1}, {0: 2, 1: 2}, {0: PRIME - 1, 1: PRIME - 1}])) == 1


def test_whole_solutions_keep_the_margins_of_a_table() -> None:
    """Two rows and two columns of a table; what one row lacks and a column has too much."""
    rows = [{0: 1, 1: 1}, {2: 1, 3: 1}, {0: 1, 2: 1}, {1: 1, 3: 1}]
    right = [2, -1, 1, 0]
    found = solved_in_whole_numbers([dict(row) for row in rows], right)
    assert found is not None
    assert [sum(factor * found.get(column, 0) for column, factor in row.items()) for row in rows] == right


def test_no_solution_is_none() -> None:
    assert solved_in_whole_numbers([{0: 1}, {0: 1}], [1, 2]) is None
    assert solved_in_whole_numbers([{}], [1]) is None
    assert solved_in_whole_numbers([{0: 2}], [1]) is None  # a half is not whole
    assert solved_in_whole_numbers([{}, {0: 2}], [0, 0]) == {}
