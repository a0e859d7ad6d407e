"""The inventory: every source, split as far as its data allow, exact and confidential.

Parts add up to the whole: for every source and measure the rows of the inventory sum to what was observed or,
where nothing was observed, declared. Null keys are kept, overflow is checked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kaiji.errors import ConservationError, StageError
from kaiji.manifest.fields import INT64_MAX
from kaiji.manifest.models import DataSource
from kaiji.provenance.normalise import declared_language, declared_period, language, licence
from kaiji.scan.result import ScanResult
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


def build(sources: Sequence[DataSource], scan: ScanResult | None) -> Inventory:
    """The inventory of ``sources``, with what ``scan`` observed of those that have files.

    Raises:
        ConservationError: rows do not add up to the totals of the scan or of the declaration.
        StageError: a total is above 2^63 - 1.
    """
    import pandas as pd

    cells = _observed_cells(scan)
    rows: list[dict[str, Any]] = []
    for source in sources:
        rows += _rows(source, cells.get(source.id), scan)
    frame = pd.DataFrame({name: _column(name, [row.get(name) for row in rows]) for name in (*KEYS, *MEASURES)})
    for name in MEASURES:
        checked_total(frame[name])  # bounds every later sum of this measure
    grouped = frame.groupby(list(KEYS), dropna=False, observed=True, sort=True)[list(MEASURES)]
    inventory = Inventory(grouped.sum(min_count=1).reset_index())
    _prove(inventory, sources, scan)
    return inventory


def _column(name: str, values: "list[Any]") -> "pd.Series[Any]":
    """A column with its fixed type; integers never pass through floats, which would round them above 2^53."""
    import pandas as pd

    if name in MEASURES:
        return pd.Series(pd.array(values, dtype="Int64"))
    return pd.Series(values, dtype="bool" if name in ("in_training", "confidential") else "str")


def _observed_cells(scan: ScanResult | None) -> "dict[str, pd.DataFrame]":
    """Cells of the scan by source, months folded to years and tags to one name."""
    if scan is None:
        return {}
    import pandas as pd

    frame = pd.read_parquet(scan.cells, dtype_backend="numpy_nullable")
    frame["period"] = frame["month"].str.slice(0, 4)
    return {str(name): part for name, part in frame.groupby("source_id", dropna=False, observed=True, sort=True)}


def _rows(source: DataSource, cells: "pd.DataFrame | None", scan: ScanResult | None) -> Iterable[dict[str, Any]]:
    import pandas as pd

    about = {
        "source_id": source.id,
        "category": source.category.value,
        "modality": source.modality.value,
        "stage": "+".join(stage.value for stage in Stage if stage in source.stages),
        "in_training": any(stage not in (Stage.VALIDATION, Stage.TEST) for stage in source.stages),
        "owner_id": source.owner.id if source.owner else None,
        "confidential": source.confidential,
        "rights_basis": source.rights_basis.value if source.rights_basis else None,
        "acquisition": source.acquisition.value if source.acquisition else None,
    }
    fallback = {
        "language": declared_language(source.languages),
        "licence": licence(source.licence)[0],
        "period": declared_period(source.collected),
    }
    observed = scan.source(source.id) if scan else None
    declared = declared_sizes(source)
    if observed and cells is not None:
        columns = source.files.columns if source.files else None
        for cell in cells.to_dict("records"):
            row = {**about, **fallback, "basis": Basis.OBSERVED.value}
            if columns and columns.language:
                row["language"] = language(_text(cell["language"]))[0]
            if columns and columns.licence:
                row["licence"] = licence(_text(cell["licence"]))[0]
            if columns and columns.date and not pd.isna(cell["period"]):
                row["period"] = cell["period"]
            for measure in ("documents", "bytes", "tokens"):
                known = observed_total(observed, measure) is not None and not pd.isna(cell[measure])
                row[measure] = int(cell[measure]) if known else None
            if _items_are_rows(source) and "items" not in declared:
                row["items"] = row["documents"]
            yield row
    elif observed:  # no row could be counted: the source stays in the inventory, with what the scan says of it
        row = {**about, **fallback, "basis": Basis.OBSERVED.value}
        row |= {name: getattr(observed, name) for name in ("documents", "bytes", "tokens")}
        if _items_are_rows(source) and "items" not in declared:
            row["items"] = row["documents"]
        yield row
    left = {name: size for name, size in declared.items() if not observed or observed_total(observed, name) is None}
    if left or not observed:
        yield {**about, **fallback, "basis": Basis.DECLARED.value, **left}


def _items_are_rows(source: DataSource) -> bool:
    """Each row of an image (or other) shard is one item."""
    return source.modality in (Modality.IMAGE, Modality.OTHER)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def declared_sizes(source: DataSource) -> dict[str, int]:
    """Declared sizes by measure; hours become whole seconds. Measures that are not declared are absent."""
    sizes = source.declared
    found = {name: getattr(sizes, name) for name in ("documents", "bytes", "tokens", "items")}
    if sizes.hours is not None:
        found["seconds"] = int((sizes.hours * 3600).to_integral_value())
    return {name: value for name, value in found.items() if value is not None}


LACKING = Fraction(1, 100)
"""Part of the rows that may lack a size; above it the size of the source is not known, and never a smaller one."""


def observed_total(observed: Any, measure: str) -> int | None:
    """Observed total of a :class:`~kaiji.scan.result.SourceScan`; None when it is not measured, or on too few rows."""
    value: int | None = getattr(observed, measure, None)
    having: int | None = getattr(observed, f"rows_with_{measure}", None)
    if value is not None and having is not None and having < (1 - LACKING) * observed.documents:
        return None
    return value


def _prove(inventory: Inventory, sources: Sequence[DataSource], scan: ScanResult | None) -> None:
    """Parts add up to the whole: the inventory of a source sums to what was observed, else to what was declared."""
    for name in MEASURES:
        known = inventory.frame.dropna(subset=[name])
        by_source = known.groupby("source_id", dropna=False, observed=True, sort=True)[name].sum()
        found = {str(key): int(value) for key, value in by_source.items()}
        for source in sources:
            observed = scan.source(source.id) if scan else None
            expected = observed_total(observed, name) if observed else None
            if expected is None:
                expected = declared_sizes(source).get(name)
            if expected is None and name == "items" and observed and _items_are_rows(source):
                expected = observed.documents
            if found.get(source.id, 0) != (expected or 0):
                raise ConservationError(f"{name} of a source do not add up to its total in the inventory")
