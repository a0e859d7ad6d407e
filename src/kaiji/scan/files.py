"""Which data files a source names: patterns, formats, and the folders that must not be left.

Rules of a pattern: relative to the folder of release.yaml, or absolute inside a data root; ``*``, ``?`` and
``[...]`` within a name, ``**`` across folders (``**`` at the end stands for everything below). A name that begins
with a dot is matched only by a pattern that begins with a dot. A folder is entered once, so that symbolic links
which form a loop neither hang nor repeat; a link that leads nowhere is listed, and then cannot be read (KJ201).
"""

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, NamedTuple

from kaiji.findings import Finding, Place
from kaiji.manifest.models import DataSource, Files

Format = Literal["parquet", "jsonl", "datasets"]
Compression = Literal["uncompressed", "gzip", "zstd"]

_MAGIC = re.compile(r"[*?\[]")
_COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}


class DataFile(NamedTuple):
    """A shard that is to be read."""

    path: Path
    """Absolute, as matched."""
    real: Path
    """Symbolic links resolved: the identity of the shard."""
    name: str
    """Relative to the folder of release.yaml, with `/`."""
    format: Format
    compression: Compression


class Found(NamedTuple):
    """The shards of one source, sorted by name, and what is wrong with its patterns."""

    files: tuple[DataFile, ...]
    findings: tuple[Finding, ...]
    outside: tuple[Finding, ...]
    """KJ109: paths that leave the allowed folders; nothing may be read then."""


def find(source: DataSource, root: Path, data_roots: Sequence[str | Path] = ()) -> Found:
    """The data files of ``source``, without reading any of them; none for a source without ``files``.

    ``root`` is the folder of release.yaml; ``data_roots`` are the folders outside it that are allowed too,
    absolute or relative to ``root``.
    """
    search = _Search(root, data_roots)
    if source.files is None:
        return Found((), (), ())
    findings: list[Finding] = []
    outside: list[Finding] = []
    matched: dict[Path, Path] = {}
    unknown: dict[Path, Path] = {}
    for number, pattern in enumerate(source.files.paths, start=1):
        before = len(search.left)
        matches = sorted(search.matches(pattern))
        if len(search.left) > before:
            message = f"pattern {number} leaves the folder of release.yaml and the data roots"
            outside.append(_at_source(source, "KJ109", message, pattern))
            continue
        kinds = {path: _kind(path, source.files, literal=not _MAGIC.search(pattern)) for path in matches}
        for path, kind in kinds.items():
            if kind != "ignored":
                (unknown if kind is None else matched).setdefault(Path(os.path.realpath(path)), path)
        if all(kind == "ignored" for kind in kinds.values()):
            findings.append(_at_source(source, "KJ202", f"pattern {number} matches no data file", pattern))
    folders = {real for real, path in matched.items() if _is_folder(path)}
    for real, path in unknown.items():
        if folders.isdisjoint(real.parents):
            place = Place(file=search.name(path))
            findings.append(Finding(id="KJ205", message="the name does not tell the format", place=place))
    files = []
    for real, path in matched.items():
        # What lies in a saved dataset is part of it, also when a pattern matches it as well.
        kind = _kind(path, source.files, literal=True)
        if not isinstance(kind, tuple) or not folders.isdisjoint(real.parents):
            continue
        if not _encodable(real):
            place = Place(file=_shown(search.name(path)))
            findings.append(Finding(id="KJ201", message="the name of the file is not UTF-8", place=place))
        else:
            files.append(DataFile(path, real, search.name(path), *kind))
            if real in folders and not search.encloses(path):
                message = "a link in a saved dataset leaves the folder of release.yaml and the data roots"
                outside.append(_at_source(source, "KJ109", message, search.name(path)))
    for folder in search.unlisted:
        place = Place(file=search.name(folder))
        findings.append(Finding(id="KJ201", message="the folder cannot be listed", place=place))
    return Found(tuple(sorted(files, key=lambda file: file.name)), tuple(findings), tuple(outside))


def is_saved_dataset(folder: Path) -> bool:
    """True for a folder written by ``Dataset.save_to_disk`` or ``DatasetDict.save_to_disk``."""
    one = (folder / "dataset_info.json").is_file() and (folder / "state.json").is_file()
    return one or (folder / "dataset_dict.json").is_file()


def _at_source(source: DataSource, rule: str, message: str, detail: str) -> Finding:
    key = f"{source.place.key}.files.paths" if source.place.key else "files.paths"
    return Finding(id=rule, message=message, place=source.place.model_copy(update={"key": key}), detail=detail)


def _kind(path: Path, files: Files, *, literal: bool) -> tuple[Format, Compression] | Literal["ignored"] | None:
    """Format and compression of a match; ``ignored`` for a folder in passing, ``None`` when it cannot be told."""
    if _is_folder(path):
        if files.format in ("parquet", "jsonl"):
            return "ignored"
        if is_saved_dataset(path):
            return "datasets", "uncompressed"
        return None if literal else "ignored"
    name = path.name.lower()
    if files.format == "datasets":
        return "ignored"
    if files.format == "parquet" or (files.format == "auto" and name.endswith(".parquet")):
        return "parquet", "uncompressed"
    if files.format == "jsonl" or name.endswith((".jsonl", ".jsonl.gz", ".jsonl.zst")):
        return "jsonl", _COMPRESSIONS.get(path.suffix.lower(), "uncompressed")
    return None


def _encodable(path: Path) -> bool:
    return _shown(str(path)) == str(path)


def _shown(name: str) -> str:
    """``name`` with bytes that are not UTF-8 written out."""
    return name.encode("utf-8", "backslashreplace").decode()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


class _Search:
    """Walks the allowed folders. ``left`` lists paths outside them, ``unlisted`` folders that cannot be listed."""

    def __init__(self, root: Path, data_roots: Sequence[str | Path]) -> None:
        self.root = Path(os.path.normpath(root.absolute()))
        self.allowed = tuple(Path(os.path.realpath(self.root / folder)) for folder in (".", *data_roots))
        self.left: list[Path] = []
        self.unlisted: list[Path] = []

    def name(self, path: Path) -> str:
        """``path`` relative to the folder of release.yaml, with `/`."""
        return Path(os.path.relpath(path, self.root)).as_posix()

    def matches(self, pattern: str) -> set[Path]:
        """Absolute paths that match; paths that lead outside go to ``left`` instead."""
        parts = Path(pattern).parts
        fixed = next((at for at, part in enumerate(parts) if _MAGIC.search(part)), len(parts))
        start = Path(os.path.normpath(self.root.joinpath(*parts[:fixed])))
        if not self._inside(start):
            return set()
        rest = list(parts[fixed:])
        if rest and rest[-1] == "**":
            rest.append("*")
        if not rest:
            return {start} if os.path.lexists(start) else set()
        return {path for path in self._below(start, tuple(rest), set()) if self._inside(path)}

    def encloses(self, folder: Path) -> bool:
        """True when nothing below ``folder`` leads outside the allowed folders."""
        walked = os.walk(folder)
        return all(self._inside(Path(path, name)) for path, inner, names in walked for name in (*inner, *names))

    def _inside(self, path: Path) -> bool:
        real = Path(os.path.realpath(path))
        if any(real == folder or folder in real.parents for folder in self.allowed):
            return True
        self.left.append(path)
        return False

    def _below(self, folder: Path, parts: tuple[str, ...], seen: set[tuple[str, int]]) -> Iterator[Path]:
        """Paths below ``folder`` that match ``parts``; ``seen`` holds (real folder, parts left) already walked."""
        state = os.path.realpath(folder), len(parts)
        if state in seen or not self._inside(folder):
            return
        seen.add(state)
        head, rest = parts[0], parts[1:]
        if head == "**":
            yield from self._below(folder, rest, seen)
        for name in self._names(folder):
            path = folder / name
            if head == "**":
                if not name.startswith(".") and _is_folder(path):
                    yield from self._below(path, parts, seen)
            elif fnmatchcase(name, head) and (head.startswith(".") or not name.startswith(".")):
                if not rest:
                    yield path
                elif _is_folder(path):
                    yield from self._below(path, rest, seen)

    def _names(self, folder: Path) -> list[str]:
        try:
            return sorted(path.name for path in folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError:
            self.unlisted.append(folder)
            return []
