# ruff: noqa: S608  (the statements of a test are its own)
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import datasets
import duckdb
import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.scan import arrow, attached, storage
from kaiji.scan.attached import Attached, at_hand
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile


def data_file(name, form="parquet", compression="uncompressed"):
    return DataFile(f"memory://corpus/{name}", name, form, compression)


@pytest.fixture
def memory():
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture
def shut_off(memory):
    """Makes a connection that is shut off but for the files given, as the engine's is."""
    opened = []

    def connect(*files):
        connection = duckdb.connect()
        shards = Attached(connection, files)
        opened.append((connection, shards))
        connection.execute(f"SET allowed_paths = {shards.paths()!r}")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection, shards

    yield connect
    for connection, shards in opened:
        shards.close()
        connection.close()


@pytest.fixture
def reads(monkeypatch):
    """Ranges that were fetched: (start, end)."""
    fetched = []
    read = storage.read
    monkeypatch.setattr(storage, "read", lambda address, *ends: (fetched.append(ends), read(address, *ends))[1])
    return fetched


def parquet(memory, name, **columns):
    memory.pipe(f"/corpus/{name}", b"")
    with memory.open(f"/corpus/{name}", "wb") as stream:
        pq.write_table(pa.table(columns), stream, row_group_size=20_000, compression="none", use_dictionary=False)
    return data_file(name)


def test_only_the_ranges_of_the_columns_needed_are_fetched(memory, shut_off, reads):
    count = 100_000
    file = parquet(memory, "a[1]*?.parquet", t=["x" * 100] * count, n=list(range(count)))
    connection, shards = shut_off(file)
    total = memory.size("/corpus/a[1]*?.parquet")
    query = f"SELECT sum(n) FROM read_parquet('{shards.path(file)}')"
    assert connection.execute(query).fetchall() == [(count * (count - 1) // 2,)]
    fetched = sum(end - start for start, end in reads)
    assert 8 * count <= fetched < 8 * count + 64 * 1024 < total / 10
    reads.clear()
    assert connection.execute(query).fetchall() == [(count * (count - 1) // 2,)]
    assert reads == []


def test_threads_of_the_engine_do_not_mix_up_their_positions(memory, shut_off, monkeypatch):
    """The engine shares handles and seeks and reads in two steps; here other threads get in between."""
    seek = attached._Handle.seek
    monkeypatch.setattr(attached._Handle, "seek", lambda self, *to: (seek(self, *to), time.sleep(0.002))[0])
    count = 200_000
    file = parquet(memory, "a.parquet", a=list(range(count)), t=[f"{number:09}" for number in range(count)])
    connection, shards = shut_off(file)
    query = f"SELECT sum(a), sum(CAST(t AS BIGINT)) FROM read_parquet('{shards.path(file)}')"
    total = count * (count - 1) // 2
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(lambda: connection.cursor().execute(query).fetchall()) for _ in range(8)]
    assert {tuple(one.result()) for one in found} == {((total, total),)}


def test_a_position_holds_for_the_thread_that_sought_it():
    shard = SimpleNamespace(size=lambda: 100, read=lambda start, length: bytes(range(start, start + length)))
    handle = attached._Handle(shard)
    handle.seek(10)
    other = threading.Thread(target=handle.seek, args=(50,))
    other.start()
    other.join()
    assert (handle.tell(), handle.read(2)) == (10, bytes([10, 11]))


def test_without_a_position_of_its_own_a_thread_reads_on():
    shard = SimpleNamespace(size=lambda: 100, read=lambda start, length: bytes(range(start, start + length)))
    handle = attached._Handle(shard)
    found = []
    handle.seek(10)
    for _ in range(2):
        thread = threading.Thread(target=lambda: found.append(handle.read(2)))
        thread.start()
        thread.join()
    assert [*found, handle.read(2)] == [bytes([10, 11]), bytes([12, 13]), bytes([14, 15])]
    assert handle.seek(-1, 2) == 99


def test_jsonl_is_read_in_place(memory, shut_off):
    memory.pipe("/corpus/a.jsonl", b'{"n": 1}\n' * 100_000)
    file = data_file("a.jsonl", "jsonl")
    connection, shards = shut_off(file)
    relation = f"read_json('{shards.path(file)}', format = 'newline_delimited', columns = {{n: 'BIGINT'}})"
    assert connection.execute(f"SELECT sum(n) FROM {relation}").fetchall() == [(100_000,)]


def test_nothing_but_the_shards_can_be_opened(memory, shut_off):
    file = parquet(memory, "a.parquet", n=[1])
    parquet(memory, "b.parquet", n=[1])
    connection, _ = shut_off(file)
    for name in ("kaijishard://1", "kaijishard://*", "kaijishard://../b", "memory://corpus/a.parquet"):
        with pytest.raises(duckdb.Error):
            connection.execute(f"SELECT * FROM read_parquet('{name}')")


def test_a_range_that_comes_short_fails_the_query_and_says_why(memory, shut_off, monkeypatch):
    monkeypatch.setattr(storage, "DELAYS", ())
    file = parquet(memory, "a.parquet", t=["x" * 100] * 100_000)
    other = parquet(memory, "b.parquet", n=[7])
    connection, shards = shut_off(file, other)
    query = "SELECT sum(hash(COLUMNS(*))) IS NOT NULL FROM read_parquet('{}')"
    connection.execute(f"SELECT count(*) FROM read_parquet('{shards.path(file)}')")
    memory.pipe("/corpus/a.parquet", memory.cat("/corpus/a.parquet")[:5_000_000])
    with pytest.raises(duckdb.Error):
        connection.execute(query.format(shards.path(file))).fetchall()
    assert shards.failure(file).rule == "KJ201"
    assert "fewer bytes" in shards.failure(file).message
    assert shards.failure(other) is None
    assert shards.failure(other._replace(location=Path("a"))) is None
    assert connection.execute(query.format(shards.path(other))).fetchall() == [(True,)]


def test_a_file_that_is_gone_says_so(memory, shut_off):
    connection, shards = shut_off(data_file("none.parquet"))
    with pytest.raises(duckdb.Error):
        connection.execute("SELECT * FROM read_parquet('kaijishard://0')")
    assert shards.failure(data_file("none.parquet")).message == "there is no such file, folder or bucket"


def test_what_is_kept_of_short_ranges_is_bounded(monkeypatch):
    monkeypatch.setattr(attached, "_KEPT", 10)
    recent = attached._Recent()
    for number in range(5):
        for _ in range(2):
            recent.put(("a", number, number + 4), bytes([number]) * 4)
        assert recent.get(("a", 0, 4)) == bytes(4)
    assert [number for number in range(5) if recent.get(("a", number, number + 4))] == [0, 4]


def test_a_local_file_and_one_read_by_ranges_are_at_hand_as_they_are(tmp_path):
    for file in (data_file("a.parquet"), data_file("a.jsonl", "jsonl")):
        with at_hand(file, tmp_path) as near:
            assert near is file
    local = DataFile(tmp_path / "a.jsonl.gz", "a", "jsonl", "gzip")
    with at_hand(local, tmp_path) as near:
        assert near is local
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_compressed_jsonl_is_copied_and_the_copy_removed(memory, tmp_path, monkeypatch, compression):
    monkeypatch.setattr(storage, "_AHEAD", 1000)
    memory.pipe("/corpus/a.jsonl", bytes(range(250)) * 20)
    file = data_file("a.jsonl", "jsonl", compression)
    with at_hand(file, tmp_path) as near:
        assert near.real.read_bytes() == bytes(range(250)) * 20
        assert near == file._replace(location=near.real)
    assert list(tmp_path.iterdir()) == []


def test_a_saved_dataset_is_copied_with_its_folders(memory, tmp_path):
    splits = {"train": datasets.Dataset.from_dict({"n": [1, 2]}), "test": datasets.Dataset.from_dict({"n": [3]})}
    datasets.DatasetDict(splits).save_to_disk(tmp_path / "ds")
    memory.put(str(tmp_path / "ds"), "/corpus/ds", recursive=True)
    with at_hand(data_file("ds", "datasets"), tmp_path) as near:
        parts = arrow.saved_parts(near.real)
        assert sum(batch.num_rows for part in parts for batch in arrow.batches(part, ["n"])) == 3


def test_a_copy_that_does_not_fit_is_not_begun(memory, tmp_path, reads, monkeypatch):
    memory.pipe("/corpus/a", b"x" * 1000)
    monkeypatch.setattr(attached.shutil, "disk_usage", lambda _: SimpleNamespace(free=999))
    with (
        pytest.raises(ShardError, match="no room for a copy") as raised,
        at_hand(data_file("a", "jsonl", "gzip"), tmp_path),
    ):
        pass
    assert (raised.value.rule, reads, list(tmp_path.iterdir())) == ("KJ201", [], [])


def test_a_copy_that_fails_half_way_is_removed(memory, tmp_path, monkeypatch):
    def half(*_):
        yield b"x"
        raise OSError(28, "No space left on device")

    memory.pipe("/corpus/a", b"x" * 1000)
    monkeypatch.setattr(storage, "pieces", half)
    with pytest.raises(ShardError, match="cannot be copied"), at_hand(data_file("a", "jsonl", "gzip"), tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
