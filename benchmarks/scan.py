# ruff: noqa: T201
"""Measures `kaiji scan` against its bars, beside what else would do the work; see benchmarks/README.md.

    python benchmarks/scan.py --rows 20000000          # Parquet: decode, kaiji, pandas with tldextract, Polars
    python benchmarks/scan.py jsonl                    # JSON Lines: throughput, peers, growth with rows
    python benchmarks/scan.py memory                   # 40 million distinct keys, with and without --memory

Prints Markdown tables. Exit code 1 when a bar fails, or a row differs.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import baselines
import corpus
import jsonl_bars
import kaiji_runs
import memory_bars
from corpus import Spec
from measure import Measured, run
from report import RUN_HEADER, Bar, cpu, peak, phase, print_bars, print_table, run_row

STATED_FOR = 20_000_000
"""Rows that the bars are stated for; with fewer, start-up weighs more."""
AGGREGATES = ("scan", "merge")
"""Phases of kaiji until both aggregates are there, before any domain is told."""


def parquet(rows: int, shards: int, repeat: int, pandas_repeat: int, work: Path, out: Path) -> bool:
    """Bars 1 to 5: the Parquet corpus, 1 in 10 shards with text."""
    spec = Spec(rows=rows, shards=shards, text_shards=max(1, shards // 10))
    folder = corpus.kept(work, spec)
    _put_back(folder, spec)
    runs: dict[str, list[Measured]] = {}
    differences: dict[str, int] = {}
    cache_bytes = 0

    def note(name: str, measured: Measured) -> None:
        runs.setdefault(name, []).append(measured)
        print(f"{name}: {measured.cpu:.2f} CPU-s, {measured.peak / 1e6:.0f} MB", file=sys.stderr, flush=True)

    def note_kaiji(name: str, outcome: kaiji_runs.Outcome, polars_out: Path) -> None:
        note(name, outcome.measured)
        for what, count in kaiji_runs.disagreement(outcome, polars_out).items():
            key = f"{name}: {what}"
            differences[key] = max(differences.get(key, 0), count)

    def baseline(name: str) -> Path:
        folder_out = out / name
        folder_out.mkdir(parents=True, exist_ok=True)
        note(name, run(baselines.command(name, folder, folder_out)))
        return folder_out

    # one round after the other, so that a change in the machine's load meets all of them
    for number in range(repeat):
        baseline("decode")
        baseline("decode-queries")
        second = baseline("polars")
        note_kaiji("kaiji, direct", kaiji_runs.scan(folder, out / "direct", "--no-cache"), second)
        cache = out / f"cache-{number}"
        note_kaiji("kaiji, cold cache", kaiji_runs.scan(folder, out / "cold", "--cache", cache), second)
        cache_bytes = max(cache_bytes, _size(cache))
        note_kaiji("kaiji, warm cache", kaiji_runs.scan(folder, out / "warm", "--cache", cache), second)
        with _one_new_shard(folder, spec):
            if number == 0:
                changed = out / "polars-changed"
                changed.mkdir()
                run(baselines.command("polars", folder, changed))
            note_kaiji("kaiji, 1 new shard", kaiji_runs.scan(folder, out / "new", "--cache", cache), changed)
        shutil.rmtree(cache)
    for _ in range(pandas_repeat):
        baseline("pandas")

    source_bytes = _size(folder / "data")
    floor = phase(runs["decode"], "decode")
    direct = runs["kaiji, direct"]
    ratios = [run_row(name, of, f"{cpu(of) / floor:.2f}") for name, of in runs.items()]
    print_table(f"{rows:,} rows, {shards} shards, {source_bytes / 1e9:.2f} GB", [*RUN_HEADER, "× decode"], ratios)
    sum_floor = phase(runs["decode-queries"], "decode")
    print(
        f"\nDecode without start-up: {floor:.2f} CPU-s, each column once (the base of all ratios); "
        f"{sum_floor:.2f} for the two aggregates one by one."
    )
    _print_phases(direct, floor)
    print_table(
        "Rows that differ from the second opinion",
        ["run: table", "rows"],
        [[k, str(v)] for k, v in differences.items()],
    )

    counts = rows >= STATED_FOR
    bars = [
        Bar("scan: both aggregates, × decode (aim 2.0)", phase(direct, *AGGREGATES) / floor, 3.0, counts=counts),
        Bar("whole command, × decode (aim 3.0)", cpu(direct) / floor, 4.2, counts=counts),
        Bar(
            "peak memory, GB",
            max(peak(of) for name, of in runs.items() if name.startswith("kaiji")) / 1e9,
            0.75,
            counts=counts,
        ),
        Bar("1 new shard: times cheaper than direct", cpu(direct) / cpu(runs["kaiji, 1 new shard"]), 3.5, True, counts),
        Bar("cache, % of the source", 100 * cache_bytes / source_bytes, 6.0, counts=counts),
        Bar("rows that differ", sum(differences.values()), 0, form="{:.0f}"),
    ]
    if pandas_repeat:
        bars += [
            Bar("CPU of pandas with tldextract, × kaiji", cpu(runs["pandas"]) / cpu(direct), 7.0, True, counts),
            Bar("memory of kaiji, × pandas", peak(direct) / peak(runs["pandas"]), 1 / 8, counts=counts, form="{:.3f}"),
        ]
    return print_bars(bars)


def _print_phases(runs: list[Measured], floor: float) -> None:
    names = dict.fromkeys(name for measured in runs for name in measured.phases)
    rows = [[name, f"{phase(runs, name):.2f}", f"{phase(runs, name) / floor:.2f}"] for name in names]
    print_table("Phases of kaiji, direct", ["phase", "CPU-s (median)", "× decode"], rows)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _aside(folder: Path) -> Path:
    return folder / "aside"


def _put_back(folder: Path, spec: Spec) -> None:
    """Undoes :func:`_one_new_shard` where an earlier run was stopped in it."""
    if _aside(folder).exists():
        _aside(folder).rename(folder / spec.path(spec.shards - 1))


@contextmanager
def _one_new_shard(folder: Path, spec: Spec) -> Iterator[None]:
    """The corpus with a spare shard in place of the last one."""
    spare, last = folder / f"spare.{spec.form}", folder / spec.path(spec.shards - 1)
    if not spare.exists():
        part = spare.with_name("spare.part")
        corpus.write_shard(spec, spec.shards, part)
        part.rename(spare)
    os.link(last, _aside(folder))
    try:
        temporary = last.with_name("link.part")
        os.link(spare, temporary)
        temporary.replace(last)
        yield
    finally:
        _put_back(folder, spec)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure kaiji scan against its bars.")
    parser.add_argument("what", nargs="?", choices=("parquet", "jsonl", "memory"), default="parquet")
    parser.add_argument("--rows", type=int, help="rows (parquet: 20 million, jsonl: 1 million, memory: 40 million)")
    parser.add_argument("--shards", type=int, default=40, help="shards of the Parquet corpora (default 40)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median counts (default 3)")
    parser.add_argument(
        "--pandas-repeat", type=int, default=1, help="runs of pandas, which is slow (default 1; 0: none)"
    )
    parser.add_argument("--memory", default="1500MB", help="limit of the memory benchmark (default 1500MB)")
    parser.add_argument("--croissant-baker", type=Path, help="its command; else it is installed below the work folder")
    parser.add_argument("--work", type=Path, default=_default_work(), help="keeps the corpora (default: %(default)s)")
    given = parser.parse_args()
    work = given.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=work) as folder:
        out = Path(folder)
        if given.what == "parquet":
            rows = given.rows or STATED_FOR
            holds = parquet(rows, given.shards, given.repeat, given.pandas_repeat, work, out)
        elif given.what == "jsonl":
            holds = jsonl_bars.measure(
                given.rows or jsonl_bars.STATED_FOR, given.repeat, given.croissant_baker, work, out
            )
        else:
            rows = given.rows or memory_bars.STATED_FOR
            holds = memory_bars.measure(rows, given.shards, given.memory, given.repeat, work, out)
    return 0 if holds else 1


def _default_work() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kaiji-benchmarks"


if __name__ == "__main__":
    sys.exit(main())
