"""DuckDB in-process, shut off: it can open the shards and one private folder, nothing else, and no network."""

import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from time import sleep
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from kaiji.errors import InputError, StageError
from kaiji.scan import sql
from kaiji.scan.attached import Attached
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile

if TYPE_CHECKING:
    import duckdb

J = TypeVar("J")
R = TypeVar("R")
_UNITS = {"K": 1, "M": 2, "G": 3, "T": 4}
_AT_LEAST = 128 * 2**20
"""Bytes below which an engine cannot work."""
_SIDE_BY_SIDE = 8
"""Most engines at once: beyond that, each gets several threads."""


class Share(NamedTuple):
    """What one engine may use of the machine."""

    threads: int
    memory: int | None
    """Bytes; None leaves it to DuckDB, which takes up to 80 % of the machine."""


def shares(memory: str | None, jobs: int, *, checked: bool = False) -> list[Share]:
    """How engines that work side by side on ``jobs`` share the machine, and ``memory``, the bound of this process.

    A bound that was ``checked`` before is not refused: what was read would be lost.

    Engines of one thread each need less CPU than one of many threads, which has to merge what its threads found.
    Raises :class:`InputError` for a bound that is no size or too small.
    """
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    number = max(1, min(cpus, jobs, _SIDE_BY_SIDE))
    if memory is None:
        machine = _machine_bytes()
        return [Share(cpus // number, machine and machine * 8 // 10 // number)] * number
    # What Python and its packages hold now, and about a tenth that the engine does not account for.
    held = _resident_bytes()
    left = int((memory_bytes(memory) - held) * 0.9)
    if checked:
        left = max(left, _AT_LEAST)
    if left < _AT_LEAST:
        smallest = -(-int(held + _AT_LEAST / 0.9) // 10**8) * 100
        raise InputError(f"memory limit {memory!r} is too small: the scan needs {smallest}MB at least")
    number = max(1, min(number, left // (2 * _AT_LEAST)))
    return [Share(max(1, min(cpus, left // _AT_LEAST) // number), left // number)] * number


def memory_bytes(text: str) -> int:
    """Bytes of a size such as `2GB` (1000s), `1500MiB` (1024s). Raises :class:`InputError` for anything else."""
    found = re.fullmatch(r"([1-9]\d{0,8}(?:\.\d{1,3})?) ?([KMGT])(i?)B", text)
    if found is None:
        raise InputError(f"memory limit {text!r} is not a size such as 2GB")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** _UNITS[found[2]])


def _resident_bytes() -> int:
    """Memory that this process holds now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _machine_bytes() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


@contextmanager
def private_folder(temp_dir: Path | None) -> Iterator[Path]:
    """A folder for links, spilled memory and results, removed in the end; in ``temp_dir``, else the system's.

    Raises :class:`InputError` when it cannot be made.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="kaiji-scan-", dir=temp_dir)).resolve()
    except OSError as error:
        raise InputError(f"the temporary folder cannot be used: {error.strerror}") from error
    try:
        if re.search(r"[*?\[]", str(folder)):
            # DuckDB would take the paths below it for patterns, and has no way to write them otherwise.
            raise InputError("the temporary folder cannot be used: its path holds one of the characters * ? [")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Engine:
    """One DuckDB with tables of its own; one thread uses it at a time. A context manager.

    ``folder`` is the private folder, ``readable`` are the files that it may open besides. What it writes is ``packed``
    where it is to be kept: packing costs more than half of the writing.
    """

    _numbers = itertools.count()

    def __init__(
        self,
        folder: Path,
        readable: Iterable[DataFile] = (),
        share: Share = Share(1, None),  # noqa: B008
        *,
        packed: bool = True,
    ) -> None:
        import duckdb

        self.folder, self.packed = folder, packed
        self.version = f"duckdb {duckdb.__version__}"
        off = ("autoinstall_known_extensions", "autoload_known_extensions")
        self.connection = duckdb.connect(config=dict.fromkeys(off, False))
        try:
            self._settle(list(readable), share)
        except BaseException:
            self.connection.close()
            raise

    def _settle(self, readable: Sequence[DataFile], share: Share) -> None:
        self.connection.execute("SET enable_progress_bar = false")
        # Before the engine is shut off: it compares the paths of allowed files under the file system registered then.
        self._attached = Attached(self.connection, readable)
        local = [str(file.real) for file in readable if not file.is_remote]
        # GLOBAL, so that it holds for cursors too.
        settings = {
            # Python variables must never be taken for tables, whatever a shard's columns are called.
            "python_enable_replacements": "false",
            "TimeZone": "'UTC'",
            "preserve_insertion_order": "false",
            # A damaged or careless file states bounds that its values do not keep: then a check for negative values
            # must not be left out because the file says that there are none.
            "disabled_optimizers": "'statistics_propagation'",
            "threads": str(share.threads),
            "temp_directory": sql.quoted(str(self.new("spill"))),
            "allowed_directories": f"[{sql.quoted(str(self.folder) + '/')}]",
            "allowed_paths": f"[{', '.join(map(sql.quoted, (*local, *self._attached.paths())))}]",
        }
        if share.memory is not None:
            settings["memory_limit"] = f"'{share.memory // 1024}KiB'"
        settings |= {"enable_external_access": "false", "lock_configuration": "true"}
        for name, value in settings.items():
            self.connection.execute(f"SET GLOBAL {name} = {value}")

    def new(self, name: str) -> Path:
        """A path in the private folder that nobody else gets."""
        return self.folder / f"{name}-{next(self._numbers)}"

    def link(self, file: DataFile) -> str:
        """SQL literal of a name without wildcards under which the engine opens ``file``, whatever it is called."""
        if file.is_remote:
            return sql.quoted(self._attached.path(file))
        link = self.new("shard")
        link.symlink_to(file.real)
        return sql.quoted(str(link))

    def failure(self, file: DataFile) -> ShardError | None:
        """Why a remote ``file`` could not be fetched, if a query failed because of that."""
        return self._attached.failure(file)

    def rows(self, query: str, values: Mapping[str, object] | None = None) -> list[tuple[object, ...]]:
        """All rows of ``query``."""
        found: list[tuple[object, ...]] = self.connection.execute(query, dict(values) if values else None).fetchall()
        return found

    def write(self, query: str, name: str, *, result: bool = False, packed_by: str | None = None) -> Path:
        """A Parquet file in the private folder with the rows of ``query``, which must sort them if order matters.

        ``packed_by`` are the keys to sort by where the file is packed, because it takes less room then.
        A ``result`` is in the encodings that every reader knows, and marked confidential in its metadata.
        """
        path = self.new(name)
        # Domains and authorities hardly occur twice: looking for a dictionary of them costs more than it saves.
        options = "FORMAT parquet, DICTIONARY_SIZE_LIMIT 1000, COMPRESSION "
        options += (
            "zstd, COMPRESSION_LEVEL 1" if result else "zstd, COMPRESSION_LEVEL 3" if self.packed else "uncompressed"
        )
        options += ", KV_METADATA {confidential: 'true', kaiji: 'result'}" if result else ", PARQUET_VERSION v2"
        if packed_by is not None and self.packed:
            query = f"FROM ({query}) ORDER BY {packed_by}"
        self.connection.execute(f"COPY ({query}) TO {sql.quoted(str(path))} ({options})")
        return path

    def interrupt(self) -> None:
        """Ends the query that runs, with an error where it was begun; for another thread, again until it helps."""
        import duckdb

        with suppress(duckdb.Error):  # the engine refuses at some moments of a query
            self.connection.interrupt()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import duckdb

        self._attached.close()
        self.connection.close()
        if isinstance(error, duckdb.Error):
            # Errors of a shard never get here: this is a want of memory or disk, or a defect.
            raise StageError(want(error) or "the engine failed") from error


@contextmanager
def side_by_side(
    folder: Path, readable: Sequence[DataFile], each: Sequence[Share], *, packed: bool = True
) -> Iterator[list[Engine]]:
    """Engines that work on the same files at the same time, one for each share."""
    with ExitStack() as stack:
        yield [stack.enter_context(Engine(folder, readable, share, packed=packed)) for share in each]


def spread(engines: Sequence[Engine], work: Callable[[Engine, J], R], jobs: Iterable[J]) -> Iterator[R]:
    """What ``work`` makes of each job, in order; as many jobs are done at once as there are engines."""
    free: SimpleQueue[Engine] = SimpleQueue()
    for engine in engines:
        free.put(engine)
    stopped = Event()

    def done(job: J) -> R:
        engine = free.get()
        try:
            if stopped.is_set():
                raise CancelledError
            return work(engine, job)
        finally:
            free.put(engine)

    with ThreadPoolExecutor(len(engines), thread_name_prefix="kaiji-scan") as pool:
        try:
            waiting = [pool.submit(done, job) for job in jobs]
            for future in waiting:
                yield future.result()
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            # Told by the engines: a signal may come before the future of a job that runs already is known here.
            while free.qsize() < len(engines):
                # Again and again: an engine may be between two queries.
                for engine in engines:
                    engine.interrupt()
                sleep(0.02)
            raise


def interrupted(error: "duckdb.Error") -> bool:
    """True when the engine was stopped, or is itself broken, so that no further query can be trusted."""
    import duckdb

    return isinstance(error, (duckdb.FatalException, duckdb.InternalException, duckdb.InterruptException))


_NO_ROOM = ("No space left", "Disk quota exceeded", "File too large", "temp_directory_size")


def disk_full(error: Exception) -> bool:
    """True when the engine failed because it could not spill or write, whatever it was reading."""
    return any(words in str(error) for words in _NO_ROOM)


def want(error: Exception) -> str | None:
    """What the machine lacks, if that is why the engine failed."""
    if disk_full(error):
        return "the temporary folder is full: give the scan another one (--temp-dir) or more memory (--memory)"
    if "Out of Memory" in str(error):
        return "the scan needs more memory than it may use (--memory)"
    return None


def literals(paths: Sequence[Path]) -> list[str]:
    """Paths in the private folder as SQL literals."""
    return [sql.quoted(str(path)) for path in paths]
