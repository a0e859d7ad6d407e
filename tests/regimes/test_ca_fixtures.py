"""California: the cases that its reference lists (CA-T1 to CA-T9) and its validators (CA-H1 to CA-H10)."""

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kaiji.manifest.models import DataSource, Release
from kaiji.provenance.reconcile import reconcile
from kaiji.terms import ItemState, Modality, Stage

sys.path.insert(0, str(Path(__file__).parents[1]))
ca: Any = importlib.import_module("california")
POINTS, OWNERS = "Number of data points by category", "Sources or owners of the datasets"
PUBLIC, LICENSED, TRAINING, APART = (
    "Publicly available datasets",
    "Licensed data",
    "Training",
    "Validation or testing only",
)


def state(made: Any, name: str) -> ItemState:
    found: ItemState = ca.item(made, name).state
    return found


def contradictions(*sources: DataSource) -> list[str]:
    release = Release.model_validate(ca.RELEASE)
    found = reconcile(release, sources, None, None, lambda source, _: source.place)
    return [finding.message for finding in found if finding.id == "KJ310"]


def test_t1_a_test_set_is_on_the_california_page_and_in_no_size_of_the_others() -> None:
    train, test = ca.source("train"), ca.source("test", stages=["test"], declared={"documents": 70, "tokens": 9})
    made = ca.page(train, test)
    assert ca.rows(ca.item(made, "CA-3"), POINTS) == [
        (TRAINING, PUBLIC, "document", "from 1,000 to less than 3,000 documents", "Declared"),
        (APART, PUBLIC, "document", "fewer than 1,000 documents", "Declared"),
    ]
    assert ca.rows(ca.item(made, "CA-1"), OWNERS) == [
        ("Title of train", PUBLIC, "Owner of train", TRAINING),
        ("Title of test", PUBLIC, "Owner of test", APART),
    ]
    assert ca.rows(ca.item(made, "CA-10"), "Collection period: validation or testing only")[0][0] == PUBLIC
    whole = ca.summary(train, test, points=False)
    assert whole.totals[Modality.TEXT].value == 1_000_000  # what Japan and the EU count
    assert ca.disclosed(whole).summary.points == ()


def test_t2_a_patent_that_nobody_knows_of_stays_not_known() -> None:
    unknown = ca.source("b", contains={**ca.NO, "public_domain": "no", "patent": "unknown"})
    found = ca.rows(ca.item(ca.page(ca.source("a"), unknown), "CA-5"), "Protected matter in the data, by category")
    assert found == [(PUBLIC, "No", "No", "Not known", "No")]


def test_t3_all_in_the_public_domain() -> None:
    found = ca.rows(
        ca.item(ca.page(ca.source("a"), ca.source("b")), "CA-5"), "Protected matter in the data, by category"
    )
    assert found == [(PUBLIC, "No", "No", "No", "Yes")]


def test_t4_bought_outright_is_purchased_and_not_licensed() -> None:
    made = ca.item(ca.page(ca.source("a", category="private", acquisition="purchased")), "CA-6")
    assert ca.answers(made) == [
        ("Were datasets purchased by the developer?", "yes"),
        ("Were datasets licensed by the developer?", "no"),
    ]
    unknown = ca.page(ca.source("a", acquisition="purchased"), ca.source("b", category="private", acquisition=None))
    assert [answer for _, answer in ca.answers(ca.item(unknown, "CA-6"))] == ["yes", "unknown"]


def test_t5_a_dynamic_dataset_is_an_estimate_and_has_a_notice() -> None:
    made = ca.page(ca.source("a", collected={"from": "2025-01", "ongoing": True}), ca.source("b", category="other"))
    assert [row[1:5:3] for row in ca.rows(ca.item(made, "CA-3"), POINTS)] == [
        (PUBLIC, "Declared; an estimate, because collection is ongoing"),
        ("Other data", "Declared"),
    ]
    period = ca.item(made, "CA-10")
    assert ca.answers(period) == [("Is the collection of data ongoing?", "yes")]
    assert f"Collection is ongoing: {PUBLIC}" in ca.texts(period)
    still = ca.item(ca.page(ca.source("a")), "CA-10")
    assert ca.answers(still) == [("Is the collection of data ongoing?", "no")]
    assert not [text for text in ca.texts(still) if "is ongoing:" in text]


def test_t6_a_fine_tuned_version_of_an_old_model_is_covered() -> None:
    base = {"name": "Old", "version": "2021", "supplier": "Supplier S", "disclosure_url": "https://s.example/d"}
    model = {**ca.RELEASE["model"], "release_date": "2026-03-01", "base_models": [base]}
    made = ca.item(ca.page(ca.source("a", stages=["fine_tuning"]), model=model), "PAGE1")
    assert made.state is ItemState.ANSWERED
    assert "Release date: 1 March 2026" in ca.texts(made)
    assert ca.rows(made, "Base models")[0][:3] == ("Old", "2021", "Supplier S")
    assert ca.rows(made, "Disclosures by the suppliers of base models")[0][3] == "https://s.example/d"
    assert any("counts as a modification of its own" in text for text in ca.texts(made))


def test_t7_labelled_and_unlabelled_data() -> None:
    labelled = ca.source("b", category="other", label_types=["Ratings"], content_types=["Replies"])
    made = ca.item(ca.page(ca.source("a"), labelled), "CA-4")
    assert ca.rows(made, "Types of labels by category") == [
        (PUBLIC, TRAINING, "No labels"),
        ("Other data", TRAINING, "Ratings"),
    ]
    assert ca.rows(made, "Kinds of content by category") == [(PUBLIC, "News"), ("Other data", "Replies")]


def test_t8_captions_by_a_model_are_processing_and_no_synthetic_data() -> None:
    captioned = ca.source(
        "a",
        modality="image",
        declared={"items": 40_000},
        processing=["Captions written by a model"],
        processing_purpose="To relate words to images",
        contains={**ca.NO, "machine_generated": "yes"},
    )
    made = ca.page(captioned, categories={"synthetic": {"used": False}})
    assert ca.rows(ca.item(made, "CA-9"), "Processing by category") == [(PUBLIC, "Captions written by a model")]
    question = "Did development use synthetic data generation (seed data to create artificial data)?"
    assert ca.answers(ca.item(made, "CA-12"))[0] == (question, "no")


def test_t9_a_missing_date_of_first_use_is_an_explained_gap() -> None:
    made = ca.item(ca.page(ca.source("a"), ca.source("b", category="other", first_used=None)), "CA-11")
    assert made.state is ItemState.UNANSWERED
    assert made.text.en == "Not answered: The month of first use is not declared for all datasets of: Other data."
    assert ca.rows(made, "Months of first use, by category") == [
        (PUBLIC, TRAINING, "February 2026"),
        ("Other data", TRAINING, "Not known"),
    ]


# --- the form itself ------------------------------------------------------------------------------------------------

TWELVE = ["CA-1", "CA-2", "CA-3", "CA-4", "CA-5", "CA-6", "CA-7", "CA-8", "CA-9", "CA-10", "CA-11", "CA-12"]
"""Typed from the statute, 3111(a)(1) to (12)."""


def test_h1_twelve_items_once_and_in_statute_order() -> None:
    found = [one.id for one in ca.regime().items if one.id.startswith("CA-")]
    assert found == TWELVE
    by_id = {one.id: one for one in ca.regime().items}
    assert [by_id[name].locator.split(";")[0] for name in TWELVE] == [f"Civ. Code 3111(a)({n})" for n in range(1, 13)]
    assert {name: by_id[name].verification.value for name in TWELVE} == {
        **dict.fromkeys(TWELVE[:8], "primary"),
        **dict.fromkeys(("CA-10", "CA-11"), "final"),
        **dict.fromkeys(("CA-9", "CA-12"), "unverified"),
    }


LACKING: dict[str, dict[str, Any]] = {
    "CA-2": {"purpose": None},
    "CA-3": {"declared": {"tokens": 5}},
    "CA-4": {"label_types": None},
    "CA-5": {"contains": {}},
    "CA-6": {"acquisition": None},
    "CA-7": {"contains": ca.NO},
    "CA-8": {"contains": {**ca.NO, "personal": "no"}},
    "CA-9": {"processing": None},
    "CA-10": {"collected": None},
    "CA-11": {"first_used": None},
}
"""What a manifest leaves out, by the item that then is not answered."""


def complete() -> Iterator[DataSource]:
    yield ca.source("a")
    yield ca.source("b", category="synthetic", acquisition="generated", generator={"name": "G", "seed_data": "yes"})


def test_a_complete_manifest_answers_all_twelve() -> None:
    made = ca.page(*complete())
    assert {name: state(made, name) for name in TWELVE} == {
        **dict.fromkeys(TWELVE, ItemState.ANSWERED),
        "CA-9": ItemState.ANSWERED,
    }


@pytest.mark.parametrize("name", sorted(LACKING))
def test_each_item_is_required(name: str) -> None:
    made = ca.page(ca.source("a", **LACKING[name]))
    assert state(made, name) in (ItemState.UNANSWERED, ItemState.NOT_KNOWN)
    assert any(finding.id == "KJ501" and finding.message.startswith(f"{name}: ") for finding in made.findings)


def test_items_1_and_12_are_required() -> None:
    assert state(ca.page(), "CA-1") is ItemState.UNANSWERED
    assert state(ca.page(ca.source("a")), "CA-12") is ItemState.UNANSWERED
    synthetic = ca.source("b", category="synthetic", generator={"name": "G"})
    assert state(ca.page(synthetic), "CA-12") is ItemState.UNANSWERED


def test_h2_that_there_is_nothing_for_validation_is_said() -> None:
    made = ca.item(ca.page(ca.source("a")), "PAGE4")
    assert "No dataset is listed that is used for validation or testing only." in " ".join(ca.texts(made))


def test_h3_public_domain_only_excludes_protected_matter() -> None:
    assert contradictions(ca.source("a")) == []
    assert contradictions(ca.source("a", contains={**ca.NO, "patent": "yes"})) == [
        "the source is declared to hold nothing but public-domain content, and matter under patent"
    ]


def test_h6_first_use_is_not_before_collection_nor_after_the_release() -> None:
    assert contradictions(ca.source("a", first_used="2024-12")) == [
        "the source is declared first used before its collection began"
    ]
    late = ca.source("a", first_used="2026-11")
    release = Release.model_validate(ca.RELEASE)
    found = reconcile(release, [late], None, None, lambda source, _: source.place)
    assert "KJ303" in {finding.id for finding in found}


def test_h7_a_licence_that_was_none_is_a_contradiction() -> None:
    assert contradictions(ca.source("a", category="licensed")) == [
        "the source is of the category licensed, but declared obtained without a licence or a purchase"
    ]
    assert contradictions(ca.source("a", category="licensed", acquisition="purchased")) == []


def test_h7_item_12_may_differ_from_synthetic_data_and_says_why() -> None:
    made = ca.item(ca.page(ca.source("b", category="synthetic", generator={"name": "G", "seed_data": "no"})), "CA-12")
    assert [answer for _, answer in ca.answers(made)] == ["no", "yes"]  # seed data; synthetic data at all
    assert any("narrower than data generated by models" in text for text in ca.texts(made))


def test_h8_the_page_says_what_it_covers_and_what_changed() -> None:
    made = ca.page(ca.source("a"), document={"version": "2", "change_note": "A new version."})
    assert "What changed: A new version." in ca.texts(ca.item(made, "PAGE3"))
    assert ca.rows(ca.item(made, "PAGE1"), "Models and services covered")[0][1:3] == ("Model M", "1")


def test_h9_no_legal_conclusion_on_protected_matter() -> None:
    words = [text for key, text in _texts("en") if "neutral" in key or key == "notice.ip"]
    assert not [text for text in words if re.search(r"\b(fair use|infring|lawfully|permitted)\b", text)]
    assert any("draws no legal conclusion" in text for text in words)


def _texts(language: str) -> Iterator[tuple[str, str]]:
    wording = ca.regime().wording
    for key in wording.keys("en"):
        yield key, wording.words(key)[language]


def test_h10_shared_facts_are_the_same_in_japan() -> None:
    sources = [ca.source("a"), ca.source("t", stages=[Stage.TEST]), ca.source("o", category="other")]
    here, there = ca.page(*sources), ca.page(*sources, name="jp-principle-code")
    for caption, mine, theirs in (
        ("Source categories", "CA-1", "B2"),
        ("Acquisition channels by category", "CA-6", "B2b"),
        ("Collection period by category", "CA-10", "B2.3"),
        ("Protected matter in the data, by category", "CA-5", "D2"),
    ):
        assert ca.rows(ca.item(here, mine), caption) == ca.rows(ca.item(there, theirs), caption)
    assert any("Scope differs from the other documents" in text for text in ca.texts(ca.item(here, "SCOPE1")))


@pytest.mark.parametrize("sample", ["finetune", "voices-and-views"])
def test_the_data_of_the_samples_is_what_their_script_makes(sample: str, tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "sample_manifests" / sample
    subprocess.run([sys.executable, folder / "make_data.py", "--out", tmp_path], check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in sorted(tmp_path.iterdir())}
    assert made == {path.name: path.read_bytes() for path in sorted((folder / "data").iterdir())}
