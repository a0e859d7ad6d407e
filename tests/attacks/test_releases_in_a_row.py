"""Three releases of the sample in a row: the second adds confidential sources, the third withdraws one and puts another
into another category. Rounded shares and bands keep every owner apart and together; exact totals of every category,
each harmless by itself, do not.

Sizes are those that the sample declares; its data files are left out. Joint audit of releases: Daalmans & de Waal 2010
for owners as the unit; incremental tables as in GaussSuppression (Langsrud).
"""

import importlib
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kaiji import proof

sys.path.insert(0, str(Path(__file__).parent))
releases = importlib.import_module("releases")
source, fact, alarms, attack = releases.source, releases.fact, releases.alarms, releases.attack

HINODE = Path(__file__).parents[2] / "sample_manifests" / "hinode" / "manifests"
WITHDRAWN, RECLASSIFIED = "contract-corpus-l02", "contract-corpus-l03"


def declared() -> list[dict[str, Any]]:
    """The sources of the sample, without their files."""
    found = []
    for path in sorted(HINODE.glob("*.yaml")):
        with path.open(encoding="utf-8") as file:
            found += YAML(typ="safe", pure=True).load(file)["sources"]
    return [{name: value for name, value in one.items() if name != "files"} for one in found]


def added() -> list[dict[str, Any]]:
    """A new licensor, and two new partners of research."""
    sizes = {"party-four": ("licensed", 310_000), "party-five": ("private", 400_000), "party-six": ("private", 350_000)}
    return [
        source(f"corpus-{name}", name, category, tokens=size, bytes=4 * size, documents=100, rights_basis="contract")
        for name, (category, size) in sizes.items()
    ]


def in_a_row() -> list[list[dict[str, Any]]]:
    first = declared()
    second = [*first, *added()]
    third = [
        {**one, "category": "private"} if one["id"] == RECLASSIFIED else one
        for one in second
        if one["id"] != WITHDRAWN
    ]
    return [first, second, third]


def margins(sources: list[dict[str, Any]], release: str) -> list[dict[str, Any]]:
    """The exact size of every category of a release, as somebody else gave it."""
    totals: Counter[str] = Counter()
    for one in sources:
        if one["modality"] == "text" and one["stages"] != ["validation"]:
            totals[one["category"]] += one["declared"]["tokens"]
    of = {"modality": "text", "facet": "category"}
    return [
        fact(f"{release}-{kind}", "size", {**of, "kinds": [kind]}, exact=size, release=release)
        for kind, size in sorted(totals.items())
    ]


NAMES = ("hinode-1", "hinode-2", "hinode-3")
OTHERS = ("contract-party-01", "contract-party-02", "party-five", "tsumugi-works", "higashino-shimbun")
"""Owners who join in the attack, of all kinds: others are alike, and each costs a linear program for every target."""


def sizes(sources: list[dict[str, Any]]) -> dict[str, int]:
    return {one["id"]: one["declared"]["tokens"] for one in sources if one["modality"] == "text"}


def test_rounded_releases_pass_apart_and_together(make, build, publish) -> None:
    alone = [build(make(sources, name=name)) for sources, name in zip(in_a_row(), NAMES, strict=True)]
    joint = [publish(make(sources, name=name, ledger=True)) for sources, name in zip(in_a_row(), NAMES, strict=True)]

    for built in (*alone, *joint):
        assert (alarms(built), built.proved.settled.repairs) == ([], ())
    assert [len(built.proved.history.atoms.earlier) for built in joint] == [0, 1, 2]
    for built in alone:
        assert attack(built).weak(insiders=OTHERS[:2]) == []
    assert attack(joint[2], *joint[:2]).weak(insiders=OTHERS) == []


def test_exact_margins_are_found_by_the_joint_audit_alone(make, build) -> None:
    row = dict(zip(NAMES, in_a_row(), strict=True))
    for name, sources in row.items():
        alone = build(make(sources, margins(sources, name), name=name), worlds=0)
        assert alarms(alone) == [], name
        assert alone.proved.settled.repairs == (), name

    found: list[dict[str, Any]] = []
    before: list[Any] = []
    facts: list[dict[str, Any]] = []
    for name, sources in row.items():
        built = build(make(sources, margins(sources, name), name=name, ledger=True), worlds=0)
        proof.enter(built.proved)
        found.append({b.target: b for b in built.proved.settled.audit.breaches if not b.profile.startswith("P5")})
        before.append(built)
        facts += margins(sources, name)
    true = sizes(row["hinode-2"])
    exactly = {
        "owner:party-four:text:tokens": true["corpus-party-four"],
        f"owner:{_owner(row, WITHDRAWN)}:text:tokens": true[WITHDRAWN],
        f"owner:{_owner(row, RECLASSIFIED)}:text:tokens": true[RECLASSIFIED],
    }

    assert found[0] == {}
    assert set(found[1]) == {"owner:party-four:text:tokens"}
    assert {target.replace(":hinode-2", "") for target in found[2]} >= set(exactly)
    for one in (*found[1].values(), *found[2].values()):
        if (size := exactly.get(one.target.replace(":hinode-2", ""))) is not None:
            assert (one.interval.low, one.interval.high, one.profile) == (size, size, "P1")
    weak = {one.target.split(":")[1]: one for one in attack(before[2], *before[:2], facts=facts).weak(insiders=())}
    assert set(weak) >= {"party-four", _owner(row, WITHDRAWN), _owner(row, RECLASSIFIED)}
    assert all(one.low == pytest.approx(one.truth) == one.high for one in weak.values())


def _owner(row: dict[str, list[dict[str, Any]]], name: str) -> str:
    return next(one["owner"]["id"] for one in row["hinode-2"] if one["id"] == name)
