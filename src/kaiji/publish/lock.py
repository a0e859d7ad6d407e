"""One build at a time writes an output folder."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from kaiji.errors import OutputError


@contextlib.contextmanager
def only_writer(path: Path, name: str) -> Iterator[None]:
    """Hold the lock file ``path``; the kernel releases it when the process ends, however it ends.

    Args:
        path: The lock file; it is removed on leaving.
        name: What is locked, for the message.

    Raises:
        OutputError: another build holds the lock, or the file system has no locks.
    """
    try:
        import fcntl
    except ImportError as error:
        raise OutputError(f"{name}: this system has no file locks; build under Linux or macOS") from error
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between open and flock the holder may have removed the file: then the lock is on nothing.
            current = path.stat()
            if (current.st_dev, current.st_ino) == (os.fstat(handle).st_dev, os.fstat(handle).st_ino):
                break
            os.close(handle)
        except FileNotFoundError:
            os.close(handle)
        except OSError as error:
            os.close(handle)
            if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
                raise OutputError(f"another build is writing {name}") from error
            raise
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        os.close(handle)
