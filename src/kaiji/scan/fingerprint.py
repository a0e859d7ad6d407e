"""Identity of a shard: its SHA-256, and a fingerprint that tells whether it changed while it was read."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from kaiji.scan.failure import ShardError

Fingerprint = tuple[tuple[str, int, int, int], ...]
"""(name, size in bytes, modification time in ns, inode) of every file of a shard, sorted by name."""


def fingerprint(path: Path) -> Fingerprint:
    """State of a file, or of all files of a folder. Raises :class:`ShardError` for what is no plain file."""
    try:
        return tuple((name, *_state(file)) for name, file in _files(path))
    except OSError as error:
        raise ShardError("KJ201", "the file cannot be opened", detail=error.strerror) from error


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal; of a folder, over the lines `name, NUL, SHA-256` of its sorted files."""
    try:
        if not path.is_dir():
            return _sha256(path)
        lines = (f"{name}\0{_sha256(file)}\n" for name, file in _files(path))
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
    except OSError as error:
        raise ShardError("KJ201", "the file cannot be read", detail=error.strerror) from error


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    if not path.is_dir():
        yield path.name, path
        return
    found = [Path(folder, name) for folder, _, names in os.walk(path, onerror=_refuse) for name in names]
    yield from sorted((file.relative_to(path).as_posix(), file) for file in found)


def _refuse(error: OSError) -> None:
    raise error


def _state(file: Path) -> tuple[int, int, int]:
    state = file.stat()
    if not stat.S_ISREG(state.st_mode):
        # A named pipe would make the scan wait for ever.
        raise ShardError("KJ201", "it is not a plain file")
    return state.st_size, state.st_mtime_ns, state.st_ino


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
