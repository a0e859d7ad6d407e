"""Reading the files of a release: only plain files, only within its folder, never waiting on a pipe."""

import errno
import glob
import os
import re
import stat
from hashlib import sha256
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from kaiji.errors import ManifestError
from kaiji.findings import Finding, Place
from kaiji.manifest.yaml_source import MAX_BYTES

_REASONS = {
    errno.ENOENT: "there is no such file",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.ELOOP: "its symbolic links lead back to themselves",
    errno.EACCES: "it must not be read (permissions)",
    errno.EPERM: "it must not be read (permissions)",
    errno.ENAMETOOLONG: "the path is too long",
}


class InputFile(NamedTuple):
    """A file that was read: path relative to the folder of release.yaml, SHA-256 in hex, its bytes."""

    path: str
    sha256: str
    content: bytes


def read(path: Path, name: str) -> InputFile:
    """The plain file at ``path``, called ``name`` in messages; :class:`ManifestError` with KJ101 or KJ111."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise _unreadable(name, "it is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise _unreadable(name, "it is a pipe, socket or device, not a plain file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = _REASONS.get(error.errno or 0) if isinstance(error, OSError) else "the path is not valid"
        raise _unreadable(name, reason or "the operating system refuses it") from None
    return InputFile(name, sha256(content).hexdigest(), content)


def _unreadable(name: str, reason: str) -> ManifestError:
    return ManifestError([Finding(id="KJ101", message=reason, place=Place(file=name))])


def leaves(pattern: str) -> bool:
    """True when ``pattern`` is absolute or climbs out of the folder it is relative to, by its text alone."""
    if PurePosixPath(pattern).is_absolute() or PureWindowsPath(pattern).drive or PureWindowsPath(pattern).root:
        return True
    return PurePosixPath(os.path.normpath(pattern)).parts[:1] == ("..",)


def within(folder: PurePath | str, pattern: str) -> bool:
    """True when ``pattern`` lies below ``folder`` by its text alone; both are relative to the same folder."""
    parts = PurePosixPath(os.path.normpath(pattern)).parts
    root = PurePosixPath(os.path.normpath(str(folder))).parts
    return parts[: len(root)] == root


def sound(pattern: str) -> bool:
    """True when ``pattern`` can be followed: ``**`` crosses folders only where it stands alone."""
    return "\0" not in pattern and not re.search(r"[^/]\*\*|\*\*[^/]", pattern)


def matches(root: Path, pattern: str) -> dict[str, Path]:
    """Files that ``pattern`` names below ``root``, by their path relative to it.

    A pattern without wildcard names its file whether it exists or not, so that reading it says what is wrong.
    """
    if not glob.has_magic(pattern):
        return {os.path.normpath(pattern).replace(os.sep, "/"): root / pattern}
    try:
        return {path.relative_to(root).as_posix(): path for path in root.glob(pattern)}
    except OSError:  # a part of the pattern is longer than any file name, for one
        return {}


def real(path: Path) -> Path | None:
    """``path`` without symbolic links; None when they lead back to themselves."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return None
