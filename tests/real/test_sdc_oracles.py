"""Published and hand-computed expectations of disclosure control: intervals, exact recoveries, safe patterns.

Read from ``sdc-oracles`` in KAIJI_SHARED_DATA (GaussSuppression and SSBtools of Statistics Norway, MIT); none of the
figures is written down here.
"""

import csv
import json
import os
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kaiji.control import counts
from kaiji.control.audit import audit
from kaiji.control.certificates import certify, verify
from kaiji.control.intervals import interval
from kaiji.control.system import Protection, Relation, System, Target

pytestmark = pytest.mark.real
PUBLIC = Protection(Fraction(1, 5), Fraction(2))


@pytest.fixture(scope="module")
def folder() -> Path:
    assert "KAIJI_SHARED_DATA" in os.environ, "set KAIJI_SHARED_DATA to the folder that holds sdc-oracles"
    return Path(os.environ["KAIJI_SHARED_DATA"]) / "sdc-oracles"


@pytest.fixture(scope="module")
def oracles(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "oracles.json").read_text(encoding="utf-8"))
    return found


def number(value: float | None) -> Fraction | None:
    """A figure of the file as it is written, not as a binary fraction."""
    return None if value is None else Fraction(str(value)).limit_denominator(10**6)


def scenario_system(scenario: Mapping[str, Any]) -> tuple[System, Target]:
    names = scenario["variables"]
    relations = tuple(
        Relation(
            statement["id"],
            tuple((names.index(name), number(factor) or Fraction(0)) for name, factor in statement["coef"].items()),
            number(statement["lo"]),
            number(statement["hi"]),
        )
        for statement in scenario["statements"]
    )
    known = frozenset(names.index(name) for name in scenario["attacker_knows"])
    truth = tuple(int(scenario["truth"][name]) for name in names)
    system = System(truth, tuple((atom,) for atom in range(len(names))), relations, known)
    return system, Target("secret", tuple(sorted(names.index(name) for name in scenario["target"])))


def test_attack_scenarios(oracles: dict[str, Any]) -> None:
    seen = 0
    for scenario in oracles["attack_scenarios"]["scenarios"]:
        if scenario.get("variables") is None:
            continue
        system, target = scenario_system(scenario)
        found, (low, high) = interval(system, target), scenario["expected_interval"]
        assert found.high is not None
        assert (scenario["id"], float(found.low), float(found.high)) == (
            scenario["id"], pytest.approx(low, rel=1e-6), pytest.approx(high, rel=1e-6),
        )  # fmt: skip
        result = audit(system, [target], PUBLIC)
        assert (scenario["id"], result.exact) == (scenario["id"], {"secret"} if low == high else frozenset())
        if scenario["kind"] == "safe twin":
            assert (scenario["id"], result.failures) == (scenario["id"], ())
        for certificate in result.certificates:
            assert verify(system, certificate, [target]) == ()
        seen += 1
    assert seen == 21


def test_whole_number_scenarios(oracles: dict[str, Any]) -> None:
    scenarios = {scenario["id"]: scenario for scenario in oracles["attack_scenarios"]["scenarios"]}
    said = scenarios["S9"]["published"]
    half = Fraction(said["unit"], 2)
    whole, part = ((0, Fraction(1)),), Fraction(said["share_percent"])
    system = System(
        (1, said["n"] - 1),
        ((0, 1), (0,)),
        (
            Relation("n", whole, Fraction(said["n"]), Fraction(said["n"])),
            Relation("share", ((1, Fraction(1)), (0, -(part - half) / 100)), Fraction(0), None),
            Relation("share", ((1, Fraction(1)), (0, -(part + half) / 100)), None, Fraction(0), high_open=True),
        ),
    )
    found, real = counts.interval(system, Target("part", (0,))), interval(system, Target("part", (0,)))
    assert real.high is not None
    assert [float(real.low), float(real.high)] == scenarios["S9"]["linear_interval"]
    assert [*{found.low, found.high}] == scenarios["S9"]["integer_solutions"]
    length = scenarios["S10"]["published"]["list_length"]
    tenth = Relation("list", ((0, Fraction(1, 10)),), Fraction(length - 1), Fraction(length), low_open=True)
    found = counts.interval(System((10 * length,), ((0,),), (tenth,)), Target("n", (0,)))
    assert [found.low, found.high] == scenarios["S10"]["integer_solutions_range"]


def test_hidden_block_of_geurts(oracles: dict[str, Any]) -> None:
    block = oracles["geurts_2x2"]["hidden_block"]
    names = ("x11", "x12", "x21", "x22")
    sums = ((0, 1), (2, 3), (0, 2), (1, 3))
    margins = [*block["row_sums"], *block["column_sums"]]
    first = margins[0] - 2
    truth = (first, 2, margins[2] - first, margins[3] - 2)
    relations = tuple(
        Relation(f"margin {place}", ((place, Fraction(1)),), Fraction(value), Fraction(value))
        for place, value in enumerate(margins)
    )
    system = System(truth, sums, relations)
    for place, name in enumerate(names):
        found = interval(system, Target(name, (place,)))
        assert (name, [found.low, found.high]) == (name, oracles["geurts_2x2"]["expected_intervals"][name])


def z1_system(folder: Path, hidden: Iterable[tuple[str, str]]) -> tuple[System, dict[tuple[str, str], int]]:
    """The table z1 with all totals and all cells published but ``hidden``; and the place of each cell."""
    with (folder / "z1.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = {(row["region"], row["hovedint"]): place for place, row in enumerate(rows)}
    truth = tuple(int(float(row["ant"])) for row in rows)
    groups = {"grand": tuple(range(len(rows)))}
    for column in ("region", "hovedint"):
        for value in sorted({row[column] for row in rows}):
            groups[value] = tuple(place for place, row in enumerate(rows) if row[column] == value)
    for cell, place in cells.items():
        if cell not in hidden:
            groups["|".join(cell)] = (place,)
    relations = tuple(
        Relation(name, ((place, Fraction(1)),), total, total)
        for place, (name, atoms) in enumerate(groups.items())
        if (total := Fraction(sum(truth[atom] for atom in atoms))) is not None
    )
    return System(truth, tuple(groups.values()), relations), cells


def test_primary_suppression_alone_protects_nothing_in_z1(folder: Path, oracles: dict[str, Any]) -> None:
    hidden = {(region, kind) for region, kind in oracles["z1"]["primary"]}
    system, cells = z1_system(folder, hidden)
    targets = [Target("|".join(cell), (cells[cell],)) for cell in sorted(hidden)]
    result = audit(system, targets, PUBLIC)
    assert result.exact == set(oracles["z1"]["primary_only_intervals"])
    found = {
        failure.target: [failure.interval.low, failure.interval.high] for failure in result.failures if failure.interval
    }
    assert found == oracles["z1"]["primary_only_intervals"]


def test_an_accepted_pattern_of_z1_is_safe(folder: Path, oracles: dict[str, Any]) -> None:
    hidden = {(region, kind) for region, kind in oracles["z1"]["one_accepted_pattern"]}
    system, cells = z1_system(folder, hidden)
    expected = oracles["z1"]["intervals_under_that_pattern"]
    for cell in sorted(hidden):
        found = interval(system, Target("|".join(cell), (cells[cell],)))
        assert ("|".join(cell), [found.low, found.high]) == ("|".join(cell), expected["|".join(cell)])
    primary = [Target("|".join(cell), (cells[cell],)) for cell in map(tuple, oracles["z1"]["primary"])]
    found_proofs = certify(system, primary, PUBLIC)
    assert found_proofs.failures == ()
    assert [verify(system, proof, primary) for proof in found_proofs.certificates] == [()] * len(
        found_proofs.certificates
    )
