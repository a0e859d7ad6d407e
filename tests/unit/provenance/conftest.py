"""Sources as a manifest declares them, and a scan of them whose cells a test writes out."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.manifest.models import DataSource, Release
from kaiji.scan.result import ScanResult, Shard, SourceScan

SCHEMA = pa.schema(
    [
        ("source_id", pa.string()),
        ("language", pa.string()),
        ("licence", pa.string()),
        ("month", pa.string()),
        ("documents", pa.int64()),
        ("bytes", pa.int64()),
        ("tokens", pa.int64()),
    ]
)
Cells = Mapping[str, Sequence[Mapping[str, Any]]]


def a_source(name: str = "s", **keys: Any) -> DataSource:
    plain = {"category": "public", "modality": "text", "stages": ["pretraining"], "confidentiality": "public"}
    return DataSource.model_validate({"id": name, "title": f"Title of {name}", **plain, **keys})


def a_release(**keys: Any) -> Release:
    needed = {
        "schema": "kaiji/release/v1",
        "id": "r",
        "model": {"name": "M", "version": "1", "release_date": "2026-10-15"},
        "provider": {"legal_name": "P", "roles": ["developer"]},
        "manifests": ["m.yaml"],
    }
    return Release.model_validate({**needed, **keys})


def a_scan(folder: Path, cells: Cells, incomplete: Sequence[str] = ()) -> ScanResult:
    """A scan whose totals are the sums of its cells; a source without cells was observed, and had no rows."""
    rows = [{**dict.fromkeys(SCHEMA.names), "source_id": name, **row} for name, part in cells.items() for row in part]
    path = folder / "cells.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)
    sources = []
    for name, part in cells.items():
        totals = {
            measure: sum(known) if (known := [r[measure] for r in part if r.get(measure) is not None]) else None
            for measure in ("documents", "bytes", "tokens")
        }
        shard = Shard(path=f"{name}.jsonl", sha256="0" * 64, documents=totals["documents"] or 0)
        totals["documents"] = totals["documents"] or 0
        sources.append(SourceScan(source_id=name, shards=(shard,), **totals, complete=name not in incomplete))
    return ScanResult(
        sources=tuple(sources),
        cells=path,
        addressed=frozenset(),
        findings=(),
        engine="e",
        psl_version="1",
        psl_date="d",
    )


@pytest.fixture
def source() -> Callable[..., DataSource]:
    return a_source


@pytest.fixture
def release() -> Callable[..., Release]:
    return a_release


@pytest.fixture
def scan(tmp_path: Path) -> Callable[..., ScanResult]:
    return lambda cells, incomplete=(): a_scan(tmp_path, cells, incomplete)
