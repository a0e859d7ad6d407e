"""Exact values behind figures, computed from the summary on a way of their own."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pytest
from disclosing import tell

from kaiji.control.disclosed import DisclosedSummary, DisclosedTable
from kaiji.control.floor_agreement import true_of_data
from kaiji.control.floor_truths import truths
from kaiji.control.level import Level
from kaiji.manifest.models import DataSource
from kaiji.provenance.summarise import Crossing, Held, ProvenanceSummary, Quantity
from kaiji.terms import Basis, Modality, Unit

F = Fraction
Make = Callable[..., DataSource]
Sum = Callable[..., ProvenanceSummary]
CRAWLER = {"name": "Bot", "user_agent": "Bot/1"}


def month(year: int, number: int) -> Fraction:
    return F(12 * year + number - 1)


def shown(summary: ProvenanceSummary, level: Level) -> DisclosedSummary:
    return tell(summary, level).summary


@pytest.fixture
def sources(source: Make) -> list[DataSource]:
    """Three licensed owners, an open crawl, and an open audio set."""
    dates = [("2020-01", "2021-02"), ("2019-05", "2022-06"), ("2021-01", "2026-03")]
    licensed = [source(n, collected={"from": first, "to": last}) for n, (first, last) in enumerate(dates)]
    open_: dict[str, Any] = {"confidentiality": "public", "owner": None}
    crawl = source(
        3, category="crawled", crawler=CRAWLER, collected={"from": "2023-01", "to": "2024-12"},
        declared={"tokens": 1_000_000}, **open_,
    )  # fmt: skip
    audio = source(4, category="public", modality="audio", declared={"hours": 1.5}, **open_)
    return [*licensed, crawl, audio]


def test_shares_totals_counts_and_months(sources: list[DataSource], summary: Sum, middle_ground: Level) -> None:
    made = summary(*sources)
    disclosed = shown(made, middle_ground)
    found = truths(made, disclosed)
    assert set(found) == set(disclosed.statements)
    expected: Mapping[str, tuple[Fraction, ...]] = {
        "category.text.licensed.share": (F(75),),
        "category.text.crawled.share": (F(25),),
        "category.audio.public.share": (F(100),),
        "total.text": (F(4_000_000),),
        "total.audio": (F(3, 2),),
        "category.licensed.count": (F(3),),
        "category.crawled.count": (F(1),),
        "category.licensed.period.from": (month(2019, 5),),
        "category.licensed.period.to": (month(2026, 3),),
        "crawler.Bot.period.from": (month(2023, 1), month(2023, 1)),
        "crawler.Bot.period.to": (month(2024, 12), month(2024, 12)),
        "period.latest": (month(2026, 3), month(2024, 12)),
    }
    assert {name: found[name] for name in expected} == expected
    assert list(true_of_data(disclosed.statements, found)) == []


def test_months_without_the_confidential_sources_are_true_as_well(
    sources: list[DataSource], summary: Sum, middle_ground: Level
) -> None:
    made = summary(*sources[1:])
    disclosed = shown(made, middle_ground)  # of two owners, no month is told
    assert disclosed.statements["period.latest"].low == month(2024, 12)
    assert list(true_of_data(disclosed.statements, truths(made, disclosed))) == []


def test_cells_of_tables(sources: list[DataSource], summary: Sum, middle_ground: Level) -> None:
    facets = ("category", "language")
    held = [("crawled", "en", 30), ("crawled", "ja", 5), ("licensed", None, 10), ("licensed", "ja", 55)]
    crossing = Crossing(
        facets=facets,
        modality=Modality.TEXT,
        whole=Quantity(value=100, unit=Unit.TOKENS, basis=Basis.DECLARED),
        holdings=tuple(Held(kinds=(a, b), owner=None, confidential=False, size=size) for a, b, size in held),
    )
    table = DisclosedTable(
        facets=facets,
        modality=Modality.TEXT,
        unit=Unit.TOKENS,
        basis=Basis.DECLARED,
        rows=(("crawled",), ("licensed",)),
        columns=(("en", None), ("ja",)),
        cells=(("one", None), ("two", "three")),
    )
    made = summary(*sources)
    disclosed = shown(made, middle_ground).model_copy(update={"tables": (table,)})
    found = truths(made.model_copy(update={"crossings": (crossing,)}), disclosed)
    assert [found[name] for name in ("one", "two", "three")] == [(F(30),), (F(10),), (F(55),)]
