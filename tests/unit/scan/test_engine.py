# ruff: noqa: S608  (the statements of a test are its own)
import errno
import os
import threading
from collections import Counter

import pyarrow.parquet as pq
import pytest

from kaiji.errors import InputError, StageError
from kaiji.scan import engine as engine_module
from kaiji.scan.engine import Engine, Share, disk_full, memory_bytes, private_folder, shares, side_by_side, spread, want
from kaiji.scan.files import find


@pytest.fixture
def allowed(release):
    path = release.parquet("allowed.parquet", n=[1])
    return find(release.source("allowed.parquet"), release.root).files[0]._replace(location=path)


@pytest.fixture
def engine(allowed):
    with private_folder(None) as folder, Engine(folder, [allowed]) as engine:
        yield engine


def test_only_the_shards_can_be_read(release, engine, allowed):
    import duckdb

    other = release.parquet("other.parquet", n=[2])
    assert engine.rows(f"SELECT n FROM read_parquet({engine.link(allowed)})") == [(1,)]
    for place in (f"'{other}'", engine.link(allowed._replace(location=other))):
        with pytest.raises(duckdb.PermissionException):
            engine.rows(f"SELECT n FROM read_parquet({place})")


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO '{root}/out.parquet'",
        "ATTACH '{root}/x.db'",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_parquet('https://data.example/a.parquet')",
        "SELECT * FROM release",
    ],
)
def test_nothing_else_is_open(release, engine, statement):
    import duckdb

    with pytest.raises(duckdb.Error):
        engine.rows(statement.format(root=release.root))
    assert [path.name for path in release.root.iterdir()] == ["allowed.parquet"]


def test_bounds_that_a_file_states_are_not_believed(release):
    """The middle value of the file is made negative, while its statistics go on to say that none is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = release.root / "a.parquet"
    middle = 0x1122334455667788
    pq.write_table(pa.table({"n": [1, middle, 2**62]}), path, compression="none", use_dictionary=False)
    data = path.read_bytes()
    assert data.count(middle.to_bytes(8, "little")) == 1
    path.write_bytes(data.replace(middle.to_bytes(8, "little"), (-5).to_bytes(8, "little", signed=True)))
    (finding,) = release.scan(release.source("a.parquet", tokens="n")).findings
    assert finding.id == "KJ207"


def test_a_shard_that_goes_away_before_its_keys_are_looked_at(release):
    path = release.jsonl("a.jsonl", [{"n": 1}])
    result = release.scan(release.source("a.jsonl", tokens="m"), progress=lambda done, total: path.unlink())
    assert [finding.id for finding in result.findings] == ["KJ206"]
    assert result.sources[0].documents == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1KB", 1000),
        ("1 KiB", 1024),
        ("1500MB", 1_500_000_000),
        ("1.5GB", 1_500_000_000),
        ("2GiB", 2 * 2**30),
        ("0.5GB", None),
        ("1TB", 10**12),
        ("1B", None),
        ("1500", None),
        ("1e3MB", None),
        ("1GB ", None),
        ("１GB", None),
    ],
)
def test_sizes_of_memory(text, expected):
    if expected is None:
        with pytest.raises(InputError, match="is not a size such as 2GB"):
            memory_bytes(text)
    else:
        assert memory_bytes(text) == expected


MB = 10**6


@pytest.fixture
def machine(monkeypatch):
    """A machine of 8 cores and 16 GB; the process holds 100 MB."""
    monkeypatch.setattr(engine_module.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(engine_module, "_machine_bytes", lambda: 16_000 * MB)
    monkeypatch.setattr(engine_module, "_resident_bytes", lambda: 100 * MB)


@pytest.mark.parametrize("memory", [None, "500MB", "1GB", "2GB", "8GB"])
@pytest.mark.parametrize("jobs", [0, 1, 3, 100])
def test_what_the_engines_get_is_within_the_bound(machine, memory, jobs):
    found = shares(memory, jobs)
    assert 1 <= len(found) <= max(jobs, 1)
    assert 1 <= sum(share.threads for share in found) <= 8
    bound = 16_000 * MB * 8 // 10 if memory is None else memory_bytes(memory) - 100 * MB
    assert sum(share.memory for share in found) <= bound
    assert min(share.memory for share in found) >= 128 * 2**20


def test_the_least_memory_is_named_and_is_enough(machine):
    with pytest.raises(InputError, match=r"^memory limit '200MB' is too small: the scan needs 300MB at least$"):
        shares("200MB", 4)
    assert len(shares("300MB", 4)) == 1


@pytest.mark.parametrize(
    "words",
    [
        "IO Error: Could not write all bytes to file: No space left on device",
        "IO Error: Could not write all bytes to file: Disk quota exceeded",
        "IO Error: Could not write all bytes to file: File too large",
        "Out of Memory Error: failed to offload data block. Set by the 'max_temp_directory_size' setting.",
    ],
)
def test_a_full_disk_is_known_by_its_words(words):
    """Whatever shard was being read: the want of room is not a defect of the shard."""
    error = RuntimeError(words)
    assert disk_full(error)
    assert "--temp-dir" in want(error)


def test_the_file_system_uses_the_words_that_are_looked_for():
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        assert disk_full(RuntimeError(f"IO Error: Could not write: {os.strerror(number)}"))


def test_an_error_of_the_engine_outside_a_shard_is_a_failed_stage():
    with private_folder(None) as folder:
        with pytest.raises(StageError, match=r"^the engine failed$"), Engine(folder) as engine:
            engine.rows("SELECT error('secret')")
        with pytest.raises(StageError, match="needs more memory"), Engine(folder, (), Share(1, 2**24)) as engine:
            engine.rows("SELECT sum(x) FROM (SELECT unnest(list(range)) AS x FROM range(100000000))")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_jobs_are_spread_over_the_engines_and_come_back_in_order(number):
    """As many run at once as there are engines, and an engine has one at a time."""
    together = threading.Barrier(number, timeout=20)
    at_work, seen = Counter(), []

    def work(engine, job):
        at_work[engine] += 1
        together.wait()
        seen.append((engine, at_work[engine]))
        found = engine.rows(f"SELECT {job}")
        at_work[engine] -= 1
        return found[0][0]

    shares_of = [Share(1, None)] * number
    with private_folder(None) as folder, side_by_side(folder, [], shares_of) as engines:
        assert list(spread(engines, work, range(2 * number))) == list(range(2 * number))
        assert {engine for engine, _ in seen} == set(engines)
    assert {held for _, held in seen} == {1}


def test_a_job_that_fails_ends_the_others():
    """Those that run are interrupted, and those that wait are not begun; the free engine may have taken one more."""
    begun, both = [], threading.Barrier(2, timeout=20)

    def work(engine, job):
        begun.append(job)
        if job < 2:
            both.wait()
        if job == 0:
            raise ValueError("broken")
        return engine.rows("SELECT count(*) FROM range(10000000000) a(x), range(10) b(y) WHERE x % 3 = y")

    with private_folder(None) as folder, side_by_side(folder, [], [Share(1, None)] * 2) as engines:
        with pytest.raises(ValueError, match="broken"):
            list(spread(engines, work, range(50)))
        assert [engine.rows("SELECT 1") for engine in engines] == [[(1,)]] * 2
    assert {0, 1} <= set(begun) <= {0, 1, 2}


@pytest.mark.parametrize(("packed", "codecs"), [(True, ["ZSTD", "ZSTD"]), (False, ["UNCOMPRESSED", "ZSTD"])])
def test_what_is_not_kept_is_not_packed_but_a_result_is(packed, codecs):
    query = "SELECT range AS n FROM range(1000)"
    with private_folder(None) as folder, Engine(folder, packed=packed) as engine:
        paths = [engine.write(query, "some", result=result) for result in (False, True)]
        assert [pq.read_metadata(path).row_group(0).column(0).compression for path in paths] == codecs
        assert [pq.read_table(path)["n"].to_pylist() for path in paths] == [list(range(1000))] * 2
