# ruff: noqa: S608  (the statements of a test are its own)
import pytest

from kaiji.scan.engine import Engine, private_folder
from kaiji.scan.files import find


@pytest.fixture
def allowed(release):
    path = release.parquet("allowed.parquet", n=[1])
    return find(release.source("allowed.parquet"), release.root).files[0]._replace(location=path)


@pytest.fixture
def engine(allowed):
    with private_folder(None) as folder, Engine(folder, [allowed]) as engine:
        yield engine


def test_only_the_shards_can_be_read(release, engine, allowed):
    import duckdb

    other = release.parquet("other.parquet", n=[2])
    assert engine.rows(f"SELECT n FROM read_parquet({engine.link(allowed)})") == [(1,)]
    for place in (f"'{other}'", engine.link(allowed._replace(location=other))):
        with pytest.raises(duckdb.PermissionException):
            engine.rows(f"SELECT n FROM read_parquet({place})")


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO '{root}/out.parquet'",
        "ATTACH '{root}/x.db'",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_parquet('https://data.example/a.parquet')",
        "SELECT * FROM release",
    ],
)
def test_nothing_else_is_open(release, engine, statement):
    import duckdb

    with pytest.raises(duckdb.Error):
        engine.rows(statement.format(root=release.root))
    assert [path.name for path in release.root.iterdir()] == ["allowed.parquet"]


def test_bounds_that_a_file_states_are_not_believed(release):
    """The middle value of the file is made negative, while its statistics go on to say that none is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = release.root / "a.parquet"
    middle = 0x1122334455667788
    pq.write_table(pa.table({"n": [1, middle, 2**62]}), path, compression="none", use_dictionary=False)
    data = path.read_bytes()
    assert data.count(middle.to_bytes(8, "little")) == 1
    path.write_bytes(data.replace(middle.to_bytes(8, "little"), (-5).to_bytes(8, "little", signed=True)))
    (finding,) = release.scan(release.source("a.parquet", tokens="n")).findings
    assert finding.id == "KJ207"


def test_a_shard_that_goes_away_before_its_keys_are_looked_at(release):
    path = release.jsonl("a.jsonl", [{"n": 1}])
    result = release.scan(release.source("a.jsonl", tokens="m"), progress=lambda done, total: path.unlink())
    assert [finding.id for finding in result.findings] == ["KJ206"]
    assert result.sources[0].documents == 1
