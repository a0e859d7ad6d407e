# ruff: noqa: T201
"""What kaiji is compared with. Each is run as a process of its own: `python benchmarks/baselines.py NAME RELEASE`.

RELEASE is the folder of a corpus written by corpus.py. Results go to --out, where a baseline has any; the CPU-seconds
of start-up and of the work go to stderr (`phase NAME SECONDS`).
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple


class Source(NamedTuple):
    id: str
    paths: list[str]
    columns: dict[str, str]
    """Role to column name."""


def sources(release: Path) -> list[Source]:
    """The sources of a corpus, with their shards in order."""
    manifest = json.loads((release / "manifests" / "corpus.yaml").read_text("utf-8"))
    found = []
    for source in manifest["sources"]:
        paths = [str(path) for pattern in source["files"]["paths"] for path in sorted(release.glob(pattern))]
        found.append(Source(source["id"], paths, source["files"]["columns"]))
    return found


def all_paths(release: Path) -> list[str]:
    return [path for source in sources(release) for path in source.paths]


class Phases:
    """Prints the CPU-seconds of the process since the last phase."""

    def __init__(self) -> None:
        self.last = 0.0

    def done(self, name: str) -> None:
        now = time.process_time()
        print(f"phase {name} {now - self.last:.6f}", file=sys.stderr)
        self.last = now


def _decode(release: Path, *passes: set[str]) -> None:
    import pyarrow.parquet as pq

    phases = Phases()
    phases.done("start")
    for source in sources(release):
        for path in source.paths:
            for roles in passes:
                file = pq.ParquetFile(path)
                columns = [column for role, column in source.columns.items() if role in roles]
                for group in range(file.num_row_groups):
                    file.read_row_group(group, columns=columns, use_threads=False)
    phases.done("decode")


def decode(release: Path, _: Path) -> None:
    """Decodes every column that a scan needs once, row group by row group, and does nothing with it."""
    _decode(release, {"url", "language", "licence", "date", "bytes", "tokens"})


def decode_queries(release: Path, _: Path) -> None:
    """Decodes what each of the two aggregates needs, so the sizes twice: the floor for running them one by one."""
    _decode(release, {"url", "bytes", "tokens"}, {"language", "licence", "date", "bytes", "tokens"})


def decompress(release: Path, _: Path) -> None:
    """Decompresses JSON Lines and does nothing with them."""
    import pyarrow as pa

    phases = Phases()
    phases.done("start")
    for path in all_paths(release):
        with (
            pa.OSFile(path) as raw,
            pa.CompressedInputStream(raw, "zstd" if path.endswith(".zst") else "gzip") as stream,
        ):
            while stream.read(1 << 20):
                pass
    phases.done("decompress")


def _extractor() -> Callable[[str], str]:
    """Registrable domain of an address by tldextract, offline, with the private section."""
    import tldextract

    extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
    return lambda url: extract(url).top_domain_under_public_suffix


def pandas(release: Path, out: Path) -> None:
    """The script that a user would write: all rows in one frame, tldextract on every address."""
    import pandas as pd

    frames = []
    for source in sources(release):
        names = {name: role for role, name in source.columns.items()}
        for path in source.paths:
            frame = pd.read_parquet(path, columns=list(names)).rename(columns=names)
            frames.append(frame.assign(source=source.id))
    frame = pd.concat(frames, ignore_index=True)
    frame["month"] = frame["date"].dt.to_period("M")
    frame["domain"] = frame["url"].fillna("").map(_extractor())
    sizes = {"documents": ("source", "size"), "bytes": ("bytes", "sum"), "tokens": ("tokens", "sum")}
    cells = frame.groupby(["source", "language", "licence", "month"], dropna=False).agg(**sizes).reset_index()
    cells.assign(month=cells["month"].astype("string")).to_parquet(out / "cells.parquet")
    frame.groupby("domain", dropna=False).agg(**sizes).reset_index().to_parquet(out / "domains.parquet")


def polars(release: Path, out: Path) -> None:
    """The second opinion: exact, Polars on every row, a URL parser on what is distinct."""
    import polars as pl
    import second_opinion

    phases = Phases()
    phases.done("start")
    found = sources(release)
    cells = [
        second_opinion.cells(one.paths, one.columns).select(pl.lit(one.id).alias("source_id"), pl.all())
        for one in found
    ]
    pl.concat(cells).write_parquet(out / "cells.parquet")
    phases.done("cells")
    second_opinion.domains(all_paths(release), found[0].columns).write_parquet(out / "domains.parquet")
    phases.done("domains")


def _print_counts(documents: int, size: int, languages: "Counter[str | None]", domains: "Counter[str]") -> None:
    top = {"languages": languages.most_common(5), "domains": domains.most_common(5)}
    print(json.dumps({"documents": documents, "bytes": size, "distinct_domains": len(domains), **top}))


def json_loop(release: Path, _: Path) -> None:
    """A loop over the lines with json and tldextract: url, text and language, as croissant-baker reads them."""
    extract = _extractor()
    documents = size = 0
    languages: Counter[str | None] = Counter()
    domains: Counter[str] = Counter()
    for path in all_paths(release):
        with Path(path).open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                documents += 1
                size += len((row["text"] or "").encode())
                languages[row["language"]] += 1
                domains[extract(row["url"] or "")] += 1
    _print_counts(documents, size, languages, domains)


def pandas_json(release: Path, _: Path) -> None:
    """pandas.read_json in chunks, and tldextract on every address."""
    import pandas as pd

    def chunks() -> "Iterator[pd.DataFrame]":
        for path in all_paths(release):
            yield from pd.read_json(path, lines=True, chunksize=20_000)

    _from_frames(chunks())


def datasets_json(release: Path, out: Path) -> None:
    """datasets.load_dataset, which makes an Arrow copy first, then batches of pandas and tldextract."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    import datasets

    data = datasets.load_dataset("json", data_files=all_paths(release), split="train", cache_dir=str(out / "datasets"))
    _from_frames(data.with_format("pandas").iter(20_000))


def _from_frames(frames: "Iterator[pd.DataFrame]") -> None:  # noqa: F821
    extract = _extractor()
    documents = size = 0
    languages: Counter[str | None] = Counter()
    domains: Counter[str] = Counter()
    for frame in frames:
        documents += len(frame)
        size += int(frame["text"].str.encode("utf-8").str.len().sum())
        languages.update(frame["language"].value_counts(dropna=False).to_dict())
        domains.update(frame["url"].fillna("").map(extract).value_counts().to_dict())
    _print_counts(documents, size, languages, domains)


def pyarrow_json(release: Path, _: Path) -> None:
    """pyarrow.json.read_json: languages and bytes of text, no domains."""
    import pyarrow.compute as pc
    import pyarrow.json

    documents = size = 0
    languages: Counter[str | None] = Counter()
    for path in all_paths(release):
        table = pyarrow.json.read_json(path)
        documents += len(table)
        size += pc.sum(pc.binary_length(table["text"])).as_py()
        languages.update({row["values"]: row["counts"] for row in pc.value_counts(table["language"]).to_pylist()})
    _print_counts(documents, size, languages, Counter())


def polars_json(release: Path, _: Path) -> None:
    """Polars scan_ndjson: languages and bytes of text, no domains."""
    import polars as pl
    import second_opinion

    source = sources(release)[0]
    cells = second_opinion.cells(all_paths(release), source.columns)
    rows = cells.group_by("language").agg(pl.col("documents").sum()).rows()
    _print_counts(cells["documents"].sum(), cells["bytes"].sum(), Counter(dict(rows)), Counter())


BASELINES: dict[str, Callable[[Path, Path], None]] = {
    "decode": decode,
    "decode-queries": decode_queries,
    "decompress": decompress,
    "pandas": pandas,
    "polars": polars,
    "json-loop": json_loop,
    "pandas-json": pandas_json,
    "datasets-json": datasets_json,
    "pyarrow-json": pyarrow_json,
    "polars-json": polars_json,
}


def command(name: str, release: Path, out: Path) -> list[str]:
    """The command that runs a baseline."""
    return [sys.executable, __file__, name, str(release), "--out", str(out)]


def main() -> int:
    parser = argparse.ArgumentParser(description="Run one baseline.")
    parser.add_argument("name", choices=BASELINES)
    parser.add_argument("release", type=Path, help="folder of a corpus of corpus.py")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for its results")
    arguments = parser.parse_args()
    BASELINES[arguments.name](arguments.release, arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
