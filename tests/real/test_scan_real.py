"""The scan on data with known answers: a sample corpus with exact totals, odd addresses, hosts of real pages.

The folder of the data is named by the environment variable KAIJI_SHARED_DATA.
"""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.manifest.models import DataSource
from kaiji.scan.domain_table import DomainFiles
from kaiji.scan.run import run
from kaiji.terms import Modality

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


def domain_rows(sources: list[DataSource], root: Path, out: Path) -> list[dict[str, Any]]:
    """Rows of the domain table of a release with these sources."""
    out.mkdir()
    result = run(sources, root, out_dir=out, domain_files=DomainFiles(out / "domains.parquet"))
    assert result.addressed == {source.id for source in sources}
    rows: list[dict[str, Any]] = pq.read_table(out / "domains.parquet").to_pylist()
    return rows


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
    of_parquet = domain_rows(sources[:-1], root, tmp_path / "parquet")
    of_jsonl = domain_rows(sources[-1:], root, tmp_path / "jsonl")
    assert of_parquet == of_jsonl
    assert {row["domain"]: row["documents"] for row in of_jsonl}["(none)"] == summary["null_urls"]
    (apart,) = (declared.model_copy(update={"modality": Modality.IMAGE}) for declared in sources[-1:])
    rows = domain_rows([*sources[:-1], apart], root, tmp_path / "both")
    for modality in ("text", "image"):
        assert [{**row, "modality": "text"} for row in rows if row["modality"] == modality] == of_jsonl


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
    """Domain or bucket of each address; ``addresses`` has ids as keys.

    The tokens of each address are a bit of their own, so that the sums tell which addresses a domain has.
    """
    found: dict[str, str] = {}
    for some in batched(addresses.items(), 60):
        folder = tmp_path / str(len(found))
        folder.mkdir()
        for bit, (name, url) in enumerate(some):
            pq.write_table(pa.table({"url": [url], "n": [2**bit]}), folder / f"{name}.parquet")
        sources = [source(name, [f"{name}.parquet"], {"url": "url", "tokens": "n"}) for name, _ in some]
        rows = domain_rows(sources, folder, folder / "out")
        assert sum(row["documents"] for row in rows) == len(some)
        for row in rows:
            found.update((name, row["domain"]) for bit, (name, _) in enumerate(some) if row["tokens"] >> bit & 1)
    assert found.keys() == addresses.keys()
    return found


def batched(items: Iterable[tuple[str, str]], size: int) -> Iterator[list[tuple[str, str]]]:
    remaining = iter(items)
    while some := list(islice(remaining, size)):
        yield some


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
