"""Moves of hidden cells: exact, in whole numbers, and as far as the programs say."""

import numpy as np
import numpy.typing as npt
import pytest

from kaiji.control.table_moves import Goal, Move, Moves

# two rows and columns of 5, 2 / 1, 2 with their margins
SIZES = (5, 2, 1, 2)
MEMBERS = ((0,), (1,), (2,), (3,), (0, 1), (2, 3), (0, 2), (1, 3))


def free(*columns: int, count: int = len(MEMBERS)) -> npt.NDArray[np.bool_]:
    flags = np.zeros(count, dtype=np.bool_)
    flags[list(columns)] = True
    return flags


def test_a_block_moves_round_as_far_as_its_smallest_cell() -> None:
    moves = Moves(SIZES, MEMBERS)
    block = free(0, 1, 2, 3)
    far = [Goal(0, True, 1), Goal(0, False, 2)]
    found = moves.prove([*far, Goal(0, True, 2), Goal(0, False, 3)], block)
    assert sorted(found) == sorted(far)
    assert {goal: move.changes(4) for goal, move in found.items()} == {
        far[0]: {0: 1, 1: -1, 2: -1, 3: 1},
        far[1]: {0: -2, 1: 2, 2: 2, 3: -2},
    }


def test_nothing_moves_where_a_line_has_one_free_cell() -> None:
    moves = Moves(SIZES, MEMBERS)
    assert moves.prove([Goal(0, True, 1), Goal(0, False, 1)], free(0, 1, 2)) == {}
    assert moves.prove_all([Goal(0, True, 1)], free(0, 1, 2), np.ones(8)) is None


def test_a_margin_that_is_free_moves_with_its_cells() -> None:
    found = Moves(SIZES, MEMBERS).prove([Goal(4, False, 7)], free(0, 1, 4, 6, 7))
    assert found[Goal(4, False, 7)].steps.tolist() == [-5, -2, 0, 0, -7, 0, -5, -2]


def test_gains_tell_which_cells_could_help() -> None:
    """With 0, 1 and 2 free nothing moves; only a column that lets the corner move can help."""
    goal = Goal(0, True, 1)
    gains = Moves(SIZES, MEMBERS).gains(goal, free(0, 1, 2))
    assert gains[[0, 1, 2]].sum() == pytest.approx(0)
    assert gains[3:].sum() >= 1


def test_the_cheapest_move_avoids_what_is_dear() -> None:
    sizes = (50, 60, 900, 70, 80, 800)
    members = (*((place,) for place in range(6)), (0, 1, 2), (3, 4, 5), (0, 3), (1, 4), (2, 5))
    weights = np.array([0.0, 2, 9, 3, 4, 9, 99, 99, 99, 99, 99])
    moves = Moves(sizes, members)
    columns, move = moves.cheapest(Goal(0, True, 10), weights, free(count=11)) or (frozenset(), None)
    assert columns == {0, 1, 3, 4}
    assert move is not None
    assert move.changes(6) == {0: 10, 1: -10, 3: -10, 4: 10}
    columns, _ = moves.cheapest(Goal(0, True, 10), weights, free(1, count=11)) or (frozenset(), None)
    assert columns == {0, 2, 3, 5}
    assert moves.cheapest(Goal(0, True, 10), weights, free(3, 8, count=11)) is None


def test_goals_of_all_magnitudes_are_reached_exactly() -> None:
    sizes = (10**13 + 7, 3, 10**13 + 9, 10**6 + 1, 4, 5)
    members = (*((place,) for place in range(6)), (0, 1, 2), (3, 4, 5), (0, 3), (1, 4), (2, 5))
    goals = [Goal(0, True, 10**6 + 1), Goal(0, False, 9), Goal(1, True, 4), Goal(1, False, 3)]
    found = Moves(sizes, members).prove([*goals, Goal(0, False, 10), Goal(1, True, 5)], free(*range(6), count=11))
    assert set(found) == set(goals)
    for goal, move in found.items():
        changes = [move.changes(6).get(place, 0) for place in range(6)]
        assert sum(changes[:3]) == sum(changes[3:]) == 0
        assert all(size + change >= 0 for size, change in zip(sizes, changes, strict=True))
        assert (changes[goal.column] if goal.up else -changes[goal.column]) >= goal.amount


def test_a_move_reaches_what_it_says() -> None:
    move = Move(10, np.array([3, -3]))
    assert move.changes(2) == {0: 30, 1: -30}
    assert [move.reaches(goal) for goal in (Goal(0, True, 30), Goal(0, True, 31), Goal(0, False, 1))] == [
        True, False, False,
    ]  # fmt: skip
    assert [move.reaches(goal) for goal in (Goal(1, False, 30), Goal(1, False, 31), Goal(1, True, 1))] == [
        True, False, False,
    ]  # fmt: skip


def test_half_moves_become_whole_ones() -> None:
    """Each goal alone needs halves of what another one limits: three lines through three cells, two by two."""
    sizes = (3, 3, 3, 100, 100, 100)
    members = (*((place,) for place in range(6)), (0, 1, 3), (1, 2, 4), (0, 2, 5))
    goals = [Goal(0, False, 3), Goal(1, False, 3), Goal(2, False, 3), Goal(3, True, 6), Goal(5, True, 6)]
    found = Moves(sizes, members).prove(goals, free(0, 1, 2, 3, 4, 5, count=9))
    assert sorted(found) == sorted(goals)
