"""Shards of a store, for the engine: numbered files of a file system of its own, or copies in the private folder.

DuckDB opens `kaijishard://7` through a file system of `fsspec` that knows nothing but the shards of the scan, so that
no extension has to be downloaded, the engine stays shut off (each of these names is one of its allowed paths), and
neither a wildcard in a key nor an address ever reaches it. Parquet is read so by the ranges that the engine asks for,
which are the chunks of the columns needed, and uncompressed JSONL by its buffers. What has to be read whole in any
case, compressed JSONL and folders saved by `datasets`, is copied first (:func:`at_hand`).
"""

import os
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kaiji.scan import fingerprint, storage
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile

if TYPE_CHECKING:
    import duckdb

_Found = TypeVar("_Found")

PROTOCOL = "kaijishard"
_SMALL = 2**20
"""Bytes of a range that is kept, because the engine reads footers and short columns for every query again."""
_KEPT = 16 * 2**20
"""Bytes of all ranges that are kept."""


class Attached:
    """The remote ``files`` as files of ``connection``; to be made before the engine is shut off.

    The paths of allowed files are compared under the file system that is registered then.
    """

    def __init__(self, connection: "duckdb.DuckDBPyConnection", files: Iterable[DataFile]) -> None:
        remote = dict.fromkeys(file.location for file in files if isinstance(file.location, str))
        self._names = {address: f"{PROTOCOL}://{number}" for number, address in enumerate(remote)}
        self._connection = connection
        recent = _Recent()
        self._shards = {name: _Shard(address, recent) for address, name in self._names.items()}
        if remote:
            connection.register_filesystem(_file_system(self._shards))

    def paths(self) -> list[str]:
        """Names under which the engine opens the files: what it must be allowed."""
        return list(self._names.values())

    def path(self, file: DataFile) -> str:
        """Name under which the engine opens ``file``."""
        return self._names[str(file.location)]

    def failure(self, file: DataFile) -> ShardError | None:
        """Why ``file`` could not be read, if a query failed because of that."""
        return self._shards[self.path(file)].failure if file.is_remote else None

    def close(self) -> None:
        """Lets the engine go, which otherwise holds on to the file system; before the connection is closed."""
        if self._names:
            self._connection.unregister_filesystem(PROTOCOL)


class _Recent:
    """Short ranges of files that were read lately, by (address, start, end)."""

    def __init__(self) -> None:
        self._ranges: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, int, int]) -> bytes | None:
        with self._lock:
            if key in self._ranges:
                self._ranges.move_to_end(key)
            return self._ranges.get(key)

    def put(self, key: tuple[str, int, int], data: bytes) -> None:
        with self._lock:
            self._bytes += len(data) - len(self._ranges.pop(key, b""))
            self._ranges[key] = data
            while self._bytes > _KEPT:
                self._bytes -= len(self._ranges.popitem(last=False)[1])


class _Shard:
    """A file of a store. ``failure`` is why it could not be read: the engine makes a text of every exception."""

    def __init__(self, address: str, recent: _Recent) -> None:
        self._address, self._recent = address, recent
        self._size: int | None = None
        self.failure: ShardError | None = None

    def size(self) -> int:
        """Bytes, asked for once."""
        if self._size is None:
            self._size = self._kept(lambda: storage.info(self._address).size)
        return self._size

    def read(self, start: int, length: int) -> bytes:
        """Bytes from ``start``: as many as asked for, or up to the end."""
        end = min(start + length, self.size())
        if start >= end:
            return b""
        if end - start > _SMALL:
            return self._kept(lambda: storage.read(self._address, start, end))
        key = self._address, start, end
        data = self._recent.get(key)
        if data is None:
            data = self._kept(lambda: storage.read(self._address, start, end))
            self._recent.put(key, data)
        return data

    def _kept(self, action: Callable[[], _Found]) -> _Found:
        try:
            return action()
        except ShardError as error:
            self.failure = error
            raise OSError(error.message) from None


class _Handle:
    """What the engine opens. It seeks and reads in two steps, and several threads may share a handle: a position
    that a thread sought holds for its next read, whatever the others do; without one, reading goes on."""

    def __init__(self, shard: _Shard) -> None:
        self._shard = shard
        self._at = 0
        self._sought: dict[int, int] = {}

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._shard.size())[whence]
        self._sought[threading.get_ident()] = self._at
        return self._at

    def tell(self) -> int:
        return self._sought.get(threading.get_ident(), self._at)

    def read(self, length: int) -> bytes:
        start = self._sought.pop(threading.get_ident(), None)
        if start is None:
            start = self._at
            self._sought.clear()
        data = self._shard.read(start, length)
        self._at = start + len(data)
        return data

    def close(self) -> None:
        self._sought.clear()


def _file_system(shards: Mapping[str, _Shard]) -> Any:
    from fsspec import AbstractFileSystem

    class Shards(AbstractFileSystem):  # type: ignore[misc]
        """What the engine asks of a file system; it hands over the names as they are in the query."""

        protocol = PROTOCOL
        cachable = False

        def glob(self, path: str, **_: Any) -> list[str]:
            return [path]

        def open(self, path: str, *_: Any, **__: Any) -> _Handle:
            return _Handle(shards[path])

        def size(self, path: str) -> int:
            return shards[path].size()

        def modified(self, *_: Any) -> datetime:
            return datetime(1970, 1, 1, tzinfo=UTC)

    return Shards()


@contextmanager
def at_hand(file: DataFile, folder: Path) -> Iterator[DataFile]:
    """``file`` as the engine can read it: a remote one that is read whole as a copy in ``folder``, removed afterwards.

    The copy is no larger than the shard, and is not begun when it would not fit. Raises :class:`ShardError` (KJ201).
    """
    if not file.is_remote or (file.format != "datasets" and file.compression == "uncompressed"):
        yield file
        return
    place = Path(tempfile.mkdtemp(prefix="copy-", dir=folder))
    try:
        yield file._replace(location=_copied(file, place))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _copied(file: DataFile, place: Path) -> Path:
    parts = [(str(part.location), part.name) for part in fingerprint.parts(file)]
    sizes = {address: storage.info(address).size for address, _ in parts}
    if sum(sizes.values()) > shutil.disk_usage(place).free:
        raise ShardError("KJ201", "the temporary folder has no room for a copy of it")
    whole = place / "shard"
    try:
        for address, name in parts:
            target = whole / name if file.format == "datasets" else whole
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as stream:
                stream.writelines(storage.pieces(address, sizes[address]))
    except OSError as error:
        raise ShardError("KJ201", "it cannot be copied to the temporary folder", detail=error.strerror) from error
    return whole
