"""Repairs: in which order a plan is made coarser, that every step tells less, and that the steps end."""

from decimal import Decimal

import pytest

from kaiji.control.plan import AudiencePlanned, FacetPlan, Kinds, Plan, TablePlan, TotalPlan
from kaiji.control.repairs import Binding, Repair, repaired
from kaiji.terms import Audience, Modality

TEXT = Modality.TEXT
PAIR = ("category", "language")
TOTAL = Binding(None, TEXT)


def facet(name: str, *kinds: str, **given: object) -> FacetPlan:
    groups = tuple((kind,) for kind in kinds)
    values = {"facet": name, "modality": TEXT, "action": "share", "unit": Decimal(1), "groups": groups}
    return FacetPlan.model_validate(values | given)


def planned(*facets: FacetPlan, tables: tuple[TablePlan, ...] = (), total: str = "band") -> Plan:
    totals = (TotalPlan.model_validate({"modality": TEXT, "action": total}),)
    audiences = [
        AudiencePlanned(audience=audience, facets=facets, totals=totals, tables=tables) for audience in Audience
    ]
    return Plan(level="l", audiences=tuple(audiences))


def binding(name: str | None, *kinds: str, other: str | None = None) -> Binding:
    return Binding(name, TEXT, kinds, other)


def table(*suppressed: tuple[Kinds, Kinds]) -> TablePlan:
    return TablePlan(facets=PAIR, modality=TEXT, unit=Decimal(5), suppressed=suppressed)


LANGUAGES = facet("language", "de", "en", "fr", "ja", "ko")
CATEGORIES = facet("category", "crawled", "licensed", "private", "public", "user")


def steps(plan: Plan, *figures: Binding) -> list[Repair]:
    """All steps until there is none."""
    found: list[Repair] = []
    while step := repaired(plan, figures):
        plan, repair = step
        found.append(repair)
        assert len(found) < 100
    return found


def units(path: str) -> list[Repair]:
    return [Repair(path, "unit")] * 3


def test_kinds_are_put_together_then_the_unit_grows_then_the_facet_goes() -> None:
    assert steps(planned(LANGUAGES), binding("language", "en")) == [
        Repair("language.text.en+fr", "merge"),
        Repair("language.text.en+fr+ja", "merge"),
        *units("language.text"),
        Repair("language.text", "withhold"),
    ]


def test_categories_are_kept_apart_until_their_unit_has_grown() -> None:
    assert steps(planned(CATEGORIES), binding("category", "user")) == [
        *units("category.text"),
        Repair("category.text.public+user", "merge"),
        Repair("category.text.private+public+user", "merge"),
        Repair("category.text", "withhold"),
    ]


def test_the_last_kind_goes_together_with_the_one_before() -> None:
    step = repaired(planned(LANGUAGES), [binding("language", "ko")])
    assert step is not None
    assert step[0].audiences[0].facets[0].groups == (("de",), ("en",), ("fr",), ("ja", "ko"))


def test_a_total_gets_a_wider_band_and_then_none() -> None:
    assert steps(planned(), TOTAL) == [Repair("total.text", "band"), Repair("total.text", "band")]
    step = repaired(planned(), [TOTAL])
    assert step is not None
    assert step[0].audiences[0].totals == (TotalPlan(modality=TEXT, action="decade"),)
    step = repaired(step[0], [TOTAL])
    assert step is not None
    assert step[0].audiences[0].totals == (TotalPlan(modality=TEXT, action="withhold", reason="owner"),)


def test_a_table_goes_before_anything_else() -> None:
    cell = binding("category", "user", other="language")
    plan = planned(CATEGORIES, LANGUAGES, tables=(table(),))
    assert steps(plan, cell) == [Repair("category-by-language.text", "table")]
    found = steps(plan, TOTAL, binding("language", "ko"), cell)
    assert found[0] == Repair("category-by-language.text", "table")


def test_all_figures_take_a_step_before_any_takes_the_next() -> None:
    found = steps(planned(CATEGORIES, LANGUAGES), TOTAL, binding("category", "user"), binding("language", "ko"))
    assert [step for _, step in found] == [
        "merge", "merge", *["unit"] * 6, "merge", "merge", "band", "band", "withhold", "withhold",
    ]  # fmt: skip


def test_tables_go_with_their_facets() -> None:
    plan = planned(CATEGORIES, LANGUAGES, tables=(table((("user",), ("ko",))),))
    merged = repaired(plan, [binding("language", "ko")])
    assert merged is not None
    assert merged[0].audiences[0].tables == ()
    wider = repaired(plan, [binding("category", "ko")])
    assert wider is not None
    assert wider[0].audiences[0].tables == plan.audiences[0].tables


def test_other_modalities_and_facets_stay_as_they_are() -> None:
    plan = planned(LANGUAGES)
    assert repaired(plan, [Binding("language", Modality.IMAGE, ("en",))]) is None
    assert repaired(plan, [binding("licence", "MIT")]) is None
    assert repaired(plan, [Binding(None, Modality.IMAGE)]) is None
    assert repaired(plan, []) is None


@pytest.mark.parametrize("action", ["kinds", "withhold"])
def test_what_has_no_figure_cannot_be_made_coarser(action: str) -> None:
    silent = facet("language", "de", "en", "fr", "ja", action=action, unit=None)
    assert repaired(planned(silent), [binding("language", "en")]) is None


def test_a_kind_that_no_row_has_widens_the_unit() -> None:
    assert steps(planned(LANGUAGES), binding("language", "zh"))[0] == Repair("language.text", "unit")


def test_a_step_is_taken_for_every_audience() -> None:
    step = repaired(planned(LANGUAGES), [binding("language", "en")])
    assert step is not None
    groups = {audience.facets[0].groups for audience in step[0].audiences}
    assert groups == {(("de",), ("en", "fr"), ("ja",), ("ko",))}


def test_a_step_is_taken_for_an_audience_that_alone_is_told() -> None:
    public, regulator = planned(LANGUAGES).audiences
    silent = public.model_copy(update={"facets": (facet("language", "de", action="withhold", unit=None, groups=()),)})
    plan = Plan(level="l", audiences=(silent, regulator))
    step = repaired(plan, [binding("language", "en")])
    assert step is not None
    assert step[0].audiences[1].facets[0].groups == (("de",), ("en", "fr"), ("ja",), ("ko",))


def telling(planned: AudiencePlanned) -> tuple[float, ...]:
    """How much a plan tells: tables, rows, fineness of units, totals."""
    shown = [one for one in planned.facets if one.action == "share"]
    return (
        len(planned.tables),
        sum(len(one.groups) for one in shown),
        sum(float(1 / one.unit) for one in shown if one.unit),
        sum({"band": 2, "decade": 1, "withhold": 0}[one.action] for one in planned.totals),
    )


def test_every_step_tells_less_and_no_step_tells_more() -> None:
    plan = planned(CATEGORIES, LANGUAGES, tables=(table(),))
    figures = [TOTAL, binding("language", "en"), binding("category", "licensed"), binding("category", other="language")]
    count = 0
    while step := repaired(plan, figures):
        before, after = telling(plan.audiences[0]), telling(step[0].audiences[0])
        assert after != before
        assert all(less <= more for less, more in zip(after, before, strict=True))
        plan, count = step[0], count + 1
    assert telling(plan.audiences[0]) == (0, 0, 0, 0)
    assert count == 1 + 2 + 6 + 2 + 2 + 2
