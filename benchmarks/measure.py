# ruff: noqa: S603  (it runs the commands that it is given: that is what it is for)
"""Runs a command and measures it: CPU-seconds of its process tree, peak memory, wall time.

    from measure import run
    run(["kaiji", "scan", "release.yaml"]).cpu

How it measures (Linux only):

CPU     user + system time that the kernel accounts when a process is waited for. It covers the command and every
        descendant, also one that outlives its parent: a small wrapper process adopts those (child subreaper) and
        waits for them too. Only a process whose parent ignores SIGCHLD is lost.
memory  the resident memory of all processes of the tree, added up, read every 20 ms; or, where that is more, the
        largest single process by the kernel's own account, which misses no peak. Pages that processes share count
        once in each of them.

The wrapper's own time and memory are not counted, but no peak is below the 15 MB that it has itself: the kernel
carries that over to the command it starts.
"""

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_POLL_SECONDS = 0.02
_LINGER_SECONDS = 10.0
"""How long descendants may outlive the command before they are ended."""
_PR_SET_CHILD_SUBREAPER = 36


class Measured(NamedTuple):
    """One run of a command."""

    code: int
    """Exit code; negative for the signal that ended it."""
    cpu: float
    """CPU-seconds, user and system, of the process tree."""
    wall: float
    """Seconds until the command ended."""
    peak: int
    """Peak resident memory in bytes of the process tree."""
    stdout: str
    stderr: str

    @property
    def phases(self) -> dict[str, float]:
        """CPU-seconds by phase, of the lines `phase NAME SECONDS` on stderr; a phase that comes twice is added up."""
        found: dict[str, float] = {}
        for line in self.stderr.splitlines():
            match line.split():
                case ["phase", *words, seconds] if words:
                    name = " ".join(words)
                    found[name] = found.get(name, 0.0) + float(seconds)
        return found


class CommandError(Exception):
    """The command did not do what it was run for; the message holds the end of its stderr."""


def run(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, codes: Sequence[int] = (0,)
) -> Measured:
    """Runs ``command`` to its end; ``env`` is added to the environment.

    Raises :class:`CommandError` when its exit code is none of ``codes``.
    """
    with tempfile.TemporaryDirectory(prefix="measure-") as folder:
        out, err, report = (Path(folder, name) for name in ("out", "err", "report.json"))
        with out.open("wb") as stdout, err.open("wb") as stderr:
            wrapped = [sys.executable, __file__, str(report), *map(str, command)]
            given = {**os.environ, **(env or {})}
            ended = subprocess.run(wrapped, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=given)
        texts = [path.read_text("utf-8", "replace") for path in (out, err)]
        if ended.returncode:
            raise CommandError(f"{command[0]} cannot be run\n{texts[1][-2000:]}")
        measured = Measured(**json.loads(report.read_text("utf-8")), stdout=texts[0], stderr=texts[1])
    if measured.code not in codes:
        raise CommandError(f"exit code {measured.code} of {' '.join(map(str, command))}\n{measured.stderr[-2000:]}")
    return measured


def _tree(pid: int) -> Iterator[int]:
    """``pid`` and its descendants, as far as they are still there."""
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return
    for task in tasks:
        try:
            children = (task / "children").read_text("ascii").split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def _resident(pid: int) -> int:
    """Resident memory of a process in bytes; 0 once it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


class _Wrapper:
    """Runs the command as the parent of all its descendants."""

    def __init__(self) -> None:
        if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "cannot become the parent of orphans")
        self.cpu, self.peak = 0.0, 0

    def run(self, command: list[str]) -> dict[str, float | int]:
        started = time.monotonic()
        pid = os.posix_spawnp(command[0], command, os.environ)
        code, ended = None, started
        try:
            while (left := self._reap()) is not None:
                for process, status in left:
                    if process == pid:
                        code, ended = os.waitstatus_to_exitcode(status), time.monotonic()
                if code is not None and time.monotonic() - ended > _LINGER_SECONDS:
                    break
                self.peak = max(self.peak, sum(map(_resident, self._descendants())))
                time.sleep(_POLL_SECONDS)
        finally:
            self._end_descendants()
        return {"code": -1 if code is None else code, "cpu": self.cpu, "wall": ended - started, "peak": self.peak}

    def _descendants(self) -> list[int]:
        return [pid for pid in _tree(os.getpid()) if pid != os.getpid()]

    def _reap(self) -> list[tuple[int, int]] | None:
        """(process, status) of the children that have ended; None when there are no children."""
        ended: list[tuple[int, int]] = []
        while True:
            try:
                process, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return ended or None
            if process == 0:
                return ended
            self.cpu += used.ru_utime + used.ru_stime
            self.peak = max(self.peak, used.ru_maxrss * 1024)
            ended.append((process, status))

    def _end_descendants(self) -> None:
        while left := self._descendants():
            for pid in left:
                try:
                    os.kill(pid, 9)
                except ProcessLookupError:
                    continue
            while self._reap():
                pass
            time.sleep(_POLL_SECONDS)


def main() -> int:
    report, *command = sys.argv[1:]
    measured = _Wrapper().run(command)
    Path(report).write_text(json.dumps(measured), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
