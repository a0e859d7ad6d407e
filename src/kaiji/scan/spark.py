"""The Spark engine: one partial for each source, made on a cluster, from the same SQL as the default engine.

Spark itself reads Parquet (:mod:`kaiji.scan.spark_sql`), where a file may be split among workers and every sum is a
shuffle that spills. All else is read whole within a task by the reader of the default engine
(:mod:`kaiji.scan.spark_task`), and so is a Parquet file with a value that Spark would read otherwise, or that it cannot
read. So both engines count the same rows, and refuse the same shards for the same reasons.
"""

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from kaiji.errors import ConservationError, InputError, StageError
from kaiji.scan import spark_sql, spark_task, sql
from kaiji.scan.engine import Engine, Share, memory_bytes
from kaiji.scan.facts import Facts
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile
from kaiji.scan.fingerprint import State, state
from kaiji.scan.plan import Plan
from kaiji.scan.shards import Tables, facts, missing
from kaiji.scan.spark_files import Footer, footers, schema
from kaiji.scan.spark_session import Session, SparkError

_LEAST_MEMORY = 1100 * 10**6
"""Bytes; half of it is the least heap with which Spark starts."""
_ATTEMPTS = 4
"""How often Spark tries to read a source by itself, before its files are read within tasks."""
_SIZES = ("documents", "bytes", "tokens")


class SparkPartial(NamedTuple):
    """What the counted files of a source add up to; tables as in :mod:`kaiji.scan.partials`."""

    cells: tuple[Path, ...]
    authorities: tuple[Path, ...]
    """Empty without a url column."""
    facts: Facts
    documents: dict[str, int]
    """Rows of each file that counts, by its name."""
    refused: tuple[tuple[DataFile, ShardError], ...]


class SparkEngine:
    """A context manager that keeps one Spark session. ``version`` is for example `spark 4.3.0`.

    ``master`` is `local[n]` or `spark://host:port`; ``folder`` is a private folder that this process and all workers
    see under the same path; what Spark writes for itself below it is removed in the end. ``memory`` (`4GB`) bounds what
    is computed on a machine at once: half of it is Spark's heap, a third is for shards read within tasks.

    Raises :class:`InputError`, :class:`StageError` and :class:`MissingExtraError` as
    :class:`kaiji.scan.spark_session.Session`.
    """

    def __init__(self, master: str, folder: Path, memory: str | None = None) -> None:
        bound = None if memory is None else memory_bytes(memory)
        if bound is not None and bound < _LEAST_MEMORY:
            least = _LEAST_MEMORY // 10**6
            raise InputError(f"memory limit {memory!r} is too small: with Spark the scan needs {least}MB at least")
        if re.search(r"[*?\[\]{}\\]", str(folder)):
            raise InputError(
                "Spark cannot use the temporary folder: its path holds one of the characters * ? [ ] { } \\"
            )
        self.folder, self.memory = folder, bound
        self._own = folder / "spark"
        self.session = Session(master, self._own, bound and bound // 2)
        self.version = f"spark {self.session.version}"

    def read(self, plan: Plan, number: int) -> SparkPartial:
        """Adds up the shards of a source; ``number`` tells it from the others of this engine.

        Raises :class:`StageError` when the cluster fails or the sizes add up to more than 64 bits hold.
        """
        folder = self.folder / f"source-{number}"
        folder.mkdir()
        with Engine(folder, (), Share(1, None)) as engine:
            return _Source(self, engine, plan, folder).read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()
        shutil.rmtree(self._own, ignore_errors=True)


class _Source:
    """Reads the shards of one source; ``engine`` looks at what was written."""

    def __init__(self, spark: SparkEngine, engine: Engine, plan: Plan, folder: Path) -> None:
        self.session, self.memory, self.spark = spark.session, spark.memory, spark.session.spark
        self.engine, self.plan, self.folder = engine, plan, folder
        self.with_url = "url" in plan.mapped
        self.native: dict[DataFile, Footer] = {}
        self.links: dict[DataFile, Path] = {}
        self.by_task: dict[DataFile, spark_task.Read] = {}
        self.refused: dict[DataFile, ShardError] = {}
        self.attempts = 0

    def read(self) -> SparkPartial:
        before = self._states(self.plan.files)
        if self.plan.tokenizer is None:
            self.native = footers(list(before), self.plan.mapped)
        self._read_by_task([file for file in before if file not in self.native])
        found = self._read_natively()
        while self._drop_changed(before):
            found = self._read_natively()
        self._drop_without_key()
        tables = [found] if found else []
        for one in self.by_task.values():
            authorities = self.folder / one.authorities if self.with_url else None
            tables.append(Tables(self.folder / one.cells, authorities))
        total = facts(self.engine, found) if found else Facts()
        total = reduce(Facts.plus, (one.facts for one in self.by_task.values()), total)
        if max(total.bytes, total.tokens) > sql.INT64_MAX:
            raise StageError("the sizes of a source add up to more than 64 bits hold")
        return SparkPartial(
            self._merged([one.cells for one in tables], "cells", sql.CELLS),
            self._merged([one.authorities for one in tables if one.authorities], "authorities", ("authority",)),
            total,
            {file.name: one.rows for file, one in self.native.items()}
            | {file.name: one.facts.documents for file, one in self.by_task.items()},
            tuple(sorted(self.refused.items(), key=lambda item: item[0].name)),
        )

    def _states(self, files: Iterable[DataFile]) -> dict[DataFile, State]:
        """States of those files that are there; the others are refused."""
        found: dict[DataFile, State] = {}
        for file in files:
            try:
                found[file] = state(file)
            except ShardError as error:
                self.refused[file] = error
        return found

    def _drop_changed(self, before: Mapping[DataFile, State]) -> bool:
        """Refuses files that are not as they were; True when Spark read one of them together with others."""
        counted = [*self.native, *self.by_task]
        now = self._states(counted)
        changed = [file for file in counted if now.get(file) != before[file]]
        native = [file for file in changed if file in self.native]
        for file in changed:
            self.refused.setdefault(file, ShardError("KJ201", "the file changed while it was read"))
            self.native.pop(file, None)
            self.by_task.pop(file, None)
        return bool(native)

    # --- read within tasks

    def _read_by_task(self, files: Sequence[DataFile]) -> None:
        if not files:
            return
        plan = self.plan._replace(files=())
        tasks = [spark_task.Task(plan, file, self.folder, self.memory) for file in files]
        context = self.spark.sparkContext
        try:
            found = self.session.run(lambda: context.parallelize(tasks, len(tasks)).map(spark_task.read).collect())
        except SparkError as error:
            raise StageError(_reason(error)) from error
        for file, one in zip(files, found, strict=True):
            if one.failed is not None:
                raise StageError(f"a Spark worker could not go on: {one.failed}")
            if one.refused is not None:
                self.refused[file] = spark_task.error(one.refused)
            else:
                self.by_task[file] = one

    def _drop_without_key(self) -> None:
        """As with the default engine: a key that is in no line of all JSONL shards together is a missing column."""
        lines = {file: one for file, one in self.by_task.items() if file.format == "jsonl" and one.facts.documents}
        for role, key in self.plan.mapped.items():
            if lines and all(role in one.lacking for one in lines.values()):
                for file, one in lines.items():
                    self.refused[file] = missing(role, key, one.lacking[role])
                    del self.by_task[file]
                return

    # --- read by Spark itself

    def _read_natively(self) -> Tables | None:
        """Tables of all files that Spark reads by itself; what it fails at is read within tasks instead."""
        for _ in range(_ATTEMPTS):
            if not self.native:
                break
            self.attempts += 1
            folder = self.folder / f"native-{self.attempts}"
            try:
                tables = self.session.run(lambda: self._tables(folder))  # noqa: B023  (it is called at once)
                left = self._miscounted(tables)
            except SparkError as error:
                left = self._blamed(error)
            if not left:
                return tables
            self._leave(left)
        # An attempt more costs more than to read all of them within tasks.
        self._leave(list(self.native))
        return None

    def _leave(self, files: Sequence[DataFile]) -> None:
        for file in files:
            self.native.pop(file, None)
        self._read_by_task([file for file in files if file not in self.by_task])

    def _tables(self, folder: Path) -> Tables:
        from pyspark.sql.types import StructType

        groups: dict[tuple[Any, ...], list[DataFile]] = {}
        for file, footer in self.native.items():
            groups.setdefault(tuple(sorted(footer.kinds.items())), []).append(file)
        queries = []
        for number, (kinds, files) in enumerate(groups.items()):
            wanted = StructType.fromJson(schema(dict(kinds)))
            read = self.spark.read.schema(wanted).parquet(*(str(self._link(file)) for file in files))
            read.toDF(*(f"r{at}" for at in range(len(kinds)))).createOrReplaceTempView(f"raw{number}")
            queries.append(spark_sql.documents(f"raw{number}", self.plan.mapped, dict(kinds)))
        self.spark.sql(" UNION ALL ".join(f"({query})" for query in queries)).createOrReplaceTempView("document")
        cells = self._write(sql.cells("SELECT * FROM document"), folder / "cells")
        if not self.with_url:
            return Tables(cells, None)
        return Tables(cells, self._write(sql.authorities("SELECT * FROM document"), folder / "authorities"))

    def _link(self, file: DataFile) -> Path:
        """A name without wildcards, which Spark does not skip, and which tells the file in an error."""
        if file not in self.links:
            self.links[file] = self.folder / f"shard-{len(self.links)}"
            self.links[file].symlink_to(file.real)
        return self.links[file]

    def _write(self, query: str, folder: Path) -> Path:
        """The rows of a query of DuckDB as Parquet files in ``folder``: the pattern of their paths."""
        self.spark.sql(spark_sql.transpiled(query)).write.parquet(str(folder))
        if not any(folder.glob("*.parquet")):
            raise StageError("the Spark workers write elsewhere: --temp-dir must be a folder that all machines share")
        return folder / "*.parquet"

    def _miscounted(self, tables: Tables) -> list[DataFile]:
        """Files that hold another number of rows than they state, if the rows in all are not those stated."""
        if facts(self.engine, tables).documents == sum(one.rows for one in self.native.values()):
            return []
        if wrong := [file for file, (rows, _) in self._by_file().items() if rows != self.native[file].rows]:
            return wrong
        raise ConservationError("Spark counted other rows than the files of a source hold")

    def _blamed(self, error: SparkError) -> list[DataFile]:
        """Files that an error names, or whose sizes pass 64 bits."""
        numbers = set(re.findall(r"/shard-(\d+)", str(error)))
        if named := [file for file, link in self.links.items() if link.name.removeprefix("shard-") in numbers]:
            return named
        if not re.search("CAST_OVERFLOW|OUT_OF_RANGE|ARITHMETIC_OVERFLOW", str(error)):
            raise StageError(_reason(error)) from error
        if too_large := [file for file, (_, size) in self._by_file().items() if size > sql.INT64_MAX]:
            return too_large
        raise StageError("the sizes of a source add up to more than 64 bits hold") from error

    def _by_file(self) -> dict[DataFile, tuple[int, int]]:
        """Rows of each file, and the larger one of its sums of bytes and tokens."""
        query = """SELECT file, count(*), greatest(coalesce(sum(bytes), 0), coalesce(sum(tokens), 0))
            FROM (SELECT input_file_name() AS file, bytes, tokens FROM document) GROUP BY file"""
        table = spark_sql.transpiled(query)
        rows = self.session.run(lambda: self.spark.sql(table).collect())
        found = {str(name).rpartition("/")[2]: (int(count), int(size)) for name, count, size in rows}
        return {file: found.get(self._link(file).name, (0, 0)) for file in self.native}

    # --- added up

    def _merged(self, tables: Sequence[Path], name: str, keys: Sequence[str]) -> tuple[Path, ...]:
        """Tables added up by ``keys``."""
        paths = [path for table in tables for path in sorted(table.parent.glob(table.name))]
        if len(tables) > 1:
            try:
                merged = self.session.run(lambda: self._sum(paths, name, keys))
            except SparkError as error:
                raise StageError(_reason(error)) from error
            paths = sorted(merged.parent.glob(merged.name))
        return tuple(paths)

    def _sum(self, paths: Sequence[Path], name: str, keys: Sequence[str]) -> Path:
        self.spark.read.parquet(*map(str, paths)).select([*keys, *_SIZES]).createOrReplaceTempView("part")
        return self._write(sql.added("SELECT * FROM part", *keys), self.folder / name)


def _reason(error: SparkError) -> str:
    """Why a job failed, without Spark's own words, which may quote the data."""
    words = str(error)
    if "ModuleNotFoundError" in words or "Cannot run program" in words:
        return "the Python of the Spark workers lacks kaiji: install it there, or name another one (PYSPARK_PYTHON)"
    if "PYTHON_VERSION_MISMATCH" in words:
        return "the Python of the Spark workers has another version than this one (PYSPARK_PYTHON)"
    if "ExecutorLostFailure" in words or "OutOfMemory" in words:
        return "a Spark worker was lost again and again; it may need more memory (--memory)"
    condition = re.search(r"\[([A-Z][A-Z_.]+)\]", words)
    return f"a Spark job failed{f' ({condition[1]})' if condition else ''}"
