"""The scan on data with known answers: a sample corpus with exact totals, odd addresses, hosts of real pages.

The folder of the data is named by the environment variable KAIJI_SHARED_DATA.
"""

import csv
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.manifest.models import DataSource
from kaiji.scan.result import ScanResult
from kaiji.scan.run import run

pytestmark = pytest.mark.real

BUCKETS = {
    "suffix": "(suffix)",
    "empty-label": "(empty-label)",
    "ipv4": "(ip)",
    "ipv6": "(ip)",
    "opaque": "(opaque)",
    "empty-host": "(no-host)",
    "no-host": "(no-host)",
    "invalid": "(invalid)",
}
COLUMNS = {
    "url": "url",
    "bytes": "byte_size",
    "tokens": "token_count",
    "language": "language",
    "licence": "license",
    "date": "timestamp",
}


def domain_rows(result: ScanResult) -> list[dict[str, Any]]:
    """Rows of the domain tables of all sources, with their source."""
    tables = ((name, pq.read_table(path).to_pylist()) for name, path in result.domains.items())
    return [{"source_id": name, **row} for name, rows in tables for row in rows]


@pytest.fixture
def data() -> Path:
    folder = os.environ.get("KAIJI_SHARED_DATA")
    if not folder:
        pytest.fail("set KAIJI_SHARED_DATA to the folder that holds corpus-generator and publicsuffix")
    return Path(folder)


def source(name: str, paths: list[str], columns: dict[str, str]) -> DataSource:
    return DataSource.model_validate(
        {
            "id": name,
            "title": "A source",
            "category": "crawled",
            "modality": "text",
            "stages": ["pretraining"],
            "confidentiality": "public",
            "files": {"paths": paths, "columns": columns},
        }
    )


def by(rows: list[dict[str, object]], key: str, source_id: str) -> dict[str, dict[str, int]]:
    added: dict[str, dict[str, int]] = defaultdict(lambda: {"documents": 0, "tokens": 0, "bytes": 0})
    for row in rows:
        if row["source_id"] == source_id:
            name = "(null)" if row[key] is None else str(row[key])[: 4 if key == "month" else None]
            for measure in ("documents", "tokens", "bytes"):
                added[name][measure] += int(str(row[measure]))
    return dict(added)


def test_the_sample_corpus_has_the_totals_it_states(data, tmp_path):
    root = data / "corpus-generator" / "sample"
    summary = json.loads((root / "summary.json").read_text("utf-8"))
    names = sorted(summary["by_dataset"])
    sources = [source(name, [f"parquet/dataset={name}/*.parquet"], COLUMNS) for name in names]
    sources += [source("jsonl", ["jsonl/*.jsonl.gz"], COLUMNS)]
    result = run(sources, root, out_dir=tmp_path)
    assert result.findings == ()
    for name in names:
        scan = result.source(name)
        found = {"documents": scan.documents, "tokens": scan.tokens, "bytes": scan.bytes}
        assert found == summary["by_dataset"][name]
        assert scan.complete
    cells = pq.read_table(result.cells).to_pylist()
    of_parquet = [{**row, "source_id": "parquet"} for row in cells if row["source_id"] in names]
    for rows, source_id in ((of_parquet, "parquet"), (cells, "jsonl")):
        assert by(rows, "language", source_id) == summary["by_language"]
        assert by(rows, "licence", source_id) == summary["by_license"]
        assert by(rows, "month", source_id) == summary["by_year"]
    domains = domain_rows(result)
    of_parquet = [{**row, "source_id": "parquet"} for row in domains if row["source_id"] in names]
    assert by(of_parquet, "domain", "parquet") == by(domains, "domain", "jsonl")
    assert by(domains, "domain", "jsonl")["(none)"]["documents"] == summary["null_urls"]


def test_the_text_of_a_shard_has_the_size_that_its_column_states(data, tmp_path):
    root = data / "corpus-generator" / "sample"
    paths = ["parquet/dataset=cc-web/part-00000.parquet"]
    stated = run([source("s", paths, {"bytes": "byte_size"})], root, out_dir=tmp_path / "a").sources[0]
    measured = run([source("s", paths, {"text": "text"})], root, out_dir=tmp_path / "b").sources[0]
    assert stated.bytes == measured.bytes


def test_a_column_that_only_one_shard_has(data, tmp_path):
    root = data / "corpus-generator" / "sample"
    result = run([source("s", ["parquet/**/*.parquet"], {"text": "text"})], root, out_dir=tmp_path)
    assert {finding.id for finding in result.findings} == {"KJ204"}
    assert len(result.findings) == 9
    assert (result.sources[0].documents, result.sources[0].complete) == (600, False)


def answers(tmp_path: Path, addresses: dict[str, str]) -> dict[str, str]:
    """Domain or bucket of each address; ``addresses`` has ids as keys."""
    for name, url in addresses.items():
        pq.write_table(pa.table({"url": [url]}), tmp_path / f"{name}.parquet")
    sources = [source(name, [f"{name}.parquet"], {"url": "url"}) for name in addresses]
    result = run(sources, tmp_path, out_dir=tmp_path / "out")
    return {row["source_id"]: row["domain"] for row in domain_rows(result)}


def test_every_odd_address_has_its_answer(data, tmp_path):
    with (data / "corpus-generator" / "odd_urls.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) >= 84
    expected = {
        row["id"]: row["registrable_domain"] if row["kind"] == "domain" else BUCKETS[row["kind"]] for row in rows
    }
    assert answers(tmp_path, {row["id"]: row["url"] for row in rows}) == expected


def test_hosts_of_real_pages_have_their_domain(data, tmp_path):
    with (data / "publicsuffix" / "sample_hosts.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = answers(tmp_path, {f"h{number}": f"https://{row['host']}/x" for number, row in enumerate(rows)})
    for number, row in enumerate(rows):
        domain = found[f"h{number}"]
        assert (domain if not domain.startswith("(") else "") == row["registrable_with_private_section"], row["host"]
