"""Which sources are told of together in one table of domains: fewer tables, fewer hosts that are looked at twice."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kaiji.scan.partials import Partial
from kaiji.scan.plan import Plan
from kaiji.scan.source import Source
from kaiji.terms import Modality


class Group(NamedTuple):
    """What the sources of one table have in common."""

    modality: Modality
    has_bytes: bool
    has_tokens: bool
    crawled: bool
    """True for the sources whose largest names are wanted by themselves."""


def has_domains(plan: Plan, source: Source) -> bool:
    """True for a source with documents that maps a url column."""
    return "url" in plan.mapped and source.scan.documents > 0


def grouped(
    found: Iterable[tuple[Plan, Source]], crawled: frozenset[str], *, crawled_only: bool
) -> dict[Group, Sequence[Partial]]:
    """The partials of each group, in order; of the sources whose ids are in ``crawled`` if ``crawled_only``."""
    groups: dict[Group, list[Partial]] = {}
    for plan, source in found:
        is_crawled = plan.source.id in crawled
        if has_domains(plan, source) and (is_crawled or not crawled_only):
            scan = source.scan
            group = Group(plan.source.modality, scan.bytes is not None, scan.tokens is not None, is_crawled)
            groups.setdefault(group, []).extend(source.partials)
    return dict(sorted(groups.items()))
