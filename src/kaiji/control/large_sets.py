"""Large public datasets (C(2025) 8311, section 2.1): more than 3 % of all public data of a modality.

A dataset is one collection with all its splits, shards, subsets and filtered variants. What it is compared with is all
*public* data of the modality, not all training data; a dataset that is large in one modality is large.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kaiji.provenance.form import PublicSet
from kaiji.terms import Modality

PERCENT = 3
"""A dataset is large above it: exactly 3 % is not."""


class Compared(NamedTuple):
    """A dataset against all public data of a modality: what its standing in the list tells of sizes."""

    key: str
    modality: Modality
    large: bool


def compared(sets: Sequence[PublicSet]) -> tuple[Compared, ...]:
    """Every dataset in every modality of which it holds something, by cross-multiplication in whole numbers."""
    whole = totals(sets)
    return tuple(
        Compared(one.key, modality, 100 * size > PERCENT * whole[modality])
        for one in sets
        for modality, size in one.sizes.items()
    )


def totals(sets: Sequence[PublicSet]) -> Mapping[Modality, int]:
    """All public data of each modality."""
    found: dict[Modality, int] = {}
    for one in sets:
        for modality, size in one.sizes.items():
            found[modality] = found.get(modality, 0) + size
    return found


def large(sets: Sequence[PublicSet], withheld: frozenset[Modality] = frozenset()) -> frozenset[str]:
    """Keys of the large datasets; in the modalities that are ``withheld`` none is looked at."""
    return frozenset(one.key for one in compared(sets) if one.large and one.modality not in withheld)
