"""The first half of the way: manifest, scan and provenance. All of it is exact and confidential."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kaiji.errors import InputError, ManifestError
from kaiji.findings import Finding, Place
from kaiji.manifest.load import LoadedRelease
from kaiji.manifest.load import load as load_manifest
from kaiji.manifest.models import DataSource
from kaiji.provenance import inventory as provenance
from kaiji.provenance import observed, reconcile, summarise
from kaiji.provenance.form import FormSizes
from kaiji.provenance.form_sizes import form_sizes
from kaiji.provenance.inventory import Inventory
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.scan.crawled_domains import CrawledSources
from kaiji.scan.domain_table import DomainFiles
from kaiji.scan.options import Options
from kaiji.scan.result import ScanResult
from kaiji.terms import TRAINING_STAGES, SourceCategory

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
    options: Options = Options(),  # noqa: B008  (a NamedTuple cannot be changed)
    progress: Progress | None = None,
    loaded: LoadedRelease | None = None,
    domain_files: DomainFiles | None = None,
    crossed: Sequence[tuple[str, str]] = (),
    points: bool = False,
    form: bool = False,
) -> Measured:
    """Read a release (unless it is ``loaded`` already) and measure its data: manifest, scan and provenance.

    ``crossed`` are pairs of facets that are wanted at once; ``points`` asks for the number of data points,
    ``form`` for what the EU summary of training content starts from.

    Raises:
        ManifestError: release.yaml or a manifest is wrong, or the sizes of all sources cannot be added.
        InputError: an option of the scan cannot be used.
        StageError: a stage failed.
    """
    loaded = loaded or load_manifest(path)
    release, sources = loaded.release, loaded.sources
    scanned: ScanResult | None = None
    crawled = CrawledSources(_crawled(sources), release.outputs.private_suffixes)
    cells: pd.DataFrame | None = None
    with _temporary_folder(options.temp_dir) as folder:
        if any(source.files for source in sources):
            from kaiji.scan.run import run

            where = Path(folder)
            scanned = run(
                sources,
                loaded.root,
                data_roots=release.data_roots,
                out_dir=where,
                options=options,
                progress=progress,
                domain_files=domain_files,
                place_of=loaded.place_of,
                crawled=crawled if form else None,
            )
            cells = observed.read(scanned)
    if refused := reconcile.oversize(sources, scanned, loaded.place_of):
        raise ManifestError(refused)
    inventory = provenance.build(sources, scanned, cells)
    months = reconcile.months(sources, cells)
    findings = list(scanned.findings) if scanned else []
    findings += reconcile.reconcile(release, sources, scanned, cells, loaded.place_of)
    summary = summarise.summarise(release, sources, inventory, months, crossed, points=points)
    if form:
        sizes = _form_sizes(sources, inventory, summary, scanned, crawled)
        summary = summary.model_copy(update={"form": sizes})
    for modality, total in summary.totals.items():
        if isinstance(total, summarise.NotKnown):
            message = f"the sizes of the sources of modality {modality} are not known in one common measure"
            findings.append(Finding(id="KJ312", message=message))
    texts = tuple(_observed_texts(loaded, cells)) if cells is not None else ()
    return Measured(loaded, scanned, inventory, summary, tuple(findings), texts)


def _crawled(sources: Sequence[DataSource]) -> frozenset[str]:
    """Crawled sources that are trained on and whose domain names may be told."""
    return frozenset(
        source.id
        for source in sources
        if source.category is SourceCategory.CRAWLED
        and not source.confidential
        and set(source.stages) & set(TRAINING_STAGES)
    )


def _form_sizes(
    sources: Sequence[DataSource],
    inventory: Inventory,
    summary: ProvenanceSummary,
    scanned: ScanResult | None,
    crawled: CrawledSources,
) -> FormSizes:
    counted = {
        source.id
        for source in sources
        if source.category is SourceCategory.CRAWLED and source.id in summary.in_training
    }
    behind = crawled.sources & scanned.addressed if scanned else set()
    return form_sizes(
        sources,
        inventory,
        scanned.crawled if scanned else (),
        tuple(counted - behind),
        (scanned.psl_version, scanned.psl_date) if scanned else ("", ""),
        private_suffixes=crawled.private_suffixes,
    )


def _temporary_folder(where: Path | None) -> "TemporaryDirectory[str]":
    try:
        return TemporaryDirectory(prefix="kaiji-", dir=where)
    except OSError as error:
        raise InputError(f"the temporary folder cannot be used: {error.strerror}") from error


def _observed_texts(loaded: LoadedRelease, cells: "pd.DataFrame") -> Iterator[tuple[Place, str]]:
    texts = {column: observed.distinct(cells, column) for column in ("language", "licence")}
    for source in sorted(loaded.sources, key=lambda one: one.id):
        for column, by_source in texts.items():
            place = loaded.place_of(source, f"files.columns.{column}")
            yield from ((place, text) for text in by_source.get(source.id, ()))


def inventory_lines(measured: Measured) -> Iterator[str]:
    """The inventory as JSON text, a line for each row: columns as in :mod:`kaiji.provenance.inventory`. Confidential.

    Lines end in a line feed. The same inventory gives the same text.
    """
    frame = measured.inventory.frame
    head = {"schema": "kaiji/inventory/v1", "confidential": True, "columns": list(frame.columns)}
    yield f'{_json(head)[:-1]}, "rows": ['
    row = "{" + ", ".join(f"{_json(name)}: %s" for name in frame.columns) + "}"
    start = "\n"
    for values in zip(*(_json_values(frame[name]) for name in frame.columns), strict=True):
        yield start + row % values
        start = ",\n"
    yield "\n]}\n"


def _json_values(column: "pd.Series[Any]") -> Iterator[str]:
    """The values of a column as JSON; each distinct one is written once."""
    codes, values = column.factorize()
    texts = [*map(str if column.name in provenance.MEASURES else _json, values.tolist())]
    texts.append("null")  # the code of a null is -1: the last
    return map(texts.__getitem__, codes.tolist())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
