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
from kaiji.manifest.models import DataSource

Format = Literal["parquet", "jsonl", "datasets"]
Compression = Literal["uncompressed", "gzip", "zstd"]

_MAGIC = re.compile(r"[*?\[]")
_SUFFIXES: tuple[tuple[str, Format, Compression], ...] = (
    (".parquet", "parquet", "uncompressed"),
    (".jsonl", "jsonl", "uncompressed"),
    (".jsonl.gz", "jsonl", "gzip"),
    (".jsonl.zst", "jsonl", "zstd"),
)


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
    """The data files of ``source`` (which has ``files``), without reading any of them.

    ``root`` is the folder of release.yaml; ``data_roots`` are the folders outside it that are allowed too.
    """
    assert source.files is not None
    search = _Search(root, data_roots)
    findings: list[Finding] = []
    outside: list[Finding] = []
    files: dict[Path, DataFile] = {}
    for number, pattern in enumerate(source.files.paths, start=1):
        before = len(search.left)
        matches = sorted(search.matches(pattern))
        if len(search.left) > before:
            message = f"pattern {number} leaves the folder of release.yaml and the data roots"
            outside.append(_at_source(source, "KJ109", message, pattern))
            continue
        counted = 0
        for match in matches:
            kind = _kind(match, source.files.format, literal=not _MAGIC.search(pattern))
            name = search.name(match)
            if kind == "ignored":
                continue
            counted += 1
            if kind is None:
                message = "the name does not tell the format"
                findings.append(Finding(id="KJ205", message=message, place=Place(file=name)))
            else:
                real = Path(os.path.realpath(match))
                files.setdefault(real, DataFile(Path(match), real, name, *kind))
        if not counted:
            findings.append(_at_source(source, "KJ202", f"pattern {number} matches no data file", pattern))
    findings.extend(
        Finding(id="KJ201", message="the folder cannot be listed", place=Place(file=search.name(folder)))
        for folder in search.unlisted
    )
    folders = {real for real, file in files.items() if file.format == "datasets"}
    kept = [file for real, file in files.items() if folders.isdisjoint(real.parents)]
    for file in kept:
        if file.format == "datasets" and not search.encloses(file.path):
            message = "a link in a saved dataset leaves the folder of release.yaml and the data roots"
            outside.append(_at_source(source, "KJ109", message, file.name))
    inside = {search.name(str(file.path)) for real, file in files.items() if not folders.isdisjoint(real.parents)}
    findings = [
        finding
        for finding in findings
        if finding.id != "KJ205" or not (finding.place and _below(finding.place.file, kept, inside))
    ]
    return Found(tuple(sorted(kept, key=lambda file: file.name)), tuple(findings), tuple(outside))


def _below(name: str, kept: Sequence[DataFile], inside: set[str]) -> bool:
    """True for a file that is part of a saved dataset which is read as a whole."""
    return name in inside or any(
        file.format == "datasets" and name.startswith(f"{file.name}/") for file in kept
    )


def _at_source(source: DataSource, rule: str, message: str, detail: str) -> Finding:
    key = f"{source.place.key}.files.paths" if source.place.key else "files.paths"
    return Finding(id=rule, message=message, place=source.place.model_copy(update={"key": key}), detail=detail)


def _kind(
    path: str, declared: str, *, literal: bool
) -> tuple[Format, Compression] | Literal["ignored"] | None:
    """Format and compression of a match; ``ignored`` for a folder in passing, ``None`` when it cannot be told."""
    if os.path.isdir(path):
        if declared in ("parquet", "jsonl"):
            return "ignored"
        if is_saved_dataset(path):
            return "datasets", "uncompressed"
        return None if literal else "ignored"
    if declared == "datasets":
        return "ignored"
    name = os.path.basename(path).lower()
    for suffix, form, compression in _SUFFIXES:
        if name.endswith(suffix) and declared in ("auto", form):
            return form, compression
    if declared == "parquet":
        return "parquet", "uncompressed"
    if declared == "jsonl":
        return "jsonl", "gzip" if name.endswith(".gz") else "zstd" if name.endswith(".zst") else "uncompressed"
    return None


def is_saved_dataset(folder: str | Path) -> bool:
    """True for a folder written by ``Dataset.save_to_disk`` or ``DatasetDict.save_to_disk``."""
    names = ("dataset_dict.json",), ("dataset_info.json", "state.json")
    return any(all(os.path.isfile(os.path.join(folder, name)) for name in group) for group in names)


class _Search:
    """Walks the allowed folders. ``left`` lists paths outside them, ``unlisted`` folders that cannot be listed."""

    def __init__(self, root: Path, data_roots: Sequence[str | Path]) -> None:
        self.root = os.path.abspath(root)
        allowed = (self.root, *(os.path.join(self.root, folder) for folder in data_roots))
        self.allowed = tuple(Path(os.path.realpath(folder)) for folder in allowed)
        self.left: list[str] = []
        self.unlisted: list[str] = []

    def name(self, path: str) -> str:
        return Path(os.path.relpath(path, self.root)).as_posix()

    def matches(self, pattern: str) -> set[str]:
        """Absolute paths that match; paths that lead outside go to ``left`` instead."""
        parts = Path(pattern).parts
        fixed = next((at for at, part in enumerate(parts) if _MAGIC.search(part)), len(parts))
        start = os.path.normpath(os.path.join(self.root, *parts[:fixed]))
        if not self._inside(start):
            return set()
        rest = tuple(part for at, part in enumerate(parts) if at >= fixed and parts[at - 1 : at] != ("**",) * 2)
        if rest and rest[-1] == "**":
            rest = (*rest, "*")
        if not rest:
            return {start} if os.path.lexists(start) else set()
        return {path for path in self._below(start, rest, set()) if self._inside(path)}

    def encloses(self, folder: Path) -> bool:
        """True when nothing below ``folder`` leads outside the allowed folders."""
        for path, folders, names in os.walk(folder):
            if not all(self._inside(os.path.join(path, name)) for name in (*folders, *names)):
                return False
        return True

    def _inside(self, path: str) -> bool:
        real = Path(os.path.realpath(path))
        if any(real == folder or folder in real.parents for folder in self.allowed):
            return True
        self.left.append(path)
        return False

    def _below(self, folder: str, parts: tuple[str, ...], seen: set[tuple[str, int]]) -> Iterator[str]:
        """Paths below ``folder`` that match ``parts``; ``seen`` holds (real folder, parts left) already walked."""
        state = os.path.realpath(folder), len(parts)
        if state in seen or not self._inside(folder):
            return
        seen.add(state)
        head, rest = parts[0], parts[1:]
        if head == "**":
            yield from self._below(folder, rest, seen)
        for name in self._names(folder):
            path = os.path.join(folder, name)
            if head == "**":
                if not name.startswith(".") and os.path.isdir(path):
                    yield from self._below(path, parts, seen)
            elif fnmatchcase(name, head) and (head.startswith(".") or not name.startswith(".")):
                if not rest:
                    yield path
                elif os.path.isdir(path):
                    yield from self._below(path, rest, seen)

    def _names(self, folder: str) -> list[str]:
        try:
            return sorted(os.listdir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError:
            self.unlisted.append(folder)
            return []
