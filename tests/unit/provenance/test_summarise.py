"""The summary: one measure for a modality, parts with who stands behind them, shares in exact fractions."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest

from kaiji.errors import ConservationError
from kaiji.manifest.declarations import Declarations
from kaiji.manifest.models import DataSource, Release
from kaiji.provenance import summarise as module
from kaiji.provenance.inventory import build
from kaiji.provenance.summarise import NAMELESS, NotKnown, ProvenanceSummary, Quantity, mixture, summarise
from kaiji.scan.result import ScanResult
from kaiji.terms import Basis, Modality, Unit

Source = Callable[..., DataSource]


@pytest.fixture
def summed(release: Callable[..., Release], source: Source) -> Callable[..., ProvenanceSummary]:
    def made(*sources: Mapping[str, Any], scan: ScanResult | None = None) -> ProvenanceSummary:
        listed = [source(f"s{at}", **one) for at, one in enumerate(sources)]
        return summarise(release(), listed, build(listed, scan), {})

    return made


def parts(summary: ProvenanceSummary, name: str, modality: Modality | None = Modality.TEXT) -> dict[str | None, int]:
    facet = next(f for f in summary.facets if f.name == name and f.modality is modality)
    assert sum(part.size for part in facet.parts) == facet.whole.value
    return {part.kind: part.size for part in facet.parts}


@pytest.mark.parametrize(
    ("modality", "sizes", "chosen"),
    [
        ("text", [{"tokens": 3, "bytes": 9, "documents": 1}, {"tokens": 4, "bytes": 9, "documents": 1}], (7, "tokens")),
        ("text", [{"tokens": 3, "bytes": 9, "documents": 1}, {"bytes": 5, "documents": 1}], (14, "bytes")),
        ("text", [{"tokens": 3, "documents": 1}, {"bytes": 5, "documents": 2}], (3, "documents")),
        ("text", [{"tokens": 3}, {"bytes": 5}], None),
        ("text", [{"tokens": 3}, {}], None),
        ("text", [{"tokens": 0}, {"tokens": 0}], (0, "tokens")),
        ("image", [{"items": 2, "bytes": 8}, {"items": 3}], (5, "items")),
        ("image", [{"items": 2, "documents": 1}, {"documents": 3}], (4, "documents")),
        ("audio", [{"hours": 2, "bytes": 8}, {"hours": 1}], (10_800, "seconds")),
        ("video", [{"hours": 2, "bytes": 8}, {"bytes": 1}], (9, "bytes")),
        ("other", [{"items": 2}, {"items": 3}], (5, "items")),
    ],
)
def test_the_first_measure_that_every_source_knows(
    summed: Callable[..., ProvenanceSummary], modality: str, sizes: Sequence[object], chosen: tuple[int, str] | None
) -> None:
    summary = summed(*({"modality": modality, "declared": size} for size in sizes))
    total = summary.totals[Modality(modality)]
    if chosen is None:
        assert total == NotKnown(reason="not_known.no_common_measure")
        assert not [facet for facet in summary.facets if facet.modality is Modality(modality)]
        return
    assert total == Quantity(value=chosen[0], unit=Unit(chosen[1]), basis=Basis.DECLARED)
    assert bool([f for f in summary.facets if f.modality is Modality(modality)]) is bool(chosen[0])


def test_a_modality_without_sources_is_absent(summed: Callable[..., ProvenanceSummary]) -> None:
    assert set(summed({"declared": {"tokens": 1}}).totals) == {Modality.TEXT}


def test_validation_and_test_data_is_left_out(summed: Callable[..., ProvenanceSummary]) -> None:
    summary = summed(
        {"declared": {"tokens": 3}},
        {"declared": {"tokens": 50}, "stages": ["validation"]},
        {"declared": {"bytes": 50}, "stages": ["test"], "modality": "image"},
    )
    assert summary.in_training == ("s0",)
    assert summary.totals == {Modality.TEXT: Quantity(value=3, unit=Unit.TOKENS, basis=Basis.DECLARED)}
    assert len(summary.sources) == 3


def test_facets_of_a_modality(summed: Callable[..., ProvenanceSummary]) -> None:
    summary = summed(
        {"declared": {"tokens": 3}, "languages": ["ja"], "licence": "mit", "acquisition": "purchased"},
        {"declared": {"tokens": 4}, "languages": ["ja", "en"], "category": "crawled", "rights_basis": "article_30_4"},
        {"declared": {"tokens": 5}, "languages": ["jpn"], "collected": {"from": "2024-01", "to": "2025-02"}},
        {"declared": {"items": 9}, "modality": "image"},
    )
    assert parts(summary, "category") == {"crawled": 4, "public": 8}
    assert parts(summary, "language") == {"ja": 8, "mul": 4}
    assert parts(summary, "licence") == {"MIT": 3, None: 9}
    assert parts(summary, "acquisition") == {"purchased": 3, None: 9}
    assert parts(summary, "rights_basis") == {"article_30_4": 4, None: 8}
    assert parts(summary, "period") == {"2024/2025": 5, None: 7}
    assert parts(summary, "stage") == {"pretraining": 12}
    assert parts(summary, "category", Modality.IMAGE) == {"public": 9}
    assert not [facet for facet in summary.facets if facet.name == "modality"]


def test_modalities_are_compared_by_bytes_only(summed: Callable[..., ProvenanceSummary]) -> None:
    text, image = {"declared": {"tokens": 3, "bytes": 12}}, {"modality": "image", "declared": {"items": 1, "bytes": 88}}
    assert parts(summed(text, image), "modality", None) == {"image": 88, "text": 12}
    assert not [f for f in summed(text, text).facets if f.name == "modality"]
    assert not [f for f in summed(text, {**image, "declared": {"items": 1}}).facets if f.name == "modality"]


def test_who_stands_behind_a_part(summed: Callable[..., ProvenanceSummary]) -> None:
    press = {"id": "press", "name": "Press"}
    secret = {"category": "licensed", "confidentiality": "confidential", "declared": {"tokens": 1}}
    summary = summed(
        {**secret, "owner": press},
        {**secret, "owner": press},
        secret,
        {"declared": {"tokens": 1}},
        {"declared": {"tokens": 1}, "owner": {"id": "open", "name": "Open"}},
    )
    found = {part.kind: part for part in summary.facets[0].parts}
    assert found["licensed"].owners == (NAMELESS, "press")
    assert found["licensed"].sources == ("s0", "s1", "s2")
    assert found["licensed"].confidential
    assert found["licensed"].largest == 2
    assert found["public"].largest == 0
    assert found["public"].owners == ("open",)
    assert not found["public"].confidential


def test_declared_and_observed_together_are_derived(
    summed: Callable[..., ProvenanceSummary], scan: Callable[..., ScanResult]
) -> None:
    files = {"paths": ["*"], "columns": {"tokens": "n", "language": "l"}}
    cells = {"s0": [{"documents": 1, "tokens": 3, "language": "ja"}, {"documents": 1, "tokens": 2, "language": None}]}
    mixed = summed({"files": files}, {"declared": {"tokens": 5}, "languages": ["fr"]}, scan=scan(cells))
    assert mixed.totals[Modality.TEXT] == Quantity(value=10, unit=Unit.TOKENS, basis=Basis.DERIVED)
    assert parts(mixed, "language") == {"fr": 5, "ja": 3, None: 2}
    assert mixed.observed == ("s0",)
    assert mixed.languages == {"s0": ("ja",), "s1": ("fr",)}
    alone = summed({"files": files}, scan=scan(cells))
    assert alone.totals[Modality.TEXT] == Quantity(value=5, unit=Unit.TOKENS, basis=Basis.OBSERVED)


def test_the_declarations_travel_without_what_is_about_sources(summed: Callable[..., ProvenanceSummary]) -> None:
    assert type(summed({"declared": {"tokens": 1}}).declarations) is Declarations


def test_a_facet_that_loses_a_part_is_refused(
    summed: Callable[..., ProvenanceSummary], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "checked_total", lambda values: int(values.sum()) + 1)
    with pytest.raises(ConservationError, match="facet category"):
        summed({"declared": {"tokens": 3}}, {"declared": {"tokens": 4}, "category": "crawled"})


def shares(source: Source, *sources: Mapping[str, Any], modality: Modality = Modality.TEXT) -> dict[str, Fraction]:
    listed = [source(f"s{at}", **one) for at, one in enumerate(sources)]
    return mixture(build(listed, None), listed, modality)


def test_the_mixture_weighs_sizes_by_epochs(source: Source) -> None:
    found = shares(
        source,
        {"declared": {"bytes": 10}, "epochs": 3},
        {"declared": {"bytes": 20}, "epochs": 1.5},
        {"declared": {"bytes": 40}},
        {"declared": {"bytes": 999}, "stages": ["test"], "epochs": 9},
        {"declared": {"bytes": 999, "items": 1}, "modality": "image"},
    )
    assert found == {"s0": Fraction(3, 10), "s1": Fraction(3, 10), "s2": Fraction(4, 10)}


def test_the_mixture_is_exact(source: Source) -> None:
    found = shares(source, *({"declared": {"tokens": 1}} for _ in range(3)))
    assert found == dict.fromkeys(("s0", "s1", "s2"), Fraction(1, 3))
    assert sum(found.values()) == 1


def test_there_is_no_mixture_of_sizes_that_cannot_be_added(source: Source) -> None:
    assert shares(source, {"declared": {"tokens": 1}}, {"declared": {"bytes": 1}}) == {}
    assert shares(source, {"declared": {"tokens": 0}}) == {}
    assert shares(source, {"declared": {"tokens": 1}}, modality=Modality.AUDIO) == {}


def test_an_owner_who_adds_nothing_does_not_stand_behind_a_part(summed: Callable[..., ProvenanceSummary]) -> None:
    """Else two owners of empty sources would let the share of the third one through."""
    secret = {"category": "licensed", "confidentiality": "confidential"}
    sizes = {"a": 9, "b": 0, "c": 0}
    owned = [{**secret, "owner": {"id": o, "name": o}, "declared": {"tokens": size}} for o, size in sizes.items()]
    (part,) = summed(*owned).facets[0].parts
    assert part.owners == ("a",)
    assert part.sources == ("s0",)
    empty = summed(*owned[1:], {"declared": {"tokens": 1}})
    licensed = next(part for part in empty.facets[0].parts if part.kind == "licensed")
    assert licensed.size == 0
    assert licensed.owners == ("b", "c")
    assert licensed.confidential
