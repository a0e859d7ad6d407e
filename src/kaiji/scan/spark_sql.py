# ruff: noqa: S608  (SQL is put together from our own texts; names from outside are fields of a schema, never text)
"""The SQL of the scan for Spark: the texts of :mod:`kaiji.scan.sql`, transpiled.

What the two engines read differently is written anew here: text as UTF-8, as a number, as a date. Each expression
gives what DuckDB gives, or ends the query with an error that names the file; then the reader of DuckDB takes this file
over and has the last word (:mod:`kaiji.scan.spark_task`).
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from kaiji.scan import shards, sql

if TYPE_CHECKING:
    from sqlglot import exp


class Kind(NamedTuple):
    """Type of a column of a Parquet file: as DuckDB names it, and as Spark reads it (JSON name of a Spark type)."""

    duckdb: str
    spark: str


_SPACE = r"[ \t\n\x0B\f\r]"
_DIGITS = "[0-9]+(?:_[0-9]+)*"
_NUMBER = rf"^{_SPACE}*(?:\+?-|\+)?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?{_SPACE}*\z"
"""Text that DuckDB reads as a finite DOUBLE (or an infinite one, when the exponent is too large)."""

_DATE = (
    rf"^{_SPACE}*0*([1-9][0-9]{{3,4}})([-/ \\])([0-9]{{1,2}})\2([0-9]{{1,2}})"
    rf"(?:[T \t\n\x0B\f\r]{_SPACE}*0*([0-9]{{1,2}}):(?:([0-9]{{1,2}})(?::(?:([0-9]{{1,2}})(?:\.([0-9]*))?)?)?)?"
    rf"(?:Z{_SPACE}*|([+-])([0-9]{{2}})(?:([0-9]{{2}})|:([0-9]{{2}})(?::([0-9]{{2}}))?)?{_SPACE}*"
    rf"| (?:(?i:UTC|GMT))?{_SPACE}*)?)?\z"
)
"""Text that DuckDB reads as a TIMESTAMPTZ of the years 1000 to 99999, except what :data:`_UNTOLD` matches."""
_PARTS = (
    *("year", "separator", "month", "day", "hour", "minute", "second", "fraction"),
    *("sign", "off_hours", "off_minutes", "off_minutes_2", "off_seconds"),
)
_UNTOLD = rf"(?s)^{_SPACE}*[0-9]+([-/ \\])[0-9]+\1[0-9]+[T \t\n\x0B\f\r].*(?::{_SPACE}*\z|[A-SU-Ya-z])"
"""Text with a time that may name a time zone, or ends in a way that only DuckDB can tell; looked for last."""
_FOUND = "\x01"
_FAR = 200_000
"""A year that all types of dates hold."""


def documents(view: str, mapped: Mapping[str, str], kinds: Mapping[str, Kind]) -> str:
    """The rows of Parquet files as :func:`kaiji.scan.sql.rows` has them, for Spark.

    ``view`` has the columns r0, r1, …: those of ``mapped`` (role to column), sorted by name, of the types ``kinds``.
    """
    held: dict[str, tuple[str, str]] = {}
    checked: list[str] = []
    for number, (name, kind) in enumerate(sorted(kinds.items())):
        raw, duckdb = f"r{number}", kind.duckdb
        if duckdb == '"NULL"':
            raw, duckdb = "CAST(NULL AS STRING)", "VARCHAR"
        elif duckdb == "VARCHAR" or (duckdb == "BLOB" and _is_read_as_text(name, mapped)):
            raw, duckdb = _utf8(raw), "VARCHAR"
        checked.append(f"{raw} AS c{number}")
        held[name] = (f"c{number}", duckdb)
    found = {role: transpiled(text) for role, text in shards.expressions(mapped, held).items() if role != "moment"}
    if "date" in mapped:
        found |= _moment(*held[mapped["date"]], kinds[mapped["date"]])
    roles = {role: role for role in found if not role.startswith("date_")}
    columns = ", ".join(f"{text} AS {name}" for name, text in found.items()) or "1 AS nothing"
    return f"""WITH checked AS (SELECT {", ".join(checked) or "1 AS nothing"} FROM {view}),
        shard AS (SELECT {columns} FROM checked)
        {transpiled(sql.rows("shard", roles))}"""


@cache
def transpiled(text: str) -> str:
    """A query or expression of DuckDB as Spark's. Errors name the file; a sum beyond 64 bits is one (ANSI mode)."""
    import sqlglot

    return str(sqlglot.parse_one(text, read="duckdb").transform(_rewritten).sql(dialect="spark"))


def _rewritten(node: "exp.Expr") -> "exp.Expr":
    from sqlglot import exp

    if isinstance(node, exp.Anonymous) and node.name.upper() == "ERROR":
        return _parsed(_error(node.expressions[0].name.removeprefix(sql.ERROR_MARK)))
    if isinstance(node, exp.Trunc):
        # Spark's own is for dates. This one is null beyond 64 bits, and so is not equal to the number either.
        return _parsed(f"TRY_CAST({node.this.transform(_rewritten).sql('spark')} AS BIGINT)")
    if isinstance(node, exp.TryCast) and node.to.is_type("DOUBLE"):
        text = node.this.sql("spark")
        digits = f"replace(replace({text}, '_', ''), '+', '')"
        return _parsed(f"CASE WHEN {text} RLIKE {_literal(_NUMBER)} THEN TRY_CAST({digits} AS DOUBLE) END")
    return node


def _parsed(text: str) -> "exp.Expr":
    import sqlglot

    return sqlglot.parse_one(text, read="spark")


def _error(reason: str) -> str:
    return f"raise_error(concat({_literal(sql.ERROR_MARK + reason + ':')}, input_file_name()))"


def _utf8(column: str) -> str:
    text = f"CAST({column} AS STRING)"
    return f"CASE WHEN {column} IS NULL OR is_valid_utf8({text}) THEN {text} ELSE {_error('utf8')} END"


def _is_read_as_text(name: str, mapped: Mapping[str, str]) -> bool:
    """False when only the size of the column ``name`` is looked at."""
    return any(column == name and role != "text" for role, column in mapped.items())


def _moment(column: str, held: str, kind: Kind) -> dict[str, str]:
    """``moment`` of :func:`kaiji.scan.sql.rows`, and what it is made of under names that begin with `date_`."""
    if kind.spark == "long":
        # Nanoseconds; DuckDB too cuts them off towards 1970.
        return {"moment": f"timestamp_micros({column} DIV 1000)"}
    if held != "VARCHAR":
        # At the ends of what the types hold, the engines differ.
        return {
            "moment": f"""CASE WHEN abs(year({column})) < {_FAR} THEN {transpiled(sql.moment(column, held))}
            WHEN {column} IS NOT NULL THEN {_error("date")} END"""
        }
    part = {name: f"date_parts[{number}]" for number, name in enumerate(_PARTS, start=1)}
    number = {name: f"coalesce(CAST(nullif({at}, '') AS INT), 0)" for name, at in part.items()}
    groups = ",".join((_FOUND, *(f"${number}" for number in range(1, len(_PARTS) + 1))))
    seconds = f"({number['hour']} * 3600 + {number['minute']} * 60 + {number['second']})"
    offset = f"""(({number["off_hours"]} * 60 + {number["off_minutes"]} + {number["off_minutes_2"]}) * 60
        + {number["off_seconds"]}) * CASE WHEN {part["sign"]} = '-' THEN -1 ELSE 1 END"""
    return {
        "date_text": f"""CASE WHEN octet_length({column}) = 7 THEN concat({column}, '-01')
            WHEN ascii({column}) BETWEEN 48 AND 57 THEN {column} END""",
        "date_parts": f"split(regexp_replace(date_text, {_literal(_DATE)}, {_literal(groups)}), ',')",
        "date_is_told": f"size(date_parts) = {len(_PARTS) + 1} AND date_parts[0] = {_literal(_FOUND)}",
        "date_day": f"""CASE WHEN date_is_told AND {number["minute"]} < 60 AND {number["second"]} < 60 AND (
                {number["hour"]} < 24 OR {seconds} = 86400 AND NOT substr({part["fraction"]}, 1, 6) RLIKE '[1-9]')
            THEN TRY_CAST(concat_ws('-', {part["year"]}, {part["month"]}, {part["day"]}) AS DATE) END""",
        "moment": f"""CASE WHEN date_is_told THEN date_add(date_day, CAST(floor(({seconds} - {offset}) / 86400) AS INT))
            WHEN date_text RLIKE {_literal(_UNTOLD)} THEN {_error("date")} END""",
    }


def _literal(text: str) -> str:
    """``text`` as a literal of Spark, which reads backslashes in it."""
    return "'" + re.sub(r"([\\'])", r"\\\1", text) + "'"
