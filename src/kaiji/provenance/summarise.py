"""The provenance summary: exact, confidential, by facet and modality. Only control may turn it into figures."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from kaiji.errors import ConservationError
from kaiji.manifest.declarations import Declarations
from kaiji.manifest.models import DataSource
from kaiji.provenance.form import FormSizes
from kaiji.provenance.inventory import Inventory, checked_total
from kaiji.provenance.observed import distinct
from kaiji.terms import Basis, Modality, SourceCategory, Unit

if TYPE_CHECKING:
    import pandas as pd

FACETS = ("category", "modality", "language", "licence", "rights_basis", "acquisition", "period", "stage")
"""Facets in the order of the documents. Each is a partition of the training data of a modality."""

MEASURE_CHOICE: dict[Modality, tuple[str, ...]] = {
    Modality.TEXT: ("tokens", "bytes", "documents"),
    Modality.IMAGE: ("items", "documents", "bytes"),
    Modality.AUDIO: ("seconds", "bytes", "documents"),
    Modality.VIDEO: ("seconds", "bytes", "documents"),
    Modality.OTHER: ("items", "bytes", "documents"),
}
"""Measures of a modality, best first: the first that is known for every source is used, so that one document
never mixes two measures of one thing."""


NAMELESS = "(confidential, no owner named)"
"""Stands for the owner of every confidential source that names none; no id has this form."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quantity(_Part):
    """A size with its unit and origin; never a bare number."""

    value: int
    unit: Unit
    basis: Basis = Field(description="Observed, declared, or derived when both went in.")


class NotKnown(_Part):
    """A size that cannot be given, with its reason; never zero, never blank."""

    reason: str = Field(description="Wording key.")


class Part(_Part):
    """One kind of a facet: its exact size and who stands behind it."""

    kind: str | None = Field(description="Value of the facet; None when not known.")
    size: int
    sources: tuple[str, ...] = Field(description="Ids of the sources that add to it; of all, when its size is 0.")
    owners: tuple[str, ...] = Field(description="Owner ids; all confidential sources without an owner count as one.")
    confidential: bool = Field(description="True when a confidential source is in it.")
    largest: int = Field(0, description="Size of the largest confidential owner in it; 0 where there is none.")


class Facet(_Part):
    """A partition of the training data of a modality (of all data for the facet `modality`)."""

    name: str
    modality: Modality | None
    whole: Quantity
    parts: tuple[Part, ...] = Field(description="Sorted by kind, not known last; sizes add up to the whole.")


class Held(_Part):
    """What one owner holds of one cell of a table of two facets."""

    kinds: tuple[str | None, str | None] = Field(description="Kind of the first and of the second facet.")
    owner: str | None = Field(description="Owner id; one name for all confidential sources without an owner.")
    confidential: bool
    size: int


class Crossing(_Part):
    """A partition of the training data of a modality by two facets at once."""

    facets: tuple[str, str]
    modality: Modality
    whole: Quantity
    holdings: tuple[Held, ...] = Field(description="Sorted by kinds and owner; sizes add up to the whole.")


POINTS: dict[Modality, tuple[str, ...]] = {
    Modality.TEXT: ("documents",),
    Modality.IMAGE: ("items", "documents"),
    Modality.AUDIO: ("documents", "items"),
    Modality.VIDEO: ("documents", "items"),
    Modality.OTHER: ("items", "documents"),
}
"""What one data point of a modality is, the first that any source of it knows: a document, an image, a recording."""


class Points(_Part):
    """Number of data points of a modality by category (`size.data_points`)."""

    modality: Modality
    training: bool = Field(description="False for sources that are used for validation or testing only.")
    unit: Unit
    basis: Basis
    parts: tuple[Part, ...] = Field(description="Categories whose number is known of every source, in their order.")
    unknown: tuple[str, ...] = Field((), description="Categories of which the number of a source is not known.")


class ProvenanceSummary(_Part):
    """All that is known of a release's training data: exact and confidential."""

    declarations: Declarations
    sources: tuple[DataSource, ...]
    in_training: tuple[str, ...] = Field(description="Ids of the sources that count; the rest is validation or test.")
    totals: Mapping[Modality, Quantity | NotKnown]
    facets: tuple[Facet, ...]
    observed: tuple[str, ...] = Field(description="Ids of the sources that were measured on their files.")
    languages: Mapping[str, tuple[str, ...]] = Field(description="Source id to its primary languages.")
    months: Mapping[str, tuple[str, str]] = Field(description="Source id to first and last month known.")
    sized: tuple[str, ...] = Field((), description="Ids of the sources that add to a figure of their modality.")
    crossings: tuple[Crossing, ...] = Field((), description="Two facets at once, where a level asks for it.")
    points: tuple[Points, ...] = Field((), description="Data points by category, where a regime asks for them.")
    form: FormSizes | None = Field(None, description="Sizes for the EU form, where a regime asks for them.")


def summarise(
    declarations: Declarations,
    sources: Sequence[DataSource],
    inventory: Inventory,
    months: Mapping[str, tuple[str, str]],
    crossed: Sequence[tuple[str, str]] = (),
    *,
    points: bool = False,
) -> ProvenanceSummary:
    """Sum the inventory up by facet and modality; each facet adds up to its whole, or a stage error is raised.

    Args:
        declarations: What the release declares; its own type, so that no source travels on with it.
        sources: All sources of the release.
        inventory: Their inventory.
        months: First and last month of each source, observed or declared.
        crossed: Pairs of facets that are wanted at once, within each modality.
        points: Whether the number of data points is wanted.

    Raises:
        ConservationError: a facet does not add up to the total of its modality.
    """
    frame = inventory.frame[inventory.frame["in_training"]]
    totals: dict[Modality, Quantity | NotKnown] = {}
    sized: set[str] = set()
    facets: list[Facet] = []
    crossings: list[Crossing] = []
    for modality in Modality:
        rows = frame[frame["modality"] == modality.value]
        if not len(rows):
            continue
        totals[modality] = total = _total(rows, MEASURE_CHOICE[modality])
        if isinstance(total, Quantity):
            sized |= set(rows.loc[rows[total.unit.value].fillna(0) > 0, "source_id"].unique())
        if isinstance(total, Quantity) and total.value:
            facets += [_facet(name, modality, rows, total) for name in FACETS if name != "modality"]
            crossings += [_crossing(pair, modality, rows, total) for pair in crossed]
    across = _total(frame, ("bytes",))
    if isinstance(across, Quantity) and across.value and len(totals) > 1:
        facets.append(_facet("modality", None, frame, across))
    observed = inventory.frame.loc[inventory.frame["basis"] == Basis.OBSERVED.value, "source_id"].unique()
    return ProvenanceSummary(
        declarations=Declarations.model_validate(
            {name: getattr(declarations, name) for name in Declarations.model_fields}
        ),
        sources=tuple(sources),
        in_training=tuple(sorted(frame["source_id"].unique())),
        totals=totals,
        facets=tuple(facets),
        observed=tuple(sorted(observed)),
        languages={name: tuple(tags) for name, tags in distinct(frame, "language").items()},
        months=dict(months),
        sized=tuple(sorted(sized)),
        crossings=tuple(crossings),
        points=tuple(_points(inventory.frame)) if points else (),
    )


def _points(frame: "pd.DataFrame") -> Iterator[Points]:
    """Data points of every modality: of the training data, and of what is used for validation or testing only."""
    for modality in Modality:
        for training in (True, False):
            rows = frame[(frame["modality"] == modality.value) & (frame["in_training"] == training)]
            measure = next((name for name in POINTS[modality] if rows[name].notna().any()), POINTS[modality][0])
            known = rows[rows[measure].notna()]
            parts, unknown = [], []
            for category in [one.value for one in SourceCategory if (rows["category"] == one.value).any()]:
                own = known[known["category"] == category]
                if set(own["source_id"]) != set(rows.loc[rows["category"] == category, "source_id"]):
                    unknown.append(category)
                    continue
                by_source = own.groupby(["source_id", "owner_id", "confidential"], dropna=False, sort=True)[measure]
                behind = [
                    _Behind(source, _text(owner), bool(secret), int(size))
                    for source, owner, secret, size in by_source.sum().reset_index().itertuples(index=False)
                ]
                parts.append(_part(category, behind))
            bases = known["basis"].unique()
            basis = Basis(bases[0]) if len(bases) == 1 else Basis.DERIVED
            if parts or unknown:
                yield Points(
                    modality=modality, training=training, unit=Unit(measure), basis=basis,
                    parts=tuple(parts), unknown=tuple(unknown),
                )  # fmt: skip


def _total(rows: "pd.DataFrame", choice: Sequence[str]) -> Quantity | NotKnown:
    """Total by the first measure that every source knows; NotKnown when there is none."""
    needed = set(rows["source_id"].unique())
    for measure in choice:
        known = rows.loc[rows[measure].notna(), ["source_id", "basis", measure]]
        if set(known["source_id"].unique()) == needed and needed:
            bases = known["basis"].unique()
            basis = Basis(bases[0]) if len(bases) == 1 else Basis.DERIVED
            return Quantity(value=checked_total(known[measure]), unit=Unit(measure), basis=basis)
    return NotKnown(reason="not_known.no_common_measure")


class _Behind(NamedTuple):
    """What one source adds to a part."""

    source: str
    owner: str | None
    confidential: bool
    size: int


def _facet(name: str, modality: Modality | None, rows: "pd.DataFrame", whole: Quantity) -> Facet:
    measure = whole.unit.value
    keys = [name, "source_id", "owner_id", "confidential"]
    known = rows.loc[rows[measure].notna(), [*keys, measure]]
    # By source first: a part has many rows, and few sources that stand behind it.
    by_source = known.groupby(keys, dropna=False, observed=True, sort=True)[measure].sum().reset_index()
    parts: dict[str | None, list[_Behind]] = defaultdict(list)
    for kind, source, owner, confidential, size in by_source.itertuples(index=False):
        parts[_text(kind)].append(_Behind(source, _text(owner), bool(confidential), int(size)))
    found = tuple(_part(kind, sources) for kind, sources in parts.items())
    if sum(part.size for part in found) != whole.value:
        raise ConservationError(f"the parts of facet {name} do not add up to their whole")
    return Facet(name=name, modality=modality, whole=whole, parts=found)


def _crossing(facets: tuple[str, str], modality: Modality, rows: "pd.DataFrame", whole: Quantity) -> Crossing:
    measure = whole.unit.value
    known = rows[rows[measure].notna()]
    owner = known["owner_id"].where(known["owner_id"].notna() | ~known["confidential"], NAMELESS)
    keys = [known[facets[0]], known[facets[1]], owner, known["confidential"]]
    sums = known.groupby(keys, dropna=False, observed=True, sort=True)[measure].sum()
    levels = [sums.index.get_level_values(level).tolist() for level in range(len(keys))]
    holdings = tuple(
        Held(
            kinds=(_text(levels[0][row]), _text(levels[1][row])),
            owner=_text(levels[2][row]),
            confidential=bool(levels[3][row]),
            size=size,
        )
        for row, size in enumerate(sums.tolist())
    )
    if sum(held.size for held in holdings) != whole.value:
        raise ConservationError(f"the cells of {facets[0]} by {facets[1]} do not add up to their whole")
    return Crossing(facets=facets, modality=modality, whole=whole, holdings=holdings)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _part(kind: str | None, sources: Sequence[_Behind]) -> Part:
    size = sum(one.size for one in sources)
    # Who adds nothing to a figure does not protect its owners.
    behind = [one for one in sources if one.size] if size else sources
    by_owner: dict[str | None, int] = defaultdict(int)
    for one in behind:
        if one.confidential:
            by_owner[one.owner] += one.size
    # Confidential sources that name no owner may all be of one: they count as one.
    owners = {one.owner or NAMELESS for one in behind if one.owner or one.confidential}
    return Part(
        kind=kind,
        size=size,
        sources=tuple(sorted({one.source for one in behind})),
        owners=tuple(sorted(owners)),
        confidential=any(one.confidential for one in behind),
        largest=max(by_owner.values(), default=0),
    )


def mixture(inventory: Inventory, sources: Sequence[DataSource], modality: Modality) -> dict[str, Fraction]:
    """Share of each source in what the model saw of a modality: size times epochs, in exact fractions.

    Sources without ``epochs`` count once. Empty when the sizes of the modality cannot be added.
    """
    frame = inventory.frame[inventory.frame["in_training"] & (inventory.frame["modality"] == modality.value)]
    total = _total(frame, MEASURE_CHOICE[modality]) if len(frame) else NotKnown(reason="")
    if isinstance(total, NotKnown) or not total.value:
        return {}
    epochs = {source.id: Fraction(source.epochs) if source.epochs else Fraction(1) for source in sources}
    sums = frame.groupby("source_id", dropna=False, observed=True, sort=True)[total.unit.value].sum()
    seen = {str(name): int(size) * epochs[str(name)] for name, size in sums.items()}
    whole = sum(seen.values(), Fraction(0))
    return {name: size / whole for name, size in seen.items()}
