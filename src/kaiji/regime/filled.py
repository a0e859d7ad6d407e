"""A regime filled for one audience, in both languages: what the documents are localised from."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from kaiji.control.disclosed import DisclosedSummary
from kaiji.findings import Finding
from kaiji.regime.blocks import WordsBlock
from kaiji.regime.model import ItemSpec, Regime
from kaiji.regime.values import FactValue
from kaiji.terms import ComplianceStatus, ItemState, Words

Origin = Literal["data", "declaration", "fixed", "explained", "missing", "not_applicable", "optional"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)


class FilledItem(NamedTuple):
    """An item with its answer."""

    spec: ItemSpec
    state: ItemState
    text: Words
    """The state in words, with the reason where there is one."""
    blocks: tuple[WordsBlock, ...]
    statements: tuple[str, ...]
    """Ids of the figures that the blocks print."""
    origin: Origin
    """What the answer comes from; `fixed` when the regime's own text is all there is, `optional` for an item that
    is neither required nor given."""
    status: ComplianceStatus | None
    """Comply or explain; None when nothing is said either way."""
    reason: Words | None
    """The reason of a person who explains."""


class Filled(NamedTuple):
    """A regime filled for one audience."""

    regime: Regime
    summary: DisclosedSummary
    items: tuple[FilledItem, ...]
    findings: tuple[Finding, ...]
    values: Mapping[str, FactValue] = MappingProxyType({})
    """Facts as the items print them, by id."""

    def counts(self) -> dict[Origin, int]:
        """Number of items by what their answer comes from."""
        return count_origins(self.items)


def count_origins(items: tuple[FilledItem, ...] | list[FilledItem]) -> dict[Origin, int]:
    """Number of ``items`` by origin, in the order of :data:`ORIGINS`."""
    found: dict[Origin, int] = dict.fromkeys(ORIGINS, 0)
    for item in items:
        found[item.origin] += 1
    return found
