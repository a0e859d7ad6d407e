"""What the scan returns: exact, confidential, and complete for the shards that could be read."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from kaiji.findings import Finding


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Shard(_Part):
    """One file (or one folder saved by `datasets`) that was read whole."""

    path: str = Field(description="Path relative to the folder of release.yaml.")
    sha256: str = Field(description="SHA-256 of its bytes; of a folder, over the sorted (name, sha256) of its files.")
    documents: int = Field(description="Rows.")


class SourceScan(_Part):
    """Totals of one observed source. ``None`` stands for not measured (no column), never for zero."""

    source_id: str
    shards: tuple[Shard, ...]
    documents: int
    bytes: int | None
    tokens: int | None
    rows_with_bytes: int | None = Field(None, description="Rows that have a size; None stands for all of them.")
    rows_with_tokens: int | None = Field(None, description="Rows that have tokens; None stands for all of them.")
    complete: bool = Field(description="False when a shard could not be read: the totals are a lower bound.")


class ScanResult(_Part):
    """Result of the scan of a release.

    ``cells`` is a Parquet file with the columns ``source_id`` (string), ``language``, ``licence`` (string, null when
    the row has none), ``month`` (string YYYY-MM, null), ``documents``, ``bytes``, ``tokens`` (int64; bytes and tokens
    null where not measured), sorted by the first four, nulls first.

    ``domains`` is a Parquet file with the columns ``source_id``, ``domain`` (registrable domain in punycode, or a
    bucket in parentheses), ``documents``, ``bytes``, ``tokens``, sorted by the first two; it covers the sources that
    map a url column. Buckets: ``(none)`` no address, ``(invalid)`` no URL of the WHATWG standard, ``(no-host)`` a
    scheme without authority or with an empty host, ``(opaque)`` host of a non-special scheme, ``(ip)`` an address,
    ``(suffix)`` a public suffix itself or a single label, ``(empty-label)`` a name with an empty label.
    """

    sources: tuple[SourceScan, ...]
    cells: Path
    domains: Path
    findings: tuple[Finding, ...]
    engine: str = Field(description="Engine and version, for example `duckdb 2.0.0`.")
    psl_version: str = Field(description="Version of the Public Suffix List package.")
    psl_date: str = Field(description="Date of the list, YYYY-MM-DD.")

    def source(self, source_id: str) -> SourceScan | None:
        return next((source for source in self.sources if source.source_id == source_id), None)
