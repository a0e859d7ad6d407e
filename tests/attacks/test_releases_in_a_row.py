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
NEW, WITHDRAWN, RECLASSIFIED = "corpus-party-four", "corpus-party-six", "corpus-party-five"


def declared() -> list[dict[str, Any]]:
    """The sources of the sample, without their files."""
    found = []
    for path in sorted(HINODE.glob("*.yaml")):
        with path.open(encoding="utf-8") as file:
            found += YAML(typ="safe", pure=True).load(file)["sources"]
    return [{name: value for name, value in one.items() if name != "files"} for one in found]


ADDED = (NEW, RECLASSIFIED, WITHDRAWN)


def added() -> list[dict[str, Any]]:
    """A new licensor, and two new partners of research."""
    sizes = {"party-four": ("licensed", 90_000), "party-five": ("private", 150_000), "party-six": ("private", 120_000)}
    same = {"rights_basis": "contract", "licence": "LicenseRef-individual-contract", "stages": ["pretraining"]}
    same |= {"collected": {"from": "2015-01", "to": "2025-12"}}
    return [
        source(f"corpus-{name}", name, category, tokens=size, bytes=4 * size, documents=100, **same)
        for name, (category, size) in sizes.items()
    ]


def in_a_row() -> list[list[dict[str, Any]]]:
    first = declared()
    second = [*first, *added()]
    third = [
        {**one, "category": "licensed"} if one["id"] == RECLASSIFIED else one
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
OTHERS = ("contract-party-01", "party-five", "tsumugi-works", "higashino-shimbun")
"""Owners who join in the attack, of all kinds: others are alike, and each costs a linear program for every target."""


def sizes(sources: list[dict[str, Any]]) -> dict[str, int]:
    return {one["id"]: one["declared"]["tokens"] for one in sources if one["modality"] == "text"}


def test_rounded_releases_pass_apart_and_together(make, build, publish) -> None:
    alone = [build(make(sources, name=name), worlds=0) for sources, name in zip(in_a_row(), NAMES, strict=True)]
    joint = [
        publish(make(sources, name=name, ledger=True), worlds=0)
        for sources, name in zip(in_a_row(), NAMES, strict=True)
    ]

    assert [alarms(built) for built in alone] == [[], [], []]
    assert [len(built.proved.history.atoms.earlier) for built in joint] == [0, 1, 2]
    assert [built.proved.settled.audit.breaches for built in joint] == [(), (), ()]
    for built in alone:
        assert attack(built).weak(insiders=OTHERS) == []
    assert attack(joint[2], *joint[:2]).weak(insiders=OTHERS) == []


def test_exact_margins_are_found_by_the_joint_audit_alone(make, build) -> None:
    row = dict(zip(NAMES, in_a_row(), strict=True))
    plans = {}
    for name, sources in row.items():
        release = make(sources, margins(sources, name), name=name)
        alone = build(release, worlds=0)
        assert alarms(alone) == [], name
        plans[name] = f"{name}/plan.json"
        (release.parent / plans[name]).write_bytes(alone.files["internal/plan.json"])

    joint, facts = [], []
    for name, sources in row.items():  # by the plan that passed, for no plan protects from what others say
        release = make(sources, margins(sources, name), name=name, ledger=True, plan=plans[name])
        joint.append(build(release, worlds=0))
        proof.enter(joint[-1].proved)  # as it would have been, had nobody looked back
        facts += margins(sources, name)
    found = [
        {b.target: b.interval[:2] for b in built.proved.settled.audit.breaches if b.profile == "P1"} for built in joint
    ]
    true = sizes(row["hinode-2"])
    exactly = {f"owner:{name.removeprefix('corpus-')}:text:tokens": (true[name], true[name]) for name in ADDED}

    assert found[0] == {}
    four = "owner:party-four:text:tokens"
    assert found[1][four] == exactly[four]
    assert not found[1].keys() & (exactly.keys() - {four})
    third = {target.removesuffix(":hinode-2"): interval for target, interval in found[2].items()}
    assert {target: third[target] for target in exactly} == exactly
    weak = {one.target.split(":")[1]: one for one in attack(joint[2], *joint[:2], facts=facts).weak(insiders=())}
    for name in ADDED:
        one = weak[name.removeprefix("corpus-")]
        assert (one.low, one.high) == (pytest.approx(true[name]), pytest.approx(true[name]))
