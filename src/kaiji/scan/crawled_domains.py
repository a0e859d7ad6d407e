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
from kaiji.scan.engine import Engine, Share
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
            _grouped(engine, table)
        return tuple(
            RankedDomains(modality=top.modality, names=top.names, measure=top.measure, domains=table.listed(top))
            for top in table.top()
        )


def _grouped(engine: Engine, table: DomainTable) -> None:
    """Put the names of the table together by the ICANN section alone. A shorter suffix gives a shorter name, so the
    names themselves are enough."""
    suffixes = domains.suffix_list(private=False)
    merge.load_rules(engine, suffixes)
    engine.rows("CREATE OR REPLACE TEMP TABLE regrouped AS SELECT * FROM by_domain WHERE false")
    for modality in table.modalities:
        engine.rows(
            "CREATE OR REPLACE TEMP TABLE merged AS SELECT domain AS authority, true AS bare, documents, bytes, tokens "
            f"FROM by_domain WHERE modality = '{modality.value}' AND NOT starts_with(domain, '(')"
        )
        engine.rows(
            f"""INSERT INTO regrouped SELECT domain, '{modality.value}', CAST(sum(documents) AS BIGINT),
            CAST(sum(bytes) AS BIGINT), CAST(sum(tokens) AS BIGINT), any_value(flags.b), any_value(flags.t)
            FROM ({sql.domains_of(suffixes.labels)}), (SELECT bool_and(b) AS b, bool_and(t) AS t FROM by_domain
                WHERE modality = '{modality.value}') AS flags
            GROUP BY domain"""
        )
    engine.rows("CREATE OR REPLACE TEMP TABLE by_domain AS SELECT * FROM regrouped")
