"""What a build knows of earlier publications, of what others have said, and of the secrets of its policy."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import small_release

from kaiji.control import ledger_atoms, ledger_file
from kaiji.control.atoms import atoms
from kaiji.control.ceiling import Hidden
from kaiji.control.external_facts import ExternalFact
from kaiji.control.ledger import Publication
from kaiji.control.subjects import Claim, Subject
from kaiji.errors import LedgerError, ManifestError
from kaiji.history import HEAD, History, recall, remembered
from kaiji.measure import Measured
from kaiji.terms import Audience, Modality, Unit

TEXT = Modality.TEXT
LICENSED = {"facet": "category", "modality": "text", "kinds": ["licensed"]}


def recalled(of: Measured, previous: Path | None = None) -> History:
    now = atoms(of.inventory, of.summary, others=of.loaded.release.policy.external_facts is not None)
    return recall(of.loaded, of.summary, now, previous)


def with_policy(of: Measured, root: Path, **policy: Any) -> Measured:
    """The measured release as if its policy were another, in another folder."""
    release = of.loaded.release
    changed = release.model_copy(update={"policy": release.policy.model_copy(update=policy)})
    return replace(of, loaded=replace(of.loaded, release=changed, root=root))


@pytest.fixture
def ledger(tmp_path: Path, small: Any) -> Callable[[], Measured]:
    """The small release, naming a ledger in which a release before it is entered and something was answered."""
    path = tmp_path / "ledger.jsonl"
    found = ledger_file.init(path, "family")
    content = ledger_atoms.text(recalled(small.measured).atoms.frame)
    claim = Claim(id="total", audience=Audience.PUBLIC, unit=Unit.TOKENS, part=Subject(modality=TEXT), low=Fraction(1))
    told = {"release": "small-0", "date": small_release.ON}
    first = {"kind": "publish", "atoms": ledger_atoms.digest(content), "claims": (claim,), **told}
    found = ledger_file.append(path, found, Publication.model_validate(first), content)
    own = claim.model_copy(update={"id": "fact:own", "part": Subject(sources=("quiet-1",))})
    fact = ExternalFact(id="own", title="Answer", date=small_release.ON, release="small-0", claim=own)
    answer = {"kind": "answer", "request": "r-1", "facts": (fact,), **told}
    ledger_file.append(path, found, Publication.model_validate(answer))
    return lambda: with_policy(small.measured, tmp_path, ledger="ledger.jsonl", family="family")


def test_without_ledger_and_facts_nothing_is_known(small: Any) -> None:
    found = recalled(small.measured)
    assert (found.claims, found.answers, found.facts, found.ledger, found.path, found.hidden) == (
        (), (), (), None, None, (),
    )  # fmt: skip
    knowledge = found.with_claims(small.made.claims)
    assert knowledge.claims == small.made.claims
    assert found.without_false() == (found, ())


def test_what_the_ledger_holds_is_known(ledger: Callable[[], Measured]) -> None:
    found = recalled(ledger())
    assert [claim.id for claim in found.claims] == ["small-0/total"]
    assert [claim.id for claim in found.answers] == ["small-0@2/fact:own"]
    assert set(found.atoms.earlier) == {"small-0"}
    assert len(found.atoms.truth) == len(found.atoms.frame), "nothing changed, so that each size is one atom"
    assert found.path is not None
    assert found.path.name == "ledger.jsonl"


def test_the_head_of_an_earlier_build_is_checked(ledger: Callable[[], Measured], tmp_path: Path) -> None:
    of, out = ledger(), tmp_path / "out"
    found = recalled(of).ledger
    assert found is not None
    name, content = remembered(found)
    assert name == HEAD
    (out / "internal").mkdir(parents=True)
    (out / HEAD).write_bytes(content)
    assert recalled(of, out).ledger == found
    lines = (tmp_path / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "ledger.jsonl").write_bytes(b"".join(lines[:-1]))
    recalled(of)  # by itself a shorter ledger is whole
    with pytest.raises(LedgerError):
        recalled(of, out)


def test_a_ledger_that_is_no_longer_named_or_is_gone(ledger: Callable[[], Measured], tmp_path: Path) -> None:
    of, out = ledger(), tmp_path / "out"
    found = recalled(of).ledger
    assert found is not None
    (out / "internal").mkdir(parents=True)
    (out / HEAD).write_bytes(remembered(found)[1])
    with pytest.raises(LedgerError, match=r"name it in policy\.ledger"):
        recalled(with_policy(of, tmp_path, ledger=None, family=None), out)
    (tmp_path / "ledger.jsonl").unlink()
    with pytest.raises(LedgerError):
        recalled(of)


def facts(root: Path, *given: dict[str, Any]) -> None:
    where = {"title": {"ja": "記事", "en": "Report"}, "date": "2026-07-01"}
    listed = [{"id": f"f{number}", "where": where, **one} for number, one in enumerate(given)]
    text = json.dumps({"schema": "kaiji/external-facts/v1", "facts": listed}, ensure_ascii=False)
    (root / "facts.json").write_text(text, encoding="utf-8")


def test_what_others_said_is_known_and_what_is_false_is_told(small: Any, tmp_path: Path) -> None:
    total = {"says": "total", "of": {"modality": "text"}, "unit": "tokens"}
    facts(tmp_path, {**total, "about": {"value": 22_000_000, "digits": 2}}, {**total, "exact": 5})
    found = recalled(with_policy(small.measured, tmp_path, external_facts="facts.json"))
    assert [claim.id for claim in found.claims] == ["fact:f0", "fact:f1"]
    assert [fact.id for fact in found.facts] == ["f0", "f1"]
    true, findings = found.without_false()
    assert [claim.id for claim in true.claims] == ["fact:f0"]
    assert [(finding.id, "fact:f1" in finding.message) for finding in findings] == [("KJ425", True)]


def test_a_fact_in_another_measure_has_atoms_of_its_own(tmp_path: Path) -> None:
    listed = [{**one, "declared": {**one["declared"], "bytes": 10**7}} for one in small_release.sources()]
    facts(tmp_path, {"says": "total", "of": {"modality": "text"}, "unit": "bytes", "exact": 8 * 10**7})
    of = small_release.measured(tmp_path, listed, policy={"external_facts": "facts.json"})
    found = recalled(of)
    assert set(found.atoms.frame["measure"]) == {"tokens", "bytes"}
    assert found.without_false() == (found, ())


def test_secrets_of_the_policy_are_protected(tmp_path: Path) -> None:
    secrets = {"all": {"total": "text"}, "ours": {"share": LICENSED}}
    found = recalled(small_release.measured(tmp_path, policy={"secrets": secrets}))
    part = Subject(modality=TEXT, facet="category", kinds=("licensed",))
    assert found.hidden == (
        Hidden("all", Subject(modality=TEXT), None, Unit.TOKENS),
        Hidden("ours", part, Subject(modality=TEXT), Unit.TOKENS),
    )


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ({"total": "image"}, "no size of image is known"),
        ({"share": {**LICENSED, "kinds": ["synthetic"]}}, "'synthetic' is no kind of category in the data"),
    ],
    ids=["total", "share"],
)
def test_a_secret_that_is_not_in_the_data_is_refused(secret: dict[str, Any], told: str, tmp_path: Path) -> None:
    of = small_release.measured(tmp_path, policy={"secrets": {"it": secret}})
    with pytest.raises(ManifestError) as caught:
        recalled(of)
    (finding,) = caught.value.findings
    assert finding.id == "KJ106"
    assert told in finding.message
    assert finding.place is not None
    assert finding.place.line is not None


def test_the_entry_of_a_release_names_the_sizes_it_is_true_of(small: Any) -> None:
    found = recalled(small.measured)
    made, content = found.publication(small.measured.loaded, small.made.claims, small_release.ON)
    assert (made.kind, made.release, made.date) == ("publish", "small-1", small_release.ON)
    assert set(made.claims) == set(small.made.claims)
    assert made.atoms == ledger_atoms.digest(content)
    assert ledger_atoms.digest(content + b"x") != made.atoms
