"""The cells of a scan, read once for all of provenance."""

from collections import defaultdict
from typing import TYPE_CHECKING

from kaiji.scan.result import ScanResult

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("source_id", "language", "licence", "month")
SIZES = ("documents", "bytes", "tokens")


def read(scan: ScanResult) -> "pd.DataFrame":
    """The cells of ``scan``: ``KEYS`` as categories, ``SIZES`` as Int64; its further columns are left out."""
    import pandas as pd
    import pyarrow as pa
    from pyarrow import parquet

    # As one file: `read_table` would load Arrow's engine for folders of files, which costs more than a few cells do.
    with parquet.ParquetFile(scan.cells) as file:
        table = file.read(columns=[*KEYS, *SIZES], use_threads=False)
    exact = {pa.int64(): pd.Int64Dtype()}.get
    frame: pd.DataFrame = table.to_pandas(categories=list(KEYS), types_mapper=exact, use_threads=False)
    return frame


def distinct(cells: "pd.DataFrame", column: str) -> dict[str, list[str]]:
    """What ``column`` holds in the rows of each source, sorted; a source whose rows hold nothing is absent."""
    pairs = cells[["source_id", column]].drop_duplicates().dropna()
    found: dict[str, list[str]] = defaultdict(list)
    for source, value in zip(pairs["source_id"], pairs[column], strict=True):
        found[str(source)].append(str(value))
    return {source: sorted(values) for source, values in sorted(found.items())}
