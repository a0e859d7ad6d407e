"""Follows a pattern of `files.paths`, in folders of this machine or of a store.

Rules of a pattern: ``*``, ``?`` and ``[...]`` within a name, ``**`` across folders (``**`` at the end stands for
everything below). A name that begins with a dot is matched only by a pattern that begins with a dot. A folder is
entered once, so that symbolic links which form a loop neither hang nor repeat; a link that leads nowhere is listed.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from kaiji.manifest import addresses
from kaiji.scan import storage

_MAGIC = re.compile(r"[*?\[]")


class Match(NamedTuple):
    """A file or folder that a pattern names."""

    location: Path | str
    """Absolute path with symbolic links resolved, or the one address of what may have several."""
    name: str
    """Path relative to the folder of release.yaml, with `/`, or the address as it was named."""
    is_folder: bool
    is_saved_dataset: bool
    """True for a folder written by ``Dataset.save_to_disk`` or ``DatasetDict.save_to_disk``."""


def is_literal(pattern: str) -> bool:
    """True for a pattern without wildcards."""
    return not _MAGIC.search(pattern)


def _is_saved_dataset(holds: Callable[[str], bool]) -> bool:
    """Whether a folder is a saved dataset; ``holds`` tells whether it has a file of a name."""
    return (holds("dataset_info.json") and holds("state.json")) or holds("dataset_dict.json")


def _selects(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern) and (pattern.startswith(".") or not name.startswith("."))


def _split(parts: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The parts before the first wildcard, and the rest."""
    fixed = next((at for at, part in enumerate(parts) if _MAGIC.search(part)), len(parts))
    rest = list(parts[fixed:])
    if rest and rest[-1] == "**":
        rest.append("*")
    return list(parts[:fixed]), tuple(rest)


class LocalSearch:
    """Walks the allowed folders. ``left`` lists paths outside them, ``unlisted`` folders that cannot be listed."""

    def __init__(self, root: Path, data_roots: Sequence[str | Path]) -> None:
        folders = (folder for folder in data_roots if not addresses.is_address(str(folder)))
        self.root = Path(os.path.normpath(root.absolute()))
        self.allowed = tuple(Path(os.path.realpath(self.root / folder)) for folder in (".", *folders))
        self.left: list[Path] = []
        self.unlisted: list[Path] = []

    def name(self, path: Path) -> str:
        """``path`` relative to the folder of release.yaml, with `/`."""
        return Path(os.path.relpath(path, self.root)).as_posix()

    def matches(self, pattern: str) -> list[Match]:
        """What the pattern names, by path; paths that lead outside go to ``left`` instead."""
        fixed, rest = _split(Path(pattern).parts)
        start = Path(os.path.normpath(self.root.joinpath(*fixed)))
        if not self._inside(start):
            return []
        if not rest:
            return [self._match(start)] if os.path.lexists(start) else []
        found = {path for path in self._below(start, rest, set()) if self._inside(path)}
        return [self._match(path) for path in sorted(found)]

    def encloses(self, folder: Path) -> bool:
        """True when nothing below ``folder`` leads outside the allowed folders."""
        walked = os.walk(folder)
        return all(self._inside(Path(path, name)) for path, inner, names in walked for name in (*inner, *names))

    def _match(self, path: Path) -> Match:
        saved = _is_saved_dataset(lambda name: _is_file(path / name))
        return Match(Path(os.path.realpath(path)), self.name(path), _is_folder(path), saved)

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
            elif _selects(head, name):
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


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


class StoreSearch:
    """Walks the stores of ``data_roots``. ``left`` lists patterns that leave them."""

    def __init__(self, data_roots: Sequence[str | Path]) -> None:
        self.roots = tuple(str(root) for root in data_roots if addresses.is_address(str(root)))
        self.left: list[str] = []

    def matches(self, pattern: str) -> list[Match]:
        """What the pattern names, by address. Raises :class:`ShardError` (KJ201) when it cannot be listed."""
        protocol, path = pattern.split("://", 1)
        fixed, rest = _split(path.rstrip("/").split("/"))
        start = f"{protocol}://{'/'.join(fixed)}"
        if not any(addresses.within(root, start) and addresses.within(root, pattern) for root in self.roots):
            self.left.append(pattern)
            return []
        if rest:
            tree = _Tree(start, whole="**" in rest)
            found = sorted(set(_below(tree, "", rest, set())))
            return [tree.match(path, is_folder) for path, is_folder in found]
        try:
            is_folder = storage.info(start).is_folder
        except storage.NotThereError:
            return []
        return [_Tree(start, whole=False).match("", is_folder)]


class _Tree:
    """Folders of a store below an address, each listed once: one by one, or all of them in few requests."""

    def __init__(self, start: str, *, whole: bool) -> None:
        self._start = start if start.endswith("/") else f"{start}/"
        self._listed: dict[str, dict[str, bool]] = {}
        self._whole = whole
        if whole:
            for path in storage.files_below(start):
                self._add(path)

    def match(self, path: str, is_folder: bool) -> Match:
        address = f"{self._start}{path}".rstrip("/")
        saved = is_folder and _is_saved_dataset(lambda name: self.entries(path).get(name) is False)
        return Match(storage.canonical(address), address, is_folder, saved)

    def entries(self, folder: str) -> dict[str, bool]:
        """Names in ``folder`` (relative to the start), and whether each is a folder."""
        if folder not in self._listed:
            self._listed[folder] = {} if self._whole else storage.entries(f"{self._start}{folder}")
        return self._listed[folder]

    def _add(self, path: str) -> None:
        is_folder = False
        while path:
            folder, _, name = path.rpartition("/")
            names = self._listed.setdefault(folder, {})
            if names.get(name):
                return
            names[name] = is_folder
            path, is_folder = folder, True


def _below(tree: _Tree, folder: str, parts: tuple[str, ...], seen: set[tuple[str, int]]) -> Iterator[tuple[str, bool]]:
    """(path, whether it is a folder) below ``folder`` that match ``parts``."""
    if (folder, len(parts)) in seen:
        return
    seen.add((folder, len(parts)))
    head, rest = parts[0], parts[1:]
    if head == "**":
        yield from _below(tree, folder, rest, seen)
    for name, is_folder in tree.entries(folder).items():
        path = f"{folder}/{name}" if folder else name
        if head == "**":
            if is_folder and not name.startswith("."):
                yield from _below(tree, path, parts, seen)
        elif _selects(head, name):
            if not rest:
                yield path, is_folder
            elif is_folder:
                yield from _below(tree, path, rest, seen)
