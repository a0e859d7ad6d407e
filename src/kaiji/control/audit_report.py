"""The audit as a file: what was published in numbers, and the proofs, which a third party can check by arithmetic.

Confidential: it holds every exact size. A proof is checked without a solver: add the moves to the sizes, see that none
is negative and none that is known has moved, put the sums into every relation, and compare the targets.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from kaiji.control.atoms import Atoms
from kaiji.control.ceiling import Audit, Breach, Limits, margins
from kaiji.control.certificates import verify
from kaiji.control.system import Certificate, Relation, System, Target
from kaiji.provenance.summarise import FACETS

SCHEMA = "kaiji/audit-report/v1"
_ABOUT = ("source_id", "owner", "holder", *FACETS, "measure", "size", "known")


def report(atoms: Atoms, audited: Audit, limits: Limits, more: Mapping[str, object]) -> bytes:
    """The file, JSON.

    Args:
        atoms: The atoms of the release and of those before it.
        audited: What the ceiling found.
        limits: How far sizes must stay open.
        more: Further parts, by key: the disclosure position, and what was made coarser.
    """
    gate, held = audited.gate, atoms.held_by()
    least = margins(audited)
    data = {
        "schema": SCHEMA,
        "confidential": True,
        "reading": "sizes are whole numbers of the measure; a proof is another set of sizes that agrees with every "
        "relation; ends and factors are fractions",
        "limits": {
            "p": str(limits.anybody.p),
            "factor": None if limits.anybody.factor is None else str(limits.anybody.factor),
            "p_insider": str(limits.insider.p),
        },
        **more,
        "targets": [
            {
                "id": aim.id,
                "atoms": list(aim.atoms),
                "margin_at_least": _part(least.get(aim.id)),
                "against": list(audited.against.get(aim.id, ())),
            }
            for aim in audited.targets
        ],
        "breaches": [_breach(breach) for breach in audited.breaches],
        "certificates": [_certificate(one, ()) for one in audited.certificates],
        "insider_certificates": [
            _certificate(one, name.split("+")) for name, made in audited.insiders.items() for one in made
        ],
        "insiders": {name: sorted(held[name]) for name in sorted(_names(audited))},
        "relations": [_relation(one) for one in gate.relations],
        "sums": [list(members) for members in gate.sums],
        "known": sorted(gate.known),
        "atoms": list(_atoms(atoms)),
    }
    lines = (f"{json.dumps(key)}: {_json(value)}" for key, value in data.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _json(value: object) -> str:
    """Lists of more than a few things have a line for each."""
    if isinstance(value, list):
        return "[\n " + ",\n ".join(json.dumps(one, ensure_ascii=False) for one in value) + "\n]" if value else "[]"
    return json.dumps(value, ensure_ascii=False)


def _names(audited: Audit) -> set[str]:
    return {name for group in audited.insiders for name in group.split("+")}.union(*audited.against.values())


def _part(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 6)


def _breach(breach: Breach) -> dict[str, object]:
    interval = breach.interval
    ends = None if interval is None else [str(interval.low), None if interval.high is None else str(interval.high)]
    return {
        "target": breach.target,
        "profile": breach.profile,
        "reason": breach.reason,
        "size": breach.truth,
        "interval": ends,
        "statements": list(breach.statements),
    }


def _certificate(one: Certificate, insiders: Sequence[str]) -> dict[str, object]:
    return {
        "insiders": list(insiders),
        "targets": [list(target) for target in one.targets],
        "moves": {str(atom): move for atom, move in one.moves.items()},
    }


def _relation(one: Relation) -> dict[str, object]:
    return {
        "id": one.id,
        "terms": [[number, str(factor)] for number, factor in one.coefficients],
        "low": None if one.low is None else str(one.low),
        "high": None if one.high is None else str(one.high),
        "low_open": one.low_open,
        "high_open": one.high_open,
    }


def _atoms(atoms: Atoms) -> Iterator[dict[str, object]]:
    rows: dict[int, dict[str, object]] = {}
    for release, frame in ((None, atoms.frame), *atoms.earlier.items()):
        columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in _ABOUT]
        for atom, values in zip(frame.index.tolist(), zip(*columns, strict=True), strict=True):
            rows.setdefault(atom, {"atom": atom, "release": release, **dict(zip(_ABOUT, values, strict=True))})
    yield from (rows[atom] for atom in sorted(rows))


def proved(content: bytes) -> tuple[str, ...]:
    """What is wrong with the proofs of a report, in words; empty when every one of them proves what it says.

    Raises:
        ValueError: it is no such report.
    """
    data = json.loads(content)
    if data.get("schema") != SCHEMA:
        raise ValueError(f"not a report of {SCHEMA}")
    system = System(
        truth=[row["size"] for row in data["atoms"]],
        sums=data["sums"],
        relations=[_read(one) for one in data["relations"]],
        known=frozenset(data["known"]),
    )
    aims = [Target(one["id"], tuple(one["atoms"])) for one in data["targets"]]
    wrong: list[str] = []
    for one in (*data["certificates"], *data["insider_certificates"]):
        own = frozenset(atom for name in one["insiders"] for atom in data["insiders"][name])
        certificate = Certificate(
            {int(atom): move for atom, move in one["moves"].items()},
            tuple((name, move) for name, move in one["targets"]),
        )
        wrong += verify(system._replace(known=system.known | own), certificate, aims)
    return (*wrong, *_too_little(data, aims, system), *_too_little_inside(data, aims, system))


def _too_little(data: Mapping[str, Any], aims: Sequence[Target], system: System) -> Iterator[str]:
    """Targets without a breach that the proofs of the gate leave less open than the limits ask for."""
    p, factor = Fraction(data["limits"]["p"]), data["limits"]["factor"]
    reached: dict[str, list[int]] = {aim.id: [0, 0] for aim in aims}
    for one in data["certificates"]:
        for name, move in one["targets"]:
            side = move > 0
            reached[name][side] = max(reached[name][side], abs(move))
    breached = {one["target"] for one in data["breaches"]}
    for aim in aims:
        size = sum(system.truth[atom] for atom in aim.atoms)
        down, up = reached[aim.id]
        narrow = factor is not None and size + up < Fraction(factor) * (size - down) * _SLACK
        if aim.id not in breached and (min(down, up) < p * size * _SLACK or narrow):
            yield f"{aim.id} is not proved open"


def _too_little_inside(data: Mapping[str, Any], aims: Sequence[Target], system: System) -> Iterator[str]:
    """Targets that no proof leaves open to an insider: one that moves the target, and nothing of what he knows."""
    p = Fraction(data["limits"]["p_insider"])
    breached = {one["target"] for one in data["breaches"]}
    enough: dict[str, dict[bool, list[frozenset[int]]]] = {aim.id: {False: [], True: []} for aim in aims}
    size = {aim.id: sum(system.truth[atom] for atom in aim.atoms) for aim in aims}
    for one in (*data["certificates"], *data["insider_certificates"]):
        moves = frozenset(int(atom) for atom, move in one["moves"].items() if move)
        for name, move in one["targets"]:
            if abs(move) >= p * size[name] * _SLACK:
                enough[name][move > 0].append(moves)
    for target in data["targets"]:
        for insider in target["against"] if target["id"] not in breached else ():
            own = frozenset(data["insiders"][insider])
            if not all(any(moves.isdisjoint(own) for moves in ways) for ways in enough[target["id"]].values()):
                yield f"{target['id']} is not proved open to {insider}"


_SLACK = 1 - Fraction(1, 10**6)
"""Sizes are whole numbers, so that a proof may fall short of a percentage by a part of one."""


def _read(one: Mapping[str, Any]) -> Relation:
    ends = [None if one[name] is None else Fraction(str(one[name])) for name in ("low", "high")]
    terms = tuple((number, Fraction(factor)) for number, factor in one["terms"])
    return Relation(str(one["id"]), terms, ends[0], ends[1], bool(one["low_open"]), bool(one["high_open"]))
