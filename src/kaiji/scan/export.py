# ruff: noqa: S608  (SQL is put together from our own texts and paths of the private folder)
"""The cells of all sources as one file."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from kaiji.errors import ConservationError, StageError
from kaiji.scan import sql
from kaiji.scan.engine import Engine, literals
from kaiji.scan.plan import Plan
from kaiji.scan.result import SourceScan

_FILES = (
    "CREATE OR REPLACE TEMP TABLE files (filename VARCHAR, source_id VARCHAR, modality VARCHAR, b BOOLEAN, t BOOLEAN)"
)


def export_cells(engine: Engine, tables: Sequence[tuple[Plan, SourceScan, Path]], out_dir: Path) -> Path:
    """Writes `cells.parquet` (see :class:`kaiji.scan.result.ScanResult`) of all sources.

    Raises :class:`ConservationError` when it does not hold what the scans say, :class:`StageError` when it cannot be
    written.
    """
    engine.rows(_FILES)
    values: dict[str, list[object]] = {name: [] for name in "abcde"}
    for plan, scan, table in tables:
        measured = scan.bytes is not None, scan.tokens is not None
        about = (str(table), scan.source_id, plan.source.modality.value, *measured)
        for name, value in zip("abcde", about, strict=True):
            values[name].append(value)
    relation = sql.NO_CELLS
    if tables:
        engine.rows(f"INSERT INTO files SELECT {', '.join(f'unnest(${name})' for name in values)}", values)
        paths = ", ".join(literals([table for _, _, table in tables]))
        relation = f"read_parquet([{paths}], filename = true, hive_partitioning = false)"
    written = engine.write(sql.cells_of_release(f"{relation} JOIN files USING (filename)"), "cells", result=True)
    sums = "sum(documents), sum(bytes), sum(tokens)"
    by_source = engine.rows(f"SELECT source_id, {sums} FROM read_parquet({literals([written])[0]}) GROUP BY source_id")
    found = {str(source_id): tuple(sizes) for source_id, *sizes in by_source}
    expected = {scan.source_id: (scan.documents, scan.bytes, scan.tokens) for _, scan, _ in tables if scan.documents}
    if found != expected:
        raise ConservationError("the cells do not add up to the totals of the sources")
    return _moved(written, out_dir / "cells.parquet")


def _moved(path: Path, target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    except OSError as error:
        raise StageError(f"{target.name} cannot be written: {error.strerror}") from error
    return target
