# ruff: noqa: S608  (SQL is put together from our own texts; names and paths from outside pass through `quoted`)
"""JSONL: how a shard is read, which keys occur in it, and which line is broken."""

import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kaiji.scan import sql
from kaiji.scan.bounds import LONGEST_LINE
from kaiji.scan.engine import Engine
from kaiji.scan.files import Compression


def relation(link: str, compression: Compression, keys: Sequence[str]) -> str:
    """The rows of a shard as a relation with the text columns c0, c1, … for ``keys``; a missing key is null.

    The columns are given, never inferred from a sample. Without keys the relation still has one row for each line.
    """
    names = keys or ("none",)
    columns = ", ".join(f"{sql.quoted(key)}: 'VARCHAR'" for key in names)
    aliases = ", ".join(f"c{number}" for number in range(len(names)))
    return f"read_json({_arguments(link, compression)}, records = 'true', columns = {{{columns}}}) AS shard({aliases})"


def _arguments(link: str, compression: Compression) -> str:
    return f"{link}, format = 'newline_delimited', compression = '{compression}', maximum_object_size = {LONGEST_LINE}"


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


def null_line(path: Path, compression: Compression) -> int | None:
    """Number of the first line that is `null`."""
    with _opened(path, compression) as stream:
        return next((number for number, line in enumerate(stream, start=1) if line.strip() == b"null"), None)


def broken_line(path: Path, compression: Compression, reported: int) -> int | None:
    """Number of the line that is no JSON object, at or next to the line that the engine ``reported``."""
    with _opened(path, compression) as stream:
        lines = itertools.islice(enumerate(stream, start=1), max(reported - 2, 0), reported + 1)
        try:
            return next((number for number, line in lines if _is_broken(line)), None)
        except (OSError, EOFError, ValueError):
            return None


def _is_broken(line: bytes) -> bool:
    if not line.strip():
        return False
    try:
        return not isinstance(json.loads(line.decode("utf-8")), dict)
    except (ValueError, RecursionError):
        return True


@contextmanager
def _opened(path: Path, compression: Compression) -> Iterator[IO[bytes]]:
    if compression == "uncompressed":
        with path.open("rb") as plain:
            yield plain
        return
    import io

    import pyarrow as pa

    with pa.OSFile(str(path)) as raw, pa.CompressedInputStream(raw, compression) as stream:
        yield io.BufferedReader(stream)
