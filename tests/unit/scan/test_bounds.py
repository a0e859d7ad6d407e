import gzip
import os
import zlib

import pyarrow as pa
import pytest

from kaiji.scan import bounds
from kaiji.scan.failure import ShardError

PIECE = 2**24


def gzip_of(piece: bytes, times: int) -> bytes:
    """A gzip stream of ``piece`` over and over, without holding it."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return b"".join(packer.compress(piece) for _ in range(times)) + packer.flush()


def zstd_of(piece: bytes, times: int) -> bytes:
    return pa.compress(piece, codec="zstd", asbytes=True) * times


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl.gz", lambda: gzip_of(bytes(PIECE), 64)),
        ("a.jsonl.gz", lambda: gzip_of(b"\n" * PIECE, 64)),
        ("a.jsonl.gz", lambda: gzip.compress(bytes(PIECE)) * 64),
        ("a.jsonl.gz", lambda: gzip_of(b'{"n": 1}\n' * (PIECE // 9), 32)),
        ("a.jsonl.zst", lambda: zstd_of(bytes(PIECE), 640)),
        ("a.jsonl.zst", lambda: zstd_of(b"\n" * PIECE, 640)),
    ],
    ids=["zeros", "line feeds", "members", "dense rows", "zstd zeros", "zstd line feeds"],
)
def test_a_bomb_is_refused_and_the_rest_is_counted(release, name, data):
    (release.root / name).write_bytes(data())
    release.jsonl("b.jsonl", [{"n": 1}])
    result = release.scan(release.source("*", tokens="n"), memory="4GB")
    assert [(finding.id, finding.place.file) for finding in result.findings] == [("KJ209", name)]
    assert result.sources[0].tokens == 1


def test_a_trailer_that_says_too_much_is_damage_not_a_bomb(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(os.urandom(1000))[:-4] + (2**31).to_bytes(4, "little"))
    with pytest.raises(ShardError, match="damaged") as raised:
        bounds.check(path, "gzip")
    assert raised.value.rule == "KJ201"


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_what_stays_small_may_be_as_dense_as_it_likes(tmp_path, codec):
    path = tmp_path / "a"
    pack = {"gzip": gzip.compress, "zstd": lambda data: pa.compress(data, codec="zstd", asbytes=True)}[codec]
    path.write_bytes(pack(b'{"n": 1}\n' * 2_000_000))
    bounds.check(path, codec)


def test_many_small_zstd_frames_are_counted_not_guessed(tmp_path):
    """Each frame could hold a full block, so the headers alone would refuse the file."""
    path = tmp_path / "a.zst"
    path.write_bytes(pa.compress(b'{"n": 1}\n' * 5, codec="zstd", asbytes=True) * 5000)
    bounds.check(path, "zstd")


def test_skippable_zstd_frames_are_skipped(release):
    frame = pa.compress(b'{"n": 1}\n', codec="zstd", asbytes=True)
    skipped = (0x184D2A53).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"abc"
    (release.root / "a.jsonl.zst").write_bytes(skipped + frame + skipped + frame)
    result = release.scan(release.source("a.jsonl.zst", tokens="n"))
    assert (result.sources[0].tokens, result.findings) == (2, ())


def test_zstd_cut_off_anywhere_is_seen(tmp_path):
    path = tmp_path / "a.zst"
    frame = pa.compress(os.urandom(300_000), codec="zstd", asbytes=True)
    for length in (2, 4, 5, 9, 1000, 200_000, len(frame) - 1):
        path.write_bytes(frame[:length])
        with pytest.raises(ShardError, match="cut off"):
            bounds.check(path, "zstd")
    path.write_bytes(frame + b"something else")
    with pytest.raises(ShardError, match="not in the zstd format"):
        bounds.check(path, "zstd")


def test_a_line_that_is_too_long_is_refused(release):
    long = bounds.LONGEST_LINE
    release.jsonl("a.jsonl", [{"t": "x"}, {"t": "x" * (2 * long + 1)}])
    release.jsonl("b.jsonl", [{"t": "x"}, {"t": "x" * (long - 20)}])
    result = release.scan(release.source("*.jsonl", text="t"), memory="4GB")
    (finding,) = result.findings
    assert (finding.id, finding.place.file) == ("KJ201", "a.jsonl")
    assert finding.message == "a line is longer than the scan allows"
    assert result.sources[0].bytes == long - 19


def test_concatenated_gzip_members_are_all_read(release):
    (release.root / "a.jsonl.gz").write_bytes(gzip.compress(b'{"n": 1}\n') + gzip.compress(b'{"n": 2}\n'))
    assert release.scan(release.source("a.jsonl.gz", tokens="n")).sources[0].tokens == 3
