# ruff: noqa: S608  (SQL is put together from our own texts and paths that pass through `quoted`)
"""The exact domain table of a release, and its largest names. Both are confidential.

Names are ordered by size, the largest first, and equal sizes by name (code points). Of N names the first ceil(0.10 N)
are listed, for a small provider the first min(ceil(0.05 N), 1000): the rule of the EU's template for the public summary
of training content, section 2.3. What is no name (an address, a public suffix: the buckets in parentheses) counts
neither among the N nor in the list. The size is the first of bytes, tokens and documents that all sources concerned
measure.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from kaiji.errors import StageError
from kaiji.scan.engine import Engine, literals
from kaiji.scan.result import TopDomains
from kaiji.scan.sql import quoted
from kaiji.terms import Modality

METHOD = (
    "names by size, largest first, equal sizes by name; ceil(0.10 N) of N names, "
    "for a small provider min(ceil(0.05 N), 1000); buckets in parentheses are no names"
)
_SUMS = """CAST(sum(documents) AS BIGINT) AS documents,
    CASE WHEN bool_and(b) THEN CAST(sum(bytes) AS BIGINT) END AS bytes,
    CASE WHEN bool_and(t) THEN CAST(sum(tokens) AS BIGINT) END AS tokens"""
_FILES = "CREATE OR REPLACE TEMP TABLE tables (filename VARCHAR, modality VARCHAR, b BOOLEAN, t BOOLEAN)"
_NO_ROWS = "(SELECT '' AS filename, '' AS domain, 0 AS documents, 0 AS bytes, 0 AS tokens WHERE false)"


class DomainFiles(NamedTuple):
    """Where the domain table, and the list of the largest names, are written; None leaves one out."""

    domains: Path | None = None
    top_domains: Path | None = None


class PartOfTable(NamedTuple):
    """The domains of one source: a Parquet file with domain, documents, bytes, tokens."""

    path: Path
    modality: Modality
    has_bytes: bool
    has_tokens: bool


class DomainTable:
    """The table of the parts, in ``engine``."""

    def __init__(self, engine: Engine, parts: Sequence[PartOfTable]) -> None:
        self.engine = engine
        engine.rows(_FILES)
        relation = _NO_ROWS
        if parts:
            values = dict(
                zip("abcd", map(list, zip(*((str(one.path), *one[1:]) for one in parts), strict=True)), strict=True)
            )
            engine.rows(f"INSERT INTO tables SELECT {', '.join(f'unnest(${name})' for name in values)}", values)
            paths = ", ".join(literals([one.path for one in parts]))
            relation = f"read_parquet([{paths}], filename = true, hive_partitioning = false)"
        engine.rows(
            f"""CREATE OR REPLACE TEMP TABLE by_domain AS SELECT domain, modality, {_SUMS}, bool_and(b) AS b,
            bool_and(t) AS t FROM {relation} JOIN tables USING (filename) GROUP BY domain, modality"""
        )
        self.modalities = sorted({one.modality for one in parts})

    def write(self, target: Path) -> None:
        """Writes domain, modality, documents, bytes, tokens (int64, null where not measured), sorted by the first two.

        Raises :class:`StageError`.
        """
        self._write(
            "SELECT domain, modality, documents, bytes, tokens FROM by_domain ORDER BY domain, modality", target
        )

    def top(self) -> list[TopDomains]:
        """What the lists hold: of each modality, and of all together."""
        return [self._top(modality) for modality in (None, *self.modalities)]

    def listed(self, top: TopDomains) -> tuple[str, ...]:
        """The names of a list, the largest first."""
        rows = self.engine.rows(
            f"SELECT domain FROM ({self._names(top.modality)}) ORDER BY {top.measure} DESC, domain LIMIT {top.listed}"
        )
        return tuple(str(domain) for (domain,) in rows)

    def write_top(self, target: Path) -> None:
        """Writes modality (null for all together), rank (from 1), domain, documents, bytes, tokens, small_provider.

        `small_provider` tells whether the name is on the list of a small provider. Sorted by modality (all together
        first) and rank. Raises :class:`StageError`.
        """
        parts = [
            f"""SELECT CAST({quoted(top.modality.value) if top.modality else "NULL"} AS VARCHAR) AS modality, rank,
                domain, documents, bytes, tokens, rank <= {top.listed_small} AS small_provider
                FROM (SELECT *, row_number() OVER (ORDER BY {top.measure} DESC, domain) AS rank
                    FROM ({self._names(top.modality)} ORDER BY {top.measure} DESC, domain LIMIT {top.listed}))"""
            for top in self.top()
        ]
        self._write(f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY modality NULLS FIRST, rank", target)

    def _top(self, modality: Modality | None) -> TopDomains:
        where = f"WHERE modality = {quoted(modality.value)}" if modality else ""
        ((b, t),) = self.engine.rows(
            f"SELECT coalesce(bool_and(b), false), coalesce(bool_and(t), false) FROM tables {where}"
        )
        ((names,),) = self.engine.rows(f"SELECT count(*) FROM ({self._names(modality)})")
        measure = "bytes" if b else "tokens" if t else "documents"
        number = int(str(names))
        return TopDomains(
            modality=modality,
            names=number,
            measure=measure,
            listed=-(-number // 10),
            listed_small=min(-(-number // 20), 1000),
        )

    def _names(self, modality: Modality | None) -> str:
        names = "NOT starts_with(domain, '(')"
        if modality is not None:
            return f"SELECT * FROM by_domain WHERE modality = {quoted(modality.value)} AND {names}"
        return f"SELECT domain, {_SUMS} FROM by_domain WHERE {names} GROUP BY domain"

    def _write(self, query: str, target: Path) -> None:
        path = self.engine.write(query, "domains", result=True)
        try:
            # for its user alone, as mkstemp makes it, and in its place whole or not at all
            descriptor, made = tempfile.mkstemp(prefix=".kaiji-", dir=target.parent)
            try:
                with path.open("rb") as read, os.fdopen(descriptor, "wb") as written:
                    shutil.copyfileobj(read, written, 2**20)
                    written.flush()
                    os.fsync(written.fileno())
                Path(made).replace(target)
            except BaseException:
                Path(made).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StageError(f"{target.name} cannot be written: {error.strerror}") from error


def write(engine: Engine, parts: Sequence[PartOfTable], files: DomainFiles) -> tuple[TopDomains, ...]:
    """Writes the files that are asked for; returns what the lists of largest names hold. Raises :class:`StageError`."""
    table = DomainTable(engine, parts)
    if files.domains is not None:
        table.write(files.domains)
    if files.top_domains is not None:
        table.write_top(files.top_domains)
    return tuple(table.top())
