"""Shards in an S3 store: the same figures as local files, and no figure at all of what could not be read whole."""

import gzip
import json
import os
import random
import subprocess
import sys

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.scan import storage

COLUMNS = {"url": "u", "text": "t", "tokens": "n", "language": "l"}
ROWS = 12_000


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Five forms of shards with the same rows, in the folder `a`."""
    drawn = random.Random(1)
    rows = [
        {
            "u": f"https://www.host{drawn.randrange(500)}.example/{number}",
            "t": "日本 text " * drawn.randrange(9),
            "n": drawn.randrange(1000),
            "l": drawn.choice(["ja", "en", None]),
        }
        for number in range(ROWS)
    ]
    folder = tmp_path_factory.mktemp("corpus") / "a"
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist(rows), folder / "one [1]*?.parquet", row_group_size=2_000)
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()
    (folder / "two.jsonl").write_bytes(lines)
    (folder / "three.jsonl.gz").write_bytes(gzip.compress(lines))
    (folder / "four.jsonl.zst").write_bytes(pa.compress(lines, codec="zstd", asbytes=True))
    datasets.Dataset.from_list(rows).save_to_disk(folder / "ds")
    return folder


@pytest.fixture
def shards(corpus, release, store):
    """The corpus on disk and in the store."""
    release.data = corpus.parent
    store.put(corpus.parent)
    return corpus


def by_file(result):
    return [(finding.id, finding.place.file, finding.message) for finding in result.findings]


def totals(result):
    (source,) = result.sources
    return source.documents, source.tokens, source.complete


@pytest.mark.parametrize("pattern", ["a/*.parquet", "a/two.jsonl", "a/*.gz", "**/*.zst", "a/ds", "a/**"])
@pytest.mark.parametrize("fingerprint", ["fast", "full"])
def test_the_same_figures_as_local_files(release, store, shards, pattern, fingerprint):
    local = release.figures(f"{release.data}/{pattern}", columns=COLUMNS, fingerprint=fingerprint)
    remote = release.figures(f"s3://{store.bucket}/{pattern}", columns=COLUMNS, fingerprint=fingerprint)
    assert remote == local
    assert remote["totals"][0] == (5 * ROWS if pattern == "a/**" else ROWS)
    assert remote["totals"][3]
    assert (len(remote["domains"]), remote["addressed"]) == (500, {"s"})


def test_only_the_columns_needed_are_fetched(release, store):
    path = release.data / "wide.parquet"
    text = [os.urandom(50).hex() for _ in range(40_000)]
    pq.write_table(pa.table({"t": text, "n": list(range(40_000)), "x": text}), path, row_group_size=10_000)
    store.put(release.data)
    metadata = pq.ParquetFile(path).metadata
    needed = sum(metadata.row_group(number).column(1).total_compressed_size for number in range(4))
    result = release.scan(f"s3://{store.bucket}/*.parquet", columns={"tokens": "n"}, digests=False)
    assert totals(result) == (40_000, 799_980_000, True)
    assert needed <= store.sent["wide.parquet"] < needed + 32 * 1024 < path.stat().st_size / 10


@pytest.mark.parametrize("name", ["one [1]*?.parquet", "two.jsonl", "three.jsonl.gz", "four.jsonl.zst"])
@pytest.mark.parametrize("fault", ["refused", "cut_off"])
def test_two_failures_are_overcome(release, store, shards, name, fault):
    local = release.figures(f"{release.data}/a/{name[:3]}*", columns=COLUMNS)
    store.fault = lambda key, number: getattr(store, fault) if number in (1, 2) else None
    assert release.figures(f"s3://{store.bucket}/a/{name[:3]}*", columns=COLUMNS) == local
    assert local["totals"][0] == ROWS
    assert store.requests[f"a/{name}"] >= 3


@pytest.mark.parametrize(
    ("name", "good"),
    [("one [1]*?.parquet", 3), ("two.jsonl", -1), ("three.jsonl.gz", 0), ("four.jsonl.zst", 0), ("ds", 2)],
)
@pytest.mark.parametrize("fault", ["refused", "cut_off"])
def test_a_read_that_fails_half_way_counts_nothing(release, store, shards, name, good, fault, monkeypatch, tmp_path):
    """One request more than ``good`` succeeds: the footer and some rows, a piece of the copy, some of a folder."""
    monkeypatch.setattr(storage, "_AHEAD", 50_000)
    broken = getattr(store, fault)

    def failing(key, _):
        number = sum(count for other, count in store.requests.items() if other.startswith(f"a/{name}"))
        return broken if key.startswith(f"a/{name}") and number > good else None

    store.fault = failing
    store.requests.clear()
    (tmp_path / "spill").mkdir()
    pattern = f"s3://{store.bucket}/a/{name[:3]}*" if name != "ds" else f"s3://{store.bucket}/a/ds"
    other = f"s3://{store.bucket}/a/{'two.jsonl' if name != 'two.jsonl' else 'three*'}"
    result = release.scan(pattern, other, columns=COLUMNS, digests=False, temp_dir=tmp_path / "spill")
    ((rule, file, message),) = by_file(result)
    assert (rule, file.partition(f"{store.bucket}/a/")[2]) == ("KJ201", name)
    assert message in ("the store does not answer", "the store sends fewer bytes than asked for")
    assert totals(result)[0] == ROWS
    assert not totals(result)[2]
    assert list((tmp_path / "spill").iterdir()) == []


@pytest.mark.parametrize("name", ["one [1]*?.parquet", "two.jsonl", "three.jsonl.gz"])
@pytest.mark.parametrize("change", ["deleted", "replaced", "shortened"])
def test_a_shard_that_changes_meanwhile_counts_nothing(release, store, shards, name, change):
    path = shards / name
    other = path.read_bytes()[: -len(path.read_bytes()) // 3] if change == "shortened" else path.read_bytes() + b"\n"

    def fault(key, number):
        if number == 1:
            if change == "deleted":
                store.client.delete_object(Bucket=store.bucket, Key=key)
            else:
                store.client.put_object(Bucket=store.bucket, Key=key, Body=other)

    store.fault = fault
    result = release.scan(f"s3://{store.bucket}/a/{name[:3]}*", columns=COLUMNS)
    assert [finding.id for finding in result.findings] == ["KJ201"]
    assert totals(result)[0] == 0
    assert not totals(result)[2]


def test_a_bucket_that_is_not_there(release, store):
    for place in ("*.parquet", "**", "a.parquet"):
        result = release.scan(f"s3://{store.bucket}/none/{place}", columns={})
        assert by_file(result)[0][0] == "KJ202"
    store.client.delete_bucket(Bucket=store.bucket)
    for place in ("*.parquet", "**", "a.parquet"):
        assert by_file(release.scan(f"s3://{store.bucket}/{place}", columns={}))[0][0] == "KJ202"


@pytest.fixture
def strict(store):
    """The server asks for credentials, and knows none."""
    store.post("reset-auth", "0")
    yield
    store.post("reset-auth", "Infinity")


def test_wrong_credentials_are_told_without_a_word_of_them(release, store, shards, strict):
    result = release.scan(
        f"s3://{store.bucket}/a/*.parquet", f"s3://{store.bucket}/a/two.jsonl", f"s3://{store.bucket}/**", columns={}
    )
    assert [(finding.id, finding.message) for finding in result.findings] == [
        ("KJ201", f"pattern {number}: the store refuses access") for number in (1, 2, 3)
    ]
    assert not totals(result)[2]
    for finding in result.findings:
        assert not {store.secret, "test", store.url, str(store.url).rpartition(":")[2]} & set(finding.detail.split())
        assert store.secret not in finding.model_dump_json() and store.url not in finding.model_dump_json()


def test_no_credentials_at_all(release, store, shards, strict, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    ((rule, _, message),) = by_file(release.scan(f"s3://{store.bucket}/a/*.parquet", columns={}))
    assert rule == "KJ201"
    assert message.removeprefix("pattern 1: ") in (
        "the store refuses access",
        "no credentials were found in the environment",
    )


def test_a_store_that_is_not_there(release, store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    (finding,) = release.scan(f"s3://{store.bucket}/a/*.parquet", columns={}).findings
    assert (finding.id, finding.message) == ("KJ201", "pattern 1: the store does not answer")
    assert "127.0.0.1" not in finding.model_dump_json()


@pytest.mark.parametrize("failing", ["listing", "reading", "nothing"])
def test_nothing_that_is_written_holds_a_credential_or_the_address_of_the_server(release, store, failing, tmp_path):
    """In a process of its own, with all that it says and leaves behind."""
    (release.data / "a.jsonl.gz").write_bytes(gzip.compress(b'{"n": 1}\n'))
    store.put(release.data)
    if failing == "listing":
        store.client.delete_object(Bucket=store.bucket, Key="a.jsonl.gz")
        store.post("reset-auth", "0")
    elif failing == "reading":
        store.fault = lambda key, number: store.cut_off
    home, spill = tmp_path / "home", tmp_path / "spill"
    home.mkdir()
    spill.mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_"))},
        "HOME": str(home),
        "TMPDIR": str(spill),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    program = "import sys; from kaiji.scan import storage; storage.DELAYS = (); from kaiji.cli.main import main; main()"
    command = [sys.executable, "-c", program, "scan", str(release.write("a.jsonl.gz")), "--cache", str(home / "cache")]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    finally:
        store.post("reset-auth", "Infinity")
    assert done.returncode == (0 if failing == "nothing" else 1), done.stderr
    assert ("KJ201" in done.stderr) == (failing != "nothing")
    kept = b"".join(path.read_bytes() for folder in (home, spill) for path in folder.rglob("*") if path.is_file())
    port = store.url.rpartition(":")[2]
    for secret in (store.secret, store.url, f"127.0.0.1:{port}", "Traceback", "leaked"):
        assert secret not in done.stdout + done.stderr
        assert secret.encode() not in kept
    assert list(spill.iterdir()) == []
