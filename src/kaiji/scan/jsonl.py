# ruff: noqa: S608  (SQL is put together from our own texts; names and paths from outside pass through `quoted`)
"""JSONL: how a shard is read, which keys occur in it, and which line is broken."""

import codecs
import itertools
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from kaiji.scan import sql
from kaiji.scan.bounds import LONGEST_LINE
from kaiji.scan.engine import Engine
from kaiji.scan.files import Compression, Opens

USUAL_LINE = 16 * 2**20
"""A line of so many bytes is read at the first attempt. It is the engine's own least: it holds buffers of twice as much
for every thread, so that :data:`LONGEST_LINE` is for shards that turn out to need it (:func:`is_longer`)."""

_NESTED = "kaiji:nested"


def relation(link: str, compression: Compression, keys: Sequence[str], maximum: int = USUAL_LINE) -> str:
    """The rows of a shard as a relation with the text columns c0, c1, … for ``keys``; a missing key is null.

    The columns are given, never inferred from a sample. Without keys the relation still has one row for each line.
    A line of more than ``maximum`` bytes may end the query, with an error that :func:`is_longer` knows.
    """
    names = keys or ("none",)
    columns = ", ".join(f"{sql.quoted(key)}: 'VARCHAR'" for key in names)
    aliases = ", ".join(f"c{number}" for number in range(len(names)))
    arguments = _arguments(link, compression, maximum)
    return f"read_json({arguments}, records = 'true', columns = {{{columns}}}) AS shard({aliases})"


def is_longer(error: Exception) -> bool:
    """True for the engine's error about a line that is longer than the maximum of :func:`relation`."""
    return "maximum_object_size" in str(error)


def _arguments(link: str, compression: Compression, maximum: int = LONGEST_LINE) -> str:
    return f"{link}, format = 'newline_delimited', compression = '{compression}', maximum_object_size = {maximum}"


def has_key(engine: Engine, link: str, compression: Compression, key: str) -> bool:
    """True when ``key`` occurs in a line of the shard, even with the value null."""
    objects = f"read_json_objects({_arguments(link, compression)})"
    query = f"SELECT 1 FROM {objects} WHERE list_contains(json_keys(json), $key) LIMIT 1"
    return bool(engine.rows(query, {"key": key}))


def some_keys(engine: Engine, link: str, compression: Compression) -> list[str]:
    """Keys of the first lines of the shard, sorted: those that a misspelt name may have meant."""
    objects = f"(SELECT json FROM read_json_objects({_arguments(link, compression)}) LIMIT 1000)"
    return sorted(str(row[0]) for row in engine.rows(f"SELECT DISTINCT unnest(json_keys(json)) FROM {objects}"))


def has_other_values(engine: Engine, link: str, compression: Compression) -> bool:
    """True when a line is valid JSON but no object (`null` reads as a row of nothing)."""
    objects = f"read_json_objects({_arguments(link, compression)})"
    return bool(engine.rows(f"SELECT 1 FROM {objects} WHERE json_type(json) <> 'OBJECT' LIMIT 1"))


def unless_nested(column: str) -> str:
    """SQL of ``column`` (text), or an error where it may be an object or a list (:func:`may_be_nested`).

    The engine gives those as their JSON, which a text may be as well: :func:`has_nested` tells them apart.
    """
    refuse = f"CAST(error({sql.quoted(_NESTED)}) AS VARCHAR)"
    return f"(CASE WHEN ascii({column}) IN (91, 123) AND json_valid({column}) THEN {refuse} ELSE {column} END)"


def may_be_nested(error: Exception) -> bool:
    """True for the error of :func:`unless_nested`."""
    return _NESTED in str(error)


def has_nested(engine: Engine, link: str, compression: Compression, key: str) -> bool:
    """True when the value of ``key`` is an object or a list in a line of the shard."""
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    objects = f"read_json_objects({_arguments(link, compression)})"
    query = f"SELECT 1 FROM {objects} WHERE json_type(json, $pointer) IN ('OBJECT', 'ARRAY') LIMIT 1"
    return bool(engine.rows(query, {"pointer": pointer}))


def null_line(file: Opens, compression: Compression) -> int | None:
    """Number of the first line that is `null`."""
    with _lines(file, compression) as stream:
        return next((number for number, line in enumerate(stream, start=1) if line.strip() == b"null"), None)


def broken_line(file: Opens, compression: Compression, reported: int) -> int | None:
    """Number of the line that is no JSON object, at or next to the line that the engine ``reported``."""
    with _lines(file, compression) as stream:
        lines = itertools.islice(enumerate(stream, start=1), max(reported - 2, 0), reported + 1)
        try:
            return next((number for number, line in lines if _is_broken(line)), None)
        except (OSError, EOFError, ValueError):
            return None


def has_mark(file: Opens, compression: Compression) -> bool:
    """True when the file begins with a byte order mark, which the engine refuses or not, as its threads run."""
    try:
        if compression == "gzip":
            with file.open("rb") as raw:
                return zlib.decompressobj(wbits=31).decompress(raw.read(256), 3) == codecs.BOM_UTF8
        with _lines(file, compression) as stream:
            return stream.read(3) == codecs.BOM_UTF8
    except (OSError, EOFError, ValueError, zlib.error):
        return False  # it is damaged, which reading it will tell


def _is_broken(line: bytes) -> bool:
    if not line.strip():
        return False
    try:
        return not isinstance(json.loads(line.decode("utf-8")), dict)
    except (ValueError, RecursionError):
        return True


@contextmanager
def _lines(file: Opens, compression: Compression) -> Iterator[IO[bytes]]:
    with file.open("rb") as raw:
        if compression == "uncompressed":
            yield raw
            return
        import io

        import pyarrow as pa

        with pa.CompressedInputStream(pa.PythonFile(raw, "r"), compression) as stream:
            yield io.BufferedReader(stream)
