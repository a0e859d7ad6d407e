"""Texts of SQL in Spark's dialect; what they give is compared with DuckDB in tests/spark."""

import re

import pytest

from kaiji.scan import sql
from kaiji.scan.spark_sql import _DATE, _NUMBER, _UNTOLD, Kind, documents, transpiled

REFUSED = "CAST(RAISE_ERROR(CONCAT('kaiji:size:bytes:', INPUT_FILE_NAME())) AS BIGINT)"


WHOLE = "TRY_CAST(c0 AS BIGINT)"
TEXTS = {
    sql.size("c0", "INTEGER", "bytes"): "CAST(c0 AS BIGINT)",
    sql.size("c0", '"NULL"', "bytes"): "CAST(NULL AS BIGINT)",
    sql.size("c0", "UBIGINT", "bytes"): f"CASE WHEN c0 > 9223372036854775807 THEN {REFUSED} ELSE {WHOLE} END",
    sql.size("c0", "DOUBLE", "bytes"): f"CASE WHEN c0 IS NULL OR ISNAN(c0) THEN NULL WHEN c0 = {WHOLE}"
    f" AND ABS(c0) < 9007199254740992 THEN {WHOLE} ELSE {REFUSED} END",
    sql.size("c0", "DECIMAL(9,2)", "bytes"): f"CASE WHEN c0 IS NULL THEN NULL WHEN c0 = {WHOLE}"
    f" THEN COALESCE({WHOLE}, {REFUSED}) ELSE {REFUSED} END",
    sql.moment("c0", "DATE"): "CAST(c0 AS TIMESTAMP_NTZ)",
    sql.text_size("c0", "BLOB"): "OCTET_LENGTH(c0)",
    sql.text_size("c0", "VARCHAR"): "BIT_LENGTH(CAST(c0 AS STRING)) DIV 8",
    "SELECT CAST(sum(bytes) AS BIGINT) AS b": "SELECT CAST(SUM(bytes) AS BIGINT) AS b",
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.items(), ids=range(len(TEXTS)))
def test_transpiled(text, expected):
    assert transpiled(text) == expected


def test_text_as_a_number_is_guarded_everywhere():
    text = transpiled(sql.size("c0", "VARCHAR", "bytes"))
    assert text.count("AS DOUBLE)") == text.count("RLIKE") == 4


def test_the_patterns_of_an_address_keep_their_backslashes():
    text = transpiled(sql.authority("u", sql.plain_host("u")))
    assert text.startswith(
        r"CASE WHEN REGEXP_EXTRACT(u, '^https?://([A-Za-z0-9._-]+)(?::[0-9]{1,4})?/') <> '' THEN REGEXP_EXTRACT(u, "
    )
    assert r"'^[\\x00-\\x20]*[A-Za-z][A-Za-z0-9+.\\-\\t\\n\\r]*:" in text


def test_documents_check_the_encoding_of_text_but_not_of_bytes_that_are_only_measured():
    kinds = {"b": Kind("BLOB", "binary"), "l": Kind("BLOB", "binary"), "n": Kind('"NULL"', "integer")}
    text = documents("raw7", {"text": "b", "language": "l", "tokens": "n"}, kinds)
    assert "r0 AS c0" in text
    assert "is_valid_utf8(CAST(r1 AS STRING)) THEN CAST(r1 AS STRING)" in text
    assert "CAST(NULL AS STRING) AS c2 FROM raw7" in text
    assert "OCTET_LENGTH(c0) AS bytes" in text
    assert text.rstrip().endswith("FROM shard))")


def test_documents_without_columns():
    text = documents("raw0", {}, {})
    assert "checked AS (SELECT 1 AS nothing FROM raw0)" in text
    assert "CAST(NULL AS BIGINT) AS bytes_" in text


def test_documents_with_nanoseconds():
    text = documents("raw0", {"date": "d"}, {"d": Kind("TIMESTAMP_NS", "long")})
    assert "timestamp_micros(c0 DIV 1000) AS moment" in text
    assert "NOT c0 IS NULL AS dated" in text


def test_documents_leave_dates_that_are_far_away_to_duckdb():
    text = documents("raw0", {"date": "d"}, {"d": Kind("DATE", "date")})
    assert "CASE WHEN abs(year(c0)) < 200000 THEN CAST(c0 AS TIMESTAMP_NTZ)" in text
    assert "WHEN c0 IS NOT NULL THEN raise_error(concat('kaiji:date:', input_file_name())) END AS moment" in text


def matches(pattern, text):
    return re.match(pattern.replace(r"\z", r"\Z"), text, re.ASCII) is not None


@pytest.mark.parametrize("text", ["1", " 01 ", "+-1", "1.", ".5", "1e3", "1_000.0_1E+1_0"])
def test_numbers(text):
    assert matches(_NUMBER, text)


@pytest.mark.parametrize("text", ["", ".", "1__0", "_1", "1_", "1d", "0x10", "nan", "inf", "1e", "--1", "1 0", "１"])
def test_no_numbers(text):
    assert not matches(_NUMBER, text)


@pytest.mark.parametrize("text", ["2024-1-5", "2024/01/05 1:", "2024-01-05T10:00:00.5+09:30", "2024-01-05 10:00 UTC "])
def test_dates(text):
    assert matches(_DATE, text)


@pytest.mark.parametrize("text", ["2024-01/05", "20240105", "2024-01-05 10", "2024-01-05 10:00+9", "999-01-01"])
def test_no_dates(text):
    assert not matches(_DATE, text)
    assert not matches(_UNTOLD, text)


@pytest.mark.parametrize("text", ["2024-01-05 10:00 Asia/Tokyo", "2024-01-05 10:00\n CET", "2024-01-05 10:00-01: "])
def test_dates_that_only_duckdb_can_tell(text):
    assert not matches(_DATE, text)
    assert matches(_UNTOLD, text)
