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
# A size that a source does not measure is null in its rows, and makes the sum unknown.
_SIZES = (
    f"CASE WHEN count({name}) = count(*) THEN CAST(sum({name}) AS BIGINT) END AS {name}" for name in ("bytes", "tokens")
)
_SUMS = ", ".join(("CAST(sum(documents) AS BIGINT) AS documents", *_SIZES))
_NO_ROWS = """SELECT '' AS domain, '' AS modality, 0::BIGINT AS documents, 0::BIGINT AS bytes, 0::BIGINT AS tokens
    WHERE false"""


class DomainFiles(NamedTuple):
    """Where the domain table, and the list of the largest names, are written; None leaves one out."""

    domains: Path | None = None
    top_domains: Path | None = None


class PartOfTable(NamedTuple):
    """The domains of some sources: a Parquet file with domain (each once), documents, bytes, tokens."""

    path: Path
    modality: Modality
    has_bytes: bool
    has_tokens: bool


class DomainTable:
    """The table of the parts, in a file of the private folder."""

    def __init__(self, engine: Engine, parts: Sequence[PartOfTable]) -> None:
        self.engine, self.parts = engine, parts
        self.modalities = sorted({one.modality for one in parts})
        # Sorted and written once; all else is told from the file.
        rows = _rows(parts)
        if len(parts) > len(self.modalities):
            rows = f"SELECT domain, modality, {_SUMS} FROM ({rows}) GROUP BY domain, modality"
        self.path = engine.write(f"{rows} ORDER BY domain, modality", "domains", result=True)

    def write(self, target: Path) -> None:
        """Writes domain, modality, documents, bytes, tokens (int64, null where not measured), sorted by the first two.

        Raises :class:`StageError`.
        """
        _copied(self.path, target)

    def top(self) -> list[TopDomains]:
        """What the lists hold: of each modality, and of all together."""
        if len(self.modalities) == 1:  # the same names twice
            whole = self._top(None)
            return [whole, whole.model_copy(update={"modality": self.modalities[0]})]
        return [self._top(modality) for modality in (None, *self.modalities)]

    def listed(self, top: TopDomains) -> tuple[str, ...]:
        """The names of a list, the largest first."""
        rows = self.engine.rows(
            f"SELECT domain FROM ({self._names(top.modality)}) ORDER BY {top.measure} DESC, domain LIMIT {top.listed}"
        )
        return tuple(str(domain) for (domain,) in rows)

    def write_top(self, target: Path, lists: Sequence[TopDomains]) -> None:
        """Writes the ``lists`` that :meth:`top` told.

        Columns: modality (null for all together), rank (from 1), domain, documents, bytes, tokens, small_provider.
        `small_provider` tells whether the name is on the list of a small provider. Sorted by modality (all together
        first) and rank. Raises :class:`StageError`.
        """
        parts = [
            f"""SELECT CAST({quoted(top.modality.value) if top.modality else "NULL"} AS VARCHAR) AS modality, rank,
                domain, documents, bytes, tokens, rank <= {top.listed_small} AS small_provider
                FROM (SELECT *, row_number() OVER (ORDER BY {top.measure} DESC, domain) AS rank
                    FROM ({self._names(top.modality)} ORDER BY {top.measure} DESC, domain LIMIT {top.listed}))"""
            for top in lists
        ]
        rows = f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY modality NULLS FIRST, rank"
        _copied(self.engine.write(rows, "domains", result=True), target)

    def _top(self, modality: Modality | None) -> TopDomains:
        concerned = [one for one in self.parts if modality in (None, one.modality)]
        has_bytes = bool(concerned) and all(one.has_bytes for one in concerned)
        has_tokens = bool(concerned) and all(one.has_tokens for one in concerned)
        ((names,),) = self.engine.rows(f"SELECT count(*) FROM ({self._names(modality)})")
        number = int(str(names))
        return TopDomains(
            modality=modality,
            names=number,
            measure="bytes" if has_bytes else "tokens" if has_tokens else "documents",
            listed=-(-number // 10),
            listed_small=min(-(-number // 20), 1000),
        )

    def _names(self, modality: Modality | None) -> str:
        rows = f"FROM read_parquet({literals([self.path])[0]}) WHERE NOT starts_with(domain, '(')"
        if modality is not None:
            return f"SELECT * {rows} AND modality = {quoted(modality.value)}"
        if len(self.modalities) == 1:
            return f"SELECT * {rows}"  # each name is there once
        return f"SELECT domain, {_SUMS} {rows} GROUP BY domain"


def _rows(parts: Sequence[PartOfTable]) -> str:
    """The rows of all parts, with their modality."""
    alike: dict[tuple[Modality, bool, bool], list[Path]] = {}
    for path, modality, has_bytes, has_tokens in parts:
        alike.setdefault((modality, has_bytes, has_tokens), []).append(path)
    found = []
    for (modality, *having), paths in alike.items():
        sizes = (
            name if has else f"NULL::BIGINT AS {name}" for name, has in zip(("bytes", "tokens"), having, strict=True)
        )
        files = f"read_parquet([{', '.join(literals(paths))}], hive_partitioning = false)"
        found.append(f"SELECT domain, {quoted(modality.value)} AS modality, documents, {', '.join(sizes)} FROM {files}")
    return " UNION ALL ".join(found) or _NO_ROWS


def _copied(path: Path, target: Path) -> None:
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
    lists = table.top()
    if files.top_domains is not None:
        table.write_top(files.top_domains, lists)
    return tuple(lists)
