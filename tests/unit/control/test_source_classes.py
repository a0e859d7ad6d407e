"""Sources in the wrong class of the EU form, and models that need summaries of their own."""

from typing import Any

import pytest

from kaiji.control.source_classes import FITTING, misfiled, one_content
from kaiji.manifest.models import DataSource
from kaiji.terms import Acquisition, SourceCategory


def source(category: str, acquisition: str | None, **keys: Any) -> DataSource:
    more = {"user_data": "model_interactions"} if category == "user" else {}
    given = {
        "id": "s", "title": "S", "modality": "text", "stages": ["pretraining"], "confidentiality": "public",
        "category": category, "acquisition": acquisition, **more, **keys,
    }  # fmt: skip
    return DataSource.model_validate(given)


@pytest.mark.parametrize("category", list(SourceCategory))
@pytest.mark.parametrize("acquisition", [None, *Acquisition])
def test_a_way_of_obtaining_fits_its_classes_alone(category: SourceCategory, acquisition: Acquisition | None) -> None:
    found = list(misfiled([source(category, acquisition)]))
    assert [one.id for one in found] == ([] if acquisition is None or acquisition in FITTING[category] else ["KJ525"])


def test_a_dump_of_a_third_party_is_public() -> None:
    (found,) = misfiled([source("crawled", "free_public")])
    assert found.message == (
        "the class is crawled, but it was obtained as free_public: a dataset that a third party offers to everybody is "
        "public (2.1), a crawl or synthetic set of others included"
    )


def test_enrichment_stays_with_the_data() -> None:
    images = source("public", "free_public", collection="images", modality="image")
    captions = source("synthetic", "generated", id="captions", collection="images")
    assert [one.message.partition(":")[0] for one in misfiled([images, captions])] == [
        "a synthetic source belongs to the collection of another one"
    ]
    assert list(misfiled([images, source("synthetic", "generated", id="answers", collection="answers")])) == []


def test_models_with_one_row_apart_need_two_summaries() -> None:
    both, none = source("public", "free_public", models=["a", "b"]), source("public", "free_public")
    assert list(one_content([both, none], ["a", "b"])) == []
    (found,) = one_content([both, source("public", "free_public", models=["a"])], ["a", "b"])
    assert (found.id, found.message) == (
        "KJ528",
        "only some of the covered models were trained on this source: each needs a summary of its own",
    )
