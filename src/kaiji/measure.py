"""The first half of the way: manifest, scan and provenance. All of it is exact and confidential."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kaiji.findings import Finding, Place
from kaiji.manifest.load import LoadedRelease
from kaiji.manifest.load import load as load_manifest
from kaiji.provenance import inventory as provenance
from kaiji.provenance import reconcile, summarise
from kaiji.provenance.inventory import Inventory
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.scan.result import ScanResult

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Measured:
    """A release as far as provenance: all of it exact and confidential."""

    loaded: LoadedRelease
    scan: ScanResult | None
    inventory: Inventory
    summary: ProvenanceSummary
    findings: tuple[Finding, ...]
    observed_texts: tuple[tuple[Place, str], ...]
    """Licences and languages found in rows, with the place of the column mapping."""


def measure(
    path: Path,
    *,
    memory: str | None = None,
    progress: Progress | None = None,
    loaded: LoadedRelease | None = None,
) -> Measured:
    """Read a release (unless it is ``loaded`` already) and measure its data: manifest, scan and provenance.

    Raises:
        ManifestError: release.yaml or a manifest is wrong.
        StageError: a stage failed.
    """
    import pandas as pd

    loaded = loaded or load_manifest(path)
    release, sources = loaded.release, loaded.sources
    scanned: ScanResult | None = None
    cells: pd.DataFrame | None = None
    with TemporaryDirectory(prefix="kaiji-") as folder:
        if any(source.files for source in sources):
            from kaiji.scan.run import run

            where = Path(folder)
            scanned = run(
                sources,
                loaded.root,
                data_roots=release.data_roots,
                out_dir=where,
                memory=memory,
                temp_dir=where,
                progress=progress,
            )
            cells = pd.read_parquet(scanned.cells, dtype_backend="numpy_nullable")
        inventory = provenance.build(sources, scanned)
    months = reconcile.months(sources, cells)
    findings = list(scanned.findings) if scanned else []
    findings += reconcile.reconcile(release, sources, scanned, cells, loaded.place_of)
    summary = summarise.summarise(release, sources, inventory, months)
    for modality, total in summary.totals.items():
        if isinstance(total, summarise.NotKnown):
            message = f"the sizes of the sources of modality {modality} are not known in one common measure"
            findings.append(Finding(id="KJ312", message=message))
    texts = tuple(_observed_texts(loaded, cells)) if cells is not None else ()
    return Measured(loaded, scanned, inventory, summary, tuple(findings), texts)


def _observed_texts(loaded: LoadedRelease, cells: "pd.DataFrame") -> Iterator[tuple[Place, str]]:
    sources = {source.id: source for source in loaded.sources}
    for name, part in cells.groupby("source_id", dropna=False, observed=True, sort=True):
        for column in ("language", "licence"):
            place = loaded.place_of(sources[str(name)], f"files.columns.{column}")
            for text in sorted(str(value) for value in part[column].dropna().unique()):
                yield place, text


def inventory_document(measured: Measured) -> dict[str, object]:
    """The inventory as JSON data: columns as in :mod:`kaiji.provenance.inventory`. Confidential."""
    frame = measured.inventory.frame
    rows = json.loads(frame.to_json(orient="records"))
    return {"schema": "kaiji/inventory/v1", "confidential": True, "columns": list(frame.columns), "rows": rows}
