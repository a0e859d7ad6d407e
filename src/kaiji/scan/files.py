"""Which data files a source names, in which format; the folders that must not be left.

Patterns are relative to the folder of release.yaml, or lie inside a data root: an absolute path, or an address with
a protocol (`s3://bucket/corpus/*.parquet`). :mod:`kaiji.scan.search` has their rules.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Literal, NamedTuple, Protocol

from kaiji.findings import Finding, Place
from kaiji.manifest.addresses import is_address
from kaiji.manifest.models import DataSource, Files
from kaiji.scan import storage
from kaiji.scan.failure import ShardError
from kaiji.scan.search import LocalSearch, Match, StoreSearch, is_literal

Format = Literal["parquet", "jsonl", "datasets"]
Compression = Literal["uncompressed", "gzip", "zstd"]

_COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}


class Opens(Protocol):
    """What :meth:`open` gives a stream of bytes: a data file, a path."""

    def open(self, mode: Literal["rb"]) -> IO[bytes]: ...


class DataFile(NamedTuple):
    """A shard that is to be read."""

    location: Path | str
    """Absolute path with symbolic links resolved, or an address (`s3://…`): the identity of the shard."""
    name: str
    """Path relative to the folder of release.yaml, with `/`, or the address as it was named."""
    format: Format
    compression: Compression

    @property
    def is_remote(self) -> bool:
        return isinstance(self.location, str)

    @property
    def real(self) -> Path:
        """Path of a local shard."""
        if isinstance(self.location, str):
            raise TypeError("a shard of a store has no path")
        return self.location

    def open(self, mode: Literal["rb"] = "rb") -> IO[bytes]:
        """A stream of its bytes that can seek. Raises :class:`OSError`; ShardError (KJ201) for a remote shard."""
        return storage.opened(self.location) if isinstance(self.location, str) else self.location.open(mode)


class Found(NamedTuple):
    """The shards of one source, sorted by name, and what is wrong with its patterns."""

    files: tuple[DataFile, ...]
    findings: tuple[Finding, ...]
    outside: tuple[Finding, ...]
    """KJ109: paths that leave the allowed folders; nothing may be read then."""


def find(source: DataSource, root: Path, data_roots: Sequence[str | Path] = ()) -> Found:
    """The data files of ``source``, without reading any of them; none for a source without ``files``.

    ``root`` is the folder of release.yaml; ``data_roots`` are the folders outside it that are allowed too: absolute,
    relative to ``root``, or addresses. Raises :class:`InputError` and :class:`MissingExtraError` for a kind of
    address that cannot be read, or not without a package that is not installed.
    """
    local, stores = LocalSearch(root, data_roots), StoreSearch(data_roots)
    if source.files is None:
        return Found((), (), ())
    findings: list[Finding] = []
    outside: list[Finding] = []
    matched: dict[Path | str, Match] = {}
    unknown: dict[Path | str, Match] = {}
    for number, pattern in enumerate(source.files.paths, start=1):
        before = len(local.left) + len(stores.left)
        try:
            matches = stores.matches(pattern) if is_address(pattern) else local.matches(pattern)
        except ShardError as error:
            detail = f"{pattern}: {error.detail}"
            findings.append(_at_source(source, "KJ201", f"pattern {number}: {error.message}", detail))
            continue
        if len(local.left) + len(stores.left) > before:
            message = f"pattern {number} leaves the folder of release.yaml and the data roots"
            outside.append(_at_source(source, "KJ109", message, pattern))
            continue
        kinds = [(match, _kind(match, source.files, literal=is_literal(pattern))) for match in matches]
        for match, kind in kinds:
            if kind != "ignored":
                (unknown if kind is None else matched).setdefault(match.location, match)
        if all(kind == "ignored" for _, kind in kinds):
            findings.append(_at_source(source, "KJ202", f"pattern {number} matches no data file", pattern))
    folders = {_pure(location) for location, match in matched.items() if match.is_folder}
    for location, match in unknown.items():
        if folders.isdisjoint(_pure(location).parents):
            place = Place(file=match.name)
            findings.append(Finding(id="KJ205", message="the name does not tell the format", place=place))
    files = []
    for location, match in matched.items():
        # What lies in a saved dataset is part of it, also when a pattern matches it as well.
        kind = _kind(match, source.files, literal=True)
        if not isinstance(kind, tuple) or not folders.isdisjoint(_pure(location).parents):
            continue
        if _shown(str(location)) != str(location):
            place = Place(file=_shown(match.name))
            findings.append(Finding(id="KJ201", message="the name of the file is not UTF-8", place=place))
        else:
            files.append(DataFile(location, match.name, *kind))
            if match.is_folder and isinstance(location, Path) and not local.encloses(location):
                message = "a link in a saved dataset leaves the folder of release.yaml and the data roots"
                outside.append(_at_source(source, "KJ109", message, match.name))
    for folder in local.unlisted:
        place = Place(file=local.name(folder))
        findings.append(Finding(id="KJ201", message="the folder cannot be listed", place=place))
    return Found(tuple(sorted(files, key=lambda file: file.name)), tuple(findings), tuple(outside))


def _at_source(source: DataSource, rule: str, message: str, detail: str) -> Finding:
    key = f"{source.place.key}.files.paths" if source.place.key else "files.paths"
    return Finding(id=rule, message=message, place=source.place.model_copy(update={"key": key}), detail=detail)


def _kind(match: Match, files: Files, *, literal: bool) -> tuple[Format, Compression] | Literal["ignored"] | None:
    """Format and compression of a match; ``ignored`` for a folder in passing, ``None`` when it cannot be told."""
    if match.is_folder:
        if files.format in ("parquet", "jsonl"):
            return "ignored"
        if match.is_saved_dataset:
            return "datasets", "uncompressed"
        return None if literal else "ignored"
    name = match.name.lower()
    if files.format == "datasets":
        return "ignored"
    if files.format == "parquet" or (files.format == "auto" and name.endswith(".parquet")):
        return "parquet", "uncompressed"
    if files.format == "jsonl" or name.endswith((".jsonl", ".jsonl.gz", ".jsonl.zst")):
        return "jsonl", _COMPRESSIONS.get(PurePosixPath(name).suffix, "uncompressed")
    return None


def _pure(location: Path | str) -> PurePosixPath:
    return PurePosixPath(str(location))


def _shown(name: str) -> str:
    """``name`` with bytes that are not UTF-8 written out."""
    return name.encode("utf-8", "backslashreplace").decode()
