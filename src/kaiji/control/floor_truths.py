"""The exact values behind published figures, computed from the summary and not on the way that printed them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction

from kaiji.control import forms
from kaiji.control.disclosed import DisclosedSummary
from kaiji.control.form_disclosed import NUMERIC, FormFigures
from kaiji.manifest.models import DataSource
from kaiji.provenance.form import FormSizes
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
    if summary.form and disclosed.form:
        found.update(_of_form(summary, summary.form, disclosed.form))
        twins = {f"{name}.{NUMERIC}": values for name, values in found.items()}
        found.update({name: twins[name] for name in twins.keys() & disclosed.statements.keys()})
    return found


def _of_form(
    summary: ProvenanceSummary, form: FormSizes, shown: FormFigures
) -> Iterator[tuple[str, tuple[Fraction, ...]]]:
    exact = {one.modality: one for one in form.totals}
    for one in shown.sizes:
        size, unit = exact[one.modality].size, exact[one.modality].unit
        if one.statement and size is not None:
            yield one.statement, (Fraction(size, 3600 if unit is Unit.SECONDS else 1),)
    if shown.domains:
        names = next(one.names for one in form.crawled if one.modality is None)
        yield shown.domains.length, (Fraction(names),)
    by_id = {source.id: source for source in summary.sources}
    for named in shown.large:
        if named.period:
            key = named.period[0].removeprefix("form.large.").removesuffix(".period.from")
            whole = next(one for one in form.public if one.key == key)
            yield from _period(named.period, [by_id[source] for source in whole.sources], summary.months)
    for group, sources in forms.groups(summary, form, frozenset(shown.large_withheld)).items():
        outline = {"public": shown.other_public, "private": shown.other_private, "crawled": shown.crawled}[group]
        yield from _period(outline.period if outline else None, sources, summary.months)


def _of_sources(summary: ProvenanceSummary, disclosed: DisclosedSummary) -> Iterator[tuple[str, tuple[Fraction, ...]]]:
    training = set(summary.in_training)
    sources = [source for source in summary.sources if source.id in training]
    for outline in disclosed.categories:
        own = [source for source in sources if source.category is outline.category]
        if outline.count:
            yield outline.count, (Fraction(len(own)),)
        yield from _period(outline.period, own, summary.months)
    for crawler in disclosed.crawlers:
        own = [
            source
            for source in sources
            if source.crawler and (source.crawler.name, source.crawler.user_agent) == (crawler.name, crawler.user_agent)
        ]
        yield from _period(crawler.period, own, summary.months)
    apart = [source for source in summary.sources if source.id not in training]
    for outlines, among in ((disclosed.categories, sources), (disclosed.evaluation.categories, apart)):
        for outline in outlines:
            own = [source for source in among if source.category is outline.category]
            used = {source.id: (source.first_used, source.first_used) for source in own if source.first_used}
            yield from _period(outline.first_used, own, used)
            if among is apart:
                yield from _period(outline.period, own, summary.months)
    yield from _points(summary, disclosed)
    if disclosed.latest:
        yield disclosed.latest, _ends(sources, summary.months, 1, max)


def _points(summary: ProvenanceSummary, disclosed: DisclosedSummary) -> Iterator[tuple[str, tuple[Fraction, ...]]]:
    sizes = {(one.modality, one.training): {p.kind: p.size for p in one.parts} for one in summary.points}
    for shown in disclosed.points:
        if shown.statement:
            known = sizes[shown.modality, shown.training]
            yield shown.statement, (Fraction(sum(known.get(kind, 0) for kind in shown.kinds)),)


def _period(
    ids: tuple[str, str] | None, sources: Iterable[DataSource], months: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, tuple[Fraction, ...]]]:
    if ids:
        own = list(sources)
        yield ids[0], _ends(own, months, 0, min)
        yield ids[1], _ends(own, months, 1, max)


def _ends(
    sources: Iterable[DataSource], by_source: Mapping[str, tuple[str, str]], which: int, end: Callable[[list[int]], int]
) -> tuple[Fraction, ...]:
    """The first or last month of all sources, and of those that are not confidential."""
    dated = [(source.confidential, by_source[source.id][which]) for source in sources if source.id in by_source]
    every = [_months(month) for _, month in dated]
    public = [_months(month) for confidential, month in dated if not confidential]
    return tuple(Fraction(end(months)) for months in (every, public) if months)


def _months(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:7]) - 1
