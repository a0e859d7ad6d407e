"""The EU form as data: every field once, in order, under its official title; what is required is missed when absent."""

import importlib
import re
import shutil
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kaiji.control import top_domains
from kaiji.control.large_sets import PERCENT
from kaiji.errors import RegimeError
from kaiji.regime.facts_eu_sources import SHOWN
from kaiji.regime.load import load
from kaiji.regime.localise import localise
from kaiji.regime.model import When
from kaiji.scan.result import RankedDomains
from kaiji.terms import Language, Modality, Unit

sys.path.insert(0, str(Path(__file__).parents[2]))
eu = importlib.import_module("eu_release")
_FORM = (Path(__file__).parent / "eu_form.txt").read_text("utf-8")
SECTIONS, FIELDS = (part.strip().splitlines() for part in re.split(r"## (?:Sections|Fields)\n", _FORM)[1:])
FORM = [tuple(line.split(" ", 2)) for line in FIELDS]
"""Id, kind and title of each field."""
BINS = {
    "1.3.b.Text": ("Less than 1 billion tokens", "1 billion to 10 trillion tokens", "More than 10 trillion tokens"),
    "1.3.b.Image": ("Less than 1 million images", "1 million to 1 billion images", "More than 1 billion images"),
    "1.3.b.Audio": ("Less than 10 000 hours", "10 000 to 1 million hours", "More than 1 million hours"),
}


def test_every_field_stands_once_and_in_order() -> None:
    regime = eu.regime()
    assert len(FORM) == 61
    assert [item.id for item in regime.items] == [name for name, _, _ in FORM]
    labels = [regime.wording.words(f"item.{name}.label").en for name, _, _ in FORM]
    assert labels == [title for _, _, title in FORM]
    sections = [regime.wording.words(f"section.{section.id}").en for section in regime.spec.sections]
    assert sections == SECTIONS
    order = [section.id for section in regime.spec.sections]
    assert [item.section for item in regime.items] == sorted((item.section for item in regime.items), key=order.index)


def test_each_field_is_required_as_the_form_says() -> None:
    kinds = {"A": "always", "O": "optional"}
    for item, (name, required, _) in zip(eu.regime().items, FORM, strict=True):
        if required in kinds:
            assert item.required == kinds[required], name
        elif required == "C":
            assert isinstance(item.required, When), name
        else:
            assert isinstance(item.required, When) or item.required == "optional", name


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_document_keeps_the_order_and_the_titles(language: Language) -> None:
    document = localise(eu.filled([eu.a_source()]), language)
    assert [item.id for section in document.sections for item in section.items] == [name for name, _, _ in FORM]
    titles = [item.label for section in document.sections for item in section.items]
    assert (titles == [title for _, _, title in FORM]) is (language == "en")
    assert document.title.startswith("Public Summary of Training Content for" if language == "en" else "学習内容の")


def test_the_numbers_of_the_rules_are_those_of_the_calculations() -> None:
    assert eu.regime().parameters == {
        "review_months": Decimal(6),
        "large_public_percent": Decimal(PERCENT),
        "domain_percent": Decimal(100) / top_domains.SHARE,
        "domain_percent_small": Decimal(100) / top_domains.SHARE_SMALL,
        "domain_limit_small": Decimal(top_domains.LIMIT_SMALL),
    }
    words = eu.regime().wording
    assert f"{SHOWN}" in words.words("caption.top_domains_first").en
    assert words.words("fixed.large").en.startswith(
        "Listed is every publicly available dataset that holds more than 3 %"
    )


def test_nothing_is_missing_of_a_full_release() -> None:
    form = eu.filled([eu.a_source()])
    assert eu.told(form) == []
    assert form.counts() == {
        "data": 8, "declaration": 15, "fixed": 0, "explained": 0, "missing": 0, "not_applicable": 28, "optional": 10,
    }  # fmt: skip


# --- Each required field, proved by a release that leaves out what answers it ---------------------------------------

CRAWLED: dict[str, Any] = {"category": "crawled"}
NAMED_ONLY: dict[str, Any] = {"category": "crawled", "crawler": {"name": "Bot", "user_agent": "Bot"}}
RANKS = [RankedDomains(modality=one, names=1, measure="bytes", domains=("d.example",)) for one in (None, Modality.TEXT)]
ABROAD = {"provider": {**eu.NEEDED["provider"], "establishment": "JP"}}


def lacking(first: str, last: str) -> dict[str, Any]:
    """Keys of release.yaml with one left out: ``lacking("rights", "eu_code_signatory")``."""
    return {first: {name: value for name, value in eu.NEEDED[first].items() if name != last}}


def unsaid(category: str) -> dict[str, Any]:
    return lacking("categories", category)


def of(modality: str, **keys: Any) -> list[dict[str, Any]]:
    return [{"modality": modality, **keys}]


OMITTED: list[tuple[str, list[dict[str, Any]], dict[str, Any]]] = [
    ("1.1.a", [{}], lacking("provider", "contacts")),
    ("1.1.b", [{}], ABROAD),
    ("1.2.c", [{}], lacking("model", "eu_market_date")),
    ("1.3.a", [], {}),
    ("1.3.b.Text", [{"declared": {"documents": 5}}, {"id": "t", "declared": {"bytes": 5}}], {}),
    ("1.3.c.Text", of("text", content_types=[]), {}),
    *[(f"1.3.b.{name.capitalize()}", of(name, declared={}), {}) for name in ("image", "audio", "video", "other")],
    *[(f"1.3.c.{name.capitalize()}", of(name, content_types=[]), {}) for name in ("image", "audio", "video", "other")],
    ("1.3.d", [{}], lacking("model", "training_continues")),
    ("1.3.d", [{"collected": None}], {}),
    ("1.3.e", [{"languages": []}], {}),
    ("2.1.a", [{"category": "other"}], unsaid("public")),
    ("2.2.1.a", [{}], unsaid("licensed")),
    ("2.2.2.a", [{}], unsaid("private")),
    ("2.3.a", [{}], unsaid("crawled")),
    ("2.3.b", [CRAWLED], {}),
    ("2.3.c", [NAMED_ONLY], {}),
    ("2.3.d", [NAMED_ONLY], {}),
    ("2.3.e", [NAMED_ONLY | {"collected": None}], {}),
    ("2.3.f", [CRAWLED | {"content_types": []}], {}),
    ("2.3.h", [CRAWLED], {}),
    ("2.4.a", [{}], unsaid("user")),
    ("2.4.b", [{}], unsaid("user")),
    ("2.4.c", [{"category": "user", "user_data": "other_service"}], {}),
    ("2.5.a", [{}], unsaid("synthetic")),
    ("2.6.a", [{}], unsaid("other")),
    ("2.6.b", [{"category": "other", "content_types": []}], {}),
    ("3.1.a", [{}], lacking("rights", "eu_code_signatory")),
    ("3.1.b", [{}], lacking("rights", "reservation_measures")),
    ("3.1.b", [{}], lacking("rights", "optout_signals")),
    ("3.2.a", [{}], lacking("measures", "illegal_content")),
]
"""Field, sources (what they have otherwise than :func:`eu_release.a_source`), and keys of release.yaml."""
NEVER_EMPTY = {
    "0.a": "the version is 1 unless another one is declared",
    "0.b": "every document has a date",
    "1.2.a": "a release cannot be read without the name of its model",
    "1.2.b": "prints its base models, or that there are none",
    **dict.fromkeys(
        ("2.1.b", "2.2.1.b", "2.2.2.b", "2.3.g", "2.4.d", "2.5.b"), "every source of a class has a modality"
    ),
    **dict.fromkeys(
        ("2.1.c", "2.1.d", "2.2.2.c", "2.2.2.d", "2.5.c", "2.5.d"), "computed from the sources; they name what there is"
    ),
}
"""Required fields that no release can leave empty, and why."""


@pytest.mark.parametrize(("field", "sources", "keys"), OMITTED, ids=[f"{n}-{one[0]}" for n, one in enumerate(OMITTED)])
def test_what_is_left_out_is_missed(field: str, sources: list[dict[str, Any]], keys: dict[str, Any]) -> None:
    made = [{**eu.a_source(one.get("id", "s")), **one} for one in sources]
    form = eu.filled(made, **keys)
    assert ("KJ520", f"field {field} of the form is empty") in eu.told(form)
    assert eu.state(form, field) in ("unanswered", "not_known")


def test_every_required_field_is_proved() -> None:
    required = {name for name, kind, _ in FORM if kind in "AC"}
    assert required - {"1.3.e"} == {name for name, _, _ in OMITTED if name != "1.3.e"} | NEVER_EMPTY.keys()


@pytest.mark.parametrize("field", sorted(NEVER_EMPTY))
def test_a_field_that_cannot_be_empty_is_filled_or_not_applicable(field: str) -> None:
    categories = ["public", "licensed", "private", "crawled", "synthetic", "other"]
    sources = [{**eu.a_source(name), "category": name} for name in categories]
    sources.append({**eu.a_source("user"), "category": "user", "user_data": "model_interactions"})
    assert eu.state(eu.filled(sources, RANKS), field) in ("answered", "not_applicable")


BARE = {"name": "M", "version": "1", "release_date": "2026-10-15"}


def test_nothing_at_all_is_told_field_by_field() -> None:
    bare = eu.filled([], categories={}, rights={}, measures={}, model=BARE,
                     provider={"legal_name": "P", "roles": ["developer"]})  # fmt: skip
    missing = [item.spec.id for item in bare.items if item.origin == "missing"]
    gates = ["2.1.a", "2.2.1.a", "2.2.2.a", "2.3.a", "2.4.a", "2.4.b", "2.5.a", "2.6.a"]
    assert set(gates) < set(missing)
    assert [message for name, message in eu.told(bare) if name == "KJ520"] == [
        f"field {name} of the form is empty" for name in missing
    ]


def test_a_disclosure_is_due_again_after_six_months_at_the_latest() -> None:
    later = eu.filled([eu.a_source()], document={"next_review": "2027-11-20"})
    sooner = eu.filled([eu.a_source()], document={"next_review": "2027-01-31"})
    told = [eu.text(form, "0.b").split("\n")[1] for form in (eu.filled([eu.a_source()]), later, sooner)]
    assert told == [
        "Next update or review: 20/05/27 at the latest",
        "Next update or review: 20/05/27 at the latest",
        "Next update or review: 31/01/27 at the latest",
    ]


def test_days_and_months_as_the_form_has_them() -> None:
    form = eu.filled([eu.a_source()])
    assert eu.text(form, "0.b").split("\n")[0] == "Last update: 20/11/26"
    assert eu.cells(form, "1.2.c") == [["Model M 1", "02/11/26"]]
    assert eu.text(form, "1.3.d").split("\n")[0] == "Last month of collection: 02/2025"
    assert eu.cells(form, "2.1.c")[0][3] == "01/2025 to 02/2025"


ONE_EACH = [
    ("text", "tokens", "1.3.b.Text", (1, 10**9, 10**15)),
    ("image", "items", "1.3.b.Image", (1, 10**9, 10**15)),
    ("audio", "hours", "1.3.b.Audio", (1, 10**6, 10**12)),
]


@pytest.mark.parametrize(("modality", "unit", "field", "sizes"), ONE_EACH)
def test_a_bin_is_one_of_three(modality: str, unit: str, field: str, sizes: tuple[int, ...]) -> None:
    for size, expected in zip(sizes, BINS[field], strict=True):
        form = eu.filled([{**eu.a_source(), "modality": modality, "declared": {unit: size}}])
        assert eu.text(form, field) == expected


def test_a_check_that_is_not_there_is_told(tmp_path: Path) -> None:
    folder = tmp_path / eu.EU
    shutil.copytree(eu.templates_root() / "regimes" / eu.EU, folder)
    spec = folder / "regime.yaml"
    spec.write_text(spec.read_text("utf-8").replace("checks: [eu-53-1-d]", "checks: [eu-53-1]"), "utf-8")
    with pytest.raises(RegimeError) as caught:
        load(folder, eu.templates_root() / "common")
    assert str(caught.value).partition(": ")[2] == "there is no check 'eu-53-1'; did you mean 'eu-53-1-d'?"


def test_modalities_that_do_not_agree_and_a_bin_too_many() -> None:
    summary = eu.disclosed(eu.summary([eu.a_source()])).summary
    image = summary.totals[0].model_copy(update={"modality": Modality.IMAGE})
    told = [one.message for one in eu.fill(eu.regime(), summary.model_copy(update={"totals": (image,)})).findings]
    assert "the modalities of the classes of sources are not those of field 1.3.a" in told
    form = eu.filled([{**eu.a_source(), "modality": "image", "declared": {"items": 5}}])
    name = "form.size.image"
    wrong = form.summary.statements[name].model_copy(update={"unit": Unit.TOKENS})
    changed = form.summary.model_copy(update={"statements": {**form.summary.statements, name: wrong}})
    assert eu.told(eu.fill(eu.regime(), changed)) == [("KJ521", "field 1.3.b.Image does not hold exactly one bin")]
