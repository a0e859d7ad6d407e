"""The output folder: replaced as a whole, or not at all.

A build writes a sibling folder, makes sure that it is on the disk, and lets the two change places. Killed at any
moment, it leaves the previous output whole; the next build removes what it left behind.
"""

import difflib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from kaiji.errors import OutputError
from kaiji.publish.exchange import exchange
from kaiji.publish.lock import only_writer

FOLDERS = ("public", "regulator", "internal")
PRIVATE = "internal"
"""The folder that is for nobody else: it and what it holds is readable by the owner only."""
MARKER = "internal/build.json"
"""The file by which an output folder is known as kaiji's own."""


def publish(out: Path, files: Mapping[str, bytes]) -> None:
    """Make ``files`` the whole content of the folder ``out``.

    Args:
        out: The output folder; it and its parents are created if need be.
        files: Content by path with slashes, relative to ``out``; each is under one of FOLDERS, MARKER is among them.

    Raises:
        OutputError: ``out`` holds what kaiji did not write, another build is writing it, or the disk does not take
            it. The previous output is then whole.
        ValueError: a path of ``files`` is not of that form.
    """
    _check_paths(files)
    target = Path(os.path.abspath(out))  # noqa: PTH100  resolve() would follow a link that is refused below
    name = out.name or target.name
    if not target.name:
        raise OutputError("the root of the file system cannot be an output folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with only_writer(target.with_name(f".{target.name}.kaiji-lock"), name):
            _recover(target)
            _check_own(target, name)
            _replace(target, files)
    except OSError as error:
        raise OutputError(f"{name}: the output cannot be written: {error.strerror or 'input/output error'}") from error


def check_own(out: Path) -> None:
    """Make sure, before a build begins, that :func:`publish` may replace ``out``.

    Raises:
        OutputError: ``out`` holds what kaiji did not write, or is no folder.
    """
    target = Path(os.path.abspath(out))  # noqa: PTH100  resolve() would follow a link that is refused below
    _check_own(target, out.name or target.name)


def compare(out: Path, files: Mapping[str, bytes]) -> str:
    """What :func:`publish` would change, as a unified diff of the text files; empty when nothing.

    Of a binary file, and of everything in the private folder, it says only that it differs. Where the private folder
    is not there at all, as in a checkout of what was published, it is not compared.

    Raises:
        OutputError: the folder cannot be read.
    """
    try:
        found = {
            path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_symlink() or not path.is_dir()
        }
        names = {*found, *files}
        if not (out / PRIVATE).exists():
            names = {name for name in names if not name.startswith(f"{PRIVATE}/")}
        return "".join(_difference(name, found.get(name), files.get(name)) for name in sorted(names))
    except OSError as error:
        raise OutputError(f"{out.name}: the output cannot be read: {error.strerror}") from error


def _difference(name: str, path: Path | None, new: bytes | None) -> str:
    if path is None:
        return f"{name}: missing\n"
    if new is None:
        return f"{name}: not part of this build\n"
    if path.is_symlink() or not path.is_file():
        return f"{name}: not a plain file\n"
    old = path.read_bytes()
    if old == new:
        return ""
    differs = f"{name}: differs\n"
    if name.split("/")[0] == PRIVATE:
        return differs
    try:
        before, after = old.decode().split("\n"), new.decode().split("\n")
    except UnicodeDecodeError:
        return differs
    if b"\0" in old + new:
        return differs
    lines = difflib.unified_diff(before, after, fromfile=f"published/{name}", tofile=f"built/{name}", lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _check_paths(files: Mapping[str, bytes]) -> None:
    for name in files:
        path = PurePosixPath(name)
        plain = str(path) == name and not path.is_absolute() and not {"..", "."} & set(path.parts)
        if not plain or "\0" in name or "\\" in name or len(path.parts) < 2 or path.parts[0] not in FOLDERS:
            raise ValueError("an output path is relative, plain and under public/, regulator/ or internal/")
        if any(str(parent) in files for parent in path.parents):
            raise ValueError("an output path is a file and a folder at once")
    if MARKER not in files:
        raise ValueError(f"{MARKER} is missing: the next build would not know this folder as its own")


def _check_own(target: Path, name: str) -> None:
    """Make sure that replacing ``target`` destroys nothing but an earlier output.

    Raises:
        OutputError: it is a file, a link, or a folder with anything else in it.
    """
    if target.is_symlink():
        raise OutputError(f"{name} is a symbolic link; name the folder itself")
    if not target.exists():
        return
    if not target.is_dir():
        raise OutputError(f"{name} is not a folder")
    entries = sorted(entry.name for entry in os.scandir(target))
    if not entries:
        return
    folders = all((target / folder).is_dir() and not (target / folder).is_symlink() for folder in FOLDERS)
    if entries != sorted(FOLDERS) or not folders or not (target / MARKER).is_file():
        raise OutputError(f"{name} holds files that kaiji did not write; name an empty or new folder")
    written = _written(target)
    for path in sorted(target.rglob("*")):
        relative = path.relative_to(target).as_posix()
        if (path.is_symlink() or not path.is_dir()) and relative not in written:
            raise OutputError(f"{name}/{relative} was not written by kaiji, and a build would remove it; move it away")


def _written(target: Path) -> frozenset[str]:
    """Paths that the build of ``target`` wrote, as its marker lists them; none when the marker is not readable."""
    try:
        listed = json.loads((target / MARKER).read_bytes())["files"]
        return frozenset(name for name in listed if isinstance(name, str))
    except (ValueError, KeyError, TypeError):
        return frozenset()


def _pattern(target: Path) -> str:
    return f".{target.name}.kaiji-tmp-"


def _leftovers(target: Path) -> Iterator[Path]:
    """Temporary folders of builds that were killed. Only asked for under the lock: no living build has one."""
    for entry in sorted(target.parent.iterdir()):
        if entry.name.startswith(_pattern(target)) and entry.is_dir() and not entry.is_symlink():
            yield entry


def _recover(target: Path) -> None:
    """Put back the output that a build killed between two renames had set aside; remove what it left."""
    for leftover in list(_leftovers(target)):
        aside = leftover / "old"
        if aside.is_dir() and not os.path.lexists(target):
            aside.rename(target)
            _sync(target.parent)
        shutil.rmtree(leftover)


def _replace(target: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` to a folder beside ``target`` and let it take its place."""
    temporary = Path(tempfile.mkdtemp(prefix=_pattern(target), dir=target.parent))
    new, old = temporary / "new", temporary / "old"
    try:
        _write(new, files)
        _sync(temporary)
        if not target.exists() or not any(target.iterdir()):
            new.rename(target)
        elif not exchange(new, target):
            target.rename(old)
            try:
                new.rename(target)
            except BaseException:
                old.rename(target)
                raise
        _sync(target.parent)
    finally:
        if os.path.lexists(target) or not old.exists():  # else the only output there is would go
            shutil.rmtree(temporary, ignore_errors=True)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files and make sure that they, and the folders that name them, are on the disk."""
    folders = {folder, *(folder / name for name in FOLDERS)}
    for name in files:
        folders |= {folder / parent for parent in PurePosixPath(name).parents}
    for path in sorted(folders):
        path.mkdir(mode=0o700 if _private(path, folder) else 0o777)
    for name in sorted(files):
        path = folder / name
        mode = 0o600 if _private(path, folder) else 0o666
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(files[name])
            file.flush()
            os.fsync(file.fileno())
    for path in sorted(folders, reverse=True):
        _sync(path)


def _private(path: Path, folder: Path) -> bool:
    return path.relative_to(folder).parts[:1] == (PRIVATE,)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
