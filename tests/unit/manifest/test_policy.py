"""The private policy: what it is when nothing is said, and what fits together."""

from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from kaiji.manifest.kinds import CLOSED, FacetName, KindsOf, unknown_kind
from kaiji.manifest.models import Release
from kaiji.manifest.policy import Policy, Secret
from kaiji.provenance.summarise import FACETS
from kaiji.terms import Modality


def test_a_release_that_says_nothing_is_protected_all_the_same() -> None:
    assert Release.model_fields["policy"].default == Policy()
    assert Policy().model_dump() == {
        "level": "middle-ground",
        "owners_minimum": None,
        "tolerance": None,
        "salt_file": None,
        "p": Decimal(20),
        "p_insider": Decimal(10),
        "factor": Decimal(2),
        "secrets": {},
        "family": None,
        "ledger": None,
        "external_facts": None,
        "plan": None,
    }


@pytest.mark.parametrize(
    "given",
    [
        {"p": 100, "p_insider": 1, "factor": 1},
        {"p": 1, "p_insider": 1, "factor": 100},
        {"p": 12.5, "p_insider": 12.5},
        {"family": "hinode", "ledger": "../private/ledger.jsonl"},
    ],
)
def test_what_fits_is_taken(given: dict[str, Any]) -> None:
    policy = Policy.model_validate(given)
    assert {name: getattr(policy, name) for name in given} == given


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"p": 0.9, "p_insider": 0.5}, "greater than or equal to 1"),
        ({"p": 100.1}, "less than or equal to 100"),
        ({"factor": 0.99}, "greater than or equal to 1"),
        ({"factor": True}, "must be a number"),
        ({"p": 15, "p_insider": 16}, "p_insider must not be more than p"),
        ({"family": "hinode"}, "family belongs to a ledger"),
        ({"plan": "s3://bucket/plan.json"}, "must be a file of this machine"),
        ({"external_facts": "https://sample.example/facts"}, "must be a file of this machine"),
        ({"secrets": {"a": {"share": {"facet": "language", "kinds": ["ja"]}}}}, "needs the modality"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Policy.model_validate(given)


def test_a_secret_is_a_total_or_a_share() -> None:
    share = {"modality": "text", "facet": "category", "kinds": ["licensed", "not-known"]}
    assert Secret.model_validate({"total": "text"}) == Secret(total=Modality.TEXT)
    assert Secret.model_validate({"share": share}).share == KindsOf(
        modality=Modality.TEXT, facet="category", kinds=("licensed", "not-known")
    )
    for given in ({}, {"total": "text", "share": share}):
        with pytest.raises(ValidationError, match="name one of the two"):
            Secret.model_validate(given)


def test_facets_are_those_of_the_summary() -> None:
    assert get_args(FacetName) == FACETS
    assert set(CLOSED) < set(FACETS)


@pytest.mark.parametrize(
    ("facet", "kind", "fault"),
    [
        ("category", "licensed", None),
        ("category", "not-known", None),
        ("stage", "pretraining+alignment", None),
        ("language", "anything", None),
        ("acquisition", "bought", "a kind is not one of the facet acquisition; known are free_public, licensed, "),
        ("rights_basis", "artikel_30_4", "a kind is not one of the facet rights_basis; did you mean article_30_4?"),
        ("stage", "pretraining+", "a kind is not one of the facet stage; known are pretraining, "),
    ],
)
def test_kinds_of_closed_vocabularies_are_checked(facet: str, kind: str, fault: str | None) -> None:
    found = unknown_kind(facet, kind)
    assert found == fault if fault is None else found and found.startswith(fault)
