"""A Spark session of the scan's own: its Java process, its settings, and what becomes of it when the cluster fails."""

import contextlib
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from kaiji.errors import InputError, MissingExtraError, StageError

_MASTER = re.compile(r"local(?:\[(?:[1-9]\d{0,3}|\*)\])?|spark://[^\s,/]+:\d{1,5}(?:,[^\s,/]+:\d{1,5})*")
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|\[::1\]")
_OLDEST_JAVA = 17
_ADVICE = "set JAVA_HOME to a whole Java 17 or newer"
_CONNECT_SECONDS = 5
PATIENCE = 120
"""Seconds for which a job may be without any worker."""

_SETTINGS = {
    "spark.app.name": "kaiji scan",
    # No pages, no records of what ran, no tables: nothing of the data is left or shown.
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.eventLog.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
    # What decides how values are read, whatever the cluster's own settings are.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.caseSensitive": "true",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96TimestampConversion": "false",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.parquet.compression.codec": "zstd",
}

_Result = TypeVar("_Result")


class SparkError(Exception):
    """A job failed; the words of Spark may quote the data and paths."""


class Session:
    """A context manager. ``spark`` is the session of pyspark, ``version`` for example `4.3.0`.

    ``master`` is `local`, `local[n]`, `local[*]` or `spark://host:port`; ``folder`` takes what Spark writes for itself;
    ``memory`` bounds the heap of each Java process that computes (bytes; else it is as Spark is set up).

    Raises :class:`MissingExtraError` without pyspark or sqlglot, :class:`InputError` for a master that is none and
    where no Java serves, :class:`StageError` when Spark does not start or the master does not answer (at once when
    nobody listens there, after a minute when nobody answers).
    """

    def __init__(self, master: str, folder: Path, memory: int | None = None) -> None:
        if not _MASTER.fullmatch(master):
            raise InputError(f"{master!r} is no engine: duckdb, local[n] or spark://host:port")
        try:
            import pyspark
            import sqlglot  # noqa: F401
        except ImportError as error:
            raise MissingExtraError("the Spark engine", "spark") from error
        from pyspark import SparkContext

        if SparkContext._active_spark_context is not None:
            raise StageError("a Spark session runs in this process already")
        check_java()
        self.is_local = master.startswith("local")
        hosts = [address.rpartition(":")[0] for address in master.removeprefix("spark://").split(",")]
        loopback = self.is_local or all(_LOOPBACK.fullmatch(host) for host in hosts)
        if not self.is_local:
            _check_answers(master)
        self.version = pyspark.__version__
        self._lost = self._busy = self._closed = False
        self._handler = signal.getsignal(signal.SIGINT)
        self._path = list(sys.path)
        # It tells of lost connections on the standard error, while we tell of them in our own words.
        logging.getLogger("py4j").setLevel(logging.CRITICAL)
        self._start(_settings(master, folder, memory, loopback=loopback))
        if loopback and "PYSPARK_PYTHON" not in os.environ:
            self.spark.sparkContext.pythonExec = sys.executable
        self._watcher = threading.Thread(target=self._watch, name="kaiji-spark", daemon=True)
        if not self.is_local:
            self._watcher.start()

    def _start(self, settings: dict[str, str]) -> None:
        from pyspark import SparkConf, SparkContext
        from pyspark.sql import SparkSession

        conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
        # pyspark says that it does not know this pandas, which is not used with it, and loses a process that fails.
        with warnings.catch_warnings(action="ignore"):
            self._gateway = _java(conf)
            if self._gateway is None:
                raise StageError(f"Spark does not start: {_ADVICE}")
            try:
                # Waits for the master; Spark gives up after a minute.
                self.spark: Any = SparkSession(SparkContext(conf=conf, gateway=self._gateway))
            except Exception as error:
                self._end_java()
                raise StageError("the Spark master does not answer, or refuses the scan") from error

    def run(self, action: Callable[[], _Result]) -> _Result:
        """Result of ``action``, which runs jobs.

        Raises :class:`SparkError` when a job fails, and :class:`StageError` when there was no worker for
        :data:`PATIENCE` seconds or the session broke down.
        """
        from py4j.protocol import Py4JError, Py4JJavaError
        from pyspark.errors import PySparkException

        self._lost, self._busy = False, True
        try:
            return action()
        except (PySparkException, Py4JError, OSError) as error:
            if self._lost:
                raise StageError("no Spark worker is there to do the work") from error
            if not isinstance(error, (PySparkException, Py4JJavaError)) or self._stopped():
                raise StageError("the Spark session broke down") from error
            raise SparkError(str(error)) from error
        finally:
            self._busy = False

    def _stopped(self) -> bool:
        with contextlib.suppress(Exception):
            return bool(self.spark.sparkContext._jsc.sc().isStopped())
        return True

    def _watch(self) -> None:
        """Ends the jobs when no worker has been there for too long: Spark itself would wait for ever."""
        since = time.monotonic()
        while not self._closed:
            time.sleep(1)
            try:
                context = self.spark.sparkContext._jsc.sc()
                # The driver is one of them.
                alive = len(context.statusTracker().getExecutorInfos()) > 1
                if alive or not self._busy:
                    since = time.monotonic()
                elif time.monotonic() - since > PATIENCE:
                    self._lost = True
                    context.cancelAllJobs()
            except Exception:  # noqa: S112  (the session is ending, and whoever waits for a job learns of it)
                continue

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the session and its Java process."""
        self._closed = True
        if self._watcher.is_alive():
            self._watcher.join(timeout=10)
        with contextlib.suppress(Exception):
            self.spark.stop()
        self._end_java()

    def _end_java(self) -> None:
        from pyspark import SparkContext

        with contextlib.suppress(Exception):
            self._gateway.shutdown()
        process = self._gateway.proc
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # pyspark keeps them for the next session, which then could not start.
        SparkContext._gateway = SparkContext._jvm = None
        sys.path[:] = self._path
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._handler)


def _java(conf: Any) -> Any:
    """The gateway to a Java process of Spark, which is silent; None when it ends at once."""
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway

    with contextlib.suppress(PySparkException, OSError):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return launch_gateway(conf, quiet)  # type: ignore[no-untyped-call]
    return None


def check_java() -> None:
    """Raises :class:`InputError` when there is no Java, or one that is too old for Spark."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None:
        raise InputError(f"Spark needs Java, and there is none: {_ADVICE}")
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise InputError(f"Spark needs Java, and the one of JAVA_HOME or PATH does not run: {_ADVICE}") from error
    found = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    if found is None or int(found[1]) < _OLDEST_JAVA:
        shown = found[1] if found else "another version"
        raise InputError(f"Spark needs Java 17 or newer, and JAVA_HOME or PATH has {shown}: {_ADVICE}")


def _check_answers(master: str) -> None:
    """Raises :class:`StageError` when nobody listens at any of the addresses: Spark itself would try for a minute."""
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        with contextlib.suppress(OSError, OverflowError, UnicodeError):
            socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
            return
    raise StageError("the Spark master cannot be reached: check its address, and that it runs")


def _settings(master: str, folder: Path, memory: int | None, *, loopback: bool) -> dict[str, str]:
    private = {name: folder / name for name in ("local", "java", "warehouse")}
    for path in private.values():
        path.mkdir(parents=True)
    log = folder / "log4j2.properties"
    log.write_text("rootLogger.level = off\n", encoding="utf-8")
    java = (f"-Dlog4j2.configurationFile={log.as_uri()}", f"-Djava.io.tmpdir={private['java']}", "-XX:-UsePerfData")
    settings = {
        **_SETTINGS,
        "spark.master": master,
        "spark.local.dir": str(private["local"]),
        "spark.sql.warehouse.dir": private["warehouse"].as_uri(),
        "spark.driver.defaultJavaOptions": " ".join(f'"{option}"' for option in java),
    }
    if loopback:
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    if memory is not None:
        heap = f"{memory // 2**20}m"
        settings |= {"spark.driver.memory": heap} if master.startswith("local") else {"spark.executor.memory": heap}
    return settings
