# ruff: noqa: T201
"""The bars of JSON Lines: throughput of compressed files, the peers that a user would try, growth with rows."""

import json
import subprocess
import sys
import venv
from pathlib import Path

import baselines
import corpus
import kaiji_runs
from corpus import Spec
from measure import Measured, run
from report import RUN_HEADER, Bar, cpu, peak, phase, print_bars, print_table, run_row

STATED_FOR = 1_000_000
"""Rows of the comparison with peers; the other corpora are in proportion."""
CROISSANT_BAKER = "croissant-baker==0.8.0"
FEW = ("url", "language", "text")
PEERS = {
    "json-loop": "json + tldextract, line by line",
    "pandas-json": "pandas.read_json + tldextract",
    "datasets-json": "datasets + tldextract",
}
READERS = {"pyarrow-json": "pyarrow.json; no domains", "polars-json": "Polars scan_ndjson; no domains"}
"""Bare readers: what it costs to read the data and count languages, in engines that tell no domains."""
FACTORS = (1, 4, 16)


def measure(rows: int, repeat: int, croissant: Path | None, work: Path, out: Path) -> bool:
    """Bars 6 and 7 with ``rows`` rows as the unit; ``croissant`` is the command of croissant-baker, if installed."""
    bars = _throughput(rows, repeat, work, out)
    bars += _peers(rows, repeat, croissant or _installed(work), work, out)
    bars += _growth(rows, repeat, work, out)
    return print_bars([bar if rows >= STATED_FOR else bar._replace(counts=False) for bar in bars])


def _kaiji(folder: Path, out: Path, repeat: int) -> list[Measured]:
    """Runs kaiji and checks that the domain table adds up to the rows of the corpus."""
    runs = []
    documents = json.loads((folder / "summary.json").read_text("utf-8"))["total"]["documents"]
    for _ in range(repeat):
        outcome = kaiji_runs.scan(folder, out / "kaiji", "--no-cache")
        counted = kaiji_runs.domain_table(outcome.domains)["documents"].sum()
        if counted != documents:
            raise ValueError(f"kaiji counted {counted} rows of {documents}")
        runs.append(outcome.measured)
        print(f"kaiji: {outcome.measured.cpu:.2f} CPU-s", file=sys.stderr, flush=True)
    return runs


def _throughput(rows: int, repeat: int, work: Path, out: Path) -> list[Bar]:
    """Bar 6: raw JSON per CPU-second of the scan of .zst files, without and with a text column."""
    kinds = {
        "without text": Spec(rows=8 * rows, shards=16, form="jsonl.zst"),
        "with text": Spec(rows=rows, shards=16, form="jsonl.zst", text_shards=16),
    }
    table, bars = [], []
    for name, spec in kinds.items():
        folder = corpus.kept(work, spec)
        raw = json.loads((folder / "summary.json").read_text("utf-8"))["json_bytes"] / 1e6
        kaiji = _kaiji(folder, out, repeat)
        plain = [run(baselines.command("decompress", folder, out)) for _ in range(repeat)]
        read = phase(kaiji, "scan", "merge")
        shown = [f"{raw / cpu(kaiji):.0f}", f"{raw / read:.0f}", f"{raw / phase(plain, 'decompress'):.0f}"]
        table.append([name, f"{spec.rows:,}", f"{raw:,.0f}", f"{cpu(kaiji):.2f}", f"{read:.2f}", *shown])
        bars.append(
            Bar(f"JSONL.zst {name}: MB of raw JSON per CPU-s of the scan", raw / read, 250, True, form="{:.0f}")
        )
    header = ["JSONL.zst", "rows", "raw MB", "CPU-s, whole command", "CPU-s, scan and merge"]
    print_table("Throughput", [*header, "MB/CPU-s, whole", "MB/CPU-s, scan", "MB/CPU-s, decompressing only"], table)
    return bars


def _peers(rows: int, repeat: int, croissant: Path, work: Path, out: Path) -> list[Bar]:
    """Bar 7: url, text and language as plain JSON Lines, which every peer reads."""
    folder = corpus.kept(work, Spec(rows=rows, shards=4, form="jsonl", text_shards=4, columns=FEW))
    kaiji = _kaiji(folder, out, repeat)
    runs: dict[str, list[Measured]] = {"kaiji scan": kaiji}
    baker = [croissant, "--input", folder / "data", "--output", out / "croissant.json", "--creator", "A,a@b.example"]
    baker += ["--description", "benchmark", "--license", "CC-BY-4.0", "--url", "https://benchmark.example/"]
    for name, command in {
        "croissant-baker; no bytes, tokens, domains": baker,
        **{text: baselines.command(name, folder, out) for name, text in (PEERS | READERS).items()},
    }.items():
        runs[name] = [run(command) for _ in range(repeat)]
        print(f"{name}: {cpu(runs[name]):.2f} CPU-s", file=sys.stderr, flush=True)
    raw = json.loads((folder / "summary.json").read_text("utf-8"))["json_bytes"]
    table = [run_row(name, of) for name, of in runs.items()]
    print_table(f"Peers: {rows:,} rows with url, language, text; {raw / 1e6:,.0f} MB of JSON Lines", RUN_HEADER, table)
    peers = [of for name, of in runs.items() if name not in ("kaiji scan", *READERS.values())]
    return [
        Bar("peak memory, MB", peak(kaiji) / 1e6, 200, form="{:.0f}"),
        Bar("CPU, × that of the quickest peer", cpu(kaiji) / min(map(cpu, peers)), 1.0),
    ]


def _growth(rows: int, repeat: int, work: Path, out: Path) -> list[Bar]:
    """Bar 7: CPU per row and memory while rows grow and hosts do not; and with more hosts."""
    domains = max(rows // 16, 100)
    plans = [(factor, domains) for factor in FACTORS] + [(4, 16 * domains)]
    table: list[list[str]] = []
    measured: list[tuple[float, int]] = []
    before = (0.0, 0)
    for factor, of_domains in plans:
        shards = 4 * factor
        spec = Spec(
            rows=factor * rows,
            shards=shards,
            form="jsonl.zst",
            text_shards=shards,
            columns=FEW,
            mean_bytes=400,
            domains=of_domains,
        )
        folder = corpus.kept(work, spec)
        runs = _kaiji(folder, out, repeat)
        read = phase(runs, "scan", "merge")
        per_million = [f"{seconds / spec.rows * 1e6:.2f}" for seconds in (cpu(runs), read)]
        found = kaiji_runs.domain_table(out / "kaiji" / "domains.parquet").height
        # the first has nothing before it, and the last has other hosts
        further = (cpu(runs) - before[0]) / (spec.rows - before[1]) * 1e6 if spec.rows > before[1] > 0 else None
        before = (cpu(runs), spec.rows)
        row = [f"{spec.rows:,}", f"× {factor}", f"{found:,}", f"{cpu(runs):.2f}", *per_million]
        table.append([*row, "" if further is None else f"{further:.2f}", f"{peak(runs) / 1e6:.0f}"])
        measured.append((read, peak(runs)))
    per = ["CPU-s per million rows", "of it scan and merge", "CPU-s per further million rows"]
    header = ["rows", "", "distinct domains", "CPU-s", *per, "peak MB"]
    print_table("Growth: JSONL.zst with url, language, text", header, table)
    (first, first_peak), (last, last_peak) = measured[0], measured[len(FACTORS) - 1]
    factor = FACTORS[-1]
    return [
        Bar(f"CPU of the scan per row at rows × {factor}, × that at × 1", last / factor / first, 1.1),
        Bar(f"peak memory at rows × {factor} with the same hosts, × that at × 1", last_peak / first_peak, 1.15),
    ]


def _installed(work: Path) -> Path:
    """croissant-baker in an environment of its own, made once."""
    folder = work / "croissant-baker"
    command = folder / "bin" / "croissant-baker"
    if not command.exists():
        print(f"installing {CROISSANT_BAKER} …", file=sys.stderr, flush=True)
        venv.create(folder, clear=True, with_pip=True)
        install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", CROISSANT_BAKER]
        subprocess.run(install, check=True)  # noqa: S603  (our own command)
    return command
