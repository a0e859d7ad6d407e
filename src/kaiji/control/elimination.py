"""Sparse elimination in exact arithmetic: modulo a prime, or in whole numbers."""

import heapq
from collections.abc import Callable

PRIME = 2147483629

RIGHT = -1
"""Column of the right-hand sides, which is never solved for."""

Row = dict[int, int]
"""Factor of each column that has one."""


def eliminated_modulo(rows: list[Row]) -> list[tuple[int, Row]]:
    """Solves ``rows`` (factors times columns add up to zero) modulo :data:`PRIME` for one column each.

    Returns pairs of a column and what it depends on: column = - row, each row free of the columns of the pairs before
    it. ``rows`` is used up.
    """
    return _eliminated(rows, lambda _: True, lambda factor: pow(factor, -1, PRIME), lambda factor: factor % PRIME)


def solved_in_whole_numbers(rows: list[Row], right: list[int]) -> dict[int, int] | None:
    """Whole values of columns for which each row adds up to its entry of ``right``; columns left out are zero.

    Only entries of 1 and -1 are solved for, so that everything stays whole; None when that does not reach.
    ``rows`` is used up.
    """
    for row, value in zip(rows, right, strict=True):
        if value:
            row[RIGHT] = -value
    pairs = _eliminated(rows, lambda factor: factor in (1, -1), lambda factor: factor, lambda factor: factor)
    if any(RIGHT in row for row in rows):
        return None
    values = {RIGHT: 1}
    for column, row in reversed(pairs):
        value = -sum(factor * values.get(other, 0) for other, factor in row.items())
        if value:
            values[column] = value
    del values[RIGHT]
    return values


def _eliminated(
    rows: list[Row], allowed: Callable[[int], bool], inverse: Callable[[int], int], reduced: Callable[[int], int]
) -> list[tuple[int, Row]]:
    """Pairs of a column and what it depends on; what could not be solved for is left in ``rows``.

    The shortest row goes first, by the column of it that fewest rows share: few entries fill in.
    """
    holders: dict[int, set[int]] = {}
    for number, row in enumerate(rows):
        for column in row:
            holders.setdefault(column, set()).add(number)
    queue = [(len(row), number) for number, row in enumerate(rows)]
    heapq.heapify(queue)
    pairs: list[tuple[int, Row]] = []
    while queue:
        length, number = heapq.heappop(queue)
        if length != len(rows[number]):
            continue
        able = [column for column, factor in rows[number].items() if column != RIGHT and allowed(factor)]
        if not able:
            continue
        pivot = min(able, key=lambda column: (len(holders[column]), column))
        times = inverse(rows[number].pop(pivot))
        row = {column: reduced(factor * times) for column, factor in rows[number].items()}
        rows[number] = {}
        for column in (pivot, *row):
            holders[column].discard(number)
        for other in sorted(holders.pop(pivot)):
            target = rows[other]
            times = target.pop(pivot)
            for column, factor in row.items():
                value = reduced(target.get(column, 0) - times * factor)
                if value:
                    target[column] = value
                    holders[column].add(other)
                else:
                    target.pop(column, None)
                    holders[column].discard(other)
            heapq.heappush(queue, (len(target), other))
        pairs.append((pivot, row))
    return pairs
