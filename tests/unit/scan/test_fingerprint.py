import hashlib
import os

import pytest

from kaiji.scan.failure import ShardError
from kaiji.scan.fingerprint import fingerprint, sha256


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_of_a_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc" * 1_000_000)
    assert sha256(path) == digest(b"abc" * 1_000_000)


def test_of_a_folder_covers_names_and_bytes_of_all_files(tmp_path):
    folder = tmp_path / "ds"
    (folder / "train").mkdir(parents=True)
    (folder / "b.json").write_bytes(b"b")
    (folder / "train" / "a.arrow").write_bytes(b"a")
    expected = digest(f"b.json\0{digest(b'b')}\ntrain/a.arrow\0{digest(b'a')}\n".encode())
    assert sha256(folder) == expected
    (folder / "b.json").rename(folder / "c.json")
    assert sha256(folder) != expected


@pytest.mark.parametrize("change", ["size", "time", "replaced", "more"])
def test_a_change_shows(tmp_path, change):
    folder = tmp_path / "ds"
    folder.mkdir()
    path = folder / "a"
    path.write_bytes(b"abc")
    os.utime(path, ns=(1, 1))
    before = fingerprint(folder), fingerprint(path)
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
    assert fingerprint(folder) != before[0]
    assert (fingerprint(path) != before[1]) == (change != "more")


def test_what_is_no_plain_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ShardError, match="not a plain file"):
        fingerprint(tmp_path / "pipe")
    with pytest.raises(ShardError, match="not a plain file"):
        fingerprint(tmp_path)
    with pytest.raises(ShardError, match="cannot be opened"):
        fingerprint(tmp_path / "none")
    with pytest.raises(ShardError, match="cannot be read"):
        sha256(tmp_path / "none")
