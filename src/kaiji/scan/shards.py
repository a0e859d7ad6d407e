# ruff: noqa: S608  (SQL is put together from our own texts; names and paths from outside pass through `quoted`)
"""Adds up one shard, or several together: whole, or not at all."""

import difflib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate, groupby
from pathlib import Path
from typing import NamedTuple, cast

from kaiji.errors import StageError
from kaiji.manifest.models import Columns
from kaiji.scan import arrow, bounds, jsonl, sql
from kaiji.scan.attached import at_hand
from kaiji.scan.bounds import LONGEST_LINE
from kaiji.scan.engine import Engine, disk_full, interrupted, want
from kaiji.scan.facts import Facts
from kaiji.scan.failure import ShardError
from kaiji.scan.files import DataFile
from kaiji.scan.tokenizer import Tokenizer, measured

_ROWS_TOGETHER = 5_000_000
"""Most rows of several shards that are added up in one query: what is distinct in them is held in memory."""


def roles(columns: Columns, *, with_text: bool = False) -> dict[str, str]:
    """Role to column name, of the columns that are read; the text only ``with_text`` or if no column holds its size."""
    mapped = {role: cast("str", name) for role, name in columns if name is not None}
    if "bytes" in mapped and not with_text:
        mapped.pop("text", None)
    return mapped


class Tables(NamedTuple):
    """What a shard adds up to: Parquet files in the private folder (see :mod:`kaiji.scan.partials`)."""

    cells: Path
    authorities: Path | None
    """None without a url column."""


def read(
    engine: Engine, file: DataFile, mapped: Mapping[str, str], tokenizer: Tokenizer | None = None
) -> tuple[Facts, Tables]:
    """Adds up the rows of ``file``: what was found, and its tables.

    ``mapped`` is that of :func:`roles`; ``tokenizer`` counts the tokens of the text. Raises :class:`ShardError` when
    the shard does not count, and
    :class:`StageError` when the engine itself is broken.
    """
    import duckdb

    readers = {"parquet": _read_parquet, "jsonl": _read_jsonl, "datasets": _read_saved_dataset}
    with at_hand(file, engine.folder) as here:
        try:
            tables = readers[file.format](engine, here, mapped, tokenizer)
            return facts(engine, tables), tables
        except duckdb.Error as error:
            if failure := engine.failure(file):
                raise failure from error
            if interrupted(error):
                raise StageError("the engine failed in a way that it cannot go on from") from error
            if disk_full(error):
                raise StageError(want(error) or "") from error
            raise _explained(here, mapped, error) from error
        except OSError as error:
            raise ShardError("KJ201", "the file cannot be read", detail=str(error)) from error


def read_together(
    engine: Engine, files: Sequence[DataFile], mapped: Mapping[str, str]
) -> list[tuple[tuple[int, ...], Facts, Tables]]:
    """Adds up local Parquet ``files`` in few queries; in order, the rows of some of them, and as :func:`read` of these.

    What several shards share is grouped once then. Raises :class:`ShardError` when one of them does not count (which,
    only :func:`read` tells), and :class:`StageError` when the engine itself is broken.
    """
    import duckdb

    try:
        return _of_several(engine, files, mapped)
    except (duckdb.Error, OSError) as error:
        if isinstance(error, duckdb.Error) and interrupted(error):
            raise StageError("the engine failed in a way that it cannot go on from") from error
        raise ShardError("KJ201", "one of the files cannot be read") from error


def _of_several(
    engine: Engine, files: Sequence[DataFile], mapped: Mapping[str, str]
) -> list[tuple[tuple[int, ...], Facts, Tables]]:
    found: list[tuple[tuple[int, ...], Facts, Tables]] = []
    waiting = [_opened(engine, file, mapped) for file in files]
    while waiting:
        rows = list(accumulate(one.stated for one in waiting))
        number = max(1, bisect_right(rows, _ROWS_TOGETHER))
        now, waiting = waiting[:number], waiting[number:]
        tables = _of_parquet(engine, now, mapped)
        found.append((tuple(one.stated for one in now), facts(engine, tables), tables))
    return found


def nothing(engine: Engine, mapped: Mapping[str, str]) -> tuple[Facts, Tables]:
    """As :func:`read`, of a shard without a row."""
    engine.connection.execute(sql.PARTIAL)
    return Facts(), _of_both(engine, mapped)


def facts(engine: Engine, tables: Tables) -> Facts:
    """What was found, from the tables of a shard."""
    (row,) = engine.rows(sql.facts(*_literals(tables)))
    return Facts(*(int(cast("int", value)) for value in row))


def _literals(tables: Tables) -> tuple[str, str | None]:
    return sql.quoted(str(tables.cells)), sql.quoted(str(tables.authorities)) if tables.authorities else None


def _of_both(engine: Engine, mapped: Mapping[str, str]) -> Tables:
    cells = engine.write(sql.CELLS_OF_BOTH, "cells", packed_by=sql.PACKED_CELLS)
    if "url" not in mapped:
        return Tables(cells, None)
    return Tables(cells, engine.write(sql.AUTHORITIES_OF_BOTH, "authorities", packed_by=sql.PACKED_AUTHORITIES))


class _Opened(NamedTuple):
    """A Parquet file as the engine sees it."""

    link: str
    """SQL literal of its name."""
    names: Sequence[str]
    """Its columns, in order."""
    held: dict[str, tuple[str, str]]
    """Column to its SQL name and type."""
    stated: int
    """Rows, by its footer."""


def _opened(engine: Engine, file: DataFile, mapped: Mapping[str, str]) -> _Opened:
    link = engine.link(file)
    schema = engine.rows(f"SELECT name, num_children FROM parquet_schema({link})")
    described = engine.rows(f"DESCRIBE SELECT * FROM read_parquet({link}, hive_partitioning = false)")
    names = _top_level([(str(name), int(cast("int", children or 0))) for name, children in schema])
    kinds = [str(row[1]) for row in described]
    _check_there(mapped, names)
    held = {name: (f"c{number}", kind) for number, (name, kind) in enumerate(zip(names, kinds, strict=True))}
    for name in mapped.values():
        if names.count(name) > 1:
            raise ShardError("KJ201", f"column {name!r} occurs twice")
    ((stated,),) = engine.rows(f"SELECT coalesce(sum(num_rows), 0) FROM parquet_file_metadata({link})")
    return _Opened(link, names, held, int(cast("int", stated)))


def _relation(alike: Sequence[_Opened]) -> str:
    """SQL of files with the same columns."""
    links = ", ".join(one.link for one in alike)
    aliases = ", ".join(f"c{number}" for number in range(len(alike[0].names)))
    return f"read_parquet([{links}], hive_partitioning = false) AS shard({aliases})"


def _read_parquet(engine: Engine, file: DataFile, mapped: Mapping[str, str], tokenizer: Tokenizer | None) -> Tables:
    opened = _opened(engine, file, mapped)
    if tokenizer is None:
        return _of_parquet(engine, [opened], mapped)
    tables = _read_once(engine, _relation([opened]), mapped, opened.held, tokenizer)
    _check_counted(engine, tables, opened.stated)
    return tables


def _of_parquet(engine: Engine, opened: Sequence[_Opened], mapped: Mapping[str, str]) -> Tables:
    # In one list where the columns are the same, types and all: that costs less than a query for each.
    alike = [list(some) for _, some in groupby(opened, lambda one: (one.names, one.held))]

    def rows(*, checked: bool) -> str:
        parts = ((_relation(some), expressions(mapped, some[0].held)) for some in alike)
        return " UNION ALL ".join(sql.rows(*part, checked=checked) for part in parts)

    # Two queries: Parquet reads only the columns that each needs, which costs no more than grouping twice at once.
    cells = engine.write(sql.cells(rows(checked=True)), "cells", packed_by=sql.PACKED_CELLS)
    authorities = None
    if "url" in mapped:
        authorities = engine.write(
            sql.authorities(rows(checked=False)), "authorities", packed_by=sql.PACKED_AUTHORITIES
        )
    tables = Tables(cells, authorities)
    _check_counted(engine, tables, sum(one.stated for one in opened))
    return tables


def _check_counted(engine: Engine, tables: Tables, stated: int) -> None:
    counted = [row for table in filter(None, tables) for row in engine.rows(_documents(table))]
    if any(row != (stated,) for row in counted):
        raise ShardError("KJ201", "the file holds another number of rows than it states")


def _documents(table: Path) -> str:
    return f"SELECT coalesce(sum(documents), 0) FROM read_parquet({sql.quoted(str(table))})"


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


def _read_jsonl(engine: Engine, file: DataFile, mapped: Mapping[str, str], tokenizer: Tokenizer | None) -> Tables:
    bounds.check(file, file.compression)
    if jsonl.has_mark(file, file.compression):
        raise ShardError("KJ201", "the file begins with a byte order mark, which is no JSON", line=1)
    link = engine.link(file)
    # A key that is missing from every line shows only when all shards of the source have been read.
    tables = _read_lines(engine, file, link, mapped, tokenizer)
    suspect = engine.rows(sql.has_row_of_nothing(*_literals(tables))) == [(True,)]
    if suspect and jsonl.has_other_values(engine, link, file.compression):
        line = jsonl.null_line(file, file.compression)
        raise ShardError("KJ201", "a line is not a JSON object", line=line)
    return tables


def _read_lines(
    engine: Engine, file: DataFile, link: str, mapped: Mapping[str, str], tokenizer: Tokenizer | None
) -> Tables:
    """The tables of a JSONL shard: read again for long lines, or for texts that are JSON themselves."""
    import duckdb

    names = sorted(set(mapped.values()))
    maximum, only_text = jsonl.USUAL_LINE, mapped.get("text")
    while True:
        held = {name: (f"c{number}", "VARCHAR") for number, name in enumerate(names)}
        if only_text is not None:
            held[only_text] = jsonl.unless_nested(held[only_text][0]), "VARCHAR"
        try:
            return _read_once(engine, jsonl.relation(link, file.compression, names, maximum), mapped, held, tokenizer)
        except duckdb.Error as error:
            if jsonl.is_longer(error) and maximum < LONGEST_LINE:
                maximum = LONGEST_LINE
            elif only_text is not None and jsonl.may_be_nested(error):
                if jsonl.has_nested(engine, link, file.compression, only_text):
                    message = f"column {only_text!r} holds objects or lists"
                    raise ShardError("KJ201", message, key="files.columns.text") from error
                only_text = None
            else:
                raise


def _read_once(
    engine: Engine,
    relation: str,
    mapped: Mapping[str, str],
    held: Mapping[str, tuple[str, str]],
    tokenizer: Tokenizer | None,
) -> Tables:
    """The tables of ``relation``, which is read once."""
    engine.connection.execute(sql.PARTIAL)
    with _rows(engine, relation, mapped, held, tokenizer) as rows:
        engine.connection.execute(sql.both(rows))
    return _of_both(engine, mapped)


@contextmanager
def _rows(
    engine: Engine,
    relation: str,
    mapped: Mapping[str, str],
    held: Mapping[str, tuple[str, str]],
    tokenizer: Tokenizer | None,
    relations: Mapping[str, object] | None = None,
) -> Iterator[str]:
    """:func:`kaiji.scan.sql.rows` of ``relation``, with the tokens that ``tokenizer`` counts; to be read once.

    ``relations`` are the Python objects that ``relation`` names.
    """
    if tokenizer is None:
        yield sql.rows(relation, expressions(mapped, held))
        return
    column, kind = held[mapped["text"]]
    others = expressions({role: name for role, name in mapped.items() if role != "text"}, held)
    found = {**others, "text": sql.text(column, kind)}
    query = f"SELECT {', '.join(f'{expression} AS {name}' for name, expression in found.items())} FROM {relation}"
    with measured(engine.connection, query, tokenizer, relations) as reader:
        engine.connection.register("counted", reader)
        try:
            yield sql.rows("counted", {name: name for name in ({*found} - {"text"}) | {"bytes", "tokens"}})
        finally:
            engine.connection.unregister("counted")


def _read_saved_dataset(
    engine: Engine, file: DataFile, mapped: Mapping[str, str], tokenizer: Tokenizer | None
) -> Tables:
    import pyarrow as pa

    engine.connection.execute(sql.PARTIAL)
    names = sorted(set(mapped.values()))
    for dataset in arrow.saved_parts(file.real):
        _check_there(mapped, dataset.column_names)
        engine.connection.register("described", arrow.schema(dataset, names).empty_table())
        kinds = [str(row[1]) for row in engine.rows("DESCRIBE SELECT * FROM described")]
        engine.connection.unregister("described")
        held = {name: (f"c{number}", kinds[number]) for number, name in enumerate(names)}
        batches = arrow.batches(dataset, names)
        engine.connection.register("batches", batches)
        try:
            with _rows(engine, "batches", mapped, held, tokenizer, {"batches": batches}) as rows:
                engine.connection.execute(sql.both(rows))
        except pa.ArrowException as error:
            raise ShardError("KJ201", "the file cannot be read", detail=str(error)) from error
        finally:
            engine.connection.unregister("batches")
    return _of_both(engine, mapped)


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
    words = re.sub(r"""(["'])[^"']*/shard-\d+\1""", "the file", str(error)).split("\n")[0][:500]
    if mark := re.search(rf"{sql.ERROR_MARK}(size|negative):(\w+)", words):
        role = mark[2] if mark[2] in mapped else "text"
        if mark[1] == "negative":
            return ShardError("KJ207", f"column {mapped[role]!r} holds a negative value", key=f"files.columns.{role}")
        message = f"column {mapped[role]!r} holds a value that is no whole number of 64 bits"
        return ShardError("KJ201", message, key=f"files.columns.{role}")
    if re.search(r"HUGEINT.*(out of range|can.t be cast)", words):
        return ShardError("KJ201", "its sizes add up to more than 64 bits hold", detail=words)
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
    return jsonl.broken_line(file, file.compression, int(named[1])) if named else None
