# ruff: noqa: S608  (SQL is put together from our own texts; names and paths from outside pass through `quoted`)
"""DuckDB in-process, shut off: it can open the shards and one private folder, nothing else, and no network."""

import itertools
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kaiji.errors import InputError, StageError
from kaiji.scan import sql

if TYPE_CHECKING:
    import duckdb


class Engine:
    """A DuckDB connection with a private folder for links, spilled memory and results; a context manager.

    ``readable`` are the files that it may open. ``memory`` is a limit such as `2GB` (else the engine's own),
    ``temp_dir`` where the private folder is made (else the system's temporary folder). Raises
    :class:`InputError` when either cannot be used.
    """

    def __init__(self, readable: Iterable[Path] = (), memory: str | None = None, temp_dir: Path | None = None) -> None:
        import duckdb

        try:
            self.folder = Path(tempfile.mkdtemp(prefix="kaiji-scan-", dir=temp_dir)).resolve()
        except OSError as error:
            raise InputError(f"the temporary folder cannot be used: {error.strerror}") from error
        if re.search(r"[*?\[]", str(self.folder)):
            # DuckDB would take the paths below it for patterns, and has no way to write them otherwise.
            shutil.rmtree(self.folder)
            raise InputError("the temporary folder cannot be used: its path holds one of the characters * ? [")
        self.version = f"duckdb {duckdb.__version__}"
        self._numbers = itertools.count()
        self.connection = duckdb.connect(
            config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        )
        try:
            self._settle(memory, readable)
        except BaseException:
            self.close()
            raise

    def _settle(self, memory: str | None, readable: Iterable[Path]) -> None:
        # Python variables must never be taken for tables, whatever a shard's columns are called.
        self.connection.execute("SET python_enable_replacements = false")
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET preserve_insertion_order = false")
        self.connection.execute("SET enable_progress_bar = false")
        # A damaged or careless file states bounds that its values do not keep: then a check for negative values
        # must not be left out because the file says that there are none.
        self.connection.execute("SET disabled_optimizers = 'statistics_propagation'")
        self.connection.execute(f"SET temp_directory = {sql.quoted(str(self.folder / 'spill'))}")
        if memory is not None:
            if not re.fullmatch(r"[1-9]\d{0,8}(\.\d{1,3})? ?[KMGT]i?B", memory):
                raise InputError(f"memory limit {memory!r} is not a size such as 2GB")
            self.connection.execute(f"SET memory_limit = {sql.quoted(memory)}")
        self.connection.execute(f"SET allowed_directories = [{sql.quoted(str(self.folder) + '/')}]")
        paths = ", ".join(sql.quoted(str(path)) for path in readable)
        self.connection.execute(f"SET allowed_paths = [{paths}]")
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")
        for statement in sql.TABLES.strip().split(";\n"):
            self.connection.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import duckdb

        self.close()
        if isinstance(error, duckdb.Error):
            # Errors of a shard never get here: this is a want of memory or disk, or a defect.
            out = "Out of Memory" in str(error)
            raise StageError("the scan needs more memory than it may use" if out else "the engine failed") from error

    def close(self) -> None:
        """Closes the connection and removes the private folder."""
        self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def link(self, path: Path) -> str:
        """SQL literal of a link to ``path``: a name without wildcards, whatever the file is called."""
        link = self.folder / f"shard-{next(self._numbers)}"
        link.symlink_to(path)
        return sql.quoted(str(link))

    def rows(self, query: str, values: Mapping[str, object] | None = None) -> list[tuple[object, ...]]:
        """All rows of ``query``."""
        found: list[tuple[object, ...]] = self.connection.execute(query, dict(values) if values else None).fetchall()
        return found

    def export(self, query: str, target: Path, check: Callable[[list[tuple[object, ...]]], None]) -> None:
        """Writes ``query`` (which sorts its rows) as Parquet, once ``check`` has let the written file pass.

        ``check`` gets source_id and the sums of documents, bytes and tokens. Raises :class:`StageError` when the
        file cannot be written.
        """
        written = self.folder / target.name
        self.connection.execute(f"COPY ({query}) TO {sql.quoted(str(written))} (FORMAT parquet, COMPRESSION zstd)")
        table = sql.quoted(str(written))
        sums = "sum(documents), sum(bytes), sum(tokens)"
        check(self.rows(f"SELECT source_id, {sums} FROM read_parquet({table}) GROUP BY source_id"))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(written, target)
        except OSError as error:
            raise StageError(f"{target.name} cannot be written: {error.strerror}") from error

    def interrupted(self, error: "duckdb.Error") -> bool:
        """True when the engine itself is broken, so that no further query can be trusted."""
        import duckdb

        return isinstance(error, (duckdb.FatalException, duckdb.InternalException))
