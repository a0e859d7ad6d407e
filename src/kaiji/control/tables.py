"""Published tables with margins: their cells, what adds up to what, and what an attacker knows when some are hidden.

A table is all that is published of one measure over some facets: sub-tables by none (the grand total), one, two or
more of them. Tables that share a margin are sub-tables of one table, so what they tell together is told once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from kaiji.control.primary import Holding, ProtectionLevels, Rule, protection_levels
from kaiji.control.system import Relation, System

Key = tuple[str | None, ...]
"""A cell: its kind by facet, in the order of the facets; None is the total over a facet."""


class Row(NamedTuple):
    """What one owner holds of one kind of each facet."""

    kinds: tuple[str, ...]
    owner: str | None
    size: int
    confidential: bool = True


class Table(NamedTuple):
    """Sizes by kind and owner, and the sub-tables that are published of them."""

    rows: Sequence[Row]
    groupings: Collection[tuple[int, ...]]
    """Sub-tables: the numbers of the facets of each, ascending; ``()`` is the grand total."""


class Sensitive(NamedTuple):
    """A sum of cells that must stay open as far as its levels say."""

    keys: tuple[Key, ...]
    """One cell; or several hidden cells of one total that together are sensitive."""
    levels: ProtectionLevels


class Equation(NamedTuple):
    """A published total and the cells of a finer sub-table that add up to it; all are numbers of cells."""

    total: int
    parts: tuple[int, ...]


class Cells(NamedTuple):
    """The cells of a table that are not empty. An empty cell is published as nothing, so it never moves.

    The finest cells come first; when their sub-table is not published they are there all the same, as what the
    attacker does not see but must add up.
    """

    keys: tuple[Key, ...]
    sizes: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    """The finest cells of each cell, ascending; of a finest cell, itself."""
    finest: int
    """How many finest cells there are."""
    published: tuple[bool, ...]
    """False for the finest cells when their sub-table is not published."""
    holdings: tuple[tuple[Holding, ...], ...]
    equations: tuple[Equation, ...]
    """What adds up between a published sub-table and the next finer published ones."""


def lattice(facets: int, order: int | None = None) -> tuple[tuple[int, ...], ...]:
    """All sub-tables by up to ``order`` of ``facets`` facets (all of them if None), with every margin."""
    most = facets if order is None else order
    return tuple(chosen for count in range(most + 1) for chosen in combinations(range(facets), count))


def name(key: Key) -> str:
    """Id of a cell within its table: the kinds, ``*`` for a total, divided by ``|``."""
    return "|".join("*" if kind is None else kind for kind in key)


def cells_of(table: Table) -> Cells:
    """The cells of ``table``, in the order of their sub-tables and kinds.

    Raises:
        ValueError: rows differ in their number of facets, a size is negative, or a sub-table names facets wrongly.
    """
    rows = [row for row in table.rows if row.size]
    facets = len(table.rows[0].kinds) if table.rows else 0
    if any(len(row.kinds) != facets or row.size < 0 for row in table.rows):
        raise ValueError("each row needs one kind of every facet, and a size of 0 or more")
    groupings = sorted(set(table.groupings), key=lambda grouping: (-len(grouping), grouping))
    if any(list(grouping) != sorted(set(grouping) & set(range(facets))) for grouping in groupings):
        raise ValueError("a sub-table is the ascending numbers of its facets")
    everything = tuple(range(facets))
    order = groupings if everything in groupings else [everything, *groupings]
    holdings: list[tuple[Key, tuple[Holding, ...]]] = []
    for grouping in order:
        held: defaultdict[tuple[str, ...], list[Holding]] = defaultdict(list)
        for row in rows:
            held[tuple(row.kinds[facet] for facet in grouping)].append(Holding(row.owner, row.size, row.confidential))
        for kinds in sorted(held):
            named = dict(zip(grouping, kinds, strict=True))
            holdings.append((tuple(named.get(facet) for facet in everything), tuple(held[kinds])))
    keys = tuple(key for key, _ in holdings)
    finest = sum(1 for key in keys if None not in key)
    number = {key: place for place, key in enumerate(keys)}
    members: list[list[int]] = [[] for _ in keys]
    for place in range(finest):
        for grouping in order:
            members[number[_project(keys[place], grouping)]].append(place)
    return Cells(
        keys=keys,
        sizes=tuple(int(sum(holding.size for holding in held)) for _, held in holdings),
        members=tuple(map(tuple, members)),
        finest=finest,
        published=tuple(None in key or everything in groupings for key in keys),
        holdings=tuple(held for _, held in holdings),
        equations=tuple(_equations(keys, number, groupings)),
    )


def _project(key: Key, grouping: Collection[int]) -> Key:
    return tuple(kind if facet in grouping else None for facet, kind in enumerate(key))


def _equations(keys: Sequence[Key], number: dict[Key, int], groupings: Sequence[tuple[int, ...]]) -> Iterable[Equation]:
    by_grouping: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        by_grouping[tuple(facet for facet, kind in enumerate(key) if kind is not None)].append(place)
    for coarse in groupings:
        finer = [set(other) for other in groupings if set(coarse) < set(other)]
        for fine in finer:
            if any(between < fine for between in finer):
                continue
            parts: defaultdict[int, list[int]] = defaultdict(list)
            for place in by_grouping[tuple(sorted(fine))]:
                parts[number[_project(keys[place], coarse)]].append(place)
            yield from (Equation(total, tuple(parts[total])) for total in sorted(parts))


def sensitive_cells(cells: Cells, rule: Rule) -> tuple[Sensitive, ...]:
    """The published cells that ``rule`` finds sensitive, each with the protection it needs, in the order of cells."""
    found = []
    for key, held, published in zip(cells.keys, cells.holdings, cells.published, strict=True):
        if published and (needed := protection_levels(held, rule)):
            found.append(Sensitive((key,), needed))
    return tuple(found)


def sensitive_unions(
    cells: Cells, hidden: Collection[int], sensitive: Collection[int], rule: Rule
) -> tuple[Sensitive, ...]:
    """Sums of hidden cells that are sensitive together, by ``rule``.

    In each equation these are asked: all hidden cells, where the total is published, for total minus published cells
    is their sum; and the cells that are sensitive, for one owner may be behind several of them, and is protected in
    all together as well (sdcTools/UserSupport 160).

    Args:
        cells: The cells of the table.
        hidden: Numbers of all hidden cells.
        sensitive: Numbers of those that are sensitive by themselves.
        rule: The primary rule.
    """
    found: dict[tuple[int, ...], Sensitive | None] = {}
    for total, parts in cells.equations:
        residual = () if total in hidden else tuple(place for place in parts if place in hidden)
        for together in (residual, tuple(place for place in parts if place in sensitive)):
            # all cells of an equation are its total, which was judged as a cell
            if 1 < len(together) < len(parts) and together not in found:
                needed = protection_levels([one for place in together for one in cells.holdings[place]], rule)
                named = tuple(cells.keys[place] for place in together)
                found[together] = Sensitive(named, needed) if needed else None
    return tuple(union for _, union in sorted(found.items()) if union)


def system_of(cells: Cells, hidden: Collection[Key], *, by_owner: bool = False) -> System:
    """What a reader knows when all published cells but ``hidden`` are printed exactly.

    Its atoms are the finest cells in their order, or with ``by_owner`` the owners in each of them (owners in order,
    the nameless one first): :func:`owner_atoms` tells which is which. Its sums are the cells in their order.
    Id of a relation: the name of its cell.
    """
    atoms = owner_atoms(cells) if by_owner else tuple((place, None) for place in range(cells.finest))
    inside: list[list[int]] = [[] for _ in range(cells.finest)]
    sizes: defaultdict[tuple[int, str | None], int] = defaultdict(int)
    for place in range(cells.finest):
        for holding in cells.holdings[place]:
            sizes[place, holding.owner if by_owner else None] += int(holding.size)
    for atom, (place, _) in enumerate(atoms):
        inside[place].append(atom)
    closed = set(hidden)
    return System(
        truth=tuple(sizes[atom] for atom in atoms),
        sums=tuple(tuple(atom for place in members for atom in inside[place]) for members in cells.members),
        relations=tuple(
            Relation(name(key), ((place, Fraction(1)),), Fraction(size), Fraction(size))
            for place, (key, size, published) in enumerate(zip(cells.keys, cells.sizes, cells.published, strict=True))
            if published and key not in closed
        ),
    )


def owner_atoms(cells: Cells) -> tuple[tuple[int, str | None], ...]:
    """The finest cell and the owner of each atom of a system by owner, in the order of its atoms."""
    return tuple(
        (place, owner)
        for place in range(cells.finest)
        for owner in sorted(
            {holding.owner for holding in cells.holdings[place]}, key=lambda one: (one is not None, one or "")
        )
    )
