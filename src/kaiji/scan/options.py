"""What a caller may choose about a scan; nothing of it changes a figure."""

from pathlib import Path
from typing import Literal, NamedTuple

from kaiji.scan.cache import Cache

Fingerprint = Literal["fast", "full"]
FINGERPRINTS: tuple[Fingerprint, ...] = ("fast", "full")
DUCKDB = "duckdb"


class Options(NamedTuple):
    """Options of a scan."""

    memory: str | None = None
    """Bound of the whole process, for example `2GB`; else the engine takes up to 80 % of the machine."""
    temp_dir: Path | None = None
    """Where the private folder is made that takes what does not fit into the memory."""
    cache: Cache | None = None
    """Where partials are kept."""
    fingerprint: Fingerprint = "fast"
    """How a shard is recognised: by size, time and both ends, or by all of its bytes."""
    engine: str = DUCKDB
    """`duckdb`, or the master of a Spark cluster: `local[2]`, `spark://host:7077`."""
    digests: bool = True
    """Whether the SHA-256 of every shard is wanted."""
    cached_only: bool = False
    """Whether shards without a partial in the cache are an error instead of being read."""
