# ruff: noqa: T201
"""The memory bar: every row a host of its own, with and without a limit."""

import json
import sys
from pathlib import Path

import corpus
import kaiji_runs
import polars as pl
from corpus import Spec
from measure import Measured
from report import RUN_HEADER, Bar, cpu, peak, print_bars, print_table, run_row

STATED_FOR = 40_000_000
"""Rows, each with a host of its own, that the bars are stated for."""


def measure(rows: int, shards: int, limit: str, repeat: int, work: Path, out: Path) -> bool:
    """Bar 3, second half: peak under ``limit`` (such as `1500MB`), its cost in CPU, and the same result."""
    folder = corpus.kept(work, Spec(rows=rows, shards=shards, distinct=True))
    total = json.loads((folder / "summary.json").read_text("utf-8"))["total"]
    without, with_limit = "no --memory", f"--memory {limit}"
    runs: dict[str, list[Measured]] = {without: [], with_limit: []}
    wrong = 0
    for _ in range(repeat):
        tables = []
        for name, options in ((without, []), (with_limit, ["--memory", limit])):
            outcome = kaiji_runs.scan(folder, out / name.strip("-").replace(" ", "-"), "--no-cache", *options)
            runs[name].append(outcome.measured)
            print(f"{name}: {outcome.measured.cpu:.2f} CPU-s", file=sys.stderr, flush=True)
            tables.append(outcome.domains)
        wrong += sum(_sums(table) != total for table in tables)
        wrong += not _same(*tables)
    rows_of = [run_row(name, of) for name, of in runs.items()]
    domains = pl.scan_parquet(tables[0]).select(pl.len()).collect().item()
    print_table(f"{rows:,} rows, {rows:,} distinct hosts, {domains:,} distinct domains", RUN_HEADER, rows_of)
    counts = rows >= STATED_FOR and limit == "1500MB"
    bars = [
        Bar(f"peak memory with --memory {limit}, GB", peak(runs[with_limit]) / 1e9, 1.65, counts=counts),
        Bar("CPU with the limit, × without", cpu(runs[with_limit]) / cpu(runs[without]), 1.6, counts=counts),
        Bar("results that differ, from each other or from the corpus's totals", wrong, 0, form="{:.0f}"),
    ]
    return print_bars(bars)


def _sums(table: Path) -> dict[str, int]:
    sums = pl.scan_parquet(table).select(pl.col(kaiji_runs.SIZES).sum()).collect(engine="streaming")
    return sums.row(0, named=True)


def _same(first: Path, second: Path) -> bool:
    """True when both tables hold the same rows in the same order."""
    import pyarrow.parquet as pq

    one, other = pq.ParquetFile(first), pq.ParquetFile(second)
    return one.metadata.num_rows == other.metadata.num_rows and pl.read_parquet(first).equals(pl.read_parquet(second))
