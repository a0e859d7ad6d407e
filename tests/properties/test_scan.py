"""However a table of rows is split into shards, whatever their format and order, the scan finds the same.

The reference is plain Python over the rows; its domains come from a list written down with the addresses.
"""

import gzip
import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaiji.manifest.models import DataSource
from kaiji.scan.run import run

DOMAINS = {
    None: "(none)",
    "": "(invalid)",
    "https://a.example/1": "a.example",
    "https://www.a.example/2": "a.example",
    "HTTP://A.Example:8080": "a.example",
    "https://例え.jp/x": "xn--r8jz45g.jp",
    "https://xn--r8jz45g.jp/y": "xn--r8jz45g.jp",
    "https://x.y.co.jp/": "y.co.jp",
    "https://co.jp/": "(suffix)",
    "http://192.0.2.1/": "(ip)",
    "mailto:a@a.example": "(no-host)",
    "s3://A/b": "(opaque)",
    "http://a..example/": "(empty-label)",
    "a.example/no/scheme": "(invalid)",
}
MONTHS = {None: None, "": None, "2023-05": "2023-05", "2023-05-31T23:00:00-02:00": "2023-06", "2023-13-01": None}
TEXTS = st.sampled_from([None, "", "a", "日本", "😀" * 3, "a\u0000b", 'quote " and \\ and \n'])
SIZES = st.one_of(st.none(), st.integers(0, 2**40))
ROW = st.fixed_dictionaries(
    {
        "url": st.sampled_from(list(DOMAINS)),
        "text": TEXTS,
        "tokens": SIZES,
        "language": st.sampled_from([None, "", "ja", "no", "en"]),
        "licence": st.sampled_from([None, "", "MIT", "CC BY 4.0"]),
        "date": st.sampled_from(list(MONTHS)),
    }
)
FORMATS = ("parquet", "jsonl", "jsonl.gz", "jsonl.zst", "datasets")


def reference(rows: list[dict[str, Any]]) -> tuple[dict[Any, Any], dict[Any, Any], list[int]]:
    """Cells, domains and totals, each as [documents, bytes, tokens]."""
    cells: dict[Any, list[int]] = {}
    domains: dict[Any, list[int]] = {}
    total = [0, 0, 0]
    for row in rows:
        size = [1, len((row["text"] or "").encode()), row["tokens"] or 0]
        cell = row["language"] or None, row["licence"] or None, MONTHS[row["date"]]
        for held in (cells.setdefault(cell, [0, 0, 0]), domains.setdefault(DOMAINS[row["url"]], [0, 0, 0]), total):
            held[:] = [a + b for a, b in zip(held, size, strict=True)]
    return cells, domains, total


def write(rows: list[dict[str, Any]], path: Path, form: str) -> None:
    # One row has every key, because a key that no line has is a missing column; rows count in another source.
    if form == "parquet":
        kinds = {"tokens": pa.int64()}
        columns = {name: pa.array([row[name] for row in rows], kinds.get(name, pa.string())) for name in rows[0]}
        pq.write_table(pa.table(columns), path)
    elif form == "datasets":
        import datasets

        types = {name: datasets.Value("int64" if name == "tokens" else "string") for name in rows[0]}
        datasets.Dataset.from_list(rows, features=datasets.Features(types)).save_to_disk(path)
    else:
        data = "".join(json.dumps(row, ensure_ascii=len(rows) % 2 == 0) + "\n" for row in rows).encode()
        if form.endswith("gz"):
            data = gzip.compress(data)
        elif form.endswith("zst"):
            data = pa.compress(data, codec="zstd", asbytes=True)
        path.write_bytes(data)


def scanned(rows: list[dict[str, Any]], pieces: int, seed: int, sources: int) -> dict[str, Any]:
    """Scans ``rows``, shuffled and cut into ``pieces`` shards of chance formats, as ``sources`` sources."""
    chance = random.Random(seed)
    rows = chance.sample(rows, len(rows))
    cuts = sorted(chance.sample(range(1, len(rows)), min(pieces, len(rows)) - 1))
    shards = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        names: list[list[str]] = [[] for _ in range(sources)]
        for number, shard in enumerate(shards):
            form = chance.choice(FORMATS)
            name = f"{chance.randrange(10**6)}-{number}" + ("" if form == "datasets" else f".{form}")
            write(shard, root / name, form)
            names[number % sources].append(name)
        declared = [source(f"s{number}", paths) for number, paths in enumerate(names) if paths]
        result = run(declared, root, out_dir=root / "out")
        return {
            "cells": pq.read_table(result.cells).to_pylist(),
            "domains": pq.read_table(result.domains).to_pylist(),
            "sources": [(scan.documents, scan.bytes, scan.tokens, scan.complete) for scan in result.sources],
            "shards": sum(shard.documents for scan in result.sources for shard in scan.shards),
            "findings": {finding.id for finding in result.findings},
        }


def source(name: str, paths: list[str]) -> DataSource:
    roles = ("url", "text", "tokens", "language", "licence", "date")
    return DataSource.model_validate(
        {
            "id": name,
            "title": "A source",
            "category": "crawled",
            "modality": "text",
            "stages": ["pretraining"],
            "confidentiality": "public",
            "files": {"paths": paths, "columns": {role: role for role in roles}},
        }
    )


def sizes(row: dict[str, Any]) -> list[int]:
    return [row["documents"], row["bytes"], row["tokens"]]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROW, min_size=1, max_size=60), st.integers(1, 8), st.integers(0, 10**6))
def test_the_result_does_not_depend_on_the_shards(rows, pieces, seed):
    cells, domains, total = reference(rows)
    found = scanned(rows, pieces, seed, sources=1)
    assert {(row["language"], row["licence"], row["month"]): sizes(row) for row in found["cells"]} == cells
    assert {row["domain"]: sizes(row) for row in found["domains"]} == domains
    assert found["sources"] == [(*total, True)]
    assert found["shards"] == total[0]
    order = [(row["language"] or "", row["licence"] or "", row["month"] or "") for row in found["cells"]]
    assert order == sorted(order)
    assert [row["domain"] for row in found["domains"]] == sorted(domains)
    assert ("KJ208" in found["findings"]) == any(row["date"] == "2023-13-01" for row in rows)
    assert found["findings"] <= {"KJ206", "KJ208", "KJ210"}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROW, min_size=4, max_size=60), st.integers(2, 4), st.integers(0, 10**6))
def test_the_sources_add_up_to_the_whole(rows, sources, seed):
    _, domains, total = reference(rows)
    found = scanned(rows, 8, seed, sources)
    assert [sum(scan[at] for scan in found["sources"]) for at in range(3)] == total
    added: dict[str, Counter[int]] = {}
    for row in found["domains"]:
        added.setdefault(row["domain"], Counter()).update(dict(enumerate(sizes(row))))
    assert {domain: [added[domain][at] for at in range(3)] for domain in added} == domains


@pytest.mark.parametrize("memory", [None, "150MB"])
def test_the_result_does_not_depend_on_memory(tmp_path, memory):
    rows = [{"url": f"https://h{n}.example/{n}", "tokens": n, "language": f"l{n % 7}"} for n in range(20_000)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    declared = source("s", ["a.parquet"])
    mapped = declared.files.columns.model_copy(update={"text": None, "licence": None, "date": None})
    declared = declared.model_copy(update={"files": declared.files.model_copy(update={"columns": mapped})})
    result = run([declared], tmp_path, out_dir=tmp_path / "out", memory=memory)
    found = pq.read_table(result.domains).to_pylist()
    assert {row["domain"]: (row["documents"], row["tokens"]) for row in found} == {
        f"h{n}.example": (1, n) for n in range(20_000)
    }
