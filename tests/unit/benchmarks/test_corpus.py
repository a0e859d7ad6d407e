import dataclasses
import gzip
import json
from pathlib import Path

import corpus
import corpus_urls
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpus import Spec

from kaiji.manifest.load import load

SMALL = Spec(rows=3000, shards=5, text_shards=2)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    corpus.write(SMALL, tmp_path / "c")
    return tmp_path / "c"


def rows_of(folder: Path, spec: Spec) -> pa.Table:
    return pa.concat_tables(
        [pq.read_table(folder / spec.path(shard), partitioning=None) for shard in range(spec.shards)],
        promote_options="default",
    )


def test_same_arguments_same_bytes_and_another_seed_other_rows(written, tmp_path):
    corpus.write(SMALL, tmp_path / "again")
    corpus.write(dataclasses.replace(SMALL, seed=7), tmp_path / "other")
    files = sorted(path.relative_to(written) for path in written.rglob("*") if path.is_file())
    assert len(files) == 5 + 3
    assert all((written / path).read_bytes() == (tmp_path / "again" / path).read_bytes() for path in files)
    assert rows_of(written, SMALL)["url"] != rows_of(tmp_path / "other", SMALL)["url"]


def test_totals_of_the_summary_are_those_of_the_rows(written):
    summary = json.loads((written / "summary.json").read_text("utf-8"))
    rows = rows_of(written, SMALL)
    assert len(rows) == 3000
    table = pl.DataFrame(rows)
    assert summary["total"] == {
        "documents": 3000,
        "bytes": table["byte_size"].sum(),
        "tokens": table["token_count"].sum(),
    }
    assert summary["null_urls"] == table["url"].null_count()
    months = table.group_by(pl.col("date").dt.strftime("%Y-%m").fill_null("(null)").alias("month")).len()
    assert {key: sums["documents"] for key, sums in summary["by_month"].items()} == dict(months.rows())
    licences = table.group_by(pl.col("licence").fill_null("(null)")).agg(pl.col("token_count").sum())
    assert {key: sums["tokens"] for key, sums in summary["by_licence"].items()} == dict(licences.rows())
    assert list(summary["by_source"]) == ["crawl-a", "crawl-b", "forums", "news"]
    assert sum(sums["documents"] for sums in summary["by_source"].values()) == 3000


def test_byte_size_is_the_length_of_the_text(written):
    table = pl.DataFrame(rows_of(written, SMALL)).filter(pl.col("text").is_not_null())
    assert len(table) == 1200
    assert (table["text"].str.len_bytes() == table["byte_size"]).all()
    assert table["text"].str.len_chars().sum() < table["byte_size"].sum()  # some of it is Japanese


def test_shards_with_and_without_text_differ_in_schema(written):
    with_text = [shard for shard in range(5) if "text" in pq.read_schema(written / SMALL.path(shard)).names]
    assert with_text == [0, 2]


@pytest.mark.parametrize(("form", "opened"), [("jsonl", open), ("jsonl.gz", gzip.open)])
def test_json_lines_hold_the_rows_of_parquet(tmp_path, form, opened):
    spec = Spec(rows=1500, shards=2, text_shards=2, form=form)
    summary = corpus.write(spec, tmp_path / "c")
    lines = []
    for shard in range(2):
        with opened(tmp_path / "c" / spec.path(shard), "rt", encoding="utf-8", newline="\n") as stream:
            lines += stream.readlines()
    assert sum(len(line.encode()) for line in lines) == summary["json_bytes"]
    rows = [json.loads(line) for line in lines]
    for row in rows:
        row["date"] = row["date"] and row["date"].removesuffix("Z")
    expected = [row for shard in range(2) for table in corpus.blocks(spec, shard) for row in table.to_pylist()]
    for row in expected:
        row["date"] = row["date"] and row["date"].isoformat(timespec="milliseconds")
    assert rows == expected


def test_json_lines_escape_quotes_backslashes_and_line_ends():
    table = pa.table({"url": ['a"b\\c\nd\te', None], "token_count": pa.array([1, None], pa.int64())})
    assert corpus.json_lines(table).to_pybytes() == (
        b'{"url":"a\\"b\\\\c\\nd\\te","token_count":1}\n{"url":null,"token_count":null}\n'
    )


def test_every_row_has_a_host_of_its_own(tmp_path):
    spec = Spec(rows=20_000, shards=3, distinct=True)
    corpus.write(spec, tmp_path / "c")
    url = pl.Series(rows_of(tmp_path / "c", spec)["url"])
    hosts = url.str.extract(r"^https://([a-z0-9._-]+)/[^/]", 1)
    assert hosts.null_count() == 0
    assert hosts.n_unique() == 20_000
    assert not hosts.is_sorted()


def test_hosts_are_distinct_and_two_to_a_domain():
    names, foreign = corpus_urls.hosts(np.arange(20_000))
    assert len(set(names.to_pylist())) == 20_000
    assert [not name.isascii() for name in names.to_pylist()] == foreign.tolist()
    assert 0 < foreign.sum() < 1000
    labels = corpus_urls.labels(np.array([0, 1, corpus_urls.DOMAINS_AT_MOST - 1])).to_pylist()
    assert len(set(labels)) == 3
    assert all(name.split(".", 1)[1].endswith(names[0].as_py().removeprefix("www.")) for name in [names[1].as_py()])


def test_crawled_addresses_hold_every_kind():
    url = pl.Series(corpus_urls.crawled_urls(np.random.default_rng(1), np.arange(60_000)))
    assert 0 < url.null_count() < 100
    kinds = {
        "IDN": r"^https?://[^/]*[^\x00-\x7f]",
        "punycode": r"^https?://([a-z0-9-]+\.)*xn--",
        "userinfo": r"^https://reader:",
        "port": r"^https?://[^/]+:8080/",
        "trailing dot": r"^https?://[^/]+\./",
        "upper case": r"^https?://[A-Z0-9._-]*[A-Z][A-Z0-9._-]*/",
        "IPv4": r"^https?://(192\.0\.2|198\.51\.100|203\.0\.113)\.",
        "IPv6": r"^https?://\[2001:db8::",
        "odd": r"^mailto:",
    }
    assert [kind for kind, pattern in kinds.items() if not url.str.contains(pattern).any()] == []


def test_domains_seen_are_six_in_a_hundred_rows(tmp_path):
    spec = Spec(rows=100_000, shards=1, columns=("url",))
    drawn = pl.concat([pl.DataFrame(table) for table in corpus.blocks(spec, 0)])
    hosts = drawn["url"].str.extract(r"^https?://(?:[^/@]*@)?([^/:]+)", 1)
    assert 0.09 < hosts.n_unique() / 100_000 < 0.13  # hosts, both spellings and cases: about twice the domains


def test_the_release_is_one_that_kaiji_reads(written):
    loaded = load(written / "release.yaml")
    assert [source.id for source in loaded.sources] == ["crawl-a", "crawl-b", "forums", "news"]
    assert loaded.sources[0].files.columns.bytes == "byte_size"
    assert loaded.sources[0].files.columns.text is None


def test_without_sizes_the_text_is_mapped(tmp_path):
    spec = Spec(rows=100, shards=1, text_shards=1, columns=("url", "text"))
    corpus.write(spec, tmp_path / "c")
    columns = load(tmp_path / "c" / "release.yaml").sources[0].files.columns
    assert (columns.url, columns.text, columns.bytes, columns.language) == ("url", "text", None, None)


def test_a_corpus_is_written_once_and_only_whole(tmp_path, monkeypatch):
    folder = corpus.kept(tmp_path, SMALL)
    before = (folder / "release.yaml").stat().st_mtime_ns
    assert corpus.kept(tmp_path, SMALL) == folder
    assert (folder / "release.yaml").stat().st_mtime_ns == before
    with pytest.raises(FileExistsError):
        corpus.write(SMALL, folder)

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(corpus, "write_release", broken)
    with pytest.raises(OSError, match="disk full"):
        corpus.kept(tmp_path, dataclasses.replace(SMALL, seed=8))
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".part")] == [folder.name]


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": 0},
        {"rows": 3, "shards": 4},
        {"rows": 9, "shards": 3, "text_shards": 4},
        {"rows": 9, "shards": 1, "form": "csv"},
        {"rows": 9, "shards": 1, "columns": ("title",)},
        {"rows": 9, "shards": 1, "domains": 40_000_001},
    ],
)
def test_what_cannot_be_made_is_refused(wrong):
    with pytest.raises(ValueError, match=r"is one of|between"):
        Spec(**wrong)
