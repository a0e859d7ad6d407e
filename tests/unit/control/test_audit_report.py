"""The audit as a file: whoever reads it can check every proof, and sees when one was touched."""

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from kaiji.control.atoms import Atoms, atoms
from kaiji.control.audit_report import proved, report
from kaiji.control.ceiling import Knowledge, Limits, audit
from kaiji.control.subjects import Claim, Subject
from kaiji.control.system import Protection
from kaiji.manifest.models import DataSource
from kaiji.provenance import inventory
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.terms import Audience, Modality, Unit

F = Fraction
LIMITS = Limits(Protection(F(1, 5), F(2)), Protection(F(1, 10)))
LICENSED = Subject(modality=Modality.TEXT, facet="category", kinds=("licensed",))
Change = Callable[[dict[str, Any]], None]


def claim(name: str, low: int, high: int, whole: Subject | None = None) -> Claim:
    unit, ends = Unit.TOKENS, {"low": F(low), "high": F(high), "high_open": True}
    return Claim.model_validate(
        {"id": name, "audience": Audience.PUBLIC, "unit": unit, "part": LICENSED, "whole": whole, **ends}
    )


@pytest.fixture(name="made", scope="module")
def _made(source: Callable[..., DataSource], summary: Callable[..., ProvenanceSummary]) -> Atoms:
    """Three licensors in a band, and a set that anybody can measure."""
    sizes = {"a": 500, "b": 480, "c": 20}
    sources = [source(n, owner=owner, declared={"tokens": size}) for n, (owner, size) in enumerate(sizes.items())]
    open_ = {"category": "public", "confidentiality": "public", "owner": None}
    sources.append(source(9, **open_, declared={"tokens": 1000}))
    return atoms(inventory.build(sources, None), summary(*sources))


@pytest.fixture(name="good", scope="module")
def _good(made: Atoms) -> bytes:
    all_ = Subject(modality=Modality.TEXT)
    claims = (claim("band", 900, 1200), claim("share", 45, 55, all_))
    return report(made, audit(Knowledge(made, claims), LIMITS), LIMITS, {"worlds": {"compared": 3}})


def changed(good: bytes, change: Change) -> tuple[str, ...]:
    """What is found wrong with a report after a change."""
    data = json.loads(good)
    change(data)
    return proved(json.dumps(data).encode())


def test_a_report_proves_what_it_says(good: bytes) -> None:
    assert proved(good) == ()
    assert changed(good, lambda data: None) == ()


def test_what_a_report_holds(good: bytes, made: Atoms) -> None:
    data = json.loads(good)
    assert (data["schema"], data["confidential"]) == ("kaiji/audit-report/v1", True)
    assert data["limits"] == {"p": "1/5", "factor": "2", "p_insider": "1/10"}
    assert data["worlds"] == {"compared": 3}
    assert [target["id"] for target in data["targets"]] == [f"owner:{owner}:text:tokens" for owner in "abc"]
    assert all(target["margin_at_least"] >= 0.19999 for target in data["targets"])
    assert data["breaches"] == []
    assert [row["size"] for row in data["atoms"]] == list(made.truth)
    assert data["known"] == sorted(made.known)
    assert {relation["id"] for relation in data["relations"]} == {"band", "share"}
    assert data["certificates"]
    assert {name for one in data["insider_certificates"] for name in one["insiders"]} <= set(data["insiders"])


def test_the_same_audit_is_the_same_file(good: bytes, made: Atoms) -> None:
    claims = (claim("band", 900, 1200), claim("share", 45, 55, Subject(modality=Modality.TEXT)))
    again = report(made, audit(Knowledge(made, claims), LIMITS), LIMITS, {"worlds": {"compared": 3}})
    assert again == good
    assert good.endswith(b"}\n")


def moved(data: dict[str, Any], key: str = "certificates") -> None:
    """One move is one more than it was."""
    moves = data[key][0]["moves"]
    atom = min(moves)
    moves[atom] += 1


def known(data: dict[str, Any]) -> None:
    atom = data["known"][0]
    data["certificates"][0]["moves"][str(atom)] = 1


def below_zero(data: dict[str, Any]) -> None:
    data["certificates"][0]["moves"]["0"] = -10_000


def size(data: dict[str, Any]) -> None:
    data["atoms"][0]["size"] += 1000


def relation(data: dict[str, Any]) -> None:
    (found,) = (one for one in data["relations"] if one["id"] == "band")
    found["low"], found["high"] = "999", "1001"


def claimed(data: dict[str, Any]) -> None:
    data["certificates"][0]["targets"][0][1] *= 2


AS_FAR, NOT_OPEN = "a target does not move as far as claimed", "is not proved open"
CHANGES: dict[str, tuple[Change, str]] = {
    "a move": (moved, AS_FAR),
    "what a move is said to prove": (claimed, AS_FAR),
    "a move that is to stop an insider": (lambda data: moved(data, "insider_certificates"), AS_FAR),
    "a move of what anybody knows": (known, "is known"),
    "a move below zero": (below_zero, "is below zero"),
    "a size": (size, "does not hold"),
    "a relation": (relation, "band does not hold"),
    "all certificates gone": (lambda data: data["certificates"].clear(), f"owner:a:text:tokens {NOT_OPEN}"),
    "one certificate gone": (lambda data: data["certificates"].pop(), NOT_OPEN),
    "a greater percentage": (lambda data: data["limits"].update(p="1"), NOT_OPEN),
    "a greater factor": (lambda data: data["limits"].update(factor="1000"), NOT_OPEN),
    "another target": (
        lambda data: data["targets"].append({"id": "owner:new", "atoms": [0], "against": []}),
        f"owner:new {NOT_OPEN}",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_told(name: str, good: bytes) -> None:
    change, told = CHANGES[name]
    wrong = changed(good, change)
    assert [one for one in wrong if told in one], wrong


def test_a_missing_proof_against_an_insider_is_told(good: bytes) -> None:
    wrong = changed(good, lambda data: data["insider_certificates"].clear())
    assert wrong
    assert all(" is not proved open to " in one for one in wrong)


def test_a_breach_needs_no_proof_and_has_none(made: Atoms) -> None:
    audited = audit(Knowledge(made, (claim("band", 990, 1010),)), LIMITS)
    content = report(made, audited, LIMITS, {})
    assert proved(content) == ()
    breaches = json.loads(content)["breaches"]
    assert [(one["target"], one["profile"], one["size"], one["interval"]) for one in breaches] == [
        ("owner:a:text:tokens", "P5:b", 500, ["0", "530"]),
        ("owner:b:text:tokens", "P5:a", 480, ["0", "510"]),
    ]


def test_a_breach_of_the_gate_that_is_struck_out_is_told(made: Atoms) -> None:
    alone = Claim(
        id="exact", audience=Audience.PUBLIC, unit=Unit.TOKENS,
        part=Subject(sources=("source-0",)), low=F(500), high=F(500),
    )  # fmt: skip
    content = report(made, audit(Knowledge(made, (alone,)), LIMITS), LIMITS, {})
    assert proved(content) == ()
    assert changed(content, lambda data: data["breaches"].clear()) == ("owner:a:text:tokens is not proved open",)


@pytest.mark.parametrize("schema", ["kaiji/audit-report/v2", None])
def test_another_file_is_refused(schema: str | None, good: bytes) -> None:
    with pytest.raises(ValueError, match="not a report of"):
        changed(good, lambda data: data.update(schema=schema))
