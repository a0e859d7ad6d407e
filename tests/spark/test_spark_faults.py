"""What becomes of a scan when workers die, files change, or a cluster is not as it should be."""

import hashlib
import threading
import time
from pathlib import Path

import pytest

from kaiji.errors import StageError
from kaiji.scan import spark_session, spark_source
from kaiji.scan.failure import ShardError
from kaiji.scan.spark import SparkEngine


def when_half_is_done(spark, action, tables):
    """Calls ``action`` in a thread, once the first tables of a source that is being read are there."""
    before = set(spark.folder.glob("source-*/*"))

    def wait():
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if (
                len([path for path in spark.folder.glob("source-*/kaiji-scan-*-cells-*") if path not in before])
                >= tables
            ):
                action()
                return
            time.sleep(0.05)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def shards(corpus):
    rows = [{"u": f"https://h{at % 50}.example/{at}", "n": at} for at in range(500)]
    for number in range(24):
        corpus.jsonl(f"{number:02}.jsonl", rows)
    corpus.parquet("p.parquet", {"u": [row["u"] for row in rows], "n": [row["n"] for row in rows]})
    return corpus.plan(url="u", tokens="n")


def test_a_worker_is_killed(corpus, cluster):
    plan = shards(corpus)
    before = len(cluster.workers)
    thread = when_half_is_done(corpus.spark, cluster.kill_worker, tables=2)
    try:
        found = corpus.same(plan)
    finally:
        thread.join()
        assert len(cluster.workers) == before - 1
        cluster.add_workers(1)
    assert found.refused == []
    assert found.facts.documents == 25 * 500


def test_all_workers_are_killed(corpus, cluster, monkeypatch):
    plan = shards(corpus)
    monkeypatch.setattr(spark_session, "PATIENCE", 3)

    def kill_all():
        while cluster.workers:
            cluster.kill_worker()

    thread = when_half_is_done(corpus.spark, kill_all, tables=1)
    try:
        with pytest.raises(StageError, match="no Spark worker is there"):
            corpus.by_spark(plan)
    finally:
        thread.join()
        cluster.add_workers(2)
    monkeypatch.undo()
    assert corpus.same(corpus.plan("p.parquet", url="u")).facts.documents == 500


@pytest.mark.parametrize("name", ["changed.parquet", "changed.jsonl"])
def test_a_file_changes_while_it_is_read(corpus, monkeypatch, name):
    corpus.parquet("good.parquet", {"n": [1]})
    corpus.parquet("changed.parquet", {"n": [1]})
    corpus.jsonl("changed.jsonl", [{"n": 1}])
    path = corpus.root / name
    times = []

    def state(file):
        if file.real == path:
            times.append(file)
            if len(times) == 2:
                path.write_bytes(path.read_bytes() + b" ")
        return real(file)

    real = spark_source.state
    monkeypatch.setattr(spark_source, "state", state)
    found = corpus.by_spark(corpus.plan("good.parquet", name, tokens="n"))
    assert found.refused == [(name, "KJ201", "the file changed while it was read", None, None)]
    assert found.documents == {"good.parquet": 1}
    assert found.cells == {(None, None, None): (1, 0, 1)}


def test_digests(corpus, monkeypatch):
    good = corpus.parquet("good.parquet", {"n": [1]})
    corpus.parquet("lost.parquet", {"n": [2]})
    corpus.jsonl("lines.jsonl", [{"n": 4}])
    corpus.jsonl("broken.jsonl", ["["])

    def sha256(file):
        if file.name == "lost.parquet":
            raise ShardError("KJ201", "the file cannot be read")
        return real(file)

    real = spark_source.sha256
    monkeypatch.setattr(spark_source, "sha256", sha256)
    found = corpus.spark.read(corpus.plan(tokens="n"), 10_002, digests=True)
    assert [file.name for file, _ in found.refused] == ["broken.jsonl", "lost.parquet"]
    assert found.facts.tokens == 5
    assert sorted(found.digests) == ["good.parquet", "lines.jsonl"]
    assert found.digests["good.parquet"] == hashlib.sha256(good.read_bytes()).hexdigest()


def test_workers_that_write_elsewhere(corpus, monkeypatch):
    """As when the private folder is not shared: the workers make one of the same name."""
    corpus.parquet("a.parquet", {"n": [1]})
    monkeypatch.setattr(Path, "glob", lambda *arguments: iter(()))
    with pytest.raises(StageError, match="a folder that all machines share"):
        corpus.spark.read(corpus.plan(tokens="n"), 10_000)


def test_a_folder_that_the_workers_cannot_write(corpus, monkeypatch):
    corpus.jsonl("a.jsonl", [{"n": 1}])
    task, elsewhere = spark_source.spark_task.Task, Path("/nowhere")
    monkeypatch.setattr(spark_source.spark_task, "Task", lambda *fields: task(*fields)._replace(folder=elsewhere))
    with pytest.raises(StageError, match="a Spark worker could not go on: the temporary folder cannot be used"):
        corpus.spark.read(corpus.plan(tokens="n"), 10_001)


def test_nothing_is_printed_nor_left(corpus, capfd):
    here = sorted(Path().iterdir())
    corpus.parquet("a.parquet", {"secret": ["x", "-1"]})
    corpus.jsonl("b.jsonl", ['{"secret": '])
    found = corpus.by_spark(corpus.plan(tokens="secret"))
    assert len(found.refused) == 2
    assert capfd.readouterr() == ("", "")
    assert sorted(Path().iterdir()) == here


def test_a_session_of_its_own(spark, tmp_path):
    with pytest.raises(StageError, match="runs in this process already"):
        SparkEngine("local[1]", tmp_path)
    assert spark.version.startswith("spark 4.")
