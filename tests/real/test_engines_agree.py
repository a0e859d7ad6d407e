"""Three engines, no differing row: DuckDB, Spark and a second opinion in Polars that shares no code with kaiji.

On five million generated rows, and on every row of a table of odd addresses, cut into shards of chance sizes and
formats.
"""

import csv
import json
import os
import random
import shutil
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.manifest.load import load
from kaiji.manifest.models import DataSource
from kaiji.scan.domain_table import DomainFiles
from kaiji.scan.options import Options
from kaiji.scan.result import ScanResult
from kaiji.scan.run import run

pytestmark = pytest.mark.real
ENGINES = ("duckdb", "local[2]")
KEYS = ["language", "licence", "month"]
SIZES = ["documents", "bytes", "tokens"]


@pytest.fixture(scope="module")
def benchmarks() -> Any:
    """The modules of the folder benchmarks: the generator, and the second opinion."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        import corpus
        import second_opinion

        yield corpus, second_opinion
    for name in ("corpus", "corpus_urls", "second_opinion"):
        sys.modules.pop(name, None)


def differing(found: pl.DataFrame, expected: pl.DataFrame) -> int:
    """Rows that are in one table only."""
    return found.join(expected, on=found.columns, how="anti", nulls_equal=True).height + (
        expected.join(found, on=found.columns, how="anti", nulls_equal=True).height
    )


def check(sources: list[DataSource], root: Path, opinion: Any, out: Path) -> dict[str, int]:
    """Scans with every engine, compares each with the second opinion; the rows compared.

    The cells of a whole release by source, its domain table, and that of each source by itself.
    """
    compared = dict.fromkeys(("cells", "domains"), 0)
    expected = {}
    for source in sources:
        paths = sorted(path for pattern in source.files.paths for path in root.glob(pattern))
        columns = {role: name for role, name in source.files.columns if name is not None}
        expected[source.id] = opinion.cells(paths, columns), opinion.domains(paths, columns)
    for engine in ENGINES:
        result, table = scanned(sources, root, engine, out)
        added = pl.concat([domains for _, domains in expected.values()]).group_by("domain").agg(pl.col(SIZES).sum())
        assert (engine, differing(table, added)) == (engine, 0)
        cells = pl.read_parquet(result.cells, memory_map=False)
        for source in sources:
            wanted, domains = expected[source.id]
            own = cells.filter(pl.col("source_id") == source.id).select(*KEYS, *SIZES)
            assert (engine, source.id, differing(own, wanted.select(*KEYS, *SIZES))) == (engine, source.id, 0)
            found = table if len(sources) == 1 else scanned([source], root, engine, out)[1]
            assert (engine, source.id, differing(found, domains.select("domain", *SIZES))) == (engine, source.id, 0)
            compared["cells"] += own.height
            compared["domains"] += found.height
    return compared


def scanned(sources: list[DataSource], root: Path, engine: str, out: Path) -> tuple[ScanResult, pl.DataFrame]:
    """The result of an engine, and the domain table, which is of one modality and measures all."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    files = DomainFiles(out / "domains.parquet")
    result = run(sources, root, out_dir=out, options=Options(engine=engine, digests=False), domain_files=files)
    assert result.engine.startswith("duckdb" if engine == "duckdb" else "spark")
    assert {finding.id for finding in result.findings} <= {"KJ206", "KJ208", "KJ210"}
    assert result.addressed == {source.id for source in sources}
    table = pl.read_parquet(out / "domains.parquet")
    assert table["modality"].unique().to_list() == ["text"]
    assert table.select(SIZES).null_count().row(0) == (0, 0, 0)
    return result, table.select("domain", *SIZES)


def test_five_million_rows(benchmarks: Any, tmp_path: Path) -> None:
    corpus, opinion = benchmarks
    folder = tmp_path / "corpus"
    total = corpus.write(corpus.Spec(rows=5_000_000, shards=8), folder)["total"]
    assert total["documents"] == 5_000_000
    loaded = load(folder / "release.yaml")
    compared = check(list(loaded.sources), loaded.root, opinion, tmp_path / "out")
    assert compared["domains"] > 500_000
    assert compared["cells"] > 100_000


@pytest.mark.parametrize("seed", range(2))
def test_every_odd_address_in_shards_of_all_formats(benchmarks: Any, tmp_path: Path, seed: int) -> None:
    shared = os.environ.get("KAIJI_SHARED_DATA")
    if not shared:
        pytest.fail("set KAIJI_SHARED_DATA to the folder that holds corpus-generator")
    with (Path(shared) / "corpus-generator" / "odd_urls.csv").open(encoding="utf-8", newline="") as stream:
        urls = [row["url"] for row in csv.DictReader(stream)]
    chance = random.Random(seed)
    rows = [
        {"u": url, "b": chance.randrange(10**9), "t": chance.randrange(10**6), "l": "ja"} for url in [*urls, None] * 3
    ]
    chance.shuffle(rows)
    (tmp_path / "data").mkdir()
    while rows:
        taken, rows = rows[: (size := chance.randint(1, 40))], rows[size:]
        name, form = f"{len(rows):04}", chance.choice(("parquet", "jsonl", "jsonl.gz", "jsonl.zst"))
        path = tmp_path / "data" / f"{name}.{form}"
        if form == "parquet":
            kinds = pa.schema([("u", pa.string()), ("b", pa.int64()), ("t", pa.int64()), ("l", pa.string())])
            pq.write_table(pa.Table.from_pylist(taken, kinds), path)
            continue
        data = "".join(json.dumps(row) + "\n" for row in taken).encode()
        codec = {"jsonl.gz": "gzip", "jsonl.zst": "zstd"}.get(form)
        path.write_bytes(pa.compress(data, codec=codec, asbytes=True) if codec else data)
    declared = {
        "id": "odd",
        "title": "Odd addresses",
        "category": "crawled",
        "modality": "text",
        "stages": ["pretraining"],
        "confidentiality": "public",
        "files": {"paths": ["data/*"], "columns": {"url": "u", "bytes": "b", "tokens": "t", "language": "l"}},
    }
    compared = check([DataSource.model_validate(declared)], tmp_path, benchmarks[1], tmp_path / "out")
    assert compared["domains"] >= 2 * 30
