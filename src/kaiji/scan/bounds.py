"""How far a compressed shard may expand, told before the engine reads it.

A shard may always expand to :data:`FREE_BYTES`, and beyond that to :data:`LARGEST_RATIO` times its size (text
seldom passes 20). zstd files name their blocks, so that their largest size follows from the block headers alone,
and a file that is cut off is seen as well; a gzip file is sampled from its beginning, and decompressed whole when
the length in its trailer passes the bound. Memory is bounded in any case: by the engine's limit and by
:data:`LONGEST_LINE`.

A compressed shard of a store is read whole in any case, and is copied into the private folder first
(:mod:`kaiji.scan.attached`): so this look at it, the engine's reading and a second reading cost one transfer, and
all of them see the same bytes.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from typing import IO

from kaiji.scan.failure import ShardError
from kaiji.scan.files import Compression, Opens

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


def check(file: Opens, compression: Compression) -> None:
    """Raises :class:`ShardError`: KJ209 when a local file expands beyond the bound, KJ201 for damage that is seen.

    Raises :class:`OSError` when it cannot be opened. What is not compressed is not looked at.
    """
    if compression == "uncompressed":
        return
    with file.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        bound = max(FREE_BYTES, LARGEST_RATIO * size)
        if compression == "zstd":
            beyond = _zstd_at_most(stream.fileno(), size) > bound and _zstd_expands_beyond(stream, bound)
        else:
            whole = _gzip_trailer(stream, size) > bound
            beyond = (whole or _GZIP_RATIO * size > bound) and _gzip_expands_beyond(stream, bound, whole=whole)
    if beyond:
        raise ShardError("KJ209", "it expands beyond the bound for compressed files")


def _gzip_trailer(stream: IO[bytes], size: int) -> int:
    """Length in the trailer of the last gzip member, modulo 2^32; 0 where there is no trailer."""
    if size < 18:
        return 0
    stream.seek(-4, os.SEEK_END)
    length = int.from_bytes(stream.read(4), "little")
    stream.seek(0)
    return length


def _gzip_expands_beyond(stream: IO[bytes], bound: int, *, whole: bool) -> bool:
    """True when decompression passes ``bound``; a sample (not ``whole``) also when its ratio does."""
    try:
        for consumed, produced in _gunzipped(stream):
            if produced > bound:
                return True
            if whole:
                continue
            if produced > FREE_BYTES:
                return produced > LARGEST_RATIO * consumed
            if _SAMPLE <= produced <= _ORDINARY_RATIO * consumed:
                return False
    except (EOFError, zlib.error) as error:
        raise ShardError("KJ201", "the compressed file is damaged", detail=str(error)) from error
    return False


def _gunzipped(stream: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Bytes (consumed, produced) so far, at every step through a file of one or more gzip members."""
    consumed = produced = 0
    data = b""
    while True:
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        while not member.eof:
            fresh = b"" if data else stream.read(_CHUNK // 16)
            consumed += len(fresh)
            data = data or fresh
            if not data:
                raise EOFError("the file is cut off")
            produced += len(member.decompress(data, _CHUNK))
            data = member.unconsumed_tail
            yield consumed - len(data), produced
        data = member.unused_data
        fresh = b"" if data else stream.read(_CHUNK // 16)
        consumed += len(fresh)
        data = data or fresh
        if not data.strip(b"\0"):
            return


def _zstd_expands_beyond(stream: IO[bytes], bound: int) -> bool:
    import pyarrow as pa

    produced = 0
    try:
        with pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd") as expanded:
            while chunk := expanded.read(_CHUNK):
                produced += len(chunk)
                if produced > bound:
                    return True
    except (OSError, pa.ArrowException) as error:
        raise ShardError("KJ201", "the compressed file is damaged", detail=str(error)) from error
    return False


def _zstd_at_most(descriptor: int, size: int) -> int:
    """Upper bound in bytes of what a zstd file expands to, from its frame and block headers (RFC 8878)."""
    total, at = 0, 0

    def read(length: int) -> bytes:
        data = os.pread(descriptor, length, at)
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
        flags = read(5)[4]
        single = flags >> 5 & 1
        length_field = (single, 2, 4, 8)[flags >> 6]
        at += 5 + (1 - single) + (0, 1, 2, 4)[flags & 3] + length_field
        last = False
        while not last:
            header = int.from_bytes(read(3), "little")
            last, kind, length = bool(header & 1), header >> 1 & 3, header >> 3
            at += 3 + (1 if kind == 1 else length)
            total += _ZSTD_BLOCK if kind == 2 else length
        at += 4 * (flags >> 2 & 1)
    if at > size:
        raise ShardError("KJ201", "the compressed file is cut off")
    return total
