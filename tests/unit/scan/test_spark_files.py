"""Which Parquet files Spark reads by itself."""

import datetime
import decimal
import uuid

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kaiji.scan.files import DataFile
from kaiji.scan.spark_files import footers, schema
from kaiji.scan.spark_sql import Kind

DAY, TIME = datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1)  # noqa: DTZ001


def kind_of(path, values, role, **options):
    pq.write_table(pa.table({"c": values}), path, **options)
    file = DataFile(path, path.name, "parquet", "uncompressed")
    found = footers([file], {role: "c"})
    return found[file].kinds["c"] if found else None


@pytest.mark.parametrize(
    ("role", "values", "expected"),
    [
        ("url", pa.array(["a"]), ("VARCHAR", "string")),
        ("url", pa.array(["a"], pa.large_string()), ("VARCHAR", "string")),
        ("language", pa.array(["a"]).dictionary_encode(), ("VARCHAR", "string")),
        ("text", pa.array([b"a"]), ("BLOB", "binary")),
        ("licence", pa.array([b"ab"], pa.binary(2)), ("BLOB", "binary")),
        ("language", pa.nulls(1), ('"NULL"', "integer")),
        ("bytes", pa.nulls(1), ('"NULL"', "integer")),
        ("bytes", pa.array([1], pa.int8()), ("TINYINT", "byte")),
        ("bytes", pa.array([1], pa.int16()), ("SMALLINT", "short")),
        ("bytes", pa.array([1], pa.int32()), ("INTEGER", "integer")),
        ("tokens", pa.array([1]), ("BIGINT", "long")),
        ("tokens", pa.array([1], pa.uint8()), ("UTINYINT", "short")),
        ("tokens", pa.array([1], pa.uint16()), ("USMALLINT", "integer")),
        ("tokens", pa.array([1], pa.uint32()), ("UINTEGER", "long")),
        ("tokens", pa.array([1], pa.uint64()), ("UBIGINT", "decimal(20,0)")),
        ("tokens", pa.array([1.0], pa.float32()), ("FLOAT", "float")),
        ("tokens", pa.array([1.0]), ("DOUBLE", "double")),
        ("tokens", pa.array(["1"]), ("VARCHAR", "string")),
        ("tokens", pa.array([decimal.Decimal("1.5")]), ("DECIMAL(2,1)", "decimal(2,1)")),
        ("date", pa.array([DAY]), ("DATE", "date")),
        ("date", pa.array([TIME], pa.timestamp("ms")), ("TIMESTAMP", "timestamp_ntz")),
        ("date", pa.array([TIME], pa.timestamp("us", tz="UTC")), ("TIMESTAMP WITH TIME ZONE", "timestamp")),
        ("date", pa.array([TIME], pa.timestamp("ns")), ("TIMESTAMP_NS", "long")),
        ("date", pa.array([TIME], pa.timestamp("ns", tz="UTC")), ("TIMESTAMPTZ_NS", "long")),
        ("date", pa.array(["2024"]), ("VARCHAR", "string")),
    ],
)
def test_what_spark_reads(tmp_path, role, values, expected):
    assert kind_of(tmp_path / "a.parquet", values, role) == Kind(*expected)


def test_old_timestamps(tmp_path):
    values = pa.array([TIME], pa.timestamp("us"))
    found = kind_of(tmp_path / "a.parquet", values, "date", use_deprecated_int96_timestamps=True)
    assert found == Kind("TIMESTAMP", "timestamp")


@pytest.mark.parametrize(
    ("role", "values"),
    [
        ("language", pa.array([["en"]])),
        ("language", pa.array([1])),
        ("url", pa.array([{"c": "a"}])),
        ("text", pa.array([True])),
        ("tokens", pa.array([True])),
        ("tokens", pa.array([b"1"])),
        ("tokens", pa.array([1], pa.timestamp("us"))),
        ("tokens", pa.array(np.array([1], dtype=np.float16))),
        ("tokens", pa.array([decimal.Decimal(1)], pa.decimal256(40, 0))),
        ("date", pa.array([2024])),
        ("date", pa.array([datetime.time(1)])),
        ("url", pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=1).bytes], pa.binary(16)))),
    ],
)
def test_what_is_left_to_duckdb(tmp_path, role, values):
    assert kind_of(tmp_path / "a.parquet", values, role) is None


def test_columns_that_are_missing_or_twice(tmp_path):
    table = pa.Table.from_arrays([pa.array([1])] * 3, ["a", "b", "b"])
    pq.write_table(table, tmp_path / "a.parquet")
    file = DataFile(tmp_path / "a.parquet", "a.parquet", "parquet", "uncompressed")
    assert footers([file], {"tokens": "a"})[file].rows == 1
    assert footers([file], {"tokens": "b"}) == {}
    assert footers([file], {"tokens": "A"}) == {}
    assert footers([file], {})[file].kinds == {}


def test_other_files(tmp_path):
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing PAR1")
    broken = DataFile(tmp_path / "broken.parquet", "broken.parquet", "parquet", "uncompressed")
    gone = broken._replace(location=tmp_path / "gone.parquet")
    remote = broken._replace(location="s3://bucket/a.parquet")
    lines = broken._replace(format="jsonl")
    assert footers([broken, gone, remote, lines], {}) == {}


def test_schema():
    assert schema({"b": Kind("DATE", "date"), "a": Kind("BIGINT", "long")}) == {
        "type": "struct",
        "fields": [
            {"name": "a", "type": "long", "nullable": True, "metadata": {}},
            {"name": "b", "type": "date", "nullable": True, "metadata": {}},
        ],
    }
