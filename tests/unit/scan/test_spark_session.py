"""What must be there before Spark starts."""

import socket
import sys

import pytest

from kaiji.errors import InputError, MissingExtraError, StageError
from kaiji.scan.spark import SparkEngine
from kaiji.scan.spark_session import Session, SparkError, check_java
from kaiji.scan.spark_source import reason


@pytest.fixture(autouse=True)
def _no_other_session(monkeypatch):
    """Whatever other tests keep in this process."""
    monkeypatch.setattr("pyspark.SparkContext._active_spark_context", None)


@pytest.mark.parametrize("master", ["", "yarn", "local[0]", "local[x]", "spark://", "spark://host", "spark://h:1/x"])
def test_a_master_that_is_none(tmp_path, master):
    with pytest.raises(InputError, match="is no engine"):
        Session(master, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("package", ["pyspark", "sqlglot"])
def test_a_package_that_is_not_installed(tmp_path, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'kaiji\[spark\]'"):
        Session("local[1]", tmp_path)


def java(folder, words, status=0):
    """A folder with a program `bin/java` that says ``words``."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit {status}\n", encoding="utf-8")
    program.chmod(0o700)
    return folder


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ('openjdk version "11.0.2" 2019-01-15', 0, "needs Java 17 or newer, and JAVA_HOME or PATH has 11"),
        ('java version "1.8.0_401"', 0, "has 8"),
        ("no version", 0, "has another version"),
        ("broken", 1, "does not run: set JAVA_HOME"),
    ],
)
def test_a_java_that_does_not_serve(tmp_path, monkeypatch, words, status, message):
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path / "java", words, status)))
    with pytest.raises(InputError, match=message):
        Session("local[1]", tmp_path)


def test_a_java_that_serves(tmp_path, monkeypatch):
    folder = java(tmp_path / "java", 'openjdk version "21.0.8" 2025-07-15')
    monkeypatch.setenv("JAVA_HOME", str(folder))
    check_java()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(folder / "bin"))
    check_java()


def test_no_java(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(InputError, match="does not run: set JAVA_HOME"):
        check_java()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="there is none: set JAVA_HOME"):
        check_java()


def test_a_java_with_which_spark_does_not_start(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path / "java", 'openjdk version "21.0.8" 2025-07-15')))
    (tmp_path / "scratch").mkdir()
    with pytest.raises(StageError, match="Spark does not start: set JAVA_HOME"):
        Session("local[1]", tmp_path / "scratch")


def test_a_master_that_cannot_be_reached(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path / "java", 'openjdk version "21.0.8" 2025-07-15')))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(StageError, match="the Spark master cannot be reached"):
        Session(f"spark://127.0.0.1:{port},host.invalid:7077,127.0.0.1:70000", tmp_path)


@pytest.mark.parametrize("memory", ["1GB", "1000MiB"])
def test_too_little_memory(tmp_path, memory):
    with pytest.raises(InputError, match="with Spark the scan needs 1100MB at least"):
        SparkEngine("local[1]", tmp_path, memory)


def test_a_folder_that_spark_would_take_for_a_pattern(tmp_path):
    with pytest.raises(InputError, match="its path holds one of the characters"):
        SparkEngine("local[1]", tmp_path / "{a}")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("ModuleNotFoundError: No module named 'kaiji'", "lacks kaiji"),
        ('Cannot run program "python3"', "lacks kaiji"),
        ("[PYTHON_VERSION_MISMATCH] x", "another version"),
        ("Job aborted: ExecutorLostFailure (executor 1 exited)", "may need more memory"),
        ("[CAST_INVALID_INPUT] The value 'secret' of", "a Spark job failed (CAST_INVALID_INPUT)"),
        ("secret", "a Spark job failed"),
    ],
)
def test_reasons_hold_nothing_of_the_data(words, message):
    told = reason(SparkError(words))
    assert message in told
    assert "secret" not in told
