"""The Pile and RedPajama: what kaiji works out of their manifests is what their authors published.

The figures are read from the published tables in KAIJI_SHARED_DATA; none of them is written down here.
"""

import csv
import os
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from kaiji.measure import Measured, measure
from kaiji.provenance.summarise import Quantity, mixture
from kaiji.terms import Modality

pytestmark = pytest.mark.real
SAMPLES = Path(__file__).parents[2] / "sample_manifests"


def table(name: str) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Rows of a published table by component, and its row of totals."""
    assert "KAIJI_SHARED_DATA" in os.environ, "set KAIJI_SHARED_DATA to the folder that holds published-tables"
    path = Path(os.environ["KAIJI_SHARED_DATA"]) / "published-tables" / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["component"]: row for row in csv.DictReader(file)}
    return rows, rows.pop("TOTAL")


def measured(name: str) -> Measured:
    return measure(SAMPLES / name / "release.yaml")


def by_title(found: Measured) -> dict[str, Fraction]:
    titles = {source.id: source.title.en for source in found.loaded.sources}
    return {titles[name]: share for name, share in found_mixture(found).items()}


def found_mixture(found: Measured) -> dict[str, Fraction]:
    return mixture(found.inventory, found.loaded.sources, Modality.TEXT)


def printed(text: str) -> tuple[Fraction, Fraction]:
    """The values that print as ``text``: half a unit of its last digit to either side."""
    value = Decimal(text)
    half = Fraction(1, 2) * Fraction(Decimal(1).scaleb(int(value.as_tuple().exponent)))
    return Fraction(value) - half, Fraction(value) + half


def test_shares_of_the_pile_are_the_published_weights() -> None:
    rows, _ = table("pile_v1.csv")
    shares = by_title(measured("pile"))
    assert set(shares) == set(rows)
    # Sizes are printed to 0.01 GiB as well: a component can be off by half of that, times its epochs.
    whole = sum(Fraction(row["bytes"]) * Fraction(row["epochs_or_repeat"]) for row in rows.values())
    for name, row in rows.items():
        low, high = printed(row["weight_pct"])
        slack = Fraction(2**30, 200) * Fraction(row["epochs_or_repeat"]) / whole * 100
        assert low - slack <= shares[name] * 100 <= high + slack, name
    exact = [name for name, row in rows.items() if f"{float(shares[name] * 100):.2f}" == row["weight_pct"]]
    assert len(exact) >= len(rows) - 2  # those two lie on the edge, within what the rounded sizes leave open


def test_sizes_of_the_pile_are_the_published_ones() -> None:
    rows, stated = table("pile_v1.csv")
    found = measured("pile")
    titles = {source.id: source.title.en for source in found.loaded.sources}
    for source_id, title in titles.items():
        assert found.inventory.total("bytes", source_id) == int(rows[title]["bytes"])
    epochs = {source.id: Fraction(source.epochs or 1) for source in found.loaded.sources}
    effective = sum((found.inventory.total("bytes", name) or 0) * epochs[name] for name in titles)
    total = Decimal(stated["as_published"].split("effective=")[1].split(" ")[0])
    # The stated total (effective size) was added up before rounding; each of the components is off by up to 0.005 GiB.
    assert abs(effective / 2**30 - Fraction(total)) <= Fraction(len(rows) * 3, 200)


@pytest.mark.parametrize(("sample", "file"), [("pile", "pile_v1.csv"), ("redpajama", "redpajama_v1.csv")])
def test_categories_are_the_sums_of_their_components(sample: str, file: str) -> None:
    rows, _ = table(file)
    found = measured(sample)
    total = found.summary.totals[Modality.TEXT]
    assert isinstance(total, Quantity)
    expected: dict[str, int] = defaultdict(int)
    for source in found.loaded.sources:
        expected[source.category.value] += int(rows[source.title.en][total.unit.value])
    category = next(f for f in found.summary.facets if f.name == "category" and f.modality is Modality.TEXT)
    assert {part.kind: part.size for part in category.parts} == dict(expected)
    assert total.value == sum(expected.values())


def test_tokens_of_redpajama_are_the_published_components() -> None:
    rows, stated = table("redpajama_v1.csv")
    found = measured("redpajama")
    components = {name: int(row["tokens"]) for name, row in rows.items()}
    whole = sum(components.values())
    assert by_title(found) == {name: Fraction(size, whole) for name, size in components.items()}
    total = found.summary.totals[Modality.TEXT]
    assert isinstance(total, Quantity)
    assert total.value == whole
    # The published total is rounded further than its parts, to 0.1 trillion: it is not their sum, but prints as it.
    assert whole != int(stated["tokens"])
    assert abs(whole - int(stated["tokens"])) <= 10**11 // 2
