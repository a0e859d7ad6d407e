"""Primary rules: is a published sum safe for each owner behind it, and how far must it stay open if it is not.

The unit that is protected is the owner: all that one owner holds in a cell is one contribution, however many datasets
it is. Contributions are x1 >= x2 >= ... >= 0, and X is their sum. All arithmetic is exact.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

Size = int | Fraction
"""A size in the unit of a measure, 0 or more."""


class Holding(NamedTuple):
    """What one owner holds of one combination of kinds."""

    owner: str | None
    """Id of the owner. All holdings without one count as those of a single owner: nobody could show they are not."""
    size: Size
    confidential: bool = True


class Rule(NamedTuple):
    """When a cell is sensitive. The parameters are private: who knows them learns more from what is hidden."""

    p: Fraction
    """Nobody may come closer to an owner's contribution than this part of it; 0.15 for 15 %."""
    minimum: int
    """Fewest owners that may stand behind a cell."""
    on_request: bool = False
    """True when only owners with a confidential holding in the cell are protected (waiver, or request, rule)."""


class ProtectionLevels(NamedTuple):
    """How far the interval of a sensitive cell must reach beyond its size: at least ``up`` above and ``down`` below."""

    up: int
    down: int


def contributions(holdings: Iterable[Holding]) -> tuple[Size, ...]:
    """Size by owner, largest first; owners without any size are left out."""
    sizes: defaultdict[str | None, Size] = defaultdict(int)
    for holding in holdings:
        sizes[holding.owner] += holding.size
    return tuple(sorted((size for size in sizes.values() if size), reverse=True))


def top_share(sizes: Sequence[Size], count: int) -> Fraction:
    """Share of the ``count`` largest contributions (given largest first) in the cell; 0 for an empty cell."""
    total = sum(sizes)
    return Fraction(sum(sizes[:count])) / total if total else Fraction(0)


def dominated(sizes: Sequence[Size], count: int, share: Fraction) -> bool:
    """(n, k) dominance rule: the ``count`` largest contributions hold more than ``share`` of the cell.

    It misses what an owner can see (SDC Handbook 4.2): 50, 49 and 1 pass (1, 90 %), and the second knows the first
    to 2 %. It is here to compare with tables that were published by it.
    """
    return top_share(sizes, count) > share


def dominance_bound(sizes: Sequence[Size], count: int, share: Fraction) -> Fraction:
    """Least total in which the ``count`` largest contributions do not dominate: it must look possible from outside."""
    return Fraction(sum(sizes[:count])) / share


def shortfall(sizes: Sequence[Size], p: Fraction) -> Fraction:
    """How much the cell lacks for the p % rule, p x1 - (X - x1 - x2); above 0 it is unsafe (Cox 1981; Handbook 4.2).

    The second owner subtracts x2 from X; what is left must hide x1 by p x1.
    """
    return _shortfall(sizes[0], sizes[1] if len(sizes) > 1 else 0, sum(sizes), p) if sizes else Fraction(0)


def _shortfall(protected: Size, insider: Size, total: Size, p: Fraction) -> Fraction:
    return p * protected - (total - protected - insider)


def protection_levels(holdings: Sequence[Holding], rule: Rule) -> ProtectionLevels | None:
    """How far the cell must stay open by ``rule``, in whole units; None when it may be published.

    A cell is sensitive when it is not empty and has fewer than ``minimum`` owners, or fails the p % rule. With
    ``on_request`` both ask for a confidential holding, and the p % rule protects the largest owner with one against
    the largest other owner. The cell must reach up by what it lacks; with too few owners by p % of the largest, for
    there the others may know each other; by one unit at least. It must reach down as far, but not below 0.
    """
    sizes: defaultdict[str | None, Size] = defaultdict(int)
    asked: set[str | None] = set()
    for holding in holdings:
        sizes[holding.owner] += holding.size
        if holding.size and (holding.confidential or not rule.on_request):
            asked.add(holding.owner)
    if not asked:
        return None
    owner = max(asked, key=lambda name: (sizes[name], name is not None, name or ""))
    insider = max((size for name, size in sizes.items() if name != owner), default=0)
    total = sum(sizes.values())
    needed = _shortfall(sizes[owner], insider, total, rule.p)
    if sum(1 for size in sizes.values() if size) < rule.minimum:
        needed = max(needed, rule.p * sizes[owner], Fraction(1))
    if needed <= 0:
        return None
    up = ceil(needed)
    return ProtectionLevels(up, min(up, int(total)))
