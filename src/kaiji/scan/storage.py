"""Stores beyond the local disk: whatever `fsspec` opens, listed, and read by ranges of bytes.

Credentials come by the usual environment of the store's package. An exception of such a package quotes end points,
keys and signed addresses, so its words go nowhere: a :class:`ShardError` from here names the reason, and its detail
the class of the exception and the HTTP status. What may pass (a broken connection, a store that is too busy, fewer
bytes than asked for) is tried again after each of :data:`DELAYS`.
"""

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, BinaryIO, NamedTuple, TypeVar

from kaiji.errors import InputError, MissingExtraError
from kaiji.scan.failure import ShardError

DELAYS = (0.5, 2.0, 8.0)
"""Seconds before the second, third and fourth attempt."""
_PIECE = 32 * 2**20
"""Most bytes of one request: what is fetched again when it fails."""
_AHEAD = 4 * 2**20
"""Bytes that a stream reads ahead."""
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}
_VERSIONS = (
    *("ETag", "generation", "etag", "blob_id", "Content-MD5"),
    *("LastModified", "Last-Modified", "last_modified", "mtime", "updated", "modify", "created"),
)
"""Keys under which file systems tell the version of a file, those first that follow its content."""
_NOT_THERE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)

_Found = TypeVar("_Found")


class NotThereError(ShardError):
    """There is no such file, folder or bucket."""


class Info(NamedTuple):
    """What a store tells of a file or folder."""

    size: int
    """Bytes; 0 for a folder."""
    version: str
    """Another one after every change that the store notices; empty where it tells nothing."""
    is_folder: bool


def info(address: str) -> Info:
    """Asks the store anew. Raises :class:`NotThereError`, and :class:`ShardError` (KJ201) when it does not answer."""
    store = _store(address)
    found = store.ask_anew(lambda: store.system.info(store.path(address)))
    if found["type"] == "directory":
        return Info(0, "", True)
    if not isinstance(found.get("size"), int):
        raise ShardError("KJ201", "the store does not tell its size")
    return Info(found["size"], next((f"{key}={found[key]}" for key in _VERSIONS if found.get(key)), ""), False)


def entries(folder: str) -> dict[str, bool]:
    """Names in a folder, and whether each is a folder; none where nothing is. Raises :class:`ShardError` (KJ201)."""
    store = _store(folder)
    base = store.path(folder)
    try:
        listed = store.ask_anew(lambda: store.system.ls(base, detail=True))
    except NotThereError:
        return {}
    named = ((entry["name"], entry["type"] == "directory") for entry in listed)
    return {name: kind for full, kind in named if (name := _inner(base, full)) and "/" not in name}


def files_below(folder: str) -> list[str]:
    """Paths of all files below a folder, relative to it, sorted. Raises :class:`ShardError` (KJ201)."""
    store = _store(folder)
    base = store.path(folder)
    try:
        found = store.ask_anew(lambda: store.system.find(base))
    except NotThereError:
        return []
    return sorted(name for full in found if (name := _inner(base, full)))


def canonical(address: str) -> str:
    """The one address of what may have several (`s3a://` and `s3://`)."""
    store = _store(address)
    return str(store.system.unstrip_protocol(store.path(address)))


def read(address: str, start: int, end: int) -> bytes:
    """Bytes from ``start`` up to ``end``, all of them. Raises :class:`ShardError` (KJ201)."""
    store = _store(address)
    pieces = [store.fetch(address, at, min(at + _PIECE, end)) for at in range(start, end, _PIECE)]
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def pieces(address: str, size: int) -> Iterator[bytes]:
    """The first ``size`` bytes one piece after the other. Raises :class:`ShardError` (KJ201)."""
    for at in range(0, size, _AHEAD):
        yield read(address, at, min(at + _AHEAD, size))


def opened(address: str) -> BinaryIO:
    """A stream that can seek. It, and reading from it, raise :class:`ShardError` (KJ201)."""
    return io.BufferedReader(_Stream(address, info(address).size), _AHEAD)


class _Stream(io.RawIOBase):
    def __init__(self, address: str, size: int) -> None:
        self._address, self._size, self._at = address, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = read(self._address, self._at, max(self._at, min(self._at + len(buffer), self._size)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _inner(base: str, full: str) -> str:
    """``full`` relative to the folder ``base``; empty for what is not below it or climbs."""
    name = full.rstrip("/").removeprefix(base.rstrip("/") + "/")
    climbs = any(part in ("", ".", "..") for part in name.split("/"))
    return "" if climbs or not full.startswith(base.rstrip("/") + "/") else name


class _Store:
    """A file system of `fsspec`; one for each protocol, used by several threads."""

    def __init__(self, protocol: str) -> None:
        import fsspec
        from fsspec.asyn import AsyncFileSystem

        try:
            self.system = fsspec.filesystem(protocol, skip_instance_cache=True)
        except ImportError:
            if protocol in _EXTRAS:
                raise MissingExtraError(f"reading {protocol}://", _EXTRAS[protocol]) from None
            raise InputError(f"reading {protocol}:// needs a package that is not installed") from None
        except Exception:  # what stands on another file system fails as it likes without one
            raise InputError(f"{protocol}:// is no kind of address that can be read") from None
        self._is_silent = False
        several = isinstance(self.system, AsyncFileSystem)
        # Those that are not written for several threads share positions or connections between their files.
        self._alone: AbstractContextManager[Any] = nullcontext() if several else threading.RLock()
        # The default opens the file, whose read-ahead would fetch more than was asked for.
        is_default = not several and type(self.system).cat_file is fsspec.AbstractFileSystem.cat_file
        self._range = {"cache_type": "none"} if is_default else {}

    def path(self, address: str) -> str:
        return str(self.system._strip_protocol(address))

    def fetch(self, address: str, start: int, end: int) -> bytes:
        def action() -> bytes:
            data = bytes(self.system.cat_file(self.path(address), start=start, end=end, **self._range))
            if len(data) != end - start:
                raise EOFError
            return data

        return self.ask(action)

    def ask_anew(self, action: Callable[[], _Found]) -> _Found:
        """As :meth:`ask`, without what the file system remembers of former answers."""
        self.system.invalidate_cache()
        return self.ask(action)

    def ask(self, action: Callable[[], _Found]) -> _Found:
        """Result of ``action``, tried again when the failure may pass; only once after the store gave no answer."""
        for delay in (None,) if self._is_silent else (*DELAYS, None):
            try:
                with self._alone:
                    found = action()
                self._is_silent = False
                return found
            except Exception as error:  # file systems let errors of every library below them through
                status = _status(error)
                detail = type(error).__name__ + (f", HTTP {status}" if status else "")
                if isinstance(error, _NOT_THERE):
                    raise NotThereError("KJ201", "there is no such file, folder or bucket", detail=detail) from None
                if reason := _refusal(error, status):
                    raise ShardError("KJ201", reason, detail=detail) from None
                if delay is None:
                    self._is_silent = True
                    short = isinstance(error, EOFError)
                    reason = "the store sends fewer bytes than asked for" if short else "the store does not answer"
                    raise ShardError("KJ201", reason, detail=detail) from None
            time.sleep(delay)
        raise AssertionError


@cache
def _of_protocol(protocol: str) -> _Store:
    return _Store(protocol)


def _store(address: str) -> _Store:
    return _of_protocol(address.split("://", 1)[0])


def _refusal(error: Exception, status: int | None) -> str | None:
    """Why it is no use to try again; None when it may be."""
    name = type(error).__name__
    if "Credential" in name:
        return "no credentials were found in the environment"
    if isinstance(error, PermissionError) or status in (401, 403):
        return "the store refuses access"
    if status is not None and 400 <= status < 500 and status not in (408, 425, 429):
        return "the store refuses the request"
    if isinstance(error, (ValueError, TypeError, LookupError, NotImplementedError, ImportError)):
        return "the address cannot be read"
    return None


def _status(error: BaseException) -> int | None:
    """HTTP status of an exception or of what caused it."""
    found: list[object] = [getattr(error, "code", None)]
    cause: BaseException | None = error
    while cause is not None:
        response = getattr(cause, "response", None)
        told = response.get("ResponseMetadata") if isinstance(response, dict) else None
        found += [getattr(cause, "status", None), getattr(response, "status_code", None)]
        found += [told.get("HTTPStatusCode") if isinstance(told, dict) else None]
        cause = cause.__cause__
    return next((status for status in found if isinstance(status, int)), None)
