"""The cells of a scan: read exactly, whatever further columns and row groups their file has."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kaiji.provenance.observed import distinct, read
from kaiji.scan.result import ScanResult

COLUMNS = {
    "source_id": ["a", "a", "a", "b", "c"],
    "modality": ["text", "text", "text", "text", "image"],
    "language": ["ja", None, "en", "zh", None],
    "licence": [None, "mit", "mit", "own terms", None],
    "month": ["2024-02", "2023-12", None, "2025-01", None],
    "documents": [1, 2, 3, 4, 5],
    "bytes": [2**62 + 1, None, 2**53 + 1, 0, 7],
    "tokens": [None, None, None, None, None],
}


def scanned(folder: Path, rows: int = 5, row_group: int = 2) -> ScanResult:
    kinds = {name: pa.int64() if name in ("documents", "bytes", "tokens") else pa.string() for name in COLUMNS}
    table = pa.table({name: pa.array(COLUMNS[name][:rows], kind) for name, kind in kinds.items()})  # type: ignore[index]
    pq.write_table(table, folder / "cells.parquet", row_group_size=row_group)
    return ScanResult(
        sources=(),
        cells=folder / "cells.parquet",
        addressed=frozenset(),
        findings=(),
        engine="e",
        psl_version="1",
        psl_date="d",
    )


def test_keys_are_categories_and_sizes_are_exact(tmp_path: Path) -> None:
    cells = read(scanned(tmp_path))
    keys, sizes = ["source_id", "language", "licence", "month"], ["documents", "bytes", "tokens"]
    assert {name: str(kind) for name, kind in cells.dtypes.items()} == {
        **dict.fromkeys(keys, "category"),
        **dict.fromkeys(sizes, "Int64"),
    }
    found = cells.astype(object).where(cells.notna(), None).to_dict("list")
    assert found == {name: COLUMNS[name] for name in keys + sizes}


def test_a_scan_without_rows_has_no_cells(tmp_path: Path) -> None:
    cells = read(scanned(tmp_path, rows=0))
    assert len(cells) == 0
    assert distinct(cells, "language") == {}


def test_distinct_values_of_each_source(tmp_path: Path) -> None:
    cells = read(scanned(tmp_path))
    assert distinct(cells, "language") == {"a": ["en", "ja"], "b": ["zh"]}
    assert distinct(cells, "licence") == {"a": ["mit"], "b": ["own terms"]}
    assert distinct(cells, "month") == {"a": ["2023-12", "2024-02"], "b": ["2025-01"]}
