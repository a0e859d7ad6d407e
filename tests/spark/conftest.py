"""A standalone Spark cluster on loopback (a master and two workers), one session of the engine, and its counterpart."""

import contextlib
import gzip
import itertools
import json
import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kaiji
from kaiji.manifest.models import Columns, DataSource, Files
from kaiji.scan.engine import Engine, Share
from kaiji.scan.facts import Facts
from kaiji.scan.options import Options
from kaiji.scan.plan import Plan, planned
from kaiji.scan.reader import Reader
from kaiji.scan.spark import SparkEngine, SparkPartial
from kaiji.scan.spark_session import check_java

_START_SECONDS = 180
_QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Starts sooner, and never gets to where it would compute faster."""


class Cluster:
    """Processes of a master and its workers; each ends with the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self._numbers = itertools.count()
        self._master, log = self._start("master", "org.apache.spark.deploy.master.Master", "--port", "0")
        self.address = _waited_for(log, r"Starting Spark master at (spark://[\w.:]+)")

    def add_workers(self, number: int) -> None:
        logs = []
        for _ in range(number):
            folder = self.folder / f"work-{next(self._numbers)}"
            arguments = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder), self.address)
            worker, log = self._start("worker", "org.apache.spark.deploy.worker.Worker", *arguments)
            self.workers.append(worker)
            logs.append(log)
        for log in logs:
            _waited_for(log, r"(Successfully registered) with master")

    def kill_worker(self) -> None:
        """Kills a worker with the process in which it computes, as when its machine fails."""
        worker = self.workers.pop()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def close(self) -> None:
        for process in (*self.workers, self._master):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()
            process.wait()

    def _start(self, name: str, java_class: str, *arguments: str) -> tuple[subprocess.Popen[bytes], Path]:
        import pyspark

        command = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), java_class]
        log = self.folder / f"{name}-{next(self._numbers)}.log"
        environment = {
            **os.environ,
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": _QUICK_JAVA,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
            # The package under test, wherever it is installed.
            "PYTHONPATH": os.pathsep.join([str(Path(kaiji.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]),
        }
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--webui-port", "0", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env=environment,
                start_new_session=True,
            )
        return process, log


def _waited_for(log: Path, pattern: str) -> str:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if found := re.search(pattern, log.read_text("utf-8", "replace")):
            return found[1]
        time.sleep(0.2)
    raise TimeoutError(f"Spark did not start; its log ends with {log.read_text('utf-8', 'replace')[-2000:]}")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    check_java()
    one = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        one.add_workers(2)
        yield one
    finally:
        one.close()


@pytest.fixture(scope="session")
def spark(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    """The one session for all tests."""
    options = f"--conf 'spark.executor.extraJavaOptions={_QUICK_JAVA}' --driver-java-options '{_QUICK_JAVA}'"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_SUBMIT_ARGS", f"{options} pyspark-shell")
        engine = SparkEngine(cluster.address, tmp_path_factory.mktemp("scratch"))
    with engine:
        yield engine


class Sums(NamedTuple):
    """What a source adds up to, in a form in which two engines can be compared."""

    cells: dict[tuple[Any, ...], tuple[int, ...]]
    authorities: dict[tuple[Any, ...], tuple[int, ...]]
    facts: Facts
    documents: dict[str, int]
    refused: list[tuple[Any, ...]]


class Corpus:
    """A folder of shards, read by both engines."""

    def __init__(self, root: Path, spark: SparkEngine, numbers: Iterator[int]) -> None:
        self.root, self.spark, self._numbers = root, spark, numbers
        self.tasks = 0
        """Shards that were counted within tasks, and not by Spark itself, when Spark read last."""

    def parquet(self, name: str, columns: Mapping[str, Any] | pa.Table, **options: Any) -> Path:
        path = self.root / name
        pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(dict(columns)), path, **options)
        return path

    def jsonl(self, name: str, rows: Iterable[Mapping[str, Any] | str]) -> Path:
        lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
        return self.bytes(name, "".join(f"{line}\n" for line in lines).encode())

    def bytes(self, name: str, data: bytes) -> Path:
        path = self.root / name
        if name.endswith(".gz"):
            data = gzip.compress(data)
        elif name.endswith(".zst"):
            data = pa.compress(data, codec="zstd", asbytes=True)
        path.write_bytes(data)
        return path

    def plan(self, *paths: str, tokenizer: str | None = None, data_roots: Sequence[str] = (), **columns: str) -> Plan:
        source = DataSource.model_validate(
            {
                "id": "s",
                "title": "A source",
                "category": "crawled",
                "modality": "text",
                "stages": ["pretraining"],
                "confidentiality": "public",
                "files": Files(paths=paths or ("*",), format="auto", columns=Columns(**columns), tokenizer=tokenizer),
            }
        )
        ((plan,), findings) = planned([source], self.root, data_roots)
        assert findings == []
        return plan

    def by_spark(self, plan: Plan) -> Sums:
        number = next(self._numbers)
        found = _of_spark(self.spark.read(plan, number))
        self.tasks = len(list((self.spark.folder / f"source-{number}").glob("kaiji-scan-*-cells-*")))
        return found

    def by_duckdb(self, plan: Plan) -> Sums:
        return _of_duckdb(plan, self.root.parent / f"duckdb-{next(self._numbers)}")

    def same(self, plan: Plan) -> Sums:
        """The sums of the plan, which must be the same for both engines."""
        found, expected = self.by_spark(plan), self.by_duckdb(plan)
        assert found.refused == expected.refused
        assert found.documents == expected.documents
        assert found.cells == expected.cells
        assert found.authorities == expected.authorities
        assert _comparable(found.facts) == _comparable(expected.facts)
        return found


def _of_spark(partial: SparkPartial) -> Sums:
    refused = [_refusal(file.name, error) for file, error in partial.refused]
    cells = _added(partial.cells, "language", "licence", "month")
    return Sums(cells, _added(partial.authorities, "authority"), partial.facts, partial.documents, refused)


def _of_duckdb(plan: Plan, folder: Path) -> Sums:
    folder.mkdir()
    with Engine(folder, plan.files, Share(1, None)) as engine:
        outcomes = list(Reader([engine], Options(digests=False)).outcomes([(plan, file) for file in plan.files]))
        partials = [one.partial for one in outcomes if one.partial]
        total = Facts()
        for partial in partials:
            total = total.plus(partial.facts)
        return Sums(
            _added([path for one in partials for path in one.cells], "language", "licence", "month"),
            _added([path for one in partials for path in one.authorities], "authority"),
            total,
            {one.file.name: one.documents for one in outcomes if one.documents is not None},
            [_refusal(one.file.name, one.error) for one in outcomes if one.error],
        )


def _added(paths: Sequence[Path], *keys: str) -> dict[tuple[Any, ...], tuple[int, ...]]:
    sums = {name: Counter[tuple[Any, ...]]() for name in ("documents", "bytes", "tokens")}
    for path in paths:
        table = pq.read_table(path)
        assert all(table.schema.field(name).type == pa.int64() for name in sums)
        for row in table.to_pylist():
            for name, counter in sums.items():
                counter[tuple(row[key] for key in keys)] += row[name]
    return {key: tuple(counter[key] for counter in sums.values()) for key in sums["documents"]}


def _refusal(name: str, error: Any) -> tuple[Any, ...]:
    return name, error.rule, error.message, error.line, error.key


def _comparable(facts: Facts) -> tuple[Any, ...]:
    """Groups are counted for each shard by one engine, and for many at once by the other: whether there are any."""
    groups = (facts.languages, facts.licences, facts.months, facts.addresses)
    rest = (facts.documents, facts.bytes, facts.tokens, facts.with_bytes, facts.with_tokens, facts.no_dates)
    return *rest, *(count > 0 for count in groups)


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return itertools.count()


@pytest.fixture
def corpus(tmp_path: Path, spark: SparkEngine, numbers: Iterator[int]) -> Corpus:
    root = tmp_path / "release"
    root.mkdir()
    return Corpus(root, spark, numbers)
