"""The door: what one audience may see, and a decision for all that it may not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from disclosing import tell

from kaiji.control.disclose import Door
from kaiji.control.disclosed import Decision, DisclosedSummary, Method
from kaiji.control.level import Level
from kaiji.control.statements import count_band
from kaiji.errors import StageError
from kaiji.manifest.models import DataSource
from kaiji.provenance.summarise import ProvenanceSummary
from kaiji.terms import Audience, Modality

Make = Callable[..., DataSource]
Sum = Callable[..., ProvenanceSummary]
METHOD = Method(
    kaiji="kaiji 0", engine="", psl_version="", psl_date="", tolerance="1.00%", commitments={"data": "ab" * 32}
)


def shown(
    summary: ProvenanceSummary, level: Level, audience: Audience = Audience.PUBLIC, **options: Any
) -> tuple[DisclosedSummary, tuple[Decision, ...]]:
    return tell(summary, level, audience, **options)[:2]


def rules(decisions: tuple[Decision, ...], path: str) -> list[tuple[str, str]]:
    return [(one.action, one.rule) for one in decisions if one.path == path]


def test_shares_of_kinds_with_enough_owners(source: Make, summary: Sum, middle_ground: Level) -> None:
    sources = [source(n, category="licensed" if n < 3 else "private") for n in range(6)]
    disclosed, decisions = shown(summary(*sources), middle_ground)
    facet = disclosed.facet("category", Modality.TEXT)
    assert facet is not None
    assert [row.kinds for row in facet.rows] == [("licensed",), ("private",)]
    for row in facet.rows:
        assert row.statement is not None
        assert disclosed.statements[row.statement].text.en == "50 %"
        assert rules(decisions, row.statement) == [("round", "share to 1 %")]
    assert not facet.withheld


def test_kinds_of_too_few_owners_are_merged(source: Make, summary: Sum, middle_ground: Level) -> None:
    sources = [source(0, category="private"), *(source(n) for n in range(1, 5))]
    disclosed, decisions, findings = tell(summary(*sources), middle_ground)[:3]
    facet = disclosed.facet("category", Modality.TEXT)
    assert facet is not None
    (row,) = facet.rows
    assert row.kinds == ("licensed", "private")
    assert ("merge", "owners_minimum 3") in rules(decisions, row.statement or "")
    assert [found.id for found in findings] == ["KJ404"]
    assert not any(
        word in findings[0].line(confidential=True) for word in ("owner-0", "Title 0", "source-0", "1000000")
    )


def test_the_threshold_of_the_release_goes_before_that_of_the_level(
    source: Make, summary: Sum, middle_ground: Level
) -> None:
    made = summary(*(source(n, category="licensed" if n < 2 else "private") for n in range(4)))
    for minimum, rows in ((2, 2), (None, 1), (4, 1)):
        disclosed, _ = shown(made, middle_ground, owners_minimum=minimum)
        facet = disclosed.facet("category", Modality.TEXT)
        assert facet is not None
        assert (len(facet.rows), facet.withheld) == (rows, False)


def test_too_few_owners_in_all_give_no_figure(source: Make, summary: Sum, middle_ground: Level) -> None:
    disclosed, decisions = shown(summary(source(0), source(1, category="private")), middle_ground)
    facet = disclosed.facet("category", Modality.TEXT)
    assert facet is not None
    assert facet.withheld
    assert facet.rows == ()  # even the names of its kinds would describe the two owners
    assert ("withhold", "owners_minimum 3") in rules(decisions, "category.text")
    (total,) = disclosed.totals
    assert (total.statement, total.reason) == (None, "withheld.owner")
    assert rules(decisions, "total.text") == [("withhold", "totals: owner")]
    assert not any(key.endswith(".share") or key.startswith("total.") for key in disclosed.statements)


def test_totals_are_banded(source: Make, summary: Sum, middle_ground: Level) -> None:
    disclosed, decisions = shown(summary(*(source(n) for n in range(3))), middle_ground)
    (total,) = disclosed.totals
    assert disclosed.statements["total.text"].text.en == "from 3 million to less than 10 million tokens"
    assert (total.statement, total.basis) == ("total.text", "declared")
    assert rules(decisions, "total.text") == [("band", "totals: band")]


def test_a_total_that_is_not_known_says_why(source: Make, summary: Sum, middle_ground: Level) -> None:
    sources = [source(n, declared={"tokens": 5}) for n in range(3)] + [source(3, declared={"documents": 5})]
    disclosed, _ = shown(summary(*sources), middle_ground)
    assert [(total.statement, total.reason) for total in disclosed.totals] == [(None, "not_known.no_common_measure")]
    assert disclosed.facets == ()


def test_nominal_gives_kinds_and_no_figure(source: Make, summary: Sum, nominal: Level) -> None:
    made = summary(*(source(n, category="licensed" if n % 2 else "private") for n in range(8)))
    for audience in Audience:
        disclosed, decisions = shown(made, nominal, audience)
        facet = disclosed.facet("category", Modality.TEXT)
        assert facet is not None
        assert [(row.kinds, row.statement) for row in facet.rows] == [(("licensed",), None), (("private",), None)]
        assert [total.reason for total in disclosed.totals] == ["withheld.level"]
        assert ("withhold", "totals: level") in rules(decisions, "total.text")
        assert not any(key.endswith(".share") or key.startswith("total.") for key in disclosed.statements)


def test_a_facet_that_the_level_withholds(source: Make, summary: Sum, middle_ground: Level) -> None:
    plan = middle_ground.audiences[Audience.PUBLIC]
    withheld = plan.facets["default"].model_copy(update={"action": "withhold", "unit": None})
    narrower = plan.model_copy(update={"facets": {**plan.facets, "licence": withheld}})
    level = middle_ground.model_copy(update={"audiences": {**middle_ground.audiences, Audience.PUBLIC: narrower}})
    disclosed, decisions = shown(summary(*(source(n) for n in range(3))), level)
    assert disclosed.facet("licence", Modality.TEXT) is None
    assert disclosed.facet("category", Modality.TEXT) is not None
    assert rules(decisions, "licence.text") == [("withhold", "facet licence")]


PROVIDER = {
    "legal_name": "Asagi KK",
    "roles": ["developer"],
    "representative": "Hanako Yamada",
    "contacts": [
        {"purpose": "general", "kind": "email", "value": "open@asagi.example"},
        {"purpose": "authorities", "kind": "phone", "value": "03-5555-0100", "public": False},
    ],
}
ANSWERS = {
    "jp-principle-code": {
        "P1-1": {"statement": "As stated.", "evidence": ["contract-77.pdf"], "approver": "Head of legal"},
        "P1-2": {"statement": "As stated too."},
    }
}


def test_the_public_does_not_see_what_is_for_authorities(source: Make, summary: Sum, middle_ground: Level) -> None:
    made = summary(source(0), provider=PROVIDER, answers=ANSWERS)
    disclosed, decisions = shown(made, middle_ground, method=METHOD)
    text = disclosed.model_dump_json()
    assert "open@asagi.example" in text
    for secret in ("Hanako Yamada", "03-5555-0100", "contract-77.pdf", "Head of legal", "ab" * 32):
        assert secret not in text
    withheld = {one.path for one in decisions if one.action == "withhold"}
    assert withheld >= {
        "provider.contacts",
        "provider.representative",
        "method",
        "answers.jp-principle-code.P1-1.evidence",
        "answers.jp-principle-code.P1-1.approver",
    }
    assert not [path for path in withheld if "P1-2" in path]


def test_authorities_see_contacts_and_method_but_no_evidence(source: Make, summary: Sum, middle_ground: Level) -> None:
    made = summary(source(0), provider=PROVIDER, answers=ANSWERS)
    disclosed, decisions = shown(made, middle_ground, Audience.REGULATOR, method=METHOD)
    text = disclosed.model_dump_json()
    for known in ("open@asagi.example", "Hanako Yamada", "03-5555-0100", "ab" * 32):
        assert known in text
    for secret in ("contract-77.pdf", "Head of legal"):
        assert secret not in text
    assert not [one for one in decisions if one.path.startswith("provider.") or one.path == "method"]


def test_nothing_is_decided_where_nothing_is_withheld(source: Make, summary: Sum, middle_ground: Level) -> None:
    open_source = source(0, confidentiality="public")
    _, decisions = shown(summary(open_source), middle_ground)
    assert [one for one in decisions if one.action in ("withhold", "merge")] == []


def test_both_audiences_are_told_the_same_figures(source: Make, summary: Sum, middle_ground: Level) -> None:
    made = summary(*(source(n, collected={"from": "2024-01", "to": "2025-02"}) for n in range(4)))
    public, regulator = (shown(made, middle_ground, audience)[0] for audience in Audience)
    assert public.statements == regulator.statements
    assert len(public.statements) >= 5


def test_what_is_disclosed_carries_no_source(source: Make, summary: Sum, middle_ground: Level) -> None:
    made = summary(source(0, url="https://kuroshio.example/x", hub_id="kuroshio/x", declared={"tokens": 1_234_567}))
    text = json.dumps(shown(made, middle_ground)[0].model_dump(mode="json"))
    for secret in ("source-0", "Title 0", "owner-0", "Name of", "kuroshio", "1234567", "1,234,567"):
        assert secret not in text


def test_one_id_cannot_stand_for_two_figures() -> None:
    door = Door(Audience.PUBLIC)
    door.publish(count_band("x", 1), "band", "rule", "reason")
    door.publish(count_band("x", 2), "band", "rule", "reason")
    with pytest.raises(StageError, match="two published figures have one id"):
        door.publish(count_band("x", 7), "band", "rule", "reason")
