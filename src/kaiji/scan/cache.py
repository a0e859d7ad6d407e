"""The cache: partials and merged results in a folder that only its user can read.

An entry is a folder `<kind>/<first two digits>/<key>` with data files and `entry.json`, which holds their digests and
lengths, and its own digest. It is made beside its place and renamed into it, and out of it before it is removed, so
that an entry is there whole or not at all, also with several scans at once. Whoever takes an entry gets links of its
own to the files, so that clearing the cache meanwhile does no harm, and their digests are compared, because Parquet
has no checksum that would find a flipped bit.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kaiji.errors import InputError

ENTRY = "entry.json"
_NEW = ".unfinished"
_SCHEMA = "kaiji/cache-entry/v1"
_DAMAGED = "an entry of the cache was damaged; it was removed"
_KEY = re.compile(r"[0-9a-f]{40}")
_ATTEMPTS = 10
"""How often an entry is looked for that another scan replaces meanwhile."""


class DamagedError(Exception):
    """An entry of the cache is not what was written; it has been removed."""


class Kind(NamedTuple):
    """How much of one kind the cache holds."""

    entries: int
    bytes: int


def user_folder() -> Path | None:
    """Where the cache of this user is: `$XDG_CACHE_HOME/kaiji`, else `~/.cache/kaiji`; None without a home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if base and Path(base).is_absolute():
        return Path(base) / "kaiji"
    try:
        return Path.home() / ".cache" / "kaiji"
    except RuntimeError:
        return None


class Cache:
    """A cache in ``folder``, which is made, with access for its user alone, when something is put.

    A key is a digest of 40 hexadecimal digits: what is called otherwise is no entry, and is never removed.
    ``notices`` tells what was wrong with the cache. Raises :class:`InputError` when ``folder`` exists and others can
    write to it, or it belongs to somebody else: they could make up figures.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.notices: list[str] = []
        try:
            state = self.folder.stat()
        except FileNotFoundError:
            return
        except OSError as error:
            raise InputError(f"the cache folder cannot be used: {error.strerror}") from error
        if not stat.S_ISDIR(state.st_mode):
            raise InputError("the cache folder cannot be used: it is no folder")
        if os.geteuid() not in (0, state.st_uid) or state.st_mode & 0o022:
            raise InputError("the cache folder cannot be used: others can write to it (chmod 700)")

    def put(self, kind: str, key: str, files: Mapping[str, Path], record: Mapping[str, Any]) -> None:
        """Stores copies of ``files`` and ``record`` (JSON data) under ``key``; an entry that is there is replaced.

        Raises :class:`OSError` when the cache cannot be written; nothing half-written is left then.
        """
        try:
            self._put(kind, key, files, record)
        except FileNotFoundError:  # the cache was cleared meanwhile
            self._put(kind, key, files, record)

    def _put(self, kind: str, key: str, files: Mapping[str, Path], record: Mapping[str, Any]) -> None:
        made = self._unfinished()
        try:
            about: dict[str, dict[str, object]] = {}
            for name, path in files.items():
                copied = made / name
                _same_or_copy(path, copied)
                copied.chmod(0o600)
                about[name] = {"bytes": copied.stat().st_size, "blake2b": _digest(copied)}
            _write(made / ENTRY, _text(kind, key, about, record))
            self._into_place(made, self._folder(kind, key[:2]) / key)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def record(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """The record of an entry, without a look at its files; None, and the entry is removed, when it is damaged."""
        entry = self._entry(kind, key)
        return None if entry is None else entry["record"]

    def amend(self, kind: str, key: str, record: Mapping[str, Any]) -> None:
        """Gives an entry another record; nothing happens when it is gone. Raises :class:`OSError`."""
        place = self._place(kind, key)
        entry = self._entry(kind, key)
        if entry is None:
            return
        made = place / f"{ENTRY}.{os.getpid()}.{threading.get_ident()}"
        with contextlib.suppress(FileNotFoundError):
            _write(made, _text(kind, key, entry["files"], record))
            made.replace(place / ENTRY)

    def files(self, kind: str, key: str, into: Path) -> dict[str, Path] | None:
        """Links to the files of an entry, by name, in a folder of their own in ``into``; None when there is no entry.

        Raises :class:`DamagedError`, and removes the entry, when they are not what was written.
        """
        place = self._place(kind, key)
        for _ in range(_ATTEMPTS):
            with _watched(place) as is_there:
                entry = self._entry(kind, key)
                if entry is None:
                    return None
                own = Path(tempfile.mkdtemp(prefix="cached-", dir=into))
                try:
                    found = {name: own / name for name in entry["files"]}
                    for name, path in found.items():
                        _same_or_copy(place / name, path)
                        if entry["files"][name] != {"bytes": path.stat().st_size, "blake2b": _digest(path)}:
                            raise ValueError("another content")
                    return found
                except (OSError, ValueError) as error:
                    shutil.rmtree(own, ignore_errors=True)
                    if is_there():
                        self.spoilt(kind, key)
                        raise DamagedError from error
        return None

    def spoilt(self, kind: str, key: str) -> None:
        """Removes an entry that is not what it should be, and gives notice."""
        self.notices.append(_DAMAGED)
        self._remove(self._place(kind, key))

    def usage(self) -> dict[str, Kind]:
        """What the cache holds, by kind, sorted."""
        found: dict[str, Kind] = {}
        for kind, place in self._entries():
            before = found.get(kind, Kind(0, 0))
            with contextlib.suppress(FileNotFoundError):  # a scan replaces it just now
                size = sum(file.stat().st_size for file in place.iterdir())
                found[kind] = Kind(before.entries + 1, before.bytes + size)
        return dict(sorted(found.items()))

    def clear(self) -> None:
        """Removes all entries. A scan that runs meanwhile is not harmed."""
        for _, place in self._entries():
            self._remove(place)
        shutil.rmtree(self.folder / _NEW, ignore_errors=True)

    def _entry(self, kind: str, key: str) -> dict[str, Any] | None:
        place = self._place(kind, key)
        data = None
        for _ in range(_ATTEMPTS):
            with _watched(place) as is_there:
                try:
                    data = (place / ENTRY).read_bytes()
                except OSError:
                    data = b"" if is_there() else None
            if data is not None or not place.exists():
                break
        if data is None:
            return None
        try:
            entry: dict[str, Any] = json.loads(data)
            if data == _text(kind, key, entry["files"], entry["record"]):
                return entry
        except (ValueError, LookupError, TypeError, RecursionError):
            pass
        self.spoilt(kind, key)
        return None

    def _entries(self) -> Iterator[tuple[str, Path]]:
        for place in sorted(self.folder.glob("*/??/*")):
            if _KEY.fullmatch(place.name) and place.parent.name == place.name[:2]:
                yield place.parts[-3], place

    def _place(self, kind: str, key: str) -> Path:
        return self.folder / kind / key[:2] / key

    def _folder(self, *names: str) -> Path:
        """A folder in the cache, made with access for its user alone, as all above it in the cache."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        place = self.folder
        for name in ("", *names):
            place = place / name
            with contextlib.suppress(FileExistsError):
                place.mkdir(mode=0o700)
        return place

    def _unfinished(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._folder(_NEW)))

    def _remove(self, place: Path) -> None:
        """Takes an entry out of its place at once, then removes it."""
        with contextlib.suppress(OSError):
            aside = self._unfinished()
            try:
                place.rename(aside)
            finally:
                shutil.rmtree(aside, ignore_errors=True)

    def _into_place(self, made: Path, place: Path) -> None:
        """Renames ``made`` to ``place``; a folder that is there goes first, another scan's just as good one stays."""
        for _ in range(_ATTEMPTS):
            try:
                made.rename(place)
                return
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            self._remove(place)


@contextlib.contextmanager
def _watched(place: Path) -> Iterator[Callable[[], bool]]:
    """Tells whether the folder that was in ``place`` in the beginning is still there; its number is not given away."""
    try:
        descriptor = os.open(place, os.O_RDONLY)
    except OSError:
        yield lambda: False
        return

    def is_there() -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), place.stat())
        except OSError:
            return False

    try:
        yield is_there
    finally:
        os.close(descriptor)


def _text(kind: str, key: str, files: Mapping[str, object], record: Mapping[str, Any]) -> bytes:
    """Content of `entry.json`, with a digest over all of it and the place that it belongs to."""
    entry = {"schema": _SCHEMA, "files": dict(files), "record": dict(record)}
    told = json.dumps([kind, key, entry], sort_keys=True).encode("ascii")
    digest = hashlib.blake2b(told, digest_size=20).hexdigest()
    return json.dumps({**entry, "digest": digest}, sort_keys=True).encode("ascii")


def _write(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


def _same_or_copy(path: Path, target: Path) -> None:
    """``target`` with the content of ``path``: a hard link where the file system can, else a copy."""
    try:
        target.hardlink_to(path)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(path, target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).hexdigest()
