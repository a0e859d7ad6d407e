"""Runs `kaiji scan` and reads what it gives; compares that with the second opinion."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl
from corpus import IN_INVENTORY
from measure import Measured, run

SIZES = ("documents", "bytes", "tokens")
CELL = ("source_id", "language", "licence", "period")


class Outcome(NamedTuple):
    """One run of `kaiji scan` and where its domain table lies."""

    measured: Measured
    domains: Path


def scan(release: Path, out: Path, *options: str | Path) -> Outcome:
    """Scans the corpus in folder ``release``, spilling below ``out``; the domain table goes to ``out``.

    Raises :class:`measure.CommandError` unless it ends without a failing finding.
    """
    out.mkdir(parents=True, exist_ok=True)
    domains = out / "domains.parquet"
    command = [sys.executable, "-m", "kaiji.cli.main", "scan", release / "release.yaml", "--format", "json"]
    given = ["--domains", domains, "--temp-dir", out, *options]
    return Outcome(run([*command, *given], env={"KAIJI_PHASES": "1"}), domains)


def inventory(measured: Measured) -> pl.DataFrame:
    """Rows of the inventory: source_id, language, licence, period (year), documents, bytes, tokens."""
    rows = json.loads(measured.stdout)["rows"]
    types = dict.fromkeys(CELL, pl.String) | dict.fromkeys(SIZES, pl.Int64)
    return pl.DataFrame([{name: row[name] for name in types} for row in rows], schema=types)


def domain_table(path: Path) -> pl.DataFrame:
    """The domain table, of which all rows must be of modality text."""
    table = pl.read_parquet(path)
    if table["modality"].unique().to_list() != ["text"]:
        raise ValueError("the domain table holds another modality than text")
    return table.select("domain", *SIZES)


def as_inventory(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells of the second opinion (with source_id) as the inventory shows them: by year, names in its words."""
    words = [pl.col(name).replace(IN_INVENTORY) for name in ("language", "licence")]
    by_year = cells.with_columns(*words, pl.col("month").str.slice(0, 4).alias("period"))
    return by_year.group_by(CELL).agg(pl.col(SIZES).sum())


def differing(first: pl.DataFrame, second: pl.DataFrame, keys: Sequence[str]) -> int:
    """Rows that one table has and the other has not, or has with other sizes."""
    joined = first.join(second, on=list(keys), how="full", nulls_equal=True, suffix="_second", coalesce=False)
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_second")) for name in (*keys, *SIZES))
    repeated = len(first) - first.select(keys).n_unique() + len(second) - second.select(keys).n_unique()
    return joined.filter(~same).height + repeated


def disagreement(outcome: Outcome, polars_out: Path) -> dict[str, int]:
    """Rows that differ between a run of kaiji and the baseline `polars`, whose files are in ``polars_out``."""
    cells, domains = (pl.read_parquet(polars_out / f"{name}.parquet") for name in ("cells", "domains"))
    return {
        "inventory": differing(inventory(outcome.measured), as_inventory(cells), CELL),
        "domains": differing(domain_table(outcome.domains), domains, ["domain"]),
    }
