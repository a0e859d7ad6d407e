# ruff: noqa: S608  (SQL is put together from our own texts; names and paths from outside pass through `quoted`)
"""Reads one shard into the table ``partial``: whole, or not at all."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from kaiji.errors import StageError
from kaiji.manifest.models import Columns
from kaiji.scan import arrow, bounds, jsonl, sql
from kaiji.scan.engine import Engine
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile


class Facts(NamedTuple):
    """What was found in a shard (or in several, added up), exact."""

    documents: int = 0
    bytes: int = 0
    """Sum; 0 where no size is mapped."""
    tokens: int = 0
    with_bytes: int = 0
    """Rows that have a size in bytes."""
    with_tokens: int = 0
    languages: int = 0
    """Groups of rows with a language; 0 means that no row has one. So for licences, months and addresses."""
    licences: int = 0
    months: int = 0
    addresses: int = 0
    no_dates: int = 0
    """Rows whose date is no date."""

    def plus(self, other: "Facts") -> "Facts":
        return Facts(*(a + b for a, b in zip(self, other, strict=True)))

    def values(self, role: str) -> int:
        """0 when no row holds a value in the role's column."""
        return {
            "url": self.addresses,
            "text": self.with_bytes,
            "bytes": self.with_bytes,
            "tokens": self.with_tokens,
            "language": self.languages,
            "licence": self.licences,
            "date": self.months,
        }[role]


def roles(columns: Columns) -> dict[str, str]:
    """Role to column name, of the columns that are read; the text only when no column holds its size."""
    mapped = {role: cast("str", name) for role, name in columns if name is not None}
    if "bytes" in mapped:
        mapped.pop("text", None)
    return mapped


def read(engine: Engine, file: DataFile, mapped: Mapping[str, str]) -> Facts:
    """Fills ``partial`` with the rows of ``file`` and returns what was found.

    ``mapped`` is that of :func:`roles`. Raises :class:`ShardError` when the shard does not count, and
    :class:`StageError` when the engine itself is broken.
    """
    import duckdb

    link = engine.link(file.real)
    try:
        engine.connection.execute(sql.PARTIAL)
        if file.format == "parquet":
            _read_parquet(engine, link, mapped)
        elif file.format == "jsonl":
            _read_jsonl(engine, file, link, mapped)
        else:
            _read_saved_dataset(engine, file, mapped)
        return _facts(engine)
    except duckdb.Error as error:
        if engine.interrupted(error):
            raise StageError("the engine failed in a way that it cannot go on from") from error
        raise _explained(file, mapped, error) from error
    except OSError as error:
        raise ShardError("KJ201", "the file cannot be read", detail=str(error)) from error


def _facts(engine: Engine) -> Facts:
    found = [tuple(int(cast("int", value or 0)) for value in row) for row in engine.rows(sql.FACTS)]
    if not found:
        return Facts()
    by_cell = Facts(*found[0][1:])
    if max(by_cell.bytes, by_cell.tokens) > sql.INT64_MAX:
        raise ShardError("KJ201", "its sizes add up to more than 64 bits hold")
    return by_cell if len(found) == 1 else by_cell._replace(addresses=found[1][9])


def _read_parquet(engine: Engine, link: str, mapped: Mapping[str, str]) -> None:
    schema = engine.rows(f"SELECT name, num_children FROM parquet_schema({link})")
    described = engine.rows(f"DESCRIBE SELECT * FROM read_parquet({link}, hive_partitioning = false)")
    names = _top_level([(str(name), int(cast("int", children or 0))) for name, children in schema])
    kinds = [str(row[1]) for row in described]
    _check_there(mapped, names)
    held = {name: (f"c{number}", kind) for number, (name, kind) in enumerate(zip(names, kinds, strict=True))}
    for name in mapped.values():
        if names.count(name) > 1:
            raise ShardError("KJ201", f"column {name!r} occurs twice")
    aliases = ", ".join(f"c{number}" for number in range(len(names)))
    relation = f"read_parquet({link}, hive_partitioning = false) AS shard({aliases})"
    rows = sql.rows(relation, expressions(mapped, held))
    # Two queries: Parquet reads only the columns that each needs, which costs less than grouping twice at once.
    engine.connection.execute(sql.cells_of(rows))
    if "url" in mapped:
        engine.connection.execute(sql.authorities_of(rows))
    counted = engine.rows("SELECT sum(documents) FROM partial GROUP BY by_cell")
    (stated,) = engine.rows(f"SELECT sum(num_rows) FROM parquet_file_metadata({link})")
    if any(row != stated for row in counted):
        raise ShardError("KJ201", "the file holds another number of rows than it states")


def _top_level(schema: list[tuple[str, int]]) -> list[str]:
    """Names of the top-level columns; ``schema`` lists the tree depth first, from its root."""
    names: list[str] = []
    inner = 0
    for name, children in schema[1:]:
        if inner:
            inner -= 1
        else:
            names.append(name)
        inner += children
    return names


def _read_jsonl(engine: Engine, file: DataFile, link: str, mapped: Mapping[str, str]) -> None:
    bounds.check(file.real, file.compression)
    names = sorted(set(mapped.values()))
    held = {name: (f"c{number}", "VARCHAR") for number, name in enumerate(names)}
    relation = jsonl.relation(link, file.compression, names)
    rows = sql.rows(relation, expressions(mapped, held))
    # A key that is missing from every line shows only when all shards of the source have been read.
    engine.connection.execute(sql.both_of(rows) if "url" in mapped else sql.cells_of(rows))
    if engine.rows(sql.HAS_ROW_OF_NOTHING) == [(True,)] and jsonl.has_other_values(engine, link, file.compression):
        line = jsonl.null_line(file.real, file.compression)
        raise ShardError("KJ201", "a line is not a JSON object", line=line)


def _read_saved_dataset(engine: Engine, file: DataFile, mapped: Mapping[str, str]) -> None:
    import pyarrow as pa

    names = sorted(set(mapped.values()))
    for dataset in arrow.saved_parts(file.real):
        _check_there(mapped, dataset.column_names)
        engine.connection.register("described", arrow.schema(dataset, names).empty_table())
        kinds = [str(row[1]) for row in engine.rows("DESCRIBE SELECT * FROM described")]
        engine.connection.unregister("described")
        held = {name: (f"c{number}", kinds[number]) for number, name in enumerate(names)}
        rows = sql.rows("batches", expressions(mapped, held))
        engine.connection.register("batches", arrow.batches(dataset, names))
        try:
            engine.connection.execute(sql.both_of(rows) if "url" in mapped else sql.cells_of(rows))
        except pa.ArrowException as error:
            raise ShardError("KJ201", "the file cannot be read", detail=str(error)) from error
        finally:
            engine.connection.unregister("batches")


def _check_there(mapped: Mapping[str, str], names: Iterable[str]) -> None:
    present = list(names)
    for role, name in mapped.items():
        if name not in present:
            raise missing(role, name, present)


def missing(role: str, name: str, present: Iterable[str]) -> ShardError:
    """KJ204 for the column ``name``, with the name that may have been meant among those ``present``."""
    close = difflib.get_close_matches(name.lower(), sorted({other.lower() for other in present}), n=1, cutoff=0.5)
    meant = next((other for other in sorted(present) if close and other.lower() == close[0]), None)
    hint = f"; did you mean {meant!r}?" if meant else ""
    return ShardError("KJ204", f"no column {name!r} for {role}{hint}", key=f"files.columns.{role}")


def expressions(mapped: Mapping[str, str], held: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """SQL for each role of :func:`kaiji.scan.sql.rows`; ``held`` maps a column to its SQL name and type.

    Raises :class:`ShardError` (KJ201) for a column whose type cannot serve its role.
    """
    found: dict[str, str | None] = {}
    for role, name in mapped.items():
        column, kind = held[name]
        if role == "text":
            found["bytes"] = sql.text_size(column, kind)
        elif role in ("bytes", "tokens"):
            found[role] = sql.size(column, kind, role)
        elif role == "date":
            as_text = kind in ("VARCHAR", "BLOB")
            found["dated"] = f"{sql.text(column, kind)} <> ''" if as_text else f"{column} IS NOT NULL"
            found["moment"] = sql.moment(column, kind)
        else:
            found[role] = sql.text(column, kind)
        if None in found.values():
            message = f"the type of column {name!r} cannot serve for {role}"
            raise ShardError("KJ201", message, detail=kind, key=f"files.columns.{role}")
    return {role: expression for role, expression in found.items() if expression is not None}


def _explained(file: DataFile, mapped: Mapping[str, str], error: Exception) -> ShardError:
    """The engine's error as one of ours; its own words may quote the data, so they go into the detail."""
    words = re.sub(r'"[^"]*/shard-\d+"', "the file", str(error)).split("\n")[0][:500]
    if mark := re.search(rf"{sql.ERROR_MARK}(size|negative):(\w+)", words):
        role = mark[2] if mark[2] in mapped else "text"
        if mark[1] == "negative":
            return ShardError("KJ207", f"column {mapped[role]!r} holds a negative value", key=f"files.columns.{role}")
        message = f"column {mapped[role]!r} holds a value that is no whole number of 64 bits"
        return ShardError("KJ201", message, key=f"files.columns.{role}")
    if "maximum_object_size" in str(error):
        return ShardError("KJ201", "a line is longer than the scan allows", detail=words)
    if "utf-8" in words.lower() or "utf8" in words.lower() or "string encoding" in words.lower():
        return ShardError("KJ201", "it holds text that is not UTF-8", detail=words, line=_line(file, words))
    if "Out of Memory" in words:
        return ShardError("KJ201", "reading it takes more memory than the scan may use", detail=words)
    if file.format == "jsonl" and "JSON" in words:
        return ShardError("KJ201", "a line is not a JSON object", detail=words, line=_line(file, words))
    return ShardError("KJ201", "the file cannot be read", detail=words)


def _line(file: DataFile, words: str) -> int | None:
    named = re.search(r"in line (\d+)", words)
    return jsonl.broken_line(file.real, file.compression, int(named[1])) if named else None
