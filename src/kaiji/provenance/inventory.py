"""The inventory: every source, split as far as its data allow, exact and confidential.

Parts add up to the whole: for every source and measure the rows of the inventory sum to what was observed or,
where nothing was observed, declared. Null keys are kept, overflow is checked.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from kaiji.errors import ConservationError, StageError
from kaiji.manifest.fields import INT64_MAX
from kaiji.manifest.models import Columns, DataSource
from kaiji.provenance import observed
from kaiji.provenance.normalise import declared_language, declared_period, language, licence
from kaiji.scan.result import ScanResult, SourceScan
from kaiji.terms import Basis, Modality, Stage

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("documents", "bytes", "tokens", "items", "seconds")
"""Measures, each with a column of its own; null means not known for that row, never zero."""

KEYS: dict[str, str] = {
    "source_id": "id of the source",
    "category": "source category",
    "modality": "modality",
    "stage": "stages in vocabulary order, joined by +; a source of two stages is one part, so that parts add up",
    "in_training": "False for a source that is only used for validation or testing",
    "owner_id": "id of the owner; null for a source without one",
    "confidential": "True when owner and identity are confidential",
    "rights_basis": "rights basis; null when not declared",
    "acquisition": "acquisition channel; null when not declared",
    "language": "primary language (BCP 47), mul for several; null when not known",
    "licence": "SPDX expression or other-terms; null when not known",
    "period": "year of collection, a range such as 2019/2024, or null when not known",
    "basis": "observed or declared",
}
"""Key columns of the inventory (all strings but in_training and confidential), in order."""

_SOURCE_KEYS = tuple(KEYS)[:9]
_ROW_KEYS = tuple(KEYS)[9:]
_COLUMNS = ("source_id", *_ROW_KEYS, *MEASURES)


@dataclass(frozen=True)
class Inventory:
    """Rows of ``KEYS`` + ``MEASURES`` (Int64, nullable), one for each combination of keys, sorted by keys."""

    frame: "pd.DataFrame"

    def total(self, measure: str, source_id: str | None = None) -> int | None:
        """Exact total of a measure, of one source or of all; None when no row knows it."""
        column = self.frame[measure]
        if source_id is not None:
            column = column[self.frame["source_id"] == source_id]
        known = column.dropna()
        return checked_total(known) if len(known) else None


def checked_total(values: "pd.Series[Any]") -> int:
    """Exact sum of non-negative integers as a Python int: halves are summed apart, so int64 cannot wrap.

    Raises:
        StageError: the total does not fit in 63 bits, so that no later stage could hold it.
    """
    import numpy as np

    numbers = values.dropna().to_numpy(dtype=np.int64)
    total = int((numbers >> 32).sum()) * 2**32 + int((numbers & 0xFFFFFFFF).sum())
    if total > INT64_MAX:
        raise StageError("a total is above 2^63 - 1: the declared or observed sizes cannot be added")
    return total


def build(sources: Sequence[DataSource], scan: ScanResult | None, cells: "pd.DataFrame | None" = None) -> Inventory:
    """The inventory of ``sources``, with what ``scan`` observed of those that have files.

    ``cells`` are those of the scan, where the caller has read them already.

    Raises:
        ConservationError: rows do not add up to the totals of the scan or of the declaration, or are of no source.
        StageError: a total is above 2^63 - 1.
    """
    import pandas as pd

    scans = {one.source_id: one for one in scan.sources} if scan else {}
    if cells is None and scan:
        cells = observed.read(scan)
    counted = set(cells["source_id"].unique()) if cells is not None else set()
    if not counted <= {source.id for source in sources} & scans.keys():
        raise ConservationError("the scan holds rows of a source that it was not asked for")
    rows = _unsplit(sources, scans, counted)
    if cells is not None and counted:
        folded = _folded([source for source in sources if source.id in counted], scans, cells)
        rows = pd.concat([rows, folded], ignore_index=True)
    about = {source.id: _about(source) for source in sources}
    for name in _SOURCE_KEYS[1:]:
        rows[name] = rows["source_id"].map({source: keys[name] for source, keys in about.items()}).astype(_kind(name))
    for name in MEASURES:
        checked_total(rows[name])  # bounds every later sum of this measure
    grouped = rows.groupby(list(KEYS), dropna=False, observed=True, sort=True)[list(MEASURES)]
    inventory = Inventory(grouped.sum(min_count=1).reset_index())
    _prove(inventory, sources, scans)
    return inventory


def _column(name: str, values: Sequence[Any]) -> "pd.Series[Any]":
    """A column with its fixed type; integers never pass through floats, which would round them above 2^53."""
    import pandas as pd

    if name in MEASURES:
        return pd.Series(pd.array(values, dtype="Int64"))
    return pd.Series(values, dtype=_kind(name))


def _kind(key: str) -> Literal["bool", "str"]:
    return "bool" if key in ("in_training", "confidential") else "str"


def _about(source: DataSource) -> dict[str, Any]:
    """The keys that all rows of a source share."""
    return {
        "category": source.category.value,
        "modality": source.modality.value,
        "stage": "+".join(stage.value for stage in Stage if stage in source.stages),
        "in_training": any(stage not in (Stage.VALIDATION, Stage.TEST) for stage in source.stages),
        "owner_id": source.owner.id if source.owner else None,
        "confidential": source.confidential,
        "rights_basis": source.rights_basis.value if source.rights_basis else None,
        "acquisition": source.acquisition.value if source.acquisition else None,
    }


def _declared_keys(source: DataSource) -> dict[str, str | None]:
    """The keys of a source that its rows may split, as declared."""
    return {
        "language": declared_language(source.languages),
        "licence": licence(source.licence)[0],
        "period": declared_period(source.collected),
    }


def _unsplit(
    sources: Sequence[DataSource], scans: Mapping[str, SourceScan], counted: Collection[str]
) -> "pd.DataFrame":
    """One row for what is declared of a source and not observed, and one for a scan without rows."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for source in sources:
        scan, keys = scans.get(source.id), {"source_id": source.id, **_declared_keys(source)}
        if scan and source.id not in counted:  # the source stays in the inventory, with what the scan says of it
            seen = {name: getattr(scan, name) for name in observed.SIZES}
            items = {"items": scan.documents} if _counts_items(source) else {}
            rows.append({**keys, "basis": Basis.OBSERVED.value, **seen, **items})
        left = {name: size for name, size in declared_sizes(source).items() if observed_total(scan, name) is None}
        if left or not scan:
            rows.append({**keys, "basis": Basis.DECLARED.value, **left})
    return pd.DataFrame({name: _column(name, [row.get(name) for row in rows]) for name in _COLUMNS})


def _folded(sources: Sequence[DataSource], scans: Mapping[str, SourceScan], cells: "pd.DataFrame") -> "pd.DataFrame":
    """The cells of ``sources`` with the names of their tags, months folded to years.

    Years come first: what is left is a small part of the rows.
    """
    years = cells[["source_id", "language", "licence"]].assign(period=_named(cells["month"], lambda month: month[:4]))
    keys, sizes = list(years.columns), list(observed.SIZES)
    for name in sizes:
        known = [source.id for source in sources if observed_total(scans[source.id], name) is not None]
        years[name] = cells[name].where(cells["source_id"].isin(known))
        checked_total(years[name])
    rows = years.groupby(keys, dropna=False, observed=True, sort=True)[sizes].sum(min_count=1).reset_index()
    rows["language"] = _named(rows["language"], lambda tag: language(tag)[0])
    rows["licence"] = _named(rows["licence"], lambda text: licence(text)[0])
    ids = rows["source_id"]
    declared = {source.id: _declared_keys(source) for source in sources}
    columns = {source.id: source.files.columns if source.files else Columns() for source in sources}
    for key, role in (("language", "language"), ("licence", "licence"), ("period", "date")):
        own = ids.isin([source for source, mapped in columns.items() if getattr(mapped, role)])
        if key == "period":
            own &= rows["period"].notna()  # a row without a date keeps the period of its source
        rows[key] = rows[key].where(own, ids.map({source: one[key] for source, one in declared.items()}).astype("str"))
    items = ids.isin([source.id for source in sources if _counts_items(source)])
    return rows.assign(
        source_id=ids.astype("str"),
        basis=_column("basis", [Basis.OBSERVED.value] * len(rows)),
        items=rows["documents"].where(items),
        seconds=_column("seconds", [None] * len(rows)),
    )


def _named(column: "pd.Series[Any]", name: Callable[[str], str | None]) -> "pd.Series[Any]":
    """The names of a column of categories; each category is looked up once."""
    return column.map({text: name(text) for text in column.cat.categories}).astype("str")


def _counts_items(source: DataSource) -> bool:
    """Each row of an image (or other) shard is one item, unless their number is declared."""
    return source.modality in (Modality.IMAGE, Modality.OTHER) and source.declared.items is None


def declared_sizes(source: DataSource) -> dict[str, int]:
    """Declared sizes by measure; hours become whole seconds. Measures that are not declared are absent."""
    sizes = source.declared
    found = {name: getattr(sizes, name) for name in ("documents", "bytes", "tokens", "items")}
    if sizes.hours is not None:
        found["seconds"] = int((sizes.hours * 3600).to_integral_value())
    return {name: value for name, value in found.items() if value is not None}


LACKING = Fraction(1, 100)
"""Part of the rows that may lack a size; above it the size of the source is not known, and never a smaller one."""


def observed_total(scan: SourceScan | None, measure: str) -> int | None:
    """Observed total of a source; None when it was not scanned, or is not measured, or on too few rows."""
    value: int | None = getattr(scan, measure, None)
    having: int | None = getattr(scan, f"rows_with_{measure}", None)
    if scan and value is not None and having is not None and having < (1 - LACKING) * scan.documents:
        return None
    return value


def known_sizes(source: DataSource, scan: SourceScan | None) -> dict[str, int]:
    """Sizes of a source by measure: observed, else declared. Measures that are not known are absent."""
    seen = {name: size for name in observed.SIZES if (size := observed_total(scan, name)) is not None}
    items = {"items": scan.documents} if scan and _counts_items(source) else {}
    return {**declared_sizes(source), **items, **seen}


def _prove(inventory: Inventory, sources: Sequence[DataSource], scans: Mapping[str, SourceScan]) -> None:
    """Parts add up to the whole: the inventory of a source sums to what was observed, else to what was declared."""
    by_source = inventory.frame.groupby("source_id", dropna=False, observed=True, sort=True)[list(MEASURES)].sum()
    found = {str(source): dict(zip(MEASURES, map(int, sums), strict=True)) for source, *sums in by_source.itertuples()}
    for source in sources:
        known = known_sizes(source, scans.get(source.id))
        for name, size in found[source.id].items():
            if size != known.get(name, 0):
                raise ConservationError(f"{name} of a source do not add up to its total in the inventory")
