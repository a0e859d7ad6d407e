"""Identity of a shard: its state, which tells whether it changed while it was read, a fast fingerprint, its SHA-256."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kaiji.scan import storage
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile

_END = 64 * 2**10
"""Bytes at the beginning and at the end of a file that :func:`fast` reads."""


class FileState(NamedTuple):
    """A file of a shard without its content."""

    name: str
    """Within the folder, with `/`; the last part of the path for a shard of one file."""
    size: int
    """Bytes."""
    changed: str
    """Modification time in ns of a local file; the version that a store tells (ETag, generation, time)."""
    inode: int
    """0 in a store."""


State = tuple[FileState, ...]
"""All files of a shard, sorted by name."""


def state(file: DataFile) -> State:
    """State of a shard, without reading it. Raises :class:`ShardError` (KJ201) for what is no plain file."""
    try:
        return tuple(_state(part) for part in parts(file))
    except OSError as error:
        raise ShardError("KJ201", "the file cannot be opened", detail=error.strerror) from error


def size(found: State) -> int:
    """Bytes of all files."""
    return sum(part.size for part in found)


def fast(file: DataFile) -> str:
    """BLAKE2b (hex) over name, size, time or version, first and last 64 KiB of every file of the shard.

    For a local shard the name is that within a saved dataset only, so that a shard which was moved keeps its
    fingerprint. What it misses: an edit in the middle that leaves the size and puts the modification time back. A
    Parquet file seldom hides one, because its footer holds offsets and bounds; JSONL has no footer and can. A store's
    ETag, generation or checksum misses nothing; where a store tells only a time, it is as with a local file. Whoever
    cannot rule that out takes :func:`sha256`. Raises :class:`ShardError` (KJ201).
    """
    digest = hashlib.blake2b(digest_size=32)
    try:
        for part in parts(file):
            found = _state(part)
            name = part.name if file.format == "datasets" else ""
            digest.update(f"{name}\0{found.size}\0{found.changed}\0".encode("utf-8", "surrogateescape"))
            for start, end in ((0, min(_END, found.size)), (max(_END, found.size - _END), found.size)):
                digest.update(_range(part, start, end))
    except OSError as error:
        raise ShardError("KJ201", "the file cannot be read", detail=error.strerror) from error
    return digest.hexdigest()


def sha256(file: DataFile) -> str:
    """SHA-256 (hex) of a file; of a folder, over the lines `name, NUL, SHA-256` of its sorted files.

    Raises :class:`ShardError` (KJ201).
    """
    try:
        if file.format != "datasets":
            return _sha256(file)
        lines = (f"{part.name}\0{_sha256(part)}\n" for part in parts(file))
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
    except OSError as error:
        raise ShardError("KJ201", "the file cannot be read", detail=error.strerror) from error


def parts(file: DataFile) -> Iterator[DataFile]:
    """The files of a shard, sorted by name; ``name`` is that within the folder of a saved dataset."""
    place = file.location
    if file.format != "datasets":
        yield file._replace(name=str(place).rpartition("/")[2])
    elif isinstance(place, str):
        for name in storage.files_below(place):
            yield file._replace(location=f"{place}/{name}", name=name)
    else:
        found = [Path(folder, name) for folder, _, names in os.walk(place, onerror=_refuse) for name in names]
        for name, path in sorted((path.relative_to(place).as_posix(), path) for path in found):
            yield file._replace(location=path, name=name)


def _refuse(error: OSError) -> None:
    raise error


def _state(part: DataFile) -> FileState:
    if isinstance(part.location, str):
        found = storage.info(part.location)
        if found.is_folder:
            raise ShardError("KJ201", "it is not a plain file")
        return FileState(part.name, found.size, found.version, 0)
    local = part.location.stat()
    if not stat.S_ISREG(local.st_mode):
        # A named pipe would make the scan wait for ever.
        raise ShardError("KJ201", "it is not a plain file")
    return FileState(part.name, local.st_size, str(local.st_mtime_ns), local.st_ino)


def _range(part: DataFile, start: int, end: int) -> bytes:
    if start >= end:
        return b""
    if isinstance(part.location, str):
        return storage.read(part.location, start, end)
    with part.location.open("rb") as stream:
        stream.seek(start)
        return stream.read(end - start)


def _sha256(part: DataFile) -> str:
    with part.open() as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
