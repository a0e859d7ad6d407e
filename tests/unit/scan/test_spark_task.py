"""A shard read within a task of Spark, without Spark."""

import pickle

import pyarrow.parquet as pq
import pytest

from kaiji.scan import spark_task
from kaiji.scan.facts import Facts
from kaiji.scan.plan import planned


@pytest.fixture
def task(release):
    def made(name, folder=None, memory=None, **columns):
        ((plan,), _) = planned([release.source(name, **columns)], release.root, ())
        release.out.mkdir(exist_ok=True)
        return spark_task.Task(plan._replace(files=()), plan.files[0], folder or release.out, memory)

    return made


def test_tables_and_facts(release, task):
    release.jsonl("a.jsonl.zst", [{"u": "http://a.example/x", "n": 3}, {"u": "http://a.example/y"}])
    one = task("a.jsonl.zst", url="u", tokens="n")
    found = pickle.loads(pickle.dumps(spark_task.read(pickle.loads(pickle.dumps(one)))))  # noqa: S301
    assert found.facts == Facts(documents=2, tokens=3, with_tokens=1, addresses=1)
    assert sorted(path.name for path in release.out.iterdir()) == sorted([found.cells, found.authorities])
    (row,) = pq.read_table(release.out / found.authorities).to_pylist()
    assert row == {"authority": "a.example", "documents": 2, "bytes": 0, "tokens": 3}
    again = spark_task.read(one)
    assert len({found.cells, found.authorities, again.cells, again.authorities}) == 4


def test_without_addresses(release, task):
    release.jsonl("a.jsonl", [{"n": 3}])
    found = spark_task.read(task("a.jsonl", memory=10**9, tokens="n"))
    assert found.authorities == ""
    assert [path.name for path in release.out.iterdir()] == [found.cells]


def test_a_shard_that_is_refused(release, task):
    release.jsonl("a.jsonl", ['{"n": 1}', "["])
    found = spark_task.read(task("a.jsonl", tokens="n"))
    error = spark_task.error(found.refused)
    assert (error.rule, error.message, error.line) == ("KJ201", "a line is not a JSON object", 2)
    assert list(release.out.iterdir()) == []


def test_a_folder_that_is_not_there(release, task):
    release.jsonl("a.jsonl", [{"n": 1}])
    found = spark_task.read(task("a.jsonl", folder=release.root / "nowhere", tokens="n"))
    assert found.failed == "the temporary folder cannot be used: No such file or directory"


def test_keys_that_are_in_no_line(release, task):
    release.jsonl("a.jsonl", [{"token": 1, "l": None}])
    found = spark_task.read(task("a.jsonl", tokens="tokens", language="l"))
    assert found.lacking == {"tokens": ["l", "token"]}
