"""What the scan returns: exact, confidential, and complete for the shards that could be read."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from kaiji.findings import Finding
from kaiji.terms import Modality


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Shard(_Part):
    """One file (or one folder saved by `datasets`) that was read whole."""

    path: str = Field(description="Path relative to the folder of release.yaml.")
    sha256: str | None = Field(
        description="SHA-256 of its bytes; of a folder, over the sorted (name, sha256) of its files. Null: not asked."
    )
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


class TopDomains(_Part):
    """How many names the list of the largest domains holds, and by what they are ordered."""

    modality: Modality | None = Field(description="None for all modalities together.")
    names: int = Field(description="N: distinct names.")
    measure: str = Field(description="bytes, tokens or documents.")
    listed: int = Field(description="ceil(0.10 N).")
    listed_small: int = Field(description="min(ceil(0.05 N), 1000): of these, listed for a small provider.")


class RankedDomains(_Part):
    """The largest names of what was crawled, of one modality or of all together."""

    modality: Modality | None = Field(None, description="None for all modalities together.")
    names: int = Field(description="N: distinct names.")
    measure: str = Field(description="What they are ordered by: bytes, tokens or documents.")
    domains: tuple[str, ...] = Field(description="The first ceil(0.10 N) names, the largest first, equal ones by name.")


class ScanResult(_Part):
    """Result of the scan of a release.

    ``cells`` is a Parquet file with the columns ``source_id``, ``modality`` (string), ``language``, ``licence``
    (string, null when the row has none), ``month`` (string YYYY-MM, null), ``documents``, ``bytes``, ``tokens`` (int64;
    bytes and tokens null where not measured), sorted by the first five, nulls first.
    """

    sources: tuple[SourceScan, ...]
    cells: Path
    addressed: frozenset[str] = Field(description="Ids of the sources that have documents and map a url column.")
    findings: tuple[Finding, ...]
    engine: str = Field(description="Engine and version, for example `duckdb 2.0.0`.")
    psl_version: str = Field(description="Version of the Public Suffix List package.")
    psl_date: str = Field(description="Date of the list, YYYY-MM-DD.")
    tokenizers: tuple[str, ...] = Field(
        (), description="Tokenizers that counted, with file, digest and package; sorted."
    )
    top_domains: tuple[TopDomains, ...] = Field(
        (), description="Of all modalities together, then of each, if asked for."
    )
    crawled: tuple[RankedDomains, ...] = Field(
        (), description="Largest names of the crawled sources that were named: of all, then of each modality."
    )
    notices: tuple[str, ...] = Field((), description="What happened to the cache; no part of any document.")

    def source(self, source_id: str) -> SourceScan | None:
        return next((source for source in self.sources if source.source_id == source_id), None)
