"""Published figures: each tells a reader exactly the values that print the same text."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from kaiji.control.statements import COUNT_EDGES, Statement, count_band, month, share, total_band
from kaiji.terms import Unit

ONE = Decimal(1)
UNITS = [Decimal(text) for text in ("1", "5", "0.1", "0.5", "2.5", "10", "25", "50", "100")]


def texts(statement: Statement) -> tuple[str, str]:
    return statement.text.ja, statement.text.en


@pytest.mark.parametrize(
    ("part", "whole", "unit", "ja", "low", "high"),
    [
        (0, 10, "1", "0%", 0, 0),
        (10, 10, "1", "100%", 100, 100),
        (1, 10**12, "1", "<1%", 0, 1),
        (10**12 - 1, 10**12, "1", ">99%", 99, 100),
        (999, 100_000, "1", "<1%", 0, 1),
        (1, 100, "1", "1%", 1, Decimal("1.5")),
        (149, 10_000, "1", "1%", 1, Decimal("1.5")),
        (15, 1_000, "1", "2%", Decimal("1.5"), Decimal("2.5")),
        (25, 1_000, "1", "3%", Decimal("2.5"), Decimal("3.5")),
        (1, 3, "1", "33%", Decimal("32.5"), Decimal("33.5")),
        (985, 1_000, "1", "99%", Decimal("98.5"), 99),
        (99, 100, "1", "99%", Decimal("98.5"), 99),
        (37, 1_000, "0.1", "3.7%", Decimal("3.65"), Decimal("3.75")),
        (7, 100, "5", "5%", 5, Decimal("7.5")),
        (75, 1_000, "5", "10%", Decimal("7.5"), Decimal("12.5")),
        (1, 2, "50", "50%", 50, 50),
        (1, 2, "100", "<100%", 0, 100),
    ],
)
def test_shares(part: int, whole: int, unit: str, ja: str, low: object, high: object) -> None:
    statement = share("s", part, whole, Decimal(unit))
    assert statement.text.ja == ja
    assert statement.text.en == ja.replace("%", " %")
    assert (statement.low, statement.high, statement.unit) == (low, high, Unit.PERCENT)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("whole", [1, 2, 3, 7, 40, 200, 499])
def test_a_share_admits_exactly_the_parts_that_print_the_same(whole: int, unit: Decimal) -> None:
    all_parts = [share("s", part, whole, unit) for part in range(whole + 1)]
    by_text: dict[str, list[Statement]] = {}
    for statement in all_parts:
        by_text.setdefault(statement.text.en, []).append(statement)
    for text, same in by_text.items():
        assert all(statement == same[0] for statement in same)
        admitted = [part for part in range(whole + 1) if same[0].admits(Fraction(100 * part, whole))]
        assert admitted == [part for part in range(whole + 1) if all_parts[part].text.en == text]


@pytest.mark.parametrize(("part", "whole"), [(-1, 2), (3, 2), (0, 0), (1, 0)])
def test_a_share_of_nothing_is_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="0 <= part <= whole"):
        share("s", part, whole, ONE)


def test_open_ends_are_not_admitted() -> None:
    below = share("s", 1, 1000, ONE)
    assert not below.admits(0)
    assert not below.admits(1)
    assert below.admits(Fraction(1, 10**30))
    rounded = share("s", 1, 3, ONE)
    assert rounded.admits(Fraction(65, 2))
    assert not rounded.admits(Fraction(67, 2))
    assert rounded.admits(Fraction(67, 2) - Fraction(1, 10**30))


EDGES = [k * 10**e for e in range(3, 15) for k in (1, 3)] + [10**15]


@pytest.mark.parametrize("edge", EDGES)
def test_totals_on_both_sides_of_every_edge(edge: int) -> None:
    below, at = total_band("t", edge - 1, Unit.TOKENS), total_band("t", edge, Unit.TOKENS)
    assert texts(below) != texts(at)
    assert (below.high, below.high_open) == (at.low, True) == (edge, True)
    assert below.admits(edge - 1)
    assert not below.admits(edge)
    assert at.admits(edge)
    assert not at.admits(edge - 1)


def test_bands_cover_all_totals_once() -> None:
    bands = {total_band("t", value, Unit.BYTES) for edge in EDGES for value in (1, edge - 1, edge, 2**63 - 1)}
    assert len(bands) == len(EDGES) + 1
    for value in [1, 999, *(edge + step for edge in EDGES for step in (-1, 0, 1)), 10**18, 10**30]:
        (own,) = [band for band in bands if band.admits(value)]
        assert own == total_band("t", value, Unit.BYTES)


@pytest.mark.parametrize(
    ("value", "unit", "ja", "en"),
    [
        (0, Unit.TOKENS, "なし", "none"),
        (1, Unit.TOKENS, "1,000トークン未満", "fewer than 1,000 tokens"),
        (5_000, Unit.DOCUMENTS, "3,000件以上1万件未満", "from 3,000 to less than 10,000 documents"),
        (10**6, Unit.ITEMS, "100万件以上300万件未満", "from 1 million to less than 3 million items"),
        (2 * 10**9, Unit.BYTES, "10億バイト以上30億バイト未満", "from 1 billion to less than 3 billion bytes"),
        (12 * 10**11, Unit.TOKENS, "1兆トークン以上3兆トークン未満", "from 1 trillion to less than 3 trillion tokens"),
        (10**18, Unit.TOKENS, "1,000兆トークン以上", "1 quadrillion tokens or more"),
    ],
)
def test_totals_as_printed(value: int, unit: Unit, ja: str, en: str) -> None:
    assert texts(total_band("t", value, unit)) == (ja, en)


def test_seconds_are_given_in_hours() -> None:
    just_below, at = total_band("t", 3600 * 1000 - 1, Unit.SECONDS), total_band("t", 3600 * 1000, Unit.SECONDS)
    assert texts(just_below) == ("1,000時間未満", "fewer than 1,000 hours")
    assert texts(at) == ("1,000時間以上3,000時間未満", "from 1,000 to less than 3,000 hours")
    assert at.unit is Unit.HOURS
    assert just_below.admits(Fraction(3600 * 1000 - 1, 3600))
    assert not just_below.admits(1000)
    assert total_band("t", 0, Unit.SECONDS).unit is Unit.HOURS


def test_nothing_is_told_apart_from_little() -> None:
    none, some = total_band("t", 0, Unit.TOKENS), total_band("t", 1, Unit.TOKENS)
    assert none.admits(0)
    assert not none.admits(1)
    assert not some.admits(0)


@pytest.mark.parametrize("edge", COUNT_EDGES)
def test_counts_on_both_sides_of_every_edge(edge: int) -> None:
    below, at = count_band("c", edge - 1), count_band("c", edge)
    assert texts(below) != texts(at)
    assert (below.high, at.low) == (edge - 1, edge)


def test_counts_admit_exactly_those_that_print_the_same() -> None:
    all_counts = [count_band("c", value) for value in range(700)]
    assert len(set(all_counts)) == len(COUNT_EDGES) + 2
    for statement in set(all_counts):
        admitted = [value for value in range(700) if statement.admits(value)]
        assert admitted == [value for value in range(700) if all_counts[value] == statement]


@pytest.mark.parametrize(
    ("value", "ja", "en"),
    [
        (0, "なし", "none"),
        (1, "5件未満", "fewer than 5"),
        (4, "5件未満", "fewer than 5"),
        (5, "5〜19件", "5 to 19"),
        (100, "100〜499件", "100 to 499"),
        (500, "500件以上", "500 or more"),
    ],
)
def test_counts_as_printed(value: int, ja: str, en: str) -> None:
    assert texts(count_band("c", value)) == (ja, en)


def test_negative_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        total_band("t", -1, Unit.TOKENS)
    with pytest.raises(ValueError, match="negative"):
        count_band("c", -1)


def test_months_are_exact() -> None:
    assert texts(month("m", "2026-01")) == ("2026年1月", "January 2026")
    assert texts(month("m", "2026-12")) == ("2026年12月", "December 2026")
    december, january = month("m", "2025-12"), month("m", "2026-01")
    assert december.low == december.high == 12 * 2025 + 11
    assert january.low == january.high == 12 * 2026
    assert not december.admits(12 * 2026)


def test_numbers_in_japanese_and_english() -> None:
    from kaiji.control.statements import _en, _ja

    assert _ja(1_234_567_000_000) == "1兆2,345億6,700万"
    assert _ja(10**16 + 1) == "1京1"
    assert _ja(20_000) == "2万"
    assert _ja(12_345) == "1万2,345"
    assert _ja(0) == "0"
    assert _en(300_000_000_000) == "300 billion"
    assert _en(1_500_000) == "1,500,000"
    assert _en(10**15) == "1 quadrillion"
    assert _en(999) == "999"


def test_json_bounds_lose_nothing() -> None:
    statement = share("s", 37, 1000, Decimal("0.1"))
    data = json.loads(statement.model_dump_json())
    assert (data["low"], data["high"]) == ("3.65", "3.75"), "decimal ends are exact, so they are no JSON floats"
    assert Statement.model_validate_json(statement.model_dump_json()) == statement
    whole = json.loads(total_band("t", 5, Unit.TOKENS).model_dump_json())
    assert (whole["low"], whole["high"], whole["low_open"], whole["high_open"]) == (0, 1000, True, True)
    assert json.loads(total_band("t", 10**18, Unit.TOKENS).model_dump_json())["high"] is None


@pytest.mark.parametrize("unit", UNITS)
def test_equal_units_print_alike_however_they_are_written(unit: Decimal) -> None:
    longer = unit.quantize(Decimal("0.0001"))
    for part in range(101):
        assert share("s", part, 100, longer) == share("s", part, 100, unit)
