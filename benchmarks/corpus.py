# ruff: noqa: T201
"""Writes a seeded web-crawl corpus of any size as a release that `kaiji scan` measures.

    python benchmarks/corpus.py --rows 20000000 --text-shards 4 OUT
    python benchmarks/corpus.py --rows 40000000 --distinct OUT          # every row has a host of its own

What it writes (all of it invented; OUT must not exist):

    release.yaml, manifests/corpus.yaml    four sources, all of modality text
    data/<source>/part-00000.parquet       the shards, or .jsonl, .jsonl.gz, .jsonl.zst
    summary.json                           exact totals: documents, bytes and tokens by source, language, licence, month

Columns: url, language, licence (string), date (timestamp in ms, UTC), byte_size, token_count (int64) and, in some
shards, text. `url`, `language`, `licence` and `date` hold nulls. `byte_size` is the length of `text` in UTF-8 where
there is one. Rows come in random order of hosts; hosts follow Zipf's law, two to a domain. About 6 % of the rows are
as many distinct domains (1.2 million at 20 million rows) unless --domains says otherwise.

A block of rows is made and written at a time, so memory does not grow with the corpus. A block depends on the
arguments and its place alone. numpy may change its random streams with a version: compare with summary.json of the
same folder.
"""

import argparse
import dataclasses
import hashlib
import json
import math
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import corpus_urls as urls
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

VERSION = 1
"""Goes into the name of a kept corpus; raise it when the same arguments give other rows."""
BLOCK = 125_000
"""Rows made at once; a row group of Parquet."""
_LINES = 10_000
SOURCES = ("crawl-a", "crawl-b", "forums", "news")
COLUMNS = ("url", "language", "licence", "date", "byte_size", "token_count", "text")
ROLES = {"url": "url", "language": "language", "licence": "licence", "date": "date", "byte_size": "bytes",
         "token_count": "tokens"}  # fmt: skip
"""Column to its role in the manifest; `text` is mapped where there is no byte_size."""
FORMATS = ("parquet", "jsonl", "jsonl.gz", "jsonl.zst")
DOMAIN_SHARE = 0.0635
"""Domains there are for each row: so that those seen at 20 million rows are 1.2 million."""
FLATTENING = 30.0
"""Host k is drawn with a weight of 1 / (k + this)."""

LANGUAGES = ("en", "de", "ru", "ja", "es", "fr", "zh", "it", "pt", "nl", "pl", "tr", "cs", "ko", "vi", "ar", "fa", "id",
             "uk", "hu", "sv", "el", "ro", "da", "fi", "th", "sk", "he", "bg", "hr", "lt", "ca", "sl", "et", "lv", "hi",
             "bn", "ta", "ur", "ka", "az", "gl", "eu", "is", "mk", "mt", "ga", "cy", "hy", "und")  # fmt: skip
LICENCES = (("unknown", 0.55), ("CC-BY-4.0", 0.1), ("CC-BY-SA-4.0", 0.1), ("CC0-1.0", 0.05), ("MIT", 0.03),
            ("Apache-2.0", 0.03), ("ODC-By-1.0", 0.05), ("CC-BY-NC-4.0", 0.03), ("GPL-3.0-only", 0.02),
            ("all rights reserved", 0.04))  # fmt: skip
IN_INVENTORY = {"und": None, "unknown": None, "all rights reserved": "other-terms"}
"""How the inventory of kaiji names the languages and licences above, where it does not keep the word."""
FIRST_MS, LAST_MS = 1_356_998_400_000, 1_767_225_599_999
"""2013-01-01 to the end of 2025."""
LEAST_BYTES, MOST_BYTES = 20, 200_000
_PRIME = 1_000_003


@dataclasses.dataclass(frozen=True)
class Spec:
    """What a corpus is made of. Raises :class:`ValueError` for what cannot be made."""

    rows: int
    shards: int = 40
    seed: int = 2026
    form: str = "parquet"
    columns: tuple[str, ...] = COLUMNS
    text_shards: int = 0
    """Shards that hold `text`, evenly spread; only where `text` is among the columns."""
    mean_bytes: int = 1800
    """Mean length of a document in bytes."""
    domains: int | None = None
    """Domains to draw from, each of two hosts; else in proportion to the rows."""
    distinct: bool = False
    """Every row has a host of its own (plain and ASCII): as many hosts as rows, half as many domains."""

    def __post_init__(self) -> None:
        if self.form not in FORMATS or not set(self.columns) <= set(COLUMNS):
            raise ValueError(f"form is one of {FORMATS}, columns are of {COLUMNS}")
        if not 1 <= self.shards <= self.rows or not 0 <= self.text_shards <= self.shards:
            raise ValueError("shards are between 1 and the rows, shards with text no more than shards")
        if not 1 <= self.domains_at_hand <= urls.DOMAINS_AT_MOST:
            raise ValueError(f"there are between 1 and {urls.DOMAINS_AT_MOST:,} domains")

    @property
    def domains_at_hand(self) -> int:
        if self.distinct:
            return (self.rows + 1) // 2
        return self.domains or max(math.ceil(self.rows * DOMAIN_SHARE), 100)

    @property
    def name(self) -> str:
        """Folder name of a kept corpus: the same for the same rows."""
        text = json.dumps([VERSION, np.__version__, dataclasses.asdict(self)])
        kind = "distinct" if self.distinct else self.form
        return f"{kind}-{self.rows}-{self.shards}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def source(self, shard: int) -> str:
        return SOURCES[shard % self.shards * min(len(SOURCES), self.shards) // self.shards]

    def path(self, shard: int) -> str:
        """Path of a shard within the corpus."""
        return f"data/{self.source(shard)}/part-{shard:05d}.{self.form}"

    def extent(self, shard: int) -> tuple[int, int]:
        """First row of a shard and its rows. Number ``shards`` is a spare one, as large as the last."""
        place = min(shard, self.shards - 1)
        first, last = (self.rows * number // self.shards for number in (place, place + 1))
        return first, last - first

    def columns_of(self, shard: int) -> tuple[str, ...]:
        number = shard % self.shards
        with_text = {k * self.shards // self.text_shards for k in range(self.text_shards)}
        return tuple(column for column in self.columns if column != "text" or number in with_text)


def blocks(spec: Spec, shard: int) -> Iterator[pa.Table]:
    """The rows of a shard, a block at a time."""
    first, rows = spec.extent(shard)
    for number, start in enumerate(range(0, rows, BLOCK)):
        rng = np.random.default_rng([spec.seed, shard, number])
        yield _block(spec, rng, first + start, min(BLOCK, rows - start), spec.columns_of(shard))


def _block(spec: Spec, rng: np.random.Generator, first: int, rows: int, columns: tuple[str, ...]) -> pa.Table:
    if spec.distinct:
        # The stride is a prime, so that the numbers differ as long as the modulus is no multiple of it.
        numbers = np.arange(first, first + rows) * _PRIME % (spec.rows + (spec.rows % _PRIME == 0))
        url = urls.plain_urls(rng, urls.hosts(numbers, idn=False)[0])
    else:
        url = urls.crawled_urls(rng, _drawn(rng, 2 * spec.domains_at_hand, rows))
    weights = 1.0 / np.arange(2.0, len(LANGUAGES) + 2.0) ** 1.2
    language = urls.choice(rng, tuple(zip(LANGUAGES, weights, strict=True)), rows)
    moments = FIRST_MS + rng.beta(2.5, 1.0, rows) * (LAST_MS - FIRST_MS)
    # a log-normal of sigma 1 has the mean exp(mu + 1/2)
    sizes = rng.lognormal(math.log(spec.mean_bytes) - 0.5, 1.0, rows).astype(np.int64).clip(LEAST_BYTES, MOST_BYTES)
    text, sizes = _texts(rng, sizes) if "text" in columns else (None, sizes)
    tokens = (sizes / rng.uniform(3.2, 5.2, rows)).astype(np.int64) + 1
    made = {
        "url": url,
        "language": _with_nulls(rng, language, 0.002),
        "licence": _with_nulls(rng, urls.choice(rng, LICENCES, rows), 0.05),
        "date": _with_nulls(rng, pa.array(moments.astype(np.int64).astype("datetime64[ms]")), 0.004),
        "byte_size": pa.array(sizes),
        "token_count": pa.array(tokens),
        "text": text,
    }
    return pa.table({column: made[column] for column in columns})


def _drawn(rng: np.random.Generator, hosts: int, rows: int) -> np.ndarray:
    """Host numbers by Zipf's law: the inverse of its distribution, so that no table of hosts is held."""
    span = math.log((hosts + FLATTENING) / FLATTENING)
    rank = (FLATTENING * (np.exp(rng.random(rows) * span) - 1.0)).astype(np.int64).clip(max=hosts - 1)
    # Else the two hosts of a domain would be equally popular. The stride is a prime above any number of hosts.
    return rank * 2_147_483_647 % hosts


def _with_nulls(rng: np.random.Generator, values: pa.Array, part: float) -> pa.Array:
    return pc.if_else(pa.array(rng.random(len(values)) < part), pa.scalar(None, values.type), values)


@cache
def _pages() -> np.ndarray:
    """Text to cut documents from: 4096 pages of 4096 bytes, each UTF-8 in itself; one in eight is Japanese."""
    rng = np.random.default_rng(1)
    words = [word[: 2 + number % 9] for number, word in enumerate(urls.labels(np.arange(20_000)).to_pylist())]
    latin = [f"{word}{end}" for word in words for end in ("", "", "", ",", ".", ".\n", ' "ka"')]
    kana = [f"{a}{b}{c}" for a in "東京大阪水火木金山川" for b in "の をにでがはもと" for c in "人日年本月国時分。\n"]
    pages = []
    for number in range(4096):
        some, space = (kana, "") if number % 8 == 7 else (latin, " ")
        picked = rng.zipf(1.2, 1200) % len(some)
        line = space.join([some[at] for at in picked]).encode()[:4096]
        pages.append(line.decode("utf-8", "ignore").encode().ljust(4096))
    return np.frombuffer(b"".join(pages), np.uint8).reshape(4096, 4096)


def _texts(rng: np.random.Generator, sizes: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """Texts of about these lengths, and their true lengths: a cut moves on to the next character."""
    ends = np.cumsum(sizes)
    pages = _pages()
    data = pages[rng.integers(0, len(pages), int(ends[-1]) // pages.shape[1] + 2)].reshape(-1)
    offsets = np.concatenate([[0], ends])
    for _ in range(3):
        offsets = offsets + ((data[offsets] & 0xC0) == 0x80)
    text = pa.LargeStringArray.from_buffers(len(sizes), pa.py_buffer(offsets), pa.py_buffer(data))
    return text, np.diff(offsets)


def json_lines(table: pa.Table) -> pa.Buffer:
    """The rows as JSON Lines; a date becomes ISO 8601 with `Z`, a null becomes `null`."""
    parts: list[pa.Array | str] = []
    for number, name in enumerate(table.column_names):
        parts += [f'{"," if number else "{"}"{name}":', _as_json(table[name].combine_chunks())]
    lines = pc.binary_join_element_wise(*map(_large, (*parts, "}\n", "")))
    offsets = np.frombuffer(lines.buffers()[1], np.int64)
    return lines.buffers()[2].slice(0, int(offsets[len(lines)]))


def _large(part: pa.Array | str) -> pa.Array | pa.Scalar:
    return pa.scalar(part, pa.large_string()) if isinstance(part, str) else pc.cast(part, pa.large_string())


def _as_json(values: pa.Array) -> pa.Array:
    if pa.types.is_integer(values.type):
        text = pc.cast(values, pa.string())
    elif pa.types.is_timestamp(values.type):
        text = pc.binary_join_element_wise('"', pc.strftime(values, format="%Y-%m-%dT%H:%M:%S"), 'Z"', "")
    else:
        text = values
        for character, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
            text = pc.replace_substring(text, character, escape)
        quote = pa.scalar('"', text.type)
        text = pc.binary_join_element_wise(quote, text, quote, pa.scalar("", text.type))
    return pc.fill_null(text, "null")


class _Totals:
    """Adds up what is written."""

    def __init__(self) -> None:
        self.sums: dict[str, dict[str, Counter[str]]] = {}
        self.null_urls = self.json_bytes = 0

    def add(self, source: str, table: pa.Table) -> None:
        self.null_urls += table["url"].null_count if "url" in table.column_names else 0
        sizes = {"bytes": "byte_size", "tokens": "token_count"}
        sums = table.select([]).append_column("documents", pa.repeat(pa.scalar(1, pa.int64()), len(table)))
        for measure, column in sizes.items():
            if column in table.column_names:
                sums = sums.append_column(measure, table[column])
        keys = {"total": pa.repeat("all", len(table)), "source": pa.repeat(source, len(table))}
        keys |= {name: table[name] for name in ("language", "licence") if name in table.column_names}
        if "date" in table.column_names:
            keys["month"] = pc.strftime(table["date"], format="%Y-%m")
        measures = sums.column_names
        for group, key in keys.items():
            grouped = sums.append_column("key", key).group_by("key").aggregate([(name, "sum") for name in measures])
            for row in grouped.to_pylist():
                name = "(null)" if row["key"] is None else row["key"]
                counted = Counter({measure: row[f"{measure}_sum"] for measure in measures})
                self.sums.setdefault(group, {}).setdefault(name, Counter()).update(counted)

    def summary(self, spec: Spec) -> dict[str, Any]:
        by = {f"by_{group}": dict(sorted(keys.items())) for group, keys in self.sums.items() if group != "total"}
        facts = {"null_urls": self.null_urls, "json_bytes": self.json_bytes}
        return {"spec": dataclasses.asdict(spec), "total": self.sums["total"]["all"], **facts, **by}


def write_shard(spec: Spec, shard: int, path: Path, totals: _Totals | None = None) -> None:
    """Writes shard number ``shard`` to ``path``; number ``spec.shards`` is a spare one, like the last but new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = next(blocks(spec, shard)).schema
    codec = {"jsonl": None, "jsonl.gz": "gzip", "jsonl.zst": "zstd"}.get(spec.form)
    if spec.form == "parquet":
        coded = [name for name in ("language", "licence") if name in schema.names]
        out: Any = pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=coded)
    else:
        out = pa.CompressedOutputStream(str(path), codec) if codec else path.open("wb")
    with out:
        for table in blocks(spec, shard):
            if totals:
                totals.add(spec.source(shard), table)
            if spec.form == "parquet":
                out.write_table(table, row_group_size=BLOCK)
                continue
            for start in range(0, len(table), _LINES):
                lines = json_lines(table.slice(start, _LINES))
                out.write(lines)
                if totals:
                    totals.json_bytes += lines.size


def write(spec: Spec, out: Path) -> dict[str, Any]:
    """Writes the corpus to ``out``, a folder that does not exist yet, and returns its summary.

    A folder of that name is always whole: it takes its name when all is written.
    """
    if out.exists():
        raise FileExistsError(out)
    part = out.with_name(f"{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    totals = _Totals()
    for shard in range(spec.shards):
        write_shard(spec, shard, part / spec.path(shard), totals)
    write_release(spec, part)
    summary = totals.summary(spec)
    (part / "summary.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", "utf-8")
    part.rename(out)
    return summary


def write_release(spec: Spec, folder: Path) -> None:
    """release.yaml and the manifest of its sources (as JSON, which is YAML)."""
    columns = {role: name for name, role in ROLES.items() if name in spec.columns}
    if "byte_size" not in spec.columns and "text" in spec.columns:
        columns["text"] = "text"
    sources = [
        {
            "id": source,
            "title": f"Benchmark source {source}",
            "category": "crawled",
            "modality": "text",
            "stages": ["pretraining"],
            "confidentiality": "public",
            "files": {"paths": [f"data/{source}/*.{spec.form}"], "columns": columns},
        }
        for source in dict.fromkeys(spec.source(shard) for shard in range(spec.shards))
    ]
    release = {
        "schema": "kaiji/release/v1",
        "id": "benchmark",
        "sample": True,
        "manifests": ["manifests/corpus.yaml"],
        "model": {"name": "benchmark", "version": "1", "release_date": "2026-01-01"},
        "provider": {"legal_name": {"ja": "計測用(架空)", "en": "Benchmark (invented)"}, "roles": ["developer"]},
    }
    (folder / "manifests").mkdir(exist_ok=True)
    manifest = {"schema": "kaiji/dataset-manifest/v1", "sources": sources}
    for name, content in (("release.yaml", release), ("manifests/corpus.yaml", manifest)):
        (folder / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def kept(work: Path, spec: Spec) -> Path:
    """Folder of the corpus below ``work``; it is written unless it is there from an earlier run."""
    folder = work / spec.name
    if not folder.exists():
        print(f"writing {spec.rows:,} rows as {spec.form} ({spec.name}) …", file=sys.stderr, flush=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        write(spec, folder)
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description="Write a seeded web-crawl corpus as a release.")
    parser.add_argument("out", type=Path, help="folder to write; must not exist")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--form", choices=FORMATS, default="parquet")
    parser.add_argument("--columns", nargs="+", choices=COLUMNS, default=COLUMNS)
    parser.add_argument("--text-shards", type=int, default=0, help="shards that hold text (default 0)")
    parser.add_argument("--mean-bytes", type=int, default=1800, help="mean length of a document (default 1800)")
    parser.add_argument("--domains", type=int, help="domains to draw from (default: in proportion to the rows)")
    parser.add_argument("--distinct", action="store_true", help="every row has a host of its own")
    arguments = vars(parser.parse_args())
    out = arguments.pop("out")
    try:
        summary = write(Spec(**{**arguments, "columns": tuple(arguments["columns"])}), out)
    except (ValueError, FileExistsError) as error:
        parser.error(str(error))
    print(json.dumps(summary["total"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
