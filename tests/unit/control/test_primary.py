"""Primary rules, on the examples of the literature and at their edges."""

from fractions import Fraction

import pytest

from kaiji.control.primary import (
    Holding,
    ProtectionLevels,
    Rule,
    contributions,
    dominance_bound,
    dominated,
    protection_levels,
    shortfall,
    top_share,
)

P = Fraction(15, 100)
RULE = Rule(P, 3)

# dominance_test.R of GaussSuppression (MIT, Statistics Norway): seven cells of 100, value and holding
CELLS = {
    "v1": "100 A", "v2": "90 C, 10 B", "v3": "80 A, 20 C", "v4": "70 C, 30 C", "v5": "80 C, 10 B, 10 A",
    "v6": "70 A, 10 B, 10 A, 10 A", "v7": "60 C, 20 A, 10 B, 10 A",
}  # fmt: skip


def held(text: str) -> list[Holding]:
    pairs = (pair.split() for pair in text.split(", "))
    return [Holding(owner, int(size)) for size, owner in pairs]


def by_record(text: str) -> tuple[int, ...]:
    return tuple(sorted((int(pair.split()[0]) for pair in text.split(", ")), reverse=True))


def test_all_that_an_owner_holds_is_one_contribution() -> None:
    given = [Holding("A", 5), Holding("B", 7), Holding("A", 4), Holding("C", 0), Holding(None, 1), Holding(None, 2)]
    assert contributions(given) == (9, 7, 3)
    assert contributions([]) == ()


def test_shares_of_the_two_largest_owners() -> None:
    shares = {name: top_share(contributions(held(text)), 2) for name, text in CELLS.items()}
    assert shares == dict(zip(CELLS, [1, 1, 1, 1, Fraction(9, 10), 1, Fraction(9, 10)], strict=True))
    assert top_share((), 2) == 0


@pytest.mark.parametrize(
    ("rule", "owners", "records"),
    [
        (lambda sizes: dominated(sizes, 2, Fraction(9, 10)), "v1 v2 v3 v4 v6", "v1 v2 v3 v4"),
        (lambda sizes: shortfall(sizes, Fraction(1, 10)) > 0, "v1 v2 v3 v4 v6", "v1 v2 v3 v4"),
        (lambda sizes: len(sizes) < 3, "v1 v2 v3 v4 v6", "v1 v2 v3 v4"),
    ],
    ids=["2 owners hold 90 %", "10 %", "3 owners"],
)
def test_owners_are_counted_and_not_records(rule, owners: str, records: str) -> None:
    """v6 has four records of two owners: only by owner it is unsafe. A share of exactly 90 % is not above 90 %."""
    assert [name for name, text in CELLS.items() if rule(contributions(held(text)))] == owners.split()
    assert [name for name, text in CELLS.items() if rule(by_record(text))] == records.split()


def test_dominance_misses_what_the_second_owner_sees() -> None:
    """SDC Handbook 4.2: 50,000 and 49,000 of 100,000 pass (1, 90); the second owner knows the first to 2 %."""
    sizes = (50_000, 49_000, 1_000)
    assert not dominated(sizes, 1, Fraction(9, 10))
    assert shortfall(sizes, P) == 6_500


def test_required_upper_bound_of_the_handbook() -> None:
    """SDC Handbook, example of protection levels: 300, 20, 10 under (1, 85)."""
    assert round(float(dominance_bound((300, 20, 10), 1, Fraction(85, 100))), 2) == 352.94


def test_a_dominated_cell_lacks_what_an_insider_could_subtract() -> None:
    """900, 60, 40 at 15 %: 40 must hide 900 by 135, so 95 lack."""
    assert shortfall((900, 60, 40), P) == 95
    assert protection_levels(held("900 A, 60 B, 40 C"), RULE) == ProtectionLevels(95, 95)
    assert protection_levels(held("900 A, 200 B, 135 C"), RULE) is None, "exactly 15 % is enough"
    assert protection_levels(held("900 A, 200 B, 134 C"), RULE) == ProtectionLevels(1, 1)


@pytest.mark.parametrize(
    ("cell", "levels"),
    [
        ("100 A", ProtectionLevels(15, 15)),
        ("1 A", ProtectionLevels(1, 1)),
        ("0 A", None),
        ("60 A, 40 B", ProtectionLevels(9, 9)),
        ("60 A, 40 B, 0 C", ProtectionLevels(9, 9)),
        ("40 A, 30 B, 30 C", None),
        ("30 A, 30 A, 30 A, 10 B", ProtectionLevels(14, 14)),
    ],
)
def test_single_owners_and_empty_cells(cell: str, levels: ProtectionLevels | None) -> None:
    assert protection_levels(held(cell), RULE) == levels


def test_no_holdings_ask_for_nothing() -> None:
    assert protection_levels([], RULE) is None
    assert shortfall((), P) == 0


def test_too_few_owners_are_protected_although_the_share_rule_is_met() -> None:
    assert protection_levels(held("40 A, 30 B, 30 C"), Rule(P, 4)) == ProtectionLevels(6, 6)
    assert protection_levels(held("1 A, 1 B, 1 C"), Rule(Fraction(0), 4)) == ProtectionLevels(1, 1)


def test_down_ends_at_nothing() -> None:
    assert protection_levels(held("10 A"), Rule(Fraction(3), 2)) == ProtectionLevels(30, 10)


def test_holdings_without_an_owner_are_those_of_one() -> None:
    """Each of three could be anybody's, also the same one's."""
    assert protection_levels([Holding(None, 30)] * 3, RULE) == ProtectionLevels(14, 14)
    assert protection_levels([Holding(f"owner-{number}", 30) for number in range(3)], RULE) is None


def test_on_request_only_confidential_holdings_ask() -> None:
    rule = Rule(P, 3, on_request=True)
    public = [Holding("A", 900, confidential=False), Holding("B", 60, confidential=False)]
    assert protection_levels(public, rule) is None
    assert protection_levels(public, RULE) == ProtectionLevels(135, 135)
    # B asks: A, the largest other owner, sees 40 beside the 60 of B, which 15 % of 60 does not exceed
    asked = [Holding("A", 900, confidential=False), Holding("B", 60), Holding("C", 40, confidential=False)]
    assert protection_levels(asked, rule) is None
    # with 8 beside it, B is known to 8, less than 9
    close = [Holding("A", 900, confidential=False), Holding("B", 60), Holding("C", 8, confidential=False)]
    assert protection_levels(close, rule) == ProtectionLevels(1, 1)
    # a confidential holding of nothing asks for nothing
    assert protection_levels([*public, Holding("C", 0)], rule) is None


def test_cells_of_one_owner_are_sensitive_together() -> None:
    """100, 80 and 60, dominated by A with 95, 76 and 57: together A has 228 of 240 (sdcTools/UserSupport 160)."""
    together = held("95 A, 76 A, 57 A, 5 B, 4 C, 3 D")
    assert contributions(together) == (228, 5, 4, 3)
    assert protection_levels(together, RULE) == ProtectionLevels(28, 28)
