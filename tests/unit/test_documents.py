"""From a summary to files: what each audience gets, and that nothing but the plan and the summary decides it."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import small_release

from kaiji.control.plan import Plan
from kaiji.documents import Documents
from kaiji.errors import StageError
from kaiji.terms import Audience

FORMATS = ("json", "md")


def coarser(plan: Plan) -> Plan:
    """``plan`` with categories to ten per cent."""
    audiences = [
        one.model_copy(
            update={
                "facets": tuple(
                    facet.model_copy(update={"unit": Decimal(10)}) if facet.facet == "category" else facet
                    for facet in one.facets
                )
            }
        )
        for one in plan.audiences
    ]
    return plan.model_copy(update={"audiences": tuple(audiences)})


def test_every_audience_has_its_files(small: Any) -> None:
    names = {f"jp-principle-code.{language}.{form}" for language in ("ja", "en") for form in FORMATS}
    public = {f"public/{name}" for name in {*names, "index.html", "model_card.md"}}
    assert set(small.made.files) == public | {f"regulator/{name}" for name in {*names, "index.html"}}
    assert list(small.made.files) == sorted(small.made.files)


@pytest.mark.usefixtures("few_formats")
def test_the_same_summary_gives_the_same_bytes(small: Any) -> None:
    assert small.documents.made(small.measured.summary) == small.made


def test_what_is_told_without_rendering_is_what_is_rendered(small: Any) -> None:
    summary = small.measured.summary
    assert small.documents.claims(summary) == small.made.claims
    assert small.documents.disclosed(summary) == small.made.disclosed
    assert [one.audience for one in small.made.disclosed] == list(Audience)
    assert {claim.audience for claim in small.made.claims} == set(Audience)
    assert [(one.regime.spec.id, one.summary.audience) for one in small.made.filled] == [
        (small_release.CODE, audience) for audience in Audience
    ]


def test_the_plan_decides_how_much_is_told(small: Any) -> None:
    summary = small.measured.summary
    rough = replace(small.documents, plan=coarser(small.documents.plan))
    name = "category.text.licensed.share"
    was, now = (one.disclosed(summary)[0].statements[name] for one in (small.documents, rough))
    assert (was.text.en, now.text.en) == ("17 %", "20 %")
    assert now.low <= was.low <= was.high <= now.high
    assert rough.claims(summary) != small.made.claims


def test_a_plan_of_another_release_is_refused(small: Any, tmp_path: Path) -> None:
    more = [*small_release.sources(), *(small_release.source(n, category="synthetic") for n in range(20, 23))]
    other = small_release.measured(tmp_path, more)
    with pytest.raises(StageError, match="drawn for other data"):
        small.documents.claims(other.summary)


def test_languages_are_those_that_are_asked_for(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kaiji.documents.RENDERERS", {"json": lambda document: document.language.encode()})
    only = replace(small.documents, languages=("en",)).made(small.measured.summary)
    assert {path: data for path, data in only.files.items() if path.endswith("json")} == {
        f"{audience.value}/jp-principle-code.en.json": b"en" for audience in Audience
    }


@pytest.mark.usefixtures("few_formats")
def test_what_stands_at_the_head_of_a_model_card(small: Any, tmp_path: Path) -> None:
    def head(made: Documents, summary: Any) -> str:
        return made.made(summary).files["public/model_card.md"].decode().split("---\n")[1]

    assert "open/dump" in head(small.documents, small.measured.summary)
    assert "license" not in head(small.documents, small.measured.summary)
    mixed = small_release.sources()
    mixed[6]["languages"] = ["zxx"]
    model = {"name": "m", "version": "1", "release_date": "2026-10-01", "licence": "LicenseRef-own"}
    other = small_release.measured(tmp_path, mixed, model=model)
    told = head(small_release.documents_of(other), other.summary)
    assert "license: other" in told
    assert [line.strip("- ") for line in told.split("language:")[1].splitlines() if line.strip()][:2] == ["en", "ja"]
    assert "zxx" not in told


def test_a_regulator_is_told_the_method_and_the_public_is_not(small: Any) -> None:
    for audience in Audience:
        text = small.made.files[f"{audience.value}/jp-principle-code.en.json"].decode()
        assert ("ab" * 32 in json.dumps(json.loads(text))) is (audience is Audience.REGULATOR)
