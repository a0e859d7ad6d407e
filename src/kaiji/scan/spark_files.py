"""Which Parquet files Spark reads by itself, and of which types their columns are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from kaiji.scan.files import DataFile
from kaiji.scan.spark_sql import Kind

_FOOTERS_AT_ONCE = 8
_LARGEST_PRECISION = 38
_AS_TEXT, _AS_NUMBER, _AS_DATE = {"url", "language", "licence", "text"}, {"bytes", "tokens"}, {"date"}


class Footer(NamedTuple):
    """What the footer of a file says."""

    rows: int
    kinds: dict[str, Kind]
    """Types of the mapped columns."""


def footers(files: Sequence[DataFile], mapped: Mapping[str, str]) -> dict[DataFile, Footer]:
    """Footers of those ``files`` that Spark can read in the same way as DuckDB; ``mapped`` is role to column.

    Left out is what is not local or not Parquet, lacks a column or has it twice, or holds it in a type that Spark
    does not know (16 bit floats, UUID, times of day), shows otherwise as text (lists, numbers), or cannot tell apart.
    """
    import pyarrow as pa

    def footer(file: DataFile) -> Footer | None:
        if file.format != "parquet" or file.is_remote:
            return None
        try:
            return _footer(file.real, mapped)
        except (OSError, ValueError, pa.ArrowException):
            # Whoever reads it next says what is wrong with it.
            return None

    with ThreadPoolExecutor(_FOOTERS_AT_ONCE) as pool:
        found = zip(files, pool.map(footer, files), strict=True)
        return {file: one for file, one in found if one is not None}


def schema(kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Spark's schema (its JSON) of the columns ``kinds``, sorted by name."""
    fields = [
        {"name": name, "type": kind.spark, "nullable": True, "metadata": {}} for name, kind in sorted(kinds.items())
    ]
    return {"type": "struct", "fields": fields}


def _footer(path: Path, mapped: Mapping[str, str]) -> Footer | None:
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(path)
    columns = [metadata.schema.column(number) for number in range(metadata.num_columns)]
    # The path of an inner column is longer than its name.
    top = [column for column in columns if column.path == column.name and column.max_repetition_level == 0]
    times = Counter(column.name for column in top)
    kinds: dict[str, Kind] = {}
    for role, name in mapped.items():
        held = next((_kind(column, role) for column in top if column.name == name), None)
        if held is None or times[name] > 1:
            return None
        kinds[name] = held
    return Footer(metadata.num_rows, kinds)


def _kind(column: Any, role: str) -> Kind | None:
    """Type of a column of a Parquet schema if Spark can read it for ``role``."""
    told = column.logical_type.type
    if told in ("NULL", "UNKNOWN"):
        return Kind('"NULL"', "integer")
    if told == "STRING":
        return Kind("VARCHAR", "string")
    if told == "NONE" and column.physical_type in ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"):
        return Kind("BLOB", "binary") if role not in _AS_NUMBER else None
    if role in _AS_DATE:
        return _date(column, told)
    return _number(column, told) if role in _AS_NUMBER else None


def _date(column: Any, told: str) -> Kind | None:
    if told == "DATE":
        return Kind("DATE", "date")
    if told == "NONE" and column.physical_type == "INT96":
        return Kind("TIMESTAMP", "timestamp")
    if told != "TIMESTAMP":
        return None
    # isAdjustedToUTC and timeUnit are only told as text.
    words = str(column.logical_type)
    utc = "isAdjustedToUTC=true" in words
    if "timeUnit=nanoseconds" in words:
        return Kind("TIMESTAMPTZ_NS" if utc else "TIMESTAMP_NS", "long")
    return Kind("TIMESTAMP WITH TIME ZONE", "timestamp") if utc else Kind("TIMESTAMP", "timestamp_ntz")


_INTEGERS = {
    (8, True): Kind("TINYINT", "byte"),
    (16, True): Kind("SMALLINT", "short"),
    (32, True): Kind("INTEGER", "integer"),
    (64, True): Kind("BIGINT", "long"),
    (8, False): Kind("UTINYINT", "short"),
    (16, False): Kind("USMALLINT", "integer"),
    (32, False): Kind("UINTEGER", "long"),
    (64, False): Kind("UBIGINT", "decimal(20,0)"),
}
_PLAIN = {
    "INT32": Kind("INTEGER", "integer"),
    "INT64": Kind("BIGINT", "long"),
    "FLOAT": Kind("FLOAT", "float"),
    "DOUBLE": Kind("DOUBLE", "double"),
}


def _number(column: Any, told: str) -> Kind | None:
    import json

    if told == "NONE":
        return _PLAIN.get(column.physical_type)
    details = json.loads(column.logical_type.to_json())
    if told == "INT":
        return _INTEGERS[details["bitWidth"], details["isSigned"]]
    if told == "DECIMAL" and details["precision"] <= _LARGEST_PRECISION:
        sizes = f"{details['precision']},{details['scale']}"
        return Kind(f"DECIMAL({sizes})", f"decimal({sizes})")
    return None
