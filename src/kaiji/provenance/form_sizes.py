"""Sizes as the EU summary of training content asks for them: by modality, by public dataset, by crawled domain.

Exact and confidential. Measures are those of the form (section 1.3): tokens for text, items for images, duration for
audio and video. Every source counts once, whatever its number of epochs, and validation and test sources do not count.
"""

from collections.abc import Mapping, Sequence

from kaiji.manifest.models import DataSource
from kaiji.provenance.form import FormSizes, FormTotal, PublicSet
from kaiji.provenance.inventory import MEASURES, Inventory, checked_total
from kaiji.provenance.summarise import MEASURE_CHOICE
from kaiji.scan.result import RankedDomains
from kaiji.terms import Modality, SourceCategory, Unit

FORM_UNIT: dict[Modality, Unit] = {
    Modality.TEXT: Unit.TOKENS,
    Modality.IMAGE: Unit.ITEMS,
    Modality.AUDIO: Unit.SECONDS,
    Modality.VIDEO: Unit.SECONDS,
}
"""Measure in which the form asks for the size of a modality; hours are printed, seconds are counted."""


def form_sizes(
    sources: Sequence[DataSource],
    inventory: Inventory,
    crawled: Sequence[RankedDomains] = (),
    domains_unknown: Sequence[str] = (),
    psl: tuple[str, str] = ("", ""),
    *,
    private_suffixes: bool = False,
) -> FormSizes:
    """The sizes of ``sources`` that count as training data in ``inventory``.

    Args:
        sources: All sources of the release.
        inventory: Their inventory.
        crawled: Largest domain names of what was crawled.
        domains_unknown: Crawled sources that are not behind these names.
        psl: Version and date of the Public Suffix List.
        private_suffixes: Whether names of a hosting service are told apart.
    """
    known = _by_source(inventory)
    counted = [source for source in sources if source.id in known]
    totals = []
    for modality, unit in FORM_UNIT.items():
        own = [source for source in counted if source.modality is modality]
        if own:
            totals.append(_total(modality, unit, own, known))
    public = [source for source in counted if source.category is SourceCategory.PUBLIC]
    units = {
        modality: _common(modality, [known[source.id] for source in public if source.modality is modality])
        for modality in Modality
        if any(source.modality is modality for source in public)
    }
    return FormSizes(
        totals=tuple(totals),
        public=tuple(_sets(public, known, units)),
        units=units,
        crawled=tuple(crawled),
        domains_unknown=tuple(sorted(domains_unknown)),
        psl_version=psl[0],
        psl_date=psl[1],
        private_suffixes=private_suffixes,
    )


def _by_source(inventory: Inventory) -> dict[str, dict[str, int]]:
    """Known sizes by source and measure; a measure that no row of the source knows is absent."""
    frame = inventory.frame[inventory.frame["in_training"]]
    found: dict[str, dict[str, int]] = {str(name): {} for name in frame["source_id"].unique()}
    for measure in MEASURES:
        rows = frame.loc[frame[measure].notna(), ["source_id", measure]]
        for name, values in rows.groupby("source_id", dropna=False, observed=True, sort=True)[measure]:
            found[str(name)][measure] = checked_total(values)
    return found


def _total(
    modality: Modality, unit: Unit, own: Sequence[DataSource], known: Mapping[str, Mapping[str, int]]
) -> FormTotal:
    without = [source for source in own if unit.value not in known[source.id]]
    dynamic = [source.id for source in without if source.collected and source.collected.ongoing]
    sized = [known[source.id][unit.value] for source in own if unit.value in known[source.id]]
    size = sum(sized) if sized and len(dynamic) == len(without) else None
    return FormTotal(modality=modality, unit=unit, size=size, dynamic=tuple(sorted(dynamic)))


def _common(modality: Modality, known: Sequence[Mapping[str, int]]) -> Unit | None:
    """The first measure that every dataset knows."""
    return next((Unit(m) for m in MEASURE_CHOICE[modality] if all(m in sizes for sizes in known)), None)


def _sets(
    public: Sequence[DataSource], known: Mapping[str, Mapping[str, int]], units: Mapping[Modality, Unit | None]
) -> list[PublicSet]:
    groups: dict[str, list[DataSource]] = {}
    for source in public:
        groups.setdefault(source.collection or source.id, []).append(source)
    found = []
    for key in sorted(groups):
        sizes: dict[Modality, int] = {}
        for source in groups[key]:
            unit = units[source.modality]
            if unit is not None:
                sizes[source.modality] = sizes.get(source.modality, 0) + known[source.id][unit.value]
        ids = tuple(sorted(source.id for source in groups[key]))
        found.append(PublicSet(key=key, sources=ids, sizes=dict(sorted(sizes.items()))))
    return found
