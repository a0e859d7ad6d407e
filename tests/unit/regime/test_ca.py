"""Facts of the California page: bands of data points, what confidential sources may tell, gaps by category."""

import importlib
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kaiji.control.disclose import disclose
from kaiji.control.draw import draw
from kaiji.control.floor_truths import truths
from kaiji.control.level import load as load_level
from kaiji.control.plan import PointsPlan
from kaiji.control.primary import Rule
from kaiji.control.repairs import Binding, Repair, repaired
from kaiji.errors import StageError
from kaiji.regime.facts import FACTS
from kaiji.regime.facts_ca import CA
from kaiji.regime.facts_evaluation import EVALUATION
from kaiji.render.templates import templates_root
from kaiji.terms import Audience, ItemState, Modality, Unit

sys.path.insert(0, str(Path(__file__).parents[2]))
ca: Any = importlib.import_module("california")
POINTS = "Number of data points by category"


def secret(number: int, **keys: Any) -> Any:
    """A confidential licensed source with an owner of its own."""
    given = {"category": "licensed", "confidentiality": "confidential", "acquisition": "licensed", **keys}
    return ca.source(f"secret-{number}", **given)


def shown(*sources: Any, **keys: Any) -> list[tuple[Any, ...]]:
    """Training or not, categories, low and high end, reason, of each number of data points."""
    made = ca.disclosed(ca.summary(*sources), **keys).summary
    found = []
    for one in made.points:
        said = made.statements[one.statement] if one.statement else None
        ends = (said.low, said.high) if said else None
        found.append((one.training, one.kinds, ends, one.reason))
    return found


def test_the_facts_are_registered() -> None:
    assert {**CA, **EVALUATION}.items() <= FACTS.items()


def test_bands_contain_the_number_and_are_claims() -> None:
    made = ca.summary(ca.source("a"), ca.source("b", category="other", declared={"documents": 40_000, "tokens": 9}))
    told = ca.disclosed(made)
    assert [(one.kinds, one.statement, one.unit) for one in told.summary.points] == [
        (("other",), "points.text.other.total", Unit.DOCUMENTS),
        (("public",), "points.text.public.total", Unit.DOCUMENTS),
    ]
    exact = truths(made, told.summary)
    assert {name: exact[name] for name in exact if name.startswith("points")} == {
        "points.text.other.total": (40_000,),
        "points.text.public.total": (2000,),
    }
    assert all(told.summary.statements[name].admits(values[0]) for name, values in exact.items())
    claims = {claim.id: claim for claim in told.claims if claim.id.startswith("points")}
    assert {name: (claim.part.path, claim.unit, claim.low, claim.high) for name, claim in claims.items()} == {
        "points.text.other.total": ("category.text.other", Unit.DOCUMENTS, 30_000, 100_000),
        "points.text.public.total": ("category.text.public", Unit.DOCUMENTS, 1000, 3000),
    }


def test_a_category_of_too_few_owners_is_merged_as_its_share_is() -> None:
    sources = [ca.source("a"), ca.source("b", category="other"), secret(1)]
    told = ca.disclosed(ca.summary(*sources)).summary
    rows = tuple(row.kinds for row in told.facet("category", Modality.TEXT).rows)
    assert rows == tuple(one.kinds for one in told.points)
    assert [sorted(kinds) for kinds in rows] == [["licensed", "other", "public"]]
    assert told.statements[told.points[0].statement].low == 3000


def test_three_owners_stand_for_themselves() -> None:
    assert shown(ca.source("a"), secret(1), secret(2), secret(3)) == [
        (True, ("licensed",), (3000, 10_000), None),
        (True, ("public",), (1000, 3000), None),
    ]


def test_without_shares_only_what_holds_nothing_confidential_gets_a_band() -> None:
    found = shown(ca.source("t", stages=["test"]), secret(1, stages=["validation"]), ca.source("a"))
    assert found == [
        (True, ("public",), (1000, 3000), None),
        (False, ("public",), (1000, 3000), None),
        (False, ("licensed",), None, "withheld.owner"),
    ]


def test_a_confidential_dataset_without_content_gets_no_band_either() -> None:
    """Else a band would tell that it holds nothing."""
    empty = secret(1, stages=["validation"], declared={"documents": 0})
    assert shown(ca.source("t", stages=["test"]), empty, ca.source("a"))[-1] == (
        False, ("licensed",), None, "withheld.owner",
    )  # fmt: skip


def test_a_number_that_is_not_known_of_every_dataset() -> None:
    assert shown(ca.source("a"), ca.source("b", declared={"tokens": 7})) == [
        (True, ("public",), None, "not_known.data_points")
    ]


def test_a_level_without_totals_gives_no_numbers() -> None:
    assert shown(ca.source("a"), level="nominal") == [(True, ("public",), None, "withheld.level")]
    made = ca.item(ca.page(ca.source("a"), level="nominal"), "CA-3")
    assert (made.state, made.text.en) == (ItemState.WITHHELD, "Withheld: No number of data points can be given.")


def test_images_are_counted_as_images_and_recordings_as_recordings() -> None:
    image = ca.source("i", modality="image", declared={"items": 1500})
    audio = ca.source("s", modality="audio", declared={"documents": 4000, "hours": 9})
    made = ca.item(ca.page(ca.source("a"), image, audio), "CA-3")
    assert [(row[2], row[3]) for row in ca.rows(made, POINTS)] == [
        ("document", "from 1,000 to less than 3,000 documents"),
        ("image", "from 1,000 to less than 3,000 items"),
        ("recording", "from 3,000 to less than 10,000 documents"),
    ]


def test_a_breach_widens_the_numbers_before_it_touches_a_share() -> None:
    level = load_level("middle-ground", templates_root() / "levels")
    made = ca.summary(ca.source("a"), secret(1), secret(2), secret(3))
    plan = _plan(made, level)
    figure = Binding("category", Modality.TEXT, ("licensed",), None, points=True)
    taken = []
    while (step := repaired(plan, [figure])) is not None and step[1].path == "points.text":
        plan, repair = step
        taken.append((repair, plan.audiences[0].points[0]))
    assert taken == [
        (Repair("points.text", "band"), PointsPlan(modality=Modality.TEXT, action="decade")),
        (Repair("points.text", "band"), PointsPlan(modality=Modality.TEXT, action="withhold", reason="owner")),
    ]


def _plan(made: Any, level: Any) -> Any:
    return draw(made, level, Rule(Fraction(1, 5), 3, on_request=True)).plan


def test_a_plan_of_other_data_is_refused() -> None:
    level = load_level("middle-ground", templates_root() / "levels")
    plan = _plan(ca.summary(ca.source("a"), points=False), level)
    with pytest.raises(StageError, match="a number of data points"):
        disclose(ca.summary(ca.source("a")), level, plan, Audience.PUBLIC, date(2026, 11, 22))


def test_dates_of_one_confidential_owner_are_left_out() -> None:
    alone = secret(1, first_used="2026-05")
    made = ca.item(ca.page(ca.source("a"), alone), "CA-11")
    assert ca.rows(made, "Months of first use, by category")[1] == (
        "Licensed data",
        "Training",
        "withheld, because too few owners stand behind the figure",
    )
    three = ca.item(ca.page(ca.source("a"), *(secret(n, first_used=f"2026-0{n}") for n in (1, 2, 3))), "CA-11")
    assert ca.rows(three, "Months of first use, by category")[1][2] == "January 2026 to March 2026"


def test_owners_that_are_confidential_are_said_to_be_and_not_named() -> None:
    crawl = ca.source("c", category="crawled", owner=None)
    made = ca.item(ca.page(ca.source("a"), secret(1), crawl), "CA-1")
    assert ca.rows(made, "Sources or owners of the datasets") == [
        ("Title of a", "Publicly available datasets", "Owner of a", "Training"),
        ("Datasets that are not named", "Licensed data", "Owners that are kept confidential", "Training"),
        ("Title of c", "Crawled and scraped data", "Operators of the web sites collected from", "Training"),
    ]


def test_a_category_may_give_the_purpose_of_sources_that_tell_none() -> None:
    lacking = ca.source("a", purpose=None, processing=["Masking"])
    made = ca.page(lacking)
    assert ca.item(made, "CA-2").text.en == (
        "Not answered: The provider has not declared this (How the datasets serve the intended purpose). "
        "No purpose is declared for: Publicly available datasets."
    )
    assert ca.item(made, "CA-9").state is ItemState.UNANSWERED
    said = {"public": {"used": True, "purpose": "General knowledge", "processing_purpose": "Less personal data"}}
    given = ca.page(lacking, categories=said)
    assert ca.rows(ca.item(given, "CA-2"), "How the datasets serve the intended purpose")[0][2] == "General knowledge"
    assert ca.rows(ca.item(given, "CA-9"), "Purpose of cleaning and processing")[0][2] == "Less personal data"


def test_no_processing_is_a_no_only_when_it_is_said_of_all() -> None:
    question = "Was there any cleaning, processing or other modification of the data?"
    assert ca.answers(ca.item(ca.page(ca.source("a"), ca.source("b")), "CA-9")) == [(question, "no")]
    some = ca.item(ca.page(ca.source("a"), ca.source("b", category="other", processing=None)), "CA-9")
    assert ca.answers(some) == [(question, "unknown")]


def test_generation_that_goes_on_is_said_to() -> None:
    generated = ca.source(
        "g",
        category="synthetic",
        generator={"name": "G", "seed_data": "yes"},
        collected={"from": "2025-01", "ongoing": True},
    )
    made = ca.item(ca.page(generated), "CA-12")
    assert [answer for _, answer in ca.answers(made)] == ["yes", "yes", "yes"]
    assert "Purpose of synthetic data: Purpose of g" in ca.texts(made)
