"""However a table of rows is split into shards, whatever their format and order, the scan finds the same.

The reference is plain Python over the rows; its domains come from a list written down with the addresses.
"""

import functools
import gzip
import json
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaiji.manifest.models import DataSource
from kaiji.scan import domains as domains_module
from kaiji.scan.cache import Cache
from kaiji.scan.crawled_domains import CrawledSources
from kaiji.scan.domain_table import DomainFiles
from kaiji.scan.options import Options
from kaiji.scan.result import ScanResult
from kaiji.scan.run import run, run_part

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
ROLES = ("url", "text", "tokens", "language", "licence", "date")
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
PATTERN = "data/*"
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
        result, domains = with_domains(declared, root)
        return {
            "cells": pq.read_table(result.cells).to_pylist(),
            "domains": domains,
            "sources": [(scan.documents, scan.bytes, scan.tokens, scan.complete) for scan in result.sources],
            "shards": sum(shard.documents for scan in result.sources for shard in scan.shards),
            "findings": {finding.id for finding in result.findings},
        }


def with_domains(declared: Sequence[DataSource], root: Path, **options: Any) -> tuple[ScanResult, list[dict[str, Any]]]:
    """The result of a scan, and the rows of its domain table, which must be sorted."""
    out = root / "out"
    out.mkdir(exist_ok=True)
    files = DomainFiles(out / "domains.parquet")
    result = run(declared, root, out_dir=out, options=Options(**options), domain_files=files)
    found = rows_of(out / "domains.parquet")
    order = [(row["domain"], row["modality"]) for row in found]
    assert order == sorted(set(order))
    return result, found


def rows_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def source(name: str, paths: list[str], modality: str = "text", roles: Sequence[str] = ROLES) -> DataSource:
    return DataSource.model_validate(
        {
            "id": name,
            "title": "A source",
            "category": "crawled",
            "modality": modality,
            "stages": ["pretraining"],
            "confidentiality": "public",
            "files": {"paths": paths, "columns": {role: role for role in roles}},
        }
    )


def sizes(row: dict[str, Any]) -> list[int | None]:
    return [row["documents"], row["bytes"], row["tokens"]]


@pytest.fixture(scope="module")
def list_read_once() -> Iterator[None]:
    """Reading the Public Suffix List costs more than all else that a small scan does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(domains_module, "suffix_list", functools.cache(domains_module.suffix_list))
        yield


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
    assert len(found["domains"]) == len(domains)
    assert ("KJ208" in found["findings"]) == any(row["date"] == "2023-13-01" for row in rows)
    assert found["findings"] <= {"KJ206", "KJ208", "KJ210"}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROW, min_size=4, max_size=60), st.integers(2, 4), st.integers(0, 10**6))
def test_the_sources_add_up_to_the_whole(rows, sources, seed):
    cells, domains, total = reference(rows)
    found = scanned(rows, 8, seed, sources)
    assert [sum(scan[at] for scan in found["sources"]) for at in range(3)] == total
    for parts in (found["cells"], found["domains"]):
        assert [sum(sizes(row)[at] for row in parts) for at in range(3)] == total
    assert len(found["domains"]) == len(domains)
    of_cells: dict[Any, Counter[int]] = {}
    for row in found["cells"]:
        key = row["language"], row["licence"], row["month"]
        of_cells.setdefault(key, Counter()).update(dict(enumerate(sizes(row))))
    assert {key: [of_cells[key][at] for at in range(3)] for key in of_cells} == cells
    assert {row["domain"]: sizes(row) for row in found["domains"]} == domains


SOURCE = st.tuples(
    st.lists(ROW, min_size=1, max_size=12),
    st.sampled_from(["text", "image"]),
    st.frozensets(st.sampled_from(["url", "text", "tokens"])),
    st.booleans(),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SOURCE, min_size=1, max_size=6))
def test_the_domains_of_sources_of_many_kinds(list_read_once, sources):
    """Sums by name and modality, unknown where one of the sources does not measure; of all, and of the crawled ones."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        expected: dict[tuple[str, str], list[int | None]] = {}
        declared: list[DataSource] = []
        for number, (rows, modality, roles, _) in enumerate(sources):
            write(rows, root / f"{number}.parquet", "parquet")
            declared.append(source(f"s{number}", [f"{number}.parquet"], modality, sorted(roles)))
            for row in rows if "url" in roles else []:
                size = (1, len((row["text"] or "").encode()), row["tokens"] or 0)
                measured = (True, "text" in roles, "tokens" in roles)
                held = expected.setdefault((DOMAINS[row["url"]], modality), [0, 0, 0])
                for at in range(3):
                    held[at] = held[at] + size[at] if measured[at] and held[at] is not None else None
        result, found = with_domains(declared, root)
        assert {(row["domain"], row["modality"]): sizes(row) for row in found} == expected
        assert result.addressed == {f"s{number}" for number, (_, _, roles, _) in enumerate(sources) if "url" in roles}
        own = [one for one, (*_, crawled) in zip(declared, sources, strict=True) if crawled]
        asked = CrawledSources(frozenset(one.id for one in own), private_suffixes=True)
        ranked = run(declared, root, out_dir=root / "out", crawled=asked).crawled
        assert ranked == run(own, root, out_dir=root / "out", crawled=asked).crawled
        names = {row["domain"] for row in with_domains(own, root)[1] if not row["domain"].startswith("(")}
        assert bool(ranked) == any("url" in roles and crawled for *_, roles, crawled in sources)
        assert [one.names for one in ranked[:1]] == [len(names)] * bool(ranked)


@pytest.mark.parametrize("memory", [None, "4GB"])
def test_the_result_does_not_depend_on_memory(tmp_path, memory):
    rows = [{"url": f"https://h{n}.example/{n}", "tokens": n, "language": f"l{n % 7}"} for n in range(20_000)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    declared = source("s", ["a.parquet"])
    mapped = declared.files.columns.model_copy(update={"text": None, "licence": None, "date": None})
    declared = declared.model_copy(update={"files": declared.files.model_copy(update={"columns": mapped})})
    _, found = with_domains([declared], tmp_path, memory=memory)
    assert {row["domain"]: sizes(row) for row in found} == {f"h{n}.example": [1, None, n] for n in range(20_000)}


STEP = st.one_of(
    st.tuples(st.just("add"), st.lists(ROW, min_size=1, max_size=12), st.sampled_from(FORMATS)),
    st.tuples(st.just("replace"), st.lists(ROW, min_size=1, max_size=12), st.sampled_from(FORMATS)),
    st.tuples(st.sampled_from(["remove", "duplicate", "sizes", "touch", "map", "nothing"])),
)


class Changing:
    """A release whose shards come, go and change; each shard has a number."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root, self.chance = root, chance
        self.rows: dict[Path, list[dict[str, Any]]] = {}
        self.count = 0
        self.with_tokens = True
        (root / "data").mkdir()

    def apply(self, kind: str, *what: Any) -> None:
        known = sorted(self.rows)
        chosen = self.chance.choice(known) if known else None
        if kind == "map":
            self.with_tokens = not self.with_tokens
        elif kind == "add" or chosen is None:
            self._write(*(what or ([dict.fromkeys(ROLES)], "parquet")))
        elif kind == "replace":
            self._remove(chosen)
            self._write(*what)
        elif kind == "remove":
            self._remove(chosen)
        elif kind == "sizes" and chosen.is_file():
            # As many rows for every key, with other sizes: nothing but the sums tells it.
            form = chosen.name.partition(".")[2]
            changed = [{**row, "tokens": self.chance.randrange(100), "text": "x"} for row in self.rows[chosen]]
            self._remove(chosen)
            self._write(changed, form)
        elif kind == "duplicate":
            target = self._next("".join(chosen.suffixes))
            (shutil.copytree if chosen.is_dir() else shutil.copy2)(chosen, target)
            self.rows[target] = self.rows[chosen]
        elif kind == "touch":
            os.utime(chosen, (self.count, self.count))

    def _next(self, suffix: str) -> Path:
        self.count += 1
        return self.root / "data" / f"{self.chance.randrange(10)}-{self.count}{suffix}"

    def _write(self, rows: list[dict[str, Any]], form: str) -> None:
        path = self._next("" if form == "datasets" else f".{form}")
        # A row with every key: a key that no line has would be a missing column.
        filled = [*rows, {**rows[0], "tokens": 1}]
        write(filled, path, form)
        self.rows[path] = filled

    def _remove(self, path: Path) -> None:
        del self.rows[path]
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def scan(self, **options: Any) -> dict[str, Any]:
        """Everything that a scan finds, with the bytes of its files."""
        out = self.root / "out"
        out.mkdir(exist_ok=True)
        declared = source("s", [PATTERN])
        if not self.with_tokens:
            mapped = declared.files.columns.model_copy(update={"tokens": None})
            declared = declared.model_copy(update={"files": declared.files.model_copy(update={"columns": mapped})})
        if parts := options.pop("parts", 0):
            for number in self.chance.sample(range(1, parts + 1), parts):
                run_part([declared], self.root, (number, parts), options=Options(**options))
            options["cached_only"] = True
        files = DomainFiles(out / "domains.parquet", out / "top.parquet")
        result = run([declared], self.root, out_dir=out, options=Options(**options), domain_files=files)
        assert result.notices == ()
        written = {path.name: path.read_bytes() for path in (result.cells, *files)}
        others = {name: getattr(result, name) for name in ("sources", "addressed", "findings", "top_domains")}
        return {**written, **others, "domains": rows_of(out / "domains.parquet")}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, min_size=3, max_size=6), st.integers(0, 10**6), st.sampled_from(["fast", "full"]))
def test_a_cache_changes_nothing_whatever_happens_to_the_shards(list_read_once, steps, seed, fingerprint):
    """After every step the scan with the cache that was there all the time is that without one, byte for byte."""
    with tempfile.TemporaryDirectory() as folder:
        release, cache = Changing(Path(folder), random.Random(seed)), Cache(Path(folder) / "cache")
        for _ in range(3):
            release.apply("add", [dict.fromkeys(ROLES)], "jsonl")
        for kind, *what in steps:
            release.apply(kind, *what)
            found = release.scan(cache=cache, fingerprint=fingerprint)
            assert found == release.scan()
            rows = [row for shard in release.rows.values() for row in shard]
            assert {row["domain"]: row["documents"] for row in found["domains"]} == Counter(
                DOMAINS[row["url"]] for row in rows
            )


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(ROW, min_size=1, max_size=9), min_size=1, max_size=5), st.integers(1, 4), st.integers(0, 999))
def test_parts_in_any_order_merge_to_the_whole(list_read_once, shards, parts, seed):
    with tempfile.TemporaryDirectory() as folder:
        release = Changing(Path(folder), random.Random(seed))
        for number, rows in enumerate(shards):
            release.apply("add", rows, FORMATS[(seed + number) % len(FORMATS)])
        whole = release.scan()
        assert release.scan(parts=parts, cache=Cache(Path(folder) / "cache")) == whole
