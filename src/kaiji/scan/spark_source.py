"""One source read with Spark: what its shards add up to, and which of them do not count."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

from kaiji.errors import ConservationError, StageError
from kaiji.scan import spark_sql, spark_task, sql
from kaiji.scan.engine import Engine
from kaiji.scan.facts import Facts
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile
from kaiji.scan.fingerprint import State, sha256, state
from kaiji.scan.plan import Plan
from kaiji.scan.shards import Tables, facts, missing
from kaiji.scan.spark_files import Footer, footers, schema
from kaiji.scan.spark_session import Session, SparkError

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
    digests: dict[str, str]
    """SHA-256 of each file that counts, by its name; empty when none were asked for."""


class Source:
    """Reads the shards of one source into ``folder``.

    ``engine`` looks at what was written there; ``memory`` is what the scan may use of a machine (bytes).
    """

    def __init__(self, session: Session, engine: Engine, plan: Plan, folder: Path, memory: int | None) -> None:
        self.session, self.spark, self.memory = session, session.spark, memory
        self.engine, self.plan, self.folder = engine, plan, folder
        self.with_url = "url" in plan.mapped
        self.native: dict[DataFile, Footer] = {}
        self.links: dict[DataFile, Path] = {}
        self.by_task: dict[DataFile, spark_task.Read] = {}
        self.refused: dict[DataFile, ShardError] = {}
        self.digests: dict[DataFile, str] = {}
        self.attempts = 0

    def read(self, *, digests: bool) -> SparkPartial:
        """Raises :class:`StageError` when the cluster fails or the sizes add up to more than 64 bits hold."""
        before = self._states(self.plan.files)
        if self.plan.tokenizer is None:
            self.native = footers(list(before), self.plan.mapped)
        self._read_by_task([file for file in before if file not in self.native])
        while True:
            found = self._read_natively()
            if digests:
                self._hash()
            if not self._drop_changed(before):
                break
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
            {file.name: digest for file, digest in self.digests.items() if file not in self.refused},
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

    def _hash(self) -> None:
        for file in (*self.native, *self.by_task):
            try:
                self.digests[file] = self.digests.get(file) or sha256(file)
            except ShardError as error:
                self.refused[file] = error

    def _drop_changed(self, before: Mapping[DataFile, State]) -> bool:
        """Refuses files that are not as they were; True when Spark read one of them together with others."""
        counted = [*self.native, *self.by_task]
        now = self._states(counted)
        changed = [file for file in counted if now.get(file) != before[file] or file in self.refused]
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
            raise StageError(reason(error)) from error
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
            raise StageError(reason(error)) from error
        if too_large := [file for file, (_, size) in self._by_file().items() if size > sql.INT64_MAX]:
            return too_large
        raise StageError("the sizes of a source add up to more than 64 bits hold") from error

    def _by_file(self) -> dict[DataFile, tuple[int, int]]:
        """Rows of each file, and the larger one of its sums of bytes and tokens."""
        exact = "coalesce(sum(CAST({0} AS DECIMAL(38, 0))), 0)"
        sums = f"greatest({exact.format('bytes')}, {exact.format('tokens')})"
        rows_of_files = "SELECT input_file_name() AS file, bytes, tokens FROM document"
        query = f"SELECT file, count(*), {sums} FROM ({rows_of_files}) GROUP BY file"  # noqa: S608  (our own text)
        try:
            rows = self.session.run(lambda: self.spark.sql(query).collect())
        except SparkError as error:
            raise StageError(reason(error)) from error
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
                raise StageError(reason(error)) from error
            paths = sorted(merged.parent.glob(merged.name))
        return tuple(paths)

    def _sum(self, paths: Sequence[Path], name: str, keys: Sequence[str]) -> Path:
        self.spark.read.parquet(*map(str, paths)).select([*keys, *_SIZES]).createOrReplaceTempView("part")
        return self._write(sql.added("SELECT * FROM part", *keys), self.folder / name)


def reason(error: SparkError) -> str:
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
