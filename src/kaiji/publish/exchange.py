"""Two folders change places in one step, where the system can do that."""

import ctypes
import errno
import os
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_NOT_THERE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What a kernel or file system answers that cannot exchange."""


def exchange(first: Path, second: Path) -> bool:
    """Let two existing folders of one file system change places at once: nobody sees one of them missing.

    renameat2(RENAME_EXCHANGE) on Linux, renamex_np(RENAME_SWAP) on macOS.

    Returns:
        False, with nothing done, where the system or file system has no such call.

    Raises:
        OSError: the folders cannot be exchanged for another reason.
    """
    names = os.fsencode(first), os.fsencode(second)
    if os.name != "posix":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform.startswith("linux") and hasattr(library, "renameat2"):
        at = ctypes.c_int(_AT_FDCWD)
        failed = library.renameat2(at, names[0], at, names[1], ctypes.c_uint(_RENAME_EXCHANGE))
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(names[0], names[1], ctypes.c_uint(_RENAME_SWAP))
    else:
        return False
    number = ctypes.get_errno()
    if failed and number not in _NOT_THERE:
        raise OSError(number, os.strerror(number), str(second))
    return not failed
