"""How far a compressed shard may expand, told before the engine reads it.

A shard may always expand to :data:`FREE_BYTES`, and beyond that to :data:`LARGEST_RATIO` times its size (text
seldom passes 20). zstd files name their blocks, so that their largest size follows from the block headers alone,
and a file that is cut off is seen as well; a gzip file is sampled from its beginning, and decompressed whole when
the length in its trailer passes the bound. Memory is bounded in any case: by the engine's limit and by
:data:`LONGEST_LINE`.
"""

import os
import struct
from pathlib import Path

from kaiji.scan.failure import ShardError
from kaiji.scan.files import Compression

FREE_BYTES = 64 * 2**20
"""Expanded size in bytes up to which no ratio is asked for."""
LARGEST_RATIO = 200
"""Most bytes that one compressed byte may stand for."""
LONGEST_LINE = 32 * 2**20
"""A line of JSONL of so many bytes is always read (`maximum_object_size`); one of twice as many never is."""

_CHUNK = 2**20
_SAMPLE = 8 * 2**20
"""A sample ends here when its ratio is ordinary."""
_ORDINARY_RATIO = 50
_GZIP_RATIO = 1032
"""DEFLATE cannot expand further."""
_ZSTD_BLOCK = 128 * 2**10
"""Most bytes that one compressed block of zstd expands to."""


def check(path: Path, compression: Compression) -> None:
    """Raises :class:`ShardError`: KJ209 when ``path`` expands beyond the bound, KJ201 when it is seen to be damaged."""
    size = path.stat().st_size
    if compression == "uncompressed" or size == 0:
        return
    bound = max(FREE_BYTES, LARGEST_RATIO * size)
    if compression == "zstd":
        beyond = _zstd_at_most(path, size) > bound and _expands_beyond(path, "zstd", bound, whole=True)
    else:
        whole = _gzip_trailer(path, size) > bound
        beyond = (whole or _GZIP_RATIO * size > bound) and _expands_beyond(path, "gzip", bound, whole=whole)
    if beyond:
        raise ShardError("KJ209", "it expands beyond the bound for compressed files")


def _gzip_trailer(path: Path, size: int) -> int:
    """Length in the trailer of the last gzip member, modulo 2^32; 0 where there is no trailer."""
    if size < 18:
        return 0
    with path.open("rb") as stream:
        stream.seek(-4, os.SEEK_END)
        return int.from_bytes(stream.read(4), "little")


def _expands_beyond(path: Path, codec: str, bound: int, *, whole: bool) -> bool:
    """True when decompression passes ``bound``; a sample (not ``whole``) also when its ratio does."""
    import pyarrow as pa

    produced = 0
    try:
        with pa.OSFile(str(path)) as raw, pa.CompressedInputStream(raw, codec) as stream:
            while chunk := stream.read(_CHUNK):
                produced += len(chunk)
                if produced > bound:
                    return True
                if whole:
                    continue
                consumed = max(raw.tell(), 1)
                if produced > FREE_BYTES:
                    return bool(produced > LARGEST_RATIO * consumed)
                if produced >= _SAMPLE and produced <= _ORDINARY_RATIO * consumed:
                    return False
    except (OSError, pa.ArrowException) as error:
        raise ShardError("KJ201", "the compressed file is damaged", detail=str(error)) from error
    return False


def _zstd_at_most(path: Path, size: int) -> int:
    """Upper bound in bytes of what a zstd file expands to, from its frame and block headers (RFC 8878)."""
    total, at = 0, 0
    with path.open("rb", buffering=0) as stream:

        def read(length: int) -> bytes:
            data = os.pread(stream.fileno(), length, at)
            if len(data) < length:
                raise ShardError("KJ201", "the compressed file is cut off")
            return data

        while at < size:
            (magic,) = struct.unpack("<I", read(4))
            if magic & 0xFFFFFFF0 == 0x184D2A50:
                at += 8 + struct.unpack("<4xI", read(8))[0]
                continue
            if magic != 0xFD2FB528:
                raise ShardError("KJ201", "the file is not in the zstd format")
            descriptor = read(5)[4]
            single = descriptor >> 5 & 1
            length_field = (single, 2, 4, 8)[descriptor >> 6]
            at += 5 + (1 - single) + (0, 1, 2, 4)[descriptor & 3] + length_field
            last = False
            while not last:
                header = int.from_bytes(read(3), "little")
                last, kind, length = bool(header & 1), header >> 1 & 3, header >> 3
                at += 3 + (1 if kind == 1 else length)
                total += _ZSTD_BLOCK if kind == 2 else length
            at += 4 * (descriptor >> 2 & 1)
    if at > size:
        raise ShardError("KJ201", "the compressed file is cut off")
    return total
