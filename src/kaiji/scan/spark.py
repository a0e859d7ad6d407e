"""The Spark engine: one partial for each source, made on a cluster, from the same SQL as the default engine.

Spark itself reads Parquet (:mod:`kaiji.scan.spark_sql`), where a file may be split among workers and every sum is a
shuffle that spills. All else is read whole within a task by the reader of the default engine
(:mod:`kaiji.scan.spark_task`), and so is a Parquet file with a value that Spark would read otherwise, or that it cannot
read. So both engines count the same rows, and refuse the same shards for the same reasons.
"""

import re
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from kaiji.errors import InputError
from kaiji.scan.engine import Engine, Share, memory_bytes
from kaiji.scan.plan import Plan
from kaiji.scan.spark_session import Session
from kaiji.scan.spark_source import Source, SparkPartial

__all__ = ("SparkEngine", "SparkPartial")

_LEAST_MEMORY = 1100 * 10**6
"""Bytes; half of it is the least heap with which Spark starts."""
_TO_LOOK_AT_IT = 256 * 2**20
"""Bytes for DuckDB, which counts what Spark wrote."""


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
            characters = "* ? [ ] { } \\"
            raise InputError(
                f"Spark cannot use the temporary folder: its path holds one of the characters {characters}"
            )
        self.folder, self.memory = folder, bound
        self._own = folder / "spark"
        self.session = Session(master, self._own, bound and bound // 2)
        self.version = f"spark {self.session.version}"

    def read(self, plan: Plan, number: int, *, digests: bool = False) -> SparkPartial:
        """Adds up the shards of a source; ``number`` tells it from the others of this engine.

        With ``digests``, this process hashes the shards too, and finds it when one changes meanwhile.
        Raises :class:`StageError` when the cluster fails or the sizes add up to more than 64 bits hold.
        """
        folder = self.folder / f"source-{number}"
        folder.mkdir()
        with Engine(folder, (), Share(1, _TO_LOOK_AT_IT)) as engine:
            return Source(self.session, engine, plan, folder, self.memory).read(digests=digests)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()
        shutil.rmtree(self._own, ignore_errors=True)
