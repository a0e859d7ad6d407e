# ruff: noqa: S608  (SQL is put together from our own texts and paths of the private folder)
"""The largest domain names of the sources that the provider crawled: what a public list of them is made of.

A name is the registrable domain by the ICANN section of the Public Suffix List, so that all blogs of one host are one
name; with the private section, if that is asked for, each of them is its own.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from kaiji.scan import domains, merge, sql
from kaiji.scan.domain_table import DomainTable, PartOfTable
from kaiji.scan.engine import Engine, Share, literals
from kaiji.scan.result import RankedDomains


class CrawledSources(NamedTuple):
    """Of which sources the largest names are wanted."""

    sources: frozenset[str]
    """Their ids."""
    private_suffixes: bool = False
    """True to tell the names of a hosting service apart (private section of the list)."""


def ranked(
    folder: Path, parts: Sequence[PartOfTable], *, private_suffixes: bool, share: Share
) -> tuple[RankedDomains, ...]:
    """The first tenth (rounded up) of the names of ``parts``, the largest first: of all, then of each modality.

    ``parts`` hold registrable domains by the whole list. Raises :class:`StageError`.
    """
    if not parts:
        return ()
    with Engine(folder, (), share) as engine:
        table = DomainTable(engine, parts)
        if not private_suffixes:
            table = DomainTable(engine, _grouped(engine, table))
        return tuple(
            RankedDomains(modality=top.modality, names=top.names, measure=top.measure, domains=table.listed(top))
            for top in table.top()
        )


def _grouped(engine: Engine, table: DomainTable) -> list[PartOfTable]:
    """The names of the table put together by the ICANN section alone, in a part for each modality. A shorter suffix
    gives a shorter name, so the names themselves are enough."""
    suffixes = domains.suffix_list(private=False)
    merge.load_rules(engine, suffixes)
    parts = []
    for modality in table.modalities:
        engine.rows(
            "CREATE OR REPLACE TEMP TABLE merged AS SELECT domain AS authority, true AS bare, documents, bytes, tokens "
            f"FROM read_parquet({literals([table.path])[0]}) "
            f"WHERE modality = {sql.quoted(modality.value)} AND NOT starts_with(domain, '(')"
        )
        sums = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in ("documents", "bytes", "tokens"))
        path = engine.write(
            f"SELECT domain, {sums} FROM ({sql.domains_of(suffixes.labels)}) GROUP BY domain", "domains"
        )
        own = [part for part in table.parts if part.modality is modality]
        having = (all(part.has_bytes for part in own), all(part.has_tokens for part in own))
        parts.append(PartOfTable(path, modality, *having))
    return parts
