import hashlib
import os

import fsspec
import pytest

from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile
from kaiji.scan.fingerprint import fast, sha256, size, state

END = 64 * 2**10


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def file_of(path) -> DataFile:
    return DataFile(path, "a", "jsonl", "uncompressed")


def folder_of(path) -> DataFile:
    return DataFile(path, "ds", "datasets", "uncompressed")


@pytest.fixture
def memory():
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def test_sha256_of_a_file(tmp_path, memory):
    path = tmp_path / "a"
    path.write_bytes(b"abc" * 3_000_000)
    memory.pipe("/a", b"abc" * 3_000_000)
    assert sha256(file_of(path)) == sha256(file_of("memory://a")) == digest(b"abc" * 3_000_000)


def test_sha256_of_a_folder_covers_names_and_bytes_of_all_files(tmp_path, memory):
    folder = tmp_path / "ds"
    (folder / "train").mkdir(parents=True)
    (folder / "b.json").write_bytes(b"b")
    (folder / "train" / "a.arrow").write_bytes(b"a")
    memory.pipe({"/ds/b.json": b"b", "/ds/train/a.arrow": b"a"})
    expected = digest(f"b.json\0{digest(b'b')}\ntrain/a.arrow\0{digest(b'a')}\n".encode())
    assert sha256(folder_of(folder)) == sha256(folder_of("memory://ds")) == expected
    (folder / "b.json").rename(folder / "c.json")
    assert sha256(folder_of(folder)) != expected


@pytest.mark.parametrize("change", ["size", "time", "replaced", "more"])
def test_a_change_shows(tmp_path, change):
    folder = tmp_path / "ds"
    folder.mkdir()
    path = folder / "a"
    path.write_bytes(b"abc")
    os.utime(path, ns=(1, 1))
    before = state(folder_of(folder)), state(file_of(path))
    assert [size(found) for found in before] == [3, 3]
    if change == "size":
        path.write_bytes(b"abcd")
        os.utime(path, ns=(1, 1))
    elif change == "time":
        os.utime(path, ns=(1, 2))
    elif change == "replaced":
        other = tmp_path / "other"
        other.write_bytes(b"abd")
        os.utime(other, ns=(1, 1))
        other.rename(path)
    else:
        (folder / "b").write_bytes(b"")
    assert state(folder_of(folder)) != before[0]
    assert (state(file_of(path)) != before[1]) == (change != "more")


def test_a_change_in_a_store_shows(memory):
    memory.pipe("/ds/a", b"abc")
    before = state(file_of("memory://ds/a")), state(folder_of("memory://ds"))
    assert before[0][0].size == 3
    assert state(file_of("memory://ds/a")) == before[0]
    memory.pipe("/ds/a", b"abd")
    assert state(file_of("memory://ds/a")) != before[0]
    assert state(folder_of("memory://ds")) != before[1]


@pytest.mark.parametrize("at", [0, END - 1, END, END + 7, 2 * END, 3 * END - 1])
def test_fast_sees_both_ends_and_misses_the_middle(tmp_path, at):
    path = tmp_path / "a"
    data = bytearray(os.urandom(3 * END))
    path.write_bytes(data)
    os.utime(path, ns=(1, 1))
    before, whole = fast(file_of(path)), sha256(file_of(path))
    data[at] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(1, 1))
    assert (fast(file_of(path)) != before) == (at < END or at >= 2 * END)
    assert sha256(file_of(path)) != whole


@pytest.mark.parametrize("length", [0, 1, END - 1, END, END + 1, 2 * END - 1])
def test_fast_reads_all_of_a_small_file(tmp_path, length):
    seen = set()
    for value in range(length - 1, length + 1):
        path = tmp_path / "a"
        data = bytearray(length)
        if 0 <= value < length:
            data[value] = 1
        path.write_bytes(data)
        os.utime(path, ns=(1, 1))
        seen.add(fast(file_of(path)))
    assert len(seen) == min(length, 1) + 1


def test_fast_sees_time_and_size_but_not_the_name_of_a_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    os.utime(path, ns=(1, 1))
    before = fast(file_of(path))
    moved = path.rename(tmp_path / "b")
    assert fast(file_of(moved)) == before
    os.utime(moved, ns=(1, 2))
    assert fast(file_of(moved)) != before


def test_fast_sees_the_names_in_a_folder(tmp_path):
    folder = tmp_path / "ds"
    folder.mkdir()
    (folder / "a").write_bytes(b"abc")
    before = fast(folder_of(folder))
    (folder / "a").rename(folder / "b")
    assert fast(folder_of(folder)) != before


def test_fast_of_a_store_follows_its_version(memory):
    memory.pipe("/a", bytes(3 * END))
    before = fast(file_of("memory://a"))
    assert fast(file_of("memory://a")) == before
    memory.pipe("/a", bytes(3 * END))
    assert fast(file_of("memory://a")) != before


def test_what_is_no_plain_file(tmp_path, memory):
    os.mkfifo(tmp_path / "pipe")
    memory.pipe("/ds/a", b"abc")
    with pytest.raises(ShardError, match="not a plain file"):
        state(file_of(tmp_path / "pipe"))
    with pytest.raises(ShardError, match="not a plain file"):
        state(folder_of(tmp_path))
    with pytest.raises(ShardError, match="not a plain file"):
        state(file_of("memory://ds"))
    with pytest.raises(ShardError, match="cannot be opened"):
        state(file_of(tmp_path / "none"))
    with pytest.raises(ShardError, match="cannot be read"):
        fast(folder_of(tmp_path / "none"))
    with pytest.raises(ShardError, match="cannot be read"):
        sha256(file_of(tmp_path / "none"))
    with pytest.raises(ShardError, match="no such file"):
        state(file_of("memory://none"))
