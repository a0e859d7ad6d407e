"""The exact values behind published figures, computed from the summary and not on the way that printed them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction

from kaiji.control.disclosed import DisclosedSummary
from kaiji.manifest.models import DataSource
from kaiji.provenance.summarise import ProvenanceSummary, Quantity
from kaiji.terms import Unit

Truths = Mapping[str, tuple[Fraction, ...]]
"""Statement id to its true value, in the unit of the statement (shares in percent, months as months since year 0).
Several where confidential sources may or may not be counted in: one of them must be admitted."""


def truths(summary: ProvenanceSummary, disclosed: DisclosedSummary) -> Truths:
    """True values of the shares, totals, counts and months of ``disclosed``, by statement id."""
    found: dict[str, tuple[Fraction, ...]] = {}
    exact = {(facet.name, facet.modality): facet for facet in summary.facets}
    for shown in disclosed.facets:
        facet = exact[shown.name, shown.modality]
        sizes = {part.kind: part.size for part in facet.parts}
        for row in shown.rows:
            if row.statement:
                size = sum(sizes.get(kind, 0) for kind in row.kinds)
                found[row.statement] = (Fraction(100 * size, facet.whole.value),)
    crossings = {(crossing.facets, crossing.modality): crossing for crossing in summary.crossings}
    for table in disclosed.tables:
        crossing = crossings[table.facets, table.modality]
        for kinds, printed in zip(table.rows, table.cells, strict=True):
            for column, cell in zip(table.columns, printed, strict=True):
                if cell:
                    held = (h.size for h in crossing.holdings if h.kinds[0] in kinds and h.kinds[1] in column)
                    found[cell] = (Fraction(100 * sum(held), crossing.whole.value),)
    for total in disclosed.totals:
        quantity = summary.totals[total.modality]
        if total.statement and isinstance(quantity, Quantity):
            found[total.statement] = (Fraction(quantity.value, 3600 if quantity.unit is Unit.SECONDS else 1),)
    found.update(_of_sources(summary, disclosed))
    return found


def _of_sources(summary: ProvenanceSummary, disclosed: DisclosedSummary) -> Iterator[tuple[str, tuple[Fraction, ...]]]:
    training = set(summary.in_training)
    sources = [source for source in summary.sources if source.id in training]
    for outline in disclosed.categories:
        own = [source for source in sources if source.category is outline.category]
        if outline.count:
            yield outline.count, (Fraction(len(own)),)
        yield from _period(outline.period, own, summary)
    for crawler in disclosed.crawlers:
        own = [
            source
            for source in sources
            if source.crawler and (source.crawler.name, source.crawler.user_agent) == (crawler.name, crawler.user_agent)
        ]
        yield from _period(crawler.period, own, summary)
    if disclosed.latest:
        yield disclosed.latest, _ends(sources, summary, 1, max)


def _period(
    ids: tuple[str, str] | None, sources: Iterable[DataSource], summary: ProvenanceSummary
) -> Iterator[tuple[str, tuple[Fraction, ...]]]:
    if ids:
        own = list(sources)
        yield ids[0], _ends(own, summary, 0, min)
        yield ids[1], _ends(own, summary, 1, max)


def _ends(
    sources: Iterable[DataSource], summary: ProvenanceSummary, which: int, end: Callable[[list[int]], int]
) -> tuple[Fraction, ...]:
    """The first or last month of all sources, and of those that are not confidential."""
    dated = [
        (source.confidential, summary.months[source.id][which]) for source in sources if source.id in summary.months
    ]
    every = [_months(month) for _, month in dated]
    public = [_months(month) for confidential, month in dated if not confidential]
    return tuple(Fraction(end(months)) for months in (every, public) if months)


def _months(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:7]) - 1
